//! Namespaces, capabilities and identities of the calling thread: namespaces(7), capabilities(7).

use super::check;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Moves the calling thread into a new network namespace.
pub(crate) fn unshare_network() -> io::Result<()> {
    // SAFETY: takes a number. Descriptors, memory and other threads stay as they are.
    check(unsafe { libc::unshare(libc::CLONE_NEWNET) })?;
    Ok(())
}

/// Moves the calling process, which must have a single thread, into a new user namespace.
pub(crate) fn unshare_user() -> io::Result<()> {
    // SAFETY: takes a number. The kernel refuses it if there are other threads.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) })?;
    Ok(())
}

/// Moves the calling thread into the network namespace that `namespace` is opened from.
pub(crate) fn enter_network(namespace: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes numbers; with another descriptor than that of a network namespace it fails.
    check(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) })?;
    Ok(())
}

/// The effective user and group of the calling thread.
pub(crate) fn identity() -> (u32, u32) {
    // SAFETY: takes nothing and cannot fail.
    let user = unsafe { libc::geteuid() };
    // SAFETY: takes nothing and cannot fail.
    let group = unsafe { libc::getegid() };
    (user, group)
}

/// The effective capabilities of the calling thread, a bit for each.
pub(crate) fn capabilities() -> io::Result<u64> {
    /// `struct __user_cap_header_struct`.
    #[repr(C)]
    struct Header {
        version: u32,
        pid: libc::c_int,
    }
    /// `struct __user_cap_data_struct`.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Data {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    // _LINUX_CAPABILITY_VERSION_3, which has two structures for 64 capabilities; this thread.
    let mut header = Header { version: 0x2008_0522, pid: 0 };
    let mut data = [Data { effective: 0, permitted: 0, inheritable: 0 }; 2];
    // SAFETY: the header is read and written, and two structures are written, as its version says.
    let returned = unsafe { libc::syscall(libc::SYS_capget, &mut header, data.as_mut_ptr()) };
    if returned == -1 {
        return Err(io::Error::last_os_error());
    }
    let [low, high] = data;
    Ok(u64::from(low.effective) | u64::from(high.effective) << 32)
}
