//! From a key to a frame that has it: the inverse of extraction, for traces and tests.

mod ip;
mod l4;

use super::extract::eth_type;
use super::{ETH_TYPE_NONE, FlowKey};
use crate::Frame;

/// Why there is no frame for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// One member contradicts the others, as an MPLS label does in a key of ARP, or has a
    /// value that no frame gives.
    #[error("no frame has the {member} that the key has beside its other members")]
    Member {
        /// Name of the member of [`FlowKey`].
        member: &'static str,
    },
    /// The payload is too long for a header's length field.
    #[error("{bytes} bytes are more than the {limit} that {header} can count")]
    TooLong {
        /// The protocol whose header it is.
        header: &'static str,
        /// Bytes that the header would have to count.
        bytes: usize,
        /// The most that it can.
        limit: usize,
    },
}

/// Makes `frame` a well-formed frame whose key is `key`, with `payload` behind the innermost
/// header that the key describes. What was in the frame, and its offload, is forgotten; on
/// an error it is empty.
///
/// Lengths and checksums are right. What the key does not say has a usual value: no options, no
/// sequence numbers, padding only in IPv6 extension headers. A frame without an Ethernet type
/// gets an LLC header, a stack of MPLS labels that does not end within the key is ended. The
/// first fragment of a packet is filled with zeros to a multiple of 8 bytes (RFC 791 §3.2), and
/// its L4 header counts what is in this fragment. In neighbour discovery the payload stands
/// behind the link-layer addresses, so it should be options. The frame is not filled up to
/// Ethernet's 60 bytes.
///
/// Members that are not from the frame (`in_port`, tunnel, registers, connection …) are not
/// looked at, except that `packet_type` must be Ethernet.
///
/// # Errors
///
/// [`ComposeError`], if no frame has this key. An IPv6 key must have the bits in `ipv6_exthdr`
/// that belong to its `ip_frag` and `ip_proto`.
pub fn compose(key: &FlowKey, payload: &[u8], frame: &mut Frame) -> Result<(), ComposeError> {
    frame.clear();
    let composed = ethernet(key, payload, frame).and_then(|()| check(key, frame));
    if composed.is_err() {
        frame.clear();
    }
    composed
}

fn ethernet(key: &FlowKey, payload: &[u8], frame: &mut Frame) -> Result<(), ComposeError> {
    frame.extend(&key.eth_dst.0);
    frame.extend(&key.eth_src.0);
    for tag in key.vlans.iter().filter(|tag| tag.is_present()) {
        frame.extend(&tag.tpid.to_bytes());
        frame.extend(&tag.tci.to_bytes());
    }
    if key.eth_type.get() == ETH_TYPE_NONE {
        return llc(payload, frame);
    }
    frame.extend(&key.eth_type.to_bytes());
    match key.eth_type.get() {
        eth_type::IPV4 => return ip::ipv4(key, payload, frame),
        eth_type::IPV6 => return ip::ipv6(key, payload, frame),
        eth_type::ARP | eth_type::RARP => arp(key, frame),
        eth_type::MPLS | eth_type::MPLS_MULTICAST => mpls(key, frame),
        eth_type::PBB => frame.extend(&key.pbb_itag.to_bytes()),
        eth_type::NSH => nsh(key, frame),
        _ => {}
    }
    frame.extend(payload);
    Ok(())
}

/// IEEE 802.3 length, and an LLC header of unnumbered information between null service
/// access points (IEEE 802.2).
fn llc(payload: &[u8], frame: &mut Frame) -> Result<(), ComposeError> {
    const HEADER: [u8; 3] = [0, 0, 3];
    const LIMIT: usize = 1500;
    let bytes = HEADER.len() + payload.len();
    match u16::try_from(bytes) {
        Ok(length) if bytes <= LIMIT => frame.extend(&length.to_be_bytes()),
        _ => return Err(ComposeError::TooLong { header: "IEEE 802.3", bytes, limit: LIMIT }),
    }
    frame.extend(&HEADER);
    frame.extend(payload);
    Ok(())
}

/// RFC 826.
fn arp(key: &FlowKey, frame: &mut Frame) {
    frame.extend(&[0, 1, 0x08, 0, 6, 4]);
    frame.extend(&key.arp_op.to_bytes());
    frame.extend(&key.arp_sha.0);
    frame.extend(&key.ipv4_src);
    frame.extend(&key.arp_tha.0);
    frame.extend(&key.ipv4_dst);
}

/// RFC 3032 §2.1.
fn mpls(key: &FlowKey, frame: &mut Frame) {
    const BOTTOM_OF_STACK: u32 = 1 << 8;
    for entry in key.mpls {
        frame.extend(&entry.to_bytes());
        if entry.get() & BOTTOM_OF_STACK != 0 {
            return;
        }
    }
    let [.., third] = key.mpls;
    frame.extend(&(third.get() | BOTTOM_OF_STACK).to_be_bytes());
}

/// RFC 8300 §2; metadata of type 2 is empty.
fn nsh(key: &FlowKey, frame: &mut Frame) {
    const TYPE_1: u8 = 1;
    let words = if key.nsh_mdtype == TYPE_1 { 6 } else { 2 };
    let (flags, ttl) = (key.nsh_flags & 0x03, key.nsh_ttl & 0x3f);
    frame.extend(&[flags << 4 | ttl >> 2, ttl << 6 | words, key.nsh_mdtype, key.nsh_np]);
    frame.extend(&key.nsh_path.to_bytes());
    if key.nsh_mdtype == TYPE_1 {
        for context in key.nsh_context {
            frame.extend(&context.to_bytes());
        }
    }
}

/// Is the key of `frame` what was wanted?
fn check(wanted: &FlowKey, frame: &Frame) -> Result<(), ComposeError> {
    match first_difference(wanted, &FlowKey::of(wanted.in_port.get(), frame.as_slice())) {
        Some(member) => Err(ComposeError::Member { member }),
        None => Ok(()),
    }
}

/// The name of the first member of those that a frame gives in which the two differ.
fn first_difference(a: &FlowKey, b: &FlowKey) -> Option<&'static str> {
    macro_rules! compare {
        (compared: $($member:ident)*; ignored: $($ignored:ident)*) => {{
            // Without `..`, so that a new member must be put on one of the lists.
            let FlowKey { $($member,)* $($ignored: _,)* } = a;
            $(if *$member != b.$member {
                return Some(stringify!($member));
            })*
            None
        }};
    }
    compare! {
        compared: packet_type vlans eth_dst eth_src eth_type mpls pbb_itag
            nsh_flags nsh_ttl nsh_mdtype nsh_np nsh_path nsh_context
            ipv4_src ipv4_dst ipv6_src ipv6_dst ipv6_exthdr ip_proto ip_tos ip_ttl ip_frag
            tp_src tp_dst ipv6_label tcp_flags igmp_group
            nd_target nd_options_type nd_reserved arp_sha arp_op arp_tha;
        ignored: in_port recirc_id _reserved_eth _reserved_nd _reserved_ct
            tun_id tun_src tun_dst tun_ipv6_src tun_ipv6_dst tun_flags tun_tos tun_ttl
            tun_tp_src tun_tp_dst tun_gbp_id tun_gbp_flags tun_erspan_ver tun_erspan_idx
            tun_erspan_dir tun_erspan_hwid tun_gtpu_flags tun_gtpu_msgtype
            pkt_mark skb_priority dp_hash conj_id
            ct_state ct_mark ct_zone ct_nw_proto ct_tp_src ct_tp_dst ct_label
            ct_nw_src ct_nw_dst ct_ipv6_src ct_ipv6_dst
            metadata regs in_phy_port actset_output tun_metadata_present tun_metadata
    }
}

/// Writes over what already stands at `at`.
fn put<const N: usize>(frame: &mut Frame, at: usize, bytes: [u8; N]) {
    let slot = frame.as_mut_slice().get_mut(at..).and_then(|rest| rest.first_chunk_mut::<N>());
    if let Some(slot) = slot {
        *slot = bytes;
    }
}
