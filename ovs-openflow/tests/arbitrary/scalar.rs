//! Numbers, texts and bytes.

use bytes::Bytes;
use ovs_core::group::GroupId;
use ovs_core::meter::MeterId;
use ovs_core::{Mac, PortNo, QueueId, TableId};
use ovs_openflow::message::Duration;
use ovs_openflow::{Protocol, Version};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Is it OpenFlow 1.0?
pub(crate) fn is_old(protocol: Protocol) -> bool {
    protocol.version == Version::OF10
}

/// Any number, those at the ends more often.
macro_rules! number {
    ($name:ident $type:ident) => {
        pub(crate) fn $name() -> BoxedStrategy<$type> {
            prop_oneof![
                4 => any::<$type>(),
                2 => 0..20 as $type,
                1 => Just($type::MAX),
                1 => Just($type::MAX - 1),
            ]
            .boxed()
        }
    };
}

number!(u8s u8);
number!(u16s u16);
number!(u32s u32);
number!(u64s u64);

/// A number of at most `bits` bits.
pub(crate) fn bits(bits: u16) -> BoxedStrategy<u128> {
    let ones = if bits == 0 { 0 } else { u128::MAX >> (128 - bits) };
    let small = 0..=ones.min(20);
    prop_oneof![4 => any::<u128>().prop_map(move |n| n & ones), 2 => small, 1 => Just(ones)].boxed()
}

/// A mask of `bits` bits, at least one of them set: most often all of them or the upper ones.
pub(crate) fn mask(bits: u16) -> BoxedStrategy<u128> {
    let ones = u128::MAX >> (128 - bits);
    let upper =
        (1..=bits).prop_map(move |n| ones & ones.checked_shl((bits - n).into()).unwrap_or(0));
    let one = (0..bits).prop_map(|n| 1 << n);
    let some = any::<u128>().prop_map(move |n| if n & ones == 0 { ones } else { n & ones });
    prop_oneof![3 => Just(ones), 2 => upper, 1 => one, 2 => some].boxed()
}

/// Up to `max` bytes.
pub(crate) fn data(max: usize) -> BoxedStrategy<Vec<u8>> {
    prop_oneof![3 => vec(any::<u8>(), 0..=max.min(40)), 1 => vec(any::<u8>(), 0..=max)].boxed()
}

pub(crate) fn bytes(max: usize) -> BoxedStrategy<Bytes> {
    data(max).prop_map(Bytes::from).boxed()
}

pub(crate) fn boxed_bytes(max: usize) -> BoxedStrategy<Box<[u8]>> {
    data(max).prop_map(Vec::into_boxed_slice).boxed()
}

/// A text of up to `max` bytes, a zero not among them.
pub(crate) fn text(max: usize) -> BoxedStrategy<String> {
    let letters = prop::char::range('a', 'z');
    let digits = prop::char::range('0', '9');
    let printable = prop_oneof![6 => letters, 2 => digits, 1 => Just('-'), 1 => Just('é')];
    vec(printable, 0..=max)
        .prop_map(move |letters| {
            let mut text = String::new();
            for letter in letters {
                if text.len() + letter.len_utf8() <= max {
                    text.push(letter);
                }
            }
            text
        })
        .boxed()
}

pub(crate) fn duration() -> BoxedStrategy<Duration> {
    (u32s(), 0..1_000_000_000u32).prop_map(|(sec, nsec)| Duration { sec, nsec }).boxed()
}

/// The times that OpenFlow 1.0 does not tell.
pub(crate) fn new_duration(protocol: Protocol) -> BoxedStrategy<Duration> {
    if is_old(protocol) {
        Just(Duration { sec: u32::MAX, nsec: u32::MAX }).boxed()
    } else {
        duration()
    }
}

pub(crate) fn mac() -> BoxedStrategy<Mac> {
    any::<[u8; 6]>().prop_map(Mac).boxed()
}

/// The number of a port that there can be.
pub(crate) fn port() -> BoxedStrategy<PortNo> {
    prop_oneof![3 => 1..100u32, 1 => 1..=PortNo::MAX.0].prop_map(PortNo).boxed()
}

const RESERVED: [PortNo; 7] = [
    PortNo::IN_PORT,
    PortNo::TABLE,
    PortNo::NORMAL,
    PortNo::FLOOD,
    PortNo::ALL,
    PortNo::CONTROLLER,
    PortNo::LOCAL,
];

/// Where a packet can be sent.
pub(crate) fn out_port() -> BoxedStrategy<PortNo> {
    prop_oneof![3 => port(), 2 => prop::sample::select(&RESERVED[..])].boxed()
}

/// A port, or the wildcard for ports.
pub(crate) fn port_or_any() -> BoxedStrategy<PortNo> {
    prop_oneof![3 => Just(PortNo::ANY), 2 => out_port()].boxed()
}

/// A port that packets come in by.
pub(crate) fn in_port() -> BoxedStrategy<PortNo> {
    prop_oneof![4 => port(), 1 => Just(PortNo::LOCAL), 1 => Just(PortNo::CONTROLLER)].boxed()
}

/// A table that there can be.
pub(crate) fn table() -> BoxedStrategy<TableId> {
    prop_oneof![1 => Just(0), 3 => 0..=TableId::MAX.0].prop_map(TableId).boxed()
}

pub(crate) fn table_or_all() -> BoxedStrategy<TableId> {
    prop_oneof![3 => table(), 1 => Just(TableId::ALL)].boxed()
}

pub(crate) fn group() -> BoxedStrategy<GroupId> {
    prop_oneof![3 => 0..100u32, 1 => 0..=GroupId::MAX.0].prop_map(GroupId).boxed()
}

pub(crate) fn group_or(other: GroupId) -> BoxedStrategy<GroupId> {
    prop_oneof![2 => group(), 1 => Just(other)].boxed()
}

pub(crate) fn meter() -> BoxedStrategy<MeterId> {
    prop_oneof![3 => 1..100u32, 1 => 1..=MeterId::MAX.0].prop_map(MeterId).boxed()
}

/// A meter as one can be asked for or changed.
pub(crate) fn meter_or_virtual() -> BoxedStrategy<MeterId> {
    let special = [MeterId::SLOWPATH, MeterId::CONTROLLER, MeterId::ALL];
    prop_oneof![3 => meter(), 1 => prop::sample::select(special.to_vec())].boxed()
}

pub(crate) fn queue() -> BoxedStrategy<QueueId> {
    u32s().prop_map(QueueId).boxed()
}

/// The number of a packet that the switch keeps.
pub(crate) fn buffer() -> BoxedStrategy<Option<u32>> {
    option::of(any::<u32>().prop_filter("it stands for none", |number| *number != u32::MAX)).boxed()
}
