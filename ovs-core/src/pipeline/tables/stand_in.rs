//! A classifier that looks at one entry after the other.

use crate::classify::{Candidate, Version};
use crate::matching::Match;
use alloc::vec::Vec;

#[derive(Debug)]
pub(crate) struct Classifier<E> {
    entries: Vec<E>,
}

impl<E: Candidate> Classifier<E> {
    pub(crate) fn new(_seed: u64) -> Self {
        Self { entries: Vec::new() }
    }

    pub(crate) fn insert(&mut self, entry: E) {
        self.entries.push(entry);
    }

    pub(crate) fn remove(&mut self, entry: &E) -> bool {
        let place = self.entries.iter().position(|other| other.is_same(entry));
        place.map(|place| self.entries.swap_remove(place)).is_some()
    }

    pub(crate) fn find(&self, matching: &Match, priority: u16, version: Version) -> Option<&E> {
        self.entries.iter().find(|entry| {
            entry.is_visible(version)
                && entry.priority() == priority
                && entry.matching() == matching
        })
    }

    pub(crate) fn overlapping(
        &self,
        matching: &Match,
        priority: u16,
        version: Version,
    ) -> Option<&E> {
        self.entries.iter().find(|entry| {
            entry.is_visible(version)
                && entry.priority() == priority
                && entry.matching().overlaps(matching)
        })
    }

    pub(crate) fn covered<'a>(
        &'a self,
        matching: &'a Match,
        version: Version,
    ) -> impl Iterator<Item = &'a E> {
        self.entries
            .iter()
            .filter(move |entry| entry.is_visible(version) && matching.covers(entry.matching()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.entries.iter()
    }
}
