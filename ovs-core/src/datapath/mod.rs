//! What is done with frames: cached flows, and the ops of a flow executed on a frame. It knows ops and
//! keys, and nothing of tables.
//!
//! ```text
//!  hash ──► Microflows ──┐ a guess
//!  key  ──► Tree ────────┴─► a flow's place ─► its bits compared ─► ops
//! ```

pub(crate) mod execute;
pub(crate) mod flow;
mod megaflow;
mod microflow;

pub(crate) use megaflow::{Installed, Megaflow, Megaflows};
