//! Groups and meters.

use super::action;
use super::flow::flags;
use super::scalar::{
    bits, duration, group, group_or, is_old, meter, meter_or_virtual, port, u8s, u16s, u32s, u64s,
};
use ovs_core::PortNo;
use ovs_core::field::{Field, Masking};
use ovs_core::group::{Bucket, BucketPlace, Group, GroupId, GroupKind, GroupMod, Selection};
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId, MeterMod};
use ovs_openflow::Protocol;
use ovs_openflow::message::{
    ActionBits, BandStats, BandTypes, BucketCounter, GroupCapabilities, GroupFeatures, GroupKinds,
    GroupStats, MeterFeatures, MeterStats,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Have buckets numbers? OpenFlow 1.0 has them by Nicira's form, which is that of 1.5.
fn has_numbers(protocol: Protocol) -> bool {
    is_old(protocol)
}

fn bucket(protocol: Protocol, kind: GroupKind) -> BoxedStrategy<Bucket> {
    let weight = if kind == GroupKind::Select { u16s() } else { Just(0).boxed() };
    let watch_port = prop_oneof![1 => Just(PortNo::ANY), 2 => port()];
    let watches = match kind {
        GroupKind::FastFailover => {
            let either = (watch_port, group_or(GroupId::ANY));
            let watched = |(port, group): &_| *port != PortNo::ANY || *group != GroupId::ANY;
            either.prop_filter("it must watch something", watched).boxed()
        }
        GroupKind::Select => (watch_port, group_or(GroupId::ANY)).boxed(),
        _ => Just((PortNo::ANY, GroupId::ANY)).boxed(),
    };
    (weight, watches, action::set(protocol))
        .prop_map(|(weight, (watch_port, watch_group), actions)| Bucket {
            id: None,
            weight,
            watch_port,
            watch_group,
            actions,
        })
        .boxed()
}

fn buckets(protocol: Protocol, kind: GroupKind) -> BoxedStrategy<Vec<Bucket>> {
    let count = if kind == GroupKind::Indirect { 1..=1 } else { 0..=4 };
    let numbered = has_numbers(protocol);
    let step = prop_oneof![Just(1u32), 1..1000u32, 1..10_000_000u32];
    (vec((bucket(protocol, kind), step), count), 0..10u32)
        .prop_map(move |(buckets, mut number)| {
            let mut result = Vec::new();
            for (mut bucket, step) in buckets {
                number += step;
                bucket.id = numbered.then_some(number);
                result.push(bucket);
            }
            result
        })
        .boxed()
}

fn selection() -> BoxedStrategy<Selection> {
    let fields: Vec<Field> = Field::all()
        .filter(|field| field.has_position() && field.header(1).is_some())
        .filter(|field| field.is_settable())
        .collect();
    let fields = subsequence(fields, 0..4).prop_flat_map(|fields| {
        let with_bits = |field: Field| {
            let masks = match field.masking() {
                Masking::Exact => Just(field.ones()).boxed(),
                Masking::Bitwise => bits(field.n_bits()),
            };
            (Just(field), masks)
        };
        fields.into_iter().map(with_bits).collect::<Vec<_>>()
    });
    let hash = (u64s(), fields).prop_map(|(parameter, fields)| Selection {
        method: "hash".to_owned(),
        parameter,
        fields,
    });
    let dp_hash = u64s().prop_map(|parameter| Selection {
        method: "dp_hash".to_owned(),
        parameter,
        fields: Vec::new(),
    });
    prop_oneof![hash, dp_hash].boxed()
}

fn kinds() -> BoxedStrategy<GroupKind> {
    select(vec![GroupKind::All, GroupKind::Select, GroupKind::Indirect, GroupKind::FastFailover])
        .boxed()
}

pub(crate) fn group_desc(protocol: Protocol) -> BoxedStrategy<Group> {
    kinds()
        .prop_flat_map(move |kind| {
            let selects = has_numbers(protocol) && kind == GroupKind::Select;
            let selection =
                if selects { option::of(selection()).boxed() } else { Just(None).boxed() };
            (group(), Just(kind), buckets(protocol, kind), selection)
        })
        .prop_map(|(id, kind, buckets, selection)| Group { id, kind, buckets, selection })
        .boxed()
}

pub(crate) fn group_mod(protocol: Protocol) -> BoxedStrategy<GroupMod> {
    let makes = prop_oneof![
        group_desc(protocol).prop_map(GroupMod::Add),
        group_desc(protocol).prop_map(GroupMod::Modify),
        group_desc(protocol).prop_map(GroupMod::AddOrModify),
    ];
    let deletes = group_or(GroupId::ALL).prop_map(GroupMod::Delete);
    if !has_numbers(protocol) {
        return prop_oneof![3 => makes, 1 => deletes].boxed();
    }
    let number = prop_oneof![0..10u32, 0..=0xffff_ff00u32].prop_map(BucketPlace::Bucket);
    let ends = select(vec![BucketPlace::First, BucketPlace::Last]);
    let place = prop_oneof![ends, number];
    let inserts = (group(), buckets(protocol, GroupKind::All), place.clone()).prop_map(
        |(id, buckets, place)| {
            let group = Group { id, kind: GroupKind::All, buckets, selection: None };
            GroupMod::InsertBuckets(group, place)
        },
    );
    let removed = prop_oneof![4 => place, 1 => Just(BucketPlace::All)];
    let removes = (group(), removed).prop_map(|(id, place)| GroupMod::RemoveBuckets(id, place));
    prop_oneof![3 => makes, 1 => deletes, 1 => inserts, 1 => removes].boxed()
}

pub(crate) fn group_stats(protocol: Protocol) -> BoxedStrategy<GroupStats> {
    let counter = (u64s(), u64s())
        .prop_map(|(packet_count, byte_count)| BucketCounter { packet_count, byte_count });
    // Nicira's form in OpenFlow 1.0 is that of 1.3.
    let _ = protocol;
    (group(), u32s(), u64s(), u64s(), duration(), vec(counter, 0..4))
        .prop_map(|(group, ref_count, packet_count, byte_count, duration, buckets)| GroupStats {
            group,
            ref_count,
            packet_count,
            byte_count,
            duration,
            buckets,
        })
        .boxed()
}

pub(crate) fn group_features() -> BoxedStrategy<GroupFeatures> {
    let bits = (u32s(), u32s());
    let lists = (any::<[u32; 4]>(), any::<[u32; 4]>());
    (bits, lists)
        .prop_map(|((kinds, capabilities), (max_groups, actions))| GroupFeatures {
            kinds: GroupKinds::from_bits_retain(kinds),
            capabilities: GroupCapabilities::from_bits_retain(capabilities),
            max_groups,
            actions: actions.map(ActionBits),
        })
        .boxed()
}

pub(crate) fn meter_desc() -> BoxedStrategy<Meter> {
    let kind = prop_oneof![
        Just(BandKind::Drop),
        u8s().prop_map(|precedence_level| BandKind::DscpRemark { precedence_level }),
        (u32s(), 0..3usize).prop_flat_map(|(experimenter, words)| {
            let data = vec(any::<u8>(), 8 * words).prop_map(Vec::into_boxed_slice);
            data.prop_map(move |data| BandKind::Experimenter { experimenter, data })
        }),
    ];
    let band =
        (kind, u32s(), u32s()).prop_map(|(kind, rate, burst_size)| Band { kind, rate, burst_size });
    let unit = select(vec![MeterFlags::KBPS, MeterFlags::PKTPS, MeterFlags::empty()]);
    let flags = (unit, flags([MeterFlags::BURST, MeterFlags::STATS])).prop_map(|(a, b)| a | b);
    let id = prop_oneof![
        4 => meter(),
        1 => select(vec![MeterId::SLOWPATH, MeterId::CONTROLLER]),
    ];
    (id, flags, vec(band, 0..4)).prop_map(|(id, flags, bands)| Meter { id, flags, bands }).boxed()
}

pub(crate) fn meter_mod() -> BoxedStrategy<MeterMod> {
    prop_oneof![
        2 => meter_desc().prop_map(MeterMod::Add),
        2 => meter_desc().prop_map(MeterMod::Modify),
        1 => meter_or_virtual().prop_map(MeterMod::Delete),
    ]
    .boxed()
}

pub(crate) fn meter_stats() -> BoxedStrategy<MeterStats> {
    let band = (u64s(), u64s())
        .prop_map(|(packet_count, byte_count)| BandStats { packet_count, byte_count });
    (meter(), u32s(), u64s(), u64s(), duration(), vec(band, 0..4))
        .prop_map(|(meter, flow_count, packet_in_count, byte_in_count, duration, bands)| {
            MeterStats { meter, flow_count, packet_in_count, byte_in_count, duration, bands }
        })
        .boxed()
}

pub(crate) fn meter_features() -> BoxedStrategy<MeterFeatures> {
    (u32s(), u32s(), u16s(), u8s(), u8s())
        .prop_map(|(max_meters, types, capabilities, max_bands, max_color)| MeterFeatures {
            max_meters,
            band_types: BandTypes::from_bits_retain(types),
            capabilities: MeterFlags::from_bits_retain(capabilities),
            max_bands,
            max_color,
        })
        .boxed()
}
