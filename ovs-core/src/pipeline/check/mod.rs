//! What flow-mods, packet-outs and buckets may say, before anything is changed.
//!
//! Refused is what the specification refuses (OpenFlow 1.3.5 §6.4 and §7.4.4) and what Open vSwitch
//! does, as far as it has to do with more than the form of a message.

mod actions;
mod arguments;
mod facts;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::action::{Action, ActionError, ActionList, Instructions};
use crate::field::Field;
use crate::flow::{FlowFlags, FlowMod};
use crate::group::GroupId;
use crate::key::FlowKey;
use crate::matching::Match;
use crate::meter::MeterId;
use crate::port::TableId;
use actions::{Place, check_list};
use facts::Facts;

/// What there is that rules can refer to.
pub(crate) trait Known {
    /// Is there this group?
    fn has_group(&self, group: GroupId) -> bool;

    /// Is there this meter?
    fn has_meter(&self, meter: MeterId) -> bool;

    /// Has this field (`tun_metadata0` to 63) a place in the TLV table?
    fn has_tunnel_option(&self, _field: Field) -> bool {
        false
    }

    /// May there be actions that cannot be done with all packets of the match? So it is in OpenFlow 1.0,
    /// where they are then not done.
    fn is_lenient(&self) -> bool {
        false
    }
}

/// All groups and meters are taken to exist, and no tunnel option has a place.
pub(crate) struct Anything;

impl Known for Anything {
    fn has_group(&self, _: GroupId) -> bool {
        true
    }

    fn has_meter(&self, _: MeterId) -> bool {
        true
    }
}

/// Refuses a flow-mod that makes no sense.
///
/// # Errors
/// What is wrong with it. That groups and meters exist is not asked of a deletion.
pub(crate) fn flow_mod(change: &FlowMod, known: &impl Known) -> Result<(), Error> {
    let FlowMod { flags, matching, instructions, table, .. } = change;
    if flags.contains(FlowFlags::EMERGENCY) {
        let has_timeout = change.idle_timeout != 0 || change.hard_timeout != 0;
        return Err(Error::EmergencyRule { has_timeout });
    }
    let unknown = flags.difference(FlowFlags::all());
    if !unknown.is_empty() {
        return Err(Error::UnknownFlags(unknown.bits()));
    }
    check_match(matching, known)?;
    check_instructions(instructions, *table, matching, known)?;
    // Packets are not kept for controllers, so there is none of any number.
    if let Some(buffer) = change.buffer.filter(|_| !change.command.deletes()) {
        return Err(Error::UnknownBuffer(buffer));
    }
    if !change.command.deletes() {
        check_references(instructions, known)?;
    }
    Ok(())
}

/// Refuses actions for a packet that make no sense. `key` is the packet's.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn packet_out(
    actions: &[Action],
    key: &FlowKey,
    known: &impl Known,
) -> Result<(), Error> {
    let mut facts = Facts::of_packet(key, known.is_lenient());
    list(ActionList::PacketOut, actions, &mut facts, known)?;
    groups_exist(ActionList::PacketOut, actions, known)
}

/// Refuses actions of a bucket that make no sense. Whether they can be done with the packets that come
/// is not asked, and neither is whether groups exist, as by Open vSwitch.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn bucket(actions: &[Action], known: &impl Known) -> Result<(), Error> {
    list(ActionList::Bucket, actions, &mut Facts::of_any_packet(), known)
}

fn check_match(matching: &Match, known: &impl Known) -> Result<(), Error> {
    if let Some(field) = matching.opaque_fields().first() {
        return Err(Error::UnknownMatchField(field.clone()));
    }
    let mut options = matching.tunnel_options().iter().map(|option| option.field());
    if let Some(field) = options.find(|field| !known.has_tunnel_option(*field)) {
        return Err(Error::UnmappedField(field));
    }
    match matching.missing_prerequisite() {
        Some((field, needed)) => {
            Err(Error::MissingPrerequisite { field: field.name(), needed: needed.name() })
        }
        None => Ok(()),
    }
}

fn check_instructions(
    instructions: &Instructions,
    table: TableId,
    matching: &Match,
    known: &impl Known,
) -> Result<(), Error> {
    let Instructions { meter, apply, clear: _, write, metadata: _, goto, opaque } = instructions;
    if let Some(opaque) = opaque.first() {
        let experimenter = opaque.starts_with(&[0xff, 0xff]);
        return Err(Error::UnknownInstruction { experimenter });
    }
    if let Some(meter) = meter.filter(|meter| !(1..=MeterId::MAX.0).contains(&meter.0)) {
        return Err(Error::NoSuchMeter(meter));
    }
    let mut facts = Facts::of_match(matching, known.is_lenient());
    list(ActionList::Apply, apply.as_deref().unwrap_or_default(), &mut facts, known)?;
    let beside = meter.is_some()
        || instructions.clear
        || write.is_some()
        || instructions.metadata.is_some()
        || goto.is_some();
    let is_clause = |action: &Action| matches!(action, Action::Conjunction { .. });
    let clause = instructions.applied().iter().position(is_clause);
    if let Some(index) = clause.filter(|_| beside) {
        let error = ActionError::Conjunction("a conjunction stands with no other instruction");
        return Err(Error::Action { list: ActionList::Apply, index, error });
    }
    // When the action set is done, the packet may be another.
    let written = instructions.written();
    list(ActionList::Write, written, &mut facts.lenient(), known)?;
    match *goto {
        Some(to) if to > TableId::MAX || (table != TableId::ALL && to <= table) => {
            Err(Error::InvalidGoto { from: table, to })
        }
        _ => Ok(()),
    }
}

fn list(
    list: ActionList,
    actions: &[Action],
    facts: &mut Facts,
    known: &impl Known,
) -> Result<(), Error> {
    let place = Place { in_set: list == ActionList::Write, ..Place::default() };
    check_list(actions, place, facts, known).map_err(|(index, error)| Error::Action {
        list,
        index,
        error,
    })
}

/// Do the groups and meters exist?
fn check_references(instructions: &Instructions, known: &impl Known) -> Result<(), Error> {
    if let Some(meter) = instructions.meter.filter(|meter| !known.has_meter(*meter)) {
        return Err(Error::NoSuchMeter(meter));
    }
    groups_exist(ActionList::Apply, instructions.applied(), known)?;
    groups_exist(ActionList::Write, instructions.written(), known)
}

fn groups_exist(list: ActionList, actions: &[Action], known: &impl Known) -> Result<(), Error> {
    for (index, action) in actions.iter().enumerate() {
        if let Some(group) = missing_group(action, known) {
            let error = ActionError::OutGroup(group);
            return Err(Error::Action { list, index, error });
        }
    }
    Ok(())
}

/// The first group in an action that does not exist.
fn missing_group(action: &Action, known: &impl Known) -> Option<GroupId> {
    match action {
        Action::Group(group) => Some(*group).filter(|group| !known.has_group(*group)),
        Action::Clone(actions) => actions.iter().find_map(|inner| missing_group(inner, known)),
        _ => None,
    }
}
