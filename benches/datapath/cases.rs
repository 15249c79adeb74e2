//! Switches to be measured: what `benches/vs_ovs/datapath.sh` sets Open vSwitch up with.

use ovs_core::flow::FlowModCommand;
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
    cache: Cache,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rules {
    /// UDP of one port goes to the other.
    One,
    /// Port security, forwarding by address, and an access list: 256 rules.
    Three,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cache {
    Normal,
    /// Each packet is translated.
    Off,
}

impl Case {
    /// The case that the script calls so.
    pub fn named(name: &str) -> Option<Self> {
        let rules = if name.starts_with("of3") {
            Rules::Three
        } else if name.starts_with('f') {
            Rules::One
        } else {
            return None;
        };
        let cache = if name.ends_with("_upcall") { Cache::Off } else { Cache::Normal };
        Some(Self { rules, cache })
    }

    /// A switch of two ports with the rules, and frames that come in again and again.
    pub fn worker(self, frames: Vec<Frame>) -> Worker<SoftForwarder> {
        let mut config = Config::default();
        if self.cache == Cache::Off {
            config.megaflows = 0;
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
        let mut worker = Worker::new(switch.forwarder());
        worker.attach(IN, Box::new(Replay::new(frames)));
        worker.attach(OUT, Box::new(Null::new()));
        worker
    }
}

impl Rules {
    fn text(self) -> Vec<String> {
        match self {
            Self::One => vec!["in_port=1,udp,actions=output:2".into()],
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
