//! Hosts behind network interfaces, bridged by AF_PACKET.

mod support;

use ovs_core::{DropReason, Frame, PortNo};
use ovs_pnet::{PacketSocket, Tap, memory};
use std::time::Duration;
use support::{Bridge, Host, have, wait_for};

/// Two hosts with a veth device each, whose other ends are on the switch's host.
fn two_hosts() -> (Bridge, Host, Host, Host) {
    let (left, right, middle) = (Host::quiet(), Host::quiet(), Host::quiet());
    left.veth("eth0", &middle, "left");
    right.veth("eth0", &middle, "right");
    left.address("eth0", "10.0.0.1/24");
    right.address("eth0", "10.0.0.2/24");
    let mut bridge = Bridge::new();
    bridge.add("left", middle.packet_socket("left"));
    bridge.add("right", middle.packet_socket("right"));
    (bridge, left, right, middle)
}

const LEFT: PortNo = PortNo(1);
const RIGHT: PortNo = PortNo(2);

#[test]
fn ping_and_nothing_comes_back() {
    if !have(&["ip", "ping", "sysctl"]) {
        return;
    }
    let (bridge, left, right, _middle) = two_hosts();
    left.sh("ping -c 5 -i 0.05 -W 2 10.0.0.2");
    right.sh("ping -c 5 -i 0.05 -W 2 10.0.0.1");
    let (a, b) = (bridge.stats(LEFT), bridge.stats(RIGHT));
    assert_eq!(a.rx_frames, b.tx_frames, "what was sent is not received: {a:?} {b:?}");
    assert_eq!(b.rx_frames, a.tx_frames, "{a:?} {b:?}");
    assert_eq!((a.rx_drops.total(), b.rx_drops.total()), (0, 0), "{a:?} {b:?}");
}

#[test]
fn unfinished_checksums_arrive_right() {
    if !have(&["ip", "iperf3", "ethtool", "ss"]) {
        return;
    }
    let (bridge, left, right, _middle) = two_hosts();
    for host in [&left, &right] {
        host.sh("ethtool -K eth0 tx on tso off gso off");
    }
    iperf3(&left, &right);
    let stats = bridge.stats(LEFT);
    assert!(stats.rx_bytes / stats.rx_frames <= 1514, "{stats:?}");
    assert_eq!(bridge.stats(RIGHT).tx_drops.get(DropReason::BadOffload), 0);
}

#[test]
fn large_segments_pass_whole() {
    if !have(&["ip", "iperf3", "ethtool", "ss"]) {
        return;
    }
    let (bridge, left, right, _middle) = two_hosts();
    left.sh("ethtool -K eth0 tx on tso on gso on");
    iperf3(&left, &right);
    let stats = bridge.stats(LEFT);
    assert!(stats.rx_bytes / stats.rx_frames > 1514, "the kernel left segmenting to us: {stats:?}");
    assert_eq!(bridge.stats(RIGHT).tx_drops.total(), 0, "{:?}", bridge.stats(RIGHT));
}

fn iperf3(from: &Host, to: &Host) {
    let _server = to.spawn("iperf3 -s -1");
    wait_for("the server", || to.sh("ss -ltn").contains(":5201"));
    let result = from.sh("iperf3 -c 10.0.0.2 -n 20M -J --connect-timeout 3000");
    assert!(result.contains("\"sum_received\""), "{result}");
}

#[test]
fn from_a_tap_to_an_interface_with_offloads() {
    if !have(&["ip", "iperf3", "ss"]) {
        return;
    }
    let (left, right, middle) = (Host::quiet(), Host::quiet(), Host::quiet());
    right.veth("eth0", &middle, "right");
    let mut bridge = Bridge::new();
    bridge.add("left", left.tap("tap0"));
    bridge.add("right", middle.packet_socket("right"));
    left.address("tap0", "10.0.0.1/24");
    right.address("eth0", "10.0.0.2/24");
    iperf3(&left, &right);
    assert_eq!(bridge.stats(RIGHT).tx_drops.total(), 0, "{:?}", bridge.stats(RIGHT));
}

#[test]
fn vlan_tags_that_the_kernel_takes_off_come_back() {
    if !have(&["ip"]) {
        return;
    }
    let (sender, middle) = (Host::quiet(), Host::quiet());
    sender.veth("eth0", &middle, "in");
    let mut from = Bridge::new();
    let (port, source) = memory::pair().expect("a port in memory");
    from.add("source", port);
    from.add("eth0", sender.packet_socket("eth0"));
    let mut to = Bridge::new();
    to.add("in", middle.packet_socket("in"));
    let (port, sink) = memory::pair().expect("a port in memory");
    to.add("sink", port);
    for tags in ["81006064", "88a8000a81000014", "81000001810000028100000381000004"] {
        let text = format!("ffffffffffff020000000001{tags}88b5");
        let mut bytes: Vec<u8> = (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
            .collect();
        bytes.extend([0x2a; 60]);
        source.send(Frame::from(bytes.as_slice())).expect("room");
        let got = sink.receive_timeout(Duration::from_secs(5)).expect("the frame comes through");
        assert_eq!(got.as_slice(), bytes, "{tags}");
    }
}

#[test]
fn frames_longer_than_the_mtu_are_counted() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (bridge, left, right, middle) = two_hosts();
    left.sh("ip link set eth0 mtu 9000");
    middle.sh("ip link set left mtu 9000");
    let ping = left.output("ping -c 2 -i 0.05 -W 1 -M do -s 8972 10.0.0.2");
    assert!(!ping.status.success());
    assert_eq!(bridge.stats(RIGHT).tx_drops.iter().collect::<Vec<_>>(), [(DropReason::TooLong, 2)]);
    middle.sh("ip link set right mtu 9000");
    right.sh("ip link set eth0 mtu 9000");
    left.sh("ping -c 2 -i 0.05 -W 2 -M do -s 8972 10.0.0.2");
}

#[test]
fn promiscuous_only_while_attached() {
    if !have(&["ip"]) {
        return;
    }
    let (one, middle) = (Host::quiet(), Host::quiet());
    one.veth("eth0", &middle, "in");
    let promiscuity = || {
        let shown = middle.sh("ip -d link show dev in");
        shown.split_whitespace().skip_while(|word| *word != "promiscuity").nth(1).map(String::from)
    };
    assert_eq!(promiscuity().as_deref(), Some("0"));
    let socket = middle.packet_socket("in");
    assert_eq!(promiscuity().as_deref(), Some("1"));
    drop(socket);
    assert_eq!(promiscuity().as_deref(), Some("0"));
}

#[test]
fn an_interface_that_is_deleted_is_told() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (bridge, left, _right, middle) = two_hosts();
    left.sh("ping -c 1 -W 2 10.0.0.2");
    middle.sh("ip link del right");
    let failure = bridge.runner.failure(Duration::from_secs(10)).expect("the runner tells");
    assert_eq!(failure.port, RIGHT, "{failure:?}");
    assert!(bridge.runner.is_running());
}

#[test]
fn a_name_that_does_not_exist() {
    if !have(&[]) {
        return;
    }
    let host = Host::quiet();
    let open = |name| host.namespace.run(|| PacketSocket::open(name).map(drop)).expect("namespace");
    let error = open("eth9").expect_err("there is none").to_string();
    assert!(error.contains("eth9") && error.contains("lo"), "says what there is: {error}");
    for name in ["", "a-name-that-is-too-long", "with space", "sl/ash"] {
        assert!(open(name).is_err(), "{name:?}");
        let tap = host.namespace.run(|| Tap::open(name).map(drop)).expect("namespace");
        assert!(tap.is_err(), "{name:?}");
    }
    assert_eq!(host.interfaces(), ["lo"], "nothing was made");
}

#[test]
fn bad_frames_do_no_harm() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (left, right) = (Host::quiet(), Host::quiet());
    let mut bridge = Bridge::new();
    bridge.add("left", left.tap("tap0"));
    bridge.add("right", right.tap("tap0"));
    let (port, hostile) = memory::pair_with_limit(100_000).expect("a port in memory");
    let hostile_port = bridge.add("hostile", port);
    left.address("tap0", "10.0.0.1/24");
    right.address("tap0", "10.0.0.2/24");
    let mut frames = 0;
    for len in (0..20).chain([64, 1500, 9000, 65_535, 65_536]) {
        let mut bytes = vec![0xff; len];
        // Any kind of packet that is not there: each type with all ones behind it.
        for kind in [[0x08, 0], [0x08, 6], [0x86, 0xdd], [0x81, 0], [0x88, 0x47], [0, 0x40]] {
            if let Some(at) = bytes.get_mut(12..14) {
                at.copy_from_slice(&kind);
            }
            hostile.send(Frame::from(bytes.as_slice())).expect("room");
            frames += 1;
        }
    }
    wait_for("all frames", || bridge.stats(hostile_port).rx_frames == frames);
    left.sh("ping -c 2 -i 0.05 -W 2 10.0.0.2");
    let stats = bridge.stats(hostile_port);
    assert_eq!(stats.rx_drops.get(DropReason::Runt), 14 * 6, "{stats:?}");
}
