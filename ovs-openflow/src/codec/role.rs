//! Roles of controllers, and what each is told.

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{AsyncConfig, AsyncMasks, Role, RoleMessage, RoleStatus, RoleStatusReason};
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};

/// `OFPT_ROLE_REQUEST`.
pub(super) fn take_request(reader: &mut Reader<'_>) -> Result<RoleMessage, DecodeError> {
    let (role, id) = take_both(reader)?;
    Ok(RoleMessage { role, generation_id: Some(id) })
}

/// `OFPT_ROLE_REPLY`, in which all ones stand for no number of an election.
pub(super) fn take_reply(reader: &mut Reader<'_>) -> Result<RoleMessage, DecodeError> {
    let (role, id) = take_both(reader)?;
    Ok(RoleMessage { role, generation_id: (id != u64::MAX).then_some(id) })
}

/// `struct ofp_role_request`.
fn take_both(reader: &mut Reader<'_>) -> Result<(Role, u64), DecodeError> {
    let role = take_role(reader)?;
    reader.skip(4)?;
    Ok((role, reader.u64()?))
}

/// `struct nx_role_request`: the numbers are one less, and there is no number of an election.
pub(super) fn take_nxt(reader: &mut Reader<'_>) -> Result<RoleMessage, DecodeError> {
    let at = reader.clone();
    let role = match reader.u32()? {
        0 => Role::EQUAL,
        1 => Role::MASTER,
        2 => Role::SLAVE,
        _ => return Err(at.refuse(ErrorCode::OFPRRFC_BAD_ROLE)),
    };
    Ok(RoleMessage { role, generation_id: None })
}

fn take_role(reader: &mut Reader<'_>) -> Result<Role, DecodeError> {
    let at = reader.clone();
    let role = Role(reader.u32()?);
    if role <= Role::SLAVE { Ok(role) } else { Err(at.refuse(ErrorCode::OFPRRFC_BAD_ROLE)) }
}

pub(super) fn put(
    writer: &mut Writer<'_>,
    message: &RoleMessage,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    if version < Version::OF12 || protocol.nxm {
        let what = "role that leaves the role as it is";
        let number = message.role.0.checked_sub(1);
        writer.u32(number.ok_or(EncodeError::NotInVersion { what, version })?);
        return Ok(());
    }
    writer.u32(message.role.0);
    writer.zeros(4);
    writer.u64(message.generation_id.unwrap_or(u64::MAX));
    Ok(())
}

pub(super) fn take_status(reader: &mut Reader<'_>) -> Result<RoleStatus, DecodeError> {
    let role = take_role(reader)?;
    let reason = RoleStatusReason(reader.u8()?);
    reader.skip(3)?;
    Ok(RoleStatus { role, reason, generation_id: reader.u64()? })
}

pub(super) fn put_status(writer: &mut Writer<'_>, status: &RoleStatus) {
    writer.u32(status.role.0);
    writer.u8(status.reason.0);
    writer.zeros(3);
    writer.u64(status.generation_id);
}

/// `struct ofp_async_config`, `struct nx_async_config`: two masks each of packet-ins,
/// port-status and flow-removed, the master's before the slave's.
pub(super) fn take_async(reader: &mut Reader<'_>) -> Result<AsyncConfig, DecodeError> {
    let mut config = AsyncConfig::default();
    let AsyncConfig { master, slave } = &mut config;
    let masks = [
        &mut master.packet_in,
        &mut slave.packet_in,
        &mut master.port_status,
        &mut slave.port_status,
        &mut master.flow_removed,
        &mut slave.flow_removed,
    ];
    for mask in masks {
        *mask = Some(reader.u32()?);
    }
    Ok(config)
}

pub(super) fn put_async(writer: &mut Writer<'_>, config: &AsyncConfig) {
    let AsyncConfig { master, slave } = config;
    let masks = [
        master.packet_in,
        slave.packet_in,
        master.port_status,
        slave.port_status,
        master.flow_removed,
        slave.flow_removed,
    ];
    masks.into_iter().for_each(|mask| writer.u32(mask.unwrap_or(0)));
}

/// The masks in the order of OpenFlow 1.4's properties: each pair is of the slave, then of the
/// master.
fn masks(masks: &mut AsyncMasks) -> [&mut Option<u32>; 6] {
    let AsyncMasks {
        packet_in,
        port_status,
        flow_removed,
        role_status,
        table_status,
        request_forward,
    } = masks;
    [packet_in, port_status, flow_removed, role_status, table_status, request_forward]
}

/// `NXT_SET_ASYNC_CONFIG2`: properties of OpenFlow 1.4 (§7.3.10).
pub(super) fn take_async2(reader: &mut Reader<'_>) -> Result<AsyncConfig, DecodeError> {
    let mut config = AsyncConfig::default();
    while !reader.is_empty() {
        let at = reader.clone();
        let (kind, property) = reader.property()?;
        let mut property =
            property.named("ofp_async_config_prop_reasons", ErrorCode::OFPBPC_BAD_LEN);
        let of = if kind % 2 == 0 { &mut config.slave } else { &mut config.master };
        let mut all = masks(of);
        let mask = all.get_mut(usize::from(kind / 2));
        let mask = mask.ok_or_else(|| at.refuse(ErrorCode::OFPACFC_UNSUPPORTED))?;
        **mask = Some(property.u32()?);
        property.end()?;
    }
    Ok(config)
}

pub(super) fn put_async2(writer: &mut Writer<'_>, config: &AsyncConfig) {
    let AsyncConfig { mut master, mut slave } = *config;
    let pairs = masks(&mut slave).into_iter().zip(masks(&mut master));
    let all = pairs.flat_map(|(slave, master)| [*slave, *master]);
    for (kind, mask) in (0u16..).zip(all) {
        if let Some(mask) = mask {
            writer.u16(kind);
            writer.u16(8);
            writer.u32(mask);
        }
    }
}
