//! One flow table, and what is set for it.

use super::evict::Eviction;
use crate::action::Subfield;
use crate::classify::Classifier;
use crate::counter::Counter;
use crate::pipeline::FlowEntry;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What becomes of a packet that no entry of a table matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Miss {
    /// It is dropped, or in OpenFlow 1.0 to 1.2 sent to the controllers: each controller gets it or
    /// not as its version says (OpenFlow 1.3.5 §5.4).
    #[default]
    Default,
    /// It goes to the controllers (`OFPTC11_TABLE_MISS_CONTROLLER`).
    Controller,
    /// It goes on in the next table (`OFPTC11_TABLE_MISS_CONTINUE`).
    Continue,
    /// It is dropped (`OFPTC11_TABLE_MISS_DROP`).
    Drop,
}

/// What the owner of the switch sets for a table (ovs-vswitchd.conf.db(5), `Flow_Table`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableSettings {
    /// Its name; empty for none.
    pub(crate) name: String,
    /// How many entries it may have, besides the limit of all tables together.
    pub(crate) max_entries: Option<usize>,
    /// When it is full, an entry with a timeout makes room for a new one; otherwise the new one is
    /// refused.
    pub(crate) evicts: bool,
    /// Eviction is fair between groups of entries: those that match the same in these parts.
    pub(crate) groups: Vec<Subfield>,
}

/// A change of a table by a controller (OpenFlow 1.3.5 §7.3.3; eviction since 1.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableMod {
    /// What becomes of packets without an entry, if that changes.
    pub(crate) miss: Option<Miss>,
    /// Whether entries make room for others, if that changes. It is so too if the
    /// [settings](TableSettings) say so.
    pub(crate) evicts: Option<bool>,
}

/// What a table has done (OpenFlow 1.3.5 §7.3.5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableStats {
    /// Its entries.
    pub(crate) active: usize,
    /// Packets that were looked up.
    pub(crate) lookups: u64,
    /// Those for which there was an entry.
    pub(crate) matched: u64,
}

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
