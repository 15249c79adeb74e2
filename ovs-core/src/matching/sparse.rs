//! The words of a flow key that a match asks for.

use crate::field::{Field, Source};
use crate::key::{FlowKey, SparseKey, WORDS};
use core::fmt;
use smallvec::SmallVec;

/// Value and mask of those words of a [`FlowKey`] whose mask is not zero, by number. As in the
/// key, a word's bytes are in memory order. A value is zero where its mask is, so equal matches
/// have equal words.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Words {
    /// Bit n of the first number is set if word n is there, of the second if word 64 + n is.
    map: [u64; 2],
    /// Ten words are enough for a match on everything that a TCP packet over IPv4 has.
    pairs: SmallVec<[Pair; 10]>,
}

/// Value and mask of a word.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pair {
    pub(crate) value: u64,
    pub(crate) mask: u64,
}

impl Words {
    /// None.
    pub(crate) const EMPTY: Self = Self { map: [0; 2], pairs: SmallVec::new_const() };

    pub(crate) fn from_keys(value: &FlowKey, mask: &FlowKey) -> Self {
        let mut words = Self::default();
        let pairs = value.words().iter().zip(mask.words()).enumerate();
        for (index, (value, mask)) in pairs.filter(|(_, (_, mask))| **mask != 0) {
            words.mark(index);
            words.pairs.push(Pair { value: value & mask, mask: *mask });
        }
        words
    }

    /// Those bits of a packet that a mask has.
    pub(crate) fn of_packet(key: &SparseKey, mask: &FlowKey) -> Self {
        let mut words = Self::default();
        for (index, mask) in mask.words().iter().enumerate().filter(|(_, mask)| **mask != 0) {
            words.mark(index);
            words.pairs.push(Pair { value: key.word(index) & mask, mask: *mask });
        }
        words
    }

    fn mark(&mut self, index: usize) {
        if let Some(half) = self.map.get_mut(index / 64) {
            *half |= 1 << (index % 64);
        }
    }

    fn has(&self, index: usize) -> bool {
        self.map.get(index / 64).is_some_and(|half| half >> (index % 64) & 1 != 0)
    }

    /// Where a word stands in the list, or would.
    fn place(&self, index: usize) -> usize {
        let [low, high] = self.map;
        let below = |half: u64, n: usize| (half & ((1 << n) - 1)).count_ones() as usize;
        if index < 64 {
            below(low, index)
        } else {
            low.count_ones() as usize + below(high, index % 64)
        }
    }

    pub(crate) fn pair(&self, index: usize) -> Pair {
        if !self.has(index) {
            return Pair::default();
        }
        self.pairs.get(self.place(index)).copied().unwrap_or_default()
    }

    /// Changes those bits of a word that `region` has.
    pub(crate) fn put(&mut self, index: usize, value: u64, mask: u64, region: u64) {
        let place = self.place(index);
        if self.has(index) {
            let Some(pair) = self.pairs.get_mut(place) else { return };
            pair.mask = pair.mask & !region | mask & region;
            pair.value = (pair.value & !region | value & region) & pair.mask;
            if pair.mask == 0 {
                self.pairs.remove(place);
                if let Some(half) = self.map.get_mut(index / 64) {
                    *half &= !(1 << (index % 64));
                }
            }
        } else if mask & region != 0 && index < WORDS {
            let mask = mask & region;
            self.pairs.insert(place, Pair { value: value & mask, mask });
            self.mark(index);
        }
    }

    /// The words that are there: number, value and mask.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Pair)> + '_ {
        let mut map = self.map;
        let indices = core::iter::from_fn(move || {
            let half = map.iter().position(|half| *half != 0)?;
            let bits = map.get_mut(half)?;
            let index = half * 64 + bits.trailing_zeros() as usize;
            *bits &= *bits - 1;
            Some(index)
        });
        indices.zip(self.pairs.iter().copied())
    }

    /// Is all of it in the struct itself?
    #[cfg(test)]
    pub(crate) fn is_inline(&self) -> bool {
        !self.pairs.spilled()
    }

    pub(crate) fn n_bits(&self) -> u32 {
        self.pairs.iter().map(|pair| pair.mask.count_ones()).sum()
    }

    /// The full keys: value and mask.
    pub(crate) fn expand(&self) -> (FlowKey, FlowKey) {
        let (mut value, mut mask) = (FlowKey::ZERO, FlowKey::ZERO);
        for (index, pair) in self.iter() {
            if let Some(word) = value.words_mut().get_mut(index) {
                *word = pair.value;
            }
            if let Some(word) = mask.words_mut().get_mut(index) {
                *word = pair.mask;
            }
        }
        (value, mask)
    }

    /// In the order of [`iter`](Self::iter).
    #[inline]
    pub(crate) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    pub(crate) fn match_sparse(&self, key: &SparseKey) -> bool {
        self.iter().all(|(index, pair)| key.word(index) & pair.mask == pair.value)
    }

    pub(crate) fn matches(&self, key: &FlowKey) -> bool {
        let words = key.words();
        self.iter().all(|(index, pair)| {
            words.get(index).is_some_and(|word| (word ^ pair.value) & pair.mask == 0)
        })
    }

    /// Does this match every key that `other` matches?
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.iter().all(|(index, pair)| {
            let narrower = other.pair(index);
            pair.mask & !narrower.mask == 0 && (pair.value ^ narrower.value) & pair.mask == 0
        })
    }

    /// Can a key match both?
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.iter().all(|(index, pair)| {
            let second = other.pair(index);
            (pair.value ^ second.value) & pair.mask & second.mask == 0
        })
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.iter().map(|(index, Pair { value, mask })| (index, (value, mask)));
        f.debug_map().entries(words).finish()
    }
}

impl Source for Words {
    #[inline]
    fn known(&self, field: Field) -> (u128, u128) {
        let ([low, high], [first, second]) = (self.map, field.words());
        if low & first | high & second == 0 {
            return (0, 0);
        }
        let [value, mask] = field.collect(|index| {
            let pair = self.pair(index);
            [pair.value, pair.mask]
        });
        (value, mask)
    }
}
