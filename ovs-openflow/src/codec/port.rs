//! Ports: their description, status and modification.

use crate::error::{DecodeError, EncodeError};
use crate::message::PortDesc;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};

/// Reads a `struct ofp_port` (`ofp_phy_port` of OpenFlow 1.0).
pub(crate) fn take_desc(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PortDesc, DecodeError> {
    let _ = (reader, version);
    unimplemented!()
}

/// Writes one.
pub(crate) fn put_desc(
    writer: &mut Writer<'_>,
    port: &PortDesc,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, port, version);
    unimplemented!()
}
