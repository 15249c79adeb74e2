//! Arbitrary bytes as a match, in the form of OpenFlow 1.3 or as NXM: what can be read can be
//! written, what was written is read and written again as the same bytes, and it has a text.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ovs_openflow::message::MultipartRequest;
use ovs_openflow::{Message, text};

/// A request for flows, with these entries.
fn request(of13: bool, entries: &[u8]) -> Bytes {
    let any = [0xff; 4];
    let length = |add: usize| ((entries.len() + add) as u16).to_be_bytes();
    let mut bytes = if of13 {
        let head =
            [&[4, 18, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0][..], &any, &any];
        [&head.concat()[..], &[0; 20], &[0, 1], &length(4)].concat()
    } else {
        let head =
            [1, 16, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0x23, 0x20, 0, 0, 0, 0, 0, 0, 0, 0];
        [&head[..], &[0xff, 0xff], &length(0), &[0xff, 0, 0, 0]].concat()
    };
    bytes.extend(entries);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let whole = (bytes.len() as u16).to_be_bytes();
    bytes[2..4].copy_from_slice(&whole);
    bytes.into()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, entries)) = bytes.split_first() else { return };
    let entries = &entries[..entries.len().min(60_000)];
    let Ok(envelope) = Message::decode(&request(choice & 1 != 0, entries)) else { return };
    let Message::MultipartRequest { body: MultipartRequest::Flow(asked), .. } = &envelope.message
    else {
        panic!("not a request for flows")
    };
    let _ = text::show_match(&asked.matching).to_string();
    let mut again = Vec::new();
    if envelope.encode(&mut again).is_ok() {
        let written = Bytes::from(again);
        let second = Message::decode(&written).expect("what was written is read");
        let mut twice = Vec::new();
        second.encode(&mut twice).expect("what was written is written");
        assert_eq!(twice, written);
    }
});
