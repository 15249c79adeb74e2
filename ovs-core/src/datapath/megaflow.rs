//! The flows that a forwarder has cached, each for all packets that agree in the bits it stands on.

use super::flow::Flow;
use super::microflow::Microflows;
use crate::Instant;
use crate::classify::tree::{Keys, Tree};
use crate::key::SparseKey;
use crate::matching::Words;
use crate::op::Op;
use crate::port::PortNo;
use alloc::sync::Arc;
use alloc::vec::Vec;
use smallvec::SmallVec;

/// Of a flow that has not been compared with a packet: any packet has a port at least.
const NO_SHAPE: [u64; 2] = [0; 2];

/// How many flows are asked, when there is no room, whether they can go.
const MAX_ASKED: usize = 64;

/// A bounded table of flows. It is a forwarder's own, so nothing here is shared or locked.
#[derive(Debug)]
pub(crate) struct Megaflows<A> {
    microflows: Microflows,
    slots: Slots<A>,
    free: Vec<u32>,
    tree: Tree,
    limit: usize,
    /// Which flow is asked next whether it can go.
    hand: usize,
}

#[derive(Debug)]
struct Slots<A>(Vec<Option<Megaflow<A>>>);

/// A flow, for packets that agree with it in some bits.
#[derive(Debug)]
pub(crate) struct Megaflow<A> {
    /// The shape of the first packet that it was compared with and took, and where its words stand in such
    /// packets.
    map: [u64; 2],
    positions: SmallVec<[u8; 10]>,
    words: Words,
    /// If all that is done is to send it by one port.
    pub(crate) output: Option<PortNo>,
    /// Has it been used since it was last asked whether it can go?
    used: bool,
    /// The state of the pipeline that it was last found good in.
    generation: usize,
    holds_until: Instant,
    pub(crate) flow: Arc<Flow<A>>,
}

/// What became of a flow that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    /// It has this place.
    Yes(u32),
    /// The same, and another had to go that was still good.
    InPlaceOfAnother(u32),
    /// There is no room.
    No,
}

impl<A> Keys for Slots<A> {
    fn key(&self, number: u32) -> &Words {
        const NONE: &Words = &Words::EMPTY;
        self.get(number).map_or(NONE, |flow| &flow.words)
    }
}

impl<A> Slots<A> {
    #[inline]
    fn get(&self, number: u32) -> Option<&Megaflow<A>> {
        self.0.get(number as usize)?.as_ref()
    }

    #[inline]
    fn get_mut(&mut self, number: u32) -> Option<&mut Megaflow<A>> {
        self.0.get_mut(number as usize)?.as_mut()
    }
}

impl<A> Megaflows<A> {
    /// Room for `limit` flows, and for what remembers which of them the last `microflows` packets belonged to.
    pub(crate) fn new(limit: usize, microflows: usize) -> Self {
        Self {
            microflows: Microflows::new(microflows),
            slots: Slots(Vec::new()),
            free: Vec::new(),
            tree: Tree::default(),
            limit: limit.min(1 << 30),
            hand: 0,
        }
    }

    /// Is there room for any flow at all?
    pub(crate) fn takes_flows(&self) -> bool {
        self.limit > 0
    }

    /// The flow at a place where there is one.
    #[inline]
    pub(crate) fn get(&self, place: u32) -> Option<&Megaflow<A>> {
        self.slots.get(place)
    }

    /// The place of the flow that a packet belongs to, if that stands on the current state of the pipeline.
    #[inline]
    pub(crate) fn lookup(
        &mut self,
        now: Instant,
        generation: usize,
        hash: u64,
        key: &SparseKey,
    ) -> Option<u32> {
        if let Some(place) = self.microflows.get(hash) {
            if let Some(flow) = self.slots.get_mut(place) {
                if flow.is_good(now, generation) && flow.matches(key) {
                    flow.used = true;
                    return Some(place);
                }
            }
        }
        self.search(now, generation, hash, key)
    }

    fn search(
        &mut self,
        now: Instant,
        generation: usize,
        hash: u64,
        key: &SparseKey,
    ) -> Option<u32> {
        loop {
            let matches = |place| self.slots.get(place).is_some_and(|flow| flow.matches(key));
            let place = self.tree.find(key, matches)?;
            let flow = self.slots.get_mut(place)?;
            if flow.is_good(now, generation) {
                flow.used = true;
                if flow.map == NO_SHAPE {
                    flow.take_shape(key);
                }
                self.microflows.set(hash, place);
                return Some(place);
            }
            self.remove(place);
        }
    }

    /// Keeps a flow, made for a packet, that stands on some bits of it.
    pub(crate) fn install(
        &mut self,
        generation: usize,
        hash: u64,
        key: &SparseKey,
        words: Words,
        flow: Arc<Flow<A>>,
    ) -> Installed {
        let mut flow = Megaflow::new(generation, words, flow);
        flow.take_shape(key);
        let installed = self.put(flow);
        if let Installed::Yes(place) | Installed::InPlaceOfAnother(place) = installed {
            self.microflows.set(hash, place);
        }
        installed
    }

    /// Keeps a flow.
    pub(crate) fn put(&mut self, flow: Megaflow<A>) -> Installed {
        if self.limit == 0 {
            return Installed::No;
        }
        let is_full = self.slots.0.len() - self.free.len() >= self.limit;
        let evicted = is_full && self.evict(flow.generation);
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.0.push(None);
            self.slots.0.len() as u32 - 1
        });
        let Some(slot) = self.slots.0.get_mut(place as usize) else { return Installed::No };
        *slot = Some(flow);
        let place = match self.tree.insert(place, &self.slots) {
            Ok(()) => place,
            Err(same) => {
                // It takes the place of its predecessor.
                let new = self.slots.0.get_mut(place as usize).and_then(Option::take);
                if let Some(slot) = self.slots.0.get_mut(same as usize) {
                    *slot = new;
                }
                self.free.push(place);
                same
            }
        };
        if evicted { Installed::InPlaceOfAnother(place) } else { Installed::Yes(place) }
    }

    /// Makes room: of some flows the first goes that is stale or was not used since it was last asked, else
    /// the last. Says whether it was still good.
    fn evict(&mut self, generation: usize) -> bool {
        let mut chosen = None;
        for _ in 0..MAX_ASKED {
            self.hand = if self.hand + 1 < self.slots.0.len() { self.hand + 1 } else { 0 };
            let hand = self.hand as u32;
            let Some(flow) = self.slots.get_mut(hand) else { continue };
            let good = flow.generation == generation;
            chosen = Some((hand, good));
            if !good || !core::mem::take(&mut flow.used) {
                break;
            }
        }
        let Some((place, good)) = chosen else { return false };
        self.remove(place);
        good
    }

    fn remove(&mut self, place: u32) {
        self.tree.remove(place, &self.slots);
        if let Some(slot) = self.slots.0.get_mut(place as usize) {
            if slot.take().is_some() {
                self.free.push(place);
            }
        }
    }

    /// Forgets all flows.
    pub(crate) fn clear(&mut self) {
        (self.slots.0, self.free, self.tree) = (Vec::new(), Vec::new(), Tree::default());
    }
}

impl<A> Megaflow<A> {
    /// A flow that stands on some bits, in a state of the pipeline.
    pub(crate) fn new(generation: usize, words: Words, flow: Arc<Flow<A>>) -> Self {
        Self {
            map: NO_SHAPE,
            positions: SmallVec::new(),
            output: match flow.ops.as_slice() {
                [Op::Output(port)] => Some(*port),
                _ => None,
            },
            used: true,
            generation,
            holds_until: flow.holds_until,
            words,
            flow,
        }
    }

    /// Is made to be compared with packets of the shape of this one.
    fn take_shape(&mut self, key: &SparseKey) {
        let position = |(index, _)| key.position(index).map_or(u8::MAX, |at| at as u8);
        self.map = key.map();
        self.positions = self.words.iter().map(position).collect();
    }

    #[inline]
    fn is_good(&self, now: Instant, generation: usize) -> bool {
        self.generation == generation && now < self.holds_until
    }

    /// Does a packet agree in all bits?
    #[inline]
    fn matches(&self, key: &SparseKey) -> bool {
        if self.map != key.map() {
            return self.words.match_sparse(key);
        }
        let words = key.words();
        let pairs = self.words.pairs().iter().zip(&self.positions);
        let differences = pairs.fold(0, |differences, (pair, at)| {
            let word = words.get(usize::from(*at)).copied().unwrap_or(0);
            differences | (word & pair.mask ^ pair.value)
        });
        differences == 0
    }
}
