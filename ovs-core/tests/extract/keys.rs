//! Keys of every kind of frame, each such that some frame has it. Shared with the tests of the
//! workspace that show the frames to other programs.

use ovs_core::key::{ETH_TYPE_NONE, FRAG_ANY, FRAG_LATER, FlowKey, Mac, U16, U32, VlanTag, exthdr};
use proptest::prelude::*;

/// A key, and payload that may stand behind its headers.
pub(crate) fn key_and_payload() -> impl Strategy<Value = (FlowKey, Vec<u8>)> {
    (key(), prop::collection::vec(any::<u8>(), 0..80)).prop_map(|(key, mut payload)| {
        if is_neighbour_discovery(&key) {
            // Random options might be understood; this is the MTU option of RFC 4861 §4.6.4.
            payload = vec![5, 1, 0, 0, 0, 0, 5, 0xdc];
        }
        (key, payload)
    })
}

/// A key of any kind of frame.
pub(crate) fn key() -> impl Strategy<Value = FlowKey> {
    let network = prop_oneof![
        1 => other(),
        1 => arp(),
        4 => ipv4(),
        4 => ipv6(),
        1 => mpls(),
        1 => pbb(),
        1 => nsh(),
    ];
    (ethernet(), network).prop_map(|(ethernet, network)| merged(ethernet, network))
}

pub(crate) fn is_neighbour_discovery(key: &FlowKey) -> bool {
    let icmp = (key.ip_proto, key.tp_src.get(), key.tp_dst.get());
    key.eth_type.get() == 0x86dd && matches!(icmp, (58, 135 | 136, 0))
}

/// What either has; each must have zeros where the other has something.
fn merged(mut a: FlowKey, b: FlowKey) -> FlowKey {
    for (word, more) in a.words_mut().iter_mut().zip(b.words()) {
        *word |= more;
    }
    a
}

fn with(change: impl FnOnce(&mut FlowKey)) -> FlowKey {
    let mut key = FlowKey::ZERO;
    change(&mut key);
    key
}

fn ethernet() -> impl Strategy<Value = FlowKey> {
    let tag = (prop_oneof![Just(0x8100u16), Just(0x88a8)], any::<u16>());
    let tags = prop_oneof![3 => Just(0usize), 2 => Just(1), 1 => Just(2)];
    (any::<([u8; 6], [u8; 6])>(), [tag.clone(), tag], tags).prop_map(|((dst, src), tags, count)| {
        with(|key| {
            key.eth_dst = Mac(dst);
            key.eth_src = Mac(src);
            for (slot, (tpid, tci)) in key.vlans.iter_mut().zip(tags).take(count) {
                *slot = VlanTag { tpid: U16::new(tpid), tci: U16::new(tci) };
            }
        })
    })
}

fn other() -> impl Strategy<Value = FlowKey> {
    let known = [0x0800, 0x0806, 0x8035, 0x8100, 0x86dd, 0x8847, 0x8848, 0x88a8, 0x88e7, 0x894f];
    let unknown =
        (0x0600u16..).prop_filter("extraction knows it", move |eth_type| !known.contains(eth_type));
    prop_oneof![Just(ETH_TYPE_NONE), unknown]
        .prop_map(|eth_type| with(|key| key.eth_type = U16::new(eth_type)))
}

fn arp() -> impl Strategy<Value = FlowKey> {
    type Addresses = ([u8; 6], [u8; 4], [u8; 6], [u8; 4]);
    let op = prop_oneof![Just(1u16), Just(2), any::<u16>()];
    (prop_oneof![3 => Just(0x0806u16), 1 => Just(0x8035)], op, any::<Addresses>()).prop_map(
        |(eth_type, op, (sha, spa, tha, tpa))| {
            with(|key| {
                key.eth_type = U16::new(eth_type);
                key.arp_op = U16::new(op);
                key.arp_sha = Mac(sha);
                key.ipv4_src = spa;
                key.arp_tha = Mac(tha);
                key.ipv4_dst = tpa;
            })
        },
    )
}

fn mpls() -> impl Strategy<Value = FlowKey> {
    const BOTTOM: u32 = 1 << 8;
    (prop_oneof![Just(0x8847u16), Just(0x8848)], any::<[u32; 3]>(), 1..=4usize).prop_map(
        |(eth_type, entries, bottom)| {
            with(|key| {
                key.eth_type = U16::new(eth_type);
                for (n, (slot, entry)) in key.mpls.iter_mut().zip(entries).enumerate().take(bottom)
                {
                    let flag = if n + 1 == bottom { BOTTOM } else { 0 };
                    *slot = U32::new(entry & !BOTTOM | flag);
                }
            })
        },
    )
}

fn pbb() -> impl Strategy<Value = FlowKey> {
    any::<u32>().prop_map(|itag| {
        with(|key| {
            key.eth_type = U16::new(0x88e7);
            key.pbb_itag = U32::new(itag);
        })
    })
}

fn nsh() -> impl Strategy<Value = FlowKey> {
    let base = (0..4u8, 0..64u8, prop_oneof![Just(1u8), Just(2), any::<u8>()], any::<u8>());
    (base, any::<u32>(), any::<[u32; 4]>()).prop_map(|((flags, ttl, mdtype, np), path, context)| {
        with(|key| {
            key.eth_type = U16::new(0x894f);
            key.nsh_flags = flags;
            key.nsh_ttl = ttl;
            key.nsh_mdtype = mdtype;
            key.nsh_np = np;
            key.nsh_path = U32::new(path);
            if mdtype == 1 {
                key.nsh_context = context.map(U32::new);
            }
        })
    })
}

fn ipv4() -> impl Strategy<Value = FlowKey> {
    let l4 = prop_oneof![transport(), icmp(1), igmp(), other_proto(&[41, 47, 50, 58, 89, 112])];
    (l4, any::<([u8; 4], [u8; 4], u8, u8)>(), fragment()).prop_map(
        |(l4, (src, dst, tos, ttl), frag)| {
            let ip = with(|key| {
                key.eth_type = U16::new(0x0800);
                key.ipv4_src = src;
                key.ipv4_dst = dst;
                key.ip_tos = tos;
                key.ip_ttl = ttl;
                key.ip_frag = frag;
            });
            if frag & FRAG_LATER == 0 {
                merged(ip, l4)
            } else {
                merged(ip, with(|key| key.ip_proto = l4.ip_proto))
            }
        },
    )
}

fn ipv6() -> impl Strategy<Value = FlowKey> {
    let l4 = prop_oneof![
        2 => transport(),
        1 => icmp(58),
        2 => neighbour_discovery(),
        1 => other_proto(&[1, 2, 47, 50, 59, 89, 112]),
    ];
    let header = any::<([u8; 16], [u8; 16], u8, u8, u32)>();
    (l4, header, extensions()).prop_map(|(l4, header, (frag, extensions))| {
        let (src, dst, tos, ttl, label) = header;
        let ip = with(|key| {
            key.eth_type = U16::new(0x86dd);
            key.ipv6_src = src;
            key.ipv6_dst = dst;
            key.ip_tos = tos;
            key.ip_ttl = ttl;
            key.ipv6_label = U32::new(label & 0xf_ffff);
            key.ip_frag = frag;
            key.ipv6_exthdr = U16::new(extensions);
        });
        if frag & FRAG_LATER != 0 {
            return merged(ip, with(|key| key.ip_proto = 44));
        }
        let also = match l4.ip_proto {
            50 => exthdr::ESP,
            59 => exthdr::NONEXT,
            _ => 0,
        };
        merged(merged(ip, l4), with(|key| key.ipv6_exthdr = U16::new(also)))
    })
}

/// `ip_frag`.
fn fragment() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0), 1 => Just(FRAG_ANY), 1 => Just(FRAG_ANY | FRAG_LATER)]
}

/// `ip_frag` and the bits of `ipv6_exthdr` that do not depend on what follows.
fn extensions() -> impl Strategy<Value = (u8, u16)> {
    let some = prop_oneof![2 => Just(0u16), 1 => any::<u16>()];
    (fragment(), some, any::<[bool; 2]>()).prop_map(|(frag, some, [repeated, disordered])| {
        let mut set = some & (exthdr::HOP | exthdr::DEST | exthdr::ROUTER);
        if frag != 0 {
            set |= exthdr::FRAG;
        }
        if frag & FRAG_LATER == 0 {
            set |= some & (exthdr::FRAG | exthdr::AUTH);
        }
        if repeated && set & exthdr::HOP != 0 {
            set |= exthdr::UNREP;
        }
        let many =
            set & exthdr::HOP != 0 && set & (exthdr::DEST | exthdr::ROUTER | exthdr::AUTH) != 0;
        if disordered && many {
            set |= exthdr::UNSEQ;
        }
        (frag, set)
    })
}

fn other_proto(protos: &'static [u8]) -> impl Strategy<Value = FlowKey> {
    prop::sample::select(protos).prop_map(|proto| with(|key| key.ip_proto = proto))
}

fn transport() -> impl Strategy<Value = FlowKey> {
    let proto = prop::sample::select(&[6u8, 17, 132]);
    (proto, any::<u16>(), any::<u16>(), 0..0x1000u16).prop_map(|(proto, src, dst, flags)| {
        with(|key| {
            key.ip_proto = proto;
            key.tp_src = U16::new(src);
            key.tp_dst = U16::new(dst);
            if proto == 6 {
                key.tcp_flags = U16::new(flags);
            }
        })
    })
}

/// ICMP or ICMPv6, but no neighbour solicitation or advertisement.
fn icmp(proto: u8) -> impl Strategy<Value = FlowKey> {
    let message = (prop_oneof![Just(128u8), any::<u8>()], any::<u8>());
    message.prop_map(move |(kind, code)| {
        let code = if matches!(kind, 135 | 136) { code | 1 } else { code };
        with(|key| {
            key.ip_proto = proto;
            key.tp_src = U16::new(kind.into());
            key.tp_dst = U16::new(code.into());
        })
    })
}

fn igmp() -> impl Strategy<Value = FlowKey> {
    any::<(u8, u8, [u8; 4])>().prop_map(|(kind, code, group)| {
        with(|key| {
            key.ip_proto = 2;
            key.tp_src = U16::new(kind.into());
            key.tp_dst = U16::new(code.into());
            key.igmp_group = group;
        })
    })
}

fn neighbour_discovery() -> impl Strategy<Value = FlowKey> {
    let addresses = any::<([u8; 16], [u8; 6], [u8; 6])>();
    (135..=136u8, 0..=2u8, any::<bool>(), addresses, any::<u32>()).prop_map(
        |(kind, first, both, (target, source_link, target_link), reserved)| {
            with(|key| {
                key.ip_proto = 58;
                key.tp_src = U16::new(kind.into());
                key.nd_target = target;
                key.nd_options_type = first;
                key.nd_reserved = U32::new(reserved);
                if first == 1 || (first == 2 && both) {
                    key.arp_sha = Mac(source_link);
                }
                if first == 2 || (first == 1 && both) {
                    key.arp_tha = Mac(target_link);
                }
            })
        },
    )
}
