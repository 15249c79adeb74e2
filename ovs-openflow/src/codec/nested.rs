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

/// Reads the next message, which may not itself have others in it.
fn take_message(
    reader: &mut Reader<'_>,
    protocol: Protocol,
    depth: u8,
    refusal: ErrorCode,
) -> Result<(u32, Box<Message>), DecodeError> {
    let at = reader.clone();
    if depth > 0 {
        return Err(at.refuse(refusal));
    }
    let header = Header::peek(reader.peek());
    let header = header.ok_or_else(|| at.refuse(ErrorCode::OFPBRC_BAD_LEN))?;
    if header.version != protocol.version {
        return Err(at.refuse(ErrorCode::OFPBFC_BAD_VERSION));
    }
    let base = reader.offset();
    let bytes = reader.bytes(header.length.into())?;
    let inner = decode(&bytes, protocol.table_id, depth + 1)
        .map_err(|error| DecodeError { offset: base + error.offset, ..error })?;
    Ok((inner.xid, Box::new(inner.message)))
}

pub(super) fn take_add(
    reader: &mut Reader<'_>,
    protocol: Protocol,
    depth: u8,
) -> Result<BundleAdd, DecodeError> {
    let bundle = reader.u32()?;
    reader.skip(2)?;
    let flags = BundleFlags::from_bits_retain(reader.u16()?);
    let begin = reader.offset();
    let (xid, message) = take_message(reader, protocol, depth, ErrorCode::OFPBFC_MSG_UNSUP)?;
    // Properties begin at a multiple of 8; without any there need be no padding.
    if !reader.is_empty() {
        reader.skip((reader.offset() - begin).wrapping_neg() % 8)?;
    }
    Ok(BundleAdd { bundle, flags, xid, message, properties: reader.rest_bytes() })
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
    let (xid, request) = take_message(reader, protocol, depth, ErrorCode::OFPBRC_BAD_TYPE)?;
    match *request {
        Message::GroupMod(_) | Message::MeterMod(_) => Ok(RequestForward { xid, request }),
        _ => Err(at.refuse(ErrorCode::OFPBRC_BAD_TYPE)),
    }
}

pub(super) fn put_forward(
    writer: &mut Writer<'_>,
    forward: &RequestForward,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    put_message(writer, &forward.request, forward.xid, protocol)
}
