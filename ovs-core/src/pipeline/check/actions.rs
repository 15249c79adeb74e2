//! One action after the other, and what becomes of the packet.

use super::Known;
use super::arguments;
use super::facts::Facts;
use crate::action::{Action, ActionError, Subfield};
use crate::field::{Field, Prerequisite};
use crate::port::PortNo;

/// Actions are at most so deep in each other.
const MAX_DEPTH: u8 = 16;
/// More do not fit into a message of 65535 bytes.
const MAX_ACTIONS: usize = 8191;

const ETH_VLAN: [u16; 2] = [0x8100, 0x88a8];
const ETH_MPLS: [u16; 2] = [0x8847, 0x8848];
const ETH_PBB: u16 = 0x88e7;

/// Where a list stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) in_set: bool,
    pub(super) in_ct: bool,
    pub(super) depth: u8,
}

impl Place {
    pub(super) fn inner(self, in_ct: bool) -> Self {
        Self { in_set: false, in_ct, depth: self.depth + 1 }
    }
}

/// Checks a list; tells the place in it and what is wrong there.
pub(super) fn check_list(
    actions: &[Action],
    place: Place,
    facts: &mut Facts,
    known: &impl Known,
) -> Result<(), (usize, ActionError)> {
    if place.depth > MAX_DEPTH {
        return Err((0, ActionError::TooDeep(MAX_DEPTH)));
    }
    if actions.len() > MAX_ACTIONS {
        return Err((MAX_ACTIONS, ActionError::TooMany(MAX_ACTIONS)));
    }
    let is_clause = |action: &Action| matches!(action, Action::Conjunction { .. });
    let is_other = |action: &Action| !is_clause(action) && !matches!(action, Action::Note(_));
    if actions.iter().any(is_clause) {
        if let Some(other) = actions.iter().position(is_other) {
            let beside = "a conjunction stands with no other action than conjunctions and notes";
            return Err((other, ActionError::Conjunction(beside)));
        }
    }
    for (index, action) in actions.iter().enumerate() {
        let checked = allowed(action, place)
            .and_then(|()| mapped(action, known))
            .and_then(|()| check(action, place, facts, known));
        checked.map_err(|error| (index, error))?;
    }
    Ok(())
}

/// May the action be in this list at all?
fn allowed(action: &Action, place: Place) -> Result<(), ActionError> {
    let changed = changed_field(action);
    let of_ct = changed.filter(|field| matches!(field, Field::CtMark | Field::CtLabel));
    let is_nat = matches!(action, Action::Nat(_));
    match of_ct {
        Some(field) if !place.in_ct => Err(ActionError::NotSettable(field)),
        None if is_nat && !place.in_ct => Err(ActionError::NatOutsideCt),
        None if !is_nat && place.in_ct => {
            Err(ActionError::Argument("in a ct stand only nat and changes of the connection"))
        }
        _ if place.in_set && !action.fits_action_set() => Err(ActionError::NotInSet),
        _ => Ok(()),
    }
}

/// The field that an action sets, loads or copies into.
fn changed_field(action: &Action) -> Option<Field> {
    match action {
        Action::Move { destination, .. } | Action::CopyField { destination, .. } => {
            Some(destination.field())
        }
        _ => action.assignment().map(|(field, ..)| field),
    }
}

/// Do the tunnel options in an action have a place?
fn mapped(action: &Action, known: &impl Known) -> Result<(), ActionError> {
    let check = |field: Field| {
        let unmapped = field.is_tunnel_option() && !known.has_tunnel_option(field);
        if unmapped { Err(ActionError::Unmapped(field)) } else { Ok(()) }
    };
    match action {
        Action::SetTunnelOption(option) => check(option.field()),
        Action::DeleteField(field) => check(*field),
        _ => arguments::subfields(action).into_iter().try_for_each(|part| check(part.field())),
    }
}

fn check(
    action: &Action,
    place: Place,
    facts: &mut Facts,
    known: &impl Known,
) -> Result<(), ActionError> {
    match action {
        Action::Output { .. } | Action::OutputTruncated { .. } | Action::Enqueue { .. } => {
            output(action)
        }
        Action::OutputField { source, .. } | Action::StackPush(source) => facts.source(*source),
        Action::StackPop(destination) => facts.destination(*destination),
        Action::Bundle(bundle) => arguments::bundle(bundle, facts),
        Action::Multipath(multipath) => arguments::multipath(multipath, facts),
        Action::Learn(learn) => arguments::learn(learn, facts),
        Action::Conjunction { clause, n_clauses, .. } => {
            arguments::conjunction(*clause, *n_clauses)
        }
        Action::Clone(actions) => {
            check_list(actions, place.inner(false), &mut facts.clone(), known)
                .map_err(|(_, error)| error)
        }
        Action::Ct(ct) => {
            arguments::ct(ct, facts)?;
            check_list(&ct.actions, place.inner(true), &mut facts.clone(), known)
                .map_err(|(_, error)| error)
        }
        Action::Nat(nat) => arguments::nat(nat, facts),
        Action::Resubmit { with_ct: true, .. } => facts.require(Prerequisite::Tracked),
        Action::CheckPacketLarger { destination, .. } => {
            arguments::bits(*destination, destination.n_bits() == 1)?;
            facts.destination(*destination)
        }
        Action::Sample(sample) => {
            at_least(sample.probability.into(), 1, "no packet at all would be sampled")
        }
        Action::DeleteField(field) if !field.is_tunnel_option() => {
            Err(ActionError::Argument("only tunnel options can be deleted"))
        }
        Action::Encap(_) => Err(ActionError::Unsupported("encap")),
        Action::Decap(_) => Err(ActionError::Unsupported("decap")),
        Action::DecNshTtl => Err(ActionError::Unsupported("dec_nsh_ttl")),
        Action::Opaque(bytes) => {
            Err(ActionError::Unknown { experimenter: bytes.starts_with(&[0xff, 0xff]) })
        }
        // These can be done with any packet.
        Action::Group(_)
        | Action::Controller(_)
        | Action::DeleteField(_)
        | Action::SetTunnelOption(_)
        | Action::SetTunnel { .. }
        | Action::SetQueue(_)
        | Action::PopQueue
        | Action::Resubmit { .. }
        | Action::Exit
        | Action::CtClear
        | Action::Note(_) => Ok(()),
        _ => change(action, facts),
    }
}

/// Actions that send the packet to a port that they name.
fn output(action: &Action) -> Result<(), ActionError> {
    match action {
        Action::Output { port, .. } => out_port(*port),
        Action::OutputTruncated { port, max_len } => {
            at_least(*max_len, 14, "a frame is cut off behind its Ethernet header")?;
            out_port(*port)
        }
        Action::Enqueue { port, .. } => {
            let reserved = [PortNo::IN_PORT, PortNo::LOCAL].contains(port);
            if reserved || port.is_assignable() { Ok(()) } else { Err(ActionError::OutPort(*port)) }
        }
        _ => Ok(()),
    }
}

/// Actions that change the packet.
fn change(action: &Action, facts: &mut Facts) -> Result<(), ActionError> {
    use Prerequisite::{Ip, Ipv4, Mpls, Sctp, Tcp, Udp};
    match *action {
        Action::SetField { field, value, mask } => {
            if field == Field::InPort {
                return Err(ActionError::NotSettable(field));
            }
            if !arguments::can_be_set(field, value, mask) {
                return Err(ActionError::Value(field));
            }
            set(field, value, mask, facts)
        }
        Action::Load2 { field, value, mask } => set(field, value, mask, facts),
        Action::Load { destination, value } => {
            at_most(value.checked_shr(destination.n_bits().into()).unwrap_or(0), 0)?;
            let (field, mask) = (destination.field(), destination.mask());
            set(field, u128::from(value) << destination.start().min(127), mask, facts)
        }
        Action::Move { source, destination } | Action::CopyField { source, destination } => {
            arguments::bits(destination, source.n_bits() == destination.n_bits())?;
            facts.source(source)?;
            facts.destination(destination)
        }
        Action::SetVlanVid(vid) => at_most(vid.into(), 0xfff).map(|()| facts.set_tagged(true)),
        Action::SetVlanPcp(pcp) => at_most(pcp.into(), 7).map(|()| facts.set_tagged(true)),
        Action::SetIpv4Src(_) | Action::SetIpv4Dst(_) => facts.expect(&[Ipv4]),
        Action::SetIpTos(tos) => at_most((tos & 3).into(), 0).and_then(|()| facts.expect(&[Ip])),
        Action::SetIpEcn(ecn) => at_most(ecn.into(), 3).and_then(|()| facts.expect(&[Ip])),
        Action::SetIpTtl(_) | Action::DecIpTtl { .. } => facts.expect(&[Ip]),
        Action::SetTpSrc(_) | Action::SetTpDst(_) => facts.expect(&[Tcp, Udp, Sctp]),
        Action::CopyTtlOut | Action::CopyTtlIn => facts.expect(&[Mpls, Ip]),
        Action::SetMplsLabel(label) => {
            at_most(label.into(), 0xf_ffff).and_then(|()| facts.expect(&[Mpls]))
        }
        Action::SetMplsTc(tc) => at_most(tc.into(), 7).and_then(|()| facts.expect(&[Mpls])),
        Action::SetMplsTtl(_) | Action::DecMplsTtl => facts.expect(&[Mpls]),
        Action::FinTimeout { .. } => facts.expect(&[Tcp]),
        _ => push_or_pop(action, facts),
    }
}

/// Actions that put headers on and take them off.
fn push_or_pop(action: &Action, facts: &mut Facts) -> Result<(), ActionError> {
    use Prerequisite::{Ethernet, Mpls, Pbb, Vlan};
    match *action {
        Action::PushVlan(eth_type) => {
            one_of(eth_type, &ETH_VLAN)?;
            facts.push_vlan()
        }
        Action::PopVlan | Action::StripVlan => {
            facts.expect(&[Vlan])?;
            facts.pop_vlan();
            Ok(())
        }
        Action::PushMpls(eth_type) => {
            one_of(eth_type, &ETH_MPLS)?;
            facts.expect(&[Ethernet])?;
            facts.set_eth_type(Some(eth_type), true);
            Ok(())
        }
        Action::PopMpls(eth_type) => {
            facts.expect(&[Mpls])?;
            facts.set_eth_type(Some(eth_type), false);
            Ok(())
        }
        Action::PushPbb(eth_type) => {
            one_of(eth_type, &[ETH_PBB])?;
            facts.expect(&[Ethernet])?;
            facts.set_eth_type(Some(eth_type), true);
            Ok(())
        }
        Action::PopPbb => {
            facts.expect(&[Pbb])?;
            facts.set_eth_type(None, true);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A field is set, in whichever form.
fn set(field: Field, value: u128, mask: u128, facts: &mut Facts) -> Result<(), ActionError> {
    if !field.can_be_set() {
        return Err(ActionError::NotSettable(field));
    }
    if value & !field.ones() != 0 {
        return Err(ActionError::Value(field));
    }
    facts.field(field)?;
    match field {
        Field::VlanTci => facts.set_tagged(value & mask & 0x1000 != 0),
        Field::EthType => facts.set_eth_type(Some(value as u16), true),
        Field::IpProto => facts.set_ip_proto(value),
        _ => {}
    }
    Ok(())
}

/// Can packets be sent there?
pub(super) fn out_port(port: PortNo) -> Result<(), ActionError> {
    let reserved = (PortNo::IN_PORT..=PortNo::LOCAL).contains(&port);
    if reserved || port.is_assignable() { Ok(()) } else { Err(ActionError::OutPort(port)) }
}

fn one_of(eth_type: u16, allowed: &[u16]) -> Result<(), ActionError> {
    if allowed.contains(&eth_type) {
        Ok(())
    } else {
        Err(ActionError::Argument("the pushed header cannot have this Ethernet type"))
    }
}

fn at_most(value: u64, max: u64) -> Result<(), ActionError> {
    if value <= max { Ok(()) } else { Err(ActionError::Argument("the value has too many bits")) }
}

fn at_least(value: u32, min: u32, otherwise: &'static str) -> Result<(), ActionError> {
    if value >= min { Ok(()) } else { Err(ActionError::Argument(otherwise)) }
}

/// The fields that an action reads or writes, as far as they are parts of fields.
pub(super) fn plain_subfields(action: &Action) -> [Option<Subfield>; 2] {
    match *action {
        Action::OutputField { source, .. } | Action::StackPush(source) => [Some(source), None],
        Action::StackPop(destination)
        | Action::Load { destination, .. }
        | Action::CheckPacketLarger { destination, .. } => [Some(destination), None],
        Action::Move { source, destination } | Action::CopyField { source, destination } => {
            [Some(source), Some(destination)]
        }
        _ => [None, None],
    }
}
