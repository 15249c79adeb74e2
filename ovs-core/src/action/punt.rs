//! Packets for a controller or a collector.

use crate::meter::MeterId;
use crate::port::PortNo;
use alloc::boxed::Box;
use core::fmt;

/// Sends a copy of the packet to controllers (ovs-actions(7), "The controller action";
/// `NXAST_CONTROLLER`, and `NXAST_CONTROLLER2` if it is more than that can say).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// At most this many bytes of it, 65535 for all.
    pub max_len: u16,
    /// Those whose connection has this id.
    pub id: u16,
    /// The reason that they are told.
    pub reason: PacketInReason,
    /// What they are told besides.
    pub userdata: Box<[u8]>,
    /// The packet waits for a controller to say that it goes on.
    pub pause: bool,
    /// A meter that it goes through first.
    pub meter: Option<MeterId>,
}

impl Default for Controller {
    fn default() -> Self {
        let (max_len, reason, userdata) = (u16::MAX, PacketInReason::ACTION, Box::default());
        Self { max_len, id: 0, reason, userdata, pause: false, meter: None }
    }
}

/// Why a packet goes to the controller (`enum ofp_packet_in_reason`, OpenFlow 1.3.5 §7.4.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketInReason(pub u8);

impl PacketInReason {
    /// No rule matched, or the one for that case sent it.
    pub const NO_MATCH: Self = Self(0);
    /// An action sent it.
    pub const ACTION: Self = Self(1);
    /// Its time to live is over.
    pub const INVALID_TTL: Self = Self(2);
    /// The action set sent it (OpenFlow 1.4).
    pub const ACTION_SET: Self = Self(3);
    /// A group sent it (OpenFlow 1.4).
    pub const GROUP: Self = Self(4);
    /// A packet-out sent it (OpenFlow 1.4).
    pub const PACKET_OUT: Self = Self(5);

    /// Its name, as Open vSwitch writes it.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NO_MATCH => "no_match",
            Self::ACTION => "action",
            Self::INVALID_TTL => "invalid_ttl",
            Self::ACTION_SET => "action_set",
            Self::GROUP => "group",
            Self::PACKET_OUT => "packet_out",
            _ => return None,
        })
    }
}

impl fmt::Display for PacketInReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl fmt::Debug for PacketInReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reports some packets to a collector of flow samples (ovs-actions(7), "The sample action").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many of 65535 packets, at least 1.
    pub probability: u16,
    /// The collectors.
    pub collector_set: u32,
    /// `obsDomainId` of IPFIX.
    pub observation_domain: u32,
    /// `obsPointId` of IPFIX.
    pub observation_point: u32,
    /// The port that the packet leaves by, if it is said (`NXAST_SAMPLE2` and `NXAST_SAMPLE3`).
    pub port: Option<PortNo>,
    /// Whether it is taken before or behind what a tunnel does (`NXAST_SAMPLE3`).
    pub direction: SampleDirection,
}

/// Which side of a port a [`Sample`] stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleDirection {
    /// Not said.
    #[default]
    Unsaid,
    /// Packets that came in.
    Ingress,
    /// Packets that go out.
    Egress,
}
