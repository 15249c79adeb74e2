//! The key as the hot path has it: only the words that the packet has.

use super::{FlowKey, WORDS};

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

    /// Where a word stands among those present; `None`: it is absent.
    #[inline]
    pub(crate) fn position(&self, index: usize) -> Option<usize> {
        let below = |half: u64, n: usize| (half & ((1 << n) - 1)).count_ones() as usize;
        let [low, high] = self.map;
        if index < 64 {
            (low >> index & 1 != 0).then(|| below(low, index))
        } else {
            let n = index % 64;
            (high >> n & 1 != 0).then(|| low.count_ones() as usize + below(high, n))
        }
    }

    /// Word number `index` of the key, 0 if it is absent.
    #[inline]
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.position(index).and_then(|at| self.words.get(at)).copied().unwrap_or(0)
    }

    /// Forgets all words.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.map = [0; 2];
        self.len = 0;
    }

    /// Adds word number `index`, which must be above all that are present.
    ///
    /// Always inlined, as is the path of common packets down to here: the bitmap and the
    /// length then stay in registers instead of being stored and loaded again with each word.
    #[inline(always)]
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
    ///
    /// The pairs of words are multiplied independently of each other, each with secrets of its
    /// place (the construction known as NH), so the multiplications overlap.
    #[inline]
    pub fn hash(&self, seed: &HashSeed) -> u64 {
        let [first, second, secrets @ ..] = &seed.0;
        let mut sum = fold(self.map[0] ^ first, self.map[1] ^ second);
        let mut pairs = self.words().chunks_exact(2);
        let mut secrets = secrets.chunks_exact(2);
        for (pair, secret) in (&mut pairs).zip(&mut secrets) {
            if let ([a, b], [c, d]) = (pair, secret) {
                sum = sum.wrapping_add(fold(a ^ c, b ^ d));
            }
        }
        if let ([a], Some([c, d])) = (pairs.remainder(), secrets.next()) {
            sum = sum.wrapping_add(fold(a ^ c, *d));
        }
        fold(sum ^ first, *second)
    }

    /// The full key.
    pub fn expand(&self) -> FlowKey {
        let mut key = FlowKey::ZERO;
        self.expand_into(&mut key);
        key
    }

    /// The full key in place of another.
    pub(crate) fn expand_into(&self, key: &mut FlowKey) {
        *key = FlowKey::ZERO;
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

/// Both halves of a product.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// What makes the hashes of one switch differ from those of another: a secret for each word
/// of a key and for its bitmap.
#[derive(Clone)]
pub struct HashSeed([u64; WORDS + 2]);

impl HashSeed {
    /// From a number that should be random and secret, so that nobody can choose packets
    /// whose hashes collide.
    pub fn new(random: u64) -> Self {
        let mut state = random;
        // SplitMix64 (Steele, Lea and Flood, 2014) makes of one number as many as are needed.
        Self(core::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }
}

impl core::fmt::Debug for HashSeed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HashSeed(…)")
    }
}
