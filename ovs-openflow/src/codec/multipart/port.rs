//! Counters of ports: `struct ofp_port_stats`, 104 bytes in OpenFlow 1.0 (§5.3.5), 112 in 1.3
//! (1.3.5 §7.3.5.6).

use super::{UNKNOWN_DURATION, exact, fixed, put_duration, take_duration};
use crate::codec::scalar;
use crate::error::{DecodeError, EncodeError};
use crate::message::PortStats;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::PortNo;

/// Reads a port number and the padding to 8 bytes.
fn take_number(reader: &mut Reader<'_>, version: Version) -> Result<PortNo, DecodeError> {
    let number = scalar::take_port(reader, version)?;
    reader.skip(if version == Version::OF10 { 6 } else { 4 })?;
    Ok(number)
}

fn put_number(
    writer: &mut Writer<'_>,
    number: PortNo,
    version: Version,
) -> Result<(), EncodeError> {
    let begin = writer.len();
    scalar::put_port(writer, number, version)?;
    writer.align(begin);
    Ok(())
}

pub(super) fn take_request(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PortNo, DecodeError> {
    let mut body = exact(reader, 8, "ofp_port_stats_request")?;
    let number = take_number(&mut body, version)?;
    Ok(number)
}

pub(super) fn put_request(
    writer: &mut Writer<'_>,
    number: PortNo,
    version: Version,
) -> Result<(), EncodeError> {
    put_number(writer, number, version)
}

pub(super) fn take(reader: &mut Reader<'_>, version: Version) -> Result<PortStats, DecodeError> {
    let old = version == Version::OF10;
    let mut entry = fixed(reader, if old { 104 } else { 112 }, "ofp_port_stats")?;
    Ok(PortStats {
        number: take_number(&mut entry, version)?,
        rx_packets: entry.u64()?,
        tx_packets: entry.u64()?,
        rx_bytes: entry.u64()?,
        tx_bytes: entry.u64()?,
        rx_dropped: entry.u64()?,
        tx_dropped: entry.u64()?,
        rx_errors: entry.u64()?,
        tx_errors: entry.u64()?,
        rx_frame_err: entry.u64()?,
        rx_over_err: entry.u64()?,
        rx_crc_err: entry.u64()?,
        collisions: entry.u64()?,
        duration: if old { UNKNOWN_DURATION } else { take_duration(&mut entry)? },
    })
}

pub(super) fn put(
    writer: &mut Writer<'_>,
    stats: &PortStats,
    version: Version,
) -> Result<(), EncodeError> {
    put_number(writer, stats.number, version)?;
    writer.u64(stats.rx_packets);
    writer.u64(stats.tx_packets);
    writer.u64(stats.rx_bytes);
    writer.u64(stats.tx_bytes);
    writer.u64(stats.rx_dropped);
    writer.u64(stats.tx_dropped);
    writer.u64(stats.rx_errors);
    writer.u64(stats.tx_errors);
    writer.u64(stats.rx_frame_err);
    writer.u64(stats.rx_over_err);
    writer.u64(stats.rx_crc_err);
    writer.u64(stats.collisions);
    if version > Version::OF10 {
        put_duration(writer, stats.duration);
    }
    Ok(())
}
