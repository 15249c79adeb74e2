//! Lists of instructions; in OpenFlow 1.0 those are lists of actions.

use crate::error::{DecodeError, EncodeError};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::action::Instructions;

/// Reads instructions until the reader is empty.
pub(crate) fn take(reader: &mut Reader<'_>, version: Version) -> Result<Instructions, DecodeError> {
    let _ = (reader, version);
    unimplemented!()
}

/// Writes instructions.
pub(crate) fn put(
    writer: &mut Writer<'_>,
    instructions: &Instructions,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, instructions, version);
    unimplemented!()
}
