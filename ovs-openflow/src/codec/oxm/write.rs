//! Writing lists of entries: matches, and what a packet comes with.

use super::entry::{counted, put_entry, put_masked, put_tunnel_option};
use super::order::ORDER;
use super::{COOKIE, OXM, Rules};
use crate::codec::scalar::port_to_u16;
use crate::error::EncodeError;
use crate::protocol::Version;
use crate::wire::Writer;
use ovs_core::PortNo;
use ovs_core::field::{Field, Prerequisite};
use ovs_core::flow::CookieFilter;
use ovs_core::matching::Match;

/// Writes what a packet comes with: entries without anything around them.
pub(crate) fn put_bare(
    writer: &mut Writer<'_>,
    metadata: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    put_entries(writer, metadata, (Rules::Metadata, Form::Oxm), version)
}

/// Writes a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn put_match(
    writer: &mut Writer<'_>,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    put_struct(writer, matching, Rules::Match, version)
}

/// Writes what a packet comes with as a `struct ofp_match`, with its padding.
pub(crate) fn put_metadata(
    writer: &mut Writer<'_>,
    metadata: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    put_struct(writer, metadata, Rules::Metadata, version)
}

fn put_struct(
    writer: &mut Writer<'_>,
    matching: &Match,
    rules: Rules,
    version: Version,
) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u16(OXM);
    let length = writer.open(begin);
    put_entries(writer, matching, (rules, Form::Oxm), version)?;
    writer.close(length, "ofp_match")?;
    writer.align(begin);
    Ok(())
}

/// Writes NXM entries, and padding to a multiple of 8; gives their length without the padding.
pub(crate) fn put_nxm(
    writer: &mut Writer<'_>,
    matching: &Match,
    cookie: CookieFilter,
    _version: Version,
) -> Result<u16, EncodeError> {
    put_padded(writer, matching, Rules::Match, cookie)
}

/// Writes what a packet comes with as NXM entries, and padding to a multiple of 8; gives their
/// length without the padding.
pub(crate) fn put_nxm_metadata(
    writer: &mut Writer<'_>,
    metadata: &Match,
    _version: Version,
) -> Result<u16, EncodeError> {
    put_padded(writer, metadata, Rules::Metadata, CookieFilter::default())
}

fn put_padded(
    writer: &mut Writer<'_>,
    matching: &Match,
    rules: Rules,
    cookie: CookieFilter,
) -> Result<u16, EncodeError> {
    let begin = writer.len();
    // In messages of later versions too the fields of such a list are those of NXM.
    put_entries(writer, matching, (rules, Form::Nxm), Version::OF10)?;
    if cookie.mask != 0 {
        put_cookie(writer, cookie);
    }
    let bytes = writer.len() - begin;
    let length =
        u16::try_from(bytes).map_err(|_| EncodeError::TooLong { structure: "nx_match", bytes })?;
    writer.align(begin);
    Ok(length)
}

fn put_cookie(writer: &mut Writer<'_>, cookie: CookieFilter) {
    let (class, number) = COOKIE;
    let has_mask = cookie.mask != u64::MAX;
    writer.u16(class.class());
    writer.u8(number << 1 | u8::from(has_mask));
    writer.u8(if has_mask { 16 } else { 8 });
    writer.u64(cookie.value & cookie.mask);
    if has_mask {
        writer.u64(cookie.mask);
    }
}

/// Which of several views of a place is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Oxm,
    Nxm,
}

fn put_entries(
    writer: &mut Writer<'_>,
    matching: &Match,
    (rules, form): (Rules, Form),
    version: Version,
) -> Result<(), EncodeError> {
    // As many bits as the match asks for must be told: else it asks for what has no form.
    let (total, mut told) = (matching.n_bits(), 0);
    let mut options = matching.tunnel_options().iter();
    for field in ORDER {
        if told == total {
            break;
        }
        if *field == Field::TunErspanIdx {
            options.try_for_each(|option| put_tunnel_option(writer, option, version))?;
            options = [].iter();
        }
        let Some(asked) = asked(matching, *field) else { continue };
        if *field == Field::PacketType && asked.0 == 0 && has_packet_field(matching) {
            // That there is an Ethernet header, any other field of the packet says too.
            told += field.ones().count_ones();
        } else if is_told(matching, *field, rules) {
            told += put_field(writer, matching, *field, asked, form, version)?;
        }
    }
    options.try_for_each(|option| put_tunnel_option(writer, option, version))?;
    if told != total && rules == Rules::Metadata {
        told += put_rest(writer, matching, form, version)?;
    }
    matching.opaque_fields().iter().for_each(|field| writer.slice(field));
    let cannot = EncodeError::Match { missing: matching.missing_prerequisite(), version };
    if told == total { Ok(()) } else { Err(cannot) }
}

/// Value and mask of a field that is asked for.
fn asked(matching: &Match, field: Field) -> Option<(u128, u128)> {
    matching.get(field).filter(|(_, mask)| *mask != 0)
}

/// Is it this field that the match asks for, of those that stand in the same place?
fn is_told(matching: &Match, field: Field, rules: Rules) -> bool {
    let prerequisite = field.prerequisite();
    match field {
        // In NXM a part of the priority may be asked for without a tag.
        Field::VlanPcp if asked(matching, Field::VlanVid).is_none() => true,
        // Of packets, the fields of the tracker need not be complete.
        _ if prerequisite == Prerequisite::Tracked && rules == Rules::Metadata => true,
        _ => matching.meets(prerequisite),
    }
}

/// Does the match ask for a field that not every packet has?
fn has_packet_field(matching: &Match) -> bool {
    let of_all = [Prerequisite::None, Prerequisite::InPort];
    ORDER.iter().any(|field| {
        !of_all.contains(&field.prerequisite())
            && asked(matching, *field).is_some()
            && is_told(matching, *field, Rules::Match)
    })
}

/// Writes fields of which the match does not say that the packets have them; of several in one
/// place the first.
fn put_rest(
    writer: &mut Writer<'_>,
    matching: &Match,
    form: Form,
    version: Version,
) -> Result<u32, EncodeError> {
    let mut rest = matching.clone();
    for field in ORDER.iter().filter(|field| is_told(matching, **field, Rules::Metadata)) {
        // With the id of a tag its priority has been told.
        rest.remove(if *field == Field::VlanVid { Field::VlanTci } else { *field });
    }
    let mut told = 0;
    for field in ORDER {
        if let Some(asked) = asked(&rest, *field) {
            told += put_field(writer, matching, *field, asked, form, version)?;
            rest.remove(*field);
        }
    }
    Ok(told)
}

/// Writes a field by the view of its place that the form has; gives the number of bits told.
fn put_field(
    writer: &mut Writer<'_>,
    matching: &Match,
    field: Field,
    (value, mask): (u128, u128),
    form: Form,
    version: Version,
) -> Result<u32, EncodeError> {
    match field {
        Field::VlanVid | Field::VlanPcp => {
            return put_tag(writer, matching, field, form, version);
        }
        Field::InPort if form == Form::Nxm => {
            let port = port_to_u16(PortNo(value as u32))?.into();
            put_entry(writer, Field::InPort16, port, Field::InPort16.ones(), version)?;
        }
        Field::IpDscp if form == Form::Nxm => {
            put_entry(writer, Field::NwTos, value << 2, mask << 2, version)?;
        }
        // Not all of their bits have a meaning. Open vSwitch does not ask for the others.
        Field::TunFlags | Field::CtState if mask & counted(field) != 0 => {
            put_masked(writer, field, value, Some(mask & counted(field)), version)?;
        }
        Field::CtState => {}
        _ => put_entry(writer, field, value, mask, version)?,
    }
    Ok(mask.count_ones())
}

/// Writes a part of a tag; gives the number of bits told.
fn put_tag(
    writer: &mut Writer<'_>,
    matching: &Match,
    field: Field,
    form: Form,
    version: Version,
) -> Result<u32, EncodeError> {
    let (value, mask) = matching.get(field).unwrap_or_default();
    let (tci, tci_mask) = matching.get(Field::VlanTci).unwrap_or_default();
    let (vid_mask, pcp_mask) = (tci_mask & 0x1fff, tci_mask >> 13);
    // Without a tag there is no priority; else OXM has it whole and behind an id.
    let untagged = vid_mask == 0x1fff && tci == 0;
    let told_by_oxm = pcp_mask == 0 || untagged || (pcp_mask == 7 && tci & 0x1000 != 0);
    if form == Form::Oxm && told_by_oxm {
        put_entry(writer, field, value, mask, version)?;
        return Ok(if untagged { tci_mask.count_ones() } else { mask.count_ones() });
    }
    // Both are parts of one field of NXM, which is written at the first.
    if field == Field::VlanPcp && vid_mask != 0 {
        return Ok(0);
    }
    put_entry(writer, Field::VlanTci, tci, tci_mask, version)?;
    Ok(tci_mask.count_ones())
}
