//! Entries in the order in which their time is over.

use crate::Instant;
use crate::flow::RemovedReason;
use crate::pipeline::FlowEntry;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::time::Duration;

/// Tells entries apart as long as they are kept somewhere.
pub(super) fn identity(entry: &Arc<FlowEntry>) -> usize {
    Arc::as_ptr(entry).addr()
}

/// When an entry goes if no packet comes, and why; `None` for one that stays.
///
/// The hard timeout counts from the last change, as in Open vSwitch; the idle timeout from the last
/// packet, of an entry that was put in the place of another not from before that.
pub(super) fn deadline(entry: &FlowEntry) -> Option<(Instant, RemovedReason)> {
    let after = |seconds: u16, since: Instant| {
        (seconds != 0).then(|| since + Duration::from_secs(seconds.into()))
    };
    let hard = after(entry.hard_timeout(), entry.modified_at());
    let idle = after(entry.idle_timeout(), entry.stats.used().max(entry.created));
    match (hard, idle) {
        (Some(hard), Some(idle)) if idle < hard => Some((idle, RemovedReason::IdleTimeout)),
        (Some(hard), _) => Some((hard, RemovedReason::HardTimeout)),
        (None, idle) => Some((idle?, RemovedReason::IdleTimeout)),
    }
}

/// The entries with a timeout: by a key, then by when their time is over.
///
/// A packet moves that moment without telling, so an entry stands where it was last looked at,
/// which is never too late, and is moved when its turn comes.
#[derive(Debug, Default)]
pub(super) struct Deadlines<K> {
    queue: BTreeMap<(K, Instant, usize), Arc<FlowEntry>>,
    /// Where each stands.
    places: BTreeMap<usize, (K, Instant)>,
}

impl<K: Copy + Ord> Deadlines<K> {
    /// Puts an entry, new or not, where it belongs.
    pub(super) fn put(&mut self, key: K, entry: &Arc<FlowEntry>) {
        self.remove(entry);
        if let Some((at, _)) = deadline(entry) {
            self.places.insert(identity(entry), (key, at));
            self.queue.insert((key, at, identity(entry)), entry.clone());
        }
    }

    /// Takes an entry out; is it there?
    pub(super) fn remove(&mut self, entry: &Arc<FlowEntry>) -> bool {
        let identity = identity(entry);
        let place = self.places.remove(&identity);
        place.is_some_and(|(key, at)| self.queue.remove(&(key, at, identity)).is_some())
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The lowest key's entry whose time is over first.
    pub(super) fn first(&mut self) -> Option<Arc<FlowEntry>> {
        loop {
            let (&(key, at, _), entry) = self.queue.first_key_value()?;
            let entry = entry.clone();
            if deadline(&entry).is_some_and(|(actual, _)| actual <= at) {
                return Some(entry);
            }
            self.put(key, &entry);
        }
    }

    /// No entry of the lowest key goes before that.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.queue.first_key_value().map(|(&(_, at, _), _)| at)
    }
}
