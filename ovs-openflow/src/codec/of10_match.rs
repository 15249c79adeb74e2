//! `struct ofp_match` of OpenFlow 1.0 (§5.2.3): 40 bytes.

use crate::error::{DecodeError, EncodeError};
use crate::wire::{Reader, Writer};
use ovs_core::matching::Match;

/// Reads one.
pub(crate) fn take(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    let _ = reader;
    unimplemented!()
}

/// Writes one.
///
/// # Errors
/// If the match asks for what OpenFlow 1.0 cannot.
pub(crate) fn put(writer: &mut Writer<'_>, matching: &Match) -> Result<(), EncodeError> {
    let _ = (writer, matching);
    unimplemented!()
}
