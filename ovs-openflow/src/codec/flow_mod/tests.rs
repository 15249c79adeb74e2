//! Tests of flow-mods: vectors by hand, from the layouts in the specifications.

use super::*;
use alloc::vec::Vec;
use bytes::Bytes;
use ovs_core::action::Action;

const NXM: Protocol = Protocol::OF10_NXM;
const TID: Protocol = Protocol::OF10_NXM_TID;
/// OpenFlow 1.0 with tables and its own matches.
const OF10_TID: Protocol = Protocol { table_id: true, ..Protocol::OF10 };

fn decode(bytes: &[u8], protocol: Protocol) -> Result<FlowMod, ErrorCode> {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_flow_mod");
    let change = take(&mut reader, protocol).map_err(|error| error.code)?;
    assert!(reader.is_empty());
    Ok(change)
}

fn encode(change: &FlowMod, protocol: Protocol) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"junk".to_vec();
    put(&mut Writer::new(&mut out), change, protocol)?;
    Ok(out.split_off(4))
}

/// Reads bytes, and sees to it that the same are written.
fn exact(bytes: &[u8], protocol: Protocol) -> FlowMod {
    let change = decode(bytes, protocol).unwrap();
    assert_eq!(encode(&change, protocol).unwrap(), bytes);
    change
}

/// A flow-mod of OpenFlow 1.3: 56 bytes with an empty match, and an output to port 2.
fn of13(command: u8, table: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(0x1122_u64.to_be_bytes());
    bytes.extend(0xffff_u64.to_be_bytes());
    bytes.extend([table, command, 0, 10, 0, 20, 0x80, 1]);
    bytes.extend([0xff; 12]);
    bytes.extend([0, 3, 0, 0]);
    bytes.extend([0, 1, 0, 4, 0, 0, 0, 0]);
    bytes.extend([0, 4, 0, 24, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 2]);
    bytes.extend([0; 8]);
    bytes
}

/// What OpenFlow 1.0's form and Nicira's have in common.
fn fixed(cookie: u64, command: [u8; 2], flags: u8) -> Vec<u8> {
    let mut bytes = cookie.to_be_bytes().to_vec();
    bytes.extend(command);
    bytes.extend([0, 10, 0, 20, 0x80, 1]);
    bytes.extend([0, 0, 1, 2, 0xff, 0xff, 0, flags]);
    bytes
}

const OUTPUT: [u8; 8] = [0, 0, 0, 8, 0, 2, 0, 0];

/// A flow-mod of OpenFlow 1.0 that matches all packets.
fn of10(command: [u8; 2], flags: u8) -> Vec<u8> {
    let mut bytes = 0x3820ff_u32.to_be_bytes().to_vec();
    bytes.extend([0; 36]);
    bytes.extend(fixed(0x1122, command, flags));
    bytes.extend(OUTPUT);
    bytes
}

/// One of Nicira's with a match of NXM fields.
fn nicira(cookie: u64, command: [u8; 2], matching: &[u8]) -> Vec<u8> {
    let mut bytes = fixed(cookie, command, 1);
    bytes.extend((matching.len() as u16).to_be_bytes());
    bytes.extend([0; 6]);
    bytes.extend(matching);
    bytes.extend(&[0; 7][..matching.len().wrapping_neg() % 8]);
    bytes.extend(OUTPUT);
    bytes
}

/// `NXM_NX_COOKIE_W`: 5 under the mask 7.
const COOKIE: [u8; 20] = [0, 1, 61, 16, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7];

#[test]
fn the_cookie_of_openflow_1_3_is_given_or_asked_for() {
    let add = exact(&of13(0, 3), Protocol::OF13);
    assert_eq!((add.command, add.table), (FlowModCommand::Add, TableId(3)));
    assert_eq!(add.cookie, Some(0x1122));
    assert_eq!((add.idle_timeout, add.hard_timeout, add.priority), (10, 20, 0x8001));
    assert_eq!((add.buffer, add.out_port, add.out_group), (None, PortNo::ANY, GroupId::ANY));
    assert_eq!(add.flags, FlowFlags::SEND_FLOW_REM | FlowFlags::CHECK_OVERLAP);
    assert_eq!(add.instructions.applied(), [Action::Output { port: PortNo(2), max_len: 0 }]);
    for command in 1..=4 {
        let change = exact(&of13(command, 3), Protocol::OF13);
        assert_eq!((change.cookie, change.updates_cookie), (None, false));
        assert_eq!(change.cookie_filter, CookieFilter { value: 0x1122, mask: 0xffff });
    }
}

#[test]
fn only_deletions_are_for_all_tables() {
    for command in 0..=2 {
        let refused = Err(ErrorCode::OFPFMFC_BAD_TABLE_ID);
        assert_eq!(decode(&of13(command, 0xff), Protocol::OF13), refused);
    }
    for command in 3..=4 {
        assert_eq!(exact(&of13(command, 0xff), Protocol::OF13).table, TableId::ALL);
    }
    // A switch of OpenFlow 1.3 that may choose gets the first table.
    let change = FlowMod::add().table(TableId::ALL);
    let bytes = encode(&change, Protocol::OF13).unwrap();
    assert_eq!(decode(&bytes, Protocol::OF13).unwrap().table, TableId(0));
}

#[test]
fn commands_and_flags_that_are_not_defined_are_refused() {
    assert_eq!(decode(&of13(5, 0), Protocol::OF13), Err(ErrorCode::OFPFMFC_BAD_COMMAND));
    assert_eq!(decode(&of10([0, 5], 0), Protocol::OF10), Err(ErrorCode::OFPFMFC_BAD_COMMAND));
    for bit in 0..16 {
        let mut bytes = of13(0, 0);
        bytes[36..38].copy_from_slice(&(1u16 << bit).to_be_bytes());
        let known = bit < 5;
        match decode(&bytes, Protocol::OF13) {
            Ok(change) => assert_eq!((known, change.flags.bits()), (true, 1 << bit)),
            Err(code) => assert_eq!((known, code), (false, ErrorCode::OFPFMFC_BAD_FLAGS)),
        }
    }
    for bit in 0..8 {
        let known = bit < 3;
        match decode(&of10([0, 0], 1 << bit), Protocol::OF10) {
            Ok(change) => {
                assert!(known);
                assert_eq!(encode(&change, Protocol::OF10).unwrap(), of10([0, 0], 1 << bit));
            }
            Err(code) => assert_eq!((known, code), (false, ErrorCode::OFPFMFC_BAD_FLAGS)),
        }
    }
}

#[test]
fn a_flag_has_different_places() {
    let emergency = exact(&of10([0, 1], 4), Protocol::OF10);
    assert_eq!(emergency.flags, FlowFlags::EMERGENCY);
    let refused = encode(&emergency, Protocol::OF13);
    assert!(matches!(refused, Err(EncodeError::NotInVersion { .. })));

    // An addition of OpenFlow 1.0 resets the counters without saying so; nothing else can.
    assert_eq!(exact(&of10([0, 0], 0), Protocol::OF10).flags, FlowFlags::RESET_COUNTS);
    let mut modify = exact(&of10([0, 1], 0), Protocol::OF10);
    assert_eq!(modify.flags, FlowFlags::empty());
    modify.flags = FlowFlags::RESET_COUNTS;
    assert!(encode(&modify, Protocol::OF10).is_err());
}

#[test]
fn the_table_of_openflow_1_0_must_be_agreed_on() {
    assert_eq!(exact(&of10([0, 3], 1), Protocol::OF10).table, TableId::ALL);
    assert_eq!(decode(&of10([7, 3], 1), Protocol::OF10), Err(ErrorCode::OFPFMFC_BAD_COMMAND));
    assert_eq!(exact(&of10([7, 3], 1), OF10_TID).table, TableId(7));
    assert_eq!(exact(&of10([0xff, 3], 1), OF10_TID).table, TableId::ALL);
    assert_eq!(exact(&nicira(1, [7, 3], &[]), TID).table, TableId(7));
    assert_eq!(decode(&nicira(1, [7, 3], &[]), NXM), Err(ErrorCode::OFPFMFC_BAD_COMMAND));

    let change = FlowMod::add().table(TableId(1));
    assert!(encode(&change, NXM).is_err());
    assert!(encode(&change, TID).is_ok());
    assert!(encode(&FlowMod::add(), NXM).is_ok());
}

#[test]
fn the_cookie_of_openflow_1_0_is_given_unless_all_ones() {
    for command in 0..=4 {
        let change = exact(&nicira(0x1122, [0, command], &[]), NXM);
        assert_eq!(change.cookie, Some(0x1122));
        assert_eq!(change.updates_cookie, command == 1 || command == 2);
        assert_eq!(change.buffer, Some(0x102));
        let change = exact(&nicira(u64::MAX, [0, command], &[]), NXM);
        assert_eq!(change.cookie, (command == 0).then_some(u64::MAX));
        assert!(!change.updates_cookie);
    }
    let change = decode(&of10([0, 1], 0), Protocol::OF10).unwrap();
    assert!(change.updates_cookie);
    assert!(matches!(encode(&change, Protocol::OF13), Err(EncodeError::NotInVersion { .. })));
}

#[test]
fn a_cookie_in_the_match_is_asked_for() {
    let change = exact(&nicira(1, [0, 3], &COOKIE), NXM);
    assert_eq!(change.cookie_filter, CookieFilter { value: 5, mask: 7 });
    assert_eq!(decode(&nicira(1, [0, 0], &COOKIE), NXM), Err(ErrorCode::NXBRC_NXM_INVALID));
    assert!(encode(&change, Protocol::OF10).is_err());
    let add = FlowMod { cookie_filter: change.cookie_filter, ..FlowMod::add() };
    assert!(encode(&add, NXM).is_err());
}

#[test]
fn a_rule_of_openflow_1_0_that_leaves_nothing_open_has_the_highest_priority() {
    let mut bytes = of10([0, 0], 0);
    bytes[..4].copy_from_slice(&[0xff, 0xc0, 0, 0]);
    bytes[22..24].copy_from_slice(&[0x08, 0x00]);
    bytes[25] = 17;
    assert_eq!(decode(&bytes, Protocol::OF10).unwrap().priority, u16::MAX);
    bytes[3] = 1;
    assert_eq!(decode(&bytes, Protocol::OF10).unwrap().priority, 0x8001);
}

#[test]
fn addresses_of_a_connection_need_their_ip_version() {
    let ct_source = [0, 1, 240, 4, 10, 0, 0, 1];
    let refused = Err(ErrorCode::OFPBAC_MATCH_INCONSISTENT);
    match decode(&nicira(1, [0, 3], &ct_source), NXM) {
        // Fields are asked before for what they presuppose.
        Err(ErrorCode::OFPBMC_BAD_PREREQ) => {}
        other => assert_eq!(other, refused),
    }
}

#[test]
fn what_a_version_lacks_is_not_written() {
    let group = FlowMod { out_group: GroupId(1), ..FlowMod::delete() };
    assert!(encode(&group, NXM).is_err());
    assert!(encode(&group, Protocol::OF13).is_ok());
    let important = FlowMod { importance: 1, ..FlowMod::add() };
    assert!(encode(&important, NXM).is_err());
    assert!(encode(&important, Protocol::OF13).is_err());
    let port = FlowMod { out_port: PortNo(0xff00), ..FlowMod::delete() };
    assert!(matches!(encode(&port, NXM), Err(EncodeError::TooLarge { .. })));
    assert!(encode(&port, Protocol::OF13).is_ok());
}

#[test]
fn bytes_that_are_cut_off_are_refused() {
    let whole = [
        (of13(0, 0), Protocol::OF13),
        (of10([0, 0], 0), Protocol::OF10),
        (nicira(1, [0, 3], &COOKIE), NXM),
    ];
    for (bytes, protocol) in whole {
        let least = bytes.len() - if protocol == Protocol::OF13 { 24 } else { 8 };
        for len in 0..bytes.len() {
            let taken = decode(&bytes[..len], protocol);
            // What is left of whole actions or instructions may be a change too.
            assert_eq!(taken.is_ok(), len == least, "{len} of {}", bytes.len());
        }
    }
}

#[test]
fn lengths_inside_may_be_anything() {
    let bytes = nicira(1, [0, 3], &COOKIE);
    for len in [0, 1, 19, 20, 21, 24, 32, 33, 0xffff_u16] {
        let mut changed = bytes.clone();
        changed[24..26].copy_from_slice(&len.to_be_bytes());
        assert_eq!(decode(&changed, NXM).is_ok(), len == 20, "{len}");
    }
}
