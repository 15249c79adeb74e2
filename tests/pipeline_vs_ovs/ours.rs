//! Our switch, with the same two bridges.

use crate::differences::normal;
use crate::{BRIDGES, Delivered, Told};
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_core::trace::Trace;
use ovs_core::{
    Batch, Config, Event, Forwarder, Frame, Instant, Outbox, PortNo, PortSpec, SoftForwarder,
    SoftSwitch, Switch,
};

pub struct Ours {
    pub bridges: Vec<SoftSwitch>,
    forwarder: SoftForwarder,
    now: Instant,
}

impl Ours {
    pub fn new(seed: u64) -> Self {
        let mut config = Config::default();
        config.seed = seed;
        config.forward_link_local = true;
        let first = SoftSwitch::new(config.clone());
        let second = first.add_bridge(config);
        let mut bridges = vec![first, second];
        for (bridge, (name, numbers)) in bridges.iter_mut().zip(BRIDGES) {
            let mut add = |number| {
                let port = PortSpec::named(format!("{name}-{number}")).numbered(number);
                bridge.add_port(port).expect("a port");
            };
            numbers.iter().for_each(|number| add(PortNo(*number)));
            add(PortNo(5));
            add(PortNo::LOCAL);
        }
        bridges[0].connect(PortNo(5), &bridges[1], PortNo(5)).expect("patch ports");
        for bridge in &mut bridges {
            bridge.flow_mod(FlowMod::new(FlowModCommand::Delete)).expect("no rules");
        }
        let forwarder = bridges[0].forwarder();
        let mut ours = Self { bridges, forwarder, now: Instant::ZERO };
        ours.take_events();
        ours
    }

    pub fn trace(&self, bridge: usize, port: u32, frame: &[u8]) -> Trace {
        self.bridges[bridge].trace(self.now, PortNo(port), &Frame::from(frame.to_vec()))
    }

    /// Lets a frame in, and collects what leaves by the ports and what controllers are told.
    pub fn send(&mut self, bridge: usize, port: u32, frame: &[u8]) -> Delivered {
        let port = self.bridges[bridge].datapath_port(PortNo(port));
        let mut out = Outbox::new();
        let mut batch = Batch::from([Frame::from(frame.to_vec())]);
        self.forwarder.process(self.now, port, &mut batch, &mut out);
        let mut delivered = Delivered::default();
        out.drain().for_each(|(port, frame)| delivered.add(port, &frame));
        delivered.told = self.take_events();
        delivered
    }

    fn take_events(&mut self) -> Vec<(usize, Told)> {
        let mut told = Vec::new();
        for (n, bridge) in self.bridges.iter_mut().enumerate() {
            while let Some(event) = bridge.next_event() {
                if let Event::PacketIn(packet) = event {
                    told.push((n, normal(Told::from(*packet))));
                }
            }
        }
        told
    }
}
