//! Changes of rules: which are to be told, and what has changed.
//!
//! Nicira's form, `struct nx_flow_monitor_request` and `struct nx_flow_update_full`
//! (nicira-ext.h), in OpenFlow 1.0; in OpenFlow 1.3 that of the Open Networking Foundation's
//! extension as Open vSwitch has it, which is the same with matches and instructions of 1.3.

use super::flow::take_nxm;
use super::{BAD_LEN, fixed};
use crate::codec::{instruction, oxm, scalar};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{
    FlowMonitorCommand, FlowMonitorFlags, FlowMonitorRequest, FlowRemovedReason, FlowUpdate,
    FlowUpdateEvent,
};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::TableId;
use ovs_core::flow::CookieFilter;
use ovs_core::group::GroupId;
use ovs_core::matching::Match;

/// The flags that this form has. Its `OWN` (bit 5) is what OpenFlow 1.4 calls `NO_ABBREV`.
const KNOWN_FLAGS: FlowMonitorFlags = FlowMonitorFlags::ONLY_OWN.complement();
const CHANGES: FlowMonitorFlags =
    FlowMonitorFlags::ADD.union(FlowMonitorFlags::REMOVED).union(FlowMonitorFlags::MODIFY);

/// Events (`enum nx_flow_update_event`).
const ADDED: u16 = 0;
const DELETED: u16 = 1;
const MODIFIED: u16 = 2;
const ABBREVIATED: u16 = 3;

/// Reads a request: 16 bytes and the match.
pub(super) fn take_request(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<FlowMonitorRequest, DecodeError> {
    let nicira = is_nicira(version);
    let structure = if nicira { "nx_flow_monitor_request" } else { "onf_flow_monitor_request" };
    let mut head = fixed(reader, 16, structure)?;
    let monitor = head.u32()?;
    let place = head.clone();
    let flags = FlowMonitorFlags::from_bits_retain(head.u16()?);
    if !flags.intersects(CHANGES) || !KNOWN_FLAGS.contains(flags) {
        return Err(place.refuse(ErrorCode::OFPMOFC_BAD_FLAGS));
    }
    let (out_port, match_len);
    if nicira {
        out_port = scalar::port_from_u16(head.u16()?);
        match_len = head.u16()?;
    } else {
        match_len = head.u16()?;
        out_port = scalar::take_port(&mut head, version)?;
    }
    let table = TableId(head.u8()?);
    if head.peek().iter().any(|byte| *byte != 0) {
        return Err(head.refuse(ErrorCode::NXBRC_MUST_BE_ZERO));
    }
    head.skip(if nicira { 5 } else { 3 })?;
    let matching = take_match(reader, match_len, version)?;
    Ok(FlowMonitorRequest {
        monitor,
        command: FlowMonitorCommand::ADD,
        flags,
        out_port,
        out_group: GroupId::ANY,
        table,
        matching,
    })
}

/// Writes a request.
pub(super) fn put_request(
    writer: &mut Writer<'_>,
    request: &FlowMonitorRequest,
    version: Version,
) -> Result<(), EncodeError> {
    let missing = |what| Err(EncodeError::NotInVersion { what, version });
    if request.command != FlowMonitorCommand::ADD {
        return missing("change of a flow monitor");
    }
    if request.out_group != GroupId::ANY {
        return missing("restriction to a group");
    }
    if !KNOWN_FLAGS.contains(request.flags) {
        return missing("such a flag of a flow monitor");
    }
    writer.u32(request.monitor);
    writer.u16(request.flags.bits());
    let match_len;
    if is_nicira(version) {
        writer.u16(scalar::port_to_u16(request.out_port)?);
        match_len = writer.len();
        writer.u16(0);
        writer.u8(request.table.0);
        writer.zeros(5);
    } else {
        match_len = writer.len();
        writer.u16(0);
        scalar::put_port(writer, request.out_port, version)?;
        writer.u8(request.table.0);
        writer.zeros(3);
    }
    put_match(writer, match_len, &request.matching, version)
}

/// Reads an update: 8 bytes if it is abbreviated, else 24, the match and what the rule does.
pub(super) fn take_update(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<FlowUpdate, DecodeError> {
    let nicira = is_nicira(version);
    let structure = if nicira { "nx_flow_update_header" } else { "onf_flow_update_header" };
    let whole = reader.clone();
    let mut entry = reader.element(0, 8, structure, BAD_LEN)?;
    if entry.len() % 8 != 0 {
        return Err(whole.named(structure, BAD_LEN).refuse(BAD_LEN));
    }
    entry.skip(2)?;
    let place = entry.clone();
    let event = match entry.u16()? {
        ADDED => FlowUpdateEvent::Added,
        DELETED => FlowUpdateEvent::Removed,
        MODIFIED => FlowUpdateEvent::Modified,
        ABBREVIATED => {
            let xid = entry.u32()?;
            entry.end()?;
            return Ok(FlowUpdate::Abbreviated { xid });
        }
        _ => return Err(place.refuse(ErrorCode::NXBRC_FM_BAD_EVENT)),
    };
    let place = entry.clone();
    let reason = u8::try_from(entry.u16()?);
    let reason = reason.map_err(|_| place.refuse(ErrorCode::NXBRC_FM_BAD_EVENT))?;
    let (priority, idle_timeout, hard_timeout) = (entry.u16()?, entry.u16()?, entry.u16()?);
    let place = entry.clone();
    let match_len = entry.u16()?;
    let table = TableId(entry.u8()?);
    entry.skip(1)?;
    let cookie = entry.u64()?;
    if usize::from(match_len) > entry.len() {
        return Err(place.refuse(BAD_LEN));
    }
    let matching = take_match(&mut entry, match_len, version)?;
    Ok(FlowUpdate::Full {
        event,
        reason: FlowRemovedReason(reason),
        priority,
        idle_timeout,
        hard_timeout,
        table,
        cookie,
        matching,
        instructions: instruction::take(&mut entry, version)?,
    })
}

/// Writes an update.
pub(super) fn put_update(
    writer: &mut Writer<'_>,
    update: &FlowUpdate,
    version: Version,
) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    match update {
        FlowUpdate::Abbreviated { xid } => {
            writer.u16(ABBREVIATED);
            writer.u32(*xid);
        }
        FlowUpdate::Full {
            event,
            reason,
            priority,
            idle_timeout,
            hard_timeout,
            table,
            cookie,
            matching,
            instructions,
        } => {
            writer.u16(match event {
                FlowUpdateEvent::Initial | FlowUpdateEvent::Added => ADDED,
                FlowUpdateEvent::Removed => DELETED,
                FlowUpdateEvent::Modified => MODIFIED,
            });
            writer.u16(reason.0.into());
            writer.u16(*priority);
            writer.u16(*idle_timeout);
            writer.u16(*hard_timeout);
            let match_len = writer.len();
            writer.u16(0);
            writer.u8(table.0);
            writer.zeros(1);
            writer.u64(*cookie);
            put_match(writer, match_len, matching, version)?;
            instruction::put(writer, instructions, matching, version)?;
        }
        FlowUpdate::Paused | FlowUpdate::Resumed => {
            let what = "pause among flow updates";
            return Err(EncodeError::NotInVersion { what, version });
        }
    }
    writer.close(length, "ofp_flow_update_header")
}

fn is_nicira(version: Version) -> bool {
    version < Version::OF13
}

/// The match of OpenFlow 1.3 has a length of its own, which counts.
fn take_match(
    reader: &mut Reader<'_>,
    match_len: u16,
    version: Version,
) -> Result<Match, DecodeError> {
    if is_nicira(version) { take_nxm(reader, match_len) } else { oxm::take_match(reader) }
}

/// Writes the match, and its length without the padding at `at`.
fn put_match(
    writer: &mut Writer<'_>,
    at: usize,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    let len = if is_nicira(version) {
        oxm::put_nxm(writer, matching, CookieFilter::default(), version)?
    } else {
        let begin = writer.len();
        oxm::put_match(writer, matching, version)?;
        writer.written_u16(begin + 2)
    };
    writer.patch(at, &len.to_be_bytes());
    Ok(())
}
