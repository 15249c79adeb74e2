//! IPv4 and IPv6 headers.

use super::bytes::{read_u16, slot, updated};
use super::walk::{Ethernet, Ipv6, L4, Payload};
use super::{Ipv4Fields, Ipv6Fields, Masked};
use crate::Frame;
use crate::checksum::Checksum;
use crate::key::eth_type;

/// Place of the checksum in an IPv4 header.
const CHECKSUM: usize = 10;

/// RFC 791 §3.1.
pub(super) fn set_ipv4(frame: &mut Frame, edit: &Masked<Ipv4Fields>) -> Option<()> {
    const ADDRESSES: usize = 12;
    let at = Ethernet::payload_of(frame.as_slice(), eth_type::IPV4)?;
    let payload = Payload::of_ipv4(frame.as_slice(), at)?;
    let addresses = edit.as_bytes(|ip| {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (ip.src, ip.dst);
        [a0, a1, a2, a3, b0, b1, b2, b3]
    });
    let packet = frame.as_mut_slice().get_mut(at..)?;
    let tos = edit.as_bytes(|ip| [0, ip.tos]).write(slot(packet, 0)?);
    let ttl_proto = edit.as_bytes(|ip| [ip.ttl, ip.proto]).write(slot(packet, 8)?);
    let addresses = addresses.write(slot(packet, ADDRESSES)?);
    update_header_checksum(packet, tos.and(ttl_proto).and(addresses))?;
    if let Some(l4) = L4::of_ipv4(&payload) {
        l4.addresses_changed(addresses, frame);
    }
    Some(())
}

/// `packet` begins with an IPv4 header whose sum changed.
fn update_header_checksum(packet: &mut [u8], change: Checksum) -> Option<()> {
    let checksum = updated(read_u16(packet, CHECKSUM)?, change);
    *slot(packet, CHECKSUM)? = checksum.to_be_bytes();
    Some(())
}

/// Changes the time to live of the IPv4 header at `at`.
pub(super) fn set_ipv4_ttl(bytes: &mut [u8], at: usize, ttl: u8) -> Option<()> {
    let packet = bytes.get_mut(at..)?;
    let edit = Masked { value: [ttl, 0], mask: [0xff, 0] };
    let change = edit.write(slot(packet, 8)?);
    update_header_checksum(packet, change)
}

/// RFC 8200 §3, §8.1.
pub(super) fn set_ipv6(frame: &mut Frame, edit: &Masked<Ipv6Fields>) -> Option<()> {
    let at = Ethernet::payload_of(frame.as_slice(), eth_type::IPV6)?;
    let ip = Ipv6::at(frame.as_slice(), at)?;
    let packet = frame.as_mut_slice();
    let first = edit.as_bytes(|ip| {
        let [_, l1, l2, l3] = ip.label.to_be_bytes();
        [ip.tos >> 4, ip.tos << 4 | l1 & 0x0f, l2, l3, 0, 0, 0, ip.ttl]
    });
    first.write(slot(packet, at)?);
    let src = edit.as_bytes(|ip| ip.src).write(slot(packet, at + 8)?);
    let dst = edit.as_bytes(|ip| ip.dst).write(slot(packet, at + 24)?);
    let chain = ip.chain?;
    if !chain.payload.is_later_fragment {
        edit.as_bytes(|ip| [ip.proto]).write(slot(packet, chain.proto_at)?);
    }
    if let Some(l4) = L4::of_ipv6(&chain.payload) {
        // What is summed is the destination that the packet has in the end.
        let change = if chain.has_segments_left { src } else { src.and(dst) };
        l4.addresses_changed(change, frame);
    }
    Some(())
}
