//! What a connection has to tell.

#[cfg(doc)]
use super::{Config, Connection};
use crate::codec::Envelope;
use crate::error::{DecodeError, EncodeError};
use crate::message::{ErrorMessage, Header};
use crate::protocol::Version;

/// What happened on a connection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "an event is moved once, and a box would be an allocation for each message"
)]
pub enum Event {
    /// Both sides have said hello, and speak this version from now on.
    Established(Version),
    /// The peer has sent a message. Echo requests, and answers to those of the connection itself,
    /// are not among them.
    Message(Envelope),
    /// The peer has sent what is no message. It has been told so, unless it was an answer of its;
    /// the connection goes on.
    Undecodable {
        /// The header of it.
        header: Header,
        /// What is wrong.
        error: DecodeError,
    },
    /// The connection is over. This is the last event.
    Closed(Reason),
}

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The two sides share no version.
    NoCommonVersion,
    /// The peer has answered the hello with an error.
    Refused(ErrorMessage),
    /// The peer's first message, which has this header, was no hello.
    NoHello(Header),
    /// A message cannot have this length: less than 8 bytes, or more than
    /// [`Config::max_message`].
    BadLength(u16),
    /// The peer said nothing for too long.
    Timeout,
    /// There are no more bytes from the peer.
    End,
}

/// Why a message cannot be sent. Nothing of it has been queued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// No version has been agreed on yet.
    #[error("the connection is not established yet")]
    NotEstablished,
    /// The connection is over.
    #[error("the connection is closed")]
    Closed,
    /// There would be more bytes queued than [`Config::max_queued`]. Try again when some are
    /// [sent](Connection::sent).
    #[error("{queued} bytes wait to be sent, and {message} more have no room")]
    Full {
        /// Bytes that wait.
        queued: usize,
        /// Bytes of the message.
        message: usize,
    },
    /// It cannot be written in the version agreed on.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
