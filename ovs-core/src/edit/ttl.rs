//! Times to live, copied between an outer header and the next.

use super::bytes::{read, slot};
use super::ip::set_ipv4_ttl;
use super::walk::{Ethernet, Ipv6, Payload};
use crate::Frame;
use crate::key::eth_type;

/// IP in IP (RFC 2003 §3.1, RFC 2473 §4).
const PROTO_IPV4: u8 = 4;
const PROTO_IPV6: u8 = 41;

/// A header with a time to live, and its place.
#[derive(Clone, Copy)]
enum Header {
    Mpls(usize),
    Ipv4(usize),
    Ipv6(usize),
}

pub(super) fn copy_out(frame: &mut Frame) -> Option<()> {
    let (outer, inner) = outer_and_inner(frame.as_slice())?;
    let ttl = inner.ttl(frame.as_slice())?;
    outer.set_ttl(frame.as_mut_slice(), ttl)
}

pub(super) fn copy_in(frame: &mut Frame) -> Option<()> {
    let (outer, inner) = outer_and_inner(frame.as_slice())?;
    let ttl = outer.ttl(frame.as_slice())?;
    inner.set_ttl(frame.as_mut_slice(), ttl)
}

/// The two outermost headers that have a time to live.
fn outer_and_inner(bytes: &[u8]) -> Option<(Header, Header)> {
    let ethernet = Ethernet::of(bytes)?;
    let at = ethernet.payload();
    match ethernet.eth_type {
        eth_type::MPLS | eth_type::MPLS_MULTICAST => {
            // RFC 3032 §2.1: the bit says that this is the bottom of the stack.
            let [_, _, bottom, _] = read(bytes, at)?;
            let inner = if bottom & 1 != 0 {
                ip_at(bytes, at + 4)?
            } else {
                read::<4>(bytes, at + 4)?;
                Header::Mpls(at + 4)
            };
            Some((Header::Mpls(at), inner))
        }
        eth_type::IPV4 => Some((Header::Ipv4(at), ip_in(bytes, &Payload::of_ipv4(bytes, at)?)?)),
        eth_type::IPV6 => {
            Some((Header::Ipv6(at), ip_in(bytes, &Ipv6::at(bytes, at)?.chain?.payload)?))
        }
        _ => None,
    }
}

/// The IP header that IP carries.
fn ip_in(bytes: &[u8], payload: &Payload) -> Option<Header> {
    let inner = ip_at(bytes.get(..payload.end)?, payload.at)?;
    match (payload.proto, inner) {
        _ if payload.is_later_fragment => None,
        (PROTO_IPV4, Header::Ipv4(_)) | (PROTO_IPV6, Header::Ipv6(_)) => Some(inner),
        _ => None,
    }
}

/// The IP header that begins at `at`; its first four bits tell the version. How much of its packet
/// there is, in a fragment, does not matter.
fn ip_at(bytes: &[u8], at: usize) -> Option<Header> {
    match bytes.get(at)? >> 4 {
        4 => {
            let [version_ihl, ..] = read::<20>(bytes, at)?;
            (version_ihl & 0x0f >= 5).then_some(Header::Ipv4(at))
        }
        6 => read::<40>(bytes, at).map(|_| Header::Ipv6(at)),
        _ => None,
    }
}

impl Header {
    fn ttl_at(self) -> usize {
        match self {
            Self::Mpls(at) => at + 3,
            Self::Ipv4(at) => at + 8,
            Self::Ipv6(at) => at + 7,
        }
    }

    fn ttl(self, bytes: &[u8]) -> Option<u8> {
        bytes.get(self.ttl_at()).copied()
    }

    fn set_ttl(self, bytes: &mut [u8], ttl: u8) -> Option<()> {
        if let Self::Ipv4(at) = self {
            return set_ipv4_ttl(bytes, at, ttl);
        }
        *slot(bytes, self.ttl_at())? = [ttl];
        Some(())
    }
}
