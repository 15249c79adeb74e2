//! Reading and writing, with or without names: [`Syntax`].

use super::action;
use super::error::ParseError;
use super::flow;
use super::group;
use super::matching;
use super::meter;
use super::names::{Names, NoNames};
use super::piece::Piece;
use crate::message::{FlowStats, FlowStatsRequest};
use alloc::vec::Vec;
use ovs_core::action::{Action, Instructions};
use ovs_core::flow::{FlowMod, FlowModCommand, Rule};
use ovs_core::group::{Group, GroupMod};
use ovs_core::matching::Match;
use ovs_core::meter::{Meter, MeterMod};
use ovs_core::{PortNo, TableId};

/// How texts are read and written: what ports and tables are called.
///
/// The functions of the [module](super) are those of [`Syntax::PLAIN`], which knows no names.
///
/// ```
/// use ovs_core::PortNo;
/// use ovs_openflow::text::{NameMap, Syntax};
///
/// let mut names = NameMap::new();
/// names.add_port(PortNo(2), "eth0");
/// let syntax = Syntax::with_names(&names);
/// let actions = syntax.parse_actions("output:eth0,3")?;
/// assert_eq!(syntax.show_actions(&actions).to_string(), "output:eth0,output:3");
/// # Ok::<(), ovs_openflow::text::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Syntax<'a> {
    pub(super) names: &'a dyn Names,
}

impl Default for Syntax<'_> {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl<'a> Syntax<'a> {
    /// Without names.
    pub const PLAIN: Self = Self { names: &NoNames };

    /// With the names that `names` knows.
    pub fn with_names(names: &'a dyn Names) -> Self {
        Self { names }
    }

    /// See [`parse_match`](super::parse_match).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_match(self, text: &str) -> Result<Match, ParseError> {
        matching::read(self, Piece::new(text))
    }

    /// See [`parse_actions`](super::parse_actions).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_actions(self, text: &str) -> Result<Vec<Action>, ParseError> {
        action::read_actions(self, Piece::new(text))
    }

    /// See [`parse_instructions`](super::parse_instructions).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_instructions(self, text: &str) -> Result<Instructions, ParseError> {
        action::read_instructions(self, Piece::new(text))
    }

    /// See [`parse_flow`](super::parse_flow).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_flow(self, text: &str, command: FlowModCommand) -> Result<FlowMod, ParseError> {
        flow::read(self, Piece::new(text), command)
    }

    /// See [`parse_flow_mod`](super::parse_flow_mod).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_flow_mod(self, text: &str) -> Result<FlowMod, ParseError> {
        flow::read_mod(self, Piece::new(text))
    }

    /// See [`parse_flow_request`](super::parse_flow_request).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_flow_request(self, text: &str) -> Result<FlowStatsRequest, ParseError> {
        flow::read_request(self, Piece::new(text))
    }

    /// See [`parse_flow_stats`](super::parse_flow_stats).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_flow_stats(self, text: &str) -> Result<FlowStats, ParseError> {
        flow::read_stats(self, Piece::new(text))
    }

    /// See [`parse_group`](super::parse_group).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_group(self, text: &str) -> Result<Group, ParseError> {
        group::read(self, Piece::new(text))
    }

    /// See [`parse_group_mod`](super::parse_group_mod).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_group_mod(self, text: &str) -> Result<GroupMod, ParseError> {
        group::read_mod(self, Piece::new(text))
    }

    /// See [`parse_meter`](super::parse_meter).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_meter(self, text: &str) -> Result<Meter, ParseError> {
        meter::read(Piece::new(text))
    }

    /// See [`parse_meter_mod`](super::parse_meter_mod).
    ///
    /// # Errors
    ///
    /// If a part of it is not understood.
    pub fn parse_meter_mod(self, text: &str) -> Result<MeterMod, ParseError> {
        meter::read_mod(Piece::new(text))
    }

    /// See [`show_match`](super::show_match).
    pub fn show_match(self, matching: &'a Match) -> ShowMatch<'a> {
        ShowMatch { syntax: self, matching, priority: Rule::DEFAULT_PRIORITY }
    }

    /// See [`show_actions`](super::show_actions).
    pub fn show_actions(self, actions: &'a [Action]) -> Show<'a, [Action]> {
        Show { syntax: self, what: actions }
    }

    /// See [`show_instructions`](super::show_instructions).
    pub fn show_instructions(self, instructions: &'a Instructions) -> Show<'a, Instructions> {
        Show { syntax: self, what: instructions }
    }

    /// See [`show_flow_mod`](super::show_flow_mod).
    pub fn show_flow_mod(self, flow: &'a FlowMod) -> Show<'a, FlowMod> {
        Show { syntax: self, what: flow }
    }

    /// See [`show_flow_stats`](super::show_flow_stats).
    pub fn show_flow_stats(self, flow: &'a FlowStats) -> ShowFlowStats<'a> {
        ShowFlowStats { syntax: self, flow, counters: true }
    }

    /// See [`show_group`](super::show_group).
    pub fn show_group(self, group: &'a Group) -> Show<'a, Group> {
        Show { syntax: self, what: group }
    }

    /// See [`show_meter`](super::show_meter).
    pub fn show_meter(self, meter: &'a Meter) -> Show<'a, Meter> {
        Show { syntax: self, what: meter }
    }

    /// Writes a port: its reserved name, the name that is known for it, or the number.
    pub fn show_port(self, port: PortNo) -> ShowPort<'a> {
        ShowPort { syntax: self, port }
    }

    /// Writes a table: the name that is known for it, or the number.
    pub fn show_table(self, table: TableId) -> ShowTable<'a> {
        ShowTable { syntax: self, table }
    }
}

/// Displays something in the syntax of Open vSwitch.
#[derive(Debug)]
pub struct Show<'a, T: ?Sized> {
    pub(super) syntax: Syntax<'a>,
    pub(super) what: &'a T,
}

impl<T: ?Sized> Clone for Show<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Show<'_, T> {}

/// Displays a match.
#[derive(Clone, Copy, Debug)]
pub struct ShowMatch<'a> {
    pub(super) syntax: Syntax<'a>,
    pub(super) matching: &'a Match,
    pub(super) priority: u16,
}

impl ShowMatch<'_> {
    /// With the priority of a rule first, unless it is the default one.
    pub fn priority(self, priority: u16) -> Self {
        Self { priority, ..self }
    }
}

/// Displays a flow with its counters.
#[derive(Clone, Copy, Debug)]
pub struct ShowFlowStats<'a> {
    pub(super) syntax: Syntax<'a>,
    pub(super) flow: &'a FlowStats,
    pub(super) counters: bool,
}

impl ShowFlowStats<'_> {
    /// Without counters, times, and what is as it would be anyway (`--no-stats`).
    pub fn without_counters(self) -> Self {
        Self { counters: false, ..self }
    }
}

/// Displays a port.
#[derive(Clone, Copy, Debug)]
pub struct ShowPort<'a> {
    pub(super) syntax: Syntax<'a>,
    pub(super) port: PortNo,
}

/// Displays a table.
#[derive(Clone, Copy, Debug)]
pub struct ShowTable<'a> {
    pub(super) syntax: Syntax<'a>,
    pub(super) table: TableId,
}
