//! Tunnel metadata, whose values have up to 124 bytes.

use super::name;
use crate::text::error::ParseError;
use crate::text::number;
use crate::text::piece::Piece;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::field::Field;
use ovs_core::matching::TunnelOption;

/// Reads a value, with a mask if one is there, of as many bytes as the larger of the two needs.
/// No value: one that is not asked for, but the option must be there.
pub(in crate::text) fn read_option(
    field: Field,
    text: Piece<'_>,
) -> Result<TunnelOption, ParseError> {
    let (value, mask) = match text.split_once("/") {
        Some((value, mask)) => (read_number(value)?, Some(read_number(mask)?)),
        None if matches!(text.text, "" | "*" | "ANY") => (Vec::new(), Some(Vec::new())),
        None => (read_number(text)?, None),
    };
    let length = value.len().max(mask.as_ref().map_or(0, Vec::len)).max(1);
    let value = padded(value, length);
    let option = match mask {
        Some(mask) => TunnelOption::masked(field, &value, &padded(mask, length)),
        None => TunnelOption::new(field, &value),
    };
    option.map_err(|_| text.refused("has more than 124 bytes"))
}

/// Reads a number into as few bytes as it needs.
fn read_number(text: Piece<'_>) -> Result<Vec<u8>, ParseError> {
    let hexadecimal = text.text.strip_prefix("0x").or_else(|| text.text.strip_prefix("0X"));
    let Some(digits) = hexadecimal.map(|digits| digits.trim_start_matches('0')) else {
        let number = number::long(text)?;
        let zeros = number.leading_zeros() as usize / 8;
        return Ok(number.to_be_bytes().get(zeros..).unwrap_or_default().to_vec());
    };
    let digits = digits.as_bytes();
    let mut bytes = Vec::with_capacity(digits.len().div_ceil(2).min(TunnelOption::MAX_LEN));
    for pair in digits.rchunks(2).rev() {
        let number = core::str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'));
        let byte = number.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.ok_or_else(|| text.expected("a number"))?);
    }
    Ok(bytes)
}

fn padded(bytes: Vec<u8>, length: usize) -> Vec<u8> {
    let mut padded = alloc::vec![0; length.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

/// Writes the value, and the mask if there is one.
pub(in crate::text) fn show_option(
    f: &mut fmt::Formatter<'_>,
    option: &TunnelOption,
) -> fmt::Result {
    show_bytes_number(f, option.value())?;
    match option.mask() {
        None => Ok(()),
        Some(mask) => {
            f.write_str("/")?;
            show_bytes_number(f, mask)
        }
    }
}

/// Writes `name=value/mask`, or only the name if no bit of the value counts.
pub(in crate::text) fn show_matched_option(
    f: &mut fmt::Formatter<'_>,
    option: &TunnelOption,
) -> fmt::Result {
    f.write_str(name(option.field()))?;
    if option.mask().is_some_and(|mask| mask.iter().all(|byte| *byte == 0)) {
        return Ok(());
    }
    f.write_str("=")?;
    show_option(f, option)
}

/// Writes bytes as one hexadecimal number.
pub(in crate::text) fn show_bytes_number(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut digits = bytes.iter().skip_while(|byte| **byte == 0);
    match digits.next() {
        None => f.write_str("0"),
        Some(first) => {
            write!(f, "{first:#x}")?;
            digits.try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}
