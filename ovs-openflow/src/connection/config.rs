//! What a connection offers, and what it bears.

use crate::message::VersionSet;
use core::time::Duration;

/// What a [`Connection`](super::Connection) offers, and its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The versions that it offers. Those that this crate does not speak are left out.
    pub versions: VersionSet,
    /// Time without a byte from the peer after which it is asked whether it is still there.
    pub idle: Duration,
    /// Time that it has to answer: to that question, and in the beginning to say hello.
    pub answer: Duration,
    /// Bytes that a message from the peer may have, header included.
    pub max_message: usize,
    /// Bytes received that may wait for [`poll`](super::Connection::poll). At least
    /// `max_message` are allowed in any case.
    pub max_received: usize,
    /// Bytes that may wait to be sent. At least a message of `max_message` bytes is allowed in
    /// any case.
    pub max_queued: usize,
    /// Bytes of a wrong message that go back with the error. At least 64 are allowed in any case
    /// (OpenFlow 1.3.5 §7.4.4).
    pub error_data: usize,
}

impl Default for Config {
    /// OpenFlow 1.0 and 1.3; 5 seconds idle and 5 to answer; messages of any length, 256 KiB
    /// received, 1 MiB queued; 1024 bytes of what is wrong.
    fn default() -> Self {
        Self {
            versions: VersionSet::ALL,
            idle: Duration::from_secs(5),
            answer: Duration::from_secs(5),
            max_message: 0xffff,
            max_received: 1 << 18,
            max_queued: 1 << 20,
            error_data: 1024,
        }
    }
}

/// Bytes of an error message in front of its data: a header, and at most 12 of type and code.
pub(super) const ERROR_HEAD: usize = 20;

impl Config {
    /// The same with every limit at least as large as is said at it, so that no connection can
    /// get stuck.
    pub(super) fn sane(self) -> Self {
        let max_message = self.max_message.clamp(64, 0xffff);
        let error_data = self.error_data.clamp(64, 0xffff - ERROR_HEAD);
        Self {
            versions: self.versions.common(VersionSet::ALL),
            max_message,
            max_received: self.max_received.max(max_message),
            max_queued: self.max_queued.max(max_message.saturating_add(ERROR_HEAD)),
            error_data,
            ..self
        }
    }
}
