//! Checksums, the slow way.

/// The ones' complement sum of 16-bit words (RFC 1071 §1).
pub fn internet(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u64;
    for part in parts {
        for word in part.chunks(2) {
            sum += u64::from(word[0]) << 8 | u64::from(word.get(1).copied().unwrap_or(0));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// CRC32c of an SCTP packet, whose own checksum counts as zero (RFC 9260 §6.8, appendix A).
pub fn sctp(packet: &[u8]) -> u32 {
    let mut crc = !0u32;
    for (n, byte) in packet.iter().enumerate() {
        crc ^= if (8..12).contains(&n) { 0 } else { u32::from(*byte) };
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { 0x82f6_3b78 } else { 0 };
        }
    }
    !crc
}
