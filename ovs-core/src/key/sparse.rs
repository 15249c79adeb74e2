//! The key as the hot path has it: only the words that the packet has.

use super::{FlowKey, WORDS};
use core::hash::Hasher;
use foldhash::fast::FoldHasher;
use zerocopy::IntoBytes;

/// The words of a [`FlowKey`] that are present, and a bitmap that says which they are.
///
/// A word is present when the packet has one of its headers, even if it is then zero; absent
/// words count as zero. Extraction of equal headers gives equal sparse keys.
///
/// It is written again for each packet, in place: only what the bitmap covers is valid, and only
/// that is ever read.
#[derive(Clone)]
pub struct SparseKey {
    map: [u64; 2],
    len: usize,
    words: [u64; WORDS],
}

impl SparseKey {
    /// Bit n of the first number is set if word n is present, of the second if word 64 + n is.
    #[inline]
    pub fn map(&self) -> [u64; 2] {
        self.map
    }

    /// The words present, in ascending order of their place in the [`FlowKey`].
    #[inline]
    pub fn words(&self) -> &[u64] {
        self.words.get(..self.len).unwrap_or_default()
    }

    /// Forgets all words.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.map = [0; 2];
        self.len = 0;
    }

    /// Adds word number `index`, which must be above all that are present.
    #[inline]
    pub(super) fn push(&mut self, index: usize, word: u64) {
        debug_assert!(index >= self.next_index(), "words are pushed in ascending order");
        if let Some(slot) = self.words.get_mut(self.len) {
            *slot = word;
            self.len += 1;
            if index < 64 {
                self.map[0] |= 1 << index;
            } else {
                self.map[1] |= 1 << (index & 63);
            }
        }
    }

    fn next_index(&self) -> usize {
        match self.map {
            [low, 0] => 64 - low.leading_zeros() as usize,
            [_, high] => 128 - high.leading_zeros() as usize,
        }
    }

    /// Hash of the words and of which they are. Keys that are equal have equal hashes under
    /// the same `seed`; who does not know the seed cannot construct collisions.
    #[inline]
    pub fn hash(&self, seed: &HashSeed) -> u64 {
        let mut hasher = FoldHasher::with_seed(self.map[0] ^ seed.seed, &seed.shared);
        if self.map[1] != 0 {
            hasher.write_u64(self.map[1]);
        }
        hasher.write(self.words().as_bytes());
        hasher.finish()
    }

    /// The full key.
    pub fn expand(&self) -> FlowKey {
        let mut key = FlowKey::ZERO;
        let slots = key.words_mut();
        let mut words = self.words().iter();
        for (half, mut map) in self.map.into_iter().enumerate() {
            while map != 0 {
                let index = half * 64 + map.trailing_zeros() as usize;
                if let (Some(slot), Some(word)) = (slots.get_mut(index), words.next()) {
                    *slot = *word;
                }
                map &= map - 1;
            }
        }
        key
    }
}

/// The words that are not zero.
impl From<&FlowKey> for SparseKey {
    fn from(key: &FlowKey) -> Self {
        let mut sparse = Self::default();
        for (index, &word) in key.words().iter().enumerate() {
            if word != 0 {
                sparse.push(index, word);
            }
        }
        sparse
    }
}

impl Default for SparseKey {
    fn default() -> Self {
        Self { map: [0; 2], len: 0, words: [0; WORDS] }
    }
}

impl PartialEq for SparseKey {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map && self.words() == other.words()
    }
}

impl Eq for SparseKey {}

impl core::fmt::Debug for SparseKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SparseKey").field("map", &self.map).field("words", &self.words()).finish()
    }
}

/// What makes the hashes of one switch differ from those of another.
#[derive(Clone)]
pub struct HashSeed {
    seed: u64,
    shared: foldhash::SharedSeed,
}

impl HashSeed {
    /// From a number that should be random and secret, so that nobody can choose packets
    /// whose hashes collide.
    pub fn new(random: u64) -> Self {
        Self { seed: random, shared: foldhash::SharedSeed::from_u64(random.rotate_left(32)) }
    }
}

impl core::fmt::Debug for HashSeed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HashSeed(…)")
    }
}
