//! Numbers in order, which tell how many leading bits another one has in common with any of them.

use alloc::vec::Vec;

/// Numbers, each as often as it was put in.
///
/// Among numbers in order none has more leading bits in common with another than the two between
/// which that would stand, so no trie is needed.
#[derive(Debug)]
pub(super) enum Numbers {
    /// Of 32 bits, which is most of them: four times as many in a cache line.
    Narrow(Sorted<u32>),
    Wide(Sorted<u128>),
}

impl Numbers {
    /// None, for numbers of so many bits.
    pub(super) fn new(n_bits: usize) -> Self {
        if n_bits <= 32 { Self::Narrow(Sorted::new()) } else { Self::Wide(Sorted::new()) }
    }

    /// Puts a left-aligned number in once more.
    pub(super) fn insert(&mut self, value: u128) {
        match self {
            Self::Narrow(sorted) => sorted.insert((value >> 96) as u32),
            Self::Wide(sorted) => sorted.insert(value),
        }
    }

    /// Takes one out once, if it is there.
    pub(super) fn remove(&mut self, value: u128) {
        match self {
            Self::Narrow(sorted) => sorted.remove((value >> 96) as u32),
            Self::Wide(sorted) => sorted.remove(value),
        }
    }

    /// How many leading bits a left-aligned number has in common with that one with which it has
    /// the most. `None`: it is there itself.
    pub(super) fn common(&self, value: u128) -> Option<u32> {
        match self {
            Self::Narrow(sorted) => {
                let value = (value >> 96) as u32;
                let common = |other: u32| (other ^ value).leading_zeros();
                let (below, above) = sorted.neighbours(value)?;
                Some(below.map_or(0, common).max(above.map_or(0, common)))
            }
            Self::Wide(sorted) => {
                let common = |other: u128| (other ^ value).leading_zeros();
                let (below, above) = sorted.neighbours(value)?;
                Some(below.map_or(0, common).max(above.map_or(0, common)))
            }
        }
    }
}

/// A chunk of more numbers is halved.
const MOST: usize = 512;
/// Two neighbouring chunks with fewer numbers together become one.
const FEWEST: usize = 128;

/// An ordered list in chunks: they are searched in less than half the time of the standard library's B-tree, which
/// does not find both neighbours at once. A lookup asks hundreds of such lists.
#[derive(Debug)]
pub(super) struct Sorted<T> {
    /// The first number of each chunk.
    firsts: Vec<T>,
    /// None is empty.
    chunks: Vec<Chunk<T>>,
}

#[derive(Debug)]
struct Chunk<T> {
    values: Vec<T>,
    /// How often each was put in.
    counts: Vec<u32>,
}

impl<T: Ord + Copy> Sorted<T> {
    fn new() -> Self {
        Self { firsts: Vec::new(), chunks: Vec::new() }
    }

    /// The chunk that a value belongs into.
    fn chunk_of(&self, value: T) -> usize {
        self.firsts.partition_point(|first| *first <= value).saturating_sub(1)
    }

    /// The greatest number below and the least above; `None` if the value itself is there.
    fn neighbours(&self, value: T) -> Option<(Option<T>, Option<T>)> {
        let place = self.chunk_of(value);
        let Some(chunk) = self.chunks.get(place) else { return Some((None, None)) };
        let at = chunk.values.partition_point(|other| *other < value);
        let above = chunk.values.get(at).or_else(|| self.firsts.get(place + 1)).copied();
        // What is below stands in the same chunk: its first number is not above the value, unless
        // nothing is below.
        let below = at.checked_sub(1).and_then(|at| chunk.values.get(at)).copied();
        (above != Some(value)).then_some((below, above))
    }

    fn insert(&mut self, value: T) {
        let place = self.chunk_of(value);
        let Some(chunk) = self.chunks.get_mut(place) else {
            self.firsts.push(value);
            self.chunks.push(Chunk { values: [value].into(), counts: [1].into() });
            return;
        };
        let at = match chunk.values.binary_search(&value) {
            Ok(at) => {
                if let Some(count) = chunk.counts.get_mut(at) {
                    *count += 1;
                }
                return;
            }
            Err(at) => at,
        };
        chunk.values.insert(at, value);
        chunk.counts.insert(at, 1);
        if chunk.values.len() > MOST {
            let values = chunk.values.split_off(MOST / 2);
            let counts = chunk.counts.split_off(MOST / 2);
            self.chunks.insert(place + 1, Chunk { values, counts });
            self.firsts.insert(place + 1, value);
            self.set_first(place + 1);
        }
        self.set_first(place);
    }

    /// The first number of a chunk may have changed.
    fn set_first(&mut self, place: usize) {
        let first = self.chunks.get(place).and_then(|chunk| chunk.values.first());
        if let (Some(first), Some(noted)) = (first, self.firsts.get_mut(place)) {
            *noted = *first;
        }
    }

    fn remove(&mut self, value: T) {
        let place = self.chunk_of(value);
        let Some(chunk) = self.chunks.get_mut(place) else { return };
        let Ok(at) = chunk.values.binary_search(&value) else { return };
        if let Some(count) = chunk.counts.get_mut(at).filter(|count| **count > 1) {
            *count -= 1;
            return;
        }
        chunk.values.remove(at);
        chunk.counts.remove(at);
        let is_empty = chunk.values.is_empty();
        self.set_first(place);
        if is_empty {
            self.firsts.remove(place);
            self.chunks.remove(place);
        } else {
            self.join(place);
            self.join(place.saturating_sub(1));
        }
    }

    /// Makes one of a chunk and the next if both are small.
    fn join(&mut self, place: usize) {
        let len = |place| self.chunks.get(place).map(|chunk: &Chunk<T>| chunk.values.len());
        let (Some(first), Some(second)) = (len(place), len(place + 1)) else { return };
        if first + second >= FEWEST {
            return;
        }
        let next = self.chunks.remove(place + 1);
        self.firsts.remove(place + 1);
        if let Some(chunk) = self.chunks.get_mut(place) {
            chunk.values.extend(next.values);
            chunk.counts.extend(next.counts);
            chunk.values.shrink_to(FEWEST);
            chunk.counts.shrink_to(FEWEST);
        }
    }
}

#[cfg(test)]
mod tests;
