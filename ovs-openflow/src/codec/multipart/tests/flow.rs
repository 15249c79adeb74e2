//! Rules and sums over them.

use super::*;
use crate::message::{AggregateStats, Duration, FlowStats, FlowStatsRequest};
use MultipartReply as Reply;
use MultipartRequest as Request;
use alloc::vec;
use ovs_core::action::{Action, Instructions};
use ovs_core::flow::{CookieFilter, FlowFlags};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// `ofp_match` of OpenFlow 1.0 for all packets.
fn all_packets() -> Vec<u8> {
    [&0x3820ff_u32.to_be_bytes()[..], &[0; 36]].concat()
}

/// `ofp_match` of OpenFlow 1.3 with an input port.
const IN_PORT_1: [u8; 16] = [0, 1, 0, 12, 0x80, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0];
const OUTPUT_OF10: [u8; 8] = [0, 0, 0, 8, 0, 2, 0, 0];
const APPLY_OUTPUT: [u8; 24] =
    [0, 4, 0, 24, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];

/// The times of a rule: 14 bytes.
const TIMES: [u8; 14] = [0, 0, 0, 2, 0, 0, 0, 3, 0, 4, 0, 5, 0, 6];

fn stats() -> FlowStats {
    FlowStats {
        table: TableId(1),
        duration: Duration { sec: 2, nsec: 3 },
        priority: 4,
        idle_timeout: 5,
        hard_timeout: 6,
        idle_age: None,
        hard_age: None,
        flags: FlowFlags::empty(),
        importance: 0,
        cookie: 7,
        packet_count: 8,
        byte_count: u64::MAX,
        matching: Match::new(),
        instructions: Instructions::apply([Action::Output { port: PortNo(2), max_len: 0 }]),
    }
}

fn entry_of13() -> Vec<u8> {
    let head = [0, 48 + 16 + 24, 1, 0];
    let counters = u64s([7, 8, u64::MAX]);
    let flags = [0, 9, 0, 0, 0, 0];
    [&head[..], &TIMES, &flags, &counters, &IN_PORT_1, &APPLY_OUTPUT].concat()
}

#[test]
fn rules_of_openflow_1_3() {
    let bytes = [new(1), entry_of13(), entry_of13()].concat();
    let flags = FlowFlags::SEND_FLOW_REM | FlowFlags::NO_PKT_COUNTS;
    let expected = FlowStats { flags, matching: Match::new().in_port(1u32), ..stats() };
    assert_eq!(exact_reply(&bytes, OF13), Reply::Flow(vec![expected.clone(), expected]));
    let mut unknown = bytes.clone();
    unknown[8 + 19] = 0x20;
    assert_eq!(reply(&unknown, OF13), Err(ErrorCode::OFPFMFC_BAD_FLAGS));
}

#[test]
fn rules_of_openflow_1_0() {
    let entry = [&[0, 96, 1, 0][..], &all_packets(), &TIMES, &[0; 6], &u64s([7, 8, u64::MAX])];
    let entry = [entry.concat(), OUTPUT_OF10.to_vec()].concat();
    let bytes = [old(1), entry.clone(), entry].concat();
    assert_eq!(exact_reply(&bytes, OF10), Reply::Flow(vec![stats(), stats()]));
    // What a rule has beyond is not told.
    let flags = FlowFlags::all();
    let rule = FlowStats { flags, importance: 1, idle_age: Some(1), ..stats() };
    assert_eq!(write_reply(&Reply::Flow(vec![rule.clone(), rule]), OF10), Ok(bytes));
}

#[test]
fn rules_with_nxm_matches_tell_their_ages() {
    let age = |wire: [u8; 2]| {
        let entry = [
            &[0, 64, 1, 0][..],
            &TIMES,
            &[0, 6],
            &wire,
            &[0, 0],
            &u64s([7, 8, u64::MAX]),
            &[0, 0, 0, 2, 0, 1, 0, 0],
            &OUTPUT_OF10,
        ];
        [&nicira(0)[..], &entry.concat()].concat()
    };
    for (wire, idle_age) in [([0, 0], None), ([0, 1], Some(0)), ([0xff, 0xff], Some(0xfffe))] {
        let matching = Match::new().in_port(1u32);
        let expected = FlowStats { idle_age, matching, ..stats() };
        let (taken, protocol) = reply(&age(wire), OF10).unwrap();
        assert!(protocol.nxm);
        assert_eq!(taken, Reply::Flow(vec![expected]));
        let again = write_reply(&taken, NXM).unwrap();
        assert_eq!(reply(&again, OF10), Ok((taken, NXM)));
        assert_eq!(again[16 + 20..][..2], wire);
    }
    let old = Reply::Flow(vec![FlowStats { idle_age: Some(0xffff), ..stats() }]);
    assert_eq!(write_reply(&old, NXM).unwrap()[16 + 20..][..2], [0xff, 0xff]);
}

#[test]
fn a_rule_has_no_cookie_to_ask_for() {
    let cookie = [0, 1, 60, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0];
    let entry = [&[0, 64, 1, 0][..], &TIMES, &[0, 12, 0, 0, 0, 0], &u64s([7, 8, 9]), &cookie];
    let bytes = [&nicira(0)[..], &entry.concat()].concat();
    assert_eq!(reply(&bytes, OF10), Err(ErrorCode::OFPBMC_BAD_FIELD));
}

#[test]
fn lengths_of_rules() {
    let bytes = [new(1), entry_of13(), entry_of13()].concat();
    let with_len = |len: u16| {
        let mut bytes = bytes.clone();
        bytes[8..10].copy_from_slice(&len.to_be_bytes());
        reply(&bytes, OF13)
    };
    for len in [0, 1, 8, 47, 0xffff] {
        assert_eq!(with_len(len), Err(ErrorCode::OFPBRC_BAD_LEN), "{len}");
    }
    for len in [48, 56, 80, 96] {
        assert!(with_len(len).is_err(), "{len}");
    }
    assert!(with_len(88).is_ok());
    // A rule that does nothing, and then what is no rule.
    assert!(with_len(64).is_err());
    for len in 8..bytes.len() {
        assert_eq!(reply(&bytes[..len], OF13).is_ok(), [8, 96].contains(&len), "{len}");
    }
}

#[test]
fn an_answer_may_be_as_long_as_a_message() {
    let rules = vec![stats(); 680];
    let bytes = write_reply(&Reply::Flow(rules.clone()), OF10).unwrap();
    assert!((0xf000..0xffff).contains(&bytes.len()));
    assert_eq!(reply(&bytes, OF10), Ok((Reply::Flow(rules), OF10)));
    let long = vec![Action::Output { port: PortNo(2), max_len: 0 }; 0x2000];
    let rule = FlowStats { instructions: Instructions::apply(long), ..stats() };
    let refused = write_reply(&Reply::Flow(vec![rule]), OF10);
    assert!(matches!(refused, Err(EncodeError::TooLong { .. })));
}

#[test]
fn questions_for_rules() {
    let asked = FlowStatsRequest {
        table: TableId(3),
        out_port: PortNo(5),
        out_group: GroupId::ANY,
        cookie: CookieFilter::default(),
        matching: Match::new(),
    };
    let tail = [3, 0, 0, 5];
    let bytes = [&old(1)[..], &all_packets(), &tail].concat();
    assert_eq!(exact_request(&bytes, OF10), Request::Flow(asked.clone()));
    let bytes = [&old(2)[..], &all_packets(), &tail].concat();
    assert_eq!(exact_request(&bytes, OF10), Request::Aggregate(asked.clone()));

    let cookie = CookieFilter { value: 7, mask: 15 };
    let nxm = [0, 5, 0, 20, 3, 0, 0, 0, 0, 1, 61, 16];
    for (kind, sums) in [(0, false), (1, true)] {
        let bytes = [&nicira(kind)[..], &nxm, &u64s([7, 15]), &[0; 4]].concat();
        let asked = FlowStatsRequest { cookie, ..asked.clone() };
        let expected = if sums { Request::Aggregate(asked) } else { Request::Flow(asked) };
        assert_eq!(request(&bytes, OF10), Ok((expected, NXM)));
        exact_request(&bytes, OF10);
        let excess = [&bytes[..], &[0; 8]].concat();
        assert_eq!(request(&excess, OF10), Err(ErrorCode::OFPBRC_BAD_LEN));
    }

    let out_group = GroupId(6);
    let asked =
        FlowStatsRequest { out_group, cookie, matching: Match::new().in_port(1u32), ..asked };
    for (kind, expected) in
        [(1, Request::Flow(asked.clone())), (2, Request::Aggregate(asked.clone()))]
    {
        let head = u32s([0x0300_0000, 5, 6, 0]);
        let bytes = [&new(kind)[..], &head, &u64s([7, 15]), &IN_PORT_1].concat();
        assert_eq!(exact_request(&bytes, OF13), expected);
        for len in 8..bytes.len() {
            assert!(request(&bytes[..len], OF13).is_err(), "{len}");
        }
    }
    assert!(write_request(&Request::Flow(asked.clone()), NXM).is_err());
    let asked = FlowStatsRequest { out_group: GroupId::ANY, ..asked };
    assert!(write_request(&Request::Flow(asked.clone()), NXM).is_ok());
    assert!(write_request(&Request::Flow(asked), OF10).is_err());
}

#[test]
fn sums() {
    let body = [u64s([5, 6]), u32s([7, 0])].concat();
    let sums = AggregateStats { packet_count: 5, byte_count: 6, flow_count: 7 };
    for (head, protocol) in [(old(2), OF10), (new(2), OF13), (nicira(1), OF10)] {
        let bytes = [head, body.clone()].concat();
        assert_eq!(exact_reply(&bytes, protocol), Reply::Aggregate(sums));
        let excess = [&bytes[..], &[0]].concat();
        assert_eq!(reply(&excess, protocol), Err(ErrorCode::OFPBRC_BAD_LEN));
    }
}
