//! Network namespaces without names: hosts for demos and tests that leave nothing behind.
//!
//! ```no_run
//! use ovs_pnet::{Namespace, Tap, interface};
//! use std::net::Ipv4Addr;
//!
//! # fn main() -> Result<(), ovs_pnet::Error> {
//! let host = Namespace::new()?;
//! let tap = host.run(|| {
//!     let tap = Tap::open("tap0")?;
//!     interface::add_ipv4(tap.name(), Ipv4Addr::new(192, 0, 2, 1), 24)?;
//!     Ok::<_, ovs_pnet::Error>(tap)
//! })??;
//! # Ok(())
//! # }
//! ```

use crate::Error;
use crate::sys::namespace as sys;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::path::Path;
use std::thread;

/// A network namespace (network_namespaces(7)), kept alive by a descriptor.
///
/// Interfaces, addresses and sockets in it are apart from all others. When nothing has it any more (no
/// `Namespace`, no socket or TAP device of it, no thread in it) the kernel deletes it with its
/// virtual interfaces, also if the program was killed.
#[derive(Debug)]
pub struct Namespace(File);

impl Namespace {
    /// A new one. Its only interface is the loopback, which is down.
    ///
    /// # Errors
    /// If it is not permitted (CAP_SYS_ADMIN; see [`enter_user_namespace`]), or there are too many.
    pub fn new() -> Result<Self, Error> {
        let make = || {
            sys::unshare_network()?;
            File::open("/proc/thread-self/ns/net")
        };
        let made = thread::scope(|scope| {
            // A thread of its own goes there, so that the calling one stays where it is.
            let thread = thread::Builder::new().spawn_scoped(scope, make)?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        made.map(Self).map_err(|source| refused("making a network namespace", source))
    }

    /// The namespace that ip-netns(8) has given `name`.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        if matches!(name, "" | "." | "..") || name.contains('/') {
            let why = "nor of a network namespace, as it is no file name";
            return Err(Error::InvalidName { name: name.to_string(), why });
        }
        Self::open(&Path::new("/var/run/netns").join(name))
    }

    /// The namespace in which the process `pid` is.
    ///
    /// # Errors
    /// If there is no such process, or looking at it is not permitted (CAP_SYS_PTRACE).
    pub fn of_pid(pid: u32) -> Result<Self, Error> {
        Self::open(Path::new(&format!("/proc/{pid}/ns/net")))
    }

    fn open(path: &Path) -> Result<Self, Error> {
        File::open(path).map(Self).map_err(|source| {
            let what = format!("opening the network namespace {}", path.display());
            match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    Error::NoPermission { what, needed: "CAP_SYS_PTRACE" }
                }
                _ => Error::os(what, source),
            }
        })
    }

    /// Calls `work` on a thread in this namespace, and returns what it returned. What was opened there
    /// (sockets, TAP devices) belongs to this namespace for good, on any thread.
    ///
    /// A panic of `work` goes on in the caller.
    ///
    /// # Errors
    /// If going there is not permitted (CAP_SYS_ADMIN), or there can be no more threads; `work` was
    /// not called then.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        let inside = || sys::enter_network(self.as_fd()).map(|()| work());
        let done = thread::scope(|scope| {
            let thread = thread::Builder::new().name("ovs-netns".into());
            let thread = thread.spawn_scoped(scope, inside)?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        done.map_err(|source| refused("entering a network namespace", source))
    }
}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Namespace {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

fn refused(what: &str, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            Error::NoPermission { what: what.to_string(), needed: "CAP_SYS_ADMIN" }
        }
        _ => Error::os(what.to_string(), source),
    }
}

/// May the calling thread make network namespaces, configure interfaces and open AF_PACKET sockets?
/// That is what root may, outside of most containers.
pub fn is_privileged() -> bool {
    /// CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN, from linux/capability.h.
    const NEEDED: u64 = 1 << 12 | 1 << 13 | 1 << 21;
    sys::capabilities().is_ok_and(|capabilities| capabilities & NEEDED == NEEDED)
}

/// Makes the calling process root of a new user namespace (user_namespaces(7)), where it may make
/// network namespaces and all in them, but has no right over the interfaces outside. Files that it makes
/// still belong to its user.
///
/// It must be called before the process has other threads.
///
/// # Errors
/// If the process has other threads, or the system does not let users do this; the error says which
/// setting forbids it. The process may be without any privilege then.
pub fn enter_user_namespace() -> Result<(), Error> {
    let (user, group) = sys::identity();
    let enter = || {
        sys::unshare_user()?;
        // Without this, an unprivileged process may not set its group map.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {group} 1"))
    };
    let no_way = |source| Error::UserNamespace { source, hint: hint() };
    enter().map_err(no_way)?;
    // AppArmor may let a process go there, but do nothing.
    match Namespace::new() {
        Ok(_) => Ok(()),
        Err(Error::NoPermission { .. }) => Err(no_way(io::ErrorKind::PermissionDenied.into())),
        Err(Error::Os { source, .. }) => Err(no_way(source)),
        Err(other) => Err(other),
    }
}

/// What is to be done so that a user namespace can be entered.
fn hint() -> String {
    let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads > 1 {
        return format!("it has to be done before the program has threads, and it has {threads}");
    }
    // Each with the value that forbids it.
    let settings = [
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "10000"),
        ("user.max_net_namespaces", "0", "10000"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ];
    for (setting, forbids, allows) in settings {
        let path = Path::new("/proc/sys").join(setting.replace('.', "/"));
        if fs::read_to_string(path).is_ok_and(|value| value.trim() == forbids) {
            return format!(
                "{setting} is {forbids}; run as root, or `sysctl -w {setting}={allows}` once as root"
            );
        }
    }
    "run as root; in a container, its seccomp profile may forbid it".to_string()
}
