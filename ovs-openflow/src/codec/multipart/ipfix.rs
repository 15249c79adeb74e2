//! Exporters of flow samples: `struct nx_ipfix_stats_reply` (nicira-ext.h), 88 bytes.

use super::fixed;
use crate::error::DecodeError;
use crate::message::IpfixStats;
use crate::wire::{Reader, Writer};

pub(super) fn take(reader: &mut Reader<'_>) -> Result<IpfixStats, DecodeError> {
    let mut entry = fixed(reader, 88, "nx_ipfix_stats_reply")?;
    let stats = IpfixStats {
        total_flows: entry.u64()?,
        current_flows: entry.u64()?,
        packets: entry.u64()?,
        ipv4_packets: entry.u64()?,
        ipv6_packets: entry.u64()?,
        error_packets: entry.u64()?,
        ipv4_error_packets: entry.u64()?,
        ipv6_error_packets: entry.u64()?,
        tx_packets: entry.u64()?,
        tx_errors: entry.u64()?,
        collector_set: entry.u32()?,
    };
    entry.skip(4)?;
    Ok(stats)
}

pub(super) fn put(writer: &mut Writer<'_>, stats: &IpfixStats) {
    writer.u64(stats.total_flows);
    writer.u64(stats.current_flows);
    writer.u64(stats.packets);
    writer.u64(stats.ipv4_packets);
    writer.u64(stats.ipv6_packets);
    writer.u64(stats.error_packets);
    writer.u64(stats.ipv4_error_packets);
    writer.u64(stats.ipv6_error_packets);
    writer.u64(stats.tx_packets);
    writer.u64(stats.tx_errors);
    writer.u32(stats.collector_set);
    writer.zeros(4);
}
