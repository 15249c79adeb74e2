//! `NXAST_CT` and `NXAST_NAT`.

use super::*;
use crate::codec::oxm;
use alloc::boxed::Box;
use core::net::{Ipv4Addr, Ipv6Addr};
use ovs_core::TableId;
use ovs_core::action::{AddressRange, Ct, CtFlags, CtZone, Nat, NatFlags};

/// `recirc_table`: none.
const NO_TABLE: u8 = 0xff;

pub(super) fn take_ct(body: &mut Reader<'_>, context: Context) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    // Flags that are not known are kept, as in Open vSwitch.
    let flags = CtFlags::from_bits_retain(body.u16()?);
    if flags.contains(CtFlags::FORCE) && !flags.contains(CtFlags::COMMIT) {
        return Err(bad_argument());
    }
    let zone = take_zone(body)?;
    let table = body.u8()?;
    body.skip(3)?;
    let alg = body.u16()?;
    let list = body.clone();
    let actions = super::super::take_nested(body, context.inner(true))?;
    for action in &actions {
        let allowed = match action {
            Action::Nat(nat) => flags.contains(CtFlags::COMMIT) || **nat == Nat::default(),
            _ => flags.contains(CtFlags::COMMIT),
        };
        if !allowed {
            return Err(list.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
        }
    }
    let table = (table != NO_TABLE).then_some(TableId(table));
    Ok(Action::Ct(Box::new(Ct { flags, zone, table, alg, actions })))
}

/// The header of a field, or zero; then its bits, or the number.
fn take_zone(body: &mut Reader<'_>) -> Result<CtZone, DecodeError> {
    let at = body.clone();
    let mut ahead = body.clone();
    if ahead.u32()? == 0 {
        let zone = CtZone::Number(ahead.u16()?);
        *body = ahead;
        return Ok(zone);
    }
    let (start, n_bits) = split_bits(ahead.u16()?);
    let zone = oxm::take_subfield32(body, start, n_bits)?;
    body.skip(2)?;
    if n_bits != 16 {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_LEN));
    }
    Ok(CtZone::Field(zone))
}

pub(super) fn put_ct(
    writer: &mut Writer<'_>,
    ct: &Ct,
    version: Version,
) -> Result<(), EncodeError> {
    put_nicira(writer, CT, |writer| {
        writer.u16(ct.flags.bits());
        match ct.zone {
            CtZone::Number(number) => {
                writer.u32(0);
                writer.u16(number);
            }
            CtZone::Field(subfield) => {
                oxm::put_header32(writer, subfield.field(), Version::OF10)?;
                writer.u16(joined_bits(subfield)?);
            }
        }
        writer.u8(ct.table.map_or(NO_TABLE, |table| table.0));
        writer.zeros(3);
        writer.u16(ct.alg);
        super::super::put_list(writer, &ct.actions, version)
    })
}

/// Which parts of a range follow.
const IPV4_MIN: u16 = 1 << 0;
const IPV4_MAX: u16 = 1 << 1;
const IPV6_MIN: u16 = 1 << 2;
const IPV6_MAX: u16 = 1 << 3;
const PROTO_MIN: u16 = 1 << 4;
const PROTO_MAX: u16 = 1 << 5;

pub(super) fn take_nat(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    body.skip(2)?;
    let flags = NatFlags::from_bits(body.u16()?).ok_or_else(bad_argument)?;
    let both = |pair: NatFlags| flags.contains(pair);
    if both(NatFlags::SOURCE | NatFlags::DESTINATION) || both(NatFlags::HASH | NatFlags::RANDOM) {
        return Err(bad_argument());
    }
    let present = body.u16()?;
    let mut body = body.clone().named("nx_action_nat", ErrorCode::OFPBAC_BAD_ARGUMENT);
    let addresses = take_addresses(&mut body, present).map_err(|_| bad_argument())?;
    let mut ports = None;
    if present & PROTO_MIN != 0 {
        let first = body.u16()?;
        let last = if present & PROTO_MAX != 0 { body.u16()? } else { 0 };
        let wrong = present & PROTO_MAX != 0 && last < first;
        if addresses.is_none() || first == 0 || wrong {
            return Err(bad_argument());
        }
        ports = Some(first..=if present & PROTO_MAX != 0 { last } else { first });
    } else if present & PROTO_MAX != 0 {
        return Err(bad_argument());
    }
    Ok(Action::Nat(Box::new(Nat { flags, addresses, ports })))
}

fn take_addresses(
    body: &mut Reader<'_>,
    present: u16,
) -> Result<Option<AddressRange>, DecodeError> {
    let refused = body.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    let (v4, v6) = (present & (IPV4_MIN | IPV4_MAX), present & (IPV6_MIN | IPV6_MAX));
    match (v4, v6) {
        (0, 0) => Ok(None),
        (_, 0) if v4 & IPV4_MIN != 0 => {
            let first = body.u32()?;
            let last = if v4 & IPV4_MAX != 0 { body.u32()? } else { first };
            let range = AddressRange::V4(first.into(), last.into());
            if first != 0 && last >= first { Ok(Some(range)) } else { Err(refused) }
        }
        (0, _) if v6 & IPV6_MIN != 0 => {
            let first = Ipv6Addr::from(body.array::<16>()?);
            let last = if v6 & IPV6_MAX != 0 { Ipv6Addr::from(body.array::<16>()?) } else { first };
            let range = AddressRange::V6(first, last);
            if !first.is_unspecified() && last >= first { Ok(Some(range)) } else { Err(refused) }
        }
        _ => Err(refused),
    }
}

/// A range of one is written as its beginning alone.
pub(super) fn put_nat(writer: &mut Writer<'_>, nat: &Nat) -> Result<(), EncodeError> {
    put_nicira(writer, NAT, |writer| {
        writer.zeros(2);
        writer.u16(nat.flags.bits());
        let place = writer.len();
        writer.u16(0);
        let mut present = 0;
        match nat.addresses {
            Some(AddressRange::V4(first, last)) => {
                present |= IPV4_MIN;
                put_v4(writer, first);
                if last != first {
                    present |= IPV4_MAX;
                    put_v4(writer, last);
                }
            }
            Some(AddressRange::V6(first, last)) => {
                present |= IPV6_MIN;
                writer.slice(&first.octets());
                if last != first {
                    present |= IPV6_MAX;
                    writer.slice(&last.octets());
                }
            }
            None => {}
        }
        if let Some(ports) = &nat.ports {
            present |= PROTO_MIN;
            writer.u16(*ports.start());
            if ports.end() != ports.start() {
                present |= PROTO_MAX;
                writer.u16(*ports.end());
            }
        }
        writer.patch(place, &present.to_be_bytes());
        Ok(())
    })
}

fn put_v4(writer: &mut Writer<'_>, address: Ipv4Addr) {
    writer.slice(&address.octets());
}
