//! Reading lists of entries: matches, and what a packet comes with.

use super::entry::{EntryHeader, take_header, take_matched, take_opaque, take_tunnel_option};
use super::{COOKIE, OXM, Rules};
use crate::error::DecodeError;
use crate::error_code::ErrorCode;
use crate::wire::Reader;
use ovs_core::field::{Field, Prerequisite};
use ovs_core::flow::CookieFilter;
use ovs_core::matching::Match;

/// The most entries of a match that nobody defines, which no switch would take anyway. Each is kept
/// in memory of its own, and compared with all others.
const MAX_OPAQUE: usize = 1024;

/// Reads a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn take_match(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    take_struct(reader, Rules::Match)
}

/// Reads what a packet comes with out of a `struct ofp_match`, with its padding: fields of which
/// none needs another.
pub(crate) fn take_metadata(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    take_struct(reader, Rules::Metadata)
}

fn take_struct(reader: &mut Reader<'_>, rules: Rules) -> Result<Match, DecodeError> {
    let at = reader.clone().named("ofp_match", ErrorCode::OFPBMC_BAD_LEN);
    let mut header = at.clone();
    let (kind, length) = (header.u16()?, header.u16()?);
    if length < 4 {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_LEN));
    }
    if kind != OXM {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_TYPE));
    }
    let padded = usize::from(length).next_multiple_of(8);
    let mut whole = at.clone().sub(padded, "ofp_match", ErrorCode::OFPBMC_BAD_LEN)?;
    reader.skip(padded)?;
    whole.skip(4)?;
    let mut entries = whole.sub(usize::from(length) - 4, "oxm", ErrorCode::OFPBMC_BAD_LEN)?;
    take_entries(&mut entries, rules, None)
}

/// Reads `length` bytes of NXM entries and the padding to a multiple of 8. The pseudo-field
/// `NXM_NX_COOKIE` in them becomes the filter.
pub(crate) fn take_nxm(
    reader: &mut Reader<'_>,
    length: u16,
) -> Result<(Match, CookieFilter), DecodeError> {
    let mut cookie = CookieFilter::default();
    let matching = take_padded(reader, length, Rules::Match, Some(&mut cookie))?;
    Ok((matching, cookie))
}

/// Reads what a packet comes with out of `length` bytes of NXM entries, and the padding to a
/// multiple of 8.
pub(crate) fn take_nxm_metadata(
    reader: &mut Reader<'_>,
    length: u16,
) -> Result<Match, DecodeError> {
    take_padded(reader, length, Rules::Metadata, None)
}

fn take_padded(
    reader: &mut Reader<'_>,
    length: u16,
    rules: Rules,
    cookie: Option<&mut CookieFilter>,
) -> Result<Match, DecodeError> {
    let padded = usize::from(length).next_multiple_of(8);
    let mut at = reader.clone().named("nx_match", ErrorCode::OFPBMC_BAD_LEN);
    let mut whole = at.sub(padded, "nx_match", ErrorCode::OFPBMC_BAD_LEN)?;
    reader.skip(padded)?;
    let mut entries = whole.sub(length.into(), "nxm", ErrorCode::OFPBMC_BAD_LEN)?;
    take_entries(&mut entries, rules, cookie)
}

/// Reads what a packet comes with: entries without anything around them, until the reader is empty.
pub(crate) fn take_bare(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    let mut entries = reader.clone().named("oxm", ErrorCode::OFPBMC_BAD_LEN);
    let matching = take_entries(&mut entries, Rules::Metadata, None)?;
    *reader = entries;
    Ok(matching)
}

/// Reads entries until the reader is empty. Only where there is a place for it, a cookie is one.
fn take_entries(
    reader: &mut Reader<'_>,
    rules: Rules,
    mut cookie: Option<&mut CookieFilter>,
) -> Result<Match, DecodeError> {
    let mut matching = Match::new();
    while !reader.is_empty() {
        let at = reader.clone();
        let header = take_header(reader)?;
        let is_cookie = (header.class, header.number) == COOKIE && header.value_length() == Some(8);
        match (cookie.as_deref_mut(), header.field()) {
            (Some(filter), _) if is_cookie => take_cookie(reader, &at, header.has_mask, filter)?,
            (_, Some(field)) if field.is_tunnel_option() => {
                let option = take_tunnel_option(reader, header, field)?;
                if matching.tunnel_options().iter().any(|other| other.field() == field) {
                    return Err(at.refuse(ErrorCode::OFPBMC_DUP_FIELD));
                }
                matching = matching.with_tunnel_option(option);
            }
            (_, Some(field)) => {
                let (value, mask) = take_matched(reader, header, field)?;
                add(&mut matching, &at, rules, (field, value, mask))?;
            }
            (_, None) => {
                let field = take_opaque(reader, &at, header)?;
                check_opaque(&matching, &at, header)?;
                matching = matching.with_opaque_field(field);
            }
        }
    }
    Ok(matching)
}

fn add(
    matching: &mut Match,
    at: &Reader<'_>,
    rules: Rules,
    (field, value, mask): (Field, u128, u128),
) -> Result<(), DecodeError> {
    if rules == Rules::Match && !matching.meets(field.prerequisite()) {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_PREREQ));
    }
    // The port of NXM is the lower half of OXM's.
    let view = if field == Field::InPort16 { Field::InPort } else { field };
    if asks(matching, view) {
        return Err(at.refuse(ErrorCode::OFPBMC_DUP_FIELD));
    }
    if rules == Rules::Match {
        check_order(matching, at, field, value)?;
    }
    matching.set(field, value, mask).map_err(|_| at.refuse(ErrorCode::OFPBMC_BAD_MASK))
}

/// Is there room for another field that nobody knows, and is it another?
fn check_opaque(matching: &Match, at: &Reader<'_>, header: EntryHeader) -> Result<(), DecodeError> {
    let others = matching.opaque_fields();
    if others.len() >= MAX_OPAQUE {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_FIELD));
    }
    if others.iter().any(|other| header.is_of(other)) {
        return Err(at.refuse(ErrorCode::OFPBMC_DUP_FIELD));
    }
    Ok(())
}

fn asks(matching: &Match, field: Field) -> bool {
    matching.get(field).is_some_and(|(_, mask)| mask != 0)
}

/// A later fragment, in `ip_frag`.
const LATER: u128 = 2;

const OF_TRANSPORT: [Field; 3] = [Field::TcpSrc, Field::TcpDst, Field::TcpFlags];
const OF_DISCOVERY: [Field; 5] =
    [Field::NdTarget, Field::NdSll, Field::NdTll, Field::NdReserved, Field::NdOptionsType];

/// What others need may be met as long as nothing is said. If it is said only behind them, they are
/// fields that such a packet has not.
fn check_order(
    matching: &Match,
    at: &Reader<'_>,
    field: Field,
    value: u128,
) -> Result<(), DecodeError> {
    let ask = |fields: &[Field]| fields.iter().any(|field| asks(matching, *field));
    let code = match field {
        // A field of Ethernet's has said already that the packet has such a header.
        Field::PacketType => matching
            .fields()
            .any(|(field, ..)| field.prerequisite() != Prerequisite::None)
            .then_some(ErrorCode::OFPBMC_DUP_FIELD),
        Field::IpFrag if value & LATER != 0 => {
            (ask(&OF_TRANSPORT) || ask(&OF_DISCOVERY)).then_some(ErrorCode::OFPBMC_BAD_PREREQ)
        }
        Field::Icmpv6Code if value != 0 => {
            ask(&OF_DISCOVERY).then_some(ErrorCode::OFPBMC_BAD_PREREQ)
        }
        _ => None,
    };
    code.map_or(Ok(()), |code| Err(at.refuse(code)))
}

fn take_cookie(
    reader: &mut Reader<'_>,
    at: &Reader<'_>,
    has_mask: bool,
    filter: &mut CookieFilter,
) -> Result<(), DecodeError> {
    if filter.mask != 0 {
        return Err(at.refuse(ErrorCode::OFPBMC_DUP_FIELD));
    }
    let value = reader.u64()?;
    let mask = if has_mask { reader.u64()? } else { u64::MAX };
    if value & !mask != 0 {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_WILDCARDS));
    }
    *filter = CookieFilter { value, mask };
    Ok(())
}
