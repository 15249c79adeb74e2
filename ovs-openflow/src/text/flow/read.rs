//! Reading changes of the flow table, and requests.

use super::{KEYWORDS, flag, split_actions, take_command};
use crate::message::FlowStatsRequest;
use crate::text::action;
use crate::text::error::ParseError;
use crate::text::matching::{MatchReader, unknown};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use crate::text::port::read_group;
use crate::text::syntax::Syntax;
use ovs_core::TableId;
use ovs_core::flow::{CookieFilter, FlowMod, FlowModCommand};

/// Commands that a line may begin with, and the order in which a shortened one is looked for.
const COMMANDS: [(&str, FlowModCommand); 5] = [
    ("add", FlowModCommand::Add),
    ("delete", FlowModCommand::Delete),
    ("delete_strict", FlowModCommand::DeleteStrict),
    ("modify", FlowModCommand::Modify),
    ("modify_strict", FlowModCommand::ModifyStrict),
];

/// What a text is about, which says what can stand in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Command(FlowModCommand),
    Request,
}

impl Purpose {
    fn adds(self) -> bool {
        self == Self::Command(FlowModCommand::Add)
    }

    /// Does it say what flows do?
    fn has_actions(self) -> bool {
        self.adds() || self.modifies()
    }

    fn modifies(self) -> bool {
        use FlowModCommand::{Modify, ModifyStrict};
        matches!(self, Self::Command(Modify | ModifyStrict))
    }

    fn has_priority(self) -> bool {
        self.has_actions() || self == Self::Command(FlowModCommand::DeleteStrict)
    }
}

/// Reads a flow with a command.
pub(in crate::text) fn read(
    syntax: Syntax<'_>,
    text: Piece<'_>,
    command: FlowModCommand,
) -> Result<FlowMod, ParseError> {
    read_for(syntax, text, Purpose::Command(command))
}

/// Reads a flow that may begin with its command.
pub(in crate::text) fn read_mod(
    syntax: Syntax<'_>,
    mut text: Piece<'_>,
) -> Result<FlowMod, ParseError> {
    let command = take_command(&mut text, &COMMANDS.map(|(name, _)| name));
    let command = command.and_then(|number| COMMANDS.get(number));
    read(syntax, text, command.map_or(FlowModCommand::Add, |(_, command)| *command))
}

/// Reads which flows are asked for.
pub(in crate::text) fn read_request(
    syntax: Syntax<'_>,
    text: Piece<'_>,
) -> Result<FlowStatsRequest, ParseError> {
    let flow = read_for(syntax, text, Purpose::Request)?;
    let FlowMod { table, out_port, out_group, cookie_filter, matching, .. } = flow;
    Ok(FlowStatsRequest { table, out_port, out_group, cookie: cookie_filter, matching })
}

fn read_for(syntax: Syntax<'_>, text: Piece<'_>, purpose: Purpose) -> Result<FlowMod, ParseError> {
    let (text, actions) = match purpose.has_actions() {
        true => split_actions(text).map(|(text, actions)| (text, Some(actions)))?,
        false => (text, None),
    };
    let command = match purpose {
        Purpose::Command(command) => command,
        Purpose::Request => FlowModCommand::Delete,
    };
    let mut flow = FlowMod::new(command).table(TableId::ALL);
    let mut matching = MatchReader::new(syntax);
    for pair in text.pairs() {
        match flag(pair.key.text).filter(|_| purpose.has_actions()) {
            Some(flag) => flow.flags |= flag,
            None if matches!(pair.key.text, "no_readonly_table" | "allow_hidden_fields") => {}
            None if matching.take(pair)? => {}
            None => read_keyword(syntax, purpose, &mut flow, pair)?,
        }
    }
    flow.matching = matching.finish();
    if purpose.modifies() && flow.cookie.is_none() && flow.cookie_filter.mask == 0 {
        // Such a modification may add a flow.
        flow.cookie = Some(0);
    }
    if let Some(actions) = actions {
        flow.instructions = action::read_instructions(syntax, actions)?;
    }
    Ok(flow)
}

fn read_keyword(
    syntax: Syntax<'_>,
    purpose: Purpose,
    flow: &mut FlowMod,
    pair: Pair<'_>,
) -> Result<(), ParseError> {
    let Pair { key, value } = pair;
    let known = KEYWORDS.contains(&key.text);
    if known && value.is_empty() {
        return Err(value.missing("a value"));
    }
    match key.text {
        "table" => flow.table = syntax.read_table(value)?,
        "out_port" if !purpose.has_actions() => flow.out_port = syntax.read_port(value)?,
        "out_group" if !purpose.has_actions() => flow.out_group = read_group(value)?,
        "priority" if purpose.has_priority() => flow.priority = number::short(value)?,
        "idle_timeout" if purpose.has_actions() => flow.idle_timeout = number::short(value)?,
        "hard_timeout" if purpose.has_actions() => flow.hard_timeout = number::short(value)?,
        "importance" if purpose.adds() => flow.importance = number::short(value)?,
        "cookie" => read_cookie(purpose, flow, value)?,
        // So that what was printed can be read.
        "duration" | "n_packets" | "n_bytes" | "idle_age" | "hard_age" => {}
        _ if known => return Err(key.refused("cannot be said with this command")),
        _ => return Err(unknown(key, &KEYWORDS)),
    }
    Ok(())
}

/// With a mask it says which flows are meant, otherwise which cookie they get.
fn read_cookie(purpose: Purpose, flow: &mut FlowMod, value: Piece<'_>) -> Result<(), ParseError> {
    match value.split_once("/") {
        Some(_) if purpose.adds() => {
            return Err(value.refused("has a mask, which the cookie of a new flow cannot have"));
        }
        Some((cookie, mask)) => {
            let (value, mask) = (number::long(cookie)?, number::long(mask)?);
            flow.cookie_filter = CookieFilter { value, mask };
        }
        None if !purpose.has_actions() => {
            return Err(value.refused("has no mask; with `/-1` behind it is asked for"));
        }
        None => {
            flow.cookie = Some(number::long(value)?);
            flow.updates_cookie = purpose.modifies();
        }
    }
    Ok(())
}
