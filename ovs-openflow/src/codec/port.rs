//! Ports: their description, status and modification.

use super::scalar::{put_port, take_port, take_string};
use crate::error::{DecodeError, EncodeError};
use crate::message::{
    PortConfig, PortDesc, PortFeatures, PortMod, PortReason, PortState, PortStatus,
};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::Mac;

/// Bytes of a name, with a zero at its end.
const NAME: usize = 16;

/// What only OpenFlow 1.0 can configure.
const OF10_CONFIG: PortConfig =
    PortConfig::NO_STP.union(PortConfig::NO_RECV_STP).union(PortConfig::NO_FLOOD);
/// The state of the spanning tree, which only OpenFlow 1.0 has.
const OF10_STATE: PortState = PortState::from_bits_retain(3 << 8);
/// What it does not have.
const OF13_STATE: PortState = PortState::BLOCKED.union(PortState::LIVE);

/// The configuration without what another version has in these places.
fn config_of(config: PortConfig, version: Version) -> PortConfig {
    if version == Version::OF10 { config } else { config - OF10_CONFIG }
}

/// The state without what another version has in these places.
fn state_of(state: PortState, version: Version) -> PortState {
    state - if version == Version::OF10 { OF13_STATE } else { OF10_STATE }
}

fn take_config(reader: &mut Reader<'_>, version: Version) -> Result<PortConfig, DecodeError> {
    reader.u32().map(|bits| config_of(PortConfig::from_bits_retain(bits), version))
}

/// OpenFlow 1.0 has no rates between 10 Gbit/s (bit 6) and copper (bit 7; later bit 11).
fn features_from(bits: u32, version: Version) -> PortFeatures {
    PortFeatures::from_bits_retain(match version {
        Version::OF10 => bits & 0x7f | (bits & !0x7f) << 4,
        _ => bits,
    })
}

fn features_to(features: PortFeatures, version: Version) -> u32 {
    match version {
        Version::OF10 => features.bits() & 0x7f | (features.bits() >> 4) & !0x7f,
        _ => features.bits(),
    }
}

/// The highest rate of some features, in kbit/s, for OpenFlow 1.0, which does not tell it.
fn speed(features: PortFeatures) -> u32 {
    let rates = [
        (PortFeatures::F_10GB_FD, 10_000_000),
        (PortFeatures::F_1GB_HD | PortFeatures::F_1GB_FD, 1_000_000),
        (PortFeatures::F_100MB_HD | PortFeatures::F_100MB_FD, 100_000),
        (PortFeatures::F_10MB_HD | PortFeatures::F_10MB_FD, 10_000),
    ];
    let highest = rates.iter().find(|(rate, _)| features.intersects(*rate));
    highest.map_or(0, |(_, kbps)| *kbps)
}

/// Reads a `struct ofp_port` (`ofp_phy_port` of OpenFlow 1.0).
pub(crate) fn take_desc(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PortDesc, DecodeError> {
    let of10 = version == Version::OF10;
    let number = take_port(reader, version)?;
    reader.skip(if of10 { 0 } else { 4 })?;
    let address = Mac(reader.array()?);
    reader.skip(if of10 { 0 } else { 2 })?;
    let name = take_string(reader, NAME)?;
    let config = take_config(reader, version)?;
    let state = state_of(PortState::from_bits_retain(reader.u32()?), version);
    let mut features = || reader.u32().map(|bits| features_from(bits, version));
    let (current, advertised, supported, peer) =
        (features()?, features()?, features()?, features()?);
    let (current_speed, max_speed) = match of10 {
        true => (speed(current), speed(supported)),
        false => (reader.u32()?, reader.u32()?),
    };
    Ok(PortDesc {
        number,
        address,
        name,
        config,
        state,
        current,
        advertised,
        supported,
        peer,
        current_speed,
        max_speed,
    })
}

/// Writes one.
pub(crate) fn put_desc(
    writer: &mut Writer<'_>,
    port: &PortDesc,
    version: Version,
) -> Result<(), EncodeError> {
    let of10 = version == Version::OF10;
    put_port(writer, port.number, version)?;
    writer.zeros(if of10 { 0 } else { 4 });
    writer.slice(&port.address.0);
    writer.zeros(if of10 { 0 } else { 2 });
    writer.string(&port.name, NAME);
    writer.u32(config_of(port.config, version).bits());
    writer.u32(state_of(port.state, version).bits());
    for features in [port.current, port.advertised, port.supported, port.peer] {
        writer.u32(features_to(features, version));
    }
    if !of10 {
        writer.u32(port.current_speed);
        writer.u32(port.max_speed);
    }
    Ok(())
}

pub(super) fn take_status(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PortStatus, DecodeError> {
    let reason = PortReason(reader.u8()?);
    reader.skip(7)?;
    Ok(PortStatus { reason, port: take_desc(reader, version)? })
}

pub(super) fn put_status(
    writer: &mut Writer<'_>,
    status: &PortStatus,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u8(status.reason.0);
    writer.zeros(7);
    put_desc(writer, &status.port, version)
}

pub(super) fn take_mod(reader: &mut Reader<'_>, version: Version) -> Result<PortMod, DecodeError> {
    let of10 = version == Version::OF10;
    let number = take_port(reader, version)?;
    reader.skip(if of10 { 0 } else { 4 })?;
    let address = Mac(reader.array()?);
    reader.skip(if of10 { 0 } else { 2 })?;
    let (config, mask) = (take_config(reader, version)?, take_config(reader, version)?);
    let advertise = features_from(reader.u32()?, version);
    reader.skip(4)?;
    Ok(PortMod { number, address, config: config & mask, mask, advertise })
}

pub(super) fn put_mod(
    writer: &mut Writer<'_>,
    change: &PortMod,
    version: Version,
) -> Result<(), EncodeError> {
    let of10 = version == Version::OF10;
    if change.mask != config_of(change.mask, version) {
        let what = "NO_STP, NO_RECV_STP or NO_FLOOD of a port";
        return Err(EncodeError::NotInVersion { what, version });
    }
    put_port(writer, change.number, version)?;
    writer.zeros(if of10 { 0 } else { 4 });
    writer.slice(&change.address.0);
    writer.zeros(if of10 { 0 } else { 2 });
    writer.u32((change.config & change.mask).bits());
    writer.u32(change.mask.bits());
    writer.u32(features_to(change.advertise, version));
    writer.zeros(4);
    Ok(())
}
