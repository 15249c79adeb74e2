//! What we write, Wireshark dissects without finding fault, as far as it knows it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
#[allow(dead_code, reason = "not every test needs all of it")]
mod peer;

use peer::subjects::{Subject, reason, subjects};
use peer::tshark::{UNKNOWN, Verdict, excuse, verdicts, with_good_packet};

#[test]
fn tshark_finds_no_fault() {
    if !peer::is_installed("tshark") {
        return;
    }
    let mut subjects = subjects(4, UNKNOWN);
    for subject in &mut subjects {
        subject.messages.iter_mut().for_each(|message| *message = with_good_packet(message));
    }
    let messages: Vec<Vec<u8>> = subjects.iter().flat_map(Subject::encoded).collect();
    let mut found = verdicts(&messages).into_iter();
    let mut faults = Vec::new();
    let (mut dissected, mut unknown) = (0, 0);
    for subject in &subjects {
        let excused = excuse(&subject.name, subject.protocol_name).is_some()
            || reason(subject, UNKNOWN).is_some();
        for message in &subject.messages {
            match found.next().unwrap() {
                Verdict::Dissected => dissected += 1,
                Verdict::Unknown => unknown += 1,
                Verdict::Fault(_) if excused => {}
                Verdict::Fault(fault) => faults.push(format!("{subject}: {fault}: {message:?}")),
            }
        }
    }
    println!("{dissected} of {} are dissected, {unknown} have unknown parts", messages.len());
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
    assert!(dissected > messages.len() / 6, "{dissected}");
}
