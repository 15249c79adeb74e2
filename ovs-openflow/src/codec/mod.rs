//! Messages as bytes: one codec for each version and extension, for one set of
//! [messages](crate::message).
//!
//! ```text
//!  mod            the header; which type of which version is which message
//!  flow_mod, group, packet, port, …     the messages
//!  multipart/     questions and answers
//!  action/, instruction                 what is done with packets
//!  oxm/, of10_match                     what packets are matched on
//! ```

pub(crate) mod action;
pub(crate) mod flow_mod;
pub(crate) mod group;
pub(crate) mod instruction;
pub(crate) mod meter;
pub(crate) mod multipart;
pub(crate) mod of10_match;
pub(crate) mod oxm;
pub(crate) mod port;
pub(crate) mod scalar;

use crate::error::{DecodeError, EncodeError};
use crate::message::Message;
use crate::protocol::Protocol;
use alloc::vec::Vec;
use bytes::Bytes;

/// A message with what stands in its header.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The version, and the form that the message had: written again with this, it gives the same
    /// bytes.
    pub protocol: Protocol,
    /// Number of the transaction.
    pub xid: u32,
    /// The message.
    pub message: Message,
}

impl Message {
    /// Reads one whole message. Data in it shares the buffer of `bytes`.
    ///
    /// # Errors
    ///
    /// If it is no message of OpenFlow 1.0 or 1.3.
    pub fn decode(bytes: &Bytes) -> Result<Envelope, DecodeError> {
        Self::decode_in(bytes, Protocol::OF13)
    }

    /// The same on a connection that has agreed on something: of `protocol` counts
    /// [`table_id`](Protocol::table_id).
    ///
    /// # Errors
    ///
    /// If it is no message of OpenFlow 1.0 or 1.3.
    pub fn decode_in(bytes: &Bytes, protocol: Protocol) -> Result<Envelope, DecodeError> {
        let _ = (bytes, protocol);
        unimplemented!()
    }

    /// Appends the message to `out`, header included. On an error `out` is as before.
    ///
    /// # Errors
    ///
    /// If this version has no form for it, or something in it has no room.
    pub fn encode(
        &self,
        protocol: Protocol,
        xid: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let _ = (protocol, xid, out);
        unimplemented!()
    }
}
