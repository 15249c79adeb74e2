//! Values of fields as they are read.

use super::show::{CT_STATES, TCP_FLAGS, TUN_FLAGS};
use crate::text::error::{Complaint, ParseError};
use crate::text::matching::PARTLY;
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use core::net::{Ipv4Addr, Ipv6Addr};
use ovs_core::field::{Field, Format, Masking};

/// A value and its mask.
type Masked = Result<(u128, u128), ParseError>;

/// Reads the value of a field, with a mask if one is there. A mask of zero: any value.
pub(in crate::text) fn read_masked(syntax: Syntax<'_>, field: Field, text: Piece<'_>) -> Masked {
    let ones = field.ones();
    let is_port = matches!(field.format(), Format::Port | Format::Port16);
    if text.text == "*" || (text.text == "ANY" && !is_port) {
        return Ok((0, 0));
    }
    let (value, mask) = match field.format() {
        Format::Mac => read_mac(text)?,
        Format::Ipv4 => read_ipv4(text)?,
        Format::Ipv6 => read_ipv6(text)?,
        Format::Port => (syntax.read_port(text)?.0.into(), ones),
        Format::Port16 => (u128::from(syntax.read_port(text)?.0) & ones, ones),
        Format::PacketType => (read_packet_type(text)?, ones),
        Format::Frag => read_frag(text)?,
        Format::TcpFlags => read_flags(text, TCP_FLAGS, 0xfff)?,
        Format::CtState => read_flags(text, CT_STATES, 0xff)?,
        Format::TunFlags => read_flags(text, TUN_FLAGS, 1)?,
        _ => read_integer(field, text)?,
    };
    let mask = mask & ones;
    if mask != 0 && mask != ones && field.masking() == Masking::Exact {
        let mask = text.split_once("/").map_or(text, |(_, mask)| mask);
        return Err(mask.refused(PARTLY));
    }
    Ok((value & mask, mask))
}

/// Reads the value of a whole field.
pub(in crate::text) fn read_exact(
    syntax: Syntax<'_>,
    field: Field,
    text: Piece<'_>,
) -> Result<u128, ParseError> {
    let (value, mask) = read_masked(syntax, field, text)?;
    if mask == field.ones() { Ok(value) } else { Err(text.refused("cannot have a mask here")) }
}

/// Reads an integer of so many bits.
pub(in crate::text) fn read_part(text: Piece<'_>, n_bits: u16) -> Result<u128, ParseError> {
    let (value, rest) = number::prefix(text)?;
    if !rest.is_empty() {
        return Err(text.expected("a number"));
    }
    let ones = ones(n_bits);
    if value > ones { Err(too_large(text, ones)) } else { Ok(value) }
}

fn ones(n_bits: u16) -> u128 {
    1u128.checked_shl(n_bits.into()).unwrap_or(0).wrapping_sub(1)
}

fn too_large(text: Piece<'_>, max: u128) -> ParseError {
    text.error(Complaint::TooLarge { max })
}

fn read_integer(field: Field, text: Piece<'_>) -> Masked {
    if text.is_empty() {
        return Ok((0, 0));
    }
    let room = ones(u16::from(field.n_bytes()) * 8);
    let (value, rest) = number::prefix(text)?;
    let (mask, rest) = match rest.text.strip_prefix('/') {
        Some(_) => number::prefix(rest.from(1))?,
        None => (room, rest),
    };
    if !rest.is_empty() {
        return Err(text.expected("a number, or a number and a mask"));
    }
    // The lower two bits are another field's, and what `ovs-ofctl` reads them for is nothing.
    let (value, mask) = match field {
        Field::NwTos if value <= room => (value & field.ones(), mask & field.ones()),
        _ => (value, mask),
    };
    if mask > room {
        return Err(too_large(text.split_once("/").map_or(text, |(_, mask)| mask), room));
    }
    if value > room || value & mask > field.ones() {
        return Err(too_large(
            text.cut(0..text.text.find('/').unwrap_or(text.text.len())),
            field.ones(),
        ));
    }
    Ok((value, mask))
}

/// Reads six numbers of one or two hexadecimal digits.
pub(in crate::text) fn read_mac_address(text: Piece<'_>) -> Result<u128, ParseError> {
    let mut parts = text.text.split(':');
    let mut address = 0;
    for _ in 0..6 {
        let part = parts.next().filter(|part| matches!(part.len(), 1 | 2));
        let part = part.filter(|part| part.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = part.and_then(|part| u8::from_str_radix(part, 16).ok());
        let byte = byte.ok_or_else(|| text.expected("a MAC address"))?;
        address = address << 8 | u128::from(byte);
    }
    if parts.next().is_none() { Ok(address) } else { Err(text.expected("a MAC address")) }
}

fn read_mac(text: Piece<'_>) -> Masked {
    match text.split_once("/") {
        Some((value, mask)) => Ok((read_mac_address(value)?, read_mac_address(mask)?)),
        None => Ok((read_mac_address(text)?, ones(48))),
    }
}

/// Reads four decimal numbers; leading zeros do no harm.
pub(in crate::text) fn read_ipv4_address(text: Piece<'_>) -> Result<Ipv4Addr, ParseError> {
    let mut parts = text.text.split('.');
    let mut octets = [0; 4];
    for octet in &mut octets {
        let part = parts.next().filter(|part| part.bytes().all(|digit| digit.is_ascii_digit()));
        let number = part.and_then(|part| part.parse().ok());
        *octet = number.ok_or_else(|| text.expected("an IPv4 address"))?;
    }
    if parts.next().is_none() { Ok(octets.into()) } else { Err(text.expected("an IPv4 address")) }
}

/// Reads an IPv6 address.
pub(in crate::text) fn read_ipv6_address(text: Piece<'_>) -> Result<Ipv6Addr, ParseError> {
    text.text.parse().map_err(|_| text.expected("an IPv6 address"))
}

fn read_ipv4(text: Piece<'_>) -> Masked {
    let Some((address, mask)) = text.split_once("/") else {
        return Ok((read_ipv4_address(text)?.to_bits().into(), ones(32)));
    };
    let address = read_ipv4_address(address)?.to_bits();
    let mask = match mask.text.contains('.') {
        true => read_ipv4_address(mask)?.to_bits(),
        false => prefix_mask(mask, 32)? as u32,
    };
    Ok((address.into(), mask.into()))
}

fn read_ipv6(text: Piece<'_>) -> Masked {
    let Some((address, mask)) = text.split_once("/") else {
        return Ok((read_ipv6_address(text)?.to_bits(), u128::MAX));
    };
    let address = read_ipv6_address(address)?.to_bits();
    let mask = match mask.text.contains(':') {
        true => read_ipv6_address(mask)?.to_bits(),
        false => prefix_mask(mask, 128)?,
    };
    Ok((address, mask))
}

/// The mask of a prefix of an address with `n_bits`.
fn prefix_mask(length: Piece<'_>, n_bits: u32) -> Result<u128, ParseError> {
    let zeros = n_bits - number::decimal(length, n_bits)?;
    Ok(u128::MAX.checked_shl(zeros).unwrap_or(0))
}

fn read_packet_type(text: Piece<'_>) -> Result<u128, ParseError> {
    let parts = text.text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let expected = || text.expected("a packet type, as `(1,0x894f)`");
    let parts = parts.map(|parts| text.cut(1..1 + parts.len())).ok_or_else(expected)?;
    let (namespace, number) = parts.split_once(",").ok_or_else(expected)?;
    Ok(u128::from(number::short(namespace)?) << 16 | u128::from(number::short(number)?))
}

fn read_frag(text: Piece<'_>) -> Masked {
    Ok(match text.text.to_ascii_lowercase().as_str() {
        "no" => (0, 3),
        "first" => (1, 3),
        "later" => (3, 3),
        "yes" => (1, 1),
        "not_later" => (0, 2),
        _ => return Err(text.expected("`no`, `yes`, `first`, `later` or `not_later`")),
    })
}

/// Reads `flags/mask`, `+flag-flag` or `flag|flag`.
fn read_flags(text: Piece<'_>, names: &[&str], allowed: u128) -> Masked {
    let (flags, mask) = if text.is_empty() {
        (0, 0)
    } else if let Some((flags, mask)) = text.split_once("/") {
        (read_part(flags, 32)?, read_part(mask, 32)?)
    } else if text.text.starts_with(['+', '-']) {
        read_signed_flags(text, names)?
    } else {
        let mut flags = 0;
        let mut rest = text;
        while let Some(flag) = rest.token("|") {
            flags |= match flag.text.starts_with(|c: char| c.is_ascii_digit()) {
                true => read_part(flag, 32)?,
                false => read_flag(flag, names)?,
            };
        }
        (flags, u128::MAX)
    };
    let mask_fits = mask == u128::MAX || mask & !allowed == 0;
    if flags & !allowed == 0 && mask_fits {
        Ok((flags, mask))
    } else {
        Err(too_large(text, allowed))
    }
}

fn read_signed_flags(mut text: Piece<'_>, names: &[&str]) -> Masked {
    let (mut flags, mut mask) = (0, 0);
    while let Some(sign) = text.text.chars().next() {
        text = text.from(1);
        let end = text.text.find(['+', '-']).unwrap_or(text.text.len());
        let name = text.cut(0..end);
        let flag = read_flag(name, names)?;
        if mask & flag != 0 {
            return Err(name.refused("is said twice"));
        }
        mask |= flag;
        flags |= if sign == '+' { flag } else { 0 };
        text = text.from(end);
    }
    Ok((flags, mask))
}

fn read_flag(name: Piece<'_>, names: &[&str]) -> Result<u128, ParseError> {
    let bit = names.iter().position(|known| *known == name.text);
    bit.map(|bit| 1 << bit).ok_or_else(|| name.expected("a flag of this field"))
}
