//! [`SoftSwitch`]: the switch in software, and the forwarders that move its frames.

use crate::bridge::{Bridge, BridgeConfig};
use crate::counter::{Counter, PortCounters};
use crate::drops::{DropReason, Losses};
use crate::flow::{FlowMod, Rule};
use crate::frame::{Batch, Frame};
use crate::key::{HashSeed, SparseKey};
use crate::lock::{DefaultLock, Lock};
use crate::mac_table::{MacConfig, REFRESH_INTERVAL};
use crate::microflow::{Installed, Microflows};
use crate::port::{PortInfo, PortNo, PortSpec, PortStats};
use crate::translation::{Effect, Op, Translation};
use crate::{Bridging, Egress, Error, Forwarder, Instant, LearnedMac, Switch};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of an Ethernet header; what is shorter is no frame.
const SHORTEST_FRAME: usize = 14;

/// Limits and habits of a [`SoftSwitch`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How many ports it has at most.
    pub max_ports: usize,
    /// How many rules its flow table has at most.
    pub max_rules: usize,
    /// The table of learned addresses.
    pub macs: MacConfig,
    /// Are frames to `01:80:c2:00:00:0x` bridged like others, instead of dropped?
    pub forward_link_local: bool,
    /// How many flows each forwarder caches, rounded up to a power of two; 0 switches the
    /// cache off.
    pub cached_flows: usize,
    /// A random number that nobody else knows: without it others could choose packets that
    /// collide in hash tables. With `std` the default is random; without it is always the same.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_ports: 4096,
            max_rules: 1_000_000,
            macs: MacConfig::default(),
            forward_link_local: false,
            cached_flows: 8192,
            seed: random_seed(),
        }
    }
}

#[cfg(feature = "std")]
fn random_seed() -> u64 {
    use core::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(0)
}

#[cfg(not(feature = "std"))]
fn random_seed() -> u64 {
    0x9e37_79b9_7f4a_7c15
}

/// How the caches of all forwarders did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Frames that a cached flow told what to do with.
    pub hits: u64,
    /// Frames for which the bridge had to be asked.
    pub misses: u64,
    /// Flows that were cached.
    pub installs: u64,
    /// Flows that had to go for another while they were still good.
    pub evictions: u64,
}

/// Counts of one forwarder that belong to no port.
#[derive(Debug, Default)]
struct WorkerCounters {
    hits: Counter,
    misses: Counter,
    installs: Counter,
    evictions: Counter,
    /// Frames that came in by a port that is not there.
    unknown_port: Counter,
}

#[derive(Debug, Default)]
struct Workers {
    counters: Vec<Arc<WorkerCounters>>,
    /// Numbers of forwarders that are gone; the next one goes on with their counters.
    idle: Vec<usize>,
}

/// What the lock guards.
#[derive(Debug)]
pub struct State {
    bridge: Bridge,
    workers: Workers,
}

#[derive(Debug)]
struct Shared<L> {
    state: L,
    /// Changes with everything that a cached flow may stand on, under the lock.
    generation: AtomicUsize,
    /// Changes with the set of ports, under the lock.
    ports: AtomicUsize,
}

impl<L> Shared<L> {
    #[inline]
    fn generation(&self) -> usize {
        self.generation.load(Ordering::Acquire)
    }

    fn changed(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }
}

/// A switch in software: a flow table, in the beginning with the one rule that it bridges by
/// learned addresses, and as many [`Forwarder`]s as there are threads.
///
/// A clone is another handle to the same switch. `L` is the lock that handles and forwarders
/// share it by: see [`Lock`].
#[derive(Debug)]
pub struct SoftSwitch<L: Lock<State> = DefaultLock<State>> {
    shared: Arc<Shared<L>>,
    config: Config,
}

impl<L: Lock<State>> Clone for SoftSwitch<L> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), config: self.config.clone() }
    }
}

impl SoftSwitch {
    /// A switch without ports.
    pub fn new(config: Config) -> Self {
        Self::with_lock(config)
    }
}

impl<L: Lock<State>> SoftSwitch<L> {
    /// A switch without ports, shared by a lock of your choice.
    pub fn with_lock(config: Config) -> Self {
        let bridge = Bridge::new(BridgeConfig {
            max_ports: config.max_ports,
            max_rules: config.max_rules,
            macs: config.macs.clone(),
            forward_link_local: config.forward_link_local,
            seed: config.seed,
        });
        let state = L::new(State { bridge, workers: Workers::default() });
        let shared = Shared { state, generation: AtomicUsize::new(1), ports: AtomicUsize::new(1) };
        Self { shared: Arc::new(shared), config }
    }

    /// What a thread needs to move frames through the switch.
    pub fn forwarder(&self) -> SoftForwarder<L> {
        let (worker, counters) = self.shared.state.write(|state| {
            let workers = &mut state.workers;
            let worker = workers.idle.pop().unwrap_or_else(|| {
                workers.counters.push(Arc::default());
                workers.counters.len() - 1
            });
            (worker, workers.counters.get(worker).cloned().unwrap_or_default())
        });
        SoftForwarder {
            shared: self.shared.clone(),
            worker,
            counters,
            ports: Vec::new(),
            ports_version: 0,
            seed: HashSeed::new(self.config.seed),
            key: SparseKey::default(),
            cache: Microflows::new(self.config.cached_flows),
            replays: Vec::new(),
        }
    }

    /// How the caches of all forwarders did since the switch was made.
    pub fn cache_stats(&self) -> CacheStats {
        self.shared.state.read(|state| {
            state.workers.counters.iter().fold(CacheStats::default(), |sum, counters| CacheStats {
                hits: sum.hits + counters.hits.get(),
                misses: sum.misses + counters.misses.get(),
                installs: sum.installs + counters.installs.get(),
                evictions: sum.evictions + counters.evictions.get(),
            })
        })
    }

    /// Frames dropped because they came in by a port that is not there
    /// ([`DropReason::UnknownPort`]): no port can count them.
    pub fn unknown_port_drops(&self) -> u64 {
        self.shared.state.read(|state| {
            state.workers.counters.iter().map(|counters| counters.unknown_port.get()).sum()
        })
    }

    fn change<R>(&self, change: impl FnOnce(&mut Bridge) -> Result<R, Error>) -> Result<R, Error> {
        self.shared.state.write(|state| {
            let result = change(&mut state.bridge)?;
            self.shared.changed();
            Ok(result)
        })
    }

    fn change_ports<R>(
        &self,
        change: impl FnOnce(&mut Bridge) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.change(|bridge| {
            let result = change(bridge)?;
            self.shared.ports.fetch_add(1, Ordering::Release);
            Ok(result)
        })
    }
}

impl<L: Lock<State>> Switch for SoftSwitch<L> {
    fn add_port(&mut self, spec: PortSpec) -> Result<PortNo, Error> {
        self.change_ports(|bridge| bridge.add_port(spec))
    }

    fn remove_port(&mut self, port: PortNo) -> Result<(), Error> {
        self.change_ports(|bridge| bridge.remove_port(port))
    }

    fn ports(&self) -> Vec<PortInfo> {
        self.shared.state.read(|state| state.bridge.ports())
    }

    fn port_stats(&self, port: PortNo) -> Result<PortStats, Error> {
        self.shared.state.read(|state| state.bridge.port_stats(port))
    }

    fn flow_mod(&mut self, change: FlowMod) -> Result<(), Error> {
        self.change(|bridge| bridge.flow_mod(change))
    }

    fn rules(&self) -> Vec<Rule> {
        self.shared.state.read(|state| state.bridge.rules().to_vec())
    }
}

impl<L: Lock<State>> Bridging for SoftSwitch<L> {
    fn macs(&self, now: Instant) -> Vec<LearnedMac> {
        self.shared.state.read(|state| state.bridge.macs(now))
    }

    fn flush_macs(&mut self) {
        self.shared.state.write(|state| {
            state.bridge.flush_macs();
            self.shared.changed();
        });
    }
}

/// Moves frames through a [`SoftSwitch`], with a cache of flows of its own.
#[derive(Debug)]
pub struct SoftForwarder<L: Lock<State> = DefaultLock<State>> {
    shared: Arc<Shared<L>>,
    worker: usize,
    counters: Arc<WorkerCounters>,
    /// Counters of the ports, by number.
    ports: Vec<Option<Arc<PortCounters>>>,
    ports_version: usize,
    seed: HashSeed,
    key: SparseKey,
    cache: Microflows,
    /// Effects of cached flows that are to be told to the bridge after the batch.
    replays: Vec<Effect>,
}

impl<L: Lock<State>> SoftForwarder<L> {
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
        (self.ports_version, self.ports) = shared
            .state
            .write(|state| (shared.ports.load(Ordering::Acquire), state.bridge.counters(worker)));
    }

    fn replay(&mut self, now: Instant) {
        let replays = &self.replays;
        self.shared.state.write(|state| state.bridge.replay(now, replays));
        self.replays.clear();
    }
}

/// Asks the bridge about a packet, and lets its effects happen first.
#[cold]
fn translate<L: Lock<State>>(
    shared: &Shared<L>,
    now: Instant,
    key: &SparseKey,
) -> (usize, Translation) {
    let key = key.expand();
    let (generation, translation, news) = shared.state.read(|state| {
        let translation = state.bridge.translate(now, &key);
        let news = state.bridge.are_news(now, &translation.effects);
        (shared.generation(), translation, news)
    });
    if !news {
        return (generation, translation);
    }
    shared.state.write(|state| {
        if state.bridge.apply(now, &translation.effects) {
            shared.changed();
        }
        (shared.generation(), state.bridge.translate(now, &key))
    })
}

/// Does to a frame what its flow says.
#[inline]
fn execute<E: Egress + ?Sized>(
    ops: &[Op],
    ports: &[Option<Arc<PortCounters>>],
    came_in: &PortCounters,
    frame: Frame,
    egress: &mut E,
) {
    let Some((last, others)) = ops.split_last() else {
        return egress.recycle(frame);
    };
    for op in others {
        if let Op::Output(port) = *op {
            let copy = egress.copy(&frame);
            output(ports, came_in, port, copy, egress);
        }
    }
    match *last {
        Op::Output(port) => output(ports, came_in, port, frame, egress),
        Op::Drop(reason) => {
            came_in.dropped(reason, 1);
            egress.recycle(frame);
        }
    }
}

#[inline]
fn output<E: Egress + ?Sized>(
    ports: &[Option<Arc<PortCounters>>],
    came_in: &PortCounters,
    port: PortNo,
    frame: Frame,
    egress: &mut E,
) {
    match ports.get(port.0 as usize) {
        Some(Some(counters)) => {
            counters.sent(frame.len() as u64);
            egress.send(port, frame);
        }
        // Removed since the batch began.
        _ => {
            came_in.dropped(DropReason::NoSuchOutput, 1);
            egress.recycle(frame);
        }
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
        // The generation first: what cached flows of it name is then there, unless it was removed.
        let mut generation = self.shared.generation();
        self.sync_ports();
        let Some(Some(came_in)) = self.ports.get(port.0 as usize).cloned() else {
            self.counters.unknown_port.add(batch.len() as u64);
            batch.drain().for_each(|frame| egress.recycle(frame));
            return;
        };
        let (mut bytes, mut hits) = (0, 0);
        came_in.rx_frames.add(batch.len() as u64);
        for frame in batch.drain() {
            bytes += frame.len() as u64;
            if frame.len() < SHORTEST_FRAME {
                came_in.dropped(DropReason::Runt, 1);
                egress.recycle(frame);
                continue;
            }
            self.key.extract(port.0, frame.as_slice());
            let hash = self.key.hash(&self.seed);
            if let Some(flow) = self.cache.lookup(now, generation, hash, &self.key) {
                hits += 1;
                if now.since(flow.replayed) >= REFRESH_INTERVAL {
                    flow.replayed = now;
                    self.replays.extend_from_slice(&flow.translation.effects);
                }
                execute(&flow.translation.ops, &self.ports, &came_in, frame, egress);
                continue;
            }
            let (current, translation) = translate(&self.shared, now, &self.key);
            generation = current;
            self.sync_ports();
            let installed = self.cache.install(now, current, hash, &self.key, &translation);
            self.counters.misses.add(1);
            self.counters.installs.add(u64::from(installed != Installed::No));
            self.counters.evictions.add(u64::from(installed == Installed::InPlaceOfAnother));
            execute(&translation.ops, &self.ports, &came_in, frame, egress);
        }
        came_in.rx_bytes.add(bytes);
        self.counters.hits.add(hits);
        if !self.replays.is_empty() {
            self.replay(now);
        }
    }

    fn not_received(&mut self, port: PortNo, losses: &mut Losses) {
        self.sync_ports();
        for (reason, frames, bytes) in losses.take() {
            if let Some(Some(counters)) = self.ports.get(port.0 as usize) {
                counters.rx_frames.add(frames);
                counters.rx_bytes.add(bytes);
                counters.dropped(reason, frames);
            }
        }
    }

    fn not_sent(&mut self, port: PortNo, losses: &mut Losses) {
        match self.ports.get(port.0 as usize) {
            Some(Some(counters)) => counters.not_sent(losses),
            _ => drop(losses.take()),
        }
    }

    fn poll(&mut self, now: Instant) -> Option<Instant> {
        let due = self.shared.state.read(|state| state.bridge.next_expiry())?;
        if due > now {
            return Some(due);
        }
        self.shared.state.write(|state| {
            if state.bridge.expire(now) {
                self.shared.changed();
            }
            state.bridge.next_expiry()
        })
    }
}

impl<L: Lock<State>> Drop for SoftForwarder<L> {
    fn drop(&mut self) {
        self.shared.state.write(|state| state.workers.idle.push(self.worker));
    }
}
