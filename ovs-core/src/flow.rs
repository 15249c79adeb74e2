//! Rules of the flow table, and how they are changed.

use crate::Error;
use crate::action::{Action, Instructions};
use crate::group::GroupId;
use crate::matching::Match;
use crate::pipeline::check::{self, Anything};
use crate::port::{PortNo, TableId};
use bitflags::bitflags;
use core::time::Duration;

/// A rule of a flow table, as it is told to who asks (OpenFlow 1.3.5 §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The table that it is in.
    pub table: TableId,
    /// Of all rules that match a packet, the one with the highest priority applies; between
    /// equals it is not defined which.
    pub priority: u16,
    /// Which packets it applies to.
    pub matching: Match,
    /// What is done with them; nothing: they are dropped.
    pub instructions: Instructions,
    /// A number that means something to who made the rule.
    pub cookie: u64,
    /// What was asked for when it was made.
    pub flags: FlowFlags,
    /// Rules of less importance go first when the table is full.
    pub importance: u16,
    /// Seconds without a packet after which it goes; 0: never.
    pub idle_timeout: u16,
    /// Seconds after which it goes; 0: never.
    pub hard_timeout: u16,
    /// How many packets it was applied to.
    pub packets: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// How long it has been there.
    pub age: Duration,
    /// How long ago it was made or last changed.
    pub unmodified: Duration,
    /// How long ago it was made or last applied to a packet.
    pub unused: Duration,
}

/// A rule is gone (OpenFlow 1.3.5 §7.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRemoved {
    /// The rule as it was at last.
    pub rule: Rule,
    /// Why it is gone.
    pub reason: RemovedReason,
}

/// Why a rule is gone (`enum ofp_flow_removed_reason`, OpenFlow 1.3.5 §7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovedReason {
    /// No packet came for its idle timeout.
    IdleTimeout,
    /// Its hard timeout is over.
    HardTimeout,
    /// It was deleted, or what it was learned by.
    Delete,
    /// A group that it used was deleted.
    GroupDelete,
    /// A meter that it used was deleted (OpenFlow 1.4).
    MeterDelete,
    /// It had to make room for another (OpenFlow 1.4).
    Eviction,
}

impl Rule {
    /// Priority of a rule that names none (`OFP_DEFAULT_PRIORITY`, OpenFlow 1.3.5 §7.3.4.1).
    pub const DEFAULT_PRIORITY: u16 = 0x8000;
}

/// A change of the flow table (OpenFlow 1.3.5 §7.3.4.1).
///
/// ```
/// use ovs_core::PortNo;
/// use ovs_core::action::Action;
/// use ovs_core::flow::FlowMod;
/// use ovs_core::matching::Match;
///
/// let web = Match::new().eth_type(0x0800).ip_proto(6).tcp_dst(80);
/// let change = FlowMod::add().matching(web).priority(100).apply([Action::output(PortNo(2))]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowMod {
    /// What is to be done.
    pub command: FlowModCommand,
    /// The table; [`TableId::ALL`]: for a deletion all, else the switch chooses.
    pub table: TableId,
    /// Which packets the rule is for, or which rules are meant.
    pub matching: Match,
    /// The priority of the rule. Changes that are not strict do not ask for it.
    pub priority: u16,
    /// The cookie that rules get which are added; `None` on a modification that adds none.
    pub cookie: Option<u64>,
    /// Whether a modification gives `cookie` also to rules that there are (OpenFlow 1.0).
    pub updates_cookie: bool,
    /// Of the rules that there are, only those are meant whose cookie agrees with this.
    pub cookie_filter: CookieFilter,
    /// Seconds without a packet after which the rule goes, when the switch is [polled](crate::Switch::poll); 0: never.
    pub idle_timeout: u16,
    /// Seconds after which the rule goes; 0: never.
    pub hard_timeout: u16,
    /// Rules of less importance go first when the table is full (OpenFlow 1.4).
    pub importance: u16,
    /// The packet that is then sent through the table.
    pub buffer: Option<u32>,
    /// Only rules are deleted that output to this port; [`PortNo::ANY`] for no restriction.
    pub out_port: PortNo,
    /// Only rules are deleted that use this group; [`GroupId::ANY`] for no restriction.
    pub out_group: GroupId,
    /// Further wishes.
    pub flags: FlowFlags,
    /// What the rule does.
    pub instructions: Instructions,
}

/// Cookies that agree with `value` in the bits that `mask` has; the default are all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CookieFilter {
    /// The bits asked for.
    pub value: u64,
    /// Which bits count.
    pub mask: u64,
}

impl CookieFilter {
    /// Is this cookie one of those meant?
    pub fn accepts(self, cookie: u64) -> bool {
        (cookie ^ self.value) & self.mask == 0
    }
}

bitflags! {
    /// Wishes for a rule (`enum ofp_flow_mod_flags`, OpenFlow 1.3.5 §7.3.4.1; their places in
    /// OpenFlow 1.0 are others for some).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct FlowFlags: u16 {
        /// The controller is told when the rule goes.
        const SEND_FLOW_REM = 1 << 0;
        /// It is refused if it overlaps another of the same priority; one with the same match it replaces all the
        /// same, as in Open vSwitch.
        const CHECK_OVERLAP = 1 << 1;
        /// The counters of a rule that is changed begin anew.
        const RESET_COUNTS = 1 << 2;
        /// Packets need not be counted.
        const NO_PKT_COUNTS = 1 << 3;
        /// Bytes need not be counted.
        const NO_BYT_COUNTS = 1 << 4;
        /// For when the connection to the controller is lost (`OFPFF_EMERG` of OpenFlow 1.0).
        const EMERGENCY = 1 << 15;
    }
}

/// What a [`FlowMod`] is to do (OpenFlow 1.3.5 §6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowModCommand {
    /// Adds the rule; one with the same match and priority goes.
    Add,
    /// Changes what all rules do whose packets the match covers, whatever their priority.
    Modify,
    /// Changes what the rule does with just this match and priority.
    ModifyStrict,
    /// Deletes all rules whose packets the match covers, whatever their priority.
    Delete,
    /// Deletes the rule with just this match and priority.
    DeleteStrict,
}

impl FlowModCommand {
    /// Does it delete rules?
    pub fn deletes(self) -> bool {
        matches!(self, Self::Delete | Self::DeleteStrict)
    }

    /// Is it about the rule with just the match and priority, rather than all that the match covers?
    pub fn is_strict(self) -> bool {
        matches!(self, Self::ModifyStrict | Self::DeleteStrict)
    }
}

impl FlowMod {
    /// A change with this command that says nothing else: all packets, the default priority, table 0 (a
    /// deletion: all tables), no restriction, no instructions.
    pub fn new(command: FlowModCommand) -> Self {
        Self {
            command,
            table: if command.deletes() { TableId::ALL } else { TableId(0) },
            matching: Match::new(),
            priority: Rule::DEFAULT_PRIORITY,
            cookie: if command == FlowModCommand::Add { Some(0) } else { None },
            updates_cookie: false,
            cookie_filter: CookieFilter::default(),
            idle_timeout: 0,
            hard_timeout: 0,
            importance: 0,
            buffer: None,
            out_port: PortNo::ANY,
            out_group: GroupId::ANY,
            flags: FlowFlags::empty(),
            instructions: Instructions::none(),
        }
    }

    /// Does it make sense in itself? What it refers to is taken to exist, but tunnel options are not
    /// mapped. A switch asks more: whether groups and meters are there, and room.
    ///
    /// ```
    /// use ovs_core::PortNo;
    /// use ovs_core::action::Action;
    /// use ovs_core::flow::FlowMod;
    ///
    /// let change = FlowMod::add().apply([Action::output(PortNo(1)), Action::SetIpTtl(64)]);
    /// assert_eq!(
    ///     change.check().unwrap_err().to_string(),
    ///     "apply-actions action 1, counted from 0: it needs IPv4 or IPv6, which not every packet \
    ///      has that comes here"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// What OpenFlow 1.3 or Open vSwitch refuse.
    pub fn check(&self) -> Result<(), Error> {
        check::flow_mod(self, &Anything)
    }

    /// Adds a rule that matches everything and does nothing, until it is told more.
    #[allow(clippy::should_implement_trait, reason = "the name of the OpenFlow command")]
    pub fn add() -> Self {
        Self::new(FlowModCommand::Add)
    }

    /// Changes what all rules do, until it is told which.
    pub fn modify() -> Self {
        Self::new(FlowModCommand::Modify)
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
        self.matching = matching;
        self
    }

    /// The table.
    pub fn table(mut self, table: TableId) -> Self {
        self.table = table;
        self
    }

    /// The priority, instead of [`Rule::DEFAULT_PRIORITY`].
    pub fn priority(mut self, priority: u16) -> Self {
        self.priority = priority;
        self
    }

    /// The actions that the rule applies.
    pub fn apply(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.instructions.apply = Some(actions.into_iter().collect());
        self
    }

    /// What the rule does.
    pub fn instructions(mut self, instructions: Instructions) -> Self {
        self.instructions = instructions;
        self
    }

    /// A number to know the rule by.
    pub fn cookie(mut self, cookie: u64) -> Self {
        self.cookie = Some(cookie);
        self
    }
}
