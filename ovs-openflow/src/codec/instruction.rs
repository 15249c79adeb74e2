//! Lists of instructions (OpenFlow 1.3.5 §7.2.4); in OpenFlow 1.0 those are lists of actions.

use super::action;
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::action::{Action, Instructions, Metadata};
use ovs_core::matching::Match;
use ovs_core::meter::MeterId;
use ovs_core::{PortNo, TableId};

const GOTO_TABLE: u16 = 1;
const WRITE_METADATA: u16 = 2;
const WRITE_ACTIONS: u16 = 3;
const APPLY_ACTIONS: u16 = 4;
const CLEAR_ACTIONS: u16 = 5;
const METER: u16 = 6;

/// Reads instructions until the reader is empty. Their order is free, each may be there once.
pub(crate) fn take(reader: &mut Reader<'_>, version: Version) -> Result<Instructions, DecodeError> {
    if version == Version::OF10 {
        let (actions, metadata) = action::take_list_with_metadata(reader, version)?;
        let apply = (!actions.is_empty()).then_some(actions);
        return Ok(Instructions { apply, metadata, ..Instructions::none() });
    }
    check_headers(reader.clone(), version)?;
    let begin = reader.clone();
    let mut instructions = Instructions::none();
    let mut applied_metadata = None;
    while !reader.is_empty() {
        take_one(reader, version, &mut instructions, &mut applied_metadata)?;
    }
    if applied_metadata.is_some() {
        // The instruction is done behind all others but goto-table, and there is one of it.
        let Instructions { clear, write, metadata, .. } = &instructions;
        if *clear || write.is_some() || metadata.is_some() {
            return Err(begin.refuse(ErrorCode::OFPBAC_UNSUPPORTED_ORDER));
        }
        instructions.metadata = applied_metadata;
    }
    let Instructions { meter, apply: _, clear, write, metadata, goto, opaque } = &instructions;
    let beside = meter.is_some()
        || *clear
        || write.is_some()
        || metadata.is_some()
        || goto.is_some()
        || !opaque.is_empty();
    action::check_conjunctions(&begin, instructions.applied(), beside)?;
    Ok(instructions)
}

/// How long an instruction is; `None` for a type that is not defined.
fn is_size(kind: u16, length: usize, version: Version) -> Option<bool> {
    Some(match kind {
        GOTO_TABLE | CLEAR_ACTIONS => length == 8,
        METER if version >= Version::OF13 => length == 8,
        WRITE_METADATA => length == 24,
        WRITE_ACTIONS | APPLY_ACTIONS => length >= 8,
        _ => return None,
    })
}

/// Sees to it that instructions are as long as they must be, and that each is there once; before
/// anything in them is looked at.
fn check_headers(mut reader: Reader<'_>, version: Version) -> Result<(), DecodeError> {
    const BAD_LENGTH: ErrorCode = ErrorCode::OFPBIC_BAD_LEN;
    let mut seen = 0_u8;
    while !reader.is_empty() {
        let at = reader.clone().named("ofp_instruction", BAD_LENGTH);
        let mut instruction = reader.element(2, 8, "ofp_instruction", BAD_LENGTH)?;
        let length = instruction.len();
        let kind = instruction.u16()?;
        let known = is_size(kind, length, version);
        if length % 8 != 0 || known == Some(false) {
            return Err(at.refuse(BAD_LENGTH));
        }
        if known.is_some() {
            let bit = 1 << kind;
            if seen & bit != 0 {
                return Err(at.refuse(ErrorCode::OFPBIC_DUP_INST));
            }
            seen |= bit;
        }
    }
    Ok(())
}

fn take_one(
    reader: &mut Reader<'_>,
    version: Version,
    to: &mut Instructions,
    applied_metadata: &mut Option<Metadata>,
) -> Result<(), DecodeError> {
    const BAD_LENGTH: ErrorCode = ErrorCode::OFPBIC_BAD_LEN;
    let at = reader.clone().named("ofp_instruction", BAD_LENGTH);
    let mut body = reader.element(2, 8, "ofp_instruction", BAD_LENGTH)?;
    let whole = body.clone();
    let kind = body.u16()?;
    body.skip(2)?;
    match kind {
        GOTO_TABLE => {
            let table = TableId(body.u8()?);
            if table == TableId::ALL {
                return Err(at.refuse(ErrorCode::OFPBIC_BAD_TABLE_ID));
            }
            to.goto = Some(table);
        }
        WRITE_METADATA => {
            body.skip(4)?;
            to.metadata = Some(Metadata { value: body.u64()?, mask: body.u64()? });
        }
        WRITE_ACTIONS => {
            body.skip(4)?;
            to.write = Some(action::take_set(&mut body, version)?);
        }
        APPLY_ACTIONS => {
            body.skip(4)?;
            let (actions, metadata) = action::take_list_with_metadata(&mut body, version)?;
            to.apply = Some(actions);
            *applied_metadata = metadata;
        }
        CLEAR_ACTIONS => to.clear = true,
        METER if version >= Version::OF13 => to.meter = Some(MeterId(body.u32()?)),
        _ => to.opaque.push(whole.peek().into()),
    }
    Ok(())
}

/// Writes the instructions of a rule with this match.
pub(crate) fn put(
    writer: &mut Writer<'_>,
    instructions: &Instructions,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    let Instructions { meter, apply, clear, write, metadata, goto, opaque } = instructions;
    if version == Version::OF10 {
        return put_of10(writer, instructions);
    }
    if let Some(meter) = meter {
        if version < Version::OF13 {
            return Err(EncodeError::NotInVersion { what: "meter", version });
        }
        put_one(writer, METER, |writer| {
            writer.u32(meter.0);
            Ok(())
        })?;
    }
    // A list without actions says nothing, so it is not written.
    if let Some(actions) = apply.as_deref().filter(|actions| !actions.is_empty()) {
        let actions = action::for_packets_of(actions, matching);
        put_actions(writer, APPLY_ACTIONS, &actions, version)?;
    }
    if *clear {
        put_actions(writer, CLEAR_ACTIONS, &[], version)?;
    }
    if let Some(actions) = write.as_deref().filter(|actions| !actions.is_empty()) {
        let actions = action::for_packets_of(actions, matching);
        put_actions(writer, WRITE_ACTIONS, &actions, version)?;
    }
    if let Some(metadata) = metadata {
        put_one(writer, WRITE_METADATA, |writer| {
            writer.zeros(4);
            writer.u64(metadata.value);
            writer.u64(metadata.mask);
            Ok(())
        })?;
    }
    if let Some(table) = goto {
        put_one(writer, GOTO_TABLE, |writer| {
            writer.u8(table.0);
            writer.zeros(3);
            Ok(())
        })?;
    }
    opaque.iter().for_each(|bytes| writer.slice(bytes));
    Ok(())
}

/// OpenFlow 1.0 has actions only; some instructions have an action that does the same.
fn put_of10(writer: &mut Writer<'_>, instructions: &Instructions) -> Result<(), EncodeError> {
    let version = Version::OF10;
    let Instructions { meter, apply: _, clear, write, metadata, goto, opaque } = instructions;
    let without = [
        (meter.is_some(), "meter"),
        (*clear, "clear_actions"),
        (write.is_some(), "write_actions"),
        (!opaque.is_empty(), "experimenter's instruction"),
        // The one is done behind all actions, the other is an action there.
        (metadata.is_some() && goto.is_some(), "write_metadata with goto_table"),
    ];
    if let Some((_, what)) = without.iter().find(|(is_there, _)| *is_there) {
        return Err(EncodeError::NotInVersion { what, version });
    }
    action::put_list(writer, instructions.applied(), version)?;
    if let Some(metadata) = metadata {
        action::put_metadata(writer, *metadata)?;
    }
    if let Some(table) = goto {
        let resubmit =
            Action::Resubmit { port: PortNo::IN_PORT, table: Some(*table), with_ct: false };
        action::put_list(writer, &[resubmit], version)?;
    }
    Ok(())
}

fn put_one(
    writer: &mut Writer<'_>,
    kind: u16,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u16(kind);
    let length = writer.open(begin);
    body(writer)?;
    writer.close(length, "ofp_instruction")
}

fn put_actions(
    writer: &mut Writer<'_>,
    kind: u16,
    actions: &[Action],
    version: Version,
) -> Result<(), EncodeError> {
    put_one(writer, kind, |writer| {
        writer.zeros(4);
        action::put_list(writer, actions, version)
    })
}

#[cfg(test)]
mod tests;
