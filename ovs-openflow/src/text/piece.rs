//! A part of a text that knows where it stands, and the ways in which Open vSwitch takes text
//! apart.

use super::error::{Complaint, ParseError};
use core::ops::Range;

/// White space, which stands between parts just as a comma does.
const SPACE: &str = " \t\r\n";

/// A part of the text that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// Where it begins in the whole text, in bytes.
    pub(super) offset: usize,
}

impl<'a> Piece<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// Some bytes of it; nothing if they cannot be cut out so.
    pub(super) fn cut(self, range: Range<usize>) -> Self {
        let start = range.start.min(self.text.len());
        let text = self.text.get(start..range.end).unwrap_or_default();
        Self { text, offset: self.offset + start }
    }

    /// What stands behind the first `n` bytes.
    pub(super) fn from(self, n: usize) -> Self {
        self.cut(n..self.text.len())
    }

    /// What stands before and behind the first `separator`.
    pub(super) fn split_once(self, separator: &str) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        Some((self.cut(0..at), self.from(at + separator.len())))
    }

    /// Without white space at both ends.
    pub(super) fn trim(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        self.cut(start..start + self.text.trim().len())
    }

    pub(super) fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn error(self, complaint: Complaint) -> ParseError {
        ParseError::new(self.offset, self.text, complaint)
    }

    /// It is not `what`, or nothing at all.
    pub(super) fn expected(self, what: &'static str) -> ParseError {
        self.error(Complaint::Expected(what))
    }

    /// It cannot be, for a reason that the sentence goes on with.
    pub(super) fn refused(self, why: &'static str) -> ParseError {
        self.error(Complaint::Refused(why))
    }

    /// Something must stand behind it.
    pub(super) fn missing(self, what: &'static str) -> ParseError {
        ParseError::new(self.offset + self.text.len(), "", Complaint::Missing(what))
    }

    /// The bytes up to the first of `delimiters`, or all.
    fn span(self, delimiters: &str) -> usize {
        self.text.find(|c| delimiters.contains(c)).unwrap_or(self.text.len())
    }

    /// Takes off a token, with the delimiters before it and the one behind it.
    pub(super) fn token(&mut self, delimiters: &str) -> Option<Self> {
        let start = self.text.find(|c| !delimiters.contains(c))?;
        let rest = self.from(start);
        let token = rest.cut(0..rest.span(delimiters));
        *self = rest.from(token.text.len() + 1);
        Some(token)
    }

    /// Takes off what stands before the next `separator`, which goes too.
    pub(super) fn field(&mut self, separator: char) -> Self {
        let end = self.text.find(separator).unwrap_or(self.text.len());
        let field = self.cut(0..end);
        *self = self.from(end + separator.len_utf8());
        field
    }

    /// The keys and values in it.
    pub(super) fn pairs(self) -> Pairs<'a> {
        Pairs { rest: self }
    }
}

/// A key and its value: `key=value`, `key:value`, `key(value)` or `key` alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) key: Piece<'a>,
    /// Empty if there is none.
    pub(super) value: Piece<'a>,
}

/// Goes over keys and values with commas or spaces between. Within parentheses nothing ends a
/// value; one in parentheses may go on with `->` behind them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs<'a> {
    rest: Piece<'a>,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let start = self.rest.text.find(|c| c != ',' && !SPACE.contains(c))?;
        let text = self.rest.from(start);
        let key = text.cut(0..text.span(":=(, \t\r\n"));
        let mut behind = text.from(key.text.len());
        let ends: &[u8] = match behind.text.bytes().next() {
            Some(b':' | b'=') => b", \t\r\n",
            Some(b'(') => b")",
            _ => {
                self.rest = behind.from(1);
                return Some(Pair { key, value: behind.cut(0..0) });
            }
        };
        behind = behind.from(1);
        let mut length = value_length(behind, ends);
        if ends == b")" && behind.from(length).text.starts_with(")->") {
            length += value_length(behind.from(length), b", \t\r\n");
        }
        self.rest = behind.from(length + 1);
        Some(Pair { key, value: behind.cut(0..length) })
    }
}

/// Bytes up to one of `ends` that is not in parentheses.
fn value_length(text: Piece<'_>, ends: &[u8]) -> usize {
    let mut level = 0u32;
    for (at, byte) in text.text.bytes().enumerate() {
        match byte {
            b'(' => level += 1,
            b')' if level > 0 => level -= 1,
            _ if level == 0 && ends.contains(&byte) => return at,
            _ => {}
        }
    }
    text.text.len()
}
