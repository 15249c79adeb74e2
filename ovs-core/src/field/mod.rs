//! The one table of all match fields of OpenFlow 1.3 and Open vSwitch 3.1 (ovs-fields(7)).
//!
//! Everything that has to do with fields is derived from it: text names, code points on the
//! wire, what may be masked or set, what a packet must be to have a field, how a value is
//! written, and where it stands in a [`FlowKey`](crate::FlowKey).
//!
//! ```
//! use ovs_core::field::{Field, OxmClass, Prerequisite};
//! use ovs_core::FlowKey;
//!
//! let field = Field::from_name("nw_dst").unwrap();
//! assert_eq!(field, Field::Ipv4Dst);
//! assert_eq!(Field::from_oxm(OxmClass::OXM_OF, 12), Some(field));
//! assert_eq!(field.prerequisite(), Prerequisite::Ipv4);
//!
//! let mut key = FlowKey::ZERO;
//! field.set(&mut key, 0x0a00_0001)?;
//! assert_eq!(key.ipv4_dst, [10, 0, 0, 1]);
//! assert_eq!(field.show(0x0a00_0000, 0xff00_0000).to_string(), "10.0.0.0/8");
//! # Ok::<(), ovs_core::field::FieldError>(())
//! ```
//!
//! Some fields are views of the same place. [`VlanVid`](Field::VlanVid) and
//! [`VlanTci`](Field::VlanTci) say by bit 12 whether there is a tag. [`NwTos`](Field::NwTos) is
//! [`IpDscp`](Field::IpDscp) with two bits below that do not count. `xregN` and `xxregN` are two and
//! four registers. [`InPort16`](Field::InPort16) is the port as OpenFlow 1.0 numbers it
//! (Open vSwitch calls both views `in_port`; here that name is the 32-bit one's).
//! What is only text of OpenFlow 1.0, as `dl_vlan`, is not a field.

mod format;
mod oxm;
mod position;
mod prerequisite;
mod table;

pub use format::{FieldValue, Format};
pub use oxm::{OxmClass, OxmHeader};
pub use prerequisite::Prerequisite;
pub use table::Field;

pub(crate) use position::{Masked, Run, Source, wide_port};

use core::fmt;
use table::{ALL, TABLE};

/// What masks a field can be matched with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Masking {
    /// None: the whole field or nothing of it.
    Exact,
    /// Any.
    Bitwise,
}

/// Why a field cannot be matched or set so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The field matches whole or not at all.
    #[error("{field} cannot be masked with {mask:#x}")]
    NotMaskable {
        /// The field.
        field: Field,
        /// The mask.
        mask: u128,
    },
    /// The value has more bits than the field.
    #[error("{value:#x} does not fit into the {} bits of {field}", .field.n_bits())]
    TooWide {
        /// The field.
        field: Field,
        /// The value.
        value: u128,
    },
    /// The field is tunnel metadata that no TLV table gave a place.
    #[error("{field} has no place in the flow key")]
    NoPosition {
        /// The field.
        field: Field,
    },
    /// The field is not tunnel metadata.
    #[error("{field} is no option of a tunnel header")]
    NotTunnelOption {
        /// The field.
        field: Field,
    },
    /// An option of a tunnel header has 1 to 124 bytes, and its mask as many.
    #[error("{length} bytes do not make a value of {field}")]
    OptionLength {
        /// The field.
        field: Field,
        /// The bytes that there are.
        length: usize,
    },
}

impl Field {
    /// All fields, in the order of the table.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        ALL.iter().copied()
    }

    /// The field with a text name: that of ovs-fields(7) or another [alias](Self::aliases), or
    /// the name of a [code point](OxmHeader::name).
    pub fn from_name(name: &str) -> Option<Self> {
        let has_name = |field: &Self| {
            TABLE[*field as usize].names.contains(&name)
                || field.headers().iter().any(|header| header.name == name)
        };
        Self::all().find(has_name)
    }

    /// The name that ovs-fields(7) has for it.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].names.first().copied().unwrap_or_default()
    }

    /// Other names that are understood.
    pub fn aliases(self) -> &'static [&'static str] {
        TABLE[self as usize].names.get(1..).unwrap_or_default()
    }

    /// Bytes of a value on the wire, without the mask: the most, for tunnel metadata.
    pub fn n_bytes(self) -> u8 {
        TABLE[self as usize].n_bytes
    }

    /// What masks it can be matched with.
    pub fn masking(self) -> Masking {
        TABLE[self as usize].masking
    }

    /// Can an action change it?
    pub fn is_settable(self) -> bool {
        TABLE[self as usize].settable
    }

    /// May a set-field action of OpenFlow write it (OpenFlow 1.3.5 §7.2.5)? That are those that are
    /// [settable](Self::is_settable), and three that Open vSwitch does not let be written because the headers behind
    /// them then mean something else.
    pub fn can_be_set(self) -> bool {
        self.is_settable() || matches!(self, Self::EthType | Self::IpProto | Self::MplsBos)
    }

    /// What a packet must be to have the field.
    pub fn prerequisite(self) -> Prerequisite {
        TABLE[self as usize].prerequisite
    }

    /// How a value is written.
    pub fn format(self) -> Format {
        TABLE[self as usize].format
    }

    /// The value as text, with the mask if it is not exact.
    pub fn show(self, value: u128, mask: u128) -> FieldValue {
        FieldValue { format: self.format(), value, mask, ones: self.ones() }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
