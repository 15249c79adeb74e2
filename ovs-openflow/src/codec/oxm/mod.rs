//! Fields with their values, as lists of OXM or NXM entries (OpenFlow 1.3.5 §7.2.3;
//! ovs-fields(7)).
//!
//! An entry is a header of 4 bytes (8 with an experimenter), a value and perhaps a mask.

mod entry;
mod order;
mod read;
mod subfield;
mod write;

pub(crate) use entry::{
    EntryHeader, put_entry, put_header, put_header32, put_number, put_tunnel_option, take_header,
    take_tunnel_option, take_value,
};
pub(crate) use read::{take_bare, take_match, take_metadata, take_nxm, take_nxm_metadata};
pub(crate) use subfield::{take_subfield, take_subfield32};
pub(crate) use write::{put_bare, put_match, put_metadata, put_nxm, put_nxm_metadata};

use ovs_core::field::OxmClass;

/// `OFPMT_OXM`, the type of a `struct ofp_match` (OpenFlow 1.3.5 §7.2.3.1).
const OXM: u16 = 1;

/// In lists of NXM entries, the pseudo-field for a cookie: `NXM_NX_COOKIE`. It has its number from
/// `mpls_ttl`, but a length of 8.
const COOKIE: (OxmClass, u8) = (OxmClass::NXM_NX, 30);

/// What a list of fields is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// It says which packets are meant, so the fields that one needs stand before it.
    Match,
    /// It says what is known of a packet, which has more fields than are told (OpenFlow 1.3.5
    /// §7.4.1).
    Metadata,
}

#[cfg(test)]
mod tests;
