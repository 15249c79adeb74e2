//! Fields with their values, as lists of OXM or NXM entries (OpenFlow 1.3.5 §7.2.3;
//! ovs-fields(7)).
//!
//! An entry is a header of 4 bytes (8 with an experimenter), a value and perhaps a mask.

mod entry;
mod list;

pub(crate) use entry::{
    EntryHeader, put_entry, put_header, put_header32, put_number, put_tunnel_option, take_header,
    take_subfield, take_subfield32, take_tunnel_option, take_value,
};
pub(crate) use list::{put_bare, put_match, put_nxm, take_bare, take_match, take_nxm};

#[cfg(test)]
mod tests;
