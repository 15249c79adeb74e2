//! A group as it stands in the group table.

use crate::Instant;
use crate::action::Action;
use crate::counter::Counter;
use crate::group::{Bucket, BucketStats, Group, GroupId, GroupKind, GroupStats, Selection};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A group entry (OpenFlow 1.3.5 §5.6).
///
/// It is shared: the table holds it, and so do cached flows that were made with it. What a group *is* never
/// changes; a modification puts another entry in its place. Its counts are written only by who holds the
/// lock of the pipeline.
#[derive(Debug)]
pub(crate) struct GroupEntry {
    pub(crate) id: GroupId,
    pub(crate) kind: GroupKind,
    /// All of them have numbers.
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) selection: Option<Selection>,
    pub(crate) created: Instant,
    used_groups: Vec<GroupId>,
    /// Shared with the entry in whose place it came, if only other buckets came or went.
    tally: Arc<Tally>,
    /// Of each bucket.
    tallies: Vec<Arc<Tally>>,
}

/// What was counted.
#[derive(Debug, Default)]
struct Tally {
    packets: Counter,
    bytes: Counter,
}

impl Tally {
    fn add(&self, packets: u64, bytes: u64) {
        self.packets.add(packets);
        self.bytes.add(bytes);
    }
}

impl GroupEntry {
    /// An entry that has counted nothing. Buckets without a number get the lowest that is free.
    pub(super) fn new(group: Group, created: Instant) -> Self {
        let Group { id, kind, mut buckets, selection } = group;
        number(&mut buckets);
        let tallies = buckets.iter().map(|_| Arc::default()).collect();
        let used_groups = used_groups(&buckets);
        Self { id, kind, buckets, selection, created, used_groups, tally: Arc::default(), tallies }
    }

    /// This entry with other buckets; those that it had before go on with their counts.
    pub(super) fn with_buckets(&self, buckets: Vec<Bucket>) -> Self {
        let Self { id, kind, created, .. } = *self;
        let group = Group { id, kind, buckets, selection: self.selection.clone() };
        let mut entry = Self::new(group, created);
        entry.tally = self.tally.clone();
        let mut before: Vec<(Option<u32>, &Arc<Tally>)> =
            self.buckets.iter().map(|bucket| bucket.id).zip(&self.tallies).collect();
        before.sort_unstable_by_key(|(id, _)| *id);
        for (bucket, tally) in entry.buckets.iter().zip(&mut entry.tallies) {
            let place = before.binary_search_by_key(&bucket.id, |(id, _)| *id);
            if let Some((_, counted)) = place.ok().and_then(|place| before.get(place)) {
                *tally = Arc::clone(counted);
            }
        }
        entry
    }

    /// Each group that a bucket sends packets to, once. Groups that are only watched are not among them.
    pub(super) fn used_groups(&self) -> &[GroupId] {
        &self.used_groups
    }

    /// Counts packets that went to a bucket; to each, if none is named.
    pub(crate) fn count(&self, bucket: Option<usize>, packets: u64, bytes: u64) {
        self.tally.add(packets, bytes);
        match bucket {
            Some(bucket) => {
                self.tallies.get(bucket).into_iter().for_each(|t| t.add(packets, bytes))
            }
            None => self.tallies.iter().for_each(|tally| tally.add(packets, bytes)),
        }
    }

    /// What is told of it. Buckets have their numbers.
    pub(crate) fn describe(&self) -> Group {
        Group {
            id: self.id,
            kind: self.kind,
            buckets: self.buckets.clone(),
            selection: self.selection.clone(),
        }
    }

    /// What it has counted. How many rules use it, who asks knows.
    pub(crate) fn stats(&self, now: Instant, rules: u32) -> GroupStats {
        let bucket = |tally: &Arc<Tally>| BucketStats {
            packets: tally.packets.get(),
            bytes: tally.bytes.get(),
        };
        GroupStats {
            id: self.id,
            ref_count: rules,
            packets: self.tally.packets.get(),
            bytes: self.tally.bytes.get(),
            age: now.since(self.created),
            buckets: self.tallies.iter().map(bucket).collect(),
        }
    }
}

/// Gives each bucket without a number the lowest that is free.
fn number(buckets: &mut [Bucket]) {
    let taken: BTreeSet<u32> = buckets.iter().filter_map(|bucket| bucket.id).collect();
    let mut free = (0..).filter(|id| !taken.contains(id));
    for bucket in buckets.iter_mut().filter(|bucket| bucket.id.is_none()) {
        bucket.id = free.next();
    }
}

fn used_groups(buckets: &[Bucket]) -> Vec<GroupId> {
    let mut found = Vec::new();
    let mut lists: Vec<&[Action]> = buckets.iter().map(|bucket| &*bucket.actions).collect();
    while let Some(actions) = lists.pop() {
        for action in actions {
            match action {
                Action::Group(id) => found.push(*id),
                Action::Clone(inner) => lists.push(inner),
                Action::Ct(ct) => lists.push(&ct.actions),
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
