//! What a packet is matched on: the full [`FlowKey`], and the [`SparseKey`] that the hot
//! path uses instead of it.
//!
//! A [`FlowKey`] has a place for everything that OpenFlow 1.3 and Open vSwitch match on. It
//! is also, bit for bit, an array of [`WORDS`] 64-bit words. Most of them are zero for any one
//! packet, so extraction writes a [`SparseKey`]: a bitmap of the words that are present, and
//! those words. The two say the same; [`SparseKey::expand`] turns one into the other.
//!
//! All numbers in a key are in network byte order, as they are in a frame.

mod compose;
pub(crate) mod display;
mod extract;
mod mac;
mod sparse;
#[allow(dead_code, reason = "the pipeline that uses it is being built")]
pub(crate) mod tracked;

pub use compose::{ComposeError, compose};
pub(crate) use extract::{ETH_HEADER, eth_type, nd, next_header, proto};
pub use mac::{Mac, ParseMacError};
pub use sparse::{HashSeed, SparseKey};
pub use zerocopy::byteorder::network_endian::{U16, U32, U64};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, transmute_mut, transmute_ref};

/// 64-bit words in a [`FlowKey`].
pub const WORDS: usize = size_of::<FlowKey>() / 8;

/// `eth_type` of a frame whose third header field is a length and that carries no SNAP
/// header with an Ethernet type (`OFP_DL_TYPE_NOT_ETH_TYPE`, OpenFlow 1.0 §5.2.3).
pub const ETH_TYPE_NONE: u16 = 0x05ff;

/// In `ip_frag`: the packet is a fragment of any kind (ovs-fields(7), "IPv4/IPv6 Fragment").
pub const FRAG_ANY: u8 = 1;
/// In `ip_frag`: the fragment's offset is not zero, so it has no L4 header.
pub const FRAG_LATER: u8 = 2;

/// In `ipv6_exthdr`: which extension headers there are (OpenFlow 1.3.5 §7.2.3.8,
/// `enum ofp_ipv6exthdr_flags`).
pub mod exthdr {
    /// "No next header" was met.
    pub const NONEXT: u16 = 1 << 0;
    /// Encrypted payload.
    pub const ESP: u16 = 1 << 1;
    /// Authentication header.
    pub const AUTH: u16 = 1 << 2;
    /// One or two destination options headers.
    pub const DEST: u16 = 1 << 3;
    /// Fragment header.
    pub const FRAG: u16 = 1 << 4;
    /// Routing header.
    pub const ROUTER: u16 = 1 << 5;
    /// Hop-by-hop options header.
    pub const HOP: u16 = 1 << 6;
    /// A header was repeated that should stand once.
    pub const UNREP: u16 = 1 << 7;
    /// The headers are not in the order that RFC 8200 §4.1 prefers.
    pub const UNSEQ: u16 = 1 << 8;
}

/// A VLAN tag as it stands in the frame: the tag protocol (0x8100 or 0x88a8) and the tag
/// control information (priority 3 bits, drop eligible 1, VLAN id 12). All zero: no tag.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct VlanTag {
    /// Tag protocol identifier.
    pub tpid: U16,
    /// Tag control information. Unlike Open vSwitch's, its bit 12 is the drop-eligible bit of
    /// the frame; whether there is a tag is told by `tpid`.
    pub tci: U16,
}

impl VlanTag {
    /// The VLAN id, 0 to 4095.
    pub fn vid(self) -> u16 {
        self.tci.get() & 0x0fff
    }

    /// The priority code point, 0 to 7.
    pub fn pcp(self) -> u8 {
        (self.tci.get() >> 13) as u8
    }

    /// Is there a tag?
    pub fn is_present(self) -> bool {
        self.tpid.get() != 0
    }
}

/// Everything that a packet can be matched on.
///
/// Fields that the packet does not have are zero. The names are those of ovs-fields(7); where
/// one place serves several fields there, the comment says so. Sizes are in the types, byte order
/// is the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(8))]
pub struct FlowKey {
    /// The port that the packet came in by.
    pub in_port: U32,
    /// Which frozen translation continues with this packet; 0 on first entry.
    pub recirc_id: U32,

    /// Ethernet destination.
    pub eth_dst: Mac,
    /// Ethernet source.
    pub eth_src: Mac,
    /// Ethernet type behind all VLAN tags that are in `vlans`; [`ETH_TYPE_NONE`] for a frame
    /// with a length instead.
    pub eth_type: U16,
    _reserved_eth: [u8; 2],

    /// The two outermost VLAN tags, the outermost first.
    pub vlans: [VlanTag; 2],

    /// The three outermost MPLS label stack entries, the outermost first: label 20 bits,
    /// traffic class 3, bottom of stack 1, time to live 8 (RFC 3032 §2.1).
    pub mpls: [U32; 3],
    /// Provider backbone I-TAG: priority 3 bits, drop eligible 1, use-customer-address 1,
    /// reserved 3, I-SID 24 (IEEE 802.1ah).
    pub pbb_itag: U32,

    /// NSH flags (2 bits used).
    pub nsh_flags: u8,
    /// NSH time to live.
    pub nsh_ttl: u8,
    /// NSH metadata type: 1 or 2, in a byte whose upper four bits are unassigned (RFC 8300
    /// §2.2) and normally zero.
    pub nsh_mdtype: u8,
    /// NSH next protocol.
    pub nsh_np: u8,
    /// NSH service path: identifier 24 bits, index 8 (RFC 8300 §2.3).
    pub nsh_path: U32,
    /// NSH fixed context headers, `nsh_c1` to `nsh_c4`.
    pub nsh_context: [U32; 4],

    /// IPv4 source; the sender's protocol address in ARP and RARP (`arp_spa`).
    pub ipv4_src: [u8; 4],
    /// IPv4 destination; the target's protocol address in ARP and RARP (`arp_tpa`).
    pub ipv4_dst: [u8; 4],
    /// IPv6 source.
    pub ipv6_src: [u8; 16],
    /// IPv6 destination.
    pub ipv6_dst: [u8; 16],
    /// IP protocol, behind all IPv6 extension headers that are understood; 44 (fragment) in
    /// an IPv6 fragment whose offset is not zero.
    pub ip_proto: u8,
    /// DSCP (upper 6 bits) and ECN (lower 2).
    pub ip_tos: u8,
    /// IPv4 time to live, IPv6 hop limit.
    pub ip_ttl: u8,
    /// [`FRAG_ANY`] and [`FRAG_LATER`].
    pub ip_frag: u8,
    /// TCP, UDP or SCTP source port; the type of ICMP, ICMPv6 and IGMP.
    pub tp_src: U16,
    /// TCP, UDP or SCTP destination port; the code of ICMP, ICMPv6 and IGMP.
    pub tp_dst: U16,
    /// IPv6 flow label (20 bits).
    pub ipv6_label: U32,
    /// TCP flags (12 bits: NS to FIN).
    pub tcp_flags: U16,
    /// IPv6 extension headers that the packet has: bits of [`exthdr`].
    pub ipv6_exthdr: U16,
    /// Neighbour discovery target.
    pub nd_target: [u8; 16],
    /// ARP sender's hardware address; the source link-layer address that neighbour
    /// discovery gives (`nd_sll`).
    pub arp_sha: Mac,
    /// ARP operation.
    pub arp_op: U16,
    /// ARP target's hardware address; the target link-layer address that neighbour
    /// discovery gives (`nd_tll`).
    pub arp_tha: Mac,
    /// Type of the first neighbour discovery option that is understood: 1 or 2.
    pub nd_options_type: u8,
    _reserved_nd: u8,
    /// Reserved bits (flags) of the neighbour discovery header.
    pub nd_reserved: U32,
    /// IGMP group.
    pub igmp_group: [u8; 4],

    /// Tunnel key (VNI, GRE key).
    pub tun_id: U64,
    /// Outer IPv4 source.
    pub tun_src: [u8; 4],
    /// Outer IPv4 destination.
    pub tun_dst: [u8; 4],
    /// Outer IPv6 source.
    pub tun_ipv6_src: [u8; 16],
    /// Outer IPv6 destination.
    pub tun_ipv6_dst: [u8; 16],
    /// Tunnel flags: bit 0 OAM, 1 don't fragment, 2 checksum, 3 key present.
    pub tun_flags: U16,
    /// Outer DSCP and ECN.
    pub tun_tos: u8,
    /// Outer time to live.
    pub tun_ttl: u8,
    /// Outer L4 source port.
    pub tun_tp_src: U16,
    /// Outer L4 destination port.
    pub tun_tp_dst: U16,
    /// VXLAN group policy identifier.
    pub tun_gbp_id: U16,
    /// VXLAN group policy flags.
    pub tun_gbp_flags: u8,
    /// ERSPAN version.
    pub tun_erspan_ver: u8,
    /// ERSPAN index (20 bits).
    pub tun_erspan_idx: U32,
    /// ERSPAN direction (1 bit).
    pub tun_erspan_dir: u8,
    /// ERSPAN hardware identifier (6 bits).
    pub tun_erspan_hwid: u8,
    /// GTP-U flags.
    pub tun_gtpu_flags: u8,
    /// GTP-U message type.
    pub tun_gtpu_msgtype: u8,
    /// Packet type: namespace 16 bits, type 16; zero is Ethernet.
    pub packet_type: U32,

    /// Mark that the operating system gave the packet.
    pub pkt_mark: U32,
    /// Queue priority that the operating system gave the packet.
    pub skb_priority: U32,
    /// Hash that a datapath action computed.
    pub dp_hash: U32,
    /// Conjunction that matched.
    pub conj_id: U32,
    /// Connection state flags.
    pub ct_state: U32,
    /// Connection mark.
    pub ct_mark: U32,
    /// Connection zone.
    pub ct_zone: U16,
    /// IP protocol of the connection's original direction.
    pub ct_nw_proto: u8,
    _reserved_ct: u8,
    /// L4 source port of the connection's original direction.
    pub ct_tp_src: U16,
    /// L4 destination port of the connection's original direction.
    pub ct_tp_dst: U16,
    /// Connection label.
    pub ct_label: [u8; 16],
    /// IPv4 source of the connection's original direction.
    pub ct_nw_src: [u8; 4],
    /// IPv4 destination of the connection's original direction.
    pub ct_nw_dst: [u8; 4],
    /// IPv6 source of the connection's original direction.
    pub ct_ipv6_src: [u8; 16],
    /// IPv6 destination of the connection's original direction.
    pub ct_ipv6_dst: [u8; 16],

    /// OpenFlow metadata.
    pub metadata: U64,
    /// Registers 0 to 15. `xregN` is the pair from 2N on, `xxregN` the four from 4N on.
    pub regs: [U32; 16],
    /// The physical port below a logical one.
    pub in_phy_port: U32,
    /// Output port of the action set.
    pub actset_output: U32,
    /// Which of `tun_metadata0` to `tun_metadata63` are present, bit n for n.
    pub tun_metadata_present: U64,
    /// Bytes of all tunnel metadata fields; the switch's TLV table says where each stands.
    pub tun_metadata: [u8; 256],
}

/// Number of the 64-bit word that holds a field of [`FlowKey`].
macro_rules! word {
    ($field:ident) => {
        core::mem::offset_of!(crate::key::FlowKey, $field) / 8
    };
}
pub(crate) use word;

impl FlowKey {
    /// A key of nothing: all zero. As a mask: matches every packet.
    pub const ZERO: Self = zerocopy::transmute!([0u64; WORDS]);

    /// As a mask: every bit counts.
    pub const ONES: Self = zerocopy::transmute!([u64::MAX; WORDS]);

    /// The key as words, in memory order (the bytes inside a word are the key's bytes).
    #[inline]
    pub fn words(&self) -> &[u64; WORDS] {
        transmute_ref!(self)
    }

    /// The key as words, to be changed.
    #[inline]
    pub fn words_mut(&mut self) -> &mut [u64; WORDS] {
        transmute_mut!(self)
    }

    /// The key of a packet: all that can be read from `frame`, which came in by `in_port`.
    pub fn of(in_port: u32, frame: &[u8]) -> Self {
        let mut sparse = SparseKey::default();
        sparse.extract(in_port, frame);
        sparse.expand()
    }

    /// The key with only the bits that `mask` has.
    pub fn masked(&self, mask: &Self) -> Self {
        let mut masked = *self;
        for (word, mask) in masked.words_mut().iter_mut().zip(mask.words()) {
            *word &= mask;
        }
        masked
    }

    /// Do the two agree in every bit that `mask` has?
    pub fn matches(&self, value: &Self, mask: &Self) -> bool {
        let words = self.words().iter().zip(value.words()).zip(mask.words());
        words.fold(0, |difference, ((a, b), mask)| difference | ((a ^ b) & mask)) == 0
    }
}

impl Default for FlowKey {
    fn default() -> Self {
        Self::ZERO
    }
}
