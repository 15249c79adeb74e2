//! Ways to the entries of all tables by other things than their match.

use super::deadlines::{Deadlines, identity};
use crate::action::{Action, Instructions, Learn, LearnFlags};
use crate::group::GroupId;
use crate::meter::MeterId;
use crate::pipeline::FlowEntry;
use crate::port::{PortNo, TableId};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The entries that there are in the latest version.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_cookie: BTreeMap<(u64, TableId, usize), Arc<FlowEntry>>,
    /// How many have a cookie.
    cookies: BTreeMap<(TableId, u64), usize>,
    by_group: BTreeMap<(GroupId, usize), Arc<FlowEntry>>,
    by_meter: BTreeMap<(MeterId, usize), Arc<FlowEntry>>,
    /// How many times there is a `learn` that takes along what it learned: table and cookie of that.
    learners: BTreeMap<(TableId, u64), usize>,
    pub(super) deadlines: Deadlines<()>,
}

impl Index {
    pub(super) fn add(&mut self, entry: &Arc<FlowEntry>) {
        let identity = identity(entry);
        self.by_cookie.insert((entry.cookie, entry.table, identity), entry.clone());
        *self.cookies.entry((entry.table, entry.cookie)).or_default() += 1;
        for group in groups(&entry.instructions) {
            self.by_group.insert((group, identity), entry.clone());
        }
        if let Some(meter) = entry.instructions.meter {
            self.by_meter.insert((meter, identity), entry.clone());
        }
        for learned in owned(entry) {
            *self.learners.entry(learned).or_default() += 1;
        }
        self.deadlines.put((), entry);
    }

    pub(super) fn remove(&mut self, entry: &Arc<FlowEntry>) {
        let identity = identity(entry);
        self.by_cookie.remove(&(entry.cookie, entry.table, identity));
        subtract(&mut self.cookies, (entry.table, entry.cookie));
        for group in groups(&entry.instructions) {
            self.by_group.remove(&(group, identity));
        }
        if let Some(meter) = entry.instructions.meter {
            self.by_meter.remove(&(meter, identity));
        }
        for learned in owned(entry) {
            subtract(&mut self.learners, learned);
        }
        self.deadlines.remove(entry);
    }

    /// The entries with a cookie, of one table or of all.
    pub(super) fn with_cookie(
        &self,
        table: TableId,
        cookie: u64,
    ) -> impl Iterator<Item = &Arc<FlowEntry>> {
        let (first, last) = if table == TableId::ALL { (0, u8::MAX) } else { (table.0, table.0) };
        let range = (cookie, TableId(first), 0)..=(cookie, TableId(last), usize::MAX);
        self.by_cookie.range(range).map(|(_, entry)| entry)
    }

    pub(super) fn count_with_cookie(&self, table: TableId, cookie: u64) -> usize {
        self.cookies.get(&(table, cookie)).copied().unwrap_or(0)
    }

    pub(super) fn users_of_group(&self, group: GroupId) -> Vec<Arc<FlowEntry>> {
        let range = (group, 0)..=(group, usize::MAX);
        self.by_group.range(range).map(|(_, entry)| entry.clone()).collect()
    }

    pub(super) fn users_of_meter(&self, meter: MeterId) -> Vec<Arc<FlowEntry>> {
        let range = (meter, 0)..=(meter, usize::MAX);
        self.by_meter.range(range).map(|(_, entry)| entry.clone()).collect()
    }

    /// Is there still a `learn` that takes these along?
    pub(super) fn is_owned(&self, learned: (TableId, u64)) -> bool {
        self.learners.contains_key(&learned)
    }
}

fn subtract<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// Table and cookie of the entries that go when the last entry goes that learned such
/// (`NX_LEARN_F_DELETE_LEARNED`).
pub(super) fn owned(entry: &FlowEntry) -> impl Iterator<Item = (TableId, u64)> {
    let key = |learn: &Learn| (learn.table, learn.cookie);
    entry.instructions.applied().iter().filter_map(move |action| match action {
        Action::Learn(learn) if learn.flags.contains(LearnFlags::DELETE_LEARNED) => {
            Some(key(learn))
        }
        _ => None,
    })
}

/// Does one of these actions, or of those in them, answer yes?
fn any(actions: &[Action], test: &mut dyn FnMut(&Action) -> bool) -> bool {
    actions.iter().any(|action| {
        test(action)
            || match action {
                Action::Clone(inner) => any(inner, test),
                Action::Ct(ct) => any(&ct.actions, test),
                _ => false,
            }
    })
}

fn any_of(instructions: &Instructions, test: &mut dyn FnMut(&Action) -> bool) -> bool {
    any(instructions.applied(), test) || any(instructions.written(), test)
}

/// Each group that is used, once.
fn groups(instructions: &Instructions) -> Vec<GroupId> {
    let mut groups = Vec::new();
    any_of(instructions, &mut |action| {
        if let Action::Group(group) = action {
            groups.push(*group);
        }
        false
    });
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// Is that group used?
pub(super) fn uses_group(instructions: &Instructions, group: GroupId) -> bool {
    any_of(instructions, &mut |action| matches!(action, Action::Group(used) if *used == group))
}

/// Do packets leave by that port, as far as Open vSwitch looks: by an output, also by a queue or to a
/// controller, but not by a `bundle`, by a field's value, or cut off.
pub(super) fn outputs_to(instructions: &Instructions, port: PortNo) -> bool {
    any_of(instructions, &mut |action| match action {
        Action::Output { port: to, .. } | Action::Enqueue { port: to, .. } => *to == port,
        Action::Controller(_) => port == PortNo::CONTROLLER,
        _ => false,
    })
}
