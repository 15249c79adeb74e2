//! Switches to be measured: what `benches/vs_ovs/datapath.sh` sets Open vSwitch up with.

use ovs_core::field::Field;
use ovs_core::flow::FlowModCommand;
use ovs_core::matching::Match;
use ovs_core::op::Op;
use ovs_core::{Config, Frame, PortNo, PortSpec, SoftForwarder, SoftSwitch, Switch};
use ovs_openflow::text;
use ovs_pnet::Worker;
use ovs_pnet::memory::{Null, Replay};

/// Where frames come in, and where they leave.
pub const IN: PortNo = PortNo(1);
pub const OUT: PortNo = PortNo(2);

/// A switch and its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    rules: Rules,
    flows: Flows,
    cache: Cache,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rules {
    /// UDP of one port goes to the other.
    One,
    /// Port security, forwarding by address, and an access list: 256 rules.
    Three,
    /// Three ports or addresses of TCP are let through, the rest is dropped.
    Acl,
}

/// Flows put straight into the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flows {
    None,
    /// So many, each with another mask; they differ in the UDP port too.
    Masks(usize),
    /// So many, each with other lengths of prefixes of source, destination and port.
    Prefixes(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cache {
    Normal,
    /// No packet is remembered: flows are searched for.
    Megaflows,
    /// Each packet is translated.
    Off,
}

impl Case {
    /// The case that the script calls so.
    pub fn named(name: &str) -> Option<Self> {
        let number = |prefix| name.strip_prefix(prefix).and_then(|n: &str| n.parse().ok());
        let (name, cache) = match name.split_once('_') {
            Some((name, "upcall")) => (name, Cache::Off),
            Some((name, "dpcls")) => (name, Cache::Megaflows),
            Some(_) => return None,
            None => (name, Cache::Normal),
        };
        let case = |rules, flows, cache| Some(Self { rules, flows, cache });
        match name {
            "of3" => case(Rules::Three, Flows::None, cache),
            "p1000" => case(Rules::One, Flows::Prefixes(1000), Cache::Megaflows),
            "tse1000" => case(Rules::Acl, Flows::None, Cache::Megaflows),
            _ => match number('m') {
                Some(n) => case(Rules::One, Flows::Masks(n), Cache::Megaflows),
                None if name.starts_with('f') => case(Rules::One, Flows::None, cache),
                None => None,
            },
        }
    }

    /// Do flows take all frames, so that the pipeline is not asked?
    pub fn has_flows(self) -> bool {
        self.flows != Flows::None
    }

    /// A switch of two ports with the rules, and frames that come in again and again.
    pub fn worker(self, frames: Vec<Frame>) -> (SoftSwitch, Worker<SoftForwarder>) {
        let mut config = Config::default();
        match self.cache {
            Cache::Normal => {}
            Cache::Megaflows => config.microflows = 0,
            Cache::Off => config.megaflows = 0,
        }
        let mut switch = SoftSwitch::new(config);
        for (port, name) in [(IN, "in"), (OUT, "out")] {
            let port_no =
                switch.add_port(PortSpec::named(name).numbered(port)).expect("there is room");
            assert_eq!(port_no, port);
        }
        for rule in self.rules.text() {
            let rule = text::parse_flow(&rule, FlowModCommand::Add).expect("the rule is right");
            switch.flow_mod(rule).expect("the rule is valid");
        }
        let mut forwarder = switch.forwarder();
        for flow in self.flows.matches() {
            assert!(forwarder.put_flow(&flow, vec![Op::Output(OUT)]));
        }
        let mut worker = Worker::new(forwarder);
        worker.attach(IN, Box::new(Replay::new(frames)));
        worker.attach(OUT, Box::new(Null::new()));
        (switch, worker)
    }
}

impl Flows {
    fn matches(self) -> Vec<Match> {
        let udp = || Match::new().in_port(IN).eth_type(0x0800).ip_proto(17);
        let masked = |matching: Match, field, value: u128, mask: u128| {
            matching.with_masked(field, value & mask, mask).expect("the field takes masks")
        };
        match self {
            Self::None => Vec::new(),
            Self::Masks(n) => (0..n as u128)
                .map(|n| {
                    let (src, dst) =
                        (0xff00_0000_0000 | ((n / 32) << 8), 0xff00_0000_0000 | ((n % 32) << 8));
                    let flow = masked(udp(), Field::EthSrc, 0x0200_0000_0001, src);
                    let flow = masked(flow, Field::EthDst, 0x0200_0000_0002, dst);
                    let flow = masked(flow, Field::Ipv4Src, 1 << 24, 1 << 24);
                    masked(flow, Field::Ipv4Dst, 1 << 24, 1 << 24).udp_dst(1000 + n as u16)
                })
                .collect(),
            Self::Prefixes(n) => prefixes()
                .take(n)
                .map(|flow| {
                    let fields = [Field::Ipv4Src, Field::Ipv4Dst, Field::UdpDst];
                    fields.into_iter().zip(flow).fold(
                        udp(),
                        |matching, (field, (value, length))| {
                            let value = u128::from(value) >> (32 - field.n_bits());
                            masked(matching, field, value, field.ones() & !(field.ones() >> length))
                        },
                    )
                })
                .collect(),
        }
    }
}

/// 32 bits of a number.
pub fn random(n: u32) -> u32 {
    let n = n.wrapping_mul(0x9e37_79b1);
    let n = (n ^ (n >> 15)).wrapping_mul(0x85eb_ca77);
    n ^ (n >> 13)
}

/// Source, destination and port as 32 bits and the length of a prefix, as `mkpcap.py` makes them.
pub fn prefixes() -> impl Iterator<Item = [(u32, u32); 3]> + Clone {
    const ADDRESSES: [u32; 11] = [0, 8, 10, 12, 14, 16, 20, 24, 28, 30, 32];
    const PORTS: [u32; 10] = [0, 4, 6, 8, 9, 10, 11, 12, 14, 16];
    let pairs = ADDRESSES.into_iter().flat_map(|a| ADDRESSES.map(|b| (a, b)));
    let all = pairs.flat_map(|(a, b)| PORTS.map(|c| [a, b, c]));
    let long = |all: &[u32; 3]| {
        all.iter().sum::<u32>() >= 20 && all.iter().filter(|length| **length == 0).count() < 2
    };
    all.filter(long).zip(0..).map(move |(lengths, i)| {
        let mut k = 0;
        lengths.map(|length| {
            k += 1;
            (random(3 * i + k - 1), length)
        })
    })
}

impl Rules {
    fn text(self) -> Vec<String> {
        match self {
            Self::One => vec!["in_port=1,udp,actions=output:2".into()],
            Self::Acl => vec![
                "priority=30,in_port=1,udp,tp_dst=80,actions=output:2".into(),
                "priority=20,in_port=1,ip,nw_src=10.0.0.1,actions=output:2".into(),
                "priority=10,in_port=1,udp,tp_src=12345,actions=output:2".into(),
                "priority=1,actions=drop".into(),
            ],
            Self::Three => {
                let sources = (0..50).map(|n| {
                    format!(
                        "table=0,priority=10,in_port=1,dl_src=02:00:00:02:00:{n:02x},\
                         actions=goto_table:1"
                    )
                });
                let destinations = (0..100).map(|n| {
                    format!(
                        "table=1,priority=10,dl_dst=02:00:00:01:00:{n:02x},\
                         actions=write_metadata:{},goto_table:2",
                        n + 1
                    )
                });
                let networks = (0..100).map(|n| {
                    format!("table=2,priority=20,ip,nw_dst=11.{n}.0.0/16,actions=output:2")
                });
                let ports = [80, 443, 53, 22, 8080]
                    .map(|port| format!("table=2,priority=30,udp,tp_dst={port},actions=output:2"));
                let last = ["table=2,priority=1,actions=drop".into()];
                sources.chain(destinations).chain(networks).chain(ports).chain(last).collect()
            }
        }
    }
}
