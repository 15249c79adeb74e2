//! Counters that one thread writes and any thread reads.

use crate::drops::{DropReason, Drops, Losses};
use crate::port::PortStats;

#[cfg(target_has_atomic = "64")]
mod cell {
    use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// A 64-bit count with one writer: adding is a plain load and store.
    #[derive(Debug, Default)]
    pub(crate) struct Counter(AtomicU64);

    impl Counter {
        #[inline]
        pub(crate) fn add(&self, n: u64) {
            self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
        }

        #[inline]
        pub(crate) fn set(&self, value: u64) {
            self.0.store(value, Relaxed);
        }

        #[inline]
        pub(crate) fn get(&self) -> u64 {
            self.0.load(Relaxed)
        }
    }
}

#[cfg(not(target_has_atomic = "64"))]
mod cell {
    use core::sync::atomic::{
        AtomicU32,
        Ordering::{Acquire, Release},
    };

    /// A 64-bit count with one writer, in halves: the high one stands on both sides of the
    /// low one, and a reader that finds them different looks again.
    #[derive(Debug, Default)]
    pub(crate) struct Counter {
        before: AtomicU32,
        low: AtomicU32,
        after: AtomicU32,
    }

    impl Counter {
        pub(crate) fn add(&self, n: u64) {
            let high = u64::from(self.before.load(Acquire));
            self.set(((high << 32) | u64::from(self.low.load(Acquire))).wrapping_add(n));
        }

        pub(crate) fn set(&self, value: u64) {
            self.before.store((value >> 32) as u32, Release);
            self.low.store(value as u32, Release);
            self.after.store((value >> 32) as u32, Release);
        }

        pub(crate) fn get(&self) -> u64 {
            loop {
                let after = self.after.load(Acquire);
                let low = self.low.load(Acquire);
                if self.before.load(Acquire) == after {
                    return (u64::from(after) << 32) | u64::from(low);
                }
            }
        }
    }
}

pub(crate) use cell::Counter;

/// What one forwarder counts at one port.
#[derive(Debug)]
pub(crate) struct PortCounters {
    pub(crate) rx_frames: Counter,
    pub(crate) rx_bytes: Counter,
    pub(crate) tx_frames: Counter,
    pub(crate) tx_bytes: Counter,
    rx_drops: [Counter; DropReason::COUNT],
    tx_drops: [Counter; DropReason::COUNT],
}

impl Default for PortCounters {
    fn default() -> Self {
        let zero = || core::array::from_fn(|_| Counter::default());
        Self {
            rx_frames: Counter::default(),
            rx_bytes: Counter::default(),
            tx_frames: Counter::default(),
            tx_bytes: Counter::default(),
            rx_drops: zero(),
            tx_drops: zero(),
        }
    }
}

impl PortCounters {
    #[inline]
    pub(crate) fn dropped(&self, reason: DropReason, frames: u64) {
        if let Some(count) = self.rx_drops.get(reason as usize) {
            count.add(frames);
        }
    }

    #[inline]
    pub(crate) fn sent(&self, bytes: u64) {
        self.tx_frames.add(1);
        self.tx_bytes.add(bytes);
    }

    pub(crate) fn not_sent(&self, losses: &mut Losses) {
        for (reason, frames, bytes) in losses.take() {
            self.tx_frames.add(frames.wrapping_neg());
            self.tx_bytes.add(bytes.wrapping_neg());
            if let Some(count) = self.tx_drops.get(reason as usize) {
                count.add(frames);
            }
        }
    }

    pub(crate) fn add_to(&self, stats: &mut PortStats) {
        stats.rx_frames = stats.rx_frames.wrapping_add(self.rx_frames.get());
        stats.rx_bytes = stats.rx_bytes.wrapping_add(self.rx_bytes.get());
        stats.tx_frames = stats.tx_frames.wrapping_add(self.tx_frames.get());
        stats.tx_bytes = stats.tx_bytes.wrapping_add(self.tx_bytes.get());
        let add = |counts: &[Counter; DropReason::COUNT], drops: &mut Drops| {
            for (reason, count) in DropReason::ALL.into_iter().zip(counts) {
                drops.add(reason, count.get());
            }
        };
        add(&self.rx_drops, &mut stats.rx_drops);
        add(&self.tx_drops, &mut stats.tx_drops);
    }
}
