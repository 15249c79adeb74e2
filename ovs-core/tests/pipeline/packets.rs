//! Single packets: what is looked at again, connections, continuations, fragments.

use super::{Bench, framed, output, udp};
use ovs_core::action::{
    Action, Bundle, BundleAlgorithm, Controller, Ct, HashFields, Instructions, PacketInReason,
    Subfield,
};
use ovs_core::conntrack::{ConnTracker, Connection};
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::key::{FlowKey, U32};
use ovs_core::matching::Match;
use ovs_core::{
    Batch, Bridging, Config, DropReason, Event, Forwarder, FragmentHandling, Frame, Instant,
    Outbox, PacketOut, PortNo, Switch, TableId,
};
use std::sync::Arc;

fn mpls_around(inner: &Frame, label: u32) -> Frame {
    let bytes = inner.as_slice();
    let entry = (label << 12 | 0x100 | 64).to_be_bytes();
    Frame::from([&bytes[..12], &[0x88, 0x47], &entry, &bytes[14..]].concat())
}

/// Behind a label, the address is known only when the frame is looked at again.
#[test]
fn a_match_on_what_stood_behind_a_label_looks_again() {
    let mut bench = Bench::new(3);
    let mpls = Match::new().eth_type(0x8847);
    let goto = |table| Instructions { goto: Some(TableId(table)), ..Instructions::none() };
    let pop = Instructions { apply: Some(vec![Action::PopMpls(0x0800)]), ..goto(1) };
    bench.switch.flow_mod(FlowMod::add().matching(mpls).instructions(pop)).unwrap();
    let to = |last: u8| Match::new().eth_type(0x0800).ipv4_dst([10, 0, 0, last].into(), 32);
    bench.rule(1, 1, to(2), [output(2)]);
    bench.rule(1, 1, to(3), [Action::DecIpTtl { controllers: vec![] }, output(3)]);
    for last in [2u8, 3] {
        let inner = udp(|key| key.ipv4_dst = [10, 0, 0, last]);
        let sent = bench.send(1, &mpls_around(&inner, 5));
        let expected = udp(|key| {
            key.ipv4_dst = [10, 0, 0, last];
            key.ip_ttl -= u8::from(last == 3);
        });
        assert_eq!(sent, [(PortNo(last.into()), expected)]);
    }
    let trace = bench.switch.trace(bench.now, PortNo(1), &mpls_around(&udp(|_| ()), 5));
    assert_eq!(trace.passes.len(), 2);
    let unread = |field: Field| field.get(&trace.passes[0].megaflow.mask()) == Some(0);
    assert!(unread(Field::Ipv4Dst) && unread(Field::MplsLabel));
}

/// Says of the connection what the zone asks for.
#[derive(Debug)]
struct Fake;

impl ConnTracker for Fake {
    fn track(&self, _: Instant, ct: &Ct, packet: &mut Frame) -> Option<Connection> {
        let key = FlowKey::of(0, packet.as_slice());
        let established = key.tp_dst.get() == 2000;
        let state = 0x20 | if established { 0x2 } else { 0x1 };
        (key.tp_dst.get() != 9).then(|| Connection {
            state,
            mark: 7,
            zone: ct_zone(ct),
            ..Connection::default()
        })
    }
}

fn ct_zone(ct: &Ct) -> u16 {
    match ct.zone {
        ovs_core::action::CtZone::Number(zone) => zone,
        ovs_core::action::CtZone::Field(_) => panic!("the zone is a number by now"),
    }
}

#[test]
fn a_connection_tracker_has_its_place() {
    let mut config = Config::default();
    config.tracker = Some(Arc::new(Fake));
    let mut bench = Bench::bridging(3, config);
    bench.switch.flow_mod(FlowMod::delete()).unwrap();
    let zone = ovs_core::action::CtZone::Number(5);
    let ct = Ct { table: Some(TableId(1)), zone, ..Ct::default() };
    let udp_packets = || Match::new().eth_type(0x0800).ip_proto(17);
    // What follows the ct goes on without a connection.
    bench.rule(0, 1, udp_packets(), [Action::Ct(Box::new(ct)), output(3)]);
    let state = |bits: u128| udp_packets().with_masked(Field::CtState, bits, bits).unwrap();
    let in_zone =
        |bits| state(bits).with(Field::CtZone, 5).unwrap().with(Field::CtMark, 7).unwrap();
    bench.rule(1, 1, in_zone(0x22), [output(2)]);
    bench.rule(1, 1, in_zone(0x21), []);
    assert_eq!(bench.ports(1, &udp(|_| ())), [2, 3]);
    assert_eq!(bench.ports(1, &udp(|key| key.tp_dst = 5.into())), [3]);
    assert_eq!(bench.ports(1, &udp(|key| key.tp_dst = 9.into())), [3]);
    let drops = [(DropReason::RuleDrops, 2), (DropReason::Untracked, 2)];
    assert_eq!(bench.drops(1), drops);
}

#[test]
fn a_packet_that_waits_for_a_controller_goes_on_where_it_stopped() {
    let mut bench = Bench::new(2);
    let pause = Controller { pause: true, userdata: [1, 2].into(), ..Controller::default() };
    let mark = Action::set_field(Field::Reg3, 9).unwrap();
    let resubmit =
        Action::Resubmit { port: PortNo::IN_PORT, table: Some(TableId(4)), with_ct: false };
    bench.rule(0, 1, Match::new(), [mark, Action::Controller(Box::new(pause)), resubmit]);
    bench.rule(4, 1, Match::new().with(Field::Reg3, 9).unwrap(), [output(2)]);
    let frame = udp(|_| ());
    assert_eq!(bench.send_once(1, &frame), []);
    let Some(Event::PacketIn(packet)) = bench.switch.next_event() else { panic!("a packet-in") };
    assert_eq!((packet.reason, &*packet.userdata), (PacketInReason::ACTION, &[1, 2][..]));
    assert_eq!(packet.metadata.get(Field::Reg3), Some((9, 0xffff_ffff)));
    bench.switch.resume(packet.continuation.clone().unwrap(), frame.clone()).unwrap();
    let mut out = Outbox::new();
    bench.forwarder.poll(bench.now, &mut out);
    assert_eq!(out.frames(PortNo(2)), [&frame]);
}

#[test]
fn fragments_have_no_ports_unless_that_is_asked_for() {
    let mut bench = Bench::new(3);
    let udp_to =
        |port| Match::new().eth_type(0x0800).ip_proto(17).with(Field::UdpDst, port).unwrap();
    bench.rule(0, 2, udp_to(2000), [output(2)]);
    bench.rule(0, 2, udp_to(0), [output(3)]);
    let whole = udp(|_| ());
    let first = udp(|key| key.ip_frag = 1);
    let later = udp(|key| {
        key.ip_frag = 3;
        (key.tp_src, key.tp_dst) = (0.into(), 0.into());
    });
    let mut check = |fragments, expected: [&[u32]; 3]| {
        bench.switch.set_fragment_handling(fragments);
        let ports = [&whole, &first, &later].map(|frame| bench.ports(1, frame));
        assert_eq!(ports, expected, "{fragments:?}");
    };
    check(FragmentHandling::Normal, [&[2], &[3], &[3]]);
    check(FragmentHandling::NxMatch, [&[2], &[2], &[3]]);
    check(FragmentHandling::Drop, [&[2], &[], &[]]);
    assert_eq!(bench.drops(1), [(DropReason::Fragment, 4)]);
}

#[test]
fn packet_outs_go_through_actions_and_tables() {
    let mut bench = Bench::new(3);
    bench.rule(0, 1, Match::new().in_port(PortNo(1)), [output(2)]);
    bench.rule(0, 1, Match::new().in_port(PortNo::CONTROLLER), [output(3)]);
    let frame = udp(|_| ());
    let mut send = |in_port: PortNo, actions: Vec<Action>| {
        bench.switch.packet_out(PacketOut { in_port, actions, frame: frame.clone() })?;
        let mut out = Outbox::new();
        bench.forwarder.poll(bench.now, &mut out);
        Ok(out.drain().map(|(port, _)| port.0).collect::<Vec<_>>())
    };
    let table = Action::output(PortNo::TABLE);
    assert_eq!(send(PortNo(1), vec![table.clone()]), Ok(vec![2]));
    assert_eq!(send(PortNo::CONTROLLER, vec![table, output(1)]), Ok(vec![3, 1]));
    assert_eq!(send(PortNo::ANY, vec![Action::output(PortNo::FLOOD)]), Ok(vec![1, 2, 3]));
    assert_eq!(send(PortNo(1), vec![Action::output(PortNo::IN_PORT)]), Ok(vec![1]));
    let mut code = |in_port, actions| {
        let error: ovs_core::Error = send(in_port, actions).unwrap_err();
        error.code_name()
    };
    assert_eq!(code(PortNo::TABLE, vec![]), Some("OFPBRC_BAD_PORT"));
    assert_eq!(code(PortNo(1), vec![output(0)]), Some("OFPBAC_BAD_OUT_PORT"));
    let group = Action::Group(ovs_core::group::GroupId(5));
    assert_eq!(code(PortNo(1), vec![group]), Some("OFPBAC_BAD_OUT_GROUP"));
}

#[test]
fn controllers_get_the_packet_and_what_is_known_of_it() {
    let mut bench = Bench::new(2);
    let to_controller = Action::Output { port: PortNo::CONTROLLER, max_len: 20 };
    let set = Action::set_field(Field::Metadata, 0x55).unwrap();
    let flow = FlowMod::add().cookie(7).table(TableId(3)).apply([set, to_controller]);
    bench.switch.flow_mod(flow).unwrap();
    let goto = Instructions { goto: Some(TableId(3)), ..Instructions::none() };
    bench.switch.flow_mod(FlowMod::add().instructions(goto)).unwrap();
    let frame = udp(|_| ());
    bench.send(2, &frame);
    let packets = bench.events();
    assert_eq!(packets.len(), 2, "each packet, cached or not");
    for event in packets {
        let Event::PacketIn(packet) = event else { panic!("{event:?}") };
        // All of it: there is no buffer in which the rest could wait.
        assert_eq!((&packet.data[..], packet.max_len), (frame.as_slice(), 20));
        assert_eq!((packet.table, packet.cookie), (TableId(3), Some(7)));
        assert_eq!(packet.reason, PacketInReason::ACTION);
        let in_port = packet.metadata.get(Field::InPort).unwrap();
        assert_eq!((in_port.0, packet.metadata.get(Field::Metadata).unwrap().0), (2, 0x55));
    }
}

#[test]
fn a_time_to_live_that_is_over_ends_the_rule_and_is_told() {
    let mut bench = Bench::new(2);
    let dec = Action::DecIpTtl { controllers: vec![3] };
    bench.rule(0, 1, Match::new().eth_type(0x0800), [output(2), dec, output(2)]);
    let frame = udp(|key| key.ip_ttl = 1);
    assert_eq!(bench.send_once(1, &frame), [(PortNo(2), frame)]);
    let events = bench.events();
    let [Event::PacketIn(packet)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((packet.reason, packet.controller), (PacketInReason::INVALID_TTL, 3));
}

#[test]
fn labels_are_followed_as_far_as_a_key_goes() {
    let mut bench = Bench::new(2);
    let mut key = FlowKey::ZERO;
    key.eth_type = 0x8847.into();
    let entry = |label: u32, bottom: u32| U32::new(label << 12 | bottom << 8 | 9);
    key.mpls = [entry(1, 0), entry(2, 0), entry(3, 1)];
    let frame = framed(&key);
    let pops = vec![Action::PopMpls(0x8847); 2];
    let label = |n: u128| Match::new().eth_type(0x8847).with(Field::MplsLabel, n).unwrap();
    let resubmit =
        Action::Resubmit { port: PortNo::IN_PORT, table: Some(TableId(1)), with_ct: false };
    bench.rule(0, 1, label(1), pops.into_iter().chain([resubmit]));
    bench.rule(1, 1, label(3), [output(2)]);
    let sent = bench.send(1, &frame);
    assert_eq!(sent.len(), 1);
    assert_eq!(FlowKey::of(0, sent[0].1.as_slice()).mpls, [entry(3, 1), U32::ZERO, U32::ZERO]);
    let _ = Batch::new();
}

/// As OpenFlow 1.5.1 §7.2.3.8 has it: `actset_output` is `OFPP_UNSET` until there is an output in the
/// action set. Controllers are told only if there is one.
#[test]
fn an_action_set_without_output_can_be_matched() {
    let mut bench = Bench::new(3);
    let with = |port| Match::new().with(Field::ActsetOutput, port).unwrap();
    bench.rule(0, 2, with(0xffff_fff7), [Action::output(PortNo::CONTROLLER), output(2)]);
    bench.rule(0, 1, Match::new(), [output(3)]);
    let sent = bench.send(1, &udp(|_| ()));
    assert_eq!(sent, [(PortNo(2), udp(|_| ()))]);
    let Some(Event::PacketIn(told)) = bench.switch.next_event() else { panic!("a packet-in") };
    assert_eq!(told.metadata, Match::new().in_port(PortNo(1)));
}

/// As in Open vSwitch: ports that stand for others count as live.
#[test]
fn a_bundle_can_have_reserved_ports() {
    let mut bench = Bench::new(3);
    let bundle = |members| {
        let (fields, algorithm) = (HashFields::EthSrc, BundleAlgorithm::ActiveBackup);
        Action::Bundle(Box::new(Bundle { fields, basis: 0, algorithm, destination: None, members }))
    };
    bench.rule(0, 1, Match::new(), [bundle(vec![PortNo(9), PortNo::IN_PORT, PortNo(2)])]);
    assert_eq!(bench.send(1, &udp(|_| ())), [(PortNo(1), udp(|_| ()))]);
}

/// As in Open vSwitch: the clone has the action set too, and what is written within is gone behind it.
#[test]
fn a_clone_does_the_action_set() {
    let mut bench = Bench::new(3);
    let resubmit =
        Action::Resubmit { port: PortNo::IN_PORT, table: Some(TableId(1)), with_ct: false };
    bench.rule(0, 1, Match::new(), [Action::Clone(vec![resubmit])]);
    let write = Instructions { write: Some(vec![output(2)]), ..Instructions::none() };
    bench.switch.flow_mod(FlowMod::add().table(TableId(1)).instructions(write)).unwrap();
    assert_eq!(bench.send(1, &udp(|_| ())), [(PortNo(2), udp(|_| ()))]);
}

/// ovs-actions(7): ports have 16 bits there, and 0xffff is none.
#[test]
fn a_bundle_loads_ports_of_16_bits() {
    let mut bench = Bench::new(3);
    let bundle = |members, field| {
        let (fields, algorithm) = (HashFields::EthSrc, BundleAlgorithm::ActiveBackup);
        let destination = Some(Subfield::all(field));
        Action::Bundle(Box::new(Bundle { fields, basis: 0, algorithm, destination, members }))
    };
    let load = [bundle(vec![PortNo::IN_PORT], Field::Reg0), bundle(vec![PortNo(9)], Field::Reg1)];
    bench.rule(0, 1, Match::new(), load);
    let key = bench.switch.trace(bench.now, PortNo(1), &udp(|_| ())).passes[0].final_key;
    assert_eq!((Field::Reg0.get(&key), Field::Reg1.get(&key)), (Some(0xfff8), Some(0xffff)));
}

/// ovs-actions(7), "The exit action": what is in the action set is still done.
#[test]
fn an_exit_leaves_the_action_set() {
    let mut bench = Bench::new(3);
    let write = Instructions {
        write: Some(vec![output(2)]),
        goto: Some(TableId(1)),
        ..Instructions::none()
    };
    bench.switch.flow_mod(FlowMod::add().instructions(write)).unwrap();
    bench.rule(1, 1, Match::new(), [Action::Exit, output(3)]);
    assert_eq!(bench.send(1, &udp(|_| ())), [(PortNo(2), udp(|_| ()))]);
}
