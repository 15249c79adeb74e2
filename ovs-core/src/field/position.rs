//! Where a field's value stands in a [`FlowKey`].

use super::table::TABLE;
use super::{Field, FieldError};
use crate::key::{FlowKey, VlanTag};
use zerocopy::IntoBytes;

/// Bit of the tag protocol identifier by which a tag is told to be there: 0x8100 and 0x88a8
/// have it, and an absent tag is zero.
const TAG_PRESENT: u16 = 0x8000;
/// The customer's tag protocol (IEEE 802.1Q-2022 §9.6).
const TPID: u16 = 0x8100;

/// Consecutive bits of a key, or bits of a value that stand nowhere.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// Bit of the key, counted from the most significant of its first byte.
    first: Option<u16>,
    width: u16,
}

impl Run {
    /// `width` bits (at most 128) from bit `first` on of the member at byte `offset`.
    pub(crate) const fn new(offset: usize, first: u16, width: u16) -> Self {
        Self { first: Some(offset as u16 * 8 + first), width }
    }

    pub(super) const fn nowhere(width: u16) -> Self {
        Self { first: None, width }
    }

    /// The bits as a mask of the value.
    fn ones(self) -> u128 {
        1u128.checked_shl(self.width.into()).unwrap_or(0).wrapping_sub(1)
    }

    /// Bytes that hold the run, and how many bits of the last one are behind it.
    fn bytes(self) -> Option<(core::ops::RangeInclusive<usize>, u32)> {
        let first = self.first?;
        let last = first + self.width - 1;
        Some((usize::from(first / 8)..=usize::from(last / 8), u32::from(7 - last % 8)))
    }

    pub(crate) fn get(self, key: &FlowKey) -> u128 {
        let Some((range, shift)) = self.bytes() else {
            return 0;
        };
        let bytes = key.as_bytes().get(range).unwrap_or_default();
        let number = bytes.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte));
        (number >> shift) & self.ones()
    }

    /// Writes the bits of `value` that `mask` has.
    pub(crate) fn put(self, key: &mut FlowKey, value: u128, mask: u128) {
        let Some((range, shift)) = self.bytes() else {
            return;
        };
        let mut mask = (mask & self.ones()) << shift;
        let mut value = value << shift;
        let bytes = key.as_mut_bytes().get_mut(range).unwrap_or_default();
        for byte in bytes.iter_mut().rev() {
            *byte = (*byte & !(mask as u8)) | (value as u8 & mask as u8);
            value >>= 8;
            mask >>= 8;
        }
    }
}

impl Field {
    fn runs(self) -> &'static [Run] {
        TABLE[self as usize].runs
    }

    /// Bits of a value; for the fields without a [position](Self::has_position) the most that
    /// there can be.
    pub fn n_bits(self) -> u16 {
        let placed = self.runs().iter().map(|run| run.width).sum();
        if self.has_position() { placed } else { u16::from(self.n_bytes()) * 8 }
    }

    /// Has the field a place in a [`FlowKey`] that is always the same? All have but
    /// `tun_metadata0` to `tun_metadata63`: where these stand, the switch's TLV table says.
    pub fn has_position(self) -> bool {
        !self.runs().is_empty()
    }

    /// All bits of a value that count: for an exact match, the mask. Zero without a position.
    pub fn ones(self) -> u128 {
        self.get(&FlowKey::ONES).unwrap_or(0)
    }

    /// The field's value in a key, or its mask in the key of a mask, as a right-aligned
    /// number. `None` if it has no [position](Self::has_position).
    pub fn get(self, key: &FlowKey) -> Option<u128> {
        let append = |value: u128, run: &Run| {
            value.checked_shl(run.width.into()).unwrap_or(0) | run.get(key)
        };
        self.has_position().then(|| self.runs().iter().fold(0, append))
    }

    /// Writes bits into the value or the mask of a match: those of `value` that `mask` has, just
    /// where the field stands. In a packet's key use [`set_masked`](Self::set_masked).
    pub(crate) fn put(self, key: &mut FlowKey, mut value: u128, mut mask: u128) {
        for run in self.runs().iter().rev() {
            run.put(key, value, mask);
            value = value.checked_shr(run.width.into()).unwrap_or(0);
            mask = mask.checked_shr(run.width.into()).unwrap_or(0);
        }
    }

    /// Changes the field in the key of a packet. That the packet has the field
    /// ([`prerequisite`](Self::prerequisite)) and that it is
    /// [settable](Self::is_settable) is for the caller to see to.
    ///
    /// # Errors
    ///
    /// Those of [`set_masked`](Self::set_masked).
    pub fn set(self, key: &mut FlowKey, value: u128) -> Result<(), FieldError> {
        self.set_masked(key, value, u128::MAX)
    }

    /// Changes those bits of the field in the key of a packet that `mask` has.
    ///
    /// A tag that is made present ([`VlanVid`](Self::VlanVid) bit 12) gets protocol 0x8100;
    /// without that bit there is no tag, so all of it becomes zero.
    ///
    /// # Errors
    ///
    /// The value has more bits than the field, or the field has no position.
    pub fn set_masked(self, key: &mut FlowKey, value: u128, mask: u128) -> Result<(), FieldError> {
        self.check_width(value)?;
        self.put(key, value, mask);
        match self {
            Self::VlanVid | Self::VlanPcp | Self::VlanTci => repair_tag(&mut key.vlans[0]),
            Self::InPort16 => key.in_port = wide_port(key.in_port.get() as u16).into(),
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn check_width(self, value: u128) -> Result<(), FieldError> {
        if !self.has_position() {
            return Err(FieldError::NoPosition { field: self });
        }
        match value.checked_shr(self.n_bits().into()) {
            None | Some(0) => Ok(()),
            Some(_) => Err(FieldError::TooWide { field: self, value }),
        }
    }
}

/// Is there a tag, in a key or in the value of a match?
pub(super) fn has_tag(key: &FlowKey) -> bool {
    key.vlans[0].tpid.get() & TAG_PRESENT != 0
}

/// Makes a tag whole of which only [`TAG_PRESENT`] may have changed.
fn repair_tag(tag: &mut VlanTag) {
    let tpid = tag.tpid.get();
    if tpid & TAG_PRESENT == 0 {
        *tag = VlanTag::default();
    } else if tpid == TAG_PRESENT {
        tag.tpid = TPID.into();
    }
}

/// A port of OpenFlow 1.0 as OpenFlow 1.1 and later number it: the reserved ones, from 0xff00
/// on, move to 0xffffff00 on.
pub(crate) fn wide_port(port: u16) -> u32 {
    let port = u32::from(port);
    if port < 0xff00 { port } else { port | 0xffff_0000 }
}
