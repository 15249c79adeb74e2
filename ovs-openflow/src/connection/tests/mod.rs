//! Connections in virtual time, with no socket.

mod hello;
mod limits;
mod multipart;
mod peer;
mod pieces;

use super::*;
use crate::codec::Envelope;
use crate::message::{HelloElement, VersionSet};
use alloc::vec::Vec;

const START: Instant = Instant::ZERO;

fn offering(versions: &[u8]) -> Config {
    let versions = versions.iter().map(|&version| Version(version)).collect();
    Config { versions, ..Config::default() }
}

fn bytes_of(message: &Message, protocol: Protocol, xid: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(protocol, xid, &mut bytes).unwrap();
    bytes
}

fn hello(version: u8, listed: Option<&[u8]>) -> Vec<u8> {
    let versions = listed.map(|list| list.iter().map(|&version| Version(version)).collect());
    let elements = versions.map(HelloElement::Versions).into_iter().collect();
    let protocol = Protocol { version: Version(version), nxm: false, table_id: false };
    bytes_of(&Message::Hello(Hello { elements }), protocol, 9)
}

fn events(connection: &mut Connection) -> Vec<Event> {
    core::iter::from_fn(|| connection.poll()).collect()
}

/// Takes all that is to be sent, as messages.
fn sent(connection: &mut Connection) -> Vec<Envelope> {
    let mut bytes = Bytes::copy_from_slice(connection.outgoing());
    connection.sent(bytes.len());
    let mut messages = Vec::new();
    while let Some(header) = Header::peek(&bytes) {
        messages.push(Message::decode(&bytes.split_to(header.length.into())).unwrap());
    }
    assert!(bytes.is_empty());
    messages
}

fn give(connection: &mut Connection, bytes: &[u8]) {
    assert_eq!(connection.receive(START, bytes), bytes.len());
}

/// A connection that has agreed on the version, with nothing to send.
fn established_with(config: Config, protocol: Protocol) -> Connection {
    let version = protocol.version.0;
    let mut connection = Connection::new(config, START);
    connection.sent(connection.outgoing().len());
    give(&mut connection, &hello(version, Some(&[version])));
    assert_eq!(events(&mut connection), [Event::Established(protocol.version)]);
    connection
}

fn established(protocol: Protocol) -> Connection {
    established_with(Config::default(), protocol)
}

fn carry(from: &mut Connection, to: &mut Connection, now: Instant) {
    let taken = to.receive(now, from.outgoing());
    from.sent(taken);
}
