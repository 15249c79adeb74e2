//! Matches, actions, flows, groups and meters as text, in the syntax of Open vSwitch
//! (ovs-fields(7), ovs-actions(7), ovs-ofctl(8)).
//!
//! What `ovs-ofctl` accepts is read, and what it prints is written: a line of `dump-flows` or a
//! file for `add-flows` means the same here.
//!
//! ```
//! use ovs_core::flow::FlowModCommand;
//! use ovs_openflow::text;
//!
//! let line = "priority=100,ip,nw_dst=10.0.0.0/8,actions=dec_ttl,output:2";
//! let flow = text::parse_flow(line, FlowModCommand::Add)?;
//! assert_eq!(flow.priority, 100);
//! assert_eq!(text::show_match(&flow.matching).to_string(), "ip,nw_dst=10.0.0.0/8");
//! assert_eq!(text::show_instructions(&flow.instructions).to_string(), "dec_ttl,output:2");
//! # Ok::<(), text::ParseError>(())
//! ```
//!
//! An error says where it is and what would have been right:
//!
//! ```
//! # use ovs_openflow::text;
//! let line = "tcp,tcp_dts=80";
//! let error = text::parse_match(line).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "at 4: `tcp_dts` is neither a field nor a keyword; did you mean `tcp_dst`?"
//! );
//! assert_eq!(error.within(line).to_string(), "tcp,tcp_dts=80\n    ^~~~~~~");
//! ```
//!
//! Ports and tables can have names: see [`Syntax`].

mod action;
mod error;
mod field;
mod flow;
mod group;
mod matching;
mod meter;
mod names;
mod number;
mod piece;
mod port;
mod similar;
mod syntax;

pub use error::{Complaint, ParseError, Pointed};
pub use names::{NameMap, Names, NoNames};
pub use syntax::{Show, ShowFlowStats, ShowMatch, ShowPort, ShowTable, Syntax};

use crate::message::{FlowStats, FlowStatsRequest};
use alloc::vec::Vec;
use ovs_core::action::{Action, Instructions};
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_core::group::{Group, GroupMod};
use ovs_core::matching::Match;
use ovs_core::meter::{Meter, MeterMod};

/// Reads a match: `ip,nw_dst=10.0.0.0/8`.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_match(text: &str) -> Result<Match, ParseError> {
    Syntax::PLAIN.parse_match(text)
}

/// Reads a list of actions: `dec_ttl,output:2`; `drop` and nothing are an empty list.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_actions(text: &str) -> Result<Vec<Action>, ParseError> {
    Syntax::PLAIN.parse_actions(text)
}

/// Reads what stands behind `actions=` of a flow: actions, and instructions in their order.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_instructions(text: &str) -> Result<Instructions, ParseError> {
    Syntax::PLAIN.parse_instructions(text)
}

/// Reads a flow as `add-flow`, `mod-flows` or `del-flows` takes it (ovs-ofctl(8), "Flow Syntax").
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_flow(text: &str, command: FlowModCommand) -> Result<FlowMod, ParseError> {
    Syntax::PLAIN.parse_flow(text, command)
}

/// Reads a flow that may begin with `add`, `modify`, `modify_strict`, `delete` or
/// `delete_strict`, as a line in a file for `add-flows --bundle`; else it is added.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_flow_mod(text: &str) -> Result<FlowMod, ParseError> {
    Syntax::PLAIN.parse_flow_mod(text)
}

/// Reads which flows are meant, as `dump-flows` takes it.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_flow_request(text: &str) -> Result<FlowStatsRequest, ParseError> {
    Syntax::PLAIN.parse_flow_request(text)
}

/// Reads a flow as `dump-flows` prints it, counters and times included.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_flow_stats(text: &str) -> Result<FlowStats, ParseError> {
    Syntax::PLAIN.parse_flow_stats(text)
}

/// Reads a group as `add-group` takes it and `dump-groups` prints it (ovs-ofctl(8), "Group
/// Syntax").
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_group(text: &str) -> Result<Group, ParseError> {
    Syntax::PLAIN.parse_group(text)
}

/// Reads a change of a group that may begin with `add`, `modify`, `add_or_mod`, `delete`,
/// `insert_bucket` or `remove_bucket`; else it is added.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_group_mod(text: &str) -> Result<GroupMod, ParseError> {
    Syntax::PLAIN.parse_group_mod(text)
}

/// Reads a meter as `add-meter` takes it and `dump-meters` prints it (ovs-ofctl(8), "Meter
/// Syntax").
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_meter(text: &str) -> Result<Meter, ParseError> {
    Syntax::PLAIN.parse_meter(text)
}

/// Reads a change of a meter that may begin with `add`, `modify` or `delete`; else it is added.
///
/// # Errors
///
/// If a part of it is not understood.
pub fn parse_meter_mod(text: &str) -> Result<MeterMod, ParseError> {
    Syntax::PLAIN.parse_meter_mod(text)
}

/// Writes a match. Without fields it is empty; a [`priority`](ShowMatch::priority) stands first.
pub fn show_match(matching: &Match) -> ShowMatch<'_> {
    Syntax::PLAIN.show_match(matching)
}

/// Writes actions; `drop` for none.
pub fn show_actions(actions: &[Action]) -> Show<'_, [Action]> {
    Syntax::PLAIN.show_actions(actions)
}

/// Writes actions and instructions, as they stand behind `actions=`; `drop` for none.
pub fn show_instructions(instructions: &Instructions) -> Show<'_, Instructions> {
    Syntax::PLAIN.show_instructions(instructions)
}

/// Writes a change of the flow table in a form that [`parse_flow_mod`] reads:
/// `add table=1,priority=5,ip actions=drop`.
pub fn show_flow_mod(flow: &FlowMod) -> Show<'_, FlowMod> {
    Syntax::PLAIN.show_flow_mod(flow)
}

/// Writes a flow as `dump-flows` does: `cookie=0x0, duration=3s, table=0, …`.
pub fn show_flow_stats(flow: &FlowStats) -> ShowFlowStats<'_> {
    Syntax::PLAIN.show_flow_stats(flow)
}

/// Writes a group as `dump-groups` does: `group_id=1,type=all,bucket=actions=output:1`.
pub fn show_group(group: &Group) -> Show<'_, Group> {
    Syntax::PLAIN.show_group(group)
}

/// Writes a meter as `dump-meters` does: `meter=1 kbps bands=…`, each band on a line.
pub fn show_meter(meter: &Meter) -> Show<'_, Meter> {
    Syntax::PLAIN.show_meter(meter)
}

#[cfg(test)]
mod tests;
