//! The errors of OpenFlow by name, and the numbers that stand for them in each version.
//!
//! The names and numbers of the standard are in OpenFlow 1.3.5 §7.4.4 and the same chapter of the
//! other versions; those of Nicira and of the Open Networking Foundation's extensions are Open
//! vSwitch's. Open vSwitch's names come first: where the standard has renamed an error, the newer
//! name is a second constant of the same value.

mod of_switch;
mod table;
#[cfg(test)]
mod tests;

use crate::protocol::Version;
use core::fmt;
use table::{ALL, Form, Name, Row, TABLE};

/// What went wrong, independent of the version of OpenFlow.
///
/// ```
/// use ovs_openflow::{ErrorCode, Version, WireError};
///
/// let full = ErrorCode::OFPFMFC_TABLE_FULL;
/// let wire = |kind, code| WireError { experimenter: None, kind, code };
/// assert_eq!(full.to_wire(Version::OF10), Some(wire(3, 0)));
/// assert_eq!(full.to_wire(Version::OF13), Some(wire(5, 1)));
/// assert_eq!(ErrorCode::from_wire(Version::OF13, wire(5, 1)), full);
/// assert_eq!(full.to_string(), "OFPFMFC_TABLE_FULL");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(Repr);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Repr {
    Named(Name),
    /// Numbers mean something only in their version, which is therefore part of the value.
    Unnamed(Version, WireError),
}

/// The numbers of an error in a message of some version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireError {
    /// Whose numbers they are; `None` is the standard itself.
    pub experimenter: Option<u32>,
    /// The type. Of an experimenter's error, the type that the experimenter gave it: not the one
    /// that says that it is an experimenter's.
    pub kind: u16,
    /// The code, within the type. An experimenter's error has none since OpenFlow 1.2: zero.
    pub code: u16,
}

impl ErrorCode {
    /// The error that has these numbers in this version.
    ///
    /// Numbers without a name are kept. Where a version has one number for what later ones tell
    /// apart, this is the error that Open vSwitch takes it for.
    pub fn from_wire(version: Version, wire: WireError) -> Self {
        let named = Self::all().find(|error| error.to_wire(version) == Some(wire));
        named.unwrap_or(Self(Repr::Unnamed(version, wire)))
    }

    /// The numbers that it has in this version, if it has any.
    ///
    /// An error without a name has them in the version that it was read from, and in no other.
    pub fn to_wire(self, version: Version) -> Option<WireError> {
        match self.0 {
            Repr::Named(name) => {
                let has = |form: &&Form| form.first <= version && version <= form.last;
                row(name).forms.iter().find(has).map(|form| form.wire)
            }
            Repr::Unnamed(own, wire) => (own == version).then_some(wire),
        }
    }

    /// Its name, as Open vSwitch has it, such as `OFPBRC_BAD_LEN`.
    pub fn name(self) -> Option<&'static str> {
        match self.0 {
            Repr::Named(name) => Some(row(name).name),
            Repr::Unnamed(..) => None,
        }
    }

    /// What went wrong, as a clause of a few words.
    pub fn description(self) -> &'static str {
        match self.0 {
            Repr::Named(name) => row(name).description,
            Repr::Unnamed(..) => "an error without a name",
        }
    }

    /// All errors that have a name.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|&name| Self(Repr::Named(name)))
    }
}

fn row(name: Name) -> &'static Row {
    &TABLE[name as usize]
}

/// The name, or `type 3, code 77`.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Named(name) => f.pad(row(name).name),
            Repr::Unnamed(_, wire) => fmt::Display::fmt(&wire, f),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `type 3, code 77`, or `experimenter 0x2320, type 3, code 77`.
impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(experimenter) = self.experimenter {
            write!(f, "experimenter {experimenter:#x}, ")?;
        }
        write!(f, "type {}, code {}", self.kind, self.code)
    }
}
