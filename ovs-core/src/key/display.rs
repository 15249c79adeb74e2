//! A key, or the mask and value of a match, as a list of fields.

use super::FlowKey;
use crate::field::{Field, FieldValue, Format, Masked, Run};
use core::fmt;
use core::mem::offset_of;

/// A member of [`FlowKey`].
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// Where it stands: bit n of the first number for word n, of the second for word 64 + n.
    words: [u64; 2],
    pub(crate) parts: &'static [Part],
}

/// Bits of a key that are shown together.
pub(crate) enum Part {
    /// One field, or several that are one place: the packet says which it is.
    Fields(&'static [Field]),
    /// What no field is for.
    Rest(&'static str, Run, Format),
}

macro_rules! part {
    ($member:ident, ($($field:ident)|+)) => {
        Part::Fields(&[$(Field::$field),+])
    };
    ($member:ident, (_ $first:literal, $width:literal)) => {
        part!($member, ((concat!(stringify!($member), "_rest")) Hex $first, $width))
    };
    ($member:ident, (($name:expr) $format:ident $first:literal, $width:literal)) => {
        Part::Rest($name, Run::new(offset_of!(FlowKey, $member), $first, $width), Format::$format)
    };
}

/// Lists the members of [`FlowKey`], each with its parts. A new member fails to compile until
/// it stands here; that no bit is forgotten, a test sees to.
macro_rules! members {
    ($($member:ident: $(($($part:tt)*))+;)*) => {
        const _: fn(FlowKey) = |FlowKey { $($member: _),* }| ();

        /// All members of a key, in the order in which they are shown: what a field needs stands
        /// before it.
        pub(crate) static MEMBERS: &[Member] = &[$(Member {
            name: stringify!($member),
            words: words_between(offset_of!(FlowKey, $member), size(|key| &key.$member)),
            parts: &[$(part!($member, ($($part)*))),+],
        }),*];
    };
}

const fn size<T>(_: fn(&FlowKey) -> &T) -> usize {
    size_of::<T>()
}

/// The words in which the bytes of a member stand.
const fn words_between(offset: usize, size: usize) -> [u64; 2] {
    let mut words = [0; 2];
    let mut index = offset / 8;
    while index * 8 < offset + size {
        words[index / 64] |= 1 << (index % 64);
        index += 1;
    }
    words
}

members! {
    in_port: (InPort);
    in_phy_port: (InPhyPort);
    recirc_id: (RecircId);
    packet_type: (PacketType);
    tun_id: (TunId);
    tun_src: (TunSrc);
    tun_dst: (TunDst);
    tun_ipv6_src: (TunIpv6Src);
    tun_ipv6_dst: (TunIpv6Dst);
    tun_flags: (TunFlags) (("tun_df") Decimal 14, 1) (("tun_csum") Decimal 13, 1)
        (("tun_key") Decimal 12, 1) (_ 0, 12);
    tun_tos: (TunTos);
    tun_ttl: (TunTtl);
    tun_tp_src: (("tun_tp_src") Decimal 0, 16);
    tun_tp_dst: (("tun_tp_dst") Decimal 0, 16);
    tun_gbp_id: (TunGbpId);
    tun_gbp_flags: (TunGbpFlags);
    tun_erspan_ver: (TunErspanVer) (_ 0, 4);
    tun_erspan_idx: (TunErspanIdx) (_ 0, 12);
    tun_erspan_dir: (TunErspanDir) (_ 0, 7);
    tun_erspan_hwid: (TunErspanHwid) (_ 0, 2);
    tun_gtpu_flags: (TunGtpuFlags);
    tun_gtpu_msgtype: (TunGtpuMsgtype);
    tun_metadata_present: (("tun_metadata_present") Hex 0, 64);
    tun_metadata:
        (("tun_metadata[0..16]") Hex 0, 128) (("tun_metadata[16..32]") Hex 128, 128)
        (("tun_metadata[32..48]") Hex 256, 128) (("tun_metadata[48..64]") Hex 384, 128)
        (("tun_metadata[64..80]") Hex 512, 128) (("tun_metadata[80..96]") Hex 640, 128)
        (("tun_metadata[96..112]") Hex 768, 128) (("tun_metadata[112..128]") Hex 896, 128)
        (("tun_metadata[128..144]") Hex 1024, 128) (("tun_metadata[144..160]") Hex 1152, 128)
        (("tun_metadata[160..176]") Hex 1280, 128) (("tun_metadata[176..192]") Hex 1408, 128)
        (("tun_metadata[192..208]") Hex 1536, 128) (("tun_metadata[208..224]") Hex 1664, 128)
        (("tun_metadata[224..240]") Hex 1792, 128) (("tun_metadata[240..256]") Hex 1920, 128);
    metadata: (Metadata);
    regs: (Reg0) (Reg1) (Reg2) (Reg3) (Reg4) (Reg5) (Reg6) (Reg7)
        (Reg8) (Reg9) (Reg10) (Reg11) (Reg12) (Reg13) (Reg14) (Reg15);
    pkt_mark: (PktMark);
    skb_priority: (SkbPriority);
    dp_hash: (DpHash);
    conj_id: (ConjId);
    actset_output: (ActsetOutput);
    ct_state: (CtState);
    ct_zone: (CtZone);
    ct_mark: (CtMark);
    ct_label: (CtLabel);
    ct_nw_proto: (CtNwProto);
    _reserved_ct: (_ 0, 8);
    ct_nw_src: (CtNwSrc);
    ct_nw_dst: (CtNwDst);
    ct_ipv6_src: (CtIpv6Src);
    ct_ipv6_dst: (CtIpv6Dst);
    ct_tp_src: (CtTpSrc);
    ct_tp_dst: (CtTpDst);
    eth_dst: (EthDst);
    eth_src: (EthSrc);
    vlans: (VlanVid) (VlanPcp) (("vlan_tpid") Hex 0, 16) (("vlan_dei") Decimal 19, 1)
        (("inner_vlan_tpid") Hex 32, 16) (("inner_vlan_tci") Hex 48, 16);
    eth_type: (EthType);
    _reserved_eth: (_ 0, 16);
    mpls: (MplsLabel) (MplsTc) (MplsBos) (MplsTtl)
        (("mpls_entry1") Hex 32, 32) (("mpls_entry2") Hex 64, 32);
    pbb_itag: (PbbIsid) (PbbUca) (("pbb_pcp") Decimal 0, 3) (("pbb_dei") Decimal 3, 1) (_ 5, 3);
    nsh_flags: (NshFlags);
    nsh_ttl: (NshTtl);
    nsh_mdtype: (NshMdtype);
    nsh_np: (NshNp);
    nsh_path: (NshSpi) (NshSi);
    nsh_context: (NshC1) (NshC2) (NshC3) (NshC4);
    ipv4_src: (Ipv4Src | ArpSpa);
    ipv4_dst: (Ipv4Dst | ArpTpa);
    ipv6_src: (Ipv6Src);
    ipv6_dst: (Ipv6Dst);
    ipv6_label: (Ipv6Label) (_ 0, 12);
    ipv6_exthdr: (Ipv6Exthdr) (_ 0, 7);
    ip_proto: (IpProto);
    ip_tos: (IpDscp) (IpEcn);
    ip_ttl: (IpTtl);
    ip_frag: (IpFrag) (_ 0, 6);
    arp_op: (ArpOp);
    tp_src: (TcpSrc | UdpSrc | SctpSrc | Icmpv4Type | Icmpv6Type);
    tp_dst: (TcpDst | UdpDst | SctpDst | Icmpv4Code | Icmpv6Code);
    tcp_flags: (TcpFlags) (_ 0, 4);
    igmp_group: (("igmp_group") Ipv4 0, 32);
    nd_target: (NdTarget);
    arp_sha: (ArpSha | NdSll);
    arp_tha: (ArpTha | NdTll);
    nd_options_type: (NdOptionsType);
    _reserved_nd: (_ 0, 8);
    nd_reserved: (NdReserved);
}

/// A part of a match.
pub(crate) struct Shown {
    name: &'static str,
    /// The field, unless it is a part that none is for.
    pub(crate) field: Option<Field>,
    pub(crate) value: FieldValue,
}

impl Part {
    fn show(&self, member: &'static str, value: &FlowKey, mask: &FlowKey) -> Option<Shown> {
        match *self {
            Self::Fields(fields) => {
                let matters = |field: &Field| field.get(mask).is_some_and(|mask| mask != 0);
                let applies =
                    |field: &Field| field.prerequisite().holds_for(&Masked { value, mask });
                let mut matching = fields.iter().copied().filter(matters);
                let first = matching.clone().next()?;
                let chosen = if fields.len() == 1 { Some(first) } else { matching.find(applies) };
                let (field, name) = chosen.map_or((first, member), |field| (field, field.name()));
                let value = field.show(field.get(value)?, field.get(mask)?);
                Some(Shown { name, field: Some(field), value })
            }
            Self::Rest(name, run, format) => {
                let (value, mask, ones) = (run.get(value), run.get(mask), run.get(&FlowKey::ONES));
                (mask != 0).then_some(Shown {
                    name,
                    field: None,
                    value: FieldValue { format, value, mask, ones },
                })
            }
        }
    }

    /// Has `left` bits of this part? Takes them away if it is a field's.
    fn take(&self, left: &mut FlowKey) -> bool {
        match *self {
            Self::Rest(_, run, _) => run.get(left) != 0,
            Self::Fields(fields) => {
                let relevant =
                    fields.iter().any(|field| field.get(left).is_some_and(|bits| bits != 0));
                if relevant {
                    fields.iter().for_each(|field| field.put(left, 0, u128::MAX));
                }
                relevant
            }
        }
    }
}

/// The parts of a match, in the order of [`MEMBERS`]. The value must be masked. Only those parts
/// that have bits in `relevant`.
pub(crate) fn parts(
    value: FlowKey,
    mask: FlowKey,
    relevant: FlowKey,
) -> impl Iterator<Item = Shown> {
    let mut left = relevant;
    let [low, high] = words_of(&relevant);
    // Most members are in none of the words, and need not be looked at.
    let is_in = move |member: &&Member| low & member.words[0] | high & member.words[1] != 0;
    let all = MEMBERS.iter().filter(is_in);
    all.flat_map(|member| member.parts.iter().map(|part| (member.name, part)))
        .filter(move |(_, part)| part.take(&mut left))
        .filter_map(move |(member, part)| part.show(member, &value, &mask))
}

/// Which words of a key are not zero.
fn words_of(key: &FlowKey) -> [u64; 2] {
    let mut map = [0; 2];
    for (half, words) in map.iter_mut().zip(key.words().chunks(64)) {
        let bits = words.iter().enumerate().map(|(n, word)| u64::from(*word != 0) << n);
        *half = bits.fold(0, |all, bit| all | bit);
    }
    map
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// Writes parts with commas between, or `empty` if there are none.
pub(crate) fn write_list(
    f: &mut fmt::Formatter<'_>,
    parts: impl Iterator<Item = Shown>,
    empty: &str,
) -> fmt::Result {
    let mut separator = "";
    for part in parts {
        write!(f, "{separator}{part}")?;
        separator = ",";
    }
    if separator.is_empty() { f.write_str(empty) } else { Ok(()) }
}

/// All that is not zero, as `in_port=1,eth_dst=…`; a key of nothing is `0`.
impl fmt::Display for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, parts(*self, Self::ONES, *self), "0")
    }
}
