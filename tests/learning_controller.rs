//! The program `learning_controller` with stock Open vSwitch, and hosts on both sides of it.

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{Host, Running, have, wait_for};

const VSWITCHD: &str = "/usr/lib/openvswitch-switch/ovs-vswitchd";
const SCHEMA: &str = "/usr/share/openvswitch/vswitch.ovsschema";

/// The program; `cargo test` builds it along.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let folder = test.parent().and_then(Path::parent).expect("a folder of cargo's");
    let program = folder.join("examples/learning_controller");
    assert!(program.exists(), "not built: cargo build --example learning_controller");
    program
}

/// The controller in the host of the switch; it ends with the value.
struct Controller(Child);

impl Controller {
    fn start(host: &Host) -> (Self, u16) {
        let run = || {
            let mut command = Command::new(program());
            command.arg("127.0.0.1:0").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()
        };
        let child = host.namespace.run(run).expect("the namespace").expect("the program");
        let mut controller = Self(child);
        let mut line = String::new();
        let out = controller.0.stdout.take().expect("its output");
        let mut out = BufReader::new(out);
        out.read_line(&mut line).expect("a line");
        // What else it says must go somewhere.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::stderr()));
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        (controller, port.unwrap_or_else(|| panic!("no port in {line:?}")))
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Stock Open vSwitch in a host, with all its files in a folder. The daemons end with the value,
/// the switch before its database.
struct Stock {
    _switch: Running,
    _database: Running,
    folder: tempfile::TempDir,
}

impl Stock {
    fn start(host: &Host) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().display();
        host.sh(&format!("ovsdb-tool create {at}/conf.db {SCHEMA}"));
        let environment = format!("env OVS_RUNDIR={at} OVS_LOGDIR={at} OVS_DBDIR={at}");
        let database = host.spawn(&format!(
            "{environment} ovsdb-server {at}/conf.db --remote=punix:{at}/db.sock \
             --unixctl={at}/db.ctl --log-file={at}/db.log"
        ));
        wait_for("a database", || folder.path().join("db.sock").exists());
        let switch = host.spawn(&format!(
            "{environment} {VSWITCHD} unix:{at}/db.sock --unixctl={at}/switch.ctl \
             --log-file={at}/switch.log"
        ));
        Self { _switch: switch, _database: database, folder }
    }

    fn vsctl(&self, host: &Host, arguments: &str) -> String {
        let at = self.folder.path().display();
        host.sh(&format!("ovs-vsctl --timeout=10 --db=unix:{at}/db.sock {arguments}"))
    }

    fn flows(&self, host: &Host, version: &str) -> String {
        let at = self.folder.path().display();
        host.sh(&format!("ovs-ofctl --timeout=10 -O {version} dump-flows unix:{at}/br0.mgmt"))
    }
}

/// Are the programs there? The switch is not on the path.
fn has_stock() -> bool {
    let programs = ["ovsdb-server", "ovsdb-tool", "ovs-vsctl", "ovs-ofctl", "ping", "ethtool"];
    // An absolute path stands for itself.
    have(&[&programs[..], &[VSWITCHD, SCHEMA]].concat())
}

fn learns(version: &str) {
    if !has_stock() {
        return;
    }
    let host = Host::quiet();
    let (controller, port) = Controller::start(&host);
    let stock = Stock::start(&host);
    let ends = [Host::quiet(), Host::quiet()];
    stock.vsctl(
        &host,
        &format!(
            "-- add-br br0 -- set bridge br0 datapath_type=netdev protocols={version} \
             -- set-fail-mode br0 secure -- set-controller br0 tcp:127.0.0.1:{port}"
        ),
    );
    for (end, number) in ends.iter().zip(1..) {
        host.veth(&format!("p{number}"), end, "eth0");
        end.address("eth0", &format!("10.0.0.{number}/24"));
        end.sh("ethtool -K eth0 tx off");
        stock.vsctl(&host, &format!("add-port br0 p{number}"));
    }
    wait_for("a connection", || {
        stock.vsctl(&host, "get controller br0 is_connected").trim() == "true"
    });
    ends[0].sh("ping -c 3 -i 0.2 -W 5 10.0.0.2");
    let flows = stock.flows(&host, version);
    let learned = flows.lines().filter(|line| {
        let to_a_port = ["p1", "p2", "1", "2"].iter().any(|port| {
            line.trim_end().ends_with(&format!("actions=output:{port}"))
                || line.trim_end().ends_with(&format!("actions=output:\"{port}\""))
        });
        to_a_port && line.contains("idle_timeout=60") && line.contains("dl_dst=")
    });
    assert!(learned.count() >= 2, "{flows}");

    // Without the controller the flows go on.
    drop(controller);
    ends[1].sh("ping -c 1 -W 5 10.0.0.1");
}

#[test]
fn stock_open_vswitch_learns_with_openflow_13() {
    learns("OpenFlow13");
}

#[test]
fn stock_open_vswitch_learns_with_openflow_10() {
    learns("OpenFlow10");
}

#[test]
fn says_how_it_is_used() {
    let output = Command::new(program()).arg("--help").output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("ovs-vsctl set bridge"), "{text}");
    assert!(text.contains("127.0.0.1:6653"), "{text}");
}
