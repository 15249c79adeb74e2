//! Lists of fields, and the match of OpenFlow 1.0, are read, refused and written as Open vSwitch
//! does it.
//!
//! `PROTEST_CASES` and `SEED` choose how many are tried, and which.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;

use arbitrary::entry::{self, Entry};
use arbitrary::matching;
use arbitrary::runner::some;
use bytes::Bytes;
use ovs_core::field::Field;
use ovs_core::matching::Match;
use ovs_openflow::message::{FlowStatsRequest, MultipartRequest};
use ovs_openflow::{ErrorCode, Message, Protocol};
use proptest::prelude::*;
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

/// How many are tried.
fn count() -> usize {
    proptest::test_runner::Config::default().cases as usize * 8
}

/// What `ovs-ofctl` prints for these lines.
fn ovs(arguments: &[&str], lines: &[String]) -> String {
    let mut child = Command::new("ovs-ofctl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ovs-ofctl");
    let mut input = child.stdin.take().expect("a pipe");
    let text = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("ovs-ofctl");
    let written = writer.join().expect("the thread");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    written.expect("a pipe");
    String::from_utf8(output.stdout).expect("text")
}

/// One of the two forms of lists.
#[derive(Clone, Copy)]
struct Form {
    protocol: Protocol,
    arguments: &'static [&'static str],
    /// Bytes of a request for flow statistics in front of the fields.
    prefix: usize,
    /// Where in it their length stands, and what more than them it counts.
    length: (usize, u16),
}

const NXM: Form = Form {
    protocol: Protocol::OF10_NXM,
    arguments: &["--strict", "parse-nxm"],
    prefix: 32,
    length: (26, 0),
};

const OXM: Form = Form {
    protocol: Protocol::OF13,
    arguments: &["--strict", "parse-oxm", "OpenFlow13"],
    prefix: 52,
    length: (50, 4),
};

impl Form {
    /// The fields of a request.
    fn fields(self, message: &Message) -> Vec<Entry> {
        let mut bytes = Vec::new();
        message.encode(self.protocol, 1, &mut bytes).unwrap_or_else(|e| panic!("{e}: {message:?}"));
        let (at, more) = self.length;
        let length = u16::from_be_bytes([bytes[at], bytes[at + 1]]) - more;
        Entry::parse_all(&bytes[self.prefix..][..length.into()])
    }

    /// A request with these fields.
    fn request(self, fields: &[u8]) -> Bytes {
        let mut bytes = Vec::new();
        let empty = request(Match::new());
        empty.encode(self.protocol, 1, &mut bytes).expect("a request");
        let (at, more) = self.length;
        bytes.truncate(self.prefix);
        bytes.extend(fields);
        bytes[at..at + 2].copy_from_slice(&(fields.len() as u16 + more).to_be_bytes());
        let padded = bytes.len().next_multiple_of(8);
        bytes.resize(padded, 0xa5);
        let length = bytes.len() as u16;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        bytes.into()
    }

    /// What these fields are once they have been read and written again; or what is wrong.
    fn ours(self, entries: &[Entry]) -> Result<String, ErrorCode> {
        let fields: Vec<u8> = entries.iter().flat_map(Entry::bytes).collect();
        let read = Message::decode(&self.request(&fields)).map_err(|error| error.code)?;
        Ok(entry::text(&self.fields(&read.message)))
    }

    /// The same by Open vSwitch.
    fn stock(self, texts: &[String]) -> Vec<String> {
        let output = ovs(self.arguments, texts);
        let lines: Vec<String> = output.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), texts.len());
        lines
    }
}

fn request(matching: Match) -> Message {
    let request = FlowStatsRequest { matching, ..FlowStatsRequest::default() };
    Message::MultipartRequest { more: false, body: MultipartRequest::Flow(request) }
}

fn result(outcome: Result<String, ErrorCode>) -> String {
    outcome.unwrap_or_else(|code| {
        format!("nx_pull_match() returned error {}", code.name().unwrap_or_default())
    })
}

/// What OpenFlow 1.3 cannot say of a tag in its own fields is lost in Open vSwitch.
fn has_oxm(field: Field) -> bool {
    field != Field::VlanTci
}

/// Is there a field that may say that the packet has not got others, before or behind these? Open
/// vSwitch takes some of that, but would not take what it writes then.
fn is_late(entries: &[Entry]) -> bool {
    let names = ["NXM_NX_IP_FRAG", "NXM_NX_ICMPV6_CODE", "OXM_OF_ICMPV6_CODE"];
    entries.iter().any(|entry| names.contains(&entry.name))
}

fn compare(form: Form, lists: &[Vec<Entry>]) {
    let numbers = |entries: &Vec<Entry>| {
        let texts: Vec<String> = entries.iter().map(Entry::numbers).collect();
        if texts.is_empty() { "<any>".to_owned() } else { texts.join(" ") }
    };
    let texts: Vec<String> = lists.iter().map(numbers).collect();
    let mut wrong = Vec::new();
    let mut good = 0;
    for ((entries, text), stock) in lists.iter().zip(&texts).zip(form.stock(&texts)) {
        let ours = form.ours(entries);
        good += usize::from(ours.is_ok());
        if ours == Err(ErrorCode::OFPBMC_BAD_PREREQ) && is_late(entries) {
            continue;
        }
        let ours = result(ours);
        if ours != stock {
            let names = entry::text(entries);
            wrong.push(format!("{names}\n {text}\n ours  {ours}\n stock {stock}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(good > lists.len() / 4, "only {good} of {} are right", lists.len());
}

#[test]
fn nxm_is_read_and_written_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    let cookies = proptest::collection::vec(entry::cookie(), 0..3);
    let cookies = prop_oneof![3 => Just(Vec::new()), 1 => cookies];
    let lists = (entry::entries(|_| true), cookies)
        .prop_map(|(entries, cookies)| [entries, cookies].concat());
    compare(NXM, &some("nxm", &lists, count()));
}

#[test]
fn oxm_is_read_and_written_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    compare(OXM, &some("oxm", &entry::entries(has_oxm), count()));
}

/// What we write, Open vSwitch would write.
#[test]
fn matches_are_written_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    for form in [NXM, OXM] {
        let known = |matching: &Match| {
            let tag = matching.get(Field::VlanTci).unwrap_or_default();
            matching.fields().all(|(field, ..)| entry::is_known(field))
                && [0, 7].contains(&(tag.1 >> 13))
                && matching.tunnel_options().is_empty()
                && matching.opaque_fields().is_empty()
        };
        let strategy = matching::matching(form.protocol).prop_filter("unknown to stock", known);
        let matches = some("matches", &strategy, count() / 2);
        let texts: Vec<String> = matches
            .into_iter()
            .map(|matching| entry::text(&form.fields(&request(matching))))
            .collect();
        for (ours, stock) in texts.iter().zip(form.stock(&texts)) {
            assert_eq!(*ours, stock);
        }
    }
}

/// The 40 bytes of OpenFlow 1.0's match, with all that may stand in them.
fn of10() -> BoxedStrategy<[u8; 40]> {
    let wildcards = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>());
    let wildcards = wildcards.prop_map(|(a, b, c, few)| if few { a & b & c } else { a | b });
    let kinds = vec![
        (0x0800, 1),
        (0x0800, 6),
        (0x0800, 17),
        (0x0800, 132),
        (0x0800, 99),
        (0x86dd, 6),
        (0x86dd, 58),
        (0x86dd, 1),
        (0x0806, 1),
        (0x8035, 3),
        (0x8847, 0),
        (0x05ff, 6),
        (0x0800, 58),
    ];
    let vlans = prop_oneof![1 => Just(0xffff), 2 => any::<u16>(), 1 => 0..10u16];
    let ports = prop_oneof![any::<u16>(), 0xfff0..=0xffffu16, 0..10u16];
    (wildcards, ports, vlans, proptest::sample::select(kinds), any::<[u8; 40]>())
        .prop_map(|(wildcards, port, vlan, (eth_type, protocol), mut bytes)| {
            bytes[..4].copy_from_slice(&wildcards.to_be_bytes());
            bytes[4..6].copy_from_slice(&port.to_be_bytes());
            bytes[18..20].copy_from_slice(&vlan.to_be_bytes());
            bytes[22..24].copy_from_slice(&u16::to_be_bytes(eth_type));
            bytes[25] = protocol;
            if [1, 58].contains(&protocol) {
                // Of type and code of ICMP, 8 bits count (OpenFlow 1.0.1 §3.4).
                (bytes[36], bytes[38]) = (0, 0);
            }
            bytes
        })
        .boxed()
}

/// The match as we write it again, and as we write it from a change of the flow table.
fn ours(bytes: [u8; 40]) -> [[u8; 40]; 2] {
    [("request", 12, 16, &[0, 0, 0xff, 0, 0xff, 0xff][2..]), ("change", 8, 14, &[0; 24][..])].map(
        |(what, before, kind, behind)| {
            let mut message = vec![1, kind, 0, 0, 0, 0, 0, 0];
            message.extend([0, 1, 0, 0].iter().take(before - 8));
            message.extend(bytes);
            message.extend(behind);
            let length = message.len() as u16;
            message[2..4].copy_from_slice(&length.to_be_bytes());
            let read = Message::decode(&message.into());
            let read = read.unwrap_or_else(|error| panic!("{what}: {error}: {bytes:02x?}"));
            let mut written = Vec::new();
            let result = read.message.encode(Protocol::OF10, 1, &mut written);
            result.unwrap_or_else(|error| panic!("{what}: {error}: {:?}", read.message));
            *written[before..].first_chunk().expect("a match")
        },
    )
}

/// The same as Open vSwitch prints it: the bytes that differ.
fn stock(bytes: [u8; 40], text: &str) -> [[u8; 40]; 2] {
    let mut results = [bytes, bytes];
    for line in text.lines() {
        let (normal, line) = match line.strip_prefix("normal: ") {
            Some(line) => (true, line),
            None => (false, line),
        };
        let Some((place, bytes)) = line.split_once(": ") else { continue };
        let (Ok(place), Some((_, new))) = (place.trim().parse::<usize>(), bytes.split_once(" -> "))
        else {
            continue;
        };
        let new = u8::from_str_radix(new, 16).expect("hex");
        if !normal {
            results[0][place] = new;
        }
        results[1][place] = new;
    }
    results
}

#[test]
fn openflow_1_0_is_read_and_written_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    let matches = some("openflow 1.0", &of10(), count());
    let hex = |bytes: &[u8; 40]| entry::hex(bytes);
    let output = ovs(&["parse-ofp10-match"], &matches.iter().map(hex).collect::<Vec<_>>());
    let texts: Vec<&str> = output.trim_end().split("\n\n").collect();
    assert_eq!(texts.len(), matches.len());
    for (bytes, text) in matches.into_iter().zip(texts) {
        assert_eq!(
            ours(bytes).map(|b| hex(&b)),
            stock(bytes, text).map(|b| hex(&b)),
            "{}: {text}",
            hex(&bytes)
        );
    }
}
