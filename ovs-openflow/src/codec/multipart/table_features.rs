//! What tables can do: `struct ofp_table_features` (OpenFlow 1.3.5 §7.3.5.5), 64 bytes and
//! properties.

use crate::codec::{oxm, scalar};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{FeatureId, OxmId, TableConfig, TableFeatureProperty, TableFeatures};
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use ovs_core::TableId;

type Property = TableFeatureProperty;

/// Bytes of a name, its zero included.
const NAME: usize = 32;
/// The code for a wrong length: here it is that of properties for the whole.
const BAD_LEN: ErrorCode = ErrorCode::OFPTFFC_BAD_LEN;

// Types of properties (`enum ofp_table_feature_prop_type`); those for the table-miss rule are one
// more.
const MISS: u16 = 1;
const INSTRUCTIONS: u16 = 0;
const NEXT_TABLES: u16 = 2;
const WRITE_ACTIONS: u16 = 4;
const APPLY_ACTIONS: u16 = 6;
const MATCH: u16 = 8;
const WILDCARDS: u16 = 10;
const WRITE_SET_FIELD: u16 = 12;
const APPLY_SET_FIELD: u16 = 14;
const EXPERIMENTER: u16 = 0xfffe;
/// Those that a table has if it has any: bit n for type n.
const REQUIRED: u32 = 1 << INSTRUCTIONS
    | 1 << NEXT_TABLES
    | 1 << WRITE_ACTIONS
    | 1 << APPLY_ACTIONS
    | 1 << MATCH
    | 1 << WILDCARDS
    | 1 << WRITE_SET_FIELD
    | 1 << APPLY_SET_FIELD;
/// The type of an instruction or action that is an experimenter's.
const EXPERIMENTER_ID: u16 = 0xffff;

/// Reads the description of a table.
pub(super) fn take(reader: &mut Reader<'_>) -> Result<TableFeatures, DecodeError> {
    let place = reader.clone().named("ofp_table_features", BAD_LEN);
    let mut entry = reader.element(0, 64, "ofp_table_features", BAD_LEN)?;
    if entry.len() % 8 != 0 {
        return Err(place.refuse(BAD_LEN));
    }
    entry.skip(2)?;
    let table = TableId(entry.u8()?);
    if table == TableId::ALL {
        return Err(place.refuse(ErrorCode::OFPTFFC_BAD_TABLE));
    }
    entry.skip(5)?;
    let name = scalar::take_string(&mut entry, NAME)?;
    let (metadata_match, metadata_write) = (entry.u64()?, entry.u64()?);
    let config = TableConfig(entry.u32()?);
    let max_entries = entry.u32()?;
    let properties = take_properties(&mut entry)?;
    Ok(TableFeatures {
        table,
        name,
        metadata_match,
        metadata_write,
        config,
        max_entries,
        properties,
    })
}

/// None stands there twice; and those that are required are there, unless there is none at all.
fn take_properties(entry: &mut Reader<'_>) -> Result<Vec<Property>, DecodeError> {
    let bad_features = ErrorCode::OFPTFFC_BAD_FEATURES;
    let begin = entry.clone();
    let mut properties = Vec::new();
    let mut seen = 0;
    while !entry.is_empty() {
        let place = entry.clone();
        let (kind, mut property) = entry.property()?;
        let bit = 1u32.checked_shl(kind.into()).unwrap_or(0);
        if seen & bit != 0 {
            return Err(place.refuse(bad_features));
        }
        seen |= bit;
        properties.push(take_property(kind, &mut property)?);
    }
    if !properties.is_empty() && seen & REQUIRED != REQUIRED {
        return Err(begin.refuse(bad_features));
    }
    Ok(properties)
}

/// Reads what follows the header of a property.
fn take_property(kind: u16, reader: &mut Reader<'_>) -> Result<Property, DecodeError> {
    let miss = kind & MISS != 0;
    Ok(match kind & !MISS {
        INSTRUCTIONS => Property::Instructions { miss, ids: take_ids(reader)? },
        NEXT_TABLES => Property::NextTables { miss, tables: take_tables(reader)? },
        WRITE_ACTIONS => Property::WriteActions { miss, ids: take_ids(reader)? },
        APPLY_ACTIONS => Property::ApplyActions { miss, ids: take_ids(reader)? },
        MATCH if !miss => Property::Match(take_fields(reader, true)?),
        WILDCARDS if !miss => Property::Wildcards(take_fields(reader, false)?),
        WRITE_SET_FIELD => Property::WriteSetField { miss, fields: take_fields(reader, false)? },
        APPLY_SET_FIELD => Property::ApplySetField { miss, fields: take_fields(reader, false)? },
        EXPERIMENTER => Property::Experimenter {
            miss,
            experimenter: reader.u32()?,
            kind: reader.u32()?,
            data: reader.rest_slice().into(),
        },
        _ => Property::Opaque { kind, data: reader.rest_slice().into() },
    })
}

/// Instructions or actions: their headers. What else stands there of one that is in the
/// specification means nothing.
fn take_ids(reader: &mut Reader<'_>) -> Result<Vec<FeatureId>, DecodeError> {
    let mut ids = Vec::new();
    while !reader.is_empty() {
        let mut id = reader.element(2, 4, "ofp_action_header", BAD_LEN)?;
        let number = id.u16()?;
        id.skip(2)?;
        ids.push(if number == EXPERIMENTER_ID {
            FeatureId::Experimenter(id.u32()?, id.rest_slice().into())
        } else {
            FeatureId::Standard(number)
        });
    }
    Ok(ids)
}

fn take_tables(reader: &mut Reader<'_>) -> Result<Vec<TableId>, DecodeError> {
    if reader.peek().contains(&TableId::ALL.0) {
        return Err(reader.refuse(ErrorCode::OFPBPC_BAD_VALUE));
    }
    Ok(reader.rest_slice().iter().copied().map(TableId).collect())
}

/// Fields: their headers. Only what is matched can be masked.
fn take_fields(reader: &mut Reader<'_>, maskable: bool) -> Result<Vec<OxmId>, DecodeError> {
    let mut fields = Vec::new();
    while !reader.is_empty() {
        let place = reader.clone();
        let header = oxm::take_header(reader)?;
        if header.has_mask && !maskable {
            return Err(place.refuse(ErrorCode::OFPBMC_BAD_MASK));
        }
        fields.push(OxmId {
            class: header.class,
            number: header.number,
            has_mask: header.has_mask,
            length: header.length,
        });
    }
    Ok(fields)
}

/// Writes the description of a table.
pub(super) fn put(writer: &mut Writer<'_>, table: &TableFeatures) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    writer.u8(table.table.0);
    writer.zeros(5);
    writer.string(&table.name, NAME);
    writer.u64(table.metadata_match);
    writer.u64(table.metadata_write);
    writer.u32(table.config.0);
    writer.u32(table.max_entries);
    table.properties.iter().try_for_each(|property| put_property(writer, property))?;
    writer.close(length, "ofp_table_features")
}

fn put_property(writer: &mut Writer<'_>, property: &Property) -> Result<(), EncodeError> {
    let (kind, miss) = match property {
        Property::Instructions { miss, .. } => (INSTRUCTIONS, *miss),
        Property::NextTables { miss, .. } => (NEXT_TABLES, *miss),
        Property::WriteActions { miss, .. } => (WRITE_ACTIONS, *miss),
        Property::ApplyActions { miss, .. } => (APPLY_ACTIONS, *miss),
        Property::Match(_) => (MATCH, false),
        Property::Wildcards(_) => (WILDCARDS, false),
        Property::WriteSetField { miss, .. } => (WRITE_SET_FIELD, *miss),
        Property::ApplySetField { miss, .. } => (APPLY_SET_FIELD, *miss),
        Property::Experimenter { miss, .. } => (EXPERIMENTER, *miss),
        Property::Opaque { kind, .. } => (*kind, false),
    };
    let begin = writer.len();
    writer.u16(if miss { kind | MISS } else { kind });
    let length = writer.open(begin);
    match property {
        Property::Instructions { ids, .. }
        | Property::WriteActions { ids, .. }
        | Property::ApplyActions { ids, .. } => {
            ids.iter().try_for_each(|id| put_id(writer, id))?;
        }
        Property::NextTables { tables, .. } => tables.iter().for_each(|table| writer.u8(table.0)),
        Property::Match(fields)
        | Property::Wildcards(fields)
        | Property::WriteSetField { fields, .. }
        | Property::ApplySetField { fields, .. } => {
            fields.iter().try_for_each(|field| put_field(writer, *field))?;
        }
        Property::Experimenter { experimenter, kind, data, .. } => {
            writer.u32(*experimenter);
            writer.u32(*kind);
            writer.slice(data);
        }
        Property::Opaque { data, .. } => writer.slice(data),
    }
    writer.close(length, "ofp_table_feature_prop_header")?;
    writer.align(begin);
    Ok(())
}

fn put_id(writer: &mut Writer<'_>, id: &FeatureId) -> Result<(), EncodeError> {
    let begin = writer.len();
    match id {
        FeatureId::Standard(number) => {
            writer.u16(*number);
            writer.u16(4);
            Ok(())
        }
        FeatureId::Experimenter(experimenter, data) => {
            writer.u16(EXPERIMENTER_ID);
            let length = writer.open(begin);
            writer.u32(*experimenter);
            writer.slice(data);
            writer.close(length, "ofp_action_experimenter_header")
        }
    }
}

/// The length of an experimenter's field counts its id.
fn put_field(writer: &mut Writer<'_>, field: OxmId) -> Result<(), EncodeError> {
    let experimenter = field.class.experimenter();
    let added = if experimenter.is_some() { 4 } else { 0 };
    let length = field.length.checked_add(added).ok_or(EncodeError::TooLarge {
        what: "length of a field",
        value: field.length.into(),
        max: (u8::MAX - added).into(),
    })?;
    if field.number > 0x7f {
        let (what, value, max) = ("number of a field", field.number.into(), 0x7f);
        return Err(EncodeError::TooLarge { what, value, max });
    }
    writer.u16(field.class.class());
    writer.u8(field.number << 1 | u8::from(field.has_mask));
    writer.u8(length);
    if let Some(experimenter) = experimenter {
        writer.u32(experimenter);
    }
    Ok(())
}
