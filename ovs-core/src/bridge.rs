//! What a switch knows and decides by: ports, rules, learned addresses. Pure of caches and locks.

use crate::action::Action;
use crate::classify::Version;
use crate::counter::PortCounters;
use crate::drops::DropReason;
use crate::flow::{FlowMod, FlowModCommand, Rule};
use crate::key::FlowKey;
use crate::mac_table::{Learned, MacConfig, MacTable};
use crate::pipeline::FlowEntry;
use crate::port::{PortInfo, PortNo, PortSpec, PortStats, TableId};
use crate::translation::{Effect, Op, Translation};
use crate::{Error, Instant, LearnedMac};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use change::{check, is_meant, outputs};

mod change;

/// Limits and habits of a bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeConfig {
    pub(crate) max_ports: usize,
    pub(crate) max_rules: usize,
    pub(crate) macs: MacConfig,
    pub(crate) forward_link_local: bool,
    pub(crate) seed: u64,
}

#[derive(Debug)]
struct Port {
    name: String,
    /// One for each forwarder that there is or was.
    counters: Vec<Arc<PortCounters>>,
}

/// Ports, rules and learned addresses of a switch. What the lock of a [`SoftSwitch`](crate::SoftSwitch) guards.
#[derive(Debug)]
pub(crate) struct Bridge {
    config: BridgeConfig,
    ports: BTreeMap<PortNo, Port>,
    rules: Vec<Rule>,
    macs: MacTable,
}

impl Bridge {
    pub(crate) fn new(config: BridgeConfig) -> Self {
        let macs = MacTable::new(config.macs.clone(), config.seed);
        // Like a new bridge of Open vSwitch: it bridges until it is told otherwise.
        let bridging = rule(&FlowMod::add().priority(0).apply([Action::output(PortNo::NORMAL)]));
        Self { config, ports: BTreeMap::new(), rules: vec![bridging], macs }
    }

    pub(crate) fn add_port(&mut self, spec: PortSpec) -> Result<PortNo, Error> {
        if spec.name.is_empty() {
            return Err(Error::NamelessPort);
        }
        if self.ports.values().any(|port| port.name == spec.name) {
            return Err(Error::NameTaken(spec.name));
        }
        if self.ports.len() >= self.config.max_ports {
            return Err(Error::TooManyPorts(self.ports.len()));
        }
        let number = match spec.number {
            Some(number) if !number.is_assignable() => return Err(Error::InvalidNumber(number)),
            Some(number) if self.ports.contains_key(&number) => {
                return Err(Error::NumberTaken(number));
            }
            Some(number) => number,
            None => self.lowest_free().ok_or(Error::TooManyPorts(self.ports.len()))?,
        };
        self.ports.insert(number, Port { name: spec.name, counters: Vec::new() });
        Ok(number)
    }

    fn lowest_free(&self) -> Option<PortNo> {
        let taken = self.ports.keys();
        let gap = (1..).zip(taken).find(|(number, taken)| *number != taken.0);
        let number = gap.map_or(self.ports.len() as u32 + 1, |(number, _)| number);
        Some(PortNo(number)).filter(|number| number.is_assignable())
    }

    pub(crate) fn remove_port(&mut self, port: PortNo) -> Result<(), Error> {
        self.ports.remove(&port).ok_or(Error::NoSuchPort(port))?;
        self.macs.forget_port(port);
        Ok(())
    }

    pub(crate) fn ports(&self) -> Vec<PortInfo> {
        let info = |(number, port): (&PortNo, &Port)| PortInfo {
            number: *number,
            name: port.name.clone(),
        };
        self.ports.iter().map(info).collect()
    }

    pub(crate) fn port_stats(&self, port: PortNo) -> Result<PortStats, Error> {
        let mut stats = PortStats::default();
        let port = self.ports.get(&port).ok_or(Error::NoSuchPort(port))?;
        port.counters.iter().for_each(|counters| counters.add_to(&mut stats));
        Ok(stats)
    }

    /// The counters of forwarder number `worker`, by port number.
    pub(crate) fn counters(&mut self, worker: usize) -> Vec<Option<Arc<PortCounters>>> {
        let highest = self.ports.keys().next_back().map_or(0, |port| port.0 as usize);
        let mut by_number = vec![None; highest + 1];
        for (number, port) in &mut self.ports {
            if port.counters.len() <= worker {
                port.counters.resize_with(worker + 1, Arc::default);
            }
            if let Some(slot) = by_number.get_mut(number.0 as usize) {
                *slot = port.counters.get(worker).cloned();
            }
        }
        by_number
    }

    pub(crate) fn flow_mod(&mut self, change: FlowMod) -> Result<(), Error> {
        if let Some((field, needed)) = change.matching.missing_prerequisite() {
            return Err(Error::MissingPrerequisite { field: field.name(), needed: needed.name() });
        }
        check(&change)?;
        match change.command {
            FlowModCommand::Add => return self.add_rule(change),
            FlowModCommand::Modify | FlowModCommand::ModifyStrict => {
                for rule in self.rules.iter_mut().filter(|rule| is_meant(rule, &change)) {
                    rule.instructions = change.instructions.clone();
                    if let Some(cookie) = change.cookie.filter(|_| change.updates_cookie) {
                        rule.cookie = cookie;
                    }
                }
            }
            FlowModCommand::Delete | FlowModCommand::DeleteStrict => {
                self.rules.retain(|rule| !is_meant(rule, &change));
            }
        }
        Ok(())
    }

    fn add_rule(&mut self, change: FlowMod) -> Result<(), Error> {
        let rule = rule(&change);
        let from = self.rules.partition_point(|other| other.priority > rule.priority);
        let same = self.rules.iter().skip(from).take_while(|other| other.priority == rule.priority);
        let place = same.clone().position(|other| same_place(other, &rule));
        if let Some(slot) = place.and_then(|n| self.rules.get_mut(from + n)) {
            *slot = rule;
            return Ok(());
        }
        if self.rules.len() >= self.config.max_rules {
            return Err(Error::TableFull(self.rules.len()));
        }
        self.rules.insert(from, rule);
        Ok(())
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn macs(&self, now: Instant) -> Vec<LearnedMac> {
        self.macs.list(now)
    }

    pub(crate) fn flush_macs(&mut self) {
        self.macs.clear();
    }

    /// Forgets old addresses; did that change anything?
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        self.macs.expire(now) > 0
    }

    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.macs.next_expiry()
    }

    /// Do any of the effects tell the bridge something new?
    pub(crate) fn are_news(&self, now: Instant, effects: &[Effect]) -> bool {
        effects.iter().any(|effect| match *effect {
            Effect::Learn { vlan, mac, port } => self.macs.is_news(now, vlan, mac, port),
        })
    }

    /// Lets effects of a packet that came at `now` happen; did that change how packets are forwarded?
    pub(crate) fn apply(&mut self, now: Instant, effects: &[Effect]) -> bool {
        effects.iter().fold(false, |changed, effect| match *effect {
            Effect::Learn { port, .. } if !self.ports.contains_key(&port) => changed,
            Effect::Learn { vlan, mac, port } => {
                changed | (self.macs.learn(now, vlan, mac, port) == Learned::Changed)
            }
        })
    }

    /// Lets effects happen again, for packets that a cache forwarded: keeps alive what is
    /// there, brings nothing back.
    pub(crate) fn replay(&mut self, now: Instant, effects: &[Effect]) {
        for effect in effects {
            match *effect {
                Effect::Learn { vlan, mac, port } => self.macs.refresh(now, vlan, mac, port),
            }
        }
    }

    /// What is to be done with packets of this key.
    pub(crate) fn translate(&self, now: Instant, key: &FlowKey) -> Translation {
        let mut translation = Translation::empty();
        let in_port = PortNo(key.in_port.get());
        let reason = match self.rules.iter().find(|rule| rule.matching.matches(key)) {
            None => DropReason::NoRule,
            Some(rule) => {
                let mut reason = DropReason::RuleDrops;
                for port in outputs(&rule.instructions) {
                    let sent = self.output(now, key, in_port, port, &mut translation);
                    reason = sent.err().unwrap_or(reason);
                }
                reason
            }
        };
        if translation.ops.is_empty() {
            translation.ops.push(Op::Drop(reason));
        }
        translation
    }

    /// Adds the ops of one output, or says why there are none.
    fn output(
        &self,
        now: Instant,
        key: &FlowKey,
        in_port: PortNo,
        port: PortNo,
        translation: &mut Translation,
    ) -> Result<(), DropReason> {
        match port {
            PortNo::NORMAL => self.normal(now, key, in_port, translation),
            PortNo::FLOOD | PortNo::ALL => self.flood(in_port, translation),
            PortNo::IN_PORT => {
                translation.ops.push(Op::Output(in_port));
                Ok(())
            }
            _ if port == in_port => Err(DropReason::OutputIsInput),
            _ if !self.ports.contains_key(&port) => Err(DropReason::NoSuchOutput),
            _ => {
                translation.ops.push(Op::Output(port));
                Ok(())
            }
        }
    }

    /// Bridging: learns where the source is, and sends to where the destination was learned,
    /// or everywhere (IEEE 802.1Q-2022 §8.6 to §8.8).
    fn normal(
        &self,
        now: Instant,
        key: &FlowKey,
        in_port: PortNo,
        translation: &mut Translation,
    ) -> Result<(), DropReason> {
        if key.eth_dst.is_link_local() && !self.config.forward_link_local {
            return Err(DropReason::LinkLocal);
        }
        // A tag with VLAN id 0 says a priority only: the frame is in the VLAN of untagged ones.
        let vlan = key.vlans.first().map_or(0, |tag| tag.vid());
        if !key.eth_src.is_multicast() {
            translation.effects.push(Effect::Learn { vlan, mac: key.eth_src, port: in_port });
            let until = self.macs.holds_until(now);
            translation.holds_until = translation.holds_until.min(until);
        }
        if key.eth_dst.is_multicast() {
            return self.flood(in_port, translation);
        }
        let Some((port, until)) = self.macs.lookup(now, vlan, key.eth_dst) else {
            return self.flood(in_port, translation);
        };
        translation.holds_until = translation.holds_until.min(until);
        if port == in_port {
            return Err(DropReason::DestinationBehindInput);
        }
        translation.ops.push(Op::Output(port));
        Ok(())
    }

    fn flood(&self, in_port: PortNo, translation: &mut Translation) -> Result<(), DropReason> {
        let others = self.ports.keys().filter(|port| **port != in_port);
        let before = translation.ops.len();
        translation.ops.extend(others.map(|port| Op::Output(*port)));
        if translation.ops.len() == before { Err(DropReason::NoOtherPort) } else { Ok(()) }
    }
}

fn rule(change: &FlowMod) -> Rule {
    FlowEntry::new(change, TableId(0), Instant::ZERO, Version(0)).describe(Instant::ZERO)
}

/// Do the rules have the same match and priority, so that one takes the other's place?
fn same_place(a: &Rule, b: &Rule) -> bool {
    a.priority == b.priority && a.matching == b.matching
}
