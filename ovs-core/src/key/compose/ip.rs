//! IPv4 and IPv6 headers, with the extension headers.

use super::super::extract::next_header;
use super::super::{FRAG_ANY, FRAG_LATER, FlowKey, exthdr};
use super::l4::{L4, PseudoHeader};
use super::{ComposeError, put};
use crate::Frame;
use crate::checksum::internet_checksum;
use alloc::vec::Vec;

/// The extension headers in the order of RFC 8200 §4.1.
const EXTENSIONS: [(u16, u8); 5] = [
    (exthdr::HOP, next_header::HOP_BY_HOP),
    (exthdr::DEST, next_header::DESTINATION),
    (exthdr::ROUTER, next_header::ROUTING),
    (exthdr::FRAG, next_header::FRAGMENT),
    (exthdr::AUTH, next_header::AUTH),
];

/// RFC 791 §3.1.
pub(super) fn ipv4(key: &FlowKey, payload: &[u8], frame: &mut Frame) -> Result<(), ComposeError> {
    const HEADER: usize = 20;
    const MORE_FRAGMENTS: u8 = 0x20;
    let start = frame.len();
    frame.extend(&[0; HEADER]);
    let l4 = L4::of_ipv4(key);
    l4.push_header(key, frame);
    frame.extend(payload);
    fill_fragment(key, start + HEADER, frame);

    let [l0, l1] = length("IPv4", frame.len() - start)?.to_be_bytes();
    let (flags, offset) = match key.ip_frag {
        0 => (0, 0),
        frag if frag & FRAG_LATER == 0 => (MORE_FRAGMENTS, 0),
        _ => (0, 1),
    };
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (key.ipv4_src, key.ipv4_dst);
    let (tos, ttl, proto) = (key.ip_tos, key.ip_ttl, key.ip_proto);
    let header = |c0, c1| -> [u8; HEADER] {
        [0x45, tos, l0, l1, 0, 0, flags, offset, ttl, proto, c0, c1, a0, a1, a2, a3, b0, b1, b2, b3]
    };
    let [c0, c1] = internet_checksum(&header(0, 0)).to_be_bytes();
    put(frame, start, header(c0, c1));
    let addresses = PseudoHeader::V4 { src: key.ipv4_src, dst: key.ipv4_dst };
    l4.finish(addresses, start + HEADER, frame);
    Ok(())
}

/// RFC 8200 §3 and §4.
pub(super) fn ipv6(key: &FlowKey, payload: &[u8], frame: &mut Frame) -> Result<(), ComposeError> {
    const HEADER: usize = 40;
    let start = frame.len();
    let is_later = key.ip_frag & FRAG_LATER != 0;
    let is_extension = EXTENSIONS.iter().any(|&(_, proto)| proto == key.ip_proto);
    if is_extension && !(is_later && key.ip_proto == next_header::FRAGMENT) {
        // With such a value extraction would take the payload for another header.
        return Err(ComposeError::Member { member: "ip_proto" });
    }
    let chain = extension_chain(key);
    // What follows a later fragment's header is not in the key, and not looked at.
    let last = if is_later { next_header::NONE } else { key.ip_proto };
    frame.extend(&[0; HEADER]);
    let mut unfragmentable = frame.len();
    for (n, &proto) in chain.iter().enumerate() {
        let next = chain.get(n + 1).copied().unwrap_or(last);
        push_extension(proto, next, key.ip_frag, frame);
        if proto == next_header::FRAGMENT {
            unfragmentable = frame.len();
        }
    }
    let l4_start = frame.len();
    let l4 = L4::of_ipv6(key);
    l4.push_header(key, frame);
    frame.extend(payload);
    fill_fragment(key, unfragmentable, frame);

    let [l0, l1] = length("IPv6", frame.len() - start - HEADER)?.to_be_bytes();
    let [_, f1, f2, f3] = key.ipv6_label.to_bytes();
    let (v0, v1) = (0x60 | key.ip_tos >> 4, key.ip_tos << 4 | f1 & 0x0f);
    let first = chain.first().copied().unwrap_or(last);
    put(frame, start, [v0, v1, f2, f3, l0, l1, first, key.ip_ttl]);
    put(frame, start + 8, key.ipv6_src);
    put(frame, start + 24, key.ipv6_dst);
    let addresses = PseudoHeader::V6 { src: key.ipv6_src, dst: key.ipv6_dst };
    l4.finish(addresses, l4_start, frame);
    Ok(())
}

fn length(header: &'static str, bytes: usize) -> Result<u16, ComposeError> {
    const LIMIT: usize = u16::MAX as usize;
    u16::try_from(bytes).map_err(|_| ComposeError::TooLong { header, bytes, limit: LIMIT })
}

/// Fills a fragment that is not the last up to whole units of 8 bytes from `start` on.
fn fill_fragment(key: &FlowKey, start: usize, frame: &mut Frame) {
    let is_first = key.ip_frag & (FRAG_ANY | FRAG_LATER) == FRAG_ANY;
    while is_first && (frame.len() - start) % 8 != 0 {
        frame.extend(&[0]);
    }
}

/// Which extension headers there are to be, in which order, so that extraction sees what the key has in
/// `ipv6_exthdr`, as far as that can be had.
fn extension_chain(key: &FlowKey) -> Vec<u8> {
    let wanted = key.ipv6_exthdr.get();
    let mut chain: Vec<u8> = EXTENSIONS
        .into_iter()
        .filter(|(flag, _)| wanted & flag != 0)
        .map(|(_, proto)| proto)
        .collect();
    if wanted & exthdr::UNSEQ != 0 {
        chain.reverse();
    }
    if key.ip_frag & FRAG_LATER != 0 {
        // Nothing behind the fragment header can be read: it must be the last.
        chain.sort_by_key(|&proto| proto == next_header::FRAGMENT);
    }
    if wanted & exthdr::UNREP != 0 {
        // Destination options may stand twice, the others once.
        match chain.iter().position(|&proto| proto != next_header::DESTINATION) {
            Some(first) => chain.insert(first, chain.get(first).copied().unwrap_or_default()),
            None if chain.is_empty() => {}
            None => chain.extend([next_header::DESTINATION; 2]),
        }
    }
    chain
}

/// An extension header without meaning, followed by header `next`.
fn push_extension(proto: u8, next: u8, ip_frag: u8, frame: &mut Frame) {
    match proto {
        // RFC 8200 §4.5: offset in units of 8 bytes, 13 bits, and "more fragments".
        next_header::FRAGMENT => {
            let offset_more = match ip_frag {
                0 => 0,
                frag if frag & FRAG_LATER == 0 => 1,
                _ => 1 << 3,
            };
            frame.extend(&[next, 0, 0, offset_more, 0, 0, 0, 1]);
        }
        // RFC 4302 §2: 16 bytes are 4 words, less 2; security parameters index 256, sequence
        // number 1, a check value of 4 bytes.
        next_header::AUTH => {
            frame.extend(&[next, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        }
        // RFC 8200 §4.4: a type for experiments (RFC 4727 §3.3), no segments left.
        next_header::ROUTING => frame.extend(&[next, 0, 253, 0, 0, 0, 0, 0]),
        // RFC 8200 §4.2: the option PadN that fills the header.
        _ => frame.extend(&[next, 0, 1, 4, 0, 0, 0, 0]),
    }
}
