//! The first cache: which flow did a packet of this hash belong to last?
//!
//! It holds numbers of flows, eight bytes for each packet that it remembers, so it can remember many. What it
//! says is a guess, to be checked with the flow's own bits: a wrong one costs a look into the second cache.

use alloc::vec;
use alloc::vec::Vec;

/// Entries of a bucket.
const WAYS: usize = 4;

/// A bounded table from hashes to numbers of flows.
#[derive(Debug)]
pub(crate) struct Microflows {
    /// In the upper half of an entry that of the hash, never 0; in the lower the number.
    buckets: Vec<[u64; WAYS]>,
}

impl Microflows {
    /// One that remembers at least `limit` packets, rounded up to a power of two; 0: none.
    pub(crate) fn new(limit: usize) -> Self {
        let buckets = if limit == 0 { 0 } else { limit.div_ceil(WAYS).next_power_of_two() };
        Self { buckets: vec![[0; WAYS]; buckets] }
    }

    /// The place of a hash; 0 if there is none.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        hash as usize & self.buckets.len().saturating_sub(1)
    }

    /// What was said of this hash, or of one much like it.
    #[inline]
    pub(crate) fn get(&self, hash: u64) -> Option<u32> {
        let bucket = self.buckets.get(self.place(hash))?;
        let tag = hash >> 32 | 1;
        bucket.iter().find(|entry| **entry >> 32 == tag).map(|entry| *entry as u32)
    }

    /// Remembers the flow of a hash, instead of another if need be.
    #[inline]
    pub(crate) fn set(&mut self, hash: u64, flow: u32) {
        let place = self.place(hash);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        let tag = hash >> 32 | 1;
        let same = bucket.iter().position(|entry| *entry >> 32 == tag);
        // The newest stands first, the oldest goes.
        let last = same.unwrap_or(WAYS - 1);
        if let Some(newer) = bucket.get_mut(..=last) {
            newer.rotate_right(1);
        }
        if let Some(first) = bucket.first_mut() {
            *first = tag << 32 | u64::from(flow);
        }
    }
}
