//! Actions on fields: load, move, the stack.

use super::*;
use crate::codec::oxm;
use alloc::boxed::Box;
use ovs_core::field::Field;
use ovs_core::matching::TunnelOption;

pub(super) fn take(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    // What is missing in an action that is long enough is missing in a header of OXM.
    let body = &mut body.clone().named("oxm_header", ErrorCode::OFPBMC_BAD_LEN);
    match subtype {
        REG_LOAD => load(body),
        REG_LOAD2 => load2(body),
        REG_MOVE => {
            let (n_bits, source, destination) = (body.u16()?, body.u16()?, body.u16()?);
            let source = take_source(body, source, n_bits)?;
            let destination = take_destination(body, destination, n_bits)?;
            body.zeros(ErrorCode::NXBRC_MUST_BE_ZERO)?;
            Ok(Action::Move { source, destination })
        }
        DELETE_FIELD => {
            let at = body.clone();
            let header = oxm::take_header(body)?;
            let fits = |field: &Field| {
                let open = field.is_tunnel_option() && header.length == 0;
                !header.has_mask && (open || header.fits(*field))
            };
            let field = header.field().filter(fits);
            let field = field.ok_or_else(|| at.refuse(ErrorCode::OFPBMC_BAD_FIELD))?;
            if header.has_mask {
                return Err(at.refuse(ErrorCode::OFPBMC_BAD_MASK));
            }
            Ok(Action::DeleteField(field))
        }
        CHECK_PKT_LARGER => {
            let (length, bit) = (body.u16()?, body.u16()?);
            let destination = take_destination(body, bit, 1)?;
            body.zeros(ErrorCode::NXBRC_MUST_BE_ZERO)?;
            Ok(Action::CheckPacketLarger { length, destination })
        }
        _ => stack(body, subtype == STACK_POP),
    }
}

/// A part of a field that is read.
pub(super) fn take_source(
    body: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    oxm::take_subfield(body, start, n_bits)
}

/// A part of a field that is written.
pub(super) fn take_destination(
    body: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    let at = body.clone();
    let subfield = oxm::take_subfield(body, start, n_bits)?;
    settable(&at, subfield)
}

/// Refuses what no action can change.
pub(super) fn settable(at: &Reader<'_>, subfield: Subfield) -> Result<Subfield, DecodeError> {
    if subfield.field().is_settable() {
        Ok(subfield)
    } else {
        Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT))
    }
}

fn load(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let (start, n_bits) = split_bits(body.u16()?);
    let at = body.clone();
    let destination = oxm::take_subfield32(body, start, n_bits)?;
    let destination = settable(&at, destination)?;
    let at = body.clone();
    let value = body.u64()?;
    if value.checked_shr(n_bits.into()).unwrap_or(0) != 0 {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
    }
    Ok(Action::Load { destination, value })
}

/// A field with value and mask, from byte 10 on.
fn load2(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let header = oxm::take_header(body)?;
    let field = header.field().ok_or_else(|| at.refuse(ErrorCode::OFPBAC_BAD_SET_TYPE))?;
    let action = if field.is_tunnel_option() {
        let option = oxm::take_tunnel_option(body, header, field)?;
        Action::SetTunnelOption(Box::new(if header.has_mask { option.partial() } else { option }))
    } else {
        let (value, mask) = super::super::standard::take_set_value(body, header, field)?;
        Action::Load2 { field, value, mask }
    };
    body.zeros(ErrorCode::OFPBAC_BAD_SET_ARGUMENT)?;
    if !field.is_settable() {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT));
    }
    Ok(action)
}

fn stack(body: &mut Reader<'_>, pop: bool) -> Result<Action, DecodeError> {
    let start = body.u16()?;
    let at = body.clone();
    // The width stands behind the header of the field.
    let mut ahead = body.clone();
    oxm::take_header(&mut ahead)?;
    let n_bits = ahead.u16()?;
    ahead.zeros(ErrorCode::NXBRC_MUST_BE_ZERO)?;
    let subfield = oxm::take_subfield(body, start, n_bits)?;
    if pop {
        Ok(Action::StackPop(settable(&at, subfield)?))
    } else {
        Ok(Action::StackPush(subfield))
    }
}

/// The version whose headers Nicira's actions use: the oldest of each field.
const HEADERS: Version = Version::OF10;

pub(super) fn put(
    writer: &mut Writer<'_>,
    action: &Action,
    version: Version,
) -> Result<(), EncodeError> {
    match action {
        Action::Load { destination, value } => put_load(writer, *destination, *value),
        Action::Load2 { field, value, mask } => put_nicira(writer, REG_LOAD2, |writer| {
            oxm::put_entry(writer, *field, *value, *mask, HEADERS)
        }),
        Action::SetTunnelOption(option) => {
            put_nicira(writer, REG_LOAD2, |writer| oxm::put_tunnel_option(writer, option, HEADERS))
        }
        Action::SetField { field, value, mask } => put_set_field(writer, *field, *value, *mask),
        Action::Move { source, destination } => put_move(writer, *source, *destination),
        Action::CopyField { source, destination } if version != Version::OF13 => {
            put_move(writer, *source, *destination)
        }
        Action::CopyField { source, destination } => {
            super::super::put_action(writer, EXPERIMENTER, |writer| {
                writer.u32(ONF);
                writer.u16(ONF_COPY_FIELD);
                writer.zeros(2);
                writer.u16(destination.n_bits());
                writer.u16(source.start());
                writer.u16(destination.start());
                writer.zeros(2);
                oxm::put_header(writer, source.field(), false, Version::OF13)?;
                oxm::put_header(writer, destination.field(), false, Version::OF13)
            })
        }
        Action::StackPush(subfield) => put_stack(writer, STACK_PUSH, *subfield),
        Action::StackPop(subfield) => put_stack(writer, STACK_POP, *subfield),
        Action::DeleteField(field) => put_nicira(writer, DELETE_FIELD, |writer| {
            let begin = writer.len();
            oxm::put_header(writer, *field, false, HEADERS)?;
            writer.zeros(14 - (writer.len() - begin));
            Ok(())
        }),
        Action::CheckPacketLarger { length, destination } => {
            put_nicira(writer, CHECK_PKT_LARGER, |writer| {
                writer.u16(*length);
                writer.u16(destination.start());
                let begin = writer.len();
                oxm::put_header(writer, destination.field(), false, HEADERS)?;
                writer.zeros(10 - (writer.len() - begin));
                Ok(())
            })
        }
        _ => Ok(()),
    }
}

fn put_move(
    writer: &mut Writer<'_>,
    source: Subfield,
    destination: Subfield,
) -> Result<(), EncodeError> {
    put_nicira(writer, REG_MOVE, |writer| {
        writer.u16(destination.n_bits());
        writer.u16(source.start());
        writer.u16(destination.start());
        oxm::put_header(writer, source.field(), false, HEADERS)?;
        oxm::put_header(writer, destination.field(), false, HEADERS)
    })
}

/// Has the field a header of 4 bytes, and always the same length?
fn is_plain(field: Field) -> bool {
    let header = field.header(HEADERS.0);
    let short = header.is_some_and(|header| header.class.experimenter().is_none());
    short && !field.is_tunnel_option()
}

/// A load of a part of a tunnel option, which has no length of its own: as many of its last bytes
/// as the part reaches into.
fn part_of_option(destination: Subfield, value: u64) -> Option<TunnelOption> {
    const SIZE: usize = TunnelOption::MAX_LEN;
    let (mut values, mut masks) = ([0; SIZE], [0; SIZE]);
    for n in 0..destination.n_bits() {
        let bit = usize::from(destination.start() + n);
        let at = (SIZE - 1).checked_sub(bit / 8)?;
        *values.get_mut(at)? |= ((value >> n & 1) as u8) << (bit % 8);
        *masks.get_mut(at)? |= 1 << (bit % 8);
    }
    let length = usize::from(destination.start() + destination.n_bits()).div_ceil(8);
    let begin = SIZE.checked_sub(length)?;
    let option =
        TunnelOption::masked(destination.field(), values.get(begin..)?, masks.get(begin..)?);
    option.ok().map(TunnelOption::partial)
}

fn put_load(writer: &mut Writer<'_>, destination: Subfield, value: u64) -> Result<(), EncodeError> {
    let field = destination.field();
    if destination.n_bits() <= 64 && !is_plain(field) {
        // The header of a load has only 4 bytes, and is of the field's full length.
        return put_nicira(writer, REG_LOAD2, |writer| match part_of_option(destination, value) {
            Some(option) => oxm::put_tunnel_option(writer, &option, HEADERS),
            None => {
                let value = u128::from(value) << destination.start();
                oxm::put_entry(writer, field, value, destination.mask(), HEADERS)
            }
        });
    }
    put_nicira(writer, REG_LOAD, |writer| {
        writer.u16(joined_bits(destination)?);
        oxm::put_header32(writer, destination.field(), HEADERS)?;
        writer.u64(value);
        Ok(())
    })
}

/// A set-field where there is none, or not with a mask: loads of each run of bits, if the field has
/// a header of 4 bytes.
fn put_set_field(
    writer: &mut Writer<'_>,
    field: Field,
    value: u128,
    mask: u128,
) -> Result<(), EncodeError> {
    if !is_plain(field) {
        return put_nicira(writer, REG_LOAD2, |writer| {
            oxm::put_entry(writer, field, value, mask, HEADERS)
        });
    }
    let mut start = 0;
    while let Some(rest) = mask.checked_shr(start).filter(|rest| *rest != 0) {
        start += rest.trailing_zeros();
        let width = (mask >> start).trailing_ones().min(64);
        let bits = (value >> start) as u64 & (u64::MAX >> (64 - width));
        if let Ok(destination) = Subfield::new(field, start as u16, width as u16) {
            put_load(writer, destination, bits)?;
        }
        start += width;
    }
    Ok(())
}

fn put_stack(writer: &mut Writer<'_>, subtype: u16, subfield: Subfield) -> Result<(), EncodeError> {
    put_nicira(writer, subtype, |writer| {
        writer.u16(subfield.start());
        let begin = writer.len();
        oxm::put_header(writer, subfield.field(), false, HEADERS)?;
        writer.u16(subfield.n_bits());
        writer.zeros(12 - (writer.len() - begin));
        Ok(())
    })
}
