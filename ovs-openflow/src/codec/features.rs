//! `struct ofp_switch_features` and `struct ofp_switch_config`.

use super::port;
use crate::error::{DecodeError, EncodeError};
use crate::message::{ActionBits, Capabilities, ConfigFlags, SwitchConfig, SwitchFeatures};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;

/// What only OpenFlow 1.0 has: its bits there, and in [`Capabilities`].
const OF10_ONLY: [(u32, Capabilities); 2] =
    [(1 << 3, Capabilities::STP), (1 << 7, Capabilities::ARP_MATCH_IP)];
/// Bits that mean something else in OpenFlow 1.0, or nothing yet.
const NOT_OF10: u32 = Capabilities::GROUP_STATS.union(Capabilities::PORT_BLOCKED).bits() | 1 << 7;

/// What only OpenFlow 1.0 has.
fn of10_only() -> Capabilities {
    OF10_ONLY.iter().map(|(_, capability)| *capability).collect()
}

fn capabilities_from(bits: u32, version: Version) -> Capabilities {
    let same = Capabilities::from_bits_retain(bits) - of10_only();
    if version != Version::OF10 {
        return same;
    }
    let moved = OF10_ONLY.iter().filter(|(bit, _)| bits & bit != 0);
    let moved: Capabilities = moved.map(|(_, capability)| *capability).collect();
    (same - Capabilities::from_bits_retain(NOT_OF10)) | moved
}

fn capabilities_to(capabilities: Capabilities, version: Version) -> u32 {
    let same = (capabilities - of10_only()).bits();
    if version != Version::OF10 {
        return same;
    }
    let moved = OF10_ONLY.iter().filter(|(_, capability)| capabilities.contains(*capability));
    moved.fold(same & !NOT_OF10, |bits, (bit, _)| bits | bit)
}

pub(super) fn take(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<SwitchFeatures, DecodeError> {
    let (datapath_id, n_buffers) = (reader.u64()?, reader.u32()?);
    let [n_tables, auxiliary_id, _, _] = reader.array()?;
    let capabilities = capabilities_from(reader.u32()?, version);
    let actions = ActionBits(reader.u32()?);
    let mut ports = Vec::new();
    while version < Version::OF13 && !reader.is_empty() {
        ports.push(port::take_desc(reader, version)?);
    }
    let auxiliary_id = if version < Version::OF13 { 0 } else { auxiliary_id };
    let actions = if version == Version::OF10 { actions } else { ActionBits(0) };
    Ok(SwitchFeatures {
        datapath_id,
        n_buffers,
        n_tables,
        auxiliary_id,
        capabilities,
        actions,
        ports,
    })
}

pub(super) fn put(
    writer: &mut Writer<'_>,
    features: &SwitchFeatures,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u64(features.datapath_id);
    writer.u32(features.n_buffers);
    let auxiliary_id = if version < Version::OF13 { 0 } else { features.auxiliary_id };
    writer.slice(&[features.n_tables, auxiliary_id, 0, 0]);
    writer.u32(capabilities_to(features.capabilities, version));
    writer.u32(if version == Version::OF10 { features.actions.0 } else { 0 });
    if version < Version::OF13 {
        features.ports.iter().try_for_each(|desc| port::put_desc(writer, desc, version))?;
    }
    Ok(())
}

pub(super) fn take_config(reader: &mut Reader<'_>) -> Result<SwitchConfig, DecodeError> {
    Ok(SwitchConfig { flags: ConfigFlags(reader.u16()?), miss_send_len: reader.u16()? })
}
