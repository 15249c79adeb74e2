//! Where a walk is, and what remains to be done.

use super::action_set::ActionSet;
use crate::meter::MeterId;
use crate::port::{PortNo, TableId};
use alloc::vec::Vec;

/// A rule that the walk met: its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleNo(pub(crate) u32);

/// Actions that are not a rule's: their place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListNo(pub(super) u32);

/// A part of what remains to be done. The last on the list comes first.
///
/// It is small, and names what is on a shelf, so that it can be put on the list and taken off often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Todo {
    /// The applied actions of a rule, from a place on.
    Applied(RuleNo, u32),
    /// Other actions, from a place on.
    Actions(ListNo, u32),
    /// A meter.
    Meter(MeterId),
    /// A table is looked up.
    Table(Lookup),
    /// Back behind a resubmit.
    Return { table: TableId, rule: Option<RuleNo>, depth: u16 },
    /// The action set is done.
    ActionSet,
}

/// A lookup in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) table: TableId,
    /// Another in-port for it.
    pub(super) in_port: Option<PortNo>,
    /// With the addresses of the connection's original direction.
    pub(super) with_ct: bool,
    /// Does the table say what becomes of a packet for which there is no rule?
    pub(super) miss_counts: bool,
}

impl Lookup {
    /// That of a packet that comes in, or goes to a table.
    pub(super) fn first(table: TableId) -> Self {
        Self { table, in_port: None, with_ct: false, miss_counts: true }
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
