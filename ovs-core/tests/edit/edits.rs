//! Random edits, and what each does to a key. Shared with the tests of the workspace that show
//! edited frames to another program.

use ovs_core::FlowKey;
use ovs_core::edit::{
    ArpFields, Edit, EthAddresses, Icmp, Ipv4Fields, Ipv6Fields, Masked, NdFields, NshFields, Ports,
};
use ovs_core::key::{FRAG_LATER, Mac, U16, U32, VlanTag};
use proptest::prelude::*;

/// An edit of any kind.
pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![4 => set(), 2 => push_or_pop(), 1 => other()]
}

/// A rewrite of fields, but not of those that tell what follows.
pub(crate) fn set() -> impl Strategy<Value = Edit> {
    prop_oneof![
        1 => masked(eth()).prop_map(Edit::Eth),
        1 => masked(any::<u16>()).prop_map(Edit::Vlan),
        1 => masked(any::<u32>()).prop_map(|edit| Edit::Mpls(clear(edit, |entry| *entry &= !0x100))),
        1 => masked(any::<u32>()).prop_map(Edit::Pbb),
        1 => masked(nsh()).prop_map(Edit::Nsh),
        2 => masked(ipv4()).prop_map(|edit| Edit::Ipv4(clear(edit, |ip| ip.proto = 0))),
        2 => masked(ipv6()).prop_map(|edit| Edit::Ipv6(clear(edit, |ip| ip.proto = 0))),
        2 => masked(ports()).prop_map(Edit::Ports),
        1 => masked(icmp()).prop_map(Edit::Icmp),
        1 => masked(arp()).prop_map(Edit::Arp),
        2 => masked(nd()).prop_map(|edit| Edit::Nd(clear(edit, |nd| nd.options_type = 0))),
    ]
}

pub(crate) fn push_or_pop() -> impl Strategy<Value = Edit> {
    prop_oneof![
        tag().prop_map(Edit::PushVlan),
        Just(Edit::PopVlan),
        (0x8847..=0x8848u16, any::<u32>())
            .prop_map(|(eth_type, entry)| Edit::PushMpls { eth_type, entry }),
        eth_type().prop_map(|eth_type| Edit::PopMpls { eth_type }),
        any::<u32>().prop_map(|itag| Edit::PushPbb { eth_type: 0x88e7, itag }),
        Just(Edit::PopPbb),
    ]
}

fn other() -> impl Strategy<Value = Edit> {
    prop_oneof![
        eth_type().prop_map(Edit::EthType),
        Just(Edit::CopyTtlOut),
        Just(Edit::CopyTtlIn),
        masked(any::<u32>()).prop_map(Edit::Mpls),
        masked(ipv4()).prop_map(Edit::Ipv4),
        masked(ipv6()).prop_map(Edit::Ipv6),
        masked(nd()).prop_map(Edit::Nd),
        (0..200u32).prop_map(Edit::Truncate),
    ]
}

pub(crate) fn tag() -> impl Strategy<Value = VlanTag> {
    (prop_oneof![Just(0x8100u16), Just(0x88a8)], any::<u16>())
        .prop_map(|(tpid, tci)| VlanTag { tpid: U16::new(tpid), tci: U16::new(tci) })
}

fn eth_type() -> impl Strategy<Value = u16> {
    const KNOWN: [u16; 10] =
        [0x0800, 0x0806, 0x8035, 0x8100, 0x86dd, 0x8847, 0x8848, 0x88a8, 0x88e7, 0x894f];
    prop_oneof![4 => prop::sample::select(&KNOWN), 1 => any::<u16>()]
}

fn masked<T: Clone + core::fmt::Debug>(
    fields: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Masked<T>> {
    (fields.clone(), fields).prop_map(|(value, mask)| Masked { value, mask })
}

fn clear<T>(mut edit: Masked<T>, change: impl Fn(&mut T)) -> Masked<T> {
    change(&mut edit.value);
    change(&mut edit.mask);
    edit
}

/// Bytes of which many are all zeros or all ones, so that fields often change as a whole or not.
fn bytes<const N: usize>() -> impl Strategy<Value = [u8; N]> + Clone {
    prop_oneof![Just([0; N]), Just([0xff; N]), any::<[u8; N]>()]
}

fn mac() -> impl Strategy<Value = Mac> + Clone {
    bytes().prop_map(Mac)
}

fn number() -> impl Strategy<Value = u16> + Clone {
    bytes().prop_map(u16::from_be_bytes)
}

fn byte() -> impl Strategy<Value = u8> + Clone {
    bytes().prop_map(|[byte]| byte)
}

fn eth() -> impl Strategy<Value = EthAddresses> + Clone {
    (mac(), mac()).prop_map(|(dst, src)| EthAddresses { dst, src })
}

fn nsh() -> impl Strategy<Value = NshFields> + Clone {
    (byte(), byte(), any::<u32>(), any::<[u32; 4]>())
        .prop_map(|(flags, ttl, path, context)| NshFields { flags, ttl, path, context })
}

fn ipv4() -> impl Strategy<Value = Ipv4Fields> + Clone {
    (bytes(), bytes(), byte(), byte(), byte()).prop_map(|(src, dst, tos, ttl, proto)| Ipv4Fields {
        src,
        dst,
        tos,
        ttl,
        proto,
    })
}

fn ipv6() -> impl Strategy<Value = Ipv6Fields> + Clone {
    (bytes(), bytes(), any::<u32>(), byte(), byte(), byte()).prop_map(
        |(src, dst, label, tos, ttl, proto)| Ipv6Fields { src, dst, label, tos, ttl, proto },
    )
}

fn ports() -> impl Strategy<Value = Ports> + Clone {
    (number(), number()).prop_map(|(src, dst)| Ports { src, dst })
}

fn icmp() -> impl Strategy<Value = Icmp> + Clone {
    (byte(), byte()).prop_map(|(kind, code)| Icmp { kind, code })
}

fn arp() -> impl Strategy<Value = ArpFields> + Clone {
    (number(), bytes(), bytes(), mac(), mac()).prop_map(|(op, spa, tpa, sha, tha)| ArpFields {
        op,
        spa,
        tpa,
        sha,
        tha,
    })
}

fn nd() -> impl Strategy<Value = NdFields> + Clone {
    (any::<u32>(), bytes(), mac(), mac(), byte()).prop_map(
        |(reserved, target, sll, tll, options_type)| NdFields {
            reserved,
            target,
            sll,
            tll,
            options_type,
        },
    )
}

macro_rules! put {
    ($edit:ident: $($key:expr => $member:ident),* $(,)?) => {$(
        $key = ($key & !$edit.mask.$member) | ($edit.value.$member & $edit.mask.$member);
    )*};
    (bytes $edit:ident: $($key:expr => $member:ident $(.$n:tt)?),* $(,)?) => {$(
        let (value, mask) = ($edit.value.$member$(.$n)?, $edit.mask.$member$(.$n)?);
        for ((byte, value), mask) in $key.iter_mut().zip(value).zip(mask) {
            *byte = (*byte & !mask) | (value & mask);
        }
    )*};
}

fn number_with(old: u16, value: u16, mask: u16) -> U16 {
    U16::new((old & !mask) | (value & mask))
}

fn word_with(old: U32, value: u32, mask: u32) -> U32 {
    U32::new((old.get() & !mask) | (value & mask))
}

/// What one of [`set`] makes of the key of a frame that `compose` made.
pub(crate) fn edited(mut key: FlowKey, edit: &Edit) -> FlowKey {
    let has_l4 = key.ip_frag & FRAG_LATER == 0;
    match (edit, key.eth_type.get()) {
        (Edit::Eth(edit), _) => {
            put!(bytes edit: key.eth_dst.0 => dst.0, key.eth_src.0 => src.0);
        }
        (Edit::Vlan(edit), _) if key.vlans[0].is_present() => {
            key.vlans[0].tci = number_with(key.vlans[0].tci.get(), edit.value, edit.mask);
        }
        (Edit::Mpls(edit), 0x8847 | 0x8848) => {
            key.mpls[0] = word_with(key.mpls[0], edit.value, edit.mask);
        }
        (Edit::Pbb(edit), 0x88e7) => {
            key.pbb_itag = word_with(key.pbb_itag, edit.value, edit.mask);
        }
        (Edit::Nsh(edit), 0x894f) => edit_nsh(&mut key, edit),
        (Edit::Ipv4(edit), 0x0800) => {
            put!(bytes edit: key.ipv4_src => src, key.ipv4_dst => dst);
            put!(edit: key.ip_tos => tos, key.ip_ttl => ttl);
        }
        (Edit::Ipv6(edit), 0x86dd) => {
            put!(bytes edit: key.ipv6_src => src, key.ipv6_dst => dst);
            put!(edit: key.ip_tos => tos, key.ip_ttl => ttl);
            let (value, mask) = (edit.value.label, edit.mask.label & 0xf_ffff);
            key.ipv6_label = word_with(key.ipv6_label, value, mask);
        }
        (Edit::Arp(edit), 0x0806 | 0x8035) => {
            put!(bytes edit: key.ipv4_src => spa, key.ipv4_dst => tpa);
            put!(bytes edit: key.arp_sha.0 => sha.0, key.arp_tha.0 => tha.0);
            key.arp_op = number_with(key.arp_op.get(), edit.value.op, edit.mask.op);
        }
        (Edit::Ports(edit), 0x0800 | 0x86dd) if has_l4 && matches!(key.ip_proto, 6 | 17 | 132) => {
            key.tp_src = number_with(key.tp_src.get(), edit.value.src, edit.mask.src);
            key.tp_dst = number_with(key.tp_dst.get(), edit.value.dst, edit.mask.dst);
        }
        (Edit::Icmp(edit), eth_type) if has_l4 => {
            if matches!((eth_type, key.ip_proto), (0x0800, 1) | (0x86dd, 58)) {
                let (value, mask) = (edit.value, edit.mask);
                key.tp_src = number_with(key.tp_src.get(), value.kind.into(), mask.kind.into());
                key.tp_dst = number_with(key.tp_dst.get(), value.code.into(), mask.code.into());
            }
        }
        (Edit::Nd(edit), _) if is_neighbour_discovery(&key) => edit_nd(&mut key, edit),
        _ => {}
    }
    key
}

fn is_neighbour_discovery(key: &FlowKey) -> bool {
    let icmp = (key.ip_proto, key.tp_src.get(), key.tp_dst.get());
    key.eth_type.get() == 0x86dd && matches!(icmp, (58, 135 | 136, 0))
}

fn edit_nsh(key: &mut FlowKey, edit: &Masked<NshFields>) {
    put!(edit: key.nsh_flags => flags, key.nsh_ttl => ttl);
    key.nsh_flags &= 0x03;
    key.nsh_ttl &= 0x3f;
    key.nsh_path = word_with(key.nsh_path, edit.value.path, edit.mask.path);
    if key.nsh_mdtype == 1 {
        for (n, slot) in key.nsh_context.iter_mut().enumerate() {
            *slot = word_with(*slot, edit.value.context[n], edit.mask.context[n]);
        }
    }
}

/// The options that `compose` writes are those with an address, and the one that comes first.
fn edit_nd(key: &mut FlowKey, edit: &Masked<NdFields>) {
    key.nd_reserved = word_with(key.nd_reserved, edit.value.reserved, edit.mask.reserved);
    put!(bytes edit: key.nd_target => target);
    let zero = Mac::default();
    let has_options = key.nd_options_type != 0;
    if has_options && (key.nd_options_type == 1 || key.arp_sha != zero) {
        put!(bytes edit: key.arp_sha.0 => sll.0);
    }
    if has_options && (key.nd_options_type == 2 || key.arp_tha != zero) {
        put!(bytes edit: key.arp_tha.0 => tll.0);
    }
}
