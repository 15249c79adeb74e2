//! `learn`: rules made of packets.

use super::Subfield;
use alloc::boxed::Box;
use alloc::vec::Vec;
use bitflags::bitflags;

use crate::port::TableId;

/// Makes or changes a rule, with what the packet has (ovs-actions(7), "The learn action";
/// `NXAST_LEARN` and `NXAST_LEARN2`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learn {
    /// Idle timeout of the rule, in seconds; 0 for none.
    pub idle_timeout: u16,
    /// Hard timeout of the rule, in seconds; 0 for none.
    pub hard_timeout: u16,
    /// Its priority.
    pub priority: u16,
    /// Its cookie.
    pub cookie: u64,
    /// Further wishes.
    pub flags: LearnFlags,
    /// The table that it is put into.
    pub table: TableId,
    /// Its idle timeout after a TCP connection of it ended; 0 leaves it.
    pub fin_idle_timeout: u16,
    /// Its hard timeout after a TCP connection of it ended; 0 leaves it.
    pub fin_hard_timeout: u16,
    /// At most so many rules are learned; `None` for no limit.
    pub limit: Option<LearnLimit>,
    /// What the rule matches and does.
    pub specs: Vec<LearnSpec>,
}

/// How many rules one `learn` may have made at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnLimit {
    /// The rules that there may be, in the table and with the cookie of the action.
    pub rules: u32,
    /// A bit that tells whether the rule was learned, if it is asked for.
    pub result: Option<Subfield>,
}

bitflags! {
    /// Wishes for a learned rule.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct LearnFlags: u16 {
        /// The controller is told when the rule goes.
        const SEND_FLOW_REM = 1 << 0;
        /// When the rule with the action goes, what it learned goes too.
        const DELETE_LEARNED = 1 << 1;
    }
}

/// A part of the learned rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnSpec {
    /// How many bits, from 1 to 1023; as many as a subfield in it has.
    pub n_bits: u16,
    /// Where the value comes from.
    pub source: LearnSource,
    /// What becomes of it.
    pub destination: LearnDestination,
}

/// Where a value in a learned rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LearnSource {
    /// The packet.
    Field(Subfield),
    /// The action: a number in network byte order, in as few bytes as `n_bits` need.
    Immediate(Box<[u8]>),
}

/// What becomes of a value in a learned rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LearnDestination {
    /// The rule matches on it.
    Match(Subfield),
    /// The rule loads it into a field.
    Load(Subfield),
    /// The rule sends the packet out by the port of that number.
    Output,
}
