//! What it means when the kernel does not take a frame.

use ovs_core::{DropReason, Frame};
use std::io;

/// Shorter frames have no complete Ethernet header.
const ETHERNET_HEADER: usize = 14;

/// What to do about an error of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A signal came: try again.
    Again,
    /// This frame is lost; the next may be taken.
    Frame(DropReason),
    /// This frame is lost, and so would be all others now.
    All(DropReason),
    /// The device does not exist any more.
    Gone,
}

impl Refusal {
    /// What `error` at sending `frame` to a TAP device or an AF_PACKET socket means.
    pub(crate) fn of(error: &io::Error, frame: &Frame) -> Self {
        let Some(number) = error.raw_os_error() else {
            return Self::Frame(DropReason::DeviceError);
        };
        match number {
            libc::EINTR => Self::Again,
            libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM => Self::All(DropReason::QueueFull),
            libc::EIO | libc::ENETDOWN => Self::All(DropReason::DeviceDown),
            libc::EBADFD | libc::ENODEV | libc::ENXIO => Self::Gone,
            libc::EMSGSIZE | libc::E2BIG => Self::Frame(DropReason::TooLong),
            libc::EINVAL if frame.len() < ETHERNET_HEADER => Self::Frame(DropReason::Runt),
            libc::EINVAL
                if frame.offload.needs_checksum() || frame.offload.needs_segmentation() =>
            {
                Self::Frame(DropReason::BadOffload)
            }
            _ => Self::Frame(DropReason::DeviceError),
        }
    }
}
