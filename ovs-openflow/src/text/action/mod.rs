//! Actions and instructions. Each file reads and writes one family.

mod conntrack;
mod header;
mod learn;
mod list;
mod output;
mod rewrite;
mod sample;
mod select;
mod table;
mod tunnel;

pub(super) use list::{List, read_actions, read_instructions};

use super::error::ParseError;
use super::number::show_bytes;
use super::piece::Piece;
use super::syntax::{Show, Syntax};
use core::fmt;
use ovs_core::action::{Action, Instructions};

/// Actions within actions within actions, at most.
const MAX_DEPTH: u8 = 100;

/// Where an action stands.
#[derive(Clone, Copy)]
struct Context<'s> {
    syntax: Syntax<'s>,
    depth: u8,
    within: Within,
}

/// The action that has it as a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    None,
    Clone,
    WriteActions,
    Ct,
}

/// An action that was read.
type Read = Result<Action, ParseError>;

/// `value` must be empty.
fn alone(action: Action, value: Piece<'_>) -> Read {
    if value.is_empty() {
        Ok(action)
    } else {
        Err(value.refused("stands behind an action that takes no argument"))
    }
}

impl fmt::Display for Show<'_, Action> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { syntax, what: action } = *self;
        let shown = output::show(f, syntax, action)
            .or_else(|| rewrite::show(f, syntax, action))
            .or_else(|| header::show(f, action))
            .or_else(|| tunnel::show(f, action))
            .or_else(|| table::show(f, syntax, action))
            .or_else(|| select::show(f, syntax, action))
            .or_else(|| conntrack::show(f, syntax, action));
        match (shown, action) {
            (Some(result), _) => result,
            (None, Action::Opaque(bytes)) => {
                f.write_str("opaque:")?;
                show_bytes(f, bytes)
            }
            // A kind of action that is newer than this.
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for Show<'_, [Action]> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.what.is_empty() {
            return f.write_str("drop");
        }
        let mut separator = "";
        for action in self.what {
            write!(f, "{separator}{}", Show { syntax: self.syntax, what: action })?;
            separator = ",";
        }
        Ok(())
    }
}

impl fmt::Display for Show<'_, Instructions> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { syntax, what: instructions } = *self;
        if instructions.is_empty() {
            return f.write_str("drop");
        }
        let mut out = super::matching::Commas::new(f);
        if let Some(meter) = instructions.meter {
            out.put(format_args!("meter:{}", meter.0))?;
        }
        if !instructions.applied().is_empty() {
            out.put(format_args!("{}", syntax.show_actions(instructions.applied())))?;
        }
        if instructions.clear {
            out.put(format_args!("clear_actions"))?;
        }
        if let Some(actions) = &instructions.write {
            out.put(format_args!("write_actions({})", syntax.show_actions(actions)))?;
        }
        if let Some(metadata) = instructions.metadata {
            let f = out.next()?;
            f.write_str("write_metadata:")?;
            super::field::show_hex(f, metadata.value.into())?;
            if metadata.mask != u64::MAX {
                f.write_str("/")?;
                super::field::show_hex(f, metadata.mask.into())?;
            }
        }
        if let Some(table) = instructions.goto {
            out.put(format_args!("goto_table:{}", syntax.show_table(table)))?;
        }
        for bytes in &instructions.opaque {
            let f = out.next()?;
            f.write_str("opaque_instruction:")?;
            show_bytes(f, bytes)?;
        }
        Ok(())
    }
}
