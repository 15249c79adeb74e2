//! Random flow tables and packets, given to stock Open vSwitch and to our switch: the same frames must
//! leave by the same ports, and controllers must be told the same.
//!
//! Stock runs with its dummy datapath, which is its userspace datapath with ports that are sockets: so
//! packets really pass through it, recirculation and all. `SEED` and `TABLES` in the environment choose
//! others; `PROPTEST_CASES` (which `.ci/run --long` sets) makes it longer. A difference is reported with the
//! fewest rules and actions that show it; with its seed and `TABLES=1` it comes again.

#[path = "../support/mod.rs"]
mod support;

mod actions;
mod coverage;
mod differences;
mod flows;
mod ours;
mod packets;
mod random;
mod reduce;
mod stock;
mod width;

use coverage::Coverage;
use flows::Setup;
use ours::Ours;
use ovs_core::action::PacketInReason;
use ovs_core::event::PacketIn;
use ovs_core::flow::FlowModCommand;
use ovs_core::key::FlowKey;
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo, Switch, TableId};
use ovs_openflow::text;
use packets::Packet;
use random::Random;
use reduce::{both, limited, reduce};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use stock::{SCHEMA, Stock, VSWITCHD};
use support::have;
use width::Widths;

/// The bridges and their ports that frames come and go by. Port 5 of each leads to the other.
const BRIDGES: [(&str, &[u32]); 2] = [("br0", &[1, 2, 3, 4]), ("br1", &[1, 2])];

/// Ethernet type of frames that say that all before them is done (for local experiments, IEEE 802).
const MARKER: u16 = 0x88b5;

/// What a packet came to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Delivered {
    /// By bridge and port, what left there, in order.
    sent: BTreeMap<(usize, u32), Vec<Vec<u8>>>,
    /// By bridge, what controllers were told.
    told: Vec<(usize, Told)>,
}

impl Delivered {
    /// The same whatever the order of frames.
    fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.sent.values_mut().for_each(|frames| frames.sort());
        sorted.told.sort_by_key(|(bridge, told)| (*bridge, format!("{told:?}")));
        sorted
    }

    /// Notes a frame that left by a port of the datapath, if somebody is there.
    fn add(&mut self, port: PortNo, frame: &Frame) {
        let place = ((port.0 >> 16) as usize, port.0 & 0xffff);
        if BRIDGES[place.0].1.contains(&place.1) {
            self.sent.entry(place).or_default().push(frame.as_slice().to_vec());
        }
    }
}

/// What is left of a packet-in.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    data: Vec<u8>,
    reason: PacketInReason,
    table: TableId,
    cookie: Option<u64>,
    metadata: Match,
}

impl From<PacketIn> for Told {
    fn from(packet: PacketIn) -> Self {
        let PacketIn { data, reason, table, cookie, metadata, .. } = packet;
        Self { data, reason, table, cookie, metadata }
    }
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((bridge, port), frames) in &self.sent {
            for frame in frames {
                writeln!(f, "    {}-{port}: {}", BRIDGES[*bridge].0, hex(frame))?;
            }
        }
        for (bridge, told) in &self.told {
            let Told { data, reason, table, cookie, metadata } = told;
            writeln!(
                f,
                "    {} tells {reason:?} table={table} cookie={cookie:x?} {metadata}: {}",
                BRIDGES[*bridge].0,
                hex(data)
            )?;
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Puts flows and groups into both, or says who refuses which.
fn load(stock: &mut Stock, ours: &mut Ours, setup: &Setup) -> Result<(), String> {
    for bridge in 0..BRIDGES.len() {
        stock.replace(bridge, setup).map_err(|error| format!("stock: {error}"))?;
        let switch = &mut ours.bridges[bridge];
        for group in &setup.groups[bridge] {
            let change = text::parse_group_mod(group).expect("it was written by ours");
            switch.group_mod(change).map_err(|error| format!("ours: {group}: {error}"))?;
        }
        for flow in &setup.flows[bridge] {
            let change = text::parse_flow(flow, FlowModCommand::Add).expect("it was read before");
            let change = flows::as_sent(&change).expect("it was sent before");
            switch.flow_mod(change).map_err(|error| format!("ours: {flow}: {error}"))?;
        }
    }
    Ok(())
}

/// All that is known of a packet, the last of some, with which they differ.
fn report(stock: &mut Stock, setup: Setup, packets: Vec<&Packet>) -> String {
    let (setup, packets) = reduce(stock, setup, packets);
    let mut text = String::new();
    for (lines, (name, _)) in setup.groups.iter().chain(&setup.flows).zip(BRIDGES.iter().cycle()) {
        lines.iter().for_each(|flow| writeln!(text, "  {name} {flow}").expect("room"));
    }
    let Some(Packet { bridge, port, frame, .. }) = packets.last() else { return text };
    for Packet { bridge, port, frame, .. } in &packets {
        writeln!(text, "  {}-{port}: {}", BRIDGES[*bridge].0, hex(frame)).expect("room");
    }
    let (ours, [theirs, mine]) = match both(stock, &setup, &packets) {
        Ok(done) => done,
        Err(error) => return error,
    };
    write!(text, "  stock\n{theirs}  ours\n{mine}").expect("room");
    writeln!(text, "  stock's trace\n{}", stock.trace(*bridge, *port, frame)).expect("room");
    for pass in ours.trace(*bridge, *port, frame).passes {
        writeln!(text, "  our pass: {}", pass.megaflow).expect("room");
        for (depth, step) in pass.steps {
            let step = match step {
                ovs_core::trace::Step::Table { table, rule, .. } => {
                    let priority = rule.map(|rule| rule.priority);
                    format!("table {table}: priority {priority:?}")
                }
                step => format!("{step:?}"),
            };
            writeln!(text, "    {:depth$}{step}", "").expect("room");
        }
        writeln!(text, "    {:?}", pass.ops).expect("room");
    }
    text
}

/// A run, and what it has seen.
struct Run {
    stock: Stock,
    n_packets: usize,
    n_sent: usize,
    n_mutants: usize,
    limits: BTreeMap<&'static str, usize>,
    coverage: Coverage,
    widths: Widths,
    differences: Vec<String>,
}

impl Run {
    fn new() -> Self {
        Self {
            stock: Stock::start(),
            n_packets: 0,
            n_sent: 0,
            n_mutants: 0,
            limits: BTreeMap::new(),
            coverage: Coverage::default(),
            widths: Widths::default(),
            differences: Vec::new(),
        }
    }

    /// Packets through one set of tables. Some of them make stock 3.1 end itself by an assertion; then there
    /// is nothing to compare, and another one is started.
    fn tables_if_stock_lives(&mut self, seed: u64) {
        let done = catch_unwind(AssertUnwindSafe(|| self.tables(seed)));
        if let Err(panic) = done {
            if self.stock.is_alive() {
                resume_unwind(panic);
            }
            println!("stock ended itself over the tables of seed {seed}");
            *self.limits.entry("stock ended itself").or_default() += 1;
            self.stock = Stock::start();
        }
    }

    /// Packets through one set of tables.
    fn tables(&mut self, seed: u64) {
        let mut random = Random::new(seed);
        let mut packets = packets::packets(&mut random, 12);
        let setup = flows::setup(&mut random, &packets);
        if setup.learns {
            // One from each address: stock repeats what a flow has learned when it forgets the flow.
            let mut sources = BTreeSet::new();
            packets.retain(|packet| sources.insert(packet.key.eth_src));
        }
        let mut ours = Ours::new(seed);
        if let Err(error) = load(&mut self.stock, &mut ours, &setup) {
            assert!(self.stock.is_alive(), "stock has ended itself");
            self.differences.push(format!("seed {seed}: {error}"));
            return;
        }
        self.stock.forget();
        let mut before: Vec<&Packet> = Vec::new();
        for (n, packet) in packets.iter().enumerate() {
            let trace = ours.trace(packet.bridge, packet.port, &packet.frame);
            self.coverage.add(&trace);
            before.push(packet);
            if !self.packet(seed, &setup, &mut ours, &before) {
                return;
            }
            if setup.learns {
                continue;
            }
            if n % 5 == 0 {
                let theirs = self.stock.trace(packet.bridge, packet.port, &packet.frame);
                self.widths.add(&theirs, &trace);
            }
            // What a cached flow says must be right of all packets that it covers.
            let mask =
                trace.passes.first().map(|pass| pass.megaflow.mask()).unwrap_or(FlowKey::ONES);
            if let Some(mutant) = packets::mutant(&mut random, packet, &mask) {
                self.n_mutants += 1;
                if !self.packet(seed, &setup, &mut ours, &[packet, &mutant]) {
                    return;
                }
            }
        }
    }

    /// Why stock did as ours another time, if it does.
    fn another_time(
        &mut self,
        setup: &Setup,
        packets: &[&Packet],
        mine: &Delivered,
    ) -> Option<&'static str> {
        if setup.learns {
            // Its threads repeat what flows have learned when they like.
            let mut same = || {
                let again = both(&mut self.stock, setup, packets);
                again.is_ok_and(|(_, [theirs, mine])| theirs == mine)
            };
            return (0..5).any(|_| same()).then_some("stock learned at another time");
        }
        let packet = packets.last()?;
        self.stock.forget();
        let mut theirs = self.stock.send(packet.bridge, packet.port, &packet.frame);
        differences::forgive(&mut theirs, mine);
        (theirs == *mine).then_some("a cached flow of stock covered more than it may")
    }

    /// The last of some packets through both; `false` if it makes no sense to go on.
    fn packet(&mut self, seed: u64, setup: &Setup, ours: &mut Ours, packets: &[&Packet]) -> bool {
        let Some(packet) = packets.last() else { return true };
        if setup.learns {
            self.stock.forget();
        }
        let mut theirs = self.stock.send(packet.bridge, packet.port, &packet.frame);
        let mine = ours.send(packet.bridge, packet.port, &packet.frame);
        differences::forgive(&mut theirs, &mine);
        self.n_packets += 1;
        self.n_sent += usize::from(!theirs.sent.is_empty());
        if theirs == mine {
            return true;
        }
        if let Some(why) = limited(&mut self.stock, ours, packet, [&theirs, &mine]) {
            *self.limits.entry(why).or_default() += 1;
            // What they have learned may differ now.
            return !setup.learns;
        }
        if let Some(why) = self.another_time(setup, packets, &mine) {
            *self.limits.entry(why).or_default() += 1;
            return !setup.learns;
        }
        let report = report(&mut self.stock, setup.clone(), packets.to_vec());
        self.differences
            .push(format!("seed {seed}:\n  stock\n{theirs}  ours\n{mine}  reduced\n{report}"));
        false
    }
}

#[test]
fn random_packets_meet_the_same() {
    let programs = ["ovsdb-server", "ovsdb-tool", "ovs-vsctl", "ovs-ofctl"];
    if !have(&[&programs[..], &[VSWITCHD, SCHEMA]].concat()) {
        return;
    }
    let seed = number("SEED").unwrap_or(1);
    let longer = number("PROPTEST_CASES").map_or(1, |cases| (cases / 200).max(1));
    let tables = number("TABLES").unwrap_or(200 * longer);
    println!("seed {seed}, {tables} tables");
    let mut run = Run::new();
    for n in 0..tables {
        run.tables_if_stock_lives(seed.wrapping_add(n));
        if run.differences.len() >= 10 {
            break;
        }
    }
    let Run { n_packets, n_sent, n_mutants, limits, coverage, widths, differences, .. } = &run;
    println!("{coverage}\n{widths}\nlimits of stock: {limits:?}");
    println!("{n_packets} packets, of which {n_sent} left stock, {n_mutants} for cached flows");
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert_eq!(coverage.missing(tables), [""; 0], "what no packet met");
    if tables >= 200 {
        let ended = limits.get("stock ended itself").copied().unwrap_or_default();
        assert!(ended as u64 <= tables / 50, "stock ended itself {ended} times");
    }
}
