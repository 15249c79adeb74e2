//! Which entry makes room for another.

use super::deadlines::{Deadlines, identity};
use crate::action::Subfield;
use crate::pipeline::FlowEntry;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What the entries of a group have in common.
type Key = Arc<[u128]>;

/// The entries that may be evicted: those with a timeout.
///
/// They are in groups by what they match on, so that a client who makes many rules pushes out its own
/// (ovs-vswitchd.conf.db(5), `groups` of `Flow_Table`). Of the largest group goes the entry of
/// least importance, and of those the one whose time is over first (OpenFlow 1.4.1 §6.5).
#[derive(Debug, Default)]
pub(super) struct Eviction {
    fields: Vec<Subfield>,
    groups: BTreeMap<Key, Deadlines<u16>>,
    /// The groups by how many they are.
    sizes: BTreeSet<(usize, Key)>,
    /// The group of each entry.
    places: BTreeMap<usize, Key>,
}

impl Eviction {
    /// No entries, to be grouped by some fields; by none: all are one group.
    pub(super) fn by(fields: &[Subfield]) -> Self {
        Self { fields: fields.to_vec(), ..Self::default() }
    }

    /// Puts an entry, new or not, where it belongs.
    pub(super) fn put(&mut self, entry: &Arc<FlowEntry>) {
        let key = self.places.get(&identity(entry)).cloned().unwrap_or_else(|| self.key(entry));
        self.change(&key, |group| group.put(entry.importance, entry));
        self.places.insert(identity(entry), key);
    }

    pub(super) fn remove(&mut self, entry: &Arc<FlowEntry>) {
        if let Some(key) = self.places.remove(&identity(entry)) {
            self.change(&key, |group| {
                group.remove(entry);
            });
        }
    }

    /// The entry that goes first.
    pub(super) fn victim(&mut self) -> Option<Arc<FlowEntry>> {
        let (_, key) = self.sizes.last()?;
        self.groups.get_mut(key)?.first()
    }

    fn change(&mut self, key: &Key, change: impl FnOnce(&mut Deadlines<u16>)) {
        let group = self.groups.entry(key.clone()).or_default();
        let before = group.len();
        change(group);
        let after = group.len();
        if before != after || after == 0 {
            self.sizes.remove(&(before, key.clone()));
            if after == 0 {
                self.groups.remove(key);
            } else {
                self.sizes.insert((after, key.clone()));
            }
        }
    }

    fn key(&self, entry: &FlowEntry) -> Key {
        let part = |part: &Subfield| {
            let known = entry.matching.meets(part.field().prerequisite());
            let value = entry.matching.get(part.field()).filter(|_| known);
            value.map_or(0, |(value, _)| (value & part.mask()) >> part.start().min(127))
        };
        self.fields.iter().map(part).collect()
    }
}
