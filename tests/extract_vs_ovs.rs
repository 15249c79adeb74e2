//! Keys of the same frames, extracted here and by Open vSwitch (`ovs-ofctl parse-pcap`), which
//! must agree: composed frames of every kind, and the same frames damaged. `SEED` chooses others.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod capture;
#[allow(dead_code)]
#[path = "../ovs-core/tests/extract/keys.rs"]
mod keys;

use ovs_core::Frame;
use ovs_core::key::{FlowKey, compose};
use proptest::prelude::*;
use proptest::sample::Index;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::process::Command;

/// Frames of each sort: whole, and damaged.
const FRAMES: usize = 10_000;

#[test]
fn keys_are_those_of_open_vswitch() {
    if !capture::is_installed("ovs-ofctl") {
        return;
    }
    let frames = frames(capture::seed());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frames.pcap");
    std::fs::write(&file, capture::pcap(frames.iter().map(Vec::as_slice))).unwrap();
    let output = Command::new("ovs-ofctl").arg("parse-pcap").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), frames.len());
    let mut differences = 0;
    for (theirs, frame) in output.lines().zip(&frames) {
        let key = FlowKey::of(0, frame);
        let ours = text(&key);
        if comparable(&key, &ours) != comparable(&key, theirs) {
            println!("ours   {ours}\ntheirs {theirs}\nframe  {frame:02x?}\n");
            differences += 1;
        }
    }
    assert_eq!(differences, 0);
}

fn frames(seed: u64) -> Vec<Vec<u8>> {
    let mut runner = capture::runner(seed);
    let wanted = keys::key_and_payload();
    // Small numbers are types, flags and lengths more often than others.
    let byte = prop_oneof![any::<u8>(), 0..8u8, Just(0xff)];
    let changes = prop::collection::vec((any::<Index>(), byte), 1..4);
    let damage = (prop::option::weighted(0.5, any::<Index>()), changes);
    let mut frames = Vec::new();
    for _ in 0..FRAMES {
        let (key, payload) = capture::sample(&wanted, &mut runner);
        let mut frame = Frame::default();
        compose(&key, &payload, &mut frame).unwrap();
        frames.push(frame.as_slice().to_vec());

        let mut damaged = frame.as_slice().to_vec();
        let (cut, changes) = capture::sample(&damage, &mut runner);
        for (at, value) in changes {
            // Addresses are no place where damage can matter.
            let at = 12 + at.index(damaged.len() - 12);
            damaged[at] = value;
        }
        if let Some(cut) = cut {
            damaged.truncate(cut.index(damaged.len()).max(1));
        }
        frames.push(damaged);
    }
    frames
}

/// Where the two differ on purpose, the line up to there. Open vSwitch takes IGMP in IPv6 and the two
/// ICMPs in each other's IP for what they are in their own, though nothing can match on it. And it
/// takes an NSH of an unknown metadata type even if its length says that it is shorter than it
/// can be.
fn comparable<'a>(key: &FlowKey, line: &'a str) -> &'a str {
    let cut = match (key.eth_type.get(), key.ip_proto) {
        (0x0800, 58) | (0x86dd, 1 | 2) => ",tp_src=",
        (0x894f, _) if key.nsh_mdtype == 0 && key.nsh_path.get() == 0 => ",nsh_flags=",
        _ => return line,
    };
    line.split_once(cut).map_or(line, |(before, _)| before)
}

/// The key as `ovs-ofctl` writes it.
fn text(key: &FlowKey) -> String {
    let eth_type = key.eth_type.get();
    let mut name = match (eth_type, key.ip_proto) {
        (0x0800, 1) => "icmp,",
        (0x0800, 6) => "tcp,",
        (0x0800, 17) => "udp,",
        (0x0800, 132) => "sctp,",
        (0x0800, _) => "ip,",
        (0x86dd, 6) => "tcp6,",
        (0x86dd, 17) => "udp6,",
        (0x86dd, 58) => "icmp6,",
        (0x86dd, 132) => "sctp6,",
        (0x86dd, _) => "ipv6,",
        (0x0806, _) => "arp,",
        (0x8035, _) => "rarp,",
        (0x8847, _) => "mpls,",
        (0x8848, _) => "mplsm,",
        _ => "",
    }
    .to_owned();
    name += "in_port=ANY,";
    name += &vlans(key);
    name += &format!(",dl_src={},dl_dst={}", key.eth_src, key.eth_dst);
    name + &match eth_type {
        0x0800 | 0x86dd => ip(key),
        0x0806 | 0x8035 => arp(key),
        0x8847 | 0x8848 => mpls(key),
        0x894f => format!(",dl_type=0x894f{}", nsh(key)),
        _ => format!(",dl_type=0x{eth_type:04x}"),
    }
}

fn vlans(key: &FlowKey) -> String {
    let mut tags = Vec::new();
    for (n, tag) in ["", "1"].into_iter().zip(key.vlans) {
        if tag.is_present() {
            tags.push(format!("dl_vlan{n}={},dl_vlan_pcp{n}={}", tag.vid(), tag.pcp()));
        } else {
            tags.push(format!("vlan_tci{n}=0x0000"));
            break;
        }
    }
    tags.join(",")
}

fn ip(key: &FlowKey) -> String {
    let mut text = if key.eth_type.get() == 0x0800 {
        let (src, dst) = (Ipv4Addr::from(key.ipv4_src), Ipv4Addr::from(key.ipv4_dst));
        format!(",nw_src={src},nw_dst={dst}")
    } else {
        let (src, dst) = (Ipv6Addr::from(key.ipv6_src), Ipv6Addr::from(key.ipv6_dst));
        format!(",ipv6_src={src},ipv6_dst={dst},ipv6_label=0x{:05x}", key.ipv6_label.get())
    };
    let is_named = match key.eth_type.get() {
        0x0800 => matches!(key.ip_proto, 1 | 6 | 17 | 132),
        _ => matches!(key.ip_proto, 58 | 6 | 17 | 132),
    };
    if !is_named {
        text += &format!(",nw_proto={}", key.ip_proto);
    }
    text += &tos_ttl_frag(key);
    if key.ip_frag & 2 != 0 {
        return text;
    }
    let (src, dst) = (key.tp_src.get(), key.tp_dst.get());
    match (key.eth_type.get(), key.ip_proto) {
        (0x0800, 1) | (0x86dd, 58) => text += &format!(",icmp_type={src},icmp_code={dst}"),
        (_, 6 | 17 | 132) | (0x0800, 2) => text += &format!(",tp_src={src},tp_dst={dst}"),
        _ => {}
    }
    if key.ip_proto == 6 {
        text += &format!(",tcp_flags={}", tcp_flags(key.tcp_flags.get()));
    }
    if keys::is_neighbour_discovery(key) {
        let target = Ipv6Addr::from(key.nd_target);
        text += &format!(",nd_target={target},nd_sll={},nd_tll={}", key.arp_sha, key.arp_tha);
    }
    text
}

fn tos_ttl_frag(key: &FlowKey) -> String {
    let (dscp, ecn) = (key.ip_tos & 0xfc, key.ip_tos & 3);
    let frag = ["no", "first", "?", "later"][usize::from(key.ip_frag)];
    format!(",nw_tos={dscp},nw_ecn={ecn},nw_ttl={},nw_frag={frag}", key.ip_ttl)
}

fn tcp_flags(flags: u16) -> String {
    let names = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"];
    let set = (0..12).filter(|bit| flags & 1 << bit != 0);
    let set: Vec<_> = set
        .map(|bit| names.get(bit).map_or(format!("[{:x}]", 1 << bit), |name| name.to_string()))
        .collect();
    if set.is_empty() { "0".into() } else { set.join("|") }
}

fn arp(key: &FlowKey) -> String {
    let (spa, tpa) = (Ipv4Addr::from(key.ipv4_src), Ipv4Addr::from(key.ipv4_dst));
    // Open vSwitch's place for it has 8 bits.
    let op = if key.arp_op.get() <= 0xff { key.arp_op.get() } else { 0 };
    let (sha, tha) = (key.arp_sha, key.arp_tha);
    format!(",arp_spa={spa},arp_tpa={tpa},arp_op={op},arp_sha={sha},arp_tha={tha}")
}

fn mpls(key: &FlowKey) -> String {
    let [first, second, third] = key.mpls.map(|entry| entry.get());
    let (label, tc, bos, ttl) = (first >> 12, first >> 9 & 7, first >> 8 & 1, first & 0xff);
    let mut text = format!(",mpls_label={label},mpls_tc={tc},mpls_ttl={ttl},mpls_bos={bos}");
    if bos == 0 {
        text += &format!(",mpls_lse1={second}");
    }
    if bos == 0 && second & 0x100 == 0 {
        text += &format!(",mpls_lse2={third}");
    }
    text
}

fn nsh(key: &FlowKey) -> String {
    let (spi, si) = (key.nsh_path.get() >> 8, key.nsh_path.get() & 0xff);
    let (flags, ttl, mdtype, np) = (key.nsh_flags, key.nsh_ttl, key.nsh_mdtype, key.nsh_np);
    let mut text = format!(
        ",nsh_flags={flags},nsh_ttl={ttl},nsh_mdtype={mdtype},nsh_np={np},nsh_spi=0x{spi:x},nsh_si={si}"
    );
    for (n, context) in (1..).zip(key.nsh_context) {
        if mdtype == 1 {
            text += &format!(",nsh_c{n}=0x{:x}", context.get());
        }
    }
    text + ",nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"
}
