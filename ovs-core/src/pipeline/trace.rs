//! What became of a packet, step by step.

use super::FlowEntry;
use crate::Error;
use crate::action::{Action, PacketInReason};
use crate::drops::DropReason;
use crate::field::Field;
use crate::group::GroupId;
use crate::port::{PortNo, TableId};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The steps of a translation, in order, each with how deep it stands in resubmits, groups and the like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<(usize, Step)>,
}

impl Trace {
    pub(crate) fn note(&mut self, depth: usize, step: Step) {
        self.steps.push((depth, step));
    }
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The packet comes into a bridge.
    Bridge { bridge: usize, in_port: PortNo },
    /// A table is looked up.
    Table { table: TableId, rule: Option<Arc<FlowEntry>> },
    /// An action is done.
    Action(Action),
    /// The action set is done.
    ActionSet,
    /// A bucket of a group, or all of them.
    Group { group: GroupId, bucket: Option<usize> },
    /// Out by a port, or not because of how the port is.
    Output { port: PortNo, sent: bool },
    /// To the controllers.
    ToController(PacketInReason),
    /// The packet does not have the field.
    HasNoField(Field),
    /// There is nothing on the stack.
    StackEmpty,
    /// A rule was not learned.
    Refused(Error),
    /// Nothing leaves by this.
    Stays(DropReason),
    /// Nothing leaves at all.
    Fault(DropReason),
    /// The frame has to be looked at again.
    Recirculate,
    /// Goes on with the frame as it is now.
    Thaw { bridge: usize },
}
