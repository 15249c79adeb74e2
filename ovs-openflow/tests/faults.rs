//! Messages with one thing wrong each: the error has the code that the specification names, and
//! says in which structure it is. Open vSwitch finds the same.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
#[allow(dead_code, reason = "not every test needs all of it")]
mod peer;
#[path = "faults/table.rs"]
mod table;

use ovs_openflow::Message;
use table::{Fault, faults};

#[test]
fn errors_have_the_right_code_and_place() {
    let mut wrong = Vec::new();
    for Fault { what, message, code, structure, .. } in faults() {
        let text = match Message::decode(&message.clone().into()) {
            Err(error) if error.code == code && error.structure == structure => {
                assert!(error.offset <= message.len(), "{what}");
                continue;
            }
            Err(error) => format!("{:?} in {}", error.code, error.structure),
            Ok(envelope) => format!("{envelope:?}"),
        };
        wrong.push(format!("{what}: {text}, not {code:?} in {structure}"));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn errors_are_those_of_ovs() {
    if !peer::is_installed("ovs-ofctl") {
        return;
    }
    let faults = faults();
    let messages: Vec<Vec<u8>> = faults.iter().map(|fault| fault.message.clone()).collect();
    let mut wrong = Vec::new();
    for (fault, text) in faults.iter().zip(peer::ofctl::print(&messages)) {
        let theirs = peer::ofctl::error_of(&text);
        let ours = fault.code.to_string();
        match (fault.differs, theirs == Some(&*ours)) {
            (None, true) | (Some(_), false) => {}
            (None, false) => wrong.push(format!("{}: {ours}, stock: {text}", fault.what)),
            (Some(_), true) => wrong.push(format!("{}: it does not differ any more", fault.what)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
