//! The place of a connection tracker.

use crate::action::Ct;
use crate::{Frame, Instant};
use core::fmt;
use core::net::IpAddr;

/// Remembers connections, for the `ct` action. A switch is given one, and shares it between its
/// forwarders.
pub trait ConnTracker: fmt::Debug + Send + Sync {
    /// Looks a packet up in a zone, does to its connection what the action says (`ct.zone` is a number), and
    /// to the packet what the connection asks for, such as translating addresses. `None`: the packet is
    /// kept or dropped.
    fn track(&self, now: Instant, ct: &Ct, packet: &mut Frame) -> Option<Connection>;
}

/// What is known of the connection of a packet (ovs-fields(7), "Connection Tracking Fields").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Flags: bit 0 new, 1 established, 2 related, 3 reply, 4 invalid, 5 tracked, 6 source address
    /// translated, 7 destination address translated.
    pub state: u32,
    /// The zone.
    pub zone: u16,
    /// The mark.
    pub mark: u32,
    /// The label.
    pub label: u128,
    /// The first packet's source, destination, protocol, and ports.
    pub original: Option<(IpAddr, IpAddr, u8, u16, u16)>,
}
