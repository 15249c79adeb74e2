//! What is known of all bridges of one datapath, and what it says of a packet.

pub(crate) mod check;
mod entry;
mod tables;

pub(crate) use entry::FlowEntry;
