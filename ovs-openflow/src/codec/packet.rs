//! Packets to and from the controller.

use super::scalar::{buffer_from, port_from_u16, port_to_u16, put_port, take_port};
use super::{action, oxm};
use crate::error::{DecodeError, EncodeError, Problem};
use crate::error_code::ErrorCode;
use crate::message::{PacketIn, PacketInFormat, PacketOut};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::action::PacketInReason;
use ovs_core::field::Field;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// All ones stands for none.
fn cookie_from(cookie: u64) -> Option<u64> {
    (cookie != u64::MAX).then_some(cookie)
}

/// A length in 16 bits; longer packets are told to be as long as can be.
fn total_len_to(total_len: u32) -> u16 {
    u16::try_from(total_len).unwrap_or(u16::MAX)
}

pub(super) fn take_in(reader: &mut Reader<'_>, version: Version) -> Result<PacketIn, DecodeError> {
    let (buffer, total_len) = (buffer_from(reader.u32()?), reader.u16()?.into());
    let mut packet = PacketIn {
        format: PacketInFormat::Standard,
        buffer,
        total_len,
        reason: PacketInReason::NO_MATCH,
        table: TableId(0),
        cookie: None,
        metadata: Match::new(),
        userdata: Bytes::new(),
        continuation: None,
        data: Bytes::new(),
    };
    if version == Version::OF10 {
        let port = port_from_u16(reader.u16()?);
        packet.metadata = packet.metadata.in_port(port);
        packet.reason = PacketInReason(reader.u8()?);
        reader.skip(1)?;
    } else {
        packet.reason = PacketInReason(reader.u8()?);
        packet.table = TableId(reader.u8()?);
        packet.cookie = cookie_from(reader.u64()?);
        packet.metadata = oxm::take_metadata(reader)?;
        reader.skip(2)?;
    }
    packet.data = reader.rest_bytes();
    Ok(packet)
}

pub(super) fn put_in(
    writer: &mut Writer<'_>,
    packet: &PacketIn,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u32(packet.buffer.unwrap_or(u32::MAX));
    writer.u16(total_len_to(packet.total_len));
    if version == Version::OF10 {
        let (port, _) = packet.metadata.get(Field::InPort).unwrap_or_default();
        writer.u16(port_to_u16(PortNo(port as u32))?);
        writer.slice(&[packet.reason.0, 0]);
    } else {
        writer.slice(&[packet.reason.0, packet.table.0]);
        writer.u64(packet.cookie.unwrap_or(u64::MAX));
        oxm::put_metadata(writer, &packet.metadata, version)?;
        writer.zeros(2);
    }
    writer.slice(&packet.data);
    Ok(())
}

pub(super) fn take_nxt(reader: &mut Reader<'_>) -> Result<PacketIn, DecodeError> {
    let (buffer, total_len) = (buffer_from(reader.u32()?), reader.u16()?.into());
    let (reason, table) = (PacketInReason(reader.u8()?), TableId(reader.u8()?));
    let (cookie, match_len) = (cookie_from(reader.u64()?), reader.u16()?);
    reader.skip(6)?;
    let metadata = oxm::take_nxm_metadata(reader, match_len)?;
    reader.skip(2)?;
    Ok(PacketIn {
        format: PacketInFormat::Nxt,
        buffer,
        total_len,
        reason,
        table,
        cookie,
        metadata,
        userdata: Bytes::new(),
        continuation: None,
        data: reader.rest_bytes(),
    })
}

pub(super) fn put_nxt(
    writer: &mut Writer<'_>,
    packet: &PacketIn,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u32(packet.buffer.unwrap_or(u32::MAX));
    writer.u16(total_len_to(packet.total_len));
    writer.slice(&[packet.reason.0, packet.table.0]);
    writer.u64(packet.cookie.unwrap_or(u64::MAX));
    let place = writer.len();
    writer.zeros(8);
    let length = oxm::put_nxm_metadata(writer, &packet.metadata, version)?;
    writer.patch(place, &length.to_be_bytes());
    writer.zeros(2);
    writer.slice(&packet.data);
    Ok(())
}

const PACKET: u16 = 0;
const FULL_LEN: u16 = 1;
const BUFFER_ID: u16 = 2;
const TABLE_ID: u16 = 3;
const COOKIE: u16 = 4;
const REASON: u16 = 5;
const METADATA: u16 = 6;
const USERDATA: u16 = 7;
const CONTINUATION: u16 = 8;

/// What becomes of properties that are not known: a controller passes over them, a switch must
/// understand all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Ignored,
    Refused,
}

/// Properties from this type on are those of experimenters (`OFPPROP_EXPERIMENTER`).
const EXPERIMENTER: u16 = 0xffff;

/// `NXT_PACKET_IN2`, `NXT_RESUME`: properties, of which the packet must be there.
pub(super) fn take_nxt2(
    reader: &mut Reader<'_>,
    unknown: Unknown,
) -> Result<PacketIn, DecodeError> {
    let mut packet = PacketIn {
        format: PacketInFormat::Nxt2,
        buffer: None,
        total_len: 0,
        reason: PacketInReason::NO_MATCH,
        table: TableId(0),
        cookie: None,
        metadata: Match::new(),
        userdata: Bytes::new(),
        continuation: None,
        data: Bytes::new(),
    };
    let mut full_len = None;
    while !reader.is_empty() {
        let at = reader.clone();
        let (kind, property) = reader.property()?;
        let mut property = property.named("nx_packet_in2_prop", ErrorCode::OFPBPC_BAD_LEN);
        match kind {
            PACKET => packet.data = property.rest_bytes(),
            FULL_LEN => {
                full_len = Some(property.u32()?);
                property.end()?;
            }
            BUFFER_ID => {
                packet.buffer = buffer_from(property.u32()?);
                property.end()?;
            }
            // Behind small numbers there may be padding that the length counts.
            TABLE_ID => packet.table = TableId(property.u8()?),
            COOKIE => {
                property.skip(4)?;
                packet.cookie = cookie_from(property.u64()?);
                property.end()?;
            }
            REASON => packet.reason = PacketInReason(property.u8()?),
            METADATA => packet.metadata = oxm::take_bare(&mut property)?,
            USERDATA => packet.userdata = property.rest_bytes(),
            CONTINUATION => packet.continuation = Some(property.rest_bytes()),
            _ if unknown == Unknown::Ignored => {}
            EXPERIMENTER => return Err(at.refuse(ErrorCode::OFPBPC_BAD_EXP_TYPE)),
            _ => return Err(at.refuse(ErrorCode::OFPBPC_BAD_TYPE)),
        }
    }
    let length = packet.data.len() as u32;
    packet.total_len = full_len.filter(|full| *full != 0).unwrap_or(length);
    if length == 0 || packet.total_len < length {
        return Err(reader.refuse(ErrorCode::OFPBRC_BAD_LEN));
    }
    Ok(packet)
}

pub(super) fn put_nxt2(
    writer: &mut Writer<'_>,
    packet: &PacketIn,
    version: Version,
) -> Result<(), EncodeError> {
    property(writer, PACKET, &packet.data)?;
    if packet.data.len() != packet.total_len as usize {
        property(writer, FULL_LEN, &packet.total_len.to_be_bytes())?;
    }
    if let Some(buffer) = packet.buffer {
        property(writer, BUFFER_ID, &buffer.to_be_bytes())?;
    }
    property(writer, TABLE_ID, &[packet.table.0])?;
    if let Some(cookie) = packet.cookie {
        let padded = u128::from(cookie).to_be_bytes();
        property(writer, COOKIE, padded.get(4..).unwrap_or_default())?;
    }
    property(writer, REASON, &[packet.reason.0])?;
    let begin = writer.len();
    writer.u16(METADATA);
    let length = writer.open(begin);
    oxm::put_bare(writer, &packet.metadata, version)?;
    writer.close(length, "nx_packet_in2_prop")?;
    writer.align(begin);
    if !packet.userdata.is_empty() {
        property(writer, USERDATA, &packet.userdata)?;
    }
    packet.continuation.as_ref().map_or(Ok(()), |bytes| property(writer, CONTINUATION, bytes))
}

fn property(writer: &mut Writer<'_>, kind: u16, value: &[u8]) -> Result<(), EncodeError> {
    writer.property(kind, value, "nx_packet_in2_prop")
}

pub(super) fn take_out(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PacketOut, DecodeError> {
    let buffer = buffer_from(reader.u32()?);
    let at = reader.clone();
    let in_port = take_port(reader, version).map_err(|error| match error.problem {
        Problem::Refused => DecodeError { code: ErrorCode::OFPBRC_BAD_PORT, ..error },
        _ => error,
    })?;
    let origins = [PortNo::LOCAL, PortNo::ANY, PortNo::CONTROLLER];
    if in_port.0 >= 0xff00 && !origins.contains(&in_port) {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_PORT));
    }
    let at = reader.clone();
    let actions_len = reader.u16()?;
    if actions_len % 8 != 0 {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_LEN));
    }
    reader.skip(if version == Version::OF10 { 0 } else { 6 })?;
    let mut list = reader.sub(actions_len.into(), "ofp_packet_out", ErrorCode::OFPBRC_BAD_LEN)?;
    let actions = action::take_list(&mut list, version)?;
    Ok(PacketOut { buffer, in_port, actions, data: reader.rest_bytes() })
}

pub(super) fn put_out(
    writer: &mut Writer<'_>,
    packet: &PacketOut,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u32(packet.buffer.unwrap_or(u32::MAX));
    put_port(writer, packet.in_port, version)?;
    let place = writer.len();
    writer.zeros(if version == Version::OF10 { 2 } else { 8 });
    let begin = writer.len();
    action::put_list(writer, &packet.actions, version)?;
    let bytes = writer.len() - begin;
    let structure = "ofp_packet_out";
    let length = u16::try_from(bytes).map_err(|_| EncodeError::TooLong { structure, bytes })?;
    writer.patch(place, &length.to_be_bytes());
    writer.slice(&packet.data);
    Ok(())
}
