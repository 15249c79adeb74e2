//! Our side of `datapath.sh`: frames of a capture file through the switch to a port that discards
//! them, by the runner's own loop, for as long as asked for.
//!
//! `datapath CASE PCAP SECONDS` prints how many million frames a second it were. Cases are those of the
//! script: `f…` one rule, `of3` three tables, `…_upcall` with no cache at all.

#[path = "../datapath/cases.rs"]
mod cases;

use cases::Case;
use ovs_core::{Frame, Instant};
use ovs_pnet::pcap::PcapReader;
use std::error::Error;
use std::time::Duration;

/// Turns between two looks at the clock.
const TURNS: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if arguments.is_empty() {
        println!("benches/vs_ovs/datapath.sh measures this beside Open vSwitch");
        return Ok(());
    }
    let [case, pcap, seconds] = arguments.as_slice() else {
        return Err("usage: datapath CASE PCAP SECONDS".into());
    };
    let mut reader = PcapReader::open(pcap)?;
    let mut frames = Vec::new();
    let mut frame = Frame::default();
    while reader.read(&mut frame)?.is_some() {
        frames.push(frame.clone());
    }
    let case = Case::named(case).ok_or_else(|| format!("there is no case {case}"))?;
    let (switch, mut worker) = case.worker(frames);
    let seconds = Duration::from_secs_f64(seconds.parse()?);
    let mut run = |time: Duration| {
        let started = std::time::Instant::now();
        let mut frames = 0;
        loop {
            let elapsed = started.elapsed();
            if elapsed >= time {
                return frames as f64 / elapsed.as_secs_f64() / 1e6;
            }
            let now = Instant::ZERO + elapsed;
            for _ in 0..TURNS {
                frames += worker.turn(now, |failure| panic!("{failure:?}"));
            }
        }
    };
    run(seconds / 4);
    let rate = run(seconds);
    let misses = switch.cache_stats().misses;
    if case.has_flows() && misses > 0 {
        return Err(format!("{misses} frames belonged to no flow").into());
    }
    println!("{rate:.3}");
    Ok(())
}
