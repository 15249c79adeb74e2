//! Bytes to messages, and messages to bytes.

use crate::message::Header;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

/// What the bytes received begin with.
pub(super) enum Front {
    /// Less than a message.
    Part,
    /// A whole message.
    Whole(Header),
    /// A length that is less than that of the header.
    TooShort(Header),
    /// A length that is more than is allowed.
    TooLong(Header),
}

/// Bytes received that are not yet messages.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: BytesMut,
}

impl Inbox {
    /// Copies in as many bytes as have room; how many.
    pub(super) fn receive(&mut self, bytes: &[u8], limit: usize) -> usize {
        let room = limit.saturating_sub(self.bytes.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(taken);
        taken.len()
    }

    pub(super) fn front(&self, max_message: usize) -> Front {
        let Some(header) = Header::peek(&self.bytes) else { return Front::Part };
        match usize::from(header.length) {
            length if length < Header::LEN => Front::TooShort(header),
            length if length > max_message => Front::TooLong(header),
            length if length > self.bytes.len() => Front::Part,
            _ => Front::Whole(header),
        }
    }

    /// Takes the bytes in front, without a copy: all of them if there are fewer.
    pub(super) fn take(&mut self, length: usize) -> Bytes {
        self.bytes.split_to(length.min(self.bytes.len())).freeze()
    }

    pub(super) fn clear(&mut self) {
        self.bytes = BytesMut::new();
    }
}

/// Bytes that wait to be sent: whole messages, of the first perhaps only the rest.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// The first `n` bytes are gone. Moves the rest only when it is less than what is gone, so that each
    /// byte is moved less than once.
    pub(super) fn sent(&mut self, n: usize) {
        self.sent = self.sent.saturating_add(n).min(self.bytes.len());
        if self.sent >= self.bytes.len() - self.sent {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}
