//! Meters and their changes (OpenFlow 1.3.5 §7.3.4.4).

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId, MeterMod};

const DROP: u16 = 1;
const DSCP_REMARK: u16 = 2;
const EXPERIMENTER: u16 = 0xffff;
/// Bytes of a band; one of an experimenter may have more.
const BAND_LEN: usize = 16;

/// Reads a `struct ofp_meter_mod` behind the header.
pub(crate) fn take_mod(reader: &mut Reader<'_>) -> Result<MeterMod, DecodeError> {
    reader.aligned()?;
    let place = reader.clone();
    let command = reader.u16()?;
    let flags = MeterFlags::from_bits_retain(reader.u16()?);
    let id = MeterId(reader.u32()?);
    match command {
        2 => {
            // What a meter was does not matter to who deletes it.
            reader.rest_slice();
            return Ok(MeterMod::Delete(id));
        }
        0 | 1 => {}
        _ => return Err(place.refuse(ErrorCode::OFPMMFC_BAD_COMMAND)),
    }
    if flags.contains(MeterFlags::KBPS | MeterFlags::PKTPS) {
        return Err(place.refuse(ErrorCode::OFPMMFC_BAD_FLAGS));
    }
    let meter = Meter { id, flags, bands: take_bands(reader)? };
    Ok(if command == 0 { MeterMod::Add(meter) } else { MeterMod::Modify(meter) })
}

/// Writes one.
pub(crate) fn put_mod(writer: &mut Writer<'_>, change: &MeterMod) -> Result<(), EncodeError> {
    let (command, flags, bands) = match change {
        MeterMod::Add(meter) => (0, meter.flags, &*meter.bands),
        MeterMod::Modify(meter) => (1, meter.flags, &*meter.bands),
        MeterMod::Delete(_) => (2, MeterFlags::empty(), &[][..]),
    };
    writer.u16(command);
    writer.u16(flags.bits());
    writer.u32(change.id().0);
    put_bands(writer, bands)
}

/// Reads bands until the reader is empty.
pub(crate) fn take_bands(reader: &mut Reader<'_>) -> Result<Vec<Band>, DecodeError> {
    let mut bands = Vec::new();
    while !reader.is_empty() {
        bands.push(take_band(reader)?);
    }
    Ok(bands)
}

/// Reads a `struct ofp_meter_band_header` and what follows it.
fn take_band(reader: &mut Reader<'_>) -> Result<Band, DecodeError> {
    let bad_length = ErrorCode::OFPBRC_BAD_LEN;
    let mut band = reader.element(2, BAND_LEN, "ofp_meter_band_header", bad_length)?;
    let place = band.clone();
    let number = band.u16()?;
    band.skip(2)?;
    let (rate, burst_size) = (band.u32()?, band.u32()?);
    let kind = match number {
        DROP => {
            band.skip(4)?;
            BandKind::Drop
        }
        DSCP_REMARK => {
            let precedence_level = band.u8()?;
            band.skip(3)?;
            BandKind::DscpRemark { precedence_level }
        }
        EXPERIMENTER => {
            BandKind::Experimenter { experimenter: band.u32()?, data: band.rest_slice().into() }
        }
        _ => return Err(place.refuse(ErrorCode::OFPMMFC_BAD_BAND)),
    };
    band.end()?;
    Ok(Band { kind, rate, burst_size })
}

/// Writes bands.
pub(crate) fn put_bands(writer: &mut Writer<'_>, bands: &[Band]) -> Result<(), EncodeError> {
    bands.iter().try_for_each(|band| put_band(writer, band))
}

fn put_band(writer: &mut Writer<'_>, band: &Band) -> Result<(), EncodeError> {
    let begin = writer.len();
    let number = match band.kind {
        BandKind::Drop => DROP,
        BandKind::DscpRemark { .. } => DSCP_REMARK,
        BandKind::Experimenter { .. } => EXPERIMENTER,
        _ => {
            let (what, version) = ("such a band of a meter", Version::OF13);
            return Err(EncodeError::NotInVersion { what, version });
        }
    };
    writer.u16(number);
    let length = writer.open(begin);
    writer.u32(band.rate);
    writer.u32(band.burst_size);
    match &band.kind {
        BandKind::DscpRemark { precedence_level } => {
            writer.u8(*precedence_level);
            writer.zeros(3);
        }
        BandKind::Experimenter { experimenter, data } => {
            writer.u32(*experimenter);
            writer.slice(data);
            writer.align(begin);
        }
        _ => writer.zeros(4),
    }
    writer.close(length, "ofp_meter_band_header")
}

#[cfg(test)]
mod tests;
