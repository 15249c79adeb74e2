//! The table of options of tunnel headers.

use crate::error::DecodeError;
use crate::error_code::ErrorCode;
use crate::message::{TlvMap, TlvTable, TlvTableMod};
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;

const ADD: u16 = 0;
const DELETE: u16 = 1;
const CLEAR: u16 = 2;

/// Bytes of an option, at most; and fields for them.
const MAX_LEN: u8 = 124;
const FIELDS: u16 = 64;

pub(super) fn take_mod(reader: &mut Reader<'_>) -> Result<TlvTableMod, DecodeError> {
    let at = reader.clone();
    let command = reader.u16()?;
    reader.skip(6)?;
    let maps = take_maps(reader, FIELDS)?;
    match command {
        ADD => Ok(TlvTableMod::Add(maps)),
        DELETE => Ok(TlvTableMod::Delete(maps)),
        CLEAR => Ok(TlvTableMod::Clear),
        _ => Err(at.refuse(ErrorCode::NXTTMFC_BAD_COMMAND)),
    }
}

/// Each has a field with a number below `fields`.
fn take_maps(reader: &mut Reader<'_>, fields: u16) -> Result<Vec<TlvMap>, DecodeError> {
    let mut maps = Vec::new();
    while !reader.is_empty() {
        let at = reader.clone();
        let option_class = reader.u16()?;
        let [option_type, option_len] = reader.array()?;
        let index = reader.u16()?;
        reader.skip(2)?;
        if option_len % 4 != 0 || option_len > MAX_LEN {
            return Err(at.refuse(ErrorCode::NXTTMFC_BAD_OPT_LEN));
        }
        if index >= fields {
            return Err(at.refuse(ErrorCode::NXTTMFC_BAD_FIELD_IDX));
        }
        maps.push(TlvMap { option_class, option_type, option_len, index });
    }
    Ok(maps)
}

pub(super) fn put_mod(writer: &mut Writer<'_>, change: &TlvTableMod) {
    let (command, maps) = match change {
        TlvTableMod::Add(maps) => (ADD, maps.as_slice()),
        TlvTableMod::Delete(maps) => (DELETE, maps.as_slice()),
        TlvTableMod::Clear => (CLEAR, &[][..]),
    };
    writer.u16(command);
    writer.zeros(6);
    put_maps(writer, maps);
}

fn put_maps(writer: &mut Writer<'_>, maps: &[TlvMap]) {
    for map in maps {
        writer.u16(map.option_class);
        writer.slice(&[map.option_type, map.option_len]);
        writer.u16(map.index);
        writer.zeros(2);
    }
}

pub(super) fn take(reader: &mut Reader<'_>) -> Result<TlvTable, DecodeError> {
    let (max_option_space, max_fields) = (reader.u32()?, reader.u16()?);
    reader.skip(10)?;
    Ok(TlvTable { max_option_space, max_fields, maps: take_maps(reader, max_fields)? })
}

pub(super) fn put(writer: &mut Writer<'_>, table: &TlvTable) {
    writer.u32(table.max_option_space);
    writer.u16(table.max_fields);
    writer.zeros(10);
    put_maps(writer, &table.maps);
}
