//! Where a field's value stands in a [`FlowKey`].

use super::table::TABLE;
use super::{Field, FieldError};
use crate::key::{FlowKey, VlanTag};

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

    pub(crate) fn get(self, key: &FlowKey) -> u128 {
        Place::of(&[self]).get(key)
    }

    #[cfg(test)]
    pub(super) fn fill(self, key: &mut FlowKey) {
        let words = key.words_mut();
        let fill = |index: usize, _, mask, _| words[index] |= mask;
        Place::of(&[self]).scatter(u128::MAX, u128::MAX, fill);
    }
}

/// Where the bits of a value stand, word by word.
struct Place {
    /// The first `len` are there, that with the least significant bits first.
    pieces: [Piece; 4],
    len: usize,
    n_bits: u16,
    /// The bits of a value that stand somewhere.
    ones: u128,
    /// The words: bit n of the first number for word n, of the second for word 64 + n.
    words: [u64; 2],
}

/// Bits of a value that stand in one word of the key.
#[derive(Clone, Copy)]
struct Piece {
    /// The number of the word.
    word: u8,
    /// Bits of the word behind them, it being a big-endian number.
    shift: u8,
    width: u8,
    /// Bits of the value behind them.
    at: u8,
}

impl Place {
    const fn of(runs: &[Run]) -> Self {
        let mut pieces = [Piece { word: 0, shift: 0, width: 0, at: 0 }; 4];
        let (mut len, mut n_bits, mut ones, mut words) = (0, 0, 0, [0; 2]);
        let mut run = runs.len();
        while run > 0 {
            run -= 1;
            let width = runs[run].width;
            if let Some(first) = runs[run].first {
                let mut end = first + width;
                let mut at = n_bits;
                while end > first {
                    let word = (end - 1) / 64;
                    let begin = if word * 64 > first { word * 64 } else { first };
                    let piece = Piece {
                        word: word as u8,
                        shift: (word * 64 + 64 - end) as u8,
                        width: (end - begin) as u8,
                        at: at as u8,
                    };
                    ones |= (piece.ones() as u128) << at;
                    words[word as usize / 64] |= 1 << (word % 64);
                    pieces[len] = piece;
                    len += 1;
                    at += end - begin;
                    end = begin;
                }
            }
            n_bits += width;
        }
        Self { pieces, len, n_bits, ones, words }
    }

    fn pieces(&self) -> &[Piece] {
        self.pieces.get(..self.len).unwrap_or(&self.pieces)
    }

    fn get(&self, key: &FlowKey) -> u128 {
        let words = key.words();
        let [value] = self.collect(|word| [words.get(word).copied().unwrap_or(0)]);
        value
    }

    /// Values from `N` keys at once, so that a word is looked for only once.
    #[inline]
    fn collect<const N: usize>(&self, words: impl Fn(usize) -> [u64; N]) -> [u128; N] {
        let mut values = [0; N];
        for piece in self.pieces() {
            for (value, word) in values.iter_mut().zip(words(piece.word.into())) {
                *value |= u128::from(piece.get(word)) << piece.at;
            }
        }
        values
    }

    #[inline]
    fn scatter(&self, value: u128, mask: u128, mut put: impl FnMut(usize, u64, u64, u64)) {
        for piece in self.pieces() {
            let place = |bits: u128| piece.place((bits >> piece.at) as u64);
            put(piece.word.into(), place(value), place(mask), place(u128::MAX));
        }
    }
}

impl Piece {
    const fn ones(self) -> u64 {
        u64::MAX >> (64 - self.width as u32)
    }

    /// The bits out of a word as it stands in the key.
    fn get(self, word: u64) -> u64 {
        (u64::from_be(word) >> self.shift) & self.ones()
    }

    /// The bits as they stand in the word.
    fn place(self, bits: u64) -> u64 {
        ((bits & self.ones()) << self.shift).to_be()
    }
}

/// The place of each field.
static PLACES: [Place; TABLE.len()] = {
    let mut places = [const { Place::of(&[]) }; TABLE.len()];
    let mut row = 0;
    while row < TABLE.len() {
        places[row] = Place::of(TABLE[row].runs);
        row += 1;
    }
    places
};

/// What is known of a packet: all of it, or what a match asks for.
pub(crate) trait Source {
    /// The value of a field in the bits that are known, and which bits those are.
    fn known(&self, field: Field) -> (u128, u128);
}

/// A packet.
impl Source for FlowKey {
    fn known(&self, field: Field) -> (u128, u128) {
        (field.place().get(self), field.ones())
    }
}

/// A match: the value is zero where the mask is.
pub(crate) struct Masked<'a> {
    pub(crate) value: &'a FlowKey,
    pub(crate) mask: &'a FlowKey,
}

impl Source for Masked<'_> {
    fn known(&self, field: Field) -> (u128, u128) {
        (field.place().get(self.value), field.place().get(self.mask))
    }
}

impl Field {
    fn place(self) -> &'static Place {
        &PLACES[self as usize]
    }

    /// Bits of a value; for the fields without a [position](Self::has_position) the most that
    /// there can be.
    pub fn n_bits(self) -> u16 {
        if self.has_position() { self.place().n_bits } else { u16::from(self.n_bytes()) * 8 }
    }

    /// Is it one of `tun_metadata0` to `tun_metadata63`?
    pub fn is_tunnel_option(self) -> bool {
        !self.has_position()
    }

    /// Has the field a place in a [`FlowKey`] that is always the same? All have but
    /// `tun_metadata0` to `tun_metadata63`: where these stand, the switch's TLV table says.
    #[inline]
    pub fn has_position(self) -> bool {
        self.place().len > 0
    }

    /// All bits of a value that count: for an exact match, the mask. Zero without a position.
    #[inline]
    pub fn ones(self) -> u128 {
        self.place().ones
    }

    /// The field's value in a key, or its mask in the key of a mask, as a right-aligned
    /// number. `None` if it has no [position](Self::has_position).
    pub fn get(self, key: &FlowKey) -> Option<u128> {
        self.has_position().then(|| self.place().get(key))
    }

    /// The field's value and mask from words that are asked for by number.
    #[inline]
    pub(crate) fn collect(self, words: impl Fn(usize) -> [u64; 2]) -> [u128; 2] {
        self.place().collect(words)
    }

    /// The words of a key that it stands in: bit n of the first number for word n, of the second
    /// for word 64 + n.
    #[inline]
    pub(crate) fn words(self) -> [u64; 2] {
        self.place().words
    }

    /// Splits value and mask into the words where they stand: number, value, mask, and the
    /// bits of the word that are the field's.
    #[inline]
    pub(crate) fn scatter(self, value: u128, mask: u128, put: impl FnMut(usize, u64, u64, u64)) {
        self.place().scatter(value, mask, put);
    }

    /// Writes bits into the value or the mask of a match: those of `value` that `mask` has, just
    /// where the field stands. In a packet's key use [`set_masked`](Self::set_masked).
    pub(crate) fn put(self, key: &mut FlowKey, value: u128, mask: u128) {
        let words = key.words_mut();
        self.scatter(value, mask, |index, value, mask, _| {
            if let Some(word) = words.get_mut(index) {
                *word = *word & !mask | value & mask;
            }
        });
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
