//! Messages with a byte or two changed: Open vSwitch and we find fault with the same of them, for
//! the same reason.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
#[path = "damaged/differences.rs"]
mod differences;
#[allow(dead_code, reason = "not every test needs all of it")]
mod peer;

use arbitrary::XID;
use arbitrary::runner::some;
use bytes::Bytes;
use differences::{Finding, is_deliberate};
use ovs_openflow::{Message, Protocol};
use peer::subjects::{Section, Subject, subjects};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;

/// Damaged messages of each kind: `PROPTEST_CASES`, divided.
fn count() -> usize {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    (cases.unwrap_or(256) / 8).max(1)
}

/// Another byte, or another 16 bits, or an end that is cut off. The header's length is right.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Byte(Index, u8),
    Step(Index, bool),
    Number(Index, u16),
    Cut(Index),
    Longer(u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), 0..16u8, Just(0xff)];
    let number = prop_oneof![0..64u16, Just(0xffff), any::<u16>()];
    prop_oneof![
        4 => (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(at, up)| Damage::Step(at, up)),
        2 => (any::<Index>(), number).prop_map(|(at, number)| Damage::Number(at, number)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => (1..16u8).prop_map(Damage::Longer),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: Damage) -> Vec<u8> {
    // What is before tells what it is: type and transaction.
    let body = bytes.len() - 8;
    match damage {
        Damage::Byte(at, byte) if body > 0 => bytes[8 + at.index(body)] = byte,
        Damage::Step(at, up) if body > 0 => {
            let byte = &mut bytes[8 + at.index(body)];
            *byte = if up { byte.wrapping_add(1) } else { byte.wrapping_sub(1) };
        }
        Damage::Number(at, number) if body > 1 => {
            let at = 8 + at.index(body / 2) * 2;
            bytes[at..at + 2].copy_from_slice(&number.to_be_bytes());
        }
        Damage::Cut(at) if body > 0 => bytes.truncate(8 + at.index(body)),
        Damage::Longer(more) => bytes.resize(bytes.len() + usize::from(more), 0),
        _ => {}
    }
    let length = (bytes.len() as u16).to_be_bytes();
    bytes[2..4].copy_from_slice(&length);
    bytes
}

#[test]
fn ovs_finds_the_same_faults() {
    if !peer::is_installed("ovs-ofctl") {
        return;
    }
    let subjects = subjects(count(), peer::ofctl::UNKNOWN);
    let mut messages = Vec::new();
    let mut of = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.section != Section::Field) {
        let damages = some(&subject.to_string(), &damage(), count());
        for (bytes, damage) in subject.encoded().into_iter().zip(damages) {
            messages.push(damaged(bytes, damage));
            of.push(subject);
        }
    }
    let texts = peer::ofctl::print(&messages);
    let mut differences: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut agreed, mut deliberate, mut others) = (0, 0, 0);
    for ((bytes, text), subject) in messages.iter().zip(&texts).zip(of) {
        let finding = find(bytes, text);
        if finding.ours == finding.theirs {
            agreed += 1;
        } else if is_deliberate(&subject.name, &finding) {
            deliberate += 1;
        } else {
            // Of several faults that a damage makes, either may find another first.
            others += usize::from(finding.ours.is_some() && finding.theirs.is_some());
            let Finding { ours, theirs, .. } = &finding;
            let key = format!("{}: ours {ours:?}, stock {theirs:?}", subject.name);
            let example = || format!("{}\n{}\n{text}", example(subject, bytes), finding.text);
            differences.entry(key).or_insert_with(|| (0, example())).0 += 1;
        }
    }
    println!("{agreed} agree, {deliberate} differ on purpose, of {}", messages.len());
    let shown = differences.iter().map(|(key, (times, one))| format!("{times} × {key}\n{one}"));
    let shown: Vec<String> = shown.take(60).collect();
    let total: usize = differences.values().map(|(times, _)| times).sum();
    let text = shown.join("\n");
    assert!(total == others && others * 200 <= messages.len(), "{total} differ\n{text}");
}

fn find(bytes: &[u8], text: &str) -> Finding {
    // Where a flow-mod of OpenFlow 1.0 may name its table, it is taken to do so.
    let protocol = Protocol { table_id: true, ..Protocol::OF10 };
    let result = Message::decode_in(&Bytes::copy_from_slice(bytes), protocol);
    let ours = result.as_ref().err().map(|error| error.code.to_string());
    let theirs = peer::ofctl::error_of(text).map(str::to_owned);
    Finding {
        ours,
        theirs,
        text: result.map_or_else(|error| error.to_string(), |read| format!("{read:?}")),
    }
}

fn example(subject: &Subject, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let _ = XID;
    format!("{subject}: {hex}")
}
