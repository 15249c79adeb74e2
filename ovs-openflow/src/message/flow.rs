//! Rules of the flow tables, as they are listed and told to be gone.

use core::fmt;
use ovs_core::action::Instructions;
use ovs_core::flow::{CookieFilter, FlowFlags};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// A time that something has been there, as the protocol has it.
///
/// All ones in `sec`: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    /// Seconds.
    pub sec: u32,
    /// Nanoseconds beyond.
    pub nsec: u32,
}

impl From<core::time::Duration> for Duration {
    /// More than 2^32 - 2 seconds are as many.
    fn from(duration: core::time::Duration) -> Self {
        let sec = u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).min(u32::MAX - 1);
        Self { sec, nsec: duration.subsec_nanos() }
    }
}

/// Which rules are asked for (`struct ofp_flow_stats_request`, OpenFlow 1.3.5 §7.3.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStatsRequest {
    /// Their table.
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

impl Default for FlowStatsRequest {
    /// All rules of all tables.
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

/// A rule (`struct ofp_flow_stats`, OpenFlow 1.3.5 §7.3.5.2). Counters of all ones: not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStats {
    /// Its table.
    pub table: TableId,
    /// How long it has been there.
    pub duration: Duration,
    /// Its priority.
    pub priority: u16,
    /// Seconds without a packet after which it goes; 0: never.
    pub idle_timeout: u16,
    /// Seconds after which it goes; 0: never.
    pub hard_timeout: u16,
    /// Seconds since its last packet, if told (`NXST_FLOW`).
    pub idle_age: Option<u16>,
    /// Seconds since it was added or changed, if told (`NXST_FLOW`).
    pub hard_age: Option<u16>,
    /// What was wished for it (OpenFlow 1.3).
    pub flags: FlowFlags,
    /// Rules of less importance go first when the table is full (OpenFlow 1.4).
    pub importance: u16,
    /// Its cookie.
    pub cookie: u64,
    /// Packets that it matched.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
    /// Which packets it is for.
    pub matching: Match,
    /// What it does.
    pub instructions: Instructions,
}

/// Sums over some rules (`struct ofp_aggregate_stats_reply`, OpenFlow 1.3.5 §7.3.5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AggregateStats {
    /// Packets that they matched.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
    /// How many rules there are.
    pub flow_count: u32,
}

/// A rule is gone (`struct ofp_flow_removed`, OpenFlow 1.3.5 §7.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRemoved {
    /// Its cookie.
    pub cookie: u64,
    /// Its priority.
    pub priority: u16,
    /// Why it is gone.
    pub reason: FlowRemovedReason,
    /// Its table; `None` if that is not told, as in OpenFlow 1.0.
    pub table: Option<TableId>,
    /// How long it was there.
    pub duration: Duration,
    /// Its idle timeout, in seconds.
    pub idle_timeout: u16,
    /// Its hard timeout, in seconds (OpenFlow 1.3).
    pub hard_timeout: u16,
    /// Packets that it matched.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
    /// Which packets it was for.
    pub matching: Match,
}

/// Why a rule is gone (`enum ofp_flow_removed_reason`, OpenFlow 1.3.5 §7.4.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowRemovedReason(pub u8);

impl FlowRemovedReason {
    /// No packet came for its idle timeout.
    pub const IDLE_TIMEOUT: Self = Self(0);
    /// Its hard timeout is over.
    pub const HARD_TIMEOUT: Self = Self(1);
    /// It was deleted.
    pub const DELETE: Self = Self(2);
    /// A group that it used was deleted.
    pub const GROUP_DELETE: Self = Self(3);
    /// A meter that it used was deleted (OpenFlow 1.4).
    pub const METER_DELETE: Self = Self(4);
    /// It had to make room for another (OpenFlow 1.4).
    pub const EVICTION: Self = Self(5);

    /// Its name, as Open vSwitch writes it.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::IDLE_TIMEOUT => "idle",
            Self::HARD_TIMEOUT => "hard",
            Self::DELETE => "delete",
            Self::GROUP_DELETE => "group_delete",
            Self::METER_DELETE => "meter_delete",
            Self::EVICTION => "eviction",
            _ => return None,
        })
    }
}

impl fmt::Display for FlowRemovedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl fmt::Debug for FlowRemovedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
