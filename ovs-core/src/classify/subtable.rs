//! Rules that ask for the same bits.

use super::prefix::{PrefixSet, Span};
use super::stage::{Place, Shape};
use super::view::View;
use super::{Candidate, Version};
use crate::key::tracked::Hidden;
use crate::matching::Match;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use smallvec::SmallVec;

/// Rules that ask for the same bits, by what they ask them to be.
#[derive(Debug)]
pub(super) struct Subtable<E> {
    shape: Shape,
    stages: Vec<Stage>,
    entries: HashTable<Entry<E>>,
    /// How many rules have each priority.
    priorities: BTreeMap<u16, usize>,
    hasher: FixedState,
}

/// A step in which bits are compared.
#[derive(Debug)]
struct Stage {
    /// Its part of the places.
    begin: usize,
    end: usize,
    /// Hashes of the values of all places up to `end`, and how many entries have each. The last
    /// stage has none: there the entries themselves are asked.
    known: HashTable<(u64, usize)>,
    /// What all rules ask for in its places, if they agree in all places up to `end`.
    only: Option<Box<[u64]>>,
    prefixes: SmallVec<[PrefixSet; 1]>,
}

/// Rules with the same match.
#[derive(Debug)]
pub(super) struct Entry<E> {
    values: Box<[u64]>,
    hash: u64,
    /// By descending priority.
    slots: SmallVec<[Slot<E>; 1]>,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Slot<E> {
    pub(super) candidate: E,
    pub(super) priority: u16,
}

impl<E: Candidate> Entry<E> {
    /// The first visible rule that matches packets, from a place in the list on, and its place.
    pub(super) fn visible(&self, version: Version, from: usize) -> Option<(usize, &Slot<E>)> {
        let mut slots = self.slots.iter().enumerate().skip(from);
        slots.find(|(_, Slot { candidate, .. })| {
            candidate.is_visible(version) && !candidate.matching().has_extra()
        })
    }

    pub(super) fn slot(&self, place: usize) -> Option<&Slot<E>> {
        self.slots.get(place)
    }
}

/// Without rules a table keeps no memory, with few it keeps little: its size then stays in
/// proportion, and so does the time to find any one element.
fn shrink<T>(table: &mut HashTable<T>, hash: impl Fn(&T) -> u64) {
    if table.capacity() > 16 + 8 * table.len() {
        table.shrink_to(2 * table.len(), hash);
    }
}

impl<E: Candidate> Subtable<E> {
    /// One without rules, for those that ask for the bits of a shape.
    pub(super) fn new(shape: Shape, hasher: FixedState) -> Self {
        let (mut begin, mut stages) = (0, Vec::with_capacity(shape.ends.len()));
        for end in shape.ends.iter().copied() {
            let places = shape.places.get(begin..end).unwrap_or_default();
            let mask =
                |index| places.iter().find(|place| place.index == index).map_or(0, |p| p.mask);
            let spans = Span::ALL.iter().map(|span| (*span, span.gather(mask)));
            let prefixes = spans
                .filter(|(_, mask)| *mask != 0)
                .map(|(span, mask)| PrefixSet::new(span, mask))
                .collect();
            stages.push(Stage { begin, end, known: HashTable::new(), only: None, prefixes });
            begin = end;
        }
        let priorities = BTreeMap::new();
        Self { shape, stages, entries: HashTable::new(), priorities, hasher }
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The highest priority of its rules; `None` if it has none.
    pub(super) fn highest(&self) -> Option<u16> {
        self.priorities.last_key_value().map(|(priority, _)| *priority)
    }

    pub(super) fn has_priority(&self, priority: u16) -> bool {
        self.priorities.contains_key(&priority)
    }

    /// All rules.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot<E>> {
        self.entries.iter().flat_map(|entry| &entry.slots)
    }
}

/// Changes.
impl<E: Candidate> Subtable<E> {
    /// The hash of values up to the end of each stage but the last, and of all of them.
    fn hashes(&self, values: &[u64]) -> (SmallVec<[u64; 4]>, u64) {
        let mut hasher = self.hasher.build_hasher();
        let mut hashes = SmallVec::new();
        for stage in &self.stages {
            for value in values.get(stage.begin..stage.end).unwrap_or_default() {
                hasher.write_u64(*value);
            }
            if stage.end < values.len() {
                hashes.push(hasher.finish());
            }
        }
        (hashes, hasher.finish())
    }

    pub(super) fn insert(&mut self, candidate: E) -> bool {
        let values = self.shape.values(candidate.matching());
        let (hashes, hash) = self.hashes(&values);
        let priority = candidate.priority();
        let slot = Slot { candidate, priority };
        *self.priorities.entry(priority).or_insert(0) += 1;
        if let Some(entry) = self.entries.find_mut(hash, |entry| entry.values == values) {
            let place = entry.slots.partition_point(|other| other.priority >= priority);
            entry.slots.insert(place, slot);
            return true;
        }
        for (stage, hash) in self.stages.iter_mut().zip(hashes) {
            stage
                .known
                .entry(hash, |(other, _)| *other == hash, |(hash, _)| *hash)
                .and_modify(|(_, count)| *count += 1)
                .or_insert((hash, 1));
        }
        self.for_each_prefix(&values, PrefixSet::insert);
        let entry = Entry { values, hash, slots: SmallVec::from_iter([slot]) };
        self.entries.insert_unique(hash, entry, |entry| entry.hash);
        self.note_only();
        true
    }

    /// Notes in which stages all rules agree.
    fn note_only(&mut self) {
        let (n_entries, n_places) = (self.entries.len(), self.shape.places.len());
        for stage in &mut self.stages {
            let n_values = if stage.end == n_places { n_entries } else { stage.known.len() };
            if n_values != 1 {
                stage.only = None;
            } else if stage.only.is_none() {
                let first = self.entries.iter().next();
                let values = first.and_then(|entry| entry.values.get(stage.begin..stage.end));
                stage.only = values.map(Into::into);
            }
        }
    }

    /// Calls `change` with each set of values and the one that belongs into it.
    fn for_each_prefix(&mut self, values: &[u64], change: fn(&mut PrefixSet, u128)) {
        for stage in &mut self.stages {
            let range = stage.begin..stage.end;
            let places = self.shape.places.get(range.clone()).unwrap_or_default();
            let values = values.get(range).unwrap_or_default();
            let word = |index| {
                let mut words = places.iter().zip(values);
                words.find(|(place, _)| place.index == index).map_or(0, |(_, value)| *value)
            };
            for set in &mut stage.prefixes {
                change(set, set.span.gather(word));
            }
        }
    }

    /// `false`: it was not there.
    pub(super) fn remove(&mut self, candidate: &E) -> bool {
        let values = self.shape.values(candidate.matching());
        let (hashes, hash) = self.hashes(&values);
        let entry = self.entries.find_entry(hash, |entry| entry.values == values);
        let Ok(mut entry) = entry else { return false };
        let slots = &mut entry.get_mut().slots;
        let place = slots.iter().position(|slot| slot.candidate.is_same(candidate));
        let Some(place) = place else { return false };
        let priority = slots.remove(place).priority;
        if slots.is_empty() {
            entry.remove();
            shrink(&mut self.entries, |entry| entry.hash);
            self.forget(&values, &hashes);
        }
        if let Some(count) = self.priorities.get_mut(&priority) {
            *count -= 1;
            if *count == 0 {
                self.priorities.remove(&priority);
            }
        }
        true
    }

    /// An entry is not there any more.
    fn forget(&mut self, values: &[u64], hashes: &[u64]) {
        for (stage, hash) in self.stages.iter_mut().zip(hashes) {
            if let Ok(mut known) = stage.known.find_entry(*hash, |(other, _)| other == hash) {
                known.get_mut().1 -= 1;
                if known.get().1 == 0 {
                    known.remove();
                    shrink(&mut stage.known, |(hash, _)| *hash);
                }
            }
        }
        self.for_each_prefix(values, PrefixSet::remove);
        self.note_only();
    }
}

/// Questions about matches.
impl<E: Candidate> Subtable<E> {
    /// The rules that ask for the same as a match in the bits of this subtable.
    pub(super) fn agreeing(&self, matching: &Match) -> impl Iterator<Item = &Slot<E>> {
        let values = self.shape.values(matching);
        let (_, hash) = self.hashes(&values);
        let entry = self.entries.find(hash, |entry| entry.values == values);
        entry.into_iter().flat_map(|entry| &entry.slots)
    }

    /// Rules among which are all that overlap with a match.
    pub(super) fn perhaps_overlapping(&self, matching: &Match) -> impl Iterator<Item = &Slot<E>> {
        let has = |place: &Place| place.mask & !matching.mask_word(place.index) == 0;
        let all = !self.shape.places.iter().all(has);
        self.agreeing_or_all(matching, all)
    }

    /// Rules among which are all that a match covers.
    pub(super) fn perhaps_covered(&self, matching: &Match) -> impl Iterator<Item = &Slot<E>> {
        let some = self.shape.includes(matching);
        let all = some && self.shape.n_bits() > matching.n_bits();
        some.then(|| self.agreeing_or_all(matching, all)).into_iter().flatten()
    }

    fn agreeing_or_all(&self, matching: &Match, all: bool) -> impl Iterator<Item = &Slot<E>> {
        let agreeing = (!all).then(|| self.agreeing(matching)).into_iter().flatten();
        agreeing.chain(all.then(|| self.slots()).into_iter().flatten())
    }
}

/// Questions about packets.
impl<E: Candidate> Subtable<E> {
    /// The rules that match a packet. What decided about it is noted.
    ///
    /// # Errors
    ///
    /// If that takes hidden bits.
    pub(super) fn probe(&self, view: &mut View<'_>) -> Result<Option<&Entry<E>>, Hidden> {
        if self.is_excluded(view) {
            return Ok(None);
        }
        let mut hasher = self.hasher.build_hasher();
        for stage in &self.stages {
            if stage.excludes(view)? || self.differs(stage, view)? {
                self.note(..stage.begin, view)?;
                return Ok(None);
            }
            let places = self.shape.places.get(stage.begin..stage.end).unwrap_or_default();
            if places.iter().any(|place| view.hidden(place.index) & place.mask != 0) {
                // Packets that differ in what is not hidden need not be looked at again.
                for place in self.shape.places.get(..stage.end).unwrap_or_default() {
                    view.note(place.index, place.mask & !view.hidden(place.index))?;
                }
                return Err(Hidden);
            }
            for place in places {
                hasher.write_u64(view.word(place.index) & place.mask);
            }
            // The only value was compared already.
            if stage.end < self.shape.places.len() && stage.only.is_none() {
                let hash = hasher.finish();
                if stage.known.find(hash, |(other, _)| *other == hash).is_none() {
                    self.note(..stage.end, view)?;
                    return Ok(None);
                }
            }
        }
        self.note(.., view)?;
        Ok(self.entries.find(hasher.finish(), |entry| {
            let mut words = self.shape.places.iter().zip(&entry.values);
            words.all(|(place, value)| view.word(place.index) & place.mask == *value)
        }))
    }

    /// Notes the bits of some of the places.
    fn note(
        &self,
        places: impl core::slice::SliceIndex<[Place], Output = [Place]>,
        view: &mut View<'_>,
    ) -> Result<(), Hidden> {
        let mut places = self.shape.places.get(places).unwrap_or_default().iter();
        places.try_for_each(|place| view.note(place.index, place.mask))
    }

    /// If all rules ask for the same up to the end of a stage: places and values of that stage.
    fn only_value(&self, stage: &Stage) -> Option<impl Iterator<Item = (Place, u64)> + Clone> {
        let only = stage.only.as_deref()?;
        let places = self.shape.places.get(stage.begin..stage.end)?.iter().copied();
        Some(places.zip(only.iter().copied()))
    }

    /// Does what is known of the packet suffice to tell that no rule matches?
    fn is_excluded(&self, view: &View<'_>) -> bool {
        for stage in &self.stages {
            let Some(only) = self.only_value(stage) else { break };
            for (place, value) in only {
                let difference = (view.word(place.index) ^ value) & place.mask;
                if difference & view.known(place.index) != 0 {
                    return true;
                }
            }
        }
        let mut stages = self.stages.iter();
        stages.any(|stage| stage.prefixes.iter().any(|set| set.is_excluded(view)))
    }

    /// If a stage has only one value: does the packet have another? That is noted then.
    fn differs(&self, stage: &Stage, view: &mut View<'_>) -> Result<bool, Hidden> {
        let Some(only) = self.only_value(stage) else { return Ok(false) };
        let difference = |(place, value): (Place, u64), view: &View<'_>| {
            (view.word(place.index) ^ value) & place.mask & !view.hidden(place.index)
        };
        if only.clone().all(|word| difference(word, view) == 0) {
            return Ok(false);
        }
        stage.note_passed(stage.prefixes.len(), view)?;
        for (place, value) in only {
            let difference = difference((place, value), view);
            let bits = if difference == 0 { place.mask } else { place.up_to(difference) };
            view.note(place.index, bits & !view.hidden(place.index))?;
            if difference != 0 {
                break;
            }
        }
        Ok(true)
    }
}

impl Stage {
    /// Do the first bits of a prefix tell that no rule matches the packet? They are noted then, as few as it
    /// takes.
    ///
    /// Prefixes are asked in their order, and one that did not tell is noted too if another does: so of all packets
    /// only those come to the second that the first lets pass, and the answers are leaves of a tree.
    fn excludes(&self, view: &mut View<'_>) -> Result<bool, Hidden> {
        for (n, set) in self.prefixes.iter().enumerate() {
            if let Some(bits) = set.excluding(view) {
                self.note_passed(n, view)?;
                set.span.note(bits, view)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes that the first prefixes let the packet pass.
    fn note_passed(&self, n: usize, view: &mut View<'_>) -> Result<(), Hidden> {
        self.prefixes.iter().take(n).try_for_each(|set| set.note(view))
    }
}

#[cfg(test)]
impl<E> Subtable<E> {
    /// Is no table much larger than what is in it?
    pub(super) fn check_size(&self) {
        assert!(self.entries.capacity() <= 16 + 8 * self.entries.len());
        for Stage { known, .. } in &self.stages {
            assert!(known.capacity() <= 16 + 8 * known.len());
        }
    }
}
