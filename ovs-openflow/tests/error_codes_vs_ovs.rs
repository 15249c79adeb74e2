//! Every error has the numbers that Open vSwitch gives it, and its numbers are read as it reads
//! them. A version that Open vSwitch has no numbers for, we have none for either.

#![allow(clippy::expect_used, missing_docs)]

use ovs_openflow::{ErrorCode, Version, WireError};
use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};

/// Is stock `ovs-ofctl` there? If not, says so, or fails where it must be.
fn have_ovs_ofctl() -> bool {
    if Command::new("ovs-ofctl").arg("--version").output().is_ok() {
        return true;
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "missing: ovs-ofctl");
    // Past the test harness, which hides what tests that pass print.
    writeln!(std::io::stderr(), "skipped: this test needs ovs-ofctl").ok();
    false
}

fn versions() -> impl Iterator<Item = Version> {
    (1..=6).map(Version)
}

/// What a line such as `OpenFlow 1.0: vendor 0x2320, type 1, code 260` says.
fn parse(line: &str) -> (Version, WireError) {
    let (version, numbers) = line.split_once(": vendor ").expect("a version");
    let version = versions().find(|v| v.to_string() == version).expect("a version of ours");
    let (vendor, numbers) = numbers.split_once(", type ").expect("a vendor");
    let (kind, code) = numbers.split_once(", code ").expect("a type");
    let hex = |digits| u32::from_str_radix(digits, 16).expect("a vendor");
    let wire = WireError {
        experimenter: vendor.strip_prefix("0x").map(hex),
        kind: kind.parse().expect("a type"),
        code: code.parse().expect("a code"),
    };
    (version, wire)
}

#[test]
fn numbers_are_those_of_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    for error in ErrorCode::all() {
        let name = error.name().expect("a name");
        let output =
            Command::new("ovs-ofctl").args(["print-error", name]).output().expect("ovs-ofctl");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text");
        let stock: HashMap<_, _> = text.lines().map(parse).collect();
        assert!(!stock.is_empty(), "{name}");
        for version in versions() {
            assert_eq!(error.to_wire(version), stock.get(&version).copied(), "{name}, {version}");
        }
    }
}

/// Appends an error message without data.
fn put_message(out: &mut Vec<u8>, version: Version, wire: WireError) {
    let WireError { experimenter, kind, code } = wire;
    let vendor = experimenter.unwrap_or_default();
    let body = match experimenter {
        None => vec![kind, code],
        Some(_) if version <= Version::OF11 => {
            vec![0xb0c2, 0, (vendor >> 16) as u16, vendor as u16, kind, code]
        }
        Some(_) => vec![0xffff, kind, (vendor >> 16) as u16, vendor as u16],
    };
    out.extend([version.0, 1, 0, 8 + 2 * body.len() as u8, 0, 0, 0, 0]);
    out.extend(body.into_iter().flat_map(u16::to_be_bytes));
}

/// The names of what `ovs-ofctl` takes the messages for; `None` if for nothing that it knows.
fn ovs_reads(messages: &[u8]) -> Vec<Option<String>> {
    let mut command = Command::new("ovs-ofctl");
    command.args(["ofp-parse", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().expect("ovs-ofctl");
    let mut input = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // It prints while it reads: neither pipe may fill up.
        scope.spawn(move || input.write_all(messages).expect("a reader"));
        let output = child.wait_with_output().expect("ovs-ofctl");
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter(|line| line.starts_with("OFPT_ERROR "));
        let name = |line: &str| line.split_once("): ").map(|(_, name)| name.to_owned());
        lines.map(|line| name(line).filter(|name| !name.starts_with("***"))).collect()
    })
}

#[test]
fn numbers_are_read_as_ovs_reads_them() {
    if !have_ovs_ofctl() {
        return;
    }
    let mut cases = Vec::new();
    for version in versions() {
        cases.extend(ErrorCode::all().filter_map(|e| Some((version, e.to_wire(version)?))));
        // And what has no name.
        for kind in 0..20 {
            let standard = (0..40).map(|code| WireError { experimenter: None, kind, code });
            cases.extend(standard.map(|wire| (version, wire)));
        }
    }
    let mut messages = Vec::new();
    for &(version, wire) in &cases {
        put_message(&mut messages, version, wire);
    }
    let stock = ovs_reads(&messages);
    assert_eq!(stock.len(), cases.len());
    for ((version, wire), stock) in cases.into_iter().zip(stock) {
        let ours = ErrorCode::from_wire(version, wire).name();
        assert_eq!(ours, stock.as_deref(), "{version}: {wire}");
    }
}
