//! Flow tables as a whole: what is set for them, and what is asked about their rules.

use crate::action::Subfield;
use crate::flow::CookieFilter;
use crate::group::GroupId;
use crate::matching::Match;
use crate::port::{PortNo, TableId};
use alloc::string::String;
use alloc::vec::Vec;

/// What becomes of a packet that no entry of a table matches. What earlier entries wrote into its action set is still
/// done, as in Open vSwitch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Miss {
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
pub struct TableSettings {
    /// Its name; empty for none.
    pub name: String,
    /// How many entries it may have, besides the limit of all tables together.
    pub max_entries: Option<usize>,
    /// When it is full, an entry with a timeout makes room for a new one; otherwise the new one is
    /// refused.
    pub evicts: bool,
    /// Eviction is fair between groups of entries: those that match the same in these parts.
    pub groups: Vec<Subfield>,
}

/// A change of a table by a controller (OpenFlow 1.3.5 §7.3.3; eviction since 1.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableMod {
    /// What becomes of packets without an entry, if that changes.
    pub miss: Option<Miss>,
    /// Whether entries make room for others, if that changes. It is so too if the
    /// [settings](TableSettings) say so.
    pub evicts: Option<bool>,
}

/// What a table has done (OpenFlow 1.3.5 §7.3.5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStats {
    /// Its entries.
    pub active: usize,
    /// Packets that were looked up.
    pub lookups: u64,
    /// Those for which there was an entry.
    pub matched: u64,
}

/// A flow table, as it is told to who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInfo {
    /// Its number.
    pub table: TableId,
    /// What was set for it.
    pub settings: TableSettings,
    /// What becomes of packets without a rule.
    pub miss: Miss,
    /// Do rules make room for others when it is full?
    pub evicts: bool,
    /// What it has done.
    pub stats: TableStats,
}

/// Which entries are asked for (OpenFlow 1.3.5 §7.3.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFilter {
    /// Their table, or all.
    pub table: TableId,
    /// Only those that output to this port; [`PortNo::ANY`] for no restriction.
    pub out_port: PortNo,
    /// Only those that use this group; [`GroupId::ANY`] for no restriction.
    pub out_group: GroupId,
    /// Only those with such a cookie.
    pub cookie: CookieFilter,
    /// Only those whose packets this covers.
    pub matching: Match,
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

/// Sums over some entries (OpenFlow 1.3.5 §7.3.5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aggregate {
    /// Their packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many there are.
    pub entries: usize,
}
