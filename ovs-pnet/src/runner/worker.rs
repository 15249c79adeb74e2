//! The loop that moves frames: receive, process, send.

use crate::{Port, Readiness};
use ovs_core::{
    Batch, Device, DeviceError, DropReason, Egress, Forwarder, Frame, FramePool, Instant, Losses,
    PortMap, PortNo,
};

/// Moves frames between devices through a [`Forwarder`], on the thread that calls it.
///
/// This is the loop of a [`Runner`](super::Runner) without its thread and without its sleep, for
/// programs that have a loop of their own and for measuring: [`Worker::mark_ready`] what has frames,
/// then [`Worker::turn`].
pub struct Worker<F> {
    forwarder: F,
    devices: PortMap<Slot>,
    egress: Queues,
    batch: Batch,
    /// Ports that may have frames, each at most once.
    ready: Vec<PortNo>,
    /// The same during a turn, so that the two change places without allocating.
    turning: Vec<PortNo>,
}

struct Slot {
    device: Box<dyn Port>,
    ready: bool,
    received: Losses,
    sent: Losses,
}

/// What became of a device on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The port that it was attached as.
    pub port: PortNo,
    /// What happened. After [`DeviceError::Ended`] it is still attached and may still send;
    /// after anything else it has been detached.
    pub error: DeviceError,
}

/// Frames on their way out, by port.
#[derive(Default)]
struct Queues {
    queues: PortMap<Batch>,
    /// Ports whose queue is not empty.
    used: Vec<PortNo>,
    pool: FramePool,
}

impl Egress for Queues {
    #[inline]
    fn send(&mut self, port: PortNo, frame: Frame) {
        let Some(queue) = self.queues.get_mut(port) else {
            return self.send_to_new(port, frame);
        };
        if queue.is_empty() {
            self.used.push(port);
        }
        queue.push(frame);
    }

    #[inline]
    fn copy(&mut self, frame: &Frame) -> Frame {
        self.pool.copy(frame)
    }

    #[inline]
    fn recycle(&mut self, frame: Frame) {
        self.pool.give(frame);
    }
}

impl Queues {
    /// Makes the queue first. The switch only names ports that it has, so this is bounded by
    /// the highest number of a port.
    #[cold]
    fn send_to_new(&mut self, port: PortNo, frame: Frame) {
        self.queues.insert(port, Batch::default());
        self.send(port, frame);
    }
}

impl<F: Forwarder> Worker<F> {
    /// A worker without devices.
    pub fn new(forwarder: F) -> Self {
        Self {
            forwarder,
            devices: PortMap::default(),
            egress: Queues::default(),
            batch: Batch::new(),
            ready: Vec::new(),
            turning: Vec::new(),
        }
    }

    /// Makes `device` the device of `port`, and returns the one that was before.
    pub fn attach(&mut self, port: PortNo, device: Box<dyn Port>) -> Option<Box<dyn Port>> {
        let before = self.detach(port);
        // There may be frames from before it was watched.
        let ready = !matches!(device.readiness(), Readiness::Never);
        let losses = Losses::default;
        self.devices
            .insert(port, Slot { device, ready: false, received: losses(), sent: losses() });
        if ready {
            self.mark_ready(port);
        }
        before
    }

    /// Takes the device of `port` out.
    pub fn detach(&mut self, port: PortNo) -> Option<Box<dyn Port>> {
        let slot = self.devices.remove(port)?;
        self.ready.retain(|other| *other != port);
        Some(slot.device)
    }

    /// The device of `port`.
    pub fn device(&self, port: PortNo) -> Option<&dyn Port> {
        Some(&*self.devices.get(port)?.device)
    }

    /// Notes that the device of `port` may have frames; it is asked at the next turn.
    pub fn mark_ready(&mut self, port: PortNo) {
        if let Some(slot) = self.devices.get_mut(port) {
            if !slot.ready {
                slot.ready = true;
                self.ready.push(port);
            }
        }
    }

    /// Is there no device to be asked for frames?
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Does what is due at `now`; when there is next something: see [`Forwarder::poll`].
    pub fn poll(&mut self, now: Instant, mut failed: impl FnMut(Failure)) -> Option<Instant> {
        let due = self.forwarder.poll(now, &mut self.egress);
        self.flush(&mut failed);
        due
    }

    /// Takes one batch from each device that may have frames through the switch and out, and
    /// returns how many frames came in. Devices that fail are told to `failed`.
    pub fn turn(&mut self, now: Instant, mut failed: impl FnMut(Failure)) -> usize {
        std::mem::swap(&mut self.ready, &mut self.turning);
        let mut frames = 0;
        for n in 0..self.turning.len() {
            if let Some(&port) = self.turning.get(n) {
                frames += self.serve(now, port, &mut failed);
            }
        }
        self.turning.clear();
        frames
    }

    /// One batch of one port.
    fn serve(&mut self, now: Instant, port: PortNo, failed: &mut impl FnMut(Failure)) -> usize {
        let Some(slot) = self.devices.get_mut(port) else {
            return 0;
        };
        let received =
            slot.device.receive(&mut self.batch, &mut self.egress.pool, &mut slot.received);
        if !slot.received.is_empty() {
            self.forwarder.not_received(port, &mut slot.received);
        }
        let frames = self.batch.len();
        // A batch that is not full says that for now there is no more.
        let more = match slot.device.readiness() {
            Readiness::Readable(_) => self.batch.is_full(),
            Readiness::Always => true,
            Readiness::Never => false,
        };
        slot.ready = more && received.is_ok();
        if slot.ready {
            self.ready.push(port);
        }
        if frames > 0 {
            self.forwarder.process(now, port, &mut self.batch, &mut self.egress);
            self.flush(failed);
        }
        if let Err(error) = received {
            self.fail(port, error, failed);
        }
        frames
    }

    /// Hands all queues to their devices.
    fn flush(&mut self, failed: &mut impl FnMut(Failure)) {
        while let Some(port) = self.egress.used.pop() {
            let Some(queue) = self.egress.queues.get_mut(port) else {
                continue;
            };
            let sent = match self.devices.get_mut(port) {
                Some(slot) => {
                    let sent = slot.device.send(queue, &mut slot.sent);
                    if !slot.sent.is_empty() {
                        self.forwarder.not_sent(port, &mut slot.sent);
                    }
                    sent
                }
                _ => {
                    let mut losses = Losses::default();
                    for frame in queue.frames() {
                        losses.add(DropReason::DeviceDown, frame.len());
                    }
                    self.forwarder.not_sent(port, &mut losses);
                    Ok(())
                }
            };
            for frame in queue.drain() {
                self.egress.pool.give(frame);
            }
            if let Err(error) = sent {
                self.fail(port, error, failed);
            }
        }
    }

    fn fail(&mut self, port: PortNo, error: DeviceError, failed: &mut impl FnMut(Failure)) {
        if error != DeviceError::Ended {
            self.detach(port);
        }
        failed(Failure { port, error });
    }
}
