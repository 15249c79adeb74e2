//! Groups and their changes: OpenFlow 1.3's form, and OpenFlow 1.5's, which is Nicira's in 1.0.

use crate::error::{DecodeError, EncodeError};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::group::GroupMod;

/// Reads a `struct ofp_group_mod` behind the header.
pub(crate) fn take_mod(reader: &mut Reader<'_>, version: Version) -> Result<GroupMod, DecodeError> {
    let _ = (reader, version);
    unimplemented!()
}

/// Writes one.
pub(crate) fn put_mod(
    writer: &mut Writer<'_>,
    change: &GroupMod,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, change, version);
    unimplemented!()
}
