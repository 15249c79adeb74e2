//! Changes that a controller is told of: rules, and what other controllers ask for.

use crate::message::{FlowRemovedReason, Message};
use alloc::boxed::Box;
use bitflags::bitflags;
use ovs_core::action::Instructions;
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// Asks to be told of changes of rules (`struct nx_flow_monitor_request`,
/// `struct ofp_flow_monitor_request` of OpenFlow 1.4.1 §7.3.5.17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowMonitorRequest {
    /// A number for it.
    pub monitor: u32,
    /// What is done with it. Nicira's form can only add.
    pub command: FlowMonitorCommand,
    /// What is told.
    pub flags: FlowMonitorFlags,
    /// Only rules that output to this port; [`PortNo::ANY`] for no restriction.
    pub out_port: PortNo,
    /// Only rules that use this group; [`GroupId::ANY`] for no restriction. Nicira's form does not
    /// tell it.
    pub out_group: GroupId,
    /// Only rules of this table, [`TableId::ALL`] for all.
    pub table: TableId,
    /// Only rules whose packets this covers.
    pub matching: Match,
}

/// What is done with a monitor (`enum ofp_flow_monitor_command`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowMonitorCommand(pub u8);

impl FlowMonitorCommand {
    /// A new one.
    pub const ADD: Self = Self(0);
    /// Another content for one that there is.
    pub const MODIFY: Self = Self(1);
    /// It ends.
    pub const DELETE: Self = Self(2);
}

bitflags! {
    /// What a monitor tells (`enum ofp_flow_monitor_flags` of OpenFlow 1.4). Nicira's form, which
    /// OpenFlow 1.3 has too, calls `NO_ABBREV` `OWN`, and has no `ONLY_OWN`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct FlowMonitorFlags: u16 {
        /// The rules that there are at first.
        const INITIAL = 1 << 0;
        /// Those that are added.
        const ADD = 1 << 1;
        /// Those that go.
        const REMOVED = 1 << 2;
        /// Those that are changed.
        const MODIFY = 1 << 3;
        /// What they do.
        const INSTRUCTIONS = 1 << 4;
        /// Changes of this controller in full too.
        const NO_ABBREV = 1 << 5;
        /// Only changes of this controller.
        const ONLY_OWN = 1 << 6;
    }
}

/// A change of a rule (`struct nx_flow_update_full`, `struct ofp_flow_update_full`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "nearly all updates are full")]
pub enum FlowUpdate {
    /// It is, has come, changed or gone.
    Full {
        /// Which of them.
        event: FlowUpdateEvent,
        /// Why it is gone.
        reason: FlowRemovedReason,
        /// Its priority.
        priority: u16,
        /// Its idle timeout, in seconds.
        idle_timeout: u16,
        /// Its hard timeout, in seconds.
        hard_timeout: u16,
        /// Its table.
        table: TableId,
        /// Its cookie.
        cookie: u64,
        /// Which packets it is for.
        matching: Match,
        /// What it does, if that was asked for.
        instructions: Instructions,
    },
    /// A change that this controller asked for, by its transaction.
    Abbreviated {
        /// The transaction.
        xid: u32,
    },
    /// Updates are lost from now on, as there are too many (OpenFlow 1.4).
    Paused,
    /// Updates go on (OpenFlow 1.4).
    Resumed,
}

/// What happened to a rule (`enum nx_flow_update_event`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowUpdateEvent {
    /// It was there at first (OpenFlow 1.4; Nicira's form says added).
    Initial,
    /// It was added.
    Added,
    /// It is gone.
    Removed,
    /// It does something else.
    Modified,
}

/// What another controller asked for (`struct ofp_requestforward_header`, OpenFlow 1.4.1 §7.4.6).
#[derive(Clone, Debug, PartialEq)]
pub struct RequestForward {
    /// The transaction of the request.
    pub xid: u32,
    /// The request: a group-mod or a meter-mod.
    pub request: Box<Message>,
}

/// Which requests are forwarded (`enum ofp_requestforward_reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestForwardReason(pub u8);

impl RequestForwardReason {
    /// Group-mods.
    pub const GROUP_MOD: Self = Self(0);
    /// Meter-mods.
    pub const METER_MOD: Self = Self(1);
}
