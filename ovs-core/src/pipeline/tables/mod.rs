//! The flow tables of a bridge (OpenFlow 1.3.5 §5 and §6.4; ovs-ofctl(8), "Flow Table Features").
//!
//! Every change is in a version: who looks at an older one does not see it. A change is made as a
//! whole or not at all, and can be taken back until the next one that is not.

mod change;
mod deadlines;
mod evict;
mod index;
mod query;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use change::Changes;
pub(crate) use table::Table;

use super::FlowEntry;
use crate::Error;
use crate::Instant;
use crate::classify::Version;
use crate::key::tracked::{Hidden, TrackedKey};
use crate::port::TableId;
use crate::table::{Miss, TableMod, TableSettings};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use index::Index;

/// Later than any: who looks at it sees all that is not removed.
const LATEST: Version = Version(u64::MAX);

/// The entry that applies to a packet, and the conjunction that led to it.
pub(crate) type Found = (Arc<FlowEntry>, Option<u32>);

/// The flow tables of one bridge, of which there are those that were used.
#[derive(Debug)]
pub(crate) struct FlowTables {
    tables: BTreeMap<TableId, Table>,
    index: Index,
    /// Entries of the latest version.
    len: usize,
    max_entries: usize,
    /// What a controller said of all tables.
    said: TableMod,
    /// What was removed and is still there for older versions, the oldest first.
    removed: VecDeque<Arc<FlowEntry>>,
    /// Of the hash functions.
    seed: u64,
}

impl FlowTables {
    /// No entries, and room for as many in all tables together.
    pub(crate) fn new(seed: u64, max_entries: usize) -> Self {
        Self {
            tables: BTreeMap::new(),
            index: Index::default(),
            len: 0,
            max_entries,
            said: TableMod::default(),
            removed: VecDeque::new(),
            seed,
        }
    }

    /// Entries of the latest version in all tables.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A table, unless it was never used: then it is empty, and [`default_miss`](Self::default_miss)
    /// holds.
    pub(crate) fn table(&self, table: TableId) -> Option<&Table> {
        self.tables.get(&table)
    }

    /// The tables that were used, by number.
    #[cfg(test)]
    pub(crate) fn tables(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables.iter().map(|(number, table)| (*number, table))
    }

    /// The entry that applies to a packet.
    ///
    /// # Errors
    ///
    /// If that depends on what is not known of it yet.
    pub(crate) fn lookup(
        &self,
        table: TableId,
        version: Version,
        key: &mut TrackedKey,
    ) -> Result<Option<Found>, Hidden> {
        let Some(table) = self.tables.get(&table) else { return Ok(None) };
        let found = table.classifier.lookup(version, key)?;
        Ok(found.map(|found| (found.candidate.clone(), found.conjunction)))
    }

    /// Packets were looked up, for some of which there was an entry.
    pub(crate) fn count(&mut self, table: TableId, lookups: u64, matched: u64) {
        if table <= TableId::MAX {
            self.table_mut(table).count(lookups, matched);
        }
    }

    /// What becomes of packets that no entry of the table matches.
    pub(crate) fn miss(&self, table: TableId) -> Miss {
        self.tables.get(&table).map_or(self.default_miss(), Table::miss)
    }

    /// What becomes of packets in a table that was never used.
    pub(crate) fn default_miss(&self) -> Miss {
        self.said.miss.unwrap_or_default()
    }

    /// What a controller wishes for one table, or for all ([`TableId::ALL`]).
    pub(crate) fn table_mod(&mut self, table: TableId, change: TableMod) {
        if table != TableId::ALL {
            return self.table_mut(table).say(change);
        }
        self.said.miss = change.miss.or(self.said.miss);
        self.said.evicts = change.evicts.or(self.said.evicts);
        self.tables.values_mut().for_each(|table| table.say(change));
    }

    /// What the owner of the switch wishes for a table. If it may have fewer entries than it has, and
    /// entries make room, some do; otherwise those that there are stay.
    ///
    /// # Errors
    /// If no table can have this number.
    pub(crate) fn configure(
        &mut self,
        table: TableId,
        settings: TableSettings,
        version: Version,
    ) -> Result<Changes, Error> {
        if table > TableId::MAX {
            return Err(Error::NoSuchTable(table));
        }
        self.table_mut(table).set(settings);
        let mut changes = Changes::default();
        while self.tables.get(&table).is_some_and(Table::is_overfull) {
            if self.evict(table, version, &mut changes).is_none() {
                break;
            }
        }
        self.remove_learned(version, &mut changes);
        Ok(changes)
    }

    /// Makes the timeouts of an entry not longer than these seconds; 0 leaves one as it is
    /// (`NXAST_FIN_TIMEOUT`).
    pub(crate) fn shorten_timeouts(&mut self, entry: &Arc<FlowEntry>, idle: u16, hard: u16) {
        entry.shorten_timeouts(idle, hard);
        if entry.removed().is_none() {
            self.index.deadlines.put((), entry);
            let table = self.tables.get_mut(&entry.table);
            if let Some(eviction) = table.and_then(|table| table.eviction.as_mut()) {
                eviction.put(entry);
            }
        }
    }

    /// Nothing expires before that; it may well be that nothing does then.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.index.deadlines.earliest()
    }

    /// Lets go of what nobody sees who looks at `oldest` or a later version.
    pub(crate) fn purge(&mut self, oldest: Version) {
        while let Some(entry) = self.removed.front() {
            if entry.removed().is_some_and(|removed| removed > oldest) {
                break;
            }
            if let Some(table) = self.tables.get_mut(&entry.table) {
                table.classifier.remove(entry);
            }
            self.removed.pop_front();
        }
    }

    fn table_mut(&mut self, table: TableId) -> &mut Table {
        let (seed, said) = (self.seed.wrapping_add(table.0.into()), self.said);
        self.tables.entry(table).or_insert_with(|| Table::new(seed, said))
    }
}

/// What all changes are made of.
impl FlowTables {
    fn insert(&mut self, entry: &Arc<FlowEntry>) {
        self.table_mut(entry.table).classifier.insert(entry.clone());
        self.enlist(entry);
    }

    /// Takes back an [`insert`](Self::insert).
    fn uninsert(&mut self, entry: &Arc<FlowEntry>) {
        self.strike(entry);
        self.table_mut(entry.table).classifier.remove(entry);
    }

    /// From a version on, an entry is not there any more.
    fn retire(&mut self, entry: &Arc<FlowEntry>, version: Version) {
        self.strike(entry);
        entry.set_removed(Some(version));
        self.removed.push_back(entry.clone());
    }

    /// Takes back a [`retire`](Self::retire).
    fn unretire(&mut self, entry: &Arc<FlowEntry>) {
        // What is taken back was mostly done last.
        let place = self.removed.iter().rposition(|removed| Arc::ptr_eq(removed, entry));
        if let Some(place) = place {
            self.removed.remove(place);
        }
        entry.set_removed(None);
        self.enlist(entry);
    }

    fn enlist(&mut self, entry: &Arc<FlowEntry>) {
        self.index.add(entry);
        self.len += 1;
        let table = self.table_mut(entry.table);
        table.len += 1;
        if let Some(eviction) = &mut table.eviction {
            eviction.put(entry);
        }
    }

    fn strike(&mut self, entry: &Arc<FlowEntry>) {
        self.index.remove(entry);
        self.len = self.len.saturating_sub(1);
        let table = self.table_mut(entry.table);
        table.len = table.len.saturating_sub(1);
        if let Some(eviction) = &mut table.eviction {
            eviction.remove(entry);
        }
    }
}
