//! Packets to the controller and from it.

use super::action;
use super::matching::metadata;
use super::scalar::{buffer, bytes, in_port, is_old, table};
use ovs_core::action::PacketInReason;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};
use ovs_openflow::Protocol;
use ovs_openflow::message::{PacketIn, PacketInFormat, PacketOut, Resume};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn packet_in(protocol: Protocol) -> BoxedStrategy<PacketIn> {
    select(vec![PacketInFormat::Standard, PacketInFormat::Nxt, PacketInFormat::Nxt2])
        .prop_flat_map(move |format| of_format(protocol, format))
        .boxed()
}

fn of_format(protocol: Protocol, format: PacketInFormat) -> BoxedStrategy<PacketIn> {
    let fixed = is_old(protocol) && format == PacketInFormat::Standard;
    let metadata = if fixed {
        in_port().prop_map(|port| Match::new().in_port(port)).boxed()
    } else {
        let listed = Protocol { nxm: true, ..protocol };
        (metadata(listed), in_port()).prop_map(|(data, port)| data.in_port(port)).boxed()
    };
    // All ones stand for none.
    let cookie = if fixed { Just(None).boxed() } else { option::of(0..u64::MAX).boxed() };
    let table = if fixed { Just(TableId(0)).boxed() } else { table() };
    let more = if format == PacketInFormat::Nxt2 {
        (bytes(40), option::of(bytes(60))).boxed()
    } else {
        Just(Default::default()).boxed()
    };

    // This form must have a packet.
    let least = if format == PacketInFormat::Nxt2 { 1 } else { 0 };
    let data = bytes(200).prop_filter("no packet", move |data| data.len() >= least);

    (buffer(), 0..1000u32, 0..3u8, table, cookie, metadata, more, data)
        .prop_map(move |(buffer, rest, reason, table, cookie, metadata, more, data)| {
            // What is not kept by the switch is whole.
            let rest = if buffer.is_none() { 0 } else { rest };
            PacketIn {
                format,
                buffer,
                total_len: data.len() as u32 + rest,
                reason: PacketInReason(reason),
                table,
                cookie,
                metadata,
                userdata: more.0,
                continuation: more.1,
                data,
            }
        })
        .boxed()
}

pub(crate) fn resume(protocol: Protocol) -> BoxedStrategy<Resume> {
    of_format(protocol, PacketInFormat::Nxt2)
        .prop_map(|packet| {
            let total_len = packet.data.len() as u32;
            Resume(PacketIn { buffer: None, total_len, ..packet })
        })
        .boxed()
}

pub(crate) fn packet_out(protocol: Protocol) -> BoxedStrategy<PacketOut> {
    let in_port = prop_oneof![2 => in_port(), 1 => Just(PortNo::ANY)];
    (buffer(), in_port, action::list(protocol), bytes(200))
        .prop_map(|(buffer, in_port, actions, data)| {
            // It has either.
            let data = if buffer.is_some() { Default::default() } else { data };
            PacketOut { buffer, in_port, actions, data }
        })
        .boxed()
}
