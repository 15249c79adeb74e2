//! Connection tracking: `ct`, `nat` and `ct_clear`.

use super::{Context, Read, Within, alone};
use crate::text::error::ParseError;
use crate::text::field::{
    ShowSubfield, read_ipv4_address, read_ipv6_address, read_subfield, show_ipv6_address,
};
use crate::text::matching::Commas;
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::RangeInclusive;
use ovs_core::TableId;
use ovs_core::action::{Action, AddressRange, Ct, CtFlags, CtZone, Nat, NatFlags};

/// Ports of the protocols that can be helped.
const FTP: u16 = 21;
const TFTP: u16 = 69;

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "ct" => read_ct(context, value),
        "nat" => read_nat(value),
        "ct_clear" => alone(Action::CtClear, value),
        _ => return None,
    })
}

fn read_ct(context: Context<'_>, value: Piece<'_>) -> Read {
    let mut ct = Ct::default();
    let mut force = None;
    for pair in value.pairs() {
        let text = pair.value;
        match pair.key.text {
            "commit" => ct.flags |= CtFlags::COMMIT,
            "force" => {
                ct.flags |= CtFlags::FORCE;
                force = Some(pair.key);
            }
            "table" => match context.syntax.read_table(text)? {
                TableId::ALL => return Err(text.refused("is no table that a packet can go to")),
                table => ct.table = Some(table),
            },
            "zone" => ct.zone = read_zone(text)?,
            "alg" => {
                ct.alg = match text.text {
                    "ftp" => FTP,
                    "tftp" => TFTP,
                    _ => number::short(text).map_err(|_| text.expected("`ftp` or `tftp`"))?,
                }
            }
            "nat" => ct.actions.push(read_nat(text)?),
            "exec" => ct.actions.extend(context.read_nested(Within::Ct, text)?),
            _ => return Err(pair.key.expected("an argument of `ct`")),
        }
    }
    match force {
        Some(force) if !ct.flags.contains(CtFlags::COMMIT) => Err(force.refused("needs `commit`")),
        _ => Ok(Action::Ct(Box::new(ct))),
    }
}

fn read_zone(text: Piece<'_>) -> Result<CtZone, ParseError> {
    if text.text.starts_with(|c: char| c.is_ascii_digit()) {
        return number::short(text).map(CtZone::Number);
    }
    let zone = read_subfield(text)?;
    if zone.n_bits() > 16 {
        return Err(text.refused("has more than 16 bits"));
    }
    Ok(CtZone::Field(zone))
}

fn read_nat(value: Piece<'_>) -> Read {
    let mut nat = Nat::default();
    for pair in value.pairs() {
        match pair.key.text {
            "src" | "dst" => {
                let source = pair.key.text == "src";
                nat.flags |= if source { NatFlags::SOURCE } else { NatFlags::DESTINATION };
                (nat.addresses, nat.ports) = read_range(pair.value)?;
            }
            "persistent" => nat.flags |= NatFlags::PERSISTENT,
            "hash" => nat.flags |= NatFlags::HASH,
            "random" => nat.flags |= NatFlags::RANDOM,
            _ => return Err(pair.key.expected("an argument of `nat`")),
        }
    }
    let sides = nat.flags & (NatFlags::SOURCE | NatFlags::DESTINATION);
    if sides == NatFlags::SOURCE | NatFlags::DESTINATION {
        return Err(value.refused("has both `src` and `dst`"));
    }
    if sides.is_empty() && !nat.flags.is_empty() {
        return Err(value.refused("has neither `src` nor `dst`"));
    }
    if nat.flags.contains(NatFlags::HASH | NatFlags::RANDOM) {
        return Err(value.refused("has both `hash` and `random`"));
    }
    Ok(Action::Nat(Box::new(nat)))
}

type Ranges = (Option<AddressRange>, Option<RangeInclusive<u16>>);

/// `ADDRESS[-ADDRESS][:PORT[-PORT]]`; IPv6 addresses before a port stand in brackets.
fn read_range(text: Piece<'_>) -> Result<Ranges, ParseError> {
    if text.is_empty() {
        return Ok((None, None));
    }
    if !text.text.starts_with('[') && text.text.matches(':').count() < 2 {
        let (addresses, ports) = match text.split_once(":") {
            Some((addresses, ports)) => (addresses, Some(ports)),
            None => (text, None),
        };
        let (first, last) = both(addresses);
        let range = (read_ipv4_address(first)?, read_ipv4_address(last)?);
        check_order(addresses, range.0 <= range.1)?;
        return Ok((Some(AddressRange::V4(range.0, range.1)), ports.map(read_ports).transpose()?));
    }
    let (addresses, ports) = match text.text.rfind("]:") {
        Some(end) => (text.cut(0..end + 1), Some(text.from(end + 2))),
        None => (text, None),
    };
    let (first, last) = both(addresses);
    let range = (read_ipv6_address(unbracketed(first))?, read_ipv6_address(unbracketed(last))?);
    check_order(addresses, range.0 <= range.1)?;
    Ok((Some(AddressRange::V6(range.0, range.1)), ports.map(read_ports).transpose()?))
}

/// Both ends of a range, which are the same if there is one only.
fn both(range: Piece<'_>) -> (Piece<'_>, Piece<'_>) {
    range.split_once("-").unwrap_or((range, range))
}

fn unbracketed(text: Piece<'_>) -> Piece<'_> {
    match text.text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => text.cut(1..1 + address.len()),
        None => text,
    }
}

fn check_order(range: Piece<'_>, is_right: bool) -> Result<(), ParseError> {
    if is_right { Ok(()) } else { Err(range.refused("ends before it begins")) }
}

fn read_ports(text: Piece<'_>) -> Result<RangeInclusive<u16>, ParseError> {
    let (first, last) = both(text);
    let port = |text| number::decimal(text, u16::MAX.into()).map(|port| port as u16);
    let (first, last) = (port(first)?, port(last)?);
    check_order(text, first <= last)?;
    Ok(first..=last)
}

pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    action: &Action,
) -> Option<fmt::Result> {
    Some(match action {
        Action::Ct(ct) => show_ct(f, syntax, ct),
        Action::Nat(nat) => show_nat(f, nat),
        Action::CtClear => f.write_str("ct_clear"),
        _ => return None,
    })
}

fn show_ct(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, ct: &Ct) -> fmt::Result {
    f.write_str("ct(")?;
    let mut out = Commas::new(f);
    if ct.flags.contains(CtFlags::COMMIT) {
        out.put(format_args!("commit"))?;
    }
    if ct.flags.contains(CtFlags::FORCE) {
        out.put(format_args!("force"))?;
    }
    if let Some(table) = ct.table {
        out.put(format_args!("table={}", syntax.show_table(table)))?;
    }
    match ct.zone {
        CtZone::Number(0) => {}
        CtZone::Number(zone) => out.put(format_args!("zone={zone}"))?,
        CtZone::Field(zone) => out.put(format_args!("zone={}", ShowSubfield(zone)))?,
    }
    let mut actions = ct.actions.as_slice();
    if let [Action::Nat(nat), rest @ ..] = actions {
        show_nat(out.next()?, nat)?;
        actions = rest;
    }
    if !actions.is_empty() {
        out.put(format_args!("exec({})", syntax.show_actions(actions)))?;
    }
    match ct.alg {
        0 => {}
        FTP => out.put(format_args!("alg=ftp"))?,
        TFTP => out.put(format_args!("alg=tftp"))?,
        alg => out.put(format_args!("alg={alg}"))?,
    }
    f.write_str(")")
}

fn show_nat(f: &mut fmt::Formatter<'_>, nat: &Nat) -> fmt::Result {
    let Nat { flags, addresses, ports } = nat;
    f.write_str("nat")?;
    if !flags.intersects(NatFlags::SOURCE | NatFlags::DESTINATION) {
        return Ok(());
    }
    f.write_str(if flags.contains(NatFlags::SOURCE) { "(src" } else { "(dst" })?;
    // Without addresses Open vSwitch says nothing of ports and of how they are chosen.
    let Some(addresses) = addresses else {
        return f.write_str(")");
    };
    // Port 0 is as good as none.
    let ports = ports.as_ref().filter(|ports| *ports.start() != 0);
    f.write_str("=")?;
    match addresses {
        AddressRange::V4(first, last) => show_ipv4_range(f, *first, *last)?,
        AddressRange::V6(first, last) => show_ipv6_range(f, *first, *last, ports.is_some())?,
    }
    if let Some(ports) = ports {
        write!(f, ":{}", ports.start())?;
        if ports.start() != ports.end() {
            write!(f, "-{}", ports.end())?;
        }
    }
    for (flag, name) in [
        (NatFlags::PERSISTENT, ",persistent"),
        (NatFlags::HASH, ",hash"),
        (NatFlags::RANDOM, ",random"),
    ] {
        if flags.contains(flag) {
            f.write_str(name)?;
        }
    }
    f.write_str(")")
}

fn show_ipv4_range(f: &mut fmt::Formatter<'_>, first: Ipv4Addr, last: Ipv4Addr) -> fmt::Result {
    write!(f, "{first}")?;
    if first == last || last.is_unspecified() { Ok(()) } else { write!(f, "-{last}") }
}

fn show_ipv6_range(
    f: &mut fmt::Formatter<'_>,
    first: Ipv6Addr,
    last: Ipv6Addr,
    bracketed: bool,
) -> fmt::Result {
    let mut show = |before: &str, address| {
        f.write_str(before)?;
        f.write_str(if bracketed { "[" } else { "" })?;
        show_ipv6_address(f, address)?;
        f.write_str(if bracketed { "]" } else { "" })
    };
    show("", first)?;
    if first == last || last.is_unspecified() { Ok(()) } else { show("-", last) }
}
