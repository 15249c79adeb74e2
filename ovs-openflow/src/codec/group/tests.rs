//! Tests of group-mods: vectors by hand, from OpenFlow 1.3.5 §7.3.4.2, 1.5.1 §7.3.4.3 and
//! netronome-ext.h.

use super::*;
use alloc::vec;
use alloc::vec::Vec;
use bytes::Bytes;
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::group::Selection;

const OF10: Version = Version::OF10;
const OF13: Version = Version::OF13;

fn decode(bytes: &[u8], version: Version) -> Result<GroupMod, ErrorCode> {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_group_mod");
    let change = take_mod(&mut reader, version).map_err(|error| error.code)?;
    assert!(reader.is_empty());
    Ok(change)
}

fn encode(change: &GroupMod, version: Version) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"junk".to_vec();
    put_mod(&mut Writer::new(&mut out), change, version)?;
    Ok(out.split_off(4))
}

fn exact(bytes: &[u8], version: Version) -> GroupMod {
    let change = decode(bytes, version).unwrap();
    assert_eq!(encode(&change, version).unwrap(), bytes);
    change
}

fn output() -> Vec<Action> {
    vec![Action::Output { port: PortNo(2), max_len: 0 }]
}

/// A group-mod of OpenFlow 1.3 for group 5.
fn of13(command: u16, kind: u8, buckets: &[&[u8]]) -> Vec<u8> {
    let mut bytes = command.to_be_bytes().to_vec();
    bytes.extend([kind, 0, 0, 0, 0, 5]);
    bytes.extend(buckets.concat());
    bytes
}

/// A bucket of OpenFlow 1.3 that outputs to port 2.
fn bucket(weight: u8, port: u32, group: u32) -> Vec<u8> {
    let mut bytes = vec![0, 32, 0, weight];
    bytes.extend(port.to_be_bytes());
    bytes.extend(group.to_be_bytes());
    bytes.extend([0, 0, 0, 0]);
    bytes.extend([0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

const NONE: u32 = u32::MAX;
const ALL: u8 = 0;
const SELECT: u8 = 1;
const INDIRECT: u8 = 2;
const FAST_FAILOVER: u8 = 3;

/// A group-mod in OpenFlow 1.5's form.
fn numbered(command: u16, kind: u8, at: u32, buckets: &[&[u8]], properties: &[u8]) -> Vec<u8> {
    let mut bytes = of13(command, kind, &[]);
    let buckets = buckets.concat();
    bytes.extend((buckets.len() as u16).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(at.to_be_bytes());
    bytes.extend(buckets);
    bytes.extend(properties);
    bytes
}

/// A bucket in that form, with an action of OpenFlow 1.0.
fn numbered_bucket(id: u32, properties: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 16 + properties.len() as u8, 0, 8];
    bytes.extend(id.to_be_bytes());
    bytes.extend([0, 0, 0, 8, 0, 2, 0, 0]);
    bytes.extend(properties);
    bytes
}

const WEIGHT_7: [u8; 8] = [0, 0, 0, 8, 0, 7, 0, 0];
const WATCH_PORT_1: [u8; 8] = [0, 1, 0, 8, 0, 0, 0, 1];
const WATCH_GROUP_3: [u8; 8] = [0, 2, 0, 8, 0, 0, 0, 3];

/// The property of a selection method.
fn selection(method: &[u8], fields: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xff, 0, 40 + fields.len() as u8, 0, 0, 0x15, 0x4d, 0, 0, 0, 1];
    bytes.extend([0; 4]);
    bytes.extend(method);
    bytes.extend(&[0; 16][method.len()..]);
    bytes.extend(9u64.to_be_bytes());
    bytes.extend(fields);
    bytes.extend(&[0; 7][..fields.len().wrapping_neg() % 8]);
    bytes
}

#[test]
fn buckets_of_openflow_1_3() {
    let bytes = of13(0, SELECT, &[&bucket(7, 1, NONE), &bucket(0, NONE, 3)]);
    let GroupMod::Add(group) = exact(&bytes, OF13) else { panic!("not an addition") };
    assert_eq!((group.id, group.kind), (GroupId(5), GroupKind::Select));
    assert_eq!(group.selection, None);
    let watching = |weight, port, group| Bucket {
        id: None,
        weight,
        watch_port: port,
        watch_group: group,
        actions: output(),
    };
    let expected = [watching(7, PortNo(1), GroupId::ANY), watching(0, PortNo::ANY, GroupId(3))];
    assert_eq!(group.buckets, expected);
}

#[test]
fn commands_of_openflow_1_3() {
    let plain = bucket(0, NONE, NONE);
    assert!(matches!(exact(&of13(1, ALL, &[&plain]), OF13), GroupMod::Modify(_)));
    assert!(matches!(exact(&of13(0x8000, ALL, &[]), OF13), GroupMod::AddOrModify(_)));
    assert_eq!(exact(&of13(2, ALL, &[]), OF13), GroupMod::Delete(GroupId(5)));
    let with_bucket = decode(&of13(2, ALL, &[&plain]), OF13);
    assert_eq!(with_bucket, Err(ErrorCode::OFPGMFC_INVALID_GROUP));
    for command in [3, 4, 5, 6, 0x8001, 0xffff] {
        let refused = Err(ErrorCode::OFPGMFC_BAD_COMMAND);
        assert_eq!(decode(&of13(command, ALL, &[]), OF13), refused);
    }
    let insert = decode(&numbered(3, ALL, BUCKET_LAST, &[], &[]), OF10).unwrap();
    let what = "change of single buckets";
    let refused = EncodeError::NotInVersion { what, version: OF13 };
    assert_eq!(encode(&insert, OF13), Err(refused));
}

#[test]
fn what_each_kind_may_have() {
    let (plain, watching) = (bucket(0, NONE, NONE), bucket(0, 1, NONE));
    let weighing = bucket(1, NONE, NONE);
    type Case<'a> = (u8, &'a [&'a [u8]], Option<ErrorCode>);
    let cases: [Case<'_>; 14] = [
        (ALL, &[], None),
        (ALL, &[&plain, &plain], None),
        (ALL, &[&weighing], Some(ErrorCode::OFPGMFC_INVALID_GROUP)),
        (ALL, &[&watching], Some(ErrorCode::OFPGMFC_WATCH_UNSUPPORTED)),
        (SELECT, &[&weighing, &watching], None),
        (INDIRECT, &[], Some(ErrorCode::OFPGMFC_INVALID_GROUP)),
        (INDIRECT, &[&plain], None),
        (INDIRECT, &[&plain, &plain], Some(ErrorCode::OFPGMFC_INVALID_GROUP)),
        (INDIRECT, &[&watching], Some(ErrorCode::OFPGMFC_WATCH_UNSUPPORTED)),
        (FAST_FAILOVER, &[&watching], None),
        (FAST_FAILOVER, &[&plain], Some(ErrorCode::OFPGMFC_INVALID_GROUP)),
        (FAST_FAILOVER, &[&weighing], Some(ErrorCode::OFPGMFC_INVALID_GROUP)),
        (4, &[], Some(ErrorCode::OFPGMFC_BAD_TYPE)),
        (0xff, &[], Some(ErrorCode::OFPGMFC_BAD_TYPE)),
    ];
    for (kind, buckets, refused) in cases {
        assert_eq!(decode(&of13(0, kind, buckets), OF13).err(), refused, "{kind} {buckets:?}");
    }
    // A weight that means nothing is not written.
    let buckets = vec![Bucket::new(output())];
    let group = Group { id: GroupId(5), kind: GroupKind::All, buckets, selection: None };
    let bytes = encode(&GroupMod::Add(group), OF13).unwrap();
    assert_eq!(bytes, of13(0, ALL, &[&plain]));
}

#[test]
fn lengths_of_buckets() {
    let with_len = |len: u16| {
        let mut bucket = bucket(0, NONE, NONE);
        bucket[..2].copy_from_slice(&len.to_be_bytes());
        decode(&of13(0, ALL, &[&bucket]), OF13)
    };
    for len in [0, 1, 15, 33, 40, 0xffff] {
        assert_eq!(with_len(len), Err(ErrorCode::OFPGMFC_BAD_BUCKET), "{len}");
    }
    assert_eq!(with_len(20), Err(ErrorCode::OFPBRC_BAD_LEN));
    assert!(with_len(32).is_ok());
    let bytes = of13(0, ALL, &[&bucket(0, NONE, NONE), &bucket(0, NONE, NONE)]);
    for len in 0..bytes.len() {
        // A whole number of buckets, none among them.
        let whole = [8, 40].contains(&len);
        assert_eq!(decode(&bytes[..len], OF13).is_ok(), whole, "{len}");
    }
    let beyond = of13(0, SELECT, &[&bucket(0, 0xff00, NONE)]);
    assert_eq!(decode(&beyond, OF13), Err(ErrorCode::OFPGMFC_BAD_WATCH));
}

#[test]
fn buckets_with_numbers() {
    let first = numbered_bucket(4, &[WEIGHT_7, WATCH_PORT_1, WATCH_GROUP_3].concat());
    let second = numbered_bucket(1, &[0, 0, 0, 8, 0, 1, 0, 0]);
    let bytes = numbered(0, SELECT, BUCKET_ALL, &[&first, &second], &[]);
    let GroupMod::Add(group) = exact(&bytes, OF10) else { panic!("not an addition") };
    let expected = [
        Bucket {
            id: Some(4),
            weight: 7,
            watch_port: PortNo(1),
            watch_group: GroupId(3),
            actions: output(),
        },
        Bucket { id: Some(1), ..Bucket::new(output()) },
    ];
    assert_eq!(group.buckets, expected);

    // Without the properties.
    let bytes = numbered(1, SELECT, BUCKET_ALL, &[&numbered_bucket(1, &[])], &[]);
    let GroupMod::Modify(group) = decode(&bytes, OF10).unwrap() else { panic!("no change") };
    assert_eq!(group.buckets, expected[1..]);

    let same = numbered_bucket(1, &WEIGHT_7);
    let other = numbered_bucket(0, &WEIGHT_7);
    let twice = numbered(0, SELECT, BUCKET_ALL, &[&same, &other, &same], &[]);
    assert_eq!(decode(&twice, OF10), Err(ErrorCode::OFPGMFC_BAD_BUCKET));
    let high = numbered_bucket(BUCKET_MAX + 1, &WEIGHT_7);
    let high = numbered(0, SELECT, BUCKET_ALL, &[&high], &[]);
    assert_eq!(decode(&high, OF10), Err(ErrorCode::OFPGMFC_BAD_BUCKET));
}

#[test]
fn buckets_without_numbers_get_those_that_are_free() {
    let bucket = |id| Bucket { id, ..Bucket::new([]) };
    let buckets = [None, Some(1), None, Some(3), Some(0), None].map(bucket).to_vec();
    let group = Group { id: GroupId(5), kind: GroupKind::Select, buckets, selection: None };
    let bytes = encode(&GroupMod::Add(group.clone()), OF10).unwrap();
    let GroupMod::Add(read) = decode(&bytes, OF10).unwrap() else { panic!("not an addition") };
    let ids: Vec<_> = read.buckets.iter().filter_map(|bucket| bucket.id).collect();
    assert_eq!(ids, [2, 1, 4, 3, 0, 5]);
    let buckets = vec![bucket(Some(BUCKET_MAX + 1))];
    let refused = encode(&GroupMod::Add(Group { buckets, ..group }), OF10);
    assert!(matches!(refused, Err(EncodeError::TooLarge { .. })));
}

#[test]
fn single_buckets_have_a_place() {
    let bucket = numbered_bucket(9, &WEIGHT_7);
    let places = [
        (BUCKET_FIRST, BucketPlace::First),
        (BUCKET_LAST, BucketPlace::Last),
        (3, BucketPlace::Bucket(3)),
        (BUCKET_MAX, BucketPlace::Bucket(BUCKET_MAX)),
    ];
    for (number, place) in places {
        let change = exact(&numbered(3, SELECT, number, &[&bucket], &[]), OF10);
        assert!(matches!(change, GroupMod::InsertBuckets(_, at) if at == place));
        let change = exact(&numbered(5, ALL, number, &[], &[]), OF10);
        assert_eq!(change, GroupMod::RemoveBuckets(GroupId(5), place));
    }
    let change = exact(&numbered(5, ALL, BUCKET_ALL, &[], &[]), OF10);
    assert_eq!(change, GroupMod::RemoveBuckets(GroupId(5), BucketPlace::All));

    let bad = Err(ErrorCode::OFPGMFC_BAD_BUCKET);
    assert_eq!(decode(&numbered(3, SELECT, BUCKET_ALL, &[&bucket], &[]), OF10), bad);
    assert_eq!(decode(&numbered(3, SELECT, BUCKET_MAX + 1, &[&bucket], &[]), OF10), bad);
    assert_eq!(decode(&numbered(0, SELECT, 3, &[&bucket], &[]), OF10), bad);
    assert_eq!(decode(&numbered(5, SELECT, 3, &[&bucket], &[]), OF10), bad);
    let group = Group { id: GroupId(5), kind: GroupKind::Select, buckets: vec![], selection: None };
    assert!(encode(&GroupMod::InsertBuckets(group, BucketPlace::All), OF10).is_err());
}

#[test]
fn lengths_of_buckets_with_numbers() {
    let bytes = numbered(0, SELECT, BUCKET_ALL, &[&numbered_bucket(4, &WEIGHT_7)], &[]);
    let with = |at: usize, number: u16| {
        let mut bytes = bytes.clone();
        bytes[at..at + 2].copy_from_slice(&number.to_be_bytes());
        decode(&bytes, OF10).err()
    };
    // All buckets; one; its actions; its property.
    assert_eq!(with(8, 25), Some(ErrorCode::OFPBRC_BAD_LEN));
    assert_eq!(with(8, 0xffff), Some(ErrorCode::OFPBRC_BAD_LEN));
    assert_eq!(with(8, 16), Some(ErrorCode::OFPGMFC_BAD_BUCKET));
    for len in [0, 7, 25, 0xffff] {
        assert_eq!(with(16, len), Some(ErrorCode::OFPGMFC_BAD_BUCKET), "{len}");
    }
    assert_eq!(with(18, 17), Some(ErrorCode::OFPGMFC_BAD_BUCKET));
    assert_eq!(with(18, 4), Some(ErrorCode::OFPBRC_BAD_LEN));
    for len in [0, 3, 9, 0xffff] {
        assert_eq!(with(34, len), Some(ErrorCode::OFPBPC_BAD_LEN), "{len}");
    }
    assert_eq!(with(34, 5), Some(ErrorCode::OFPBPC_BAD_LEN));
    assert_eq!(with(32, 3), Some(ErrorCode::OFPBPC_BAD_TYPE));
    assert_eq!(with(32, 0xffff), Some(ErrorCode::OFPBPC_BAD_LEN));
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len], OF10).is_err(), "{len}");
    }
}

#[test]
fn a_select_group_may_say_how_it_selects() {
    // IPv4 destination and UDP source.
    let fields = [0, 0, 16, 4, 255, 255, 255, 0, 0, 0, 22, 2, 0xff, 0xff];
    let change = |properties: &[u8]| {
        numbered(0, SELECT, BUCKET_ALL, &[&numbered_bucket(4, &WEIGHT_7)], properties)
    };
    let bytes = change(&selection(b"hash", &fields));
    let GroupMod::Add(group) = decode(&bytes, OF10).unwrap() else { panic!("not an addition") };
    let fields = vec![(Field::Ipv4Dst, 0xffff_ff00), (Field::UdpSrc, 0xffff)];
    let expected = Selection { method: "hash".into(), parameter: 9, fields };
    assert_eq!(group.selection, Some(expected));
    let again = encode(&GroupMod::Add(group.clone()), OF10).unwrap();
    assert_eq!(decode(&again, OF10), Ok(GroupMod::Add(group.clone())));
    assert!(encode(&GroupMod::Add(group), OF13).is_err());
    exact(&change(&selection(b"dp_hash", &[])), OF10);
    // Open vSwitch 2.4 had another number for Netronome.
    let mut old = selection(b"hash", &[]);
    old[7] = 0x40;
    assert!(decode(&change(&old), OF10).is_ok());
}

#[test]
fn selections_that_cannot_be() {
    let bucket = numbered_bucket(4, &WEIGHT_7);
    let refused = |properties: &[u8]| {
        decode(&numbered(0, SELECT, BUCKET_ALL, &[&bucket], properties), OF10).err()
    };
    let bad_value = Some(ErrorCode::OFPBPC_BAD_VALUE);
    assert_eq!(refused(&selection(b"", &[])), bad_value);
    assert_eq!(refused(&selection(b"hash2", &[])), bad_value);
    assert_eq!(refused(&selection(&[b'x'; 16], &[])), bad_value);
    let field = [0, 0, 16, 4, 255, 255, 255, 0];
    assert_eq!(refused(&selection(b"dp_hash", &field)), bad_value);
    let twice = [field, field].concat();
    assert_eq!(refused(&selection(b"hash", &twice)), Some(ErrorCode::OFPBMC_DUP_FIELD));
    let masked = [0, 0, 17, 8, 1, 2, 3, 4, 255, 255, 255, 255];
    assert_eq!(refused(&selection(b"hash", &masked)), Some(ErrorCode::OFPBMC_BAD_MASK));
    let part_of_a_type = [0, 0, 6, 2, 0xff, 0];
    assert_eq!(refused(&selection(b"hash", &part_of_a_type)), Some(ErrorCode::OFPBMC_BAD_MASK));
    let unknown = [0x12, 0x34, 2, 2, 0xff, 0xff];
    assert_eq!(refused(&selection(b"hash", &unknown)), Some(ErrorCode::OFPBMC_BAD_FIELD));

    let with = |at: usize, byte: u8| {
        let mut property = selection(b"hash", &[]);
        property[at] = byte;
        refused(&property)
    };
    assert_eq!(with(0, 0), Some(ErrorCode::OFPBPC_BAD_TYPE));
    assert_eq!(with(5, 1), Some(ErrorCode::OFPBPC_BAD_EXP_TYPE));
    assert_eq!(with(11, 2), Some(ErrorCode::OFPBPC_BAD_EXP_TYPE));
    for len in [0, 3, 4, 11, 12, 39, 41] {
        assert_eq!(with(3, len), Some(ErrorCode::OFPBPC_BAD_LEN), "{len}");
    }
    let mut nobody = selection(b"hash", &[]);
    nobody[6..8].fill(0);
    assert_eq!(refused(&nobody), Some(ErrorCode::OFPBPC_BAD_EXPERIMENTER));

    let property = selection(b"hash", &[]);
    let plain = numbered_bucket(4, &[]);
    let other_kind = numbered(0, ALL, BUCKET_ALL, &[&plain], &property);
    assert_eq!(decode(&other_kind, OF10).err(), bad_value);
    let other_command = numbered(3, SELECT, BUCKET_LAST, &[&bucket], &property);
    assert_eq!(decode(&other_command, OF10).err(), bad_value);
}

#[test]
fn a_bucket_that_is_too_long_is_not_written() {
    let actions = vec![Action::Output { port: PortNo(2), max_len: 0 }; 0x2000];
    let group = Group {
        id: GroupId(5),
        kind: GroupKind::Select,
        buckets: vec![Bucket::new(actions)],
        selection: None,
    };
    for version in [OF10, OF13] {
        let refused = encode(&GroupMod::Add(group.clone()), version);
        assert!(matches!(refused, Err(EncodeError::TooLong { .. })));
    }
}
