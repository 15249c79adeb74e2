//! `OFPT_FLOW_MOD` and `NXT_FLOW_MOD`: what follows the header (for `NXT_FLOW_MOD`, Nicira's
//! header too).

use crate::codec::{instruction, of10_match, oxm, scalar};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};
use ovs_core::action::Instructions;
use ovs_core::field::Field;
use ovs_core::flow::{CookieFilter, FlowFlags, FlowMod, FlowModCommand};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};

/// `OFPFF_EMERG`, whose place in later versions is another flag's.
const EMERGENCY: u16 = 1 << 2;
/// `OFPFW_ALL`: the bits of the wildcards of OpenFlow 1.0 that mean something.
const ALL_WILDCARDS: u32 = (1 << 22) - 1;
/// A cookie that changes none and belongs to no new rule: in the versions where each command has a
/// cookie to give.
const NO_COOKIE: u64 = u64::MAX;

/// Reads one: with `protocol.nxm` in the form of `NXT_FLOW_MOD`, of whichever version; else in that
/// of the version.
pub(crate) fn take(reader: &mut Reader<'_>, protocol: Protocol) -> Result<FlowMod, DecodeError> {
    reader.aligned()?;
    if protocol.nxm {
        take_nicira(reader, protocol)
    } else if protocol.version == Version::OF10 {
        take_of10(reader, protocol)
    } else {
        take_of11(reader, protocol.version)
    }
}

/// Writes one.
///
/// # Errors
/// If it says more than the form can. A table that OpenFlow 1.0 cannot name is such a thing, unless
/// it is the first one, which a controller means that has only one.
pub(crate) fn put(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    if protocol.nxm {
        put_nicira(writer, change, protocol)
    } else if protocol.version == Version::OF10 {
        put_of10(writer, change, protocol)
    } else {
        put_of11(writer, change, protocol.version)
    }
}

/// `struct ofp_flow_mod` of OpenFlow 1.0 (§5.3.3).
fn take_of10(reader: &mut Reader<'_>, protocol: Protocol) -> Result<FlowMod, DecodeError> {
    let wildcards = reader.clone().u32()?;
    let matching = of10_match::take_normal(reader)?;
    let mut fixed = Fixed::take(reader)?;
    // A rule that leaves nothing open has the highest priority of all (§3.4).
    if wildcards & ALL_WILDCARDS == 0 {
        fixed.priority = u16::MAX;
    }
    fixed.finish(reader, matching, CookieFilter::default(), protocol)
}

/// `struct nx_flow_mod` (nicira-ext.h).
fn take_nicira(reader: &mut Reader<'_>, protocol: Protocol) -> Result<FlowMod, DecodeError> {
    let fixed = Fixed::take(reader)?;
    let match_len = reader.u16()?;
    reader.skip(6)?;
    let (matching, cookie_filter) = oxm::take_nxm(reader, match_len)?;
    fixed.finish(reader, matching, cookie_filter, protocol)
}

/// The 24 bytes that OpenFlow 1.0's form and Nicira's have in common.
struct Fixed<'a> {
    /// Where it begins.
    place: Reader<'a>,
    cookie: u64,
    command: u16,
    idle_timeout: u16,
    hard_timeout: u16,
    priority: u16,
    buffer: Option<u32>,
    out_port: PortNo,
    flags: u16,
}

impl<'a> Fixed<'a> {
    fn take(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            place: reader.clone(),
            cookie: reader.u64()?,
            command: reader.u16()?,
            idle_timeout: reader.u16()?,
            hard_timeout: reader.u16()?,
            priority: reader.u16()?,
            buffer: scalar::buffer_from(reader.u32()?),
            out_port: scalar::port_from_u16(reader.u16()?),
            flags: reader.u16()?,
        })
    }

    /// Reads the actions, and puts together what is known now.
    fn finish(
        self,
        reader: &mut Reader<'_>,
        matching: Match,
        cookie_filter: CookieFilter,
        protocol: Protocol,
    ) -> Result<FlowMod, DecodeError> {
        let [table, number] = self.command.to_be_bytes();
        let command = if protocol.table_id || table == 0 { command_from(number) } else { None };
        let bad_command = ErrorCode::OFPFMFC_BAD_COMMAND;
        let command = command.ok_or_else(|| self.place.refuse(bad_command))?;
        if command == FlowModCommand::Add && cookie_filter.mask != 0 {
            return Err(self.place.refuse(ErrorCode::NXBRC_NXM_INVALID));
        }
        let instructions = take_instructions(reader, &matching, protocol.version)?;
        let mut flags = take_flags(&self.place, self.flags, protocol.version)?;
        // Adding a rule of OpenFlow 1.0 always does.
        if command == FlowModCommand::Add && protocol.version < Version::OF12 {
            flags |= FlowFlags::RESET_COUNTS;
        }
        let cookie =
            (command == FlowModCommand::Add || self.cookie != NO_COOKIE).then_some(self.cookie);
        Ok(FlowMod {
            command,
            table: if protocol.table_id { TableId(table) } else { TableId::ALL },
            matching,
            priority: self.priority,
            cookie,
            updates_cookie: modifies(command) && cookie.is_some(),
            cookie_filter,
            idle_timeout: self.idle_timeout,
            hard_timeout: self.hard_timeout,
            importance: 0,
            buffer: self.buffer,
            out_port: self.out_port,
            out_group: GroupId::ANY,
            flags,
            instructions,
        })
    }
}

/// `struct ofp_flow_mod` of OpenFlow 1.1 and later (1.3.5 §7.3.4.1).
fn take_of11(reader: &mut Reader<'_>, version: Version) -> Result<FlowMod, DecodeError> {
    let (cookie, cookie_mask) = (reader.u64()?, reader.u64()?);
    let place = reader.clone();
    let (table, command) = (TableId(reader.u8()?), reader.u8()?);
    let (idle_timeout, hard_timeout, priority) = (reader.u16()?, reader.u16()?, reader.u16()?);
    let buffer = scalar::buffer_from(reader.u32()?);
    let out_port = scalar::take_port(reader, version)?;
    let out_group = GroupId(reader.u32()?);
    let (flags, importance) = (reader.u16()?, reader.u16()?);
    let matching = oxm::take_match(reader)?;

    let command = command_from(command);
    let command = command.ok_or_else(|| place.refuse(ErrorCode::OFPFMFC_BAD_COMMAND))?;
    if table == TableId::ALL && !deletes(command) {
        return Err(place.refuse(ErrorCode::OFPFMFC_BAD_TABLE_ID));
    }
    let instructions = take_instructions(reader, &matching, version)?;
    let adds = command == FlowModCommand::Add;
    let has_importance = adds && version >= Version::OF14;
    Ok(FlowMod {
        command,
        table,
        matching,
        priority,
        cookie: adds.then_some(cookie),
        updates_cookie: false,
        // On an addition the mask means nothing, and is kept all the same.
        cookie_filter: CookieFilter { value: if adds { 0 } else { cookie }, mask: cookie_mask },
        idle_timeout,
        hard_timeout,
        importance: if has_importance { importance } else { 0 },
        buffer,
        out_port,
        out_group,
        flags: take_flags(&place, flags, version)?,
        instructions,
    })
}

/// What the rule does: all that is left. Before, it is seen to that the match asks for the IP
/// version of the addresses that the connection tracker saw.
fn take_instructions(
    reader: &mut Reader<'_>,
    matching: &Match,
    version: Version,
) -> Result<Instructions, DecodeError> {
    let asks_for = |field| matching.get(field).is_some_and(|(_, mask)| mask != 0);
    let eth_type = || matching.get(Field::EthType).map(|(value, _)| value);
    let v4 = asks_for(Field::CtNwSrc) || asks_for(Field::CtNwDst);
    let v6 = asks_for(Field::CtIpv6Src) || asks_for(Field::CtIpv6Dst);
    if (v4 && eth_type() != Some(0x0800)) || (v6 && eth_type() != Some(0x86dd)) {
        return Err(reader.refuse(ErrorCode::OFPBAC_MATCH_INCONSISTENT));
    }
    instruction::take(reader, version)
}

/// `struct ofp_flow_mod` of OpenFlow 1.0.
fn put_of10(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    if change.cookie_filter.mask != 0 {
        return Err(missing("restriction to a cookie", protocol.version));
    }
    of10_match::put(writer, &change.matching)?;
    put_fixed(writer, change, protocol)?;
    instruction::put(writer, &change.instructions, &change.matching, protocol.version)
}

/// `struct nx_flow_mod`.
fn put_nicira(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    if change.command == FlowModCommand::Add && change.cookie_filter.mask != 0 {
        return Err(missing("addition that is restricted to a cookie", version));
    }
    put_fixed(writer, change, protocol)?;
    let match_len = writer.len();
    writer.zeros(8);
    let len = oxm::put_nxm(writer, &change.matching, change.cookie_filter, version)?;
    writer.patch(match_len, &len.to_be_bytes());
    instruction::put(writer, &change.instructions, &change.matching, version)
}

/// What [`Fixed`] has.
fn put_fixed(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    if deletes(change.command) && change.out_group != GroupId::ANY {
        return Err(missing("restriction to a group", version));
    }
    if change.importance != 0 {
        return Err(missing("importance of a rule", version));
    }
    let table = if protocol.table_id {
        change.table.0
    } else if matches!(change.table, TableId(0) | TableId::ALL) {
        0
    } else {
        return Err(missing("place for a table, unless that was agreed on", version));
    };
    let flags = flags_to(change, version)?;
    let adds = change.command == FlowModCommand::Add;
    writer.u64(change.cookie.unwrap_or(if adds { 0 } else { NO_COOKIE }));
    writer.slice(&[table, command_to(change.command)]);
    writer.u16(change.idle_timeout);
    writer.u16(change.hard_timeout);
    writer.u16(change.priority);
    writer.u32(change.buffer.unwrap_or(u32::MAX));
    writer.u16(scalar::port_to_u16(change.out_port)?);
    writer.u16(flags);
    Ok(())
}

/// `struct ofp_flow_mod` of OpenFlow 1.1 and later.
fn put_of11(
    writer: &mut Writer<'_>,
    change: &FlowMod,
    version: Version,
) -> Result<(), EncodeError> {
    if change.updates_cookie && modifies(change.command) {
        return Err(missing("change of a rule's cookie", version));
    }
    let adds = change.command == FlowModCommand::Add;
    let has_importance = adds && version >= Version::OF14;
    if change.importance != 0 && !has_importance {
        return Err(missing("importance of a rule", version));
    }
    let all = change.table == TableId::ALL && !deletes(change.command);
    writer.u64(if adds { change.cookie.unwrap_or(0) } else { change.cookie_filter.value });
    writer.u64(change.cookie_filter.mask);
    // The switch may not choose a table, so it is the first.
    writer.u8(if all { 0 } else { change.table.0 });
    writer.u8(command_to(change.command));
    writer.u16(change.idle_timeout);
    writer.u16(change.hard_timeout);
    writer.u16(change.priority);
    writer.u32(change.buffer.unwrap_or(u32::MAX));
    scalar::put_port(writer, change.out_port, version)?;
    writer.u32(change.out_group.0);
    writer.u16(flags_to(change, version)?);
    writer.u16(change.importance);
    oxm::put_match(writer, &change.matching, version)?;
    instruction::put(writer, &change.instructions, &change.matching, version)
}

/// The flags that a version has, at the places that [`FlowFlags`] gives them.
fn known_flags(version: Version) -> FlowFlags {
    let mut flags = FlowFlags::SEND_FLOW_REM | FlowFlags::CHECK_OVERLAP;
    if version >= Version::OF12 {
        flags |= FlowFlags::RESET_COUNTS;
    }
    if version >= Version::OF13 {
        flags |= FlowFlags::NO_PKT_COUNTS | FlowFlags::NO_BYT_COUNTS;
    }
    flags
}

/// The flags of a rule (`enum ofp_flow_mod_flags`), as a version has them; `place` is told if one
/// of them is not known there.
pub(crate) fn take_flags(
    place: &Reader<'_>,
    number: u16,
    version: Version,
) -> Result<FlowFlags, DecodeError> {
    let emergency = if version == Version::OF10 { number & EMERGENCY } else { 0 };
    let flags = FlowFlags::from_bits_retain(number & !emergency);
    if !known_flags(version).contains(flags) {
        return Err(place.refuse(ErrorCode::OFPFMFC_BAD_FLAGS));
    }
    Ok(if emergency == 0 { flags } else { flags | FlowFlags::EMERGENCY })
}

/// Those flags that a version has.
pub(crate) fn put_known_flags(flags: FlowFlags, version: Version) -> u16 {
    let emergency = version == Version::OF10 && flags.contains(FlowFlags::EMERGENCY);
    (flags & known_flags(version)).bits() | if emergency { EMERGENCY } else { 0 }
}

/// The flags of a change, all of which the version must have.
fn flags_to(change: &FlowMod, version: Version) -> Result<u16, EncodeError> {
    let mut said = known_flags(version);
    if version == Version::OF10 {
        said |= FlowFlags::EMERGENCY;
    }
    if change.command == FlowModCommand::Add {
        said |= FlowFlags::RESET_COUNTS;
    }
    if !said.contains(change.flags) {
        return Err(missing("such a flag of a rule", version));
    }
    Ok(put_known_flags(change.flags, version))
}

fn command_from(number: u8) -> Option<FlowModCommand> {
    Some(match number {
        0 => FlowModCommand::Add,
        1 => FlowModCommand::Modify,
        2 => FlowModCommand::ModifyStrict,
        3 => FlowModCommand::Delete,
        4 => FlowModCommand::DeleteStrict,
        _ => return None,
    })
}

fn command_to(command: FlowModCommand) -> u8 {
    match command {
        FlowModCommand::Add => 0,
        FlowModCommand::Modify => 1,
        FlowModCommand::ModifyStrict => 2,
        FlowModCommand::Delete => 3,
        FlowModCommand::DeleteStrict => 4,
    }
}

fn modifies(command: FlowModCommand) -> bool {
    matches!(command, FlowModCommand::Modify | FlowModCommand::ModifyStrict)
}

fn deletes(command: FlowModCommand) -> bool {
    matches!(command, FlowModCommand::Delete | FlowModCommand::DeleteStrict)
}

fn missing(what: &'static str, version: Version) -> EncodeError {
    EncodeError::NotInVersion { what, version }
}

#[cfg(test)]
mod tests;
