//! One flow table, and what is set for it.

use super::evict::Eviction;
use crate::classify::Classifier;
use crate::counter::Counter;
use crate::pipeline::FlowEntry;
use crate::table::{Miss, TableMod, TableSettings, TableStats};
use alloc::sync::Arc;

/// A flow table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) classifier: Classifier<Arc<FlowEntry>>,
    /// Entries of the latest version.
    pub(super) len: usize,
    settings: TableSettings,
    /// What a controller said.
    pub(super) said: TableMod,
    /// Who makes room, while that is wished for.
    pub(super) eviction: Option<Eviction>,
    lookups: Counter,
    matched: Counter,
}

impl Table {
    pub(super) fn new(seed: u64, said: TableMod) -> Self {
        let mut table = Self {
            classifier: Classifier::new(seed),
            len: 0,
            settings: TableSettings::default(),
            said,
            eviction: None,
            lookups: Counter::default(),
            matched: Counter::default(),
        };
        table.arrange();
        table
    }

    /// Finds the entries that packets meet.
    pub(crate) fn classifier(&self) -> &Classifier<Arc<FlowEntry>> {
        &self.classifier
    }

    pub(crate) fn settings(&self) -> &TableSettings {
        &self.settings
    }

    pub(crate) fn miss(&self) -> Miss {
        self.said.miss.unwrap_or_default()
    }

    /// Do entries make room for others?
    pub(crate) fn evicts(&self) -> bool {
        self.settings.evicts || self.said.evicts == Some(true)
    }

    pub(crate) fn stats(&self) -> TableStats {
        TableStats { active: self.len, lookups: self.lookups.get(), matched: self.matched.get() }
    }

    /// Packets were looked up, for some of which there was an entry. Only who holds the lock of the
    /// pipeline counts.
    pub(crate) fn count(&self, lookups: u64, matched: u64) {
        self.lookups.add(lookups);
        self.matched.add(matched);
    }

    /// Is there no room for one more?
    pub(super) fn is_full(&self) -> bool {
        self.settings.max_entries.is_some_and(|max| self.len >= max)
    }

    /// Are there more than there may be?
    pub(super) fn is_overfull(&self) -> bool {
        self.settings.max_entries.is_some_and(|max| self.len > max)
    }

    pub(super) fn set(&mut self, settings: TableSettings) {
        let regroups = settings.groups != self.settings.groups;
        self.settings = settings;
        if regroups {
            self.eviction = None;
        }
        self.arrange();
    }

    pub(super) fn say(&mut self, change: TableMod) {
        self.said.miss = change.miss.or(self.said.miss);
        self.said.evicts = change.evicts.or(self.said.evicts);
        self.arrange();
    }

    /// Keeps account of who makes room just if that is wished for.
    fn arrange(&mut self) {
        if !self.evicts() {
            self.eviction = None;
        } else if self.eviction.is_none() {
            let mut eviction = Eviction::by(&self.settings.groups);
            let stays = |entry: &&Arc<FlowEntry>| entry.removed().is_none();
            self.classifier.iter().filter(stays).for_each(|entry| eviction.put(entry));
            self.eviction = Some(eviction);
        }
    }
}
