//! What is known of all bridges of one datapath, and what it says of a packet.

mod entry;

pub(crate) use entry::FlowEntry;
