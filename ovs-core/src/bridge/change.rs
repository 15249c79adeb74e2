//! Changes of the rules: which ones a bridge understands, and which rules they are about.

use crate::Error;
use crate::action::{Action, Instructions};
use crate::flow::{FlowFlags, FlowMod, FlowModCommand, Rule};
use crate::group::GroupId;
use crate::port::{PortNo, TableId};

/// Refuses what the bridge cannot do, rather than doing something else.
pub(super) fn check(change: &FlowMod) -> Result<(), Error> {
    let deletes = matches!(change.command, FlowModCommand::Delete | FlowModCommand::DeleteStrict);
    // All tables for a deletion; else the switch chooses.
    if ![TableId(0), TableId::ALL].contains(&change.table) {
        return Err(Error::Unsupported("tables other than 0"));
    }
    if deletes {
        return Ok(());
    }
    if (change.idle_timeout, change.hard_timeout) != (0, 0) {
        return Err(Error::Unsupported("timeouts"));
    }
    if change.buffer.is_some() {
        return Err(Error::Unsupported("buffered packets"));
    }
    if change.flags.intersects(FlowFlags::SEND_FLOW_REM | FlowFlags::CHECK_OVERLAP) {
        return Err(Error::Unsupported("telling of removed rules and refusing overlaps"));
    }
    check_instructions(&change.instructions)
}

fn check_instructions(instructions: &Instructions) -> Result<(), Error> {
    let only_applies = Instructions { apply: None, ..instructions.clone() } == Instructions::none();
    if !only_applies {
        return Err(Error::Unsupported("instructions other than apply-actions"));
    }
    let known = [PortNo::IN_PORT, PortNo::NORMAL, PortNo::FLOOD, PortNo::ALL];
    for action in instructions.applied() {
        match action {
            Action::Output { port, .. } if port.is_assignable() || known.contains(port) => {}
            Action::Output { port, .. } => return Err(Error::InvalidOutput(*port)),
            _ => return Err(Error::Unsupported("actions other than output")),
        }
    }
    Ok(())
}

/// The ports that a rule sends packets to.
pub(super) fn outputs(instructions: &Instructions) -> impl Iterator<Item = PortNo> + '_ {
    instructions.applied().iter().filter_map(|action| match action {
        Action::Output { port, .. } => Some(*port),
        _ => None,
    })
}

/// Is a modification or deletion about this rule?
pub(super) fn is_meant(rule: &Rule, change: &FlowMod) -> bool {
    let deletes = matches!(change.command, FlowModCommand::Delete | FlowModCommand::DeleteStrict);
    let strict =
        matches!(change.command, FlowModCommand::ModifyStrict | FlowModCommand::DeleteStrict);
    let matches = if strict {
        rule.priority == change.priority && rule.matching == change.matching
    } else {
        change.matching.covers(&rule.matching)
    };
    let uses = change.out_port == PortNo::ANY
        || outputs(&rule.instructions).any(|port| port == change.out_port);
    matches
        && change.cookie_filter.accepts(rule.cookie)
        && (!deletes || (uses && change.out_group == GroupId::ANY))
}
