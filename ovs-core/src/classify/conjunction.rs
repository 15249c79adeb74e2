//! Rules that match only together with others (ovs-fields(7), "Conjunctive Match Fields").
//!
//! A rule with clauses is *soft*: that it matches a packet means that one dimension of each of its
//! conjunctions does. If all dimensions of one match, each by a rule of the same priority, the packet
//! is looked up once more with the conjunction's number as its `conj_id`, now without soft rules, and
//! what that finds is the answer. Else lower priorities are tried, of soft rules and ordinary ones alike.
//!
//! Soft rules below the ordinary rule that was found do not count. Where several conjunctions are
//! complete, the one with the lowest number that leads to a rule is taken. Clauses that disagree about
//! how many dimensions there are belong to different conjunctions; one that is not below that number
//! is ignored.

use super::subtable::{Entry, Slot};
use super::{Candidate, Version};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use smallvec::SmallVec;

/// The soft rules that match a packet: of each entry the first that has not been dealt with.
pub(super) struct SoftMatches<'a, E> {
    list: SmallVec<[Soft<'a, E>; 8]>,
}

struct Soft<'a, E> {
    entry: &'a Entry<E>,
    place: usize,
    slot: &'a Slot<E>,
}

impl<E> Default for SoftMatches<'_, E> {
    fn default() -> Self {
        Self { list: SmallVec::new() }
    }
}

impl<'a, E: Candidate> SoftMatches<'a, E> {
    /// The rule at a place of an entry.
    pub(super) fn add(&mut self, entry: &'a Entry<E>, place: usize) {
        if let Some(slot) = entry.slot(place) {
            self.list.push(Soft { entry, place, slot });
        }
    }

    /// The highest priority, of those above that of an ordinary rule. All others are dropped.
    pub(super) fn next_level(&mut self, hard: Option<u16>) -> Option<u16> {
        self.list.retain(|soft| hard.is_none_or(|hard| soft.slot.priority > hard));
        self.list.iter().map(|soft| soft.slot.priority).max()
    }

    /// The conjunctions of which the rules of a priority match all dimensions, in ascending order.
    pub(super) fn complete(&self, priority: u16) -> Vec<u32> {
        let level = || self.list.iter().filter(|soft| soft.slot.priority == priority);
        let n_rules = level().count();
        let mut dimensions: BTreeMap<(u32, u8), u64> = BTreeMap::new();
        let clauses = level().flat_map(|soft| soft.slot.candidate.clauses());
        for clause in clauses.filter(|clause| usize::from(clause.n_clauses) <= n_rules) {
            let bit = 1_u64.checked_shl(clause.clause.into()).unwrap_or(0);
            *dimensions.entry((clause.id, clause.n_clauses)).or_insert(0) |= bit;
        }
        let is_complete = |((id, n), bits): ((u32, u8), u64)| {
            let all = u64::MAX.checked_shr(64_u32.saturating_sub(n.into())).unwrap_or(0);
            (n > 0 && bits & all == all).then_some(id)
        };
        let mut ids: Vec<u32> = dimensions.into_iter().filter_map(is_complete).collect();
        ids.dedup();
        ids
    }

    /// The rules of this priority led to nothing: what has the same match and a lower one takes their
    /// place. An ordinary rule becomes `hard` if its priority is higher.
    pub(super) fn descend(
        &mut self,
        priority: u16,
        version: Version,
        hard: &mut Option<&'a Slot<E>>,
    ) {
        self.list.retain(|soft| {
            if soft.slot.priority != priority {
                return true;
            }
            let Some((place, slot)) = soft.entry.visible(version, soft.place + 1) else {
                return false;
            };
            if slot.candidate.clauses().is_empty() {
                if hard.is_none_or(|hard| slot.priority > hard.priority) {
                    *hard = Some(slot);
                }
                return false;
            }
            (soft.place, soft.slot) = (place, slot);
            true
        });
    }
}
