//! The channel of the crate pnet: an interface on systems for which there is nothing better.

mod echoes;
mod pump;
#[cfg(test)]
mod tests;

use crate::inbox::{Inbox, inbox};
use crate::{Error, Port, Readiness};
use echoes::Echoes;
use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses, checksum};
use pnet_datalink::{Channel, Config, DataLinkSender, NetworkInterface};
use pump::Pump;
use std::io::{self, ErrorKind};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, thread};

/// The longest frame that is received or sent, in bytes: 9216 of payload, two VLAN tags.
const LONGEST_FRAME: usize = 9216 + 14 + 2 * 4;

/// What the operating system may hand over at once; on BSD that is many frames.
const READ_BUFFER: usize = 64 * 1024;

/// Frames that wait for the runner at most.
const QUEUE: usize = 1024;

/// How long the receiving thread sleeps at most before it looks whether it is still wanted.
const READ_TIMEOUT: Duration = Duration::from_millis(100);

/// An interface of the operating system, in promiscuous mode, by the datalink channel of
/// [pnet](https://docs.rs/pnet_datalink): AF_PACKET on Linux, BPF on the BSDs and macOS. Needs
/// root, or the capability CAP_NET_RAW.
///
/// It is the portable fallback. A thread of its own receives, because pnet can only wait; it ends
/// within 100 ms after the device is dropped. The limits:
///
/// - It loses VLAN tags that the kernel takes off the frame, as Linux always does: a tagged frame
///   comes in untagged.
/// - Frames longer than 9,238 bytes are lost as [`DropReason::Truncated`]: segments that the
///   interface has put together, or the host has left to it to cut.
/// - A frame whose checksum the host has left to the interface comes in with a wrong one, and
///   nobody can tell. Switch offloads off, with `ethtool -K NAME gro off tso off tx off` for
///   example, on both sides of a veth.
/// - Every frame is copied and costs an allocation and at least two system calls.
///
/// Sent frames are not received back: Linux gives no socket what it sent. From 4.20 on it also
/// keeps from us what the host itself and other programs send by the interface. Other systems
/// hand us all that is sent. There, frames of our own are known by their hash: one equal to a
/// frame that was sent less than a second before is discarded, once.
pub struct PnetChannel {
    name: String,
    sender: Box<dyn DataLinkSender>,
    inbox: Inbox,
    /// None where the kernel does not hand us what we sent.
    echoes: Option<Arc<Echoes>>,
}

impl PnetChannel {
    /// Opens the interface of this name.
    ///
    /// # Errors
    /// If there is none, or not the permission (CAP_NET_RAW).
    pub fn open(name: &str) -> Result<Self, Error> {
        let interface = find(name).ok_or_else(|| Error::no_such_interface(name))?;
        let echoes = (!cfg!(target_os = "linux")).then(Arc::default);
        Self::open_with(&interface, quiet_socket(), echoes).map_err(|source| {
            Error::of_interface("opening the interface", name, "CAP_NET_RAW", source)
        })
    }

    /// Opens it by this socket, if there is one.
    fn open_with(
        interface: &NetworkInterface,
        socket: Option<OwnedFd>,
        echoes: Option<Arc<Echoes>>,
    ) -> io::Result<Self> {
        // To take an error off the socket.
        let watch = socket.as_ref().map(OwnedFd::try_clone).transpose()?;
        let config = Config {
            read_buffer_size: READ_BUFFER,
            write_buffer_size: READ_BUFFER,
            read_timeout: Some(READ_TIMEOUT),
            write_timeout: Some(Duration::ZERO),
            // From here on the descriptor belongs to pnet, which closes it on errors too.
            socket_fd: socket.map(IntoRawFd::into_raw_fd),
            ..Config::default()
        };
        let Channel::Ethernet(sender, receiver) = pnet_datalink::channel(interface, config)? else {
            return Err(ErrorKind::Unsupported.into());
        };
        let (into, inbox) = inbox(QUEUE)?;
        let pump = Pump::new(receiver, into, echoes.clone(), interface, watch);
        let name = interface.name.clone();
        thread::Builder::new().name(format!("pnet-{name}")).spawn(move || pump.run())?;
        Ok(Self { name, sender, inbox, echoes })
    }
}

/// A packet socket that does not receive what goes out by the interface, if there can be one.
#[cfg(target_os = "linux")]
fn quiet_socket() -> Option<OwnedFd> {
    use crate::sys::socket;
    use std::os::fd::AsFd;
    let own = socket::open(libc::AF_PACKET, libc::SOCK_RAW, 0).ok()?;
    socket::set_int(own.as_fd(), libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1).ok()?;
    Some(own)
}

#[cfg(not(target_os = "linux"))]
fn quiet_socket() -> Option<OwnedFd> {
    None
}

fn find(name: &str) -> Option<NetworkInterface> {
    pnet_datalink::interfaces().into_iter().find(|interface| interface.name == name)
}

impl Device for PnetChannel {
    fn receive(
        &mut self,
        batch: &mut Batch,
        _: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        self.inbox.receive(batch, losses)
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        for frame in batch.frames_mut() {
            if let Err(reason) = self.send_one(frame) {
                losses.add(reason, frame.len());
            }
        }
        // That the interface is gone, the other thread finds out.
        Ok(())
    }
}

impl PnetChannel {
    fn send_one(&mut self, frame: &mut Frame) -> Result<(), DropReason> {
        if frame.offload.needs_segmentation() || frame.len() > LONGEST_FRAME {
            return Err(DropReason::TooLong);
        }
        checksum::finish(frame).map_err(|_| DropReason::BadOffload)?;
        if let Some(echoes) = &self.echoes {
            echoes.expect(frame.as_slice(), Instant::now());
        }
        let error = match self.sender.send_to(frame.as_slice(), None) {
            Some(Ok(())) => return Ok(()),
            Some(Err(error)) => error,
            None => return Err(DropReason::TooLong),
        };
        if let Some(echoes) = &self.echoes {
            echoes.take(frame.as_slice(), Instant::now());
        }
        Err(match error.raw_os_error() {
            Some(libc::EMSGSIZE) => DropReason::TooLong,
            Some(libc::ENETDOWN | libc::ENXIO | libc::ENODEV) => DropReason::DeviceDown,
            Some(libc::ENOBUFS) => DropReason::QueueFull,
            _ if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                DropReason::QueueFull
            }
            _ => DropReason::DeviceError,
        })
    }
}

impl Port for PnetChannel {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Readable(self.inbox.descriptor())
    }
}

impl fmt::Debug for PnetChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PnetChannel").field("name", &self.name).finish_non_exhaustive()
    }
}
