//! One of several, chosen by a hash of the packet.

use super::Subfield;
use crate::port::PortNo;
use alloc::vec::Vec;

/// Sends the packet out by one of several ports, or writes its number into a field
/// (ovs-actions(7), "The bundle action"; `NXAST_BUNDLE` and `NXAST_BUNDLE_LOAD`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// What the hash is of.
    pub fields: HashFields,
    /// A number that goes into the hash.
    pub basis: u16,
    /// How the port is chosen.
    pub algorithm: BundleAlgorithm,
    /// Where the number of the port is written; `None`: the packet leaves by it.
    pub destination: Option<Subfield>,
    /// The ports, at most 2048.
    pub members: Vec<PortNo>,
}

/// How a [`Bundle`] chooses (`enum nx_bd_algorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BundleAlgorithm {
    /// The first that is up.
    ActiveBackup,
    /// The one with the highest random weight of those that are up, so that few flows move
    /// when one goes down.
    HighestRandomWeight,
}

/// Chooses a path by a hash of the packet, and writes its number into a field (ovs-actions(7),
/// "The multipath action"; `NXAST_MULTIPATH`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multipath {
    /// What the hash is of.
    pub fields: HashFields,
    /// A number that goes into the hash.
    pub basis: u16,
    /// How the path is chosen.
    pub algorithm: MultipathAlgorithm,
    /// The highest number of a path: there are so many and one.
    pub max_link: u16,
    /// A number for the algorithm.
    pub argument: u32,
    /// Where the path's number is written.
    pub destination: Subfield,
}

/// How a [`Multipath`] chooses (`enum nx_mp_algorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MultipathAlgorithm {
    /// The hash modulo the number of paths.
    Modulo,
    /// The path itself is hashed, until it is one of them.
    HashThreshold,
    /// The one with the highest random weight.
    HighestRandomWeight,
    /// As the one before, by repeated hashing.
    IterativeHash,
}

/// What a hash is of (`enum nx_hash_fields`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashFields {
    /// The Ethernet source.
    EthSrc,
    /// Everything from L2 to L4, the same for both directions.
    SymmetricL4,
    /// IP addresses and the ports of TCP and SCTP, the same for both directions.
    SymmetricL3L4,
    /// The same with the ports of UDP.
    SymmetricL3L4Udp,
    /// The IP source.
    NwSrc,
    /// The IP destination.
    NwDst,
    /// IP addresses, the same for both directions.
    SymmetricL3,
}
