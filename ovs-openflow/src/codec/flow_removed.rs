//! `OFPT_FLOW_REMOVED` and `NXT_FLOW_REMOVED`.

use super::{of10_match, oxm};
use crate::error::{DecodeError, EncodeError};
use crate::message::{Duration, FlowRemoved, FlowRemovedReason};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::TableId;
use ovs_core::flow::CookieFilter;

pub(super) fn take(reader: &mut Reader<'_>, version: Version) -> Result<FlowRemoved, DecodeError> {
    let of10 = version == Version::OF10;
    let fixed = if of10 { Some(of10_match::take(reader)?) } else { None };
    let (cookie, priority) = (reader.u64()?, reader.u16()?);
    let [reason, table] = reader.array()?;
    let duration = Duration { sec: reader.u32()?, nsec: reader.u32()? };
    let (idle_timeout, hard_timeout) = (reader.u16()?, reader.u16()?);
    let (packet_count, byte_count) = (reader.u64()?, reader.u64()?);
    let matching = match fixed {
        Some(matching) => matching,
        None => oxm::take_match(reader)?,
    };
    Ok(FlowRemoved {
        cookie,
        priority,
        reason: FlowRemovedReason(reason),
        table: (!of10).then_some(TableId(table)),
        duration,
        idle_timeout,
        hard_timeout: if of10 { 0 } else { hard_timeout },
        packet_count,
        byte_count,
        matching,
    })
}

pub(super) fn put(
    writer: &mut Writer<'_>,
    removed: &FlowRemoved,
    version: Version,
) -> Result<(), EncodeError> {
    let of10 = version == Version::OF10;
    if of10 {
        of10_match::put(writer, &removed.matching)?;
    }
    let table = removed.table.filter(|_| !of10).map_or(0, |table| table.0);
    put_head(writer, removed, table);
    writer.u16(removed.idle_timeout);
    writer.u16(if of10 { 0 } else { removed.hard_timeout });
    writer.u64(removed.packet_count);
    writer.u64(removed.byte_count);
    if of10 { Ok(()) } else { oxm::put_match(writer, &removed.matching, version) }
}

fn put_head(writer: &mut Writer<'_>, removed: &FlowRemoved, table: u8) {
    writer.u64(removed.cookie);
    writer.u16(removed.priority);
    writer.slice(&[removed.reason.0, table]);
    writer.u32(removed.duration.sec);
    writer.u32(removed.duration.nsec);
}

/// Here the table is one more than it is; zero is not told.
pub(super) fn take_nxt(reader: &mut Reader<'_>) -> Result<FlowRemoved, DecodeError> {
    let (cookie, priority) = (reader.u64()?, reader.u16()?);
    let [reason, table] = reader.array()?;
    let duration = Duration { sec: reader.u32()?, nsec: reader.u32()? };
    let (idle_timeout, match_len) = (reader.u16()?, reader.u16()?);
    let (packet_count, byte_count) = (reader.u64()?, reader.u64()?);
    let (matching, _) = oxm::take_nxm(reader, match_len)?;
    Ok(FlowRemoved {
        cookie,
        priority,
        reason: FlowRemovedReason(reason),
        table: table.checked_sub(1).map(TableId),
        duration,
        idle_timeout,
        hard_timeout: 0,
        packet_count,
        byte_count,
        matching,
    })
}

pub(super) fn put_nxt(
    writer: &mut Writer<'_>,
    removed: &FlowRemoved,
    version: Version,
) -> Result<(), EncodeError> {
    put_head(writer, removed, removed.table.map_or(0, |table| table.0.wrapping_add(1)));
    writer.u16(removed.idle_timeout);
    let place = writer.len();
    writer.u16(0);
    writer.u64(removed.packet_count);
    writer.u64(removed.byte_count);
    let length = oxm::put_nxm(writer, &removed.matching, CookieFilter::default(), version)?;
    writer.patch(place, &length.to_be_bytes());
    Ok(())
}
