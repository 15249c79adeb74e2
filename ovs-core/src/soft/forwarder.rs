//! The forwarders of a [`SoftSwitch`](crate::SoftSwitch).

use super::state::{Account, Injected, SoftFlow, State, Then, Uncounted, WorkerCounters};
use super::{Config, SHORTEST_FRAME, Shared};
use crate::action::{Ct, Sample};
use crate::conntrack::{ConnTracker, Connection};
use crate::counter::PortCounters;
use crate::datapath::execute::{Surroundings, execute};
use crate::datapath::flow::{Flow, Tally};
use crate::datapath::{Installed, Megaflow, Megaflows};
use crate::drops::{DropReason, Losses};
use crate::event::{Continuation, Event, PacketIn};
use crate::frame::{Batch, Frame};
use crate::key::{FlowKey, HashSeed, SparseKey};
use crate::lock::{DefaultLock, Lock};
use crate::mac_table::REFRESH_INTERVAL;
use crate::matching::{Match, Words};
use crate::op::{Op, ToController};
use crate::pipeline::{
    Access, Entry, Frozen, MeterState, Pipeline, Translation, Verdict, bridge_port, datapath_port,
    in_datapath,
};
use crate::port::{PortMap, PortNo};
use crate::{Egress, Forwarder, Instant};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;

/// How often a packet may be looked at again.
const MAX_RECIRCULATIONS: u8 = 16;
/// How many packets for controllers wait in a forwarder before it hands them over.
const MAX_TO_CONTROLLERS: usize = 64;

/// How often packets of cached flows are counted, and of how many flows at least.
const FOLD_INTERVAL: Duration = Duration::from_millis(4);
const MIN_FOLDED: usize = 32;

/// A generation that is over: a flow of it is not found again.
const NEVER: usize = 0;

/// Moves frames through a [`SoftSwitch`](crate::SoftSwitch), with a cache of flows of its own.
#[derive(Debug)]
pub struct SoftForwarder<L: Lock<State> = DefaultLock<State>> {
    shared: Arc<Shared<L>>,
    worker: usize,
    counters: Arc<WorkerCounters>,
    /// The generation that the batch sees; 0 between batches.
    seen: Arc<AtomicUsize>,
    ports: PortMap<Arc<PortCounters>>,
    ports_version: usize,
    seed: HashSeed,
    key: SparseKey,
    cache: Megaflows<Account>,
    /// Flows that were made since they were last registered.
    fresh: Vec<Arc<SoftFlow>>,
    /// Packets that no cached flow counts.
    uncounted: Uncounted,
    /// What the pipeline said last.
    translation: Box<Translation>,
    /// Packets for controllers, with their bridges.
    to_controllers: Vec<(usize, PacketIn)>,
    tracker: Option<Arc<dyn ConnTracker>>,
    /// When the packets of flows were last counted.
    folded: Instant,
}

impl<L: Lock<State>> SoftForwarder<L> {
    pub(super) fn new(shared: Arc<Shared<L>>, config: &Config) -> Self {
        let (worker, counters, seen) = shared.state.write(|state| {
            let worker = state.idle.pop().unwrap_or_else(|| {
                state.workers.push(Default::default());
                state.workers.len() - 1
            });
            if let Some(worker) = state.workers.get_mut(worker) {
                worker.flow_limit = 4096 + 2 * config.megaflows;
            }
            let known = state.workers.get(worker);
            let counters = known.map(|worker| worker.counters.clone()).unwrap_or_default();
            let seen = known.map(|worker| worker.seen.clone()).unwrap_or_default();
            (worker, counters, seen)
        });
        Self {
            shared,
            worker,
            counters,
            seen,
            ports: PortMap::default(),
            ports_version: 0,
            seed: HashSeed::new(config.seed),
            key: SparseKey::default(),
            cache: Megaflows::new(config.megaflows, config.microflows),
            fresh: Vec::new(),
            uncounted: Uncounted::default(),
            translation: Box::default(),
            to_controllers: Vec::new(),
            tracker: config.tracker.clone(),
            folded: Instant::ZERO,
        }
    }

    /// Puts a flow into the cache without asking the pipeline (`dpctl/add-flow` of ovs-vswitchd(8)), until the
    /// pipeline changes. Of flows that overlap, any may be found. Ports are those of the datapath. `false`: flows
    /// are not cached here, or none can match such.
    pub fn put_flow(&mut self, matching: &Match, ops: Vec<Op>) -> bool {
        let flow = Arc::new(Flow {
            ops,
            reason: DropReason::RuleDrops,
            holds_until: Instant::from_nanos(u64::MAX),
            tally: Tally::default(),
            account: Account::default(),
        });
        if matching.has_extra() {
            return false;
        }
        let flow = Megaflow::new(self.shared.generation(), matching.of_key().clone(), flow);
        self.cache.put(flow) != Installed::No
    }

    /// Looks whether ports came or went.
    #[inline]
    fn sync_ports(&mut self) {
        if self.ports_version != self.shared.ports.load(Ordering::Acquire) {
            self.fetch_ports();
        }
    }

    #[cold]
    fn fetch_ports(&mut self) {
        let (shared, worker) = (&self.shared, self.worker);
        (self.ports_version, self.ports) = shared.state.write(|state| {
            let version = shared.ports.load(Ordering::Acquire);
            (version, state.pipeline.counters(worker))
        });
    }

    fn counters_of(&self, port: PortNo) -> Option<&Arc<PortCounters>> {
        self.ports.get(port)
    }

    /// Hands over what was gathered: flows to be counted, packets for controllers.
    #[cold]
    fn hand_over(&mut self) {
        let (worker, shared) = (self.worker, &self.shared);
        let (fresh, to_controllers) = (&mut self.fresh, &mut self.to_controllers);
        let uncounted = &mut self.uncounted;
        shared.state.write(|state| {
            if state.count(uncounted) {
                shared.changed();
            }
            if state.register(worker, fresh.drain(..)) {
                shared.changed();
            }
            for (bridge, packet) in to_controllers.drain(..) {
                state.tell(bridge, Event::PacketIn(Box::new(packet)));
            }
        });
    }

    /// Counts what the cached flows did, so that rules and addresses stay that are in use: some at a time, all of
    /// them in [`REFRESH_INTERVAL`], so that no batch waits for long.
    #[cold]
    fn fold(&mut self, now: Instant) {
        let steps = now.since(self.folded).as_nanos() / FOLD_INTERVAL.as_nanos();
        let all = REFRESH_INTERVAL.as_nanos() / FOLD_INTERVAL.as_nanos();
        self.folded = now;
        let (worker, shared) = (self.worker, &self.shared);
        shared.state.write(|state| {
            state.tick(now);
            let share = state.n_flows(worker) * steps.min(all) as usize / all as usize;
            if state.fold_some(worker, share + MIN_FOLDED) {
                shared.changed();
            }
        });
    }

    /// A batch begins: which generation does it see?
    #[inline]
    fn begin(&mut self) -> usize {
        // Said before and after, so that who changes something and then looks here either finds this batch
        // or is seen by it.
        self.seen.store(1, Ordering::SeqCst);
        let generation = self.shared.generation.load(Ordering::SeqCst);
        self.seen.store(generation, Ordering::SeqCst);
        generation
    }

    fn finish(&mut self, now: Instant) {
        self.seen.store(0, Ordering::Release);
        let nothing = self.fresh.is_empty() && self.uncounted.is_empty();
        if !nothing || !self.to_controllers.is_empty() {
            self.hand_over();
        }
        if now.since(self.folded) >= FOLD_INTERVAL {
            self.fold(now);
        }
    }

    /// Sends packets through that controllers sent.
    #[cold]
    fn run_injected<E: Egress + ?Sized>(&mut self, now: Instant, egress: &mut E) {
        let shared = self.shared.clone();
        let packets = shared.state.write(|state| {
            shared.injected.store(0, Ordering::Release);
            core::mem::take(&mut state.injected)
        });
        for Injected { bridge, in_port, frame, then } in packets {
            self.sync_ports();
            let dp_port = datapath_port(bridge, in_port);
            let mut key = FlowKey::of(dp_port.0, frame.as_slice());
            let entry = match then {
                Then::Actions(actions) => {
                    key.in_port = in_port.0.into();
                    Entry::Actions(bridge, actions)
                }
                Then::Resume(Continuation(frozen)) => Entry::Frozen(frozen),
            };
            translate(&self.shared, now, &SparseKey::from(&key), entry, &mut self.translation);
            let mut packet = Packet {
                forwarder: self,
                now,
                came_in: dp_port,
                recirculations: 0,
                connection: None,
            };
            packet.do_once(frame, egress);
        }
    }
}

/// Asks the pipeline about a packet, and lets its effects happen first. Says in which state of the pipeline the
/// answer holds.
#[cold]
fn translate<L: Lock<State>>(
    shared: &Shared<L>,
    now: Instant,
    key: &SparseKey,
    entry: Entry,
    translation: &mut Translation,
) -> usize {
    let looked = shared.state.read(|state| {
        let access = Access::Look(&state.pipeline);
        let looked = Pipeline::translate(access, now, key, entry.clone(), None, translation);
        looked.map(|()| shared.generation())
    });
    if let Ok(generation) = looked {
        return generation;
    }
    shared.state.write(|state| {
        state.tick(now);
        let access = Access::Change(&mut state.pipeline);
        // What may change something does.
        let _ = Pipeline::translate(access, now, key, entry, None, translation);
        if translation.changed {
            shared.changed();
        }
        state.collect_events();
        if translation.stale { NEVER } else { shared.generation() }
    })
}

/// A packet on its way, with what its ops need.
struct Packet<'a, L: Lock<State>> {
    forwarder: &'a mut SoftForwarder<L>,
    now: Instant,
    /// The port of the datapath.
    came_in: PortNo,
    recirculations: u8,
    connection: Option<Connection>,
}

impl<L: Lock<State>> Surroundings for Packet<'_, L> {
    #[inline]
    fn sends(&mut self, port: PortNo, frame: &Frame) -> bool {
        let Some(counters) = self.forwarder.counters_of(port) else { return false };
        counters.sent(frame.len() as u64);
        true
    }

    fn meter(&mut self, meter: &MeterState, frame: &Frame) -> Verdict {
        meter.pass(self.now, frame.len())
    }

    fn to_controller(&mut self, packet: &ToController, frame: &Frame) {
        if let Some((_, meter)) = &packet.meter {
            if meter.pass(self.now, frame.len()) == Verdict::Drop {
                return;
            }
        }
        let waiting = &mut self.forwarder.to_controllers;
        waiting.push((packet.bridge, PacketIn::new(packet, frame)));
        if waiting.len() >= MAX_TO_CONTROLLERS {
            self.forwarder.hand_over();
        }
    }

    // There is no collector to send to.
    fn sample(&mut self, _: &Sample, _: &Frame) {}

    fn track(&mut self, ct: &Ct, frame: &mut Frame) -> bool {
        let tracked = crate::conntrack::track(self.forwarder.tracker.as_ref(), self.now, ct, frame);
        let kept = tracked.is_none();
        self.connection = tracked;
        !kept
    }

    fn forget_connection(&mut self) {
        self.connection = None;
    }

    fn recirculate<E: Egress + ?Sized>(
        &mut self,
        frozen: &Arc<Frozen>,
        frame: Frame,
        egress: &mut E,
    ) {
        if self.recirculations >= MAX_RECIRCULATIONS {
            self.dropped(DropReason::TooManyRecirculations);
            return egress.recycle(frame);
        }
        self.recirculations += 1;
        let mut key = FlowKey::of(self.came_in.0, frame.as_slice());
        key.recirc_id = frozen.id().into();
        if let Some(connection) = &self.connection {
            connection.write(&mut key);
        }
        self.go_on(&key, frozen, frame, egress);
        self.recirculations -= 1;
    }

    fn dropped(&mut self, reason: DropReason) {
        if let Some(counters) = self.forwarder.counters_of(self.came_in) {
            counters.dropped(reason, 1);
        }
    }
}

impl<L: Lock<State>> Packet<'_, L> {
    /// Does with a packet what its flow says.
    #[inline]
    fn follow<E: Egress + ?Sized>(&mut self, flow: &SoftFlow, frame: Frame, egress: &mut E) {
        execute(&flow.ops, flow.reason, frame, self, egress);
    }

    /// Does what the pipeline said of this packet, which no flow was made of.
    fn do_once<E: Egress + ?Sized>(&mut self, frame: Frame, egress: &mut E) {
        let SoftForwarder { translation, uncounted, .. } = &mut *self.forwarder;
        uncounted.add(translation, self.now, frame.len() as u64);
        let (ops, reason) = (core::mem::take(&mut translation.ops), translation.reason);
        execute(&ops, reason, frame, self, egress);
        self.forwarder.translation.ops = ops;
    }

    /// What the pipeline said of this packet, whose key is the forwarder's if there is no other, is cached if it
    /// lasts, and done.
    fn do_new<E: Egress + ?Sized>(
        &mut self,
        generation: usize,
        hash: u64,
        key: Option<&SparseKey>,
        entered: Option<&Arc<Frozen>>,
        (frame, egress): (Frame, &mut E),
    ) {
        let forwarder = &mut *self.forwarder;
        if generation == NEVER || !forwarder.cache.takes_flows() {
            return self.do_once(frame, egress);
        }
        let flow = forwarder.keep(generation, hash, key, entered);
        flow.tally.add(self.now, frame.len() as u64);
        self.follow(&flow, frame, egress);
    }

    /// Looks at a packet again, whose translation had stopped.
    fn go_on<E: Egress + ?Sized>(
        &mut self,
        key: &FlowKey,
        frozen: &Arc<Frozen>,
        frame: Frame,
        egress: &mut E,
    ) {
        let forwarder = &mut *self.forwarder;
        let sparse = SparseKey::from(key);
        let hash = sparse.hash(&forwarder.seed);
        let generation = forwarder.shared.generation();
        let found = forwarder.cache.lookup(self.now, generation, hash, &sparse);
        let same = |flow: &&Megaflow<Account>| {
            let entered = flow.flow.account.entered.as_ref();
            entered.is_some_and(|entered| Arc::ptr_eq(entered, frozen))
        };
        if let Some(found) = found.and_then(|at| forwarder.cache.get(at)).filter(same) {
            let flow = found.flow.clone();
            flow.tally.add(self.now, frame.len() as u64);
            return self.follow(&flow, frame, egress);
        }
        let (entry, translation) = (Entry::Frozen(frozen.clone()), &mut forwarder.translation);
        let generation = translate(&forwarder.shared, self.now, &sparse, entry, translation);
        self.do_new(generation, hash, Some(&sparse), Some(frozen), (frame, egress));
    }
}

impl<L: Lock<State>> Forwarder for SoftForwarder<L> {
    #[inline]
    fn process<E: Egress + ?Sized>(
        &mut self,
        now: Instant,
        port: PortNo,
        batch: &mut Batch,
        egress: &mut E,
    ) {
        let port = in_datapath(port);
        // The generation first: what cached flows of it name is then there, unless it was removed.
        let mut generation = self.begin();
        self.sync_ports();
        if self.shared.injected.load(Ordering::Acquire) != 0 {
            self.run_injected(now, egress);
        }
        let Some(came_in) = self.counters_of(port).cloned() else {
            self.counters.unknown_port.add(batch.len() as u64);
            batch.drain().for_each(|frame| egress.recycle(frame));
            return self.finish(now);
        };
        let (mut bytes, mut hits) = (0, 0);
        came_in.rx_frames.add(batch.len() as u64);
        for frame in batch.drain() {
            let len = frame.len() as u64;
            bytes += len;
            if frame.len() < SHORTEST_FRAME {
                came_in.dropped(DropReason::Runt, 1);
                egress.recycle(frame);
                continue;
            }
            self.key.extract(port.0, frame.as_slice());
            let hash = self.key.hash(&self.seed);
            let found = self.cache.lookup(now, generation, hash, &self.key);
            let flow = match found.and_then(|place| self.cache.get(place)) {
                Some(found) => {
                    hits += 1;
                    found.flow.tally.add(now, len);
                    if let Some(out) = found.output {
                        match self.ports.get(out) {
                            Some(counters) => {
                                counters.sent(len);
                                egress.send(out, frame);
                            }
                            None => {
                                came_in.dropped(DropReason::NoSuchOutput, 1);
                                egress.recycle(frame);
                            }
                        }
                        continue;
                    }
                    found.flow.clone()
                }
                None => {
                    self.miss(now, port, hash, frame, egress);
                    generation = self.shared.generation();
                    continue;
                }
            };
            let mut packet = Packet {
                forwarder: &mut *self,
                now,
                came_in: port,
                recirculations: 0,
                connection: None,
            };
            packet.follow(&flow, frame, egress);
        }
        came_in.rx_bytes.add(bytes);
        self.counters.hits.add(hits);
        self.finish(now);
    }

    fn not_received(&mut self, port: PortNo, losses: &mut Losses) {
        self.sync_ports();
        for (reason, frames, bytes) in losses.take() {
            if let Some(counters) = self.counters_of(port) {
                counters.rx_frames.add(frames);
                counters.rx_bytes.add(bytes);
                counters.dropped(reason, frames);
            }
        }
    }

    fn not_sent(&mut self, port: PortNo, losses: &mut Losses) {
        match self.counters_of(port) {
            Some(counters) => counters.not_sent(losses),
            None => drop(losses.take()),
        }
    }

    fn poll<E: Egress + ?Sized>(&mut self, now: Instant, egress: &mut E) -> Option<Instant> {
        self.sync_ports();
        if self.shared.injected.load(Ordering::Acquire) != 0 {
            self.run_injected(now, egress);
        }
        self.finish(now);
        self.shared.poll(now)
    }
}

impl<L: Lock<State>> SoftForwarder<L> {
    /// Does with the packet in `key`, which the cache does not know, what the pipeline says.
    #[cold]
    fn miss<E: Egress + ?Sized>(
        &mut self,
        now: Instant,
        port: PortNo,
        hash: u64,
        frame: Frame,
        egress: &mut E,
    ) {
        let (bridge, _) = bridge_port(port);
        let entry = Entry::Port(bridge);
        let generation = translate(&self.shared, now, &self.key, entry, &mut self.translation);
        self.sync_ports();
        self.counters.misses.add(1);
        let mut packet = Packet {
            forwarder: &mut *self,
            now,
            came_in: port,
            recirculations: 0,
            connection: None,
        };
        packet.do_new(generation, hash, None, None, (frame, egress));
    }

    /// Caches what the pipeline said of a packet, whose key is in `key` if there is no other.
    fn keep(
        &mut self,
        generation: usize,
        hash: u64,
        key: Option<&SparseKey>,
        entered: Option<&Arc<Frozen>>,
    ) -> Arc<SoftFlow> {
        let (key, translation) = (key.unwrap_or(&self.key), &mut *self.translation);
        let words = Words::of_packet(key, translation.mask());
        let flow = Arc::new(Flow {
            ops: core::mem::take(&mut translation.ops),
            reason: translation.reason,
            holds_until: translation.holds_until,
            tally: Tally::default(),
            account: Account {
                rules: translation.rules.drain().collect(),
                credits: core::mem::take(&mut translation.credits),
                effects: core::mem::take(&mut translation.effects),
                entered: entered.cloned(),
            },
        });
        let installed = self.cache.install(generation, hash, key, words, flow.clone());
        self.counters.installs.add(u64::from(installed != Installed::No));
        let evicted = matches!(installed, Installed::InPlaceOfAnother(_));
        self.counters.evictions.add(u64::from(evicted));
        self.fresh.push(flow.clone());
        flow
    }
}

impl<L: Lock<State>> Drop for SoftForwarder<L> {
    fn drop(&mut self) {
        self.finish(self.folded);
        self.cache.clear();
        self.shared.state.write(|state| {
            state.fold(Some(self.worker));
            state.idle.push(self.worker);
        });
    }
}
