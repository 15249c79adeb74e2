//! What tables can do.

use super::scalar::{boxed_bytes, table, text, u32s, u64s};
use ovs_core::TableId;
use ovs_core::field::{Field, Masking};
use ovs_openflow::message::{
    FeatureId, OxmId, TableConfig, TableFeatureProperty as Property, TableFeatures,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

pub(crate) fn table_features() -> BoxedStrategy<TableFeatures> {
    let head = (table(), text(31), u64s(), u64s(), u32s(), u32s());
    (head, properties())
        .prop_map(|(head, properties)| TableFeatures {
            table: head.0,
            name: head.1,
            metadata_match: head.2,
            metadata_write: head.3,
            config: TableConfig(head.4),
            max_entries: head.5,
            properties,
        })
        .boxed()
}

/// None, or all that there must be and some of those that there may be.
fn properties() -> BoxedStrategy<Vec<Property>> {
    let must = (
        ids(4).prop_map(|ids| Property::Instructions { miss: false, ids }),
        tables().prop_map(|tables| Property::NextTables { miss: false, tables }),
        ids(20).prop_map(|ids| Property::WriteActions { miss: false, ids }),
        ids(20).prop_map(|ids| Property::ApplyActions { miss: false, ids }),
        fields(true).prop_map(Property::Match),
        fields(false).prop_map(Property::Wildcards),
        fields(false).prop_map(|fields| Property::WriteSetField { miss: false, fields }),
        fields(false).prop_map(|fields| Property::ApplySetField { miss: false, fields }),
    );
    let must = must.prop_map(|(a, b, c, d, e, f, g, h)| vec![a, b, c, d, e, f, g, h]);
    let may = vec![
        ids(4).prop_map(|ids| Property::Instructions { miss: true, ids }).boxed(),
        tables().prop_map(|tables| Property::NextTables { miss: true, tables }).boxed(),
        ids(20).prop_map(|ids| Property::WriteActions { miss: true, ids }).boxed(),
        ids(20).prop_map(|ids| Property::ApplyActions { miss: true, ids }).boxed(),
        fields(false).prop_map(|fields| Property::WriteSetField { miss: true, fields }).boxed(),
        fields(false).prop_map(|fields| Property::ApplySetField { miss: true, fields }).boxed(),
        experimenter(),
        (100..120u16, boxed_bytes(20))
            .prop_map(|(kind, data)| Property::Opaque { kind, data })
            .boxed(),
    ];
    let may = subsequence(may, 0..=4).prop_flat_map(|some| some);
    let all = (must, may).prop_map(|(mut must, may)| {
        must.extend(may);
        must
    });
    prop_oneof![1 => Just(Vec::new()), 3 => all].boxed()
}

fn experimenter() -> BoxedStrategy<Property> {
    (any::<bool>(), 0x7000..0x8000u32, u32s(), boxed_bytes(20))
        .prop_map(|(miss, experimenter, kind, data)| Property::Experimenter {
            miss,
            experimenter,
            kind,
            data,
        })
        .boxed()
}

/// Standard ones with numbers from 0 on, and those of an experimenter.
fn ids(count: u16) -> BoxedStrategy<Vec<FeatureId>> {
    let experimenter = (0x7000..0x8000u32, boxed_bytes(8))
        .prop_map(|(experimenter, data)| FeatureId::Experimenter(experimenter, data));
    let standard = (1..count).prop_map(FeatureId::Standard);
    vec(prop_oneof![40 => standard, 1 => experimenter], 0..6).boxed()
}

fn tables() -> BoxedStrategy<Vec<TableId>> {
    vec(table(), 0..10).boxed()
}

/// Headers of fields; only what is matched may have a mask.
fn fields(may_mask: bool) -> BoxedStrategy<Vec<OxmId>> {
    // Without those that Open vSwitch does not have, which would not be printed.
    let others = [Field::InPhyPort, Field::PbbIsid, Field::PbbUca, Field::Ipv6Exthdr];
    let is_sent = |field: &Field| field.header(4).is_some() && !others.contains(field);
    let sent: Vec<Field> = Field::all().filter(is_sent).collect();
    subsequence(sent, 0..10)
        .prop_flat_map(|fields| {
            let with_mask = |field| (Just(field), any::<bool>());
            fields.into_iter().map(with_mask).collect::<Vec<_>>()
        })
        .prop_map(move |fields| {
            fields
                .into_iter()
                .filter_map(|(field, masked)| oxm_id(field, masked && may_mask))
                .collect()
        })
        .boxed()
}

fn oxm_id(field: Field, masked: bool) -> Option<OxmId> {
    let header = field.header(4)?;
    let has_mask = masked && field.masking() == Masking::Bitwise;
    let length = field.n_bytes() * if has_mask { 2 } else { 1 };
    Some(OxmId { class: header.class, number: header.number, has_mask, length })
}
