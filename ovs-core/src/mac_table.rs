//! Which address is behind which port: learned from sources, forgotten with age.

use crate::key::Mac;
use crate::port::PortNo;
use crate::{Instant, LearnedMac};
use alloc::vec::Vec;
use core::time::Duration;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

/// How exactly ages are kept: an address that is heard of more often is noted once in this time.
pub(crate) const REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// What happens when an address is to be learned and the table is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The port with the most addresses gives up the one that it has not heard of for the
    /// longest: who floods the table with addresses only pushes out its own.
    #[default]
    EvictFromLargest,
    /// Nothing is learned until something is forgotten; frames to unknown addresses are flooded.
    Refuse,
}

/// Limits of the table of learned addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacConfig {
    /// How many addresses it keeps at most.
    pub limit: usize,
    /// After how long without a frame from it an address is forgotten.
    pub aging: Duration,
    /// What happens beyond the limit.
    pub when_full: WhenFull,
}

/// The figures of Open vSwitch 3.1: 8,192 addresses, 300 seconds.
impl Default for MacConfig {
    fn default() -> Self {
        Self { limit: 8192, aging: Duration::from_secs(300), when_full: WhenFull::default() }
    }
}

/// What learning an address changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// It was known there; its age is zero again.
    Known,
    /// It is new, or has moved, or another had to go for it: forwarding changes.
    Changed,
    /// There was no room.
    Full,
}

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    vlan: u16,
    mac: Mac,
    port: PortNo,
    seen: Instant,
    /// Neighbours in the list of the port, which is ordered by `seen`.
    newer: u32,
    older: u32,
}

/// The entries of one port, by when they were seen.
#[derive(Clone, Copy, Debug)]
struct PortList {
    port: PortNo,
    newest: u32,
    oldest: u32,
    len: usize,
}

/// The table. Every operation takes constant time but for those that look at each port: a
/// removal when full, and aging.
#[derive(Debug)]
pub(crate) struct MacTable {
    config: MacConfig,
    index: HashMap<(u16, Mac), u32, FixedState>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    ports: SmallVec<[PortList; 8]>,
}

impl MacTable {
    pub(crate) fn new(config: MacConfig, seed: u64) -> Self {
        Self {
            config,
            index: HashMap::with_hasher(FixedState::with_seed(seed)),
            entries: Vec::new(),
            free: Vec::new(),
            ports: SmallVec::new(),
        }
    }

    /// The port behind which the address is, if it is known and not too old, and until when
    /// that holds if it is not heard of again.
    pub(crate) fn lookup(&self, now: Instant, vlan: u16, mac: Mac) -> Option<(PortNo, Instant)> {
        let entry = self.get(vlan, mac)?;
        let until = entry.seen + self.config.aging;
        (now.since(entry.seen) < self.config.aging).then_some((entry.port, until))
    }

    /// Until when an address holds that is heard of now.
    pub(crate) fn holds_until(&self, now: Instant) -> Instant {
        now + self.config.aging
    }

    fn port_of(&self, now: Instant, vlan: u16, mac: Mac) -> Option<PortNo> {
        self.lookup(now, vlan, mac).map(|(port, _)| port)
    }

    /// Is there something to [`MacTable::learn`]? Not if it was heard of just now, within
    /// [`REFRESH_INTERVAL`], or there is no room.
    pub(crate) fn is_news(&self, now: Instant, vlan: u16, mac: Mac, port: PortNo) -> bool {
        match self.get(vlan, mac) {
            Some(entry) => entry.port != port || now.since(entry.seen) >= REFRESH_INTERVAL,
            None => {
                self.config.when_full != WhenFull::Refuse
                    || self.index.len() < self.config.limit
                    || self.next_expiry().is_some_and(|due| due <= now)
            }
        }
    }

    /// Notes that a frame from `mac` came in by `port`. Group addresses are nobody's source, and
    /// must not be given.
    pub(crate) fn learn(&mut self, now: Instant, vlan: u16, mac: Mac, port: PortNo) -> Learned {
        if let Some(&id) = self.index.get(&(vlan, mac)) {
            let before = self.port_of(now, vlan, mac);
            self.unlink(id);
            if let Some(entry) = self.entries.get_mut(id as usize) {
                entry.port = port;
                entry.seen = now;
            }
            self.link(id);
            return if before == Some(port) { Learned::Known } else { Learned::Changed };
        }
        if self.index.len() >= self.config.limit {
            self.expire(now);
        }
        if self.index.len() >= self.config.limit {
            let victim = match self.config.when_full {
                WhenFull::EvictFromLargest => self.oldest_of_largest(),
                WhenFull::Refuse => None,
            };
            match victim {
                Some(id) => self.remove(id),
                None => return Learned::Full,
            }
        }
        let entry = Entry { vlan, mac, port, seen: now, newer: NONE, older: NONE };
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.entries.get_mut(id as usize) {
                    *slot = entry;
                }
                id
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        self.index.insert((vlan, mac), id);
        self.link(id);
        Learned::Changed
    }

    /// Notes that the address was heard of again, if it is still there. That may be told late: what was heard since
    /// stays.
    pub(crate) fn refresh(&mut self, now: Instant, vlan: u16, mac: Mac, port: PortNo) {
        let is_later = self.get(vlan, mac).is_some_and(|entry| now > entry.seen);
        if is_later && self.port_of(now, vlan, mac) == Some(port) {
            self.learn(now, vlan, mac, port);
        }
    }

    /// Forgets what is too old; how many that were.
    pub(crate) fn expire(&mut self, now: Instant) -> usize {
        let before = self.index.len();
        for n in 0..self.ports.len() {
            while let Some(id) = self.ports.get(n).map(|list| list.oldest).filter(|id| *id != NONE)
            {
                let too_old = self
                    .entries
                    .get(id as usize)
                    .is_some_and(|entry| now.since(entry.seen) >= self.config.aging);
                if !too_old {
                    break;
                }
                self.remove(id);
            }
        }
        before - self.index.len()
    }

    /// When the next address will be too old.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let oldest = self.ports.iter().filter_map(|list| self.entries.get(list.oldest as usize));
        oldest.map(|entry| entry.seen).min().map(|seen| seen + self.config.aging)
    }

    /// Forgets what is behind a port.
    pub(crate) fn forget_port(&mut self, port: PortNo) {
        while let Some(list) = self.ports.iter().find(|list| list.port == port && list.len > 0) {
            self.remove(list.oldest);
        }
        self.ports.retain(|list| list.port != port);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.index.clear();
        self.entries.clear();
        self.free.clear();
        self.ports.clear();
    }

    /// What is known and not too old, by VLAN and address.
    pub(crate) fn list(&self, now: Instant) -> Vec<LearnedMac> {
        let mut list: Vec<_> = self
            .index
            .values()
            .filter_map(|id| self.entries.get(*id as usize))
            .map(|entry| LearnedMac {
                vlan: entry.vlan,
                mac: entry.mac,
                port: entry.port,
                age: now.since(entry.seen),
            })
            .filter(|learned| learned.age < self.config.aging)
            .collect();
        list.sort_by_key(|learned| (learned.vlan, learned.mac));
        list
    }

    fn get(&self, vlan: u16, mac: Mac) -> Option<&Entry> {
        self.entries.get(*self.index.get(&(vlan, mac))? as usize)
    }

    fn oldest_of_largest(&self) -> Option<u32> {
        let largest = self.ports.iter().max_by_key(|list| list.len)?;
        (largest.len > 0).then_some(largest.oldest)
    }

    fn remove(&mut self, id: u32) {
        self.unlink(id);
        if let Some(entry) = self.entries.get(id as usize) {
            self.index.remove(&(entry.vlan, entry.mac));
            self.free.push(id);
        }
    }

    /// Puts an entry at the new end of its port's list.
    fn link(&mut self, id: u32) {
        let Some(port) = self.entries.get(id as usize).map(|entry| entry.port) else {
            return;
        };
        let n = match self.ports.iter().position(|list| list.port == port) {
            Some(n) => n,
            None => {
                self.ports.push(PortList { port, newest: NONE, oldest: NONE, len: 0 });
                self.ports.len() - 1
            }
        };
        let Some(list) = self.ports.get_mut(n) else {
            return;
        };
        let second = list.newest;
        list.newest = id;
        list.len += 1;
        if second == NONE {
            list.oldest = id;
        }
        if let Some(entry) = self.entries.get_mut(id as usize) {
            entry.newer = NONE;
            entry.older = second;
        }
        if let Some(entry) = self.entries.get_mut(second as usize) {
            entry.newer = id;
        }
    }

    fn unlink(&mut self, id: u32) {
        let Some(&Entry { port, newer, older, .. }) = self.entries.get(id as usize) else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(newer as usize) {
            entry.older = older;
        }
        if let Some(entry) = self.entries.get_mut(older as usize) {
            entry.newer = newer;
        }
        if let Some(list) = self.ports.iter_mut().find(|list| list.port == port) {
            list.len -= 1;
            if list.newest == id {
                list.newest = older;
            }
            if list.oldest == id {
                list.oldest = newer;
            }
        }
    }
}

#[cfg(test)]
mod tests;
