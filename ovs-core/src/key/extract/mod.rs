//! From a frame's bytes to its [`SparseKey`].
//!
//! Each layer is read only if all of its header is there and its lengths are possible; where
//! one is not, extraction ends, and the key says what was read until then: a frame with a
//! lying IP header is still forwarded by its Ethernet addresses. What a layer's own length leaves over
//! (padding) is not looked at. The rules are those of Open vSwitch, so that a table of flows
//! means the same on both.

mod ip;
mod l4;

pub(crate) use ip::next_header;
pub(crate) use l4::{nd, proto};

use super::{ETH_TYPE_NONE, SparseKey, word};

/// Bytes of an Ethernet header without tags; a shorter frame has only its port in the key.
pub(crate) const ETH_HEADER: usize = 14;

pub(crate) mod eth_type {
    pub(crate) const IPV4: u16 = 0x0800;
    pub(crate) const ARP: u16 = 0x0806;
    pub(crate) const RARP: u16 = 0x8035;
    pub(crate) const VLAN: u16 = 0x8100;
    pub(crate) const IPV6: u16 = 0x86dd;
    pub(crate) const MPLS: u16 = 0x8847;
    pub(crate) const MPLS_MULTICAST: u16 = 0x8848;
    pub(crate) const SVLAN: u16 = 0x88a8;
    pub(crate) const PBB: u16 = 0x88e7;
    pub(crate) const NSH: u16 = 0x894f;
}

/// A word of the key from the bytes that stand there in memory.
macro_rules! bytes_word {
    ($($byte:expr),* $(,)?) => { u64::from_ne_bytes([$($byte),*]) };
}
use bytes_word;

impl SparseKey {
    /// Makes this the key of `frame`, which came in by port `in_port`. Never reads outside of
    /// the frame, never fails: see the module for what damaged frames give.
    #[inline]
    pub fn extract(&mut self, in_port: u32, frame: &[u8]) {
        self.clear();
        let [a, b, c, d] = in_port.to_be_bytes();
        self.push(word!(in_port), bytes_word![a, b, c, d, 0, 0, 0, 0]);

        let Some((header, rest)) = frame.split_first_chunk::<ETH_HEADER>() else {
            return;
        };
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
        self.push(word!(eth_dst), bytes_word![d0, d1, d2, d3, d4, d5, s0, s1]);
        let outer_type = u16::from_be_bytes([t0, t1]);
        if outer_type == eth_type::IPV4 {
            self.push(word!(eth_type), bytes_word![s2, s3, s4, s5, t0, t1, 0, 0]);
            self.extract_ipv4(rest);
            return;
        }
        self.extract_less_common(outer_type, [s2, s3, s4, s5], rest);
    }

    /// Everything but untagged IPv4, from the second half of the source address on.
    fn extract_less_common(&mut self, outer_type: u16, source: [u8; 4], rest: &[u8]) {
        let (vlans, inner_type, rest) = strip_vlans(outer_type, rest);
        let (inner_type, rest) = resolve_length(inner_type, rest);
        let [s2, s3, s4, s5] = source;
        let [t0, t1] = inner_type.to_be_bytes();
        self.push(word!(eth_type), bytes_word![s2, s3, s4, s5, t0, t1, 0, 0]);
        if vlans != 0 {
            self.push(word!(vlans), vlans);
        }
        match inner_type {
            eth_type::IPV4 => self.extract_ipv4(rest),
            eth_type::IPV6 => self.extract_ipv6(rest),
            eth_type::ARP | eth_type::RARP => self.extract_arp(rest),
            eth_type::MPLS | eth_type::MPLS_MULTICAST => self.extract_mpls(rest),
            eth_type::PBB => self.extract_pbb(rest),
            eth_type::NSH => self.extract_nsh(rest),
            _ => {}
        }
    }

    /// Up to three label stack entries (RFC 3032 §2.1); the last one read may not be the bottom.
    fn extract_mpls(&mut self, rest: &[u8]) {
        let mut entries = [[0u8; 4]; 3];
        let mut count = 0;
        for (slot, entry) in entries.iter_mut().zip(rest.chunks_exact(4)) {
            slot.copy_from_slice(entry);
            count += 1;
            let bottom_of_stack = slot[2] & 1 != 0;
            if bottom_of_stack {
                break;
            }
        }
        let [[a, b, c, d], [e, f, g, h], third] = entries;
        if count > 0 {
            self.push(word!(mpls), bytes_word![a, b, c, d, e, f, g, h]);
        }
        if count > 2 {
            let [a, b, c, d] = third;
            self.push(word!(mpls) + 1, bytes_word![a, b, c, d, 0, 0, 0, 0]);
        }
    }

    /// The I-TAG of a provider backbone frame (IEEE 802.1Q-2022 §9.7); the customer's frame
    /// behind it is not looked at.
    fn extract_pbb(&mut self, rest: &[u8]) {
        if let Some(&[a, b, c, d]) = rest.first_chunk::<4>() {
            self.push(word!(pbb_itag), bytes_word![0, 0, 0, 0, a, b, c, d]);
        }
    }

    /// RFC 826 with Ethernet and IPv4 addresses; other kinds of ARP have no fields.
    fn extract_arp(&mut self, rest: &[u8]) {
        let Some(arp) = rest.first_chunk::<28>() else {
            return;
        };
        let [0, 1, 0x08, 0x00, 6, 4, op0, op1, addresses @ ..] = *arp else {
            return;
        };
        let [s0, s1, s2, s3, s4, s5, sp0, sp1, sp2, sp3, addresses @ ..] = addresses;
        let [t0, t1, t2, t3, t4, t5, tp0, tp1, tp2, tp3] = addresses;
        self.push(word!(ipv4_src), bytes_word![sp0, sp1, sp2, sp3, tp0, tp1, tp2, tp3]);
        self.push(word!(arp_sha), bytes_word![s0, s1, s2, s3, s4, s5, op0, op1]);
        self.push(word!(arp_tha), bytes_word![t0, t1, t2, t3, t4, t5, 0, 0]);
    }

    /// RFC 8300 §2: base header, service path, and the context headers of metadata type 1.
    fn extract_nsh(&mut self, rest: &[u8]) {
        let Some(&[v0, v1, mdtype, np, p0, p1, p2, p3]) = rest.first_chunk::<8>() else {
            return;
        };
        let (version, length) = (v0 >> 6, usize::from(v1 & 0x3f) * 4);
        if version != 0 || length < 8 || length > rest.len() {
            return;
        }
        if mdtype == 1 && length != 24 {
            return;
        }
        let flags = (v0 >> 4) & 0x03;
        let ttl = ((v0 & 0x0f) << 2) | (v1 >> 6);
        self.push(word!(nsh_flags), bytes_word![flags, ttl, mdtype, np, p0, p1, p2, p3]);
        if mdtype == 1 {
            if let Some((low, high)) =
                rest.get(8..24).and_then(|context| context.split_at_checked(8))
            {
                for (n, half) in [low, high].into_iter().enumerate() {
                    if let Some(&bytes) = half.first_chunk::<8>() {
                        self.push(word!(nsh_context) + n, u64::from_ne_bytes(bytes));
                    }
                }
            }
        }
    }
}

/// Takes up to two VLAN tags off: the tags as a word of the key, the type behind them, the rest.
#[inline]
fn strip_vlans(outer_type: u16, mut rest: &[u8]) -> (u64, u16, &[u8]) {
    let is_tag = |eth_type| eth_type == eth_type::VLAN || eth_type == eth_type::SVLAN;
    let mut tags = [[0u8; 4]; 2];
    let mut next = outer_type;
    for tag in &mut tags {
        // The tag's control information, then the type of what follows.
        let Some((&[c0, c1, t0, t1], behind)) = rest.split_first_chunk::<4>() else {
            break;
        };
        if !is_tag(next) {
            break;
        }
        let [p0, p1] = next.to_be_bytes();
        *tag = [p0, p1, c0, c1];
        next = u16::from_be_bytes([t0, t1]);
        rest = behind;
    }
    let [[a, b, c, d], [e, f, g, h]] = tags;
    (bytes_word![a, b, c, d, e, f, g, h], next, rest)
}

/// Turns the length of an IEEE 802.3 frame into the type that its SNAP header gives, or into
/// [`ETH_TYPE_NONE`].
#[inline]
fn resolve_length(eth_type: u16, rest: &[u8]) -> (u16, &[u8]) {
    if eth_type >= 0x0600 {
        return (eth_type, rest);
    }
    match rest.split_first_chunk::<8>() {
        Some((&[0xaa, 0xaa, 0x03, 0, 0, 0, t0, t1], behind)) => {
            let snap_type = u16::from_be_bytes([t0, t1]);
            if snap_type >= 0x0600 { (snap_type, behind) } else { (ETH_TYPE_NONE, rest) }
        }
        _ => (ETH_TYPE_NONE, rest),
    }
}
