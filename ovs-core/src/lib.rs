//! A programmable Ethernet switch as a library: `no_std` with `alloc`, without unsafe code.
//!
//! You add ports and rules, and hand in the frames that arrive; the switch says which frames
//! leave by which port, and why the others do not. It opens no socket, reads no clock and starts no
//! thread: it fits into a virtual machine monitor, a VPN, a firewall or a test.
//!
//! ```
//! use ovs_core::action::Action;
//! use ovs_core::flow::FlowMod;
//! use ovs_core::matching::Match;
//! use ovs_core::{
//!     Batch, Config, Forwarder, Frame, Instant, Outbox, PortSpec, SoftSwitch, Switch,
//! };
//!
//! # fn main() -> Result<(), ovs_core::Error> {
//! let mut switch = SoftSwitch::new(Config::default());
//! let a = switch.add_port(PortSpec::named("a"))?;
//! let b = switch.add_port(PortSpec::named("b"))?;
//! switch.flow_mod(FlowMod::add().matching(Match::new().in_port(a)).apply([Action::output(b)]))?;
//!
//! let frame = Frame::from([0xff; 60]);
//! let mut forwarder = switch.forwarder(); // one for each thread that moves frames
//! let mut out = Outbox::new(); // an Egress that keeps what it is given
//! forwarder.process(Instant::ZERO, a, &mut Batch::from([frame.clone()]), &mut out);
//! assert_eq!(out.frames(b), [&frame]);
//! # Ok(())
//! # }
//! ```
//!
//! # Layers
//!
//! ```text
//!  Switch, Bridging             control: ports, rules, groups, meters, events
//!        │
//!  pipeline                     what is known, and pure decisions: key in, ops out
//!        │ miss     ▲ effects
//!  SoftForwarder                one for each thread: a cache of decisions, ops executed, counters
//!        │
//!  SparseKey ◄─ Frame           what a frame is matched on
//!
//!  Device ─► Forwarder ─► Egress    where frames come from and go to
//! ```
//!
//! - [`frame`]: frames with headroom, batches, the pool that makes moving them free of allocation.
//! - [`key`]: the [`FlowKey`] with everything that OpenFlow 1.3 and Open vSwitch match on,
//!   its sparse form, and extraction from a frame.
//! - [`field`] and [`matching`]: the table of all match fields, and matches made of them.
//! - [`action`], [`flow`], [`table`], [`group`], [`meter`]: what is done with packets, rules and their changes; the
//!   vocabulary of OpenFlow and of Open vSwitch.
//! - [`edit`] and [`op`]: changes of frames, and what a flow does with its packets.
//! - [`SoftSwitch`]: the switch itself, shared by a [`lock`] of your choice. [`trace`] tells why a packet went
//!   where it went, [`event`] what there is to tell controllers.
//! - [`mac_table`], [`vlan`]: what bridging learns and is told. [`conntrack`]: the place of a connection tracker.
//!   [`port`], [`drops`].
//!
//! # Features
//!
//! - `std` (default): the lock is `std::sync::RwLock`, so that forwarders go to other threads, and
//!   hash tables are seeded at random.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod action;
pub mod checksum;
mod classify;
pub mod conntrack;
mod counter;
mod datapath;
pub mod drops;
pub mod edit;
mod error;
pub mod event;
pub mod field;
pub mod flow;
pub mod frame;
pub mod group;
mod instant;
pub mod key;
pub mod lock;
pub mod mac_table;
pub mod matching;
pub mod meter;
pub mod op;
mod pipeline;
pub mod port;
mod soft;
mod switch;
pub mod table;
pub mod trace;
pub mod vlan;

pub use drops::{DropReason, Drops, Losses};
pub use error::Error;
pub use event::Event;
pub use frame::{Batch, Frame, FramePool};
pub use instant::Instant;
pub use key::{FlowKey, Mac, SparseKey};
pub use pipeline::FragmentHandling;
pub use port::{PortInfo, PortMap, PortNo, PortSpec, PortStats, QueueId, TableId};
pub use soft::{CacheStats, Config, SoftForwarder, SoftSwitch, State};
pub use switch::{
    Bridging, Change, Device, DeviceError, Egress, Forwarder, LearnedMac, Outbox, PacketOut, Switch,
};
