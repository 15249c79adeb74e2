//! A switch in userspace between TAP devices, network interfaces and capture files.
//!
//! ```text
//! cargo run --release --example tap_bridge -- --demo
//! cargo run --release --example tap_bridge -- tap0 tap1 eth1 pcap:in.pcap
//! ```

mod args;
mod demo;
mod ports;
mod report;
mod screen;

use args::{Args, Format};
use clap::Parser;
use ovs_core::mac_table::MacConfig;
use ovs_core::{Config, DeviceError, PortNo, PortSpec, SoftSwitch, Switch};
use ovs_pnet::{Failure, Readiness, Runner};
use ports::Opened;
use report::{Device, Report};
use screen::Screen;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the example fails with: a sentence for the person at the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tap_bridge: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<ExitCode> {
    if args.demo {
        // A process may only do this before it has threads.
        demo::become_root()?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let stopper = stop.clone();
    ctrlc::set_handler(move || stopper.store(true, Ordering::Relaxed))?;
    if args.demo { demo::run(args, &stop) } else { bridge(args, &stop) }
}

/// The switch, the thread that moves its frames, and what is known of its devices.
pub(crate) struct Bridge {
    switch: SoftSwitch,
    runner: Runner,
    devices: Vec<Device>,
    /// Ports from which more frames may come.
    live: BTreeSet<PortNo>,
    started: Instant,
}

impl Bridge {
    fn new(args: &Args) -> Result<Self> {
        let mut config = Config::default();
        config.macs = MacConfig {
            limit: args.mac_limit,
            aging: Duration::from_secs(args.mac_aging),
            ..MacConfig::default()
        };
        config.megaflows = args.megaflows;
        let switch = SoftSwitch::new(config);
        let runner = Runner::start(switch.forwarder())?;
        switch.wake_with(runner.waker());
        let (devices, live) = (Vec::new(), BTreeSet::new());
        Ok(Self { switch, runner, devices, live, started: Instant::now() })
    }

    /// Adds a port for each device, and then sets the devices going, files last: they have
    /// frames at once, which are to find all ports there.
    fn add_all(&mut self, opened: Vec<Opened>) -> Result<()> {
        let mut devices = Vec::new();
        for Opened { name, kind, device } in opened {
            let port = self.switch.add_port(PortSpec::named(&name))?;
            self.devices.push(Device { port, name, kind, state: "up".into() });
            if !matches!(device.readiness(), Readiness::Never) {
                self.live.insert(port);
            }
            devices.push((port, device));
        }
        devices.sort_by_key(|(_, device)| matches!(device.readiness(), Readiness::Always));
        for (port, device) in devices {
            self.runner.attach(port, device)?;
        }
        Ok(())
    }

    /// Notes what became of a device.
    fn note(&mut self, failure: &Failure) -> String {
        self.live.remove(&failure.port);
        let state = match &failure.error {
            DeviceError::Ended => "ended".into(),
            DeviceError::Gone => "gone".into(),
            other => format!("failed: {other}"),
        };
        let mut name = failure.port.to_string();
        if let Some(device) = self.devices.iter_mut().find(|device| device.port == failure.port) {
            device.state = state;
            name.clone_from(&device.name);
        }
        format!("port {} ({name}): {}", failure.port, failure.error)
    }

    fn report(&self) -> Report {
        let now = self.runner.clock().now();
        Report::of(&self.switch, &self.devices, now, self.started.elapsed())
    }
}

/// Bridges what the command line names until Ctrl-C, until the time is over, or until nothing
/// more can come.
fn bridge(args: &Args, stop: &AtomicBool) -> Result<ExitCode> {
    let mut bridge = Bridge::new(args)?;
    let opened: Result<Vec<_>> = args.ports.iter().map(|text| ports::open(text)).collect();
    bridge.add_all(opened?)?;
    let mut screen = Screen::new(args.quiet || args.format == Format::Json, args.every());
    let deadline = args.duration.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    while !stop.load(Ordering::Relaxed) && !over() && !bridge.live.is_empty() {
        if let Some(failure) = bridge.runner.failure(Duration::from_millis(100)) {
            let line = bridge.note(&failure);
            screen.say(&line);
        }
        if !bridge.runner.is_running() {
            return Err("the thread that moves frames has died; please report this".into());
        }
        if screen.is_due() {
            screen.show(&bridge.report());
        }
    }
    if bridge.live.is_empty() {
        screen.say("no port can receive any more");
    }
    screen.finish();
    let report = bridge.report();
    match args.format {
        Format::Text => print!("{report}"),
        Format::Json => println!("{}", report.to_json()),
    }
    Ok(ExitCode::SUCCESS)
}
