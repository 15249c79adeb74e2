//! Bridging: VLANs, mirrors, protected ports, several bridges.

use super::{Bench, output, tag, udp};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::key::{FlowKey, VlanTag};
use ovs_core::matching::Match;
use ovs_core::port::{PortConfig, PortState};
use ovs_core::vlan::{Mirror, MirrorOutput, PriorityTags, VlanConfig, VlanMode, VlanSet};
use ovs_core::{Bridging, Config, DropReason, Error, Frame, PortNo, PortSpec, Switch};

fn broadcast(vlans: [VlanTag; 2]) -> Frame {
    udp(|key| {
        key.eth_dst = [0xff; 6].into();
        key.vlans = vlans;
    })
}

const NONE: VlanTag = VlanTag { tpid: ovs_core::key::U16::ZERO, tci: ovs_core::key::U16::ZERO };

/// By which ports a broadcast leaves, with which tags.
fn flooded(bench: &mut Bench, port: u32, vlans: [VlanTag; 2]) -> Vec<(u32, Vec<u16>)> {
    let sent = bench.send(port, &broadcast(vlans));
    let tags = |frame: &Frame| {
        let key = FlowKey::of(0, frame.as_slice());
        key.vlans.into_iter().filter(|tag| tag.is_present()).map(|tag| tag.vid()).collect()
    };
    sent.iter().map(|(port, frame)| (port.0, tags(frame))).collect()
}

fn with_modes(modes: Vec<VlanMode>) -> Bench {
    let mut bench = Bench::bridging(modes.len() as u32, Config::default());
    for (n, mode) in modes.into_iter().enumerate() {
        let config = VlanConfig { mode, ..VlanConfig::default() };
        bench.switch.set_vlan(PortNo(n as u32 + 1), config).unwrap();
    }
    bench
}

#[test]
fn vlan_modes_say_what_comes_in_and_how_it_leaves() {
    let some: VlanSet = [10, 20].into_iter().collect();
    let tunnel = VlanMode::Dot1qTunnel { vlan: 10, customers: VlanSet::all(), tag_type: 0x88a8 };
    let mut bench = with_modes(vec![
        VlanMode::Access(10),
        VlanMode::Trunk(some.clone()),
        VlanMode::NativeTagged(10, some.clone()),
        VlanMode::NativeUntagged(10, some),
        tunnel,
        VlanMode::Access(20),
    ]);
    let empty = Vec::new;
    let ten = |but: u32| -> Vec<(u32, Vec<u16>)> {
        let all = [(1, empty()), (2, vec![10]), (3, vec![10]), (4, empty()), (5, empty())];
        all.into_iter().filter(|(port, _)| *port != but).collect()
    };
    assert_eq!(flooded(&mut bench, 1, [NONE, NONE]), ten(1));
    assert_eq!(flooded(&mut bench, 2, [tag(10), NONE]), ten(2));
    assert_eq!(flooded(&mut bench, 3, [NONE, NONE]), ten(3));
    assert_eq!(flooded(&mut bench, 4, [NONE, NONE]), ten(4));
    let twenty = [(3, vec![20]), (4, vec![20]), (6, empty())];
    assert_eq!(flooded(&mut bench, 2, [tag(20), NONE]), twenty);
    // A customer's frame is behind the service tag.
    let inside = [(1, empty()), (2, vec![10, 7]), (3, vec![10, 7]), (4, vec![7])];
    assert_eq!(flooded(&mut bench, 5, [tag(7), NONE]), inside);
    for (port, vlans) in [(1, tag(10)), (2, NONE), (2, tag(30)), (4, tag(30)), (6, tag(20))] {
        assert_eq!(flooded(&mut bench, port, [vlans, NONE]), []);
        assert!(bench.drops(port).contains(&(
            DropReason::VlanNotAllowed,
            if port == 2 { bench.drops(2)[0].1 } else { 2 }
        )));
    }
}

#[test]
fn a_priority_is_kept_where_that_is_asked_for() {
    let mut bench = with_modes(vec![VlanMode::Trunk(VlanSet::all()), VlanMode::Access(0)]);
    let urgent = VlanTag { tpid: 0x8100.into(), tci: 0xa000.into() };
    assert_eq!(flooded(&mut bench, 1, [urgent, NONE]), [(2, vec![])]);
    for priority_tags in [PriorityTags::IfNonzero, PriorityTags::Always] {
        let config = VlanConfig { mode: VlanMode::Access(0), priority_tags, protected: false };
        bench.switch.set_vlan(PortNo(2), config).unwrap();
        assert_eq!(flooded(&mut bench, 1, [urgent, NONE]), [(2, vec![0])], "{priority_tags:?}");
    }
}

#[test]
fn protected_ports_do_not_reach_each_other() {
    let mut bench = Bench::bridging(3, Config::default());
    for port in [1, 2] {
        let config = VlanConfig { protected: true, ..VlanConfig::default() };
        bench.switch.set_vlan(PortNo(port), config).unwrap();
    }
    assert_eq!(bench.ports(1, &broadcast([NONE, NONE])), [3]);
    assert_eq!(bench.ports(3, &udp(|key| key.eth_src = [2, 0, 0, 0, 0, 3].into())), [1, 2]);
    // Learned behind a protected port, from another one.
    let back = udp(|key| {
        key.eth_src = [2, 0, 0, 0, 0, 9].into();
        key.eth_dst = [2, 0, 0, 0, 0, 1].into();
    });
    assert_eq!(bench.ports(2, &back), []);
    assert_eq!(bench.drops(2), [(DropReason::Protected, 2)]);
}

fn mirror(output: MirrorOutput) -> Mirror {
    Mirror {
        name: "m".into(),
        all: false,
        sources: vec![],
        destinations: vec![],
        vlans: None,
        output,
        max_len: None,
    }
}

#[test]
fn mirrors_copy_what_came_and_what_leaves() {
    let mut bench = Bench::new(4);
    bench.rule(
        0,
        1,
        Match::new().in_port(PortNo(1)).eth_type(0x0800),
        [Action::set_field(Field::IpTtl, 9).unwrap(), output(2)],
    );
    bench.rule(0, 1, Match::new().in_port(PortNo(3)), [output(2)]);
    let (frame, changed) = (udp(|_| ()), udp(|key| key.ip_ttl = 9));
    let to_4 = MirrorOutput::Port(PortNo(4));
    let source = Mirror { sources: vec![PortNo(1)], ..mirror(to_4) };
    bench.switch.set_mirrors(vec![source]).unwrap();
    assert_eq!(bench.send(1, &frame), [(PortNo(4), frame.clone()), (PortNo(2), changed.clone())]);
    assert_eq!(bench.ports(3, &frame), [2]);
    let destination = Mirror { destinations: vec![PortNo(2)], max_len: Some(20), ..mirror(to_4) };
    bench.switch.set_mirrors(vec![destination]).unwrap();
    let cut = Frame::from(changed.as_slice()[..20].to_vec());
    assert_eq!(bench.send(1, &frame), [(PortNo(2), changed.clone()), (PortNo(4), cut)]);
    // One copy, though both come and leave are watched; and nothing comes in by the port itself.
    let all = Mirror { all: true, ..mirror(to_4) };
    bench.switch.set_mirrors(vec![all]).unwrap();
    assert_eq!(bench.send(1, &frame), [(PortNo(4), frame.clone()), (PortNo(2), changed)]);
    assert_eq!(bench.ports(4, &frame), []);
    assert_eq!(bench.drops(4), [(DropReason::MirrorOutput, 2)]);
    let many = vec![mirror(to_4); 65];
    assert_eq!(bench.switch.set_mirrors(many), Err(Error::TooManyMirrors));
}

#[test]
fn a_mirror_into_a_vlan_floods_there() {
    let mut bench =
        with_modes(vec![VlanMode::Access(10), VlanMode::Access(10), VlanMode::Access(99)]);
    let mirror = Mirror { sources: vec![PortNo(1)], ..mirror(MirrorOutput::Vlan(99)) };
    bench.switch.set_mirrors(vec![mirror]).unwrap();
    assert_eq!(flooded(&mut bench, 1, [NONE, NONE]), [(3, vec![]), (2, vec![])]);
}

#[test]
fn a_patch_port_leads_into_another_bridge_and_nothing_written_there_comes_back() {
    let mut bench = Bench::new(2);
    let mut other = bench.switch.add_bridge(Config::default());
    let mine = bench.switch.add_port(PortSpec::named("to-other")).unwrap();
    let peer = other.add_port(PortSpec::named("to-first")).unwrap();
    let device = other.add_port(PortSpec::named("device")).unwrap();
    bench.switch.connect(mine, &other, peer).unwrap();
    let ttl = |n| Action::set_field(Field::IpTtl, n).unwrap();
    let register = Action::set_field(Field::Reg0, 5).unwrap();
    bench.rule(0, 1, Match::new(), [register, Action::output(mine), output(2)]);
    other.flow_mod(FlowMod::delete()).unwrap();
    let fresh = Match::new().in_port(peer).eth_type(0x0800).with(Field::Reg0, 0).unwrap();
    other.flow_mod(FlowMod::add().matching(fresh).apply([ttl(9), Action::output(device)])).unwrap();
    let sent = bench.send(1, &udp(|_| ()));
    let there = other.datapath_port(device);
    assert_eq!(sent, [(there, udp(|key| key.ip_ttl = 9)), (PortNo(2), udp(|_| ()))]);
    // A frame that comes in there is of that bridge.
    other
        .flow_mod(
            FlowMod::add()
                .priority(9)
                .matching(Match::new().in_port(device))
                .apply([Action::output(peer)]),
        )
        .unwrap();
    assert_eq!(bench.ports(there.0, &udp(|_| ())), [2]);
    assert_eq!(other.rules(&Default::default()).iter().map(|rule| rule.packets).sum::<u64>(), 4);
    bench.switch.remove_port(mine).unwrap();
    assert_eq!(bench.ports(there.0, &udp(|_| ())), []);
}

#[test]
fn two_bridges_in_a_circle_end() {
    let mut bench = Bench::bridging(0, Config::default());
    let mut other = bench.switch.add_bridge(Config::default());
    bench.switch.add_port(PortSpec::named("device")).unwrap();
    for n in 0..2 {
        let a = bench.switch.add_port(PortSpec::named(format!("a{n}"))).unwrap();
        let b = other.add_port(PortSpec::named(format!("b{n}"))).unwrap();
        bench.switch.connect(a, &other, b).unwrap();
    }
    assert_eq!(bench.send_once(1, &broadcast([NONE, NONE])), []);
    let ended = [DropReason::TooDeep, DropReason::TooManyOps, DropReason::TooManyResubmits];
    let drops = bench.drops(1);
    assert!(drops.iter().any(|(reason, _)| ended.contains(reason)), "{drops:?}");
}

#[test]
fn port_configuration_is_obeyed() {
    let mut bench = Bench::bridging(4, Config::default());
    let frame = broadcast([NONE, NONE]);
    let mut config = |port: u32, bits| {
        bench.switch.configure_port(PortNo(port), bits, PortConfig::all()).unwrap();
        let ports = bench.ports(1, &frame);
        bench.switch.configure_port(PortNo(port), PortConfig::empty(), PortConfig::all()).unwrap();
        ports
    };
    assert_eq!(config(2, PortConfig::PORT_DOWN), [3, 4]);
    assert_eq!(config(2, PortConfig::NO_FWD), [3, 4]);
    assert_eq!(config(2, PortConfig::NO_FLOOD), [3, 4]);
    assert_eq!(config(2, PortConfig::NO_RECV), [2, 3, 4]);
    assert_eq!(config(1, PortConfig::NO_RECV), []);
    assert_eq!(config(1, PortConfig::PORT_DOWN), []);
    assert_eq!(bench.drops(1), [(DropReason::InputDown, 2), (DropReason::NoReceive, 2)]);
    bench.switch.set_port_state(PortNo(3), PortState::LINK_DOWN).unwrap();
    assert_eq!(bench.ports(1, &frame), [2, 4]);
}

/// A key has room for two tags. What becomes of a frame with more is told by the frame.
#[test]
fn frames_with_three_tags_are_bridged() {
    let mut bench = Bench::bridging(3, Config::default());
    let tagged = |tags: &[[u8; 4]]| {
        let mut bytes = udp(|_| ()).as_slice().to_vec();
        tags.iter().rev().for_each(|tag| drop(bytes.splice(12..12, *tag)));
        Frame::from(&bytes[..])
    };
    let three = [[0x81, 0, 0, 0], [0x81, 0, 0, 5], [0x81, 0, 0, 6]];
    let out = bench.send(1, &tagged(&three));
    assert_eq!(out, [2, 3].map(|port| (PortNo(port), tagged(&three[2..]))));
    bench
        .switch
        .set_vlan(PortNo(1), VlanConfig { mode: VlanMode::Access(9), ..VlanConfig::default() })
        .unwrap();
    let out = bench.send(1, &tagged(&[[0x81, 0, 0x20, 0], three[1], three[2]]));
    let wanted = tagged(&[[0x81, 0, 0x20, 9], three[2]]);
    assert_eq!(out, [2, 3].map(|port| (PortNo(port), wanted.clone())));
}
