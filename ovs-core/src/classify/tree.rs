//! Flows by the bits that each of them asks for, where a packet belongs to one at most.
//!
//! Cached flows ask for as many different sets of bits as somebody cares to provoke, so a table for each set
//! (as rules have it, whose masks an administrator chose) would make lookups as slow as others like
//! (CVE-2019-25076). But no two of them match the same packet: there is always a bit that both ask for and
//! that they want to be different. A [`Tree`] is made of such bits. Each branch looks at one [`Chunk`] of
//! 16 bits and goes on with the child that asks for what the packet has there; chunks in which all flows
//! below ask for the same are not looked at, because the flow that is found at the end is
//! compared as a whole. So the depth is at most the number of chunks that tell flows apart, whatever
//! the number of masks, and a change touches nothing but its path.
//!
//! A flow that does not ask for the bits of a branch has a child of its own there, with an empty mask. A packet may
//! then have to look at two children, and at more if flows overlap after all (which is allowed: any
//! of them is found). A branch in a place where all flows ask for the bits is therefore put above others.

use crate::key::SparseKey;
use crate::matching::Words;
use alloc::vec::Vec;
use hashbrown::HashTable;
use smallvec::SmallVec;

/// With more children than these a branch has hash tables.
const FEW: usize = 12;

/// What flows ask for, by their numbers.
pub(crate) trait Keys {
    /// Of a number that is in the tree or is to be put in: always the same.
    fn key(&self, number: u32) -> &Words;
}

/// Numbers of flows, to be found by packet.
///
/// A change takes time in proportion to the chunks of the key, as does a search among flows that do not overlap.
/// Memory is proportional to the number of flows.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    root: Option<Link>,
    branches: Vec<Branch>,
    /// Places of `branches` that are not in use.
    free: Vec<u32>,
}

/// What is below: a flow or a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link(u32);

impl Link {
    const FLOW: u32 = 1 << 31;

    fn flow(number: u32) -> Self {
        Self(number | Self::FLOW)
    }

    fn branch(place: u32) -> Self {
        Self(place & !Self::FLOW)
    }

    fn as_flow(self) -> Result<u32, usize> {
        if self.0 & Self::FLOW != 0 { Ok(self.0 & !Self::FLOW) } else { Err(self.0 as usize) }
    }
}

/// 16 bits of a key: four times the number of its word, plus the quarter of the word, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chunk(u16);

impl Chunk {
    /// The one that holds the lowest of these bits of a word, which are not zero.
    fn of(index: usize, bits: u64) -> Self {
        Self((index * 4) as u16 + bits.trailing_zeros() as u16 / 16)
    }

    #[inline]
    fn word(self) -> usize {
        usize::from(self.0 / 4)
    }

    #[inline]
    fn cut(self, word: u64) -> u16 {
        (word >> (self.0 % 4 * 16)) as u16
    }

    /// What a flow asks for.
    fn ask(self, key: &Words) -> Ask {
        let pair = key.pair(self.word());
        Ask { mask: self.cut(pair.mask), value: self.cut(pair.value) }
    }
}

/// Bits of a chunk, and what they are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ask {
    mask: u16,
    value: u16,
}

#[derive(Debug)]
struct Branch {
    chunk: Chunk,
    /// What all flows below ask for, of the chunks in which they ask for the same bits and the same values.
    common: Words,
    children: Children,
}

#[derive(Debug)]
enum Children {
    Few(SmallVec<[(Ask, Link); 2]>),
    /// By mask.
    Many(Vec<Group>),
}

#[derive(Debug)]
struct Group {
    mask: u16,
    links: HashTable<(u16, Link)>,
}

/// Sixteen bits need no secret: all of them fit into one table.
fn hash(value: u16) -> u64 {
    u64::from(value).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Tree {
    /// Puts a flow in.
    ///
    /// # Errors
    /// The number of another that asks for just the same; nothing changes then.
    pub(crate) fn insert(&mut self, number: u32, keys: &impl Keys) -> Result<(), u32> {
        let new = keys.key(number);
        let Some(mut link) = self.root else {
            self.root = Some(Link::flow(number));
            return Ok(());
        };
        if let Some(same) = self.find_same(number, keys) {
            return Err(same);
        }
        let mut above = None;
        loop {
            let chunk = match link.as_flow() {
                Ok(flow) => {
                    let other = keys.key(flow);
                    separator(other, new).or_else(|| difference(other, new))
                }
                Err(place) => self.branches.get(place).and_then(|b| separator(&b.common, new)),
            };
            if let Some(chunk) = chunk {
                self.split(above, link, chunk, number, keys);
                return Ok(());
            }
            let Err(place) = link.as_flow() else { return Ok(()) };
            let Some(branch) = self.branches.get_mut(place) else { return Ok(()) };
            keep_common(&mut branch.common, new);
            let ask = branch.chunk.ask(new);
            match branch.children.get(ask) {
                Some(child) => {
                    above = Some((place, ask));
                    link = child;
                }
                None => {
                    branch.children.add(ask, Link::flow(number));
                    return Ok(());
                }
            }
        }
    }

    /// Takes a flow out. `false`: it was not there.
    pub(crate) fn remove(&mut self, number: u32, keys: &impl Keys) -> bool {
        let key = keys.key(number);
        let Some(mut link) = self.root else { return false };
        let (mut above, mut beyond) = (None, None);
        loop {
            match link.as_flow() {
                Ok(flow) if flow != number => return false,
                Ok(_) => break,
                Err(place) => {
                    let Some(branch) = self.branches.get(place) else { return false };
                    let ask = branch.chunk.ask(key);
                    let Some(child) = branch.children.get(ask) else { return false };
                    beyond = above;
                    above = Some((place, ask));
                    link = child;
                }
            }
        }
        let Some((place, ask)) = above else {
            self.root = None;
            return true;
        };
        let Some(branch) = self.branches.get_mut(place) else { return false };
        branch.children.remove(ask);
        // A branch with one child is none.
        if let Some(only) = branch.children.only() {
            self.relink(beyond, only);
            branch_is_free(&mut self.branches, &mut self.free, place);
        }
        true
    }

    /// A flow that matches a packet, of which `matches` has the last word: a key is not compared here.
    #[inline]
    pub(crate) fn find(
        &self,
        key: &SparseKey,
        mut matches: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut link = self.root?;
        let mut others: SmallVec<[Link; 16]> = SmallVec::new();
        loop {
            let next = match link.as_flow() {
                Ok(flow) if matches(flow) => return Some(flow),
                Ok(_) => None,
                Err(place) => {
                    let branch = self.branches.get(place)?;
                    let bits = branch.chunk.cut(key.word(branch.chunk.word()));
                    branch.children.matching(bits, &mut others)
                }
            };
            link = match next {
                Some(next) => next,
                None => others.pop()?,
            };
        }
    }

    /// The flow that asks for just the same as one that is not in the tree.
    fn find_same(&self, number: u32, keys: &impl Keys) -> Option<u32> {
        let key = keys.key(number);
        let mut link = self.root?;
        loop {
            match link.as_flow() {
                Ok(flow) => return (keys.key(flow) == key).then_some(flow),
                Err(place) => {
                    let branch = self.branches.get(place)?;
                    link = branch.children.get(branch.chunk.ask(key))?;
                }
            }
        }
    }

    /// Puts a branch above a link, for it and a new flow.
    fn split(
        &mut self,
        above: Option<(usize, Ask)>,
        below: Link,
        chunk: Chunk,
        number: u32,
        keys: &impl Keys,
    ) {
        let new = keys.key(number);
        let mut common = match below.as_flow() {
            Ok(flow) => keys.key(flow).clone(),
            Err(place) => self.branches.get(place).map(|b| b.common.clone()).unwrap_or_default(),
        };
        let first = (chunk.ask(&common), below);
        keep_common(&mut common, new);
        let children = SmallVec::from_buf([first, (chunk.ask(new), Link::flow(number))]);
        let branch = Branch { chunk, common, children: Children::Few(children) };
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(slot) = self.branches.get_mut(place as usize) {
                    *slot = branch;
                }
                place
            }
            None => {
                self.branches.push(branch);
                self.branches.len() as u32 - 1
            }
        };
        self.relink(above, Link::branch(place));
    }

    fn relink(&mut self, above: Option<(usize, Ask)>, link: Link) {
        match above {
            None => self.root = Some(link),
            Some((place, ask)) => {
                if let Some(branch) = self.branches.get_mut(place) {
                    branch.children.set(ask, link);
                }
            }
        }
    }
}

fn branch_is_free(branches: &mut [Branch], free: &mut Vec<u32>, place: usize) {
    if let Some(branch) = branches.get_mut(place) {
        branch.children = Children::Few(SmallVec::new());
        branch.common = Words::default();
        free.push(place as u32);
    }
}

/// A chunk in which no packet has what both ask for: if possible one of which both ask for all.
fn separator(a: &Words, b: &Words) -> Option<Chunk> {
    let mut found = None;
    for (index, first) in a.iter() {
        let second = b.pair(index);
        let mut different = (first.value ^ second.value) & first.mask & second.mask;
        while different != 0 {
            let chunk = Chunk::of(index, different);
            if chunk.cut(first.mask & second.mask) == u16::MAX {
                return Some(chunk);
            }
            found = found.or(Some(chunk));
            different &= !(0xffff << (chunk.0 % 4 * 16));
        }
    }
    found
}

/// A chunk in which the two do not ask for the same.
fn difference(a: &Words, b: &Words) -> Option<Chunk> {
    let in_one = |a: &Words, b: &Words| {
        a.iter().find_map(|(index, first)| {
            let second = b.pair(index);
            let different = first.mask ^ second.mask | (first.value ^ second.value);
            (different != 0).then(|| Chunk::of(index, different))
        })
    };
    in_one(a, b).or_else(|| in_one(b, a))
}

/// Forgets the chunks in which another asks for something else.
fn keep_common(common: &mut Words, other: &Words) {
    let mut lost: SmallVec<[(usize, u64); 16]> = SmallVec::new();
    for (index, first) in common.iter() {
        let second = other.pair(index);
        let different = first.mask ^ second.mask | (first.value ^ second.value);
        let chunks = (0..4).map(|n| 0xffff_u64 << (16 * n)).filter(|chunk| different & chunk != 0);
        let region = chunks.fold(0, |region, chunk| region | chunk);
        if region & first.mask != 0 {
            lost.push((index, region));
        }
    }
    for (index, region) in lost {
        common.put(index, 0, 0, region);
    }
}

impl Children {
    /// The child that asks for just this.
    fn get(&self, ask: Ask) -> Option<Link> {
        match self {
            Self::Few(children) => {
                children.iter().find(|(other, _)| *other == ask).map(|(_, link)| *link)
            }
            Self::Many(groups) => {
                let group = groups.iter().find(|group| group.mask == ask.mask)?;
                let found = group.links.find(hash(ask.value), |(value, _)| *value == ask.value);
                found.map(|(_, link)| *link)
            }
        }
    }

    /// The first child that takes such bits. The rest go on the list.
    #[inline]
    fn matching(&self, bits: u16, others: &mut SmallVec<[Link; 16]>) -> Option<Link> {
        let mut found = None;
        let mut note = |link: Link| match found {
            None => found = Some(link),
            Some(_) => others.push(link),
        };
        match self {
            Self::Few(children) => {
                for (ask, link) in children {
                    if bits & ask.mask == ask.value {
                        note(*link);
                    }
                }
            }
            Self::Many(groups) => {
                for group in groups {
                    let wanted = bits & group.mask;
                    if let Some((_, link)) =
                        group.links.find(hash(wanted), |(value, _)| *value == wanted)
                    {
                        note(*link);
                    }
                }
            }
        }
        found
    }

    fn set(&mut self, ask: Ask, link: Link) {
        let slot = match self {
            Self::Few(children) => {
                children.iter_mut().find(|(other, _)| *other == ask).map(|(_, link)| link)
            }
            Self::Many(groups) => {
                let group = groups.iter_mut().find(|group| group.mask == ask.mask);
                let found = group.and_then(|group| {
                    group.links.find_mut(hash(ask.value), |(value, _)| *value == ask.value)
                });
                found.map(|(_, link)| link)
            }
        };
        if let Some(slot) = slot {
            *slot = link;
        }
    }

    /// Adds a child that asks for what none does.
    fn add(&mut self, ask: Ask, link: Link) {
        if let Self::Few(children) = self {
            if children.len() < FEW {
                return children.push((ask, link));
            }
            let few = core::mem::take(children);
            *self = Self::Many(Vec::new());
            few.into_iter().for_each(|(ask, link)| self.add(ask, link));
        }
        let Self::Many(groups) = self else { return };
        let place = groups.iter().position(|group| group.mask == ask.mask).unwrap_or_else(|| {
            groups.push(Group { mask: ask.mask, links: HashTable::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group
                .links
                .insert_unique(hash(ask.value), (ask.value, link), |(value, _)| hash(*value));
        }
    }

    fn remove(&mut self, ask: Ask) {
        match self {
            Self::Few(children) => children.retain(|(other, _)| *other != ask),
            Self::Many(groups) => {
                let Some(place) = groups.iter().position(|group| group.mask == ask.mask) else {
                    return;
                };
                let Some(group) = groups.get_mut(place) else { return };
                let found =
                    group.links.find_entry(hash(ask.value), |(value, _)| *value == ask.value);
                if let Ok(entry) = found {
                    entry.remove();
                }
                if group.links.is_empty() {
                    groups.swap_remove(place);
                }
                let n: usize = groups.iter().map(|group| group.links.len()).sum();
                if n <= FEW / 2 {
                    let children = groups.iter().flat_map(|Group { mask, links }| {
                        let ask = |value| Ask { mask: *mask, value };
                        links.iter().map(move |(value, link)| (ask(*value), *link))
                    });
                    *self = Self::Few(children.collect());
                }
            }
        }
    }

    /// The child, if there is only one.
    fn only(&self) -> Option<Link> {
        match self {
            Self::Few(children) => match children.as_slice() {
                [(_, link)] => Some(*link),
                _ => None,
            },
            Self::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
