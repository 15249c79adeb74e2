//! What must hold of all keys and all bytes.

use crate::keys::{key, key_and_payload};
use ovs_core::Frame;
use ovs_core::checksum::{self, Checksum};
use ovs_core::frame::Offload;
use ovs_core::key::{FlowKey, HashSeed, SparseKey, WORDS, compose};
use proptest::prelude::*;

/// A sparse key that has had another frame's key before.
fn dirty(earlier: &FlowKey) -> SparseKey {
    SparseKey::from(earlier)
}

fn extracted(mut sparse: SparseKey, frame: &[u8]) -> SparseKey {
    sparse.extract(7, frame);
    sparse
}

/// Extraction gives the same wherever the frame lies and whatever there was before.
fn check_extraction(frame: &[u8], junk: &[u8], earlier: &FlowKey) -> Result<(), TestCaseError> {
    let key = extracted(SparseKey::default(), frame);
    prop_assert_eq!(&key, &extracted(dirty(earlier), frame));
    let buffer = [junk, frame, junk].concat();
    let within = &buffer[junk.len()..junk.len() + frame.len()];
    prop_assert_eq!(&key, &extracted(dirty(earlier), within));
    let seed = HashSeed::new(1);
    prop_assert_eq!(key.hash(&seed), extracted(dirty(earlier), within).hash(&seed));
    prop_assert_eq!(key.expand().in_port.get(), 7);
    prop_assert_eq!(SparseKey::from(&key.expand()).expand(), key.expand());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn composing_is_undone_by_extraction(
        (key, payload) in key_and_payload(),
        padding in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut frame = Frame::default();
        if let Err(error) = compose(&key, &payload, &mut frame) {
            return Err(TestCaseError::fail(format!("{error}: {key:?}")));
        }
        prop_assert_eq!(FlowKey::of(0, frame.as_slice()), key);
        frame.extend(&padding);
        prop_assert_eq!(FlowKey::of(0, frame.as_slice()), key);
    }

    #[test]
    fn composing_forgets_what_was_in_the_frame((key, payload) in key_and_payload(), junk: Vec<u8>) {
        let mut fresh = Frame::default();
        compose(&key, &payload, &mut fresh).unwrap();
        let mut used = Frame::from(junk);
        used.offload = Offload { csum_start: 3, ..Offload::NONE };
        compose(&key, &payload, &mut used).unwrap();
        prop_assert_eq!(fresh, used);
    }

    /// A key that no frame may have is refused, or the frame is as good as any.
    #[test]
    fn composing_stands_arbitrary_keys(
        (mut key, payload) in key_and_payload(),
        place in 0..WORDS,
        change: u64,
    ) {
        key.words_mut()[place] ^= change;
        let mut frame = Frame::default();
        if compose(&key, &payload, &mut frame).is_err() {
            prop_assert!(frame.is_empty());
            return Ok(());
        }
        let extracted = FlowKey::of(key.in_port.get(), frame.as_slice());
        prop_assert!(key.matches(&extracted, &extracted));
        let mut again = Frame::default();
        compose(&extracted, &payload, &mut again).unwrap();
        prop_assert_eq!(frame, again);
    }

    #[test]
    fn extraction_stands_arbitrary_bytes(frame: Vec<u8>, junk: Vec<u8>, earlier in key()) {
        check_extraction(&frame, &junk, &earlier)?;
    }

    #[test]
    fn sparse_keys_say_what_full_keys_say(words in prop::collection::vec(prop_oneof![2 => Just(0), 1 => any::<u64>()], WORDS)) {
        let mut key = FlowKey::ZERO;
        key.words_mut().copy_from_slice(&words);
        let sparse = SparseKey::from(&key);
        prop_assert_eq!(sparse.expand(), key);
        prop_assert_eq!(sparse.words().len(), sparse.map().iter().map(|half| half.count_ones() as usize).sum::<usize>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn extraction_stands_damage_at_every_byte(
        (key, payload) in key_and_payload(),
        value: u8,
        junk: [u8; 16],
    ) {
        let mut frame = Frame::default();
        compose(&key, &payload, &mut frame).unwrap();
        let bytes = frame.as_slice();
        for n in 0..=bytes.len() {
            check_extraction(&bytes[..n], &junk, &key)?;
        }
        for n in 0..bytes.len() {
            for value in [value, 0, 0xff, bytes[n] ^ 1] {
                let mut damaged = bytes.to_vec();
                damaged[n] = value;
                check_extraction(&damaged, &junk, &key)?;
            }
        }
    }

    /// What a frame that was cut short still says is true.
    #[test]
    fn a_truncated_frame_keeps_its_addresses((key, payload) in key_and_payload()) {
        let mut frame = Frame::default();
        compose(&key, &payload, &mut frame).unwrap();
        for n in 0..frame.len() {
            let cut = FlowKey::of(0, &frame.as_slice()[..n]);
            let whole = n >= 14;
            prop_assert_eq!(cut.eth_dst, if whole { key.eth_dst } else { Default::default() });
            prop_assert_eq!(cut.eth_src, if whole { key.eth_src } else { Default::default() });
            prop_assert!(cut.ipv4_src == key.ipv4_src || cut.ipv4_src == [0; 4]);
            prop_assert!(cut.ipv6_dst == key.ipv6_dst || cut.ipv6_dst == [0; 16]);
            prop_assert!(cut.tp_src == key.tp_src || cut.tp_src.get() == 0);
            prop_assert!(cut.ip_proto == key.ip_proto || cut.ip_proto == 0);
        }
    }
}

/// Where the header and the checksum of TCP and UDP begin in an untagged frame without extension
/// headers, and the sum of the addresses.
fn checksum_place(key: &FlowKey) -> Option<(usize, usize, Checksum)> {
    let field = match key.ip_proto {
        6 => 16,
        17 => 6,
        _ => return None,
    };
    let sum = Checksum::new();
    match key.eth_type.get() {
        _ if key.ip_frag != 0 || key.ipv6_exthdr.get() != 0 => None,
        0x0800 => Some((34, 34 + field, sum.bytes(&key.ipv4_src).bytes(&key.ipv4_dst))),
        0x86dd => Some((54, 54 + field, sum.bytes(&key.ipv6_src).bytes(&key.ipv6_dst))),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// What a virtual machine leaves to the host comes out as what `compose` makes.
    #[test]
    fn an_unfinished_checksum_is_finished((mut key, payload) in key_and_payload()) {
        key.vlans = Default::default();
        let Some((start, field, addresses)) = checksum_place(&key) else {
            return Ok(());
        };
        let mut whole = Frame::default();
        compose(&key, &payload, &mut whole).unwrap();
        let length = (whole.len() - start) as u16;
        let pseudo = addresses.number(key.ip_proto.into()).number(length).folded();

        let mut partial = whole.clone();
        partial.as_mut_slice()[field..field + 2].copy_from_slice(&pseudo.to_be_bytes());
        partial.offload.csum_start = start as u16;
        partial.offload.csum_offset = (field - start) as u8;
        checksum::finish(&mut partial).unwrap();
        // In TCP, compose may have 0 where this has 0xffff: one number in ones' complement.
        if whole.as_slice()[field..field + 2] == [0, 0] {
            whole.as_mut_slice()[field..field + 2].fill(0xff);
        }
        prop_assert_eq!(partial, whole);
    }
}
