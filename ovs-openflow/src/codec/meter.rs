//! Meters and their changes.

use crate::error::{DecodeError, EncodeError};
use crate::wire::{Reader, Writer};
use ovs_core::meter::MeterMod;

/// Reads a `struct ofp_meter_mod` behind the header.
pub(crate) fn take_mod(reader: &mut Reader<'_>) -> Result<MeterMod, DecodeError> {
    let _ = reader;
    unimplemented!()
}

/// Writes one.
pub(crate) fn put_mod(writer: &mut Writer<'_>, change: &MeterMod) -> Result<(), EncodeError> {
    let _ = (writer, change);
    unimplemented!()
}
