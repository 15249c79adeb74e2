//! Groups and their buckets.

use super::action_set::ActionSet;
use super::{Credit, Sender, Stop, Walk};
use crate::drops::DropReason;
use crate::group::{GroupId, GroupKind};
use crate::pipeline::GroupEntry;
use crate::trace::Step;
use alloc::sync::Arc;

impl Walk<'_> {
    pub(super) fn group(&mut self, id: GroupId) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > super::MAX_STEPS {
            return Err(Stop::Fault(DropReason::TooManyResubmits));
        }
        let Some(group) = self.bridge()?.groups.get(id).cloned() else {
            self.stays(DropReason::NoSuchGroup);
            return Ok(());
        };
        let bucket = match group.kind {
            GroupKind::All | GroupKind::Indirect => None,
            GroupKind::Select => {
                let hash = self.select_hash(&group)?;
                let bridge = self.bridge()?;
                let live = |n: usize| bridge.is_live(&group, n);
                match group.select(hash, live) {
                    Some(n) => Some(n),
                    None => return self.no_live_bucket(id),
                }
            }
            GroupKind::FastFailover => {
                let bridge = self.bridge()?;
                match (0..group.buckets.len()).find(|n| bridge.is_live(&group, *n)) {
                    Some(n) => Some(n),
                    None => return self.no_live_bucket(id),
                }
            }
        };
        self.note(|| Step::Group { group: id, bucket });
        self.credits.push(Credit::Group(group.clone(), bucket));
        match bucket {
            Some(n) => self.bucket(&group, n),
            None => (0..group.buckets.len()).try_for_each(|n| self.bucket(&group, n)),
        }
    }

    fn no_live_bucket(&mut self, group: GroupId) -> Result<(), Stop> {
        self.note(|| Step::Group { group, bucket: None });
        self.stays(DropReason::NoLiveBucket);
        Ok(())
    }

    /// A bucket is an action set, done with a copy of the packet.
    fn bucket(&mut self, group: &Arc<GroupEntry>, n: usize) -> Result<(), Stop> {
        let Some(bucket) = group.buckets.get(n) else { return Ok(()) };
        let actions = ActionSet::of(&bucket.actions);
        self.branch(|walk| {
            walk.place.sender = Sender::Group;
            walk.add_actions(actions.into())
        })
    }
}
