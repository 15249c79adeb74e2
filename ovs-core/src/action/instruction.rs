//! What a rule does: instructions.

use super::Action;
use crate::meter::MeterId;
use crate::port::TableId;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What a rule does with a packet (OpenFlow 1.3.5 §5.9).
///
/// Each instruction stands here at most once; they are done in the order of the fields. A rule
/// of OpenFlow 1.0 has only actions that are [applied](Self::apply).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    /// The packet goes through a meter, which may drop it.
    pub meter: Option<MeterId>,
    /// Actions done at once, in order. An empty list and none mean the same.
    pub apply: Option<Vec<Action>>,
    /// The action set is emptied.
    pub clear: bool,
    /// Actions that are put into the action set, to be done when the pipeline ends.
    pub write: Option<Vec<Action>>,
    /// Some bits of the metadata get a value.
    pub metadata: Option<Metadata>,
    /// Goes on in another table.
    pub goto: Option<TableId>,
    /// Instructions that the specification does not define, as their bytes in the message, their
    /// headers included. A switch refuses them.
    pub opaque: Vec<Box<[u8]>>,
}

/// Bits of the metadata and their value (`OFPIT_WRITE_METADATA`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// The value.
    pub value: u64,
    /// The bits that change.
    pub mask: u64,
}

impl Instructions {
    /// No instruction: the packet is dropped, if nothing was put into the action set before.
    pub fn none() -> Self {
        Self::default()
    }

    /// Does some actions.
    pub fn apply(actions: impl IntoIterator<Item = Action>) -> Self {
        Self { apply: Some(actions.into_iter().collect()), ..Self::default() }
    }

    /// The actions done at once.
    pub fn applied(&self) -> &[Action] {
        self.apply.as_deref().unwrap_or_default()
    }

    /// The actions put into the action set.
    pub fn written(&self) -> &[Action] {
        self.write.as_deref().unwrap_or_default()
    }

    /// Is there nothing to do?
    pub fn is_empty(&self) -> bool {
        *self == Self { apply: self.apply.clone().filter(Vec::is_empty), ..Self::default() }
    }
}

impl<A: IntoIterator<Item = Action>> From<A> for Instructions {
    /// Applies the actions.
    fn from(actions: A) -> Self {
        Self::apply(actions)
    }
}
