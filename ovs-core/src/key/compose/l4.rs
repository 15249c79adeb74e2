//! What IP carries: headers of transport and control protocols.

use super::super::extract::{nd, proto};
use super::super::{FRAG_LATER, FlowKey};
use super::put;
use crate::Frame;
use crate::checksum::Checksum;

/// What the checksum covers besides the packet.
#[derive(Clone, Copy)]
pub(super) enum PseudoHeader {
    V4 { src: [u8; 4], dst: [u8; 4] },
    V6 { src: [u8; 16], dst: [u8; 16] },
}

/// The header that stands behind IP.
#[derive(Clone, Copy)]
pub(super) enum L4 {
    /// None that extraction looks at.
    None,
    Tcp,
    Udp,
    Sctp,
    Icmp,
    Igmp,
    Icmpv6,
}

impl L4 {
    pub(super) fn of_ipv4(key: &FlowKey) -> Self {
        match key.ip_proto {
            _ if key.ip_frag & FRAG_LATER != 0 => Self::None,
            proto::ICMP => Self::Icmp,
            proto::IGMP => Self::Igmp,
            proto => Self::of_transport(proto),
        }
    }

    pub(super) fn of_ipv6(key: &FlowKey) -> Self {
        match key.ip_proto {
            _ if key.ip_frag & FRAG_LATER != 0 => Self::None,
            proto::ICMPV6 => Self::Icmpv6,
            proto => Self::of_transport(proto),
        }
    }

    fn of_transport(proto: u8) -> Self {
        match proto {
            proto::TCP => Self::Tcp,
            proto::UDP => Self::Udp,
            proto::SCTP => Self::Sctp,
            _ => Self::None,
        }
    }

    /// Appends the header, its length and checksum zero.
    pub(super) fn push_header(self, key: &FlowKey, frame: &mut Frame) {
        let ([s0, s1], [d0, d1]) = (key.tp_src.to_bytes(), key.tp_dst.to_bytes());
        match self {
            Self::None => {}
            Self::Tcp => {
                // RFC 9293 §3.1: a header of 5 words, the largest window.
                let [f0, f1] = key.tcp_flags.to_bytes();
                frame.extend(&[s0, s1, d0, d1, 0, 0, 0, 0, 0, 0, 0, 0]);
                frame.extend(&[0x50 | f0 & 0x0f, f1, 0xff, 0xff, 0, 0, 0, 0]);
            }
            Self::Udp => frame.extend(&[s0, s1, d0, d1, 0, 0, 0, 0]),
            Self::Sctp => frame.extend(&[s0, s1, d0, d1, 0, 0, 0, 0, 0, 0, 0, 0]),
            Self::Icmp => frame.extend(&[s1, d1, 0, 0, 0, 0, 0, 0]),
            Self::Igmp => {
                frame.extend(&[s1, d1, 0, 0]);
                frame.extend(&key.igmp_group);
            }
            Self::Icmpv6 => {
                frame.extend(&[s1, d1, 0, 0]);
                frame.extend(&key.nd_reserved.to_bytes());
                push_neighbour_discovery(s1, d1, key, frame);
            }
        }
    }

    /// Sets length and checksum of the header at `start`, whose payload is the rest of `frame`.
    pub(super) fn finish(self, addresses: PseudoHeader, start: usize, frame: &mut Frame) {
        let bytes = frame.as_slice().get(start..).unwrap_or_default().len();
        match self {
            Self::None => {}
            Self::Tcp => {
                let sum = addresses.sum(proto::TCP, bytes);
                store_checksum(sum, start, 16, frame);
            }
            Self::Udp => {
                // IP's length is checked already, and is larger.
                put(frame, start + 4, (bytes as u16).to_be_bytes());
                let sum = addresses.sum(proto::UDP, bytes);
                if store_checksum(sum, start, 6, frame) == 0 {
                    // RFC 768: zero would say that there is none.
                    put(frame, start + 6, [0xff; 2]);
                }
            }
            Self::Sctp => {
                let crc = crc32c(frame.as_slice().get(start..).unwrap_or_default());
                put(frame, start + 8, crc.to_le_bytes());
            }
            Self::Icmp | Self::Igmp => {
                store_checksum(Checksum::new(), start, 2, frame);
            }
            Self::Icmpv6 => {
                let sum = addresses.sum(proto::ICMPV6, bytes);
                store_checksum(sum, start, 2, frame);
            }
        }
    }
}

impl PseudoHeader {
    fn sum(self, proto: u8, bytes: usize) -> Checksum {
        match self {
            Self::V4 { src, dst } => {
                Checksum::new().pseudo_header_v4(src, dst, proto, bytes as u16)
            }
            Self::V6 { src, dst } => {
                Checksum::new().pseudo_header_v6(src, dst, proto, bytes as u32)
            }
        }
    }
}

/// Target and link-layer addresses of a neighbour solicitation or advertisement (RFC 4861
/// §4.3, §4.4, §4.6.1), if the key is one's.
fn push_neighbour_discovery(icmp_type: u8, code: u8, key: &FlowKey, frame: &mut Frame) {
    let is_nd = [nd::SOLICITATION, nd::ADVERTISEMENT].contains(&icmp_type);
    if !is_nd || code != 0 {
        return;
    }
    frame.extend(&key.nd_target);
    let source = (nd::SOURCE_LINK_LAYER, key.arp_sha);
    let target = (nd::TARGET_LINK_LAYER, key.arp_tha);
    let options = match key.nd_options_type {
        nd::SOURCE_LINK_LAYER => [source, target],
        nd::TARGET_LINK_LAYER => [target, source],
        _ => return,
    };
    for (kind, address) in options {
        if kind == key.nd_options_type || address.0 != [0; 6] {
            frame.extend(&[kind, 1]);
            frame.extend(&address.0);
        }
    }
}

/// Sums the bytes from `start` on, where the field `at` bytes behind it is zero, and stores the
/// checksum there and returns it.
fn store_checksum(sum: Checksum, start: usize, at: usize, frame: &mut Frame) -> u16 {
    let checksum = sum.bytes(frame.as_slice().get(start..).unwrap_or_default()).finish();
    put(frame, start + at, checksum.to_be_bytes());
    checksum
}

/// The checksum of SCTP (RFC 9260 appendix A), which stands in its header with the least
/// significant byte first.
fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL_REFLECTED: u32 = 0x82f6_3b78;
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { (crc >> 1) ^ POLYNOMIAL_REFLECTED } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn crc32c_of_the_usual_check_string() {
        // RFC 3720 appendix B.4: 32 bytes of zeros, and of ones; and the catalogue's "123456789".
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
