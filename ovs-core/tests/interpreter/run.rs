//! What a switch does with a packet (OpenFlow 1.3.5 §5.1 to §5.12, ovs-actions(7)).

use crate::packet::Packet;
use crate::switch::Switch;
use ovs_core::action::{Action, Controller, PacketInReason, Subfield};
use ovs_core::field::Field;
use ovs_core::group::{GroupId, GroupKind};
use ovs_core::matching::Match;
use ovs_core::meter::{BandKind, MeterId};
use ovs_core::port::{PortConfig, PortNo, PortState};
use ovs_core::table::Miss;

/// The choices that the specification leaves to the switch: which live bucket of a select group is taken. They
/// are tried one after the other, until one agrees with what the switch did.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What was chosen, of how many.
    made: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    fn choose(&mut self, of: usize) -> usize {
        if self.next == self.made.len() {
            self.made.push((0, of));
        }
        self.next += 1;
        self.made[self.next - 1].0
    }

    /// Goes on to the choices that were not made yet; `false` if there are none.
    pub fn vary(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, of)) = self.made.pop() {
            if chosen + 1 < of {
                self.made.push((chosen + 1, of));
                return true;
            }
        }
        false
    }
}

/// A packet that the controllers get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub bytes: Vec<u8>,
    pub max_len: u16,
    pub reason: PacketInReason,
    pub table: u8,
    pub cookie: Option<u64>,
    pub controller: u16,
    pub in_port: u32,
    pub metadata: u64,
    pub registers: [u32; 16],
}

/// What came of a packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub sent: Vec<(u32, Vec<u8>)>,
    pub told: Vec<Told>,
    /// It became something of which nobody says what is done with it.
    pub is_undefined: bool,
}

/// A copy of the packet on its way.
#[derive(Clone, Debug)]
struct Copy {
    packet: Packet,
    action_set: Vec<Action>,
    stack: Vec<u128>,
    /// The rule that is done: its table and cookie.
    rule: (u8, Option<u64>),
    reason: PacketInReason,
    /// How long the frame was at least and at most.
    lengths: (usize, usize),
    /// A meter dropped it. Nothing leaves, but what would have followed may be counted.
    is_dropped: bool,
    /// Is the rule that is done the one for packets that no other matches?
    is_miss: bool,
}

/// Why a list of actions is not done to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Of this rule nothing more is done.
    Rule,
    /// Nothing but the action set.
    Exit,
}

pub struct Run<'a> {
    switch: &'a mut Switch,
    choices: &'a mut Choices,
    outcome: Outcome,
}

/// What is done with a frame that comes in by a port.
pub fn receive(switch: &mut Switch, choices: &mut Choices, port: u32, frame: &[u8]) -> Outcome {
    let mut copy = Copy::new(frame, port, PacketInReason::ACTION);
    let (config, _) = switch.ports[&port];
    let refused = config.intersects(PortConfig::PORT_DOWN | PortConfig::NO_RECV);
    let mut run = Run { switch, choices, outcome: Outcome::default() };
    if !refused {
        let _ = run.table(&mut copy, 0, true);
        run.finish(copy);
    }
    run.outcome
}

/// What is done with a packet from a controller.
pub fn packet_out(
    switch: &mut Switch,
    choices: &mut Choices,
    port: u32,
    actions: &[Action],
    frame: &[u8],
) -> Outcome {
    let mut copy = Copy::new(frame, port, PacketInReason::PACKET_OUT);
    let mut run = Run { switch, choices, outcome: Outcome::default() };
    let _ = run.list(&mut copy, actions);
    run.finish(copy);
    run.outcome
}

impl Copy {
    fn new(frame: &[u8], port: u32, reason: PacketInReason) -> Self {
        Self {
            packet: Packet::new(frame.to_vec(), port),
            action_set: Vec::new(),
            stack: Vec::new(),
            rule: (0, None),
            reason,
            lengths: (frame.len(), frame.len()),
            is_dropped: false,
            is_miss: false,
        }
    }

    fn load(&self, from: Subfield) -> Option<u128> {
        let value = self.packet.read(from.field())?;
        Some((value & from.mask()) >> from.start())
    }

    fn store(&mut self, to: Subfield, value: u128) {
        self.packet.write(to.field(), value << to.start(), to.mask());
    }
}

impl Run<'_> {
    fn finish(&mut self, mut copy: Copy) {
        let actions = in_order(std::mem::take(&mut copy.action_set));
        copy.reason = PacketInReason::ACTION_SET;
        let _ = self.list(&mut copy, &actions);
    }

    fn list(&mut self, copy: &mut Copy, actions: &[Action]) -> Result<(), End> {
        for action in actions {
            self.act(copy, action)?;
            let (least, most) = copy.lengths;
            let len = copy.packet.bytes.len();
            copy.lengths = (least.min(len), most.max(len));
            self.outcome.is_undefined |= copy.packet.is_damaged();
        }
        Ok(())
    }

    /// The packet is looked up in a table, and what its entry says is done.
    fn table(&mut self, copy: &mut Copy, table: u8, miss_counts: bool) -> Result<(), End> {
        let mut packet = copy.packet.clone();
        packet.hides_ports = packet.read(Field::IpFrag).unwrap_or(0) != 0;
        if self.switch.drops_fragments && packet.hides_ports {
            return Ok(());
        }
        let mut found: Option<usize> = None;
        for (n, entry) in self.switch.entries.iter().enumerate() {
            let matches = entry.table == table
                && entry
                    .matching
                    .fields()
                    .all(|(field, value, mask)| packet.read(field).unwrap_or(0) & mask == value);
            let better = found.is_none_or(|n| self.switch.entries[n].priority < entry.priority);
            let as_good = found.is_some_and(|n| self.switch.entries[n].priority == entry.priority);
            // Between those the switch may choose.
            self.outcome.is_undefined |= matches && as_good;
            if matches && better {
                found = Some(n);
            }
        }
        let lookups = self.switch.lookups.entry(table).or_default();
        let least = u64::from(!copy.is_dropped);
        lookups.0.add(least, 1);
        if found.is_some() {
            lookups.1.add(least, 1);
        }
        let Some(n) = found else {
            return if miss_counts { self.miss(copy, table) } else { Ok(()) };
        };
        let now = self.switch.now;
        let entry = &mut self.switch.entries[n];
        entry.count.add(copy.is_dropped, copy.lengths);
        self.outcome.is_undefined |= copy.is_dropped && entry.timeouts.0 > 0;
        entry.used = now;
        let entry = entry.clone();
        let before = std::mem::replace(&mut copy.rule, (table, Some(entry.cookie)));
        let is_miss = entry.priority == 0 && entry.matching == Match::new();
        let was_miss = std::mem::replace(&mut copy.is_miss, is_miss);
        let instructions = &entry.instructions;
        if let Some(meter) = instructions.meter {
            self.meter(copy, meter);
        }
        let mut end = self.list(copy, instructions.applied());
        if end.is_ok() {
            if instructions.clear {
                copy.action_set.clear();
            }
            for action in instructions.written() {
                write(&mut copy.action_set, action);
            }
            if let Some(metadata) = instructions.metadata {
                copy.packet.write(Field::Metadata, metadata.value.into(), metadata.mask.into());
            }
            if let Some(next) = instructions.goto {
                end = self.table(copy, next.0, true);
            }
        }
        (copy.rule, copy.is_miss) = (before, was_miss);
        if end == Err(End::Rule) { Ok(()) } else { end }
    }

    fn miss(&mut self, copy: &mut Copy, table: u8) -> Result<(), End> {
        match self.switch.misses.get(&table).copied().unwrap_or_default() {
            Miss::Default | Miss::Drop => {}
            Miss::Continue => return self.table(copy, table + 1, true),
            Miss::Controller => {
                if !self.keeps_misses(copy) {
                    let before = copy.rule;
                    // No rule sends it (OpenFlow 1.3.5 §7.4.1).
                    copy.rule = (table, None);
                    self.tell(copy, PacketInReason::NO_MATCH, u16::MAX, 0);
                    copy.rule = before;
                }
            }
        }
        Ok(())
    }

    /// Are controllers not told of misses of packets from this port?
    fn keeps_misses(&self, copy: &Copy) -> bool {
        let port = self.switch.ports.get(&copy.packet.in_port);
        port.is_some_and(|(config, _)| config.contains(PortConfig::NO_PACKET_IN))
    }

    fn meter(&mut self, copy: &mut Copy, meter: MeterId) {
        if copy.is_dropped {
            return;
        }
        let Some(band) = self.switch.measure(meter, copy.packet.bytes.len()) else { return };
        match self.switch.meters[&meter.0].meter.bands[band].kind {
            BandKind::DscpRemark { precedence_level } => copy.packet.remark(precedence_level),
            _ => copy.is_dropped = true,
        }
    }

    fn act(&mut self, copy: &mut Copy, action: &Action) -> Result<(), End> {
        let packet = &mut copy.packet;
        match action {
            Action::Output { port, max_len } => return self.output(copy, *port, *max_len),
            Action::Group(group) => self.group(copy, *group),
            Action::Controller(controller) => {
                let Controller { max_len, id, reason, .. } = **controller;
                self.tell(copy, reason, max_len, id);
            }
            Action::OutputField { source, max_len } => {
                let port = copy.load(*source).unwrap_or(0) as u32;
                return self.output(copy, PortNo(port), *max_len);
            }
            Action::OutputTruncated { port, max_len } => {
                let mut cut = copy.clone();
                cut.packet.bytes.truncate(*max_len as usize);
                return self.output(&mut cut, *port, u16::MAX);
            }
            Action::Move { source, destination } => {
                let has_both = packet.read(destination.field()).is_some();
                if let Some(value) = copy.load(*source).filter(|_| has_both) {
                    copy.store(*destination, value);
                }
            }
            Action::StackPush(source) => {
                let value = copy.load(*source).unwrap_or(0);
                copy.stack.push(value);
            }
            Action::StackPop(destination) => {
                if let Some(value) = copy.stack.pop() {
                    copy.store(*destination, value);
                }
            }
            Action::SetVlanVid(vid) => packet.write(Field::VlanVid, (0x1000 | vid).into(), 0x1fff),
            Action::SetVlanPcp(pcp) => {
                if packet.read(Field::VlanPcp).is_none() {
                    packet.push_vlan(0x8100);
                }
                packet.write(Field::VlanPcp, (*pcp).into(), 7);
            }
            Action::PushVlan(tag_type) => packet.push_vlan(*tag_type),
            Action::PopVlan => packet.pop_vlan(),
            Action::PushMpls(eth_type) => packet.push_mpls(*eth_type),
            Action::PopMpls(eth_type) => packet.pop_mpls(*eth_type),
            Action::PushPbb(eth_type) => packet.push_pbb(*eth_type),
            Action::PopPbb => packet.pop_pbb(),
            Action::CopyTtlOut => packet.copy_ttl_out(),
            Action::CopyTtlIn => packet.copy_ttl_in(),
            Action::DecIpTtl { controllers } => {
                let ids = if controllers.is_empty() { &[0] } else { &controllers[..] };
                return self.dec_ttl(copy, Field::IpTtl, ids);
            }
            Action::DecMplsTtl => return self.dec_ttl(copy, Field::MplsTtl, &[0]),
            Action::Resubmit { port, table, .. } => {
                let port = if *port == PortNo::IN_PORT { copy.packet.in_port } else { port.0 };
                let in_port = std::mem::replace(&mut copy.packet.in_port, port);
                // Only the lookup takes it to come from there.
                let table = table.map_or(copy.rule.0, |table| table.0);
                assert_eq!(port, in_port, "not made here");
                return self.table(copy, table, false);
            }
            Action::Clone(actions) => {
                let mut clone = copy.clone();
                let _ = self.list(&mut clone, actions);
                self.finish(clone);
            }
            Action::Exit => return Err(End::Exit),
            Action::Note(_) | Action::SetQueue(_) => {}
            action => match action.assignment() {
                Some((field, value, mask)) => {
                    // Of a later fragment the protocol stands in a header that is none of its own.
                    self.outcome.is_undefined |=
                        field == Field::IpProto && packet.read(field) == Some(44);
                    packet.write(field, value, mask);
                }
                None => panic!("{action:?} is not made here"),
            },
        }
        Ok(())
    }

    fn dec_ttl(&mut self, copy: &mut Copy, field: Field, ids: &[u16]) -> Result<(), End> {
        match copy.packet.read(field) {
            None => Ok(()),
            Some(0 | 1) => {
                ids.iter().for_each(|id| {
                    self.tell(copy, PacketInReason::INVALID_TTL, u16::MAX, *id);
                });
                Err(End::Rule)
            }
            Some(ttl) => {
                copy.packet.write(field, ttl - 1, 0xff);
                Ok(())
            }
        }
    }

    /// OpenFlow 1.3.5 §4.5, §5.6.1.
    fn output(&mut self, copy: &mut Copy, port: PortNo, max_len: u16) -> Result<(), End> {
        let in_port = copy.packet.in_port;
        let others = |but: PortConfig| {
            let kept = |(n, (config, _)): &(&u32, &(PortConfig, PortState))| {
                **n != in_port && !config.intersects(but)
            };
            self.switch.ports.iter().filter(kept).map(|(n, _)| *n).collect::<Vec<_>>()
        };
        match port {
            PortNo::IN_PORT => self.send(copy, in_port),
            PortNo::ALL => others(PortConfig::empty()).iter().for_each(|n| self.send(copy, *n)),
            PortNo::FLOOD => others(PortConfig::NO_FLOOD).iter().for_each(|n| self.send(copy, *n)),
            PortNo::NORMAL => self.normal(copy),
            PortNo::CONTROLLER => self.tell(copy, copy.reason, max_len, 0),
            PortNo::TABLE => return self.table(copy, 0, true),
            PortNo(n) if n != in_port => self.send(copy, n),
            _ => {}
        }
        Ok(())
    }

    fn send(&mut self, copy: &Copy, port: u32) {
        let Some((config, state)) = self.switch.ports.get(&port) else { return };
        let down = config.intersects(PortConfig::PORT_DOWN | PortConfig::NO_FWD)
            || state.intersects(PortState::LINK_DOWN | PortState::BLOCKED);
        if !down && !copy.is_dropped {
            self.outcome.sent.push((port, copy.packet.bytes.clone()));
        }
    }

    fn tell(&mut self, copy: &Copy, reason: PacketInReason, max_len: u16, controller: u16) {
        let mut reason = reason;
        if reason == PacketInReason::ACTION && copy.is_miss {
            // What the entry for misses sends is a miss too (OpenFlow 1.3.5 §5.4).
            reason = PacketInReason::NO_MATCH;
            if self.keeps_misses(copy) {
                return;
            }
        }
        if copy.is_dropped {
            return;
        }
        let Packet { bytes, in_port, metadata, registers, .. } = copy.packet.clone();
        let (table, cookie) = copy.rule;
        let told = Told {
            bytes,
            max_len,
            reason,
            table,
            cookie,
            controller,
            in_port,
            metadata,
            registers,
        };
        self.outcome.told.push(told);
    }

    /// IEEE 802.1Q-2022 §8.6 to §8.8, with ports that carry all VLANs. A tag that
    /// tells neither VLAN nor priority is not sent on (ovs-vswitchd.conf.db(5), `priority-tags`).
    fn normal(&mut self, copy: &Copy) {
        let address = |at: usize| <[u8; 6]>::try_from(&copy.packet.bytes[at..at + 6]).unwrap();
        let (destination, source) = (address(0), address(6));
        let tag = copy.packet.read(Field::VlanVid).unwrap_or(0);
        let vlan = (tag & 0xfff) as u16;
        let in_port = copy.packet.in_port;
        let comes_by_a_port = self.switch.ports.contains_key(&in_port);
        if comes_by_a_port && matches!(destination, [0x01, 0x80, 0xc2, 0, 0, 0..16]) {
            return;
        }
        self.outcome.is_undefined |= copy.is_dropped;
        if source[0] & 1 == 0 && comes_by_a_port {
            self.switch.addresses.insert((vlan, source), (in_port, self.switch.now));
        }
        let known =
            if destination[0] & 1 == 0 { self.switch.address(vlan, destination) } else { None };
        let mut out = copy.clone();
        if tag == 0x1000 && copy.packet.read(Field::VlanPcp) == Some(0) {
            // Nor is one behind it, which would say otherwise in which VLAN the frame is.
            out.packet.pop_vlan();
            out.packet.pop_vlan();
        }
        match known {
            Some(port) if port == in_port => {}
            Some(port) => self.send(&out, port),
            None => {
                let _ = self.output(&mut out, PortNo::FLOOD, 0);
            }
        }
    }

    fn group(&mut self, copy: &Copy, id: GroupId) {
        let Some(entry) = self.switch.groups.get(&id.0).cloned() else { return };
        let live = |n: &usize| self.switch.bucket_is_live(&entry.group, *n);
        let all = 0..entry.group.buckets.len();
        let taken: Vec<usize> = match entry.group.kind {
            GroupKind::All | GroupKind::Indirect => all.collect(),
            GroupKind::FastFailover => all.filter(live).take(1).collect(),
            GroupKind::Select => {
                let weighs = |n: &usize| entry.group.buckets[*n].weight > 0;
                let live: Vec<_> = all.filter(live).filter(weighs).collect();
                let chosen = if live.len() > 1 { self.choices.choose(live.len()) } else { 0 };
                live.get(chosen).copied().into_iter().collect()
            }
        };
        let chooses = matches!(entry.group.kind, GroupKind::Select | GroupKind::FastFailover);
        if chooses && taken.is_empty() {
            return;
        }
        if let Some(entry) = self.switch.groups.get_mut(&id.0) {
            entry.count.add(copy.is_dropped, copy.lengths);
            taken.iter().for_each(|n| entry.buckets[*n].add(copy.is_dropped, copy.lengths));
        }
        for n in taken {
            let mut bucket = copy.clone();
            bucket.reason = PacketInReason::GROUP;
            let mut set = Vec::new();
            entry.group.buckets[n].actions.iter().for_each(|action| write(&mut set, action));
            let _ = self.list(&mut bucket, &in_order(set));
        }
    }
}

/// The place of an action in the order of OpenFlow 1.3.5 §5.10.
fn rank(action: &Action) -> u8 {
    match action {
        Action::CopyTtlIn => 1,
        Action::PopVlan | Action::PopMpls(_) | Action::PopPbb => 2,
        Action::PushMpls(_) => 3,
        Action::PushPbb(_) => 4,
        Action::PushVlan(_) => 5,
        Action::CopyTtlOut => 6,
        Action::DecIpTtl { .. } | Action::DecMplsTtl => 7,
        Action::SetQueue(_) => 9,
        Action::Group(_) => 10,
        Action::Output { .. } => 11,
        _ => 8,
    }
}

/// Puts an action into an action set, in place of one of its kind: of the same field, if it sets one.
fn write(set: &mut Vec<Action>, action: &Action) {
    let kind = |action: &Action| {
        let field = match action {
            Action::SetVlanVid(_) => Some(Field::VlanVid),
            Action::SetVlanPcp(_) => Some(Field::VlanPcp),
            action => action.assignment().map(|(field, _, _)| field),
        };
        (field.is_none().then(|| std::mem::discriminant(action)), field)
    };
    // Those of parts of fields add up.
    let is_part = |action: &Action| {
        let is_masked = action.assignment().is_some_and(|(field, _, mask)| mask != field.ones());
        is_masked || matches!(action, Action::Move { .. })
    };
    set.retain(|other| kind(other) != kind(action) || is_part(other) || is_part(action));
    set.push(action.clone());
}

/// What is done of an action set, in order: with a group no output, without both nothing.
fn in_order(mut set: Vec<Action>) -> Vec<Action> {
    let has_group = set.iter().any(|action| matches!(action, Action::Group(_)));
    let has_output = set.iter().any(|action| matches!(action, Action::Output { .. }));
    if !has_group && !has_output {
        return Vec::new();
    }
    set.retain(|action| !(has_group && matches!(action, Action::Output { .. })));
    // Pops in the order VLAN, MPLS, PBB, as a packet has them from the outside.
    let pop = |action: &Action| match action {
        Action::PopVlan => 1,
        Action::PopMpls(_) => 2,
        Action::PopPbb => 3,
        Action::DecIpTtl { .. } => 1,
        Action::DecMplsTtl => 2,
        _ => 0,
    };
    set.sort_by_key(|action| (rank(action), pop(action)));
    set
}
