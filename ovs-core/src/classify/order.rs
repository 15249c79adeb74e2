//! The subtables: by mask, and in the order in which they are visited.

use super::Candidate;
use super::stage::{Place, Shape};
use super::subtable::Subtable;
use crate::matching::Match;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Reverse;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// All subtables. None of them is empty.
#[derive(Debug)]
pub(super) struct Subtables<E> {
    /// `None`: the place is free.
    list: Vec<Option<Subtable<E>>>,
    free: Vec<usize>,
    by_mask: HashMap<Box<[Place]>, usize, FixedState>,
    /// Ascending, which is the order of visits.
    order: Vec<Rank>,
    hasher: FixedState,
}

/// When a subtable is visited: first those with the highest priority. Among equals those with fewer bits
/// come first: if there is a rule for the packet, the others are never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    highest: Reverse<u16>,
    n_bits: u32,
    place: usize,
}

impl<E: Candidate> Subtables<E> {
    pub(super) fn new(hasher: FixedState) -> Self {
        let by_mask = HashMap::with_hasher(hasher.clone());
        Self { list: Vec::new(), free: Vec::new(), by_mask, order: Vec::new(), hasher }
    }

    /// All of them, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Subtable<E>> {
        self.list.iter().flatten()
    }

    /// By descending highest priority, which comes with them.
    pub(super) fn by_priority(&self) -> impl Iterator<Item = (u16, &Subtable<E>)> {
        self.order.iter().filter_map(|rank| {
            let subtable = self.list.get(rank.place)?.as_ref()?;
            Some((rank.highest.0, subtable))
        })
    }

    /// That for rules which ask for exactly the bits that a match asks for.
    pub(super) fn get(&self, matching: &Match) -> Option<&Subtable<E>> {
        let place = self.by_mask.get(&Shape::of(matching).places)?;
        self.list.get(*place)?.as_ref()
    }

    /// Changes that for rules which ask for the bits of a shape, and returns what `change` does. If
    /// there is none, it is made if `create` says so, else the answer is `false`.
    pub(super) fn change(
        &mut self,
        shape: Shape,
        create: bool,
        change: impl FnOnce(&mut Subtable<E>) -> bool,
    ) -> bool {
        let place = match self.by_mask.get(&shape.places) {
            Some(place) => *place,
            None if create => self.create(shape),
            None => return false,
        };
        let Some(subtable) = self.list.get_mut(place).and_then(Option::as_mut) else {
            return false;
        };
        let n_bits = subtable.shape().n_bits();
        let rank = |highest| Rank { highest: Reverse(highest), n_bits, place };
        let before = subtable.highest().map(rank);
        let changed = change(subtable);
        let after = subtable.highest().map(rank);
        if before != after {
            if let Some(Ok(at)) = before.map(|rank| self.order.binary_search(&rank)) {
                self.order.remove(at);
            }
            match after {
                Some(rank) => {
                    let at = self.order.partition_point(|other| *other < rank);
                    self.order.insert(at, rank);
                }
                None => self.remove(place),
            }
        }
        changed
    }

    fn create(&mut self, shape: Shape) -> usize {
        let key = shape.places.clone();
        let subtable = Some(Subtable::new(shape, self.hasher.clone()));
        let place = self.free.pop().unwrap_or(self.list.len());
        match self.list.get_mut(place) {
            Some(free) => *free = subtable,
            None => self.list.push(subtable),
        }
        self.by_mask.insert(key, place);
        place
    }

    fn remove(&mut self, place: usize) {
        if let Some(subtable) = self.list.get_mut(place).and_then(Option::take) {
            self.by_mask.remove(&subtable.shape().places);
            self.free.push(place);
        }
    }
}
