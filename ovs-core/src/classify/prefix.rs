//! Prefixes: how many leading bits of a field tell that a packet has none of the values in a subtable?

use super::numbers::Numbers;
use super::view::View;
use crate::key::{FlowKey, tracked::Hidden};
use core::mem::offset_of;

/// Consecutive bytes of a key, at most 16, that do not go beyond the second of two words. As a number
/// they are left-aligned: the first bit is the most significant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    word: usize,
    /// Bits of the word before it.
    skip: usize,
    n_bits: usize,
}

impl Span {
    /// What rules ask for with prefixes: IP addresses, and source and destination port as one.
    pub(super) const ALL: [Self; 5] = [
        Self::new(offset_of!(FlowKey, ipv4_dst), 32),
        Self::new(offset_of!(FlowKey, ipv4_src), 32),
        Self::new(offset_of!(FlowKey, ipv6_dst), 128),
        Self::new(offset_of!(FlowKey, ipv6_src), 128),
        Self::new(offset_of!(FlowKey, tp_src), 32),
    ];

    const fn new(offset: usize, n_bits: usize) -> Self {
        let span = Self { word: offset / 8, skip: offset % 8 * 8, n_bits };
        assert!(span.skip + n_bits <= 128, "it fits into two words");
        span
    }

    /// The bits out of words that are asked for by number.
    pub(super) fn gather(self, word: impl Fn(usize) -> u64) -> u128 {
        let word = |index| u128::from(u64::from_be(word(index)));
        let both = word(self.word) << 64 | word(self.word + 1);
        both << self.skip & !u128::MAX.checked_shr(self.n_bits as u32).unwrap_or(0)
    }

    /// Notes those of the bits.
    pub(super) fn note(self, bits: u128, view: &mut View<'_>) -> Result<(), Hidden> {
        let both = bits >> self.skip;
        view.note(self.word, ((both >> 64) as u64).to_be())?;
        view.note(self.word + 1, (both as u64).to_be())
    }
}

/// The values that the rules of a subtable ask for in a span.
#[derive(Debug)]
pub(super) struct PrefixSet {
    pub(super) span: Span,
    mask: u128,
    /// Those of different rules, each left-aligned.
    values: Numbers,
}

impl PrefixSet {
    /// None yet; `mask` are the bits that are asked for.
    pub(super) fn new(span: Span, mask: u128) -> Self {
        Self { span, mask, values: Numbers::new(span.n_bits) }
    }

    pub(super) fn insert(&mut self, value: u128) {
        self.values.insert(value & self.mask);
    }

    pub(super) fn remove(&mut self, value: u128) {
        self.values.remove(value & self.mask);
    }

    /// Which bits tell that no rule has the packet's value. They are the first of the mask, as few as
    /// it takes. `None` if a rule may have it, or hidden bits would have to be read.
    pub(super) fn excluding(&self, view: &View<'_>) -> Option<u128> {
        let value = self.span.gather(|index| view.word(index)) & self.mask;
        let common = self.values.common(value)?;
        let first_difference = (1_u128 << 127) >> common;
        let bits = !(first_difference - 1) & self.mask;
        (bits & self.span.gather(|index| view.hidden(index)) == 0).then_some(bits)
    }

    /// The same if that takes only bits that are known anyway.
    pub(super) fn is_excluded(&self, view: &View<'_>) -> bool {
        let known = self.span.gather(|index| view.known(index));
        let first = (1_u128 << 127).checked_shr(self.mask.leading_zeros()).unwrap_or(0);
        known & first != 0 && self.excluding(view).is_some_and(|bits| bits & !known == 0)
    }

    /// Notes the bits that are asked for, as far as they are not hidden.
    pub(super) fn note(&self, view: &mut View<'_>) -> Result<(), Hidden> {
        let hidden = self.span.gather(|index| view.hidden(index));
        self.span.note(self.mask & !hidden, view)
    }
}
