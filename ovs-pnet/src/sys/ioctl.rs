//! Questions and orders to interfaces and TAP devices: netdevice(7), Documentation/networking/tuntap.rst.

use super::check;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `struct ifreq`: a name and up to 24 bytes that depend on the request. Where the kernel's is
/// smaller (16 bytes of them on 32-bit systems), it leaves the rest alone.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct InterfaceRequest {
    name: [u8; libc::IFNAMSIZ],
    data: [u8; 24],
}

impl InterfaceRequest {
    /// For the interface `name`, of which at most 15 bytes are used, with zeros as data.
    pub(crate) fn new(name: &str) -> Self {
        let mut request = Self { name: [0; libc::IFNAMSIZ], data: [0; 24] };
        for (to, from) in request.name.iter_mut().take(libc::IFNAMSIZ - 1).zip(name.bytes()) {
            *to = from;
        }
        request
    }

    /// The name; the kernel may have chosen it.
    pub(crate) fn name(&self) -> String {
        let name = self.name.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    }

    /// Puts `bytes`, at most 24, at the beginning of the data.
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        for (to, from) in self.data.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    /// The first `N` bytes of the data, at most 24; zeros beyond.
    pub(crate) fn get<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        for (to, from) in bytes.iter_mut().zip(self.data) {
            *to = from;
        }
        bytes
    }
}

/// The requests of netdevice(7) that only read or write what stands in the `ifreq` itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InterfaceCall {
    GetFlags,
    SetFlags,
    GetMtu,
    SetMtu,
    GetHardwareAddress,
    SetHardwareAddress,
}

/// Carries out `call` on any socket, in whose network namespace the interface is.
pub(crate) fn interface(
    socket: BorrowedFd<'_>,
    call: InterfaceCall,
    request: &mut InterfaceRequest,
) -> io::Result<()> {
    let number = match call {
        InterfaceCall::GetFlags => libc::SIOCGIFFLAGS,
        InterfaceCall::SetFlags => libc::SIOCSIFFLAGS,
        InterfaceCall::GetMtu => libc::SIOCGIFMTU,
        InterfaceCall::SetMtu => libc::SIOCSIFMTU,
        InterfaceCall::GetHardwareAddress => libc::SIOCGIFHWADDR,
        InterfaceCall::SetHardwareAddress => libc::SIOCSIFHWADDR,
    };
    // SAFETY: these requests read and write one `struct ifreq`, for which `request` has the size
    // and alignment; it is borrowed for the call, and none of its bytes is taken for a pointer.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), number as libc::Ioctl, request) })?;
    Ok(())
}

/// TUNSETIFF: makes `tun`, /dev/net/tun opened, the device that `request` names, and stores the
/// name that the kernel chose. The flags are the first two bytes of the data.
pub(crate) fn tun_attach(tun: BorrowedFd<'_>, request: &mut InterfaceRequest) -> io::Result<()> {
    // SAFETY: reads and writes one `struct ifreq`, as above.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETIFF, request) })?;
    Ok(())
}

/// TUNGETIFF: the name and flags of the device that `tun` is.
pub(crate) fn tun_identity(tun: BorrowedFd<'_>) -> io::Result<InterfaceRequest> {
    let mut request = InterfaceRequest::new("");
    // SAFETY: writes one `struct ifreq`, as above.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNGETIFF, &mut request) })?;
    Ok(request)
}

/// TUNSETVNETHDRSZ: how long the virtio network header in front of each frame is, in bytes.
pub(crate) fn tun_set_header_len(tun: BorrowedFd<'_>, len: libc::c_int) -> io::Result<()> {
    // SAFETY: reads one int, borrowed for the call.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETVNETHDRSZ, &len) })?;
    Ok(())
}

/// TUNSETOFFLOAD: what work (`TUN_F_…`) the kernel may leave to who reads.
pub(crate) fn tun_set_offload(tun: BorrowedFd<'_>, offload: libc::c_uint) -> io::Result<()> {
    // SAFETY: takes its argument by value, as an unsigned long.
    check(unsafe {
        libc::ioctl(tun.as_raw_fd(), libc::TUNSETOFFLOAD, libc::c_ulong::from(offload))
    })?;
    Ok(())
}

/// The index of the interface `name` in the calling thread's network namespace.
pub(crate) fn index(name: &str) -> io::Result<u32> {
    let name = CString::new(name).map_err(|_| io::Error::from_raw_os_error(libc::ENODEV))?;
    // SAFETY: reads the string up to its zero byte.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
}

/// The names of all interfaces of the calling thread's network namespace.
pub(crate) fn names() -> io::Result<Vec<String>> {
    // SAFETY: takes nothing; returns null, or an array that is ours until it is freed below.
    let list = unsafe { libc::if_nameindex() };
    if list.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut names = Vec::new();
    let mut at = list;
    // SAFETY: the array ends with an entry whose name is null, beyond which this does not go.
    while let Some(entry) = unsafe { at.as_ref() }.filter(|entry| !entry.if_name.is_null()) {
        // SAFETY: not null, so it is a string that ends with a zero byte.
        let name = unsafe { CStr::from_ptr(entry.if_name) };
        names.push(name.to_string_lossy().into_owned());
        // SAFETY: this was not the last entry, so there is another.
        at = unsafe { at.add(1) };
    }
    // SAFETY: it came from `if_nameindex`, and nothing borrowed from it is left.
    unsafe { libc::if_freenameindex(list) };
    Ok(names)
}
