//! Faults that Open vSwitch had: megaflows that covered packets for which something else is right.

use super::{Bench, framed, output, udp};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::key::FlowKey;
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo};

/// What is done with one packet is done with all that its megaflow covers: the second is not covered, or it is
/// treated the same.
fn told_apart(bench: &Bench, first: &Frame, second: &Frame) {
    let trace = |frame| bench.switch.trace(bench.now, PortNo(1), frame);
    let (one, two) = (trace(first), trace(second));
    let covers = one.passes[0].megaflow.matches(&two.passes[0].key);
    let ports = |trace: &ovs_core::trace::Trace| {
        trace.sent.iter().map(|(port, _)| *port).collect::<Vec<_>>()
    };
    assert!(!covers || ports(&one) == ports(&two), "{}", one.passes[0].megaflow);
    assert_ne!(ports(&one), ports(&two), "the test tells them apart");
}

/// CVE-2023-1668: with an IP protocol of 0, the datapath flow matched all protocols.
#[test]
fn protocol_zero_is_a_protocol() {
    let mut bench = Bench::new(3);
    let ip = || Match::new().eth_type(0x0800);
    let set = Action::set_field(Field::IpDscp, 5).unwrap();
    bench.rule(0, 9, ip().ip_proto(17), [set.clone(), output(2)]);
    bench.rule(0, 1, ip(), [set, output(3)]);
    let zero = udp(|key| {
        key.ip_proto = 0;
        (key.tp_src, key.tp_dst) = (0.into(), 0.into());
    });
    told_apart(&bench, &zero, &udp(|_| ()));
    assert_eq!(bench.ports(1, &zero), [3]);
    assert_eq!(bench.ports(1, &udp(|_| ())), [2]);
}

/// CVE-2020-35498: a packet with padding, or one that is too short for what it says, had the L3 header ignored
/// and its megaflow covered good ones.
#[test]
fn a_runt_does_not_stand_for_good_packets() {
    let mut bench = Bench::new(3);
    bench.rule(0, 9, Match::new().eth_type(0x0800).ipv4_dst([10, 0, 0, 2].into(), 32), [output(2)]);
    bench.rule(0, 1, Match::new(), [output(3)]);
    let good = udp(|_| ());
    for length in [14, 20, 33] {
        let runt = Frame::from(good.as_slice()[..length].to_vec());
        told_apart(&bench, &runt, &good);
        assert_eq!(bench.ports(1, &runt), [3]);
    }
    assert_eq!(bench.ports(1, &good), [2]);
    // An IP header that says more than there is.
    let mut long = good.clone();
    long.as_mut_slice()[16] = 0xff;
    told_apart(&bench, &long, &good);
    let mut padded = good.clone();
    padded.extend(&[0; 20]);
    assert_eq!(bench.ports(1, &padded), [2]);
}

fn advertisement(target: u8, link: u8) -> Frame {
    let mut key = FlowKey::ZERO;
    key.eth_dst = [0x33, 0x33, 0, 0, 0, 1].into();
    key.eth_src = [2, 0, 0, 0, 0, 1].into();
    key.eth_type = 0x86dd.into();
    key.ipv6_src = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    key.ipv6_dst = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    (key.ip_proto, key.ip_ttl) = (58, 255);
    key.tp_src = 136.into();
    key.nd_target = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, target];
    key.arp_tha = [2, 0, 0, 0, 0, link].into();
    key.nd_options_type = 2;
    framed(&key)
}

/// CVE-2023-5366: rules on the target of neighbour discovery were not kept apart in the datapath.
#[test]
fn targets_of_neighbour_discovery_are_told_apart() {
    let mut bench = Bench::new(3);
    let nd = || {
        Match::new()
            .eth_type(0x86dd)
            .ip_proto(58)
            .with(Field::Icmpv6Type, 136)
            .unwrap()
            .with(Field::Icmpv6Code, 0)
            .unwrap()
    };
    let target = u128::from_be_bytes([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
    bench.rule(0, 9, nd().with(Field::NdTarget, target).unwrap(), [output(2)]);
    bench.rule(0, 8, nd().with(Field::NdTll, 0x0200_0000_0005).unwrap(), [output(3)]);
    bench.rule(0, 1, nd(), []);
    let (allowed, spoofed, other) = (advertisement(7, 1), advertisement(8, 1), advertisement(8, 5));
    told_apart(&bench, &allowed, &spoofed);
    told_apart(&bench, &spoofed, &other);
    assert_eq!(bench.ports(1, &allowed), [2]);
    assert_eq!(bench.ports(1, &spoofed), []);
    assert_eq!(bench.ports(1, &other), [3]);
}

/// Fragments: a later one has no ports, and must not stand for first ones.
#[test]
fn later_fragments_do_not_stand_for_whole_packets() {
    let mut bench = Bench::new(3);
    let web = Match::new().eth_type(0x0800).ip_proto(17).with(Field::UdpDst, 2000).unwrap();
    bench.rule(0, 9, web, [output(2)]);
    bench.rule(0, 1, Match::new(), [output(3)]);
    let later = udp(|key| {
        key.ip_frag = 3;
        (key.tp_src, key.tp_dst) = (0.into(), 0.into());
    });
    told_apart(&bench, &later, &udp(|_| ()));
    let zero = udp(|key| (key.tp_src, key.tp_dst) = (0.into(), 0.into()));
    assert_eq!(bench.ports(1, &zero), [3]);
    assert_eq!(bench.ports(1, &later), [3]);
    assert_eq!(bench.ports(1, &udp(|_| ())), [2]);
}
