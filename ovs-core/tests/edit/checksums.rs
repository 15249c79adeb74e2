//! Are the checksums of a frame right? Found out by summing everything, byte by byte.

/// Whether the checksum of the IPv4 header, and that of what IP carries, are right; `None` for one
/// that the frame does not have. For frames that `compose` could have made, and IP options.
pub(crate) fn validity(frame: &[u8]) -> [Option<bool>; 2] {
    let (eth_type, rest) = behind_tags(frame);
    match eth_type {
        0x0800 => {
            let (header, rest) = rest.split_at(usize::from(rest[0] & 15) * 4);
            let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let payload = &rest[..total - header.len()];
            let is_later = header[6] & 0x1f != 0 || header[7] != 0;
            let mut pseudo = header[12..20].to_vec();
            pseudo.extend([0, header[9]]);
            pseudo.extend((payload.len() as u16).to_be_bytes());
            let l4 = if is_later { None } else { l4(header[9], 1, &pseudo, payload) };
            [Some(sum(header) == 0xffff), l4]
        }
        0x86dd => [None, ipv6(rest)],
        _ => [None, None],
    }
}

fn behind_tags(frame: &[u8]) -> (u16, &[u8]) {
    let mut at = 12;
    loop {
        let eth_type = u16::from_be_bytes([frame[at], frame[at + 1]]);
        if !matches!(eth_type, 0x8100 | 0x88a8) {
            return (eth_type, &frame[at + 2..]);
        }
        at += 4;
    }
}

fn ipv6(packet: &[u8]) -> Option<bool> {
    let (header, rest) = packet.split_at(40);
    let mut payload = &rest[..usize::from(u16::from_be_bytes([header[4], header[5]]))];
    let mut proto = header[6];
    let mut dst = &header[24..40];
    loop {
        let length = match proto {
            0 | 60 => usize::from(payload[1]) * 8 + 8,
            43 => {
                if payload[3] != 0 {
                    // RFC 5095 and RFC 8754 alike: the final destination is here the only segment.
                    dst = &payload[8..24];
                }
                usize::from(payload[1]) * 8 + 8
            }
            44 if payload[2] != 0 || payload[3] & 0xf8 != 0 => return None,
            44 => 8,
            51 => usize::from(payload[1]) * 4 + 8,
            _ => break,
        };
        proto = payload[0];
        payload = &payload[length..];
    }
    let mut pseudo = [&header[8..24], dst].concat();
    pseudo.extend((payload.len() as u32).to_be_bytes());
    pseudo.extend([0, 0, 0, proto]);
    l4(proto, 58, &pseudo, payload)
}

fn l4(proto: u8, icmp: u8, pseudo: &[u8], payload: &[u8]) -> Option<bool> {
    let with_pseudo = [pseudo, payload].concat();
    match proto {
        6 => Some(sum(&with_pseudo) == 0xffff),
        17 if payload[6..8] == [0, 0] => Some(true),
        17 => Some(sum(&with_pseudo) == 0xffff),
        132 => {
            let mut zeroed = payload.to_vec();
            zeroed[8..12].fill(0);
            Some(crc32c(&zeroed).to_le_bytes() == payload[8..12])
        }
        1 if icmp == 1 => Some(sum(payload) == 0xffff),
        58 if icmp == 58 => Some(sum(&with_pseudo) == 0xffff),
        _ => None,
    }
}

/// RFC 1071 §1.
pub(crate) fn sum(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// RFC 9260 appendix A, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}
