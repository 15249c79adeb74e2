//! Actions that a version can say, in the form in which it says them.

mod complex;
mod legacy;
mod subfield;

#[allow(unused_imports, reason = "not every test needs it")]
pub(crate) use legacy::legacy_actions;

use super::Named;
use super::scalar::{
    bits, data, group, is_old, mac, out_port, port, queue, table, u8s, u16s, u32s, u64s,
};
use ovs_core::PortNo;
use ovs_core::action::{Action, Instructions, Metadata, PacketType};
use ovs_core::field::{Field, Masking};
use ovs_openflow::Protocol;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use subfield::{destination, settable, source};

/// A list of actions as a rule applies it.
pub(crate) fn list(protocol: Protocol) -> BoxedStrategy<Vec<Action>> {
    let alone: Vec<_> = actions(protocol)
        .into_iter()
        // It stands with notes alone, or not at all.
        .filter(|(name, _)| *name != "Conjunction")
        .map(|(_, strategy)| strategy)
        .collect();
    let some = vec(prop::strategy::Union::new(alone), 0..5);
    let clauses = vec(prop_oneof![conjunction(), note()], 1..4);
    prop_oneof![9 => some, 1 => clauses].boxed()
}

/// What may stand in an action set: what is written to it, and buckets of groups.
pub(crate) fn set(protocol: Protocol) -> BoxedStrategy<Vec<Action>> {
    let allowed: Vec<_> =
        actions(protocol).into_iter().filter(|(name, _)| IN_SETS.contains(name)).collect();
    vec(prop::strategy::Union::new(allowed.into_iter().map(|(_, strategy)| strategy)), 0..4).boxed()
}

const IN_SETS: &[&str] = &[
    "Output",
    "Group",
    "SetField",
    "Load2",
    "Load",
    "Move",
    "PushVlan",
    "PopVlan",
    "StripVlan",
    "SetVlanVid",
    "SetVlanPcp",
    "SetEthSrc",
    "SetEthDst",
    "SetIpv4Src",
    "SetIpv4Dst",
    "SetIpTos",
    "SetIpTtl",
    "SetTpSrc",
    "SetTpDst",
    "PushMpls",
    "PopMpls",
    "SetMplsTtl",
    "DecMplsTtl",
    "DecIpTtl",
    "SetQueue",
];

/// Every action that the version has in just this form, by the name of its variant.
pub(crate) fn actions(protocol: Protocol) -> Named<Action> {
    let mut actions = common();
    actions.extend(complex::actions(protocol));
    actions.extend(if is_old(protocol) { of10() } else { of13() });
    actions
}

/// Those that are the same in all versions.
fn common() -> Named<Action> {
    let load = destination(64).prop_flat_map(|destination| {
        let value = bits(destination.n_bits());
        value.prop_map(move |value| Action::Load { destination, value: value as u64 })
    });
    let output = (out_port(), u16s()).prop_map(|(port, max_len)| Action::Output { port, max_len });
    let stack_push = source(u16::MAX).prop_map(Action::StackPush);
    let stack_pop = destination(u16::MAX).prop_map(Action::StackPop);
    let resubmit = (prop_oneof![Just(PortNo::IN_PORT), port()], option::of(table()), any::<bool>())
        .prop_map(|(port, table, with_ct)| Action::Resubmit {
            port,
            table,
            with_ct: with_ct && table.is_some(),
        });
    let larger = (u16s(), destination(1))
        .prop_map(|(length, destination)| Action::CheckPacketLarger { length, destination });
    let truncated =
        (port(), 14..2000u32).prop_map(|(port, max_len)| Action::OutputTruncated { port, max_len });
    let fin = (u16s(), u16s()).prop_map(|(idle, hard)| Action::FinTimeout { idle, hard });
    let dec_ttl = vec(u16s(), 0..5).prop_map(|controllers| Action::DecIpTtl { controllers });
    vec![
        ("Output", output.boxed()),
        ("Group", group().prop_map(Action::Group).boxed()),
        ("OutputTruncated", truncated.boxed()),
        ("Load2", load2()),
        ("Load", load.boxed()),
        ("StackPush", stack_push.boxed()),
        ("StackPop", stack_pop.boxed()),
        (
            "DeleteField",
            super::matching::tunnel_option_field().prop_map(Action::DeleteField).boxed(),
        ),
        ("DecIpTtl", dec_ttl.boxed()),
        ("PushMpls", select(vec![0x8847, 0x8848]).prop_map(Action::PushMpls).boxed()),
        ("PopMpls", u16s().prop_map(Action::PopMpls).boxed()),
        ("SetMplsTtl", u8s().prop_map(Action::SetMplsTtl).boxed()),
        ("DecMplsTtl", Just(Action::DecMplsTtl).boxed()),
        ("SetQueue", queue().prop_map(Action::SetQueue).boxed()),
        ("PopQueue", Just(Action::PopQueue).boxed()),
        ("FinTimeout", fin.boxed()),
        ("CheckPacketLarger", larger.boxed()),
        ("Resubmit", resubmit.boxed()),
        ("Conjunction", conjunction()),
        ("Exit", Just(Action::Exit).boxed()),
        ("CtClear", Just(Action::CtClear).boxed()),
        ("Note", note()),
        ("Opaque", opaque()),
    ]
}

/// Those that OpenFlow 1.0 has besides.
fn of10() -> Named<Action> {
    let enqueue = (port(), queue()).prop_map(|(port, queue)| Action::Enqueue { port, queue });
    let tunnel = (prop_oneof![u32s().prop_map(u64::from), u64s()], any::<bool>())
        .prop_map(|(id, wide)| Action::SetTunnel { id, wide: wide || id > u32::MAX.into() });
    let ip = || any::<[u8; 4]>().prop_map(std::net::Ipv4Addr::from);
    vec![
        ("Enqueue", enqueue.boxed()),
        ("StripVlan", Just(Action::StripVlan).boxed()),
        ("SetVlanVid", (0..0x1000u16).prop_map(Action::SetVlanVid).boxed()),
        ("SetVlanPcp", (0..8u8).prop_map(Action::SetVlanPcp).boxed()),
        ("SetEthSrc", mac().prop_map(Action::SetEthSrc).boxed()),
        ("SetEthDst", mac().prop_map(Action::SetEthDst).boxed()),
        ("SetIpv4Src", ip().prop_map(Action::SetIpv4Src).boxed()),
        ("SetIpv4Dst", ip().prop_map(Action::SetIpv4Dst).boxed()),
        ("SetIpTos", (0..64u8).prop_map(|dscp| Action::SetIpTos(dscp << 2)).boxed()),
        ("SetTpSrc", u16s().prop_map(Action::SetTpSrc).boxed()),
        ("SetTpDst", u16s().prop_map(Action::SetTpDst).boxed()),
        ("SetMplsLabel", (0..1u32 << 20).prop_map(Action::SetMplsLabel).boxed()),
        ("SetMplsTc", (0..8u8).prop_map(Action::SetMplsTc).boxed()),
        ("SetTunnel", tunnel.boxed()),
    ]
}

/// Those that OpenFlow 1.3 has besides.
fn of13() -> Named<Action> {
    let types = vec![
        PacketType::ETHERNET,
        PacketType::NSH,
        PacketType::MPLS,
        PacketType::of_eth_type(0x0800),
    ];
    vec![
        ("SetField", set_field()),
        ("PushVlan", select(vec![0x8100, 0x88a8]).prop_map(Action::PushVlan).boxed()),
        ("PopVlan", Just(Action::PopVlan).boxed()),
        ("SetIpTtl", u8s().prop_map(Action::SetIpTtl).boxed()),
        ("CopyTtlOut", Just(Action::CopyTtlOut).boxed()),
        ("CopyTtlIn", Just(Action::CopyTtlIn).boxed()),
        ("PushPbb", Just(Action::PushPbb(0x88e7)).boxed()),
        ("PopPbb", Just(Action::PopPbb).boxed()),
        ("Decap", option::of(select(types)).prop_map(Action::Decap).boxed()),
        ("DecNshTtl", Just(Action::DecNshTtl).boxed()),
    ]
}

/// A field gets a value, all of it. The port cannot be set so (OpenFlow 1.3.5 §7.2.5).
fn set_field() -> BoxedStrategy<Action> {
    let fields = Field::all().filter(|field| settable(*field) && *field != Field::InPort);
    select(fields.collect::<Vec<_>>())
        .prop_flat_map(|field| (Just(field), bits(field.n_bits())))
        .prop_map(|(field, value)| {
            let value = match field {
                Field::VlanVid => value | 0x1000,
                _ => known(field, value),
            };
            Action::SetField { field, value, mask: field.ones() }
        })
        .boxed()
}

/// Some bits of a field get a value, or all.
fn load2() -> BoxedStrategy<Action> {
    let fields = Field::all().filter(|field| settable(*field) && *field != Field::InPort);
    select(fields.collect::<Vec<_>>()).prop_flat_map(load2_of).boxed()
}

pub(super) fn load2_of(field: Field) -> BoxedStrategy<Action> {
    let masks = match field.masking() {
        Masking::Bitwise => super::scalar::mask(field.n_bits()),
        Masking::Exact => Just(field.ones()).boxed(),
    };
    (bits(field.n_bits()), masks)
        .prop_map(move |(value, mask)| {
            let value = known(field, value);
            Action::Load2 { field, value: value & mask, mask }
        })
        .boxed()
}

/// A value that Open vSwitch has a place for.
fn known(field: Field, value: u128) -> u128 {
    match field {
        Field::NwTos => value & 0xfc,
        Field::ArpOp => value & 0xff,
        Field::NshTtl => value & 0x3f,
        _ => value,
    }
}

fn conjunction() -> BoxedStrategy<Action> {
    (u32s(), 2..=64u8, any::<prop::sample::Index>())
        .prop_map(|(id, n_clauses, clause)| {
            let clause = clause.index(n_clauses.into()) as u8;
            Action::Conjunction { id, clause, n_clauses }
        })
        .boxed()
}

/// It fills the action.
fn note() -> BoxedStrategy<Action> {
    (0..4usize)
        .prop_flat_map(|n| vec(any::<u8>(), 6 + 8 * n))
        .prop_map(|note| Action::Note(note.into()))
        .boxed()
}

/// What nobody defines: a number that is free, an unknown experimenter, an unknown action of
/// Nicira's.
fn opaque() -> BoxedStrategy<Action> {
    let head = prop_oneof![
        (1000..2000u16).prop_map(|kind| kind.to_be_bytes().to_vec()),
        Just(vec![0xff, 0xff, 0, 0, 0x77, 0x01]),
        Just(vec![0xff, 0xff, 0, 0, 0x23, 0x20, 0x01, 0x90]),
    ];
    (head, data(30))
        .prop_map(|(head, data)| {
            let mut action = head[..2].to_vec();
            action.extend([0, 0]);
            action.extend(&head[2..]);
            action.extend(data);
            action.resize(action.len().next_multiple_of(8), 0x5a);
            let length = action.len() as u8;
            action[3] = length;
            Action::Opaque(action.into())
        })
        .boxed()
}

/// What a rule does.
pub(crate) fn instructions(protocol: Protocol) -> BoxedStrategy<Instructions> {
    // A list without actions is not written, and read as none in OpenFlow 1.0.
    let some = |list: Vec<Action>| (!list.is_empty()).then_some(list);
    let apply = option::weighted(0.9, list(protocol)).prop_map(move |list| list.and_then(some));
    let write = option::weighted(0.3, set(protocol)).prop_map(move |list| list.and_then(some));
    let metadata = option::weighted(
        0.3,
        (u64s(), u64s()).prop_map(|(value, mask)| Metadata { value: value & mask, mask }),
    );
    if is_old(protocol) {
        return (apply, metadata)
            .prop_map(|(apply, metadata)| Instructions { apply, metadata, ..Default::default() })
            .prop_map(clauses_alone)
            .boxed();
    }
    let ends = (any::<bool>(), metadata, option::weighted(0.3, table()));
    let meter = option::weighted(0.3, super::scalar::meter());
    let opaque =
        prop_oneof![8 => Just(Vec::new()), 1 => opaque_instruction().prop_map(|one| vec![one])];
    (meter, apply, write, ends, opaque)
        .prop_map(|(meter, apply, write, (clear, metadata, goto), opaque)| Instructions {
            meter,
            apply,
            clear,
            write,
            metadata,
            goto,
            opaque,
        })
        .prop_map(clauses_alone)
        .boxed()
}

/// Where there are conjunctions, there are no instructions besides.
fn clauses_alone(instructions: Instructions) -> Instructions {
    let is_clause = |action: &Action| matches!(action, Action::Conjunction { .. });
    if instructions.applied().iter().any(is_clause) {
        Instructions { apply: instructions.apply, ..Default::default() }
    } else {
        instructions
    }
}

/// Instructions of a type that is free.
fn opaque_instruction() -> BoxedStrategy<Box<[u8]>> {
    (100..200u8, 0..4usize)
        .prop_flat_map(|(kind, words)| (Just(kind), vec(any::<u8>(), 4 + 8 * words)))
        .prop_map(|(kind, data)| {
            let mut instruction = vec![0, kind, 0, 4 + data.len() as u8];
            instruction.extend(data);
            instruction.into()
        })
        .boxed()
}
