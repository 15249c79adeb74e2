//! `NXAST_ENCAP` and `NXAST_DECAP`.

use super::*;
use alloc::boxed::Box;
use alloc::vec::Vec;
use ovs_core::action::{Encap, EncapProperty, PacketType};

/// The class of properties of network service headers, and its types.
const NSH: u16 = 4;
const MD_TYPE: u8 = 1;
const TLV: u8 = 2;

pub(super) fn take_encap(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let header_size = body.u16()?;
    let packet_type = PacketType::from(body.u32()?);
    let known =
        [PacketType::ETHERNET, PacketType::NSH, PacketType::MPLS, PacketType::MPLS_MULTICAST];
    if !known.contains(&packet_type) {
        return Err(at.refuse(ErrorCode::NXBAC_BAD_HEADER_TYPE));
    }
    let mut properties = Vec::new();
    while !body.is_empty() {
        properties.push(take_property(body)?);
    }
    Ok(Action::Encap(Box::new(Encap { packet_type, header_size, properties })))
}

/// The longest piece of context that the property's length can say with its padding; a header
/// itself has room for 127 bytes.
const MAX_CONTEXT: u8 = 240;

/// A property: class 16 bits, type 8, length 8, which counts all of it but not the padding. Only
/// of a TLV it counts the padding of the value, too.
fn take_property(body: &mut Reader<'_>) -> Result<EncapProperty, DecodeError> {
    const BAD_LENGTH: ErrorCode = ErrorCode::OFPBAC_BAD_LEN;
    let at = body.clone();
    let mut ahead = body.clone();
    let class = ahead.u16()?;
    let [kind, length] = ahead.array()?;
    let length = usize::from(length);
    if length < 4 {
        return Err(at.refuse(BAD_LENGTH));
    }
    let mut padded = body.sub(length.next_multiple_of(8), "ofp_ed_prop_header", BAD_LENGTH)?;
    let mut property = padded.sub(length, "ofp_ed_prop_header", BAD_LENGTH)?;
    let whole = property.clone();
    property.skip(4)?;
    match (class, kind) {
        (NSH, MD_TYPE) if (5..=8).contains(&length) => match property.u8()? {
            md_type @ 1..=2 => Ok(EncapProperty::NshMdType(md_type)),
            _ => Err(at.refuse(ErrorCode::NXBAC_BAD_ED_PROP)),
        },
        (NSH, TLV) if length >= 8 => {
            let (class, [kind, size]) = (property.u16()?, property.array()?);
            if property.len() != usize::from(size).next_multiple_of(8) {
                return Err(at.refuse(ErrorCode::NXBAC_BAD_ED_PROP));
            }
            let value = property.slice(size.into())?.into();
            Ok(EncapProperty::NshTlv { class, kind, value })
        }
        (NSH, MD_TYPE | TLV) => Err(at.refuse(ErrorCode::NXBAC_BAD_ED_PROP)),
        _ => Ok(EncapProperty::Opaque(whole.peek().into())),
    }
}

pub(super) fn take_decap(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    body.skip(2)?;
    let packet_type = PacketType::from(body.u32()?);
    if !body.is_empty() {
        return Err(body.refuse(ErrorCode::NXBAC_UNKNOWN_ED_PROP));
    }
    let next = (packet_type != PacketType::USE_NEXT_PROTO).then_some(packet_type);
    Ok(Action::Decap(next))
}

pub(super) fn put_encap(writer: &mut Writer<'_>, encap: &Encap) -> Result<(), EncodeError> {
    put_nicira(writer, ENCAP, |writer| {
        writer.u16(encap.header_size);
        writer.u32(encap.packet_type.into());
        encap.properties.iter().try_for_each(|property| put_property(writer, property))
    })
}

fn put_property(writer: &mut Writer<'_>, property: &EncapProperty) -> Result<(), EncodeError> {
    let begin = writer.len();
    match property {
        EncapProperty::NshMdType(md_type) => {
            writer.u16(NSH);
            writer.slice(&[MD_TYPE, 5, *md_type]);
        }
        EncapProperty::NshTlv { class, kind, value } => {
            let size = u8::try_from(value.len()).ok().filter(|size| *size <= MAX_CONTEXT);
            let size = size.ok_or(EncodeError::TooLarge {
                what: "size of an NSH context",
                value: value.len() as u64,
                max: MAX_CONTEXT.into(),
            })?;
            writer.u16(NSH);
            writer.slice(&[TLV, 8 + size.next_multiple_of(8)]);
            writer.u16(*class);
            writer.slice(&[*kind, size]);
            writer.slice(value);
        }
        EncapProperty::Opaque(bytes) => writer.slice(bytes),
        _ => {
            let version = Version::OF13;
            return Err(EncodeError::NotInVersion { what: "this property", version });
        }
    }
    writer.align(begin);
    Ok(())
}

pub(super) fn put_decap(
    writer: &mut Writer<'_>,
    next: Option<PacketType>,
) -> Result<(), EncodeError> {
    put_nicira(writer, DECAP, |writer| {
        writer.zeros(2);
        writer.u32(next.unwrap_or(PacketType::USE_NEXT_PROTO).into());
        Ok(())
    })
}
