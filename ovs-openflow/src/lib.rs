//! OpenFlow on the wire: `no_std` with `alloc`, without unsafe code.
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
pub use error::{DecodeError, EncodeError, Problem};
pub use error_code::{ErrorCode, WireError};
pub use message::{Header, Message};
pub use protocol::{Protocol, Version};
