//! IPv4 and IPv6 headers.

use super::super::{FRAG_ANY, FRAG_LATER, SparseKey, exthdr, word};
use super::bytes_word;
use super::l4::L4;

pub(crate) mod next_header {
    pub(crate) const HOP_BY_HOP: u8 = 0;
    pub(crate) const ROUTING: u8 = 43;
    pub(crate) const FRAGMENT: u8 = 44;
    pub(crate) const ESP: u8 = 50;
    pub(crate) const AUTH: u8 = 51;
    pub(crate) const NONE: u8 = 59;
    pub(crate) const DESTINATION: u8 = 60;
}

impl SparseKey {
    /// RFC 791 §3.1.
    #[inline(always)]
    pub(super) fn extract_ipv4(&mut self, packet: &[u8]) {
        let Some(header) = packet.first_chunk::<20>() else {
            return;
        };
        let [
            version_ihl,
            tos,
            l0,
            l1,
            _,
            _,
            f0,
            f1,
            ttl,
            proto,
            _,
            _,
            a0,
            a1,
            a2,
            a3,
            b0,
            b1,
            b2,
            b3,
        ] = *header;
        // The version is not looked at, as the Ethernet type has told it.
        let header_len = usize::from(version_ihl & 0x0f) * 4;
        let total_len = usize::from(u16::from_be_bytes([l0, l1]));
        if header_len < 20 || total_len < header_len {
            return;
        }
        // The total length bounds the payload: what follows it is padding.
        let Some(payload) = packet.get(header_len..total_len) else {
            return;
        };
        self.push(word!(ipv4_src), bytes_word![a0, a1, a2, a3, b0, b1, b2, b3]);

        let flags_offset = u16::from_be_bytes([f0, f1]);
        let frag = ipv4_frag(flags_offset);
        let l4 = if frag & FRAG_LATER == 0 { L4::of_ipv4(proto, payload) } else { L4::default() };
        let [p0, p1, p2, p3] = l4.ports;
        self.push(word!(ip_proto), bytes_word![proto, tos, ttl, frag, p0, p1, p2, p3]);
        if let Some([t0, t1]) = l4.tcp_flags {
            self.push(word!(ipv6_label), bytes_word![0, 0, 0, 0, t0, t1, 0, 0]);
        }
        if let Some([a, b, c, d]) = l4.igmp_group {
            self.push(word!(igmp_group), bytes_word![0, 0, 0, 0, a, b, c, d]);
        }
    }

    /// RFC 8200 §3 and §4.
    #[inline(always)]
    pub(super) fn extract_ipv6(&mut self, packet: &[u8]) {
        let Some((header, rest)) = packet.split_first_chunk::<40>() else {
            return;
        };
        let [v0, v1, v2, v3, l0, l1, next, ttl, addresses @ ..] = *header;
        let payload_len = usize::from(u16::from_be_bytes([l0, l1]));
        let Some(payload) = rest.get(..payload_len) else {
            return;
        };
        for (n, word) in addresses.chunks_exact(8).enumerate() {
            if let Some(&bytes) = word.first_chunk::<8>() {
                self.push(word!(ipv6_src) + n, u64::from_ne_bytes(bytes));
            }
        }
        let Some(chain) = ExtensionHeaders::walk(next, payload) else {
            return;
        };
        let tos = (v0 << 4) | (v1 >> 4);
        let l4 = if chain.frag & FRAG_LATER == 0 {
            L4::of_ipv6(chain.proto, chain.payload)
        } else {
            L4::default()
        };
        let [p0, p1, p2, p3] = l4.ports;
        self.push(word!(ip_proto), bytes_word![chain.proto, tos, ttl, chain.frag, p0, p1, p2, p3]);
        let [t0, t1] = l4.tcp_flags.unwrap_or_default();
        let [x0, x1] = chain.seen.to_be_bytes();
        self.push(word!(ipv6_label), bytes_word![0, v1 & 0x0f, v2, v3, t0, t1, x0, x1]);
        if let Some(nd) = l4.nd {
            nd.push_to(self);
        }
    }
}

fn ipv4_frag(flags_offset: u16) -> u8 {
    const MORE: u16 = 0x2000;
    const OFFSET: u16 = 0x1fff;
    if flags_offset & (MORE | OFFSET) == 0 {
        0
    } else if flags_offset & OFFSET == 0 {
        FRAG_ANY
    } else {
        FRAG_ANY | FRAG_LATER
    }
}

/// What stands between the IPv6 header and L4.
struct ExtensionHeaders<'a> {
    proto: u8,
    frag: u8,
    seen: u16,
    payload: &'a [u8],
}

impl<'a> ExtensionHeaders<'a> {
    /// Follows the chain to the first header that is none of the understood ones. `None` if a header in
    /// it is longer than the packet.
    #[inline(always)]
    fn walk(mut proto: u8, mut payload: &'a [u8]) -> Option<Self> {
        let (mut frag, mut seen, mut rank, mut destinations) = (0, 0u16, 0, 0);
        loop {
            let (flag, place) = match proto {
                next_header::HOP_BY_HOP => (exthdr::HOP, 1),
                // Before the others it is for the routers, behind them for the destination.
                next_header::DESTINATION => (exthdr::DEST, if rank < 2 { 2 } else { 7 }),
                next_header::ROUTING => (exthdr::ROUTER, 3),
                next_header::FRAGMENT => (exthdr::FRAG, 4),
                next_header::AUTH => (exthdr::AUTH, 5),
                next_header::ESP => {
                    seen |= if rank > 6 { exthdr::ESP | exthdr::UNSEQ } else { exthdr::ESP };
                    break;
                }
                next_header::NONE => {
                    seen |= exthdr::NONEXT;
                    break;
                }
                _ => break,
            };
            if flag == exthdr::DEST {
                destinations += 1;
                if destinations > 2 {
                    seen |= exthdr::UNREP;
                }
            } else if seen & flag != 0 {
                seen |= exthdr::UNREP;
            }
            if place < rank {
                seen |= exthdr::UNSEQ;
            }
            rank = place;
            seen |= flag;

            let &[next, length, ..] = payload.first_chunk::<8>()?;
            let header_len = match proto {
                next_header::FRAGMENT => 8,
                next_header::AUTH => (usize::from(length) + 2) * 4,
                _ => (usize::from(length) + 1) * 8,
            };
            if proto == next_header::FRAGMENT {
                let &[_, _, o0, o1, ..] = payload.first_chunk::<8>()?;
                // Reserved bits count as in Open vSwitch: all zero alone is no fragment.
                match u16::from_be_bytes([o0, o1]) {
                    0 => {}
                    1..8 => frag = FRAG_ANY,
                    8.. => {
                        // What follows is from the middle of something: `proto` stays "fragment".
                        frag = FRAG_ANY | FRAG_LATER;
                        break;
                    }
                }
            }
            payload = payload.get(header_len..)?;
            proto = next;
        }
        Some(Self { proto, frag, seen, payload })
    }
}
