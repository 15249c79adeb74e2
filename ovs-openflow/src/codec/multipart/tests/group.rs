//! Groups.

use super::*;
use crate::message::*;
use MultipartReply as Reply;
use MultipartRequest as Request;
use alloc::vec;
use ovs_core::PortNo;
use ovs_core::group::{Bucket, Group, GroupId, GroupKind, Selection};

#[test]
fn counters() {
    let entry = [
        &[0, 72, 0, 0][..],
        &u32s([5, 2, 0]),
        &u64s([10, 20]),
        &u32s([30, 40]),
        &u64s([1, 2, 3, 4]),
    ]
    .concat();
    let empty = [&[0, 40, 0, 0][..], &u32s([6, 0, 0]), &[0; 24]].concat();
    let stats = GroupStats {
        group: GroupId(5),
        ref_count: 2,
        packet_count: 10,
        byte_count: 20,
        duration: Duration { sec: 30, nsec: 40 },
        buckets: vec![
            BucketCounter { packet_count: 1, byte_count: 2 },
            BucketCounter { packet_count: 3, byte_count: 4 },
        ],
    };
    let none = GroupStats {
        group: GroupId(6),
        ref_count: 0,
        packet_count: 0,
        byte_count: 0,
        duration: Duration::default(),
        buckets: Vec::new(),
    };
    for (head, protocol) in [(nicira(7), OF10), (new(6), OF13)] {
        let bytes = [&head[..], &entry, &empty].concat();
        let expected = Reply::Group(vec![stats.clone(), none.clone()]);
        assert_eq!(exact_reply(&bytes, protocol), expected);
        for len in [0, 39, 41, 48, 0xff] {
            let mut bytes = bytes.clone();
            bytes[head.len() + 1] = len;
            assert_eq!(reply(&bytes, protocol), Err(ErrorCode::OFPBRC_BAD_LEN), "{len}");
        }
        for len in 0..=0xff {
            let mut bytes = bytes.clone();
            bytes[head.len()] = len;
            assert_eq!(reply(&bytes, protocol).is_ok(), len == 0);
        }
    }
    assert_eq!(
        exact_request(&[nicira(7), u32s([5, 0])].concat(), OF10),
        Request::Group(GroupId(5))
    );
    let all = [new(6), u32s([GroupId::ALL.0, 0])].concat();
    assert_eq!(exact_request(&all, OF13), Request::Group(GroupId::ALL));
}

#[test]
fn a_description_is_asked_for_in_two_forms() {
    let one = Request::GroupDesc(GroupId(5));
    assert_eq!(exact_request(&[nicira(8), u32s([5, 0])].concat(), OF10), one);
    assert_eq!(exact_request(&new(7), OF13), Request::GroupDesc(GroupId::ALL));
    assert_eq!(write_request(&one, OF13), Ok(new(7)));
}

#[test]
fn descriptions_of_openflow_1_3() {
    let bucket = [0, 16, 0, 7, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    let entry = [&[0, 24, 3, 0, 0, 0, 0, 5][..], &bucket].concat();
    let empty = [0, 8, 2, 0, 0, 0, 0, 6];
    let bytes = [&new(7)[..], &entry, &empty].concat();
    let bucket = Bucket { weight: 7, watch_port: PortNo(1), ..Bucket::new([]) };
    let expected = vec![
        Group {
            id: GroupId(5),
            kind: GroupKind::FastFailover,
            buckets: vec![bucket],
            selection: None,
        },
        Group { id: GroupId(6), kind: GroupKind::Indirect, buckets: vec![], selection: None },
    ];
    assert_eq!(exact_reply(&bytes, OF13), Reply::GroupDesc(expected));
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        reply(&bytes, OF13).err()
    };
    assert_eq!(with(10, 4), Some(ErrorCode::OFPGMFC_BAD_TYPE));
    for len in [0, 7, 41] {
        assert_eq!(with(9, len), Some(ErrorCode::OFPBRC_BAD_LEN));
    }
    for len in [9, 23, 25] {
        assert_eq!(with(9, len), Some(ErrorCode::OFPGMFC_BAD_BUCKET));
    }
}

#[test]
fn descriptions_with_numbered_buckets() {
    let bucket = [0, 16, 0, 0, 0, 0, 0, 9, 0, 0, 0, 8, 0, 7, 0, 0];
    let selection = [
        &[0xff, 0xff, 0, 40, 0, 0, 0x15, 0x4d, 0, 0, 0, 1, 0, 0, 0, 0][..],
        b"dp_hash\0\0\0\0\0\0\0\0\0",
        &u64s([3]),
    ]
    .concat();
    let head = [0, 72, 1, 0, 0, 0, 0, 5, 0, 16, 0, 0, 0, 0, 0, 0];
    let bytes = [&nicira(8)[..], &head, &bucket, &selection].concat();
    let group = Group {
        id: GroupId(5),
        kind: GroupKind::Select,
        buckets: vec![Bucket { id: Some(9), weight: 7, ..Bucket::new([]) }],
        selection: Some(Selection { method: "dp_hash".into(), parameter: 3, fields: vec![] }),
    };
    assert_eq!(exact_reply(&bytes, OF10), Reply::GroupDesc(vec![group.clone()]));
    // In OpenFlow 1.3 it cannot be said how it selects.
    let written = write_reply(&Reply::GroupDesc(vec![group]), OF13).unwrap();
    assert_eq!(written.len(), 8 + 8 + 16);
    for len in [17, 24, 56, 57, 0xff] {
        let mut bytes = bytes.clone();
        bytes[16 + 9] = len;
        assert!(reply(&bytes, OF10).is_err(), "{len}");
    }
}

#[test]
fn features() {
    let body = u32s([15, 5, 1, 2, 3, 4, 11, 12, 13, 14]);
    let features = GroupFeatures {
        kinds: GroupKinds::ALL
            | GroupKinds::SELECT
            | GroupKinds::INDIRECT
            | GroupKinds::FAST_FAILOVER,
        capabilities: GroupCapabilities::SELECT_WEIGHT | GroupCapabilities::CHAINING,
        max_groups: [1, 2, 3, 4],
        actions: [11, 12, 13, 14].map(ActionBits),
    };
    for (head, protocol) in [(nicira(9), OF10), (new(8), OF13)] {
        let bytes = [head, body.clone()].concat();
        assert_eq!(exact_reply(&bytes, protocol), Reply::GroupFeatures(features));
        let short = &bytes[..bytes.len() - 1];
        assert_eq!(reply(short, protocol), Err(ErrorCode::OFPBRC_BAD_LEN));
    }
}
