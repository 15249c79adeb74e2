//! Frames in and out of an operating system, for the switch of [`ovs_core`].
//!
//! [`Device`](ovs_core::Device)s that a [`Runner`] can sleep on, and the runner, which moves frames between
//! them through a switch:
//!
//! ```no_run
//! use ovs_core::{Config, PortSpec, SoftSwitch, Switch};
//! use ovs_pnet::{PacketSocket, Runner, Tap};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut switch = SoftSwitch::new(Config::default());
//! let runner = Runner::start(switch.forwarder())?;
//! let tap = switch.add_port(PortSpec::named("tap0"))?;
//! runner.attach(tap, Tap::open("tap0")?)?;
//! let wire = switch.add_port(PortSpec::named("eth1"))?;
//! runner.attach(wire, PacketSocket::open("eth1")?)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What there is
//!
//! ```text
//!  Runner ─ the thread: sleeps, wakes, asks ─► Worker ─ receive, process, send
//!                                                │
//!    Tap      PacketSocket   PnetChannel   pcap::{PcapReader, PcapWriter}   memory::{pair, …}
//!    kernel   interface      fallback      files                            programs, smoltcp
//! ```
//!
//! - [`Tap`]: a device of the kernel's own network stack, or of a virtual machine.
//! - [`PacketSocket`]: an existing interface on Linux. [`PnetChannel`]: the same by the pnet crate,
//!   slower and with limits, where there is no AF_PACKET.
//! - [`pcap`]: capture files to replay and to record. [`memory`]: queues to and from a program.
//! - [`Namespace`] and [`interface`]: places for devices to be, and their set-up.
//!
//! TAP devices, AF_PACKET and namespaces are Linux's; the rest is for any Unix.
//!
//! # Features
//!
//! - `smoltcp`: `SmoltcpDevice`, a `smoltcp::phy::Device` on a port in memory.

mod channel;
mod device;
mod error;
mod inbox;
#[cfg(target_os = "linux")]
pub mod interface;
pub mod memory;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(target_os = "linux")]
pub mod netns;
#[cfg(target_os = "linux")]
mod packet;
pub mod pcap;
#[cfg(target_os = "linux")]
mod refusal;
pub mod runner;
#[cfg(feature = "smoltcp")]
mod smoltcp_device;
#[cfg(target_os = "linux")]
mod sys;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(target_os = "linux")]
mod vnet;

pub use channel::PnetChannel;
pub use device::{Port, Readiness};
pub use error::Error;
#[cfg(target_os = "linux")]
pub use netns::Namespace;
#[cfg(target_os = "linux")]
pub use packet::PacketSocket;
pub use runner::{Clock, Failure, Runner, Worker};
#[cfg(feature = "smoltcp")]
pub use smoltcp_device::SmoltcpDevice;
#[cfg(target_os = "linux")]
pub use tap::{Tap, TapOptions};
