//! Hello and errors.

use crate::error::{DecodeError, EncodeError};
use crate::error_code::{ErrorCode, WireError};
use crate::message::{ErrorMessage, Hello, HelloElement, VersionSet};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;

const VERSION_BITMAP: u16 = HelloElement::VERSION_BITMAP;

/// Reads the elements up to one that makes no sense: who cannot be understood can still be spoken
/// to in the version of the header.
pub(super) fn take_hello(reader: &mut Reader<'_>) -> Result<Hello, DecodeError> {
    let mut elements = Vec::new();
    while let Ok(mut element) =
        reader.element(2, 4, "ofp_hello_elem_header", ErrorCode::OFPBRC_BAD_LEN)
    {
        let padding = element.len().wrapping_neg() % 8;
        reader.skip(padding.min(reader.len()))?;
        let kind = element.u16()?;
        element.skip(2)?;
        elements.push(if kind == VERSION_BITMAP && element.len() == 4 {
            HelloElement::Versions(VersionSet(element.u32()?))
        } else {
            HelloElement::Opaque { kind, data: element.rest_bytes() }
        });
    }
    reader.rest_slice();
    Ok(Hello { elements })
}

pub(super) fn put_hello(writer: &mut Writer<'_>, hello: &Hello) -> Result<(), EncodeError> {
    for element in &hello.elements {
        let begin = writer.len();
        match element {
            HelloElement::Versions(versions) => {
                writer.u16(VERSION_BITMAP);
                writer.u16(8);
                writer.u32(versions.0);
            }
            HelloElement::Opaque { kind, data } => {
                writer.u16(*kind);
                let length = writer.open(begin);
                writer.slice(data);
                writer.close(length, "ofp_hello_elem_header")?;
                writer.align(begin);
            }
        }
    }
    Ok(())
}

/// The type of an error of an experimenter (`OFPET_EXPERIMENTER`, since OpenFlow 1.2).
const EXPERIMENTER: u16 = 0xffff;
/// Nicira's type for the same in earlier versions, whose code is 0.
const VENDOR: u16 = 0xb0c2;

pub(super) fn take_error(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<ErrorMessage, DecodeError> {
    let (kind, code) = (reader.u16()?, reader.u16()?);
    let mut wire = WireError { experimenter: None, kind, code };
    if version >= Version::OF12 && kind == EXPERIMENTER {
        wire = WireError { experimenter: Some(reader.u32()?), kind: code, code: 0 };
    } else if version < Version::OF12 && (kind, code) == (VENDOR, 0) {
        let experimenter = Some(reader.u32()?);
        wire = WireError { experimenter, kind: reader.u16()?, code: reader.u16()? };
    }
    Ok(ErrorMessage { code: ErrorCode::from_wire(version, wire), data: reader.rest_bytes() })
}

/// A code that the version does not have is told as one that cannot be told.
pub(super) fn put_error(writer: &mut Writer<'_>, error: &ErrorMessage, version: Version) {
    let unencodable = ErrorCode::NXBRC_UNENCODABLE_ERROR;
    let wire = error.code.to_wire(version).or_else(|| unencodable.to_wire(version));
    let none = WireError { experimenter: None, kind: 1, code: 0 };
    let WireError { experimenter, kind, code } = wire.unwrap_or(none);
    match experimenter {
        None => {
            writer.u16(kind);
            writer.u16(code);
        }
        Some(experimenter) if version >= Version::OF12 => {
            writer.u16(EXPERIMENTER);
            writer.u16(kind);
            writer.u32(experimenter);
        }
        Some(experimenter) => {
            writer.u16(VENDOR);
            writer.u16(0);
            writer.u32(experimenter);
            writer.u16(kind);
            writer.u16(code);
        }
    }
    writer.slice(&error.data);
}
