//! Bytes that are no message, or nearly one: whatever they are, reading them ends, with a bounded
//! amount of memory and without a panic.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod arbitrary;
mod memory;

use arbitrary::runner::some;
use arbitrary::{PROTOCOLS, XID, messages};
use bytes::Bytes;
use ovs_openflow::{Message, Protocol};

/// Bytes of memory that reading may have at a time for each byte of a message, and besides. Most
/// memory for its bytes takes a property that is empty; it is doubled when a list grows.
const PER_BYTE: usize = 50;
const BESIDES: usize = 4096;

/// How many messages of each kind are damaged: `PROPTEST_CASES`, divided.
fn per_kind() -> usize {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    (cases.unwrap_or(256) / 128).max(1)
}

/// Messages of every kind in every protocol.
fn each_message(mut check: impl FnMut(&str, Protocol, Vec<u8>)) {
    for (name, protocol) in PROTOCOLS {
        for (kind, strategy) in messages(protocol) {
            let what = format!("{kind} of {name}");
            for message in some(&what, &strategy, per_kind()) {
                let mut bytes = Vec::new();
                message.encode(protocol, XID, &mut bytes).unwrap();
                check(&what, protocol, bytes);
            }
        }
    }
}

/// Reads something, which may fail; if it does not, it can be written, perhaps in another form, and
/// that form stays.
fn read(what: &str, bytes: &[u8], protocol: Protocol) -> bool {
    let shared = Bytes::copy_from_slice(bytes);
    let (result, used) = memory::used(|| Message::decode_in(&shared, protocol));
    let limit = PER_BYTE * bytes.len() + BESIDES;
    assert!(used <= limit, "{what}: {used} bytes of memory for {}: {bytes:02x?}", bytes.len());
    let Ok(envelope) = result else { return false };
    let about = || format!("{what}: {envelope:?} of {bytes:02x?}");
    let mut written = Vec::new();
    envelope.encode(&mut written).unwrap_or_else(|error| panic!("{error}: {}", about()));
    let written = Bytes::from(written);
    let second = Message::decode_in(&written, protocol);
    let second = second.unwrap_or_else(|error| panic!("{error}: {}", about()));
    let mut again = Vec::new();
    second.encode(&mut again).unwrap_or_else(|error| panic!("{error}: {}", about()));
    assert!(written == again, "{} becomes {second:?}", about());
    true
}

fn set_length(message: &mut [u8], length: usize) {
    message[2..4].copy_from_slice(&(length as u16).to_be_bytes());
}

#[test]
fn shortened_messages() {
    each_message(|what, protocol, bytes| {
        for length in 0..bytes.len() {
            let mut cut = bytes[..length].to_vec();
            assert!(!read(what, &cut, protocol), "{what}: {length} bytes of {bytes:02x?}");
            if length >= 4 {
                set_length(&mut cut, length);
                assert!(!read(what, &cut, protocol) || length >= 8, "{what}: {length} bytes");
            }
        }
    });
}

#[test]
fn lengthened_messages() {
    each_message(|what, protocol, mut bytes| {
        for added in [0x00, 0xff] {
            let right = bytes.len();
            for more in 1..=16 {
                bytes.push(added);
                assert!(!read(what, &bytes, protocol), "{what}: {more} bytes too many");
                set_length(&mut bytes, right + more);
                read(what, &bytes, protocol);
                set_length(&mut bytes, right);
            }
            bytes.truncate(right);
        }
    });
}

#[test]
fn changed_bytes() {
    each_message(|what, protocol, mut bytes| {
        for at in 0..bytes.len() {
            let right = bytes[at];
            for wrong in [0x00, 0xff, right.wrapping_add(1), right.wrapping_sub(1), right ^ 0x80] {
                bytes[at] = wrong;
                read(what, &bytes, protocol);
            }
            bytes[at] = right;
        }
    });
}

/// Where a length or a count may stand, there are such as no message can have.
#[test]
fn changed_lengths() {
    each_message(|what, protocol, mut bytes| {
        for at in (4..bytes.len().saturating_sub(1)).step_by(2) {
            let right = [bytes[at], bytes[at + 1]];
            let number = u16::from_be_bytes(right);
            let near = [number.wrapping_sub(8), number.wrapping_sub(4), number.wrapping_add(4)];
            let far = [0, 1, 4, 8, 0x7fff, 0xfff8, 0xffff, bytes.len() as u16];
            for wrong in near.into_iter().chain(far) {
                bytes[at..at + 2].copy_from_slice(&wrong.to_be_bytes());
                read(what, &bytes, protocol);
            }
            bytes[at..at + 2].copy_from_slice(&right);
        }
        for at in (8..bytes.len().saturating_sub(3)).step_by(4) {
            let right = bytes[at..at + 4].to_vec();
            for wrong in [0u32, 0x7fff_ffff, 0xffff_fff8, 0xffff_ffff] {
                bytes[at..at + 4].copy_from_slice(&wrong.to_be_bytes());
                read(what, &bytes, protocol);
            }
            bytes[at..at + 4].copy_from_slice(&right);
        }
    });
}

/// The header of an action of Nicira's with so many bytes, of which `length` are these and what is
/// inside.
fn nicira_action(subtype: u16, fixed: usize, inside: Vec<u8>) -> Vec<u8> {
    let length = (fixed + inside.len()) as u16;
    let mut action = vec![0xff, 0xff];
    action.extend(length.to_be_bytes());
    action.extend([0, 0, 0x23, 0x20]);
    action.extend(subtype.to_be_bytes());
    action.resize(fixed, 0);
    action.extend(inside);
    action
}

/// A packet-out of OpenFlow 1.3 with these actions.
fn packet_out(actions: &[u8]) -> Vec<u8> {
    let mut message = vec![4, 13, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1];
    message.extend((actions.len() as u16).to_be_bytes());
    message.extend([0; 6]);
    message.extend(actions);
    let length = message.len();
    set_length(&mut message, length);
    message
}

/// Deep nesting neither ends the program nor takes its time: as deep as there is room for.
#[test]
fn nested_actions() {
    const CLONE: (u16, usize) = (42, 16);
    const CT: (u16, usize) = (35, 24);
    for (subtype, fixed) in [CLONE, CT] {
        for depth in [1, 2, 10, 30, 100, 1000, 65_000 / fixed] {
            let mut action = Vec::new();
            for _ in 0..depth {
                action = nicira_action(subtype, fixed, action);
            }
            on_a_small_stack(packet_out(&action));
        }
    }
}

/// Reads it where there is little room for recursion.
fn on_a_small_stack(message: Vec<u8>) {
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let what = format!("{} bytes", message.len());
    let run = move || read(&what, &message, Protocol::OF13);
    thread.spawn(run).unwrap().join().unwrap();
}

/// Messages in messages: bundles in bundles, forwarded requests in forwarded requests.
#[test]
fn nested_messages() {
    // The header of the extension, then what stands before the message inside.
    const BUNDLE_ADD: (u32, u32, &[u8]) = (0x4f4e_4600, 2301, &[0, 0, 0, 1, 0, 0, 0, 1]);
    const REQUEST_FORWARD: (u32, u32, &[u8]) = (0x4f4e_4600, 2350, &[]);
    for (experimenter, kind, before) in [BUNDLE_ADD, REQUEST_FORWARD] {
        for depth in [1usize, 2, 10, 100, 1000, 2600] {
            let mut message = vec![4, 20, 0, 8, 0, 0, 0, 1];
            for _ in 0..depth {
                let mut outer = vec![4, 4, 0, 0, 0, 0, 0, 1];
                outer.extend(experimenter.to_be_bytes());
                outer.extend(kind.to_be_bytes());
                outer.extend(before);
                outer.extend(message);
                message = outer;
                let length = message.len();
                set_length(&mut message, length);
            }
            on_a_small_stack(message);
        }
    }
}

/// What fills a message with the smallest things of which there can be many.
#[test]
fn many_small_things() {
    let action = [0, 24, 0, 8, 0, 0, 0, 0];
    read("dec_nw_ttl", &packet_out(&action.repeat(8000)), Protocol::OF13);
    let property = |kind: u8| [0, kind, 0, 4, 0, 0, 0, 0];
    let mut features = vec![4, 18, 0, 0, 0, 0, 0, 1, 0, 12, 0, 0, 0, 0, 0, 0];
    let begin = features.len();
    features.extend([0; 64]);
    features.extend((0..16).flat_map(property));
    features.extend(property(200).repeat(8000));
    let length = features.len() - begin;
    features[begin..begin + 2].copy_from_slice(&(length as u16).to_be_bytes());
    let length = features.len();
    set_length(&mut features, length);
    read("properties of a table", &features, Protocol::OF13);
    for kind in 0..20 {
        let mut reply = vec![4, 19, 0, 0, 0, 0, 0, 1, 0, kind, 0, 0, 0, 0, 0, 0];
        reply.extend([0, 8, 0, 0, 0, 0, 0, 0].repeat(8000));
        let length = reply.len();
        set_length(&mut reply, length);
        read("a reply of small things", &reply, Protocol::OF13);
    }
}
