//! Counters of tables: `struct ofp_table_stats`, 64 bytes in OpenFlow 1.0 (§5.3.5), 24 since 1.3
//! (1.3.5 §7.3.5.4).

use super::fixed;
use crate::codec::scalar;
use crate::error::DecodeError;
use crate::message::TableStats;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::string::String;
use ovs_core::TableId;

/// Bytes of a name, its zero included.
const NAME: usize = 32;

pub(super) fn take(reader: &mut Reader<'_>, version: Version) -> Result<TableStats, DecodeError> {
    let old = version == Version::OF10;
    let mut entry = fixed(reader, if old { 64 } else { 24 }, "ofp_table_stats")?;
    let table = TableId(entry.u8()?);
    entry.skip(3)?;
    let (mut name, mut wildcards, mut max_entries) = (String::new(), 0, 0);
    if old {
        name = scalar::take_string(&mut entry, NAME)?;
        (wildcards, max_entries) = (entry.u32()?, entry.u32()?);
    }
    Ok(TableStats {
        table,
        active_count: entry.u32()?,
        lookup_count: entry.u64()?,
        matched_count: entry.u64()?,
        name,
        wildcards,
        max_entries,
    })
}

pub(super) fn put(writer: &mut Writer<'_>, stats: &TableStats, version: Version) {
    writer.u8(stats.table.0);
    writer.zeros(3);
    if version == Version::OF10 {
        writer.string(&stats.name, NAME);
        writer.u32(stats.wildcards);
        writer.u32(stats.max_entries);
    }
    writer.u32(stats.active_count);
    writer.u64(stats.lookup_count);
    writer.u64(stats.matched_count);
}
