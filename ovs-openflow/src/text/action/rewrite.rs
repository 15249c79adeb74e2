//! Changes of fields.

use super::{Context, Read};
use crate::text::error::{Complaint, ParseError};
use crate::text::field::{
    self, ShowSubfield, read_ipv4_address, read_mac_address, read_masked, read_name, read_option,
    read_part, read_prefix, read_subfield, show_option, show_value,
};
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::action::{Action, Subfield};
use ovs_core::field::Field;
use ovs_core::key::Mac;
use ovs_core::matching::TunnelOption;

/// In `vlan_vid`: there is a tag.
const TAG_PRESENT: u128 = 0x1000;
/// Bits that a `load` has room for.
const LOAD_BITS: u16 = 64;

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "set_field" => read_set_field(context.syntax, value),
        "move" => read_move(value),
        "push" => read_subfield(value).map(Action::StackPush),
        "pop" => read_subfield(value).map(Action::StackPop),
        "mod_vlan_vid" => read_vid(value).map(Action::SetVlanVid),
        "mod_vlan_pcp" => bits(value, 3).map(Action::SetVlanPcp),
        // The names of OpenFlow 1.1, which have no message of their own in other versions.
        "set_vlan_vid" => {
            read_vid(value).map(|vid| set_whole(Field::VlanVid, TAG_PRESENT | u128::from(vid)))
        }
        "set_vlan_pcp" => bits(value, 3).map(|pcp| set_whole(Field::VlanPcp, pcp.into())),
        "mod_dl_src" => read_mac(value).map(Action::SetEthSrc),
        "mod_dl_dst" => read_mac(value).map(Action::SetEthDst),
        "mod_nw_src" => read_ipv4_address(value).map(Action::SetIpv4Src),
        "mod_nw_dst" => read_ipv4_address(value).map(Action::SetIpv4Dst),
        "mod_nw_tos" => read_tos(value).map(Action::SetIpTos),
        "mod_nw_ecn" => bits(value, 2).map(Action::SetIpEcn),
        "mod_nw_ttl" | "set_nw_ttl" => number::byte(value).map(Action::SetIpTtl),
        "mod_tp_src" => number::short(value).map(Action::SetTpSrc),
        "mod_tp_dst" => number::short(value).map(Action::SetTpDst),
        _ => return None,
    })
}

fn set_whole(field: Field, value: u128) -> Action {
    Action::SetField { field, value, mask: field.ones() }
}

/// Reads a number of so few bits.
pub(super) fn bits(value: Piece<'_>, n_bits: u8) -> Result<u8, ParseError> {
    let max = (1u8 << n_bits) - 1;
    match number::byte(value)? {
        number if number > max => Err(value.error(Complaint::TooLarge { max: max.into() })),
        number => Ok(number),
    }
}

fn read_vid(value: Piece<'_>) -> Result<u16, ParseError> {
    match number::short(value)? {
        vid @ 0..=0xfff => Ok(vid),
        _ => Err(value.error(Complaint::TooLarge { max: 0xfff })),
    }
}

fn read_tos(value: Piece<'_>) -> Result<u8, ParseError> {
    match number::byte(value)? {
        tos if tos & 3 == 0 => Ok(tos),
        _ => Err(value.refused("has one of the lower two bits, which are not of the TOS")),
    }
}

fn read_mac(value: Piece<'_>) -> Result<Mac, ParseError> {
    let [.., a, b, c, d, e, f] = read_mac_address(value)?.to_be_bytes();
    Ok(Mac([a, b, c, d, e, f]))
}

/// `VALUE[/MASK]->FIELD`.
fn read_set_field(syntax: Syntax<'_>, text: Piece<'_>) -> Read {
    let (value, name) = text.split_once("->").ok_or_else(|| text.missing("`->`"))?;
    match name.text {
        "" => return Err(name.missing("a field")),
        // What OpenFlow 1.0 calls them.
        "dl_vlan" => {
            let vid = read_vid(value)?;
            return Ok(set_whole(Field::VlanVid, TAG_PRESENT | u128::from(vid)));
        }
        "dl_vlan_pcp" => return bits(value, 3).map(|pcp| set_whole(Field::VlanPcp, pcp.into())),
        _ => {}
    }
    let field = read_name(name)?;
    if !field.can_be_set() {
        return Err(name.refused("can only be read"));
    }
    if field.is_tunnel_option() {
        let option = read_option(field, value)?;
        let masked = value.text.contains('/');
        let option = if masked { option.partial() } else { option };
        return Ok(Action::SetTunnelOption(Box::new(option)));
    }
    if value.is_empty() {
        return Err(value.missing("a value"));
    }
    if field == Field::NwTos {
        return read_tos(value).map(|tos| set_whole(field, tos.into()));
    }
    let (bits, mask) = read_masked(syntax, field, value)?;
    let is_valid = match field {
        Field::NshTtl => bits <= 63,
        Field::ArpOp => bits <= 0xff,
        _ => true,
    };
    if is_valid {
        Ok(Action::SetField { field, value: bits, mask })
    } else {
        Err(value.refused("is no value for the field"))
    }
}

/// `VALUE->FIELD[BITS]`: as many loads as have room for the bits.
pub(super) fn read_load(text: Piece<'_>, out: &mut Vec<Action>) -> Result<(), ParseError> {
    let (value, destination) = text.split_once("->").ok_or_else(|| text.missing("`->`"))?;
    let destination = read_subfield(destination)?;
    let (field, start, n_bits) = (destination.field(), destination.start(), destination.n_bits());
    let value = read_part(value, n_bits)?;
    let mut done = 0;
    while done < n_bits {
        let n_bits = (n_bits - done).min(LOAD_BITS);
        let part = value.checked_shr(done.into()).unwrap_or(0) as u64;
        let ones = u64::MAX >> (LOAD_BITS - n_bits);
        // The bits are some of those that `destination` has.
        if let Ok(destination) = Subfield::new(field, start + done, n_bits) {
            out.push(Action::Load { destination, value: part & ones });
        }
        done += n_bits;
    }
    Ok(())
}

/// `FIELD[BITS]->FIELD[BITS]`.
pub(super) fn read_copy(text: Piece<'_>) -> Result<(Subfield, Subfield), ParseError> {
    let (source, rest) = read_prefix(text)?;
    if !rest.text.starts_with("->") {
        return Err(rest.expected("`->` and a field"));
    }
    let to = rest.from(2);
    let destination = read_subfield(to)?;
    if source.n_bits() != destination.n_bits() {
        return Err(to.refused("has another width than what is copied to it"));
    }
    Ok((source, destination))
}

fn read_move(text: Piece<'_>) -> Read {
    read_copy(text).map(|(source, destination)| Action::Move { source, destination })
}

pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    action: &Action,
) -> Option<fmt::Result> {
    Some(match action {
        Action::SetField { field, value, mask } | Action::Load2 { field, value, mask } => {
            show_set_field(f, syntax, *field, *value, *mask)
        }
        Action::SetTunnelOption(option) => show_set_option(f, option),
        Action::Load { destination, value: 0 } => {
            write!(f, "load:0->{}", ShowSubfield(*destination))
        }
        Action::Load { destination, value } => {
            write!(f, "load:{value:#x}->{}", ShowSubfield(*destination))
        }
        Action::Move { source, destination } | Action::CopyField { source, destination } => {
            write!(f, "move:{}->{}", ShowSubfield(*source), ShowSubfield(*destination))
        }
        Action::StackPush(source) => write!(f, "push:{}", ShowSubfield(*source)),
        Action::StackPop(destination) => write!(f, "pop:{}", ShowSubfield(*destination)),
        Action::SetVlanVid(vid) => write!(f, "mod_vlan_vid:{vid}"),
        Action::SetVlanPcp(pcp) => write!(f, "mod_vlan_pcp:{pcp}"),
        Action::SetEthSrc(address) => write!(f, "mod_dl_src:{address}"),
        Action::SetEthDst(address) => write!(f, "mod_dl_dst:{address}"),
        Action::SetIpv4Src(address) => write!(f, "mod_nw_src:{address}"),
        Action::SetIpv4Dst(address) => write!(f, "mod_nw_dst:{address}"),
        Action::SetIpTos(tos) => write!(f, "mod_nw_tos:{tos}"),
        Action::SetIpEcn(ecn) => write!(f, "mod_nw_ecn:{ecn}"),
        Action::SetIpTtl(ttl) => write!(f, "mod_nw_ttl:{ttl}"),
        Action::SetTpSrc(port) => write!(f, "mod_tp_src:{port}"),
        Action::SetTpDst(port) => write!(f, "mod_tp_dst:{port}"),
        _ => return None,
    })
}

fn show_set_field(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    field: Field,
    value: u128,
    mask: u128,
) -> fmt::Result {
    f.write_str("set_field:")?;
    show_value(f, syntax, field, value, mask)?;
    write!(f, "->{}", field::name(field))
}

fn show_set_option(f: &mut fmt::Formatter<'_>, option: &TunnelOption) -> fmt::Result {
    f.write_str("set_field:")?;
    show_option(f, option)?;
    write!(f, "->{}", field::name(option.field()))
}
