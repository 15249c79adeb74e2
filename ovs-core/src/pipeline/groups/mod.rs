//! The groups of a bridge.
use crate::PortNo;
use crate::counter::Counter;
use crate::group::{Bucket, Group, GroupId, GroupKind, Selection};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A group as rules use it.
#[derive(Debug)]
pub(crate) struct GroupEntry {
    pub(crate) id: GroupId,
    pub(crate) kind: GroupKind,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) selection: Option<Selection>,
    packets: Counter,
}

impl GroupEntry {
    pub(crate) fn select(&self, hash: u32, live: impl Fn(usize) -> bool) -> Option<usize> {
        let live: Vec<usize> = (0..self.buckets.len()).filter(|n| live(*n)).collect();
        live.get(hash as usize % live.len().max(1)).copied()
    }
    pub(crate) fn count(&self, _bucket: Option<usize>, packets: u64, _bytes: u64) {
        self.packets.add(packets);
    }
}

/// All groups.
#[derive(Debug, Default)]
pub(crate) struct GroupTable(BTreeMap<GroupId, Arc<GroupEntry>>);

impl GroupTable {
    pub(crate) fn new(_limit: usize) -> Self {
        Self::default()
    }

    pub(crate) fn get(&self, id: GroupId) -> Option<&Arc<GroupEntry>> {
        self.0.get(&id)
    }
    pub(crate) fn is_live(
        &self,
        group: &GroupEntry,
        n: usize,
        up: &impl Fn(PortNo) -> bool,
    ) -> bool {
        group
            .buckets
            .get(n)
            .is_some_and(|bucket| bucket.watch_port == PortNo::ANY || up(bucket.watch_port))
    }
    pub(crate) fn stub(&mut self, group: Group) {
        let Group { id, kind, buckets, selection } = group;
        self.0.insert(
            id,
            Arc::new(GroupEntry { id, kind, buckets, selection, packets: Counter::default() }),
        );
    }
}
