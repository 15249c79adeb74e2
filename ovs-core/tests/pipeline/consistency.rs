//! What translation thinks a packet has become is what extraction says of the frame that leaves.

use super::{Bench, output};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::key::{FlowKey, VlanTag, compose, exthdr};
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo};
use proptest::prelude::*;

fn tags() -> impl Strategy<Value = [VlanTag; 2]> {
    let tag = (prop::sample::select(vec![0x8100u16, 0x88a8]), any::<u16>())
        .prop_map(|(tpid, tci)| VlanTag { tpid: tpid.into(), tci: tci.into() });
    prop::collection::vec(tag, 0..3).prop_map(|tags| {
        let mut both = [VlanTag::default(); 2];
        both.iter_mut().zip(tags).for_each(|(to, from)| *to = from);
        both
    })
}

/// Packets of all kinds, with few values, so that rules and packets agree now and then.
fn packet() -> impl Strategy<Value = (FlowKey, Frame)> {
    let kinds = prop::sample::select(vec![
        (0x0800u16, 6u8),
        (0x0800, 17),
        (0x0800, 132),
        (0x0800, 1),
        (0x0800, 47),
        (0x86dd, 6),
        (0x86dd, 17),
        (0x86dd, 58),
        (0x0806, 0),
        (0x8847, 0),
        (0x8848, 0),
        (0x88e7, 0),
        (0x88b5, 0),
    ]);
    (kinds, tags(), any::<[u8; 24]>(), 0u8..4).prop_filter_map(
        "no such frame",
        |(kind, vlans, random, frag)| {
            let mut key = FlowKey::ZERO;
            key.eth_dst = [random[0], 0, 0, 0, 0, random[1]].into();
            key.eth_src = [2, 0, 0, 0, 0, random[2]].into();
            key.vlans = vlans;
            let (eth_type, proto) = kind;
            key.eth_type = eth_type.into();
            let number = |n: usize| {
                u32::from_be_bytes([random[n], random[n + 1], random[n + 2], random[n + 3]])
            };
            match eth_type {
                0x0800 | 0x86dd => {
                    (key.ip_proto, key.ip_ttl, key.ip_tos) = (proto, random[3], random[4]);
                    if eth_type == 0x0800 {
                        (key.ipv4_src, key.ipv4_dst) =
                            (number(5).to_be_bytes(), number(6).to_be_bytes());
                    } else {
                        (key.ipv6_src[0], key.ipv6_dst[15]) = (random[5], random[6]);
                        key.ipv6_label = (number(7) & 0xf_ffff).into();
                    }
                    if frag == 1 && eth_type == 0x0800 {
                        key.ip_frag = 3;
                    } else if proto != 47 {
                        let small = [1, 58].contains(&proto);
                        let port = |n: usize| {
                            if small {
                                random[n].into()
                            } else {
                                u16::from_be_bytes([random[n], random[n + 1]])
                            }
                        };
                        (key.tp_src, key.tp_dst) = (port(8).into(), port(10).into());
                    }
                    if frag == 2 && eth_type == 0x0800 {
                        key.ip_frag = 1;
                    }
                    if frag == 3 && eth_type == 0x86dd {
                        key.ipv6_exthdr = exthdr::DEST.into();
                    }
                }
                0x0806 => {
                    key.arp_op = 1.into();
                    (key.ipv4_src, key.ipv4_dst) =
                        (number(5).to_be_bytes(), number(6).to_be_bytes());
                    (key.arp_sha, key.arp_tha) = (key.eth_src, [0; 6].into());
                }
                0x8847 | 0x8848 => {
                    let n = usize::from(frag.clamp(1, 3));
                    for place in 0..n {
                        let bottom = u32::from(place + 1 == n) << 8;
                        key.mpls[place] = (number(5 + place) & !0x100 | bottom).into();
                    }
                }
                0x88e7 => key.pbb_itag = (number(5) & 0xf8ff_ffff).into(),
                _ => {}
            }
            let mut frame = Frame::with_capacity(512);
            // Neighbour discovery has a body of its own.
            compose(&key, &[0x45; 48], &mut frame).ok()?;
            Some((FlowKey::of(1, frame.as_slice()), frame))
        },
    )
}

fn settable() -> Vec<Field> {
    let settable = |field: &Field| field.is_settable() && field.has_position();
    Field::all().filter(settable).collect()
}

fn action() -> impl Strategy<Value = Action> {
    let set = (prop::sample::select(settable()), any::<u128>(), any::<u128>(), any::<bool>());
    prop_oneof![
        6 => set.prop_map(|(field, value, mask, whole)| {
            let masked = !whole && field.masking() == ovs_core::field::Masking::Bitwise;
            let mask = if masked { mask & field.ones() } else { field.ones() };
            let present = if field == Field::VlanVid { 0x1000 } else { 0 };
            Action::SetField { field, value: value & mask & field.ones() | present & mask, mask }
        }),
        1 => Just(Action::PushVlan(0x8100)),
        1 => Just(Action::PushVlan(0x88a8)),
        1 => Just(Action::PopVlan),
        1 => Just(Action::PushMpls(0x8847)),
        1 => prop::sample::select(vec![0x8847u16, 0x0800, 0x86dd, 0x0806]).prop_map(Action::PopMpls),
        1 => Just(Action::PushPbb(0x88e7)),
        1 => Just(Action::PopPbb),
        1 => Just(Action::CopyTtlOut),
        1 => Just(Action::CopyTtlIn),
        1 => Just(Action::DecIpTtl { controllers: vec![] }),
        1 => Just(Action::DecMplsTtl),
        1 => (0u16..4096).prop_map(Action::SetVlanVid),
    ]
}

/// What every packet of the rule has, so that the actions are not refused.
fn kind_of(key: &FlowKey) -> Match {
    let mut matching = Match::new().in_port(PortNo(1));
    for field in [Field::EthType, Field::IpProto, Field::IpFrag, Field::VlanVid] {
        if field.prerequisite().holds(key) {
            matching = matching.with(field, field.get(key).unwrap()).unwrap();
        }
    }
    matching
}

/// The actions that make sense one after another.
fn sensible(matching: &Match, actions: Vec<Action>) -> Vec<Action> {
    let mut kept = Vec::new();
    for action in actions {
        kept.push(action);
        let change = FlowMod::add().matching(matching.clone()).apply(kept.iter().cloned());
        if change.check().is_err() {
            kept.pop();
        }
    }
    kept
}

fn frame_part(key: &FlowKey) -> FlowKey {
    let mut key = *key;
    let blank = FlowKey::ZERO;
    (key.in_port, key.recirc_id, key.metadata, key.regs) =
        (blank.in_port, blank.recirc_id, blank.metadata, blank.regs);
    let words = std::mem::offset_of!(FlowKey, tun_id) / 8;
    key.words_mut()[words..].fill(0);
    key
}

proptest! {
    #[test]
    fn the_key_follows_the_frame((key, frame) in packet(), actions in prop::collection::vec(action(), 0..8)) {
        let mut bench = Bench::new(2);
        let matching = kind_of(&key);
        let mut actions = sensible(&matching, actions);
        actions.push(output(2));
        bench.rule(0, 1, matching, actions.clone());
        let trace = bench.switch.trace(bench.now, PortNo(1), &frame);
        let sent = bench.send_once(1, &frame);
        prop_assert_eq!(&trace.sent, &sent, "a trace tells what happens");
        prop_assert_eq!(bench.send_once(1, &frame), sent.clone(), "cached as not cached");
        // The last pass ends with the key of what left, but for bits that it hides: those are zero.
        if let [(_, left)] = &sent[..] {
            let is = FlowKey::of(1, left.as_slice());
            let thought = frame_part(&trace.passes.last().unwrap().final_key);
            let is = frame_part(&is);
            // A popped label may leave something that is not what its type says.
            let broken = [0x0800, 0x86dd].contains(&is.eth_type.get()) && (is.ip_ttl, is.ip_proto) == (0, 0)
                || is.eth_type.get() == 0x0806 && is.arp_op.get() == 0
                || is.eth_type.get() & 0xfffe == 0x8847 - 1 && is.mpls[0].get() == 0;
            prop_assume!(!broken);
            let hides = actions.iter().any(hides);
            for (n, (thought, is)) in thought.words().iter().zip(is.words()).enumerate() {
                let wrong = if hides { thought & !is } else { thought ^ is };
                prop_assert_eq!(wrong, 0, "word {} of {:?}: {} became {}", n, actions, key, FlowKey::of(1, left.as_slice()));
            }
        }
    }

    #[test]
    fn all_packets_of_a_megaflow_are_treated_the_same(
        (key, frame) in packet(),
        (_, other) in packet(),
        rules in prop::collection::vec((packet(), prop::collection::vec(action(), 0..4), 1u16..9), 1..5),
        bits in any::<[u8; 4]>(),
    ) {
        let mut bench = Bench::new(3);
        for (n, ((kind, _), actions, priority)) in rules.into_iter().enumerate() {
            let matching = kind_of(&kind);
            let mut actions = sensible(&matching, actions);
            actions.push(output(2 + n as u32 % 2));
            bench.rule(0, priority * 8 + n as u16, matching, actions);
        }
        let trace = bench.switch.trace(bench.now, PortNo(1), &frame);
        let pass = &trace.passes[0];
        // Another packet, and this one with some bytes changed.
        let mut changed = frame.clone();
        for at in bits {
            let len = changed.len();
            changed.as_mut_slice()[usize::from(at) % len] ^= at | 1;
        }
        for other in [other, changed] {
            let again = bench.switch.trace(bench.now, PortNo(1), &other);
            let second = &again.passes[0];
            if pass.megaflow.matches(&second.key) {
                prop_assert_eq!(format!("{:?}", pass.ops), format!("{:?}", second.ops), "{} for {} too", pass.megaflow, second.key);
                prop_assert_eq!(&pass.megaflow, &second.megaflow);
            }
        }
        let _ = key;
    }
}

/// Does it make the key forget what only the frame tells?
fn hides(action: &Action) -> bool {
    match action {
        Action::PushMpls(_)
        | Action::PopMpls(_)
        | Action::PopPbb
        | Action::CopyTtlOut
        | Action::CopyTtlIn
        | Action::PopVlan => true,
        Action::SetField { field, .. } => {
            matches!(field, Field::Icmpv6Type | Field::Icmpv6Code | Field::VlanTci)
        }
        _ => false,
    }
}
