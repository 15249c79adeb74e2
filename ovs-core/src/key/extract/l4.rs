//! What IP carries: ports, flags, ICMP types, neighbour discovery.

use super::super::{SparseKey, word};
use super::bytes_word;

pub(crate) mod proto {
    pub(crate) const ICMP: u8 = 1;
    pub(crate) const IGMP: u8 = 2;
    pub(crate) const TCP: u8 = 6;
    pub(crate) const UDP: u8 = 17;
    pub(crate) const ICMPV6: u8 = 58;
    pub(crate) const SCTP: u8 = 132;
}

/// Types of ICMPv6 messages and of their options (RFC 4861 §4.3, §4.4, §4.6.1).
pub(crate) mod nd {
    pub(crate) const SOLICITATION: u8 = 135;
    pub(crate) const ADVERTISEMENT: u8 = 136;
    pub(crate) const SOURCE_LINK_LAYER: u8 = 1;
    pub(crate) const TARGET_LINK_LAYER: u8 = 2;
}

/// The fields of L4; nothing but zeros if its header is not whole.
#[derive(Default)]
pub(super) struct L4 {
    /// The four bytes of `tp_src` and `tp_dst`.
    pub(super) ports: [u8; 4],
    pub(super) tcp_flags: Option<[u8; 2]>,
    pub(super) igmp_group: Option<[u8; 4]>,
    pub(super) nd: Option<Nd>,
}

impl L4 {
    #[inline(always)]
    pub(super) fn of_ipv4(proto: u8, payload: &[u8]) -> Self {
        match proto {
            proto::ICMP => match payload.first_chunk::<8>() {
                Some(&[icmp_type, code, ..]) => {
                    Self { ports: [0, icmp_type, 0, code], ..Self::default() }
                }
                None => Self::default(),
            },
            proto::IGMP => match payload.first_chunk::<8>() {
                Some(&[igmp_type, code, _, _, a, b, c, d]) => Self {
                    ports: [0, igmp_type, 0, code],
                    igmp_group: Some([a, b, c, d]),
                    ..Self::default()
                },
                None => Self::default(),
            },
            _ => Self::of_transport(proto, payload),
        }
    }

    #[inline(always)]
    pub(super) fn of_ipv6(proto: u8, payload: &[u8]) -> Self {
        if proto != proto::ICMPV6 {
            return Self::of_transport(proto, payload);
        }
        match payload.first_chunk::<8>() {
            Some(&[icmp_type, code, _, _, r0, r1, r2, r3]) => Self {
                ports: [0, icmp_type, 0, code],
                nd: match (icmp_type, code) {
                    (nd::SOLICITATION | nd::ADVERTISEMENT, 0) => {
                        Some(Nd::parse([r0, r1, r2, r3], payload))
                    }
                    _ => None,
                },
                ..Self::default()
            },
            None => Self::default(),
        }
    }

    #[inline(always)]
    fn of_transport(proto: u8, payload: &[u8]) -> Self {
        match proto {
            proto::TCP => match payload.first_chunk::<20>() {
                // The header's length, in words of 4 bytes, is the upper half of `f0`.
                Some(&[a, b, c, d, _, _, _, _, _, _, _, _, f0, f1, ..])
                    if f0 >= 0x50 && usize::from(f0 >> 4) * 4 <= payload.len() =>
                {
                    Self {
                        ports: [a, b, c, d],
                        tcp_flags: Some([f0 & 0x0f, f1]),
                        ..Self::default()
                    }
                }
                _ => Self::default(),
            },
            proto::UDP => match payload.first_chunk::<8>() {
                Some(&[a, b, c, d, ..]) => Self { ports: [a, b, c, d], ..Self::default() },
                None => Self::default(),
            },
            proto::SCTP => match payload.first_chunk::<12>() {
                Some(&[a, b, c, d, ..]) => Self { ports: [a, b, c, d], ..Self::default() },
                None => Self::default(),
            },
            _ => Self::default(),
        }
    }
}

/// Neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4).
#[derive(Default)]
pub(super) struct Nd {
    reserved: [u8; 4],
    target: [u8; 16],
    source_link: [u8; 6],
    target_link: [u8; 6],
    options_type: u8,
}

impl Nd {
    /// Reads target and link-layer addresses; both kinds of address are taken from both kinds
    /// of message. Options end where one lies about its length. If an address is given twice,
    /// neither it nor the target can be believed, and neither is there.
    fn parse(reserved: [u8; 4], message: &[u8]) -> Self {
        let mut nd = Self { reserved, ..Self::default() };
        let Some((&target, mut options)) =
            message.get(8..).and_then(|body| body.split_first_chunk::<16>())
        else {
            return nd;
        };
        nd.target = target;
        while let Some(&[kind, units, a, b, c, d, e, f]) = options.first_chunk::<8>() {
            let Some(behind) = options.get(usize::from(units) * 8..) else {
                break;
            };
            let slot = match (kind, units) {
                (_, 0) => break,
                (nd::SOURCE_LINK_LAYER, 1) => Some(&mut nd.source_link),
                (nd::TARGET_LINK_LAYER, 1) => Some(&mut nd.target_link),
                _ => None,
            };
            if let Some(slot) = slot {
                if *slot != [0; 6] {
                    let options_type = nd.options_type;
                    return Self { reserved, options_type, ..Self::default() };
                }
                *slot = [a, b, c, d, e, f];
                if nd.options_type == 0 {
                    nd.options_type = kind;
                }
            }
            options = behind;
        }
        nd
    }

    pub(super) fn push_to(&self, key: &mut SparseKey) {
        for (n, half) in self.target.chunks_exact(8).enumerate() {
            if let Some(&bytes) = half.first_chunk::<8>() {
                key.push(word!(nd_target) + n, u64::from_ne_bytes(bytes));
            }
        }
        let [a, b, c, d, e, f] = self.source_link;
        key.push(word!(arp_sha), bytes_word![a, b, c, d, e, f, 0, 0]);
        let [a, b, c, d, e, f] = self.target_link;
        key.push(word!(arp_tha), bytes_word![a, b, c, d, e, f, self.options_type, 0]);
        let [a, b, c, d] = self.reserved;
        key.push(word!(nd_reserved), bytes_word![a, b, c, d, 0, 0, 0, 0]);
    }
}
