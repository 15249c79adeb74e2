//! Arbitrary bytes as a frame: extraction stands them, does not depend on what lies around them
//! or was before, and is undone and done again by way of `compose`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ovs_core::key::{HashSeed, compose};
use ovs_core::{FlowKey, Frame, SparseKey};

/// What lies behind the frame, as in a driver's buffer that is used again. The second could be
/// options of neighbour discovery.
const JUNK: [[u8; 32]; 2] = [[0xff; 32], [1; 32]];

fuzz_target!(|bytes: &[u8]| {
    let mut keys = JUNK.map(|junk| {
        let buffer = [bytes, &junk].concat();
        // Not a new key: what an earlier frame left in it must not matter.
        let mut key = SparseKey::default();
        key.extract(2, &buffer);
        key.extract(1, &buffer[..bytes.len()]);
        key
    });
    let seed = HashSeed::new(7);
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys[0].hash(&seed), keys[1].hash(&seed));

    let key = keys[0].expand();
    assert_eq!(key, FlowKey::of(1, bytes));
    assert_eq!(SparseKey::from(&key).expand(), key);

    let mut frame = Frame::default();
    let payload = bytes.get(bytes.len() / 2..).unwrap_or_default();
    if compose(&key, payload, &mut frame).is_ok() {
        keys[1].extract(1, frame.as_slice());
        assert_eq!(keys[1].expand(), key);
        // Without payload there is a frame as well, and it is a frame for the same key.
        if compose(&key, &[], &mut frame).is_ok() {
            assert_eq!(FlowKey::of(1, frame.as_slice()), key);
        }
    } else {
        assert!(frame.is_empty());
    }
});
