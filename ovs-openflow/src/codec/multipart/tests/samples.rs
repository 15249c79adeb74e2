//! Messages of all kinds, changed in many ways: whatever they say, they are read or refused.

use super::*;
use alloc::vec;

/// Bodies of questions and answers with their headers, in a form that each can be read in.
fn samples() -> Vec<(Vec<u8>, Protocol)> {
    let zeros = |head: Vec<u8>, len: usize| [head, vec![0; len]].concat();
    let mut samples = vec![
        (zeros(old(0), 1056), OF10),
        (zeros(old(1), 44), OF10),
        ([&new(1)[..], &[0; 32], &[0, 1, 0, 4, 0, 0, 0, 0]].concat(), OF13),
        (zeros(nicira(0), 8), OF10),
        (zeros(nicira(1), 8), OF10),
        (zeros(nicira(7), 8), OF10),
        (zeros(nicira(8), 8), OF10),
        (zeros(old(5), 8), OF10),
        (zeros(new(6), 8), OF13),
        (zeros(new(10), 8), OF13),
        (zeros(new(11), 16), OF13),
        (zeros(nicira(3), 88), OF10),
    ];
    // Lists of elements that begin with their length.
    let entry = |len: usize| {
        let mut entry = vec![0; len];
        entry[..2].copy_from_slice(&(len as u16).to_be_bytes());
        [entry.clone(), entry].concat()
    };
    let lists = [
        (old(1), 88, OF10),
        (nicira(0), 48, OF10),
        (nicira(2), 24, OF10),
        (nicira(7), 56, OF10),
        (nicira(8), 16, OF10),
        (new(6), 72, OF13),
        (new(7), 8, OF13),
        (new(10), 8, OF13),
        (new(12), 64, OF13),
    ];
    samples.extend(lists.map(|(head, len, protocol)| ([head, entry(len)].concat(), protocol)));
    samples
}

/// Reads it as a question and as an answer; what can be read can be written.
fn survive(bytes: &[u8], protocol: Protocol) {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_multipart_request");
    if let Ok((more, body, nxm)) = take_request(&mut reader, protocol) {
        let mut out = Vec::new();
        let protocol = Protocol { nxm, ..protocol };
        put_request(&mut Writer::new(&mut out), more, &body, protocol).unwrap();
    }
    let mut reader = Reader::new(&message, "ofp_multipart_reply");
    if let Ok((more, body, nxm)) = take_reply(&mut reader, protocol) {
        let mut out = Vec::new();
        let protocol = Protocol { nxm, ..protocol };
        put_reply(&mut Writer::new(&mut out), more, &body, protocol).unwrap();
    }
}

#[test]
fn cut_off_anywhere() {
    for (bytes, protocol) in samples() {
        (0..=bytes.len()).for_each(|len| survive(&bytes[..len], protocol));
    }
}

#[test]
fn with_any_length_anywhere() {
    for (bytes, protocol) in samples() {
        for at in 0..bytes.len().min(200) - 1 {
            for number in [0, 1, 4, 8, 12, 16, 24, 40, 64, 0x7fff, 0x8000, 0xfff8, 0xffff_u16] {
                let mut bytes = bytes.clone();
                bytes[at..at + 2].copy_from_slice(&number.to_be_bytes());
                survive(&bytes, protocol);
            }
        }
    }
}

#[test]
fn with_elements_of_no_length() {
    // They would go on for ever.
    for (bytes, protocol) in samples() {
        let head = if protocol == OF13 { 8 } else { 4 };
        for len in [head, head + 8, head + 12, head + 16] {
            survive(&[&bytes[..len.min(bytes.len())], &[0; 0xff00][..]].concat(), protocol);
        }
    }
}
