//! What a frame costs: extraction of its key, and the whole way from a device in memory through
//! the switch to another, by the runner's own loop.
//!
//! `cargo bench --bench datapath`. Times are per frame. One core is enough.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ovs_core::action::Action;
use ovs_core::flow::FlowMod;
use ovs_core::key::{HashSeed, compose};
use ovs_core::matching::Match;
use ovs_core::{
    Batch, FlowKey, Frame, Instant, Mac, PortNo, PortSpec, SoftSwitch, SparseKey, Switch,
};
use ovs_pnet::Worker;
use ovs_pnet::memory::{Null, Replay};
use std::hint::black_box;

/// A key of UDP over IPv4, untagged.
fn udp4() -> FlowKey {
    let mut key = FlowKey::ZERO;
    key.eth_dst = Mac([2, 0, 0, 0, 0, 2]);
    key.eth_src = Mac([2, 0, 0, 0, 0, 1]);
    key.eth_type = 0x0800.into();
    key.ipv4_src = [10, 0, 0, 1];
    key.ipv4_dst = [11, 0, 0, 1];
    key.ip_proto = 17;
    key.ip_ttl = 64;
    key.tp_src = 1024.into();
    key.tp_dst = 2048.into();
    key
}

fn tagged(mut key: FlowKey) -> FlowKey {
    key.vlans[0].tpid = 0x8100.into();
    key.vlans[0].tci = 100.into();
    key
}

fn tcp6() -> FlowKey {
    let mut key = udp4();
    key.eth_type = 0x86dd.into();
    (key.ipv4_src, key.ipv4_dst) = ([0; 4], [0; 4]);
    key.ipv6_src = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    key.ipv6_dst = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    key.ip_proto = 6;
    key.tcp_flags = 0x10.into();
    key
}

/// A frame of 60 bytes (64 with its frame check sequence), or as long as its headers are.
fn frame(key: &FlowKey) -> Frame {
    let mut frame = Frame::default();
    let mut payload = vec![0; 46];
    loop {
        compose(key, &payload, &mut frame).expect("the key can be composed");
        if frame.len() <= 60 || payload.pop().is_none() {
            return frame;
        }
    }
}

fn extraction(c: &mut Criterion) {
    let mut group = c.benchmark_group("extract");
    group.throughput(Throughput::Elements(1));
    for (name, key) in [("udp4_64", udp4()), ("tcp6", tcp6()), ("vlan_udp4_64", tagged(udp4()))] {
        let frame = frame(&key);
        let mut sparse = SparseKey::default();
        group.bench_function(name, |b| {
            b.iter(|| {
                sparse.extract(1, black_box(frame.as_slice()));
                black_box(&sparse);
            })
        });
    }
    let mut sparse = SparseKey::default();
    sparse.extract(1, frame(&udp4()).as_slice());
    let seed = HashSeed::new(1);
    group.bench_function("hash_udp4", |b| b.iter(|| black_box(&sparse).hash(&seed)));
    group.finish();
}

/// One port replays `flows` flows, all go to another that discards them; by a rule or by
/// learned addresses.
fn forwarding(c: &mut Criterion) {
    let mut group = c.benchmark_group("forward");
    group.throughput(Throughput::Elements(Batch::MAX as u64));
    for (name, flows, by_rule) in
        [("rule", 1, true), ("bridge", 1, false), ("rule", 1000, true), ("bridge", 1000, false)]
    {
        let mut switch = SoftSwitch::new(Default::default());
        let a = switch.add_port(PortSpec::named("a")).expect("a fresh switch has room");
        let b = switch.add_port(PortSpec::named("b")).expect("a fresh switch has room");
        if by_rule {
            let rule = FlowMod::add().matching(Match::new().in_port(a)).apply([Action::output(b)]);
            switch.flow_mod(rule).expect("the rule is valid");
        }
        let mut worker = worker_with(&switch, a, b, flows);
        let mut clock = 0;
        group.bench_function(BenchmarkId::new(name, flows), |bencher| {
            bencher.iter(|| {
                clock += 1000;
                worker.turn(Instant::from_nanos(clock), |failure| panic!("{failure:?}"))
            })
        });
    }
    group.finish();
}

fn worker_with(
    switch: &SoftSwitch,
    a: PortNo,
    b: PortNo,
    flows: u16,
) -> Worker<impl ovs_core::Forwarder + use<>> {
    let frames = (0..flows).map(|n| {
        let mut key = udp4();
        key.tp_src = (1024 + n).into();
        frame(&key)
    });
    let mut worker = Worker::new(switch.forwarder());
    worker.attach(a, Box::new(Replay::new(frames)));
    worker.attach(b, Box::new(Null::new()));
    worker
}

criterion_group!(benches, extraction, forwarding);
criterion_main!(benches);
