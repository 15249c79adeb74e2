//! What tests with real peers share: hosts in namespaces, and programs run in them.

#![allow(dead_code, reason = "no test uses all of it")]

use ovs_core::{Config, PortNo, PortSpec, PortStats, SoftSwitch, Switch};
use ovs_pnet::{Namespace, PacketSocket, Port, Runner, Tap, interface};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Are root and all these programs there? If not, says so, or fails where all must be there.
pub fn have(programs: &[&str]) -> bool {
    let mut missing: Vec<_> = programs.iter().filter(|name| !is_installed(name)).copied().collect();
    if !ovs_pnet::netns::is_privileged() {
        missing.push("root");
    }
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {missing:?}");
    // Past the test harness, which hides what tests that pass print.
    writeln!(std::io::stderr(), "skipped: this test needs {}", missing.join(", ")).ok();
    false
}

fn is_installed(name: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let places = path.split(':').chain(["/usr/sbin", "/sbin"]);
    places.map(|place| std::path::Path::new(place).join(name)).any(|file| file.exists())
}

/// Waits until `done`, or fails after ten seconds.
#[track_caller]
pub fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < deadline, "ten seconds passed without {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A host: a namespace in which programs run. All of it goes when the value goes.
pub struct Host {
    pub namespace: Namespace,
}

impl Host {
    pub fn new() -> Self {
        let host = Self { namespace: Namespace::new().expect("a namespace") };
        host.sh("ip link set lo up");
        host
    }

    /// A host that speaks IPv6 only when asked to.
    pub fn quiet() -> Self {
        let host = Self::new();
        for scope in ["all", "default"] {
            host.sh(&format!("sysctl -qw net.ipv6.conf.{scope}.disable_ipv6=1"));
        }
        host
    }

    /// Runs a line of shell in the host.
    pub fn output(&self, line: &str) -> Output {
        let run = || Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output();
        self.namespace.run(run).expect("the namespace").expect("sh")
    }

    /// The same, must succeed; what it printed.
    #[track_caller]
    pub fn sh(&self, line: &str) -> String {
        let output = self.output(line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{line}: {}\n{out}{err}", output.status);
        out
    }

    /// Starts a program that is ended when the value goes.
    pub fn spawn(&self, line: &str) -> Running {
        let words: Vec<_> = line.split(' ').collect();
        let run = || {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        };
        Running(self.namespace.run(run).expect("the namespace").expect("the program"))
    }

    /// How `ip link … netns` can name this host.
    pub fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.namespace.as_raw_fd())
    }

    /// A veth device of this host whose other end is `peer` in the host `other`.
    pub fn veth(&self, name: &str, other: &Self, peer: &str) {
        let path = other.path();
        self.sh(&format!("ip link add {name} type veth peer name {peer} netns {path}"));
        self.sh(&format!("ip link set {name} up"));
        other.sh(&format!("ip link set {peer} up"));
    }

    /// A TAP device in this host that is up.
    pub fn tap(&self, name: &str) -> Tap {
        self.namespace.run(|| Tap::open(name)).expect("the namespace").expect("a TAP device")
    }

    pub fn packet_socket(&self, name: &str) -> PacketSocket {
        let open = || PacketSocket::open(name);
        self.namespace.run(open).expect("the namespace").expect("a packet socket")
    }

    pub fn address(&self, device: &str, address: &str) {
        self.sh(&format!("ip addr add {address} dev {device}"));
    }

    pub fn interfaces(&self) -> Vec<String> {
        self.namespace.run(interface::list).expect("the namespace").expect("a list")
    }
}

/// A program in the background.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A switch with its runner.
pub struct Bridge {
    pub switch: SoftSwitch,
    pub runner: Runner,
}

impl Bridge {
    pub fn new() -> Self {
        let switch = SoftSwitch::new(Config::default());
        let runner = Runner::start(switch.forwarder()).expect("a runner");
        Self { switch, runner }
    }

    pub fn add(&mut self, name: &str, device: impl Port + 'static) -> PortNo {
        let port = self.switch.add_port(PortSpec::named(name)).expect("a port");
        self.runner.attach(port, device).expect("a device");
        port
    }

    pub fn stats(&self, port: PortNo) -> PortStats {
        self.switch.port_stats(port).expect("the port")
    }
}
