//! Who made the switch: `struct ofp_desc` (OpenFlow 1.3.5 §7.3.5.1), 1056 bytes.

use super::exact;
use crate::codec::scalar;
use crate::error::DecodeError;
use crate::message::Description;
use crate::wire::{Reader, Writer};

/// Bytes of a text, its zero included.
const TEXT: usize = 256;
/// Bytes of the serial number.
const SERIAL: usize = 32;

pub(super) fn take(reader: &mut Reader<'_>) -> Result<Description, DecodeError> {
    let mut body = exact(reader, 1056, "ofp_desc")?;
    let description = Description {
        manufacturer: scalar::take_string(&mut body, TEXT)?,
        hardware: scalar::take_string(&mut body, TEXT)?,
        software: scalar::take_string(&mut body, TEXT)?,
        serial_number: scalar::take_string(&mut body, SERIAL)?,
        datapath: scalar::take_string(&mut body, TEXT)?,
    };
    Ok(description)
}

pub(super) fn put(writer: &mut Writer<'_>, description: &Description) {
    writer.string(&description.manufacturer, TEXT);
    writer.string(&description.hardware, TEXT);
    writer.string(&description.software, TEXT);
    writer.string(&description.serial_number, SERIAL);
    writer.string(&description.datapath, TEXT);
}
