//! OpenFlow on the wire: `no_std` with `alloc`, without unsafe code.
//!
//! Everything that OpenFlow 1.0 and 1.3.5 say to each other, with Nicira's extensions and those
//! of the Open Networking Foundation that Open vSwitch speaks: as one set of messages for all
//! versions, as bytes, as text in the syntax of `ovs-ofctl`, and as a connection that needs a socket and a
//! clock from you. Good for controllers, switches, proxies and tools that look at captures.
//!
//! ```
//! use bytes::Bytes;
//! use ovs_core::flow::FlowModCommand;
//! use ovs_openflow::{Message, Protocol, print, text};
//!
//! let line = "table=0,priority=100,ip,nw_dst=10.0.0.0/8,actions=dec_ttl,output:2";
//! let flow = text::parse_flow(line, FlowModCommand::Add)?;
//!
//! let mut bytes = Vec::new();
//! Message::FlowMod(flow.clone()).encode(Protocol::OF13, 7, &mut bytes)?;
//! let bytes = Bytes::from(bytes);
//!
//! let envelope = Message::decode(&bytes)?;
//! assert_eq!((envelope.xid, envelope.message), (7, Message::FlowMod(flow)));
//! assert_eq!(
//!     print::print(&bytes, 0),
//!     "OFPT_FLOW_MOD (OF1.3) (xid=0x7): ADD priority=100,ip,nw_dst=10.0.0.0/8 \
//!      actions=dec_ttl,output:2\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layers
//!
//! ```text
//!  socket, clock                 yours
//!     │ bytes     ▲ bytes
//!  Connection                    hello, echo, transactions, errors, limits
//!     │ Event     ▲ Message
//!  codec                         each version's bytes ◄─► Message
//!     │
//!  Message                       text ◄─► matches, actions, flows, groups, meters
//!     │                          print ◄─ messages
//!  ovs_core                      Match, Action, FlowMod, Group, Meter
//! ```
//!
//! - [`message`]: what can be said, the same for all versions.
//! - [`codec`]: how each version writes it; [`Message::decode`] and [`Message::encode`].
//! - [`text`]: matches, actions, flows, groups and meters as `ovs-ofctl` reads and prints them.
//! - [`print`]: whole messages, as `ovs-ofctl ofp-print` prints them.
//! - [`connection`]: one end of a connection, of a controller or of a switch.
//! - [`ErrorCode`], [`DecodeError`], [`EncodeError`]: what can be wrong, by name and by place.
//!
//! No bytes make it panic, loop or take memory without bound. How it was compared with Open
//! vSwitch is written in [VERIFIED.md].
//!
//! # Features
//!
//! - `std` (default): passed on to the dependencies; nothing here needs it.
//!
//! [VERIFIED.md]: https://docs.rs/crate/ovs-openflow/latest/source/VERIFIED.md
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod codec;
pub mod connection;
mod error;
mod error_code;
pub mod message;
pub mod print;
mod protocol;
pub mod text;
mod wire;

pub use codec::Envelope;
pub use connection::{Connection, Event, Reason, SendError};
pub use error::{DecodeError, EncodeError, Problem};
pub use error_code::{ErrorCode, WireError};
pub use message::{Header, Message};
pub use protocol::{Protocol, Version};
