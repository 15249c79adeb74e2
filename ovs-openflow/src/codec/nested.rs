//! Messages in messages: bundles and forwarded requests.

use super::{decode, encode};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{
    BundleAdd, BundleControl, BundleControlKind, BundleFlags, Header, Message, RequestForward,
};
use crate::protocol::Protocol;
use crate::wire::{Reader, Writer};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) fn take_control(reader: &mut Reader<'_>) -> Result<BundleControl, DecodeError> {
    Ok(BundleControl {
        bundle: reader.u32()?,
        kind: BundleControlKind(reader.u16()?),
        flags: BundleFlags::from_bits_retain(reader.u16()?),
        properties: reader.rest_bytes(),
    })
}

pub(super) fn put_control(writer: &mut Writer<'_>, control: &BundleControl) {
    writer.u32(control.bundle);
    writer.u16(control.kind.0);
    writer.u16(control.flags.bits());
    writer.slice(&control.properties);
}

/// Reads the next message, which may not itself have others in it. Its header has been looked at.
fn take_message(
    reader: &mut Reader<'_>,
    header: Header,
    protocol: Protocol,
    depth: u8,
) -> Result<Box<Message>, DecodeError> {
    let at = reader.clone();
    if depth > 0 {
        return Err(at.refuse(ErrorCode::OFPBFC_MSG_UNSUP));
    }
    let base = reader.offset();
    let bytes = reader.bytes(header.length.into())?;
    let inner = decode(&bytes, protocol.table_id, depth + 1)
        .map_err(|error| DecodeError { offset: base + error.offset, ..error })?;
    Ok(Box::new(inner.message))
}

/// The header of a message in a message.
fn peek(reader: &Reader<'_>) -> Result<Header, DecodeError> {
    let header = Header::peek(reader.peek()).filter(|header| {
        let length = usize::from(header.length);
        (Header::LEN..=reader.len()).contains(&length)
    });
    header.ok_or_else(|| reader.refuse(ErrorCode::OFPBFC_MSG_BAD_LEN))
}

/// `outer` is the transaction of the message around it.
pub(super) fn take_add(
    reader: &mut Reader<'_>,
    protocol: Protocol,
    outer: u32,
    depth: u8,
) -> Result<BundleAdd, DecodeError> {
    let bundle = reader.u32()?;
    reader.skip(2)?;
    let flags = BundleFlags::from_bits_retain(reader.u16()?);
    let begin = reader.offset();
    let at = reader.clone();
    if at.peek().first().is_some_and(|version| *version != protocol.version.0) {
        return Err(at.refuse(ErrorCode::OFPBFC_BAD_VERSION));
    }
    let header = peek(&at)?;
    if header.xid != outer {
        return Err(at.refuse(ErrorCode::OFPBFC_MSG_BAD_XID));
    }
    let message = take_message(reader, header, protocol, depth)?;
    let known = matches!(
        *message,
        Message::FlowMod(_) | Message::GroupMod(_) | Message::PortMod(_) | Message::PacketOut(_)
    );
    if !known {
        return Err(at.refuse(ErrorCode::OFPBFC_MSG_UNSUP));
    }
    // Properties begin at a multiple of 8; without any there need be no padding.
    if !reader.is_empty() {
        reader.skip((reader.offset() - begin).wrapping_neg() % 8)?;
    }
    Ok(BundleAdd { bundle, flags, xid: header.xid, message, properties: reader.rest_bytes() })
}

pub(super) fn put_add(
    writer: &mut Writer<'_>,
    add: &BundleAdd,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    writer.u32(add.bundle);
    writer.zeros(2);
    writer.u16(add.flags.bits());
    let begin = writer.len();
    put_message(writer, &add.message, add.xid, protocol)?;
    if !add.properties.is_empty() {
        writer.align(begin);
        writer.slice(&add.properties);
    }
    Ok(())
}

fn put_message(
    writer: &mut Writer<'_>,
    message: &Message,
    xid: u32,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let mut bytes = Vec::new();
    encode(message, protocol, xid, &mut Writer::new(&mut bytes))?;
    writer.slice(&bytes);
    Ok(())
}

pub(super) fn take_forward(
    reader: &mut Reader<'_>,
    protocol: Protocol,
    depth: u8,
) -> Result<RequestForward, DecodeError> {
    let at = reader.clone();
    let header = peek(&at)?;
    if header.version != protocol.version {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_VERSION));
    }
    let request = take_message(reader, header, protocol, depth)?;
    match *request {
        Message::GroupMod(_) | Message::MeterMod(_) => {
            Ok(RequestForward { xid: header.xid, request })
        }
        _ => Err(at.refuse(ErrorCode::OFPBFC_MSG_UNSUP)),
    }
}

pub(super) fn put_forward(
    writer: &mut Writer<'_>,
    forward: &RequestForward,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    put_message(writer, &forward.request, forward.xid, protocol)
}
