//! Numbers and texts that stand in many structures.

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::string::String;
use ovs_core::PortNo;

/// A port number: 16 bits in OpenFlow 1.0, whose reserved numbers are the lower halves of the
/// later ones. Numbers between the two are refused.
pub(crate) fn take_port(reader: &mut Reader<'_>, version: Version) -> Result<PortNo, DecodeError> {
    if version == Version::OF10 {
        return Ok(port_from_u16(reader.u16()?));
    }
    let at = reader.clone();
    match reader.u32()? {
        0xff00..=0xffff_feff => Err(at.refuse(ErrorCode::OFPBAC_BAD_OUT_PORT)),
        number => Ok(PortNo(number)),
    }
}

/// The port that a 16-bit number is of.
pub(crate) fn port_from_u16(number: u16) -> PortNo {
    let number = u32::from(number);
    PortNo(if number < 0xff00 { number } else { number | 0xffff_0000 })
}

/// The 16-bit number of a port.
pub(crate) fn port_to_u16(port: PortNo) -> Result<u16, EncodeError> {
    match port.0 {
        number @ (0..=0xfeff | 0xffff_ff00..) => Ok(number as u16),
        number => {
            Err(EncodeError::TooLarge { what: "port number", value: number.into(), max: 0xfeff })
        }
    }
}

/// Writes a port number.
pub(crate) fn put_port(
    writer: &mut Writer<'_>,
    port: PortNo,
    version: Version,
) -> Result<(), EncodeError> {
    if version == Version::OF10 {
        writer.u16(port_to_u16(port)?);
    } else {
        writer.u32(port.0);
    }
    Ok(())
}

/// The number of a buffered packet; all ones is none.
pub(crate) fn buffer_from(number: u32) -> Option<u32> {
    (number != u32::MAX).then_some(number)
}

/// A text in a field of `size` bytes, up to its first zero or the last byte, which should be one;
/// what is not UTF-8 is replaced.
pub(crate) fn take_string(reader: &mut Reader<'_>, size: usize) -> Result<String, DecodeError> {
    let bytes = reader.slice(size)?;
    let zero = bytes.iter().position(|byte| *byte == 0);
    let end = zero.unwrap_or(size).min(size.saturating_sub(1));
    Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
}
