//! IPv4 and what it carries. The frames are written by hand after the figures of the standards
//! named; addresses are 10.0.0.1 to 10.0.0.2.

use crate::{check, check_both, frame, key, ports};
use ovs_core::key::{FRAG_ANY, FRAG_LATER, FlowKey, U16};

/// The key of a packet with time to live 64, and what `set` sets.
fn ip(proto: u8, set: impl FnOnce(&mut FlowKey)) -> FlowKey {
    key(0x0800, |key| {
        key.ipv4_src = [10, 0, 0, 1];
        key.ipv4_dst = [10, 0, 0, 2];
        key.ip_proto = proto;
        key.ip_ttl = 64;
        set(key);
    })
}

/// A frame with an IPv4 header (RFC 791 §3.1) without options or checksum before `digits`.
fn packet(total: u16, flags_offset: u16, proto: u8, digits: &str) -> Vec<u8> {
    frame(&format!(
        "0800 4500 {total:04x} 0000 {flags_offset:04x} 40 {proto:02x} 0000 0a000001 0a000002 {digits}"
    ))
}

/// RFC 9293 §3.1: ports 50000 and 80, SYN and ACK, and the bit that was NS.
const TCP: &str = "c350 0050 00000000 00000000 5112 ffff 0000 0000";

fn tcp(key: &mut FlowKey) {
    ports(key, 50_000, 80);
    key.tcp_flags = U16::new(0x112);
}

#[test]
fn udp() {
    // RFC 768: ports 5000 and 53, payload "hi", checksums worked out by hand.
    let digits = "0800 4500001e 00000000 401166cd 0a000001 0a000002 1388 0035 000a 6fb1 6869";
    let expected = ip(17, |key| ports(key, 5000, 53));
    check_both(&frame(digits), 2, expected);
    // Filled up to Ethernet's 60 bytes.
    let mut padded = frame(digits);
    padded.resize(60, 0xee);
    check(&padded, expected);
    // The length of UDP is not looked at.
    check(&frame(&digits.replace("000a 6fb1", "ffff 0000")), expected);
}

#[test]
fn tcp_sctp_icmp_igmp() {
    check(&packet(40, 0, 6, TCP), ip(6, tcp));
    // RFC 9260 §3.1.
    let sctp = packet(32, 0, 132, "0001 0002 00000003 00000004");
    check(&sctp, ip(132, |key| ports(key, 1, 2)));
    // RFC 792: destination unreachable, fragmentation needed.
    check(&packet(28, 0, 1, "03 04 0000 0000 05dc"), ip(1, |key| ports(key, 3, 4)));
    // An unknown protocol; and ICMPv6, which is none of IPv4's.
    check(&packet(28, 0, 253, "ffffffffffffffff"), ip(253, |_| {}));
    check(&packet(28, 0, 58, "8700 0000 00000000"), ip(58, |_| {}));
}

#[test]
fn options() {
    // RFC 2236 §2 with the router alert of RFC 2113: a report for group 224.0.0.22.
    let digits = "0800 4600 0020 0000 0000 0102 3ac1 0a000001 e0000016 94040000 1600 09e9 e0000016";
    let expected = ip(2, |key| {
        key.ipv4_dst = [224, 0, 0, 22];
        key.ip_ttl = 1;
        key.tp_src = U16::new(0x16);
        key.igmp_group = [224, 0, 0, 22];
    });
    check(&frame(digits), expected);
    // The longest header, 60 bytes, before TCP.
    let options = "01".repeat(40);
    let long = format!("0800 4f03 0050 0000 0000 4006 0000 0a000001 0a000002 {options} {TCP}");
    check(
        &frame(&long),
        ip(6, |key| {
            tcp(key);
            key.ip_tos = 3;
        }),
    );
    // One byte less than the options need.
    let mut cut = frame(&long);
    cut.truncate(14 + 59);
    check(&cut, key(0x0800, |_| {}));
}

#[test]
fn fragments() {
    let ports_of = |frag| {
        move |key: &mut FlowKey| {
            key.ip_frag = frag;
            if frag & FRAG_LATER == 0 {
                ports(key, 5000, 53);
            }
        }
    };
    let udp = "1388 0035 0010 0000 6869686968696869";
    let first = ip(17, ports_of(FRAG_ANY));
    let later = ip(17, ports_of(FRAG_ANY | FRAG_LATER));
    // More to come; the second of three; the last; the farthest; "don't fragment" alone; the bit
    // that must be zero alone.
    check(&packet(36, 0x2000, 17, udp), first);
    check(&packet(36, 0x2002, 17, udp), later);
    check(&packet(36, 0x0002, 17, udp), later);
    check(&packet(36, 0x1fff, 17, udp), later);
    check(&packet(36, 0x4000, 17, udp), ip(17, ports_of(0)));
    check(&packet(36, 0x8000, 17, udp), ip(17, ports_of(0)));
    // A first fragment too small for its header: the ports are a secret of the next one.
    check(&packet(27, 0x2000, 17, udp), ip(17, |key| key.ip_frag = FRAG_ANY));
}

#[test]
fn lying_lengths() {
    let nothing = key(0x0800, |_| {});
    // The packet is longer than the frame; shorter than its header; without length.
    check(&packet(41, 0, 6, TCP), nothing);
    check(&packet(0xffff, 0, 6, TCP), nothing);
    check(&packet(19, 0, 6, TCP), nothing);
    check(&packet(0, 0, 6, TCP), nothing);
    // Headers of 0 and 4 words, and of 15 that are not there.
    for version_ihl in [0x40, 0x44, 0x4f] {
        let mut lying = packet(40, 0, 6, TCP);
        lying[14] = version_ihl;
        check(&lying, nothing);
    }
    // The packet ends within the TCP header, the frame does not.
    for total in 20..40 {
        check(&packet(total, 0, 6, TCP), ip(6, |_| {}));
    }
    // TCP headers of 0 and 4 words, and longer than the packet.
    for length in [0x01, 0x41, 0x61, 0xf1] {
        let mut lying = packet(40, 0, 6, TCP);
        lying[14 + 20 + 12] = length;
        check(&lying, ip(6, |_| {}));
    }
    let mut with_option = packet(44, 0, 6, &format!("{TCP} 01010101"));
    with_option[14 + 20 + 12] = 0x61;
    check(&with_option, ip(6, tcp));
}

#[test]
fn every_header_must_be_whole() {
    for (proto, size) in [(1, 8), (2, 8), (17, 8), (132, 12), (6, 20)] {
        let header = "5a".repeat(size);
        for n in 0..size {
            check(&packet(20 + n as u16, 0, proto, &header), ip(proto, |_| {}));
        }
        let whole = FlowKey::of(0, &packet(20 + size as u16, 0, proto, &header));
        assert_ne!(whole.tp_src, 0);
    }
    let whole = packet(40, 0, 6, TCP);
    for n in 14..whole.len() {
        check(&whole[..n], key(0x0800, |_| {}));
    }
}

#[test]
fn the_version_is_not_looked_at() {
    // As in Open vSwitch, where the Ethernet type decides.
    let mut packet = packet(40, 0, 6, TCP);
    packet[14] = 0x65;
    check(&packet, ip(6, tcp));
}

#[test]
fn the_longest_packet() {
    let mut packet = packet(0xffff, 0, 6, TCP);
    packet.resize(14 + 0xffff, 0x77);
    check(&packet, ip(6, tcp));
    packet.extend([0; 1000]);
    check(&packet, ip(6, tcp));
    packet.truncate(14 + 0xfffe);
    check(&packet, key(0x0800, |_| {}));
}
