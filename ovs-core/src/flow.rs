//! Rules of the flow table, and how they are changed.

use crate::matching::Match;
use crate::port::PortNo;
use alloc::vec::Vec;

/// What a rule does with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Sends it out by a port: one that exists when the packet comes, or one of the reserved `IN_PORT`,
    /// `ALL`, `FLOOD`, `NORMAL` (OpenFlow 1.3.5 §4.5).
    Output(PortNo),
}

/// A rule of the flow table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Of all rules that match a packet, the one with the highest priority applies; between
    /// equals it is not defined which.
    pub priority: u16,
    /// Which packets it applies to.
    pub matching: Match,
    /// What is done with them, in order; nothing: they are dropped.
    pub actions: Vec<Action>,
    /// A number that means something to who made the rule.
    pub cookie: u64,
}

impl Rule {
    /// Priority of a rule that names none (`OFP_DEFAULT_PRIORITY`, OpenFlow 1.3.5 §7.3.4.1).
    pub const DEFAULT_PRIORITY: u16 = 0x8000;
}

/// A change of the flow table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowMod {
    /// What is to be done.
    pub command: FlowModCommand,
    /// The rule to be added, or what tells the rules to be deleted.
    pub rule: Rule,
}

/// What a [`FlowMod`] is to do (OpenFlow 1.3.5 §6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowModCommand {
    /// Adds the rule; one with the same match and priority goes.
    Add,
    /// Deletes all rules whose packets the match covers, whatever their priority.
    Delete,
    /// Deletes the rule with just this match and priority.
    DeleteStrict,
}

impl FlowMod {
    fn new(command: FlowModCommand) -> Self {
        let matching = Match::new();
        let priority = Rule::DEFAULT_PRIORITY;
        Self { command, rule: Rule { priority, matching, actions: Vec::new(), cookie: 0 } }
    }

    /// Adds a rule that matches everything and does nothing, until it is told more.
    #[allow(clippy::should_implement_trait, reason = "the name of the OpenFlow command")]
    pub fn add() -> Self {
        Self::new(FlowModCommand::Add)
    }

    /// Deletes all rules, until it is told which.
    pub fn delete() -> Self {
        Self::new(FlowModCommand::Delete)
    }

    /// Deletes one rule by its match and priority.
    pub fn delete_strict() -> Self {
        Self::new(FlowModCommand::DeleteStrict)
    }

    /// Which packets the rule is for.
    pub fn matching(mut self, matching: Match) -> Self {
        self.rule.matching = matching;
        self
    }

    /// The priority, instead of [`Rule::DEFAULT_PRIORITY`].
    pub fn priority(mut self, priority: u16) -> Self {
        self.rule.priority = priority;
        self
    }

    /// What the rule does.
    pub fn apply(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.rule.actions = actions.into_iter().collect();
        self
    }

    /// A number to know the rule by.
    pub fn cookie(mut self, cookie: u64) -> Self {
        self.rule.cookie = cookie;
        self
    }
}
