//! What the pipeline of a `SoftSwitch` does, as its user sees it: beyond what single rules do to frames.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod beyond;
mod bridges;
mod consistency;
mod control;
mod faults;
mod groups;
mod packets;
mod width;

use ovs_core::action::Action;
use ovs_core::flow::FlowMod;
use ovs_core::key::{FlowKey, VlanTag, compose};
use ovs_core::matching::Match;
use ovs_core::{
    Batch, Config, DropReason, Event, Forwarder, Frame, Instant, Outbox, PortNo, PortSpec,
    SoftForwarder, SoftSwitch, Switch,
};

/// A switch with ports from 1 on, and a forwarder.
pub struct Bench {
    pub switch: SoftSwitch,
    pub forwarder: SoftForwarder,
    pub now: Instant,
}

impl Bench {
    /// Without rules.
    pub fn new(ports: u32) -> Self {
        let mut bench = Self::bridging(ports, Config::default());
        bench.switch.flow_mod(FlowMod::delete()).unwrap();
        bench
    }

    /// With the one rule that it bridges.
    pub fn bridging(ports: u32, config: Config) -> Self {
        let mut switch = SoftSwitch::new(config);
        for n in 1..=ports {
            switch.add_port(PortSpec::named(format!("p{n}"))).unwrap();
        }
        let now = Instant::from_secs(1000);
        switch.poll(now);
        let mut bench = Self { forwarder: switch.forwarder(), switch, now };
        bench.events();
        bench
    }

    pub fn rule(
        &mut self,
        table: u8,
        priority: u16,
        matching: Match,
        actions: impl IntoIterator<Item = Action>,
    ) {
        let change = FlowMod::add().table(ovs_core::TableId(table)).priority(priority);
        self.switch.flow_mod(change.matching(matching).apply(actions)).unwrap();
    }

    /// The frames that leave, twice: not cached, and cached.
    pub fn send(&mut self, port: u32, frame: &Frame) -> Vec<(PortNo, Frame)> {
        let once = self.send_once(port, frame);
        assert_eq!(self.send_once(port, frame), once, "cached as not cached");
        once
    }

    pub fn send_once(&mut self, port: u32, frame: &Frame) -> Vec<(PortNo, Frame)> {
        let mut out = Outbox::new();
        let mut batch = Batch::from([frame.clone()]);
        self.forwarder.process(self.now, PortNo(port), &mut batch, &mut out);
        out.drain().collect()
    }

    /// The ports by which a frame leaves.
    pub fn ports(&mut self, port: u32, frame: &Frame) -> Vec<u32> {
        self.send(port, frame).into_iter().map(|(port, _)| port.0).collect()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.switch.next_event()).collect()
    }

    pub fn drops(&self, port: u32) -> Vec<(DropReason, u64)> {
        self.switch.port_stats(PortNo(port)).unwrap().rx_drops.iter().collect()
    }

    pub fn wait(&mut self, secs: u64) {
        self.now = self.now + std::time::Duration::from_secs(secs);
        self.forwarder.poll(self.now, &mut Outbox::new());
    }
}

/// A UDP packet over IPv4, changed at will.
pub fn udp(change: impl FnOnce(&mut FlowKey)) -> Frame {
    let mut key = FlowKey::ZERO;
    key.eth_dst = [2, 0, 0, 0, 0, 2].into();
    key.eth_src = [2, 0, 0, 0, 0, 1].into();
    key.eth_type = 0x0800.into();
    key.ipv4_src = [10, 0, 0, 1];
    key.ipv4_dst = [10, 0, 0, 2];
    key.ip_proto = 17;
    key.ip_ttl = 64;
    (key.tp_src, key.tp_dst) = (1000.into(), 2000.into());
    change(&mut key);
    framed(&key)
}

pub fn framed(key: &FlowKey) -> Frame {
    let mut frame = Frame::with_capacity(256);
    compose(key, b"payload", &mut frame).unwrap();
    frame
}

pub fn tag(vid: u16) -> VlanTag {
    VlanTag { tpid: 0x8100.into(), tci: vid.into() }
}

pub fn output(port: u32) -> Action {
    Action::output(PortNo(port))
}
