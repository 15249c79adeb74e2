//! `encap` and `decap`: headers as a whole.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// The type of a packet: a namespace and a number in it (OpenFlow 1.5.1 §7.2.3.11).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PacketType {
    /// 0 for what OpenFlow defines itself, 1 for Ethernet types.
    pub namespace: u16,
    /// The number.
    pub number: u16,
}

impl PacketType {
    /// An Ethernet frame.
    pub const ETHERNET: Self = Self { namespace: 0, number: 0 };
    /// Whatever follows, told from the header that is taken off.
    pub const USE_NEXT_PROTO: Self = Self { namespace: 0, number: 0xfffe };
    /// A network service header.
    pub const NSH: Self = Self::of_eth_type(0x894f);
    /// An MPLS label stack.
    pub const MPLS: Self = Self::of_eth_type(0x8847);
    /// A multicast MPLS label stack.
    pub const MPLS_MULTICAST: Self = Self::of_eth_type(0x8848);

    /// What follows an Ethernet header of that type.
    pub const fn of_eth_type(eth_type: u16) -> Self {
        Self { namespace: 1, number: eth_type }
    }
}

impl From<u32> for PacketType {
    fn from(number: u32) -> Self {
        Self { namespace: (number >> 16) as u16, number: number as u16 }
    }
}

impl From<PacketType> for u32 {
    fn from(packet_type: PacketType) -> Self {
        Self::from(packet_type.namespace) << 16 | Self::from(packet_type.number)
    }
}

impl fmt::Debug for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{:#x})", self.namespace, self.number)
    }
}

/// Puts a header around the packet (ovs-actions(7), "The encap action"; `NXAST_ENCAP`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encap {
    /// Which header.
    pub packet_type: PacketType,
    /// The size of the header, if it is said; normally 0.
    pub header_size: u16,
    /// What is in it.
    pub properties: Vec<EncapProperty>,
}

/// What an [`Encap`] puts into its header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncapProperty {
    /// The metadata type of a network service header: 1 or 2.
    NshMdType(u8),
    /// A piece of context of a network service header with metadata type 2.
    NshTlv {
        /// Its class.
        class: u16,
        /// Its type, with the critical bit.
        kind: u8,
        /// Its value, at most 127 bytes.
        value: Box<[u8]>,
    },
    /// One that is not defined, as its bytes in the message, its header included.
    Opaque(Box<[u8]>),
}
