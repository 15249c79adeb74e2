//! [`SoftSwitch`]: the switch in software, and the forwarders that move its frames.

mod bundle;
mod control;
mod forwarder;
mod state;
mod trace;

pub use forwarder::SoftForwarder;
pub use state::State;

use crate::Instant;
use crate::conntrack::ConnTracker;
use crate::lock::{DefaultLock, Lock};
use crate::mac_table::MacConfig;
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
    /// How many rules its flow tables have at most, together.
    pub max_rules: usize,
    /// How many groups it has at most.
    pub max_groups: usize,
    /// How many meters it has at most.
    pub max_meters: usize,
    /// The table of learned addresses.
    pub macs: MacConfig,
    /// Are frames to `01:80:c2:00:00:0x` bridged like others, instead of dropped?
    pub forward_link_local: bool,
    /// How many packets each forwarder remembers the flow of, rounded up to a power of two, in 8 bytes each; 0
    /// switches this first cache off.
    pub microflows: usize,
    /// How many flows each forwarder caches, each for all packets that agree in the bits it stands on; 0: none, so
    /// that the pipeline is asked about each packet.
    pub megaflows: usize,
    /// A random number that nobody else knows: without it others could choose packets that
    /// collide in hash tables. With `std` the default is random; without it is always the same.
    pub seed: u64,
    /// What remembers connections for the `ct` action; without one no connection is valid.
    pub tracker: Option<Arc<dyn ConnTracker>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_ports: 4096,
            max_rules: 1_000_000,
            max_groups: 1 << 20,
            max_meters: 1 << 16,
            macs: MacConfig::default(),
            forward_link_local: false,
            microflows: 32_768,
            megaflows: 200_000,
            seed: random_seed(),
            tracker: None,
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

#[derive(Debug)]
struct Shared<L> {
    state: L,
    /// Changes with everything that a cached flow may stand on, under the lock.
    generation: AtomicUsize,
    /// Changes with the set of ports, under the lock.
    ports: AtomicUsize,
    /// Do packets wait that do not come from a device?
    injected: AtomicUsize,
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

impl<L: Lock<State>> Shared<L> {
    /// Does what is due at `now`, and says when there is next something to do.
    fn poll(&self, now: Instant) -> Option<Instant> {
        let due = self.state.read(|state| (state.pipeline.next_expiry(), state.expected));
        if let (Some(due), Some(expected)) = due {
            if due > now && due == expected {
                return Some(due);
            }
        }
        self.state.write(|state| {
            let now = state.tick(now);
            let due = state.pipeline.next_expiry().is_some_and(|due| due <= now);
            if due && state.pipeline.committing {
                return Some(now);
            }
            if due {
                // First what the caches did: what is in use does not expire.
                let changed = state.fold(None);
                if state.pipeline.expire(now) | changed {
                    self.changed();
                }
                state.collect_events();
            }
            state.expected = state.pipeline.next_expiry();
            state.expected
        })
    }

    /// Calls forwarders that sleep.
    fn wake(wakers: Vec<state::Waker>) {
        wakers.into_iter().for_each(|waker| (waker.0)());
    }
}

/// A switch in software: flow tables, in the beginning with the one rule that it bridges by
/// learned addresses, and as many [`Forwarder`](crate::Forwarder)s as there are threads.
///
/// It is one bridge of a datapath, which may have [more](Self::add_bridge): they share forwarders and
/// caches, and [patch ports](Self::connect) join them. A clone is another handle to the same switch. `L` is
/// the lock that handles and forwarders share it by: see [`Lock`].
#[derive(Debug)]
pub struct SoftSwitch<L: Lock<State> = DefaultLock<State>> {
    shared: Arc<Shared<L>>,
    config: Config,
    /// Its number in the datapath.
    bridge: usize,
}

impl<L: Lock<State>> Clone for SoftSwitch<L> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), config: self.config.clone(), bridge: self.bridge }
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
        let mut state = State::default();
        let bridge = state.add_bridge(&config);
        let one = || AtomicUsize::new(1);
        let shared = Shared {
            state: L::new(state),
            generation: one(),
            ports: one(),
            injected: AtomicUsize::new(0),
        };
        Self { shared: Arc::new(shared), config, bridge }
    }

    /// Another bridge of the same datapath, without ports.
    pub fn add_bridge(&self, config: Config) -> Self {
        let bridge = self.shared.state.write(|state| state.add_bridge(&config));
        self.shared.changed();
        Self { shared: self.shared.clone(), config, bridge }
    }

    /// What a thread needs to move frames through the switch, and through all bridges of its datapath.
    pub fn forwarder(&self) -> SoftForwarder<L> {
        SoftForwarder::new(self.shared.clone(), &self.config)
    }

    /// Says how to call a thread that polls a forwarder and sleeps meanwhile: `wake` is called when a controller's
    /// packet is to be sent, and when something becomes due earlier than [polling](crate::Forwarder::poll) last
    /// said. It must not wait, nor ask anything of the switch.
    pub fn wake_with(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.shared.state.write(|state| state.wakers.push(state::Waker(Arc::new(wake))));
    }

    /// How the caches of all forwarders did since the datapath was made.
    pub fn cache_stats(&self) -> CacheStats {
        self.shared.state.read(|state| {
            state.workers.iter().map(|worker| &worker.counters).fold(
                CacheStats::default(),
                |sum, counters| CacheStats {
                    hits: sum.hits + counters.hits.get(),
                    misses: sum.misses + counters.misses.get(),
                    installs: sum.installs + counters.installs.get(),
                    evictions: sum.evictions + counters.evictions.get(),
                },
            )
        })
    }

    /// Events of this switch that were lost, because nobody [asked](crate::Switch::next_event) for those before:
    /// 16 MiB of packets for controllers wait, and a million others.
    pub fn lost_events(&self) -> u64 {
        let bridge = self.bridge;
        self.shared.state.read(|state| state.events.get(bridge).map_or(0, state::Events::lost))
    }

    /// Frames dropped because they came in by a port that is not there
    /// ([`DropReason::UnknownPort`](crate::DropReason::UnknownPort)): no port can count them.
    pub fn unknown_port_drops(&self) -> u64 {
        self.shared.state.read(|state| {
            state.workers.iter().map(|worker| worker.counters.unknown_port.get()).sum()
        })
    }
}
