//! What the runner needs of a device beyond moving frames: to sleep until it has some.

use ovs_core::Device;
use std::os::fd::BorrowedFd;

/// A device that a runner can own.
pub trait Port: Device + Send {
    /// How to know that frames are waiting. Must not change during the life of the device.
    fn readiness(&self) -> Readiness<'_>;
}

/// How a device tells that frames are waiting.
#[derive(Clone, Copy, Debug)]
pub enum Readiness<'a> {
    /// This descriptor is readable then.
    Readable(BorrowedFd<'a>),
    /// It always may have more, until it returns
    /// [`DeviceError::Ended`](ovs_core::DeviceError::Ended): a file.
    Always,
    /// It never has: a device that only sends.
    Never,
}

impl<P: Port + ?Sized> Port for Box<P> {
    fn readiness(&self) -> Readiness<'_> {
        (**self).readiness()
    }
}
