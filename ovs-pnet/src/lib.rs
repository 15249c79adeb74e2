//! placeholder
mod device;
pub use device::{Port, Readiness};
