//! Which entries are meant, and what is told of them.

use super::index::{outputs_to, uses_group};
use super::{FlowTables, LATEST, Table};
use crate::flow::FlowMod;
use crate::group::GroupId;
use crate::pipeline::FlowEntry;
use crate::port::{PortNo, TableId};
use crate::table::{Aggregate, RuleFilter};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

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
