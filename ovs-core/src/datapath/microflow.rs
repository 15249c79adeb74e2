//! The first cache: from the exact key of a packet to what is to be done with it.
//!
//! A forwarder's own, so nothing here is shared or locked. Four entries share a bucket; a bucket
//! is found by the key's hash, and a short tag tells which of its entries to compare in full.

use super::flow::Flow;
use crate::Instant;
use crate::key::SparseKey;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Words of the longest key that is kept: enough for anything but a tunnelled packet with many
/// metadata. Longer keys are translated each time.
const KEY_WORDS: usize = 16;

/// Entries of a bucket.
const WAYS: usize = 4;

/// A flow of one key.
#[derive(Debug)]
struct Microflow<A> {
    map: [u64; 2],
    words: [u64; KEY_WORDS],
    /// The state of the bridge that it was translated in.
    generation: usize,
    last_used: Instant,
    flow: Arc<Flow<A>>,
}

/// A bounded table of flows by their key.
#[derive(Debug)]
pub(crate) struct Microflows<A> {
    /// For each bucket, the upper half of its entries' hashes, never 0 for a used entry.
    tags: Vec<[u32; WAYS]>,
    flows: Vec<Option<Microflow<A>>>,
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 | 1
}

impl<A> Microflows<A> {
    /// A cache of at least `limit` flows, rounded up to a power of two; 0: one that keeps nothing.
    pub(crate) fn new(limit: usize) -> Self {
        let buckets = if limit == 0 { 0 } else { limit.div_ceil(WAYS).next_power_of_two() };
        let mut flows = Vec::new();
        flows.resize_with(buckets * WAYS, || None);
        Self { tags: vec![[0; WAYS]; buckets], flows }
    }

    /// The bucket of a hash; 0 if there is none.
    #[inline]
    fn bucket(&self, hash: u64) -> usize {
        hash as usize & self.tags.len().saturating_sub(1)
    }

    /// The flow of this key, if it is there and stands on the current state of the bridge.
    #[inline]
    pub(crate) fn lookup(
        &mut self,
        now: Instant,
        generation: usize,
        hash: u64,
        key: &SparseKey,
    ) -> Option<&Arc<Flow<A>>> {
        let bucket = self.bucket(hash);
        let tags = self.tags.get(bucket)?;
        let wanted = tag(hash);
        let way = tags.iter().position(|tag| *tag == wanted)?;
        let flow = self.flows.get_mut(bucket * WAYS + way)?.as_mut()?;
        let current = flow.generation == generation && now < flow.flow.holds_until;
        if !current || !flow.has_key(key) {
            return None;
        }
        flow.last_used = now;
        Some(&flow.flow)
    }

    /// Keeps a flow, in place of an older one of its bucket if need be. A key that is too long,
    /// or a cache of no size, is an ordinary no.
    pub(crate) fn install(
        &mut self,
        now: Instant,
        generation: usize,
        hash: u64,
        key: &SparseKey,
        flow: &Arc<Flow<A>>,
    ) -> Installed {
        let mut words = [0; KEY_WORDS];
        let bucket = self.bucket(hash);
        let (Some(room), Some(tags), Some(flows)) = (
            words.get_mut(..key.words().len()),
            self.tags.get_mut(bucket),
            self.flows.get_mut(bucket * WAYS..(bucket + 1) * WAYS),
        ) else {
            return Installed::No;
        };
        room.copy_from_slice(key.words());
        let wanted = tag(hash);
        // Two keys of one tag would hide each other: they share a place.
        let way = tags.iter().position(|tag| *tag == wanted).unwrap_or_else(|| {
            let by_worth = |flow: &Option<Microflow<A>>| {
                flow.as_ref().map(|flow| (flow.generation == generation, flow.last_used))
            };
            let worst = (0..WAYS).min_by_key(|way| flows.get(*way).and_then(by_worth));
            worst.unwrap_or_default()
        });
        let (Some(tag), Some(slot)) = (tags.get_mut(way), flows.get_mut(way)) else {
            return Installed::No;
        };
        let evicted = slot.as_ref().is_some_and(|flow| flow.generation == generation);
        *tag = wanted;
        *slot = Some(Microflow {
            map: key.map(),
            words,
            generation,
            last_used: now,
            flow: flow.clone(),
        });
        if evicted { Installed::InPlaceOfAnother } else { Installed::Yes }
    }
}

impl<A> Microflow<A> {
    #[inline]
    fn has_key(&self, key: &SparseKey) -> bool {
        // Word by word: wider loads would wait for the stores of the extraction to leave the
        // store buffer.
        self.map == key.map() && key.words().iter().zip(&self.words).all(|(a, b)| a == b)
    }
}

/// What became of a flow that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    Yes,
    InPlaceOfAnother,
    No,
}
