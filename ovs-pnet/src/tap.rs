//! TAP devices: Ethernet interfaces of this host whose other side is a program.

use crate::interface::{Control, check_name};
use crate::refusal::Refusal;
use crate::sys::ioctl::{self, InterfaceRequest};
use crate::{Error, Port, Readiness, vnet};
use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses};
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

const CLONE_DEVICE: &str = "/dev/net/tun";

/// Room for what a frame's buffer does not hold, in bytes: more than the longest frame that
/// is to be segmented (64 KiB and headers), so that a frame that fills it has been cut.
const OVERFLOW: usize = 68 * 1024;

/// After how many calls of `send` the MTU is looked at, in case it has become smaller.
const CALLS_PER_LOOK: u32 = 1024;

/// What a TAP device is to be like.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TapOptions {
    /// May the kernel leave checksums unfinished? Default: yes.
    pub offload: bool,
    /// May the kernel leave TCP and UDP data to be segmented, in frames of up to 64 KiB, if its own
    /// setting of the interface agrees (ethtool(8), `tso`)? Only with [`TapOptions::offload`].
    /// Default: yes.
    pub segmentation: bool,
    /// Set the interface up? Default: yes.
    pub up: bool,
    /// Set this MTU, in bytes. Default: leave it, 1,500 if the interface is new.
    pub mtu: Option<u32>,
}

impl Default for TapOptions {
    fn default() -> Self {
        Self { offload: true, segmentation: true, up: true, mtu: None }
    }
}

/// A TAP device (Documentation/networking/tuntap.rst of Linux): what the host sends by the
/// interface is received here, what is sent here the host receives.
///
/// Frames that are longer than the interface's MTU (without Ethernet header and up to two VLAN tags)
/// are lost as [`DropReason::TooLong`], unless they are to be segmented; if the interface has been moved
/// to another network namespace its MTU cannot be read, and there is no such limit. While the
/// interface is down, what is sent is lost as [`DropReason::DeviceDown`].
#[derive(Debug)]
pub struct Tap {
    file: File,
    name: String,
    /// Of the network namespace where it was opened.
    control: Control,
    /// The longest frame without tags and segmentation, in bytes.
    limit: Option<usize>,
    calls: u32,
    overflow: Box<[u8]>,
}

impl Tap {
    /// Opens the TAP device `name` in the calling thread's network namespace, and makes it first
    /// if it does not exist; then it is gone when the `Tap` is dropped. With `%d` in the name,
    /// such as `tap%d`, the kernel chooses a number. Sets the interface up.
    ///
    /// # Errors
    /// If no interface can have the name, another program has opened the device, it is not permitted
    /// (CAP_NET_ADMIN, or being the owner of a device that exists and is up), or there is
    /// no /dev/net/tun.
    pub fn open(name: &str) -> Result<Self, Error> {
        Self::with_options(name, &TapOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`Tap::open`], and if the interface cannot have the MTU.
    pub fn with_options(name: &str, options: &TapOptions) -> Result<Self, Error> {
        check_name(name)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(CLONE_DEVICE)
            .map_err(no_clone_device)?;
        let name = attach(&file, name)?;
        let failed = |attempt| {
            let name = name.as_str();
            move |source| Error::of_interface(attempt, name, "CAP_NET_ADMIN", source)
        };
        ioctl::tun_set_header_len(file.as_fd(), vnet::LEN as libc::c_int)
            .and_then(|()| set_offload(&file, options))
            .map_err(failed("setting offloads of"))?;
        let control = Control::new().map_err(failed("opening a socket for"))?;
        if let Some(mtu) = options.mtu {
            control.set_mtu(&name, mtu).map_err(failed("setting the MTU of"))?;
        }
        if options.up {
            control.set_up(&name, true).map_err(failed("setting up"))?;
        }
        let overflow = vec![0; OVERFLOW].into_boxed_slice();
        let mut tap = Self { file, name, control, limit: None, calls: 0, overflow };
        tap.look_at_mtu();
        Ok(tap)
    }

    /// The name of the interface, as it was when it was opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn look_at_mtu(&mut self) {
        // It may have been renamed.
        let now = ioctl::tun_identity(self.file.as_fd()).map(|identity| identity.name());
        let mtu = now.and_then(|name| self.control.mtu(&name));
        self.limit = mtu.ok().map(|mtu| mtu as usize + ETHERNET_HEADER);
    }

    fn is_too_long(&self, frame: &Frame) -> bool {
        self.limit.is_some_and(|limit| {
            frame.len() > limit
                && !frame.offload.needs_segmentation()
                && frame.len() > limit + tags_len(frame.as_slice())
        })
    }

    /// Reads one frame; none if it is lost.
    #[inline]
    fn read(&mut self, frame: &mut Frame, losses: &mut Losses) -> io::Result<bool> {
        let mut header = vnet::NOTHING;
        let room = frame.spare_mut();
        let room_len = room.len();
        let total = (&self.file).read_vectored(&mut [
            IoSliceMut::new(&mut header),
            IoSliceMut::new(room),
            IoSliceMut::new(&mut self.overflow),
        ])?;
        let len = total.saturating_sub(vnet::LEN);
        frame.set_len(len);
        if len > room_len {
            let rest = self.overflow.get(..len - room_len).unwrap_or_default();
            if rest.len() == self.overflow.len() {
                losses.add(DropReason::Truncated, len);
                return Ok(false);
            }
            frame.extend(rest);
        }
        match vnet::decode(&header, len) {
            Ok(offload) => frame.offload = offload,
            Err(_) => {
                losses.add(DropReason::BadOffload, len);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes one frame.
    #[inline]
    fn write(&self, frame: &Frame) -> Result<(), Refusal> {
        let header = vnet::encode(&frame.offload, frame.len())
            .map_err(|_| Refusal::Frame(DropReason::BadOffload))?;
        let parts = [IoSlice::new(&header), IoSlice::new(frame.as_slice())];
        loop {
            match (&self.file).write_vectored(&parts).map_err(|error| Refusal::of(&error, frame)) {
                Ok(_) => return Ok(()),
                Err(Refusal::Again) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
}

impl Device for Tap {
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        while !batch.is_full() {
            let mut frame = pool.take();
            let error = match self.read(&mut frame, losses) {
                Ok(true) => {
                    batch.push(frame);
                    continue;
                }
                Ok(false) => {
                    pool.give(frame);
                    continue;
                }
                Err(error) => error,
            };
            pool.give(frame);
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EAGAIN | libc::EIO) => return Ok(()),
                Some(libc::EBADFD | libc::ENODEV) => return Err(DeviceError::Gone),
                _ => return Err(DeviceError::Other(format!("cannot read {}: {error}", self.name))),
            }
        }
        Ok(())
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        self.calls = self.calls.wrapping_add(1);
        let mut looked = self.calls % CALLS_PER_LOOK == 0;
        if looked {
            self.look_at_mtu();
        }
        let mut result = Ok(());
        let mut frames = batch.frames().iter();
        for frame in frames.by_ref() {
            if self.is_too_long(frame) {
                if !looked {
                    looked = true;
                    self.look_at_mtu();
                }
                if self.is_too_long(frame) {
                    losses.add(DropReason::TooLong, frame.len());
                    continue;
                }
            }
            let all = match self.write(frame) {
                Ok(()) | Err(Refusal::Again) => continue,
                Err(Refusal::Frame(reason)) => {
                    losses.add(reason, frame.len());
                    continue;
                }
                Err(Refusal::All(reason)) => reason,
                Err(Refusal::Gone) => {
                    result = Err(DeviceError::Gone);
                    DropReason::DeviceDown
                }
            };
            losses.add(all, frame.len());
            for frame in frames {
                losses.add(all, frame.len());
            }
            break;
        }
        result
    }
}

impl Port for Tap {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Readable(self.file.as_fd())
    }
}

const ETHERNET_HEADER: usize = 14;

/// Bytes of the first two VLAN tags, 802.1Q or 802.1ad.
fn tags_len(frame: &[u8]) -> usize {
    let is_tag = |at| matches!(frame.get(at..at + 2), Some([0x81, 0x00] | [0x88, 0xa8]));
    match (is_tag(12), is_tag(16)) {
        (false, _) => 0,
        (true, false) => 4,
        (true, true) => 8,
    }
}

fn no_clone_device(source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::PermissionDenied => Error::NoPermission {
            what: format!("opening {CLONE_DEVICE}"),
            needed: "access to this file",
        },
        _ => Error::NoTun { source },
    }
}

/// Makes the opened file the TAP device `name`, and returns the name that it got.
fn attach(file: &File, name: &str) -> Result<String, Error> {
    let flags = libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_VNET_HDR;
    let attempt = |flags: libc::c_int| {
        let mut request = InterfaceRequest::new(name);
        request.set(&(flags as u16).to_ne_bytes());
        ioctl::tun_attach(file.as_fd(), &mut request).map(|()| request.name())
    };
    let mut result = attempt(flags);
    if result.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EINVAL)) {
        // A device that exists may have been made with several queues; one of them does.
        result = attempt(flags | libc::IFF_MULTI_QUEUE);
    }
    result.map_err(|source| {
        let named = name.to_string();
        match source.raw_os_error() {
            Some(libc::EBUSY) => Error::Busy { name: named },
            Some(libc::EINVAL | libc::EEXIST) => Error::NotTap { name: named },
            _ => Error::of_interface("opening the TAP device", name, "CAP_NET_ADMIN", source),
        }
    })
}

fn set_offload(file: &File, options: &TapOptions) -> io::Result<()> {
    let (mut offload, mut udp) = (0, 0);
    if options.offload {
        offload = libc::TUN_F_CSUM;
        if options.segmentation {
            offload |= libc::TUN_F_TSO4 | libc::TUN_F_TSO6;
            udp = libc::TUN_F_USO4 | libc::TUN_F_USO6;
        }
    }
    // Linux has UDP segmentation for TAP devices since 6.2.
    ioctl::tun_set_offload(file.as_fd(), offload | udp)
        .or_else(|_| ioctl::tun_set_offload(file.as_fd(), offload))
}
