//! Connections to be forgotten.

use core::net::IpAddr;

/// Connections to be forgotten: those that agree with all that is said (`struct nx_ct_flush`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CtFlush {
    /// The IP protocol; 0 for any.
    pub ip_proto: u8,
    /// The zone.
    pub zone: Option<u16>,
    /// The original direction.
    pub original: CtTuple,
    /// The reply direction.
    pub reply: CtTuple,
}

/// One direction of a connection; what is `None` is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CtTuple {
    /// The source address.
    pub source: Option<IpAddr>,
    /// The destination address.
    pub destination: Option<IpAddr>,
    /// The source port.
    pub source_port: Option<u16>,
    /// The destination port.
    pub destination_port: Option<u16>,
    /// The identifier of ICMP.
    pub icmp_id: Option<u16>,
    /// The type of ICMP.
    pub icmp_type: Option<u8>,
    /// The code of ICMP.
    pub icmp_code: Option<u8>,
}
