//! Ports without an operating system: a pair of queues, a replay and a sink.
//!
//! ```
//! use ovs_core::{Batch, Device, Frame, FramePool, Losses};
//!
//! # fn main() -> Result<(), ovs_pnet::Error> {
//! let (mut port, end) = ovs_pnet::memory::pair()?;
//! end.send(Frame::from([0xff; 60])).expect("the queue is empty");
//!
//! // What a runner does with the port, once the switch has it:
//! let (mut batch, mut losses) = (Batch::new(), Losses::default());
//! port.receive(&mut batch, &mut FramePool::default(), &mut losses).expect("the end is there");
//! port.send(&mut batch, &mut losses).expect("the end is there");
//!
//! assert_eq!(end.try_receive(), Some(Frame::from([0xff; 60])));
//! # Ok(())
//! # }
//! ```

use crate::inbox::{Inbox, InboxSender, inbox};
use crate::{Error, Port, Readiness};
use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How many frames [`pair`] queues at most in each direction.
pub const DEFAULT_LIMIT: usize = 1024;

/// A port, and the end to send to and receive from it, with queues of [`DEFAULT_LIMIT`] frames.
///
/// # Errors
/// [`Error::Memory`] if the operating system has no descriptor left for the port's wake-up.
pub fn pair() -> Result<(MemoryPort, MemoryEnd), Error> {
    pair_with_limit(DEFAULT_LIMIT)
}

/// The same with queues of at most `limit` frames in each direction.
///
/// # Errors
/// As [`pair`].
pub fn pair_with_limit(limit: usize) -> Result<(MemoryPort, MemoryEnd), Error> {
    let (into, inbox) = inbox(limit).map_err(|source| Error::Memory { source })?;
    let out = Arc::new(Outgoing { state: Mutex::default(), arrived: Condvar::new(), limit });
    Ok((MemoryPort { inbox, out: out.clone() }, MemoryEnd { into, out }))
}

/// The side of the switch; made by [`pair`].
///
/// Frames are moved, not copied, with what is left to do on them
/// ([`Offload`](ovs_core::frame::Offload)) unchanged in both directions. A system call is made
/// when a frame comes after the port was found empty, and the next time it is found empty: none
/// while it is busy. When the end is gone, the port hands out what is queued and then
/// [`DeviceError::Ended`]; what is sent to it is lost as [`DropReason::DeviceDown`].
#[derive(Debug)]
pub struct MemoryPort {
    inbox: Inbox,
    out: Arc<Outgoing>,
}

/// The other side, for tests and programs, on any thread, or shared by several; made by [`pair`].
///
/// Dropping it ends the port.
#[derive(Debug)]
pub struct MemoryEnd {
    into: InboxSender,
    out: Arc<Outgoing>,
}

/// The queue from port to end.
#[derive(Debug)]
struct Outgoing {
    state: Mutex<OutgoingState>,
    arrived: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct OutgoingState {
    frames: VecDeque<Frame>,
    /// Threads that sleep until something arrives: waking nobody would still be a system call.
    waiting: usize,
    /// One of the two sides is gone.
    closed: bool,
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, OutgoingState> {
        // Nothing that panics is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device for MemoryPort {
    fn receive(
        &mut self,
        batch: &mut Batch,
        _: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        self.inbox.receive(batch, losses)
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        let mut state = self.out.lock();
        for frame in batch.frames_mut() {
            if state.closed {
                losses.add(DropReason::DeviceDown, frame.len());
            } else if state.frames.len() >= self.out.limit {
                losses.add(DropReason::QueueFull, frame.len());
            } else {
                state.frames.push_back(std::mem::take(frame));
            }
        }
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.out.arrived.notify_all();
        }
        Ok(())
    }
}

impl Port for MemoryPort {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Readable(self.inbox.descriptor())
    }
}

impl Drop for MemoryPort {
    fn drop(&mut self) {
        self.out.lock().closed = true;
        self.out.arrived.notify_all();
    }
}

impl MemoryEnd {
    /// Sends a frame to the port. Never waits.
    ///
    /// # Errors
    /// The frame is dropped, and counted nowhere else, because of [`DropReason::QueueFull`], or
    /// [`DropReason::DeviceDown`] when the port is gone.
    pub fn send(&self, frame: Frame) -> Result<(), DropReason> {
        self.into.send(frame)
    }

    /// How many frames [`MemoryEnd::send`] has room for now.
    pub fn room(&self) -> usize {
        self.into.room()
    }

    /// The next frame that the port sent, if there is one.
    ///
    /// It is as the port got it: its checksum may be unfinished, and it may be a segment to be
    /// cut into smaller ones; see [`Frame::offload`].
    pub fn try_receive(&self) -> Option<Frame> {
        self.out.lock().frames.pop_front()
    }

    /// The same, but waits up to `timeout` for one; less if the port is gone.
    pub fn receive_timeout(&self, timeout: Duration) -> Option<Frame> {
        self.wait_locked(timeout).frames.pop_front()
    }

    /// Waits until there is something to receive, up to `timeout`, and says whether there is;
    /// less if the port is gone.
    pub fn wait(&self, timeout: Duration) -> bool {
        !self.wait_locked(timeout).frames.is_empty()
    }

    fn wait_locked(&self, timeout: Duration) -> MutexGuard<'_, OutgoingState> {
        let mut state = self.out.lock();
        if state.frames.is_empty() && !state.closed {
            state.waiting += 1;
            let nothing = |state: &mut OutgoingState| state.frames.is_empty() && !state.closed;
            state = match self.out.arrived.wait_timeout_while(state, timeout, nothing) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
            state.waiting -= 1;
        }
        state
    }

    /// Is the port gone? What it has sent before can still be received.
    pub fn is_closed(&self) -> bool {
        self.into.is_closed()
    }
}

impl Drop for MemoryEnd {
    fn drop(&mut self) {
        let mut state = self.out.lock();
        state.closed = true;
        state.frames.clear();
    }
}

/// A device that hands out copies of the same frames again and again, as fast as they are
/// fetched, and discards what is sent to it: a source of load.
#[derive(Clone, Debug)]
pub struct Replay {
    frames: Vec<Frame>,
    next: usize,
}

impl Replay {
    /// A replay of `frames`, in order. Without any, it has come to its end at once.
    pub fn new(frames: impl IntoIterator<Item = Frame>) -> Self {
        Self { frames: frames.into_iter().collect(), next: 0 }
    }
}

impl Device for Replay {
    #[inline]
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        _: &mut Losses,
    ) -> Result<(), DeviceError> {
        while !batch.is_full() {
            let Some(frame) = self.frames.get(self.next) else {
                if self.frames.is_empty() {
                    return Err(DeviceError::Ended);
                }
                self.next = 0;
                continue;
            };
            self.next += 1;
            batch.push(pool.copy(frame));
        }
        Ok(())
    }

    #[inline]
    fn send(&mut self, _: &mut Batch, _: &mut Losses) -> Result<(), DeviceError> {
        Ok(())
    }
}

impl Port for Replay {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Always
    }
}

/// A device that never has frames, and counts and discards those that are sent to it.
#[derive(Debug, Default)]
pub struct Null {
    counts: NullCounts,
}

/// What a [`Null`] was sent, readable from any thread while a runner owns the device.
#[derive(Clone, Debug, Default)]
pub struct NullCounts(Arc<[AtomicU64; 2]>);

impl Null {
    /// A new one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its counts; they stay valid after it.
    pub fn counts(&self) -> NullCounts {
        self.counts.clone()
    }
}

impl NullCounts {
    /// Frames sent.
    pub fn frames(&self) -> u64 {
        self.0[0].load(Ordering::Relaxed)
    }

    /// Their bytes, as Ethernet frames without frame check sequence.
    pub fn bytes(&self) -> u64 {
        self.0[1].load(Ordering::Relaxed)
    }

    #[inline]
    fn add(&self, frames: usize, bytes: usize) {
        // Only the one device writes: no need for a locked read-modify-write.
        self.0[0].store(self.frames() + frames as u64, Ordering::Relaxed);
        self.0[1].store(self.bytes() + bytes as u64, Ordering::Relaxed);
    }
}

impl Device for Null {
    #[inline]
    fn receive(
        &mut self,
        _: &mut Batch,
        _: &mut FramePool,
        _: &mut Losses,
    ) -> Result<(), DeviceError> {
        Ok(())
    }

    #[inline]
    fn send(&mut self, batch: &mut Batch, _: &mut Losses) -> Result<(), DeviceError> {
        self.counts.add(batch.len(), batch.frames().iter().map(Frame::len).sum());
        Ok(())
    }
}

impl Port for Null {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Never
    }
}
