//! What OpenFlow 1.3 has and Open vSwitch has not.

use super::{Bench, framed, output, tag, udp};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::key::{FlowKey, U32, exthdr};
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo};

fn ip() -> Match {
    Match::new().eth_type(0x0800)
}

fn goto(table: u8) -> Action {
    Action::Resubmit {
        port: PortNo::IN_PORT,
        table: Some(ovs_core::TableId(table)),
        with_ct: false,
    }
}

/// The one frame that leaves.
fn sent(bench: &mut Bench, frame: &Frame) -> Frame {
    let mut sent = bench.send(1, frame);
    assert_eq!(sent.len(), 1);
    sent.remove(0).1
}

fn key(frame: &Frame) -> FlowKey {
    FlowKey::of(0, frame.as_slice())
}

#[test]
fn a_backbone_header_goes_on_and_off() {
    let mut bench = Bench::new(2);
    let isid = Action::set_field(Field::PbbIsid, 0x1234).unwrap();
    bench.rule(0, 1, ip(), [Action::PushPbb(0x88e7), isid, goto(1)]);
    let pbb = || Match::new().eth_type(0x88e7);
    bench.rule(1, 9, pbb().with(Field::PbbIsid, 0x1234).unwrap(), [output(2)]);
    bench.rule(0, 1, pbb(), [Action::PopPbb, goto(2)]);
    bench.rule(2, 1, ip().ipv4_dst([10, 0, 0, 2].into(), 32), [output(2)]);
    let urgent = udp(|key| {
        key.vlans[0] = ovs_core::key::VlanTag { tpid: 0x8100.into(), tci: 0xa005.into() }
    });
    for frame in [udp(|_| ()), urgent] {
        let inside = key(&frame);
        let outside = sent(&mut bench, &frame);
        let outer = key(&outside);
        assert_eq!((outer.eth_dst, outer.eth_src), (inside.eth_dst, inside.eth_src));
        assert_eq!(outer.eth_type.get(), 0x88e7);
        let priority = u32::from(inside.vlans[0].pcp());
        assert_eq!(outer.pbb_itag.get(), priority << 29 | 0x1234, "the priority is the VLAN's");
        assert_eq!(sent(&mut bench, &outside), frame);
    }
}

#[test]
fn a_pushed_tag_has_the_id_and_priority_of_the_one_behind() {
    let mut bench = Bench::new(2);
    bench.rule(0, 1, Match::new(), [Action::PushVlan(0x88a8), output(2)]);
    let frame = udp(|key| key.vlans[0] = tag(0x6007));
    let [outer, inner] = key(&sent(&mut bench, &frame)).vlans;
    assert_eq!((outer.tpid.get(), outer.tci.get(), inner), (0x88a8, 0x6007, tag(0x6007)));
    let [outer, _] = key(&sent(&mut bench, &udp(|_| ()))).vlans;
    assert_eq!((outer.tpid.get(), outer.tci.get()), (0x88a8, 0));
}

#[test]
fn times_to_live_are_copied_out_and_in() {
    let mut bench = Bench::new(2);
    let ttl = |n| Action::set_field(Field::MplsTtl, n).unwrap();
    bench.rule(0, 1, ip(), [Action::PushMpls(0x8847), ttl(9), Action::CopyTtlOut, goto(1)]);
    let mpls = || Match::new().eth_type(0x8847);
    bench.rule(1, 1, mpls().with(Field::MplsTtl, 64).unwrap(), [output(2)]);
    let labelled = sent(&mut bench, &udp(|_| ()));
    bench.rule(0, 1, mpls(), [ttl(7), Action::CopyTtlIn, Action::PopMpls(0x0800), goto(2)]);
    bench.rule(2, 1, ip().with(Field::IpTtl, 7).unwrap(), [output(2)]);
    assert_eq!(sent(&mut bench, &labelled), udp(|key| key.ip_ttl = 7));
}

#[test]
fn types_and_protocols_can_be_set() {
    let mut bench = Bench::new(2);
    let set = |field, value| Action::set_field(field, value).unwrap();
    bench.rule(0, 1, ip(), [set(Field::IpProto, 6), goto(1)]);
    let tcp = || ip().ip_proto(6);
    bench.rule(1, 1, tcp(), [output(2)]);
    let changed = key(&sent(&mut bench, &udp(|_| ())));
    assert_eq!((changed.ip_proto, changed.ipv4_dst), (6, [10, 0, 0, 2]));
    bench.rule(0, 1, ip(), [set(Field::EthType, 0x88b5), goto(2)]);
    bench.rule(2, 1, Match::new().eth_type(0x88b5), [output(2)]);
    assert_eq!(key(&sent(&mut bench, &udp(|_| ()))).eth_type.get(), 0x88b5);
    let mut labels = FlowKey::ZERO;
    labels.eth_type = 0x8847.into();
    labels.mpls = [U32::new(0x1000), U32::new(0x2140), U32::ZERO];
    let mpls = Match::new().eth_type(0x8847);
    bench.rule(0, 1, mpls.clone(), [set(Field::MplsBos, 1), goto(3)]);
    bench.rule(3, 1, mpls.with(Field::MplsBos, 1).unwrap(), [output(2)]);
    let ended = key(&sent(&mut bench, &framed(&labels)));
    assert_eq!(ended.mpls.map(|entry| entry.get()), [0x1100, 0, 0]);
}

#[test]
fn extension_headers_are_matched() {
    let mut bench = Bench::new(2);
    let ipv6 = Match::new().eth_type(0x86dd);
    let hop = u128::from(exthdr::HOP);
    bench.rule(0, 1, ipv6.with_masked(Field::Ipv6Exthdr, hop, hop).unwrap(), [output(2)]);
    let packet = |headers: u16| {
        let mut key = FlowKey::ZERO;
        key.eth_type = 0x86dd.into();
        (key.ip_proto, key.ip_ttl) = (17, 64);
        key.ipv6_exthdr = headers.into();
        framed(&key)
    };
    assert_eq!(bench.ports(1, &packet(exthdr::HOP)), [2]);
    assert_eq!(bench.ports(1, &packet(exthdr::DEST)), []);
}
