//! A cursor over the bytes of one message.

use crate::error::{DecodeError, Problem};
use crate::error_code::ErrorCode;
use bytes::Bytes;

/// Reads a structure from front to back. All numbers are big-endian.
///
/// A reader knows where it stands in the message and in which structure, so that an error can
/// say so. What does not fit is a bad length (`OFPBRC_BAD_LEN`), unless
/// [`sub`](Self::sub) said that in this structure it is another code.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    message: &'a Bytes,
    /// What is left.
    rest: &'a [u8],
    /// Where `rest` begins in the message, in bytes.
    offset: usize,
    structure: &'static str,
    /// The code for a length that is wrong.
    bad_length: ErrorCode,
}

impl<'a> Reader<'a> {
    /// Reads a whole message, header included.
    pub(crate) fn new(message: &'a Bytes, structure: &'static str) -> Self {
        let bad_length = ErrorCode::OFPBRC_BAD_LEN;
        Self { message, rest: message, offset: 0, structure, bad_length }
    }

    /// Bytes left.
    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where the next byte stands in the message.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The same bytes under another name: for the parts of a structure.
    pub(crate) fn named(mut self, structure: &'static str, bad_length: ErrorCode) -> Self {
        self.structure = structure;
        self.bad_length = bad_length;
        self
    }

    /// Takes the next `len` bytes as a structure of its own.
    pub(crate) fn sub(
        &mut self,
        len: usize,
        structure: &'static str,
        bad_length: ErrorCode,
    ) -> Result<Reader<'a>, DecodeError> {
        let offset = self.offset;
        let message = self.message;
        let rest = self.slice(len)?;
        Ok(Reader { message, rest, offset, structure, bad_length })
    }

    /// Takes the next of several structures that follow each other and say how long they are: in
    /// 16 bits that stand `at` bytes behind the beginning of each. None has less than `least`
    /// bytes, so that a list of them has an end.
    pub(crate) fn element(
        &mut self,
        at: usize,
        least: usize,
        structure: &'static str,
        bad_length: ErrorCode,
    ) -> Result<Reader<'a>, DecodeError> {
        let mut whole = self.clone().named(structure, bad_length);
        whole.clone().skip(least)?;
        let mut place = whole.clone();
        place.skip(at)?;
        let len = usize::from(place.clone().u16()?);
        if len < least {
            return Err(place.refuse(bad_length));
        }
        let element = whole.sub(len, structure, bad_length)?;
        self.rest = whole.rest;
        self.offset = whole.offset;
        Ok(element)
    }

    /// Takes the next property (`struct ofp_prop_header` of OpenFlow 1.4, which some extensions and
    /// OpenFlow 1.3's table features have too): its type, and what follows its header. Behind it
    /// there is padding to a multiple of 8 bytes, which its length does not count.
    pub(crate) fn property(&mut self) -> Result<(u16, Reader<'a>), DecodeError> {
        let bad_length = ErrorCode::OFPBPC_BAD_LEN;
        let mut property = self.element(2, 4, "ofp_prop_header", bad_length)?;
        // An experimenter's begins with its id and a type.
        if property.peek().starts_with(&[0xff, 0xff]) && property.len() < 12 {
            return Err(property.bad_length(12));
        }
        let padding = property.len().wrapping_neg() % 8;
        if self.rest.len() < padding {
            return Err(self.clone().named("ofp_prop_header", bad_length).bad_length(padding));
        }
        self.skip(padding)?;
        let kind = property.u16()?;
        property.skip(2)?;
        Ok((kind, property))
    }

    /// Takes the next `len` bytes.
    pub(crate) fn slice(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                self.offset += len;
                Ok(taken)
            }
            None => Err(self.bad_length(len)),
        }
    }

    /// Takes the next `len` bytes as a share of the message's buffer: nothing is copied.
    pub(crate) fn bytes(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        let message = self.message;
        self.slice(len).map(|slice| message.slice_ref(slice))
    }

    /// Takes all that is left, as a share of the message's buffer.
    pub(crate) fn rest_bytes(&mut self) -> Bytes {
        let rest = self.rest_slice();
        self.message.slice_ref(rest)
    }

    /// Takes all that is left.
    pub(crate) fn rest_slice(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.offset += rest.len();
        self.rest = &[];
        rest
    }

    /// Looks at the bytes that are left without taking them.
    pub(crate) fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// Passes over padding, whatever is in it.
    pub(crate) fn skip(&mut self, len: usize) -> Result<(), DecodeError> {
        self.slice(len).map(drop)
    }

    /// Passes over `len` bytes that must be zero; else `code` says what is wrong.
    pub(crate) fn zeros_of(&mut self, len: usize, code: ErrorCode) -> Result<(), DecodeError> {
        let at = self.clone();
        let zero = self.slice(len)?.iter().all(|byte| *byte == 0);
        if zero { Ok(()) } else { Err(at.refuse(code)) }
    }

    /// Passes over all that is left, which must be zero.
    pub(crate) fn zeros(&mut self, code: ErrorCode) -> Result<(), DecodeError> {
        self.zeros_of(self.len(), code)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                self.offset += N;
                Ok(*taken)
            }
            None => Err(self.bad_length(N)),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Sees to it that nothing is left.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.fail_with(self.bad_length, Problem::Excess { excess: self.len() }))
        }
    }

    /// Sees to it that what is left is a multiple of 8 bytes, as most of what OpenFlow defines.
    pub(crate) fn aligned(&self) -> Result<(), DecodeError> {
        if self.len() % 8 == 0 { Ok(()) } else { Err(self.refuse(self.bad_length)) }
    }

    /// An error at this place: what is next is refused, for the reason that `code` tells.
    pub(crate) fn refuse(&self, code: ErrorCode) -> DecodeError {
        self.fail_with(code, Problem::Refused)
    }

    fn bad_length(&self, needed: usize) -> DecodeError {
        let available = self.rest.len();
        self.fail_with(self.bad_length, Problem::Truncated { needed, available })
    }

    fn fail_with(&self, code: ErrorCode, problem: Problem) -> DecodeError {
        DecodeError { code, problem, structure: self.structure, offset: self.offset }
    }
}
