//! The groups of a bridge (OpenFlow 1.3.5 §5.6 and §6.7).
//!
//! A bucket may name groups that are not there; its packets then end there, as in Open vSwitch. What it may
//! not do is send packets back to its own group: loops are refused, whichever of the groups comes last.

mod chain;
mod change;
mod entry;
mod live;
mod select;
#[cfg(test)]
mod tests;

pub(crate) use entry::GroupEntry;

use super::check::{self, Known};
use crate::group::{Group, GroupError, GroupId, GroupMod};
use crate::{Error, Instant};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How many buckets one group can have: about as many as fit into one message.
const MAX_BUCKETS: usize = 4096;
/// How many buckets all groups can have.
const MAX_ALL_BUCKETS: usize = 1 << 20;

/// All groups, by number.
#[derive(Debug)]
pub(crate) struct GroupTable {
    limit: usize,
    groups: BTreeMap<GroupId, Arc<GroupEntry>>,
    /// Which groups have buckets that send packets to a group, whether it is there or not.
    users: BTreeMap<GroupId, BTreeSet<GroupId>>,
    /// Buckets of all groups.
    n_buckets: usize,
}

/// What a change of the groups did, so that it can be taken back.
#[derive(Debug, Default)]
pub(crate) struct GroupChanges(Vec<GroupChange>);

/// What became of one group.
#[derive(Debug)]
struct GroupChange {
    id: GroupId,
    before: Option<Arc<GroupEntry>>,
    is_there: bool,
}

impl GroupChanges {
    /// The groups that are gone; the rules that use them go too.
    pub(crate) fn removed(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.0.iter().filter(|change| !change.is_there).map(|change| change.id)
    }
}

impl GroupTable {
    /// A table for that many groups.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, groups: BTreeMap::new(), users: BTreeMap::new(), n_buckets: 0 }
    }

    pub(crate) fn get(&self, id: GroupId) -> Option<&Arc<GroupEntry>> {
        self.groups.get(&id)
    }

    /// All groups, by number.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<GroupEntry>> {
        self.groups.values()
    }

    /// Changes the groups, or nothing.
    ///
    /// # Errors
    ///
    /// If the change or an action of a bucket makes no sense, if packets would go in circles, or if there
    /// is no room.
    pub(crate) fn apply(
        &mut self,
        now: Instant,
        change: &GroupMod,
        known: &impl Known,
    ) -> Result<GroupChanges, Error> {
        if let GroupMod::Delete(id) = change {
            return Ok(self.delete(*id));
        }
        if let GroupMod::Add(group)
        | GroupMod::Modify(group)
        | GroupMod::AddOrModify(group)
        | GroupMod::InsertBuckets(group, _) = change
        {
            for bucket in &group.buckets {
                check::bucket(&bucket.actions, known)?;
            }
        }
        let group = change.id();
        let entry = self.changed(now, change).map_err(|error| Error::Group { group, error })?;
        Ok(GroupChanges([self.put(group, Some(Arc::new(entry)))].into()))
    }

    /// What becomes of the group.
    fn changed(&self, now: Instant, change: &GroupMod) -> Result<GroupEntry, GroupError> {
        let before = self.groups.get(&change.id());
        let entry = match (change, before) {
            (GroupMod::Add(group), before) => {
                change::check(group)?;
                if before.is_some() {
                    return Err(GroupError::Exists);
                }
                self.added(now, group)?
            }
            (GroupMod::Modify(group) | GroupMod::AddOrModify(group), Some(before)) => {
                change::check(group)?;
                GroupEntry::new(group.clone(), before.created)
            }
            (GroupMod::AddOrModify(group), None) => {
                change::check(group)?;
                self.added(now, group)?
            }
            (GroupMod::InsertBuckets(group, place), Some(before)) => {
                change::insert(before, &group.buckets, *place)?
            }
            (GroupMod::RemoveBuckets(_, place), Some(before)) => change::remove(before, *place)?,
            _ => return Err(GroupError::Unknown),
        };
        let others = self.n_buckets - before.map_or(0, |before| before.buckets.len());
        if others + entry.buckets.len() > MAX_ALL_BUCKETS {
            return Err(GroupError::TooManyBuckets(MAX_ALL_BUCKETS));
        }
        self.check_chain(&entry)?;
        Ok(entry)
    }

    fn added(&self, now: Instant, group: &Group) -> Result<GroupEntry, GroupError> {
        if self.groups.len() >= self.limit {
            return Err(GroupError::TooManyGroups(self.groups.len()));
        }
        if group.id > GroupId::MAX {
            return Err(GroupError::InvalidNumber);
        }
        Ok(GroupEntry::new(group.clone(), now))
    }

    /// A group that is not there is not missed (OpenFlow 1.3.5 §6.7). One that other groups name goes too,
    /// as in Open vSwitch.
    fn delete(&mut self, id: GroupId) -> GroupChanges {
        let ids: Vec<GroupId> = match id {
            GroupId::ALL => self.groups.keys().copied().collect(),
            _ => self.groups.contains_key(&id).then_some(id).into_iter().collect(),
        };
        GroupChanges(ids.into_iter().map(|id| self.put(id, None)).collect())
    }

    /// Takes changes back, of which none after them is left.
    pub(crate) fn undo(&mut self, changes: GroupChanges) {
        for change in changes.0.into_iter().rev() {
            self.put(change.id, change.before);
        }
    }

    /// Puts something, or nothing, in the place of a group.
    fn put(&mut self, id: GroupId, entry: Option<Arc<GroupEntry>>) -> GroupChange {
        let is_there = entry.is_some();
        if let Some(entry) = &entry {
            self.n_buckets += entry.buckets.len();
        }
        let after = entry.clone();
        let before = match entry {
            Some(entry) => self.groups.insert(id, entry),
            None => self.groups.remove(&id),
        };
        if let Some(before) = &before {
            self.n_buckets -= before.buckets.len();
            for used in before.used_groups() {
                if let Some(users) = self.users.get_mut(used) {
                    users.remove(&id);
                    if users.is_empty() {
                        self.users.remove(used);
                    }
                }
            }
        }
        for used in after.iter().flat_map(|entry| entry.used_groups()) {
            self.users.entry(*used).or_default().insert(id);
        }
        GroupChange { id, before, is_there }
    }
}
