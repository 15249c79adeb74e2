//! Which buckets are live (OpenFlow 1.3.5 §6.5).

use super::change::watches;
use super::{GroupEntry, GroupTable};
use crate::PortNo;
use crate::group::{Bucket, GroupId, GroupKind};
use alloc::vec::Vec;

/// How many groups are asked, at most, for whether a bucket is live.
pub(super) const MAX_WATCHED: usize = 128;

/// Who knows of ports, and may note what an answer stands on. A closure that says whether a port is up is
/// one.
pub(crate) trait Watch {
    /// Is this port up? [`PortNo::CONTROLLER`]: is a controller connected?
    fn is_up(&mut self, port: PortNo) -> bool;

    /// The answer depends on this group, which may not be there.
    fn depends_on(&mut self, _group: GroupId) {}
}

impl<F: FnMut(PortNo) -> bool> Watch for F {
    fn is_up(&mut self, port: PortNo) -> bool {
        self(port)
    }
}

impl GroupTable {
    /// Is this bucket of the group live? So is one that watches nothing, whose port is up, or whose group
    /// has a live bucket. In a select group, one of weight 0 is not. Groups that only watch each other are
    /// not live, and neither is what is behind more groups than are asked.
    pub(crate) fn is_live(&self, group: &GroupEntry, n: usize, mut watch: impl Watch) -> bool {
        let Some(bucket) = group.buckets.get(n) else { return false };
        // A bucket is live if a way along watched groups leads to one that is so by itself.
        let mut found = Vec::new();
        if is_live_itself(group.kind, bucket, &mut watch, &mut found) {
            return true;
        }
        let mut asked = 0;
        while let Some(id) = found.get(asked).copied() {
            asked += 1;
            watch.depends_on(id);
            let Some(group) = self.get(id) else { continue };
            for bucket in &group.buckets {
                if is_live_itself(group.kind, bucket, &mut watch, &mut found) {
                    return true;
                }
            }
        }
        false
    }
}

/// Is it live whatever groups are? Otherwise the group that it watches is added to those to be asked.
fn is_live_itself(
    kind: GroupKind,
    bucket: &Bucket,
    watch: &mut impl Watch,
    found: &mut Vec<GroupId>,
) -> bool {
    if kind == GroupKind::Select && bucket.weight == 0 {
        return false;
    }
    if !watches(bucket) || bucket.watch_port != PortNo::ANY && watch.is_up(bucket.watch_port) {
        return true;
    }
    let id = bucket.watch_group;
    if id != GroupId::ANY && found.len() < MAX_WATCHED && !found.contains(&id) {
        found.push(id);
    }
    false
}
