//! Why a packet went where it went: its translation, told step by step.
//!
//! ```
//! use ovs_core::action::Action;
//! use ovs_core::flow::FlowMod;
//! use ovs_core::matching::Match;
//! use ovs_core::{Config, Frame, Instant, PortSpec, SoftSwitch, Switch};
//!
//! # fn main() -> Result<(), ovs_core::Error> {
//! let mut switch = SoftSwitch::new(Config::default());
//! let a = switch.add_port(PortSpec::named("a"))?;
//! let broadcast = Match::new().eth_dst([0xff; 6]);
//! switch.flow_mod(FlowMod::add().matching(broadcast).apply([]))?;
//!
//! let trace = switch.trace(Instant::ZERO, a, &Frame::from([0xff; 60]));
//! assert_eq!(trace.passes[0].megaflow.to_string(), "in_port=1,recirc_id=0,eth_dst=ff:ff:ff:ff:ff:ff");
//! assert_eq!(trace.passes[0].reason.unwrap().to_string(), "the rule that matches has no output");
//! assert!(trace.sent.is_empty());
//! # Ok(())
//! # }
//! ```

use crate::action::{Action, PacketInReason};
use crate::drops::DropReason;
use crate::event::PacketIn;
use crate::field::Field;
use crate::flow::Rule;
use crate::group::GroupId;
use crate::matching::Match;
use crate::op::Op;
use crate::port::{PortNo, TableId};
use crate::{Error, FlowKey, Frame};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What becomes of a packet. Nothing is learned and counted by it.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The translations that it takes: one, and one more each time it has to be looked at again.
    pub passes: Vec<Pass>,
    /// The frames that leave, by which ports of the datapath.
    pub sent: Vec<(PortNo, Frame)>,
    /// What the controllers of a bridge get.
    pub to_controllers: Vec<(usize, PacketIn)>,
    /// Why copies of it are dropped, in the order in which that happens.
    pub dropped: Vec<DropReason>,
}

/// One translation.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The packet, as it was at the beginning.
    pub key: FlowKey,
    /// What was done, in order.
    pub steps: Vec<(Depth, Step)>,
    /// The packet as it was at the end, with registers and metadata.
    pub final_key: FlowKey,
    /// All packets for which the same is done: what was looked at, bit by bit.
    pub megaflow: Match,
    /// What is done.
    pub ops: Vec<Op>,
    /// Why nothing leaves, if nothing does.
    pub reason: Option<DropReason>,
}

/// How deep a step stands in resubmits, groups, clones and bridges.
pub type Depth = usize;

/// One step of a translation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// The packet comes into a bridge.
    Bridge {
        /// Its number in the datapath.
        bridge: usize,
        /// The port by which it comes.
        in_port: PortNo,
    },
    /// A table is looked up.
    Table {
        /// The table.
        table: TableId,
        /// The rule that was found.
        rule: Option<Box<Rule>>,
        /// The conjunction that led to it.
        conjunction: Option<u32>,
    },
    /// An action is done.
    Action(Action),
    /// The action set is done.
    ActionSet,
    /// The packet goes through a group.
    Group {
        /// The group.
        group: GroupId,
        /// The bucket, if not all of them are done; none is live if nothing follows.
        bucket: Option<usize>,
    },
    /// It should leave by a port.
    Output {
        /// The port.
        port: PortNo,
        /// Does it?
        sent: bool,
    },
    /// It goes to the controllers.
    ToController(PacketInReason),
    /// The packet does not have a field, so it is not changed.
    HasNoField(Field),
    /// There is nothing on the stack to be taken.
    StackEmpty,
    /// A rule was not learned.
    Refused(Error),
    /// Nothing leaves by this.
    Stays(DropReason),
    /// Nothing leaves at all, whatever was done before.
    Fault(DropReason),
    /// The frame has to be looked at again.
    Recirculate,
    /// The translation goes on with the frame as it is now.
    Thaw {
        /// The bridge in which it does.
        bridge: usize,
    },
}
