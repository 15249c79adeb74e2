//! Control: rules that come and go, what is told of them, bundles, barriers, tables, meters.

use super::{Bench, output, udp};
use ovs_core::action::{
    Action, Instructions, Learn, LearnDestination, LearnSource, LearnSpec, PacketInReason, Subfield,
};
use ovs_core::field::Field;
use ovs_core::flow::{FlowFlags, FlowMod, RemovedReason};
use ovs_core::matching::Match;
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId, MeterMod};
use ovs_core::port::PortConfig;
use ovs_core::table::{Miss, RuleFilter, TableMod, TableSettings};
use ovs_core::{
    Batch, Bridging, Change, DropReason, Event, Forwarder, Frame, Instant, Outbox, PortNo, Switch,
    TableId,
};
use std::time::Duration;

fn only(table: u8) -> RuleFilter {
    RuleFilter { table: TableId(table), ..RuleFilter::default() }
}

#[test]
fn rules_count_packets_whether_they_were_cached_or_not() {
    let mut bench = Bench::new(2);
    let frame = udp(|_| ());
    bench.rule(0, 1, Match::new(), [output(2)]);
    for _ in 0..5 {
        bench.send_once(1, &frame);
    }
    let rules = bench.switch.rules(&RuleFilter::default());
    assert_eq!((rules[0].packets, rules[0].bytes), (5, 5 * frame.len() as u64));
    let sum = bench.switch.aggregate(&RuleFilter::default());
    assert_eq!((sum.packets, sum.entries), (5, 1));
    let table = &bench.switch.tables()[0];
    assert_eq!((table.stats.lookups, table.stats.matched, table.stats.active), (5, 5, 1));
    // A cache that goes takes nothing along.
    let again = bench.switch.forwarder();
    drop(std::mem::replace(&mut bench.forwarder, again));
    bench.send_once(1, &frame);
    assert_eq!(bench.switch.rules(&RuleFilter::default())[0].packets, 6);
}

#[test]
fn rules_time_out_but_not_while_a_cache_uses_them() {
    let mut bench = Bench::new(2);
    let timed = |idle, hard| {
        let flags = FlowFlags::SEND_FLOW_REM;
        FlowMod { idle_timeout: idle, hard_timeout: hard, flags, ..FlowMod::add() }
    };
    bench.switch.flow_mod(timed(10, 0).apply([output(2)])).unwrap();
    for _ in 0..5 {
        bench.wait(6);
        assert_eq!(bench.ports(1, &udp(|_| ())), [2]);
    }
    assert!(bench.events().is_empty());
    bench.wait(11);
    let removed = |bench: &mut Bench| match &bench.events()[..] {
        [Event::FlowRemoved(removed)] => (removed.reason, removed.rule.packets),
        other => panic!("{other:?}"),
    };
    assert_eq!(removed(&mut bench), (RemovedReason::IdleTimeout, 10));
    assert_eq!(bench.ports(1, &udp(|_| ())), []);
    bench.switch.flow_mod(timed(0, 10).apply([output(2)])).unwrap();
    bench.wait(9);
    assert_eq!(bench.ports(1, &udp(|_| ())), [2]);
    bench.wait(1);
    assert_eq!(removed(&mut bench), (RemovedReason::HardTimeout, 2));
    bench.switch.flow_mod(timed(0, 0)).unwrap();
    bench.switch.flow_mod(FlowMod::delete()).unwrap();
    assert_eq!(removed(&mut bench), (RemovedReason::Delete, 0));
}

/// `learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])`.
fn learning(limit: Option<u32>) -> Action {
    let source = |field| LearnSource::Field(Subfield::all(field));
    let specs = vec![
        LearnSpec {
            n_bits: 48,
            source: source(Field::EthSrc),
            destination: LearnDestination::Match(Subfield::all(Field::EthDst)),
        },
        LearnSpec {
            n_bits: 16,
            source: source(Field::InPort16),
            destination: LearnDestination::Output,
        },
    ];
    let limit = limit.map(|rules| ovs_core::action::LearnLimit { rules, result: None });
    Action::Learn(Box::new(Learn {
        idle_timeout: 5,
        hard_timeout: 0,
        priority: 9,
        cookie: 0x77,
        flags: Default::default(),
        table: TableId(1),
        fin_idle_timeout: 0,
        fin_hard_timeout: 0,
        limit,
        specs,
    }))
}

#[test]
fn packets_make_rules_that_later_packets_meet() {
    let mut bench = Bench::new(3);
    let resubmit =
        Action::Resubmit { port: PortNo::IN_PORT, table: Some(TableId(1)), with_ct: false };
    bench.rule(0, 1, Match::new(), [learning(None), resubmit]);
    bench.rule(1, 1, Match::new(), [Action::output(PortNo::FLOOD)]);
    assert_eq!(bench.ports(1, &udp(|_| ())), [2, 3]);
    let back = udp(|key| std::mem::swap(&mut key.eth_src, &mut key.eth_dst));
    assert_eq!(bench.ports(3, &back), [1]);
    assert_eq!(bench.ports(1, &udp(|_| ())), [3]);
    // To itself: only the next packet meets what this one taught.
    let own = udp(|key| {
        (key.eth_src, key.eth_dst) = ([2, 0, 0, 0, 0, 9].into(), [2, 0, 0, 0, 0, 9].into());
    });
    assert_eq!(bench.send_once(2, &own).len(), 2);
    assert_eq!(bench.send_once(2, &own), []);
    assert_eq!(bench.drops(2), [(DropReason::OutputIsInput, 1)]);
    let learned = bench.switch.rules(&only(1));
    assert_eq!(learned.iter().filter(|rule| rule.cookie == 0x77).count(), 3);
    bench.wait(6);
    assert_eq!(bench.switch.rules(&only(1)).len(), 1, "what was learned is forgotten");
}

#[test]
fn what_is_learned_is_limited() {
    let mut bench = Bench::new(2);
    bench.rule(0, 1, Match::new(), [learning(Some(3))]);
    for n in 0..9 {
        bench.send(1, &udp(|key| key.eth_src = [2, 0, 0, 0, 1, n].into()));
    }
    assert_eq!(bench.switch.rules(&only(1)).len(), 3);
}

#[test]
fn no_packets_are_kept_in_buffers() {
    let mut bench = Bench::new(2);
    let error = bench.switch.flow_mod(FlowMod { buffer: Some(7), ..FlowMod::add() }).unwrap_err();
    assert_eq!(error.code_name(), Some("OFPBRC_BUFFER_UNKNOWN"));
    assert_eq!(bench.switch.rules(&RuleFilter::default()), []);
}

#[test]
fn a_bundle_is_all_or_nothing() {
    let mut bench = Bench::new(2);
    let add = |n: u16| Change::from(FlowMod::add().priority(n).apply([output(2)]));
    let many = |n| (1..=n).map(add).collect::<Vec<_>>();
    bench.switch.commit(many(1000)).unwrap();
    let before = bench.switch.rules(&RuleFilter::default());
    let mut changes = vec![Change::from(FlowMod::delete())];
    changes.extend(many(2000));
    changes.push(Change::from(FlowMod::add().apply([output(0)])));
    let (place, error) = bench.switch.commit(changes).unwrap_err();
    assert_eq!((place, error.code_name()), (2001, Some("OFPBAC_BAD_OUT_PORT")));
    assert_eq!(bench.switch.rules(&RuleFilter::default()), before);
    assert!(bench.events().is_empty());
}

/// A packet sees all of a bundle or nothing: two tables always agree, while bundles are committed without a
/// pause by another thread.
#[test]
fn a_packet_never_sees_half_a_bundle() {
    let mut bench = Bench::new(3);
    let version = |port: u32| -> Vec<Change> {
        let mark = Action::set_field(Field::Reg0, port.into()).unwrap();
        let goto = Instructions { goto: Some(TableId(1)), ..Instructions::apply([mark]) };
        let mut changes = vec![Change::from(FlowMod::delete())];
        changes.push(Change::from(FlowMod::add().instructions(goto)));
        // Between the halves, more than is changed at a time.
        let others = (0..600u16).map(|n| FlowMod::add().table(TableId(9)).priority(n));
        changes.extend(others.map(Change::from));
        let agrees = Match::new().with(Field::Reg0, port.into()).unwrap();
        changes.push(Change::from(
            FlowMod::add().table(TableId(1)).matching(agrees).apply([output(port)]),
        ));
        changes
    };
    bench.switch.commit(version(2)).unwrap();
    let mut switch = bench.switch.clone();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (switch, stop) = (&mut switch, &stop);
        scope.spawn(move || {
            for n in 0..40 {
                switch.commit(version(2 + n % 2)).unwrap();
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let frames: Vec<Frame> = (0..50).map(|n| udp(|key| key.tp_src = n.into())).collect();
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            for frame in &frames {
                assert_eq!(bench.send_once(1, frame).len(), 1);
            }
        }
    });
}

#[test]
fn a_barrier_is_answered_when_no_batch_is_left_of_before() {
    let mut bench = Bench::new(2);
    let token = bench.switch.barrier();
    let Some(Event::Barrier(answered)) = bench.switch.next_event() else { panic!("an answer") };
    assert_eq!(answered, token);
}

#[test]
fn tables_say_what_becomes_of_what_no_rule_matches() {
    let mut bench = Bench::new(2);
    let frame = udp(|_| ());
    assert_eq!(bench.ports(1, &frame), []);
    assert_eq!(bench.drops(1), [(DropReason::NoRule, 2)]);
    let miss = |miss| TableMod { miss: Some(miss), ..TableMod::default() };
    bench.switch.table_mod(TableId(0), miss(Miss::Continue)).unwrap();
    bench.rule(1, 1, Match::new().in_port(PortNo(2)), [output(1)]);
    assert_eq!(bench.ports(2, &frame), [1]);
    // The action set is done behind all tables, and no rule sends what it sends.
    let to_controller = Action::Output { port: PortNo::CONTROLLER, max_len: u16::MAX };
    let written = FlowMod { table: TableId(1), cookie: Some(7), ..FlowMod::add().priority(2) };
    let instructions = Instructions { write: Some(vec![to_controller]), ..Instructions::default() };
    bench.switch.flow_mod(FlowMod { instructions, ..written }).unwrap();
    bench.send_once(2, &frame);
    let [Event::PacketIn(told)] = &bench.events()[..] else { panic!("one packet-in") };
    assert_eq!(
        (told.reason, told.table, told.cookie),
        (PacketInReason::ACTION_SET, TableId(0), None)
    );
    bench.switch.flow_mod(FlowMod { table: TableId(1), ..FlowMod::delete() }).unwrap();
    bench.rule(1, 1, Match::new().in_port(PortNo(2)), [output(1)]);
    bench.switch.table_mod(TableId::ALL, miss(Miss::Controller)).unwrap();
    bench.send_once(1, &frame);
    assert!(matches!(&bench.events()[..], [Event::PacketIn(_)]));
    let quiet = PortConfig::NO_PACKET_IN;
    bench.switch.configure_port(PortNo(1), quiet, quiet).unwrap();
    bench.events();
    bench.send_once(1, &frame);
    assert!(bench.events().is_empty());
    // A controller of OpenFlow 1.0 is told without asking.
    bench.switch.table_mod(TableId::ALL, miss(Miss::Default)).unwrap();
    bench.switch.tell_misses(true);
    bench.switch.configure_port(PortNo(1), PortConfig::empty(), quiet).unwrap();
    bench.events();
    bench.send_once(1, &frame);
    assert!(matches!(&bench.events()[..], [Event::PacketIn(_)]));
}

#[test]
fn a_full_table_refuses_or_makes_room() {
    let mut bench = Bench::new(2);
    let settings =
        |evicts| TableSettings { max_entries: Some(2), evicts, ..TableSettings::default() };
    bench.switch.configure_table(TableId(0), settings(false)).unwrap();
    let rule = |n: u16| FlowMod {
        hard_timeout: 100 + n,
        flags: FlowFlags::SEND_FLOW_REM,
        ..FlowMod::add().priority(n)
    };
    bench.switch.flow_mod(rule(1)).unwrap();
    bench.switch.flow_mod(rule(2)).unwrap();
    let full = bench.switch.flow_mod(rule(3)).unwrap_err();
    assert_eq!(full.code_name(), Some("OFPFMFC_TABLE_FULL"));
    bench.switch.configure_table(TableId(0), settings(true)).unwrap();
    bench.switch.flow_mod(rule(3)).unwrap();
    let events = bench.events();
    let [Event::FlowRemoved(gone)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((gone.rule.priority, gone.reason), (1, RemovedReason::Eviction));
}

fn meter(rate: u32, kind: BandKind) -> Meter {
    let bands = vec![Band { kind, rate, burst_size: 0 }];
    Meter { id: MeterId(1), flags: MeterFlags::PKTPS, bands }
}

fn metered() -> FlowMod {
    let instructions = Instructions { meter: Some(MeterId(1)), ..Instructions::apply([output(2)]) };
    FlowMod::add().instructions(instructions)
}

#[test]
fn a_meter_lets_its_rate_through_however_many_forwarders_there_are() {
    for workers in [1, 3] {
        let mut bench = Bench::new(2);
        bench.switch.meter_mod(MeterMod::Add(meter(500, BandKind::Drop))).unwrap();
        bench.switch.flow_mod(metered()).unwrap();
        let mut forwarders: Vec<_> = (0..workers).map(|_| bench.switch.forwarder()).collect();
        let (frame, mut sent) = (udp(|_| ()), 0);
        let packets = 20_000;
        for n in 0..packets {
            let now = bench.now + Duration::from_micros(n * 10_000_000 / packets);
            let mut out = Outbox::new();
            let worker = &mut forwarders[n as usize % workers];
            worker.process(now, PortNo(1), &mut Batch::from([frame.clone()]), &mut out);
            sent += out.all().len();
        }
        assert!((4900..=5100).contains(&sent), "{sent} of 5,000 with {workers}");
        let stats = &bench.switch.meter_stats()[0];
        assert_eq!((stats.packets, stats.rules), (packets, 1));
        assert_eq!(stats.bands[0].packets, packets - sent as u64);
        assert_eq!(bench.drops(1), [(DropReason::Metered, packets - sent as u64)]);
    }
}

#[test]
fn a_meter_remarks_and_goes_with_its_rules() {
    let mut bench = Bench::new(2);
    let kind = BandKind::DscpRemark { precedence_level: 1 };
    bench.switch.meter_mod(MeterMod::Add(meter(1, kind))).unwrap();
    bench.switch.flow_mod(metered()).unwrap();
    let frame = udp(|key| key.ip_tos = 0x28);
    assert_eq!(bench.send_once(1, &frame), [(PortNo(2), frame.clone())]);
    assert_eq!(bench.send_once(1, &frame), [(PortNo(2), udp(|key| key.ip_tos = 0x30))]);
    bench.switch.meter_mod(MeterMod::Delete(MeterId::ALL)).unwrap();
    assert_eq!(bench.switch.rules(&RuleFilter::default()), []);
    let missing = bench.switch.flow_mod(metered()).unwrap_err();
    assert_eq!(missing.code_name(), Some("OFPMMFC_INVALID_METER"));
    let _ = Instant::ZERO;
}

#[test]
fn packets_that_no_controller_fetches_are_lost_and_crowd_nothing_out() {
    let mut bench = Bench::new(2);
    bench.rule(0, 1, Match::new(), [Action::output(PortNo::CONTROLLER)]);
    let big = udp(|_| ());
    let mut frame = Frame::with_capacity(9000);
    frame.extend(big.as_slice());
    frame.extend(&[0; 8000]);
    for _ in 0..3000 {
        bench.send_once(1, &frame);
    }
    let lost = bench.switch.lost_events();
    assert!((1000..1500).contains(&lost), "{lost}");
    let token = bench.switch.barrier();
    let events = bench.events();
    assert_eq!(events.len() as u64, 3001 - lost);
    assert!(matches!(events.last(), Some(Event::Barrier(last)) if *last == token));
}

/// Statistics are exact however many forwarders there are, and however often their caches become stale.
#[test]
fn every_packet_is_counted_once() {
    let mut bench = Bench::new(3);
    let rules = |bench: &mut Bench, n: u16| {
        for port in 0..4 {
            let to = Match::new().eth_type(0x0800).ip_proto(17).with(Field::UdpDst, port).unwrap();
            bench.rule(0, 10 + n, to, [output(2)]);
        }
    };
    rules(&mut bench, 0);
    let (threads, packets) = (3u64, 3000u64);
    let mut forwarders: Vec<_> = (0..threads).map(|_| bench.switch.forwarder()).collect();
    let now = bench.now;
    std::thread::scope(|scope| {
        for forwarder in &mut forwarders {
            scope.spawn(move || {
                for n in 0..packets {
                    let frame = udp(|key| {
                        (key.tp_src, key.tp_dst) = ((n as u16 % 50).into(), (n as u16 % 4).into())
                    });
                    let now = now + Duration::from_millis(n);
                    let mut out = Outbox::new();
                    forwarder.process(now, PortNo(1), &mut Batch::from([frame]), &mut out);
                    assert_eq!(out.all().len(), 1);
                }
            });
        }
        for n in 1..20 {
            rules(&mut bench, n);
            bench.switch.rules(&RuleFilter::default());
        }
    });
    let rules = bench.switch.rules(&RuleFilter::default());
    assert_eq!(rules.iter().map(|rule| rule.packets).sum::<u64>(), threads * packets);
    let port = bench.switch.port_stats(PortNo(2)).unwrap();
    assert_eq!(port.tx_frames, threads * packets);
}

/// OpenFlow 1.3.5 §5.4: what the entry for misses sends to controllers is a miss.
#[test]
fn a_table_miss_entry_sends_misses() {
    let mut bench = Bench::new(2);
    let reasons = |bench: &mut Bench| {
        bench.send_once(1, &udp(|_| ()));
        bench.wait(0);
        let events = bench.events().into_iter();
        let reason = |event| match event {
            Event::PacketIn(packet) => Some(packet.reason),
            _ => None,
        };
        events.filter_map(reason).collect::<Vec<_>>()
    };
    let to_controller = || [output(PortNo::CONTROLLER.0)];
    bench.rule(0, 0, Match::new(), to_controller());
    assert_eq!(reasons(&mut bench), [PacketInReason::NO_MATCH]);
    let no_packet_in = PortConfig::NO_PACKET_IN;
    bench.switch.configure_port(PortNo(1), no_packet_in, no_packet_in).unwrap();
    assert_eq!(reasons(&mut bench), []);
    bench.rule(0, 1, Match::new(), to_controller());
    assert_eq!(reasons(&mut bench), [PacketInReason::ACTION]);
}
