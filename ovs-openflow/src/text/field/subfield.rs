//! Parts of fields: `NXM_NX_REG0[0..15]`.

use super::{name, unknown};
use crate::text::error::ParseError;
use crate::text::number;
use crate::text::piece::Piece;
use core::fmt;
use ovs_core::action::Subfield;
use ovs_core::field::Field;

/// Bits that a part of a field can have: of the VLAN id not the one that says that there is a tag.
pub(in crate::text) fn width(field: Field) -> u16 {
    if field == Field::VlanVid { 12 } else { field.n_bits() }
}

/// Reads a part of a field that the text begins with, and gives what stands behind it.
pub(in crate::text) fn read_prefix(text: Piece<'_>) -> Result<(Subfield, Piece<'_>), ParseError> {
    let end = text.text.find(['[', '-']).unwrap_or(text.text.len());
    let (field_name, rest) = (text.cut(0..end), text.from(end));
    let field = from_any_name(field_name.text).ok_or_else(|| unknown(field_name))?;
    let (bits, rest) = if rest.text.starts_with('[') {
        let end = rest.text.find(']').ok_or_else(|| rest.missing("`]`"))?;
        (rest.cut(1..end), rest.from(end + 1))
    } else {
        (rest.cut(0..0), rest)
    };
    let (start, end) = if bits.is_empty() {
        (0, width(field) - 1)
    } else if let Some((start, end)) = bits.split_once("..") {
        (bit(start)?, bit(end)?)
    } else {
        (bit(bits)?, bit(bits)?)
    };
    if start > end {
        return Err(bits.refused("ends before it begins"));
    }
    let subfield = Subfield::new(field, start, end - start + 1).ok();
    match subfield.filter(|_| end < width(field)) {
        Some(subfield) => Ok((subfield, rest)),
        None => Err(bits.refused("is beyond the bits of the field")),
    }
}

/// Reads a part of a field.
pub(in crate::text) fn read_subfield(text: Piece<'_>) -> Result<Subfield, ParseError> {
    let (subfield, rest) = read_prefix(text)?;
    if rest.is_empty() { Ok(subfield) } else { Err(rest.expected("the end of a field")) }
}

fn bit(text: Piece<'_>) -> Result<u16, ParseError> {
    let number = number::decimal(text, u32::from(u16::MAX - 1));
    number.map(|bit| bit as u16).map_err(|_| text.expected("a bit or a range of bits"))
}

/// The field of a name or of a code point's name, which may end in `_W`.
fn from_any_name(name: &str) -> Option<Field> {
    let code_point = name.strip_suffix("_W").unwrap_or(name);
    let has_code_point =
        |field: &Field| field.headers().iter().any(|header| header.name == code_point);
    Field::all().find(has_code_point).or_else(|| super::from_name(name))
}

/// Writes a part of a field, by the oldest code point of the field.
pub(in crate::text) struct ShowSubfield(pub(in crate::text) Subfield);

impl fmt::Display for ShowSubfield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, start, n_bits) = (self.0.field(), self.0.start(), self.0.n_bits());
        f.write_str(field.header(0).map_or(name(field), |header| header.name))?;
        match n_bits {
            _ if start == 0 && n_bits == width(field) => f.write_str("[]"),
            1 => write!(f, "[{start}]"),
            _ => write!(f, "[{start}..{}]", start + n_bits - 1),
        }
    }
}
