//! `NXAST_LEARN` and `NXAST_LEARN2`.

use super::*;
use crate::codec::oxm;
use alloc::boxed::Box;
use alloc::vec::Vec;
use ovs_core::TableId;
use ovs_core::action::{Learn, LearnDestination, LearnFlags, LearnLimit, LearnSource, LearnSpec};

/// In the flags: the result is written into a bit.
const WRITE_RESULT: u16 = 1 << 2;

/// In the header of a spec: where the value comes from, what becomes of it, and how many bits it
/// has.
const SOURCE_IMMEDIATE: u16 = 1 << 13;
const DESTINATION: u16 = 3 << 11;
const DESTINATION_MATCH: u16 = 0 << 11;
const DESTINATION_LOAD: u16 = 1 << 11;
const DESTINATION_OUTPUT: u16 = 2 << 11;
const N_BITS: u16 = 0x3ff;

pub(super) fn take(body: &mut Reader<'_>, second: bool) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    let (idle_timeout, hard_timeout, priority) = (body.u16()?, body.u16()?, body.u16()?);
    let (cookie, flags) = (body.u64()?, body.u16()?);
    let [table, padding] = body.array()?;
    let (fin_idle_timeout, fin_hard_timeout) = (body.u16()?, body.u16()?);
    let known = LearnFlags::all().bits() | if second { WRITE_RESULT } else { 0 };
    if padding != 0 || table == TableId::ALL.0 || flags & !known != 0 {
        return Err(bad_argument());
    }
    let limit = if second { take_limit(body, flags & WRITE_RESULT != 0)? } else { None };
    let specs = take_specs(body)?;
    Ok(Action::Learn(Box::new(Learn {
        idle_timeout,
        hard_timeout,
        priority,
        cookie,
        flags: LearnFlags::from_bits_truncate(flags),
        table: TableId(table),
        fin_idle_timeout,
        fin_hard_timeout,
        limit,
        specs,
    })))
}

fn take_limit(body: &mut Reader<'_>, has_result: bool) -> Result<Option<LearnLimit>, DecodeError> {
    let at = body.clone();
    let (rules, bit) = (body.u32()?, body.u16()?);
    body.zeros_of(2, ErrorCode::NXBAC_MUST_BE_ZERO)?;
    if bit != 0 && !has_result {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
    }
    let result = if has_result { Some(field::take_destination(body, bit, 1)?) } else { None };
    Ok(Some(LearnLimit { rules, result }))
}

/// Reads specs up to one of zero or the end; what follows is zero.
fn take_specs(body: &mut Reader<'_>) -> Result<Vec<LearnSpec>, DecodeError> {
    let mut specs = Vec::new();
    while !body.is_empty() {
        let at = body.clone();
        let header = body.u16()?;
        if header == 0 {
            body.zeros(ErrorCode::OFPBAC_BAD_ARGUMENT)?;
            break;
        }
        let n_bits = header & N_BITS;
        let immediate = header & SOURCE_IMMEDIATE != 0;
        let known = match header & DESTINATION {
            DESTINATION_MATCH | DESTINATION_LOAD => true,
            DESTINATION_OUTPUT => !immediate,
            _ => false,
        };
        if !known {
            return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
        }
        let source = if !immediate {
            LearnSource::Field(take_subfield(body, n_bits)?)
        } else {
            // The number fills up its 16-bit words from the right.
            let padded = body.slice(usize::from(n_bits.div_ceil(16)) * 2)?;
            let begin = padded.len() - usize::from(n_bits.div_ceil(8));
            LearnSource::Immediate(padded.get(begin..).unwrap_or_default().into())
        };
        let destination = match header & DESTINATION {
            DESTINATION_MATCH => LearnDestination::Match(take_subfield(body, n_bits)?),
            DESTINATION_LOAD => LearnDestination::Load(take_subfield(body, n_bits)?),
            _ => LearnDestination::Output,
        };
        specs.push(LearnSpec { n_bits, source, destination });
    }
    Ok(specs)
}

/// A field's header and the first bit.
fn take_subfield(body: &mut Reader<'_>, n_bits: u16) -> Result<Subfield, DecodeError> {
    let mut ahead = body.clone();
    ahead.skip(4)?;
    let start = ahead.u16()?;
    let subfield = oxm::take_subfield32(body, start, n_bits)?;
    body.skip(2)?;
    Ok(subfield)
}

pub(super) fn put(writer: &mut Writer<'_>, learn: &Learn) -> Result<(), EncodeError> {
    let result = learn.limit.and_then(|limit| limit.result);
    let subtype = if learn.limit.is_some() { LEARN2 } else { LEARN };
    put_nicira(writer, subtype, |writer| {
        writer.u16(learn.idle_timeout);
        writer.u16(learn.hard_timeout);
        writer.u16(learn.priority);
        writer.u64(learn.cookie);
        writer.u16(learn.flags.bits() | if result.is_some() { WRITE_RESULT } else { 0 });
        writer.u8(learn.table.0);
        writer.zeros(1);
        writer.u16(learn.fin_idle_timeout);
        writer.u16(learn.fin_hard_timeout);
        if let Some(limit) = learn.limit {
            writer.u32(limit.rules);
            writer.u16(result.map_or(0, Subfield::start));
            writer.zeros(2);
            if let Some(result) = result {
                oxm::put_header(writer, result.field(), false, Version::OF10)?;
            }
        }
        learn.specs.iter().try_for_each(|spec| put_spec(writer, spec))
    })
}

fn put_spec(writer: &mut Writer<'_>, spec: &LearnSpec) -> Result<(), EncodeError> {
    if spec.n_bits > N_BITS {
        let (value, max) = (spec.n_bits.into(), N_BITS.into());
        return Err(EncodeError::TooLarge { what: "width of a learned value", value, max });
    }
    let source = match spec.source {
        LearnSource::Field(_) => 0,
        LearnSource::Immediate(_) => SOURCE_IMMEDIATE,
    };
    let destination = match spec.destination {
        LearnDestination::Match(_) => DESTINATION_MATCH,
        LearnDestination::Load(_) => DESTINATION_LOAD,
        LearnDestination::Output => DESTINATION_OUTPUT,
    };
    writer.u16(source | destination | spec.n_bits);
    match &spec.source {
        LearnSource::Field(subfield) => put_subfield(writer, *subfield)?,
        LearnSource::Immediate(bytes) => {
            let padded = usize::from(spec.n_bits.div_ceil(16)) * 2;
            let bytes = bytes.get(bytes.len().saturating_sub(padded)..).unwrap_or_default();
            writer.zeros(padded - bytes.len());
            writer.slice(bytes);
        }
    }
    match spec.destination {
        LearnDestination::Match(subfield) | LearnDestination::Load(subfield) => {
            put_subfield(writer, subfield)
        }
        LearnDestination::Output => Ok(()),
    }
}

fn put_subfield(writer: &mut Writer<'_>, subfield: Subfield) -> Result<(), EncodeError> {
    oxm::put_header32(writer, subfield.field(), Version::OF10)?;
    writer.u16(subfield.start());
    Ok(())
}
