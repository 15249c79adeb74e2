//! `ct` and `nat`: connection tracking.

use super::{Action, Subfield};
use crate::port::TableId;
use alloc::vec::Vec;
use bitflags::bitflags;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::RangeInclusive;

/// Sends a packet through the connection tracker (ovs-actions(7), "The ct action"; `NXAST_CT`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ct {
    /// What is done with the connection.
    pub flags: CtFlags,
    /// The zone: connections of different zones have nothing to do with each other.
    pub zone: CtZone,
    /// The table where the packet then goes on, with what was found out; `None`: only the
    /// connection is looked at, and the packet goes on as it was.
    pub table: Option<TableId>,
    /// The application protocol to be helped, as its well-known port (21 is FTP, 69 TFTP); 0: none.
    pub alg: u16,
    /// What is done with a connection that is committed: set-field of `ct_mark` and `ct_label`;
    /// or how addresses are translated: [`Action::Nat`].
    pub actions: Vec<Action>,
}

impl Default for Ct {
    fn default() -> Self {
        let zone = CtZone::Number(0);
        Self { flags: CtFlags::empty(), zone, table: None, alg: 0, actions: Vec::new() }
    }
}

bitflags! {
    /// What [`Ct`] does with a connection.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct CtFlags: u16 {
        /// A new connection is remembered.
        const COMMIT = 1 << 0;
        /// A connection of the other direction is forgotten first.
        const FORCE = 1 << 1;
    }
}

/// The zone of a [`Ct`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CtZone {
    /// Of that number.
    Number(u16),
    /// The one whose number is in these bits: at most 16.
    Field(Subfield),
}

/// Translates addresses (ovs-actions(7), "nat"; `NXAST_NAT`).
///
/// Without [`SOURCE`](NatFlags::SOURCE) or [`DESTINATION`](NatFlags::DESTINATION) only what the
/// connection has already is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nat {
    /// Which address, and how it is chosen.
    pub flags: NatFlags,
    /// The addresses to choose from.
    pub addresses: Option<AddressRange>,
    /// The ports to choose from; a range with one end open is written as one of a single port.
    pub ports: Option<RangeInclusive<u16>>,
}

/// Addresses to choose from, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRange {
    /// Of IPv4.
    V4(Ipv4Addr, Ipv4Addr),
    /// Of IPv6.
    V6(Ipv6Addr, Ipv6Addr),
}

bitflags! {
    /// Which address a [`Nat`] translates, and how it is chosen.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct NatFlags: u16 {
        /// The source's.
        const SOURCE = 1 << 0;
        /// The destination's.
        const DESTINATION = 1 << 1;
        /// The same ones for a client also after a restart.
        const PERSISTENT = 1 << 2;
        /// The port by a hash.
        const HASH = 1 << 3;
        /// The port at random.
        const RANDOM = 1 << 4;
    }
}
