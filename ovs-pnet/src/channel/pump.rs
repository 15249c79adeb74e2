//! The thread that receives.

use super::{Echoes, LONGEST_FRAME, READ_TIMEOUT, find};
use crate::inbox::InboxSender;
use ovs_core::{DeviceError, DropReason, Frame};
use pnet_datalink::{DataLinkReceiver, NetworkInterface};
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

pub(super) struct Pump {
    receiver: Box<dyn DataLinkReceiver>,
    inbox: InboxSender,
    echoes: Option<Arc<Echoes>>,
    name: String,
    index: u32,
    /// The socket, if we have it: the type that the standard library has for taking errors off.
    watch: Option<UdpSocket>,
}

impl Pump {
    pub(super) fn new(
        receiver: Box<dyn DataLinkReceiver>,
        inbox: InboxSender,
        echoes: Option<Arc<Echoes>>,
        interface: &NetworkInterface,
        watch: Option<OwnedFd>,
    ) -> Self {
        let (name, index) = (interface.name.clone(), interface.index);
        Self { receiver, inbox, echoes, name, index, watch: watch.map(UdpSocket::from) }
    }

    /// Receives until the device is dropped or the interface is gone.
    pub(super) fn run(mut self) {
        // An error came, so the interface is down or gone: the socket says only that it changed.
        let mut doubtful = false;
        while !self.inbox.is_closed() {
            match self.receiver.next() {
                Ok(bytes) => {
                    doubtful = false;
                    take(bytes, self.echoes.as_deref(), &self.inbox);
                    continue;
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::TimedOut | ErrorKind::WouldBlock => {}
                    _ => {
                        doubtful = true;
                        // pnet leaves it on the socket, which then never sleeps.
                        let _ = self.watch.as_ref().map(UdpSocket::take_error);
                        thread::sleep(READ_TIMEOUT);
                    }
                },
            }
            if doubtful && find(&self.name).is_none_or(|found| found.index != self.index) {
                return self.inbox.fail(DeviceError::Gone);
            }
        }
    }
}

fn take(bytes: &[u8], echoes: Option<&Echoes>, inbox: &InboxSender) {
    if echoes.is_some_and(|echoes| echoes.take(bytes, Instant::now())) {
        return;
    }
    let lost = if bytes.len() > LONGEST_FRAME {
        Err(DropReason::Truncated)
    } else {
        inbox.send(Frame::from(bytes)).map_err(|_| DropReason::Overrun)
    };
    if let Err(reason) = lost {
        inbox.lost(reason, bytes.len());
    }
}
