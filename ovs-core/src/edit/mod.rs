//! Changes of frames in place: headers put on, taken off, and rewritten with their checksums.
//!
//! An [`Edit`] changes one header. It says only which bits get which value, so one edit is right for all
//! packets of a flow, whatever their other bits are.

use crate::key::{Mac, VlanTag};

/// A value for those bits that the mask has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masked<T> {
    /// The value; zero where the mask is.
    pub value: T,
    /// The bits that change.
    pub mask: T,
}

/// One change of a frame.
///
/// Outermost and innermost are meant as in OpenFlow 1.3.5 §5.12: tags and labels are pushed in
/// front of those that are there. An edit of a header that a frame does not have leaves it as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edit {
    /// Rewrites the Ethernet addresses.
    Eth(Masked<EthAddresses>),
    /// Rewrites the Ethernet type behind all VLAN tags.
    EthType(u16),
    /// Puts a VLAN tag in front of all others.
    PushVlan(VlanTag),
    /// Rewrites the tag control information of the outermost VLAN tag; the bits as in the frame.
    Vlan(Masked<u16>),
    /// Takes off the outermost VLAN tag.
    PopVlan,
    /// Puts an MPLS label stack entry in front of all others, behind the VLAN tags.
    PushMpls {
        /// The Ethernet type that the frame gets: 0x8847 or 0x8848.
        eth_type: u16,
        /// Label 20 bits, traffic class 3, bottom of stack 1, time to live 8.
        entry: u32,
    },
    /// Rewrites the outermost MPLS label stack entry.
    Mpls(Masked<u32>),
    /// Takes off the outermost MPLS label stack entry.
    PopMpls {
        /// The Ethernet type that the frame gets.
        eth_type: u16,
    },
    /// Puts a provider backbone header in front of the Ethernet header (IEEE 802.1ah): addresses equal to
    /// the customer's, this Ethernet type, and the I-TAG. VLAN tags that the frame has become the
    /// customer's.
    PushPbb {
        /// 0x88e7.
        eth_type: u16,
        /// Priority 3 bits, drop eligible 1, use-customer-address 1, reserved 3, I-SID 24.
        itag: u32,
    },
    /// Rewrites the I-TAG.
    Pbb(Masked<u32>),
    /// Takes off the provider backbone header, with VLAN tags in front of the I-TAG.
    PopPbb,
    /// Rewrites a network service header.
    Nsh(Masked<NshFields>),
    /// Rewrites the IPv4 header.
    Ipv4(Masked<Ipv4Fields>),
    /// Rewrites the IPv6 header.
    Ipv6(Masked<Ipv6Fields>),
    /// Rewrites the ports of TCP, UDP or SCTP.
    Ports(Masked<Ports>),
    /// Rewrites type and code of ICMP or ICMPv6.
    Icmp(Masked<Icmp>),
    /// Rewrites ARP or RARP.
    Arp(Masked<ArpFields>),
    /// Rewrites neighbour discovery.
    Nd(Masked<NdFields>),
    /// Copies the time to live from the next to the outermost header that has one (OpenFlow 1.3.5 §5.12:
    /// from IP to MPLS, MPLS to MPLS, or IP to IP).
    CopyTtlOut,
    /// Copies it from the outermost to the next.
    CopyTtlIn,
    /// Cuts the frame off behind so many bytes.
    Truncate(u32),
}

/// Ethernet addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EthAddresses {
    /// Destination.
    pub dst: Mac,
    /// Source.
    pub src: Mac,
}

/// What can be rewritten in an IPv4 header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ipv4Fields {
    /// Source.
    pub src: [u8; 4],
    /// Destination.
    pub dst: [u8; 4],
    /// DSCP (upper 6 bits) and ECN.
    pub tos: u8,
    /// Time to live.
    pub ttl: u8,
    /// Protocol.
    pub proto: u8,
}

/// What can be rewritten in an IPv6 header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ipv6Fields {
    /// Source.
    pub src: [u8; 16],
    /// Destination.
    pub dst: [u8; 16],
    /// Flow label, 20 bits.
    pub label: u32,
    /// DSCP (upper 6 bits) and ECN.
    pub tos: u8,
    /// Hop limit.
    pub ttl: u8,
    /// Protocol: the next-header field of the last extension header that is understood.
    pub proto: u8,
}

/// Ports of TCP, UDP or SCTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// Source.
    pub src: u16,
    /// Destination.
    pub dst: u16,
}

/// Type and code of ICMP or ICMPv6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Icmp {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
}

/// What can be rewritten in ARP and RARP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArpFields {
    /// Operation.
    pub op: u16,
    /// Sender's protocol address.
    pub spa: [u8; 4],
    /// Target's protocol address.
    pub tpa: [u8; 4],
    /// Sender's hardware address.
    pub sha: Mac,
    /// Target's hardware address.
    pub tha: Mac,
}

/// What can be rewritten in neighbour discovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NdFields {
    /// The reserved bits and flags, 32 bits.
    pub reserved: u32,
    /// Target.
    pub target: [u8; 16],
    /// The first source link-layer address option.
    pub sll: Mac,
    /// The first target link-layer address option.
    pub tll: Mac,
    /// The type of the first of these options.
    pub options_type: u8,
}

/// What can be rewritten in a network service header (RFC 8300 §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NshFields {
    /// Flags, 2 bits.
    pub flags: u8,
    /// Time to live, 6 bits.
    pub ttl: u8,
    /// Service path: identifier 24 bits, index 8.
    pub path: u32,
    /// Fixed context headers, if the metadata type is 1.
    pub context: [u32; 4],
}
