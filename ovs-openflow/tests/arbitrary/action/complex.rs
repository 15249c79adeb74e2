//! Actions of many parts.

use super::super::Named;
use super::super::scalar::{bits, boxed_bytes, data, is_old, port, table, u8s, u16s, u32s, u64s};
use super::subfield::{destination, is_short, pair, short_source, source, wide_destination};
use ovs_core::action::{
    Action, AddressRange, Bundle, BundleAlgorithm, Controller, Ct, CtFlags, CtZone, Encap,
    EncapProperty, HashFields, Learn, LearnDestination, LearnFlags, LearnLimit, LearnSource,
    LearnSpec, Multipath, MultipathAlgorithm, Nat, NatFlags, PacketInReason, PacketType, Sample,
    SampleDirection, Subfield,
};
use ovs_core::field::Field;
use ovs_openflow::Protocol;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn actions(protocol: Protocol) -> Named<Action> {
    let output_field =
        (source(32), u16s()).prop_map(|(source, max_len)| Action::OutputField { source, max_len });
    let moved = pair().prop_map(|(source, destination)| Action::Move { source, destination });
    let mut actions = vec![
        ("Controller", controller().prop_map(|one| Action::Controller(one.into())).boxed()),
        ("OutputField", output_field.boxed()),
        ("Bundle", bundle().prop_map(|one| Action::Bundle(one.into())).boxed()),
        (
            "SetTunnelOption",
            super::super::matching::tunnel_option()
                .prop_map(|option| Action::SetTunnelOption(option.into()))
                .boxed(),
        ),
        ("Move", moved.boxed()),
        ("Multipath", multipath().prop_map(|one| Action::Multipath(one.into())).boxed()),
        ("Learn", learn().prop_map(|one| Action::Learn(one.into())).boxed()),
        ("Clone", cloned()),
        ("Ct", ct(protocol).prop_map(|one| Action::Ct(one.into())).boxed()),
        ("Sample", sample().prop_map(|one| Action::Sample(one.into())).boxed()),
    ];
    if !is_old(protocol) {
        let copied =
            pair().prop_map(|(source, destination)| Action::CopyField { source, destination });
        actions.push(("CopyField", copied.boxed()));
        actions.push(("Encap", encap().prop_map(|one| Action::Encap(one.into())).boxed()));
    }
    actions
}

fn controller() -> BoxedStrategy<Controller> {
    let more = (boxed_bytes(60), any::<bool>(), option::of(super::super::scalar::meter()));
    let more = prop_oneof![2 => more, 1 => Just((Box::default(), false, None))];
    (u16s(), u16s(), 0..6u8, more)
        .prop_map(|(max_len, id, reason, (userdata, pause, meter))| {
            let reason = PacketInReason(reason);
            Controller { max_len, id, reason, userdata, pause, meter }
        })
        .boxed()
}

fn hash_fields() -> BoxedStrategy<HashFields> {
    select(vec![
        HashFields::EthSrc,
        HashFields::SymmetricL4,
        HashFields::SymmetricL3L4,
        HashFields::SymmetricL3L4Udp,
        HashFields::NwSrc,
        HashFields::NwDst,
        HashFields::SymmetricL3,
    ])
    .boxed()
}

fn bundle() -> BoxedStrategy<Bundle> {
    let algorithm =
        select(vec![BundleAlgorithm::ActiveBackup, BundleAlgorithm::HighestRandomWeight]);
    let members = prop_oneof![9 => vec(port(), 0..6), 1 => vec(port(), 0..200)];
    (hash_fields(), u16s(), algorithm, option::of(wide_destination(16, 64)), members)
        .prop_map(|(fields, basis, algorithm, destination, members)| Bundle {
            fields,
            basis,
            algorithm,
            destination,
            members,
        })
        .boxed()
}

fn multipath() -> BoxedStrategy<Multipath> {
    let algorithm = select(vec![
        MultipathAlgorithm::Modulo,
        MultipathAlgorithm::HashThreshold,
        MultipathAlgorithm::HighestRandomWeight,
        MultipathAlgorithm::IterativeHash,
    ]);
    let rest = (hash_fields(), u16s(), algorithm, u32s());
    (destination(64), any::<u16>(), rest)
        .prop_map(|(destination, link, (fields, basis, algorithm, argument))| {
            let most = 1u32
                .checked_shl(destination.n_bits().into())
                .map_or(u16::MAX, |paths| (paths - 1).min(u16::MAX.into()) as u16);
            let max_link = link & most;
            Multipath { fields, basis, algorithm, max_link, argument, destination }
        })
        .boxed()
}

fn learn() -> BoxedStrategy<Learn> {
    let flags = any::<(bool, bool)>().prop_map(|(removed, delete)| {
        let mut flags = LearnFlags::empty();
        flags.set(LearnFlags::SEND_FLOW_REM, removed);
        flags.set(LearnFlags::DELETE_LEARNED, delete);
        flags
    });
    // No limit, written out, is the same as none.
    let limit = (1..100u32, option::of(destination(1)))
        .prop_map(|(rules, result)| LearnLimit { rules, result });
    let times = (u16s(), u16s(), u16s(), u16s());
    let rest = (u16s(), u64s(), flags, table());
    (times, rest, option::of(limit), vec(spec(), 0..4))
        .prop_map(|(times, (priority, cookie, flags, table), limit, specs)| Learn {
            idle_timeout: times.0,
            hard_timeout: times.1,
            priority,
            cookie,
            flags,
            table,
            fin_idle_timeout: times.2,
            fin_hard_timeout: times.3,
            limit,
            specs,
        })
        .boxed()
}

/// A part of a learned rule.
fn spec() -> BoxedStrategy<LearnSpec> {
    let to_field = destination(128).prop_flat_map(|part| {
        let destination =
            prop_oneof![Just(LearnDestination::Match(part)), Just(LearnDestination::Load(part))];
        (Just(part.n_bits()), learn_source(part.n_bits()), destination)
    });
    let to_port = short_source(16)
        .prop_map(|part| (part.n_bits(), LearnSource::Field(part), LearnDestination::Output));
    prop_oneof![4 => to_field, 1 => to_port]
        .prop_map(|(n_bits, source, destination)| LearnSpec { n_bits, source, destination })
        .boxed()
}

/// A value of so many bits: of the packet, or of the action.
fn learn_source(n_bits: u16) -> BoxedStrategy<LearnSource> {
    let immediate = bits(n_bits).prop_map(move |value| {
        let bytes = value.to_be_bytes();
        LearnSource::Immediate(bytes[16 - usize::from(n_bits.div_ceil(8))..].into())
    });
    let wide: Vec<Field> = Field::all()
        .filter(|field| field.has_position() && field.n_bits() >= n_bits)
        .filter(|field| field.header(0).is_some() && is_short(*field))
        .collect();
    let field = select(wide).prop_flat_map(move |field| {
        (0..=field.n_bits() - n_bits).prop_map(move |start| {
            let part = Subfield::new(field, start, n_bits).expect("bits of the field");
            LearnSource::Field(part)
        })
    });
    prop_oneof![immediate, field].boxed()
}

/// Actions on a copy, perhaps again on copies of it.
fn cloned() -> BoxedStrategy<Action> {
    let leaves = super::common().into_iter().filter(|(name, _)| *name != "Conjunction");
    let leaf = prop::strategy::Union::new(leaves.map(|(_, strategy)| strategy));
    let nested = leaf.prop_recursive(3, 8, 3, |inner| vec(inner, 0..3).prop_map(Action::Clone));
    vec(nested, 0..3).prop_map(Action::Clone).boxed()
}

fn ct(protocol: Protocol) -> BoxedStrategy<Ct> {
    let zone_field = wide_source_of_16().prop_map(CtZone::Field);
    let zone = prop_oneof![3 => u16s().prop_map(CtZone::Number), 1 => zone_field];
    let looks = prop_oneof![
        3 => Just((CtFlags::empty(), Vec::new())),
        1 => Just((CtFlags::empty(), vec![Action::Nat(Box::default())])),
    ];
    let flags = select(vec![CtFlags::COMMIT, CtFlags::COMMIT | CtFlags::FORCE]);
    let commits = (flags, vec(in_ct(protocol), 0..3));
    let alg = select(vec![0, 21, 69]);
    (zone, option::of(table()), alg, prop_oneof![looks, commits])
        .prop_map(|(zone, table, alg, (flags, actions))| Ct { flags, zone, table, alg, actions })
        .boxed()
}

/// All 16 bits of it count. Only fields with a number of 4 bytes that is not zero: that one is
/// `NXM_OF_IN_PORT`.
fn wide_source_of_16() -> BoxedStrategy<Subfield> {
    select(vec![
        Field::Reg0,
        Field::Reg15,
        Field::CtMark,
        Field::Metadata,
        Field::Xxreg1,
        Field::VlanTci,
    ])
    .prop_flat_map(|field| {
        (0..=field.n_bits() - 16)
            .prop_map(move |start| Subfield::new(field, start, 16).expect("bits of the field"))
    })
    .boxed()
}

/// What may stand in a `ct` that commits.
fn in_ct(protocol: Protocol) -> BoxedStrategy<Action> {
    let field = select(vec![Field::CtMark, Field::CtLabel]);
    let set = if is_old(protocol) {
        field.prop_flat_map(super::load2_of).boxed()
    } else {
        let whole = |field: Field| {
            let value = bits(field.n_bits());
            value.prop_map(move |value| Action::SetField { field, value, mask: field.ones() })
        };
        prop_oneof![field.clone().prop_flat_map(super::load2_of), field.prop_flat_map(whole)]
            .boxed()
    };
    let load = (bits(16), 0..16u16).prop_map(|(value, start)| {
        let destination = Subfield::new(Field::CtMark, start, 16).expect("bits of the field");
        Action::Load { destination, value: value as u64 }
    });
    prop_oneof![2 => set, 1 => load, 2 => nat().prop_map(|one| Action::Nat(one.into()))].boxed()
}

fn nat() -> BoxedStrategy<Nat> {
    let one = select(vec![NatFlags::SOURCE, NatFlags::DESTINATION]);
    let how = select(vec![NatFlags::empty(), NatFlags::HASH, NatFlags::RANDOM]);
    let flags = (one, how, any::<bool>()).prop_map(|(one, how, persistent)| {
        one | how | if persistent { NatFlags::PERSISTENT } else { NatFlags::empty() }
    });
    // Zero stands for none.
    let v4 = (1..u32::MAX, any::<u32>()).prop_map(|(min, max)| {
        AddressRange::V4(Ipv4Addr::from(min.min(max.max(1))), Ipv4Addr::from(min.max(max)))
    });
    let v6 = (1..u128::MAX, any::<u128>()).prop_map(|(min, max)| {
        AddressRange::V6(Ipv6Addr::from(min.min(max.max(1))), Ipv6Addr::from(min.max(max)))
    });
    let ports = (1..u16::MAX, 1..u16::MAX).prop_map(|(a, b)| a.min(b)..=a.max(b));
    let range = prop_oneof![v4, v6];
    let ranges = option::of((range, option::of(ports)));
    prop_oneof![
        1 => Just(Nat::default()),
        4 => (flags, ranges).prop_map(|(flags, ranges)| match ranges {
            Some((addresses, ports)) => Nat { flags, addresses: Some(addresses), ports },
            None => Nat { flags, addresses: None, ports: None },
        }),
    ]
    .boxed()
}

fn sample() -> BoxedStrategy<Sample> {
    let directions =
        select(vec![SampleDirection::Unsaid, SampleDirection::Ingress, SampleDirection::Egress]);
    (1..=u16::MAX, u32s(), u32s(), u32s(), option::of(port()), directions)
        .prop_map(|(probability, collector_set, domain, point, port, direction)| Sample {
            probability,
            collector_set,
            observation_domain: domain,
            observation_point: point,
            port,
            direction,
        })
        .boxed()
}

fn encap() -> BoxedStrategy<Encap> {
    let tlv = (u16s(), u8s(), data(30)).prop_map(|(class, kind, value)| EncapProperty::NshTlv {
        class,
        kind,
        value: value.into(),
    });
    let nsh = vec(tlv, 0..3).prop_map(|tlvs| {
        let mut properties = vec![EncapProperty::NshMdType(if tlvs.is_empty() { 1 } else { 2 })];
        properties.extend(tlvs);
        (PacketType::NSH, properties)
    });
    let plain = select(vec![
        PacketType::ETHERNET,
        PacketType::NSH,
        PacketType::MPLS,
        PacketType::MPLS_MULTICAST,
    ]);
    let plain = plain.prop_map(|packet_type| (packet_type, Vec::new()));
    (u16s(), prop_oneof![nsh, plain])
        .prop_map(|(header_size, (packet_type, properties))| Encap {
            packet_type,
            header_size,
            properties,
        })
        .boxed()
}
