//! What is known of all bridges of one datapath, and what it says of a packet.
//!
//! ```text
//!  Pipeline ── Bridge ┬─ ports     numbers, configuration, VLANs
//!     │               ├─ tables    rules, by table
//!     │               ├─ groups    buckets
//!     │               ├─ meters    rates
//!     │               └─ learned addresses, mirrors
//!     └── translate    a key in, ops out, pure; trace tells it step by step
//! ```

mod bridge;
pub(crate) mod check;
mod entry;
mod groups;
mod meters;
mod ports;
mod tables;
mod translate;

pub use bridge::FragmentHandling;
pub(crate) use bridge::{Bridge, BridgeConfig, Undo};
pub(crate) use entry::FlowEntry;
pub(crate) use groups::GroupEntry;
pub use meters::{MeterState, Verdict};
pub(crate) use ports::{bridge_port, datapath_port, in_datapath};
pub use translate::Frozen;
pub(crate) use translate::{Access, Credit, Effect, Entry, Translation};

use crate::classify::Version;
use crate::counter::PortCounters;
use crate::mac_table::Learned;
use crate::port::PortMap;
use crate::{Error, Instant};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

/// All bridges of one datapath.
#[derive(Debug)]
pub(crate) struct Pipeline {
    bridges: Vec<Option<Bridge>>,
    /// What packets see now.
    pub(crate) version: Version,
    /// Are changes being made that nobody sees yet? Then rules are not changed otherwise.
    pub(crate) committing: bool,
    frozen: AtomicU32,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            bridges: Vec::new(),
            version: Version(1),
            committing: false,
            frozen: AtomicU32::new(0),
        }
    }
}

impl Pipeline {
    pub(crate) fn bridge(&self, n: usize) -> Option<&Bridge> {
        self.bridges.get(n)?.as_ref()
    }

    pub(crate) fn bridge_mut(&mut self, n: usize) -> Option<&mut Bridge> {
        self.bridges.get_mut(n)?.as_mut()
    }

    /// Adds a bridge, and says which number it has.
    pub(crate) fn add_bridge(&mut self, bridge: Bridge) -> usize {
        let n = self.bridges.iter().position(Option::is_none).unwrap_or(self.bridges.len());
        match self.bridges.get_mut(n) {
            Some(slot) => *slot = Some(bridge),
            None => self.bridges.push(Some(bridge)),
        }
        n
    }

    /// A number for a translation that stops: not 0, and another for each until all have been used.
    fn next_frozen(&self) -> u32 {
        self.frozen.fetch_add(1, Ordering::Relaxed).checked_add(1).unwrap_or(1)
    }

    /// The counters of forwarder number `worker` for all ports.
    pub(crate) fn counters(&mut self, worker: usize) -> PortMap<Arc<PortCounters>> {
        let mut counters = PortMap::default();
        for (n, bridge) in self.bridges.iter_mut().enumerate() {
            if let Some(bridge) = bridge {
                bridge.ports.counters(n, worker, &mut counters);
            }
        }
        counters
    }

    /// When there is next something to forget.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let bridges = self.bridges.iter().flatten();
        bridges.filter_map(Bridge::next_expiry).min()
    }

    /// Forgets what is too old. Says whether packets meet something else then.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let version = self.version;
        let bridges = self.bridges.iter_mut().flatten();
        bridges.fold(false, |changed, bridge| changed | bridge.expire(now, version))
    }

    /// Would this effect change what another packet meets?
    pub(crate) fn is_news(&self, now: Instant, effect: &Effect) -> bool {
        match effect {
            Effect::LearnMac { bridge, vlan, mac, port } => self
                .bridge(*bridge)
                .is_some_and(|bridge| bridge.macs.is_news(now, *vlan, *mac, *port)),
            Effect::LearnRule { .. } if self.committing => false,
            Effect::LearnRule { bridge, change, .. } => {
                self.bridge(*bridge).is_some_and(|bridge| !bridge.has_rule(change, self.version))
            }
            Effect::FinTimeout { rule, idle, hard, .. } => rule.would_shorten(*idle, *hard),
        }
    }

    /// Lets an effect happen. Says whether what it wanted is there now.
    ///
    /// # Errors
    ///
    /// If a rule cannot be learned.
    pub(crate) fn apply(&mut self, now: Instant, effect: &Effect) -> Result<Applied, Error> {
        let version = self.version;
        match effect {
            Effect::LearnMac { bridge, vlan, mac, port } => {
                let Some(bridge) = self.bridge_mut(*bridge) else { return Ok(Applied::NOTHING) };
                let learned = bridge.learn_mac(now, *vlan, *mac, *port);
                Ok(Applied { done: true, changed: learned == Learned::Changed })
            }
            // The next packet learns it.
            Effect::LearnRule { .. } if self.committing => Ok(Applied::NOTHING),
            Effect::LearnRule { bridge, change, limit } => {
                let Some(bridge) = self.bridge_mut(*bridge) else { return Ok(Applied::NOTHING) };
                let applied = bridge.learn_rule(now, change, *limit, version)?;
                if applied.changed {
                    self.version = version.next();
                }
                Ok(applied)
            }
            Effect::FinTimeout { bridge, rule, idle, hard } => {
                if let Some(bridge) = self.bridge_mut(*bridge) {
                    bridge.tables.shorten_timeouts(rule, *idle, *hard);
                }
                Ok(Applied { done: true, changed: false })
            }
        }
    }
}

/// Keeping account of packets that a cached flow took.
impl Pipeline {
    /// Counts packets, of which the last came at `used`. `rules` are those that the credit names.
    pub(crate) fn credit(
        &mut self,
        credit: &Credit,
        rules: &[Arc<FlowEntry>],
        packets: u64,
        bytes: u64,
        used: Instant,
    ) {
        match credit {
            Credit::Table(bridge, table, rule) => {
                if let Some(rule) = rule.and_then(|rule| rules.get(rule.0 as usize)) {
                    rule.stats.add(packets, bytes, used);
                }
                let Some(bridge) = self.bridge_mut(*bridge) else { return };
                bridge.tables.count(*table, packets, if rule.is_some() { packets } else { 0 });
            }
            Credit::Group(group, bucket) => group.count(*bucket, packets, bytes),
            Credit::Mirror(bridge, mirror) => {
                let counters = self.bridge_mut(*bridge).and_then(|b| b.mirrored.get_mut(*mirror));
                if let Some((sum, sum_of_bytes)) = counters {
                    *sum += packets;
                    *sum_of_bytes += bytes;
                }
            }
        }
    }

    /// Lets an effect happen once more, for packets that a cache forwarded: what is there stays there, what
    /// was forgotten meanwhile does not come back, but for rules, which each packet learns. Says whether
    /// other packets meet something else then.
    pub(crate) fn repeat(&mut self, used: Instant, effect: &Effect) -> bool {
        match effect {
            Effect::LearnMac { bridge, vlan, mac, port } => {
                if let Some(bridge) = self.bridge_mut(*bridge) {
                    bridge.macs.refresh(used, *vlan, *mac, *port);
                }
                false
            }
            Effect::LearnRule { .. } | Effect::FinTimeout { .. } => {
                self.apply(used, effect).is_ok_and(|applied| applied.changed)
            }
        }
    }
}

/// What became of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Is what it wanted there now?
    pub(crate) done: bool,
    /// Do other packets meet something else than before?
    pub(crate) changed: bool,
}

impl Applied {
    const NOTHING: Self = Self { done: false, changed: false };
}
