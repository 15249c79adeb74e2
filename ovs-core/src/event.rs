//! What a switch has to tell.

use crate::Frame;
use crate::action::PacketInReason;
use crate::flow::FlowRemoved;
use crate::matching::Match;
use crate::op::ToController;
use crate::pipeline::Frozen;
use crate::port::{PortInfo, TableId};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Something that happened, for controllers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A packet came for them.
    PacketIn(Box<PacketIn>),
    /// A rule that was to be told of is gone.
    FlowRemoved(Box<FlowRemoved>),
    /// A port came, went or changed.
    PortStatus(PortChange, PortInfo),
    /// All that was asked for before a [barrier](crate::Switch::barrier) is done, and the next packet
    /// meets it.
    Barrier(BarrierToken),
}

/// What became of a port (`enum ofp_port_reason`, OpenFlow 1.3.5 §7.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortChange {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It is different.
    Modified,
}

/// A barrier that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BarrierToken(pub(crate) u64);

/// A packet for controllers (OpenFlow 1.3.5 §7.4.1).
#[derive(Clone, Debug)]
pub struct PacketIn {
    /// The frame, all of it: a switch that does not keep packets for a controller tells them in full
    /// (OpenFlow 1.3.5 §6.1.2).
    pub data: Vec<u8>,
    /// With how many bytes of it the rule would be content; 65535: all.
    pub max_len: u16,
    /// Why they get it.
    pub reason: PacketInReason,
    /// The table of the rule that sent it.
    pub table: TableId,
    /// The cookie of that rule, if a rule sent it.
    pub cookie: Option<u64>,
    /// Those whose connection has this id.
    pub controller: u16,
    /// What the rule said to tell them besides.
    pub userdata: Box<[u8]>,
    /// The in-port, and metadata, registers, tunnel and the like that are not zero.
    pub metadata: Match,
    /// The packet waits, and goes on when it is [resumed](crate::Switch::resume) with this.
    pub continuation: Option<Continuation>,
}

impl PacketIn {
    pub(crate) fn new(packet: &ToController, frame: &Frame) -> Self {
        Self {
            data: frame.as_slice().to_vec(),
            max_len: packet.max_len,
            reason: packet.reason,
            table: packet.table,
            cookie: packet.cookie,
            controller: packet.id,
            userdata: packet.userdata.clone(),
            metadata: packet.metadata.clone(),
            continuation: packet.continuation.clone().map(Continuation),
        }
    }
}

/// Where a packet goes on that an action stopped.
#[derive(Clone)]
pub struct Continuation(pub(crate) Arc<Frozen>);

impl fmt::Debug for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Continuation")
    }
}
