//! Questions and answers: what follows the header of the message.

use crate::error::{DecodeError, EncodeError};
use crate::message::{MultipartReply, MultipartRequest};
use crate::protocol::Protocol;
use crate::wire::{Reader, Writer};

/// A question: does more of it follow, what is asked, and did it have Nicira's form of a flow
/// request (`NXST_FLOW`)?
pub(crate) fn take_request(
    reader: &mut Reader<'_>,
    protocol: Protocol,
) -> Result<(bool, MultipartRequest, bool), DecodeError> {
    let _ = (reader, protocol);
    unimplemented!()
}

/// Writes a question.
pub(crate) fn put_request(
    writer: &mut Writer<'_>,
    more: bool,
    body: &MultipartRequest,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let _ = (writer, more, body, protocol);
    unimplemented!()
}

/// An answer: does more of it follow, what it says, and did it have Nicira's form of flow stats?
pub(crate) fn take_reply(
    reader: &mut Reader<'_>,
    protocol: Protocol,
) -> Result<(bool, MultipartReply, bool), DecodeError> {
    let _ = (reader, protocol);
    unimplemented!()
}

/// Writes an answer.
pub(crate) fn put_reply(
    writer: &mut Writer<'_>,
    more: bool,
    body: &MultipartReply,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let _ = (writer, more, body, protocol);
    unimplemented!()
}
