//! How a select group chooses: a property of groups that Netronome defined (netronome-ext.h).

use super::Command;
use crate::codec::oxm;
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::string::String;
use alloc::vec::Vec;
use ovs_core::field::{Field, Masking};
use ovs_core::group::{GroupKind, Selection};

/// `OFPGPT_EXPERIMENTER`.
const EXPERIMENTER: u16 = 0xffff;
/// Netronome.
const NETRONOME: u32 = 0x154d;
/// What Open vSwitch 2.4 took for Netronome.
const NETRONOME_MISTAKEN: u32 = 0x1540;
/// `NTRT_SELECTION_METHOD`.
const SELECTION_METHOD: u32 = 1;
/// Bytes of the name of a method, at least one zero included.
const METHOD_LEN: usize = 16;
const BAD_VALUE: ErrorCode = ErrorCode::OFPBPC_BAD_VALUE;

/// Reads properties of a group until the reader is empty.
pub(crate) fn take_properties(
    reader: &mut Reader<'_>,
    kind: GroupKind,
    command: Command,
) -> Result<Option<Selection>, DecodeError> {
    let mut selection = None;
    while !reader.is_empty() {
        let place = reader.clone();
        let (number, mut property) = reader.property()?;
        if number != EXPERIMENTER {
            return Err(place.refuse(ErrorCode::OFPBPC_BAD_TYPE));
        }
        match (property.u32()?, property.u32()?) {
            (NETRONOME | NETRONOME_MISTAKEN, SELECTION_METHOD) => {}
            (0, _) => return Err(place.refuse(ErrorCode::OFPBPC_BAD_EXPERIMENTER)),
            _ => return Err(place.refuse(ErrorCode::OFPBPC_BAD_EXP_TYPE)),
        }
        let may_have = matches!(command, Command::Add | Command::Modify | Command::AddOrModify);
        if kind != GroupKind::Select || !may_have {
            return Err(place.refuse(BAD_VALUE));
        }
        selection = Some(take(&mut property)?);
    }
    Ok(selection)
}

/// Reads what follows the header of the experimenter's property.
fn take(reader: &mut Reader<'_>) -> Result<Selection, DecodeError> {
    reader.skip(4)?;
    let place = reader.clone();
    let name = reader.slice(METHOD_LEN)?;
    let end = name.iter().position(|byte| *byte == 0);
    let method = match end.and_then(|end| name.get(..end)) {
        Some(b"hash") => "hash",
        Some(b"dp_hash") => "dp_hash",
        _ => return Err(place.refuse(BAD_VALUE)),
    };
    let parameter = reader.u64()?;
    if method == "dp_hash" && !reader.is_empty() {
        return Err(reader.refuse(BAD_VALUE));
    }
    let mut fields: Vec<(Field, u128)> = Vec::new();
    while !reader.is_empty() {
        let place = reader.clone();
        let (field, bits) = take_field(reader)?;
        // In the order in which Open vSwitch writes them.
        match fields.binary_search_by_key(&field, |(other, _)| *other) {
            Ok(_) => return Err(place.refuse(ErrorCode::OFPBMC_DUP_FIELD)),
            Err(at) => fields.insert(at, (field, bits)),
        }
    }
    Ok(Selection { method: String::from(method), parameter, fields })
}

/// Reads a field, in whose place for a value there stand the bits of it that count.
fn take_field(reader: &mut Reader<'_>) -> Result<(Field, u128), DecodeError> {
    let place = reader.clone();
    let header = oxm::take_header(reader)?;
    let field = header.field().ok_or_else(|| place.refuse(ErrorCode::OFPBMC_BAD_FIELD))?;
    if header.has_mask {
        return Err(place.refuse(ErrorCode::OFPBMC_BAD_MASK));
    }
    if !header.fits(field) || field.is_tunnel_option() {
        return Err(place.refuse(ErrorCode::OFPBMC_BAD_FIELD));
    }
    let bytes = reader.slice(field.n_bytes().into())?;
    // All bits are all of the bytes, whatever of them the field has.
    let all = bytes.iter().all(|byte| *byte == 0xff);
    let none = bytes.iter().all(|byte| *byte == 0);
    if field.masking() == Masking::Exact && !all && !none {
        return Err(place.refuse(ErrorCode::OFPBMC_BAD_MASK));
    }
    let bits = bytes.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    Ok((field, bits & field.ones()))
}

/// Writes the property, if there is something to say.
pub(crate) fn put_selection(
    writer: &mut Writer<'_>,
    selection: Option<&Selection>,
    version: Version,
) -> Result<(), EncodeError> {
    let Some(selection) = selection.filter(|selection| !selection.method.is_empty()) else {
        return Ok(());
    };
    let len = selection.method.len();
    if len >= METHOD_LEN {
        let (what, value, max) = ("length of a method", len as u64, METHOD_LEN as u64 - 1);
        return Err(EncodeError::TooLarge { what, value, max });
    }
    let begin = writer.len();
    writer.u16(EXPERIMENTER);
    let length = writer.open(begin);
    writer.u32(NETRONOME);
    writer.u32(SELECTION_METHOD);
    writer.zeros(4);
    writer.string(&selection.method, METHOD_LEN);
    writer.u64(selection.parameter);
    for (field, bits) in &selection.fields {
        oxm::put_header(writer, *field, false, version)?;
        let bits = if *bits == field.ones() { u128::MAX } else { *bits };
        oxm::put_number(writer, bits, field.n_bytes());
    }
    writer.close(length, "ntr_group_prop_selection_method")?;
    writer.align(begin);
    Ok(())
}
