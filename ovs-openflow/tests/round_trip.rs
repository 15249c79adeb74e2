//! What is written and read again is the same: values and bytes.
//!
//! `PROTEST_CASES` and `SEED` choose how many values are tried, and which.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;

use arbitrary::action::{actions, legacy_actions};
use arbitrary::runner::Checks;
use arbitrary::{PROTOCOLS, XID, matching, messages};
use bytes::Bytes;
use ovs_core::PortNo;
use ovs_core::action::Action;
use ovs_core::flow::FlowMod;
use ovs_core::matching::Match;
use ovs_openflow::message::{FlowStatsRequest, MultipartRequest, PacketOut};
use ovs_openflow::{Envelope, Header, Message, Protocol, Version};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeSet;

type Outcome = Result<(), TestCaseError>;

/// A message as bytes, appended to a buffer that has junk before and behind, of which nothing must
/// get into the message.
fn encode(message: &Message, protocol: Protocol, junk: u8) -> Result<Bytes, TestCaseError> {
    let before = usize::from(junk & 15);
    let mut buffer = vec![junk; 70_000];
    buffer.truncate(before);
    let result = message.encode(protocol, XID, &mut buffer);
    prop_assert!(result.is_ok(), "{result:?} of {message:?}");
    prop_assert!(buffer[..before].iter().all(|byte| *byte == junk), "what was there is changed");
    Ok(Bytes::from(buffer).slice(before..))
}

/// The same bytes in the middle of a larger buffer.
fn surrounded(bytes: &[u8]) -> Bytes {
    let mut larger = vec![0xee; 5];
    larger.extend(bytes);
    larger.extend([0xee; 9]);
    Bytes::from(larger).slice(5..5 + bytes.len())
}

fn decode(bytes: &[u8], protocol: Protocol) -> Result<Envelope, TestCaseError> {
    let result = Message::decode_in(&surrounded(bytes), protocol);
    result.map_err(|error| TestCaseError::fail(format!("{error}: {error:?} of {bytes:02x?}")))
}

/// Writes and reads a message, and writes what was read.
fn there_and_back(message: &Message, protocol: Protocol) -> Result<Envelope, TestCaseError> {
    let bytes = encode(message, protocol, 0xa5)?;
    prop_assert_eq!(&bytes, &encode(message, protocol, 0x5c)?, "there is junk in it");
    let header = Header::peek(&bytes).unwrap();
    prop_assert_eq!((header.version, header.xid), (protocol.version, XID));
    prop_assert_eq!(usize::from(header.length), bytes.len());

    let read = decode(&bytes, protocol)?;
    prop_assert_eq!((read.protocol.version, read.xid), (protocol.version, XID));
    let again = encode(&read.message, read.protocol, 0x33)?;
    prop_assert_eq!(&bytes[..], &again[..], "read as {:?}", read);
    Ok(read)
}

fn stays_the_same(message: &Message, protocol: Protocol) -> Outcome {
    let read = there_and_back(message, protocol)?;
    prop_assert_eq!(&read.message, message);
    Ok(())
}

#[test]
fn messages_stay_the_same() {
    let mut checks = Checks::default();
    for (name, protocol) in PROTOCOLS {
        for (kind, strategy) in messages(protocol) {
            let what = format!("{kind} of {name}");
            checks.check(&what, &strategy, 0.1, |message| stays_the_same(&message, protocol));
        }
    }
    checks.end();
}

/// A message with these actions.
fn packet_out(actions: Vec<Action>) -> Message {
    let data = Bytes::from_static(b"frame");
    Message::PacketOut(PacketOut { buffer: None, in_port: PortNo(1), actions, data })
}

#[test]
fn actions_stay_the_same() {
    let mut checks = Checks::default();
    for (name, protocol) in PROTOCOLS {
        for (kind, strategy) in actions(protocol) {
            let what = format!("{kind} of {name}");
            checks.check(&what, &strategy, 0.1, |action| {
                stays_the_same(&packet_out(vec![action]), protocol)
            });
        }
    }
    checks.end();
}

#[test]
fn actions_in_other_forms_do_the_same() {
    let mut checks = Checks::default();
    for (name, protocol) in [PROTOCOLS[0], PROTOCOLS[3]] {
        for (kind, strategy) in legacy_actions(protocol) {
            let what = format!("{kind} of {name}");
            checks.check(&what, &strategy, 0.1, |action| {
                let read = there_and_back(&packet_out(vec![action.clone()]), protocol)?;
                let Message::PacketOut(PacketOut { actions, .. }) = read.message else {
                    panic!("{what}: {read:?}");
                };
                if action.assignment().is_some() {
                    let [one] = &actions[..] else { panic!("{what}: {actions:?}") };
                    prop_assert_eq!(one.assignment(), action.assignment());
                }
                prop_assert!(!actions.is_empty());
                Ok(())
            });
        }
    }
    checks.end();
}

#[test]
fn fields_stay_the_same() {
    let mut checks = Checks::default();
    for (name, protocol) in PROTOCOLS {
        for (field, strategy) in matching::fields(protocol) {
            let what = format!("{field} of {name}");
            checks.check(&what, &strategy, 0.05, |matching| {
                stays_the_same(&request(matching), protocol)
            });
        }
    }
    checks.end();
}

fn request(matching: Match) -> Message {
    let request = FlowStatsRequest { matching, ..FlowStatsRequest::default() };
    Message::MultipartRequest { more: false, body: MultipartRequest::Flow(request) }
}

/// A version refuses what it cannot say, and leaves the buffer alone; or says it so that it can be
/// read.
#[test]
fn other_versions_refuse_or_write_something_readable() {
    let mut checks = Checks::default();
    for (name, from) in [PROTOCOLS[0], PROTOCOLS[1], PROTOCOLS[3]] {
        for (kind, strategy) in messages(from) {
            let what = format!("{kind} of {name}");
            checks.check(&what, &strategy, 0.04, |message| {
                for (_, protocol) in PROTOCOLS {
                    let mut buffer = vec![7; 3];
                    match message.encode(protocol, XID, &mut buffer) {
                        Err(_) => prop_assert_eq!(&buffer, &[7; 3]),
                        Ok(()) => drop(decode(&buffer[3..], protocol)?),
                    }
                }
                Ok(())
            });
        }
    }
    checks.end();
}

/// Nicira's form of a flow-mod is there in OpenFlow 1.3 too.
#[test]
fn nicira_form_in_openflow_1_3() {
    let mut checks = Checks::default();
    let protocol = Protocol { nxm: true, ..Protocol::OF13 };
    let form = Protocol { version: Version::OF10, ..protocol };
    checks.check("NXT_FLOW_MOD of OpenFlow 1.3", &arbitrary::flow::flow_mod(form), 1.0, |change| {
        let change = FlowMod { instructions: Default::default(), ..change };
        stays_the_same(&Message::FlowMod(change), protocol)
    });
    checks.end();
}

/// Names of the variants of an enum, from its source: what is not exhaustive cannot be told from
/// outside.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let text = std::fs::read_to_string(path).expect("the source");
    let (_, rest) = text.split_once(&format!("pub enum {name} {{\n")).expect("the enum");
    let (body, _) = rest.split_once("\n}\n").expect("its end");
    let of_line = |line: &str| {
        let line = line.strip_prefix("    ")?;
        let end = line.find([',', '(', ' ']).unwrap_or(line.len());
        line.starts_with(|first: char| first.is_ascii_uppercase()).then(|| line[..end].to_owned())
    };
    let found: BTreeSet<String> = body.lines().filter_map(of_line).collect();
    assert!(found.len() > 10, "{found:?}");
    found
}

fn name_of(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

/// What is tested here are all messages and actions that there are.
#[test]
fn nothing_is_left_out() {
    let mut found = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    for (name, protocol) in PROTOCOLS {
        for (kind, strategy) in messages(protocol) {
            let one = &arbitrary::runner::some(name, &strategy, 1)[0];
            assert_eq!(name_of(one), kind.message);
            found[0].insert(name_of(one));
            match one {
                Message::MultipartRequest { body, .. } => drop(found[1].insert(name_of(body))),
                Message::MultipartReply { body, .. } => drop(found[2].insert(name_of(body))),
                _ => {}
            }
        }
        for (kind, strategy) in actions(protocol) {
            let one = &arbitrary::runner::some(name, &strategy, 1)[0];
            assert_eq!(name_of(one), kind);
            found[3].insert(name_of(one));
        }
        // In no version an action of this form is read: OpenFlow 1.1's.
        let others = legacy_actions(protocol).into_iter().filter(|(name, _)| !name.contains(' '));
        found[3].extend(others.map(|(name, _)| name.to_owned()));
    }
    // It stands in a `ct` only.
    found[3].insert("Nat".to_owned());
    assert_eq!(found[0], variants("src/message/mod.rs", "Message"));
    assert_eq!(found[1], variants("src/message/multipart.rs", "MultipartRequest"));
    assert_eq!(found[2], variants("src/message/multipart.rs", "MultipartReply"));
    assert_eq!(found[3], variants("../ovs-core/src/action/mod.rs", "Action"));
}
