//! placeholder
#![no_std]
#![forbid(unsafe_code)]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;
pub mod drops;
pub mod frame;
mod instant;
pub mod key;
pub mod port;
mod switch;

pub use drops::{DropReason, Drops, Losses};
pub use frame::{Batch, Frame, FramePool};
pub use instant::Instant;
pub use key::{FlowKey, Mac, SparseKey};
pub use port::{PortInfo, PortNo, PortSpec, PortStats};
pub use switch::{
    Bridging, Device, DeviceError, Egress, Error, Forwarder, LearnedMac, Outbox, Switch,
};
