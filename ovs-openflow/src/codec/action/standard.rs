//! Actions with the numbers of OpenFlow 1.1 and later (OpenFlow 1.3.5 §7.2.5).
//!
//! OpenFlow 1.2 replaced some of OpenFlow 1.1's by set-field; they are still read, as Open vSwitch
//! does.

use super::{Size, nicira, put_action};
use crate::codec::oxm::{self, EntryHeader};
use crate::codec::scalar::{put_port, take_port};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::boxed::Box;
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::group::GroupId;
use ovs_core::{Mac, PortNo, QueueId};

const OUTPUT: u16 = 0;
const COPY_TTL_OUT: u16 = 11;
const COPY_TTL_IN: u16 = 12;
const SET_MPLS_TTL: u16 = 15;
const DEC_MPLS_TTL: u16 = 16;
const PUSH_VLAN: u16 = 17;
const POP_VLAN: u16 = 18;
const PUSH_MPLS: u16 = 19;
const POP_MPLS: u16 = 20;
const SET_QUEUE: u16 = 21;
const GROUP: u16 = 22;
const SET_NW_TTL: u16 = 23;
const DEC_NW_TTL: u16 = 24;
const SET_FIELD: u16 = 25;
const PUSH_PBB: u16 = 26;
const POP_PBB: u16 = 27;

const SET_VLAN_VID: u16 = 1;
const SET_VLAN_PCP: u16 = 2;
const SET_DL_SRC: u16 = 3;
const SET_DL_DST: u16 = 4;
const SET_NW_SRC: u16 = 5;
const SET_NW_DST: u16 = 6;
const SET_NW_TOS: u16 = 7;
const SET_NW_ECN: u16 = 8;
const SET_TP_SRC: u16 = 9;
const SET_TP_DST: u16 = 10;
const SET_MPLS_LABEL: u16 = 13;
const SET_MPLS_TC: u16 = 14;

/// Ethernet types of VLAN tags, MPLS, and provider backbone tags.
const VLAN_TYPES: [u16; 2] = [0x8100, 0x88a8];
const MPLS_TYPES: [u16; 2] = [0x8847, 0x8848];
const PBB_TYPE: u16 = 0x88e7;

/// How long an action is; `None` for a type that is not defined.
fn size(kind: u16) -> Option<Size> {
    match kind {
        OUTPUT | SET_DL_SRC | SET_DL_DST => Some(Size::Exactly(16)),
        SET_FIELD => Some(Size::AtLeast(8)),
        SET_VLAN_VID..=POP_PBB => Some(Size::Exactly(8)),
        _ => None,
    }
}

/// Reads what follows type and length; `None` for a type that is not defined.
pub(super) fn take(
    kind: u16,
    body: &mut Reader<'_>,
    version: Version,
) -> Result<Option<Action>, DecodeError> {
    let at = body.clone();
    let Some(size) = size(kind) else { return Ok(None) };
    size.check(&at, 4)?;
    let set = |field: Field, value| Action::SetField { field, value, mask: field.ones() };
    let action = match kind {
        OUTPUT => return output(body, version).map(Some),
        COPY_TTL_OUT => Action::CopyTtlOut,
        COPY_TTL_IN => Action::CopyTtlIn,
        SET_MPLS_TTL => Action::SetMplsTtl(body.u8()?),
        DEC_MPLS_TTL => Action::DecMplsTtl,
        PUSH_VLAN => Action::PushVlan(eth_type(body, &VLAN_TYPES)?),
        POP_VLAN => Action::PopVlan,
        PUSH_MPLS => Action::PushMpls(eth_type(body, &MPLS_TYPES)?),
        POP_MPLS => Action::PopMpls(body.u16()?),
        SET_QUEUE => Action::SetQueue(QueueId(body.u32()?)),
        GROUP => Action::Group(GroupId(body.u32()?)),
        SET_NW_TTL => Action::SetIpTtl(body.u8()?),
        DEC_NW_TTL => Action::DecIpTtl { controllers: Default::default() },
        SET_FIELD => return set_field(body).map(Some),
        PUSH_PBB => Action::PushPbb(eth_type(body, &[PBB_TYPE])?),
        POP_PBB => Action::PopPbb,
        // Unlike OpenFlow 1.0's these put no tag on.
        SET_VLAN_VID => set(Field::VlanVid, u128::from(at_most(&at, body.u16()?, 0xfff)?) | 0x1000),
        SET_VLAN_PCP => set(Field::VlanPcp, at_most(&at, body.u8()?, 7)?.into()),
        SET_DL_SRC => Action::SetEthSrc(take_mac(body)?),
        SET_DL_DST => Action::SetEthDst(take_mac(body)?),
        SET_NW_SRC => Action::SetIpv4Src(body.u32()?.into()),
        SET_NW_DST => Action::SetIpv4Dst(body.u32()?.into()),
        SET_NW_TOS => match body.u8()? {
            tos if tos & 3 == 0 => Action::SetIpTos(tos),
            _ => return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT)),
        },
        SET_NW_ECN => Action::SetIpEcn(at_most(&at, body.u8()?, 3)?),
        SET_TP_SRC => Action::SetTpSrc(body.u16()?),
        SET_TP_DST => Action::SetTpDst(body.u16()?),
        SET_MPLS_LABEL => Action::SetMplsLabel(at_most(&at, body.u32()?, 0xf_ffff)?),
        SET_MPLS_TC => Action::SetMplsTc(at_most(&at, body.u8()?, 7)?),
        _ => return Ok(None),
    };
    Ok(Some(action))
}

/// Sees to it that a number fits into the bits of its field.
fn at_most<T: PartialOrd>(at: &Reader<'_>, number: T, max: T) -> Result<T, DecodeError> {
    if number <= max { Ok(number) } else { Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT)) }
}

/// `struct ofp_action_dl_addr`.
pub(super) fn take_mac(body: &mut Reader<'_>) -> Result<Mac, DecodeError> {
    body.array().map(Mac)
}

fn eth_type(body: &mut Reader<'_>, allowed: &[u16]) -> Result<u16, DecodeError> {
    let at = body.clone();
    let eth_type = body.u16()?;
    if allowed.contains(&eth_type) {
        Ok(eth_type)
    } else {
        Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT))
    }
}

fn output(body: &mut Reader<'_>, version: Version) -> Result<Action, DecodeError> {
    let at = body.clone();
    let port = take_port(body, version)?;
    let max_len = body.u16()?;
    check_output(&at, port)?;
    Ok(Action::Output { port, max_len })
}

/// Can a packet be sent to this port?
pub(super) fn check_output(at: &Reader<'_>, port: PortNo) -> Result<(), DecodeError> {
    let reserved = (PortNo::IN_PORT..=PortNo::LOCAL).contains(&port);
    if reserved || port.0 < 0xff00 {
        Ok(())
    } else {
        Err(at.refuse(ErrorCode::OFPBAC_BAD_OUT_PORT))
    }
}

/// A value to be set: what would be wrong with a match has other names here.
pub(super) fn take_set_value(
    body: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<(u128, u128), DecodeError> {
    let at = body.clone();
    if !header.fits(field) {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_LEN));
    }
    oxm::take_value(body, header, field).map_err(|error| match error.code {
        ErrorCode::OFPBMC_BAD_VALUE => at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT),
        _ => error,
    })
}

fn set_field(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let body = &mut body.clone().named("oxm_entry", ErrorCode::OFPBMC_BAD_LEN);
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT);
    let header = oxm::take_header(body)?;
    if header.has_mask {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_MASK));
    }
    let field = header.field().ok_or_else(|| at.refuse(ErrorCode::OFPBAC_BAD_SET_TYPE))?;
    let action = if field.is_tunnel_option() {
        Action::SetTunnelOption(Box::new(oxm::take_tunnel_option(body, header, field)?))
    } else {
        let (value, mask) = take_set_value(body, header, field)?;
        let good = match field {
            Field::InPort => false,
            // A tag without an id to be set is no tag.
            Field::VlanVid => value & 0x1000 != 0,
            // What a switch keeps of it.
            Field::ArpOp => value <= 0xff,
            Field::NshTtl => value <= 63, // 6 bits (RFC 8300 §2.2)
            _ => field.can_be_set(),
        };
        if !good {
            return Err(bad_argument());
        }
        Action::SetField { field, value, mask }
    };
    body.zeros(ErrorCode::OFPBAC_BAD_SET_ARGUMENT)?;
    Ok(action)
}

/// Writes an action that has a number of its own, or is written as one that has; `false` if it is
/// an extension.
pub(super) fn put(
    writer: &mut Writer<'_>,
    action: &Action,
    version: Version,
) -> Result<bool, EncodeError> {
    let field = |writer: &mut Writer<'_>, field, value: u64| {
        put_set_field(writer, field, value.into(), version)
    };
    match action {
        Action::Output { port, max_len } => put_output(writer, *port, *max_len, version)?,
        Action::Enqueue { port, queue } => {
            number(writer, SET_QUEUE, queue.0)?;
            put_output(writer, *port, u16::MAX, version)?;
            nicira::put(writer, &Action::PopQueue, version)?;
        }
        Action::CopyTtlOut => number(writer, COPY_TTL_OUT, 0)?,
        Action::CopyTtlIn => number(writer, COPY_TTL_IN, 0)?,
        Action::SetMplsTtl(ttl) => number(writer, SET_MPLS_TTL, u32::from(*ttl) << 24)?,
        Action::DecMplsTtl => number(writer, DEC_MPLS_TTL, 0)?,
        Action::PushVlan(eth_type) => number(writer, PUSH_VLAN, u32::from(*eth_type) << 16)?,
        Action::PopVlan | Action::StripVlan => number(writer, POP_VLAN, 0)?,
        Action::PushMpls(eth_type) => number(writer, PUSH_MPLS, u32::from(*eth_type) << 16)?,
        Action::PopMpls(eth_type) => number(writer, POP_MPLS, u32::from(*eth_type) << 16)?,
        Action::SetQueue(queue) => number(writer, SET_QUEUE, queue.0)?,
        Action::Group(group) => number(writer, GROUP, group.0)?,
        Action::SetIpTtl(ttl) => number(writer, SET_NW_TTL, u32::from(*ttl) << 24)?,
        Action::DecIpTtl { controllers } if controllers.is_empty() => {
            number(writer, DEC_NW_TTL, 0)?;
        }
        Action::PushPbb(eth_type) => number(writer, PUSH_PBB, u32::from(*eth_type) << 16)?,
        Action::PopPbb => number(writer, POP_PBB, 0)?,
        Action::SetField { field, value, mask } if *mask == field.ones() => {
            put_set_field(writer, *field, *value, version)?;
        }
        Action::SetTunnelOption(option) if option.mask().is_none() => {
            put_action(writer, SET_FIELD, |writer| {
                oxm::put_tunnel_option(writer, option, version)
            })?;
        }
        Action::SetVlanVid(vid) => field(writer, Field::VlanVid, u64::from(*vid) | 0x1000)?,
        Action::SetVlanPcp(pcp) => field(writer, Field::VlanPcp, (*pcp).into())?,
        Action::SetEthSrc(mac) => field(writer, Field::EthSrc, (*mac).into())?,
        Action::SetEthDst(mac) => field(writer, Field::EthDst, (*mac).into())?,
        Action::SetIpv4Src(address) => field(writer, Field::Ipv4Src, u32::from(*address).into())?,
        Action::SetIpv4Dst(address) => field(writer, Field::Ipv4Dst, u32::from(*address).into())?,
        Action::SetIpTos(tos) => field(writer, Field::IpDscp, u64::from(tos >> 2))?,
        Action::SetIpEcn(ecn) => field(writer, Field::IpEcn, (*ecn).into())?,
        Action::SetMplsLabel(label) => field(writer, Field::MplsLabel, (*label).into())?,
        Action::SetMplsTc(tc) => field(writer, Field::MplsTc, (*tc).into())?,
        Action::SetTunnel { id, .. } => field(writer, Field::TunId, *id)?,
        // Which field it is depends on the packet, which only OpenFlow 1.1's form leaves open.
        Action::SetTpSrc(port) => number(writer, SET_TP_SRC, u32::from(*port) << 16)?,
        Action::SetTpDst(port) => number(writer, SET_TP_DST, u32::from(*port) << 16)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// An action with 4 bytes behind its type and length.
fn number(writer: &mut Writer<'_>, kind: u16, number: u32) -> Result<(), EncodeError> {
    put_action(writer, kind, |writer| {
        writer.u32(number);
        Ok(())
    })
}

fn put_output(
    writer: &mut Writer<'_>,
    port: PortNo,
    max_len: u16,
    version: Version,
) -> Result<(), EncodeError> {
    put_action(writer, OUTPUT, |writer| {
        put_port(writer, port, version)?;
        writer.u16(max_len);
        Ok(())
    })
}

fn put_set_field(
    writer: &mut Writer<'_>,
    field: Field,
    value: u128,
    version: Version,
) -> Result<(), EncodeError> {
    put_action(writer, SET_FIELD, |writer| {
        oxm::put_entry(writer, field, value, field.ones(), version)
    })
}
