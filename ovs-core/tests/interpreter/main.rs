//! The pipeline against an interpreter of the specification.
//!
//! The interpreter reads and writes bytes of frames, looks at every entry in turn, and has no cache. It knows the
//! vocabulary in which a switch is told what to do, and nothing of how the pipeline does it: keys, megaflows,
//! translation. Random changes and packets come to it and to two switches, one that caches and one that does
//! not; whatever can be seen from outside must be the same: frames that leave, what controllers are told, rules
//! that go, statistics.
//!
//! ```text
//!  make       random changes and packets       packet    a frame and its fields
//!  switch     tables, groups, meters           checksum  sums over its bytes
//!  run        what is done with a packet
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    missing_docs,
    unreachable_pub
)]

mod checksum;
mod make;
mod packet;
mod run;
mod switch;

use make::{Event, PORTS, Random};
use ovs_core::flow::FlowMod;
use ovs_core::group::GroupMod;
use ovs_core::matching::Match;
use ovs_core::meter::MeterMod;
use ovs_core::op::Op;
use ovs_core::port::PortState;
use ovs_core::table::{RuleFilter, TableMod};
use ovs_core::trace::Trace;
use ovs_core::{
    Batch, Bridging, Config, Error, Forwarder, FragmentHandling, Frame, Instant, Outbox, PacketOut,
    PortNo, PortSpec, SoftForwarder, SoftSwitch, Switch as _, TableId, field::Field,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use run::{Choices, Outcome, Told};
use std::cell::Cell;
use switch::{Removed, Switch};

/// A switch, and what it said and did.
struct Subject {
    switch: SoftSwitch,
    forwarder: SoftForwarder,
}

impl Subject {
    fn new(cached_flows: usize) -> Self {
        let mut config = Config::default();
        (config.megaflows, config.seed) = (cached_flows, 1);
        let mut switch = SoftSwitch::new(config);
        for n in 1..=PORTS {
            switch.add_port(PortSpec::named(format!("p{n}"))).unwrap();
        }
        switch.flow_mod(FlowMod::delete()).unwrap();
        let mut subject = Self { forwarder: switch.forwarder(), switch };
        subject.tick(at(0));
        subject.told();
        subject
    }

    fn tick(&mut self, now: Instant) -> Vec<(u32, Vec<u8>)> {
        let mut out = Outbox::new();
        self.forwarder.poll(now, &mut out);
        self.switch.poll(now);
        sent(&mut out)
    }

    fn send(&mut self, now: Instant, port: u32, frame: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut out = Outbox::new();
        let mut batch = Batch::from([Frame::from(frame)]);
        self.forwarder.process(now, PortNo(port), &mut batch, &mut out);
        sent(&mut out)
    }

    /// The packets and the rules gone that controllers are told of.
    fn told(&mut self) -> (Vec<Told>, Vec<Removed>) {
        let (mut told, mut removed) = (Vec::new(), Vec::new());
        while let Some(event) = self.switch.next_event() {
            match event {
                ovs_core::Event::PacketIn(packet) => {
                    let field =
                        |field| packet.metadata.get(field).map_or(0, |(value, _)| value) as u64;
                    let mut registers = [0; 16];
                    for (n, register) in registers.iter_mut().enumerate() {
                        let name = format!("reg{n}");
                        *register = field(Field::from_name(&name).unwrap()) as u32;
                    }
                    told.push(Told {
                        max_len: packet.max_len,
                        reason: packet.reason,
                        table: packet.table.0,
                        cookie: packet.cookie,
                        controller: packet.controller,
                        in_port: field(Field::InPort) as u32,
                        metadata: field(Field::Metadata),
                        registers,
                        bytes: packet.data,
                    });
                }
                ovs_core::Event::FlowRemoved(gone) => {
                    let rule = gone.rule;
                    let (table, priority) = (rule.table.0, rule.priority);
                    removed.push((table, priority, rule.matching, rule.cookie, gone.reason));
                }
                _ => {}
            }
        }
        (told, removed)
    }
}

fn sent(out: &mut Outbox) -> Vec<(u32, Vec<u8>)> {
    out.drain().map(|(port, frame)| (port.0, frame.as_slice().to_vec())).collect()
}

fn at(seconds: u64) -> Instant {
    Instant::from_secs(1000 + seconds)
}

/// The megaflows of a generation: each with its packet's translation.
#[derive(Default)]
struct Megaflows(Vec<(Match, String)>);

impl Megaflows {
    /// Exactly one matches a packet.
    fn check(&mut self, trace: &Trace) -> Result<(), String> {
        let Some(pass) = trace.passes.first() else { return Ok(()) };
        let ops = told(&pass.ops);
        if !pass.megaflow.matches(&pass.key) {
            return Err(format!("{} does not match its own packet", pass.megaflow));
        }
        for (megaflow, told) in &self.0 {
            if megaflow.matches(&pass.key) && (*megaflow != pass.megaflow || *told != ops) {
                let short = |ops: &str| ops.chars().take(300).collect::<String>();
                return Err(format!(
                    "a packet of {megaflow} is of {} too: {} and {}",
                    pass.megaflow,
                    short(told),
                    short(&ops)
                ));
            }
        }
        self.0.push((pass.megaflow.clone(), ops));
        Ok(())
    }
}

/// What is done, without what a meter has counted until now.
fn told(ops: &[Op]) -> String {
    let one = |op: &Op| match op {
        Op::Meter(id, _) => format!("meter {id}"),
        Op::Clone(ops) => told(ops),
        op => format!("{op:?}"),
    };
    format!("[{}]", ops.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    changes: u64,
    packets: u64,
    sent: u64,
    told: u64,
    removed: u64,
    undefined: u64,
}

struct Scenario {
    model: Switch,
    subjects: [Subject; 2],
    megaflows: Megaflows,
    seen: Seen,
    /// What the switch thinks of the last packet.
    steps: String,
}

impl Scenario {
    fn new() -> Self {
        let mut model = Switch::default();
        for n in 1..=PORTS {
            model.ports.insert(n, Default::default());
        }
        let subjects = [Subject::new(8192), Subject::new(0)];
        Self {
            model,
            subjects,
            megaflows: Megaflows::default(),
            seen: Seen::default(),
            steps: String::new(),
        }
    }

    fn change(
        &mut self,
        accepted: bool,
        mut change: impl FnMut(&mut SoftSwitch) -> Result<(), Error>,
    ) -> Result<(), String> {
        self.seen.changes += 1;
        for subject in &mut self.subjects {
            let result = change(&mut subject.switch);
            if result.is_ok() != accepted {
                return Err(format!("{result:?}"));
            }
        }
        Ok(())
    }

    /// Lets it happen to the interpreter and to the switches. `false`: what is next is not defined.
    fn happens(&mut self, event: &Event) -> Result<bool, String> {
        if !matches!(event, Event::Frame { .. }) {
            self.megaflows.0.clear();
        }
        match event {
            Event::Flow(change) => {
                if !self.model.has_all(&change.instructions) {
                    return Ok(true);
                }
                let accepted = self.model.flow_mod(change);
                self.change(accepted, |switch| switch.flow_mod(*change.clone()))?;
            }
            Event::Group(change) => {
                let change = match change {
                    GroupMod::AddOrModify(group) if self.model.groups.contains_key(&group.id.0) => {
                        GroupMod::Modify(group.clone())
                    }
                    GroupMod::AddOrModify(group) => GroupMod::Add(group.clone()),
                    change => change.clone(),
                };
                if !self.model.has_groups_of(&change) {
                    return Ok(true);
                }
                self.model.group_mod(&change);
                self.change(true, |switch| switch.group_mod(change.clone()))?;
            }
            Event::Meter(change) => {
                let change = match change {
                    MeterMod::Add(meter) if self.model.meters.contains_key(&meter.id.0) => {
                        MeterMod::Modify(meter.clone())
                    }
                    change => change.clone(),
                };
                self.model.meter_mod(&change);
                self.change(true, |switch| switch.meter_mod(change.clone()))?;
            }
            Event::Wait { seconds } => {
                self.model.wait(*seconds);
                let now = at(self.model.now);
                self.subjects.iter_mut().for_each(|subject| drop(subject.tick(now)));
            }
            Event::Configure { port, config } => {
                self.model.ports.get_mut(port).unwrap().0 = *config;
                let mask = ovs_core::port::PortConfig::all();
                self.change(true, |switch| switch.configure_port(PortNo(*port), *config, mask))?;
            }
            Event::Link { port, down } => {
                let state = if *down { PortState::LINK_DOWN } else { PortState::empty() };
                self.model.ports.get_mut(port).unwrap().1 = state;
                self.change(true, |switch| switch.set_port_state(PortNo(*port), state))?;
            }
            Event::Miss { table, miss } => {
                self.model.misses.insert(*table, *miss);
                let change = TableMod { miss: Some(*miss), evicts: None };
                self.change(true, |switch| switch.table_mod(TableId(*table), change))?;
            }
            Event::DropFragments(drops) => {
                self.model.drops_fragments = *drops;
                let handling =
                    if *drops { FragmentHandling::Drop } else { FragmentHandling::Normal };
                self.change(true, |switch| {
                    switch.set_fragment_handling(handling);
                    Ok(())
                })?;
            }
            Event::Frame { port, frame } => {
                // The second time it is cached.
                for _ in 0..2 {
                    let now = at(self.model.now);
                    let trace =
                        self.subjects[0].switch.trace(now, PortNo(*port), &Frame::from(&frame[..]));
                    self.megaflows.check(&trace)?;
                    let steps =
                        trace.passes.iter().map(|pass| (&pass.steps, told(&pass.ops), pass.reason));
                    self.steps = steps.map(|steps| format!("{steps:?}\n")).collect();
                    let addresses = self.model.addresses.clone();
                    let defined = self.packet(
                        |model, choices| run::receive(model, choices, *port, frame),
                        |subject| subject.send(now, *port, frame),
                    )?;
                    if !defined {
                        return Ok(false);
                    }
                    if self.model.addresses != addresses {
                        self.megaflows.0.clear();
                    }
                }
            }
            Event::PacketOut { port, actions, frame } => {
                let now = at(self.model.now);
                let defined = self.packet(
                    |model, choices| run::packet_out(model, choices, port.0, actions, frame),
                    |subject| {
                        let (actions, frame) = (actions.clone(), Frame::from(&frame[..]));
                        let packet = PacketOut { in_port: *port, actions, frame };
                        subject.switch.packet_out(packet).unwrap();
                        subject.tick(now)
                    },
                )?;
                if !defined {
                    return Ok(false);
                }
                self.megaflows.0.clear();
            }
        }
        let expected = std::mem::take(&mut self.model.removed);
        self.seen.removed += expected.len() as u64;
        for subject in &mut self.subjects {
            let (told, removed) = subject.told();
            let same = removed.len() == expected.len()
                && expected.iter().all(|removed_one| removed.contains(removed_one));
            if !same || !told.is_empty() {
                return Err(format!("told of {removed:?}, not of {expected:?}, and {told:?}"));
            }
        }
        self.compare_rules()?;
        Ok(true)
    }

    /// One packet, by the interpreter and by each switch.
    fn packet(
        &mut self,
        interpret: impl Fn(&mut Switch, &mut Choices) -> Outcome,
        send: impl Fn(&mut Subject) -> Vec<(u32, Vec<u8>)>,
    ) -> Result<bool, String> {
        let mut results = Vec::new();
        for subject in &mut self.subjects {
            let sent = send(subject);
            subject.tick(at(self.model.now));
            let (told, removed) = subject.told();
            assert!(removed.is_empty(), "a packet removes no rules");
            results.push((sent, told));
        }
        let (mut choices, mut tries) = (Choices::default(), 0);
        let mut first = None;
        loop {
            let mut model = self.model.clone();
            let outcome = interpret(&mut model, &mut choices);
            tries += 1;
            if outcome.is_undefined || tries > 500 {
                self.seen.undefined += 1;
                return Ok(false);
            }
            let groups = self.subjects[0].switch.group_stats();
            let same_groups = model.groups.values().zip(&groups).all(|(entry, told)| {
                entry.count.agrees(told.packets, told.bytes)
                    && entry
                        .buckets
                        .iter()
                        .zip(&told.buckets)
                        .all(|(a, b)| a.agrees(b.packets, b.bytes))
            });
            if same_groups && (&outcome.sent, &outcome.told) == (&results[0].0, &results[0].1) {
                self.model = model;
                self.seen.packets += 1;
                self.seen.sent += outcome.sent.len() as u64;
                self.seen.told += outcome.told.len() as u64;
                break;
            }
            let first = first.get_or_insert((outcome, model));
            if !choices.vary() {
                let groups: Vec<_> =
                    first.1.groups.values().map(|entry| (&entry.count, &entry.buckets)).collect();
                return Err(format!(
                    "the switch: {}\nspecification: {}\ngroups {same_groups}: {groups:?} {:?}\n{}",
                    show(&results[0].0, &results[0].1),
                    show(&first.0.sent, &first.0.told),
                    self.subjects[0].switch.group_stats(),
                    self.steps,
                ));
            }
        }
        if results[0] != results[1] {
            return Err(format!(
                "cached: {}\nnot cached: {}",
                show(&results[0].0, &results[0].1),
                show(&results[1].0, &results[1].1)
            ));
        }
        Ok(true)
    }

    fn compare_rules(&self) -> Result<(), String> {
        for subject in &self.subjects {
            let rules = subject.switch.rules(&RuleFilter::default());
            if rules.len() != self.model.entries.len() {
                return Err(format!("{} rules, not {}", rules.len(), self.model.entries.len()));
            }
            for rule in rules {
                let entry = self.model.entries.iter().find(|entry| {
                    (entry.table, entry.priority) == (rule.table.0, rule.priority)
                        && entry.matching == rule.matching
                });
                let Some(entry) = entry else {
                    return Err(format!("there should be no rule {}", rule.matching));
                };
                let same = entry.instructions == rule.instructions
                    && entry.cookie == rule.cookie
                    && entry.count.agrees(rule.packets, rule.bytes);
                if !same {
                    let (packets, bytes) = (rule.packets, rule.bytes);
                    return Err(format!("{packets} packets, {bytes} bytes: not {entry:?}"));
                }
            }
            for table in subject.switch.tables() {
                let (lookups, matched) =
                    self.model.lookups.get(&table.table.0).copied().unwrap_or_default();
                if !lookups.contains(&table.stats.lookups)
                    || !matched.contains(&table.stats.matched)
                {
                    return Err(format!("{:?}: not {lookups:?}, {matched:?}", table.stats));
                }
            }
        }
        Ok(())
    }
}

fn show(sent: &[(u32, Vec<u8>)], told: &[Told]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sent: Vec<_> = sent.iter().map(|(port, bytes)| format!("{port}: {}", hex(bytes))).collect();
    let told: Vec<_> = told
        .iter()
        .map(|told| {
            let frame = hex(&told.bytes);
            format!("{:?}", Told { bytes: Vec::new(), ..told.clone() }) + &frame
        })
        .collect();
    format!("sends {sent:#?}, tells {told:#?}")
}

fn event() -> impl Strategy<Value = Event> {
    any::<u64>().prop_map(|seed| make::event(&mut Random(seed)))
}

#[test]
fn the_switch_does_what_the_specification_says() {
    let seen = Cell::new(Seen::default());
    let cases = 2 * ProptestConfig::default().cases;
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let scenario = prop::collection::vec(event(), 1..80);
    let result = runner.run(&scenario, |events| {
        let mut scenario = Scenario::new();
        for (n, event) in events.iter().enumerate() {
            match scenario.happens(event) {
                Ok(true) => {}
                Ok(false) => break,
                Err(difference) => {
                    return Err(TestCaseError::fail(format!("at event {n}: {difference}")));
                }
            }
        }
        let (sum, more) = (seen.get(), scenario.seen);
        seen.set(Seen {
            changes: sum.changes + more.changes,
            packets: sum.packets + more.packets,
            sent: sum.sent + more.sent,
            told: sum.told + more.told,
            removed: sum.removed + more.removed,
            undefined: sum.undefined + more.undefined,
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let seen = seen.get();
    println!("{seen:?}");
    assert!(
        seen.packets > u64::from(cases) && seen.sent > u64::from(cases),
        "too little is compared"
    );
    assert!(seen.told > 0 && seen.removed > 0, "too little is told");
}
