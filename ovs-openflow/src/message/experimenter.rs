//! What is kept as it came.

use bytes::Bytes;

/// A message of an experimenter that is not known (`struct ofp_experimenter_header`,
/// OpenFlow 1.3.5 §7.5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experimenter {
    /// The experimenter's id. One whose highest byte is zero is an IEEE OUI.
    pub experimenter: u32,
    /// The type that the experimenter gave it, which OpenFlow 1.0 does not have in its header:
    /// there it is `None`, and what comes first in `data` may be it.
    pub kind: Option<u32>,
    /// What follows.
    pub data: Bytes,
}

/// A message of a type that the specification does not define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueMessage {
    /// The type in the header.
    pub kind: u8,
    /// What follows the header.
    pub data: Bytes,
}
