//! Flow monitors.

use super::*;
use crate::message::*;
use crate::protocol::Version;
use MultipartReply as Reply;
use MultipartRequest as Request;
use alloc::vec;
use ovs_core::action::{Action, Instructions};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// The header of the Open Networking Foundation's form in OpenFlow 1.3.
fn onf() -> Vec<u8> {
    [&new(0xffff)[..], b"ONF\0\0\0\x07\x4e"].concat()
}

const IN_PORT_NXM: [u8; 8] = [0, 0, 0, 2, 0, 1, 0, 0];
const IN_PORT_OXM: [u8; 16] = [0, 1, 0, 12, 0x80, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0];

fn asked() -> FlowMonitorRequest {
    FlowMonitorRequest {
        monitor: 7,
        command: FlowMonitorCommand::ADD,
        flags: FlowMonitorFlags::ADD | FlowMonitorFlags::NO_ABBREV,
        out_port: PortNo::LOCAL,
        out_group: GroupId::ANY,
        table: TableId(1),
        matching: Match::new().in_port(1u32),
    }
}

fn asked_of13() -> Vec<u8> {
    let head = [0, 0, 0, 7, 0, 0x22, 0, 12, 0xff, 0xff, 0xff, 0xfe, 1, 0, 0, 0];
    [&head[..], &IN_PORT_OXM].concat()
}

fn asked_of10() -> Vec<u8> {
    let head = [0, 0, 0, 7, 0, 0x22, 0xff, 0xfe, 0, 6, 1, 0, 0, 0, 0, 0];
    [&head[..], &IN_PORT_NXM].concat()
}

#[test]
fn questions() {
    let bytes = [onf(), asked_of13(), asked_of13()].concat();
    assert_eq!(exact_request(&bytes, OF13), Request::FlowMonitor(vec![asked(), asked()]));
    let bytes = [nicira(2), asked_of10(), asked_of10()].concat();
    let (taken, _) = request(&bytes, OF10).unwrap();
    assert_eq!(taken, Request::FlowMonitor(vec![asked(), asked()]));
    let again = write_request(&taken, OF10).unwrap();
    assert_eq!(request(&again, OF10).unwrap().0, taken);
}

#[test]
fn questions_that_are_refused() {
    let with = |at: usize, byte: u8| {
        let mut body = asked_of10();
        body[at] = byte;
        let old = request(&[nicira(2), body].concat(), OF10).err();
        let mut body = asked_of13();
        body[at] = byte;
        (old, request(&[onf(), body].concat(), OF13).err())
    };
    let both = |code| (Some(code), Some(code));
    // Nothing, or what is there at first, is no reason to tell anything.
    for flags in [0, 1, 0x31, 0x42, 0x82] {
        assert_eq!(with(5, flags), both(ErrorCode::OFPMOFC_BAD_FLAGS), "{flags:#x}");
    }
    assert_eq!(with(4, 1), both(ErrorCode::OFPMOFC_BAD_FLAGS));
    for at in [13, 14, 15] {
        assert_eq!(with(at, 1), both(ErrorCode::NXBRC_MUST_BE_ZERO));
    }
    assert_eq!(with(12, 1).0, Some(ErrorCode::NXBRC_MUST_BE_ZERO));
    let bytes = [onf(), asked_of13()].concat();
    for len in 17..bytes.len() {
        assert!(request(&bytes[..len], OF13).is_err(), "{len}");
    }
}

#[test]
fn questions_that_cannot_be_written() {
    let refused = |request| {
        let request = Request::FlowMonitor(vec![request]);
        [OF10, OF13].map(|protocol| write_request(&request, protocol).is_err()) == [true; 2]
    };
    assert!(!refused(asked()));
    assert!(refused(FlowMonitorRequest { command: FlowMonitorCommand::DELETE, ..asked() }));
    assert!(refused(FlowMonitorRequest { out_group: GroupId(1), ..asked() }));
    assert!(refused(FlowMonitorRequest { flags: FlowMonitorFlags::all(), ..asked() }));
}

fn update(instructions: Instructions) -> FlowUpdate {
    FlowUpdate::Full {
        event: FlowUpdateEvent::Modified,
        reason: FlowRemovedReason(0),
        priority: 5,
        idle_timeout: 6,
        hard_timeout: 7,
        table: TableId(3),
        cookie: 0x123,
        matching: Match::new().in_port(1u32),
        instructions,
    }
}

/// The 24 bytes of a full update.
fn full(len: u8, event: u8, match_len: u8) -> Vec<u8> {
    let head = [0, len, 0, event, 0, 0, 0, 5, 0, 6, 0, 7, 0, match_len, 3, 0];
    [&head[..], &u64s([0x123])].concat()
}

const ABBREVIATED: [u8; 8] = [0, 8, 0, 3, 0, 0, 0, 77];

#[test]
fn updates() {
    let action = Action::Output { port: PortNo(2), max_len: 0 };
    let expected = Reply::FlowMonitor(vec![
        FlowUpdate::Abbreviated { xid: 77 },
        update(Instructions::apply([action])),
    ]);
    let output = [0, 0, 0, 8, 0, 2, 0, 0];
    let bytes = [&nicira(2)[..], &ABBREVIATED, &full(40, 2, 6), &IN_PORT_NXM, &output].concat();
    let (taken, _) = reply(&bytes, OF10).unwrap();
    assert_eq!(taken, expected);
    let again = write_reply(&taken, OF10).unwrap();
    assert_eq!(reply(&again, OF10).unwrap().0, taken);

    let apply = [0, 4, 0, 24, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
    let bytes = [&onf()[..], &ABBREVIATED, &full(64, 2, 12), &IN_PORT_OXM, &apply].concat();
    assert_eq!(exact_reply(&bytes, OF13), expected);
    for len in 16..bytes.len() {
        assert_eq!(reply(&bytes[..len], OF13).is_ok(), [16, 24].contains(&len), "{len}");
    }
}

#[test]
fn updates_that_are_refused() {
    let bytes = [&onf()[..], &full(40, 2, 12), &IN_PORT_OXM].concat();
    assert!(reply(&bytes, OF13).is_ok());
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[16 + at] = byte;
        reply(&bytes, OF13).err()
    };
    for len in [0, 7, 8, 23, 39, 41, 48] {
        assert_eq!(with(1, len), Some(ErrorCode::OFPBRC_BAD_LEN), "{len}");
    }
    assert_eq!(with(3, 3), Some(ErrorCode::OFPBRC_BAD_LEN));
    assert_eq!(with(3, 4), Some(ErrorCode::NXBRC_FM_BAD_EVENT));
    assert_eq!(with(2, 1), Some(ErrorCode::NXBRC_FM_BAD_EVENT));
    assert_eq!(with(13, 17), Some(ErrorCode::OFPBRC_BAD_LEN));
}

#[test]
fn what_is_there_at_first_is_added() {
    let FlowUpdate::Full { reason, matching, instructions, .. } = update(Instructions::none())
    else {
        panic!("not full")
    };
    let initial = |event| FlowUpdate::Full {
        event,
        reason,
        priority: 0,
        idle_timeout: 0,
        hard_timeout: 0,
        table: TableId(0),
        cookie: 0,
        matching: matching.clone(),
        instructions: instructions.clone(),
    };
    let write = |event| write_reply(&Reply::FlowMonitor(vec![initial(event)]), OF13);
    assert_eq!(write(FlowUpdateEvent::Initial), write(FlowUpdateEvent::Added));
    let what = "pause among flow updates";
    let refused = EncodeError::NotInVersion { what, version: Version::OF13 };
    let paused = Reply::FlowMonitor(vec![FlowUpdate::Paused]);
    assert_eq!(write_reply(&paused, OF13), Err(refused));
}
