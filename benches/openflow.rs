//! What an OpenFlow message costs to read and to write, beside the copy of its bytes, which is the
//! least that it can cost, and beside `rust_ofp`, which knows some messages of OpenFlow 1.0.
//!
//! `cargo bench --bench openflow`. One core is enough.

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ovs_core::action::PacketInReason;
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};
use ovs_openflow::message::{Duration, FlowStats, MultipartReply, PacketIn, PacketInFormat};
use ovs_openflow::{Message, Protocol, text};
use rust_ofp::openflow0x01::{self, MessageType};
use std::hint::black_box;

/// Ten fields of a match and four actions.
const FLOW: &str = "table=3,priority=100,in_port=1,metadata=0x5,dl_vlan=7,dl_src=02:00:00:00:00:01,\
    dl_dst=02:00:00:00:00:02,tcp,nw_src=10.0.0.0/8,nw_dst=11.0.0.1,tp_dst=80,\
    actions=dec_ttl,set_field:02:00:00:00:00:03->eth_src,set_field:02:00:00:00:00:04->eth_dst,output:2";
/// What OpenFlow 1.0's fixed match can say.
const FLOW_OF10: &str = "priority=100,in_port=1,dl_vlan=7,dl_src=02:00:00:00:00:01,\
    dl_dst=02:00:00:00:00:02,tcp,nw_src=10.0.0.0/8,nw_dst=11.0.0.1,tp_src=1,tp_dst=80,\
    actions=mod_dl_src:02:00:00:00:00:03,mod_dl_dst:02:00:00:00:00:04,mod_nw_tos:8,output:2";

fn flow_mod(flow: &str) -> FlowMod {
    text::parse_flow(flow, FlowModCommand::Add).expect("the flow is right")
}

fn packet_in() -> Message {
    Message::PacketIn(PacketIn {
        format: PacketInFormat::Standard,
        buffer: None,
        total_len: 128,
        reason: PacketInReason::NO_MATCH,
        table: TableId(0),
        cookie: None,
        metadata: Match::new().in_port(PortNo(3)),
        userdata: Bytes::new(),
        continuation: None,
        data: Bytes::from_static(&[0x5a; 128]),
    })
}

/// As many rules as an answer of 64 KiB has room for.
fn flow_stats() -> Message {
    let flow = flow_mod(FLOW);
    let stats = FlowStats {
        table: TableId(3),
        duration: Duration { sec: 5, nsec: 0 },
        priority: flow.priority,
        idle_timeout: 0,
        hard_timeout: 0,
        idle_age: None,
        hard_age: None,
        flags: flow.flags,
        importance: 0,
        cookie: 7,
        packet_count: 1_000,
        byte_count: 64_000,
        matching: flow.matching,
        instructions: flow.instructions,
    };
    let reply = |count| Message::MultipartReply {
        more: false,
        body: MultipartReply::Flow(vec![stats.clone(); count]),
    };
    let one = encoded(&reply(1), Protocol::OF13).len() - encoded(&reply(0), Protocol::OF13).len();
    reply(65_519 / one)
}

fn encoded(message: &Message, protocol: Protocol) -> Bytes {
    let mut bytes = Vec::new();
    message.encode(protocol, 1, &mut bytes).expect("the message can be written");
    bytes.into()
}

fn messages(c: &mut Criterion) {
    for (name, message, protocol) in [
        ("flow-mod, 10 fields, 4 actions", Message::FlowMod(flow_mod(FLOW)), Protocol::OF13),
        ("flow-mod of OpenFlow 1.0", Message::FlowMod(flow_mod(FLOW_OF10)), Protocol::OF10),
        ("packet-in, 128 bytes", packet_in(), Protocol::OF13),
        ("flow-stats reply, 64 KiB", flow_stats(), Protocol::OF13),
    ] {
        let bytes = encoded(&message, protocol);
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        let mut out = Vec::with_capacity(bytes.len());
        group.bench_function("copy", |b| {
            b.iter(|| {
                out.clear();
                out.extend_from_slice(black_box(&bytes));
                black_box(out.as_slice());
            });
        });
        group.bench_function("decode", |b| b.iter(|| Message::decode(black_box(&bytes))));
        group.bench_function("encode", |b| {
            b.iter(|| {
                out.clear();
                black_box(&message).encode(protocol, 1, &mut out)
            });
        });
        group.finish();
    }
}

/// The same bytes by this library and by `rust_ofp`, of which the functions for the body are called,
/// because the ones for whole messages print. It does not read a flow-mod with actions, and writes a packet-in
/// that lacks a byte.
fn beside_rust_ofp(c: &mut Criterion) {
    let bytes = encoded(&packet_in(), Protocol::OF10);
    let body = bytes.get(8..).expect("a header is there");
    let read = openflow0x01::PacketIn::parse;
    let mut group = c.benchmark_group("OpenFlow 1.0 packet-in, 128 bytes");
    group.bench_function("decode", |b| b.iter(|| Message::decode(black_box(&bytes))));
    group.bench_function("decode by rust_ofp", |b| b.iter(|| read(black_box(body))));
    group.finish();
    let flow = Message::FlowMod(flow_mod(FLOW_OF10));
    encode_beside(c, "OpenFlow 1.0 flow-mod, 4 actions", &flow, flow_mod_of_rust_ofp);
}

fn encode_beside<M: MessageType>(
    c: &mut Criterion,
    name: &str,
    ours: &Message,
    theirs: impl Fn() -> M,
) {
    let marshal = |message| {
        let mut out = Vec::new();
        M::marshal(message, &mut out);
        out
    };
    let mut out = encoded(ours, Protocol::OF10).to_vec();
    // Not the same bytes: `rust_ofp` writes addresses backwards.
    assert_eq!(out.len() - 8, marshal(theirs()).len());
    let mut group = c.benchmark_group(name);
    group.bench_function("encode", |b| {
        b.iter(|| {
            out.clear();
            black_box(ours).encode(Protocol::OF10, 1, &mut out)
        });
    });
    group.bench_function("encode by rust_ofp", |b| {
        b.iter_batched(&theirs, marshal, BatchSize::SmallInput);
    });
    group.finish();
}

/// What [`FLOW_OF10`] says.
fn flow_mod_of_rust_ofp() -> openflow0x01::FlowMod {
    use openflow0x01::{Action, FlowModCmd, Mask, Pattern, PseudoPort, Timeout};
    let pattern = Pattern {
        dl_src: Some(0x0200_0000_0001),
        dl_dst: Some(0x0200_0000_0002),
        dl_typ: Some(0x0800),
        dl_vlan: Some(Some(7)),
        dl_vlan_pcp: None,
        nw_src: Some(Mask { value: 0x0a00_0000, mask: Some(24) }),
        nw_dst: Some(Mask { value: 0x0b00_0001, mask: None }),
        nw_proto: Some(6),
        nw_tos: None,
        tp_src: Some(1),
        tp_dst: Some(80),
        in_port: Some(1),
    };
    let actions = vec![
        Action::SetDlSrc(0x0200_0000_0003),
        Action::SetDlDst(0x0200_0000_0004),
        Action::SetNwTos(8),
        Action::Output(PseudoPort::PhysicalPort(2)),
    ];
    openflow0x01::FlowMod {
        command: FlowModCmd::AddFlow,
        pattern,
        priority: 100,
        actions,
        cookie: 0,
        idle_timeout: Timeout::Permanent,
        hard_timeout: Timeout::Permanent,
        notify_when_removed: false,
        out_port: None,
        apply_to_packet: None,
        check_overlap: false,
    }
}

fn flow_text(c: &mut Criterion) {
    let flow = flow_mod(FLOW);
    let mut group = c.benchmark_group("flow text");
    group.bench_function("parse", |b| {
        b.iter(|| text::parse_flow(black_box(FLOW), FlowModCommand::Add));
    });
    group.bench_function("show", |b| {
        b.iter(|| text::show_flow_mod(black_box(&flow)).to_string());
    });
    group.finish();
}

criterion_group!(benches, messages, beside_rust_ofp, flow_text);
criterion_main!(benches);
