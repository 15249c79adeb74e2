//! Meters: counters, configuration and features (OpenFlow 1.3.5 §7.3.5.11 to §7.3.5.13).

use super::{BAD_LEN, exact, put_duration, take_duration, take_list};
use crate::codec::meter;
use crate::error::{DecodeError, EncodeError};
use crate::message::{BandStats, BandTypes, MeterFeatures, MeterStats};
use crate::wire::{Reader, Writer};
use ovs_core::meter::{Meter, MeterFlags, MeterId};

/// `struct ofp_meter_stats`: 40 bytes, and 16 for each band.
pub(super) fn take_stats(reader: &mut Reader<'_>) -> Result<MeterStats, DecodeError> {
    let mut entry = reader.element(4, 40, "ofp_meter_stats", BAD_LEN)?;
    let meter = MeterId(entry.u32()?);
    entry.skip(2 + 6)?;
    Ok(MeterStats {
        meter,
        flow_count: entry.u32()?,
        packet_in_count: entry.u64()?,
        byte_in_count: entry.u64()?,
        duration: take_duration(&mut entry)?,
        bands: take_list(&mut entry, |entry| {
            Ok(BandStats { packet_count: entry.u64()?, byte_count: entry.u64()? })
        })?,
    })
}

pub(super) fn put_stats(writer: &mut Writer<'_>, stats: &MeterStats) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u32(stats.meter.0);
    let length = writer.open(begin);
    writer.zeros(6);
    writer.u32(stats.flow_count);
    writer.u64(stats.packet_in_count);
    writer.u64(stats.byte_in_count);
    put_duration(writer, stats.duration);
    for band in &stats.bands {
        writer.u64(band.packet_count);
        writer.u64(band.byte_count);
    }
    writer.close(length, "ofp_meter_stats")
}

/// `struct ofp_meter_config`: 8 bytes and the bands.
pub(super) fn take_config(reader: &mut Reader<'_>) -> Result<Meter, DecodeError> {
    let mut entry = reader.element(0, 8, "ofp_meter_config", BAD_LEN)?;
    entry.skip(2)?;
    let flags = MeterFlags::from_bits_retain(entry.u16()?);
    let id = MeterId(entry.u32()?);
    Ok(Meter { id, flags, bands: meter::take_bands(&mut entry)? })
}

pub(super) fn put_config(writer: &mut Writer<'_>, meter: &Meter) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    writer.u16(meter.flags.bits());
    writer.u32(meter.id.0);
    meter::put_bands(writer, &meter.bands)?;
    writer.close(length, "ofp_meter_config")
}

/// `struct ofp_meter_features`: 16 bytes.
pub(super) fn take_features(reader: &mut Reader<'_>) -> Result<MeterFeatures, DecodeError> {
    let mut body = exact(reader, 16, "ofp_meter_features")?;
    let features = MeterFeatures {
        max_meters: body.u32()?,
        band_types: BandTypes::from_bits_retain(body.u32()?),
        capabilities: {
            // The upper half has no meaning so far.
            body.skip(2)?;
            MeterFlags::from_bits_retain(body.u16()?)
        },
        max_bands: body.u8()?,
        max_color: body.u8()?,
    };
    Ok(features)
}

pub(super) fn put_features(writer: &mut Writer<'_>, features: &MeterFeatures) {
    writer.u32(features.max_meters);
    writer.u32(features.band_types.bits());
    writer.u32(features.capabilities.bits().into());
    writer.u8(features.max_bands);
    writer.u8(features.max_color);
    writer.zeros(2);
}
