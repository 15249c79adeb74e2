//! Appends structures to a caller's buffer.

use crate::error::EncodeError;
use alloc::vec::Vec;

/// Appends one message to a buffer. All numbers are big-endian; padding is zero.
///
/// What stood in the buffer before is not touched, and alignment counts from where the writer
/// began.
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

/// The place of a 16-bit length that is not known yet: see [`Writer::open`].
#[must_use]
pub(crate) struct Length {
    /// Where the structure begins that the length is of.
    begin: usize,
    /// Where the length stands.
    at: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// A writer of a message in this one.
    pub(crate) fn message(&mut self) -> Writer<'_> {
        Writer::new(self.out)
    }

    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len() - self.start
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.slice(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.slice(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.slice(&value.to_be_bytes());
    }

    pub(crate) fn slice(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn zeros(&mut self, count: usize) {
        self.out.resize(self.out.len() + count, 0);
    }

    /// Zeros until the number of bytes since `begin` (a value of [`len`](Self::len)) is a
    /// multiple of 8.
    pub(crate) fn align(&mut self, begin: usize) {
        self.zeros((self.len() - begin).wrapping_neg() % 8);
    }

    /// As much of a text as goes into a field of `size` bytes, filled up with zeros, at least one.
    /// Of a longer one there are as many whole characters as there is room for.
    pub(crate) fn string(&mut self, text: &str, size: usize) {
        let fits = |end: &usize| text.is_char_boundary(*end);
        let end = (0..size.min(text.len() + 1)).rev().find(fits).unwrap_or(0);
        self.slice(text.get(..end).unwrap_or_default().as_bytes());
        self.zeros(size - end);
    }

    /// Writes a 16-bit length as zero, to be filled in by [`close`](Self::close); it is that of
    /// the structure that began at `begin` (a value of [`len`](Self::len)).
    pub(crate) fn open(&mut self, begin: usize) -> Length {
        let at = self.len();
        self.u16(0);
        Length { begin, at }
    }

    /// Fills in a length, now that the structure has been written.
    ///
    /// # Errors
    /// If it is longer than 65,535 bytes.
    pub(crate) fn close(
        &mut self,
        length: Length,
        structure: &'static str,
    ) -> Result<(), EncodeError> {
        let bytes = self.len() - length.begin;
        let number = u16::try_from(bytes).map_err(|_| EncodeError::TooLong { structure, bytes })?;
        self.patch(length.at, &number.to_be_bytes());
        Ok(())
    }

    /// The 16 bits that were written at `at` (a value of [`len`](Self::len)).
    pub(crate) fn written_u16(&self, at: usize) -> u16 {
        let place = self.out.get(self.start + at..).and_then(|rest| rest.first_chunk());
        place.map_or(0, |bytes| u16::from_be_bytes(*bytes))
    }

    /// Writes a property (`struct ofp_prop_header` of OpenFlow 1.4): type, length, value, and
    /// padding to a multiple of 8, which the length does not count.
    ///
    /// # Errors
    /// If it is longer than 65,535 bytes.
    pub(crate) fn property(
        &mut self,
        kind: u16,
        value: &[u8],
        structure: &'static str,
    ) -> Result<(), EncodeError> {
        let begin = self.len();
        self.u16(kind);
        let length = self.open(begin);
        self.slice(value);
        self.close(length, structure)?;
        self.align(begin);
        Ok(())
    }

    /// Overwrites what was written at `at` (a value of [`len`](Self::len)).
    pub(crate) fn patch(&mut self, at: usize, bytes: &[u8]) {
        let at = self.start + at;
        if let Some(place) = self.out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}
