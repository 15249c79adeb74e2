//! Parts of fields in actions.

use ovs_core::action::Subfield;
use ovs_core::field::{Field, OxmClass};
use proptest::prelude::*;
use proptest::sample::select;

/// Can an action outside of a `ct` set it?
pub(crate) fn settable(field: Field) -> bool {
    let of_connections = matches!(field, Field::CtMark | Field::CtLabel);
    readable(field) && field.is_settable() && !of_connections
}

fn readable(field: Field) -> bool {
    field.has_position() && field.header(0).is_some()
}

/// Has its number room in the 4 bytes that older actions have for it?
pub(crate) fn is_short(field: Field) -> bool {
    field.header(0).is_some_and(|header| header.class.class() != OxmClass::EXPERIMENTER)
}

/// A part of at most `max` bits of one of these fields.
fn part(fields: Vec<Field>, max: u16) -> BoxedStrategy<Subfield> {
    select(fields)
        .prop_flat_map(move |field| {
            let all = field.n_bits();
            let some = (0..all).prop_flat_map(move |start| {
                (1..=(all - start).min(max)).prop_map(move |n_bits| (start, n_bits))
            });
            let whole = Just((0, all.min(max)));
            (Just(field), prop_oneof![2 => some, 1 => whole])
        })
        .prop_map(|(field, (start, n_bits))| {
            Subfield::new(field, start, n_bits).expect("bits of the field")
        })
        .boxed()
}

fn fields(filter: impl Fn(Field) -> bool) -> Vec<Field> {
    Field::all().filter(|field| filter(*field)).collect()
}

/// Where something is taken from.
pub(crate) fn source(max: u16) -> BoxedStrategy<Subfield> {
    part(fields(readable), max)
}

/// The same where there are 4 bytes for the field.
pub(crate) fn short_source(max: u16) -> BoxedStrategy<Subfield> {
    part(fields(|field| readable(field) && is_short(field)), max)
}

/// Where something is put by an action that has 4 bytes for the field.
pub(crate) fn destination(max: u16) -> BoxedStrategy<Subfield> {
    part(fields(|field| settable(field) && is_short(field)), max)
}

/// The same of so many bits.
pub(crate) fn wide_destination(least: u16, most: u16) -> BoxedStrategy<Subfield> {
    let fits = fields(|field| settable(field) && is_short(field) && field.n_bits() >= least);
    select(fits)
        .prop_flat_map(move |field| {
            let all = field.n_bits();
            (0..=all - least).prop_flat_map(move |start| {
                (least..=most.min(all - start)).prop_map(move |n_bits| (field, start, n_bits))
            })
        })
        .prop_map(|(field, start, n_bits)| {
            Subfield::new(field, start, n_bits).expect("bits of the field")
        })
        .boxed()
}

/// Two parts of the same size.
pub(crate) fn pair() -> BoxedStrategy<(Subfield, Subfield)> {
    let (from, to) = (select(fields(readable)), select(fields(settable)));
    (from, to)
        .prop_flat_map(|(from, to)| {
            let most = from.n_bits().min(to.n_bits());
            (Just((from, to)), 1..=most)
        })
        .prop_flat_map(|((from, to), n_bits)| {
            let place = |field: Field| {
                (0..=field.n_bits() - n_bits).prop_map(move |start| {
                    Subfield::new(field, start, n_bits).expect("bits of the field")
                })
            };
            (place(from), place(to))
        })
        .boxed()
}
