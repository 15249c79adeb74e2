//! A translation while packets use it.

use crate::Instant;
use crate::counter::Counter;
use crate::drops::DropReason;
use crate::op::Op;
use alloc::vec::Vec;

/// What is done with the packets of a flow, and how many there were. `A` is what else is known of it, which
/// the datapath keeps and does not look at.
#[derive(Debug)]
pub(crate) struct Flow<A> {
    pub(crate) ops: Vec<Op>,
    /// Why nothing leaves, if nothing does.
    pub(crate) reason: DropReason,
    /// From then on it may be different.
    pub(crate) holds_until: Instant,
    pub(crate) tally: Tally,
    pub(crate) account: A,
}

/// Packets of a flow: written by the forwarder that has it, read by whoever counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    packets: Counter,
    bytes: Counter,
    /// Nanoseconds of the [`Instant`] of the last packet.
    used: Counter,
}

impl Tally {
    #[inline]
    pub(crate) fn add(&self, now: Instant, bytes: u64) {
        self.packets.add(1);
        self.bytes.add(bytes);
        self.used.set(now.as_nanos());
    }

    /// Packets, bytes, and when the last one came.
    pub(crate) fn get(&self) -> (u64, u64, Instant) {
        (self.packets.get(), self.bytes.get(), Instant::from_nanos(self.used.get()))
    }
}
