//! Nicira's actions (ovs-actions(7); their bytes as Open vSwitch has them), and the one of the Open
//! Networking Foundation.

mod conntrack;
mod encap;
mod field;
mod learn;
mod output;
mod select;
mod table;

use super::{Context, EXPERIMENTER, Item, NICIRA, ONF, Size};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::QueueId;
use ovs_core::action::{Action, Metadata, Subfield};
use ovs_core::group::GroupId;

const RESUBMIT: u16 = 1;
const SET_TUNNEL: u16 = 2;
const SET_QUEUE: u16 = 4;
const POP_QUEUE: u16 = 5;
const REG_MOVE: u16 = 6;
const REG_LOAD: u16 = 7;
const NOTE: u16 = 8;
const SET_TUNNEL64: u16 = 9;
const MULTIPATH: u16 = 10;
const BUNDLE: u16 = 12;
const BUNDLE_LOAD: u16 = 13;
const RESUBMIT_TABLE: u16 = 14;
const OUTPUT_REG: u16 = 15;
const LEARN: u16 = 16;
const EXIT: u16 = 17;
const DEC_TTL: u16 = 18;
const FIN_TIMEOUT: u16 = 19;
const CONTROLLER: u16 = 20;
const DEC_TTL_CNT_IDS: u16 = 21;
const WRITE_METADATA: u16 = 22;
const PUSH_MPLS: u16 = 23;
const POP_MPLS: u16 = 24;
const SET_MPLS_TTL: u16 = 25;
const DEC_MPLS_TTL: u16 = 26;
const STACK_PUSH: u16 = 27;
const STACK_POP: u16 = 28;
const SAMPLE: u16 = 29;
const SET_MPLS_LABEL: u16 = 30;
const SET_MPLS_TC: u16 = 31;
const OUTPUT_REG2: u16 = 32;
const REG_LOAD2: u16 = 33;
const CONJUNCTION: u16 = 34;
const CT: u16 = 35;
const NAT: u16 = 36;
const CONTROLLER2: u16 = 37;
const SAMPLE2: u16 = 38;
const OUTPUT_TRUNC: u16 = 39;
const GROUP: u16 = 40;
const SAMPLE3: u16 = 41;
const CLONE: u16 = 42;
const CT_CLEAR: u16 = 43;
const RESUBMIT_TABLE_CT: u16 = 44;
const LEARN2: u16 = 45;
const ENCAP: u16 = 46;
const DECAP: u16 = 47;
const DEC_NSH_TTL: u16 = 48;
const CHECK_PKT_LARGER: u16 = 49;
const DELETE_FIELD: u16 = 50;

/// Behind the experimenter's id: `ONFACT_COPY_FIELD`.
const ONF_COPY_FIELD: u16 = 3200;

/// How long an action is; `None` for a subtype that the version does not have.
///
/// Those that OpenFlow 1.3 has itself are of OpenFlow 1.0 only.
fn size(subtype: u16, of10: bool) -> Option<Size> {
    Some(match subtype {
        RESUBMIT | RESUBMIT_TABLE | RESUBMIT_TABLE_CT | SET_TUNNEL | POP_QUEUE | EXIT
        | FIN_TIMEOUT | CONTROLLER | CONJUNCTION | OUTPUT_TRUNC | CT_CLEAR => Size::Exactly(16),
        SET_TUNNEL64 | REG_LOAD | OUTPUT_REG | OUTPUT_REG2 | STACK_PUSH | STACK_POP | SAMPLE
        | DELETE_FIELD => Size::Exactly(24),
        MULTIPATH | WRITE_METADATA | SAMPLE2 | SAMPLE3 => Size::Exactly(32),
        REG_MOVE | REG_LOAD2 | NOTE | DEC_TTL_CNT_IDS | CONTROLLER2 | NAT | CLONE => {
            Size::AtLeast(16)
        }
        CT | CHECK_PKT_LARGER => Size::AtLeast(24),
        BUNDLE | BUNDLE_LOAD | LEARN => Size::AtLeast(32),
        LEARN2 => Size::AtLeast(40),
        SET_QUEUE | GROUP | DEC_TTL | PUSH_MPLS | POP_MPLS | SET_MPLS_TTL | DEC_MPLS_TTL
        | SET_MPLS_LABEL | SET_MPLS_TC
            if of10 =>
        {
            Size::Exactly(16)
        }
        ENCAP | DECAP if !of10 => Size::AtLeast(16),
        DEC_NSH_TTL if !of10 => Size::Exactly(16),
        _ => return None,
    })
}

/// Reads what follows Nicira's id; `None` for a subtype that is not defined.
pub(super) fn take(body: &mut Reader<'_>, context: Context) -> Result<Option<Item>, DecodeError> {
    let at = body.clone();
    if body.len() < 8 {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_LEN));
    }
    let subtype = body.u16()?;
    let of10 = context.version == Version::OF10;
    let Some(size) = size(subtype, of10) else { return Ok(None) };
    size.check(&at, 8)?;
    let action = match subtype {
        REG_MOVE | REG_LOAD | REG_LOAD2 | STACK_PUSH | STACK_POP | DELETE_FIELD
        | CHECK_PKT_LARGER => field::take(subtype, body)?,
        RESUBMIT | RESUBMIT_TABLE | RESUBMIT_TABLE_CT | CONJUNCTION | FIN_TIMEOUT => {
            table::take(subtype, body)?
        }
        LEARN | LEARN2 => learn::take(body, subtype == LEARN2)?,
        OUTPUT_REG | OUTPUT_REG2 | OUTPUT_TRUNC | CONTROLLER | CONTROLLER2 | SAMPLE | SAMPLE2
        | SAMPLE3 | DEC_TTL_CNT_IDS => output::take(subtype, body)?,
        MULTIPATH | BUNDLE | BUNDLE_LOAD => select::take(subtype, body)?,
        CT => conntrack::take_ct(body, context)?,
        NAT => conntrack::take_nat(body)?,
        ENCAP => encap::take_encap(body)?,
        DECAP => encap::take_decap(body)?,
        CLONE => {
            body.skip(6)?;
            Action::Clone(super::take_nested(body, context.inner(false))?)
        }
        NOTE => Action::Note(body.rest_slice().into()),
        WRITE_METADATA => {
            body.zeros_of(6, ErrorCode::NXBRC_MUST_BE_ZERO)?;
            let metadata = Metadata { value: body.u64()?, mask: body.u64()? };
            return Ok(Some(Item::Metadata(metadata)));
        }
        _ => take_number(subtype, body)?,
    };
    Ok(Some(Item::Action(action)))
}

/// Actions with a number or nothing behind the subtype.
fn take_number(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
    // What stands behind the subtype: 16 bits, or 32 behind 2 bytes of padding.
    let short = body.clone().u16()?;
    let [high, _] = short.to_be_bytes();
    let long = |at: &Reader<'_>| {
        let mut behind = at.clone();
        behind.skip(2)?;
        behind.u32()
    };
    Ok(match subtype {
        SET_TUNNEL => Action::SetTunnel { id: long(&at)?.into(), wide: false },
        SET_TUNNEL64 => {
            body.skip(6)?;
            Action::SetTunnel { id: body.u64()?, wide: true }
        }
        POP_QUEUE => Action::PopQueue,
        EXIT => Action::Exit,
        CT_CLEAR => Action::CtClear,
        DEC_NSH_TTL => Action::DecNshTtl,
        SET_QUEUE => Action::SetQueue(QueueId(long(&at)?)),
        GROUP => Action::Group(GroupId(long(&at)?)),
        DEC_TTL => Action::DecIpTtl { controllers: Default::default() },
        PUSH_MPLS if [0x8847, 0x8848].contains(&short) => Action::PushMpls(short),
        POP_MPLS => Action::PopMpls(short),
        SET_MPLS_TTL => Action::SetMplsTtl(high),
        DEC_MPLS_TTL => Action::DecMplsTtl,
        // Open vSwitch lets larger ones pass here, but not where they are set as a field.
        SET_MPLS_LABEL => match long(&at)? {
            label @ 0..=0xf_ffff => Action::SetMplsLabel(label),
            _ => return bad_argument(),
        },
        SET_MPLS_TC if high <= 7 => Action::SetMplsTc(high),
        _ => return bad_argument(),
    })
}

/// Reads what follows the id of the Open Networking Foundation.
pub(super) fn take_onf(body: &mut Reader<'_>) -> Result<Option<Item>, DecodeError> {
    if body.clone().u16()? != ONF_COPY_FIELD {
        return Ok(None);
    }
    Size::AtLeast(24).check(body, 8)?;
    let body = &mut body.clone().named("oxm_header", ErrorCode::OFPBMC_BAD_LEN);
    body.skip(4)?;
    let (n_bits, source, destination) = (body.u16()?, body.u16()?, body.u16()?);
    body.skip(2)?;
    let source = field::take_source(body, source, n_bits)?;
    let destination = field::take_destination(body, destination, n_bits)?;
    body.zeros(ErrorCode::NXBRC_MUST_BE_ZERO)?;
    Ok(Some(Item::Action(Action::CopyField { source, destination })))
}

/// Writes an action that is one of Nicira's in this version.
pub(super) fn put(
    writer: &mut Writer<'_>,
    action: &Action,
    version: Version,
) -> Result<(), EncodeError> {
    match action {
        Action::Note(bytes) => put_nicira(writer, NOTE, |writer| {
            writer.slice(bytes);
            Ok(())
        }),
        Action::Clone(actions) => put_nicira(writer, CLONE, |writer| {
            writer.zeros(6);
            super::put_list(writer, actions, version)
        }),
        Action::SetField { .. }
        | Action::Load2 { .. }
        | Action::SetTunnelOption(_)
        | Action::Load { .. }
        | Action::Move { .. }
        | Action::CopyField { .. }
        | Action::StackPush(_)
        | Action::StackPop(_)
        | Action::DeleteField(_)
        | Action::CheckPacketLarger { .. } => field::put(writer, action, version),
        Action::Resubmit { .. } | Action::Conjunction { .. } | Action::FinTimeout { .. } => {
            table::put(writer, action)
        }
        Action::Learn(learn) => learn::put(writer, learn),
        Action::DecIpTtl { controllers } if controllers.is_empty() => {
            put_number(writer, action, version)
        }
        Action::OutputField { .. }
        | Action::OutputTruncated { .. }
        | Action::Controller(_)
        | Action::Sample(_)
        | Action::DecIpTtl { .. } => output::put(writer, action),
        Action::Multipath(_) | Action::Bundle(_) => select::put(writer, action),
        Action::Ct(ct) => conntrack::put_ct(writer, ct, version),
        Action::Nat(nat) => conntrack::put_nat(writer, nat),
        Action::Encap(encap) if version != Version::OF10 => encap::put_encap(writer, encap),
        Action::Decap(next) if version != Version::OF10 => encap::put_decap(writer, *next),
        _ => put_number(writer, action, version),
    }
}

/// Actions with a number or nothing behind the subtype.
fn put_number(
    writer: &mut Writer<'_>,
    action: &Action,
    version: Version,
) -> Result<(), EncodeError> {
    let wide = |subtype, value: u32| (subtype, u64::from(value));
    let narrow = |subtype, value: u16| (subtype, u64::from(value) << 32);
    // The subtype, and 48 bits behind it.
    let (subtype, bits) = match action {
        Action::SetTunnel { id, wide: asked } => match u32::try_from(*id) {
            Ok(id) if !asked => wide(SET_TUNNEL, id),
            _ => {
                return put_nicira(writer, SET_TUNNEL64, |writer| {
                    writer.zeros(6);
                    writer.u64(*id);
                    Ok(())
                });
            }
        },
        Action::PopQueue => (POP_QUEUE, 0),
        Action::Exit => (EXIT, 0),
        Action::CtClear => (CT_CLEAR, 0),
        Action::DecNshTtl if version != Version::OF10 => (DEC_NSH_TTL, 0),
        Action::SetQueue(queue) => wide(SET_QUEUE, queue.0),
        Action::Group(group) => wide(GROUP, group.0),
        Action::DecIpTtl { .. } => (DEC_TTL, 0),
        Action::PushMpls(eth_type) => narrow(PUSH_MPLS, *eth_type),
        Action::PopMpls(eth_type) => narrow(POP_MPLS, *eth_type),
        Action::SetMplsTtl(ttl) => narrow(SET_MPLS_TTL, u16::from(*ttl) << 8),
        Action::DecMplsTtl => (DEC_MPLS_TTL, 0),
        Action::SetMplsLabel(label) => wide(SET_MPLS_LABEL, *label),
        Action::SetMplsTc(tc) => narrow(SET_MPLS_TC, u16::from(*tc) << 8),
        _ => return Err(EncodeError::NotInVersion { what: "this action", version }),
    };
    put_nicira(writer, subtype, |writer| {
        writer.u16((bits >> 32) as u16);
        writer.u32(bits as u32);
        Ok(())
    })
}

pub(super) fn put_metadata(writer: &mut Writer<'_>, metadata: Metadata) -> Result<(), EncodeError> {
    put_nicira(writer, WRITE_METADATA, |writer| {
        writer.zeros(6);
        writer.u64(metadata.value);
        writer.u64(metadata.mask);
        Ok(())
    })
}

/// Writes an action with a subtype, and zeros up to a multiple of 8.
fn put_nicira(
    writer: &mut Writer<'_>,
    subtype: u16,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    super::put_action(writer, EXPERIMENTER, |writer| {
        writer.u32(NICIRA);
        writer.u16(subtype);
        body(writer)
    })
}

/// A subfield's bits in 16: its first bit in the upper 10, one less than its width in the lower 6.
fn split_bits(bits: u16) -> (u16, u16) {
    (bits >> 6, (bits & 0x3f) + 1)
}

fn joined_bits(subfield: Subfield) -> Result<u16, EncodeError> {
    let (start, n_bits) = (subfield.start(), subfield.n_bits());
    match n_bits {
        1..=64 if start < 1024 => Ok(start << 6 | (n_bits - 1)),
        _ => Err(EncodeError::TooLarge {
            what: "width of a subfield",
            value: n_bits.into(),
            max: 64,
        }),
    }
}
