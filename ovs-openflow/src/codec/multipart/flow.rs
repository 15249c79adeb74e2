//! Rules: which are asked for, each of them, and sums over them (OpenFlow 1.3.5 §7.3.5.2 and
//! §7.3.5.3; 1.0 §5.3.5; nicira-ext.h).

use super::kind::Kind;
use super::{BAD_LEN, body, exact, put_duration, take_duration};
use crate::codec::{flow_mod, instruction, of10_match, oxm, scalar};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{AggregateStats, Duration, FlowStats, FlowStatsRequest};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::TableId;
use ovs_core::flow::{CookieFilter, FlowFlags};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;

/// `struct ofp_flow_stats_request`: 32 bytes and the match, 44 in OpenFlow 1.0; or Nicira's, 8
/// bytes and the match.
pub(super) fn take_request(
    reader: &mut Reader<'_>,
    kind: Kind,
    version: Version,
) -> Result<FlowStatsRequest, DecodeError> {
    if kind.is_nicira_flow() {
        let mut body = body(reader, "nx_flow_stats_request")?;
        let request = take_nicira_request(&mut body)?;
        body.end()?;
        return Ok(request);
    }
    let mut body = body(reader, "ofp_flow_stats_request")?;
    let request = if version == Version::OF10 {
        let matching = of10_match::take(&mut body)?;
        let table = TableId(body.u8()?);
        body.skip(1)?;
        let out_port = scalar::take_port(&mut body, version)?;
        FlowStatsRequest {
            table,
            out_port,
            out_group: GroupId::ANY,
            cookie: CookieFilter::default(),
            matching,
        }
    } else {
        let table = TableId(body.u8()?);
        body.skip(3)?;
        let out_port = scalar::take_port(&mut body, version)?;
        let out_group = GroupId(body.u32()?);
        body.skip(4)?;
        let cookie = CookieFilter { value: body.u64()?, mask: body.u64()? };
        let matching = oxm::take_match(&mut body)?;
        FlowStatsRequest { table, out_port, out_group, cookie, matching }
    };
    body.end()?;
    Ok(request)
}

fn take_nicira_request(body: &mut Reader<'_>) -> Result<FlowStatsRequest, DecodeError> {
    let out_port = scalar::port_from_u16(body.u16()?);
    let match_len = body.u16()?;
    let table = TableId(body.u8()?);
    body.skip(3)?;
    let (matching, cookie) = oxm::take_nxm(body, match_len)?;
    Ok(FlowStatsRequest { table, out_port, out_group: GroupId::ANY, cookie, matching })
}

pub(super) fn put_request(
    writer: &mut Writer<'_>,
    request: &FlowStatsRequest,
    kind: Kind,
    version: Version,
) -> Result<(), EncodeError> {
    let nicira = kind.is_nicira_flow();
    if version == Version::OF10 {
        if request.out_group != GroupId::ANY {
            return Err(EncodeError::NotInVersion { what: "restriction to a group", version });
        }
        if request.cookie.mask != 0 && !nicira {
            return Err(EncodeError::NotInVersion { what: "restriction to a cookie", version });
        }
    }
    if nicira {
        writer.u16(scalar::port_to_u16(request.out_port)?);
        let match_len = writer.len();
        writer.u16(0);
        writer.u8(request.table.0);
        writer.zeros(3);
        let len = oxm::put_nxm(writer, &request.matching, request.cookie, version)?;
        writer.patch(match_len, &len.to_be_bytes());
        return Ok(());
    }
    if version == Version::OF10 {
        of10_match::put(writer, &request.matching)?;
        writer.u8(request.table.0);
        writer.zeros(1);
        return scalar::put_port(writer, request.out_port, version);
    }
    writer.u8(request.table.0);
    writer.zeros(3);
    scalar::put_port(writer, request.out_port, version)?;
    writer.u32(request.out_group.0);
    writer.zeros(4);
    writer.u64(request.cookie.value);
    writer.u64(request.cookie.mask);
    oxm::put_match(writer, &request.matching, version)
}

/// `struct ofp_flow_stats`: 48 bytes, the match and what the rule does; 88 bytes with the match in
/// OpenFlow 1.0. Nicira's: 48 bytes and the match.
pub(super) fn take_stats(
    reader: &mut Reader<'_>,
    kind: Kind,
    version: Version,
) -> Result<FlowStats, DecodeError> {
    let (least, structure) = match (kind.is_nicira_flow(), version) {
        (true, _) => (48, "nx_flow_stats"),
        (false, Version::OF10) => (88, "ofp_flow_stats"),
        _ => (48, "ofp_flow_stats"),
    };
    let mut entry = reader.element(0, least, structure, BAD_LEN)?;
    entry.skip(2)?;
    let table = TableId(entry.u8()?);
    entry.skip(1)?;
    if kind.is_nicira_flow() {
        take_nicira_stats(&mut entry, table, version)
    } else if version == Version::OF10 {
        take_of10_stats(&mut entry, table)
    } else {
        take_of11_stats(&mut entry, table, version)
    }
}

/// What all forms have in the same order.
struct Times {
    duration: Duration,
    priority: u16,
    idle_timeout: u16,
    hard_timeout: u16,
}

impl Times {
    fn take(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            duration: take_duration(reader)?,
            priority: reader.u16()?,
            idle_timeout: reader.u16()?,
            hard_timeout: reader.u16()?,
        })
    }
}

/// The cookie and the counters.
struct Counters {
    cookie: u64,
    packet_count: u64,
    byte_count: u64,
}

impl Counters {
    fn take(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { cookie: reader.u64()?, packet_count: reader.u64()?, byte_count: reader.u64()? })
    }
}

/// Reads what the rule does, and puts all together.
fn finish(
    entry: &mut Reader<'_>,
    table: TableId,
    times: Times,
    counters: Counters,
    matching: Match,
    version: Version,
) -> Result<FlowStats, DecodeError> {
    Ok(FlowStats {
        table,
        duration: times.duration,
        priority: times.priority,
        idle_timeout: times.idle_timeout,
        hard_timeout: times.hard_timeout,
        idle_age: None,
        hard_age: None,
        flags: FlowFlags::empty(),
        importance: 0,
        cookie: counters.cookie,
        packet_count: counters.packet_count,
        byte_count: counters.byte_count,
        matching,
        instructions: instruction::take(entry, version)?,
    })
}

fn take_of10_stats(entry: &mut Reader<'_>, table: TableId) -> Result<FlowStats, DecodeError> {
    let matching = of10_match::take(entry)?;
    let times = Times::take(entry)?;
    entry.skip(6)?;
    let counters = Counters::take(entry)?;
    finish(entry, table, times, counters, matching, Version::OF10)
}

fn take_nicira_stats(
    entry: &mut Reader<'_>,
    table: TableId,
    version: Version,
) -> Result<FlowStats, DecodeError> {
    // One more than it is; zero says nothing.
    fn age(number: u16) -> Option<u16> {
        number.checked_sub(1)
    }
    let times = Times::take(entry)?;
    let match_len = entry.u16()?;
    let (idle_age, hard_age) = (age(entry.u16()?), age(entry.u16()?));
    let counters = Counters::take(entry)?;
    let matching = take_nxm(entry, match_len)?;
    let stats = finish(entry, table, times, counters, matching, version)?;
    Ok(FlowStats { idle_age, hard_age, ..stats })
}

fn take_of11_stats(
    entry: &mut Reader<'_>,
    table: TableId,
    version: Version,
) -> Result<FlowStats, DecodeError> {
    let times = Times::take(entry)?;
    let place = entry.clone();
    let (flags, importance) = (entry.u16()?, entry.u16()?);
    entry.skip(2)?;
    let counters = Counters::take(entry)?;
    let matching = oxm::take_match(entry)?;
    let mut stats = finish(entry, table, times, counters, matching, version)?;
    if version >= Version::OF13 {
        stats.flags = flow_mod::take_flags(&place, flags, version)?;
    }
    if version >= Version::OF14 {
        stats.importance = importance;
    }
    Ok(stats)
}

/// Reads a match of NXM fields in which there is no cookie to be asked for.
pub(super) fn take_nxm(reader: &mut Reader<'_>, match_len: u16) -> Result<Match, DecodeError> {
    let place = reader.clone();
    let (matching, cookie) = oxm::take_nxm(reader, match_len)?;
    if cookie != CookieFilter::default() {
        return Err(place.refuse(ErrorCode::OFPBMC_BAD_FIELD));
    }
    Ok(matching)
}

/// What a version has no place for is left out.
pub(super) fn put_stats(
    writer: &mut Writer<'_>,
    stats: &FlowStats,
    kind: Kind,
    version: Version,
) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    writer.u8(stats.table.0);
    writer.zeros(1);
    if kind.is_nicira_flow() {
        put_nicira_stats(writer, stats, version)?;
    } else if version == Version::OF10 {
        of10_match::put(writer, &stats.matching)?;
        put_times(writer, stats);
        writer.zeros(6);
        put_counters(writer, stats);
    } else {
        put_times(writer, stats);
        let has_flags = version >= Version::OF13;
        let flags = if has_flags { flow_mod::put_known_flags(stats.flags, version) } else { 0 };
        writer.u16(flags);
        writer.u16(if version >= Version::OF14 { stats.importance } else { 0 });
        writer.zeros(2);
        put_counters(writer, stats);
        oxm::put_match(writer, &stats.matching, version)?;
    }
    instruction::put(writer, &stats.instructions, &stats.matching, version)?;
    writer.close(length, "ofp_flow_stats")
}

fn put_nicira_stats(
    writer: &mut Writer<'_>,
    stats: &FlowStats,
    version: Version,
) -> Result<(), EncodeError> {
    let age = |age: Option<u16>| age.map_or(0, |age| age.saturating_add(1));
    put_times(writer, stats);
    let match_len = writer.len();
    writer.u16(0);
    writer.u16(age(stats.idle_age));
    writer.u16(age(stats.hard_age));
    put_counters(writer, stats);
    let len = oxm::put_nxm(writer, &stats.matching, CookieFilter::default(), version)?;
    writer.patch(match_len, &len.to_be_bytes());
    Ok(())
}

fn put_times(writer: &mut Writer<'_>, stats: &FlowStats) {
    put_duration(writer, stats.duration);
    writer.u16(stats.priority);
    writer.u16(stats.idle_timeout);
    writer.u16(stats.hard_timeout);
}

fn put_counters(writer: &mut Writer<'_>, stats: &FlowStats) {
    writer.u64(stats.cookie);
    writer.u64(stats.packet_count);
    writer.u64(stats.byte_count);
}

/// `struct ofp_aggregate_stats_reply`: 24 bytes in every form.
pub(super) fn take_aggregate(reader: &mut Reader<'_>) -> Result<AggregateStats, DecodeError> {
    let mut body = exact(reader, 24, "ofp_aggregate_stats_reply")?;
    let sums = AggregateStats {
        packet_count: body.u64()?,
        byte_count: body.u64()?,
        flow_count: body.u32()?,
    };
    Ok(sums)
}

pub(super) fn put_aggregate(writer: &mut Writer<'_>, sums: &AggregateStats) {
    writer.u64(sums.packet_count);
    writer.u64(sums.byte_count);
    writer.u32(sums.flow_count);
    writer.zeros(4);
}
