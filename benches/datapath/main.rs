//! What a frame costs: extraction of its key, and the whole way from a device in memory through
//! the switch to another, by the runner's own loop.
//!
//! `cargo bench --bench datapath`. Throughput is in frames; a time of `forward` is that of a batch of 32. One core is
//! enough.

mod cases;
mod frames;

use cases::Case;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use frames::{frame, udp4};
use ovs_core::key::HashSeed;
use ovs_core::{Batch, FlowKey, Instant, SparseKey};
use std::hint::black_box;

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

/// The cases that `benches/vs_ovs/datapath.sh` measures beside Open vSwitch.
fn forwarding(c: &mut Criterion) {
    let mut group = c.benchmark_group("forward");
    group.throughput(Throughput::Elements(Batch::MAX as u64));
    for name in [
        "f1",
        "f1k",
        "f10k",
        "of3",
        "f1k_dpcls",
        "of3_dpcls",
        "m10",
        "m100",
        "m1000",
        "p1000",
        "tse1000",
        "f1_upcall",
        "of3_upcall",
    ] {
        let case = Case::named(name).expect("there is such a case");
        let (switch, mut worker) = case.worker(frames::of_case(name));
        let mut clock = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                clock += 1000;
                worker.turn(Instant::from_nanos(clock), |failure| panic!("{failure:?}"))
            })
        });
        assert!(!case.has_flows() || switch.cache_stats().misses == 0, "a flow takes each frame");
    }
    group.finish();
}

criterion_group!(benches, extraction, forwarding);
criterion_main!(benches);
