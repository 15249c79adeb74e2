//! Statistics and features of groups. Groups themselves are [`ovs_core::group`]'s.

use crate::message::{ActionBits, Duration};
use alloc::vec::Vec;
use bitflags::bitflags;
use ovs_core::group::GroupId;

/// Counters of a group (`struct ofp_group_stats`, OpenFlow 1.3.5 §7.3.5.8). All ones: not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStats {
    /// The group.
    pub group: GroupId,
    /// How many rules and groups use it.
    pub ref_count: u32,
    /// Packets that it got.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
    /// How long it has been there (OpenFlow 1.3).
    pub duration: Duration,
    /// Of each bucket, in order.
    pub buckets: Vec<BucketCounter>,
}

/// Counters of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketCounter {
    /// Packets that it got.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
}

/// What groups a switch can have (`struct ofp_group_features`, OpenFlow 1.3.5 §7.3.5.10). Lists
/// are in the order all, select, indirect, fast failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupFeatures {
    /// The kinds.
    pub kinds: GroupKinds,
    /// What else it can do with them.
    pub capabilities: GroupCapabilities,
    /// How many groups of each kind.
    pub max_groups: [u32; 4],
    /// The actions in buckets of each kind: bit n for the action with number n in the version of
    /// the message.
    pub actions: [ActionBits; 4],
}

bitflags! {
    /// Kinds of groups: bit n for number n of `enum ofp_group_type`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GroupKinds: u32 {
        /// All.
        const ALL = 1 << 0;
        /// Select.
        const SELECT = 1 << 1;
        /// Indirect.
        const INDIRECT = 1 << 2;
        /// Fast failover.
        const FAST_FAILOVER = 1 << 3;
        const _ = !0;
    }
}

bitflags! {
    /// What a switch can do with groups (`enum ofp_group_capabilities`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GroupCapabilities: u32 {
        /// Weights of select groups.
        const SELECT_WEIGHT = 1 << 0;
        /// Select groups look at whether buckets are live.
        const SELECT_LIVENESS = 1 << 1;
        /// Groups may use groups.
        const CHAINING = 1 << 2;
        /// Loops of groups are refused.
        const CHAINING_CHECKS = 1 << 3;
        const _ = !0;
    }
}
