//! Tests of questions and answers.

mod flow;
mod group;
mod head;
mod monitor;
mod port;
mod samples;
mod table_features;

use super::{put_reply, put_request, take_reply, take_request};
use crate::error::EncodeError;
use crate::error_code::ErrorCode;
use crate::message::{MultipartReply, MultipartRequest};
use crate::protocol::Protocol;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use bytes::Bytes;

const OF10: Protocol = Protocol::OF10;
const NXM: Protocol = Protocol::OF10_NXM;
const OF13: Protocol = Protocol::OF13;

/// Reads a question; the form that it had is part of the protocol then.
fn request(bytes: &[u8], protocol: Protocol) -> Result<(MultipartRequest, Protocol), ErrorCode> {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_multipart_request");
    let taken = take_request(&mut reader, protocol);
    let (more, body, nxm) = taken.map_err(|error| error.code)?;
    assert!(reader.is_empty());
    assert_eq!(more, bytes[3] & 1 != 0);
    Ok((body, Protocol { nxm, ..protocol }))
}

fn reply(bytes: &[u8], protocol: Protocol) -> Result<(MultipartReply, Protocol), ErrorCode> {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_multipart_reply");
    let taken = take_reply(&mut reader, protocol);
    let (more, body, nxm) = taken.map_err(|error| error.code)?;
    assert!(reader.is_empty());
    assert_eq!(more, bytes[3] & 1 != 0);
    Ok((body, Protocol { nxm, ..protocol }))
}

fn write_request(body: &MultipartRequest, protocol: Protocol) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"junk".to_vec();
    put_request(&mut Writer::new(&mut out), false, body, protocol)?;
    Ok(out.split_off(4))
}

fn write_reply(body: &MultipartReply, protocol: Protocol) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"junk".to_vec();
    put_reply(&mut Writer::new(&mut out), false, body, protocol)?;
    Ok(out.split_off(4))
}

/// Reads a question, and sees to it that the same bytes are written.
fn exact_request(bytes: &[u8], protocol: Protocol) -> MultipartRequest {
    let (body, protocol) = request(bytes, protocol).unwrap();
    assert_eq!(write_request(&body, protocol).unwrap(), bytes);
    body
}

/// Reads an answer, and sees to it that the same bytes are written.
fn exact_reply(bytes: &[u8], protocol: Protocol) -> MultipartReply {
    let (body, protocol) = reply(bytes, protocol).unwrap();
    assert_eq!(write_reply(&body, protocol).unwrap(), bytes);
    body
}

/// The header of a message of OpenFlow 1.0.
fn old(kind: u16) -> Vec<u8> {
    [kind.to_be_bytes(), [0, 0]].concat()
}

/// The header of a message of OpenFlow 1.3.
fn new(kind: u16) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &[0; 6]].concat()
}

/// The header of a message of Nicira's, in OpenFlow 1.0.
fn nicira(kind: u8) -> Vec<u8> {
    [&old(0xffff)[..], &[0, 0, 0x23, 0x20, 0, 0, 0, kind, 0, 0, 0, 0]].concat()
}

/// Numbers one behind the other.
fn u64s(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    numbers.into_iter().flat_map(u64::to_be_bytes).collect()
}

fn u32s(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_be_bytes).collect()
}
