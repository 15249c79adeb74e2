//! Ports: their numbers, what is asked for, what is known.

use crate::drops::Drops;
use crate::key::Mac;
use alloc::string::String;
use alloc::vec::Vec;
use bitflags::bitflags;
use core::fmt;

/// A port number, as OpenFlow 1.3.5 §7.2.1 has it: 32 bits, the highest of them reserved.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortNo(pub u32);

impl PortNo {
    /// The highest number that a port of a `SoftSwitch` can have: the highest
    /// that OpenFlow 1.0 leaves to ports too.
    pub const MAX: Self = Self(0xfeff);
    /// Back by the port that the packet came in by; nothing else sends it there.
    pub const IN_PORT: Self = Self(0xffff_fff8);
    /// The first table, for a packet-out.
    pub const TABLE: Self = Self(0xffff_fff9);
    /// What a switch without OpenFlow would do: bridging by learned addresses.
    pub const NORMAL: Self = Self(0xffff_fffa);
    /// All ports but the one it came in by and those that are kept from flooding.
    pub const FLOOD: Self = Self(0xffff_fffb);
    /// All ports but the one it came in by.
    pub const ALL: Self = Self(0xffff_fffc);
    /// The controller.
    pub const CONTROLLER: Self = Self(0xffff_fffd);
    /// The switch's own port.
    pub const LOCAL: Self = Self(0xffff_fffe);
    /// No port; a wildcard in requests.
    pub const ANY: Self = Self(0xffff_ffff);

    /// Name of a reserved number.
    fn reserved_name(self) -> Option<&'static str> {
        Some(match self {
            Self::IN_PORT => "IN_PORT",
            Self::TABLE => "TABLE",
            Self::NORMAL => "NORMAL",
            Self::FLOOD => "FLOOD",
            Self::ALL => "ALL",
            Self::CONTROLLER => "CONTROLLER",
            Self::LOCAL => "LOCAL",
            Self::ANY => "ANY",
            _ => return None,
        })
    }

    /// Can a port have this number?
    pub fn is_assignable(self) -> bool {
        (1..=Self::MAX.0).contains(&self.0)
    }
}

impl From<PortNo> for u32 {
    fn from(port: PortNo) -> Self {
        port.0
    }
}

impl fmt::Display for PortNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reserved_name() {
            Some(name) => f.pad(name),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl fmt::Debug for PortNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Number of a flow table.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

impl TableId {
    /// The highest number that a table can have.
    pub const MAX: Self = Self(0xfe);
    /// All tables, for a deletion or a request.
    pub const ALL: Self = Self(0xff);
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.pad("ALL"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}

impl fmt::Debug for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Number of a queue of a port.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub u32);

impl QueueId {
    /// All queues, for a request.
    pub const ALL: Self = Self(0xffff_ffff);
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.pad("ALL"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}

impl fmt::Debug for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

bitflags! {
    /// How a port is configured (`enum ofp_port_config`, OpenFlow 1.3.5 §7.2.1).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PortConfig: u32 {
        /// Switched off.
        const PORT_DOWN = 1 << 0;
        /// No spanning tree (OpenFlow 1.0).
        const NO_STP = 1 << 1;
        /// Packets that come in are dropped.
        const NO_RECV = 1 << 2;
        /// Packets of the spanning tree protocol that come in are dropped (OpenFlow 1.0).
        const NO_RECV_STP = 1 << 3;
        /// Flooding leaves it out (OpenFlow 1.0).
        const NO_FLOOD = 1 << 4;
        /// Packets that should go out are dropped.
        const NO_FWD = 1 << 5;
        /// The controller is not told of packets for which there is no rule.
        const NO_PACKET_IN = 1 << 6;
        // What else may be said survives.
        const _ = !0;
    }
}

bitflags! {
    /// How a port is (`enum ofp_port_state`, OpenFlow 1.3.5 §7.2.1). In OpenFlow 1.0 bits 8 and 9 are the state of the
    /// spanning tree.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PortState: u32 {
        /// There is no link.
        const LINK_DOWN = 1 << 0;
        /// Something outside of OpenFlow blocks it (OpenFlow 1.3).
        const BLOCKED = 1 << 1;
        /// A fast failover group may use it (OpenFlow 1.3).
        const LIVE = 1 << 2;
        const _ = !0;
    }
}

/// Something for each port of a datapath. Looking it up takes two steps into arrays: ports of the first
/// bridge have its numbers, those of others stand above (see
/// [`SoftSwitch::datapath_port`](crate::SoftSwitch::datapath_port)).
#[derive(Clone, Debug)]
pub struct PortMap<T>(Vec<Vec<Option<T>>>);

impl<T> Default for PortMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> PortMap<T> {
    /// Where a port stands: bridge, and number there.
    fn place(port: PortNo) -> (usize, usize) {
        ((port.0 >> 16) as usize, (port.0 & 0xffff) as usize)
    }

    /// What there is for a port.
    #[inline]
    pub fn get(&self, port: PortNo) -> Option<&T> {
        let (bridge, number) = Self::place(port);
        self.0.get(bridge)?.get(number)?.as_ref()
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, port: PortNo) -> Option<&mut T> {
        let (bridge, number) = Self::place(port);
        self.0.get_mut(bridge)?.get_mut(number)?.as_mut()
    }

    /// Puts something there, and returns what was there before. It takes room for all ports of lower
    /// numbers; so the number should be one that a switch has given.
    pub fn insert(&mut self, port: PortNo, value: T) -> Option<T> {
        let (bridge, number) = Self::place(port);
        if self.0.len() <= bridge {
            self.0.resize_with(bridge + 1, Vec::new);
        }
        let ports = self.0.get_mut(bridge)?;
        if ports.len() <= number {
            ports.resize_with(number + 1, || None);
        }
        ports.get_mut(number)?.replace(value)
    }

    /// Takes out what is there.
    pub fn remove(&mut self, port: PortNo) -> Option<T> {
        let (bridge, number) = Self::place(port);
        self.0.get_mut(bridge)?.get_mut(number)?.take()
    }
}

/// A port to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// Its name, not empty, unique in the switch.
    pub name: String,
    /// The number that it must have; otherwise the lowest that is free.
    pub number: Option<PortNo>,
    /// Its own address.
    pub address: Mac,
    /// What is said of it.
    pub config: PortConfig,
    /// What is known of it.
    pub state: PortState,
}

impl PortSpec {
    /// A port of that name, with any number, up.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            number: None,
            address: Mac::default(),
            config: PortConfig::empty(),
            state: PortState::empty(),
        }
    }

    /// The same with a number of your choice; [`PortNo::LOCAL`] for the port of the switch itself.
    pub fn numbered(mut self, number: PortNo) -> Self {
        self.number = Some(number);
        self
    }
}

/// A port that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortInfo {
    /// Its number.
    pub number: PortNo,
    /// Its name.
    pub name: String,
    /// Its own address.
    pub address: Mac,
    /// What was said of it.
    pub config: PortConfig,
    /// What is known of it.
    pub state: PortState,
}

/// What went through a port since it was added. Bytes are those of Ethernet frames without
/// frame check sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortStats {
    /// Frames that came in, those dropped later included.
    pub rx_frames: u64,
    /// Their bytes.
    pub rx_bytes: u64,
    /// Frames that went out.
    pub tx_frames: u64,
    /// Their bytes.
    pub tx_bytes: u64,
    /// Frames that came in, or should have, and were dropped.
    pub rx_drops: Drops,
    /// Frames that should have gone out and were dropped.
    pub tx_drops: Drops,
}
