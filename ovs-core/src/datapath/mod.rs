//! What is done with frames: cached flows, and the ops of a flow executed on a frame. It knows ops and
//! keys, and nothing of tables.

pub(crate) mod execute;
pub(crate) mod flow;
pub(crate) mod microflow;
