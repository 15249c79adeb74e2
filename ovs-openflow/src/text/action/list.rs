//! Lists of actions and instructions, in the order that instructions must have.

use super::{Context, MAX_DEPTH, Read, Within};
use super::{conntrack, header, learn, output, rewrite, select, table, tunnel};
use crate::text::error::{Complaint, ParseError};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use crate::text::similar::similar;
use crate::text::syntax::Syntax;
use alloc::vec::Vec;
use ovs_core::action::{Action, Instructions, Metadata};
use ovs_core::field::Field;
use ovs_core::meter::MeterId;

/// Names of actions and instructions, to tell which one was meant.
const NAMES: &[&str] = &[
    "output",
    "group",
    "controller",
    "enqueue",
    "bundle",
    "bundle_load",
    "set_field",
    "load",
    "move",
    "push",
    "pop",
    "set_vlan_vid",
    "set_vlan_pcp",
    "mod_vlan_vid",
    "mod_vlan_pcp",
    "strip_vlan",
    "pop_vlan",
    "push_vlan",
    "mod_dl_src",
    "mod_dl_dst",
    "mod_nw_src",
    "mod_nw_dst",
    "mod_nw_tos",
    "mod_nw_ecn",
    "mod_nw_ttl",
    "mod_tp_src",
    "mod_tp_dst",
    "dec_ttl",
    "copy_ttl_in",
    "copy_ttl_out",
    "set_mpls_label",
    "set_mpls_tc",
    "set_mpls_ttl",
    "dec_mpls_ttl",
    "push_mpls",
    "pop_mpls",
    "push_pbb",
    "pop_pbb",
    "dec_nsh_ttl",
    "delete_field",
    "encap",
    "decap",
    "set_tunnel",
    "set_tunnel64",
    "set_queue",
    "pop_queue",
    "fin_timeout",
    "resubmit",
    "learn",
    "conjunction",
    "multipath",
    "note",
    "exit",
    "sample",
    "ct",
    "ct_clear",
    "nat",
    "clone",
    "check_pkt_larger",
    "meter",
    "clear_actions",
    "write_actions",
    "write_metadata",
    "goto_table",
    "drop",
    "normal",
    "flood",
    "all",
    "local",
    "in_port",
];

/// Reads actions; instructions are refused.
pub(in crate::text) fn read_actions(
    syntax: Syntax<'_>,
    text: Piece<'_>,
) -> Result<Vec<Action>, ParseError> {
    let mut list = List::new(syntax);
    list.take_all(text)?;
    list.finish()
}

/// Reads actions and instructions.
pub(in crate::text) fn read_instructions(
    syntax: Syntax<'_>,
    text: Piece<'_>,
) -> Result<Instructions, ParseError> {
    let mut instructions = Instructions::none();
    let mut list = List { instructions: Some(&mut instructions), ..List::new(syntax) };
    list.take_all(text)?;
    let actions = list.finish()?;
    if !actions.is_empty() {
        instructions.apply = Some(actions);
    }
    Ok(instructions)
}

impl Context<'_> {
    /// Reads the actions that are part of another.
    pub(super) fn read_nested(
        self,
        within: Within,
        text: Piece<'_>,
    ) -> Result<Vec<Action>, ParseError> {
        let context = Self { depth: self.depth + 1, within, ..self };
        if context.depth >= MAX_DEPTH {
            return Err(text.refused("is nested too deeply"));
        }
        let mut list = List { context, ..List::new(self.syntax) };
        list.take_all(text)?;
        list.finish()
    }
}

/// Kinds of instructions in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Meter,
    Apply,
    Clear,
    Write,
    Metadata,
    Goto,
    Opaque,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "meter" => Self::Meter,
            "clear_actions" => Self::Clear,
            "write_actions" => Self::Write,
            "write_metadata" => Self::Metadata,
            "goto_table" => Self::Goto,
            "opaque_instruction" => Self::Opaque,
            _ => Self::Apply,
        }
    }

    /// What is wrong with an instruction that comes behind this one, but should be before.
    fn must_precede(self) -> &'static str {
        match self {
            Self::Meter | Self::Apply => "must stand before the actions",
            Self::Clear => "must stand before `clear_actions`",
            Self::Write => "must stand before `write_actions`",
            Self::Metadata => "must stand before `write_metadata`",
            Self::Goto | Self::Opaque => "must stand before `goto_table`",
        }
    }
}

/// A list as it is read.
pub(in crate::text) struct List<'s, 'i, 'a> {
    context: Context<'s>,
    actions: Vec<Action>,
    /// `None` where instructions cannot be.
    instructions: Option<&'i mut Instructions>,
    /// The kind of the last one.
    last: Option<Kind>,
    /// The word `drop`.
    drop: Option<Piece<'a>>,
    has_conjunction: bool,
    /// The first that cannot be together with a conjunction.
    other: Option<Piece<'a>>,
}

impl<'s, 'a> List<'s, '_, 'a> {
    pub(in crate::text) fn new(syntax: Syntax<'s>) -> Self {
        let context = Context { syntax, depth: 0, within: Within::None };
        let (last, drop, other) = (None, None, None);
        let actions = Vec::new();
        Self { context, actions, instructions: None, last, drop, has_conjunction: false, other }
    }

    pub(in crate::text) fn take_all(&mut self, text: Piece<'a>) -> Result<(), ParseError> {
        text.pairs().try_for_each(|pair| self.take(pair))
    }

    /// Takes one action or instruction.
    pub(in crate::text) fn take(&mut self, pair: Pair<'a>) -> Result<(), ParseError> {
        let key = pair.key;
        let name = key.text.to_ascii_lowercase();
        match name.as_str() {
            "drop" => {
                self.drop = Some(key);
                return Ok(());
            }
            "conjunction" => self.has_conjunction = true,
            "note" => {}
            _ => self.other = self.other.or(Some(key)),
        }
        let kind = Kind::of(&name);
        match self.last {
            Some(last) if kind < last => return Err(key.refused(last.must_precede())),
            Some(last) if kind == last && !matches!(kind, Kind::Apply | Kind::Opaque) => {
                return Err(key.refused("is said twice"));
            }
            _ => self.last = Some(kind),
        }
        match kind {
            Kind::Apply => self.read_action(&name, pair),
            _ => self.read_instruction(kind, pair),
        }
    }

    /// The actions, if they can be together.
    pub(in crate::text) fn finish(self) -> Result<Vec<Action>, ParseError> {
        if let (Some(drop), Some(_)) = (self.drop, self.last) {
            return Err(drop.refused("must not be accompanied by any other action or instruction"));
        }
        match self.other.filter(|_| self.has_conjunction) {
            Some(other) => Err(other.refused("must not accompany `conjunction`")),
            None => Ok(self.actions),
        }
    }

    fn read_instruction(&mut self, kind: Kind, pair: Pair<'_>) -> Result<(), ParseError> {
        let Pair { key, value } = pair;
        let Some(instructions) = self.instructions.as_deref_mut() else {
            return Err(key.refused("is an instruction, which cannot stand here"));
        };
        match kind {
            Kind::Meter => instructions.meter = Some(MeterId(number::word(value)?)),
            Kind::Apply => {}
            Kind::Clear => instructions.clear = true,
            Kind::Write => {
                let actions = self.context.read_nested(Within::WriteActions, value)?;
                instructions.write = Some(actions);
            }
            Kind::Metadata => {
                let (value, mask) = match value.split_once("/") {
                    Some((value, mask)) => (number::long(value)?, number::long(mask)?),
                    None => (number::long(value)?, u64::MAX),
                };
                instructions.metadata = Some(Metadata { value, mask });
            }
            Kind::Goto => instructions.goto = Some(self.context.syntax.read_table(value)?),
            Kind::Opaque => instructions.opaque.push(number::read_bytes(value)?.into()),
        }
        Ok(())
    }

    fn read_action(&mut self, name: &str, pair: Pair<'_>) -> Result<(), ParseError> {
        let Pair { key, value } = pair;
        if name == "load" {
            let before = self.actions.len();
            rewrite::read_load(value, &mut self.actions)?;
            let loads = self.actions.get(before..).unwrap_or_default();
            return loads.iter().try_for_each(|load| check_nesting(self.context, load, key));
        }
        let action = self.read_one(name, pair).unwrap_or_else(|| match name {
            "apply_actions" => Err(key.refused("is what is done without being said")),
            _ if value.is_empty() => self.read_output(key),
            _ => Err(unknown(key)),
        })?;
        check_nesting(self.context, &action, key)?;
        self.actions.push(action);
        Ok(())
    }

    fn read_one(&self, name: &str, pair: Pair<'_>) -> Option<Read> {
        let (context, value) = (self.context, pair.value);
        output::read(context, name, value)
            .or_else(|| rewrite::read(context, name, value))
            .or_else(|| header::read(name, value))
            .or_else(|| tunnel::read(name, value))
            .or_else(|| table::read(context, name, value))
            .or_else(|| learn::read(context, name, value))
            .or_else(|| select::read(context, name, value))
            .or_else(|| conntrack::read(context, name, value))
    }

    /// A port alone is where the packet goes.
    fn read_output(&self, port: Piece<'_>) -> Read {
        match self.context.syntax.read_port(port) {
            Ok(port) => Ok(Action::Output { port, max_len: 0 }),
            Err(error) if matches!(error.complaint, Complaint::Refused(_)) => Err(error),
            Err(_) => Err(unknown(port)),
        }
    }
}

fn unknown(name: Piece<'_>) -> ParseError {
    let similar = similar(name.text, NAMES.iter().copied());
    name.error(Complaint::Unknown { what: "neither an action nor a port", similar })
}

/// Some actions can stand only in a `ct`, and there only those.
fn check_nesting(context: Context<'_>, action: &Action, key: Piece<'_>) -> Result<(), ParseError> {
    let changed = match action {
        Action::SetField { field, .. } | Action::Load2 { field, .. } => Some(*field),
        Action::Load { destination, .. }
        | Action::Move { destination, .. }
        | Action::CopyField { destination, .. } => Some(destination.field()),
        _ => None,
    };
    let sets = matches!(changed, Some(Field::CtMark | Field::CtLabel));
    let translates = matches!(action, Action::Nat(_));
    match context.within == Within::Ct {
        true if !sets && !translates => Err(key.refused("cannot stand in `ct`")),
        false if sets => Err(key.refused("changes what only an action in `ct` can change")),
        false if translates => Err(key.refused("can stand only in `ct`")),
        _ => Ok(()),
    }
}
