//! Network interfaces by AF_PACKET, the way of Linux that works for all of them: packet(7).

use crate::interface::{self, Control};
use crate::refusal::Refusal;
use crate::sys::message::{self, Arrival, OVERFLOW_LEN};
use crate::sys::socket;
use crate::{Error, Port, Readiness, vnet};
use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Bytes that wait at the socket until we fetch or the kernel sends them.
const QUEUE_BYTES: i32 = 8 << 20;

/// Calls after which the kernel is asked what it dropped, if it was not earlier.
const CALLS_PER_LOOK: u32 = 32;

/// An existing network interface, in promiscuous mode while this is open.
///
/// Frames come as they were on the wire: a VLAN tag that the kernel took off is put back, frames that
/// we sent are not received, unfinished checksums and long segments are handed on as
/// [`Offload`](ovs_core::frame::Offload). One system call receives or sends up to
/// [`Batch::MAX`] frames. A frame that is longer than the interface takes is dropped as
/// [`DropReason::TooLong`].
#[derive(Debug)]
pub struct PacketSocket {
    socket: OwnedFd,
    name: String,
    index: u32,
    /// Frames with room to receive into, always as many as a batch has.
    spare: Vec<Frame>,
    overflow: Box<[u8]>,
    arrivals: [Arrival; Batch::MAX],
    calls: u32,
    /// A call that sends was told that the interface is down: it may have been removed.
    in_doubt: bool,
}

impl PacketSocket {
    /// Opens the interface `name`.
    ///
    /// # Errors
    /// If there is none, it is not Ethernet, or there is not the permission (CAP_NET_RAW).
    pub fn open(name: &str) -> Result<Self, Error> {
        const ATTEMPT: &str = "opening AF_PACKET on";
        let failed = |source| Error::of_interface(ATTEMPT, name, "CAP_NET_RAW", source);
        let index = interface::index(name)?;
        let (kind, _) = Control::new().and_then(|c| c.hardware(name)).map_err(failed)?;
        interface::check_ethernet(name, kind)?;
        let socket = socket::open(libc::AF_PACKET, libc::SOCK_RAW, 0).map_err(failed)?;
        configure(socket.as_fd(), index).map_err(failed)?;
        Ok(Self {
            socket,
            name: name.into(),
            index,
            spare: Vec::with_capacity(Batch::MAX),
            overflow: vec![0; Batch::MAX * OVERFLOW_LEN].into(),
            arrivals: [Arrival::default(); Batch::MAX],
            calls: 0,
            in_doubt: false,
        })
    }

    /// The name of the interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Is the interface still in the socket's network namespace, under its name or another?
    ///
    /// When an interface is removed, the kernel sets it down first, and of that alone it tells us, once.
    /// To join a membership takes the lock under which all of the removal happens: so this
    /// waits for its end, where a look at the names could come too early.
    fn is_there(&self) -> bool {
        let change = |option| socket::promiscuous(self.socket.as_fd(), option, self.index);
        match change(libc::PACKET_ADD_MEMBERSHIP) {
            Ok(()) => change(libc::PACKET_DROP_MEMBERSHIP).is_ok(),
            Err(error) => error.raw_os_error() != Some(libc::ENODEV),
        }
    }

    /// Counts what the kernel dropped because we were too slow.
    fn count_overruns(&mut self, losses: &mut Losses) {
        self.calls = 0;
        if let Ok(dropped) = socket::packet_drops(self.socket.as_fd()) {
            losses.add_many(DropReason::Overrun, dropped.into(), 0);
        }
    }

    /// Receives up to `room` frames; false: there are no more.
    fn receive_some(
        &mut self,
        room: usize,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<bool, DeviceError> {
        let fd = self.socket.as_fd();
        let spare = self.spare.get_mut(..room).unwrap_or_default();
        let received = message::receive(fd, spare, &mut self.overflow, &mut self.arrivals);
        let count = match received {
            Ok(count) => count,
            Err(error) => {
                return match error.raw_os_error() {
                    Some(libc::EAGAIN) => Ok(false),
                    Some(libc::EINTR) => Ok(true),
                    // The interface was set down: it may come up again, unless it is gone.
                    Some(libc::ENETDOWN) if self.is_there() => Ok(true),
                    Some(libc::ENETDOWN | libc::ENODEV | libc::ENXIO) => Err(DeviceError::Gone),
                    // A frame that does not fit into a virtio header; it has been taken out.
                    Some(libc::EINVAL) => {
                        losses.add(DropReason::BadOffload, 0);
                        Ok(true)
                    }
                    _ => Err(DeviceError::Other(error.to_string())),
                };
            }
        };
        for n in 0..count {
            if let Some(frame) = self.accept(n, pool, losses) {
                batch.push(frame);
            }
        }
        self.calls += 1;
        if self.calls >= CALLS_PER_LOOK || (count < room && self.calls > 1) {
            self.count_overruns(losses);
        }
        Ok(count == room)
    }

    /// Turns what was received in place of spare frame `n` into a frame.
    fn accept(&mut self, n: usize, pool: &mut FramePool, losses: &mut Losses) -> Option<Frame> {
        let arrival = *self.arrivals.get(n)?;
        let slot = self.spare.get_mut(n)?;
        let mut frame = std::mem::replace(slot, pool.take());
        let room = frame.capacity();
        frame.set_len(arrival.len);
        let beyond = arrival.len.saturating_sub(room);
        if beyond > 0 {
            let start = n * OVERFLOW_LEN;
            frame.extend(self.overflow.get(start..start + beyond).unwrap_or_default());
        }
        if arrival.truncated || frame.len() != arrival.len {
            losses.add(DropReason::Truncated, arrival.len);
            pool.give(frame);
            return None;
        }
        let Ok(offload) = vnet::decode(&arrival.header, arrival.len) else {
            losses.add(DropReason::BadOffload, arrival.len);
            pool.give(frame);
            return None;
        };
        frame.offload = offload;
        if let Some((protocol, control)) = arrival.tag {
            put_tag_back(&mut frame, protocol, control);
        }
        Some(frame)
    }
}

/// Makes a socket receive the interface's frames as [`PacketSocket`] says.
fn configure(fd: BorrowedFd<'_>, index: u32) -> io::Result<()> {
    let packet = |option| socket::set_int(fd, libc::SOL_PACKET, option, 1);
    packet(libc::PACKET_AUXDATA)?;
    packet(libc::PACKET_VNET_HDR)?;
    packet(libc::PACKET_IGNORE_OUTGOING)?;
    // Not PACKET_QDISC_BYPASS: tcpdump and tc on this host would not see what we send.
    for (forced, option) in
        [(libc::SO_RCVBUFFORCE, libc::SO_RCVBUF), (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF)]
    {
        let queue = |option| socket::set_int(fd, libc::SOL_SOCKET, option, QUEUE_BYTES);
        if queue(forced).is_err() {
            queue(option).ok();
        }
    }
    socket::promiscuous(fd, libc::PACKET_ADD_MEMBERSHIP, index)?;
    socket::bind_packet(fd, index)
}

/// Inserts a VLAN tag behind the addresses, where the kernel took it off.
fn put_tag_back(frame: &mut Frame, protocol: u16, control: u16) {
    frame.push_front(4);
    let bytes = frame.as_mut_slice();
    if bytes.len() >= 16 {
        bytes.copy_within(4..16, 0);
        if let Some(tag) = bytes.get_mut(12..16) {
            let [p0, p1] = protocol.to_be_bytes();
            let [c0, c1] = control.to_be_bytes();
            tag.copy_from_slice(&[p0, p1, c0, c1]);
        }
    }
    if frame.offload.needs_checksum() {
        frame.offload.csum_start = frame.offload.csum_start.saturating_add(4);
    }
    if frame.offload.header_len > 0 {
        frame.offload.header_len = frame.offload.header_len.saturating_add(4);
    }
}

impl Device for PacketSocket {
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        self.spare.resize_with(Batch::MAX, || pool.take());
        // A batch that is not full says that there are no more: frames that were lost, or that the
        // kernel could not hand over, must not end it.
        for _ in 0..Batch::MAX {
            let room = Batch::MAX.saturating_sub(batch.len());
            if room == 0 || !self.receive_some(room, batch, pool, losses)? {
                break;
            }
        }
        if std::mem::take(&mut self.in_doubt) && !self.is_there() {
            return Err(DeviceError::Gone);
        }
        Ok(())
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        let mut waiting = batch.frames();
        let lose = |frames: &[Frame], reason, losses: &mut Losses| {
            frames.iter().for_each(|frame| losses.add(reason, frame.len()));
        };
        while let Some(first) = waiting.first() {
            let mut headers = [vnet::NOTHING; Batch::MAX];
            // As many as can be described; the first that cannot is lost when it is its turn.
            let mut count = 0;
            for (header, frame) in headers.iter_mut().zip(waiting) {
                let Ok(encoded) = vnet::encode(&frame.offload, frame.len()) else {
                    break;
                };
                *header = encoded;
                count += 1;
            }
            let sendable = waiting.get(..count).unwrap_or_default();
            if sendable.is_empty() {
                losses.add(DropReason::BadOffload, first.len());
                waiting = waiting.get(1..).unwrap_or_default();
                continue;
            }
            match message::send(self.socket.as_fd(), sendable, &headers) {
                Ok(sent) => waiting = waiting.get(sent.max(1)..).unwrap_or_default(),
                Err(error) => match Refusal::of(&error, first) {
                    Refusal::Again => {}
                    Refusal::Frame(reason) => {
                        losses.add(reason, first.len());
                        waiting = waiting.get(1..).unwrap_or_default();
                    }
                    Refusal::All(reason) => {
                        self.in_doubt |= reason == DropReason::DeviceDown;
                        lose(waiting, reason, losses);
                        return Ok(());
                    }
                    Refusal::Gone => {
                        lose(waiting, DropReason::DeviceDown, losses);
                        return Err(DeviceError::Gone);
                    }
                },
            }
        }
        Ok(())
    }
}

impl Port for PacketSocket {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Readable(self.socket.as_fd())
    }
}
