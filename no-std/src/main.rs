//! A switch with two ports in a program that has no standard library: a rule comes to it in an
//! OpenFlow message, a frame goes in at one port and must come out at the other. Prints `forwarded` and exits with 0 if it did.
//!
//! If anything below this program linked `std`, there would be two panic handlers, and it
//! would not build (E0152). What an operating system is used for here is the start of the
//! program, memory and a line of output: firmware would put its own there.
#![no_std]
#![no_main]

mod runtime;

extern crate alloc;

use alloc::vec::Vec;
use core::ffi::c_int;
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_core::{
    Batch, Config, Error, Forwarder, Frame, Instant, Outbox, PortSpec, SoftSwitch, Switch,
};
use ovs_openflow::{Message, Protocol, text};

/// Ethernet to 02:00:00:00:00:02 from 02:00:00:00:00:01, a local experimental EtherType.
const FRAME: [u8; 60] = {
    let mut frame = [0x5a; 60];
    let header = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5];
    let mut at = 0;
    while at < header.len() {
        frame[at] = header[at];
        at += 1;
    }
    frame
};

/// What C's start-up code calls.
#[unsafe(no_mangle)]
pub extern "C" fn main() -> c_int {
    match forward() {
        Ok(true) => {
            runtime::print(b"forwarded\n");
            0
        }
        Ok(false) => {
            runtime::print(b"the frame did not come out where it should have\n");
            1
        }
        Err(_) => {
            runtime::print(b"the switch refused its configuration\n");
            2
        }
    }
}

/// The rule, as a switch would read it from a controller.
fn rule() -> Option<FlowMod> {
    let flow = text::parse_flow("in_port=1,actions=output:2", FlowModCommand::Add).ok()?;
    let mut bytes = Vec::new();
    Message::FlowMod(flow).encode(Protocol::OF13, 1, &mut bytes).ok()?;
    match Message::decode(&bytes.into()).ok()?.message {
        Message::FlowMod(flow) => Some(flow),
        _ => None,
    }
}

/// Sends one frame from `a` to `b` by a rule; did it come out there, whole, and only there?
fn forward() -> Result<bool, Error> {
    let mut switch = SoftSwitch::new(Config::default());
    let a = switch.add_port(PortSpec::named("a"))?;
    let b = switch.add_port(PortSpec::named("b"))?;
    let Some(rule) = rule() else { return Ok(false) };
    switch.flow_mod(rule)?;

    let mut forwarder = switch.forwarder();
    let mut out = Outbox::new();
    let mut batch = Batch::from([Frame::from(FRAME)]);
    forwarder.process(Instant::ZERO, a, &mut batch, &mut out);

    let whole = out.frames(b).first().is_some_and(|frame| frame.as_slice() == FRAME);
    Ok(whole && out.all().len() == 1 && batch.is_empty())
}
