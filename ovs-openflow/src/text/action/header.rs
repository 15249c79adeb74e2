//! Headers that are put on, taken off, or counted down.

use super::rewrite::bits;
use super::{Read, alone};
use crate::text::error::{Complaint, ParseError};
use crate::text::field::{show_bytes_number, show_hex};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::action::{Action, Encap, EncapProperty, PacketType};

/// Headers that can be put around a packet.
const ENCAPSULATIONS: [(&str, PacketType); 4] = [
    ("ethernet", PacketType::ETHERNET),
    ("nsh", PacketType::NSH),
    ("mpls", PacketType::MPLS),
    ("mpls_mc", PacketType::MPLS_MULTICAST),
];
/// Bytes of a value in the context of a network service header.
const MAX_TLV: usize = 125;

pub(super) fn read(name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "push_vlan" => match number::short(value) {
            Ok(0x8100 | 0x88a8) | Err(_) => number::short(value).map(Action::PushVlan),
            Ok(_) => Err(value.refused("is no Ethernet type of a VLAN tag")),
        },
        "strip_vlan" => alone(Action::StripVlan, value),
        "pop_vlan" => alone(Action::PopVlan, value),
        "push_mpls" => number::short(value).map(Action::PushMpls),
        "pop_mpls" => number::short(value).map(Action::PopMpls),
        "set_mpls_label" => match number::word(value) {
            Ok(0x10_0000..) => Err(value.error(Complaint::TooLarge { max: 0xf_ffff })),
            label => label.map(Action::SetMplsLabel),
        },
        "set_mpls_tc" => bits(value, 3).map(Action::SetMplsTc),
        "set_mpls_ttl" => number::byte(value).map(Action::SetMplsTtl),
        "dec_mpls_ttl" => alone(Action::DecMplsTtl, value),
        "push_pbb" => number::short(value).map(Action::PushPbb),
        "pop_pbb" => alone(Action::PopPbb, value),
        "dec_ttl" => read_dec_ttl(value),
        "copy_ttl_in" => alone(Action::CopyTtlIn, value),
        "copy_ttl_out" => alone(Action::CopyTtlOut, value),
        "dec_nsh_ttl" => alone(Action::DecNshTtl, value),
        "encap" => read_encap(value),
        "decap" => read_decap(value),
        _ => return None,
    })
}

fn read_dec_ttl(mut value: Piece<'_>) -> Read {
    let mut controllers = Vec::new();
    if value.is_empty() {
        return Ok(Action::DecIpTtl { controllers });
    }
    let whole = value;
    while let Some(id) = value.token(", ") {
        controllers.push(number::decimal(id, u16::MAX.into())? as u16);
    }
    match controllers.is_empty() {
        true => Err(whole.missing("the id of a controller")),
        false => Ok(Action::DecIpTtl { controllers }),
    }
}

fn read_encap(value: Piece<'_>) -> Read {
    let Some(Pair { key, value: properties }) = value.pairs().next() else {
        return Err(value.missing("a header"));
    };
    let known = ENCAPSULATIONS.iter().find(|(name, _)| *name == key.text);
    let expected = || key.expected("`ethernet`, `nsh`, `mpls` or `mpls_mc`");
    let packet_type = known.map(|(_, packet_type)| *packet_type);
    let packet_type =
        packet_type.or_else(|| other_packet_type(key, properties)).ok_or_else(expected)?;
    let mut encap = Encap { packet_type, header_size: 0, properties: Vec::new() };
    if known.is_none() {
        return Ok(Action::Encap(Box::new(encap)));
    }
    for Pair { key, value } in properties.pairs() {
        let property = match (packet_type, key.text) {
            (_, "opaque") => EncapProperty::Opaque(number::read_bytes(value)?.into()),
            (PacketType::NSH, "md_type") => match number::byte(value)? {
                md_type @ 1..=2 => EncapProperty::NshMdType(md_type),
                _ => return Err(value.expected("1 or 2")),
            },
            (PacketType::NSH, "tlv") => read_tlv(value)?,
            _ => return Err(key.expected("a property of this header")),
        };
        encap.properties.push(property);
    }
    Ok(Action::Encap(Box::new(encap)))
}

/// `packet_type=(NAMESPACE,TYPE)`, for a header that has no name.
fn other_packet_type(key: Piece<'_>, value: Piece<'_>) -> Option<PacketType> {
    let numbers = value.text.strip_prefix('(')?.strip_suffix(')')?;
    let (namespace, number) = value.cut(1..1 + numbers.len()).split_once(",")?;
    let (namespace, number) = (number::short(namespace).ok()?, number::short(number).ok()?);
    (key.text == "packet_type").then_some(PacketType { namespace, number })
}

/// `0xCLASS,TYPE,0xVALUE`.
fn read_tlv(value: Piece<'_>) -> Result<EncapProperty, ParseError> {
    let expected = || value.expected("`0xCLASS,TYPE,0xVALUE`");
    let mut rest = value;
    let (class, kind, bytes) = (rest.field(','), rest.field(','), rest);
    if !class.text.starts_with("0x") || !bytes.text.starts_with("0x") {
        return Err(expected());
    }
    let (class, kind) = (number::short(class)?, number::byte(kind)?);
    let bytes = bytes.from(2);
    let mut content = Vec::new();
    let digits = bytes.text.len() % 2;
    let rest = match bytes.text.get(..digits).filter(|first| !first.is_empty()) {
        // An odd number of digits: zeros in front are not written.
        Some(first) => {
            content.push(u8::from_str_radix(first, 16).map_err(|_| expected())?);
            number::hex_bytes(bytes.from(1), |byte| content.push(byte))
        }
        None => number::hex_bytes(bytes, |byte| content.push(byte)),
    };
    if !rest.is_empty() {
        return Err(expected());
    }
    if content.len() > MAX_TLV {
        return Err(bytes.refused("has more than 125 bytes"));
    }
    Ok(EncapProperty::NshTlv { class, kind, value: content.into() })
}

/// `packet_type(ns=NAMESPACE,type=TYPE)`, or nothing.
fn read_decap(value: Piece<'_>) -> Read {
    let Some(Pair { key, value: parts }) = value.pairs().next() else {
        return Ok(Action::Decap(None));
    };
    let mut pairs = parts.pairs();
    let named = |pair: Option<Pair<'_>>, name| pair.is_some_and(|pair| pair.key.text == name);
    let (namespace, number) = (pairs.next(), pairs.next());
    let (Some(ns), Some(kind)) = (namespace, number) else {
        return Err(key.expected("`packet_type(ns=NAMESPACE,type=TYPE)`"));
    };
    if key.text != "packet_type" || !named(namespace, "ns") || !named(number, "type") {
        return Err(key.expected("`packet_type(ns=NAMESPACE,type=TYPE)`"));
    }
    let (namespace, number) = (bits(ns.value, 1)?, number::short(kind.value)?);
    let packet_type = PacketType { namespace: namespace.into(), number };
    Ok(Action::Decap(Some(packet_type).filter(|known| *known != PacketType::USE_NEXT_PROTO)))
}

pub(super) fn show(f: &mut fmt::Formatter<'_>, action: &Action) -> Option<fmt::Result> {
    Some(match action {
        Action::PushVlan(eth_type) => write!(f, "push_vlan:{eth_type:#x}"),
        Action::StripVlan => f.write_str("strip_vlan"),
        Action::PopVlan => f.write_str("pop_vlan"),
        Action::PushMpls(eth_type) => write!(f, "push_mpls:{eth_type:#06x}"),
        Action::PopMpls(eth_type) => write!(f, "pop_mpls:{eth_type:#06x}"),
        Action::SetMplsLabel(label) => write!(f, "set_mpls_label({label})"),
        Action::SetMplsTc(tc) => write!(f, "set_mpls_tc({tc})"),
        Action::SetMplsTtl(ttl) => write!(f, "set_mpls_ttl({ttl})"),
        Action::DecMplsTtl => f.write_str("dec_mpls_ttl"),
        Action::PushPbb(eth_type) => write!(f, "push_pbb:{eth_type:#06x}"),
        Action::PopPbb => f.write_str("pop_pbb"),
        Action::DecIpTtl { controllers } => show_dec_ttl(f, controllers),
        Action::CopyTtlIn => f.write_str("copy_ttl_in"),
        Action::CopyTtlOut => f.write_str("copy_ttl_out"),
        Action::DecNshTtl => f.write_str("dec_nsh_ttl"),
        Action::Encap(encap) => show_encap(f, encap),
        Action::Decap(None) => f.write_str("decap()"),
        Action::Decap(Some(packet_type)) => show_decap(f, *packet_type),
        _ => return None,
    })
}

fn show_decap(f: &mut fmt::Formatter<'_>, packet_type: PacketType) -> fmt::Result {
    write!(f, "decap(packet_type(ns={},type=", packet_type.namespace)?;
    show_hex(f, packet_type.number.into())?;
    f.write_str("))")
}

fn show_dec_ttl(f: &mut fmt::Formatter<'_>, controllers: &[u16]) -> fmt::Result {
    f.write_str("dec_ttl")?;
    for (n, id) in controllers.iter().enumerate() {
        write!(f, "{}{id}", if n == 0 { "(" } else { "," })?;
    }
    f.write_str(if controllers.is_empty() { "" } else { ")" })
}

fn show_encap(f: &mut fmt::Formatter<'_>, encap: &Encap) -> fmt::Result {
    let known = ENCAPSULATIONS.iter().find(|(_, known)| *known == encap.packet_type);
    let PacketType { namespace, number } = encap.packet_type;
    match known {
        Some((name, _)) => write!(f, "encap({name}")?,
        None => return write!(f, "encap(packet_type=({namespace},{number:#x}))"),
    }
    if encap.properties.is_empty() {
        return f.write_str(")");
    }
    f.write_str("(")?;
    let mut separator = "";
    for property in &encap.properties {
        f.write_str(separator)?;
        separator = ",";
        match property {
            EncapProperty::NshMdType(md_type) => write!(f, "md_type={md_type}")?,
            EncapProperty::NshTlv { class, kind, value } => {
                write!(f, "tlv({class:#06x},{kind},")?;
                show_bytes_number(f, value)?;
                f.write_str(")")?;
            }
            EncapProperty::Opaque(bytes) => {
                f.write_str("opaque=")?;
                number::show_bytes(f, bytes)?;
            }
            // A property that is newer than this.
            other => write!(f, "{other:?}")?,
        }
    }
    f.write_str("))")
}
