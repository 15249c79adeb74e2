//! Numbers, as C reads them: `0x` is hexadecimal, a leading `0` octal, `-1` all ones.

use super::error::{Complaint, ParseError};
use super::piece::Piece;
use alloc::vec::Vec;
use core::fmt;

/// An integer, and what stands behind it.
struct Integer<'a> {
    /// `None`: more than 128 bits.
    magnitude: Option<u128>,
    negative: bool,
    rest: &'a str,
}

/// Reads the number that a text begins with, in `radix` or, if that is 0, in the one that it
/// tells. `None` if there is none.
fn scan(text: &str, radix: u32) -> Option<Integer<'_>> {
    let text = text.trim_start();
    let negative = text.starts_with('-');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let hexadecimal = hexadecimal.filter(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit()));
    let (digits, radix) = match (radix, hexadecimal) {
        (0 | 16, Some(rest)) => (rest, 16),
        (0, None) if text.starts_with('0') => (text, 8),
        (0, None) => (text, 10),
        (radix, _) => (text, radix),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let mut values = digits.chars().filter_map(|digit| digit.to_digit(radix));
    let magnitude = values.try_fold(0u128, |number, digit| {
        number.checked_mul(radix.into())?.checked_add(digit.into())
    });
    (!digits.is_empty()).then_some(Integer { magnitude, negative, rest })
}

/// Reads a number that is at most `max`.
fn unsigned(text: Piece<'_>, radix: u32, max: u64) -> Result<u64, ParseError> {
    let Some(Integer { magnitude, negative, rest }) = scan(text.text, radix) else {
        return Err(text.expected("a number"));
    };
    if !rest.is_empty() {
        return Err(text.expected("a number"));
    }
    let number = magnitude.and_then(|magnitude| u64::try_from(magnitude).ok());
    match number.filter(|number| *number <= max) {
        Some(number) if !negative || number == 0 => Ok(number),
        // Only of the wide ones, where it is a usual way to write all ones.
        Some(number) if max >= u64::from(u32::MAX) => Ok(number.wrapping_neg() & max),
        Some(_) => Err(text.expected("a positive number")),
        None => Err(text.error(Complaint::TooLarge { max: max.into() })),
    }
}

/// Reads 8 bits.
pub(super) fn byte(text: Piece<'_>) -> Result<u8, ParseError> {
    unsigned(text, 0, u8::MAX.into()).map(|number| number as u8)
}

/// Reads 16 bits.
pub(super) fn short(text: Piece<'_>) -> Result<u16, ParseError> {
    unsigned(text, 0, u16::MAX.into()).map(|number| number as u16)
}

/// Reads 32 bits.
pub(super) fn word(text: Piece<'_>) -> Result<u32, ParseError> {
    unsigned(text, 0, u32::MAX.into()).map(|number| number as u32)
}

/// Reads 64 bits.
pub(super) fn long(text: Piece<'_>) -> Result<u64, ParseError> {
    unsigned(text, 0, u64::MAX)
}

/// Reads a decimal number of at most `max`.
pub(super) fn decimal(text: Piece<'_>, max: u32) -> Result<u32, ParseError> {
    unsigned(text, 10, max.into()).map(|number| number as u32)
}

/// Reads the number that a text begins with, of up to 128 bits, and gives what stands behind it.
pub(super) fn prefix(text: Piece<'_>) -> Result<(u128, Piece<'_>), ParseError> {
    let Some(Integer { magnitude, negative, rest }) = scan(text.text, 0) else {
        return Err(text.expected("a number"));
    };
    let read = text.text.len() - rest.len();
    let too_large = || text.cut(0..read).error(Complaint::TooLarge { max: u128::MAX });
    let magnitude = magnitude.ok_or_else(too_large)?;
    if !negative {
        return Ok((magnitude, text.from(read)));
    }
    let magnitude = u64::try_from(magnitude).map_err(|_| too_large())?;
    Ok((magnitude.wrapping_neg().into(), text.from(read)))
}

/// Reads pairs of hexadecimal digits with dots or spaces between, until something else comes.
/// Gives each to `put`, and returns what stands behind.
pub(super) fn hex_bytes<'a>(mut text: Piece<'a>, mut put: impl FnMut(u8)) -> Piece<'a> {
    loop {
        let rest = text.text.trim_start_matches([' ', '.', '\t', '\r', '\n']);
        text = text.from(text.text.len() - rest.len());
        let byte = text.text.get(..2).filter(|pair| !pair.starts_with(['+', '-']));
        match byte.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => put(byte),
            None => return text,
        }
        text = text.from(2);
    }
}

/// Reads pairs of hexadecimal digits.
pub(super) fn read_bytes(text: Piece<'_>) -> Result<Vec<u8>, ParseError> {
    let mut bytes = Vec::new();
    let rest = hex_bytes(text, |byte| bytes.push(byte));
    if rest.is_empty() { Ok(bytes) } else { Err(rest.expected("pairs of hexadecimal digits")) }
}

/// Writes bytes as pairs of hexadecimal digits with dots between.
pub(super) fn show_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut separator = "";
    for byte in bytes {
        write!(f, "{separator}{byte:02x}")?;
        separator = ".";
    }
    Ok(())
}
