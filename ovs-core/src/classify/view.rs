//! A packet's key as the lookup sees it.

use crate::key::FlowKey;
use crate::key::tracked::{Hidden, TrackedKey};
use crate::key::word;
use core::mem::offset_of;

const CONJ_WORD: usize = word!(conj_id);
/// Bits behind `conj_id` in its word, that being a big-endian number.
const CONJ_SHIFT: usize = 32 - offset_of!(FlowKey, conj_id) % 8 * 8;
const CONJ_MASK: u64 = (0xffff_ffff_u64 << CONJ_SHIFT).to_be();

/// A key, perhaps with another `conj_id`. That one does not come from the packet, so reading it is free.
pub(super) struct View<'a> {
    key: &'a mut TrackedKey,
    /// In its place in the word.
    conj_id: Option<u64>,
}

impl<'a> View<'a> {
    pub(super) fn new(key: &'a mut TrackedKey) -> Self {
        Self { key, conj_id: None }
    }

    pub(super) fn with_conjunction(key: &'a mut TrackedKey, id: u32) -> Self {
        Self { key, conj_id: Some((u64::from(id) << CONJ_SHIFT).to_be()) }
    }

    /// Bits of `conj_id`, if this is its word and it is another than the key's.
    fn replaced(&self, index: usize) -> Option<u64> {
        self.conj_id.filter(|_| index == CONJ_WORD)
    }

    /// A word, 0 where hidden. Who decides by it has to [`note`](Self::note) the bits.
    #[inline]
    pub(super) fn word(&self, index: usize) -> u64 {
        let word = self.key.peek_word(index);
        self.replaced(index).map_or(word, |conj_id| word & !CONJ_MASK | conj_id)
    }

    /// Which bits of a word may be looked at without noting them.
    #[inline]
    pub(super) fn known(&self, index: usize) -> u64 {
        let known = self.key.known_word(index);
        self.replaced(index).map_or(known, |_| known | CONJ_MASK)
    }

    /// Which bits of a word nobody knows.
    #[inline]
    pub(super) fn hidden(&self, index: usize) -> u64 {
        let hidden = self.key.hidden_word(index);
        self.replaced(index).map_or(hidden, |_| hidden & !CONJ_MASK)
    }

    /// Notes that these bits of a word were decided by.
    #[inline]
    pub(super) fn note(&mut self, index: usize, mask: u64) -> Result<(), Hidden> {
        let mask = self.replaced(index).map_or(mask, |_| mask & !CONJ_MASK);
        self.key.word(index, mask).map(|_| ())
    }
}
