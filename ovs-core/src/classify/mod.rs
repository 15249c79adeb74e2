//! Which of many rules a packet meets: the one of highest priority that matches.

use crate::key::tracked::{Hidden, TrackedKey};
use crate::matching::Match;

/// A state of the pipeline: rules are visible from one on, until another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u64);

/// What a [`Classifier`] holds: cheap to clone, such as an `Arc` of a rule.
pub(crate) trait Candidate: Clone {
    /// Which packets it is for.
    fn matching(&self) -> &Match;
    /// Of those that match, the highest counts.
    fn priority(&self) -> u16;
    /// Is it there for who looks at this version?
    fn is_visible(&self, version: Version) -> bool;
    /// Do the two handles mean the same rule?
    fn is_same(&self, other: &Self) -> bool;
    /// The conjunctions that it is a part of (ovs-actions(7), "conjunction"); none for an ordinary rule.
    fn clauses(&self) -> &[Clause];
}

/// One dimension of a conjunctive match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The conjunction.
    pub(crate) id: u32,
    /// Which dimension, from 0 on.
    pub(crate) clause: u8,
    /// How many there are: 2 to 64.
    pub(crate) n_clauses: u8,
}
