//! Statistics and features of meters. Meters themselves are [`ovs_core::meter`]'s.

use crate::message::Duration;
use alloc::vec::Vec;
use bitflags::bitflags;
use ovs_core::meter::{MeterFlags, MeterId};

/// Counters of a meter (`struct ofp_meter_stats`, OpenFlow 1.3.5 §7.3.5.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterStats {
    /// The meter.
    pub meter: MeterId,
    /// How many rules use it.
    pub flow_count: u32,
    /// Packets that came to it.
    pub packet_in_count: u64,
    /// Their bytes.
    pub byte_in_count: u64,
    /// How long it has been there.
    pub duration: Duration,
    /// Of each band, in order.
    pub bands: Vec<BandStats>,
}

/// Counters of a band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandStats {
    /// Packets that it was done to.
    pub packet_count: u64,
    /// Their bytes.
    pub byte_count: u64,
}

/// What meters a switch can have (`struct ofp_meter_features`, OpenFlow 1.3.5 §7.3.5.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterFeatures {
    /// How many.
    pub max_meters: u32,
    /// The kinds of bands.
    pub band_types: BandTypes,
    /// The flags of meters: 32 bits on the wire, of which [`MeterFlags`] has the lower 16.
    pub capabilities: MeterFlags,
    /// Bands of one meter.
    pub max_bands: u8,
    /// Colours of packets.
    pub max_color: u8,
}

bitflags! {
    /// Kinds of bands: bit n for number n of `enum ofp_meter_band_type`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct BandTypes: u32 {
        /// Drop.
        const DROP = 1 << 1;
        /// DSCP remark.
        const DSCP_REMARK = 1 << 2;
        const _ = !0;
    }
}
