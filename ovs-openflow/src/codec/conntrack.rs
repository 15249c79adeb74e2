//! `NXT_CT_FLUSH`.

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{CtFlush, CtTuple};
use crate::wire::{Reader, Writer};
use core::net::{IpAddr, Ipv6Addr};

const ORIGINAL: u16 = 0;
const REPLY: u16 = 1;
const ZONE: u16 = 2;

const SOURCE: u16 = 0;
const DESTINATION: u16 = 1;
const SOURCE_PORT: u16 = 2;
const DESTINATION_PORT: u16 = 3;
const ICMP_ID: u16 = 4;
const ICMP_TYPE: u16 = 5;
const ICMP_CODE: u16 = 6;

pub(super) fn take(reader: &mut Reader<'_>) -> Result<CtFlush, DecodeError> {
    let mut flush = CtFlush { ip_proto: reader.u8()?, ..CtFlush::default() };
    reader.zeros_of(7, ErrorCode::NXBRC_MUST_BE_ZERO)?;
    while !reader.is_empty() {
        let at = reader.clone();
        let (kind, mut property) = reader.property()?;
        match kind {
            ORIGINAL => flush.original = take_tuple(&mut property)?,
            REPLY => flush.reply = take_tuple(&mut property)?,
            ZONE => {
                // Behind small numbers there may be padding that the length counts.
                flush.zone = Some(property.u16()?);
            }
            _ => return Err(at.refuse(ErrorCode::OFPBPC_BAD_TYPE)),
        }
    }
    let tuples = [&flush.original, &flush.reply];
    let families = tuples.map(|tuple| tuple.source.or(tuple.destination).map(|a| a.is_ipv4()));
    let mixed = matches!(families, [Some(a), Some(b)] if a != b);
    if mixed || !tuples.into_iter().all(is_consistent) {
        return Err(reader.refuse(ErrorCode::OFPBPC_BAD_VALUE));
    }
    Ok(flush)
}

/// Properties in a property, behind 4 bytes of padding.
fn take_tuple(reader: &mut Reader<'_>) -> Result<CtTuple, DecodeError> {
    let mut tuple = CtTuple::default();
    reader.skip(4)?;
    while !reader.is_empty() {
        let at = reader.clone();
        let (kind, mut property) = reader.property()?;
        match kind {
            SOURCE => tuple.source = Some(take_address(&mut property)?),
            DESTINATION => tuple.destination = Some(take_address(&mut property)?),
            SOURCE_PORT => tuple.source_port = Some(property.u16()?),
            DESTINATION_PORT => tuple.destination_port = Some(property.u16()?),
            ICMP_ID => tuple.icmp_id = Some(property.u16()?),
            ICMP_TYPE => tuple.icmp_type = Some(property.u8()?),
            ICMP_CODE => tuple.icmp_code = Some(property.u8()?),
            _ => return Err(at.refuse(ErrorCode::OFPBPC_BAD_TYPE)),
        }
    }
    Ok(tuple)
}

/// IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2).
fn take_address(property: &mut Reader<'_>) -> Result<IpAddr, DecodeError> {
    let address = property.array::<16>()?;
    property.end()?;
    Ok(IpAddr::V6(Ipv6Addr::from(address)).to_canonical())
}

/// Are both addresses of IPv4 or of IPv6, as far as they are there?
fn is_consistent(tuple: &CtTuple) -> bool {
    let given = |address: Option<IpAddr>| address.filter(|address| !address.is_unspecified());
    match (given(tuple.source), given(tuple.destination)) {
        (Some(source), Some(destination)) => source.is_ipv4() == destination.is_ipv4(),
        _ => true,
    }
}

pub(super) fn put(writer: &mut Writer<'_>, flush: &CtFlush) -> Result<(), EncodeError> {
    writer.u8(flush.ip_proto);
    writer.zeros(7);
    if let Some(zone) = flush.zone {
        property(writer, ZONE, &padded(zone))?;
    }
    put_tuple(writer, ORIGINAL, &flush.original)?;
    put_tuple(writer, REPLY, &flush.reply)
}

fn put_tuple(writer: &mut Writer<'_>, kind: u16, tuple: &CtTuple) -> Result<(), EncodeError> {
    if *tuple == CtTuple::default() {
        return Ok(());
    }
    let begin = writer.len();
    writer.u16(kind);
    let length = writer.open(begin);
    writer.zeros(4);
    for (kind, address) in [(SOURCE, tuple.source), (DESTINATION, tuple.destination)] {
        if let Some(address) = address {
            let mapped = match address {
                IpAddr::V4(address) => address.to_ipv6_mapped(),
                IpAddr::V6(address) => address,
            };
            property(writer, kind, &mapped.octets())?;
        }
    }
    let ports = [
        (SOURCE_PORT, tuple.source_port),
        (DESTINATION_PORT, tuple.destination_port),
        (ICMP_ID, tuple.icmp_id),
    ];
    for (kind, number) in ports {
        if let Some(number) = number {
            property(writer, kind, &padded(number))?;
        }
    }
    for (kind, number) in [(ICMP_TYPE, tuple.icmp_type), (ICMP_CODE, tuple.icmp_code)] {
        if let Some(number) = number {
            property(writer, kind, &[number])?;
        }
    }
    writer.close(length, "nx_ct_flush_tuple")?;
    writer.align(begin);
    Ok(())
}

/// A property of 16 bits has 32, of which the first half counts.
fn padded(number: u16) -> [u8; 4] {
    (u32::from(number) << 16).to_be_bytes()
}

fn property(writer: &mut Writer<'_>, kind: u16, value: &[u8]) -> Result<(), EncodeError> {
    writer.property(kind, value, "nx_ct_flush_tlv")
}
