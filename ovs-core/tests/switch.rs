//! What a `SoftSwitch` does with frames, as its user sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use ovs_core::action::Action;
use ovs_core::flow::FlowMod;
use ovs_core::mac_table::{MacConfig, WhenFull};
use ovs_core::matching::Match;
use ovs_core::table::RuleFilter;
use ovs_core::{
    Batch, Bridging, Config, DropReason, Egress, Error, Forwarder, Frame, Instant, Losses, Mac,
    Outbox, PortNo, PortSpec, SoftForwarder, SoftSwitch, Switch,
};
use proptest::prelude::*;
use std::time::Duration;

struct Bench {
    switch: SoftSwitch,
    forwarder: SoftForwarder,
    now: Instant,
}

const A: PortNo = PortNo(1);
const B: PortNo = PortNo(2);
const C: PortNo = PortNo(3);

impl Bench {
    fn new(ports: u32, config: Config) -> Self {
        let mut switch = SoftSwitch::new(config);
        for n in 1..=ports {
            let port = switch.add_port(PortSpec::named(format!("p{n}"))).unwrap();
            assert_eq!(port, PortNo(n), "the lowest number that is free");
        }
        let forwarder = switch.forwarder();
        Self { switch, forwarder, now: Instant::from_secs(1000) }
    }

    /// The ports by which a frame leaves that came in by `port`.
    fn send(&mut self, port: PortNo, frame: &[u8]) -> Vec<PortNo> {
        let mut out = Outbox::new();
        self.forwarder.process(self.now, port, &mut Batch::from([Frame::from(frame)]), &mut out);
        let without_tag =
            [frame.get(..12), frame.get(16..)].map(Option::unwrap_or_default).concat();
        for (_, sent) in out.all() {
            // Bridging takes off a tag that says nothing.
            let says_nothing = frame.get(12..16) == Some(&[0x81, 0, 0, 0]);
            assert!(sent.as_slice() == frame || says_nothing && sent.as_slice() == without_tag);
        }
        out.all().iter().map(|(port, _)| *port).collect()
    }

    fn wait(&mut self, secs: u64) {
        self.now = self.now + Duration::from_secs(secs);
    }

    fn drops(&self, port: PortNo) -> Vec<(DropReason, u64)> {
        self.switch.port_stats(port).unwrap().rx_drops.iter().collect()
    }
}

fn mac(n: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, n]
}

fn frame(dst: [u8; 6], src: [u8; 6]) -> Vec<u8> {
    [&dst[..], &src, &[0x88, 0xb5], &[0; 46]].concat()
}

fn tagged(dst: [u8; 6], src: [u8; 6], tci: u16) -> Vec<u8> {
    [&dst[..], &src, &[0x81, 0], &tci.to_be_bytes(), &[0x88, 0xb5], &[0; 46]].concat()
}

#[test]
fn floods_what_it_does_not_know_and_learns() {
    let mut bench = Bench::new(3, Config::default());
    assert_eq!(bench.send(A, &frame(mac(2), mac(1))), [B, C]);
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A]);
    assert_eq!(bench.send(A, &frame(mac(2), mac(1))), [B]);
    assert_eq!(bench.send(C, &frame([0xff; 6], mac(3))), [A, B]);
    assert_eq!(bench.send(C, &frame([0x33, 0x33, 0, 0, 0, 1], mac(3))), [A, B]);
    let macs: Vec<_> = bench.switch.macs(bench.now).iter().map(|m| (m.mac, m.port)).collect();
    assert_eq!(macs, [(Mac(mac(1)), A), (Mac(mac(2)), B), (Mac(mac(3)), C)]);
}

#[test]
fn never_back_where_it_came_from() {
    let mut bench = Bench::new(3, Config::default());
    bench.send(A, &frame(mac(9), mac(1)));
    assert_eq!(bench.send(A, &frame(mac(1), mac(2))), []);
    assert_eq!(bench.drops(A), [(DropReason::DestinationBehindInput, 1)]);
}

#[test]
fn an_address_that_moves_is_followed_at_once() {
    let mut bench = Bench::new(3, Config::default());
    bench.send(A, &frame([0xff; 6], mac(1)));
    assert_eq!(bench.send(C, &frame(mac(1), mac(3))), [A]);
    bench.send(B, &frame([0xff; 6], mac(1)));
    assert_eq!(bench.send(C, &frame(mac(1), mac(3))), [B]);
}

#[test]
fn vlans_are_bridges_of_their_own_but_a_priority_tag_is_none() {
    let mut bench = Bench::new(3, Config::default());
    bench.send(A, &tagged([0xff; 6], mac(1), 5));
    assert_eq!(bench.send(B, &tagged(mac(1), mac(2), 6)), [A, C], "unknown in VLAN 6");
    assert_eq!(
        bench.send(B, &tagged(mac(1), mac(2), 0xe005)),
        [A],
        "the priority is no part of it"
    );
    bench.send(A, &frame([0xff; 6], mac(1)));
    assert_eq!(bench.send(C, &tagged(mac(1), mac(3), 0xe000)), [A]);
}

#[test]
fn addresses_age_but_not_while_cached_flows_carry_their_frames() {
    let mut bench = Bench::new(3, Config::default());
    bench.send(A, &frame(mac(9), mac(1)));
    for _ in 0..60 {
        bench.wait(10);
        bench.send(A, &frame(mac(9), mac(1)));
        bench.forwarder.poll(bench.now, &mut Outbox::new());
    }
    assert_eq!(bench.switch.macs(bench.now).len(), 1);
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A]);
    let misses = bench.switch.cache_stats().misses;
    assert!(misses <= 6, "{misses} misses: most of the 60 frames were hits");

    let due =
        bench.forwarder.poll(bench.now, &mut Outbox::new()).expect("addresses are to be forgotten");
    assert_eq!(due.since(bench.now), Duration::from_secs(300));
    bench.now = due;
    bench.forwarder.poll(bench.now, &mut Outbox::new());
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A, C], "forgotten, also by the cache");
}

#[test]
fn flooding_the_table_does_not_hurt_others() {
    let macs = MacConfig { limit: 16, when_full: WhenFull::EvictFromLargest, ..Default::default() };
    let mut config = Config::default();
    config.macs = macs;
    let mut bench = Bench::new(3, config);
    bench.send(A, &frame(mac(9), mac(1)));
    for n in 0..200u8 {
        bench.send(B, &frame(mac(9), [2, 1, 1, 1, 1, n]));
    }
    assert_eq!(bench.switch.macs(bench.now).len(), 16);
    assert_eq!(bench.send(C, &frame(mac(1), mac(3))), [A]);
}

#[test]
fn link_local_addresses_stay_on_the_link() {
    let pause = frame([0x01, 0x80, 0xc2, 0, 0, 1], mac(1));
    let mut bench = Bench::new(2, Config::default());
    assert_eq!(bench.send(A, &pause), []);
    assert_eq!(bench.drops(A), [(DropReason::LinkLocal, 1)]);
    let mut config = Config::default();
    config.forward_link_local = true;
    assert_eq!(Bench::new(2, config).send(A, &pause), [B]);
}

#[test]
fn group_addresses_are_nobodys_source() {
    let mut bench = Bench::new(2, Config::default());
    assert_eq!(bench.send(A, &frame(mac(2), [0xff; 6])), [B]);
    assert_eq!(bench.switch.macs(bench.now), []);
}

#[test]
fn every_drop_has_its_reason() {
    let mut bench = Bench::new(1, Config::default());
    bench.send(A, &frame(mac(2), mac(1)));
    for len in 0..14 {
        bench.send(A, &vec![0; len]);
    }
    assert_eq!(bench.drops(A), [(DropReason::Runt, 14), (DropReason::NoOtherPort, 1)]);
    bench.send(PortNo(7), &frame(mac(2), mac(1)));
    bench.send(PortNo(u32::MAX), &frame(mac(2), mac(1)));
    assert_eq!(bench.switch.unknown_port_drops(), 2);

    let output = |port| FlowMod::add().apply([Action::output(port)]);
    bench.switch.flow_mod(output(PortNo(9))).unwrap();
    bench.send(A, &frame(mac(2), mac(1)));
    bench.switch.flow_mod(output(A)).unwrap();
    bench.send(A, &frame(mac(2), mac(1)));
    bench.switch.flow_mod(FlowMod::add()).unwrap();
    bench.send(A, &frame(mac(2), mac(1)));
    bench.switch.flow_mod(FlowMod::delete()).unwrap();
    bench.send(A, &frame(mac(2), mac(1)));
    for reason in [
        DropReason::NoSuchOutput,
        DropReason::OutputIsInput,
        DropReason::RuleDrops,
        DropReason::NoRule,
    ] {
        assert!(bench.drops(A).contains(&(reason, 1)), "{reason}");
    }
    let stats = bench.switch.port_stats(A).unwrap();
    assert_eq!(stats.rx_frames, stats.rx_drops.total());
}

#[test]
fn rules_go_by_priority_and_can_be_deleted() {
    let mut bench = Bench::new(3, Config::default());
    let from_a = || Match::new().in_port(A);
    let rule = |port| FlowMod::add().matching(from_a()).apply([Action::output(port)]);
    bench.switch.flow_mod(rule(B)).unwrap();
    bench.switch.flow_mod(rule(C).priority(7)).unwrap();
    assert_eq!(bench.send(A, &frame(mac(2), mac(1))), [B]);
    bench.switch.flow_mod(rule(PortNo::IN_PORT)).unwrap();
    assert_eq!(
        bench.send(A, &frame(mac(2), mac(1))),
        [A],
        "in place of the one with the same match"
    );
    bench.switch.flow_mod(FlowMod::delete_strict().matching(from_a())).unwrap();
    assert_eq!(bench.send(A, &frame(mac(2), mac(1))), [C]);
    bench.switch.flow_mod(FlowMod::delete().matching(from_a())).unwrap();
    assert_eq!(bench.send(A, &frame(mac(2), mac(1))), [B, C], "the bridging rule is left");
    assert_eq!(bench.switch.rules(&RuleFilter::default()).len(), 1);
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut config = Config::default();
    (config.max_ports, config.max_rules) = (2, 2);
    let mut bench = Bench::new(2, config);
    let switch = &mut bench.switch;
    let add = |switch: &mut SoftSwitch, name: &str| switch.add_port(PortSpec::named(name));
    assert_eq!(add(switch, ""), Err(Error::NamelessPort));
    assert_eq!(add(switch, "p1"), Err(Error::NameTaken("p1".into())));
    assert_eq!(add(switch, "p3"), Err(Error::TooManyPorts(2)));
    switch.remove_port(B).unwrap();
    assert_eq!(switch.remove_port(B), Err(Error::NoSuchPort(B)));
    let numbered = |n| PortSpec::named("x").numbered(PortNo(n));
    assert_eq!(switch.add_port(numbered(1)), Err(Error::NumberTaken(A)));
    for n in [0, 0xff00, u32::MAX] {
        assert_eq!(switch.add_port(numbered(n)), Err(Error::InvalidNumber(PortNo(n))));
    }
    assert_eq!(switch.add_port(numbered(0xfeff)), Ok(PortNo(0xfeff)));
    let output = |n| FlowMod::add().apply([Action::output(PortNo(n))]);
    for refused in [PortNo(0), PortNo::ANY] {
        let error = switch.flow_mod(output(refused.0)).unwrap_err();
        assert_eq!(error.code_name(), Some("OFPBAC_BAD_OUT_PORT"), "{error}");
    }
    switch.flow_mod(output(1)).unwrap();
    assert_eq!(switch.flow_mod(output(1).priority(3)), Err(Error::TableFull(2)));
    assert_eq!(switch.rules(&RuleFilter::default()).len(), 2);
}

#[test]
fn a_port_that_goes_takes_along_what_was_learned_and_counted() {
    let mut bench = Bench::new(3, Config::default());
    bench.send(A, &frame(mac(9), mac(1)));
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A]);
    bench.switch.remove_port(A).unwrap();
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [C]);
    let again = bench.switch.add_port(PortSpec::named("new")).unwrap();
    assert_eq!(again, A);
    assert_eq!(bench.switch.port_stats(A).unwrap(), Default::default());
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A, C]);
    assert_eq!(bench.switch.port_stats(A).unwrap().tx_frames, 1);
}

#[test]
fn devices_losses_move_from_sent_to_dropped() {
    let mut bench = Bench::new(2, Config::default());
    bench.send(A, &frame(mac(2), mac(1)));
    let mut losses = Losses::default();
    losses.add(DropReason::TooLong, 60);
    bench.forwarder.not_sent(B, &mut losses);
    let stats = bench.switch.port_stats(B).unwrap();
    assert_eq!((stats.tx_frames, stats.tx_bytes), (0, 0));
    assert_eq!(stats.tx_drops.iter().collect::<Vec<_>>(), [(DropReason::TooLong, 1)]);
    losses.add(DropReason::Overrun, 0);
    bench.forwarder.not_received(B, &mut losses);
    assert_eq!(bench.drops(B), [(DropReason::Overrun, 1)]);
    assert!(losses.is_empty());
}

#[test]
fn a_miss_installs_a_hit_does_not_ask_a_change_invalidates() {
    let mut bench = Bench::new(2, Config::default());
    let ping = frame(mac(2), mac(1));
    let counts = |bench: &Bench| {
        let stats = bench.switch.cache_stats();
        (stats.hits, stats.misses)
    };
    bench.send(A, &ping);
    assert_eq!(counts(&bench), (0, 1));
    bench.send(A, &ping);
    bench.send(A, &ping);
    assert_eq!(counts(&bench), (2, 1));
    bench.switch.flow_mod(FlowMod::add().apply([])).unwrap();
    assert_eq!(bench.send(A, &ping), []);
    assert_eq!(counts(&bench), (2, 2));
    bench.switch.flow_mod(FlowMod::delete()).unwrap();
    bench.send(A, &ping);
    assert_eq!(counts(&bench), (2, 3));
}

#[test]
fn forwarders_that_go_leave_their_counts_and_no_litter() {
    let mut bench = Bench::new(2, Config::default());
    for _ in 0..100 {
        bench.forwarder = bench.switch.forwarder();
        bench.send(A, &frame(mac(2), mac(1)));
    }
    assert_eq!(bench.switch.port_stats(A).unwrap().rx_frames, 100);
    assert_eq!(bench.switch.cache_stats().misses, 100);
}

#[test]
fn forwarders_on_threads_share_what_is_learned() {
    let mut bench = Bench::new(3, Config::default());
    let (now, mut other) = (bench.now, bench.switch.forwarder());
    let thread = std::thread::spawn(move || {
        let mut out = Outbox::new();
        let batch = &mut Batch::from([Frame::from(frame(mac(9), mac(1)))]);
        other.process(now, A, batch, &mut out);
    });
    thread.join().unwrap();
    assert_eq!(bench.send(B, &frame(mac(1), mac(2))), [A]);
    assert_eq!(bench.switch.port_stats(A).unwrap().rx_frames, 1);
}

/// Keeps nothing and copies nothing it need not.
struct Count(usize);

impl Egress for Count {
    fn send(&mut self, _: PortNo, _: Frame) {
        self.0 += 1;
    }
}

#[test]
fn large_frames_and_floods_to_many() {
    let mut bench = Bench::new(64, Config::default());
    let mut big = frame([0xff; 6], mac(1));
    big.resize(65_536, 0);
    let mut count = Count(0);
    let batch = &mut Batch::from([Frame::from(big)]);
    bench.forwarder.process(bench.now, A, batch, &mut count);
    assert_eq!(count.0, 63);
    assert_eq!(bench.switch.port_stats(PortNo(64)).unwrap().tx_bytes, 65_536);
}

/// One step of a random history of a switch.
#[derive(Clone, Debug)]
enum Step {
    Frame { port: u32, dst: u8, src: u8, tci: Option<u16>, len: usize },
    Wait { secs: u64 },
    AddRule { in_port: u32, out: u32, priority: u16 },
    DeleteRules { in_port: Option<u32> },
    AddPort,
    RemovePort { port: u32 },
    FlushMacs,
}

fn step() -> impl Strategy<Value = Step> {
    let tci = prop::option::of(prop::sample::select(vec![0u16, 1, 2, 0x2001]));
    let out = prop::sample::select(vec![
        1,
        2,
        3,
        4,
        PortNo::NORMAL.0,
        PortNo::FLOOD.0,
        PortNo::IN_PORT.0,
    ]);
    prop_oneof![
        40 => (1u32..6, 0u8..8, 0u8..8, tci, prop::sample::select(vec![0usize, 13, 14, 18, 60]))
            .prop_map(|(port, dst, src, tci, len)| Step::Frame { port, dst, src, tci, len }),
        5 => (0u64..200).prop_map(|secs| Step::Wait { secs }),
        2 => (1u32..5, out, 0u16..3).prop_map(|(in_port, out, priority)| Step::AddRule { in_port, out, priority }),
        1 => prop::option::of(1u32..5).prop_map(|in_port| Step::DeleteRules { in_port }),
        1 => Just(Step::AddPort),
        1 => (1u32..5).prop_map(|port| Step::RemovePort { port }),
        1 => Just(Step::FlushMacs),
    ]
}

/// Carries out a step, and returns what left.
fn run(bench: &mut Bench, step: &Step) -> Vec<PortNo> {
    match *step {
        Step::Frame { port, dst, src, tci, len } => {
            // Some of the addresses are groups, one of them on the link.
            let address = |n| match n {
                6 => [0xff; 6],
                7 => [0x01, 0x80, 0xc2, 0, 0, 0],
                n => mac(n),
            };
            let mut bytes = match tci {
                Some(tci) => tagged(address(dst), address(src), tci),
                None => frame(address(dst), address(src)),
            };
            bytes.truncate(len);
            return bench.send(PortNo(port), &bytes);
        }
        Step::Wait { secs } => bench.wait(secs),
        Step::AddRule { in_port, out, priority } => {
            let rule = FlowMod::add().matching(Match::new().in_port(in_port)).priority(priority);
            bench.switch.flow_mod(rule.apply([Action::output(PortNo(out))])).unwrap();
        }
        Step::DeleteRules { in_port } => {
            let which = in_port.map_or(Match::new(), |port| Match::new().in_port(port));
            bench.switch.flow_mod(FlowMod::delete().matching(which)).unwrap();
            let normal = FlowMod::add().priority(0).apply([Action::output(PortNo::NORMAL)]);
            bench.switch.flow_mod(normal).unwrap();
        }
        Step::AddPort => {
            let name = format!("n{}", bench.switch.ports().len());
            bench.switch.add_port(PortSpec::named(name)).ok();
        }
        Step::RemovePort { port } => drop(bench.switch.remove_port(PortNo(port))),
        Step::FlushMacs => bench.switch.flush_macs(),
    }
    Vec::new()
}

proptest! {
    /// A switch with a cache, one with a cache of four flows, and one without do the same.
    #[test]
    fn cached_forwarding_is_uncached_forwarding(steps in prop::collection::vec(step(), 1..300)) {
        let bench = |cached_flows| {
            let mut config = Config::default();
            (config.megaflows, config.max_ports) = (cached_flows, 6);
            Bench::new(4, config)
        };
        let (mut cached, mut small, mut plain) = (bench(8192), bench(4), bench(0));
        for step in &steps {
            let expected = run(&mut plain, step);
            prop_assert_eq!(&run(&mut cached, step), &expected, "{:?}", step);
            prop_assert_eq!(&run(&mut small, step), &expected, "{:?}", step);
        }
        prop_assert_eq!(plain.switch.cache_stats().hits, 0);
        for port in plain.switch.ports() {
            let expected = plain.switch.port_stats(port.number);
            prop_assert_eq!(&cached.switch.port_stats(port.number), &expected);
            prop_assert_eq!(&small.switch.port_stats(port.number), &expected);
        }
    }
}

#[test]
fn the_local_port_is_meant_by_its_number_in_the_bridge_too() {
    let mut bench = Bench::new(1, Config::default());
    let local = PortSpec::named("br0").numbered(PortNo::LOCAL);
    assert_eq!(bench.switch.add_port(local).unwrap(), PortNo::LOCAL);
    let bytes = frame([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let mut out = Outbox::new();
    let batch = || Batch::from([Frame::from(bytes.as_slice())]);
    bench.forwarder.process(bench.now, PortNo(1), &mut batch(), &mut out);
    assert_eq!(out.frames(PortNo::LOCAL).len(), 1);
    assert_eq!(out.frames(bench.switch.datapath_port(PortNo::LOCAL)).len(), 1);
    bench.forwarder.process(bench.now, PortNo::LOCAL, &mut batch(), &mut out);
    assert_eq!((out.frames(PortNo(1)).len(), bench.switch.unknown_port_drops()), (1, 0));
}
