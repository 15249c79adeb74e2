//! Arbitrary bytes as actions of OpenFlow 1.0 and 1.3: what can be read can be written, and then
//! says the same; and has a text.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ovs_openflow::{Message, text};

/// A packet-out with these actions and no packet.
fn packet_out(of13: bool, actions: &[u8]) -> Bytes {
    let length = (actions.len() as u16).to_be_bytes();
    let mut bytes = vec![if of13 { 4 } else { 1 }, 13, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
    if of13 {
        bytes.extend([0, 0, 0, 1]);
        bytes.extend(length);
        bytes.extend([0; 6]);
    } else {
        bytes.extend([0, 1]);
        bytes.extend(length);
    }
    bytes.extend(actions);
    let whole = (bytes.len() as u16).to_be_bytes();
    bytes[2..4].copy_from_slice(&whole);
    bytes.into()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, actions)) = bytes.split_first() else { return };
    let actions = &actions[..actions.len().min(60_000)];
    let Ok(envelope) = Message::decode(&packet_out(choice & 1 != 0, actions)) else { return };
    let Message::PacketOut(packet) = &envelope.message else { panic!("not a packet-out") };
    let _ = text::show_actions(&packet.actions).to_string();
    let mut again = Vec::new();
    if envelope.encode(&mut again).is_ok() {
        let written = Bytes::from(again);
        let second = Message::decode(&written).expect("what was written is read");
        let mut twice = Vec::new();
        second.encode(&mut twice).expect("what was written is written");
        assert_eq!(twice, written);
    }
});
