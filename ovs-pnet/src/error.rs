//! What can go wrong with devices and their threads.

use crate::pcap::CaptureError;
use std::io;

/// Why a device or a thread could not be made or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system has no descriptor left for the wake-up of a port in memory.
    #[error("cannot make a port in memory: {source}")]
    Memory {
        /// What it said.
        source: io::Error,
    },
    /// The operating system has no descriptor or thread left for a runner, or cannot wait for a device.
    #[error("cannot run or watch devices: {source}")]
    Runner {
        /// What it said.
        source: io::Error,
    },
    /// The thread of the runner has ended before its time.
    #[error("the runner has stopped")]
    RunnerStopped,
    /// No interface can have this name.
    #[error("{name:?} cannot be the name of an interface: {why}")]
    InvalidName {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no interface of this name in this network namespace.
    #[error("there is no interface named {name:?}; interfaces here: {there}")]
    NoSuchInterface {
        /// The name.
        name: String,
        /// The names that there are.
        there: String,
    },
    /// The program may not do this.
    #[error("{what} needs {needed}: {}", advice(needed))]
    NoPermission {
        /// What was attempted, on what.
        what: String,
        /// The capability (capabilities(7)), or else what it takes.
        needed: &'static str,
    },
    /// The interface carries something else than Ethernet frames.
    #[error(
        "{name} is not an Ethernet interface: its hardware type is {hardware_type}, see linux/if_arp.h"
    )]
    NotEthernet {
        /// Its name.
        name: String,
        /// `ARPHRD_…`.
        hardware_type: u16,
    },
    /// There is an interface of this name that is no TAP device.
    #[error(
        "{name} exists and is not a TAP device; open it as an interface, or choose another name"
    )]
    NotTap {
        /// Its name.
        name: String,
    },
    /// The kernel has no TAP devices, or does not show them here.
    #[error("/dev/net/tun: {source}; `modprobe tun`, or let the container have this device")]
    NoTun {
        /// What the operating system said.
        source: io::Error,
    },
    /// Another program has the TAP device open.
    #[error("another program has the TAP device {name} open; stop it, or choose another name")]
    Busy {
        /// Its name.
        name: String,
    },
    /// There is no way into a user namespace, which programs without root need.
    #[error("no user namespace, to do without root: {source}; {hint}")]
    UserNamespace {
        /// What the operating system said.
        source: io::Error,
        /// What forbids it, and how to get it.
        hint: String,
    },
    /// The operating system refused something else.
    #[error("{what}: {source}")]
    Os {
        /// What was attempted, on what.
        what: String,
        /// What it said.
        source: io::Error,
    },
    /// A capture file cannot be opened or created.
    #[error("{path}: {source}")]
    File {
        /// Where it is, or should be.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A capture file is not what it should be.
    #[error("capture file {path}: {source}")]
    Capture {
        /// Where it is.
        path: String,
        /// What is wrong with it, and where in it.
        source: CaptureError,
    },
}

impl Error {
    pub(crate) fn os(what: String, source: io::Error) -> Self {
        Self::Os { what, source }
    }

    pub(crate) fn no_such_interface(name: &str) -> Self {
        #[cfg(target_os = "linux")]
        let there = crate::interface::list().unwrap_or_default();
        #[cfg(not(target_os = "linux"))]
        let there: Vec<_> = pnet_datalink::interfaces().into_iter().map(|one| one.name).collect();
        let there = there.join(", ");
        Self::NoSuchInterface { name: name.to_string(), there }
    }

    /// What to say when `attempt`, which takes the capability `needed`, failed at an interface.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_interface(
        attempt: &str,
        name: &str,
        needed: &'static str,
        source: io::Error,
    ) -> Self {
        let what = format!("{attempt} {name}");
        match source.raw_os_error() {
            Some(libc::ENODEV | libc::ENXIO) => Self::no_such_interface(name),
            Some(libc::EPERM | libc::EACCES) => Self::NoPermission { what, needed },
            _ => Self::Os { what, source },
        }
    }
}

/// How to get a capability, or what is needed else.
fn advice(needed: &str) -> &'static str {
    match needed {
        "CAP_NET_RAW" | "CAP_NET_ADMIN" => {
            "run as root, or `setcap cap_net_raw,cap_net_admin+ep PROGRAM` once"
        }
        "CAP_SYS_ADMIN" => "run as root, or enter a user namespace first",
        _ => "run as root",
    }
}
