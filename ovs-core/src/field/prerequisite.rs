//! What a packet must be for a field to mean something.

use super::Field;
use super::position::Source;
use crate::key::{FRAG_LATER, FlowKey};
use core::fmt;

/// What a packet must be to have a field (OpenFlow 1.3.5 §7.2.3.6; ovs-fields(7),
/// "Prerequisites").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prerequisite {
    /// Every packet has the field.
    None,
    /// The match names the port; for `in_phy_port`.
    InPort,
    /// The packet begins with an Ethernet header.
    Ethernet,
    /// It has a VLAN tag.
    Vlan,
    /// It is MPLS, unicast or multicast.
    Mpls,
    /// It has a provider backbone I-TAG.
    Pbb,
    /// It has a network service header.
    Nsh,
    /// It is ARP or RARP.
    Arp,
    /// It is IPv4.
    Ipv4,
    /// It is IPv6.
    Ipv6,
    /// It is IPv4 or IPv6.
    Ip,
    /// It is TCP on IPv4 or IPv6, with the header: not a later fragment.
    Tcp,
    /// UDP, likewise.
    Udp,
    /// SCTP, likewise.
    Sctp,
    /// ICMP on IPv4, likewise.
    Icmpv4,
    /// ICMPv6 on IPv6, likewise.
    Icmpv6,
    /// Neighbour solicitation or advertisement.
    Nd,
    /// Neighbour solicitation.
    NdSolicit,
    /// Neighbour advertisement.
    NdAdvert,
    /// It went through the connection tracker, which found it valid.
    Tracked,
}

const ETH_IPV4: u16 = 0x0800;
const ETH_ARP: u16 = 0x0806;
const ETH_RARP: u16 = 0x8035;
const ETH_IPV6: u16 = 0x86dd;
const ETH_MPLS: u16 = 0x8847;
const ETH_MPLS_MULTICAST: u16 = 0x8848;
const ETH_PBB: u16 = 0x88e7;
const ETH_NSH: u16 = 0x894f;

const SOLICIT: u8 = 135;
const ADVERT: u8 = 136;

/// In a VLAN id: there is a tag (`OFPVID_PRESENT`).
const TAG_PRESENT: u32 = 0x1000;

/// Connection states: those that only a valid connection has, "invalid" and "tracked".
const CT_VALID: u32 = 0xcf;
const CT_INVALID: u32 = 0x10;
const CT_TRACKED: u32 = 0x20;

impl Prerequisite {
    /// Is it met by the packet with this key?
    pub fn holds(self, key: &FlowKey) -> bool {
        Facts(key).meet(self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InPort => "a port",
            Self::Ethernet => "Ethernet",
            Self::Vlan => "a VLAN tag",
            Self::Mpls => "MPLS",
            Self::Pbb => "PBB",
            Self::Nsh => "NSH",
            Self::Arp => "ARP",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::Ip => "IPv4 or IPv6",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
            Self::Icmpv4 => "ICMPv4",
            Self::Icmpv6 => "ICMPv6",
            Self::Nd => "neighbour discovery",
            Self::NdSolicit => "neighbour solicitation",
            Self::NdAdvert => "neighbour advertisement",
            Self::Tracked => "a tracked connection",
        }
    }

    /// Is it met by all packets of which this is known?
    pub(crate) fn holds_for(self, known: &impl Source) -> bool {
        Facts(known).meet(self)
    }
}

/// What is known of a packet.
struct Facts<'a, S>(&'a S);

impl<S: Source> Facts<'_, S> {
    fn value(&self, field: Field) -> u32 {
        self.0.known(field).0 as u32
    }

    /// The value if all of it is known.
    fn exact(&self, field: Field) -> Option<u32> {
        let (value, mask) = self.0.known(field);
        (mask == field.ones()).then_some(value as u32)
    }

    fn meet(&self, prerequisite: Prerequisite) -> bool {
        match prerequisite {
            Prerequisite::None => true,
            Prerequisite::InPort => self.exact(Field::InPort).is_some(),
            Prerequisite::Ethernet => self.value(Field::PacketType) == 0,
            Prerequisite::Vlan => self.value(Field::VlanVid) & TAG_PRESENT != 0,
            Prerequisite::Mpls => self.is_type(&[ETH_MPLS, ETH_MPLS_MULTICAST]),
            Prerequisite::Pbb => self.is_type(&[ETH_PBB]),
            Prerequisite::Nsh => self.is_type(&[ETH_NSH]),
            Prerequisite::Arp => self.is_type(&[ETH_ARP, ETH_RARP]),
            Prerequisite::Ipv4 => self.is_type(&[ETH_IPV4]),
            Prerequisite::Ipv6 => self.is_type(&[ETH_IPV6]),
            Prerequisite::Ip => self.is_type(&[ETH_IPV4, ETH_IPV6]),
            Prerequisite::Tcp => self.is_l4(&[ETH_IPV4, ETH_IPV6], 6),
            Prerequisite::Udp => self.is_l4(&[ETH_IPV4, ETH_IPV6], 17),
            Prerequisite::Sctp => self.is_l4(&[ETH_IPV4, ETH_IPV6], 132),
            Prerequisite::Icmpv4 => self.is_l4(&[ETH_IPV4], 1),
            Prerequisite::Icmpv6 => self.is_l4(&[ETH_IPV6], 58),
            Prerequisite::Nd => self.is_nd(&[SOLICIT, ADVERT]),
            Prerequisite::NdSolicit => self.is_nd(&[SOLICIT]),
            Prerequisite::NdAdvert => self.is_nd(&[ADVERT]),
            Prerequisite::Tracked => self.is_tracked(),
        }
    }

    /// Has the packet one of these Ethernet types? One without an Ethernet header says its type
    /// in `packet_type`, namespace 1 (OpenFlow 1.5.1 §7.2.3.11).
    fn is_type(&self, types: &[u16]) -> bool {
        let found = match self.value(Field::PacketType) {
            0 => self.exact(Field::EthType),
            other if other >> 16 == 1 => self.exact(Field::PacketType),
            _ => None,
        };
        found.is_some_and(|found| types.contains(&(found as u16)))
    }

    /// That a match is not of later fragments is not asked for: it must only not say that it is.
    fn is_l4(&self, types: &[u16], ip_proto: u8) -> bool {
        self.exact(Field::IpProto) == Some(ip_proto.into())
            && self.is_type(types)
            && self.value(Field::IpFrag) & u32::from(FRAG_LATER) == 0
    }

    /// The code must be zero (RFC 4861 §4.3 and §4.4), a match need not say so.
    fn is_nd(&self, types: &[u8]) -> bool {
        let is_type = |found: u32| types.iter().any(|kind| found == u32::from(*kind));
        self.meet(Prerequisite::Icmpv6)
            && self.exact(Field::Icmpv6Type).is_some_and(is_type)
            && self.value(Field::UdpSrc) <= u8::MAX.into()
            && self.value(Field::UdpDst) == 0
    }

    fn is_tracked(&self) -> bool {
        let (value, mask) = self.0.known(Field::CtState);
        let (value, mask) = (value as u32, mask as u32);
        let known_not_invalid = mask & !value & CT_INVALID != 0;
        value & CT_VALID != 0 || (value & CT_TRACKED != 0 && known_not_invalid)
    }
}

impl fmt::Display for Prerequisite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
