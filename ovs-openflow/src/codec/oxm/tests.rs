//! Tests of fields and matches.

use super::{
    put_match, put_metadata, put_nxm, put_nxm_metadata, take_bare, take_match, take_metadata,
    take_nxm, take_nxm_metadata, take_subfield, take_subfield32,
};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::action::Subfield;
use ovs_core::field::Field;
use ovs_core::flow::CookieFilter;
use ovs_core::matching::{Match, TunnelOption};
use std::vec::Vec;

/// A `struct ofp_match` with these entries.
fn padded(entries: &[&[u8]]) -> Bytes {
    let entries = entries.concat();
    let mut bytes = Vec::from([0, 1]);
    bytes.extend((4 + entries.len() as u16).to_be_bytes());
    bytes.extend(entries);
    bytes.resize(bytes.len().next_multiple_of(8), 0xee); // padding means nothing
    bytes.into()
}

/// A match of OpenFlow 1.3 with these entries.
fn oxm(entries: &[&[u8]]) -> Result<Match, DecodeError> {
    let bytes = padded(entries);
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
    assert!(matches!(write(&no_protocol), Err(EncodeError::Match { missing: Some(_), .. })));
    let no_code_point = Match::new().with(Field::SkbPriority, 1).unwrap();
    assert!(matches!(write(&no_code_point), Err(EncodeError::Match { missing: None, .. })));
    // A part of the priority of a tag can be told by NXM's field only, which OXM may carry.
    let part = Match::new().with_masked(Field::VlanTci, 0x2000, 0x2000).unwrap();
    let bytes = Bytes::from(write(&part).unwrap());
    assert_eq!(take_match(&mut Reader::new(&bytes, "message")), Ok(part));
}

#[test]
fn masks_of_fields_that_have_none_are_whole() {
    let tag: &[u8] = &[0x80, 0, 12, 2, 0x10, 5];
    let pcp = |mask| oxm(&[tag, &[0x80, 0, 15, 2, 5, mask]]).map_err(|error| error.code);
    let tagged = Match::new().vlan_vid(5).with(Field::VlanPcp, 5).unwrap();
    assert_eq!(pcp(0xff), Ok(tagged));
    assert_eq!(pcp(0x07), Err(ErrorCode::OFPBMC_BAD_MASK), "all of its bits, but not of its byte");
    assert_eq!(pcp(0x03), Err(ErrorCode::OFPBMC_BAD_WILDCARDS));
    // Of a maskable field, bits that it does not have may be asked for, as they are zero.
    let vid = oxm(&[&[0x80, 0, 13, 4, 0x10, 5, 0xff, 0xff]]).unwrap();
    assert_eq!(vid, Match::new().vlan_vid(5));
}

#[test]
fn values_of_service_headers() {
    let nsh: &[u8] = &[0x80, 0, 10, 2, 0x89, 0x4f];
    let field = |number: u8, value| {
        oxm(&[nsh, &[0xff, 0xff, number << 1, 5, 0, 0x5a, 0xd6, 0x50, value]])
            .map(|_| ())
            .map_err(|error| error.code)
    };
    let bad_value = Err(ErrorCode::OFPBMC_BAD_VALUE);
    assert_eq!((field(10, 63), field(10, 64)), (Ok(()), bad_value), "ttl");
    assert_eq!((field(2, 1), field(2, 2)), (Ok(()), Ok(())), "mdtype");
    assert_eq!((field(2, 0), field(2, 3)), (bad_value, bad_value), "mdtype");
}

#[test]
fn views_of_one_place_are_the_same_field() {
    let reg1: &[u8] = &[0, 1, 2, 4, 0, 0, 0, 1];
    let xreg0 = [&[0x80, 1, 0, 8][..], &[0; 8]].concat();
    let xxreg0 = [&[0, 1, 222, 16][..], &[0; 16]].concat();
    let port: &[u8] = &[0x80, 0, 0, 4, 0, 0, 0, 1];
    let old_port: &[u8] = &[0, 0, 0, 2, 0, 1];
    let vid: &[u8] = &[0x80, 0, 12, 2, 0x10, 5];
    let tci: &[u8] = &[0, 0, 8, 2, 0x10, 5];
    let src: &[u8] = &[0, 0, 4, 6, 2, 0, 0, 0, 0, 1];
    let new_src: &[u8] = &[0x80, 0, 8, 6, 2, 0, 0, 0, 0, 1];
    for pair in [[reg1, &xreg0], [reg1, &xxreg0], [port, old_port], [vid, tci], [src, new_src]] {
        let [first, second] = pair;
        assert_eq!(code(&[first, second]), ErrorCode::OFPBMC_DUP_FIELD, "{first:?} {second:?}");
        assert_eq!(code(&[second, first]), ErrorCode::OFPBMC_DUP_FIELD, "{second:?} {first:?}");
    }
    let other_register: &[u8] = &[0, 1, 4, 4, 0, 0, 0, 1];
    assert!(oxm(&[other_register, &xreg0]).is_ok());
    let local = oxm(&[&[0, 0, 0, 2, 0xff, 0xfe]]).unwrap();
    assert_eq!(local, Match::new().in_port(0xffff_fffeu32));
}

#[test]
fn unknown_entries_have_a_form_too() {
    let masked: &[u8] = &[0x12, 0x34, 3, 4, 0x0f, 0x10, 0x0f, 0x30];
    assert!(oxm(&[masked]).is_ok());
    assert_eq!(code(&[&[0x12, 0x34, 3, 3, 0, 0, 0]]), ErrorCode::OFPBMC_BAD_LEN, "half a byte");
    assert_eq!(code(&[&[0x12, 0x34, 3, 2, 1, 0]]), ErrorCode::OFPBMC_BAD_WILDCARDS);
    assert_eq!(code(&[&[0x12, 0x34, 2, 9, 1, 2]]), ErrorCode::OFPBMC_BAD_LEN);
    assert_eq!(code(&[masked, &[0x12, 0x34, 2, 1, 9]]), ErrorCode::OFPBMC_DUP_FIELD);
    let of = |experimenter| [0xff, 0xff, 2, 5, 0, 0, 0, experimenter, 7];
    assert!(oxm(&[&of(1), &of(2)]).is_ok());
    assert_eq!(code(&[&of(1), &of(2), &of(1)]), ErrorCode::OFPBMC_DUP_FIELD);
}

#[test]
fn unknown_entries_are_not_without_end() {
    let many = |count: u16| {
        let entries = (0..count).flat_map(|n| {
            let [high, low] = (0x2000 + n).to_be_bytes();
            [high, low, 2, 0]
        });
        oxm(&[&entries.collect::<Vec<_>>()]).map(|matching| matching.opaque_fields().len())
    };
    assert_eq!(many(1024), Ok(1024));
    assert_eq!(many(1025).unwrap_err().code, ErrorCode::OFPBMC_BAD_FIELD);
}

#[test]
fn what_others_need_stands_before_them() {
    let fragment = |bits| [0, 1, 52, 1, bits];
    assert_eq!(code(&[IP, TCP, &fragment(3), DST]), ErrorCode::OFPBMC_BAD_PREREQ);
    assert_eq!(code(&[IP, TCP, DST, &fragment(3)]), ErrorCode::OFPBMC_BAD_PREREQ);
    assert!(oxm(&[IP, TCP, DST, &fragment(1)]).is_ok());
    assert!(oxm(&[IP, TCP, &fragment(3)]).is_ok());

    let solicit: [&[u8]; 3] =
        [&[0x80, 0, 10, 2, 0x86, 0xdd], &[0x80, 0, 20, 1, 58], &[0x80, 0, 58, 1, 135]];
    let target = [&[0x80, 0, 62, 16][..], &[0xfe; 16]].concat();
    let with = |more: [&[u8]; 2]| oxm(&[&solicit[..], &more].concat()).map_err(|error| error.code);
    let code_of = |code| [0x80, 0, 60, 1, code];
    assert!(with([&target, &code_of(0)]).is_ok());
    assert_eq!(with([&target, &code_of(1)]), Err(ErrorCode::OFPBMC_BAD_PREREQ));
    assert_eq!(with([&code_of(1), &target]), Err(ErrorCode::OFPBMC_BAD_PREREQ));

    // A field of Ethernet's says that there is an Ethernet header.
    let packet_type = |namespace| [0x80, 0, 88, 4, 0, namespace, 8, 0];
    assert_eq!(code(&[&packet_type(1), IP]), ErrorCode::OFPBMC_BAD_PREREQ);
    assert_eq!(code(&[IP, &packet_type(1)]), ErrorCode::OFPBMC_DUP_FIELD);
}

#[test]
fn that_packets_are_ethernet_is_said_once() {
    let ethernet = Match::new().with(Field::PacketType, 0).unwrap();
    let alone = write(&ethernet).unwrap();
    assert_eq!(alone, [0, 1, 0, 12, 0x80, 0, 88, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    let typed = write(&ethernet.eth_type(0x0800)).unwrap();
    assert_eq!(typed, write(&Match::new().eth_type(0x0800)).unwrap());
}

#[test]
fn bits_without_a_meaning_are_not_asked_for() {
    let state = Match::new().with(Field::CtState, 0x21).unwrap();
    let bytes = write(&state).unwrap();
    assert_eq!(bytes[4..], [0, 1, 211, 8, 0, 0, 0, 0x21, 0, 0, 0, 0xff]);
    let flags = Match::new().with(Field::TunFlags, 1).unwrap();
    let bytes = write(&flags).unwrap();
    assert_eq!(bytes[4..12], [0, 1, 209, 4, 0, 1, 0, 1]);
    assert_eq!(oxm(&[&bytes[4..12]]), Ok(flags));
}

/// What a packet comes with need not say what sort of packet it is.
#[test]
fn metadata_needs_no_prerequisites() {
    let entries: [&[u8]; 3] = [&[0, 1, 240, 4, 10, 0, 0, 1], DST, &[0x80, 0, 14, 1, 3]];
    assert_eq!(code(&entries), ErrorCode::OFPBMC_BAD_PREREQ);
    let bytes = padded(&entries);
    let metadata = take_metadata(&mut Reader::new(&bytes, "message")).unwrap();
    let asked = [(Field::CtNwSrc, 0x0a00_0001), (Field::TcpDst, 80), (Field::VlanPcp, 3)];
    for (field, value) in asked {
        assert_eq!(metadata.get(field), Some((value, field.ones())), "{field}");
    }
    assert!(write(&metadata).is_err());

    let mut out = Vec::new();
    put_metadata(&mut Writer::new(&mut out), &metadata, Version::OF13).unwrap();
    let bytes = Bytes::from(out);
    assert_eq!(take_metadata(&mut Reader::new(&bytes, "message")), Ok(metadata.clone()));
    let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    let bare = bytes.slice(4..length);
    assert_eq!(take_bare(&mut Reader::new(&bare, "message")), Ok(metadata.clone()));

    let mut out = Vec::new();
    let length = put_nxm_metadata(&mut Writer::new(&mut out), &metadata, Version::OF10).unwrap();
    let bytes = Bytes::from(out);
    assert_eq!(take_nxm_metadata(&mut Reader::new(&bytes, "message"), length), Ok(metadata));
    // But it says nothing twice.
    let twice = padded(&[DST, DST]);
    let error = take_metadata(&mut Reader::new(&twice, "message")).unwrap_err();
    assert_eq!(error.code, ErrorCode::OFPBMC_DUP_FIELD);
}

#[test]
fn parts_of_fields() {
    let take = |bytes: &'static [u8], start, n_bits| {
        let bytes = Bytes::from_static(bytes);
        let long = take_subfield(&mut Reader::new(&bytes, "action"), start, n_bits);
        let short = take_subfield32(&mut Reader::new(&bytes, "action"), start, n_bits);
        let place = |part: Subfield| (part.field(), part.start(), part.n_bits());
        [long.map(place).map_err(|error| error.code), short.map(place).map_err(|error| error.code)]
    };
    let vid: &[u8] = &[0x80, 0, 12, 2];
    assert_eq!(take(vid, 1, 12), [Ok((Field::VlanVid, 1, 12)); 2]);
    let bad_len = Err(ErrorCode::OFPBAC_BAD_SET_LEN);
    assert_eq!(take(vid, 0, 0), [bad_len; 2]);
    assert_eq!(take(vid, 2, 12), [bad_len; 2]);
    assert_eq!(take(vid, u16::MAX, u16::MAX), [bad_len; 2]);
    let unknown = [Err(ErrorCode::OFPBMC_BAD_FIELD), Err(ErrorCode::OFPBAC_BAD_SET_TYPE)];
    assert_eq!(take(&[0x80, 0, 250, 2], 0, 1), unknown);
    assert_eq!(take(&[0x80, 0, 12, 4], 0, 1), unknown, "of another length");
    let dp_hash: &[u8] = &[0xff, 0xff, 0, 8, 0, 0, 0x23, 0x20];
    let known = Ok((Field::DpHash, 0, 1));
    assert_eq!(take(dp_hash, 0, 1), [known, Err(ErrorCode::OFPBAC_BAD_SET_TYPE)]);
}
