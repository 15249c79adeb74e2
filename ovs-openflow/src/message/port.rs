//! Ports.

use crate::message::Duration;
use alloc::string::String;
use bitflags::bitflags;
use core::fmt;
pub use ovs_core::port::{PortConfig, PortState};
use ovs_core::{Mac, PortNo};

/// A port (`struct ofp_port`, OpenFlow 1.3.5 §7.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortDesc {
    /// Its number.
    pub number: PortNo,
    /// Its address.
    pub address: Mac,
    /// Its name; of a longer one 15 bytes go on the wire.
    pub name: String,
    /// How it is configured.
    pub config: PortConfig,
    /// How it is.
    pub state: PortState,
    /// What it does now.
    pub current: PortFeatures,
    /// What it offers the other side.
    pub advertised: PortFeatures,
    /// What it could do.
    pub supported: PortFeatures,
    /// What the other side offers.
    pub peer: PortFeatures,
    /// Its speed now, in kbit/s (OpenFlow 1.3).
    pub current_speed: u32,
    /// The highest speed that it could have, in kbit/s (OpenFlow 1.3).
    pub max_speed: u32,
}

bitflags! {
    /// What a port can do (`enum ofp_port_features`), with the places of OpenFlow 1.3.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PortFeatures: u32 {
        /// 10 Mbit/s, one direction at a time.
        const F_10MB_HD = 1 << 0;
        /// 10 Mbit/s, both at once.
        const F_10MB_FD = 1 << 1;
        /// 100 Mbit/s, one direction at a time.
        const F_100MB_HD = 1 << 2;
        /// 100 Mbit/s, both at once.
        const F_100MB_FD = 1 << 3;
        /// 1 Gbit/s, one direction at a time.
        const F_1GB_HD = 1 << 4;
        /// 1 Gbit/s, both at once.
        const F_1GB_FD = 1 << 5;
        /// 10 Gbit/s.
        const F_10GB_FD = 1 << 6;
        /// 40 Gbit/s (OpenFlow 1.3).
        const F_40GB_FD = 1 << 7;
        /// 100 Gbit/s (OpenFlow 1.3).
        const F_100GB_FD = 1 << 8;
        /// 1 Tbit/s (OpenFlow 1.3).
        const F_1TB_FD = 1 << 9;
        /// Another rate (OpenFlow 1.3).
        const OTHER = 1 << 10;
        /// Copper (OpenFlow 1.0: bit 7).
        const COPPER = 1 << 11;
        /// Fibre (OpenFlow 1.0: bit 8).
        const FIBER = 1 << 12;
        /// The sides agree on a speed by themselves (OpenFlow 1.0: bit 9).
        const AUTONEG = 1 << 13;
        /// Pause frames (OpenFlow 1.0: bit 10).
        const PAUSE = 1 << 14;
        /// Pause frames in one direction (OpenFlow 1.0: bit 11).
        const PAUSE_ASYM = 1 << 15;
        const _ = !0;
    }
}

/// A port has come, changed or gone (`struct ofp_port_status`, OpenFlow 1.3.5 §7.4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortStatus {
    /// Which of the three.
    pub reason: PortReason,
    /// The port.
    pub port: PortDesc,
}

/// What happened to a port (`enum ofp_port_reason`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortReason(pub u8);

impl PortReason {
    /// It came.
    pub const ADD: Self = Self(0);
    /// It went.
    pub const DELETE: Self = Self(1);
    /// It changed.
    pub const MODIFY: Self = Self(2);
}

impl fmt::Debug for PortReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ADD => f.write_str("ADD"),
            Self::DELETE => f.write_str("DELETE"),
            Self::MODIFY => f.write_str("MODIFY"),
            Self(other) => write!(f, "{other}"),
        }
    }
}

/// Configures a port (`struct ofp_port_mod`, OpenFlow 1.3.5 §7.3.4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMod {
    /// The port.
    pub number: PortNo,
    /// Its address, which must be right.
    pub address: Mac,
    /// The bits of the configuration; those that do not change are zero.
    pub config: PortConfig,
    /// Which of them change.
    pub mask: PortConfig,
    /// What it offers the other side; nothing: unchanged.
    pub advertise: PortFeatures,
}

/// Counters of a port (`struct ofp_port_stats`, OpenFlow 1.3.5 §7.3.5.6). All ones: not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortStats {
    /// The port.
    pub number: PortNo,
    /// Packets received.
    pub rx_packets: u64,
    /// Packets sent.
    pub tx_packets: u64,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Packets received and dropped.
    pub rx_dropped: u64,
    /// Packets dropped instead of being sent.
    pub tx_dropped: u64,
    /// Receive errors of all kinds.
    pub rx_errors: u64,
    /// Send errors of all kinds.
    pub tx_errors: u64,
    /// Frames not aligned.
    pub rx_frame_err: u64,
    /// Packets that came too fast.
    pub rx_over_err: u64,
    /// Wrong checksums of frames.
    pub rx_crc_err: u64,
    /// Collisions.
    pub collisions: u64,
    /// How long the port has been there (OpenFlow 1.3).
    pub duration: Duration,
}
