//! The virtio network header in front of a frame: what checksum and segmentation is left to do
//! (Virtual I/O Device 1.2 §5.1.6; `struct virtio_net_hdr` of linux/virtio_net.h).
//!
//! TAP devices and AF_PACKET sockets use its first 10 bytes, numbers in the machine's byte order.

#[cfg(test)]
mod tests;

use ovs_core::frame::{Offload, Segmentation};

/// Bytes of the header.
pub(crate) const LEN: usize = 10;

/// A header.
pub(crate) type Header = [u8; LEN];

/// The header of a frame with which nothing is left to do.
pub(crate) const NOTHING: Header = [0; LEN];

const NEEDS_CSUM: u8 = 1;
const GSO_NONE: u8 = 0;
const GSO_TCP4: u8 = 1;
const GSO_TCP6: u8 = 4;
const GSO_UDP_L4: u8 = 5;
/// A flag beside the type: the TCP header has CWR set. It asks for nothing: who segments clears it
/// in all segments but the first anyway.
const GSO_ECN: u8 = 0x80;

/// Why a header makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error(
        "a checksum from byte {start} on, to be stored {offset} bytes further, in a frame of {len} bytes"
    )]
    Checksum { start: u16, offset: u16, len: usize },
    #[error("segmentation of type {0}, which is not known")]
    Segmentation(u8),
    #[error("segments without payload")]
    SegmentSize,
}

/// What is left to do with a frame of `len` bytes that came with `header`.
#[inline]
pub(crate) fn decode(header: &Header, len: usize) -> Result<Offload, HeaderError> {
    if *header == NOTHING {
        return Ok(Offload::NONE);
    }
    decode_some(header, len)
}

fn decode_some(header: &Header, len: usize) -> Result<Offload, HeaderError> {
    let [flags, kind, h0, h1, g0, g1, s0, s1, o0, o1] = *header;
    let mut offload = Offload::NONE;
    if flags & NEEDS_CSUM != 0 {
        let start = u16::from_ne_bytes([s0, s1]);
        let offset = u16::from_ne_bytes([o0, o1]);
        offload.csum_start = start;
        offload.csum_offset = offset.min(u16::from(u8::MAX)) as u8;
        if u16::from(offload.csum_offset) != offset || !checksum_fits(&offload, len) {
            return Err(HeaderError::Checksum { start, offset, len });
        }
    }
    offload.segmentation = match kind & !GSO_ECN {
        GSO_NONE => return Ok(offload),
        GSO_TCP4 => Segmentation::Tcp4,
        GSO_TCP6 => Segmentation::Tcp6,
        GSO_UDP_L4 => Segmentation::Udp,
        _ => return Err(HeaderError::Segmentation(kind)),
    };
    offload.segment_size = u16::from_ne_bytes([g0, g1]);
    offload.header_len = u16::from_ne_bytes([h0, h1]);
    if offload.segment_size == 0 {
        return Err(HeaderError::SegmentSize);
    }
    Ok(offload)
}

/// The header for a frame of `len` bytes with which `offload` is left to do.
#[inline]
pub(crate) fn encode(offload: &Offload, len: usize) -> Result<Header, HeaderError> {
    if *offload == Offload::NONE {
        return Ok(NOTHING);
    }
    encode_some(offload, len)
}

fn encode_some(offload: &Offload, len: usize) -> Result<Header, HeaderError> {
    let mut header = NOTHING;
    let [flags, kind, h0, h1, g0, g1, s0, s1, o0, o1] = &mut header;
    if offload.needs_checksum() {
        let (start, offset) = (offload.csum_start, u16::from(offload.csum_offset));
        if !checksum_fits(offload, len) {
            return Err(HeaderError::Checksum { start, offset, len });
        }
        *flags = NEEDS_CSUM;
        [*s0, *s1] = start.to_ne_bytes();
        [*o0, *o1] = offset.to_ne_bytes();
    }
    *kind = match offload.segmentation {
        Segmentation::None => return Ok(header),
        Segmentation::Tcp4 => GSO_TCP4,
        Segmentation::Tcp6 => GSO_TCP6,
        Segmentation::Udp => GSO_UDP_L4,
        other => return Err(HeaderError::Segmentation(other as u8)),
    };
    if offload.segment_size == 0 {
        return Err(HeaderError::SegmentSize);
    }
    [*g0, *g1] = offload.segment_size.to_ne_bytes();
    // It is a hint, but the kernel refuses one that is longer than the frame.
    let hint = if usize::from(offload.header_len) <= len { offload.header_len } else { 0 };
    [*h0, *h1] = hint.to_ne_bytes();
    Ok(header)
}

/// Are what the checksum covers and its field inside a frame of `len` bytes? Not if it starts with
/// the frame: then it is none.
fn checksum_fits(offload: &Offload, len: usize) -> bool {
    let end = usize::from(offload.csum_start) + usize::from(offload.csum_offset) + 2;
    offload.needs_checksum() && end <= len
}
