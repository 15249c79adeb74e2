//! placeholder
mod device;
mod error;
mod inbox;
pub mod memory;
pub use device::{Port, Readiness};
pub use error::Error;
pub mod runner;
pub use runner::{Clock, Failure, Runner, Worker};
