//! Which of many rules a packet meets: the one of highest priority that matches.
//!
//! # How rules are found
//!
//! Asking every rule would take too long, so a [`Classifier`] sorts them by *which bits* they ask for.
//! Rules that ask for the same bits, whatever the values, share a [`Subtable`]; there the one that a packet
//! meets is found by hashing those bits of the packet's key ("tuple space search"). There are as many
//! subtables as there are different masks, mostly a few dozen. They are visited in the order of
//! the highest priority inside, and once a rule was found whose priority no later one
//! exceeds, the rest is left alone.
//!
//! # What is read
//!
//! The answer is going to be cached for all packets that agree in the bits that were read, so each bit
//! that need not be read makes the cache better. A subtable that holds no rule for the packet is
//! therefore left as early as possible:
//!
//! - By *what is known*: if bits that were read before already differ from all values in the subtable,
//!   nothing more is read.
//! - By *stages*: its bits are compared in four steps, metadata, Ethernet, IP, ports
//!   ([`stage`]). Each step but the last has a set of the hashes of all values up to there; if that
//!   of the packet is not in it, later steps are not read.
//! - By *prefixes*: of IP addresses and of the pair of ports a subtable keeps the values in order
//!   ([`prefix`]), which tells how many leading bits of the packet's value are enough to know that
//!   it is not among them.
//! - By the *only value*: where all rules of a subtable agree up to a step, the packet's bits are
//!   compared with that value in order, and what comes behind the first difference is not read.
//!
//! What is read next depends on little but the values of what was read before, so cached answers seldom
//! overlap; where they do, they agree.
//!
//! # Conjunctions
//!
//! A rule with [clauses](Candidate::clauses) does not match by itself. [`conjunction`] tells what it does.
//!
//! # Versions
//!
//! The same match and priority may be there several times, of which at most one is visible to
//! who looks at one version: the old and the new form of a rule while a change is prepared.

mod conjunction;
mod numbers;
mod order;
mod prefix;
mod stage;
mod subtable;
pub(crate) mod tree;
mod view;

use crate::key::tracked::{Hidden, TrackedKey};
use crate::matching::Match;
use conjunction::SoftMatches;
use foldhash::fast::FixedState;
use order::Subtables;
use stage::Shape;
use subtable::{Slot, Subtable};
use view::View;

/// A state of the pipeline: rules are visible from one on, until another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u64);

impl Version {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a [`Classifier`] holds: cheap to clone, such as an `Arc` of a rule.
///
/// Match, priority and clauses must stay what they are while it is in there.
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

/// What a packet meets.
#[derive(Debug)]
pub(crate) struct Found<'a, E> {
    /// The rule.
    pub(crate) candidate: &'a E,
    /// The `conj_id` that the packet had for it, if all dimensions of that conjunction matched first.
    pub(crate) conjunction: Option<u32>,
}

/// Rules, to be found by packet, by match, or by what they have in common with a match.
///
/// With n rules and s different masks, a change takes O(log n + s) at most and O(log n) if the
/// highest priority of no mask changes; memory is proportional to n.
#[derive(Debug)]
pub(crate) struct Classifier<E> {
    subtables: Subtables<E>,
    len: usize,
}

impl<E: Candidate> Classifier<E> {
    /// One without rules. The seed goes into hashes, so that nobody can foresee which collide.
    pub(crate) fn new(seed: u64) -> Self {
        Self { subtables: Subtables::new(FixedState::with_seed(seed)), len: 0 }
    }

    /// How many rules there are, visible or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds a rule. That none with the same match and priority is visible in the same version is for
    /// the caller to see to.
    pub(crate) fn insert(&mut self, candidate: E) {
        let shape = Shape::of(candidate.matching());
        self.subtables.change(shape, true, |subtable| subtable.insert(candidate));
        self.len += 1;
    }

    /// Takes a rule out. `false`: it was not there.
    pub(crate) fn remove(&mut self, candidate: &E) -> bool {
        let shape = Shape::of(candidate.matching());
        let removed = self.subtables.change(shape, false, |subtable| subtable.remove(candidate));
        self.len -= usize::from(removed);
        removed
    }

    /// All rules, visible or not, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.subtables.iter().flat_map(Subtable::slots).map(|slot| &slot.candidate)
    }

    /// The rule with exactly this match and priority.
    pub(crate) fn find(&self, matching: &Match, priority: u16, version: Version) -> Option<&E> {
        let subtable = self.subtables.get(matching)?;
        let slots = subtable.agreeing(matching).filter(|slot| slot.priority == priority);
        slots
            .map(|slot| &slot.candidate)
            .find(|candidate| candidate.is_visible(version) && candidate.matching() == matching)
    }

    /// A rule of the same priority such that a packet could match both it and `matching`
    /// (`OFPFF_CHECK_OVERLAP`, OpenFlow 1.3.5 §6.4).
    pub(crate) fn overlapping(
        &self,
        matching: &Match,
        priority: u16,
        version: Version,
    ) -> Option<&E> {
        let subtables = self.subtables.iter().filter(|subtable| subtable.has_priority(priority));
        let slots = subtables
            .flat_map(|subtable| subtable.perhaps_overlapping(matching))
            .filter(|slot| slot.priority == priority);
        slots.map(|slot| &slot.candidate).find(|candidate| {
            candidate.is_visible(version) && matching.overlaps(candidate.matching())
        })
    }

    /// The rules whose match is covered by `matching`: what a non-strict change concerns.
    pub(crate) fn covered<'a>(
        &'a self,
        matching: &'a Match,
        version: Version,
    ) -> impl Iterator<Item = &'a E> {
        let slots = self.subtables.iter().flat_map(|subtable| subtable.perhaps_covered(matching));
        slots.map(|slot| &slot.candidate).filter(move |candidate| {
            candidate.is_visible(version) && matching.covers(candidate.matching())
        })
    }

    /// What a packet meets: of the visible rules that match the one of highest priority, if there are
    /// several of that priority, one of them. The bits on which the answer depends are noted in
    /// the key.
    ///
    /// # Errors
    ///
    /// If the answer depends on hidden bits. Some of the others have been noted then.
    pub(crate) fn lookup(
        &self,
        version: Version,
        key: &mut TrackedKey,
    ) -> Result<Option<Found<'_, E>>, Hidden> {
        let mut soft = SoftMatches::default();
        let mut hard = self.search(version, &mut View::new(key), Some(&mut soft))?;
        while let Some(priority) = soft.next_level(hard.map(|slot| slot.priority)) {
            for id in soft.complete(priority) {
                let mut view = View::with_conjunction(key, id);
                if let Some(Slot { candidate, .. }) = self.search(version, &mut view, None)? {
                    return Ok(Some(Found { candidate, conjunction: Some(id) }));
                }
            }
            soft.descend(priority, version, &mut hard);
        }
        Ok(hard.map(|slot| Found { candidate: &slot.candidate, conjunction: None }))
    }

    /// The ordinary rule of highest priority that matches. Rules with clauses go to `soft`; they hide
    /// what has the same match and a lower priority.
    fn search<'a>(
        &'a self,
        version: Version,
        view: &mut View<'_>,
        mut soft: Option<&mut SoftMatches<'a, E>>,
    ) -> Result<Option<&'a Slot<E>>, Hidden> {
        let mut hard: Option<&Slot<E>> = None;
        for (highest, subtable) in self.subtables.by_priority() {
            if hard.is_some_and(|hard| hard.priority >= highest) {
                break;
            }
            let Some(entry) = subtable.probe(view)? else { continue };
            let Some((place, slot)) = entry.visible(version, 0) else { continue };
            if hard.is_some_and(|hard| hard.priority >= slot.priority) {
                continue;
            }
            if slot.candidate.clauses().is_empty() {
                hard = Some(slot);
            } else if let Some(soft) = &mut soft {
                soft.add(entry, place);
            }
        }
        Ok(hard)
    }
}

#[cfg(test)]
mod tests;
