//! Entries of OXM and NXM, right and wrong.

use super::matching::{Asked, KINDS, asked};
use super::scalar::{bits, mask};
use ovs_core::field::{Field, Masking, OxmClass, OxmHeader, Prerequisite};
use ovs_core::matching::Match;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::fmt;

/// A field with its value and perhaps a mask, as it stands in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    class: OxmClass,
    number: u8,
    value: Vec<u8>,
    mask: Option<Vec<u8>>,
}

impl Entry {
    fn new(header: &OxmHeader, value: Vec<u8>, mask: Option<Vec<u8>>) -> Self {
        Self { name: header.name, class: header.class, number: header.number, value, mask }
    }

    fn cookie(value: Vec<u8>, mask: Option<Vec<u8>>) -> Self {
        Self { name: "NXM_NX_COOKIE", class: OxmClass::NXM_NX, number: 30, value, mask }
    }

    /// As `ovs-ofctl parse-nxm` reads it, whether it has a name for it or not.
    pub(crate) fn numbers(&self) -> String {
        let bytes = self.bytes();
        let header = if self.class.experimenter().is_some() { 8 } else { 4 };
        match &self.mask {
            None => format!("{}({})", hex(&bytes[..header]), hex(&self.value)),
            Some(mask) => format!("{}({}/{})", hex(&bytes[..header]), hex(&self.value), hex(mask)),
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let experimenter = self.class.experimenter().map(u32::to_be_bytes);
        let id = experimenter.as_ref().map_or(&[][..], |id| id);
        let payload = [id, &self.value, self.mask.as_deref().unwrap_or_default()].concat();
        let mut bytes = self.class.class().to_be_bytes().to_vec();
        bytes.extend([self.number << 1 | u8::from(self.mask.is_some()), payload.len() as u8]);
        bytes.extend(payload);
        bytes
    }

    /// The entries that stand there, of fields that are known.
    pub(crate) fn parse_all(mut bytes: &[u8]) -> Vec<Self> {
        let mut entries = Vec::new();
        while let [high, low, number, length, rest @ ..] = bytes {
            let (mut payload, behind) = rest.split_at((*length).into());
            bytes = behind;
            let mut class = OxmClass::new(u16::from_be_bytes([*high, *low]));
            if class.class() == OxmClass::EXPERIMENTER {
                let (id, value) = payload.split_first_chunk().expect("an experimenter");
                class = OxmClass::of_experimenter(u32::from_be_bytes(*id));
                payload = value;
            }
            let (number, has_mask) = (number >> 1, number & 1 != 0);
            let (value, mask) = payload.split_at(payload.len() / (1 + usize::from(has_mask)));
            let (value, mask) = (value.to_vec(), has_mask.then(|| mask.to_vec()));
            entries.push(if (class, number, value.len()) == (OxmClass::NXM_NX, 30, 8) {
                Self::cookie(value, mask)
            } else {
                let field = Field::from_oxm(class, number).expect("a field");
                let is_it = |header: &&OxmHeader| (header.class, header.number) == (class, number);
                Self::new(field.headers().iter().find(is_it).expect("a header"), value, mask)
            });
        }
        assert!(bytes.is_empty(), "{bytes:02x?}");
        entries
    }
}

/// As `ovs-ofctl parse-nxm` writes it.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mask {
            None => write!(f, "{}({})", self.name, hex(&self.value)),
            Some(mask) => write!(f, "{}_W({}/{})", self.name, hex(&self.value), hex(mask)),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Entries as `ovs-ofctl parse-nxm` writes a list of them.
pub(crate) fn text(entries: &[Entry]) -> String {
    let texts: Vec<String> = entries.iter().map(Entry::to_string).collect();
    if texts.is_empty() { "<any>".to_owned() } else { texts.join(", ") }
}

fn number(value: u128, field: Field) -> Vec<u8> {
    value.to_be_bytes()[16 - usize::from(field.n_bytes())..].to_vec()
}

/// Is it one that Open vSwitch knows and reads as it is? Of some fields of tunnels version 3.1 takes
/// the value for the mask.
pub(crate) fn is_known(field: Field) -> bool {
    let standard_only = [Field::InPhyPort, Field::Ipv6Exthdr, Field::PbbIsid, Field::PbbUca];
    let mistaken = [
        Field::TunErspanVer,
        Field::TunErspanDir,
        Field::TunErspanHwid,
        Field::TunGtpuFlags,
        Field::TunGtpuMsgtype,
    ];
    field.has_position()
        && !field.headers().is_empty()
        && !standard_only.contains(&field)
        && !mistaken.contains(&field)
}

/// An entry that is mostly right.
fn entry(field: Field) -> BoxedStrategy<Entry> {
    let width = u16::from(field.n_bytes()) * 8;
    // Of the operation of ARP Open vSwitch keeps 8 bits only, of the other more than there are.
    let wide = match field {
        Field::ArpOp => bits(8),
        Field::TunErspanIdx => bits(field.n_bits()),
        _ => bits(width),
    };
    let ones = u128::MAX >> (128 - width);
    // That nothing matters of a field of a packet says to Open vSwitch that it is such a packet.
    let none = if field.prerequisite() == Prerequisite::None { 0 } else { ones };
    let masks = match field.masking() {
        Masking::Exact => prop_oneof![6 => Just(ones), 1 => mask(width), 1 => Just(none)].boxed(),
        Masking::Bitwise => prop_oneof![4 => mask(field.n_bits()), 1 => Just(none)].boxed(),
    };
    let values = prop_oneof![8 => asked(field).prop_map(|(_, value, _)| value), 1 => wide];
    let stray = prop_oneof![20 => Just(false), 1 => Just(true)];
    (select(field.headers()), values, masks, any::<bool>(), stray)
        .prop_map(move |(header, value, mask, has_mask, stray)| {
            if !has_mask {
                return Entry::new(&header, number(value, field), None);
            }
            // All of the field's bits are not for everybody the same as all ones.
            let mask = if mask & field.ones() == field.ones() { ones } else { mask };
            let value = if stray { value } else { value & mask };
            Entry::new(&header, number(value, field), Some(number(mask, field)))
        })
        .boxed()
}

/// The entries of a sort of packet, and others, most of which it has.
pub(crate) fn entries(is_asked: fn(Field) -> bool) -> BoxedStrategy<Vec<Entry>> {
    let known: Vec<Field> = Field::all().filter(|f| is_known(*f) && is_asked(*f)).collect();
    select(KINDS)
        .prop_flat_map(move |kind| {
            let base = kind.iter().fold(Match::new(), |matching, (field, value, mask)| {
                matching.with_masked(*field, value & mask, *mask).expect("a value")
            });
            let of_packet = |field: &Field| {
                field.prerequisite() != Prerequisite::None && base.meets(field.prerequisite())
            };
            let fitting: Vec<Field> = known.iter().copied().filter(of_packet).collect();
            let count = fitting.len().min(6);
            let fitting = subsequence(fitting, 0..=count).prop_shuffle();
            let first: Vec<Entry> = kind.iter().map(|asked| told(*asked)).collect();
            let others = prop_oneof![4 => Just(Vec::new()), 1 => vec(select(known.clone()), 0..4)];
            (Just(first), fitting.prop_flat_map(all), others.prop_flat_map(all))
        })
        .prop_map(|(first, fitting, others)| [first, fitting, others].concat())
        .boxed()
}

fn all(fields: Vec<Field>) -> Vec<BoxedStrategy<Entry>> {
    fields.into_iter().map(entry).collect()
}

fn told((field, value, mask): Asked) -> Entry {
    let whole = mask & field.ones() == field.ones();
    let mask = (!whole).then(|| number(mask, field));
    Entry::new(field.headers().first().expect("a header"), number(value, field), mask)
}

/// A cookie, or the part of one.
pub(crate) fn cookie() -> BoxedStrategy<Entry> {
    (any::<u64>(), proptest::option::of(any::<u64>()))
        .prop_map(|(value, mask)| {
            let value = (value & mask.unwrap_or(u64::MAX)).to_be_bytes().to_vec();
            Entry::cookie(value, mask.map(|mask| mask.to_be_bytes().to_vec()))
        })
        .boxed()
}
