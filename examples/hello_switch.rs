//! A switch of two ports in twenty lines: no device, no root, no thread.
//!
//! `cargo run --example hello_switch`

use ovs_core::action::Action;
use ovs_core::flow::FlowMod;
use ovs_core::matching::Match;
use ovs_core::{Batch, Config, Error, Forwarder, Frame, Instant, Outbox, PortSpec};
use ovs_core::{SoftSwitch, Switch};

fn main() -> Result<(), Error> {
    let mut switch = SoftSwitch::new(Config::default());
    let a = switch.add_port(PortSpec::named("a"))?;
    let b = switch.add_port(PortSpec::named("b"))?;

    // What comes in by a leaves by b. All else is bridged, as in a fresh Open vSwitch.
    switch.flow_mod(FlowMod::add().matching(Match::new().in_port(a)).apply([Action::output(b)]))?;

    // To 02:00:00:00:00:02 from 02:00:00:00:00:01, of a type for experiments.
    let frame = Frame::from(*b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x88\xb5hello");
    let now = Instant::ZERO; // time is an argument: the switch reads no clock

    let mut forwarder = switch.forwarder(); // one for each thread that moves frames
    let mut out = Outbox::new(); // an Egress that keeps what it is given
    forwarder.process(now, a, &mut Batch::from([frame.clone()]), &mut out);
    assert_eq!(out.frames(b), [&frame]);

    for port in switch.ports() {
        let stats = switch.port_stats(port.number)?;
        println!(
            "port {} ({}): {} received, {} sent",
            port.number, port.name, stats.rx_frames, stats.tx_frames
        );
    }
    println!("what came in by a left by b: {:?}", out.frames(b));
    Ok(())
}
