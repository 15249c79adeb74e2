//! A meter while packets go through it.

use crate::Instant;
use crate::meter::{BandKind, BandStats, Meter, MeterFlags, MeterId, MeterStats};
use alloc::vec::Vec;
use core::time::Duration;

/// Parts of a nanosecond in which a bucket is measured: fine enough for 64-byte frames at 100 Gbit/s. Points
/// in time are counted modulo 2^64 parts, which are nine years; so it does not matter where time begins.
const PARTS: u64 = 64;
/// How many parts a bucket holds at most: two years.
const MAX_CAPACITY: u64 = 1 << 62;
/// A bucket that seems to be empty for longer than this from now on, five hours, has rather been filling for
/// more than half of the nine years.
const MAX_DEBT: u64 = 1 << 50;
/// Nanoseconds that a bucket holds of which no size was said: so little that what passes in ten seconds is
/// the rate within 1 %.
const DEFAULT_BURST: u64 = 50_000_000;

/// What a meter says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// It is dropped.
    Drop,
    /// Its drop precedence is raised.
    Remark {
        /// By how many levels.
        precedence_level: u8,
    },
}

/// A meter while packets go through it: shared by all forwarders, without a lock.
#[derive(Debug)]
pub struct MeterState {
    in_packets: bool,
    packets: Shared,
    bytes: Shared,
    bands: Vec<Band>,
}

/// A token bucket, kept as the time at which it was empty: it has filled since then.
#[derive(Debug)]
struct Band {
    rate: u64,
    verdict: Verdict,
    /// How long it takes to fill, in parts of a nanosecond.
    capacity: u64,
    /// When it was empty, in parts of a nanosecond.
    empty_at: Shared,
    packets: Shared,
    bytes: Shared,
}

impl MeterState {
    /// The meter with full buckets.
    pub(crate) fn new(meter: &Meter, now: Instant) -> Self {
        let in_packets = meter.flags.contains(MeterFlags::PKTPS);
        let bursts = meter.flags.contains(MeterFlags::BURST);
        let band = |band: &crate::meter::Band| {
            let rate = u64::from(band.rate);
            let capacity = match band.burst_size {
                0 => DEFAULT_BURST * PARTS,
                _ if !bursts => DEFAULT_BURST * PARTS,
                // Kilobits or packets, either at the rate of as many a second.
                size => time(u64::from(size), rate, 1_000_000_000).min(MAX_CAPACITY),
            };
            let verdict = match band.kind {
                BandKind::DscpRemark { precedence_level } => Verdict::Remark { precedence_level },
                _ => Verdict::Drop,
            };
            let empty_at = Shared::default();
            empty_at.update(|_| Some(parts(now).wrapping_sub(capacity)));
            let (packets, bytes) = Default::default();
            Band { rate, verdict, capacity, empty_at, packets, bytes }
        };
        let bands = meter.bands.iter().map(band).collect();
        Self { in_packets, packets: Shared::default(), bytes: Shared::default(), bands }
    }

    /// Does it change packets, rather than drop them?
    pub(crate) fn remarks(&self) -> bool {
        self.bands.iter().any(|band| matches!(band.verdict, Verdict::Remark { .. }))
    }

    /// Lets a packet of so many bytes through, or says what is done with it: by the band of the highest
    /// rate that is exceeded (OpenFlow 1.3.5 §5.7.1).
    pub(crate) fn pass(&self, now: Instant, bytes: usize) -> Verdict {
        self.packets.add(1);
        self.bytes.add(bytes as u64);
        let mut exceeded: Option<&Band> = None;
        for band in &self.bands {
            let cost = if self.in_packets {
                time(1, band.rate, 1_000_000_000)
            } else {
                // A kilobit a second is a bit in a million nanoseconds.
                time(bytes as u64 * 8, band.rate, 1_000_000)
            };
            let higher = exceeded.is_none_or(|other| band.rate > other.rate);
            if !band.take(parts(now), cost) && higher {
                exceeded = Some(band);
            }
        }
        let Some(band) = exceeded else { return Verdict::Pass };
        band.packets.add(1);
        band.bytes.add(bytes as u64);
        band.verdict
    }

    pub(super) fn stats(&self, id: MeterId, duration: Duration) -> MeterStats {
        let bands = self.bands.iter();
        MeterStats {
            id,
            rules: 0,
            packets: self.packets.get(),
            bytes: self.bytes.get(),
            duration,
            bands: bands
                .map(|band| BandStats { packets: band.packets.get(), bytes: band.bytes.get() })
                .collect(),
        }
    }
}

impl Band {
    /// Takes what a packet costs out of the bucket, if it is there. A packet that is larger than the
    /// bucket takes a full one, and what it lacks is paid back: so the rate is kept whatever the size.
    fn take(&self, now: u64, cost: u64) -> bool {
        self.empty_at.update(|empty_at| {
            let age = now.wrapping_sub(empty_at);
            let (has, since) = if empty_at.wrapping_sub(now) < MAX_DEBT {
                // It is in debt, or of several threads the clock of this one is behind.
                (0, empty_at)
            } else {
                // Fuller than full it does not get.
                let has = age.min(self.capacity);
                (has, now.wrapping_sub(has))
            };
            (has >= cost.min(self.capacity)).then(|| since.wrapping_add(cost.min(MAX_DEBT / 2)))
        })
    }
}

/// How long `amount` takes at a rate of `rate` in `unit` nanoseconds, in parts of a nanosecond.
fn time(amount: u64, rate: u64, unit: u64) -> u64 {
    let time = u128::from(amount) * u128::from(unit) * u128::from(PARTS) / u128::from(rate.max(1));
    u64::try_from(time).unwrap_or(u64::MAX)
}

fn parts(now: Instant) -> u64 {
    now.as_nanos().wrapping_mul(PARTS)
}

#[cfg(target_has_atomic = "64")]
mod shared {
    use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// A number that several threads change.
    #[derive(Debug, Default)]
    pub(super) struct Shared(AtomicU64);

    impl Shared {
        pub(super) fn get(&self) -> u64 {
            self.0.load(Relaxed)
        }

        pub(super) fn add(&self, n: u64) {
            self.0.fetch_add(n, Relaxed);
        }

        /// Changes it, unless `change` says that it shall not; says whether it did.
        pub(super) fn update(&self, change: impl FnMut(u64) -> Option<u64>) -> bool {
            self.0.fetch_update(Relaxed, Relaxed, change).is_ok()
        }
    }
}

/// What there is where there are no such atomics.
#[cfg(any(test, not(target_has_atomic = "64")))]
#[cfg_attr(all(test, target_has_atomic = "64"), allow(dead_code, reason = "for other targets"))]
pub(super) mod locked {
    use crate::counter::Counter;
    use core::sync::atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    };

    /// A number that several threads change: who does so holds a lock for as long.
    #[derive(Debug, Default)]
    pub(in crate::pipeline::meters) struct Shared {
        is_locked: AtomicBool,
        number: Counter,
    }

    impl Shared {
        pub(in crate::pipeline::meters) fn get(&self) -> u64 {
            self.number.get()
        }

        pub(in crate::pipeline::meters) fn add(&self, n: u64) {
            self.update(|number| Some(number.wrapping_add(n)));
        }

        pub(in crate::pipeline::meters) fn update(
            &self,
            mut change: impl FnMut(u64) -> Option<u64>,
        ) -> bool {
            while self.is_locked.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
                core::hint::spin_loop();
            }
            let changed = change(self.number.get());
            changed.into_iter().for_each(|number| self.number.set(number));
            self.is_locked.store(false, Release);
            changed.is_some()
        }
    }
}

#[cfg(not(target_has_atomic = "64"))]
use locked::Shared;
#[cfg(target_has_atomic = "64")]
use shared::Shared;
