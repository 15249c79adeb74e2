//! Messages in messages: bundles and forwarded requests.

use super::kind::{self, Kind};
use super::{Envelope, Taken, decode, encode};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{
    BundleAdd, BundleControl, BundleControlKind, BundleFlags, Header, Message, RequestForward,
};
use crate::protocol::Protocol;
use crate::wire::{Reader, Writer};
use alloc::boxed::Box;

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

/// Reads the next message, which is one of some kinds. Its header has been looked at.
fn take_message(
    reader: &mut Reader<'_>,
    header: Header,
    protocol: Protocol,
    kinds: &[Kind],
) -> Result<Envelope, DecodeError> {
    let at = reader.clone();
    let row = kind::of_bytes(reader.peek());
    if !row.is_some_and(|row| kinds.contains(&row.kind)) {
        return Err(at.refuse(ErrorCode::OFPBFC_MSG_UNSUP));
    }
    let bytes = reader.bytes(header.length.into())?;
    decode(&bytes, protocol.table_id)
        .map_err(|error| DecodeError { offset: at.offset() + error.offset, ..error })
}

/// The header of a message in a message.
fn peek(reader: &Reader<'_>) -> Result<Header, DecodeError> {
    let header = Header::peek(reader.peek()).filter(|header| {
        let length = usize::from(header.length);
        (Header::LEN..=reader.len()).contains(&length)
    });
    header.ok_or_else(|| reader.refuse(ErrorCode::OFPBFC_MSG_BAD_LEN))
}

/// What may be in a bundle. None of them has messages in it.
const IN_BUNDLES: [Kind; 5] =
    [Kind::FlowMod, Kind::NxFlowMod, Kind::GroupMod, Kind::PortMod, Kind::PacketOut];

/// `outer` is the transaction of the message around it. The form of the message inside counts.
pub(super) fn take_add(
    reader: &mut Reader<'_>,
    protocol: Protocol,
    outer: u32,
) -> Result<Taken, DecodeError> {
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
    let Envelope { protocol, message, .. } = take_message(reader, header, protocol, &IN_BUNDLES)?;
    // Properties begin at a multiple of 8; without any there need be no padding.
    if !reader.is_empty() {
        reader.skip((reader.offset() - begin).wrapping_neg() % 8)?;
    }
    let (message, properties) = (Box::new(message), reader.rest_bytes());
    let message = Message::BundleAdd(BundleAdd { bundle, flags, message, properties });
    Ok(Taken { message, nxm: protocol.nxm })
}

pub(super) fn put_add(
    writer: &mut Writer<'_>,
    add: &BundleAdd,
    protocol: Protocol,
    xid: u32,
) -> Result<(), EncodeError> {
    writer.u32(add.bundle);
    writer.zeros(2);
    writer.u16(add.flags.bits());
    let begin = writer.len();
    put_message(writer, &add.message, xid, protocol)?;
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
    encode(message, protocol, xid, &mut writer.message())
}

pub(super) fn take_forward(
    reader: &mut Reader<'_>,
    protocol: Protocol,
) -> Result<RequestForward, DecodeError> {
    let at = reader.clone();
    let header = peek(&at)?;
    if header.version != protocol.version {
        return Err(at.refuse(ErrorCode::OFPBRC_BAD_VERSION));
    }
    let kinds = [Kind::GroupMod, Kind::MeterMod];
    let Envelope { xid, message, .. } = take_message(reader, header, protocol, &kinds)?;
    Ok(RequestForward { xid, request: Box::new(message) })
}

pub(super) fn put_forward(
    writer: &mut Writer<'_>,
    forward: &RequestForward,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    put_message(writer, &forward.request, forward.xid, protocol)
}
