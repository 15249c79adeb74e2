//! The runner's thread, with ports in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use ovs_core::action::Action;
use ovs_core::flow::{FlowFlags, FlowMod};
use ovs_core::{
    Batch, Config, Device, DeviceError, DropReason, Event, Frame, FramePool, Losses, PacketOut,
    PortNo, PortSpec, SoftSwitch, Switch,
};
use ovs_pnet::memory::{self, MemoryEnd};
use ovs_pnet::{Failure, Port, Readiness, Runner};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(5);

/// A running switch with ports in memory, from number 1 on.
fn switch_with(ports: u32) -> (SoftSwitch, Runner, Vec<MemoryEnd>) {
    let mut switch = SoftSwitch::new(Config::default());
    let runner = Runner::start(switch.forwarder()).unwrap();
    let ends = (1..=ports).map(|n| {
        let number = switch.add_port(PortSpec::named(format!("p{n}"))).unwrap();
        let (port, end) = memory::pair().unwrap();
        runner.attach(number, port).unwrap();
        end
    });
    let ends = ends.collect();
    (switch, runner, ends)
}

fn frame(dst: u8, src: u8, len: usize) -> Frame {
    let mut frame = Frame::from([2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 0x88, 0xb5]);
    frame.extend(&vec![0; len.saturating_sub(14)]);
    frame
}

#[test]
fn moves_frames_between_ports() {
    let (_switch, _runner, ends) = switch_with(3);
    ends[0].send(frame(2, 1, 60)).unwrap();
    assert_eq!(ends[1].receive_timeout(SOON), Some(frame(2, 1, 60)));
    assert_eq!(ends[2].receive_timeout(SOON), Some(frame(2, 1, 60)));
}

#[test]
fn all_frames_arrive_in_order_and_are_counted() {
    let (switch, runner, ends) = switch_with(2);
    let mut got = 0u32;
    let numbered = |n: u32| {
        let mut frame = frame(2, 1, 60);
        frame.as_mut_slice()[20..24].copy_from_slice(&n.to_be_bytes());
        frame
    };
    let mut sent = 0;
    while got < 20_000 {
        while sent < 20_000 && sent < got + 500 {
            ends[0].send(numbered(sent)).unwrap();
            sent += 1;
        }
        let frame = ends[1].receive_timeout(SOON).expect("nothing is lost");
        assert_eq!(frame, numbered(got));
        got += 1;
    }
    drop(runner);
    let stats = switch.port_stats(PortNo(2)).unwrap();
    assert_eq!((stats.tx_frames, stats.tx_bytes), (20_000, 20_000 * 60));
    assert_eq!(switch.cache_stats().misses, 1);
}

#[test]
fn a_full_queue_is_counted_not_waited_for() {
    let mut switch = SoftSwitch::new(Config::default());
    let runner = Runner::start(switch.forwarder()).unwrap();
    let a = switch.add_port(PortSpec::named("a")).unwrap();
    let b = switch.add_port(PortSpec::named("b")).unwrap();
    let (port, from) = memory::pair().unwrap();
    runner.attach(a, port).unwrap();
    let (port, to) = memory::pair_with_limit(10).unwrap();
    runner.attach(b, port).unwrap();
    for _ in 0..100 {
        from.send(frame(2, 1, 60)).unwrap();
    }
    let deadline = Instant::now() + SOON;
    let full =
        |switch: &SoftSwitch| switch.port_stats(b).unwrap().tx_drops.get(DropReason::QueueFull);
    while full(&switch) < 90 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    let stats = switch.port_stats(b).unwrap();
    assert_eq!((stats.tx_frames, full(&switch)), (10, 90));
    for _ in 0..10 {
        assert!(to.try_receive().is_some());
    }
}

#[test]
fn a_port_that_ends_leaves_the_others_alone() {
    let (switch, runner, mut ends) = switch_with(3);
    drop(ends.remove(1));
    let failure = runner.failure(SOON).expect("the end is told");
    assert_eq!(failure, Failure { port: PortNo(2), error: DeviceError::Ended });
    ends[0].send(frame(9, 1, 60)).unwrap();
    assert!(ends[1].receive_timeout(SOON).is_some());
    drop(runner);
    let drops = switch.port_stats(PortNo(2)).unwrap().tx_drops;
    assert_eq!(drops.get(DropReason::DeviceDown), 1);
}

#[test]
fn devices_can_be_exchanged_and_a_port_without_one_drops() {
    let (switch, runner, ends) = switch_with(2);
    drop(runner.detach(PortNo(2)).expect("it was attached"));
    assert!(runner.detach(PortNo(2)).is_none());
    ends[0].send(frame(2, 1, 60)).unwrap();
    let deadline = Instant::now() + SOON;
    let dropped = |switch: &SoftSwitch| {
        switch.port_stats(PortNo(2)).unwrap().tx_drops.get(DropReason::DeviceDown)
    };
    while dropped(&switch) < 1 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(dropped(&switch), 1);
    let (port, end) = memory::pair().unwrap();
    runner.attach(PortNo(2), port).unwrap();
    ends[0].send(frame(2, 1, 60)).unwrap();
    assert!(end.receive_timeout(SOON).is_some());
}

/// A device that breaks when it is asked for frames, or told to send.
struct Broken {
    on_receive: bool,
}

impl Device for Broken {
    fn receive(
        &mut self,
        _: &mut Batch,
        _: &mut FramePool,
        _: &mut Losses,
    ) -> Result<(), DeviceError> {
        if self.on_receive { Err(DeviceError::Gone) } else { Ok(()) }
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        batch.frames().iter().for_each(|frame| losses.add(DropReason::DeviceDown, frame.len()));
        Err(DeviceError::Gone)
    }
}

impl Port for Broken {
    fn readiness(&self) -> Readiness<'_> {
        if self.on_receive { Readiness::Always } else { Readiness::Never }
    }
}

#[test]
fn broken_devices_are_detached_and_told() {
    let (mut switch, runner, ends) = switch_with(1);
    for (port, on_receive) in [(2, true), (3, false)] {
        let number = switch.add_port(PortSpec::named(format!("broken{port}"))).unwrap();
        assert_eq!(number, PortNo(port));
        runner.attach(number, Broken { on_receive }).unwrap();
        ends[0].send(frame(9, 1, 60)).unwrap();
        let failure = runner.failure(SOON).expect("the failure is told");
        assert_eq!(failure, Failure { port: number, error: DeviceError::Gone });
        assert!(runner.detach(number).is_none());
    }
    assert!(runner.is_running());
    assert_eq!(switch.port_stats(PortNo(3)).unwrap().tx_frames, 0);
}

#[test]
fn a_sleeping_runner_is_woken_for_packets_and_for_what_becomes_due() {
    let mut switch = SoftSwitch::new(Config::default());
    let runner = Runner::start(switch.forwarder()).unwrap();
    switch.wake_with(runner.waker());
    let port = switch.add_port(PortSpec::named("a")).unwrap();
    let (device, end) = memory::pair().unwrap();
    runner.attach(port, device).unwrap();
    // By now the thread sleeps with nothing in view.
    std::thread::sleep(Duration::from_millis(50));
    let frame = Frame::from([0xff; 60]);
    let actions = vec![Action::output(port)];
    let packet = PacketOut { in_port: PortNo::CONTROLLER, actions, frame: frame.clone() };
    switch.packet_out(packet).unwrap();
    assert_eq!(end.receive_timeout(Duration::from_secs(5)), Some(frame));
    switch.poll(runner.clock().now());
    let flags = FlowFlags::SEND_FLOW_REM;
    switch.flow_mod(FlowMod { idle_timeout: 1, flags, ..FlowMod::add() }).unwrap();
    let removed = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        std::iter::from_fn(|| switch.next_event()).any(|e| matches!(e, Event::FlowRemoved(_)))
    });
    assert!(removed, "within five seconds");
}
