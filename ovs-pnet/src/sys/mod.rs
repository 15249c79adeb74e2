//! The only place with unsafe code: system calls of Linux as safe functions.
//!
//! Nothing here decides anything. A function takes references, checks what it must for the call
//! to be sound, calls, and returns what the kernel said.

pub(crate) mod ioctl;
pub(crate) mod message;
pub(crate) mod namespace;
pub(crate) mod socket;

use std::io;

/// The error of a call that returned -1.
fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}
