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
mod differences;
mod flows;
mod ours;
mod packets;
mod random;
mod reduce;
mod stock;

use ours::Ours;
use ovs_core::action::PacketInReason;
use ovs_core::event::PacketIn;
use ovs_core::flow::FlowModCommand;
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo, Switch, TableId};
use ovs_openflow::text;
use packets::Packet;
use random::Random;
use reduce::{both, limited, reduce};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use stock::{SCHEMA, Stock, VSWITCHD};
use support::have;

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

/// Puts the flows into both; false if they are refused.
fn load(stock: &Stock, ours: &mut Ours, flows: &[Vec<String>]) -> Result<(), String> {
    for (bridge, flows) in flows.iter().enumerate() {
        for flow in flows {
            let change = text::parse_flow(flow, FlowModCommand::Add).expect("it was read before");
            let change = flows::as_sent(&change).expect("it was sent before");
            ours.bridges[bridge]
                .flow_mod(change)
                .map_err(|error| format!("ours: {flow}: {error}"))?;
        }
        stock.replace_flows(bridge, flows).map_err(|error| format!("stock: {error}"))?;
    }
    Ok(())
}

/// All that is known of a packet, the last of some, with which they differ.
fn report(stock: &mut Stock, flows: Vec<Vec<String>>, packets: Vec<&Packet>) -> String {
    let (flows, packets) = reduce(stock, flows, packets);
    let mut text = String::new();
    for (flows, (name, _)) in flows.iter().zip(BRIDGES) {
        flows.iter().for_each(|flow| writeln!(text, "  {name} {flow}").expect("room"));
    }
    let Some(Packet { bridge, port, frame, .. }) = packets.last() else { return text };
    for Packet { bridge, port, frame, .. } in &packets {
        writeln!(text, "  {}-{port}: {}", BRIDGES[*bridge].0, hex(frame)).expect("room");
    }
    let (ours, [theirs, mine]) = match both(stock, &flows, &packets) {
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

#[test]
fn random_packets_meet_the_same() {
    let programs = ["ovsdb-server", "ovsdb-tool", "ovs-vsctl", "ovs-ofctl"];
    if !have(&[&programs[..], &[VSWITCHD, SCHEMA]].concat()) {
        return;
    }
    let seed = number("SEED").unwrap_or(1);
    let longer = number("PROPTEST_CASES").map_or(1, |cases| (cases / 200).max(1));
    let tables = number("TABLES").unwrap_or(200 * longer);
    let mut stock = Stock::start();
    let mut differences = Vec::new();
    let (mut n_packets, mut n_sent) = (0, 0);
    let mut limits = BTreeMap::new();
    println!("seed {seed}, {tables} tables");
    for n in 0..tables {
        let seed = seed.wrapping_add(n);
        let mut random = Random::new(seed);
        let packets = packets::packets(&mut random, 12);
        let flows = flows::flows(&mut random, &packets);
        let mut ours = Ours::new(seed);
        if let Err(error) = load(&stock, &mut ours, &flows) {
            differences.push(format!("seed {seed}: {error}"));
            continue;
        }
        stock.forget();
        for (n, packet) in packets.iter().enumerate() {
            let mut theirs = stock.send(packet.bridge, packet.port, &packet.frame);
            let mine = ours.send(packet.bridge, packet.port, &packet.frame);
            differences::forgive(&mut theirs, &mine);
            n_packets += 1;
            n_sent += usize::from(!theirs.sent.is_empty());
            if theirs == mine {
                continue;
            }
            if let Some(why) = limited(&mut stock, &ours, packet, [&theirs, &mine]) {
                *limits.entry(why).or_insert(0) += 1;
            } else {
                let before = packets.iter().take(n + 1).collect();
                let report = report(&mut stock, flows, before);
                differences.push(format!(
                    "seed {seed}:\n  stock\n{theirs}  ours\n{mine}  reduced\n{report}"
                ));
                break;
            }
        }
        if differences.len() >= 10 {
            break;
        }
    }
    println!("limits of stock: {limits:?}");
    println!(
        "{n_packets} packets, of which {n_sent} left stock; {} differences",
        differences.len()
    );
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
