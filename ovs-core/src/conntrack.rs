//! The place of a connection tracker.

use crate::action::Ct;
use crate::{FlowKey, Frame, Instant};
use alloc::sync::Arc;
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

/// What a packet's connection is, or that it is not valid because nobody remembers connections.
pub(crate) fn track(
    tracker: Option<&Arc<dyn ConnTracker>>,
    now: Instant,
    ct: &Ct,
    packet: &mut Frame,
) -> Option<Connection> {
    const INVALID: u32 = 0x10;
    const TRACKED: u32 = 0x20;
    match tracker {
        Some(tracker) => tracker.track(now, ct, packet),
        None => Some(Connection { state: INVALID | TRACKED, ..Connection::default() }),
    }
}

impl Connection {
    /// Puts what is known into the key of a packet.
    pub(crate) fn write(&self, key: &mut FlowKey) {
        key.ct_state = self.state.into();
        key.ct_zone = self.zone.into();
        key.ct_mark = self.mark.into();
        key.ct_label = self.label.to_be_bytes();
        let Some((src, dst, proto, tp_src, tp_dst)) = self.original else { return };
        key.ct_nw_proto = proto;
        key.ct_tp_src = tp_src.into();
        key.ct_tp_dst = tp_dst.into();
        match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                (key.ct_nw_src, key.ct_nw_dst) = (src.octets(), dst.octets());
            }
            (IpAddr::V6(src), IpAddr::V6(dst)) => {
                (key.ct_ipv6_src, key.ct_ipv6_dst) = (src.octets(), dst.octets());
            }
            _ => {}
        }
    }
}
