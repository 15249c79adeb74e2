//! Ports and tables, by number or name.

use super::error::{Complaint, ParseError};
use super::number;
use super::piece::Piece;
use super::syntax::{ShowPort, ShowTable, Syntax};
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Write as _};
use ovs_core::group::GroupId;
use ovs_core::{PortNo, TableId};

/// The first number that OpenFlow 1.0 reserves, with 16 bits and as the later versions have it.
const FIRST_RESERVED_16: u32 = 0xff00;
const FIRST_RESERVED: u32 = 0xffff_ff00;

/// Reserved ports; `NONE` is only read.
const RESERVED: [(&str, PortNo); 10] = [
    ("IN_PORT", PortNo::IN_PORT),
    ("TABLE", PortNo::TABLE),
    ("NORMAL", PortNo::NORMAL),
    ("FLOOD", PortNo::FLOOD),
    ("ALL", PortNo::ALL),
    ("CONTROLLER", PortNo::CONTROLLER),
    ("LOCAL", PortNo::LOCAL),
    ("ANY", PortNo::ANY),
    ("UNSET", PortNo(0xffff_fff7)),
    ("NONE", PortNo::ANY),
];

impl Syntax<'_> {
    /// Reads a port: a number, a reserved name in any case, or a name that is known.
    pub(super) fn read_port(self, text: Piece<'_>) -> Result<PortNo, ParseError> {
        let number = text.text.strip_prefix('+').unwrap_or(text.text);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            let complaint = || text.expected("a port: a number or a name");
            return match number::decimal(text, u32::MAX) {
                Ok(number @ 0..FIRST_RESERVED_16) => Ok(PortNo(number)),
                // As OpenFlow 1.0 numbers them.
                Ok(number @ FIRST_RESERVED_16..=0xffff) => Ok(PortNo(0xffff_0000 | number)),
                Ok(number @ FIRST_RESERVED..) => Ok(PortNo(number)),
                Ok(_) => Err(text.refused("is no port number: ports go up to 65279")),
                Err(_) => self.named_port(text).ok_or_else(complaint),
            };
        }
        let reserved = RESERVED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.text));
        let port = reserved.map(|(_, port)| *port).or_else(|| self.named_port(text));
        port.ok_or_else(|| text.expected("a port: a number or a name"))
    }

    fn named_port(self, text: Piece<'_>) -> Option<PortNo> {
        self.names.port(&unquoted(text.text)?)
    }

    /// Reads a table: a number or a name that is known.
    pub(super) fn read_table(self, text: Piece<'_>) -> Result<TableId, ParseError> {
        if text.text.starts_with(|c: char| c.is_ascii_digit()) {
            let number = number::decimal(text, u8::MAX.into())?;
            return Ok(TableId(number as u8));
        }
        let table = unquoted(text.text).and_then(|name| self.names.table(&name));
        table.ok_or_else(|| text.expected("a table: a number or a name"))
    }
}

/// Reads a group: a number, `ANY` or `ALL`.
pub(super) fn read_group(text: Piece<'_>) -> Result<GroupId, ParseError> {
    if text.text.eq_ignore_ascii_case("any") {
        Ok(GroupId::ANY)
    } else if text.text.eq_ignore_ascii_case("all") {
        Ok(GroupId::ALL)
    } else {
        match number::decimal(text, u32::MAX) {
            Err(ParseError { complaint: Complaint::Expected(_), .. }) => {
                Err(text.expected("a group: a number, `ANY` or `ALL`"))
            }
            other => other.map(GroupId),
        }
    }
}

/// The name in quotation marks, or as it is.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = text.strip_prefix('"') else {
        return Some(Cow::Borrowed(text));
    };
    let mut name = String::new();
    let mut characters = quoted.strip_suffix('"')?.chars();
    while let Some(character) = characters.next() {
        name.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let code: String = characters.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
                }
                other @ ('"' | '\\' | '/') => other,
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(name))
}

/// Writes a name, as a JSON string if it is not made of letters and digits.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain {
        return f.write_str(name);
    }
    f.write_char('"')?;
    for character in name.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\0'..' ' => write!(f, "\\u{:04x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

/// The name of a reserved port.
pub(super) fn reserved_name(port: PortNo) -> Option<&'static str> {
    RESERVED.iter().find(|(_, known)| *known == port).map(|(name, _)| *name)
}

impl fmt::Display for ShowPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = reserved_name(self.port) {
            f.write_str(name)
        } else if let Some(name) = self.syntax.names.port_name(self.port) {
            write_name(f, name)
        } else if self.port.0 >= FIRST_RESERVED {
            write!(f, "{}", self.port.0 & 0xffff)
        } else {
            write!(f, "{}", self.port.0)
        }
    }
}

impl fmt::Display for ShowTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.syntax.names.table_name(self.table) {
            Some(name) => write_name(f, name),
            None => write!(f, "{}", self.table.0),
        }
    }
}
