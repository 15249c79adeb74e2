//! What the pipeline says of a packet, and a datapath does with every packet of its flow.

use crate::action::{Ct, PacketInReason, Sample};
use crate::edit::{Edit, Masked};
use crate::matching::Match;
use crate::meter::MeterId;
pub use crate::pipeline::{Frozen, MeterState, Verdict};
use crate::port::{PortNo, TableId};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// One step of what is done with each packet of a flow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Op {
    /// The frame is changed.
    Edit(Edit),
    /// A copy of the frame leaves by a port of the datapath.
    Output(PortNo),
    /// A copy goes to controllers.
    Controller(Box<ToController>),
    /// All of this is done with a copy, and nothing of it is seen behind.
    Clone(Vec<Op>),
    /// The packet goes through a meter, which may end it here.
    Meter(MeterId, Arc<MeterState>),
    /// Some packets are reported to a collector.
    Sample(Sample),
    /// One of two ways, by the length of the frame; nothing follows.
    CheckLength {
        /// Bytes.
        longer_than: u16,
        /// For a frame that is longer.
        yes: Vec<Op>,
        /// For one that is not.
        no: Vec<Op>,
    },
    /// The packet gets a queue priority, for a device that has queues.
    SetPriority(u32),
    /// The packet's mark changes.
    SetMark(Masked<u32>),
    /// The packet goes through the connection tracker.
    Ct(Box<Ct>),
    /// What the connection tracker said is forgotten.
    CtClear,
    /// The frame is looked at again, and its translation goes on where it stopped; nothing follows.
    Recirculate(Arc<Frozen>),
}

/// A packet for controllers.
#[derive(Clone, Debug)]
pub struct ToController {
    /// The bridge whose controllers are told.
    pub bridge: usize,
    /// Those whose connection has this id.
    pub id: u16,
    /// Why.
    pub reason: PacketInReason,
    /// The table of the rule that sent it.
    pub table: TableId,
    /// The cookie of that rule, if there was one.
    pub cookie: Option<u64>,
    /// With how many bytes of it the rule would be content; 65535: all.
    pub max_len: u16,
    /// What else is told.
    pub userdata: Box<[u8]>,
    /// Port, registers, metadata and the like when it was sent.
    pub metadata: Match,
    /// Where its translation goes on, if the controller says so.
    pub continuation: Option<Arc<Frozen>>,
    /// A meter that it goes through first.
    pub meter: Option<(MeterId, Arc<MeterState>)>,
}

/// Is the frame itself, or what is known of it, different behind these?
pub(crate) fn change_the_packet(ops: &[Op]) -> bool {
    ops.iter()
        .any(|op| !matches!(op, Op::Output(_) | Op::Controller(_) | Op::Clone(_) | Op::Sample(_)))
}
