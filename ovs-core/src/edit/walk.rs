//! Where the headers of a frame stand, by the rules of [extraction](crate::key).
//!
//! One thing is different: extraction sees two VLAN tags, because a key has no place for more. Here
//! all tags are passed over, so that what stood behind two tags is still found when a third
//! was pushed in front of them.

use super::bytes::{read, read_u16};
use crate::key::{ETH_HEADER, ETH_TYPE_NONE, eth_type, next_header, proto};

/// Place of the outermost tag or Ethernet type: behind the addresses.
pub(super) const OUTER_TYPE: usize = 12;

/// The Ethernet header with all its VLAN tags.
#[derive(Clone, Copy)]
pub(super) struct Ethernet {
    /// What follows: an Ethernet type, or [`ETH_TYPE_NONE`].
    pub(super) eth_type: u16,
    /// Place of the type, behind the tags, of the SNAP header if there is one, or of the length if
    /// there is no type.
    pub(super) type_at: usize,
    /// Place of the length of an IEEE 802.3 frame with a SNAP header.
    pub(super) length_at: Option<usize>,
}

pub(super) fn is_vlan(eth_type: u16) -> bool {
    matches!(eth_type, eth_type::VLAN | eth_type::SVLAN)
}

impl Ethernet {
    #[inline]
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let [.., t0, t1] = read::<ETH_HEADER>(bytes, 0)?;
        let mut eth_type = u16::from_be_bytes([t0, t1]);
        let mut type_at = OUTER_TYPE;
        while is_vlan(eth_type) {
            // The tag's control information, then the type of what follows.
            let Some(next) = read_u16(bytes, type_at + 4) else {
                break;
            };
            eth_type = next;
            type_at += 4;
        }
        if eth_type >= 0x0600 {
            return Some(Self { eth_type, type_at, length_at: None });
        }
        match read::<8>(bytes, type_at + 2) {
            Some([0xaa, 0xaa, 0x03, 0, 0, 0, t0, t1]) if t0 >= 0x06 => Some(Self {
                eth_type: u16::from_be_bytes([t0, t1]),
                type_at: type_at + 8,
                length_at: Some(type_at),
            }),
            _ => Some(Self { eth_type: ETH_TYPE_NONE, type_at, length_at: None }),
        }
    }

    /// Place of what the type tells.
    pub(super) fn payload(&self) -> usize {
        self.type_at + 2
    }

    pub(super) fn is_mpls(&self) -> bool {
        matches!(self.eth_type, eth_type::MPLS | eth_type::MPLS_MULTICAST)
    }

    /// Place of what the type tells, if it is `eth_type`.
    pub(super) fn payload_of(bytes: &[u8], eth_type: u16) -> Option<usize> {
        Self::of(bytes).filter(|header| header.eth_type == eth_type).map(|header| header.payload())
    }
}

/// What IP carries.
#[derive(Clone, Copy)]
pub(super) struct Payload {
    /// Its first byte.
    pub(super) at: usize,
    /// Behind its last byte; padding may follow.
    pub(super) end: usize,
    pub(super) proto: u8,
    /// Is it from the middle of something, so that it has no header?
    pub(super) is_later_fragment: bool,
}

impl Payload {
    /// Of the IPv4 header at `at`, if that is there and its lengths are possible.
    #[inline]
    pub(super) fn of_ipv4(bytes: &[u8], at: usize) -> Option<Self> {
        const OFFSET: u16 = 0x1fff;
        let [version_ihl, _, l0, l1, _, _, f0, f1, _, proto, ..] = read::<20>(bytes, at)?;
        let header_len = usize::from(version_ihl & 0x0f) * 4;
        let total_len = usize::from(u16::from_be_bytes([l0, l1]));
        let end = at + total_len;
        if header_len < 20 || total_len < header_len || end > bytes.len() {
            return None;
        }
        let is_later_fragment = u16::from_be_bytes([f0, f1]) & OFFSET != 0;
        Some(Self { at: at + header_len, end, proto, is_later_fragment })
    }
}

/// What an IPv6 header tells.
#[derive(Clone, Copy)]
pub(super) struct Ipv6 {
    /// `None` if the extension headers are longer than the packet.
    pub(super) chain: Option<Chain>,
}

/// What follows the IPv6 header.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    /// Place of the next-header field that tells what is carried.
    pub(super) proto_at: usize,
    /// Has a routing header segments left, so that the destination is not the final one?
    pub(super) has_segments_left: bool,
    pub(super) payload: Payload,
}

impl Ipv6 {
    /// The header at `at`, as [`Payload::of_ipv4`].
    #[inline]
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let [_, _, _, _, l0, l1, next, ..] = read::<40>(bytes, at)?;
        let end = at + 40 + usize::from(u16::from_be_bytes([l0, l1]));
        let packet = bytes.get(..end)?;
        Some(Self { chain: Chain::follow(packet, at, next) })
    }
}

impl Chain {
    fn follow(packet: &[u8], header_at: usize, mut proto: u8) -> Option<Self> {
        let (mut proto_at, mut at) = (header_at + 6, header_at + 40);
        let (mut is_later_fragment, mut has_segments_left) = (false, false);
        loop {
            let is_understood = matches!(
                proto,
                next_header::HOP_BY_HOP
                    | next_header::DESTINATION
                    | next_header::ROUTING
                    | next_header::FRAGMENT
                    | next_header::AUTH
            );
            if !is_understood {
                break;
            }
            let [next, length, o0, o1, ..] = read::<8>(packet, at)?;
            let header_len = match proto {
                next_header::FRAGMENT => 8,
                next_header::AUTH => (usize::from(length) + 2) * 4,
                _ => (usize::from(length) + 1) * 8,
            };
            // The fragment header's offset, above three bits of flags.
            if proto == next_header::FRAGMENT && u16::from_be_bytes([o0, o1]) >= 8 {
                is_later_fragment = true;
                break;
            }
            // RFC 8200 §4.4: the fourth byte tells the segments left.
            has_segments_left |= proto == next_header::ROUTING && o1 != 0;
            proto_at = at;
            at += header_len;
            if at > packet.len() {
                return None;
            }
            proto = next;
        }
        let payload = Payload { at, end: packet.len(), proto, is_later_fragment };
        Some(Self { proto_at, has_segments_left, payload })
    }
}

/// What a transport or control protocol is edited by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tcp,
    Udp,
    Sctp,
    Icmp,
    Icmpv6,
}

/// The header behind IP.
#[derive(Clone, Copy)]
pub(super) struct L4 {
    pub(super) kind: Kind,
    pub(super) at: usize,
    /// Behind the last byte that IP counts.
    pub(super) end: usize,
}

impl L4 {
    /// The header behind the outermost IP header.
    #[inline]
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let ethernet = Ethernet::of(bytes)?;
        match ethernet.eth_type {
            eth_type::IPV4 => Self::of_ipv4(&Payload::of_ipv4(bytes, ethernet.payload())?),
            eth_type::IPV6 => Self::of_ipv6(&Ipv6::at(bytes, ethernet.payload())?.chain?.payload),
            _ => None,
        }
    }

    pub(super) fn of_ipv4(payload: &Payload) -> Option<Self> {
        Self::new(payload, proto::ICMP, Kind::Icmp)
    }

    pub(super) fn of_ipv6(payload: &Payload) -> Option<Self> {
        Self::new(payload, proto::ICMPV6, Kind::Icmpv6)
    }

    fn new(payload: &Payload, icmp: u8, icmp_kind: Kind) -> Option<Self> {
        let kind = match payload.proto {
            _ if payload.is_later_fragment => return None,
            proto::TCP => Kind::Tcp,
            proto::UDP => Kind::Udp,
            proto::SCTP => Kind::Sctp,
            proto if proto == icmp => icmp_kind,
            _ => return None,
        };
        Some(Self { kind, at: payload.at, end: payload.end })
    }

    /// Is the header whole, as extraction wants it?
    pub(super) fn is_whole(&self, bytes: &[u8]) -> bool {
        let available = self.end - self.at;
        match self.kind {
            Kind::Tcp => {
                let data_offset = bytes.get(self.at + 12).map_or(0, |byte| usize::from(byte >> 4));
                data_offset >= 5 && available >= data_offset * 4
            }
            Kind::Udp | Kind::Icmp | Kind::Icmpv6 => available >= 8,
            Kind::Sctp => available >= 12,
        }
    }
}
