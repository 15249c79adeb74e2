//! Frames and the pool of their buffers.

#![allow(missing_docs)]

use ovs_core::frame::{DEFAULT_CAPACITY, HEADROOM, Offload};
use ovs_core::{Frame, FramePool};
use proptest::prelude::*;

#[test]
fn a_new_frame_has_headroom_and_keeps_it_when_used_again() {
    let mut frame = Frame::with_capacity(100);
    assert_eq!((frame.len(), frame.headroom(), frame.capacity()), (0, HEADROOM, 100));
    frame.push_front(HEADROOM + 1);
    frame.clear();
    assert_eq!((frame.len(), frame.headroom()), (0, HEADROOM));
    frame.fill(&[1; 60]);
    assert_eq!((frame.as_slice(), frame.headroom()), (&[1; 60][..], HEADROOM));
}

#[test]
fn a_frame_without_buffer_grows() {
    let mut frame = Frame::default();
    assert!(frame.is_empty() && frame.capacity() == 0);
    frame.extend(&[7; 3]);
    assert_eq!(frame.as_slice(), [7; 3]);
    frame.push_front(2).copy_from_slice(&[1, 2]);
    assert_eq!(frame.as_slice(), [1, 2, 7, 7, 7]);
}

#[test]
fn drivers_write_into_the_spare_room() {
    let mut frame = Frame::with_capacity(10);
    frame.offload = Offload { csum_start: 3, ..Offload::NONE };
    frame.spare_mut()[..4].copy_from_slice(&[1, 2, 3, 4]);
    frame.set_len(3);
    assert_eq!(frame.as_slice(), [1, 2, 3]);
    assert_eq!(frame.offload, Offload::NONE, "it is a new frame");
    frame.set_len(11);
    assert_eq!(frame.len(), 10, "no more than there is room");
}

#[test]
fn copies_are_equal_with_what_is_left_to_do() {
    let mut frame = Frame::from([1, 2, 3]);
    frame.offload = Offload { csum_start: 1, csum_offset: 1, ..Offload::NONE };
    let mut pool = FramePool::new(2, 100);
    assert_eq!(pool.copy(&frame), frame);
    assert_eq!(frame.clone(), frame);
    let mut other = Frame::default();
    other.clone_from(&frame);
    assert_eq!(other, frame);
    other.offload = Offload::NONE;
    assert_ne!(other, frame);
}

#[test]
fn the_pool_keeps_few_buffers_that_have_grown() {
    let mut pool = FramePool::new(1000, 100);
    for _ in 0..1000 {
        pool.give(Frame::with_capacity(65_536));
    }
    assert_eq!(pool.spare(), 256);
    pool.give(Frame::with_capacity(100));
    assert_eq!(pool.spare(), 257);
}

#[test]
fn the_pool_keeps_no_more_than_its_limit_and_nothing_without_buffer() {
    let mut pool = FramePool::new(2, DEFAULT_CAPACITY);
    for _ in 0..5 {
        pool.give(Frame::with_capacity(10));
    }
    assert_eq!(pool.spare(), 2);
    drop((pool.take(), pool.take()));
    pool.give(Frame::default());
    assert_eq!(pool.spare(), 0);
    assert_eq!(pool.take().capacity(), DEFAULT_CAPACITY);
}

proptest! {
    /// Against a vector that is changed in the same way.
    #[test]
    fn is_a_vector_with_room_in_front(
        steps in prop::collection::vec((0u8..6, 0usize..300, any::<u8>()), 0..40)
    ) {
        let mut frame = Frame::with_capacity(64);
        let mut model: Vec<u8> = Vec::new();
        for (what, n, byte) in steps {
            match what {
                0 => {
                    frame.push_front(n).fill(byte);
                    model.splice(0..0, vec![byte; n]);
                }
                1 => {
                    frame.pull_front(n);
                    model.drain(..n.min(model.len()));
                }
                2 => {
                    frame.truncate(n);
                    model.truncate(n);
                }
                3 => {
                    frame.extend(&vec![byte; n]);
                    model.extend(vec![byte; n]);
                }
                4 => {
                    frame.fill(&vec![byte; n]);
                    model = vec![byte; n];
                }
                _ => frame.as_mut_slice().iter_mut().zip(&mut model).for_each(|(a, b)| {
                    *a ^= byte;
                    *b ^= byte;
                }),
            }
            prop_assert_eq!(frame.as_slice(), model.as_slice());
            prop_assert_eq!(frame.len(), model.len());
        }
    }
}
