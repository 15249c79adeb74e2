//! Packets between switch and controller.

use alloc::vec::Vec;
use bytes::Bytes;
use ovs_core::action::{Action, PacketInReason};
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// A packet for the controller (`struct ofp_packet_in`, OpenFlow 1.3.5 §7.4.1).
///
/// Which of the members a message has depends on its [format](PacketInFormat).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketIn {
    /// The form of the message.
    pub format: PacketInFormat,
    /// The packet is kept by the switch, under this number.
    pub buffer: Option<u32>,
    /// Bytes of the whole packet.
    pub total_len: u32,
    /// Why the controller is told.
    pub reason: PacketInReason,
    /// The table that sent it. OpenFlow 1.0's standard form does not tell it.
    pub table: TableId,
    /// The cookie of the rule that sent it, `None` if there was none. OpenFlow 1.0's standard form
    /// does not tell it.
    pub cookie: Option<u64>,
    /// The port that the packet came in by and what else is known of it: metadata, registers, the
    /// tunnel. OpenFlow 1.0's standard form has only the port.
    pub metadata: Match,
    /// What the action said besides (`NXT_PACKET_IN2`).
    pub userdata: Bytes,
    /// What the switch needs to go on with the packet, to be handed back by
    /// [`Resume`] (`NXT_PACKET_IN2`). It means nothing to the controller.
    pub continuation: Option<Bytes>,
    /// The packet, perhaps only its beginning.
    pub data: Bytes,
}

/// The forms that a [`PacketIn`] can have (`enum nx_packet_in_format`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketInFormat {
    /// That of the version of OpenFlow.
    Standard,
    /// `NXT_PACKET_IN`.
    Nxt,
    /// `NXT_PACKET_IN2`.
    Nxt2,
}

/// A packet that the controller hands back to the switch (`NXT_RESUME`): the members of a
/// [`PacketIn`] that it had, the packet and the metadata perhaps changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume(pub PacketIn);

/// A packet that the controller sends (`struct ofp_packet_out`, OpenFlow 1.3.5 §7.3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketOut {
    /// The packet that the switch has under this number; `None`: it is in `data`.
    pub buffer: Option<u32>,
    /// The port that it is taken to come from; [`PortNo::CONTROLLER`] or [`PortNo::ANY`] for none.
    pub in_port: PortNo,
    /// What is done with it.
    pub actions: Vec<Action>,
    /// The packet.
    pub data: Bytes,
}
