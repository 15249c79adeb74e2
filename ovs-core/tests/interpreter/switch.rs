//! What a switch knows, and how it is changed (OpenFlow 1.3.5 §5 and §6).

use ovs_core::action::{Action, Instructions};
use ovs_core::flow::{FlowFlags, FlowMod, FlowModCommand, RemovedReason};
use ovs_core::group::{Bucket, Group, GroupId, GroupKind, GroupMod};
use ovs_core::matching::Match;
use ovs_core::meter::{Meter, MeterFlags, MeterId, MeterMod};
use ovs_core::port::{PortConfig, PortNo, PortState, TableId};
use ovs_core::table::Miss;
use std::collections::BTreeMap;

/// How often something happened. Of what is behind a meter that dropped the packet it is not defined whether it
/// is counted: it is between these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub least: u64,
    pub most: u64,
}

impl Span {
    pub fn add(&mut self, least: u64, most: u64) {
        self.least += least;
        self.most += most;
    }

    pub fn contains(&self, n: &u64) -> bool {
        (self.least..=self.most).contains(n)
    }
}

/// Packets and bytes. How many bytes a packet had that was changed on its way is not defined either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub packets: Span,
    pub bytes: Span,
}

impl Count {
    pub fn add(&mut self, is_dropped: bool, lengths: (usize, usize)) {
        let least = u64::from(!is_dropped);
        self.packets.add(least, 1);
        self.bytes.add(least * lengths.0 as u64, lengths.1 as u64);
    }

    pub fn agrees(&self, packets: u64, bytes: u64) -> bool {
        self.packets.contains(&packets) && self.bytes.contains(&bytes)
    }
}

/// A flow entry.
#[derive(Clone, Debug)]
pub struct Entry {
    pub table: u8,
    pub priority: u16,
    pub matching: Match,
    pub instructions: Instructions,
    pub cookie: u64,
    pub flags: FlowFlags,
    pub timeouts: (u64, u64),
    pub modified: u64,
    pub used: u64,
    pub count: Count,
}

/// A group with its counts.
#[derive(Clone, Debug)]
pub struct GroupEntry {
    pub group: Group,
    pub count: Count,
    pub buckets: Vec<Count>,
}

/// A meter with what is in its buckets: in bits or packets, times a thousand million.
#[derive(Clone, Debug)]
pub struct MeterEntry {
    pub meter: Meter,
    pub tokens: Vec<i128>,
    pub filled: u64,
}

/// An entry that is gone, for who asked to be told.
pub type Removed = (u8, u16, Match, u64, RemovedReason);

/// Seconds for which an address is kept.
const AGING: u64 = 300;

#[derive(Clone, Debug, Default)]
pub struct Switch {
    /// In seconds.
    pub now: u64,
    pub ports: BTreeMap<u32, (PortConfig, PortState)>,
    pub entries: Vec<Entry>,
    pub groups: BTreeMap<u32, GroupEntry>,
    pub meters: BTreeMap<u32, MeterEntry>,
    /// By VLAN and address: the port, and when it was learned.
    pub addresses: BTreeMap<(u16, [u8; 6]), (u32, u64)>,
    pub misses: BTreeMap<u8, Miss>,
    /// By table: lookups, and those with an entry.
    pub lookups: BTreeMap<u8, (Span, Span)>,
    pub drops_fragments: bool,
    pub removed: Vec<Removed>,
}

impl Switch {
    pub fn address(&self, vlan: u16, address: [u8; 6]) -> Option<u32> {
        let (port, learned) = self.addresses.get(&(vlan, address))?;
        (self.now < learned + AGING).then_some(*port)
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        let now = self.now;
        // The one whose time was over first is told first.
        let mut over: Vec<(u64, RemovedReason, usize)> = Vec::new();
        for (n, entry) in self.entries.iter().enumerate() {
            let (idle, hard) = entry.timeouts;
            let after = |timeout: u64, since: u64, reason| {
                (timeout > 0 && since + timeout <= now).then_some((since + timeout, reason))
            };
            let idle = after(idle, entry.used, RemovedReason::IdleTimeout);
            let hard = after(hard, entry.modified, RemovedReason::HardTimeout);
            let first = match (idle, hard) {
                (Some(idle), Some(hard)) if idle.0 < hard.0 => Some(idle),
                (idle, hard) => hard.or(idle),
            };
            over.extend(first.map(|(at, reason)| (at, reason, n)));
        }
        over.sort_by_key(|(at, _, _)| *at);
        let reasons: BTreeMap<usize, RemovedReason> =
            over.iter().map(|(_, reason, n)| (*n, *reason)).collect();
        self.remove(|n, _| reasons.get(&n).copied());
    }

    /// Removes the entries for which there is a reason.
    fn remove(&mut self, reason: impl Fn(usize, &Entry) -> Option<RemovedReason>) {
        let entries = std::mem::take(&mut self.entries);
        for (n, entry) in entries.into_iter().enumerate() {
            match reason(n, &entry) {
                None => self.entries.push(entry),
                Some(reason) if entry.flags.contains(FlowFlags::SEND_FLOW_REM) => {
                    let Entry { table, priority, matching, cookie, .. } = entry;
                    self.removed.push((table, priority, matching, cookie, reason));
                }
                Some(_) => {}
            }
        }
    }

    /// OpenFlow 1.3.5 §6.4. `false`: it is refused, because it overlaps.
    pub fn flow_mod(&mut self, change: &FlowMod) -> bool {
        let strict = change.command.is_strict() || change.command == FlowModCommand::Add;
        let meant = |entry: &Entry| {
            let table = change.table == TableId::ALL || entry.table == change.table.0;
            let matches = if strict {
                entry.priority == change.priority && entry.matching == change.matching
            } else {
                change.matching.covers(&entry.matching)
            };
            let cookie =
                change.command == FlowModCommand::Add || change.cookie_filter.accepts(entry.cookie);
            table && matches && cookie
        };
        match change.command {
            FlowModCommand::Add => {
                let same = self.entries.iter().position(meant);
                let overlaps = self.entries.iter().any(|entry| {
                    entry.table == change.table.0
                        && entry.priority == change.priority
                        && entry.matching.overlaps(&change.matching)
                });
                if change.flags.contains(FlowFlags::CHECK_OVERLAP) && overlaps && same.is_none() {
                    return false;
                }
                let kept = !change.flags.contains(FlowFlags::RESET_COUNTS);
                let count = same.filter(|_| kept).map(|n| self.entries[n].count);
                let entry = Entry {
                    table: change.table.0,
                    priority: change.priority,
                    matching: change.matching.clone(),
                    instructions: change.instructions.clone(),
                    cookie: change.cookie.unwrap_or(0),
                    flags: change.flags,
                    timeouts: (change.idle_timeout.into(), change.hard_timeout.into()),
                    modified: self.now,
                    used: self.now,
                    count: count.unwrap_or_default(),
                };
                match same {
                    Some(n) => self.entries[n] = entry,
                    None => self.entries.push(entry),
                }
            }
            FlowModCommand::Modify | FlowModCommand::ModifyStrict => {
                for entry in self.entries.iter_mut().filter(|entry| meant(entry)) {
                    entry.instructions = change.instructions.clone();
                    // From then on the hard timeout is measured (ovs-ofctl(8), `hard_age`).
                    entry.modified = self.now;
                    if change.flags.contains(FlowFlags::RESET_COUNTS) {
                        entry.count = Count::default();
                    }
                }
            }
            FlowModCommand::Delete | FlowModCommand::DeleteStrict => {
                let (port, group) = (change.out_port, change.out_group);
                self.remove(|_, entry| {
                    let all = || all_actions(&entry.instructions);
                    let outputs = port == PortNo::ANY
                        || all().iter().any(
                            |action| matches!(action, Action::Output { port: to, .. } if *to == port),
                        );
                    let groups = group == GroupId::ANY || all().contains(&Action::Group(group));
                    (meant(entry) && outputs && groups).then_some(RemovedReason::Delete)
                });
            }
        }
        true
    }

    /// OpenFlow 1.3.5 §6.7.
    pub fn group_mod(&mut self, change: &GroupMod) {
        match change {
            GroupMod::Add(group) | GroupMod::Modify(group) => {
                let (group, count) = (group.clone(), Count::default());
                let buckets = vec![count; group.buckets.len()];
                self.groups.insert(group.id.0, GroupEntry { group, count, buckets });
            }
            GroupMod::Delete(id) => {
                let gone = if *id == GroupId::ALL {
                    std::mem::take(&mut self.groups).into_keys().collect()
                } else {
                    Vec::from_iter(self.groups.remove(&id.0).map(|_| id.0))
                };
                self.remove(|_, entry| {
                    let uses = |action: &Action| matches!(action, Action::Group(id) if gone.contains(&id.0));
                    let used = all_actions(&entry.instructions).iter().any(uses);
                    used.then_some(RemovedReason::GroupDelete)
                });
            }
            _ => unreachable!("not made here"),
        }
    }

    /// OpenFlow 1.3.5 §6.8.
    pub fn meter_mod(&mut self, change: &MeterMod) {
        match change {
            MeterMod::Add(meter) | MeterMod::Modify(meter) => {
                let tokens = meter.bands.iter().map(|band| capacity(meter, band.burst_size));
                let entry =
                    MeterEntry { tokens: tokens.collect(), meter: meter.clone(), filled: self.now };
                self.meters.insert(meter.id.0, entry);
            }
            MeterMod::Delete(id) => {
                self.meters.remove(&id.0);
                self.remove(|_, entry| {
                    (entry.instructions.meter == Some(*id)).then_some(RemovedReason::MeterDelete)
                });
            }
        }
    }

    /// Are all groups and meters there?
    pub fn has_all(&self, instructions: &Instructions) -> bool {
        let has = |action: &Action| match action {
            Action::Group(id) => self.groups.contains_key(&id.0),
            _ => true,
        };
        let has_meter = instructions.meter.is_none_or(|id| self.meters.contains_key(&id.0));
        has_meter && all_actions(instructions).iter().all(has)
    }

    /// Are the groups there that its buckets use?
    pub fn has_groups_of(&self, change: &GroupMod) -> bool {
        let (GroupMod::Add(group) | GroupMod::Modify(group)) = change else { return true };
        let actions = |bucket: &Bucket| Instructions::apply(bucket.actions.clone());
        group.buckets.iter().all(|bucket| self.has_all(&actions(bucket)))
    }

    pub fn group_is_live(&self, id: GroupId) -> bool {
        let Some(entry) = self.groups.get(&id.0) else { return false };
        (0..entry.group.buckets.len()).any(|n| self.bucket_is_live(&entry.group, n))
    }

    /// OpenFlow 1.3.5 §6.5: one that watches nothing is always.
    pub fn bucket_is_live(&self, group: &Group, n: usize) -> bool {
        let bucket = &group.buckets[n];
        // One that is never selected.
        if group.kind == GroupKind::Select && bucket.weight == 0 {
            return false;
        }
        let watches_port = bucket.watch_port != PortNo::ANY;
        let watches_group = bucket.watch_group != GroupId::ANY;
        let port_is_live = || {
            self.ports.get(&bucket.watch_port.0).is_some_and(|(config, state)| {
                !config.contains(PortConfig::PORT_DOWN) && !state.contains(PortState::LINK_DOWN)
            })
        };
        !watches_port && !watches_group
            || watches_port && port_is_live()
            || watches_group && self.group_is_live(bucket.watch_group)
    }

    /// What a meter does with a packet: the number of the band that applies (OpenFlow 1.3.5 §5.7.1).
    pub fn measure(&mut self, id: MeterId, bytes: usize) -> Option<usize> {
        let now = self.now;
        let entry = self.meters.get_mut(&id.0)?;
        let in_packets = entry.meter.flags.contains(MeterFlags::PKTPS);
        let cost = if in_packets { 1 } else { bytes as i128 * 8 } * UNIT;
        let mut exceeded: Option<usize> = None;
        for (n, band) in entry.meter.bands.iter().enumerate() {
            let seconds = i128::from(now - entry.filled);
            let rate = i128::from(band.rate) * if in_packets { 1 } else { 1000 };
            let full = capacity(&entry.meter, band.burst_size);
            let has = (entry.tokens[n] + seconds * rate * UNIT).min(full);
            entry.tokens[n] = has;
            if has >= cost.min(full) {
                entry.tokens[n] -= cost;
            } else if exceeded.is_none_or(|other| entry.meter.bands[other].rate < band.rate) {
                exceeded = Some(n);
            }
        }
        entry.filled = now;
        exceeded
    }
}

const UNIT: i128 = 1_000_000_000;

fn capacity(meter: &Meter, burst: u32) -> i128 {
    let unit = if meter.flags.contains(MeterFlags::PKTPS) { 1 } else { 1000 };
    i128::from(burst) * unit * UNIT
}

/// All actions of a rule, those in other actions too.
fn all_actions(instructions: &Instructions) -> Vec<Action> {
    fn with_inner(actions: &[Action]) -> Vec<Action> {
        let inner = |action: &Action| match action {
            Action::Clone(actions) => with_inner(actions),
            _ => Vec::new(),
        };
        actions.iter().flat_map(|action| [vec![action.clone()], inner(action)].concat()).collect()
    }
    [with_inner(instructions.applied()), with_inner(instructions.written())].concat()
}
