//! Counters of queues: `struct ofp_queue_stats`, 32 bytes in OpenFlow 1.0 (§5.3.5), 40 in 1.3
//! (1.3.5 §7.3.5.7).

use super::{UNKNOWN_DURATION, exact, fixed, put_duration, take_duration};
use crate::codec::scalar;
use crate::error::{DecodeError, EncodeError};
use crate::message::{QueueStats, QueueStatsRequest};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::{PortNo, QueueId};

/// Reads the number of a port, with padding to 4 bytes, and that of a queue.
fn take_numbers(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<(PortNo, QueueId), DecodeError> {
    let port = scalar::take_port(reader, version)?;
    if version == Version::OF10 {
        reader.skip(2)?;
    }
    Ok((port, QueueId(reader.u32()?)))
}

fn put_numbers(
    writer: &mut Writer<'_>,
    port: PortNo,
    queue: QueueId,
    version: Version,
) -> Result<(), EncodeError> {
    scalar::put_port(writer, port, version)?;
    if version == Version::OF10 {
        writer.zeros(2);
    }
    writer.u32(queue.0);
    Ok(())
}

/// In OpenFlow 1.0 it is `OFPP_ALL` that stands for all ports, where later it is `OFPP_ANY`.
pub(super) fn take_request(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<QueueStatsRequest, DecodeError> {
    let mut body = exact(reader, 8, "ofp_queue_stats_request")?;
    let (mut port, queue) = take_numbers(&mut body, version)?;
    if version == Version::OF10 && port == PortNo::ALL {
        port = PortNo::ANY;
    }
    Ok(QueueStatsRequest { port, queue })
}

pub(super) fn put_request(
    writer: &mut Writer<'_>,
    request: QueueStatsRequest,
    version: Version,
) -> Result<(), EncodeError> {
    let all = version == Version::OF10 && request.port == PortNo::ANY;
    let port = if all { PortNo::ALL } else { request.port };
    put_numbers(writer, port, request.queue, version)
}

pub(super) fn take(reader: &mut Reader<'_>, version: Version) -> Result<QueueStats, DecodeError> {
    let old = version == Version::OF10;
    let mut entry = fixed(reader, if old { 32 } else { 40 }, "ofp_queue_stats")?;
    let (port, queue) = take_numbers(&mut entry, version)?;
    Ok(QueueStats {
        port,
        queue,
        tx_bytes: entry.u64()?,
        tx_packets: entry.u64()?,
        tx_errors: entry.u64()?,
        duration: if old { UNKNOWN_DURATION } else { take_duration(&mut entry)? },
    })
}

pub(super) fn put(
    writer: &mut Writer<'_>,
    stats: &QueueStats,
    version: Version,
) -> Result<(), EncodeError> {
    put_numbers(writer, stats.port, stats.queue, version)?;
    writer.u64(stats.tx_bytes);
    writer.u64(stats.tx_packets);
    writer.u64(stats.tx_errors);
    if version > Version::OF10 {
        put_duration(writer, stats.duration);
    }
    Ok(())
}
