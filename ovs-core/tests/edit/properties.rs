//! What holds for all frames and edits.

use super::checksums::validity;
use super::{applied, composed, edits, keys};
use ovs_core::edit::Edit;
use ovs_core::frame::{Offload, Segmentation};
use ovs_core::key::{FRAG_LATER, Mac, U16, U32};
use ovs_core::{FlowKey, Frame, checksum};
use proptest::prelude::*;

/// A frame of any kind, and its key.
fn frame() -> impl Strategy<Value = (FlowKey, Frame)> {
    keys::key_and_payload().prop_map(|(key, payload)| (key, composed(&key, &payload)))
}

/// Frames damaged anyhow, with offload that may lie.
fn damaged() -> impl Strategy<Value = Frame> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let bytes = prop_oneof![
        3 => (frame(), changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(
            |((_, frame), changes, end, is_cut)| {
                let mut bytes = frame.as_slice().to_vec();
                if is_cut {
                    bytes.truncate(end.index(bytes.len() + 1));
                }
                for (at, byte) in changes {
                    let at = at.index(bytes.len() + 1);
                    bytes.get_mut(at).into_iter().for_each(|slot| *slot = byte);
                }
                bytes
            }
        ),
        1 => prop::collection::vec(any::<u8>(), 0..100),
    ];
    let offload = prop_oneof![
        2 => Just(Offload::NONE),
        1 => (0..100u16, 0..20u8, 0..100u16).prop_map(|(csum_start, csum_offset, header_len)| {
            Offload { csum_start, csum_offset, header_len, ..Offload::NONE }
        }),
        1 => any::<(u16, u8, u16)>().prop_map(|(csum_start, csum_offset, header_len)| {
            Offload { csum_start, csum_offset, header_len, ..Offload::NONE }
        }),
    ];
    (bytes, offload).prop_map(|(bytes, offload)| {
        let mut frame = Frame::from(bytes);
        frame.offload = offload;
        frame
    })
}

/// By how many bytes an edit may change the length.
fn may_grow_by(edit: &Edit, before: usize, change: isize) -> bool {
    match edit {
        Edit::PushVlan(_) | Edit::PushMpls { .. } => matches!(change, 0 | 4),
        Edit::PopVlan | Edit::PopMpls { .. } => matches!(change, 0 | -4),
        Edit::PushPbb { .. } => matches!(change, 0 | 18),
        Edit::PopPbb => change == 0 || (change <= -18 && (change + 18) % 4 == 0),
        Edit::Truncate(to) => change == (*to as usize).min(before) as isize - before as isize,
        _ => change == 0,
    }
}

/// Leaves the checksum behind IP to be finished, as a sender does whose device can sum.
fn unfinished(key: &FlowKey, frame: &Frame) -> Option<Frame> {
    if key.ip_frag & FRAG_LATER != 0 {
        return None;
    }
    let csum_offset = match (key.eth_type.get(), key.ip_proto) {
        (0x0800 | 0x86dd, 6) => 16,
        (0x0800 | 0x86dd, 17) => 6,
        (0x86dd, 58) => 2,
        _ => return None,
    };
    let mut frame = frame.clone();
    let start = l4_start(key, frame.as_slice());
    let l4 = &mut frame.as_mut_slice()[start..];
    let length = l4.len();
    let sum = checksum::Checksum::new();
    let sum = if key.eth_type.get() == 0x0800 {
        sum.pseudo_header_v4(key.ipv4_src, key.ipv4_dst, key.ip_proto, length as u16)
    } else {
        sum.pseudo_header_v6(key.ipv6_src, key.ipv6_dst, key.ip_proto, length as u32)
    };
    l4[csum_offset..csum_offset + 2].copy_from_slice(&sum.folded().to_be_bytes());
    frame.offload = Offload {
        csum_start: start as u16,
        csum_offset: csum_offset as u8,
        segmentation: Segmentation::None,
        segment_size: 0,
        header_len: start as u16 + 8,
    };
    Some(frame)
}

/// Where the header behind IP stands.
fn l4_start(key: &FlowKey, frame: &[u8]) -> usize {
    let ip = 14 + 4 * key.vlans.iter().filter(|tag| tag.is_present()).count();
    if key.eth_type.get() == 0x0800 {
        return ip + 20;
    }
    let (mut next, mut at) = (frame[ip + 6], ip + 40);
    while matches!(next, 0 | 43 | 44 | 51 | 60) {
        next = frame[at];
        at += if frame[at + 1] == 0 { 8 } else { 16 };
    }
    at
}

fn forget_neighbour_discovery(key: &mut FlowKey) {
    (key.nd_target, key.nd_reserved) = ([0; 16], U32::ZERO);
    (key.arp_sha, key.arp_tha, key.nd_options_type) = (Mac([0; 6]), Mac([0; 6]), 0);
}

proptest! {
    #[test]
    fn a_rewrite_changes_the_key_and_nothing_else(
        (key, before) in frame(), edits in prop::collection::vec(edits::set(), 1..10)
    ) {
        for edit in edits {
            let after = applied(&before, &edit);
            let mut expected = edits::edited(key, &edit);
            let mut actual = FlowKey::of(0, after.as_slice());
            if matches!(edit, Edit::Icmp(_)) && expected != key && key.ip_proto == 58 {
                // It became neighbour discovery, or is no longer.
                forget_neighbour_discovery(&mut expected);
                forget_neighbour_discovery(&mut actual);
            }
            prop_assert_eq!(actual, expected);
            prop_assert_eq!(validity(after.as_slice()), validity(before.as_slice()));
            if expected == key {
                prop_assert_eq!(&after, &before);
            }
        }
    }

    #[test]
    fn checksums_stay_right_or_wrong(
        (key, mut frame) in frame(), damage in 0..=u8::MAX,
        edits in prop::collection::vec(edits::set(), 1..6)
    ) {
        if matches!(key.eth_type.get(), 0x0800 | 0x86dd) {
            *frame.as_mut_slice().last_mut().unwrap() ^= damage;
        }
        let before = validity(frame.as_slice());
        prop_assert!(damage != 0 || !before.contains(&Some(false)));
        for edit in &edits {
            edit.apply(&mut frame);
        }
        prop_assert_eq!(validity(frame.as_slice()), before);
    }

    #[test]
    fn what_is_pushed_is_in_the_key((key, before) in frame(), tag in edits::tag(), number: u32) {
        let of = |edit: Edit| FlowKey::of(0, applied(&before, &edit).as_slice());
        if !key.vlans[1].is_present() {
            let mut expected = key;
            expected.vlans = [tag, key.vlans[0]];
            prop_assert_eq!(of(Edit::PushVlan(tag)), expected);
        }

        let mpls = of(Edit::PushMpls { eth_type: 0x8848, entry: number & !0x100 });
        prop_assert_eq!(mpls.eth_type.get(), 0x8848);
        prop_assert_eq!(mpls.vlans, key.vlans);
        prop_assert_eq!(mpls.mpls[0].get(), number & !0x100);
        if key.mpls[0].get() != 0 {
            prop_assert_eq!(&mpls.mpls[1..], &key.mpls[..2]);
        }

        let mut expected = FlowKey::ZERO;
        (expected.eth_dst, expected.eth_src) = (key.eth_dst, key.eth_src);
        (expected.eth_type, expected.pbb_itag) = (U16::new(0x88e7), U32::new(number));
        prop_assert_eq!(of(Edit::PushPbb { eth_type: 0x88e7, itag: number }), expected);
    }

    #[test]
    fn a_pop_undoes_a_push((key, mut frame) in frame(), tag in edits::tag(), number: u32,
                           start in 14..40u16) {
        frame.offload = Offload { csum_start: start, csum_offset: 4, header_len: 50, ..Offload::NONE };
        let before = frame.clone();
        let end = frame.as_slice().as_ptr_range().end;
        let mut undone = |push: Edit, pop: Edit| {
            frame.clone_from(&before);
            push.apply(&mut frame);
            let pushed = (frame.len() - before.len()) as u16;
            assert_eq!(frame.offload.header_len, 50 + pushed);
            assert_eq!(frame.as_slice().as_ptr_range().end, end, "nothing is copied");
            pop.apply(&mut frame);
            assert_eq!(frame, before);
        };
        undone(Edit::PushVlan(tag), Edit::PopVlan);
        undone(Edit::PushPbb { eth_type: 0x88e7, itag: number }, Edit::PopPbb);
        let eth_type = key.eth_type.get();
        // A length is not put back.
        if eth_type != ovs_core::key::ETH_TYPE_NONE {
            let push = Edit::PushMpls { eth_type: 0x8847, entry: number };
            undone(push, Edit::PopMpls { eth_type });
        }
    }

    #[test]
    fn an_unfinished_checksum_is_finished_to_the_same(
        (key, finished) in frame(), edits in prop::collection::vec(edits::edit(), 1..5)
    ) {
        let Some(mut unfinished) = unfinished(&key, &finished) else {
            return Ok(());
        };
        let mut finished = finished;
        for edit in edits {
            let removes_protocol = match &edit {
                Edit::EthType(_) => true,
                Edit::Ipv4(edit) => edit.mask.proto != 0,
                Edit::Ipv6(edit) => edit.mask.proto != 0,
                _ => false,
            };
            if !removes_protocol {
                edit.apply(&mut finished);
                edit.apply(&mut unfinished);
            }
        }
        checksum::finish(&mut unfinished).unwrap();
        // Where ones' complement has two zeros either will do.
        let as_one = |bytes: &[u8]| bytes.chunks(2).fold(0, |n, b| n + usize::from(b == [0xff; 2]));
        let differ = finished.as_slice().iter().zip(unfinished.as_slice()).filter(|(a, b)| a != b).count();
        prop_assert!(differ == 0 || (differ <= 2 && as_one(unfinished.as_slice()) > as_one(finished.as_slice())),
            "{finished:?} {unfinished:?}");
    }

    #[test]
    fn damaged_frames_are_withstood(
        mut frame in damaged(), edits in prop::collection::vec(edits::edit(), 1..8)
    ) {
        for edit in edits {
            let before = frame.len();
            edit.apply(&mut frame);
            let change = frame.len() as isize - before as isize;
            prop_assert!(may_grow_by(&edit, before, change), "{edit:?} grew it by {change}");
            FlowKey::of(0, frame.as_slice());
        }
    }
}
