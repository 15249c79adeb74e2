//! Keeps VERIFIED.md: which message, action and field of which version has been shown to which other
//! program. `UPDATE_VERIFIED=1` of the environment writes it anew.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
#[allow(dead_code, reason = "not every test needs all of it")]
mod peer;

use ovs_openflow::message::{MultipartRequest, PacketOut};
use ovs_openflow::print::Printer;
use ovs_openflow::{Message, Version, text};
use peer::ofctl::{error_of, without_empty_packet, without_zeros};
use peer::subjects::{Section, Subject, reason, subjects};
use peer::tshark::{Verdict, excuse, with_good_packet};
use peer::{ofctl, tshark};
use std::collections::BTreeMap;
use std::process::Command;

/// Messages of each kind. What is verified must not depend on which they are.
const COUNT: usize = 8;

/// What has been found of one thing in one version.
#[derive(Clone, Default)]
struct Found {
    /// It is part of the version.
    exists: bool,
    printed: bool,
    parsed: bool,
    dissected: bool,
    reason: Option<&'static str>,
}

#[test]
fn verified_md_is_up_to_date() {
    if !peer::is_installed("ovs-ofctl") || !peer::is_installed("tshark") {
        return;
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("VERIFIED.md");
    let page = page();
    if std::env::var("UPDATE_VERIFIED").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let versions = versions();
    if !kept.is_empty() && !kept.contains(&versions) {
        eprintln!("skipped: VERIFIED.md is not of {versions}");
        return;
    }
    let differences: Vec<_> = page.lines().filter(|line| !kept.contains(line)).collect();
    assert!(
        kept == page,
        "VERIFIED.md is stale: UPDATE_VERIFIED=1 cargo test -p ovs-openflow --test verified\n{}",
        differences.join("\n")
    );
}

/// The programs that are asked.
fn versions() -> String {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output().expect("the program");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
        text.split_whitespace().find(is_number).unwrap_or("?").to_owned()
    };
    format!("Open vSwitch {} and Wireshark {}", version("ovs-ofctl"), version("tshark"))
}

fn page() -> String {
    let mut page = format!(
        "# What has been compared with what\n\n\
        Every message, action and field that this crate writes is read again by it, and is then the same; \
        that is not said below. Besides, each has been shown to {}:\n\n\
        - *printed*: `ovs-ofctl ofp-print` reads what we write, and prints the text that we print.\n\
        - *parsed*: `ovs-ofctl parse-flow` reads the text that we print.\n\
        - *dissected*: `tshark` dissects all of it, and finds no fault.\n\n\
        Where there is none of them, it is said why. What a version does not have has a dash. This page is \
        written by `UPDATE_VERIFIED=1 cargo test -p ovs-openflow --test verified`.\n",
        versions()
    );
    let found = all_found();
    for (section, title, column) in [
        (Section::Message, "Messages", "message"),
        (Section::Action, "Actions", "action"),
        (Section::Field, "Fields of matches", "field"),
    ] {
        page +=
            &format!("\n## {title}\n\n| {column} | OpenFlow 1.0 | OpenFlow 1.3 |\n|---|---|---|\n");
        for (name, [old, new]) in
            found.iter().filter(|(key, _)| key.0 == section).map(|(key, found)| (&key.2, found))
        {
            page += &format!("| {name} | {} | {} |\n", cell(old), cell(new));
        }
    }
    page
}

fn cell(found: &Found) -> String {
    if !found.exists {
        return "–".to_owned();
    }
    let words =
        [(found.printed, "printed"), (found.parsed, "parsed"), (found.dissected, "dissected")];
    let words: Vec<_> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    match (words.is_empty(), found.reason) {
        (false, _) => words.join(", "),
        (true, reason) => reason.unwrap_or("no").to_owned(),
    }
}

/// By section and place in it, in OpenFlow 1.0 (with or without its extensions) and 1.3.
fn all_found() -> BTreeMap<(Section, usize, String), [Found; 2]> {
    let subjects = subjects(COUNT, ofctl::UNKNOWN);
    let messages: Vec<Vec<u8>> = subjects.iter().flat_map(Subject::encoded).collect();
    let texts = ofctl::print(&messages);
    let mut good = Vec::new();
    for subject in &subjects {
        let messages = subject.messages.iter().map(with_good_packet).collect();
        let (name, section) = (subject.name.clone(), subject.section);
        let Subject { protocol, protocol_name, .. } = *subject;
        good.extend(Subject { section, name, protocol_name, protocol, messages }.encoded());
    }
    let verdicts = tshark::verdicts(&good);
    let mut places: BTreeMap<(Section, String), usize> = BTreeMap::new();
    let mut all: BTreeMap<(Section, usize, String), [Found; 2]> = BTreeMap::new();
    let mut begin = 0;
    for subject in &subjects {
        let end = begin + subject.messages.len();
        let next = places.len();
        let place = *places.entry((subject.section, subject.name.clone())).or_insert(next);
        let found = all.entry((subject.section, place, subject.name.clone())).or_default();
        let found = &mut found[usize::from(subject.protocol.version > Version::OF10)];
        found.exists = true;
        found.printed |= is_printed(&messages[begin..end], &texts[begin..end]);
        found.dissected |= verdicts[begin..end].contains(&Verdict::Dissected);
        found.parsed |= is_parsed(subject);
        found.reason =
            reason(subject, ofctl::UNKNOWN).or(excuse(&subject.name, subject.protocol_name));
        begin = end;
    }
    all
}

/// Are some of the messages printed alike?
fn is_printed(messages: &[Vec<u8>], texts: &[String]) -> bool {
    messages.iter().zip(texts).any(|(bytes, theirs)| {
        let ours = Printer { verbosity: 2, ..Printer::default() }.print(&bytes.clone().into());
        error_of(theirs).is_none() && without_zeros(&ours) == without_empty_packet(theirs)
    })
}

/// Matches that actions may need, of all sorts of packets.
const MATCHES: &[&str] = &[
    "",
    "tcp,",
    "udp,",
    "sctp,",
    "icmp,",
    "icmp6,icmp_type=135,",
    "icmp6,icmp_type=136,",
    "tcp6,",
    "udp6,",
    "arp,",
    "mpls,",
    "dl_vlan=1,ip,",
    "dl_type=0x894f,",
    "ct_state=+trk+est,ip,",
];

/// Is the text of some of the flows with this action or field read?
fn is_parsed(subject: &Subject) -> bool {
    let version = subject.protocol.version;
    subject.messages.iter().take(3).any(|message| match message {
        Message::PacketOut(PacketOut { actions, .. }) if subject.section == Section::Action => {
            let actions = text::show_actions(actions).to_string();
            MATCHES.iter().any(|on| ofctl::parses(&format!("{on}actions={actions}"), version))
        }
        Message::MultipartRequest { body: MultipartRequest::Flow(request), .. } => {
            let matching = text::show_match(&request.matching);
            subject.section == Section::Field
                && ofctl::parses(&format!("{matching} actions=drop"), version)
        }
        _ => false,
    })
}
