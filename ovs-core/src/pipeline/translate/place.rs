//! Where a walk is, and what remains to be done.

use super::action_set::ActionSet;
use crate::action::Action;
use crate::meter::MeterId;
use crate::port::{PortNo, TableId};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A rule that the walk met: its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleNo(pub(crate) u32);

/// A part of what remains to be done. The last on the list comes first.
#[derive(Clone, Debug)]
pub(super) enum Todo {
    /// Actions from a place on.
    Actions(Actions, usize),
    /// A meter.
    Meter(MeterId),
    /// What a rule says behind its applied actions.
    Instructions(RuleNo),
    /// A table is looked up, with another in-port if it is said.
    Table { table: TableId, in_port: Option<PortNo>, with_ct: bool, miss_counts: bool },
    /// Back behind a resubmit.
    Return { table: TableId, rule: Option<RuleNo>, depth: usize },
    /// The action set is done.
    ActionSet,
}

/// A list of actions.
#[derive(Clone, Debug)]
pub(super) enum Actions {
    Applied(RuleNo),
    Owned(Arc<[Action]>),
}

impl Actions {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Applied(a), Self::Applied(b)) => a == b,
            (Self::Owned(a), Self::Owned(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Todo {
    /// Is it these actions from this place on?
    pub(super) fn is_actions(&self, actions: &Actions, n: usize) -> bool {
        matches!(self, Self::Actions(other, m) if *m == n && other.is(actions))
    }
}

/// Who sends packets to the controllers, for the reason that is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sender {
    #[default]
    Action,
    ActionSet,
    Group,
    PacketOut,
}

/// Where a walk is. This is what a copy of the packet has of its own.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) bridge: usize,
    pub(super) table: TableId,
    pub(super) rule: Option<RuleNo>,
    /// The last is the top: bits and how many.
    pub(super) stack: Vec<(u128, u16)>,
    pub(super) action_set: ActionSet,
    pub(super) todo: Vec<Todo>,
    pub(super) sender: Sender,
    /// Did the connection tracker see it?
    pub(super) tracked: bool,
    /// Mirrors that have their copy, bit by bit.
    pub(super) mirrored: u64,
    /// The priority for `pop_queue`.
    pub(super) first_priority: u32,
}

impl Place {
    pub(super) fn new(bridge: usize) -> Self {
        Self {
            bridge,
            table: TableId(0),
            rule: None,
            stack: Vec::new(),
            action_set: ActionSet::default(),
            todo: Vec::new(),
            sender: Sender::Action,
            tracked: false,
            mirrored: 0,
            first_priority: 0,
        }
    }
}
