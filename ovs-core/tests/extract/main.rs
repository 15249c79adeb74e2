//! Extraction of keys from frames: vectors by hand, and properties of all keys and all bytes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod composing;
mod ethernet;
mod ipv4;
mod ipv6;
mod keys;
mod properties;

use ovs_core::Frame;
use ovs_core::key::{FlowKey, Mac, SparseKey, U16, U32, VlanTag, compose};

/// From 02:00:00:00:00:0a to 02:00:00:00:00:0b, without the type.
const MACS: &str = "02000000000b 02000000000a";

/// Bytes from hexadecimal digits, which may be spaced out; MACs stand before them.
fn frame(digits: &str) -> Vec<u8> {
    hex(&[MACS, digits].concat())
}

fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits.chars().filter_map(|digit| digit.to_digit(16)).collect();
    assert!(digits.len() % 2 == 0, "whole bytes");
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// The key with [`MACS`] and what `set` sets.
fn key(eth_type: u16, set: impl FnOnce(&mut FlowKey)) -> FlowKey {
    let mut key = FlowKey::ZERO;
    key.eth_src = Mac([2, 0, 0, 0, 0, 0x0a]);
    key.eth_dst = Mac([2, 0, 0, 0, 0, 0x0b]);
    key.eth_type = U16::new(eth_type);
    set(&mut key);
    key
}

/// Extracts in a buffer full of junk, into a key that was another's before.
#[track_caller]
fn check(frame: &[u8], expected: FlowKey) {
    let mut sparse = SparseKey::from(&FlowKey::ONES);
    for junk in [0x00, 0x01, 0xff] {
        let mut buffer = vec![junk; frame.len() + 64];
        buffer[32..][..frame.len()].copy_from_slice(frame);
        sparse.extract(0, &buffer[32..][..frame.len()]);
        assert_eq!(sparse.expand(), expected);
    }
}

/// [`check`], and `compose` makes exactly this frame of the key and its last `payload` bytes.
#[track_caller]
fn check_both(bytes: &[u8], payload: usize, expected: FlowKey) {
    check(bytes, expected);
    let mut frame = Frame::from([0x5a; 300]);
    compose(&expected, &bytes[bytes.len() - payload..], &mut frame).unwrap();
    assert_eq!(frame.as_slice(), bytes);
}

fn vlan(tpid: u16, tci: u16) -> VlanTag {
    VlanTag { tpid: U16::new(tpid), tci: U16::new(tci) }
}

fn ports(key: &mut FlowKey, src: u16, dst: u16) {
    key.tp_src = U16::new(src);
    key.tp_dst = U16::new(dst);
}

fn label(label: u32) -> U32 {
    U32::new(label)
}
