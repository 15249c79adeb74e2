//! Which entries are meant, and what is told of them.

use super::index::{outputs_to, uses_group};
use super::{FlowTables, LATEST, Table};
use crate::flow::{CookieFilter, FlowMod};
use crate::group::GroupId;
use crate::matching::Match;
use crate::pipeline::FlowEntry;
use crate::port::{PortNo, TableId};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Which entries are asked for (OpenFlow 1.3.5 §7.3.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleFilter {
    /// Their table, or all.
    pub(crate) table: TableId,
    /// Only those that output to this port; [`PortNo::ANY`] for no restriction.
    pub(crate) out_port: PortNo,
    /// Only those that use this group; [`GroupId::ANY`] for no restriction.
    pub(crate) out_group: GroupId,
    /// Only those with such a cookie.
    pub(crate) cookie: CookieFilter,
    /// Only those whose packets this covers.
    pub(crate) matching: Match,
}

impl Default for RuleFilter {
    /// All entries of all tables.
    fn default() -> Self {
        Self {
            table: TableId::ALL,
            out_port: PortNo::ANY,
            out_group: GroupId::ANY,
            cookie: CookieFilter::default(),
            matching: Match::new(),
        }
    }
}

impl RuleFilter {
    /// The entries that a modification or deletion is about.
    pub(super) fn of(change: &FlowMod) -> Self {
        let deletes = change.command.deletes();
        Self {
            table: change.table,
            out_port: if deletes { change.out_port } else { PortNo::ANY },
            out_group: if deletes { change.out_group } else { GroupId::ANY },
            cookie: change.cookie_filter,
            matching: change.matching.clone(),
        }
    }

    /// Is it one of them, as far as more is asked than the table and the match?
    fn accepts(&self, entry: &FlowEntry) -> bool {
        self.cookie.accepts(entry.cookie)
            && (self.out_port == PortNo::ANY || outputs_to(&entry.instructions, self.out_port))
            && (self.out_group == GroupId::ANY || uses_group(&entry.instructions, self.out_group))
    }
}

/// Sums over some entries (OpenFlow 1.3.5 §7.3.5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aggregate {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) entries: usize,
}

impl FlowTables {
    /// The entries of the latest version that are asked for, table by table.
    pub(crate) fn rules<'a>(
        &'a self,
        filter: &'a RuleFilter,
    ) -> Box<dyn Iterator<Item = &'a Arc<FlowEntry>> + 'a> {
        let accepts = |entry: &&Arc<FlowEntry>| filter.accepts(entry);
        if filter.cookie.mask == u64::MAX {
            let meant = self.index.with_cookie(filter.table, filter.cookie.value);
            let covered = |entry: &&Arc<FlowEntry>| filter.matching.covers(&entry.matching);
            return Box::new(meant.filter(covered).filter(accepts));
        }
        let of_table = |table: &'a Table| table.classifier.covered(&filter.matching, LATEST);
        Box::new(self.meant(filter.table).flat_map(of_table).filter(accepts))
    }

    /// The sums over the entries that are asked for.
    pub(crate) fn aggregate(&self, filter: &RuleFilter) -> Aggregate {
        self.rules(filter).fold(Aggregate::default(), |sum, entry| Aggregate {
            packets: sum.packets.wrapping_add(entry.stats.packets()),
            bytes: sum.bytes.wrapping_add(entry.stats.bytes()),
            entries: sum.entries + 1,
        })
    }

    /// How many entries a table has with this cookie.
    pub(crate) fn count_with_cookie(&self, table: TableId, cookie: u64) -> usize {
        self.index.count_with_cookie(table, cookie)
    }

    /// The entries that a modification or deletion is about.
    pub(super) fn selected(&self, change: &FlowMod) -> Vec<Arc<FlowEntry>> {
        let filter = RuleFilter::of(change);
        if !change.command.is_strict() {
            return self.rules(&filter).cloned().collect();
        }
        let exact = |table: &Table| {
            table.classifier.find(&change.matching, change.priority, LATEST).cloned()
        };
        self.meant(change.table).filter_map(exact).filter(|entry| filter.accepts(entry)).collect()
    }

    /// A table if it was used, or all of them.
    fn meant(&self, table: TableId) -> impl Iterator<Item = &Table> {
        let all = table == TableId::ALL;
        let (first, last) = if all { (TableId(0), TableId::ALL) } else { (table, table) };
        self.tables.range(first..=last).map(|(_, table)| table)
    }
}
