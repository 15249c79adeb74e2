//! Some consecutive bits of a field.

use crate::field::Field;
use core::fmt;

/// Consecutive bits of a field, as `reg0[0..15]` (ovs-actions(7), "Field Specifications").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subfield {
    field: Field,
    start: u16,
    n_bits: u16,
}

/// Bits that a field does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} has {} bits, there are no {n_bits} from bit {start} on", .field.n_bits())]
pub struct SubfieldError {
    /// The field.
    pub field: Field,
    /// The first bit asked for.
    pub start: u16,
    /// How many were asked for.
    pub n_bits: u16,
}

impl Subfield {
    /// `n_bits` bits of a field, from bit `start` on; bit 0 is the least significant one.
    ///
    /// # Errors
    ///
    /// If the field has no such bits, or `n_bits` is 0.
    pub fn new(field: Field, start: u16, n_bits: u16) -> Result<Self, SubfieldError> {
        let fits = start.checked_add(n_bits).is_some_and(|end| end <= field.n_bits());
        if fits && n_bits > 0 {
            Ok(Self { field, start, n_bits })
        } else {
            Err(SubfieldError { field, start, n_bits })
        }
    }

    /// All bits of a field.
    pub fn all(field: Field) -> Self {
        Self { field, start: 0, n_bits: field.n_bits() }
    }

    /// The field.
    pub fn field(self) -> Field {
        self.field
    }

    /// Its least significant bit that is meant, counted from the field's least significant one.
    pub fn start(self) -> u16 {
        self.start
    }

    /// How many bits are meant.
    pub fn n_bits(self) -> u16 {
        self.n_bits
    }

    /// Are all bits of the field meant?
    pub fn is_whole(self) -> bool {
        self.n_bits == self.field.n_bits()
    }

    /// The bits that are meant, as a mask of the field's value. Of tunnel metadata, the lower
    /// 128 bits.
    pub fn mask(self) -> u128 {
        let ones = 1u128.checked_shl(self.n_bits.into()).unwrap_or(0).wrapping_sub(1);
        ones.checked_shl(self.start.into()).unwrap_or(0)
    }
}

/// `field[]`, `field[3]` or `field[0..15]`, with the field's name of ovs-fields(7).
impl fmt::Display for Subfield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, start, n_bits } = self;
        match *n_bits {
            _ if self.is_whole() => write!(f, "{field}[]"),
            1 => write!(f, "{field}[{start}]"),
            _ => write!(f, "{field}[{start}..{}]", start + n_bits - 1),
        }
    }
}
