//! Reading and writing at places of a frame that may not have them.

use super::Masked;
use crate::Frame;
use crate::checksum::Checksum;

/// The `N` bytes from `at` on, if they are all there.
#[inline]
pub(super) fn read<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// The same as a number in network byte order.
#[inline]
pub(super) fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    read(bytes, at).map(u16::from_be_bytes)
}

/// The `N` bytes from `at` on, to be changed.
#[inline]
pub(super) fn slot<const N: usize>(bytes: &mut [u8], at: usize) -> Option<&mut [u8; N]> {
    bytes.get_mut(at..)?.first_chunk_mut::<N>()
}

impl<T> Masked<T> {
    /// Value and mask as they stand in a header of `N` bytes.
    #[inline(always)]
    pub(super) fn as_bytes<const N: usize>(
        &self,
        layout: impl Fn(&T) -> [u8; N],
    ) -> Masked<[u8; N]> {
        Masked { value: layout(&self.value), mask: layout(&self.mask) }
    }
}

impl<const N: usize> Masked<[u8; N]> {
    /// The bytes of `old` with those bits changed that the mask has.
    #[inline(always)]
    pub(super) fn of(&self, mut old: [u8; N]) -> [u8; N] {
        for ((byte, value), mask) in old.iter_mut().zip(self.value).zip(self.mask) {
            *byte = *byte & !mask | value & mask;
        }
        old
    }

    /// Changes `slot`, and tells by what that changes a sum over it.
    #[inline(always)]
    pub(super) fn write(&self, slot: &mut [u8; N]) -> Checksum {
        let new = self.of(*slot);
        let change = Checksum::new().replace(slot, &new);
        *slot = new;
        change
    }
}

/// The Internet checksum `field` of bytes whose sum changes (RFC 1624 §3): one that was wrong stays
/// wrong by as much.
#[inline]
pub(super) fn updated(field: u16, change: Checksum) -> u16 {
    if change.is_zero() { field } else { change.number(!field).finish() }
}

/// Makes room for `N` bytes at `at` and puts them there. What is in front of them moves, what is
/// behind stays where it is in memory.
pub(super) fn insert<const N: usize>(frame: &mut Frame, at: usize, bytes: [u8; N]) {
    shift_offload(frame, at, N);
    frame.push_front(N);
    if let Some(front) = frame.as_mut_slice().get_mut(..at + N) {
        front.copy_within(N.., 0);
        if let Some(slot) = front.last_chunk_mut::<N>() {
            *slot = bytes;
        }
    }
}

/// Takes off the `n` bytes from `at` on, which the frame has.
pub(super) fn remove(frame: &mut Frame, at: usize, n: usize) {
    if let Some(front) = frame.as_mut_slice().get_mut(..at + n) {
        front.copy_within(..at, n);
        frame.pull_front(n);
        unshift_offload(frame, at, n);
    }
}

/// What is left to do is to be done `n` bytes further behind.
fn shift_offload(frame: &mut Frame, at: usize, n: usize) {
    let offload = &mut frame.offload;
    if offload.header_len != 0 {
        offload.header_len = offload.header_len.saturating_add(n as u16);
    }
    if offload.needs_checksum() && usize::from(offload.csum_start) >= at {
        match offload.csum_start.checked_add(n as u16) {
            Some(start) => offload.csum_start = start,
            None => finish_checksum(frame),
        }
    }
}

/// The reverse. A checksum that began in the bytes that are gone is gone with them.
fn unshift_offload(frame: &mut Frame, at: usize, n: usize) {
    let offload = &mut frame.offload;
    offload.header_len = offload.header_len.saturating_sub(n as u16);
    let start = usize::from(offload.csum_start);
    if start >= at + n {
        offload.csum_start -= n as u16;
    } else if start > at {
        offload.csum_start = 0;
    }
    if offload.csum_start == 0 {
        offload.csum_offset = 0;
    }
}

/// Finishes a checksum that is unfinished; drops the note of one outside of the frame.
pub(super) fn finish_checksum(frame: &mut Frame) {
    if crate::checksum::finish(frame).is_err() {
        frame.offload.csum_start = 0;
        frame.offload.csum_offset = 0;
    }
}
