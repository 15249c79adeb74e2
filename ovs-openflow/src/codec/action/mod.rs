//! Lists of actions.

use crate::error::{DecodeError, EncodeError};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use ovs_core::action::Action;

/// Reads actions until the reader is empty.
pub(crate) fn take_list(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<Vec<Action>, DecodeError> {
    let _ = (reader, version);
    unimplemented!()
}

/// Writes actions.
pub(crate) fn put_list(
    writer: &mut Writer<'_>,
    actions: &[Action],
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, actions, version);
    unimplemented!()
}
