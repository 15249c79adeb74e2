//! Lists of entries: matches.

use super::entry::{put_entry, put_tunnel_option, take_header, take_tunnel_option, take_value};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::field::{Field, OxmClass};
use ovs_core::flow::CookieFilter;
use ovs_core::matching::Match;

/// `OFPMT_OXM`, the type of a `struct ofp_match` (OpenFlow 1.3.5 §7.2.3.1).
const OXM: u16 = 1;

/// In lists of NXM entries, the pseudo-field for a cookie: `NXM_NX_COOKIE`. It has its number from
/// `mpls_ttl`, but a length of 8.
const COOKIE: (OxmClass, u8) = (OxmClass::NXM_NX, 30);

/// Reads a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn take_match(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
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
    take_entries(&mut entries, None)
}

/// Reads `length` bytes of NXM entries and the padding to a multiple of 8. The pseudo-field
/// `NXM_NX_COOKIE` in them becomes the filter.
pub(crate) fn take_nxm(
    reader: &mut Reader<'_>,
    length: u16,
) -> Result<(Match, CookieFilter), DecodeError> {
    let padded = usize::from(length).next_multiple_of(8);
    let mut at = reader.clone().named("nx_match", ErrorCode::OFPBMC_BAD_LEN);
    let mut whole = at.sub(padded, "nx_match", ErrorCode::OFPBMC_BAD_LEN)?;
    reader.skip(padded)?;
    let mut entries = whole.sub(length.into(), "nxm", ErrorCode::OFPBMC_BAD_LEN)?;
    let mut cookie = CookieFilter::default();
    let matching = take_entries(&mut entries, Some(&mut cookie))?;
    Ok((matching, cookie))
}

/// Reads entries without anything around them until the reader is empty.
pub(crate) fn take_bare(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    let mut entries = reader.clone().named("oxm", ErrorCode::OFPBMC_BAD_LEN);
    let matching = take_entries(&mut entries, None)?;
    *reader = entries;
    Ok(matching)
}

/// Writes entries without anything around them.
pub(crate) fn put_bare(
    writer: &mut Writer<'_>,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    put_entries(writer, matching, Form::Oxm, version)
}

/// Reads entries until the reader is empty. Only where there is a place for it, a cookie is one.
fn take_entries(
    reader: &mut Reader<'_>,
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
                let (value, mask) = take_value(reader, header, field)?;
                add(&mut matching, &at, field, value, mask)?;
            }
            (_, None) => {
                reader.skip(header.length.into())?;
                let length = reader.offset() - at.offset();
                let bytes = at.peek().get(..length).unwrap_or_default();
                matching = matching.with_opaque_field(bytes);
            }
        }
    }
    Ok(matching)
}

fn add(
    matching: &mut Match,
    at: &Reader<'_>,
    field: Field,
    value: u128,
    mask: u128,
) -> Result<(), DecodeError> {
    if !matching.meets(field.prerequisite()) {
        return Err(at.refuse(ErrorCode::OFPBMC_BAD_PREREQ));
    }
    // The port of NXM is the lower half of OXM's.
    let view = if field == Field::InPort16 { Field::InPort } else { field };
    if matching.get(view).is_some_and(|(_, mask)| mask != 0) {
        return Err(at.refuse(ErrorCode::OFPBMC_DUP_FIELD));
    }
    matching.set(field, value, mask).map_err(|_| at.refuse(ErrorCode::OFPBMC_BAD_MASK))
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

/// Writes a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn put_match(
    writer: &mut Writer<'_>,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u16(OXM);
    let length = writer.open(begin);
    put_entries(writer, matching, Form::Oxm, version)?;
    writer.close(length, "ofp_match")?;
    writer.align(begin);
    Ok(())
}

/// Writes NXM entries, and padding to a multiple of 8; gives their length without the padding.
pub(crate) fn put_nxm(
    writer: &mut Writer<'_>,
    matching: &Match,
    cookie: CookieFilter,
    version: Version,
) -> Result<u16, EncodeError> {
    let begin = writer.len();
    // In later versions too the fields of the list are those of NXM.
    let _ = version;
    put_entries(writer, matching, Form::Nxm, Version::OF10)?;
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

/// The fields in the order in which Open vSwitch writes them; what one needs stands before it. Of
/// several views of one place, that of OXM stands here.
const ORDER: &[Field] = &[
    Field::PacketType,
    Field::DpHash,
    Field::RecircId,
    Field::ConjId,
    Field::InPort,
    Field::InPhyPort,
    Field::ActsetOutput,
    Field::EthSrc,
    Field::EthDst,
    Field::EthType,
    Field::VlanVid,
    Field::VlanPcp,
    Field::MplsTc,
    Field::MplsBos,
    Field::MplsTtl,
    Field::MplsLabel,
    Field::PbbIsid,
    Field::PbbUca,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Src,
    Field::Ipv6Dst,
    Field::IpFrag,
    Field::IpDscp,
    Field::IpEcn,
    Field::IpTtl,
    Field::Ipv6Label,
    Field::Ipv6Exthdr,
    Field::IpProto,
    Field::TcpSrc,
    Field::TcpDst,
    Field::TcpFlags,
    Field::UdpSrc,
    Field::UdpDst,
    Field::SctpSrc,
    Field::SctpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Field::Icmpv6Type,
    Field::Icmpv6Code,
    Field::NdReserved,
    Field::NdTarget,
    Field::NdOptionsType,
    Field::NdSll,
    Field::NdTll,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::ArpSha,
    Field::ArpTha,
    Field::TunId,
    Field::TunFlags,
    Field::TunSrc,
    Field::TunDst,
    Field::TunIpv6Src,
    Field::TunIpv6Dst,
    Field::TunGbpId,
    Field::TunGbpFlags,
    // Tunnel metadata stands here.
    Field::TunErspanIdx,
    Field::TunErspanVer,
    Field::TunErspanDir,
    Field::TunErspanHwid,
    Field::TunGtpuFlags,
    Field::TunGtpuMsgtype,
    Field::NshFlags,
    Field::NshTtl,
    Field::NshMdtype,
    Field::NshNp,
    Field::NshSpi,
    Field::NshSi,
    Field::NshC1,
    Field::NshC2,
    Field::NshC3,
    Field::NshC4,
    Field::Reg0,
    Field::Reg1,
    Field::Reg2,
    Field::Reg3,
    Field::Reg4,
    Field::Reg5,
    Field::Reg6,
    Field::Reg7,
    Field::Reg8,
    Field::Reg9,
    Field::Reg10,
    Field::Reg11,
    Field::Reg12,
    Field::Reg13,
    Field::Reg14,
    Field::Reg15,
    Field::PktMark,
    Field::CtState,
    Field::CtZone,
    Field::CtMark,
    Field::CtLabel,
    Field::CtNwSrc,
    Field::CtIpv6Src,
    Field::CtNwDst,
    Field::CtIpv6Dst,
    Field::CtNwProto,
    Field::CtTpSrc,
    Field::CtTpDst,
    Field::Metadata,
];

fn put_entries(
    writer: &mut Writer<'_>,
    matching: &Match,
    form: Form,
    version: Version,
) -> Result<(), EncodeError> {
    // As many bits as the match asks for must be written: else it asks for what has no form.
    let mut left = matching.n_bits();
    let mut options = matching.tunnel_options().iter();
    for field in ORDER {
        if left == 0 {
            break;
        }
        if *field == Field::TunErspanIdx {
            options.try_for_each(|option| put_tunnel_option(writer, option, version))?;
            options = [].iter();
        }
        if let Some((value, mask)) = matching.get(*field).filter(|(_, mask)| *mask != 0) {
            // In NXM a part of the priority may be asked for without a tag.
            let alone = *field == Field::VlanPcp
                && matching.get(Field::VlanTci).is_some_and(|(_, mask)| mask & 0x1fff == 0);
            if alone || matching.meets(field.prerequisite()) {
                left -= put_field(writer, matching, *field, (value, mask), form, version)?;
            }
        }
    }
    options.try_for_each(|option| put_tunnel_option(writer, option, version))?;
    matching.opaque_fields().iter().for_each(|field| writer.slice(field));
    if left == 0 { Ok(()) } else { Err(EncodeError::NotInVersion { what: "this match", version }) }
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
    let bits = mask.count_ones();
    match field {
        Field::VlanVid | Field::VlanPcp => {
            let (tci, tci_mask) = matching.get(Field::VlanTci).unwrap_or_default();
            let (vid_mask, pcp_mask) = (tci_mask & 0x1fff, tci_mask >> 13);
            let is_vid = field == Field::VlanVid;
            // Without a tag there is no priority; else OXM has it whole and behind an id.
            let untagged = vid_mask == 0x1fff && tci == 0;
            let told_by_oxm = pcp_mask == 0 || untagged || (pcp_mask == 7 && tci & 0x1000 != 0);
            if form == Form::Oxm && told_by_oxm {
                put_entry(writer, field, value, mask, version)?;
                return Ok(if untagged { tci_mask.count_ones() } else { bits });
            }
            // Both are parts of one field of NXM, which is written at the first.
            if is_vid || vid_mask == 0 {
                put_entry(writer, Field::VlanTci, tci, tci_mask, version)?;
                return Ok(tci_mask.count_ones());
            }
            return Ok(0);
        }
        Field::InPort if form == Form::Nxm => {
            let port =
                u128::from(crate::codec::scalar::port_to_u16(ovs_core::PortNo(value as u32))?);
            put_entry(writer, Field::InPort16, port, Field::InPort16.ones(), version)?;
        }
        Field::IpDscp if form == Form::Nxm => {
            put_entry(writer, Field::NwTos, value << 2, mask << 2, version)?;
        }
        _ => put_entry(writer, field, value, mask, version)?,
    }
    Ok(bits)
}
