//! Arbitrary bytes as an OpenFlow message: what can be read can be written, and what was written
//! is read and written again as the same bytes.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ovs_openflow::{Message, Protocol};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    // The length in the header is right, or little would ever get further.
    let mut bytes = bytes.to_vec();
    if let (Ok(length), Some(place)) = (u16::try_from(bytes.len()), bytes.get_mut(2..4)) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    if let Some(version) = bytes.first_mut().filter(|_| choice & 2 != 0) {
        *version = if *version & 1 != 0 { 1 } else { 4 };
    }
    let protocol = Protocol { table_id: choice & 1 != 0, ..Protocol::OF13 };
    let bytes = Bytes::from(bytes);
    let _ = ovs_openflow::print::print(&bytes, 5);
    let Ok(envelope) = Message::decode_in(&bytes, protocol) else { return };
    let mut again = Vec::new();
    if envelope.encode(&mut again).is_ok() {
        let written = Bytes::from(again);
        let second = Message::decode_in(&written, protocol).expect("what was written is read");
        let mut twice = Vec::new();
        second.encode(&mut twice).expect("what was written is written");
        assert_eq!(twice, written);
    }
});
