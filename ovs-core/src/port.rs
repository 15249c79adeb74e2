//! Ports: their numbers, what is asked for, what is known.

use crate::drops::Drops;
use alloc::string::String;
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

/// A port to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// Its name, not empty, unique in the switch.
    pub name: String,
    /// The number that it must have; otherwise the lowest that is free.
    pub number: Option<PortNo>,
}

impl PortSpec {
    /// A port of that name, with any number.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), number: None }
    }

    /// The same with a number of your choice.
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
