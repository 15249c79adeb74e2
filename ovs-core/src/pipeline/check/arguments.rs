//! Actions with many arguments.

use super::actions::{out_port, plain_subfields};
use super::facts::Facts;
use crate::action::{
    Action, ActionError, AddressRange, Bundle, Ct, CtFlags, CtZone, Learn, LearnDestination,
    LearnSource, LearnSpec, Multipath, Nat, NatFlags, Subfield,
};
use crate::field::{Field, Prerequisite};
use crate::matching::Match;
use crate::port::{PortNo, TableId};
use alloc::vec::Vec;

/// Of a bundle.
const MAX_MEMBERS: usize = 2048;

/// In `ct_state`: "invalid".
const CT_INVALID: u128 = 0x10;

const FTP: u16 = 21;
const TFTP: u16 = 69;

/// The parts of fields that an action reads or writes.
pub(super) fn subfields(action: &Action) -> Vec<Subfield> {
    match action {
        Action::Bundle(bundle) => bundle.destination.into_iter().collect(),
        Action::Multipath(multipath) => alloc::vec![multipath.destination],
        Action::Ct(ct) => match ct.zone {
            CtZone::Field(zone) => alloc::vec![zone],
            CtZone::Number(_) => Vec::new(),
        },
        Action::Learn(learn) => {
            let result = learn.limit.and_then(|limit| limit.result);
            learn.specs.iter().flat_map(parts).chain(result).collect()
        }
        _ => plain_subfields(action).into_iter().flatten().collect(),
    }
}

fn parts(spec: &LearnSpec) -> impl Iterator<Item = Subfield> {
    let source = match spec.source {
        LearnSource::Field(source) => Some(source),
        LearnSource::Immediate(_) => None,
    };
    let destination = match spec.destination {
        LearnDestination::Match(part) | LearnDestination::Load(part) => Some(part),
        LearnDestination::Output => None,
    };
    source.into_iter().chain(destination)
}

/// Can a field be set to this value, as far as not every one that fits does?
pub(super) fn can_be_set(field: Field, value: u128, mask: u128) -> bool {
    match field {
        // A tag without an id to be set is no tag.
        Field::VlanVid => value & mask & 0x1000 != 0,
        // What a switch keeps of it.
        Field::ArpOp => value <= 0xff,
        Field::NshTtl => value <= 63, // 6 bits (RFC 8300 §2.2)
        _ => true,
    }
}

/// Refuses a part of a field that has not as many bits as it should.
pub(super) fn bits(part: Subfield, good: bool) -> Result<(), ActionError> {
    let (field, n_bits) = (part.field(), part.n_bits());
    if good { Ok(()) } else { Err(ActionError::Bits { field, n_bits }) }
}

fn argument(good: bool, otherwise: &'static str) -> Result<(), ActionError> {
    if good { Ok(()) } else { Err(ActionError::Argument(otherwise)) }
}

pub(super) fn conjunction(clause: u8, n_clauses: u8) -> Result<(), ActionError> {
    let wrong = "a conjunction has 2 to 64 dimensions, counted from 0";
    let good = (2..=64).contains(&n_clauses) && clause < n_clauses;
    if good { Ok(()) } else { Err(ActionError::Conjunction(wrong)) }
}

pub(super) fn bundle(bundle: &Bundle, facts: &Facts) -> Result<(), ActionError> {
    argument(bundle.members.len() <= MAX_MEMBERS, "a bundle has at most 2048 members")?;
    if let Some(destination) = bundle.destination {
        argument(destination.n_bits() >= 16, "a port number needs 16 bits")?;
        facts.destination(destination)?;
    }
    for member in &bundle.members {
        match *member {
            PortNo::ANY => {}
            PortNo::CONTROLLER => return Err(ActionError::OutPort(*member)),
            _ => out_port(*member)?,
        }
    }
    Ok(())
}

pub(super) fn multipath(multipath: &Multipath, facts: &Facts) -> Result<(), ActionError> {
    let n_bits = multipath.destination.n_bits().into();
    let largest = u64::from(multipath.max_link).checked_shr(n_bits).unwrap_or(0);
    argument(largest == 0, "the number of a path does not fit into the field")?;
    facts.destination(multipath.destination)
}

pub(super) fn ct(ct: &Ct, facts: &Facts) -> Result<(), ActionError> {
    let commits = ct.flags.contains(CtFlags::COMMIT);
    argument(commits || !ct.flags.contains(CtFlags::FORCE), "only what is committed is forced")?;
    argument(ct.table.is_none_or(|table| table <= TableId::MAX), "there is no such table")?;
    let may_stand = |action: &Action| match action {
        Action::Nat(nat) => commits || **nat == Nat::default(),
        _ => commits,
    };
    argument(ct.actions.iter().all(may_stand), "only a committed connection is changed")?;
    let protocol = |number: u128| facts.are_open() || facts.exact(Field::IpProto) == Some(number);
    let needed = match ct.alg {
        FTP if !protocol(6) => Some(Prerequisite::Tcp),
        TFTP if !protocol(17) => Some(Prerequisite::Udp),
        _ if !facts.meets(Prerequisite::Ip) => Some(Prerequisite::Ip),
        _ if commits && facts.has_bits(Field::CtState, CT_INVALID) => Some(Prerequisite::Tracked),
        _ => None,
    };
    if let Some(needed) = needed {
        return Err(ActionError::Inconsistent(needed));
    }
    match ct.zone {
        CtZone::Field(zone) => {
            bits(zone, zone.n_bits() == 16)?;
            facts.source(zone)
        }
        CtZone::Number(_) => Ok(()),
    }
}

pub(super) fn nat(nat: &Nat, facts: &Facts) -> Result<(), ActionError> {
    let Nat { flags, addresses, ports } = nat;
    let both = |pair| flags.contains(pair);
    let exclusive =
        both(NatFlags::SOURCE | NatFlags::DESTINATION) || both(NatFlags::HASH | NatFlags::RANDOM);
    argument(!exclusive, "nat has two flags that exclude each other")?;
    let (needed, ordered) = match addresses {
        None => (Prerequisite::Ip, true),
        Some(AddressRange::V4(first, last)) => {
            (Prerequisite::Ipv4, !first.is_unspecified() && first <= last)
        }
        Some(AddressRange::V6(first, last)) => {
            (Prerequisite::Ipv6, !first.is_unspecified() && first <= last)
        }
    };
    argument(ordered, "the addresses of nat are no range")?;
    if let Some(ports) = ports {
        let good = addresses.is_some() && *ports.start() != 0 && ports.start() <= ports.end();
        argument(good, "the ports of nat are no range, or there are no addresses")?;
    }
    facts.require(needed)
}

pub(super) fn learn(learn: &Learn, facts: &Facts) -> Result<(), ActionError> {
    argument(learn.table <= TableId::MAX, "a rule cannot be learned for all tables")?;
    if let Some(result) = learn.limit.and_then(|limit| limit.result) {
        bits(result, result.n_bits() == 1)?;
        facts.destination(result)?;
    }
    // What the learned rule matches on, as far as it is known before.
    let mut learned = Match::new();
    for spec in &learn.specs {
        check_widths(spec)?;
        if let LearnSource::Field(source) = spec.source {
            facts.source(source)?;
        }
        let of_rule = Facts::of_match(&learned, false);
        match (&spec.destination, &spec.source) {
            (LearnDestination::Match(part), LearnSource::Immediate(value)) => {
                of_rule.source(*part)?;
                write(&mut learned, *part, value);
            }
            (LearnDestination::Match(part), _) => of_rule.source(*part)?,
            (LearnDestination::Load(part), _) => of_rule.destination(*part)?,
            (LearnDestination::Output, source) => {
                let is_field = matches!(source, LearnSource::Field(_));
                argument(is_field, "a learned rule outputs to the port of a field")?;
            }
        }
    }
    Ok(())
}

fn check_widths(spec: &LearnSpec) -> Result<(), ActionError> {
    parts(spec).try_for_each(|part| bits(part, part.n_bits() == spec.n_bits))?;
    let bytes = usize::from(spec.n_bits.div_ceil(8));
    let fits = match &spec.source {
        LearnSource::Immediate(value) => value.len() == bytes,
        LearnSource::Field(_) => true,
    };
    argument(fits && (1..=1023).contains(&spec.n_bits), "a value has not as many bits as it says")
}

/// Adds a part of a field to a match; others of its bits that were there stay.
fn write(matching: &mut Match, part: Subfield, value: &[u8]) {
    let Some((old, mask)) = matching.get(part.field()) else { return };
    let value = value.iter().fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
    let value = value.checked_shl(part.start().into()).unwrap_or(0) & part.mask();
    let old = old & !part.mask();
    // A field that cannot be masked is not known before all of it is.
    let _ = matching.set(part.field(), old | value, mask | part.mask());
}
