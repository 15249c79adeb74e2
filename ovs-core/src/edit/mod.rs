//! Changes of frames in place: headers put on, taken off, and rewritten with their checksums.
//!
//! An [`Edit`] changes one header. It says only which bits get which value, so one edit is right for all
//! packets of a flow, whatever their other bits are. Edits follow one another: each works on the frame
//! as the ones before left it.
//!
//! ```
//! use ovs_core::edit::{Edit, Masked, Ports};
//! use ovs_core::key::{FlowKey, U16, VlanTag, compose};
//! use ovs_core::Frame;
//!
//! // UDP from port 7 to 8, without addresses.
//! let mut key = FlowKey::ZERO;
//! key.eth_type = U16::new(0x0800);
//! key.ip_proto = 17;
//! (key.tp_src, key.tp_dst) = (U16::new(7), U16::new(8));
//! let mut frame = Frame::default();
//! compose(&key, b"hi", &mut frame)?;
//!
//! let (value, mask) = (Ports { src: 0, dst: 53 }, Ports { src: 0, dst: 0xffff });
//! Edit::Ports(Masked { value, mask }).apply(&mut frame);
//! let tag = VlanTag { tpid: U16::new(0x8100), tci: U16::new(5) };
//! Edit::PushVlan(tag).apply(&mut frame);
//!
//! key.tp_dst = U16::new(53);
//! key.vlans[0] = tag;
//! assert_eq!(FlowKey::of(0, frame.as_slice()), key);
//! # Ok::<(), ovs_core::key::ComposeError>(())
//! ```
//!
//! # Checksums
//!
//! They follow what changes, without a sum over the packet (RFC 1624): one that was wrong stays
//! wrong, so that damage is not hidden, and in the first fragment of a packet it is right for the
//! packet. The exception is SCTP: its CRC32c cannot be kept right without the length of the whole packet,
//! and in a first fragment it is treated as if the fragment were all. UDP over IPv4 without a checksum
//! stays without.
//!
//! In a frame whose sender left a checksum to be finished ([`Frame::offload`]) the field holds the sum
//! of the pseudo-header: it follows the addresses alone. Offsets move along with headers that are put
//! on or taken off.

mod bytes;
mod ip;
mod l2;
mod l4;
mod ttl;
mod walk;

use crate::Frame;
use crate::frame::Offload;
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
/// front of those that are there. An edit of a header that a frame does not have, or not all of,
/// leaves it as it is. Which headers it has is told by the rules of [extraction](crate::key), but that
/// any number of VLAN tags is passed over. IP is looked for behind the Ethernet header alone, not
/// behind labels or in tunnels.
///
/// Numbers are in host byte order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edit {
    /// Rewrites the Ethernet addresses.
    Eth(Masked<EthAddresses>),
    /// Rewrites the Ethernet type behind all VLAN tags; if the frame has a SNAP header (IEEE 802.2), the
    /// type in it; if it has a length and no type, it gets one instead.
    EthType(u16),
    /// Puts a VLAN tag in front of all others. One that is not [present](VlanTag::is_present) is none.
    PushVlan(VlanTag),
    /// Rewrites the tag control information of the outermost VLAN tag; the bits as in the frame.
    Vlan(Masked<u16>),
    /// Takes off the outermost VLAN tag.
    PopVlan,
    /// Puts an MPLS label stack entry in front of all others, behind the VLAN tags.
    ///
    /// In a frame with a SNAP header it stands behind that, and the frame's length grows; if it
    /// would be too long for a length (IEEE 802.3), it stays as it is. A frame with a length
    /// and no type gets the type instead of the length, which is lost; its LLC header is what the
    /// label stands in front of, as in Open vSwitch.
    PushMpls {
        /// The Ethernet type that the frame gets: 0x8847 or 0x8848.
        eth_type: u16,
        /// Label 20 bits, traffic class 3, bottom of stack 1, time to live 8 (RFC 3032 §2.1).
        entry: u32,
    },
    /// Rewrites the outermost MPLS label stack entry.
    Mpls(Masked<u32>),
    /// Takes off the outermost MPLS label stack entry.
    PopMpls {
        /// The Ethernet type that the frame gets.
        eth_type: u16,
    },
    /// Puts a provider backbone header of 18 bytes in front of the Ethernet header (IEEE 802.1ah;
    /// OpenFlow 1.3.5 §5.12): addresses equal to the customer's, this Ethernet type, and the I-TAG.
    /// VLAN tags that the frame has become the customer's.
    PushPbb {
        /// 0x88e7.
        eth_type: u16,
        /// Priority 3 bits, drop eligible 1, use-customer-address 1, reserved 3, I-SID 24.
        itag: u32,
    },
    /// Rewrites the I-TAG.
    Pbb(Masked<u32>),
    /// Takes off the provider backbone header, with VLAN tags in front of the I-TAG. The frame stays as it
    /// is if the customer's Ethernet header is cut off.
    PopPbb,
    /// Rewrites a network service header, behind the Ethernet header.
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
    /// Rewrites neighbour solicitation and advertisement.
    Nd(Masked<NdFields>),
    /// Copies the time to live from the next to the outermost header that has one (OpenFlow 1.3.5 §5.12:
    /// from IP to MPLS, MPLS to MPLS, or IP to IP). Behind the bottom of an MPLS stack the first four
    /// bits tell which IP it is.
    CopyTtlOut,
    /// Copies it from the outermost to the next.
    CopyTtlIn,
    /// Cuts the frame off behind so many bytes. One that is cut is then a single frame with nothing
    /// left to do: an unfinished checksum is finished before, over all bytes, as if the sender had; what
    /// was to become several segments is one that is cut off.
    Truncate(u32),
}

impl Edit {
    /// Changes the frame. Allocates only if the frame's [headroom](Frame::headroom) has no place
    /// for what is pushed.
    pub fn apply(&self, frame: &mut Frame) {
        // `None` says that the frame does not have the header: that is no error.
        let _ = self.try_apply(frame);
    }

    fn try_apply(&self, frame: &mut Frame) -> Option<()> {
        match self {
            Self::Eth(edit) => l2::set_addresses(frame, edit),
            Self::EthType(eth_type) => l2::set_eth_type(frame, *eth_type),
            Self::PushVlan(tag) => l2::push_vlan(frame, *tag),
            Self::Vlan(edit) => l2::set_vlan(frame, edit),
            Self::PopVlan => l2::pop_vlan(frame),
            Self::PushMpls { eth_type, entry } => l2::push_mpls(frame, *eth_type, *entry),
            Self::Mpls(edit) => l2::set_mpls(frame, edit),
            Self::PopMpls { eth_type } => l2::pop_mpls(frame, *eth_type),
            Self::PushPbb { eth_type, itag } => l2::push_pbb(frame, *eth_type, *itag),
            Self::Pbb(edit) => l2::set_pbb(frame, edit),
            Self::PopPbb => l2::pop_pbb(frame),
            Self::Nsh(edit) => l2::set_nsh(frame, edit),
            Self::Ipv4(edit) => ip::set_ipv4(frame, edit),
            Self::Ipv6(edit) => ip::set_ipv6(frame, edit),
            Self::Ports(edit) => l4::set_ports(frame, edit),
            Self::Icmp(edit) => l4::set_icmp(frame, edit),
            Self::Arp(edit) => l2::set_arp(frame, edit),
            Self::Nd(edit) => l4::set_nd(frame, edit),
            Self::CopyTtlOut => ttl::copy_out(frame),
            Self::CopyTtlIn => ttl::copy_in(frame),
            Self::Truncate(bytes) => truncate(frame, *bytes),
        }
    }
}

fn truncate(frame: &mut Frame, bytes: u32) -> Option<()> {
    let bytes = usize::try_from(bytes).ok().filter(|&bytes| bytes < frame.len())?;
    bytes::finish_checksum(frame);
    frame.offload = Offload::NONE;
    frame.truncate(bytes);
    Some(())
}

/// Ethernet addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EthAddresses {
    /// Destination.
    pub dst: Mac,
    /// Source.
    pub src: Mac,
}

/// What can be rewritten in an IPv4 header. The header's checksum follows; that of TCP and UDP follows
/// the addresses, not the protocol, as it is another header then.
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

/// What can be rewritten in an IPv6 header. The checksum of TCP, UDP and ICMPv6 follows the addresses,
/// but the destination only if no routing header has segments left: what is summed is the final
/// destination (RFC 8200 §8.1). It does not follow the protocol.
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
    /// Protocol: the next-header field of the last extension header that is understood. Not in later
    /// fragments, where it stands in the first.
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

/// What can be rewritten in neighbour discovery: what the message has. If a link-layer address is
/// given twice, nothing but the reserved bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NdFields {
    /// The reserved bits and flags, 32 bits.
    pub reserved: u32,
    /// Target.
    pub target: [u8; 16],
    /// The address in the source link-layer address option.
    pub sll: Mac,
    /// The address in the target link-layer address option.
    pub tll: Mac,
    /// The type of the first of these options. It changes after the addresses: they are put where the
    /// types of before say.
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
