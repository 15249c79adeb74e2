//! The program `tap_bridge` as its user meets it.

#[allow(dead_code)]
mod capture;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::{Host, have};

/// The program; `cargo test` builds it along.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let folder = test.parent().and_then(Path::parent).expect("a folder of cargo's");
    let program = folder.join("examples/tap_bridge");
    assert!(program.exists(), "not built: cargo build --example tap_bridge");
    program
}

fn run(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).stdin(Stdio::null()).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A copy of the program that anybody may run, in a folder that goes with the value.
fn copy_for_all() -> (tempfile::TempDir, String) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("tap_bridge");
    std::fs::copy(program(), &copy).expect("a copy");
    for path in [folder.path(), &copy] {
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(path, permissions).expect("permissions");
    }
    let copy = copy.to_str().expect("a path of letters").to_string();
    (folder, copy)
}

#[test]
fn demo_for_a_program() {
    if !have(&[]) {
        return;
    }
    let output = run(&["--demo", "--count", "2", "--format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(json["ok"], true);
    for pings in json["pings"].as_array().expect("a list") {
        assert_eq!((&pings["sent"], &pings["answered"]), (&2.into(), &2.into()));
    }
    let ports = json["ports"].as_array().expect("a list");
    assert_eq!(ports.len(), 2);
    for port in ports {
        assert!(port["rx_frames"].as_u64() >= Some(4), "requests and answers: {port}");
    }
    assert_eq!(json["macs"].as_array().map(Vec::len), Some(2));
    assert!(json["cache"]["hits"].as_u64() >= Some(1));
}

#[test]
fn demo_without_root() {
    if !have(&["setpriv"]) {
        return;
    }
    let (_folder, copy) = copy_for_all();
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
    let mut command = Command::new("setpriv");
    command.args(nobody).arg(&copy).args(["--demo", "--count", "1"]);
    let output = command.output().expect("it starts");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    // Where user namespaces are forbidden, it must say so.
    let works = output.status.success() && out.contains("the switch works");
    let says = output.status.code() == Some(1) && err.contains("run as root");
    assert!(works || says, "{}\n{out}{err}", output.status);
}

#[test]
fn demo_where_even_user_namespaces_are_forbidden() {
    if !have(&["setpriv", "unshare"]) {
        return;
    }
    let line = format!(
        "echo 0 >/proc/sys/user/max_user_namespaces && \
         exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs {} --demo",
        program().display()
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", &line]);
    let output = command.output().expect("it starts");
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("user.max_user_namespaces") && err.contains("run as root"), "{err}");
}

#[test]
fn demo_ends_with_ctrl_c_at_once_and_leaves_nothing() {
    if !have(&["kill"]) {
        return;
    }
    let mut command = Command::new(program());
    command.args(["--demo", "--count", "1000"]).stdout(Stdio::piped());
    let child = command.spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(500));
    let stopped = Instant::now();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    assert!(stopped.elapsed() < Duration::from_secs(3), "{:?}", stopped.elapsed());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("stopped"), "{}", text(&output.stdout));
    let left = ovs_pnet::interface::list().expect("a list");
    assert!(!left.iter().any(|name| name == "tap0"), "{left:?}");
}

#[test]
fn replays_a_capture_into_another_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("in.pcap"), folder.path().join("out.pcap"));
    let frames: Vec<Vec<u8>> = (0..100u8)
        .map(|n| [&[0xff; 6][..], &[2, 0, 0, 0, 0, 1, 0x88, 0xb5, n], &[0; 45]].concat())
        .collect();
    std::fs::write(&from, capture::pcap(frames.iter().map(Vec::as_slice))).expect("a file");
    let ports = [format!("pcap:{}", from.display()), format!("pcap-out:{}", to.display())];
    let output = run(&[&ports[0], &ports[1], "--format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(json["ports"][0]["rx_frames"], 100);
    assert_eq!(json["ports"][1]["tx_frames"], 100);

    let mut reader = ovs_pnet::pcap::PcapReader::open(&to).expect("what was written");
    let mut frame = ovs_core::Frame::default();
    for expected in &frames {
        assert!(reader.read(&mut frame).expect("a record").is_some());
        assert_eq!(frame.as_slice(), expected);
    }
    assert!(reader.read(&mut frame).expect("the end").is_none());
}

#[test]
fn says_what_is_wrong_and_what_to_do() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["pcap:/no/such/file"], &["/no/such/file", "No such file"]),
        (&["pcap:/"], &["/"]),
        (&["pcap:/etc/hostname"], &["capture file"]),
        (&["eth99"], &["no interface named \"eth99\"", "lo"]),
        (&["vhost:x"], &["vhost", "tap:", "packet:"]),
        (&["tap:a-name-that-is-too-long"], &["a-name-that-is-too-long", "15 bytes"]),
        (&["tap:"], &["empty"]),
    ];
    for (arguments, wanted) in cases {
        let output = run(arguments);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {err}");
        for part in *wanted {
            assert!(err.contains(part), "{arguments:?}: {err}");
        }
        assert_eq!(err.lines().count(), 1, "one line, no trace: {err}");
    }
    for arguments in [&["--demo", "tap0"][..], &["--count", "0", "--demo"], &["--nonsense"], &[]] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn says_which_permission_is_missing() {
    if !have(&["setpriv"]) {
        return;
    }
    let (_folder, copy) = copy_for_all();
    for (port, needed) in [("tap:ovs-none", "CAP_NET_ADMIN"), ("packet:lo", "CAP_NET_RAW")] {
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
        let output = Command::new("setpriv").args(nobody).arg(&copy).arg(port).output();
        let output = output.expect("it starts");
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains(needed) && err.contains("run as root"), "{err}");
    }
}

#[test]
fn bridges_devices_that_are_named_until_ctrl_c() {
    if !have(&["ip", "ping", "kill", "sysctl"]) {
        return;
    }
    // The TAP device and the veth device of the switch's host; the other end of the latter elsewhere.
    let (middle, right) = (Host::quiet(), Host::quiet());
    right.veth("eth0", &middle, "right");
    let program = program();
    let start = || {
        let mut command = Command::new(&program);
        command.args(["tap0", "right", "--format", "json"]).stdout(Stdio::piped()).spawn()
    };
    let child = middle.namespace.run(start).expect("the namespace").expect("it starts");
    support::wait_for("the TAP device", || middle.interfaces().contains(&"tap0".to_string()));
    middle.address("tap0", "10.0.0.1/24");
    right.address("eth0", "10.0.0.2/24");
    right.sh("ping -c 3 -i 0.05 -W 3 10.0.0.1");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert!(json["ports"][0]["tx_frames"].as_u64() >= Some(3), "{json}");
    assert!(!middle.interfaces().contains(&"tap0".to_string()), "it goes with the program");
}
