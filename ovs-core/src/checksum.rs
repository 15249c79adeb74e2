//! The Internet checksum (RFC 1071), and finishing one that a frame's sender left undone.
//!
//! ```
//! use ovs_core::checksum::{Checksum, internet_checksum};
//!
//! // The header of RFC 1071 §3's example, all at once and piece by piece.
//! let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
//! assert_eq!(internet_checksum(&bytes), !0xddf2);
//! assert_eq!(Checksum::new().bytes(&bytes[..4]).bytes(&bytes[4..]).finish(), !0xddf2);
//! ```

use crate::Frame;
use crate::frame::Offload;

/// A ones' complement sum of 16-bit numbers that is being added up.
///
/// The pieces may come in any order; each must begin at an even distance from the start of
/// what is summed, so all but the last are of even length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    /// Sum of 32-bit numbers in the machine's own byte order: it does not matter for a ones'
    /// complement sum until the end (RFC 1071 §2 B).
    sum: u64,
}

impl Checksum {
    /// The sum of nothing.
    pub const fn new() -> Self {
        Self { sum: 0 }
    }

    /// With `bytes` added; an odd last byte counts as if a zero followed.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut sum = 0u64;
        let mut words = bytes.chunks_exact(4);
        for word in &mut words {
            if let Ok(word) = word.try_into() {
                // Cannot overflow: a slice is shorter than 2^32 words.
                sum += u64::from(u32::from_ne_bytes(word));
            }
        }
        let mut last = [0; 4];
        for (to, from) in last.iter_mut().zip(words.remainder()) {
            *to = *from;
        }
        sum += u64::from(u32::from_ne_bytes(last));
        self.plus(sum)
    }

    /// With one 16-bit number added.
    #[must_use]
    pub fn number(self, number: u16) -> Self {
        self.plus(u64::from(u16::from_ne_bytes(number.to_be_bytes())))
    }

    /// With the pseudo-header of TCP and UDP over IPv4 added (RFC 9293 §3.1): addresses, the
    /// protocol, and `length`, the bytes of the L4 header and payload.
    #[must_use]
    pub fn pseudo_header_v4(self, src: [u8; 4], dst: [u8; 4], proto: u8, length: u16) -> Self {
        self.bytes(&src).bytes(&dst).number(u16::from(proto)).number(length)
    }

    /// With the pseudo-header of upper layers over IPv6 added (RFC 8200 §8.1): addresses,
    /// the protocol, and `length`, the bytes of the upper layer's header and payload.
    #[must_use]
    pub fn pseudo_header_v6(self, src: [u8; 16], dst: [u8; 16], proto: u8, length: u32) -> Self {
        self.bytes(&src).bytes(&dst).number(u16::from(proto)).bytes(&length.to_be_bytes())
    }

    /// With a part of what is summed changed: `new` added, and `old` taken away again (RFC 1624 §3).
    /// The part stands at an even distance from the start and has an even length. Nothing is
    /// added for a part that stays as it is.
    #[must_use]
    pub(crate) fn replace<const N: usize>(self, old: &[u8; N], new: &[u8; N]) -> Self {
        if old == new { self } else { self.bytes(new).bytes(&old.map(|byte| !byte)) }
    }

    /// With another sum added.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        self.plus(other.sum)
    }

    /// Is it the sum of nothing, or of zeros?
    pub(crate) fn is_zero(self) -> bool {
        self.sum == 0
    }

    /// The sum folded to 16 bits, not complemented: what a sender leaves in the checksum field
    /// for another to finish.
    pub fn folded(self) -> u16 {
        let mut sum = self.sum;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        u16::from_be_bytes((sum as u16).to_ne_bytes())
    }

    /// The checksum: the complement of the folded sum, as a number; it stands in network byte
    /// order in a header. Over a whole header or packet whose checksum is right it is 0.
    pub fn finish(self) -> u16 {
        !self.folded()
    }

    fn plus(self, more: u64) -> Self {
        let (sum, carry) = self.sum.overflowing_add(more);
        Self { sum: sum + u64::from(carry) }
    }
}

/// The Internet checksum of `bytes` (RFC 1071), as a number; see [`Checksum::finish`].
pub fn internet_checksum(bytes: &[u8]) -> u16 {
    Checksum::new().bytes(bytes).finish()
}

/// By what the CRC32c of SCTP (RFC 9260 appendix A) over `length` bytes changes, in exclusive-or, when the
/// first four change from `old` to `new`.
///
/// The rest of the bytes does not matter, nor do they need to be read: a CRC is a remainder of polynomials
/// over GF(2), so the change of the remainder is the remainder of the change, multiplied by
/// x once for each bit of the packet. The logarithm of the length is how often must be squared.
pub(crate) fn crc32c_change(old: [u8; 4], new: [u8; 4], length: usize) -> u32 {
    /// x to the power of 8. The bit of the highest value stands for 1.
    const X_8: u32 = 1 << (31 - 8);
    let mut change = u32::from_le_bytes(old) ^ u32::from_le_bytes(new);
    let (mut power, mut bytes) = (X_8, length);
    while bytes != 0 {
        if bytes & 1 != 0 {
            change = crc32c_multiply(change, power);
        }
        power = crc32c_multiply(power, power);
        bytes >>= 1;
    }
    change
}

/// The product of two polynomials, reduced.
fn crc32c_multiply(a: u32, mut b: u32) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut product = 0;
    for bit in (0..32).rev() {
        product ^= b & (a >> bit & 1).wrapping_neg();
        b = b >> 1 ^ POLYNOMIAL & (b & 1).wrapping_neg();
    }
    product
}

/// Why an unfinished checksum cannot be finished: its [`Offload`] points outside of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a checksum from byte {start} on, to be stored at byte {field}, needs {needed} bytes, the frame has {available}"
)]
pub struct ChecksumError {
    /// First byte that the checksum covers.
    pub start: usize,
    /// First byte of the checksum field.
    pub field: usize,
    /// Bytes that the frame must have at least.
    pub needed: usize,
    /// Bytes that it has.
    pub available: usize,
}

/// Finishes the checksum that [`Frame::offload`] says is unfinished (Virtual I/O Device 1.2
/// §5.1.6.2): sums the bytes from `csum_start` to the end of the frame, among them the sum of
/// the pseudo-header that the sender left in the field, stores the complement there, and notes
/// in the offload that nothing is left to sum. Does nothing to a frame without such a note.
///
/// A checksum of 0 is stored as 0xffff, which is the same number in ones' complement, and
/// does not mean "none" in UDP (RFC 768).
///
/// # Errors
///
/// The offsets point outside of the frame; it is unchanged then.
pub fn finish(frame: &mut Frame) -> Result<(), ChecksumError> {
    let Offload { csum_start, csum_offset, .. } = frame.offload;
    if !frame.offload.needs_checksum() {
        return Ok(());
    }
    let start = usize::from(csum_start);
    let available = frame.len();
    let covered = frame.as_mut_slice().get_mut(start..).unwrap_or_default();
    let checksum = match internet_checksum(covered) {
        0 => 0xffff,
        checksum => checksum,
    };
    match covered.get_mut(usize::from(csum_offset)..).and_then(|rest| rest.first_chunk_mut::<2>()) {
        Some(slot) => *slot = checksum.to_be_bytes(),
        None => {
            let field = start + usize::from(csum_offset);
            return Err(ChecksumError { start, field, needed: field + 2, available });
        }
    }
    frame.offload.csum_start = 0;
    frame.offload.csum_offset = 0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// RFC 1071 §1 as it is written.
    fn slow(bytes: &[u8]) -> u16 {
        let mut sum = 0u32;
        for pair in bytes.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    fn unfinished(bytes: Vec<u8>, start: u16, offset: u8) -> Frame {
        let mut frame = Frame::from(bytes);
        frame.offload.csum_start = start;
        frame.offload.csum_offset = offset;
        frame
    }

    #[test]
    fn ipv4_header_of_a_known_packet() {
        // From the article "Internet checksum" of Wikipedia: the checksum field, b861, is zero here.
        let header = [
            0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0,
            0xc7,
        ];
        assert_eq!(internet_checksum(&header), 0xb861);
    }

    #[test]
    fn large_sums_carry() {
        let ones = [0xff; 65_536];
        assert_eq!(internet_checksum(&ones), 0);
        let sum = Checksum { sum: u64::MAX }.bytes(&[0, 1]);
        assert_eq!(sum.folded(), 1);
    }

    #[test]
    fn udp_is_finished_in_place_once() {
        // Ethernet and IPv4 headers need not be real: only what lies behind byte 4 is summed.
        // UDP ports 1 and 2, length 10, payload "hi"; 10.0.0.1 to 10.0.0.2.
        let pseudo = Checksum::new().pseudo_header_v4([10, 0, 0, 1], [10, 0, 0, 2], 17, 10);
        let [p0, p1] = pseudo.folded().to_be_bytes();
        let bytes = alloc::vec![9, 9, 9, 9, 0, 1, 0, 2, 0, 10, p0, p1, b'h', b'i'];
        let mut frame = unfinished(bytes, 4, 6);
        finish(&mut frame).unwrap();
        assert_eq!(frame.offload, Offload::NONE);
        let done = frame.clone();
        let check = Checksum::new().pseudo_header_v4([10, 0, 0, 1], [10, 0, 0, 2], 17, 10);
        assert_eq!(check.bytes(&frame.as_slice()[4..]).finish(), 0);
        finish(&mut frame).unwrap();
        assert_eq!(frame, done);
    }

    #[test]
    fn zero_becomes_all_ones() {
        let mut frame = unfinished(alloc::vec![7, 0xff, 0xff, 0, 0], 1, 2);
        finish(&mut frame).unwrap();
        assert_eq!(frame.as_slice(), [7, 0xff, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn a_change_is_followed_as_in_the_rfc() {
        // RFC 1624 §4: with checksum dd2f the number 5555 becomes 3285. The older way gives ffff.
        let change = Checksum::new().replace(&[0x55, 0x55], &[0x32, 0x85]);
        assert_eq!(change.number(!0xdd2f).finish(), 0);
        assert!(Checksum::new().replace(&[7; 4], &[7; 4]).is_zero());
    }

    #[test]
    fn crc32c_of_known_bytes_changes_to_that_of_others() {
        // RFC 3720 appendix B.4: 32 bytes of zeros have 8a9136aa. By a table-driven program: with 01020304
        // in front of 28 zeros it is a9ef53e7.
        assert_eq!(crc32c_change([0; 4], [1, 2, 3, 4], 32), 0x8a91_36aa ^ 0xa9ef_53e7);
        assert_eq!(crc32c_change([9; 4], [9; 4], 32), 0);
    }

    proptest! {
        #[test]
        fn agrees_with_the_rfc(bytes: Vec<u8>, cut: usize) {
            prop_assert_eq!(internet_checksum(&bytes), slow(&bytes));
            let even = (cut % (bytes.len() + 1)) & !1;
            let (a, b) = bytes.split_at(even);
            prop_assert_eq!(Checksum::new().bytes(b).bytes(a).finish(), slow(&bytes));
        }

        #[test]
        fn lying_offsets_are_refused(bytes: Vec<u8>, start in 1u16.., offset: u8) {
            let mut frame = unfinished(bytes, start, offset);
            let before = frame.clone();
            let fits = usize::from(start) + usize::from(offset) + 2 <= before.len();
            match finish(&mut frame) {
                Ok(()) => prop_assert!(fits && frame.offload == Offload::NONE),
                Err(error) => {
                    prop_assert!(!fits && frame == before);
                    prop_assert!(error.needed > error.available);
                }
            }
        }
    }
}
