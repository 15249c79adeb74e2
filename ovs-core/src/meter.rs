//! Meters: rates of packets, and what is done with those beyond.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bitflags::bitflags;
use core::fmt;
use core::time::Duration;

/// Number of a meter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterId(pub u32);

impl MeterId {
    /// The highest number that a meter can have.
    pub const MAX: Self = Self(0xffff_0000);
    /// The meter for packets that no port of the datapath handles itself.
    pub const SLOWPATH: Self = Self(0xffff_fffd);
    /// The meter for packets to the controller.
    pub const CONTROLLER: Self = Self(0xffff_fffe);
    /// All meters, for a deletion or a request.
    pub const ALL: Self = Self(0xffff_ffff);
}

impl fmt::Display for MeterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SLOWPATH => f.pad("slowpath"),
            Self::CONTROLLER => f.pad("controller"),
            Self::ALL => f.pad("all"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}

impl fmt::Debug for MeterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A meter as it is made or listed (OpenFlow 1.3.5 §5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Its number.
    pub id: MeterId,
    /// In which unit it measures.
    pub flags: MeterFlags,
    /// Its bands. Of those whose rate is exceeded, the one with the highest rate applies.
    pub bands: Vec<Band>,
}

bitflags! {
    /// How a meter measures (`enum ofp_meter_flags`, OpenFlow 1.3.5 §7.3.4.4).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct MeterFlags: u16 {
        /// Rates are kilobits per second.
        const KBPS = 1 << 0;
        /// Rates are packets per second.
        const PKTPS = 1 << 1;
        /// Bursts are allowed.
        const BURST = 1 << 2;
        /// Statistics are kept.
        const STATS = 1 << 3;
        // What a newer version may bring survives.
        const _ = !0;
    }
}

/// A rate, and what is done with packets beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// What is done.
    pub kind: BandKind,
    /// The rate, in the meter's unit.
    pub rate: u32,
    /// How much may come at once: kilobits or packets.
    pub burst_size: u32,
}

/// What a [`Band`] does with a packet (`enum ofp_meter_band_type`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BandKind {
    /// Drops it.
    Drop,
    /// Makes it more likely to be dropped later.
    DscpRemark {
        /// By how much the drop precedence in the DSCP is raised.
        precedence_level: u8,
    },
    /// What an experimenter defines.
    Experimenter {
        /// The experimenter's id.
        experimenter: u32,
        /// What follows it in the message.
        data: Box<[u8]>,
    },
}

/// A change of the meter table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeterMod {
    /// A new meter.
    Add(Meter),
    /// Other bands for a meter that there is.
    Modify(Meter),
    /// The meter goes, or all of them ([`MeterId::ALL`]).
    Delete(MeterId),
}

impl MeterMod {
    /// The meter that it is about.
    pub fn id(&self) -> MeterId {
        match self {
            Self::Add(meter) | Self::Modify(meter) => meter.id,
            Self::Delete(id) => *id,
        }
    }
}

/// What went through a meter (OpenFlow 1.3.5 §7.3.5.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterStats {
    /// Its number.
    pub id: MeterId,
    /// How many rules use it.
    pub rules: usize,
    /// Packets that went in.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long it has been there.
    pub duration: Duration,
    /// What each band did something with, in the order of the bands.
    pub bands: Vec<BandStats>,
}

/// What a band did something with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandStats {
    /// Packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The DSCP byte with a drop precedence that is higher by some levels, but not higher than there is: AF11
/// becomes AF12 and AF13 (RFC 2597 §6). Other classes have no drop precedence, and stay.
pub(crate) fn remark(tos: u8, levels: u8) -> u8 {
    let (class, precedence, ecn) = (tos >> 5, tos >> 3 & 3, tos & 3);
    let is_assured = (1..=4).contains(&class) && precedence != 0 && tos >> 2 & 1 == 0;
    if !is_assured {
        return tos;
    }
    class << 5 | precedence.saturating_add(levels).min(3) << 3 | ecn
}
