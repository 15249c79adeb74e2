//! Tests of fields and matches.

use super::{put_match, put_nxm, take_match, take_nxm};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::field::Field;
use ovs_core::flow::CookieFilter;
use ovs_core::matching::{Match, TunnelOption};
use std::vec::Vec;

/// A match of OpenFlow 1.3 with these entries.
fn oxm(entries: &[&[u8]]) -> Result<Match, DecodeError> {
    let entries = entries.concat();
    let mut bytes = Vec::from([0, 1]);
    bytes.extend((4 + entries.len() as u16).to_be_bytes());
    bytes.extend(entries);
    bytes.resize(bytes.len().next_multiple_of(8), 0xee); // padding means nothing
    let bytes = Bytes::from(bytes);
    let mut reader = Reader::new(&bytes, "message");
    let matching = take_match(&mut reader)?;
    assert!(reader.is_empty());
    Ok(matching)
}

fn code(entries: &[&[u8]]) -> ErrorCode {
    oxm(entries).unwrap_err().code
}

fn write(matching: &Match) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    put_match(&mut Writer::new(&mut out), matching, Version::OF13)?;
    Ok(out)
}

const IP: &[u8] = &[0x80, 0, 10, 2, 8, 0];
const TCP: &[u8] = &[0x80, 0, 20, 1, 6];
const DST: &[u8] = &[0x80, 0, 28, 2, 0, 80];

#[test]
fn entries_become_fields() {
    let web = oxm(&[IP, TCP, DST]).unwrap();
    assert_eq!(web, Match::new().eth_type(0x0800).ip_proto(6).tcp_dst(80));
    let net = oxm(&[IP, &[0x80, 0, 25, 8, 10, 0, 0, 0, 255, 0, 0, 0]]).unwrap();
    assert_eq!(net, Match::new().eth_type(0x0800).ipv4_dst([10, 0, 0, 0].into(), 8));
    // Of nothing is the same as none, all ones as no mask.
    assert_eq!(oxm(&[&[0x80, 0, 7, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]), Ok(Match::new()));
    let ones = [&[0x80, 0, 7, 12][..], &[2; 6], &[0xff; 6]].concat();
    assert_eq!(oxm(&[&ones]), Ok(Match::new().eth_dst([2; 6])));
}

#[test]
fn what_is_wrong_with_entries() {
    assert_eq!(code(&[TCP]), ErrorCode::OFPBMC_BAD_PREREQ);
    assert_eq!(code(&[IP, DST]), ErrorCode::OFPBMC_BAD_PREREQ);
    assert_eq!(code(&[TCP, IP]), ErrorCode::OFPBMC_BAD_PREREQ, "the order counts");
    assert_eq!(code(&[IP, IP]), ErrorCode::OFPBMC_DUP_FIELD);
    assert_eq!(code(&[&[0x80, 0, 10, 1, 8]]), ErrorCode::OFPBMC_BAD_LEN);
    assert_eq!(code(&[&[0x80, 0, 10, 2, 8]]), ErrorCode::OFPBMC_BAD_LEN);
    assert_eq!(code(&[&[0x80, 0, 10]]), ErrorCode::OFPBMC_BAD_LEN);
    assert_eq!(code(&[&[0x80, 0, 11, 4, 8, 0, 255, 0]]), ErrorCode::OFPBMC_BAD_MASK);
    let stray = [0x80, 0, 25, 8, 10, 0, 0, 1, 255, 0, 0, 0];
    assert_eq!(code(&[IP, &stray]), ErrorCode::OFPBMC_BAD_WILDCARDS);
    assert_eq!(code(&[&[0x80, 0, 12, 2, 0x20, 5]]), ErrorCode::OFPBMC_BAD_VALUE, "vlan_vid");
    assert_eq!(code(&[IP, &[0x80, 0, 16, 1, 64]]), ErrorCode::OFPBMC_BAD_VALUE, "ip_dscp");
    assert_eq!(code(&[&[0x80, 0, 0, 4, 0, 1, 0, 0]]), ErrorCode::OFPBMC_BAD_VALUE, "in_port");
    let ct_state = [0, 1, 210, 4, 0, 0, 1, 0];
    assert_eq!(code(&[&ct_state]), ErrorCode::OFPBMC_BAD_VALUE);
    // The length of an experimenter's counts its id.
    assert_eq!(code(&[&[0xff, 0xff, 84, 3, 0x4f, 0x4e, 0x46, 0]]), ErrorCode::OFPBMC_BAD_LEN);
}

#[test]
fn headers_of_matches() {
    let read = |bytes: &'static [u8]| {
        let bytes = Bytes::from_static(bytes);
        take_match(&mut Reader::new(&bytes, "message")).map_err(|error| error.code)
    };
    assert_eq!(read(&[0, 1, 0, 4, 0, 0, 0, 0]), Ok(Match::new()));
    assert_eq!(read(&[0, 0, 0, 4, 0, 0, 0, 0]), Err(ErrorCode::OFPBMC_BAD_TYPE));
    assert_eq!(read(&[0, 1, 0, 3, 0, 0, 0, 0]), Err(ErrorCode::OFPBMC_BAD_LEN));
    assert_eq!(read(&[0, 1, 0, 4, 0, 0, 0]), Err(ErrorCode::OFPBMC_BAD_LEN), "no padding");
    assert_eq!(read(&[0, 1, 0, 9, 0, 0, 0, 0]), Err(ErrorCode::OFPBMC_BAD_LEN));
    assert_eq!(read(&[0, 1]), Err(ErrorCode::OFPBMC_BAD_LEN));
}

#[test]
fn fields_that_nobody_defines_survive() {
    let unknown: [&[u8]; 3] =
        [&[0x12, 0x34, 3, 2, 1, 0xff], &[0x80, 0, 250, 0], &[0xff, 0xff, 2, 6, 1, 2, 3, 4, 5, 6]];
    let matching = oxm(&unknown).unwrap();
    assert_eq!(matching.opaque_fields().len(), 3);
    let bytes = Bytes::from(write(&matching).unwrap());
    assert_eq!(take_match(&mut Reader::new(&bytes, "message")), Ok(matching));
}

#[test]
fn tunnel_options_have_any_length() {
    for length in [1, 4, 124] {
        let value = (0..length).map(|n| n as u8 | 1).collect::<Vec<_>>();
        for mask in [vec(0xff, length), vec(0x0f, length)] {
            let option = TunnelOption::masked(Field::TunMetadata9, &value, &mask).unwrap();
            let matching = Match::new().with_tunnel_option(option);
            let bytes = Bytes::from(write(&matching).unwrap());
            assert_eq!(take_match(&mut Reader::new(&bytes, "message")), Ok(matching));
        }
    }
    assert_eq!(code(&[&[0, 1, 98, 0]]), ErrorCode::OFPBMC_BAD_LEN, "of no length");
    assert_eq!(code(&[&[0, 1, 99, 3, 0, 0, 0]]), ErrorCode::OFPBMC_BAD_LEN, "half a byte");
}

fn vec(byte: u8, length: usize) -> Vec<u8> {
    std::vec![byte; length]
}

#[test]
fn the_cookie_is_a_field_of_nxm() {
    let matching = Match::new().in_port(3u32).vlan_vid(5);
    for cookie in [
        CookieFilter::default(),
        CookieFilter { value: 7, mask: u64::MAX },
        CookieFilter { value: 7, mask: 0xff },
    ] {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        let length = put_nxm(&mut writer, &matching, cookie, Version::OF10).unwrap();
        assert_eq!(out.len() % 8, 0);
        let bytes = Bytes::from(out);
        let read = take_nxm(&mut Reader::new(&bytes, "message"), length).unwrap();
        assert_eq!(read, (matching.clone(), cookie));
    }
    // In OXM it is not: there the number is that of another field, with another length.
    assert_eq!(code(&[&[0, 1, 60, 8, 0, 0, 0, 0, 0, 0, 0, 7]]), ErrorCode::OFPBMC_BAD_LEN);
}

#[test]
fn what_has_no_form_is_not_written() {
    let no_protocol = Match::new().tcp_dst(80);
    assert!(matches!(write(&no_protocol), Err(EncodeError::NotInVersion { .. })));
    let no_code_point = Match::new().with(Field::SkbPriority, 1).unwrap();
    assert!(matches!(write(&no_code_point), Err(EncodeError::NotInVersion { .. })));
    // A part of the priority of a tag can be told by NXM's field only, which OXM may carry.
    let part = Match::new().with_masked(Field::VlanTci, 0x2000, 0x2000).unwrap();
    let bytes = Bytes::from(write(&part).unwrap());
    assert_eq!(take_match(&mut Reader::new(&bytes, "message")), Ok(part));
}
