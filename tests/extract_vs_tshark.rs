//! What `compose` makes of a key, read by tshark: its fields must be those of the key, all
//! checksums right, and nothing malformed. `SEED` chooses other frames.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod capture;
#[allow(dead_code)]
#[path = "../ovs-core/tests/extract/keys.rs"]
mod keys;
#[path = "capture/tshark.rs"]
mod tshark;

use ovs_core::key::{ETH_TYPE_NONE, FRAG_LATER, FlowKey, Mac, U32, compose, exthdr};
use ovs_core::{Frame, SparseKey};
use std::net::{Ipv4Addr, Ipv6Addr};
use tshark::{CHECKSUMS, Fields, presentable};

const FRAMES: usize = 3_000;

/// What is compared. A field that a key does not have must be empty.
const FIELDS: &str = "eth.src eth.dst eth.type vlan.id vlan.priority ieee8021ad.id \
    ieee8021ad.svid ieee8021ad.cvid ieee8021ad.priority arp.opcode arp.src.hw_mac \
    arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4 mpls.label mpls.exp mpls.ttl \
    nsh.mdtype nsh.spi nsh.si nsh.ttl ieee8021ah.isid ip.src ip.dst ip.proto ip.dsfield ip.ttl \
    ip.frag_offset ip.flags.mf ipv6.src ipv6.dst ipv6.nxt ipv6.hlim ipv6.flow ipv6.tclass \
    ipv6.fraghdr.offset tcp.srcport tcp.dstport tcp.flags udp.srcport udp.dstport sctp.srcport \
    sctp.dstport icmp.type icmpv6.type icmpv6.nd.ns.target_address icmpv6.nd.na.target_address \
    icmpv6.opt.linkaddr igmp.type igmp.maddr";

#[test]
fn tshark_reads_what_was_composed() {
    if !capture::is_installed("tshark") {
        return;
    }
    let mut runner = capture::runner(capture::seed());
    let (mut wanted, mut frames) = (Vec::new(), Vec::new());
    for _ in 0..FRAMES {
        let (key, payload) = capture::sample(&keys::key_and_payload(), &mut runner);
        let (key, payload) = presentable(key, payload);
        let mut frame = Frame::default();
        compose(&key, &payload, &mut frame).unwrap();
        wanted.push(key);
        frames.push(frame);
    }
    let lines = tshark::read(&frames, FIELDS);
    assert_eq!(lines.len(), frames.len());
    let mut failures = 0;
    for ((key, frame), (protocols, fields)) in wanted.iter().zip(&frames).zip(lines) {
        let complaints = complaints(key, &protocols, &fields);
        if !complaints.is_empty() {
            println!("{complaints:#?}\n{protocols}\n{frame:?}\n{:?}\n", SparseKey::from(key));
            failures += 1;
        }
    }
    assert_eq!(failures, 0, "frames that tshark reads differently");
}

/// What is wrong with what tshark says.
fn complaints(key: &FlowKey, protocols: &str, actual: &Fields) -> Vec<String> {
    let mut complaints = Vec::new();
    if protocols.contains("_ws") || protocols.contains("malformed") {
        complaints.push(protocols.to_owned());
    }
    for name in CHECKSUMS.split_whitespace() {
        let may_be_unknown = key.ip_frag != 0 && name != "ip.checksum.status";
        match actual[name].as_str() {
            "" | "1" => {}
            "2" if may_be_unknown => {}
            status => complaints.push(format!("{name} is {status}")),
        }
    }
    let is_later = key.ip_frag & FRAG_LATER != 0;
    if let Some(name) = checksum_of(key.ip_proto).filter(|_| !is_later) {
        if actual[name].is_empty() {
            complaints.push(format!("{name} is not there"));
        }
    }
    let expected = expected(key);
    for name in FIELDS.split_whitespace() {
        let ours = expected.get(name).map_or("", String::as_str);
        let theirs = actual[name].as_str();
        let is_same = match name {
            // With extension headers it is the first of them.
            "ipv6.nxt" if key.ipv6_exthdr.get() & EXTENSIONS != 0 => true,
            // The header may be repeated.
            "ipv6.fraghdr.offset" => theirs.split(',').all(|theirs| theirs == ours),
            _ => theirs == ours,
        };
        if !is_same {
            complaints.push(format!("{name} is {theirs:?}, not {ours:?}"));
        }
    }
    complaints
}

/// The field that says whether the checksum of an IP protocol is right.
fn checksum_of(proto: u8) -> Option<&'static str> {
    match proto {
        1 => Some("icmp.checksum.status"),
        2 => Some("igmp.checksum.status"),
        6 => Some("tcp.checksum.status"),
        17 => Some("udp.checksum.status"),
        58 => Some("icmpv6.checksum.status"),
        132 => Some("sctp.checksum.status"),
        _ => None,
    }
}

const EXTENSIONS: u16 = exthdr::HOP | exthdr::DEST | exthdr::ROUTER | exthdr::FRAG | exthdr::AUTH;

fn expected(key: &FlowKey) -> Fields {
    let mut fields = Fields::new();
    fields.insert("eth.src", key.eth_src.to_string());
    fields.insert("eth.dst", key.eth_dst.to_string());
    let [outer, _] = key.vlans;
    let eth_type = key.eth_type.get();
    if outer.is_present() {
        fields.insert("eth.type", format!("{:#06x}", outer.tpid));
    } else if eth_type != ETH_TYPE_NONE {
        fields.insert("eth.type", format!("{eth_type:#06x}"));
    }
    expect_vlans(key, &mut fields);
    match eth_type {
        0x0800 => expect_ipv4(key, &mut fields),
        0x86dd => expect_ipv6(key, &mut fields),
        0x0806 | 0x8035 => {
            fields.insert("arp.opcode", key.arp_op.to_string());
            fields.insert("arp.src.hw_mac", key.arp_sha.to_string());
            fields.insert("arp.dst.hw_mac", key.arp_tha.to_string());
            fields.insert("arp.src.proto_ipv4", Ipv4Addr::from(key.ipv4_src).to_string());
            fields.insert("arp.dst.proto_ipv4", Ipv4Addr::from(key.ipv4_dst).to_string());
        }
        0x8847 | 0x8848 => expect_mpls(key, &mut fields),
        0x88e7 => {
            fields.insert("ieee8021ah.isid", (key.pbb_itag.get() & 0xff_ffff).to_string());
        }
        0x894f => {
            fields.insert("nsh.mdtype", key.nsh_mdtype.to_string());
            fields.insert("nsh.spi", (key.nsh_path.get() >> 8).to_string());
            fields.insert("nsh.si", (key.nsh_path.get() & 0xff).to_string());
            fields.insert("nsh.ttl", format!("{:#06x}", key.nsh_ttl));
        }
        _ => {}
    }
    fields
}

fn joined<T: ToString>(values: impl Iterator<Item = T>) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}

fn expect_vlans(key: &FlowKey, fields: &mut Fields) {
    let customer = || key.vlans.iter().filter(|tag| tag.tpid.get() == 0x8100);
    fields.insert("vlan.id", joined(customer().map(|tag| tag.vid())));
    fields.insert("vlan.priority", joined(customer().map(|tag| tag.pcp())));
    let service = || key.vlans.iter().filter(|tag| tag.tpid.get() == 0x88a8);
    fields.insert("ieee8021ad.priority", joined(service().map(|tag| tag.pcp())));
    if service().count() == 2 {
        let [outer, inner] = key.vlans;
        fields.insert("ieee8021ad.svid", outer.vid().to_string());
        fields.insert("ieee8021ad.cvid", inner.vid().to_string());
    } else {
        fields.insert("ieee8021ad.id", joined(service().map(|tag| tag.vid())));
    }
}

fn expect_mpls(key: &FlowKey, fields: &mut Fields) {
    let mut stack = key.mpls.map(U32::get).to_vec();
    match stack.iter().position(|entry| entry & 0x100 != 0) {
        Some(bottom) => stack.truncate(bottom + 1),
        None => stack.push(stack[2]),
    }
    fields.insert("mpls.label", joined(stack.iter().map(|entry| entry >> 12)));
    fields.insert("mpls.exp", joined(stack.iter().map(|entry| entry >> 9 & 7)));
    fields.insert("mpls.ttl", joined(stack.iter().map(|entry| entry & 0xff)));
}

fn expect_ipv4(key: &FlowKey, fields: &mut Fields) {
    let is_later = key.ip_frag & FRAG_LATER != 0;
    fields.insert("ip.src", Ipv4Addr::from(key.ipv4_src).to_string());
    fields.insert("ip.dst", Ipv4Addr::from(key.ipv4_dst).to_string());
    fields.insert("ip.proto", key.ip_proto.to_string());
    fields.insert("ip.dsfield", format!("{:#04x}", key.ip_tos));
    fields.insert("ip.ttl", key.ip_ttl.to_string());
    fields.insert("ip.frag_offset", u8::from(is_later).to_string());
    fields.insert("ip.flags.mf", u8::from(key.ip_frag != 0 && !is_later).to_string());
    expect_l4(key, fields);
}

fn expect_ipv6(key: &FlowKey, fields: &mut Fields) {
    fields.insert("ipv6.src", Ipv6Addr::from(key.ipv6_src).to_string());
    fields.insert("ipv6.dst", Ipv6Addr::from(key.ipv6_dst).to_string());
    fields.insert("ipv6.nxt", key.ip_proto.to_string());
    fields.insert("ipv6.hlim", key.ip_ttl.to_string());
    fields.insert("ipv6.flow", format!("{:#08x}", key.ipv6_label.get()));
    fields.insert("ipv6.tclass", format!("{:#010x}", key.ip_tos));
    if key.ipv6_exthdr.get() & exthdr::FRAG != 0 {
        let is_later = key.ip_frag & FRAG_LATER != 0;
        fields.insert("ipv6.fraghdr.offset", u8::from(is_later).to_string());
    }
    expect_l4(key, fields);
}

fn expect_l4(key: &FlowKey, fields: &mut Fields) {
    if key.ip_frag & FRAG_LATER != 0 {
        return;
    }
    let (src, dst) = (key.tp_src.to_string(), key.tp_dst.to_string());
    let mut expect = |name, value| fields.insert(name, value);
    match key.ip_proto {
        1 => {
            expect("icmp.type", src);
        }
        2 => {
            expect("igmp.type", format!("{:#04x}", key.tp_src));
            expect("igmp.maddr", Ipv4Addr::from(key.igmp_group).to_string());
        }
        6 => {
            expect("tcp.srcport", src);
            expect("tcp.dstport", dst);
            expect("tcp.flags", format!("{:#06x}", key.tcp_flags));
        }
        17 => {
            expect("udp.srcport", src);
            expect("udp.dstport", dst);
        }
        58 => {
            expect("icmpv6.type", src);
            expect_neighbour_discovery(key, fields);
        }
        132 => {
            expect("sctp.srcport", src);
            expect("sctp.dstport", dst);
        }
        _ => {}
    }
}

fn expect_neighbour_discovery(key: &FlowKey, fields: &mut Fields) {
    let name = match key.tp_src.get() {
        135 => "icmpv6.nd.ns.target_address",
        136 => "icmpv6.nd.na.target_address",
        _ => return,
    };
    fields.insert(name, Ipv6Addr::from(key.nd_target).to_string());
    let mut options = [key.arp_sha, key.arp_tha];
    if key.nd_options_type == 2 {
        options.reverse();
    }
    let present = options.into_iter().filter(|&address| address != Mac::default());
    fields.insert("icmpv6.opt.linkaddr", joined(present));
}
