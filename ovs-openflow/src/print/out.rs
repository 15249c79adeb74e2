//! The text that grows, and forms that are common in it.

use crate::text::Syntax;
use alloc::string::String;
use core::fmt::{self, Write};

/// The text of a message so far.
pub(super) struct Out<'a> {
    pub(super) text: String,
    /// How much is told: see [`Printer::verbosity`](super::Printer::verbosity).
    pub(super) verbosity: u8,
    /// What ports and tables are called.
    pub(super) syntax: Syntax<'a>,
}

/// Appends formatted text; appending to a string does not fail.
macro_rules! put {
    ($out:expr, $($argument:tt)*) => {
        $out.put(format_args!($($argument)*))
    };
}
pub(super) use put;

impl Out<'_> {
    pub(super) fn put(&mut self, text: fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
    }

    pub(super) fn str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Takes one `last` off the end, if it is there.
    pub(super) fn chomp(&mut self, last: char) {
        if self.text.ends_with(last) {
            self.text.pop();
        }
    }

    /// Ends the line, if it is not ended.
    pub(super) fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// A number whose largest value says that it is not known.
    pub(super) fn counter(&mut self, leader: &str, value: u64, end: &str) {
        match value {
            u64::MAX => put!(self, "{leader}?{end}"),
            _ => put!(self, "{leader}{value}{end}"),
        }
    }

    /// Names of the bits that are set, and the rest as a number.
    pub(super) fn bits(&mut self, bits: u32, names: &[(u32, &str)], separator: char) {
        if bits == 0 {
            return self.str("0");
        }
        let mut rest = bits;
        let mut first = true;
        for (bit, name) in names.iter().filter(|(bit, _)| bits & bit != 0) {
            if !first {
                self.text.push(separator);
            }
            first = false;
            self.str(name);
            rest &= !bit;
        }
        if rest != 0 {
            if !first {
                self.text.push(separator);
            }
            put!(self, "{rest:#x}");
        }
    }

    /// A duration: no decimals, three of them or as many as are needed.
    pub(super) fn duration(&mut self, sec: u32, nsec: u32) {
        put!(self, "{sec}");
        if nsec % 1_000_000 != 0 {
            put!(self, ".{nsec:09}");
            while self.text.ends_with('0') {
                self.text.pop();
            }
        } else if nsec != 0 {
            put!(self, ".{:03}", nsec / 1_000_000);
        }
        self.str("s");
    }

    /// Sixteen bytes to a line: offset, hexadecimal, and printable characters if asked for.
    pub(super) fn hex_dump(&mut self, bytes: &[u8], ascii: bool) {
        for (line, chunk) in bytes.chunks(16).enumerate() {
            put!(self, "{:08x}  ", line * 16);
            for (n, byte) in chunk.iter().enumerate() {
                put!(self, "{byte:02x}{}", if n == 7 { '-' } else { ' ' });
            }
            if ascii {
                for _ in chunk.len()..16 {
                    self.str("   ");
                }
                self.str("|");
                for byte in chunk {
                    let printable = byte.is_ascii_graphic() || *byte == b' ';
                    self.text.push(if printable { char::from(*byte) } else { '.' });
                }
                for _ in chunk.len()..16 {
                    self.str(" ");
                }
                self.str("|");
            }
            self.str("\n");
        }
    }
}
