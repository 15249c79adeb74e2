//! Changes of the flow tables, and how they are taken back.

use super::deadlines::deadline;
use super::index::owned;
use super::{FlowTables, LATEST, Table};
use crate::classify::Version;
use crate::flow::{FlowFlags, FlowMod, FlowModCommand, FlowRemoved, RemovedReason};
use crate::group::GroupId;
use crate::meter::MeterId;
use crate::pipeline::FlowEntry;
use crate::pipeline::check::{self, Known};
use crate::pipeline::entry::EntryStats;
use crate::port::TableId;
use crate::{Error, Instant};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What was done, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) steps: Vec<Change>,
}

/// What was done with one entry.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// It is new.
    Added(Arc<FlowEntry>),
    /// Another has come in its place, with the same match and priority.
    Replaced {
        /// Which one it was.
        old: Arc<FlowEntry>,
        /// Which one it is now.
        new: Arc<FlowEntry>,
    },
    /// It is gone.
    Removed(Removed),
}

/// An entry that is gone.
#[derive(Clone, Debug)]
pub(crate) struct Removed {
    pub(crate) entry: Arc<FlowEntry>,
    pub(crate) reason: RemovedReason,
}

impl Removed {
    /// What is told of it to who asked for that ([`FlowFlags::SEND_FLOW_REM`]); `None`: nobody did.
    pub(crate) fn notice(&self, now: Instant) -> Option<FlowRemoved> {
        let asked = self.entry.flags.contains(FlowFlags::SEND_FLOW_REM);
        asked.then(|| FlowRemoved { rule: self.entry.describe(now), reason: self.reason })
    }
}

impl Changes {
    /// Was nothing done?
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The entries that are gone; not those in whose place others came.
    pub(crate) fn removed(&self) -> impl Iterator<Item = &Removed> {
        self.steps.iter().filter_map(|step| match step {
            Change::Removed(removed) => Some(removed),
            _ => None,
        })
    }
}

impl FlowTables {
    /// Does what a flow-mod says (OpenFlow 1.3.5 §6.4). `version` is the one from which on it can be
    /// seen, not earlier than that of any change before. Buffered packets are not looked at.
    ///
    /// # Errors
    /// If it makes no sense, overlaps although it must not, or a table is full. Nothing is changed
    /// then.
    pub(crate) fn apply(
        &mut self,
        now: Instant,
        change: &FlowMod,
        version: Version,
        known: &impl Known,
    ) -> Result<Changes, Error> {
        check::flow_mod(change, known)?;
        let mut changes = Changes::default();
        match change.command {
            FlowModCommand::Add => self.add(now, change, version, &mut changes)?,
            FlowModCommand::Modify | FlowModCommand::ModifyStrict => {
                self.modify(now, change, version, &mut changes)?;
            }
            FlowModCommand::Delete | FlowModCommand::DeleteStrict => {
                for entry in self.selected(change) {
                    self.remove(entry, RemovedReason::Delete, version, &mut changes);
                }
            }
        }
        self.remove_learned(version, &mut changes);
        Ok(changes)
    }

    /// Takes changes back, of which none after them is left: everything is as it was before. The
    /// table has not been [purged](Self::purge) in between of what they removed.
    pub(crate) fn undo(&mut self, changes: &Changes) {
        for step in changes.steps.iter().rev() {
            match step {
                Change::Added(entry) => self.uninsert(entry),
                Change::Replaced { old, new, .. } => {
                    self.uninsert(new);
                    self.unretire(old);
                }
                Change::Removed(removed) => self.unretire(&removed.entry),
            }
        }
    }

    /// Removes the entries whose time is over. Packets must have been counted before.
    pub(crate) fn expire(&mut self, now: Instant, version: Version) -> Changes {
        let mut changes = Changes::default();
        while self.index.deadlines.earliest().is_some_and(|earliest| earliest <= now) {
            let Some(entry) = self.index.deadlines.first() else { break };
            match deadline(&entry) {
                Some((at, reason)) if at <= now => {
                    self.remove(entry, reason, version, &mut changes);
                }
                _ => break,
            }
        }
        self.remove_learned(version, &mut changes);
        changes
    }

    /// Removes the entries that use a group that goes (OpenFlow 1.3.5 §6.7).
    pub(crate) fn remove_users_of_group(&mut self, group: GroupId, version: Version) -> Changes {
        self.remove_all(self.index.users_of_group(group), RemovedReason::GroupDelete, version)
    }

    /// How many entries use a meter.
    pub(crate) fn count_users_of_meter(&self, meter: MeterId) -> usize {
        self.index.users_of_meter(meter).len()
    }

    /// How many entries use a group.
    pub(crate) fn count_users_of_group(&self, group: GroupId) -> usize {
        self.index.users_of_group(group).len()
    }

    /// Removes the entries that use a meter that goes (OpenFlow 1.3.5 §6.8).
    pub(crate) fn remove_users_of_meter(&mut self, meter: MeterId, version: Version) -> Changes {
        self.remove_all(self.index.users_of_meter(meter), RemovedReason::MeterDelete, version)
    }

    fn remove_all(
        &mut self,
        entries: Vec<Arc<FlowEntry>>,
        reason: RemovedReason,
        version: Version,
    ) -> Changes {
        let mut changes = Changes::default();
        for entry in entries {
            self.remove(entry, reason, version, &mut changes);
        }
        self.remove_learned(version, &mut changes);
        changes
    }

    fn add(
        &mut self,
        now: Instant,
        change: &FlowMod,
        version: Version,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        // Where the switch chooses, it is the first.
        let number = if change.table == TableId::ALL { TableId(0) } else { change.table };
        let mut entry = FlowEntry::new(change, number, now, version);
        let table = self.tables.get(&number);
        let find = |table: &Table| {
            table.classifier.find(&change.matching, change.priority, LATEST).cloned()
        };
        if let Some(old) = table.and_then(find) {
            if !change.flags.contains(FlowFlags::RESET_COUNTS) {
                entry.stats = old.stats.clone();
            }
            self.replace(old, entry, version, changes);
            return Ok(());
        }
        if change.flags.contains(FlowFlags::CHECK_OVERLAP) {
            let overlapping = |table: &Table| {
                table.classifier.overlapping(&change.matching, change.priority, LATEST).cloned()
            };
            if let Some(other) = table.and_then(overlapping) {
                let (priority, other) = (other.priority, Box::new(other.matching.clone()));
                return Err(Error::Overlap { table: number, priority, other });
            }
        }
        self.make_room(number, version, changes)?;
        let entry = Arc::new(entry);
        self.insert(&entry);
        changes.steps.push(Change::Added(entry));
        Ok(())
    }

    fn modify(
        &mut self,
        now: Instant,
        change: &FlowMod,
        version: Version,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let meant = self.selected(change);
        if meant.is_empty() {
            let adds = change.cookie.is_some() && change.cookie_filter.mask == 0;
            return if adds { self.add(now, change, version, changes) } else { Ok(()) };
        }
        for old in meant {
            let cookie = change.cookie.filter(|_| change.updates_cookie).unwrap_or(old.cookie);
            let instructions = change.instructions.clone();
            let mut new = old.modified(instructions, cookie, old.flags, now, version);
            if change.flags.contains(FlowFlags::RESET_COUNTS) {
                new.stats = Arc::new(EntryStats::new(old.stats.used()));
            }
            self.replace(old, new, version, changes);
        }
        Ok(())
    }

    fn replace(
        &mut self,
        old: Arc<FlowEntry>,
        new: FlowEntry,
        version: Version,
        changes: &mut Changes,
    ) {
        let new = Arc::new(new);
        self.retire(&old, version);
        self.insert(&new);
        changes.steps.push(Change::Replaced { old, new });
    }

    fn remove(
        &mut self,
        entry: Arc<FlowEntry>,
        reason: RemovedReason,
        version: Version,
        changes: &mut Changes,
    ) {
        self.retire(&entry, version);
        changes.steps.push(Change::Removed(Removed { entry, reason }));
    }

    /// Sees to it that a table can have one more entry.
    fn make_room(
        &mut self,
        table: TableId,
        version: Version,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let of_table = self.tables.get(&table).filter(|table| table.is_full());
        let full = match of_table {
            Some(table) => table.len,
            None if self.len >= self.max_entries => self.len,
            None => return Ok(()),
        };
        self.evict(table, version, changes).ok_or(Error::TableFull(full))
    }

    /// Removes the entry of a table that is the first to make room, if there is one.
    pub(super) fn evict(
        &mut self,
        table: TableId,
        version: Version,
        changes: &mut Changes,
    ) -> Option<()> {
        let victim = self.tables.get_mut(&table)?.eviction.as_mut()?.victim()?;
        self.remove(victim, RemovedReason::Eviction, version, changes);
        Some(())
    }

    /// Removes what was learned by entries that have gone, if that was wished for, and what was
    /// learned by those.
    pub(super) fn remove_learned(&mut self, version: Version, changes: &mut Changes) {
        let mut next = 0;
        while let Some(step) = changes.steps.get(next) {
            next += 1;
            let gone = match step {
                Change::Added(_) => continue,
                Change::Replaced { old, .. } => old.clone(),
                Change::Removed(removed) => removed.entry.clone(),
            };
            for (table, cookie) in owned(&gone) {
                if self.index.is_owned((table, cookie)) || table == TableId::ALL {
                    continue;
                }
                let learned: Vec<_> = self.index.with_cookie(table, cookie).cloned().collect();
                for entry in learned {
                    self.remove(entry, RemovedReason::Delete, version, changes);
                }
            }
        }
    }
}
