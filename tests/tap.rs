//! Hosts with TAP devices, bridged: what their kernels send is what their kernels get.

mod support;

use ovs_core::{Bridging, DropReason, PortNo};
use std::time::{Duration, Instant};
use support::{Bridge, Host, have, wait_for};

/// Two hosts, each with a TAP device `tap0` and an address, on one switch.
fn two_hosts() -> (Bridge, Host, Host, PortNo, PortNo) {
    let (left, right) = (Host::new(), Host::new());
    let mut bridge = Bridge::new();
    let a = bridge.add("left", left.tap("tap0"));
    let b = bridge.add("right", right.tap("tap0"));
    left.address("tap0", "10.0.0.1/24");
    right.address("tap0", "10.0.0.2/24");
    (bridge, left, right, a, b)
}

#[test]
fn ping_and_arp() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (bridge, left, right, a, _) = two_hosts();
    left.sh("ping -c 3 -i 0.05 -W 2 10.0.0.2");
    right.sh("ping -c 3 -i 0.05 -W 2 10.0.0.1");
    let learned = left.sh("ip neigh show 10.0.0.2");
    assert!(learned.contains("lladdr"), "ARP answered: {learned}");
    let macs = bridge.switch.macs(bridge.runner.clock().now());
    assert_eq!(macs.len(), 2, "{macs:?}");
    assert!(bridge.switch.cache_stats().hits >= 6, "{:?}", bridge.switch.cache_stats());
    assert_eq!(bridge.stats(a).tx_drops.total(), 0);
}

#[test]
fn ipv6_neighbour_discovery() {
    if !have(&["ip", "ping", "sysctl"]) {
        return;
    }
    let (_bridge, left, right, ..) = two_hosts();
    for host in [&left, &right] {
        host.sh("sysctl -qw net.ipv6.conf.tap0.accept_dad=0");
    }
    left.sh("ip addr add 2001:db8::1/64 dev tap0 nodad");
    right.sh("ip addr add 2001:db8::2/64 dev tap0 nodad");
    left.sh("ping -6 -c 3 -i 0.05 -W 3 2001:db8::2");
    assert!(left.sh("ip -6 neigh show 2001:db8::2").contains("lladdr"));
}

#[test]
fn vlan_tags_pass_unchanged() {
    if !have(&["ip", "python3"]) {
        return;
    }
    // The kernel at hand may have no VLAN devices, so frames are made and read raw; a tag stands in
    // the bytes of a TAP device. 0x88b5 is a type for experiments.
    let (_bridge, left, right, ..) = two_hosts();
    let receive = "import socket; s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,0x0300); \
        s.setsockopt(263,8,1); s.bind(('tap0',0x0003)); s.settimeout(10); print('ready',flush=True)\n\
        while True:\n  f,anc,_,_=s.recvmsg(2000,200)\n  \
        if b'hello vlan' in f:\n    \
        import struct; print([struct.unpack('IIIHHHH',d[:20])[5:7] for l,t,d in anc if t==8], f[12:14].hex()); break\n";
    let script = std::env::temp_dir().join(format!("receive-vlan-{}.py", std::process::id()));
    std::fs::write(&script, receive).expect("a script");
    let receiver = std::thread::scope(|scope| {
        let reader = scope.spawn(|| right.sh(&format!("python3 {}", script.display())));
        // Sent until the receiver, which takes a while to start, has seen one.
        while !reader.is_finished() {
            left.sh(
                "python3 -c \"import socket; s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW); \
                 s.bind(('tap0',0)); s.send(bytes.fromhex('ffffffffffff0200000000018100606488b5')\
                 +b'hello vlan'+bytes(40))\"",
            );
        }
        reader.join().expect("the receiver")
    });
    std::fs::remove_file(&script).ok();
    // Tag control information 0x6064 (priority 3, VLAN 100) and protocol 0x8100 (33024).
    assert!(receiver.contains("(24676, 33024)") && receiver.contains("88b5"), "{receiver}");
}

#[test]
fn jumbo_frames_and_frames_longer_than_the_mtu() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (bridge, left, right, _, b) = two_hosts();
    left.sh("ip link set tap0 mtu 9000");
    let ping = left.output("ping -c 2 -i 0.05 -W 1 -M do -s 8972 10.0.0.2");
    assert!(!ping.status.success(), "frames of 9,014 bytes cannot arrive behind an MTU of 1,500");
    assert_eq!(bridge.stats(b).tx_drops.iter().collect::<Vec<_>>(), [(DropReason::TooLong, 2)]);
    left.sh("ping -c 2 -i 0.05 -W 2 -M do -s 1472 10.0.0.2");

    right.sh("ip link set tap0 mtu 9000");
    left.sh("ping -c 2 -i 0.05 -W 2 -M do -s 8972 10.0.0.2");
    assert_eq!(bridge.stats(b).tx_drops.total(), 2, "the new MTU counts at once");
}

#[test]
fn sixty_four_taps() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let mut bridge = Bridge::new();
    let (one, many, last) = (Host::quiet(), Host::quiet(), Host::quiet());
    bridge.add("one", one.tap("tap0"));
    for n in 1..63 {
        bridge.add(&format!("many{n}"), many.tap(&format!("tap{n}")));
    }
    bridge.add("last", last.tap("tap0"));
    one.address("tap0", "10.0.0.1/24");
    last.address("tap0", "10.0.0.2/24");
    one.sh("ping -c 3 -i 0.05 -W 2 10.0.0.2");
    let flooded = bridge.stats(PortNo(30));
    assert!(flooded.tx_frames >= 1, "the first ARP request went to all: {flooded:?}");
    assert!(flooded.tx_frames <= 3, "what is known is not flooded: {flooded:?}");
}

#[test]
fn a_port_disappears_while_traffic_flows() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (mut bridge, left, right, ..) = two_hosts();
    let third = Host::quiet();
    let c = bridge.add("third", third.tap("tap0"));
    third.address("tap0", "10.0.0.3/24");
    let _flood = third.spawn("ping -q -i 0.002 10.0.0.1");
    let _other = left.spawn("ping -q -i 0.002 10.0.0.2");
    wait_for("traffic", || bridge.stats(c).rx_frames > 20);
    third.sh("ip link del tap0");
    let failure = bridge.runner.failure(Duration::from_secs(10)).expect("the runner tells");
    assert_eq!(failure.port, c, "{failure:?}");
    let before = bridge.stats(PortNo(2)).rx_frames;
    wait_for("traffic of the others", || bridge.stats(PortNo(2)).rx_frames > before + 20);
    right.sh("ping -c 2 -i 0.05 -W 2 10.0.0.1");
}

#[test]
fn a_device_that_is_down_drops_and_comes_back() {
    if !have(&["ip", "ping"]) {
        return;
    }
    let (bridge, left, right, _, b) = two_hosts();
    left.sh("ping -c 1 -W 2 10.0.0.2");
    right.sh("ip link set tap0 down");
    assert!(!left.output("ping -c 2 -i 0.1 -W 1 10.0.0.2").status.success());
    assert!(bridge.stats(b).tx_drops.get(DropReason::DeviceDown) >= 1, "{:?}", bridge.stats(b));
    right.sh("ip link set tap0 up");
    left.sh("ping -c 3 -i 0.2 -W 2 10.0.0.2");
}

#[test]
fn iperf3_with_and_without_offloads() {
    if !have(&["ip", "iperf3", "ethtool"]) {
        return;
    }
    let (bridge, left, right, a, b) = two_hosts();
    for (offloads, segmented) in [("tx on tso off gso off", false), ("tx on tso on gso on", true)] {
        left.sh(&format!("ethtool -K tap0 {offloads}"));
        let before = bridge.stats(a);
        transfer(&left, &right);
        let after = bridge.stats(a);
        let mean = (after.rx_bytes - before.rx_bytes) / (after.rx_frames - before.rx_frames);
        assert_eq!(mean > 1514, segmented, "{offloads}: {mean} bytes per frame");
        assert_eq!(bridge.stats(b).tx_drops.get(DropReason::BadOffload), 0);
    }
}

/// A TCP transfer of 20 MB that arrives whole.
fn transfer(from: &Host, to: &Host) {
    let _server = to.spawn("iperf3 -s -1");
    let started = Instant::now();
    wait_for("the server", || to.sh("ss -ltn").contains(":5201"));
    let result = from.sh("iperf3 -c 10.0.0.2 -n 20M -J --connect-timeout 3000");
    assert!(result.contains("\"sum_received\""), "{result}");
    println!("20 MB in {:?}", started.elapsed());
}
