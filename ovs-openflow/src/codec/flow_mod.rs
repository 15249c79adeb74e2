//! `OFPT_FLOW_MOD` and `NXT_FLOW_MOD`: what follows the header (for `NXT_FLOW_MOD`, Nicira's header too).

use crate::error::{DecodeError, EncodeError};
use crate::protocol::Protocol;
use crate::wire::{Reader, Writer};
use ovs_core::flow::FlowMod;

/// Reads one: with `protocol.nxm` in the form of `NXT_FLOW_MOD`, of whichever version; else in that of the version.
pub(crate) fn take(reader: &mut Reader<'_>, protocol: Protocol) -> Result<FlowMod, DecodeError> {
    let _ = (reader, protocol);
    unimplemented!()
}

/// Writes one.
pub(crate) fn put(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let _ = (writer, change, protocol);
    unimplemented!()
}
