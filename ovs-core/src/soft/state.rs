//! What the lock of a switch in software guards.

use super::Config;
use crate::action::Action;
use crate::counter::Counter;
use crate::datapath::flow::Flow;
use crate::event::{BarrierToken, Continuation, Event};
use crate::pipeline::{
    Bridge, BridgeConfig, Credit, Effect, FlowEntry, Frozen, Pipeline, Translation,
};
use crate::port::{PortNo, TableId};
use crate::{Frame, Instant};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of packets for controllers of a bridge wait for who asks for them, each counted with
/// [`PACKET_OVERHEAD`].
const MAX_PACKET_BYTES: usize = 16 << 20;
/// What a packet for controllers takes besides its bytes, about.
const PACKET_OVERHEAD: usize = 1024;
/// How many other events of a bridge wait: packets do not crowd them out.
const MAX_EVENTS: usize = 1 << 20;
/// How many packets wait that controllers sent.
const MAX_INJECTED: usize = 4096;

/// What a cached flow stands for in the pipeline.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) rules: Vec<Arc<FlowEntry>>,
    pub(crate) credits: Vec<Credit>,
    pub(crate) effects: Vec<Effect>,
    /// Where packets of the flow enter, if they were looked at before: kept so that no other gets its place.
    pub(crate) entered: Option<Arc<Frozen>>,
}

pub(crate) type SoftFlow = Flow<Account>;

/// Packets of one time of which no flow was cached, until they are counted.
#[derive(Debug, Default)]
pub(crate) struct Uncounted {
    used: Instant,
    /// With the bytes of the packet.
    rules: Vec<(Arc<FlowEntry>, u64)>,
    /// Of tables of bridges: lookups, and those that found a rule.
    tables: Vec<(usize, TableId, u64, u64)>,
    /// What else counts, with the bytes of the packet.
    credits: Vec<(Credit, u64)>,
    effects: Vec<Effect>,
}

impl Uncounted {
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.credits.is_empty() && self.effects.is_empty()
    }

    /// Takes what a translation says of one packet.
    pub(crate) fn add(&mut self, translation: &mut Translation, now: Instant, bytes: u64) {
        self.used = now;
        for credit in translation.credits.drain(..) {
            let Credit::Table(bridge, table, rule) = credit else {
                self.credits.push((credit, bytes));
                continue;
            };
            let rule = rule.and_then(|rule| translation.rules.take(rule.0));
            let matched = u64::from(rule.is_some());
            self.rules.extend(rule.map(|rule| (rule, bytes)));
            let same =
                |other: &&mut (usize, TableId, u64, u64)| (other.0, other.1) == (bridge, table);
            match self.tables.iter_mut().find(same) {
                Some((_, _, lookups, all_matched)) => {
                    (*lookups, *all_matched) = (*lookups + 1, *all_matched + matched);
                }
                None => self.tables.push((bridge, table, 1, matched)),
            }
        }
        self.effects.append(&mut translation.effects);
    }
}

/// Counts of one forwarder that belong to no port.
#[derive(Debug, Default)]
pub(crate) struct WorkerCounters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) installs: Counter,
    pub(crate) evictions: Counter,
    /// Frames that came in by a port that is not there.
    pub(crate) unknown_port: Counter,
}

/// A flow of a forwarder, and how many of its packets have been counted.
#[derive(Debug)]
struct Counted {
    flow: Arc<SoftFlow>,
    packets: u64,
    bytes: u64,
}

/// What is known of a forwarder.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    pub(crate) counters: Arc<WorkerCounters>,
    /// The generation that its batch sees; 0 while it has none.
    pub(crate) seen: Arc<AtomicUsize>,
    flows: Vec<Counted>,
    /// Which of them is counted next.
    next: usize,
    /// With more flows than these, some are over.
    pub(crate) flow_limit: usize,
}

/// A packet that does not come from a device.
#[derive(Debug)]
pub(crate) struct Injected {
    pub(crate) bridge: usize,
    pub(crate) in_port: PortNo,
    pub(crate) frame: Frame,
    pub(crate) then: Then,
}

/// What is to be done with it.
#[derive(Debug)]
pub(crate) enum Then {
    Actions(Arc<[Action]>),
    Resume(Continuation),
}

/// Events of a bridge.
#[derive(Debug, Default)]
pub(crate) struct Events {
    waiting: VecDeque<Event>,
    packets: usize,
    packet_bytes: usize,
    lost: u64,
}

impl Events {
    pub(crate) fn push(&mut self, event: Event) {
        let bytes = weight(&event);
        let has_room = match bytes {
            Some(bytes) => self.packet_bytes + bytes <= MAX_PACKET_BYTES,
            None => self.waiting.len() - self.packets < MAX_EVENTS,
        };
        if !has_room {
            self.lost += 1;
            return;
        }
        self.packets += usize::from(bytes.is_some());
        self.packet_bytes += bytes.unwrap_or(0);
        self.waiting.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        let event = self.waiting.pop_front()?;
        if let Some(bytes) = weight(&event) {
            self.packets -= 1;
            self.packet_bytes -= bytes;
        }
        Some(event)
    }

    /// How many could not wait.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }
}

/// What a packet for controllers takes; `None`: it is something else.
fn weight(event: &Event) -> Option<usize> {
    match event {
        Event::PacketIn(packet) => {
            Some(packet.data.len() + packet.userdata.len() + PACKET_OVERHEAD)
        }
        _ => None,
    }
}

/// Calls a forwarder that sleeps.
#[derive(Clone)]
pub(crate) struct Waker(pub(crate) Arc<dyn Fn() + Send + Sync>);

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}

/// What the lock guards.
#[derive(Debug, Default)]
pub struct State {
    pub(crate) now: Instant,
    pub(crate) pipeline: Pipeline,
    pub(crate) workers: Vec<Worker>,
    /// Numbers of forwarders that are gone; the next one goes on with their counters.
    pub(crate) idle: Vec<usize>,
    pub(crate) events: Vec<Events>,
    pub(crate) injected: VecDeque<Injected>,
    /// How forwarders are told that there is something to do before they expect it.
    pub(crate) wakers: Vec<Waker>,
    /// When they expect something to do.
    pub(crate) expected: Option<Instant>,
    /// Barriers that are not answered: bridge, token, generation.
    pub(crate) barriers: Vec<(usize, BarrierToken, usize)>,
    pub(crate) next_barrier: u64,
}

impl State {
    pub(crate) fn add_bridge(&mut self, config: &Config) -> usize {
        let bridge = Bridge::new(BridgeConfig {
            max_ports: config.max_ports,
            max_rules: config.max_rules,
            max_groups: config.max_groups,
            max_meters: config.max_meters,
            macs: config.macs.clone(),
            forward_link_local: config.forward_link_local,
            seed: config.seed,
        });
        let n = self.pipeline.add_bridge(bridge);
        if self.events.len() <= n {
            self.events.resize_with(n + 1, Events::default);
        }
        n
    }

    /// Time goes on, never back.
    pub(crate) fn tick(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    pub(crate) fn tell(&mut self, bridge: usize, event: Event) {
        if let Some(events) = self.events.get_mut(bridge) {
            events.push(event);
        }
    }

    /// Takes what the bridges have to tell.
    pub(crate) fn collect_events(&mut self) {
        // What is being made may yet be taken back.
        if self.pipeline.committing {
            return;
        }
        for n in 0..self.events.len() {
            let Some(bridge) = self.pipeline.bridge_mut(n) else { continue };
            let removed = core::mem::take(&mut bridge.removed);
            removed
                .into_iter()
                .for_each(|removed| self.tell(n, Event::FlowRemoved(Box::new(removed))));
        }
    }

    /// Answers the barriers that no batch is left of from before.
    pub(crate) fn answer_barriers(&mut self) {
        if self.barriers.is_empty() {
            return;
        }
        let seen = self.workers.iter().map(|worker| worker.seen.load(Ordering::SeqCst));
        let oldest = seen.filter(|seen| *seen != 0).min().unwrap_or(usize::MAX);
        let waiting = core::mem::take(&mut self.barriers);
        for (bridge, token, generation) in waiting {
            if generation <= oldest {
                self.tell(bridge, Event::Barrier(token));
            } else {
                self.barriers.push((bridge, token, generation));
            }
        }
    }

    /// Who is to be woken, because something is due before it is expected.
    pub(crate) fn wake_for_deadline(&mut self) -> Vec<Waker> {
        let due = self.pipeline.next_expiry();
        let earlier = due.is_some_and(|due| self.expected.is_none_or(|expected| due < expected));
        if !earlier || self.wakers.is_empty() {
            return Vec::new();
        }
        self.expected = due;
        self.wakers.clone()
    }

    /// Takes a packet to be sent through the switch; `false` if there are too many.
    pub(crate) fn inject(&mut self, packet: Injected) -> bool {
        let room = self.injected.len() < MAX_INJECTED;
        if room {
            self.injected.push_back(packet);
        }
        room
    }

    /// Counts packets of which no flow was cached, and lets what they tell happen again. Says whether other
    /// packets meet something else then.
    pub(crate) fn count(&mut self, uncounted: &mut Uncounted) -> bool {
        let used = uncounted.used;
        for (rule, bytes) in uncounted.rules.drain(..) {
            rule.stats.add(1, bytes, used);
        }
        for (bridge, table, lookups, matched) in uncounted.tables.drain(..) {
            if let Some(bridge) = self.pipeline.bridge_mut(bridge) {
                bridge.tables.count(table, lookups, matched);
            }
        }
        for (credit, bytes) in uncounted.credits.drain(..) {
            self.pipeline.credit(&credit, &[], 1, bytes, used);
        }
        let effects = uncounted.effects.drain(..);
        effects.fold(false, |changed, effect| changed | self.pipeline.repeat(used, &effect))
    }

    /// From now on the packets of these flows count.
    /// If there are many by now, some are counted and let go that are over. Says whether other packets meet something
    /// else then.
    pub(crate) fn register(
        &mut self,
        worker: usize,
        flows: impl Iterator<Item = Arc<SoftFlow>>,
    ) -> bool {
        let Some(known) = self.workers.get_mut(worker) else { return false };
        let before = known.flows.len();
        known.flows.extend(flows.map(|flow| Counted { flow, packets: 0, bytes: 0 }));
        let (len, limit) = (known.flows.len(), known.flow_limit);
        // More than came, so that they become fewer.
        len > limit && self.fold_some(worker, 4 * (len - before))
    }

    /// Counts the packets of some flows of a forwarder, each time of the next ones, as [`fold`](Self::fold) does.
    pub(crate) fn fold_some(&mut self, worker: usize, n: usize) -> bool {
        let Some(known) = self.workers.get_mut(worker) else { return false };
        let (mut flows, mut next) = (core::mem::take(&mut known.flows), known.next);
        let mut changed = false;
        for _ in 0..n.min(flows.len()) {
            if next >= flows.len() {
                next = 0;
            }
            let Some(counted) = flows.get_mut(next) else { break };
            changed |= self.fold_flow(counted);
            // Else only this list still has it: no packet will use it.
            if Arc::strong_count(&counted.flow) > 1 {
                next += 1;
            } else {
                flows.swap_remove(next);
            }
        }
        if let Some(known) = self.workers.get_mut(worker) {
            (known.flows, known.next) = (flows, next);
        }
        changed
    }

    /// How many flows of a forwarder are counted.
    pub(crate) fn n_flows(&self, worker: usize) -> usize {
        self.workers.get(worker).map_or(0, |worker| worker.flows.len())
    }

    /// Counts the packets that flows have had since the last time, of one forwarder or of all, and lets
    /// what they tell happen again: addresses that are heard of stay known. Says whether other packets
    /// meet something else then.
    pub(crate) fn fold(&mut self, worker: Option<usize>) -> bool {
        let mut changed = false;
        let workers = match worker {
            Some(n) => n..n + 1,
            None => 0..self.workers.len(),
        };
        for n in workers {
            let Some(worker) = self.workers.get_mut(n) else { continue };
            let mut flows = core::mem::take(&mut worker.flows);
            flows.retain_mut(|counted| {
                changed |= self.fold_flow(counted);
                // Only this list still has it: no packet will use it.
                Arc::strong_count(&counted.flow) > 1
            });
            if let Some(worker) = self.workers.get_mut(n) {
                worker.flows = flows;
            }
        }
        changed
    }

    fn fold_flow(&mut self, counted: &mut Counted) -> bool {
        let (packets, bytes, used) = counted.flow.tally.get();
        let more = packets.wrapping_sub(counted.packets);
        let more_bytes = bytes.wrapping_sub(counted.bytes);
        if more == 0 {
            return false;
        }
        (counted.packets, counted.bytes) = (packets, bytes);
        let account = &counted.flow.account;
        for credit in &account.credits {
            self.pipeline.credit(credit, &account.rules, more, more_bytes, used);
        }
        account
            .effects
            .iter()
            .fold(false, |changed, effect| changed | self.pipeline.repeat(used, effect))
    }
}
