//! A host of smoltcp behind a port of the switch, without root and without an operating system.

use crate::memory::MemoryEnd;
use ovs_core::frame::DEFAULT_CAPACITY;
use ovs_core::{Frame, checksum};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Bytes of the longest frame of a host: an IP packet of 1500 bytes and the Ethernet header.
const LONGEST_FRAME: usize = 1514;

/// A [`smoltcp::phy::Device`] on the end of a port in memory.
///
/// It is an Ethernet device with an MTU of 1500, which leaves all checksums to smoltcp. Frames
/// from the switch whose checksum is unfinished are finished first, as smoltcp would drop them;
/// frames that are still to be segmented come in one piece.
#[derive(Debug)]
pub struct SmoltcpDevice {
    end: MemoryEnd,
}

impl SmoltcpDevice {
    /// The device of a host behind the port whose other end this is.
    pub fn new(end: MemoryEnd) -> Self {
        Self { end }
    }

    /// Waits until there is a frame for the host, up to `timeout`, and says whether there is:
    /// what a host on a thread of its own does until smoltcp's `poll_delay` is over.
    pub fn wait(&self, timeout: Duration) -> bool {
        self.end.wait(timeout)
    }
}

impl phy::Device for SmoltcpDevice {
    type RxToken<'a> = RxToken;
    type TxToken<'a> = TxToken<'a>;

    /// None also while there is no room to answer.
    fn receive(&mut self, _: Instant) -> Option<(RxToken, TxToken<'_>)> {
        if self.end.room() == 0 {
            return None;
        }
        loop {
            let mut frame = self.end.try_receive()?;
            // What makes no sense is dropped, as a network card would do.
            if checksum::finish(&mut frame).is_ok() {
                return Some((RxToken(frame), TxToken(&self.end)));
            }
        }
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_>> {
        (self.end.room() > 0).then_some(TxToken(&self.end))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LONGEST_FRAME;
        capabilities
    }
}

/// A frame for the host.
#[derive(Debug)]
pub struct RxToken(Frame);

impl phy::RxToken for RxToken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0.as_slice())
    }
}

/// Room for a frame from the host.
#[derive(Debug)]
pub struct TxToken<'a>(&'a MemoryEnd);

impl phy::TxToken for TxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut frame = Frame::with_capacity(len.max(DEFAULT_CAPACITY));
        frame.spare_mut();
        frame.set_len(len);
        let result = write(frame.as_mut_slice());
        // There was room when the token was made. If the port is gone, the cable is cut.
        self.0.send(frame).ok();
        result
    }
}
