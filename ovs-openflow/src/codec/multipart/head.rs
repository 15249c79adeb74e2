//! What stands before the body of a question or answer.

use super::kind::{EXPERIMENTER, Kind, NICIRA, Number};
use crate::error::{DecodeError, EncodeError};
use crate::message::{Experimenter, OpaqueMultipart};
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};

/// `OFPMPF_REQ_MORE`, `OFPMPF_REPLY_MORE`.
const MORE: u16 = 1 << 0;

/// What the header of a question or answer says, or all of it if its content is not known.
pub(super) enum Head {
    Known(Kind),
    Experimenter(Experimenter),
    Opaque(OpaqueMultipart),
}

/// Reads `struct ofp_multipart_request` or `ofp_multipart_reply`, up to its body (OpenFlow 1.3.5
/// §7.3.5), and the header of an experimenter's. Flags that are not defined mean nothing.
pub(super) fn take_head(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<(bool, Head), DecodeError> {
    let number = reader.u16()?;
    let more = reader.u16()? & MORE != 0;
    if version > Version::OF10 {
        reader.skip(4)?;
    }
    if number != EXPERIMENTER {
        let head = match Kind::from_number(Number::Standard(number), version) {
            Some(kind) => Head::Known(kind),
            None => Head::Opaque(OpaqueMultipart { kind: number, data: reader.rest_bytes() }),
        };
        return Ok((more, head));
    }
    let experimenter = reader.u32()?;
    let before = reader.clone();
    // In OpenFlow 1.0 only Nicira's own header has a number.
    let mut kind = None;
    if version > Version::OF10 || experimenter == NICIRA {
        kind = Some(reader.u32()?);
    }
    if version == Version::OF10 && experimenter == NICIRA {
        reader.skip(4)?;
    }
    let known =
        kind.and_then(|kind| Kind::from_number(Number::Extension(experimenter, kind), version));
    if let Some(kind) = known {
        return Ok((more, Head::Known(kind)));
    }
    if version == Version::OF10 {
        (*reader, kind) = (before, None);
    }
    let data = reader.rest_bytes();
    Ok((more, Head::Experimenter(Experimenter { experimenter, kind, data })))
}

pub(super) fn put_head(
    writer: &mut Writer<'_>,
    kind: Kind,
    more: bool,
    version: Version,
) -> Result<(), EncodeError> {
    match kind.number(version)? {
        Number::Standard(number) => put_number(writer, number, more, version),
        Number::Extension(experimenter, number) => {
            put_number(writer, EXPERIMENTER, more, version);
            writer.u32(experimenter);
            writer.u32(number);
            if version == Version::OF10 {
                writer.zeros(4);
            }
        }
    }
    Ok(())
}

fn put_number(writer: &mut Writer<'_>, number: u16, more: bool, version: Version) {
    writer.u16(number);
    writer.u16(if more { MORE } else { 0 });
    if version > Version::OF10 {
        writer.zeros(4);
    }
}

pub(super) fn put_experimenter(
    writer: &mut Writer<'_>,
    message: &Experimenter,
    more: bool,
    version: Version,
) {
    put_number(writer, EXPERIMENTER, more, version);
    writer.u32(message.experimenter);
    if version > Version::OF10 {
        writer.u32(message.kind.unwrap_or(0));
    }
    writer.slice(&message.data);
}

pub(super) fn put_opaque(
    writer: &mut Writer<'_>,
    message: &OpaqueMultipart,
    more: bool,
    version: Version,
) {
    put_number(writer, message.kind, more, version);
    writer.slice(&message.data);
}

/// The form of flow statistics that was agreed on.
pub(super) fn flow_kind(kind: Kind, protocol: Protocol) -> Kind {
    let nicira = if kind == Kind::Flow { Kind::NiciraFlow } else { Kind::NiciraAggregate };
    if protocol.nxm && nicira.number(protocol.version).is_ok() { nicira } else { kind }
}
