//! Tests of instructions.

use super::{put, take};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::action::{Action, Instructions, Metadata};
use ovs_core::matching::Match;
use ovs_core::meter::MeterId;
use ovs_core::{PortNo, TableId};
use std::vec;
use std::vec::Vec;

const METER: [u8; 8] = [0, 6, 0, 8, 0, 0, 0, 3];
const CLEAR: [u8; 8] = [0, 5, 0, 8, 0, 0, 0, 0];
const GOTO: [u8; 8] = [0, 1, 0, 8, 9, 0, 0, 0];
const METADATA: [u8; 24] =
    [0, 2, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0xff];
/// An experimenter's.
const UNKNOWN: [u8; 16] = [0xff, 0xff, 0, 16, 0, 0, 0x77, 1, 1, 2, 3, 4, 5, 6, 7, 8];

fn with_actions(kind: u8, actions: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, kind, 0, 8 + actions.len() as u8, 0, 0, 0, 0];
    bytes.extend(actions);
    bytes
}

/// An output.
fn output(port: u8) -> Vec<u8> {
    vec![0, 0, 0, 16, 0, 0, 0, port, 0, 0, 0, 0, 0, 0, 0, 0]
}

fn apply(actions: &[u8]) -> Vec<u8> {
    with_actions(4, actions)
}

fn write(actions: &[u8]) -> Vec<u8> {
    with_actions(3, actions)
}

/// One of Nicira's actions.
fn nicira(subtype: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xff, 0, 10 + content.len() as u8, 0, 0, 0x23, 0x20, 0, subtype];
    bytes.extend(content);
    bytes
}

fn read(bytes: &[u8], version: Version) -> Result<Instructions, DecodeError> {
    let message = Bytes::copy_from_slice(bytes);
    take(&mut Reader::new(&message, "instructions"), version)
}

fn code(parts: &[&[u8]]) -> ErrorCode {
    read(&parts.concat(), Version::OF13).unwrap_err().code
}

fn written(instructions: &Instructions, version: Version) -> Result<Vec<u8>, EncodeError> {
    let mut out = vec![0xaa; 3];
    put(&mut Writer::new(&mut out), instructions, &Match::new(), version)?;
    Ok(out.split_off(3))
}

fn all() -> Instructions {
    Instructions {
        meter: Some(MeterId(3)),
        apply: Some(vec![Action::output(PortNo(2))]),
        clear: true,
        write: Some(vec![Action::output(PortNo(4))]),
        metadata: Some(Metadata { value: 5, mask: 0xff }),
        goto: Some(TableId(9)),
        opaque: vec![UNKNOWN.into()],
    }
}

#[test]
fn their_order_is_free_and_written_as_they_are_done() {
    let (apply, write) = (apply(&output(2)), write(&output(4)));
    let in_order: [&[u8]; 7] = [&METER, &apply, &CLEAR, &write, &METADATA, &GOTO, &UNKNOWN];
    let canonical = in_order.concat();
    for first in 0..in_order.len() {
        let mut turned = in_order;
        turned.rotate_left(first);
        for reversed in [false, true] {
            if reversed {
                turned.reverse();
            }
            assert_eq!(read(&turned.concat(), Version::OF13), Ok(all()));
        }
    }
    assert_eq!(written(&all(), Version::OF13), Ok(canonical));
}

#[test]
fn each_is_there_once() {
    let (apply, write) = (apply(&[]), write(&[]));
    for one in [&METER[..], &apply, &CLEAR, &write, &METADATA, &GOTO] {
        assert_eq!(code(&[one, one]), ErrorCode::OFPBIC_DUP_INST);
        assert_eq!(code(&[one, &UNKNOWN, one]), ErrorCode::OFPBIC_DUP_INST);
    }
    let two = read(&[UNKNOWN, UNKNOWN].concat(), Version::OF13).unwrap();
    assert_eq!(two.opaque, [UNKNOWN.into(), UNKNOWN.into()]);
}

#[test]
fn lengths() {
    let (apply, write) = (apply(&output(2)), write(&output(4)));
    for one in [&METER[..], &apply, &CLEAR, &write, &METADATA, &GOTO, &UNKNOWN] {
        for end in 1..one.len() {
            assert_eq!(code(&[&one[..end]]), ErrorCode::OFPBIC_BAD_LEN, "{one:?} of {end} bytes");
        }
        let mut odd = [one, &[0; 4]].concat();
        odd[3] += 4;
        assert_eq!(code(&[&odd]), ErrorCode::OFPBIC_BAD_LEN);
        for length in [0, 4] {
            let mut short = one.to_vec();
            short[3] = length;
            assert_eq!(code(&[&short]), ErrorCode::OFPBIC_BAD_LEN);
        }
    }
    for one in [&METER[..], &CLEAR, &METADATA, &GOTO] {
        let mut long = [one, &[0; 8]].concat();
        long[3] += 8;
        assert_eq!(code(&[&long]), ErrorCode::OFPBIC_BAD_LEN);
    }
    // A wrong length is seen before what is wrong in an action.
    let mut wrong = apply.clone();
    wrong[8] = 0x7f;
    wrong[11] = 0;
    assert_eq!(code(&[&wrong, &METADATA[..16]]), ErrorCode::OFPBIC_BAD_LEN);
}

/// They say nothing, so Open vSwitch does not write them either.
#[test]
fn lists_without_actions_are_not_written() {
    let (apply, write) = (apply(&[]), write(&[]));
    let instructions = read(&[&apply[..], &write].concat(), Version::OF13).unwrap();
    assert!(instructions.applied().is_empty() && instructions.written().is_empty());
    assert_eq!(written(&instructions, Version::OF13), Ok(Vec::new()));
}

#[test]
fn not_every_action_may_be_in_a_set() {
    let resubmit = nicira(14, &[0xff, 0xf8, 5, 0, 0, 0]);
    assert!(read(&write(&resubmit), Version::OF13).is_ok());
    let note = nicira(8, &[1; 6]);
    let exit = nicira(17, &[0; 6]);
    let clone = nicira(42, &[0; 6]);
    for one in [note, exit, clone] {
        assert_eq!(code(&[&write(&one)]), ErrorCode::OFPBAC_BAD_TYPE);
        assert!(read(&apply(&one), Version::OF13).is_ok());
    }
    // What nobody defines is kept.
    let unknown = [0x12, 0x34, 0, 8, 1, 2, 3, 4];
    let kept = read(&write(&unknown), Version::OF13).unwrap();
    assert_eq!(kept.written(), [Action::Opaque(unknown.into())]);
}

#[test]
fn conjunctions_stand_alone() {
    let clause = nicira(34, &[0, 2, 0, 0, 0, 7]);
    let note = nicira(8, &[1; 6]);
    assert!(read(&apply(&[&clause[..], &note, &clause].concat()), Version::OF13).is_ok());
    let exit = nicira(17, &[0; 6]);
    let mixed = apply(&[&clause[..], &exit].concat());
    assert_eq!(code(&[&mixed]), ErrorCode::NXBAC_BAD_CONJUNCTION);
    for beside in [&METER[..], &CLEAR, &METADATA, &GOTO, &UNKNOWN] {
        let list = apply(&clause);
        assert_eq!(code(&[&list, beside]), ErrorCode::NXBAC_BAD_CONJUNCTION);
        assert_eq!(code(&[beside, &list]), ErrorCode::NXBAC_BAD_CONJUNCTION);
    }
}

/// As an action it is the same as the instruction, behind all other actions.
#[test]
fn metadata_may_be_written_by_an_action() {
    let content = [&[0; 6], &METADATA[8..]].concat();
    let action = nicira(22, &content);
    let metadata = Some(Metadata { value: 5, mask: 0xff });
    let applied = read(&apply(&action), Version::OF13).unwrap();
    assert_eq!(applied.metadata, metadata);
    assert_eq!(written(&applied, Version::OF13), Ok(METADATA.to_vec()));
    let with_goto = read(&[&apply(&action)[..], &GOTO].concat(), Version::OF13).unwrap();
    assert_eq!((with_goto.metadata, with_goto.goto), (metadata, Some(TableId(9))));

    let old = read(&action, Version::OF10).unwrap();
    assert_eq!((old.metadata, old.applied()), (metadata, &[][..]));
    assert_eq!(written(&old, Version::OF10), Ok(action.clone()));

    // What is done before it must not stand behind it.
    let order = ErrorCode::OFPBAC_UNSUPPORTED_ORDER;
    let exit = nicira(17, &[0; 6]);
    for second in [&exit, &action] {
        let list = [&action[..], second].concat();
        assert_eq!(code(&[&apply(&list)]), order);
        assert_eq!(read(&list, Version::OF10).unwrap_err().code, order);
    }
    let set = write(&output(4));
    for later in [&CLEAR[..], &set, &METADATA] {
        assert_eq!(code(&[&apply(&action), later]), order);
        assert_eq!(code(&[later, &apply(&action)]), order);
    }
    // In a set, or in an action, it is no instruction.
    let clone = nicira(42, &[&[0; 6], &action[..]].concat());
    for list in [write(&action), apply(&clone)] {
        assert_eq!(code(&[&list]), ErrorCode::OFPBIC_UNSUP_INST);
    }
}

#[test]
fn openflow_1_0_says_some_by_actions() {
    let goto = Instructions { goto: Some(TableId(9)), ..Instructions::none() };
    let resubmit = nicira(14, &[0xff, 0xf8, 9, 0, 0, 0]);
    assert_eq!(written(&goto, Version::OF10), Ok(resubmit));
    for without in [
        Instructions { meter: Some(MeterId(1)), ..Instructions::none() },
        Instructions { clear: true, ..Instructions::none() },
        Instructions { write: Some(vec![Action::Exit]), ..Instructions::none() },
        Instructions { opaque: vec![UNKNOWN.into()], ..Instructions::none() },
        all(),
    ] {
        let result = written(&without, Version::OF10);
        assert!(matches!(result, Err(EncodeError::NotInVersion { .. })));
    }
}

#[test]
fn there_is_no_table_255_to_go_to() {
    let mut last = GOTO;
    last[4] = 254;
    assert_eq!(read(&last, Version::OF13).unwrap().goto, Some(TableId(254)));
    last[4] = 255;
    assert_eq!(code(&[&last]), ErrorCode::OFPBIC_BAD_TABLE_ID);
}
