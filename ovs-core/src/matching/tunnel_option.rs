//! Options of tunnel headers, before a switch gives them a place in the flow key.

use crate::field::{Field, FieldError};
use alloc::boxed::Box;

/// A value of one of `tun_metadata0` to `tun_metadata63`.
///
/// These fields have no position in a [`FlowKey`](crate::FlowKey): a switch's TLV table says
/// where each stands and how long it is. Until then the bytes are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TunnelOption {
    field: Field,
    value: Box<[u8]>,
    /// As long as the value; `None` for an exact match.
    mask: Option<Box<[u8]>>,
}

impl TunnelOption {
    /// The most bytes that a value can have (RFC 8926 §3.5: 31 words).
    pub const MAX_LEN: usize = 124;

    /// A value of a field: 1 to 124 bytes, in network byte order.
    ///
    /// # Errors
    ///
    /// If the field is not tunnel metadata, or there are fewer or more bytes.
    pub fn new(field: Field, value: &[u8]) -> Result<Self, FieldError> {
        if !field.is_tunnel_option() {
            return Err(FieldError::NotTunnelOption { field });
        }
        if value.is_empty() || value.len() > Self::MAX_LEN {
            return Err(FieldError::OptionLength { field, length: value.len() });
        }
        Ok(Self { field, value: value.into(), mask: None })
    }

    /// Those bits of a value that `mask` has.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), or if value and mask are not equally long.
    pub fn masked(field: Field, value: &[u8], mask: &[u8]) -> Result<Self, FieldError> {
        let mut option = Self::new(field, value)?;
        if mask.len() != value.len() {
            return Err(FieldError::OptionLength { field, length: mask.len() });
        }
        if mask.iter().any(|byte| *byte != 0xff) {
            option.value.iter_mut().zip(mask).for_each(|(value, mask)| *value &= mask);
            option.mask = Some(mask.into());
        }
        Ok(option)
    }

    /// The same value for an action that leaves the bytes before it as they are, where one without a
    /// mask sets the whole option: it has a mask, even if that is all ones.
    #[must_use]
    pub fn partial(mut self) -> Self {
        if self.mask.is_none() && self.value.len() < Self::MAX_LEN {
            self.mask = Some(alloc::vec![0xff; self.value.len()].into());
        }
        self
    }

    /// The field.
    pub fn field(&self) -> Field {
        self.field
    }

    /// The value; zero where the mask is.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The mask; `None` if all bits count.
    pub fn mask(&self) -> Option<&[u8]> {
        self.mask.as_deref()
    }

    /// Value and mask of a byte, counted from the last one: shorter values are filled up with
    /// zeros before.
    fn byte(&self, from_end: usize) -> (u8, u8) {
        let at = |bytes: &[u8]| bytes.iter().rev().nth(from_end).copied();
        match &self.mask {
            None => (at(&self.value).unwrap_or(0), 0xff),
            Some(mask) => (at(&self.value).unwrap_or(0), at(mask).unwrap_or(0)),
        }
    }

    /// Does this match every packet that `other` matches?
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.field == other.field
            && (0..Self::MAX_LEN).all(|n| {
                let ((value, mask), (narrower, narrow_mask)) = (self.byte(n), other.byte(n));
                mask & !narrow_mask == 0 && (value ^ narrower) & mask == 0
            })
    }

    /// Can a packet match both?
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.field != other.field
            || (0..Self::MAX_LEN).all(|n| {
                let ((value, mask), (second, second_mask)) = (self.byte(n), other.byte(n));
                (value ^ second) & mask & second_mask == 0
            })
    }
}
