//! The runner's thread sleeps without frames and wakes without delay. Alone in its program, because
//! it looks at the time that threads named like the runner's have used.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use ovs_core::{Config, Frame, PortNo, PortSpec, SoftSwitch, Switch};
use ovs_pnet::{Runner, memory};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(5);

fn frame(dst: u8, src: u8) -> Frame {
    let mut frame = Frame::from([2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 0x88, 0xb5]);
    frame.extend(&[0; 46]);
    frame
}

/// User and system time of this process's thread named `name`, in seconds.
fn cpu_seconds(name: &str) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let ticks = tasks.filter_map(|task| {
        let path = task.ok()?.path();
        let comm = std::fs::read_to_string(path.join("comm")).ok()?;
        let stat = std::fs::read_to_string(path.join("stat")).ok()?;
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        (comm.trim() == name).then_some(ticks)
    });
    ticks.sum::<u64>() as f64 / 100.0
}

#[test]
fn sleeps_and_wakes() {
    let mut switch = SoftSwitch::new(Config::default());
    let runner = Runner::start(switch.forwarder()).unwrap();
    let mut attach = |name| {
        let number = switch.add_port(PortSpec::named(name)).unwrap();
        let (port, end) = memory::pair().unwrap();
        runner.attach(number, port).unwrap();
        end
    };
    let ends = [attach("a"), attach("b")];
    ends[0].send(frame(2, 1)).unwrap();
    assert_eq!(ends[1].receive_timeout(SOON), Some(frame(2, 1)));

    let before = cpu_seconds("ovs-runner");
    std::thread::sleep(Duration::from_secs(1));
    let used = cpu_seconds("ovs-runner") - before;
    assert!(used < 0.05, "{used} s of CPU time in a second without frames");

    // Each frame finds the thread asleep; if it polled, some would wait for the next poll.
    let mut waits: Vec<_> = (0..100)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(2));
            let sent = Instant::now();
            ends[1].send(frame(1, 2)).unwrap();
            assert_eq!(ends[0].receive_timeout(SOON), Some(frame(1, 2)));
            sent.elapsed()
        })
        .collect();
    waits.sort();
    assert!(
        waits[50] < Duration::from_millis(2),
        "half of the frames waited {:?} or more",
        waits[50]
    );
    assert_eq!(switch.port_stats(PortNo(2)).unwrap().rx_frames, 100);
}
