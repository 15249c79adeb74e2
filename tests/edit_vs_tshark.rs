//! Edited frames, read by tshark: the checksums must be right as before, and nothing malformed. `SEED`
//! chooses other frames.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod capture;
#[allow(dead_code)]
#[path = "../ovs-core/tests/edit/edits.rs"]
mod edits;
#[allow(dead_code)]
#[path = "../ovs-core/tests/extract/keys.rs"]
mod keys;
#[path = "capture/tshark.rs"]
mod tshark;

use ovs_core::edit::{Edit, Icmp, Masked};
use ovs_core::key::{FlowKey, compose};
use ovs_core::{Frame, SparseKey};
use tshark::{CHECKSUMS, Fields};

const FRAMES: usize = 3_000;

/// Fields that the last edits must show in: the outermost tag, label and I-SID, and times to live.
const FIELDS: &str = "vlan.id mpls.label mpls.ttl ieee8021ah.isid ip.ttl ipv6.hlim ip.src ipv6.src \
    ip.dst ipv6.dst tcp.srcport udp.srcport sctp.srcport tcp.dstport udp.dstport sctp.dstport";

/// A frame before and after.
struct Case {
    key: FlowKey,
    edits: Vec<Edit>,
    before: Frame,
    after: Frame,
}

#[test]
fn tshark_finds_the_checksums_of_edited_frames_right() {
    if !capture::is_installed("tshark") {
        return;
    }
    let cases = cases();
    let read = |which: fn(&Case) -> &Frame| {
        let frames: Vec<_> = cases.iter().map(|case| which(case).clone()).collect();
        let lines = tshark::read(&frames, FIELDS);
        assert_eq!(lines.len(), frames.len());
        lines
    };
    let (before, after) = (read(|case| &case.before), read(|case| &case.after));
    let (mut failures, mut changed) = (0, 0);
    for ((case, (_, before)), (protocols, after)) in cases.iter().zip(before).zip(after) {
        let complaints = complaints(case, &before, &protocols, &after);
        if !complaints.is_empty() {
            println!("{complaints:#?}\n{protocols}\n{:?}\n{:?}", case.edits, case.after);
            println!("{:?}\n", SparseKey::from(&case.key));
            failures += 1;
        }
        changed += usize::from(case.before != case.after);
    }
    assert_eq!(failures, 0, "frames that tshark reads differently");
    assert!(changed > FRAMES / 2, "most frames are changed");
}

/// Random frames; edits of most kinds, then tags and labels that stay.
fn cases() -> Vec<Case> {
    let mut runner = capture::runner(capture::seed());
    let mut cases = Vec::new();
    while cases.len() < FRAMES {
        let (key, payload) = capture::sample(&keys::key_and_payload(), &mut runner);
        let (key, payload) = tshark::presentable(key, payload);
        let mut before = Frame::default();
        compose(&key, &payload, &mut before).unwrap();
        let mut edits = Vec::new();
        for _ in 0..5 {
            edits.push(presentable(&key, capture::sample(&edits::set(), &mut runner)));
        }
        if matches!(key.eth_type.get(), 0x0800 | 0x86dd) {
            // The bottom of the stack.
            let push = Edit::PushMpls { eth_type: 0x8847, entry: 0x1234_5140 };
            let push = [push, Edit::PushPbb { eth_type: 0x88e7, itag: 77 }];
            edits.extend(push.into_iter().take(cases.len() % 3));
        }
        if cases.len() % 2 == 0 {
            edits.push(Edit::PushVlan(capture::sample(&edits::tag(), &mut runner)));
        }
        let mut after = before.clone();
        edits.iter().for_each(|edit| edit.apply(&mut after));
        cases.push(Case { key, edits, before, after });
    }
    cases
}

/// Makes an edit such that tshark does not take what is random for something else.
fn presentable(key: &FlowKey, edit: Edit) -> Edit {
    match edit {
        Edit::Icmp(_) => {
            // Echo replies instead of requests.
            let kind = if key.eth_type.get() == 0x0800 { 0 } else { 129 };
            let is_echo = matches!(key.tp_src.get(), 8 | 128);
            let mask = Icmp { kind: if is_echo { 0xff } else { 0 }, code: 0 };
            Edit::Icmp(Masked { value: Icmp { kind, code: 0 }, mask })
        }
        Edit::Ports(mut edit) => {
            // Never 6635 nor 9899, MPLS and SCTP in UDP.
            edit.mask.src |= 0x8000;
            edit.value.src |= 0x8000;
            edit.mask.dst |= 0x8000;
            edit.value.dst |= 0x8000;
            Edit::Ports(edit)
        }
        edit => edit,
    }
}

fn complaints(case: &Case, before: &Fields, protocols: &str, after: &Fields) -> Vec<String> {
    let mut complaints = Vec::new();
    if protocols.contains("_ws") || protocols.contains("malformed") {
        complaints.push(protocols.to_owned());
    }
    for name in CHECKSUMS.split_whitespace() {
        let (before, after) = (&before[name], &after[name]);
        if before != after || after == "0" {
            complaints.push(format!("{name} is {after:?}, was {before:?}"));
        }
    }
    for (name, wanted) in expected(case) {
        let actual = after[name].as_str();
        if actual != wanted && !actual.starts_with(&format!("{wanted},")) {
            complaints.push(format!("{name} is {actual:?}, not {wanted:?}"));
        }
    }
    complaints
}

/// What the outermost header must have, if it is looked at here.
fn expected(case: &Case) -> Vec<(&'static str, String)> {
    let mut expected = Vec::new();
    let mut key = case.key;
    for edit in &case.edits {
        key = edits::edited(key, edit);
        match edit {
            Edit::PushMpls { .. } => {
                expected.push(("mpls.label", 0x1_2345u32.to_string()));
                expected.push(("mpls.ttl", "64".to_owned()));
            }
            Edit::PushPbb { .. } => expected.push(("ieee8021ah.isid", "77".to_owned())),
            Edit::PushVlan(tag) if tag.tpid.get() == 0x8100 => {
                expected.push(("vlan.id", tag.vid().to_string()));
            }
            _ => {}
        }
    }
    let (src, dst) = (key.tp_src.to_string(), key.tp_dst.to_string());
    match key.eth_type.get() {
        0x0800 => {
            expected.push(("ip.ttl", key.ip_ttl.to_string()));
            expected.push(("ip.src", std::net::Ipv4Addr::from(key.ipv4_src).to_string()));
            expected.push(("ip.dst", std::net::Ipv4Addr::from(key.ipv4_dst).to_string()));
        }
        0x86dd => {
            expected.push(("ipv6.hlim", key.ip_ttl.to_string()));
            expected.push(("ipv6.src", std::net::Ipv6Addr::from(key.ipv6_src).to_string()));
            expected.push(("ipv6.dst", std::net::Ipv6Addr::from(key.ipv6_dst).to_string()));
        }
        _ => return expected,
    }
    let [source, destination] = match key.ip_proto {
        _ if key.ip_frag & ovs_core::key::FRAG_LATER != 0 => return expected,
        6 => ["tcp.srcport", "tcp.dstport"],
        17 => ["udp.srcport", "udp.dstport"],
        132 => ["sctp.srcport", "sctp.dstport"],
        _ => return expected,
    };
    expected.extend([(source, src), (destination, dst)]);
    expected
}
