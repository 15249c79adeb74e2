//! Groups that send packets to groups.

use super::{GroupEntry, GroupTable};
use crate::group::{GroupError, GroupId};
use alloc::vec::Vec;

/// How many groups a packet can go through one after the other, as far as their buckets tell; one that is
/// named and not there counts.
pub(super) const MAX_CHAIN: usize = 64;

impl GroupTable {
    /// Refuses a group by which packets would go in circles, or through too many groups. Those that there
    /// are have passed this check.
    pub(super) fn check_chain(&self, entry: &GroupEntry) -> Result<(), GroupError> {
        if entry.used_groups().is_empty() {
            return Ok(());
        }
        let below = levels(entry.id, entry.used_groups().to_vec(), |id, found| {
            found.extend(self.get(id).into_iter().flat_map(|group| group.used_groups()));
        })?;
        // With no way back to it there is none from above either.
        let users =
            |id, found: &mut Vec<GroupId>| found.extend(self.users.get(&id).into_iter().flatten());
        let mut above = Vec::new();
        users(entry.id, &mut above);
        above.retain(|id| *id != entry.id);
        let above = levels(entry.id, above, users)?;
        match above + 1 + below > MAX_CHAIN {
            true => Err(GroupError::ChainTooLong(MAX_CHAIN)),
            false => Ok(()),
        }
    }
}

/// How many steps there are at most from `level` on, of which that to `level` is the first. A level is all
/// groups that are as many steps away, each of them once: so a step takes no longer than there are groups
/// that name groups.
fn levels(
    origin: GroupId,
    mut level: Vec<GroupId>,
    follow: impl Fn(GroupId, &mut Vec<GroupId>),
) -> Result<usize, GroupError> {
    let mut n = 0;
    while !level.is_empty() {
        if level.contains(&origin) {
            return Err(GroupError::Loop);
        }
        n += 1;
        if n >= MAX_CHAIN {
            return Err(GroupError::ChainTooLong(MAX_CHAIN));
        }
        let mut next = Vec::new();
        level.into_iter().for_each(|id| follow(id, &mut next));
        next.sort_unstable();
        next.dedup();
        level = next;
    }
    Ok(n)
}
