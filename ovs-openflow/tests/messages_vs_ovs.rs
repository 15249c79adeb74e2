//! What we write, Open vSwitch reads without finding fault, and prints as we do.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
#[allow(dead_code, reason = "not every test needs all of it")]
mod peer;

use ovs_openflow::print::Printer;
use peer::ofctl::{
    UNKNOWN, error_of, is_tolerated, may_differ, without_empty_packet, without_zeros,
};
use peer::subjects::{Subject, reason, subjects};

/// Messages of each kind.
fn count() -> usize {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    (cases.unwrap_or(256) / 20).max(1)
}

#[test]
fn ovs_reads_and_prints_the_same() {
    if !peer::is_installed("ovs-ofctl") {
        return;
    }
    let subjects = subjects(count(), UNKNOWN);
    let messages: Vec<Vec<u8>> = subjects.iter().flat_map(Subject::encoded).collect();
    let mut texts = peer::ofctl::print(&messages).into_iter();
    let mut faults = Vec::new();
    let mut agreed = 0;
    for subject in &subjects {
        for (message, bytes) in subject.messages.iter().zip(subject.encoded()) {
            let said = || format!("{message:?}");
            let theirs = texts.next().unwrap();
            let ours = Printer { verbosity: 2, ..Printer::default() }.print(&bytes.clone().into());
            match (error_of(&theirs), reason(subject, UNKNOWN)) {
                (Some(_), Some(_)) => {}
                (Some(error), None) if is_tolerated(&subject.name, error, &said()) => {}
                (Some(error), None) => faults.push(format!("{subject}: {error}: {ours}")),
                (None, _) if without_zeros(&ours) == without_empty_packet(&theirs) => agreed += 1,
                (None, _) if may_differ(&subject.name) => {}
                (None, _) => faults.push(format!("{subject}\nours   {ours}stock  {theirs}")),
            }
        }
    }
    println!("{agreed} of {} messages are printed alike", messages.len());
    let shown: Vec<_> = faults.iter().take(100).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} differ\n{}", faults.len(), shown.join("\n"));
}
