//! Actions of OpenFlow 1.0 (§5.2.4).

use super::standard::{check_output, take_mac};
use super::{Size, nicira, put_action};
use crate::codec::scalar::{port_from_u16, port_to_u16};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::action::{Action, Subfield};
use ovs_core::field::Field;
use ovs_core::{Mac, PortNo, QueueId};

const OUTPUT: u16 = 0;
const SET_VLAN_VID: u16 = 1;
const SET_VLAN_PCP: u16 = 2;
const STRIP_VLAN: u16 = 3;
const SET_DL_SRC: u16 = 4;
const SET_DL_DST: u16 = 5;
const SET_NW_SRC: u16 = 6;
const SET_NW_DST: u16 = 7;
const SET_NW_TOS: u16 = 8;
const SET_TP_SRC: u16 = 9;
const SET_TP_DST: u16 = 10;
const ENQUEUE: u16 = 11;

/// How long an action is; `None` for a type that is not defined.
fn size(kind: u16) -> Option<Size> {
    match kind {
        SET_DL_SRC | SET_DL_DST | ENQUEUE => Some(Size::Exactly(16)),
        OUTPUT..=SET_TP_DST => Some(Size::Exactly(8)),
        _ => None,
    }
}

/// Reads what follows type and length; `None` for a type that is not defined.
pub(super) fn take(kind: u16, body: &mut Reader<'_>) -> Result<Option<Action>, DecodeError> {
    let at = body.clone();
    let Some(size) = size(kind) else { return Ok(None) };
    size.check(&at, 4)?;
    let bad_argument = || Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
    let action = match kind {
        OUTPUT => {
            let (port, max_len) = (port_from_u16(body.u16()?), body.u16()?);
            check_output(&at, port)?;
            Action::Output { port, max_len }
        }
        SET_VLAN_VID => match body.u16()? {
            vid @ 0..=0xfff => Action::SetVlanVid(vid),
            _ => return bad_argument(),
        },
        SET_VLAN_PCP => match body.u8()? {
            pcp @ 0..=7 => Action::SetVlanPcp(pcp),
            _ => return bad_argument(),
        },
        STRIP_VLAN => Action::StripVlan,
        SET_DL_SRC => Action::SetEthSrc(take_mac(body)?),
        SET_DL_DST => Action::SetEthDst(take_mac(body)?),
        SET_NW_SRC => Action::SetIpv4Src(body.u32()?.into()),
        SET_NW_DST => Action::SetIpv4Dst(body.u32()?.into()),
        SET_NW_TOS => match body.u8()? {
            tos if tos & 3 == 0 => Action::SetIpTos(tos),
            _ => return bad_argument(),
        },
        SET_TP_SRC => Action::SetTpSrc(body.u16()?),
        SET_TP_DST => Action::SetTpDst(body.u16()?),
        ENQUEUE => enqueue(body)?,
        _ => return Ok(None),
    };
    Ok(Some(action))
}

fn enqueue(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let port = port_from_u16(body.u16()?);
    body.skip(6)?;
    let queue = QueueId(body.u32()?);
    let can_have_queues = port.0 < 0xff00 || [PortNo::IN_PORT, PortNo::LOCAL].contains(&port);
    if !can_have_queues {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_OUT_PORT));
    }
    Ok(Action::Enqueue { port, queue })
}

/// Writes an action that has a number of its own, or is written as one that has; `false` if it is
/// an extension.
pub(super) fn put(writer: &mut Writer<'_>, action: &Action) -> Result<bool, EncodeError> {
    match action {
        Action::Output { port, max_len } => put_action(writer, OUTPUT, |writer| {
            writer.u16(port_to_u16(*port)?);
            writer.u16(*max_len);
            Ok(())
        })?,
        Action::Enqueue { port, queue } => put_action(writer, ENQUEUE, |writer| {
            writer.u16(port_to_u16(*port)?);
            writer.zeros(6);
            writer.u32(queue.0);
            Ok(())
        })?,
        Action::SetVlanVid(vid) => number(writer, SET_VLAN_VID, u32::from(*vid) << 16)?,
        Action::SetVlanPcp(pcp) => number(writer, SET_VLAN_PCP, u32::from(*pcp) << 24)?,
        Action::StripVlan | Action::PopVlan => number(writer, STRIP_VLAN, 0)?,
        // That a tag is put on is said by the action that follows: see `check_push`.
        Action::PushVlan(_) => {}
        Action::SetEthSrc(mac) => self::mac(writer, SET_DL_SRC, *mac)?,
        Action::SetEthDst(mac) => self::mac(writer, SET_DL_DST, *mac)?,
        Action::SetIpv4Src(address) => number(writer, SET_NW_SRC, (*address).into())?,
        Action::SetIpv4Dst(address) => number(writer, SET_NW_DST, (*address).into())?,
        Action::SetIpTos(tos) => number(writer, SET_NW_TOS, u32::from(*tos) << 24)?,
        Action::SetTpSrc(port) => number(writer, SET_TP_SRC, u32::from(*port) << 16)?,
        Action::SetTpDst(port) => number(writer, SET_TP_DST, u32::from(*port) << 16)?,
        Action::SetIpEcn(ecn) => load(writer, Field::IpEcn, (*ecn).into())?,
        Action::SetIpTtl(ttl) => load(writer, Field::IpTtl, (*ttl).into())?,
        Action::SetField { field, value, mask } if *mask == field.ones() => {
            return set_field(writer, *field, *value);
        }
        Action::CopyTtlOut | Action::CopyTtlIn => return not_here("copy_ttl"),
        Action::PushPbb(_) | Action::PopPbb => return not_here("PBB"),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Sees to it that setting a part of a tag follows where one is put on: that puts it on here.
pub(super) fn check_push(kind: u16, next: Option<&Action>) -> Result<(), EncodeError> {
    let sets_tag = match next {
        Some(Action::SetVlanVid(_) | Action::SetVlanPcp(_)) => true,
        Some(Action::SetField { field, mask, .. }) => {
            matches!(field, Field::VlanVid | Field::VlanPcp) && *mask == field.ones()
        }
        _ => false,
    };
    if sets_tag && kind == 0x8100 { Ok(()) } else { not_here("push_vlan").map(|_| ()) }
}

fn not_here(what: &'static str) -> Result<bool, EncodeError> {
    Err(EncodeError::NotInVersion { what, version: Version::OF10 })
}

/// A set-field, which OpenFlow 1.0 has not, as the action that does the same.
fn set_field(writer: &mut Writer<'_>, field: Field, value: u128) -> Result<bool, EncodeError> {
    let small = value as u32; // of fields with at most 32 bits
    match field {
        Field::VlanTci if value & 0x1000 != 0 => {
            number(writer, SET_VLAN_VID, (small & 0xfff) << 16)?;
            number(writer, SET_VLAN_PCP, (small >> 13) << 24)?;
        }
        Field::VlanTci => number(writer, STRIP_VLAN, 0)?,
        Field::VlanVid => number(writer, SET_VLAN_VID, (small & 0xfff) << 16)?,
        Field::VlanPcp => number(writer, SET_VLAN_PCP, small << 24)?,
        Field::EthSrc => mac(writer, SET_DL_SRC, to_mac(value))?,
        Field::EthDst => mac(writer, SET_DL_DST, to_mac(value))?,
        Field::Ipv4Src => number(writer, SET_NW_SRC, small)?,
        Field::Ipv4Dst => number(writer, SET_NW_DST, small)?,
        Field::IpDscp => number(writer, SET_NW_TOS, small << 26)?,
        Field::NwTos => number(writer, SET_NW_TOS, small << 24)?,
        Field::IpEcn => load(writer, Field::IpEcn, value as u64)?,
        Field::TcpSrc | Field::UdpSrc => number(writer, SET_TP_SRC, small << 16)?,
        Field::TcpDst | Field::UdpDst => number(writer, SET_TP_DST, small << 16)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn to_mac(value: u128) -> Mac {
    let [_, _, a, b, c, d, e, f] = (value as u64).to_be_bytes();
    Mac([a, b, c, d, e, f])
}

fn load(writer: &mut Writer<'_>, field: Field, value: u64) -> Result<(), EncodeError> {
    let load = Action::Load { destination: Subfield::all(field), value };
    nicira::put(writer, &load, Version::OF10)
}

/// An action with 4 bytes behind its type and length.
fn number(writer: &mut Writer<'_>, kind: u16, number: u32) -> Result<(), EncodeError> {
    put_action(writer, kind, |writer| {
        writer.u32(number);
        Ok(())
    })
}

fn mac(writer: &mut Writer<'_>, kind: u16, mac: Mac) -> Result<(), EncodeError> {
    put_action(writer, kind, |writer| {
        writer.slice(&mac.0);
        Ok(())
    })
}
