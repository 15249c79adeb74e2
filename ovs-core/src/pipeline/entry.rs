//! A rule as it stands in a flow table.

use crate::Instant;
use crate::action::{Action, Instructions};
use crate::classify::{Candidate, Clause, Version};
use crate::counter::Counter;
use crate::flow::{FlowFlags, FlowMod, Rule};
use crate::matching::Match;
use crate::port::TableId;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// A flow entry (OpenFlow 1.3.5 §5.2).
///
/// It is shared: tables hold it, and so do cached flows that were made with it. What a rule *is* never
/// changes; a modification puts another entry in its place, which goes on with its statistics. What
/// changes about it is written only by who holds the lock of the pipeline.
#[derive(Debug)]
pub(crate) struct FlowEntry {
    pub(crate) table: TableId,
    pub(crate) priority: u16,
    pub(crate) matching: Match,
    pub(crate) instructions: Instructions,
    pub(crate) cookie: u64,
    pub(crate) flags: FlowFlags,
    pub(crate) importance: u16,
    pub(crate) created: Instant,
    /// Nanoseconds of the [`Instant`] of the last change.
    modified: Counter,
    clauses: Vec<Clause>,
    /// From which version on it is there.
    added: Version,
    /// From which version on it is not there any more; 0: none.
    removed: Counter,
    /// Seconds; 0: none.
    idle_timeout: AtomicU16,
    hard_timeout: AtomicU16,
    /// Shared with the entry in whose place it came.
    pub(crate) stats: Arc<EntryStats>,
}

/// How often an entry was used.
#[derive(Debug, Default)]
pub(crate) struct EntryStats {
    packets: Counter,
    bytes: Counter,
    /// Nanoseconds of the [`Instant`] of the last packet.
    used: Counter,
}

impl EntryStats {
    pub(crate) fn new(now: Instant) -> Self {
        let stats = Self::default();
        stats.used.set(now.as_nanos());
        stats
    }

    /// Adds packets, of which the last came at `used`.
    pub(crate) fn add(&self, packets: u64, bytes: u64, used: Instant) {
        self.packets.add(packets);
        self.bytes.add(bytes);
        self.touch(used);
    }

    /// A packet came at `used`, counted or not.
    pub(crate) fn touch(&self, used: Instant) {
        if used.as_nanos() > self.used.get() {
            self.used.set(used.as_nanos());
        }
    }

    pub(crate) fn packets(&self) -> u64 {
        self.packets.get()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    pub(crate) fn used(&self) -> Instant {
        Instant::from_nanos(self.used.get())
    }
}

impl FlowEntry {
    /// Is it the entry for packets that no other of its table matches (OpenFlow 1.3.5 §5.4)?
    pub(crate) fn is_table_miss(&self) -> bool {
        self.priority == 0 && self.matching == Match::new()
    }

    /// The entry that a change adds to a table, visible from a version on.
    pub(crate) fn new(change: &FlowMod, table: TableId, now: Instant, added: Version) -> Self {
        let stats = Arc::new(EntryStats::new(now));
        Self {
            table,
            priority: change.priority,
            matching: change.matching.clone(),
            instructions: change.instructions.clone(),
            cookie: change.cookie.unwrap_or(0),
            flags: change.flags,
            importance: change.importance,
            created: now,
            modified: at(now),
            clauses: clauses(&change.instructions),
            added,
            removed: Counter::default(),
            idle_timeout: AtomicU16::new(change.idle_timeout),
            hard_timeout: AtomicU16::new(change.hard_timeout),
            stats,
        }
    }

    /// This entry with other instructions, visible from a version on.
    pub(crate) fn modified(
        &self,
        instructions: Instructions,
        cookie: u64,
        flags: FlowFlags,
        now: Instant,
        added: Version,
    ) -> Self {
        Self {
            table: self.table,
            priority: self.priority,
            matching: self.matching.clone(),
            clauses: clauses(&instructions),
            instructions,
            cookie,
            flags,
            importance: self.importance,
            created: self.created,
            modified: at(now),
            added,
            removed: Counter::default(),
            idle_timeout: AtomicU16::new(self.idle_timeout()),
            hard_timeout: AtomicU16::new(self.hard_timeout()),
            stats: self.stats.clone(),
        }
    }

    pub(crate) fn idle_timeout(&self) -> u16 {
        self.idle_timeout.load(Relaxed)
    }

    pub(crate) fn hard_timeout(&self) -> u16 {
        self.hard_timeout.load(Relaxed)
    }

    /// Makes timeouts not longer than these; 0 leaves one as it is.
    pub(crate) fn shorten_timeouts(&self, idle: u16, hard: u16) {
        for (timeout, most) in [(&self.idle_timeout, idle), (&self.hard_timeout, hard)] {
            let now = timeout.load(Relaxed);
            if most != 0 && (now == 0 || now > most) {
                timeout.store(most, Relaxed);
            }
        }
    }

    /// When it was made or last changed.
    pub(crate) fn modified_at(&self) -> Instant {
        Instant::from_nanos(self.modified.get())
    }

    /// It was to be changed to what it is.
    pub(crate) fn confirm(&self, now: Instant) {
        if now > self.modified_at() {
            self.modified.set(now.as_nanos());
        }
    }

    /// Would [`shorten_timeouts`](Self::shorten_timeouts) change something?
    pub(crate) fn would_shorten(&self, idle: u16, hard: u16) -> bool {
        let longer = |timeout: u16, most: u16| most != 0 && (timeout == 0 || timeout > most);
        longer(self.idle_timeout(), idle) || longer(self.hard_timeout(), hard)
    }

    /// From this version on it is not there any more; `None`: it is, after all.
    pub(crate) fn set_removed(&self, version: Option<Version>) {
        self.removed.set(version.map_or(0, |version| version.0));
    }

    pub(crate) fn removed(&self) -> Option<Version> {
        Some(Version(self.removed.get())).filter(|version| version.0 != 0)
    }

    /// What is told of it.
    pub(crate) fn describe(&self, now: Instant) -> Rule {
        Rule {
            table: self.table,
            priority: self.priority,
            matching: self.matching.clone(),
            instructions: self.instructions.clone(),
            cookie: self.cookie,
            flags: self.flags,
            importance: self.importance,
            idle_timeout: self.idle_timeout(),
            hard_timeout: self.hard_timeout(),
            packets: self.stats.packets(),
            bytes: self.stats.bytes(),
            age: now.since(self.created),
            unmodified: now.since(self.modified_at()),
            unused: now.since(self.stats.used()),
        }
    }
}

fn at(now: Instant) -> Counter {
    let counter = Counter::default();
    counter.set(now.as_nanos());
    counter
}

fn clauses(instructions: &Instructions) -> Vec<Clause> {
    let clause = |action: &Action| match *action {
        Action::Conjunction { id, clause, n_clauses } => Some(Clause { id, clause, n_clauses }),
        _ => None,
    };
    instructions.applied().iter().filter_map(clause).collect()
}

impl Candidate for Arc<FlowEntry> {
    fn matching(&self) -> &Match {
        &self.matching
    }

    fn priority(&self) -> u16 {
        self.priority
    }

    fn is_visible(&self, version: Version) -> bool {
        self.added <= version && self.removed().is_none_or(|removed| version < removed)
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(self, other)
    }

    fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}
