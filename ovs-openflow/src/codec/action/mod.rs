//! Lists of actions (OpenFlow 1.3.5 §7.2.5; ovs-actions(7)).
//!
//! An action begins with its type and its length, 16 bits each; the length is a multiple of 8.
//! One of an experimenter goes on with its id.

mod nicira;
mod of10;
mod standard;

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use ovs_core::action::{Action, Metadata};
use ovs_core::field::{Field, Prerequisite};
use ovs_core::matching::Match;

/// `OFPAT_EXPERIMENTER`, `OFPAT_VENDOR`.
const EXPERIMENTER: u16 = 0xffff;
/// Nicira's id as an experimenter.
const NICIRA: u32 = 0x0000_2320;
/// The Open Networking Foundation's id as an experimenter.
const ONF: u32 = 0x4f4e_4600;

/// How deep actions may stand in actions.
const MAX_DEPTH: u8 = 16;

/// What an action is read with.
#[derive(Clone, Copy)]
struct Context {
    version: Version,
    /// Lists that the action stands in.
    depth: u8,
    /// Is the innermost of them a `ct`'s?
    in_ct: bool,
}

/// How many bytes an action has, its header included.
#[derive(Clone, Copy)]
enum Size {
    Exactly(usize),
    AtLeast(usize),
}

impl Size {
    /// Sees to it that an action has as many, of which `before` stand before `at`: that is asked
    /// before anything in it is looked at.
    fn check(self, at: &Reader<'_>, before: usize) -> Result<(), DecodeError> {
        let length = before + at.len();
        let good = match self {
            Self::Exactly(size) => length == size,
            Self::AtLeast(size) => length >= size,
        };
        if good { Ok(()) } else { Err(at.refuse(ErrorCode::OFPBAC_BAD_LEN)) }
    }
}

/// What stands in a list.
enum Item {
    Action(Action),
    /// `NXAST_WRITE_METADATA`, which is an instruction.
    Metadata(Metadata),
}

impl From<Action> for Item {
    fn from(action: Action) -> Self {
        Self::Action(action)
    }
}

/// Reads actions until the reader is empty.
pub(crate) fn take_list(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<Vec<Action>, DecodeError> {
    take_nested(reader, Context { version, depth: 0, in_ct: false })
}

/// Reads actions among which an instruction may stand: those of OpenFlow 1.0, and those that are
/// applied.
pub(crate) fn take_list_with_metadata(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<(Vec<Action>, Option<Metadata>), DecodeError> {
    let context = Context { version, depth: 0, in_ct: false };
    aligned(reader)?;
    let begin = reader.clone();
    let mut actions = Vec::new();
    let mut metadata = None;
    while !reader.is_empty() {
        let at = reader.clone();
        match take(reader, context)? {
            // It is done behind all actions, so none may stand behind it, and no second one.
            _ if metadata.is_some() => {
                return Err(at.refuse(ErrorCode::OFPBAC_UNSUPPORTED_ORDER));
            }
            Item::Action(action) => push(&mut actions, reader, action),
            Item::Metadata(written) => metadata = Some(written),
        }
    }
    check_conjunctions(&begin, &actions, metadata.is_some())?;
    Ok((actions, metadata))
}

/// A list is a multiple of 8 bytes long, as all actions are.
fn aligned(reader: &Reader<'_>) -> Result<(), DecodeError> {
    if reader.len() % 8 == 0 { Ok(()) } else { Err(reader.refuse(ErrorCode::OFPBRC_BAD_LEN)) }
}

/// Conjunctions stand with notes alone, with nothing else in the list or `beside` it.
pub(crate) fn check_conjunctions(
    at: &Reader<'_>,
    actions: &[Action],
    beside: bool,
) -> Result<(), DecodeError> {
    let is_clause = |action: &Action| matches!(action, Action::Conjunction { .. });
    let is_note = |action: &Action| matches!(action, Action::Note(_));
    let alone = !beside && actions.iter().all(|action| is_clause(action) || is_note(action));
    if alone || !actions.iter().any(is_clause) {
        Ok(())
    } else {
        Err(at.refuse(ErrorCode::NXBAC_BAD_CONJUNCTION))
    }
}

/// Reads actions that are written into the action set, where not all can stand.
pub(crate) fn take_set(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<Vec<Action>, DecodeError> {
    let at = reader.clone();
    let actions = take_list(reader, version)?;
    if !actions.iter().all(Action::fits_action_set) {
        Err(at.refuse(ErrorCode::OFPBAC_BAD_TYPE))
    } else {
        Ok(actions)
    }
}

/// Adds an action: the first one makes room for as many as what is left may be.
fn push(actions: &mut Vec<Action>, reader: &Reader<'_>, action: Action) {
    if actions.capacity() == 0 {
        actions.reserve_exact(1 + (reader.len() / 8).min(7));
    }
    actions.push(action);
}

fn take_nested(reader: &mut Reader<'_>, context: Context) -> Result<Vec<Action>, DecodeError> {
    if context.depth > MAX_DEPTH {
        return Err(reader.refuse(ErrorCode::OFPBAC_TOO_MANY));
    }
    aligned(reader)?;
    let begin = reader.clone();
    let mut actions = Vec::new();
    while !reader.is_empty() {
        let at = reader.clone();
        match take(reader, context)? {
            Item::Action(action) => push(&mut actions, reader, action),
            Item::Metadata(_) => return Err(at.refuse(ErrorCode::OFPBIC_UNSUP_INST)),
        }
    }
    check_conjunctions(&begin, &actions, false)?;
    Ok(actions)
}

impl Context {
    /// For the actions in an action.
    fn inner(self, in_ct: bool) -> Self {
        Self { depth: self.depth + 1, in_ct, ..self }
    }

    /// Translating addresses and changing the connection belong into a `ct`, and nothing else
    /// does.
    fn check(self, at: &Reader<'_>, action: &Action) -> Result<(), DecodeError> {
        let field = match action {
            Action::Move { destination, .. } | Action::CopyField { destination, .. } => {
                Some(destination.field())
            }
            _ => action.assignment().map(|(field, ..)| field),
        };
        let of_ct = matches!(field, Some(Field::CtMark | Field::CtLabel))
            || matches!(action, Action::Nat(_));
        match (of_ct, self.in_ct) {
            (true, false) => Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT)),
            (false, true) => Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT)),
            _ => Ok(()),
        }
    }
}

fn take(reader: &mut Reader<'_>, context: Context) -> Result<Item, DecodeError> {
    const BAD_LENGTH: ErrorCode = ErrorCode::OFPBAC_BAD_LEN;
    let at = reader.clone().named("ofp_action_header", BAD_LENGTH);
    let mut body = reader.element(2, 8, "ofp_action_header", BAD_LENGTH)?;
    if body.len() % 8 != 0 {
        return Err(at.refuse(BAD_LENGTH));
    }
    let whole = body.clone();
    let kind = body.u16()?;
    body.skip(2)?;
    let known = if kind == EXPERIMENTER {
        match body.u32()? {
            NICIRA => nicira::take(&mut body, context)?,
            ONF if context.version == Version::OF13 => nicira::take_onf(&mut body)?,
            _ => None,
        }
    } else if context.version == Version::OF10 {
        of10::take(kind, &mut body)?.map(Item::from)
    } else {
        standard::take(kind, &mut body, context.version)?.map(Item::from)
    };
    if let Some(Item::Action(action)) = &known {
        context.check(&at, action)?;
    }
    Ok(known.unwrap_or_else(|| Item::Action(Action::Opaque(whole.peek().into()))))
}

/// Actions of OpenFlow 1.0 on VLANs and ports, in the words of later versions as far as the match tells what the
/// packets are: no second tag is put on one that has one, and a port is that of their protocol.
pub(crate) fn for_packets_of<'a>(actions: &'a [Action], matching: &Match) -> Cow<'a, [Action]> {
    fn is_older(action: &Action) -> bool {
        match action {
            Action::SetVlanVid(_) | Action::SetVlanPcp(_) => true,
            Action::SetTpSrc(_) | Action::SetTpDst(_) => true,
            Action::Clone(actions) => actions.iter().any(is_older),
            _ => false,
        }
    }
    if !actions.iter().any(is_older) {
        return Cow::Borrowed(actions);
    }
    let transports = [
        (Prerequisite::Tcp, Field::TcpSrc, Field::TcpDst),
        (Prerequisite::Udp, Field::UdpSrc, Field::UdpDst),
        (Prerequisite::Sctp, Field::SctpSrc, Field::SctpDst),
    ];
    let transport = transports.into_iter().find(|(prerequisite, ..)| matching.meets(*prerequisite));
    let set = |field: Field, value: u16| Action::SetField {
        field,
        value: value.into(),
        mask: field.ones(),
    };
    let mut tagged = matching.meets(Prerequisite::Vlan);
    let mut said = Vec::with_capacity(actions.len() + 1);
    for action in actions {
        if let Action::SetVlanVid(_) | Action::SetVlanPcp(_) | Action::PushVlan(_) = action {
            if !tagged && !matches!(action, Action::PushVlan(_)) {
                said.push(Action::PushVlan(0x8100));
            }
            tagged = true;
        }
        said.push(match (action, transport) {
            (Action::SetVlanVid(vid), _) => set(Field::VlanVid, 0x1000 | vid),
            (Action::SetVlanPcp(pcp), _) => set(Field::VlanPcp, u16::from(*pcp)),
            (Action::SetTpSrc(port), Some((_, source, _))) => set(source, *port),
            (Action::SetTpDst(port), Some((_, _, destination))) => set(destination, *port),
            (Action::Clone(actions), _) => {
                Action::Clone(for_packets_of(actions, matching).into_owned())
            }
            _ => action.clone(),
        });
        if let Action::PopVlan | Action::StripVlan = action {
            tagged = false;
        }
    }
    Cow::Owned(said)
}

/// Writes actions.
pub(crate) fn put_list(
    writer: &mut Writer<'_>,
    actions: &[Action],
    version: Version,
) -> Result<(), EncodeError> {
    // OpenFlow 1.0's actions on VLANs put a tag on where there is none. Later ones have to say so,
    // and without the packet it is taken that there is none at first.
    let mut tagged = version == Version::OF10;
    for (n, action) in actions.iter().enumerate() {
        match action {
            Action::PushVlan(kind) if version == Version::OF10 => {
                of10::check_push(*kind, actions.get(n + 1))?;
            }
            Action::SetVlanVid(_) | Action::SetVlanPcp(_) if !tagged => {
                put(writer, &Action::PushVlan(0x8100), version)?;
                tagged = true;
            }
            Action::PushVlan(_) => tagged = true,
            Action::PopVlan | Action::StripVlan => tagged = version == Version::OF10,
            _ => {}
        }
        put(writer, action, version)?;
    }
    Ok(())
}

fn put(writer: &mut Writer<'_>, action: &Action, version: Version) -> Result<(), EncodeError> {
    if let Action::Opaque(bytes) = action {
        writer.slice(bytes);
        return Ok(());
    }
    let done = if version == Version::OF10 {
        of10::put(writer, action)?
    } else {
        standard::put(writer, action, version)?
    };
    if done { Ok(()) } else { nicira::put(writer, action, version) }
}

/// Writes `NXAST_WRITE_METADATA`, the instruction as OpenFlow 1.0 has it.
pub(crate) fn put_metadata(writer: &mut Writer<'_>, metadata: Metadata) -> Result<(), EncodeError> {
    nicira::put_metadata(writer, metadata)
}

/// Writes an action with a type of the specification, and zeros up to a multiple of 8.
fn put_action(
    writer: &mut Writer<'_>,
    kind: u16,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u16(kind);
    let length = writer.open(begin);
    body(writer)?;
    writer.align(begin);
    writer.close(length, "ofp_action_header")
}

#[cfg(test)]
mod tests;
