//! Flows: changes of the flow table, requests, and what `dump-flows` prints.

mod read;
mod show;
mod stats;

pub(super) use read::{read, read_mod, read_request};
pub(super) use stats::read_stats;

use super::error::ParseError;
use super::piece::Piece;
use ovs_core::flow::FlowFlags;

/// Words for what is wished for a flow, in the order in which they are written.
const FLAGS: [(&str, FlowFlags); 5] = [
    ("send_flow_rem", FlowFlags::SEND_FLOW_REM),
    ("check_overlap", FlowFlags::CHECK_OVERLAP),
    ("reset_counts", FlowFlags::RESET_COUNTS),
    ("no_packet_counts", FlowFlags::NO_PKT_COUNTS),
    ("no_byte_counts", FlowFlags::NO_BYT_COUNTS),
];

/// Other keywords, to tell which one was meant.
const KEYWORDS: [&str; 17] = [
    "table",
    "out_port",
    "out_group",
    "priority",
    "idle_timeout",
    "hard_timeout",
    "importance",
    "cookie",
    "duration",
    "n_packets",
    "n_bytes",
    "idle_age",
    "hard_age",
    "send_flow_rem",
    "check_overlap",
    "reset_counts",
    "actions",
];

fn flag(word: &str) -> Option<FlowFlags> {
    FLAGS.iter().find(|(known, _)| *known == word).map(|(_, flag)| *flag)
}

/// What stands before and behind `actions=`.
fn split_actions(text: Piece<'_>) -> Result<(Piece<'_>, Piece<'_>), ParseError> {
    let start = text.text.find("action").ok_or_else(|| text.missing("`actions=`"))?;
    let (flow, rest) = (text.cut(0..start), text.from(start));
    let (_, actions) = rest.split_once("=").ok_or_else(|| rest.missing("`=` and actions"))?;
    Ok((flow, actions))
}

/// Takes off the command that a line may begin with, and gives its number in `commands`. Of the
/// first word any part from the beginning will do, if it is not empty.
pub(super) fn take_command(text: &mut Piece<'_>, commands: &[&str]) -> Option<usize> {
    let line = text.from(text.text.len() - text.text.trim_start().len());
    let end = line.text.find([',', ' ', '\t', '\r', '\n']).unwrap_or(line.text.len());
    let word = line.cut(0..end);
    let starts = |command: &str| !word.is_empty() && command.starts_with(word.text);
    let command = commands.iter().position(|command| starts(command))?;
    *text = line.from(end);
    Some(command)
}
