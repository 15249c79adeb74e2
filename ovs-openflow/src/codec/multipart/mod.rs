//! Questions and answers: what follows the header of the message.
//!
//! ```text
//!  request, reply    which body belongs to which message
//!  head, kind        the header behind the header, and its numbers
//!  flow, table, …    the bodies
//! ```

mod desc;
mod flow;
mod group;
mod head;
mod ipfix;
mod kind;
mod meter;
mod monitor;
mod port;
mod queue;
mod reply;
mod request;
mod table;
mod table_features;
#[cfg(test)]
mod tests;

pub(crate) use kind::name;
pub(crate) use reply::{put_reply, take_reply};
pub(crate) use request::{put_request, take_request};

use crate::error::DecodeError;
use crate::error_code::ErrorCode;
use crate::message::Duration;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;

/// The code for what is too short, too long, or tells a wrong length.
const BAD_LEN: ErrorCode = ErrorCode::OFPBRC_BAD_LEN;

/// All that is left, as a structure of that name.
fn body<'a>(reader: &mut Reader<'a>, structure: &'static str) -> Result<Reader<'a>, DecodeError> {
    reader.sub(reader.len(), structure, BAD_LEN)
}

/// All that is left, as a structure of that name and that many bytes.
fn exact<'a>(
    reader: &mut Reader<'a>,
    len: usize,
    structure: &'static str,
) -> Result<Reader<'a>, DecodeError> {
    let body = body(reader, structure)?;
    let mut behind = body.clone();
    behind.skip(len)?;
    behind.end()?;
    Ok(body)
}

/// Takes the next of several structures that have `len` bytes each.
fn fixed<'a>(
    reader: &mut Reader<'a>,
    len: usize,
    structure: &'static str,
) -> Result<Reader<'a>, DecodeError> {
    // If there are fewer, the error names the part that is not there.
    reader.sub(len.min(reader.len()), structure, BAD_LEN)
}

/// Reads things until the reader is empty. Each takes at least a byte.
fn take_list<'a, T>(
    reader: &mut Reader<'a>,
    mut take: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut list = Vec::new();
    while !reader.is_empty() {
        list.push(take(reader)?);
    }
    Ok(list)
}

/// Reads a request that names one thing: a number and 4 bytes of padding.
fn take_id(reader: &mut Reader<'_>, structure: &'static str) -> Result<u32, DecodeError> {
    exact(reader, 8, structure)?.u32()
}

fn put_id(writer: &mut Writer<'_>, id: u32) {
    writer.u32(id);
    writer.zeros(4);
}

/// Reads a time: seconds and nanoseconds.
fn take_duration(reader: &mut Reader<'_>) -> Result<Duration, DecodeError> {
    Ok(Duration { sec: reader.u32()?, nsec: reader.u32()? })
}

fn put_duration(writer: &mut Writer<'_>, duration: Duration) {
    writer.u32(duration.sec);
    writer.u32(duration.nsec);
}

/// A time that a version does not tell.
const UNKNOWN_DURATION: Duration = Duration { sec: u32::MAX, nsec: u32::MAX };
