//! What is known of all bridges of one datapath, and what it says of a packet.

mod check;
mod entry;
mod tables;

pub(crate) use entry::FlowEntry;
