//! One entry: its header, value and mask.

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::field::{Field, FieldError, Masking, OxmClass, OxmHeader};
use ovs_core::matching::TunnelOption;

/// The header of an entry as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) class: OxmClass,
    pub(crate) number: u8,
    pub(crate) has_mask: bool,
    /// Bytes of value and mask, without the experimenter's id.
    pub(crate) length: u8,
}

impl EntryHeader {
    /// The field, if it is known.
    pub(crate) fn field(self) -> Option<Field> {
        Field::from_oxm(self.class, self.number)
    }

    /// Bytes of the value alone; `None` if value and mask are not equally long.
    pub(crate) fn value_length(self) -> Option<u8> {
        match self.has_mask {
            false => Some(self.length),
            true if self.length % 2 == 0 => Some(self.length / 2),
            true => None,
        }
    }

    /// Is this entry of the same field?
    pub(super) fn is_of(self, entry: &[u8]) -> bool {
        let Some(([high, low, number, _], rest)) = entry.split_first_chunk() else { return false };
        self.class.class() == u16::from_be_bytes([*high, *low])
            && self.number == number >> 1
            && self.class.experimenter().is_none_or(|id| rest.starts_with(&id.to_be_bytes()))
    }

    /// Is this how long a value of the field is?
    pub(crate) fn fits(self, field: Field) -> bool {
        self.value_length().is_some_and(|length| {
            if field.is_tunnel_option() {
                (1..=field.n_bytes()).contains(&length)
            } else {
                length == field.n_bytes()
            }
        })
    }
}

/// Reads the header of an entry: 4 bytes, 8 with an experimenter.
pub(crate) fn take_header(reader: &mut Reader<'_>) -> Result<EntryHeader, DecodeError> {
    let at = reader.clone();
    let class = reader.u16()?;
    let [number, length] = reader.array()?;
    let (number, has_mask) = (number >> 1, number & 1 != 0);
    if class != OxmClass::EXPERIMENTER {
        return Ok(EntryHeader { class: OxmClass::new(class), number, has_mask, length });
    }
    let class = OxmClass::of_experimenter(reader.u32()?);
    let length = length.checked_sub(4).ok_or_else(|| at.refuse(ErrorCode::OFPBMC_BAD_LEN))?;
    Ok(EntryHeader { class, number, has_mask, length })
}

/// The code point of a field in a version.
fn code_point(field: Field, version: Version) -> Result<&'static OxmHeader, EncodeError> {
    let what = field.name();
    field.header(version.0).ok_or(EncodeError::NotInVersion { what, version })
}

fn put_code_point(writer: &mut Writer<'_>, header: &OxmHeader, has_mask: bool, length: usize) {
    let experimenter = header.class.experimenter();
    let length = length + if experimenter.is_some() { 4 } else { 0 };
    writer.u16(header.class.class());
    writer.u8(header.number << 1 | u8::from(has_mask));
    writer.u8(length as u8); // at most 2 * 124 + 4
    if let Some(experimenter) = experimenter {
        writer.u32(experimenter);
    }
}

/// Writes the header of a field's entry, for a value of its full width.
pub(crate) fn put_header(
    writer: &mut Writer<'_>,
    field: Field,
    has_mask: bool,
    version: Version,
) -> Result<(), EncodeError> {
    let length = usize::from(field.n_bytes()) * if has_mask { 2 } else { 1 };
    put_code_point(writer, code_point(field, version)?, has_mask, length);
    Ok(())
}

/// Writes the header in 4 bytes, for the older actions of Nicira.
///
/// # Errors
/// If the field is one of an experimenter, whose header has 8.
pub(crate) fn put_header32(
    writer: &mut Writer<'_>,
    field: Field,
    version: Version,
) -> Result<(), EncodeError> {
    if code_point(field, version)?.class.experimenter().is_some() {
        return Err(EncodeError::NotInVersion { what: field.name(), version });
    }
    put_header(writer, field, false, version)
}

/// Writes an entry of value and, if it is not exact, mask.
pub(crate) fn put_entry(
    writer: &mut Writer<'_>,
    field: Field,
    value: u128,
    mask: u128,
    version: Version,
) -> Result<(), EncodeError> {
    let mask = (mask != field.ones()).then_some(mask);
    put_masked(writer, field, value, mask, version)
}

/// Writes an entry of value and perhaps mask.
pub(super) fn put_masked(
    writer: &mut Writer<'_>,
    field: Field,
    value: u128,
    mask: Option<u128>,
    version: Version,
) -> Result<(), EncodeError> {
    put_header(writer, field, mask.is_some(), version)?;
    put_number(writer, value, field.n_bytes());
    if let Some(mask) = mask {
        put_number(writer, mask, field.n_bytes());
    }
    Ok(())
}

/// Writes the lower `length` bytes of a number.
pub(crate) fn put_number(writer: &mut Writer<'_>, number: u128, length: u8) {
    let bytes = number.to_be_bytes();
    let begin = bytes.len().saturating_sub(length.into());
    writer.slice(bytes.get(begin..).unwrap_or_default());
}

/// A number of at most 16 bytes.
fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Reads the value and the mask behind a header: both of the field's width, the mask
/// [`Field::ones`] if there is none.
pub(crate) fn take_value(
    reader: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<(u128, u128), DecodeError> {
    let at = reader.clone();
    let (value, mask) = take_numbers(reader, header, field)?;
    check_value(&at, field, value)?;
    Ok((value, mask & field.ones()))
}

/// Reads the same for a match, where not every field may have a mask.
pub(super) fn take_matched(
    reader: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<(u128, u128), DecodeError> {
    let at = reader.clone();
    let (value, mask) = take_numbers(reader, header, field)?;
    let whole = mask == 0 || mask == all_ones(field);
    if !whole && field.masking() == Masking::Exact {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_MASK));
    }
    check_value(&at, field, value)?;
    let is_good = match field {
        // 6 bits (RFC 8300 §2.2).
        Field::NshTtl => value <= 63,
        Field::NshMdtype => mask == 0 || value == 1 || value == 2,
        _ => true,
    };
    if !is_good {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_VALUE));
    }
    Ok((value, mask & counted(field)))
}

/// The bits of a field that a match can ask for. Of the state of a connection they are fewer than
/// the field has.
pub(super) fn counted(field: Field) -> u128 {
    if field == Field::CtState { CT_STATES } else { field.ones() }
}

/// The bits of `ct_state` that have a meaning (ovs-fields(7)).
const CT_STATES: u128 = 0xff;

/// All ones in the bytes of a field.
fn all_ones(field: Field) -> u128 {
    let unused = 128u32.saturating_sub(u32::from(field.n_bytes()) * 8);
    u128::MAX.checked_shr(unused).unwrap_or(0)
}

fn take_numbers(
    reader: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<(u128, u128), DecodeError> {
    let at = reader.clone();
    if !header.fits(field) || field.is_tunnel_option() {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_LEN));
    }
    let value = number(reader.slice(field.n_bytes().into())?);
    if !header.has_mask {
        return Ok((value, all_ones(field)));
    }
    let mask = number(reader.slice(field.n_bytes().into())?);
    if value & !mask != 0 {
        Err(at.refuse(ErrorCode::OFPBMC_BAD_WILDCARDS))
    } else {
        Ok((value, mask))
    }
}

/// Bits that the field does not have may be asked to be zero, as they always are.
fn check_value(at: &Reader<'_>, field: Field, value: u128) -> Result<(), DecodeError> {
    let is_good = match field {
        Field::InPort | Field::InPhyPort | Field::ActsetOutput => {
            !(0xff00..=0xffff_feff).contains(&value)
        }
        Field::CtState => value <= CT_STATES,
        _ => value & !field.ones() == 0,
    };
    if is_good { Ok(()) } else { Err(at.refuse(ErrorCode::OFPBMC_BAD_VALUE)) }
}

/// Reads the value and the mask of tunnel metadata behind a header.
pub(crate) fn take_tunnel_option(
    reader: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<TunnelOption, DecodeError> {
    let at = reader.clone();
    let bad_length = || at.refuse(ErrorCode::OFPBMC_BAD_LEN);
    let length = header.value_length().ok_or_else(bad_length)?;
    let value = reader.slice(length.into())?;
    let made: Result<_, FieldError> = if header.has_mask {
        let mask = reader.slice(length.into())?;
        if stray(value, mask) {
            return Err(at.refuse(ErrorCode::OFPBMC_BAD_WILDCARDS));
        }
        TunnelOption::masked(field, value, mask)
    } else {
        TunnelOption::new(field, value)
    };
    made.map_err(|_| bad_length())
}

/// Reads the value and the mask of a field that nobody knows; gives the whole entry, which begins at
/// `at`.
pub(super) fn take_opaque<'a>(
    reader: &mut Reader<'a>,
    at: &Reader<'a>,
    header: EntryHeader,
) -> Result<&'a [u8], DecodeError> {
    let length = header.value_length().ok_or_else(|| at.refuse(ErrorCode::OFPBMC_BAD_LEN))?;
    let value = reader.slice(length.into())?;
    if header.has_mask && stray(value, reader.slice(length.into())?) {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_WILDCARDS));
    }
    Ok(at.peek().get(..reader.offset() - at.offset()).unwrap_or_default())
}

/// Has the value bits that the mask has not?
fn stray(value: &[u8], mask: &[u8]) -> bool {
    value.iter().zip(mask).any(|(value, mask)| value & !mask != 0)
}

/// Writes an entry of tunnel metadata.
pub(crate) fn put_tunnel_option(
    writer: &mut Writer<'_>,
    option: &TunnelOption,
    version: Version,
) -> Result<(), EncodeError> {
    let mask = option.mask();
    let length = option.value().len() * if mask.is_some() { 2 } else { 1 };
    put_code_point(writer, code_point(option.field(), version)?, mask.is_some(), length);
    writer.slice(option.value());
    writer.slice(mask.unwrap_or_default());
    Ok(())
}
