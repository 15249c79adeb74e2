//! Multipath and bundle.

use super::*;
use crate::codec::oxm;
use crate::codec::scalar::{port_from_u16, port_to_u16};
use alloc::boxed::Box;
use ovs_core::PortNo;
use ovs_core::action::{Bundle, BundleAlgorithm, HashFields, Multipath, MultipathAlgorithm};

/// The header of `NXM_OF_IN_PORT`: what the members of a bundle are.
const MEMBER_TYPE: u32 = 0x0000_0002;
/// Members of a bundle.
const MAX_MEMBERS: u16 = 2048;

const HASH_FIELDS: [HashFields; 7] = [
    HashFields::EthSrc,
    HashFields::SymmetricL4,
    HashFields::SymmetricL3L4,
    HashFields::SymmetricL3L4Udp,
    HashFields::NwSrc,
    HashFields::NwDst,
    HashFields::SymmetricL3,
];
const MULTIPATH_ALGORITHMS: [MultipathAlgorithm; 4] = [
    MultipathAlgorithm::Modulo,
    MultipathAlgorithm::HashThreshold,
    MultipathAlgorithm::HighestRandomWeight,
    MultipathAlgorithm::IterativeHash,
];
const BUNDLE_ALGORITHMS: [BundleAlgorithm; 2] =
    [BundleAlgorithm::ActiveBackup, BundleAlgorithm::HighestRandomWeight];

/// Reads the number of one of these.
fn one_of<T: Copy>(body: &mut Reader<'_>, all: &[T]) -> Result<T, DecodeError> {
    let at = body.clone();
    let number = usize::from(body.u16()?);
    all.get(number).copied().ok_or_else(|| at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT))
}

fn number_of<T: PartialEq>(all: &[T], one: &T) -> u16 {
    all.iter().position(|other| other == one).map_or(0, |number| number as u16)
}

pub(super) fn take(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    if subtype == MULTIPATH { multipath(body) } else { bundle(body, subtype == BUNDLE_LOAD) }
}

fn multipath(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let fields = one_of(body, &HASH_FIELDS)?;
    let basis = body.u16()?;
    body.skip(2)?;
    let algorithm = one_of(body, &MULTIPATH_ALGORITHMS)?;
    let (max_link, argument) = (body.u16()?, body.u32()?);
    body.skip(2)?;
    let (start, n_bits) = split_bits(body.u16()?);
    let place = body.clone();
    let destination = oxm::take_subfield32(body, start, n_bits)?;
    let destination = field::settable(&place, destination)?;
    body.end()?;
    let links = u64::from(max_link) + 1;
    if n_bits < 64 && links > 1 << n_bits {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
    }
    let multipath = Multipath { fields, basis, algorithm, max_link, argument, destination };
    Ok(Action::Multipath(Box::new(multipath)))
}

fn bundle(body: &mut Reader<'_>, load: bool) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    let algorithm = one_of(body, &BUNDLE_ALGORITHMS)?;
    let fields = one_of(body, &HASH_FIELDS)?;
    let (basis, member_type, count) = (body.u16()?, body.u32()?, body.u16()?);
    if member_type != MEMBER_TYPE || count > MAX_MEMBERS {
        return Err(bad_argument());
    }
    let bits = body.u16()?;
    let destination = if load {
        let (start, n_bits) = split_bits(bits);
        let place = body.clone();
        let destination = oxm::take_subfield32(body, start, n_bits)?;
        if n_bits < 16 {
            return Err(bad_argument());
        }
        Some(field::settable(&place, destination)?)
    } else {
        if (bits, body.u32()?) != (0, 0) {
            return Err(bad_argument());
        }
        None
    };
    body.zeros_of(4, ErrorCode::OFPBAC_BAD_ARGUMENT)?;
    let mut members =
        body.sub(usize::from(count) * 2, "nx_action_bundle", ErrorCode::OFPBAC_BAD_LEN)?;
    let mut ports = alloc::vec::Vec::with_capacity(count.into());
    while !members.is_empty() {
        let at = members.clone();
        let port = port_from_u16(members.u16()?);
        if port != PortNo::ANY {
            super::super::standard::check_output(&at, port)?;
        }
        if port == PortNo::CONTROLLER {
            return Err(at.refuse(ErrorCode::OFPBAC_BAD_OUT_PORT));
        }
        ports.push(port);
    }
    Ok(Action::Bundle(Box::new(Bundle { fields, basis, algorithm, destination, members: ports })))
}

pub(super) fn put(writer: &mut Writer<'_>, action: &Action) -> Result<(), EncodeError> {
    match action {
        Action::Multipath(multipath) => put_nicira(writer, MULTIPATH, |writer| {
            writer.u16(number_of(&HASH_FIELDS, &multipath.fields));
            writer.u16(multipath.basis);
            writer.zeros(2);
            writer.u16(number_of(&MULTIPATH_ALGORITHMS, &multipath.algorithm));
            writer.u16(multipath.max_link);
            writer.u32(multipath.argument);
            writer.zeros(2);
            put_destination(writer, multipath.destination)
        }),
        Action::Bundle(bundle) => put_bundle(writer, bundle),
        _ => Ok(()),
    }
}

fn put_destination(writer: &mut Writer<'_>, destination: Subfield) -> Result<(), EncodeError> {
    writer.u16(joined_bits(destination)?);
    oxm::put_header32(writer, destination.field(), Version::OF10)
}

fn put_bundle(writer: &mut Writer<'_>, bundle: &Bundle) -> Result<(), EncodeError> {
    let subtype = if bundle.destination.is_some() { BUNDLE_LOAD } else { BUNDLE };
    let members = bundle.members.len();
    if members > MAX_MEMBERS.into() {
        let (value, max) = (members as u64, MAX_MEMBERS.into());
        return Err(EncodeError::TooLarge { what: "number of members", value, max });
    }
    put_nicira(writer, subtype, |writer| {
        writer.u16(number_of(&BUNDLE_ALGORITHMS, &bundle.algorithm));
        writer.u16(number_of(&HASH_FIELDS, &bundle.fields));
        writer.u16(bundle.basis);
        writer.u32(MEMBER_TYPE);
        writer.u16(members as u16);
        match bundle.destination {
            Some(destination) => put_destination(writer, destination)?,
            None => writer.zeros(6),
        }
        writer.zeros(4);
        bundle.members.iter().try_for_each(|port| {
            writer.u16(port_to_u16(*port)?);
            Ok(())
        })
    })
}
