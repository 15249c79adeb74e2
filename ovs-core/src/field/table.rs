//! The table of all fields: one row for each.

use super::Masking;
use super::format::Format;
use super::oxm::{ANY, OF12, OF13, OF14, OF15, OxmClass, OxmHeader};
use super::position::Run;
use super::prerequisite::Prerequisite;
use crate::key::FlowKey;
use core::mem::offset_of;

/// What the table says of one field.
pub(super) struct Row {
    /// The name of ovs-fields(7), then its other names.
    pub(super) names: &'static [&'static str],
    pub(super) format: Format,
    /// Bytes of the value on the wire.
    pub(super) n_bytes: u8,
    pub(super) masking: Masking,
    pub(super) settable: bool,
    pub(super) prerequisite: Prerequisite,
    /// Where the value stands in the key, its most significant bits first.
    pub(super) runs: &'static [Run],
    /// By `since`, the preferred last.
    pub(super) headers: &'static [OxmHeader],
}

const RW: bool = true;
const RO: bool = false;

/// One run of bits: `{member first width}` are bits of a member of the key, counted from its
/// most significant one; `{_ width}` are bits of the value that stand nowhere and read as zero.
macro_rules! run {
    (_ $width:literal) => {
        Run::nowhere($width)
    };
    ($member:ident $first:expr, $width:literal) => {
        Run::new(offset_of!(FlowKey, $member), $first, $width)
    };
}

/// The run of the `n`th field of a family that stand side by side in one member.
macro_rules! family_runs {
    (() $n:literal) => {
        &[]
    };
    (($member:ident $width:literal) $n:literal) => {
        &[run!($member $n * $width, $width)]
    };
}

/// Makes the enum, the list of its values and the table, each in the order of the rows.
macro_rules! fields {
    (
        $($field:ident $name:literal $([$($alias:literal)+])?: $format:ident $n_bytes:literal
            $masking:ident $access:ident $prerequisite:ident $({$($run:tt)*})*
            => $($class:ident $number:literal $oxm:ident $since:ident),*;)*
        ---
        families {
            $($family:literal $size:literal $place:tt
                => $fclass:ident $ffirst:literal $prefix:literal $fsince:ident:
                $($member:ident $n:literal)*;)*
        }
    ) => {
        /// What a packet can be matched on: a field of OpenFlow or Open vSwitch.
        ///
        /// The text name is said first, then code points. What a field means, ovs-fields(7)
        /// tells; those that it does not have are in OpenFlow 1.3.5 §7.2.3.8.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field {
            $(
                #[doc = concat!("`", $name, "`", $("; ", stringify!($class), "_", stringify!($oxm), " (", $number, ")"),*)]
                $field,
            )*
            $($(
                #[doc = concat!("`", $family, $n, "`; ", $prefix, $n)]
                $member,
            )*)*
        }

        pub(super) const ALL: &[Field] = &[$(Field::$field,)* $($(Field::$member,)*)*];

        pub(super) const TABLE: &[Row; ALL.len()] = &[
            $(Row {
                names: &[$name $($(, $alias)+)?],
                format: Format::$format,
                n_bytes: $n_bytes,
                masking: Masking::$masking,
                settable: $access,
                prerequisite: Prerequisite::$prerequisite,
                runs: &[$(run!($($run)*)),*],
                headers: &[$(OxmHeader {
                    name: concat!(stringify!($class), "_", stringify!($oxm)),
                    class: OxmClass::$class,
                    number: $number,
                    since: $since,
                }),*],
            },)*
            $($(Row {
                names: &[concat!($family, $n)],
                format: Format::Hex,
                n_bytes: $size,
                masking: Masking::Bitwise,
                settable: RW,
                prerequisite: Prerequisite::None,
                runs: family_runs!($place $n),
                headers: &[OxmHeader {
                    name: concat!($prefix, $n),
                    class: OxmClass::$fclass,
                    number: $ffirst + $n,
                    since: $fsince,
                }],
            },)*)*
        ];
    };
}

// Columns: name [aliases]: format, bytes on the wire, mask, access, prerequisite, place in the key
// => code points with the version that they came with.
fields! {
    InPort "in_port" ["in_port_oxm"]: Port 4 Exact RW None {in_port 0, 32} => OXM_OF 0 IN_PORT OF12;
    InPort16 "in_port_nxm": Port16 2 Exact RW None {in_port 16, 16} => NXM_OF 0 IN_PORT ANY;
    InPhyPort "in_phy_port": Port 4 Exact RO InPort {in_phy_port 0, 32} => OXM_OF 1 IN_PHY_PORT OF12;
    RecircId "recirc_id": Decimal 4 Exact RO None {recirc_id 0, 32} => NXM_NX 36 RECIRC_ID ANY;
    PacketType "packet_type": PacketType 4 Exact RO None {packet_type 0, 32} => OXM_OF 44 PACKET_TYPE OF15;

    EthDst "eth_dst" ["dl_dst"]: Mac 6 Bitwise RW Ethernet {eth_dst 0, 48} => NXM_OF 1 ETH_DST ANY, OXM_OF 3 ETH_DST OF12;
    EthSrc "eth_src" ["dl_src"]: Mac 6 Bitwise RW Ethernet {eth_src 0, 48} => NXM_OF 2 ETH_SRC ANY, OXM_OF 4 ETH_SRC OF12;
    EthType "eth_type" ["dl_type"]: EtherType 2 Exact RO Ethernet {eth_type 0, 16} => NXM_OF 3 ETH_TYPE ANY, OXM_OF 5 ETH_TYPE OF12;
    VlanVid "vlan_vid": Hex 2 Bitwise RW Ethernet {vlans 0, 1} {vlans 20, 12} => OXM_OF 6 VLAN_VID OF12;
    VlanPcp "vlan_pcp": Decimal 1 Exact RW Vlan {vlans 16, 3} => OXM_OF 7 VLAN_PCP OF12;
    VlanTci "vlan_tci": Hex 2 Bitwise RW Ethernet {vlans 16, 3} {vlans 0, 1} {vlans 20, 12} => NXM_OF 4 VLAN_TCI ANY;

    MplsLabel "mpls_label": Decimal 4 Exact RW Mpls {mpls 0, 20} => OXM_OF 34 MPLS_LABEL OF12;
    MplsTc "mpls_tc": Decimal 1 Exact RW Mpls {mpls 20, 3} => OXM_OF 35 MPLS_TC OF12;
    MplsBos "mpls_bos": Decimal 1 Exact RO Mpls {mpls 23, 1} => OXM_OF 36 MPLS_BOS OF13;
    MplsTtl "mpls_ttl": Decimal 1 Exact RW Mpls {mpls 24, 8} => NXM_NX 30 MPLS_TTL ANY;
    PbbIsid "pbb_isid": Hex 3 Bitwise RW Pbb {pbb_itag 8, 24} => OXM_OF 37 PBB_ISID OF13;
    PbbUca "pbb_uca": Decimal 1 Exact RW Pbb {pbb_itag 4, 1} => OXM_OF 41 PBB_UCA OF14;

    NshFlags "nsh_flags": Decimal 1 Bitwise RW Nsh {nsh_flags 0, 8} => NXOXM_NSH 1 FLAGS ANY;
    NshTtl "nsh_ttl": Decimal 1 Exact RW Nsh {nsh_ttl 0, 8} => NXOXM_NSH 10 TTL ANY;
    NshMdtype "nsh_mdtype": Decimal 1 Exact RO Nsh {nsh_mdtype 0, 8} => NXOXM_NSH 2 MDTYPE ANY;
    NshNp "nsh_np": Decimal 1 Exact RO Nsh {nsh_np 0, 8} => NXOXM_NSH 3 NP ANY;
    NshSpi "nsh_spi" ["nsp"]: Hex 4 Exact RW Nsh {nsh_path 0, 24} => NXOXM_NSH 4 SPI ANY;
    NshSi "nsh_si" ["nsi"]: Decimal 1 Exact RW Nsh {nsh_path 24, 8} => NXOXM_NSH 5 SI ANY;
    NshC1 "nsh_c1" ["nshc1"]: Hex 4 Bitwise RW Nsh {nsh_context 0, 32} => NXOXM_NSH 6 C1 ANY;
    NshC2 "nsh_c2" ["nshc2"]: Hex 4 Bitwise RW Nsh {nsh_context 32, 32} => NXOXM_NSH 7 C2 ANY;
    NshC3 "nsh_c3" ["nshc3"]: Hex 4 Bitwise RW Nsh {nsh_context 64, 32} => NXOXM_NSH 8 C3 ANY;
    NshC4 "nsh_c4" ["nshc4"]: Hex 4 Bitwise RW Nsh {nsh_context 96, 32} => NXOXM_NSH 9 C4 ANY;

    Ipv4Src "ip_src" ["nw_src" "ipv4_src"]: Ipv4 4 Bitwise RW Ipv4 {ipv4_src 0, 32} => NXM_OF 7 IP_SRC ANY, OXM_OF 11 IPV4_SRC OF12;
    Ipv4Dst "ip_dst" ["nw_dst" "ipv4_dst"]: Ipv4 4 Bitwise RW Ipv4 {ipv4_dst 0, 32} => NXM_OF 8 IP_DST ANY, OXM_OF 12 IPV4_DST OF12;
    Ipv6Src "ipv6_src": Ipv6 16 Bitwise RW Ipv6 {ipv6_src 0, 128} => NXM_NX 19 IPV6_SRC ANY, OXM_OF 26 IPV6_SRC OF12;
    Ipv6Dst "ipv6_dst": Ipv6 16 Bitwise RW Ipv6 {ipv6_dst 0, 128} => NXM_NX 20 IPV6_DST ANY, OXM_OF 27 IPV6_DST OF12;
    Ipv6Label "ipv6_label": Hex 4 Bitwise RW Ipv6 {ipv6_label 12, 20} => NXM_NX 27 IPV6_LABEL ANY, OXM_OF 28 IPV6_FLABEL OF12;
    Ipv6Exthdr "ipv6_exthdr": Hex 2 Bitwise RO Ipv6 {ipv6_exthdr 7, 9} => OXM_OF 39 IPV6_EXTHDR OF13;
    IpProto "nw_proto" ["ip_proto"]: Decimal 1 Exact RO Ip {ip_proto 0, 8} => NXM_OF 6 IP_PROTO ANY, OXM_OF 10 IP_PROTO OF12;
    IpDscp "ip_dscp": Decimal 1 Exact RW Ip {ip_tos 0, 6} => OXM_OF 8 IP_DSCP OF12;
    NwTos "nw_tos": Decimal 1 Exact RW Ip {ip_tos 0, 6} {_ 2} => NXM_OF 5 IP_TOS ANY;
    IpEcn "nw_ecn" ["ip_ecn"]: Decimal 1 Exact RW Ip {ip_tos 6, 2} => NXM_NX 28 IP_ECN ANY, OXM_OF 9 IP_ECN OF12;
    IpTtl "nw_ttl": Decimal 1 Exact RW Ip {ip_ttl 0, 8} => NXM_NX 29 IP_TTL ANY;
    IpFrag "ip_frag" ["nw_frag"]: Frag 1 Bitwise RO Ip {ip_frag 6, 2} => NXM_NX 26 IP_FRAG ANY;

    ArpOp "arp_op": Decimal 2 Exact RW Arp {arp_op 0, 16} => NXM_OF 15 ARP_OP ANY, OXM_OF 21 ARP_OP OF12;
    ArpSpa "arp_spa": Ipv4 4 Bitwise RW Arp {ipv4_src 0, 32} => NXM_OF 16 ARP_SPA ANY, OXM_OF 22 ARP_SPA OF12;
    ArpTpa "arp_tpa": Ipv4 4 Bitwise RW Arp {ipv4_dst 0, 32} => NXM_OF 17 ARP_TPA ANY, OXM_OF 23 ARP_TPA OF12;
    ArpSha "arp_sha": Mac 6 Bitwise RW Arp {arp_sha 0, 48} => NXM_NX 17 ARP_SHA ANY, OXM_OF 24 ARP_SHA OF12;
    ArpTha "arp_tha": Mac 6 Bitwise RW Arp {arp_tha 0, 48} => NXM_NX 18 ARP_THA ANY, OXM_OF 25 ARP_THA OF12;

    TcpSrc "tcp_src" ["tp_src"]: Decimal 2 Bitwise RW Tcp {tp_src 0, 16} => NXM_OF 9 TCP_SRC ANY, OXM_OF 13 TCP_SRC OF12;
    TcpDst "tcp_dst" ["tp_dst"]: Decimal 2 Bitwise RW Tcp {tp_dst 0, 16} => NXM_OF 10 TCP_DST ANY, OXM_OF 14 TCP_DST OF12;
    TcpFlags "tcp_flags": TcpFlags 2 Bitwise RO Tcp {tcp_flags 4, 12} => NXM_NX 34 TCP_FLAGS ANY, ONFOXM_ET 42 TCP_FLAGS OF13, OXM_OF 42 TCP_FLAGS OF15;
    UdpSrc "udp_src": Decimal 2 Bitwise RW Udp {tp_src 0, 16} => NXM_OF 11 UDP_SRC ANY, OXM_OF 15 UDP_SRC OF12;
    UdpDst "udp_dst": Decimal 2 Bitwise RW Udp {tp_dst 0, 16} => NXM_OF 12 UDP_DST ANY, OXM_OF 16 UDP_DST OF12;
    SctpSrc "sctp_src": Decimal 2 Bitwise RW Sctp {tp_src 0, 16} => OXM_OF 17 SCTP_SRC OF12;
    SctpDst "sctp_dst": Decimal 2 Bitwise RW Sctp {tp_dst 0, 16} => OXM_OF 18 SCTP_DST OF12;
    Icmpv4Type "icmp_type": Decimal 1 Exact RW Icmpv4 {tp_src 8, 8} => NXM_OF 13 ICMP_TYPE ANY, OXM_OF 19 ICMPV4_TYPE OF12;
    Icmpv4Code "icmp_code": Decimal 1 Exact RW Icmpv4 {tp_dst 8, 8} => NXM_OF 14 ICMP_CODE ANY, OXM_OF 20 ICMPV4_CODE OF12;
    Icmpv6Type "icmpv6_type": Decimal 1 Exact RW Icmpv6 {tp_src 8, 8} => NXM_NX 21 ICMPV6_TYPE ANY, OXM_OF 29 ICMPV6_TYPE OF12;
    Icmpv6Code "icmpv6_code": Decimal 1 Exact RW Icmpv6 {tp_dst 8, 8} => NXM_NX 22 ICMPV6_CODE ANY, OXM_OF 30 ICMPV6_CODE OF12;
    NdTarget "nd_target": Ipv6 16 Bitwise RW Nd {nd_target 0, 128} => NXM_NX 23 ND_TARGET ANY, OXM_OF 31 IPV6_ND_TARGET OF12;
    NdSll "nd_sll": Mac 6 Bitwise RW NdSolicit {arp_sha 0, 48} => NXM_NX 24 ND_SLL ANY, OXM_OF 32 IPV6_ND_SLL OF12;
    NdTll "nd_tll": Mac 6 Bitwise RW NdAdvert {arp_tha 0, 48} => NXM_NX 25 ND_TLL ANY, OXM_OF 33 IPV6_ND_TLL OF12;
    NdReserved "nd_reserved": Decimal 4 Exact RW Nd {nd_reserved 0, 32} => ERICOXM_OF 1 ICMPV6_ND_RESERVED ANY;
    NdOptionsType "nd_options_type": Decimal 1 Exact RW Nd {nd_options_type 0, 8} => ERICOXM_OF 2 ICMPV6_ND_OPTIONS_TYPE ANY;

    TunId "tun_id" ["tunnel_id"]: Hex 8 Bitwise RW None {tun_id 0, 64} => NXM_NX 16 TUN_ID ANY, OXM_OF 38 TUNNEL_ID OF13;
    TunSrc "tun_src": Ipv4 4 Bitwise RW None {tun_src 0, 32} => NXM_NX 31 TUN_IPV4_SRC ANY;
    TunDst "tun_dst": Ipv4 4 Bitwise RW None {tun_dst 0, 32} => NXM_NX 32 TUN_IPV4_DST ANY;
    TunIpv6Src "tun_ipv6_src": Ipv6 16 Bitwise RW None {tun_ipv6_src 0, 128} => NXM_NX 109 TUN_IPV6_SRC ANY;
    TunIpv6Dst "tun_ipv6_dst": Ipv6 16 Bitwise RW None {tun_ipv6_dst 0, 128} => NXM_NX 110 TUN_IPV6_DST ANY;
    TunFlags "tun_flags": TunFlags 2 Bitwise RW None {tun_flags 15, 1} => NXM_NX 104 TUN_FLAGS ANY;
    TunTos "tun_tos": Decimal 1 Exact RO None {tun_tos 0, 8} =>;
    TunTtl "tun_ttl": Decimal 1 Exact RO None {tun_ttl 0, 8} =>;
    TunGbpId "tun_gbp_id": Decimal 2 Bitwise RW None {tun_gbp_id 0, 16} => NXM_NX 38 TUN_GBP_ID ANY;
    TunGbpFlags "tun_gbp_flags": Hex 1 Bitwise RW None {tun_gbp_flags 0, 8} => NXM_NX 39 TUN_GBP_FLAGS ANY;
    TunErspanIdx "tun_erspan_idx": Hex 4 Bitwise RW None {tun_erspan_idx 12, 20} => NXOXM_ET 11 ERSPAN_IDX ANY;
    TunErspanVer "tun_erspan_ver": Decimal 1 Bitwise RW None {tun_erspan_ver 4, 4} => NXOXM_ET 12 ERSPAN_VER ANY;
    TunErspanDir "tun_erspan_dir": Decimal 1 Bitwise RW None {tun_erspan_dir 7, 1} => NXOXM_ET 13 ERSPAN_DIR ANY;
    TunErspanHwid "tun_erspan_hwid": Hex 1 Bitwise RW None {tun_erspan_hwid 2, 6} => NXOXM_ET 14 ERSPAN_HWID ANY;
    TunGtpuFlags "tun_gtpu_flags": Hex 1 Bitwise RO None {tun_gtpu_flags 0, 8} => NXOXM_ET 15 GTPU_FLAGS ANY;
    TunGtpuMsgtype "tun_gtpu_msgtype": Decimal 1 Bitwise RO None {tun_gtpu_msgtype 0, 8} => NXOXM_ET 16 GTPU_MSGTYPE ANY;

    PktMark "pkt_mark": Hex 4 Bitwise RW None {pkt_mark 0, 32} => NXM_NX 33 PKT_MARK ANY;
    SkbPriority "skb_priority": Hex 4 Exact RO None {skb_priority 0, 32} =>;
    DpHash "dp_hash": Hex 4 Bitwise RO None {dp_hash 0, 32} => NXOXM_ET 0 DP_HASH ANY, NXM_NX 35 DP_HASH ANY;
    ConjId "conj_id": Decimal 4 Exact RO None {conj_id 0, 32} => NXM_NX 37 CONJ_ID ANY;
    ActsetOutput "actset_output": Port 4 Exact RO None {actset_output 0, 32} => ONFOXM_ET 43 ACTSET_OUTPUT OF13, OXM_OF 43 ACTSET_OUTPUT OF15;
    Metadata "metadata": Hex 8 Bitwise RW None {metadata 0, 64} => OXM_OF 2 METADATA OF12;

    CtState "ct_state": CtState 4 Bitwise RO None {ct_state 0, 32} => NXM_NX 105 CT_STATE ANY;
    CtZone "ct_zone": Hex 2 Exact RO None {ct_zone 0, 16} => NXM_NX 106 CT_ZONE ANY;
    CtMark "ct_mark": Hex 4 Bitwise RW None {ct_mark 0, 32} => NXM_NX 107 CT_MARK ANY;
    CtLabel "ct_label": Hex 16 Bitwise RW None {ct_label 0, 128} => NXM_NX 108 CT_LABEL ANY;
    CtNwProto "ct_nw_proto": Decimal 1 Exact RO Tracked {ct_nw_proto 0, 8} => NXM_NX 119 CT_NW_PROTO ANY;
    CtNwSrc "ct_nw_src": Ipv4 4 Bitwise RO Tracked {ct_nw_src 0, 32} => NXM_NX 120 CT_NW_SRC ANY;
    CtNwDst "ct_nw_dst": Ipv4 4 Bitwise RO Tracked {ct_nw_dst 0, 32} => NXM_NX 121 CT_NW_DST ANY;
    CtIpv6Src "ct_ipv6_src": Ipv6 16 Bitwise RO Tracked {ct_ipv6_src 0, 128} => NXM_NX 122 CT_IPV6_SRC ANY;
    CtIpv6Dst "ct_ipv6_dst": Ipv6 16 Bitwise RO Tracked {ct_ipv6_dst 0, 128} => NXM_NX 123 CT_IPV6_DST ANY;
    CtTpSrc "ct_tp_src": Decimal 2 Bitwise RO Tracked {ct_tp_src 0, 16} => NXM_NX 124 CT_TP_SRC ANY;
    CtTpDst "ct_tp_dst": Decimal 2 Bitwise RO Tracked {ct_tp_dst 0, 16} => NXM_NX 125 CT_TP_DST ANY;

    ---
    families {
        "reg" 4 (regs 32) => NXM_NX 0 "NXM_NX_REG" ANY:
            Reg0 0 Reg1 1 Reg2 2 Reg3 3 Reg4 4 Reg5 5 Reg6 6 Reg7 7
            Reg8 8 Reg9 9 Reg10 10 Reg11 11 Reg12 12 Reg13 13 Reg14 14 Reg15 15;
        "xreg" 8 (regs 64) => OXM_OF_PKT_REG 0 "OXM_OF_PKT_REG" OF13:
            Xreg0 0 Xreg1 1 Xreg2 2 Xreg3 3 Xreg4 4 Xreg5 5 Xreg6 6 Xreg7 7;
        "xxreg" 16 (regs 128) => NXM_NX 111 "NXM_NX_XXREG" ANY:
            Xxreg0 0 Xxreg1 1 Xxreg2 2 Xxreg3 3;
        "tun_metadata" 124 () => NXM_NX 40 "NXM_NX_TUN_METADATA" ANY:
            TunMetadata0 0 TunMetadata1 1 TunMetadata2 2 TunMetadata3 3
            TunMetadata4 4 TunMetadata5 5 TunMetadata6 6 TunMetadata7 7
            TunMetadata8 8 TunMetadata9 9 TunMetadata10 10 TunMetadata11 11
            TunMetadata12 12 TunMetadata13 13 TunMetadata14 14 TunMetadata15 15
            TunMetadata16 16 TunMetadata17 17 TunMetadata18 18 TunMetadata19 19
            TunMetadata20 20 TunMetadata21 21 TunMetadata22 22 TunMetadata23 23
            TunMetadata24 24 TunMetadata25 25 TunMetadata26 26 TunMetadata27 27
            TunMetadata28 28 TunMetadata29 29 TunMetadata30 30 TunMetadata31 31
            TunMetadata32 32 TunMetadata33 33 TunMetadata34 34 TunMetadata35 35
            TunMetadata36 36 TunMetadata37 37 TunMetadata38 38 TunMetadata39 39
            TunMetadata40 40 TunMetadata41 41 TunMetadata42 42 TunMetadata43 43
            TunMetadata44 44 TunMetadata45 45 TunMetadata46 46 TunMetadata47 47
            TunMetadata48 48 TunMetadata49 49 TunMetadata50 50 TunMetadata51 51
            TunMetadata52 52 TunMetadata53 53 TunMetadata54 54 TunMetadata55 55
            TunMetadata56 56 TunMetadata57 57 TunMetadata58 58 TunMetadata59 59
            TunMetadata60 60 TunMetadata61 61 TunMetadata62 62 TunMetadata63 63;
    }
}
