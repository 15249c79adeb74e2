//! A bounded queue of frames from any thread to a device, with a descriptor to sleep on.

use ovs_core::{Batch, DeviceError, DropReason, Frame, Losses};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the frames come out: the side of the device.
#[derive(Debug)]
pub(crate) struct Inbox(Arc<Shared>);

/// Where the frames go in. Dropping it ends the inbox, after what is queued.
#[derive(Debug)]
pub(crate) struct InboxSender(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    limit: usize,
    /// Has a byte to read while [`State::signalled`].
    signal: UnixStream,
    /// Its other side. Both live here, so that neither side writes into a closed one.
    signaller: UnixStream,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Frame>,
    losses: Losses,
    /// The reader has not seen the queue empty since the last frame came to an empty one: it is
    /// awake, or a byte waits for it. Only the change of this costs a system call.
    signalled: bool,
    /// Nobody sends any more, and why.
    end: Option<DeviceError>,
    /// Nobody receives any more.
    closed: bool,
}

/// An inbox of at most `limit` frames.
pub(crate) fn inbox(limit: usize) -> io::Result<(InboxSender, Inbox)> {
    let (signal, signaller) = UnixStream::pair()?;
    signal.set_nonblocking(true)?;
    signaller.set_nonblocking(true)?;
    let shared = Arc::new(Shared { state: Mutex::default(), limit, signal, signaller });
    Ok((InboxSender(shared.clone()), Inbox(shared)))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that panics is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the reader. The lock is held, so that byte and flag never disagree.
    fn signal(&self, state: &mut State) {
        if !state.signalled {
            state.signalled = true;
            // The one byte always finds room.
            (&self.signaller).write_all(&[1]).ok();
        }
    }

    /// The queue has been seen empty: the next frame is to wake the reader.
    fn unsignal(&self, state: &mut State) {
        if state.signalled {
            state.signalled = false;
            (&self.signal).read_exact(&mut [0]).ok();
        }
    }
}

impl Inbox {
    /// Appends what is queued until `batch` is full. When it is not full afterwards, the queue
    /// was empty and the next frame makes the descriptor readable.
    pub(crate) fn receive(
        &mut self,
        batch: &mut Batch,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        let mut state = self.0.lock();
        while !batch.is_full() {
            let Some(frame) = state.frames.pop_front() else {
                break;
            };
            batch.push(frame);
        }
        if !state.losses.is_empty() {
            for (reason, frames, bytes) in state.losses.take() {
                losses.add_many(reason, frames, bytes);
            }
        }
        if batch.is_full() {
            return Ok(());
        }
        self.0.unsignal(&mut state);
        state.end.clone().map_or(Ok(()), Err)
    }

    /// Readable while frames are queued, and at the end.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.signal.as_fd()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        state.frames.clear();
    }
}

impl InboxSender {
    /// Queues a frame.
    ///
    /// # Errors
    /// [`DropReason::QueueFull`], or [`DropReason::DeviceDown`] when the inbox is gone. The
    /// frame is not counted as lost.
    pub(crate) fn send(&self, frame: Frame) -> Result<(), DropReason> {
        let mut state = self.0.lock();
        if state.closed {
            return Err(DropReason::DeviceDown);
        }
        if state.frames.len() >= self.0.limit {
            return Err(DropReason::QueueFull);
        }
        state.frames.push_back(frame);
        self.0.signal(&mut state);
        Ok(())
    }

    /// Tells the device of a frame that got lost on the way to the inbox.
    pub(crate) fn lost(&self, reason: DropReason, bytes: usize) {
        self.0.lock().losses.add(reason, bytes);
    }

    /// How many frames find room now.
    pub(crate) fn room(&self) -> usize {
        self.0.limit.saturating_sub(self.0.lock().frames.len())
    }

    /// Is the inbox gone?
    pub(crate) fn is_closed(&self) -> bool {
        self.0.lock().closed
    }

    /// Ends the inbox for another reason than [`DeviceError::Ended`].
    pub(crate) fn fail(self, error: DeviceError) {
        self.0.lock().end = Some(error);
    }
}

impl Drop for InboxSender {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.end.get_or_insert(DeviceError::Ended);
        self.0.signal(&mut state);
    }
}
