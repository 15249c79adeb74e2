//! Queues of ports.

use crate::message::Duration;
use alloc::vec::Vec;
use bytes::Bytes;
use ovs_core::{PortNo, QueueId};

/// A queue (`struct ofp_packet_queue`, OpenFlow 1.3.5 §7.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    /// Its number.
    pub queue: QueueId,
    /// Its port. OpenFlow 1.0 does not tell it: there it is the port asked for.
    pub port: PortNo,
    /// How it is configured.
    pub properties: Vec<QueueProperty>,
}

/// How a queue is configured (`enum ofp_queue_properties`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueueProperty {
    /// What it gets at least, in tenths of a percent; above 1000: nothing is promised.
    MinRate(u16),
    /// What it gets at most, in tenths of a percent; above 1000: no limit (OpenFlow 1.3).
    MaxRate(u16),
    /// What an experimenter defines (OpenFlow 1.3).
    Experimenter {
        /// The experimenter.
        experimenter: u32,
        /// What follows.
        data: Bytes,
    },
    /// One that is not defined: its type and what follows its header.
    Opaque {
        /// Its type.
        kind: u16,
        /// What follows its header.
        data: Bytes,
    },
}

/// Whose counters are asked for (`struct ofp_queue_stats_request`, OpenFlow 1.3.5 §7.3.5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStatsRequest {
    /// The port, [`PortNo::ANY`] for all.
    pub port: PortNo,
    /// The queue, [`QueueId::ALL`] for all.
    pub queue: QueueId,
}

/// Counters of a queue (`struct ofp_queue_stats`). All ones: not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueStats {
    /// The port.
    pub port: PortNo,
    /// The queue.
    pub queue: QueueId,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Packets sent.
    pub tx_packets: u64,
    /// Packets dropped because of too many.
    pub tx_errors: u64,
    /// How long the queue has been there (OpenFlow 1.3).
    pub duration: Duration,
}
