//! Versions of OpenFlow, and the choices that two sides make within one.

use core::fmt;

/// A version of OpenFlow, as the first byte of a message has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u8);

impl Version {
    /// OpenFlow 1.0.
    pub const OF10: Self = Self(1);
    /// OpenFlow 1.1.
    pub const OF11: Self = Self(2);
    /// OpenFlow 1.2.
    pub const OF12: Self = Self(3);
    /// OpenFlow 1.3.
    pub const OF13: Self = Self(4);
    /// OpenFlow 1.4.
    pub const OF14: Self = Self(5);
    /// OpenFlow 1.5.
    pub const OF15: Self = Self(6);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            minor @ 1..=6 => write!(f, "OpenFlow 1.{}", minor - 1),
            other => write!(f, "OpenFlow version {other:#04x}"),
        }
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How messages are written: the version, and what Nicira's extensions leave to choose in it.
///
/// Only writing needs to be told; what is read says itself which form it has, and
/// [`Header::protocol`](crate::Header) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol {
    /// The version.
    pub version: Version,
    /// In OpenFlow 1.0: matches are lists of NXM fields (`NXT_FLOW_MOD`, `NXST_FLOW`, …)
    /// instead of the fixed `ofp_match`. Chosen by
    /// [`SetFlowFormat`](crate::Message::SetFlowFormat). In later versions: Nicira's form of a
    /// message that has another there too (`NXT_FLOW_MOD`, `NXT_ROLE_REQUEST`, …).
    pub nxm: bool,
    /// In OpenFlow 1.0: the upper byte of a flow-mod's command is the table. Chosen by
    /// [`FlowModTableId`](crate::Message::FlowModTableId).
    pub table_id: bool,
}

impl Protocol {
    /// OpenFlow 1.0 as its specification has it.
    pub const OF10: Self = Self { version: Version::OF10, nxm: false, table_id: false };
    /// OpenFlow 1.0 with NXM matches.
    pub const OF10_NXM: Self = Self { version: Version::OF10, nxm: true, table_id: false };
    /// OpenFlow 1.0 with NXM matches and tables.
    pub const OF10_NXM_TID: Self = Self { version: Version::OF10, nxm: true, table_id: true };
    /// OpenFlow 1.3.
    pub const OF13: Self = Self { version: Version::OF13, nxm: false, table_id: false };
}
