//! `OFPT_TABLE_MOD`.

use crate::error::DecodeError;
use crate::message::{TableConfig, TableMod};
use crate::wire::{Reader, Writer};
use ovs_core::TableId;

pub(super) fn take_mod(reader: &mut Reader<'_>) -> Result<TableMod, DecodeError> {
    let table = TableId(reader.u8()?);
    reader.skip(3)?;
    Ok(TableMod { table, config: TableConfig(reader.u32()?) })
}

pub(super) fn put_mod(writer: &mut Writer<'_>, change: &TableMod) {
    writer.u8(change.table.0);
    writer.zeros(3);
    writer.u32(change.config.0);
}
