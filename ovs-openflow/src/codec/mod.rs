//! Messages as bytes: one codec for each version and extension, for one set of
//! [messages](crate::message).
//!
//! ```text
//!  mod            the header; what is read and written by what
//!  kind           which number of which version is which message
//!  flow_mod, group, packet, port, …     the messages
//!  multipart/     questions and answers
//!  action/, instruction                 what is done with packets
//!  oxm/, of10_match                     what packets are matched on
//! ```

mod action;
mod connection;
mod conntrack;
mod features;
mod flow_mod;
mod flow_removed;
mod group;
mod instruction;
pub(crate) mod kind;
mod meter;
pub(crate) mod multipart;
mod nested;
mod of10_match;
mod oxm;
mod packet;
mod port;
mod queue;
mod role;
mod scalar;
mod table;
mod tlv_table;

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{Experimenter, Message, OpaqueMessage, PacketInFormat, Resume};
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use bytes::Bytes;
use kind::{EXPERIMENTER, Kind, Number};
use packet::Unknown;

/// A message with what stands in its header.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The version, and the form that the message had: written again with this, it gives the same bytes, but for
    /// padding that was not zero, parts that say nothing (a list without actions) and older forms of an action than
    /// the version's own, which are read and not written.
    pub protocol: Protocol,
    /// Number of the transaction.
    pub xid: u32,
    /// The message.
    pub message: Message,
}

impl Message {
    /// Reads one whole message. Data in it shares the buffer of `bytes`.
    ///
    /// # Errors
    ///
    /// If it is no message of OpenFlow 1.0 or 1.3. Hello, errors and echoes are read in every
    /// version.
    pub fn decode(bytes: &Bytes) -> Result<Envelope, DecodeError> {
        Self::decode_in(bytes, Protocol::OF13)
    }

    /// The same on a connection that has agreed on something: of `protocol` counts
    /// [`table_id`](Protocol::table_id).
    ///
    /// # Errors
    ///
    /// Those of [`decode`](Self::decode).
    pub fn decode_in(bytes: &Bytes, protocol: Protocol) -> Result<Envelope, DecodeError> {
        decode(bytes, protocol.table_id)
    }

    /// Appends the message to `out`, header included. On an error `out` is as before.
    ///
    /// # Errors
    ///
    /// If this version has no form for it, or something in it has no room.
    pub fn encode(
        &self,
        protocol: Protocol,
        xid: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let begin = out.len();
        let written = encode(self, protocol, xid, &mut Writer::new(out));
        if written.is_err() {
            out.truncate(begin);
        }
        written
    }
}

impl Envelope {
    /// Appends the message to `out` as it was read.
    ///
    /// # Errors
    ///
    /// Those of [`Message::encode`].
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.message.encode(self.protocol, self.xid, out)
    }
}

/// How a message was read: the form beside it.
struct Taken {
    message: Message,
    nxm: bool,
}

impl From<Message> for Taken {
    fn from(message: Message) -> Self {
        Self { message, nxm: false }
    }
}

/// Reads a message, which may have another one in it, but that has none.
fn decode(bytes: &Bytes, table_id: bool) -> Result<Envelope, DecodeError> {
    let mut reader = Reader::new(bytes, "ofp_header");
    let at = reader.clone();
    let (version, kind) = (Version(reader.u8()?), reader.u8()?);
    let (length, xid) = (reader.u16()?, reader.u32()?);
    if usize::from(length) != bytes.len() {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_LEN));
    }
    let protocol = Protocol { version, nxm: false, table_id };
    let row = kind::of_number(version, Number::Standard(kind));
    let begins = row.is_some_and(|row| {
        matches!(row.kind, Kind::Hello | Kind::Error | Kind::EchoRequest | Kind::EchoReply)
    });
    if !begins && ![Version::OF10, Version::OF13].contains(&version) {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_VERSION));
    }
    let taken = if kind == EXPERIMENTER {
        extension(&mut reader, protocol, xid)?
    } else {
        match row {
            Some(row) => body(row.kind, row.name, &mut reader, protocol, xid)?,
            None => Message::Opaque(OpaqueMessage { kind, data: reader.rest_bytes() }).into(),
        }
    };
    let Taken { message, nxm } = taken;
    Ok(Envelope { protocol: Protocol { nxm, ..protocol }, xid, message })
}

/// A message of an experimenter: its id, in most its own number, and the rest.
fn extension(reader: &mut Reader<'_>, protocol: Protocol, xid: u32) -> Result<Taken, DecodeError> {
    let mut reader = reader.clone().named("ofp_experimenter_header", ErrorCode::OFPBRC_BAD_LEN);
    let experimenter = reader.u32()?;
    let mut ahead = reader.clone();
    let known = ahead.u32().ok().and_then(|number| {
        kind::of_number(protocol.version, Number::Extension(experimenter, number))
    });
    if let Some(row) = known {
        return body(row.kind, row.name, &mut ahead, protocol, xid);
    }
    let kind = if protocol.version == Version::OF10 { None } else { Some(reader.u32()?) };
    let data = reader.rest_bytes();
    Ok(Message::Experimenter(Experimenter { experimenter, kind, data }).into())
}

/// What follows the header, and the experimenter's.
fn body(
    kind: Kind,
    name: &'static str,
    reader: &mut Reader<'_>,
    protocol: Protocol,
    xid: u32,
) -> Result<Taken, DecodeError> {
    let version = protocol.version;
    let mut reader = reader.clone().named(name, ErrorCode::OFPBRC_BAD_LEN);
    // Where a list follows, the whole message is a multiple of 8 bytes.
    let bytes = reader.offset() + reader.len();
    if kind.is_list(version) && bytes % 8 != 0 {
        return Err(reader.refuse(ErrorCode::OFPBRC_BAD_LEN));
    }
    let reader = &mut reader;
    let nxm = kind.is_nicira(version);
    let message = match kind {
        Kind::Hello => Message::Hello(connection::take_hello(reader)?),
        Kind::Error => Message::Error(connection::take_error(reader, version)?),
        Kind::EchoRequest => Message::EchoRequest(reader.rest_bytes()),
        Kind::EchoReply => Message::EchoReply(reader.rest_bytes()),
        Kind::FeaturesRequest => Message::FeaturesRequest,
        Kind::FeaturesReply => Message::FeaturesReply(features::take(reader, version)?),
        Kind::GetConfigRequest => Message::GetConfigRequest,
        Kind::GetConfigReply => Message::GetConfigReply(features::take_config(reader)?),
        Kind::SetConfig => Message::SetConfig(features::take_config(reader)?),
        Kind::PacketIn => Message::PacketIn(packet::take_in(reader, version)?),
        Kind::NxPacketIn => Message::PacketIn(packet::take_nxt(reader)?),
        Kind::NxPacketIn2 => Message::PacketIn(packet::take_nxt2(reader, Unknown::Ignored)?),
        Kind::Resume => Message::Resume(Resume(packet::take_nxt2(reader, Unknown::Refused)?)),
        Kind::PacketOut => Message::PacketOut(packet::take_out(reader, version)?),
        Kind::FlowRemoved => Message::FlowRemoved(flow_removed::take(reader, version)?),
        Kind::NxFlowRemoved => Message::FlowRemoved(flow_removed::take_nxt(reader)?),
        Kind::PortStatus => Message::PortStatus(port::take_status(reader, version)?),
        Kind::FlowMod | Kind::NxFlowMod => {
            Message::FlowMod(flow_mod::take(reader, Protocol { nxm, ..protocol })?)
        }
        Kind::GroupMod => Message::GroupMod(group::take_mod(reader, version)?),
        Kind::PortMod => Message::PortMod(port::take_mod(reader, version)?),
        Kind::TableMod => Message::TableMod(table::take_mod(reader)?),
        Kind::MeterMod => Message::MeterMod(meter::take_mod(reader)?),
        Kind::MultipartRequest => {
            let (more, body, nxm) = multipart::take_request(reader, protocol)?;
            return Ok(Taken { message: Message::MultipartRequest { more, body }, nxm });
        }
        Kind::MultipartReply => {
            let (more, body, nxm) = multipart::take_reply(reader, protocol)?;
            return Ok(Taken { message: Message::MultipartReply { more, body }, nxm });
        }
        Kind::BarrierRequest => Message::BarrierRequest,
        Kind::BarrierReply => Message::BarrierReply,
        Kind::QueueGetConfigRequest => {
            Message::QueueGetConfigRequest(queue::take_request(reader, version)?)
        }
        Kind::QueueGetConfigReply => queue::take_reply(reader, version)?,
        Kind::RoleRequest => Message::RoleRequest(role::take_request(reader)?),
        Kind::NxRoleRequest => Message::RoleRequest(role::take_nxt(reader)?),
        Kind::RoleReply => Message::RoleReply(role::take_reply(reader)?),
        Kind::NxRoleReply => Message::RoleReply(role::take_nxt(reader)?),
        Kind::RoleStatus => Message::RoleStatus(role::take_status(reader)?),
        Kind::GetAsyncRequest => Message::GetAsyncRequest,
        Kind::GetAsyncReply => Message::GetAsyncReply(role::take_async(reader)?),
        Kind::SetAsync | Kind::NxSetAsync => Message::SetAsync(role::take_async(reader)?),
        Kind::SetAsync2 => Message::SetAsync2(role::take_async2(reader)?),
        Kind::RequestForward => Message::RequestForward(nested::take_forward(reader, protocol)?),
        Kind::BundleControl => Message::BundleControl(nested::take_control(reader)?),
        Kind::BundleAdd => return nested::take_add(reader, protocol, xid),
        Kind::SetFlowFormat => Message::SetFlowFormat { nxm: take_flow_format(reader)? },
        Kind::FlowModTableId => {
            let on = reader.u8()? != 0;
            reader.skip(7)?;
            Message::FlowModTableId(on)
        }
        Kind::SetPacketInFormat => Message::SetPacketInFormat(take_packet_in_format(reader)?),
        Kind::FlowAge => Message::FlowAge,
        Kind::SetControllerId => {
            reader.zeros_of(6, ErrorCode::NXBRC_MUST_BE_ZERO)?;
            Message::SetControllerId(reader.u16()?)
        }
        Kind::FlowMonitorCancel => Message::FlowMonitorCancel(reader.u32()?),
        Kind::FlowMonitorPaused => Message::FlowMonitorPaused,
        Kind::FlowMonitorResumed => Message::FlowMonitorResumed,
        Kind::TlvTableMod => Message::TlvTableMod(tlv_table::take_mod(reader)?),
        Kind::TlvTableRequest => Message::TlvTableRequest,
        Kind::TlvTableReply => Message::TlvTableReply(tlv_table::take(reader)?),
        Kind::CtFlushZone => {
            reader.zeros_of(6, ErrorCode::NXBRC_MUST_BE_ZERO)?;
            Message::CtFlushZone(reader.u16()?)
        }
        Kind::CtFlush => Message::CtFlush(conntrack::take(reader)?),
    };
    reader.end()?;
    Ok(Taken { message, nxm })
}

fn take_flow_format(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let at = reader.clone();
    let format = reader.u32()?;
    reader.end()?;
    match format {
        0 => Ok(false),
        2 => Ok(true),
        _ => Err(at.refuse(ErrorCode::OFPBRC_EPERM)),
    }
}

fn take_packet_in_format(reader: &mut Reader<'_>) -> Result<PacketInFormat, DecodeError> {
    let at = reader.clone();
    let format = reader.u32()?;
    reader.end()?;
    match format {
        0 => Ok(PacketInFormat::Standard),
        1 => Ok(PacketInFormat::Nxt),
        2 => Ok(PacketInFormat::Nxt2),
        _ => Err(at.refuse(ErrorCode::OFPBRC_EPERM)),
    }
}

fn encode(
    message: &Message,
    protocol: Protocol,
    xid: u32,
    writer: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    let kind = Kind::of(message, protocol);
    let (number, name) = match (kind, message) {
        (Some(kind), _) => {
            let missing = || EncodeError::NotInVersion { what: kind.name(), version };
            let row = kind.row(version).ok_or_else(missing)?;
            (row.number, row.name)
        }
        (None, Message::Opaque(opaque)) => (Number::Standard(opaque.kind), "message"),
        (None, _) => (Number::Standard(EXPERIMENTER), "ofp_experimenter_header"),
    };
    writer.u8(version.0);
    writer.u8(if let Number::Standard(kind) = number { kind } else { EXPERIMENTER });
    let length = writer.open(0);
    writer.u32(xid);
    if let Number::Extension(experimenter, number) = number {
        writer.u32(experimenter);
        writer.u32(number);
    }
    put_body(writer, message, protocol, xid)?;
    writer.close(length, name)
}

fn put_body(
    writer: &mut Writer<'_>,
    message: &Message,
    protocol: Protocol,
    xid: u32,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    match message {
        Message::Hello(hello) => connection::put_hello(writer, hello)?,
        Message::Error(error) => connection::put_error(writer, error, version),
        Message::EchoRequest(data) | Message::EchoReply(data) => writer.slice(data),
        Message::Experimenter(experimenter) => {
            writer.u32(experimenter.experimenter);
            match experimenter.kind {
                // In OpenFlow 1.0 it is a part of the data, if the experimenter has types at all.
                Some(kind) => writer.u32(kind),
                None if version == Version::OF10 => {}
                None => {
                    let what = "experimenter's message without a type";
                    return Err(EncodeError::NotInVersion { what, version });
                }
            }
            writer.slice(&experimenter.data);
        }
        Message::Opaque(opaque) => writer.slice(&opaque.data),
        Message::FeaturesReply(features) => features::put(writer, features, version)?,
        Message::GetConfigReply(config) | Message::SetConfig(config) => {
            writer.u16(config.flags.0);
            writer.u16(config.miss_send_len);
        }
        Message::PacketIn(packet) => match packet.format {
            PacketInFormat::Standard => packet::put_in(writer, packet, version)?,
            PacketInFormat::Nxt => packet::put_nxt(writer, packet, version)?,
            PacketInFormat::Nxt2 => packet::put_nxt2(writer, packet, version)?,
        },
        Message::Resume(Resume(packet)) => packet::put_nxt2(writer, packet, version)?,
        Message::PacketOut(packet) => packet::put_out(writer, packet, version)?,
        Message::FlowRemoved(removed) if protocol.nxm => {
            flow_removed::put_nxt(writer, removed, version)?
        }
        Message::FlowRemoved(removed) => flow_removed::put(writer, removed, version)?,
        Message::PortStatus(status) => port::put_status(writer, status, version)?,
        Message::FlowMod(change) => flow_mod::put(writer, change, protocol)?,
        Message::GroupMod(change) => group::put_mod(writer, change, version)?,
        Message::PortMod(change) => port::put_mod(writer, change, version)?,
        Message::TableMod(change) => table::put_mod(writer, change),
        Message::MeterMod(change) => meter::put_mod(writer, change)?,
        Message::MultipartRequest { more, body } => {
            multipart::put_request(writer, *more, body, protocol)?;
        }
        Message::MultipartReply { more, body } => {
            multipart::put_reply(writer, *more, body, protocol)?;
        }
        Message::QueueGetConfigRequest(port) => queue::put_request(writer, *port, version)?,
        Message::QueueGetConfigReply { port, queues } => {
            queue::put_reply(writer, *port, queues, version)?;
        }
        Message::RoleRequest(role) | Message::RoleReply(role) => {
            role::put(writer, role, protocol)?;
        }
        Message::RoleStatus(status) => role::put_status(writer, status),
        Message::GetAsyncReply(config) | Message::SetAsync(config) => {
            role::put_async(writer, config);
        }
        Message::SetAsync2(config) => role::put_async2(writer, config),
        Message::RequestForward(forward) => nested::put_forward(writer, forward, protocol)?,
        Message::BundleControl(control) => nested::put_control(writer, control),
        Message::BundleAdd(add) => nested::put_add(writer, add, protocol, xid)?,
        Message::SetFlowFormat { nxm } => writer.u32(if *nxm { 2 } else { 0 }),
        Message::FlowModTableId(on) => writer.slice(&[u8::from(*on), 0, 0, 0, 0, 0, 0, 0]),
        Message::SetPacketInFormat(format) => writer.u32(match format {
            PacketInFormat::Standard => 0,
            PacketInFormat::Nxt => 1,
            PacketInFormat::Nxt2 => 2,
        }),
        Message::SetControllerId(id) | Message::CtFlushZone(id) => {
            writer.zeros(6);
            writer.u16(*id);
        }
        Message::FlowMonitorCancel(id) => writer.u32(*id),
        Message::TlvTableMod(change) => tlv_table::put_mod(writer, change),
        Message::TlvTableReply(table) => tlv_table::put(writer, table),
        Message::CtFlush(flush) => conntrack::put(writer, flush)?,
        Message::FeaturesRequest
        | Message::GetConfigRequest
        | Message::BarrierRequest
        | Message::BarrierReply
        | Message::GetAsyncRequest
        | Message::FlowAge
        | Message::FlowMonitorPaused
        | Message::FlowMonitorResumed
        | Message::TlvTableRequest => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
