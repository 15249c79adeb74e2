//! Tests of whole messages.

use super::kind::{EXPERIMENTER, Number, TABLE};
use crate::error::EncodeError;
use crate::error_code::ErrorCode;
use crate::message::{
    BundleAdd, BundleFlags, ErrorMessage, Hello, Message, OpaqueMessage, VersionSet,
};
use crate::protocol::{Protocol, Version};
use bytes::Bytes;
use ovs_core::flow::FlowMod;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

fn bytes(message: &Message, protocol: Protocol) -> Vec<u8> {
    let mut out = Vec::new();
    message.encode(protocol, 7, &mut out).unwrap();
    out
}

/// A message with this content behind the header.
fn raw(version: Version, kind: u8, content: &[u8]) -> Bytes {
    let length = 8 + content.len() as u16;
    let mut bytes = vec![version.0, kind];
    bytes.extend(length.to_be_bytes());
    bytes.extend([0, 0, 0, 7]);
    bytes.extend(content);
    bytes.into()
}

/// Every number that OpenFlow 1.0 (§5.1), OpenFlow 1.3.5 (§7.1) and the extensions define: none is
/// kept as bytes that mean nothing.
#[test]
fn every_defined_type_is_known() {
    let defined = [(Version::OF10, 0..=21), (Version::OF13, 0..=29)];
    for (version, kinds) in defined {
        for kind in kinds.filter(|kind| *kind != EXPERIMENTER) {
            let known = super::kind::of_number(version, Number::Standard(kind));
            assert!(known.is_some(), "{version} {kind}");
        }
    }
    let nicira = [
        &[10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26][..],
        &[27, 28, 29, 30, 31, 32, 132],
    ]
    .concat();
    for number in nicira {
        let number = Number::Extension(0x2320, number);
        assert!(super::kind::of_number(Version::OF10, number).is_some(), "{number:?}");
    }
    for number in [1870, 1871, 1872, 1911, 2300, 2301, 2350] {
        let number = Number::Extension(0x4f4e_4600, number);
        assert!(super::kind::of_number(Version::OF13, number).is_some(), "{number:?}");
    }
}

#[test]
fn a_number_means_one_thing() {
    for version in [Version::OF10, Version::OF13] {
        for row in TABLE {
            let Some(row) = row.kind.row(version) else { continue };
            let found = super::kind::of_number(version, row.number).unwrap();
            assert_eq!((found.kind, found.name), (row.kind, row.name), "{version}");
        }
    }
}

#[test]
fn types_that_nobody_defines_survive() {
    let unknown = raw(Version::OF13, 77, &[1, 2, 3]);
    let envelope = Message::decode(&unknown).unwrap();
    let data = Bytes::from_static(&[1, 2, 3]);
    assert_eq!(envelope.message, Message::Opaque(OpaqueMessage { kind: 77, data }));
    assert_eq!(bytes(&envelope.message, envelope.protocol), unknown);
    for (version, content) in [
        (Version::OF10, &[0, 0, 0x23, 0x20, 0, 0, 3, 9, 1][..]),
        (Version::OF10, &[0, 0, 0x23, 0x20]),
        (Version::OF13, &[0x4f, 0x4e, 0x46, 0, 0, 0, 3, 9, 1]),
        (Version::OF13, &[0, 1, 2, 3, 0, 0, 3, 9]),
    ] {
        let unknown = raw(version, EXPERIMENTER, content);
        let envelope = Message::decode(&unknown).unwrap();
        assert!(matches!(envelope.message, Message::Experimenter(_)));
        assert_eq!(bytes(&envelope.message, envelope.protocol), unknown);
    }
    let short = raw(Version::OF13, EXPERIMENTER, &[0, 1, 2, 3]);
    assert_eq!(Message::decode(&short).unwrap_err().code, ErrorCode::OFPBRC_BAD_LEN);
}

#[test]
fn what_begins_a_connection_is_read_in_every_version() {
    for version in [0, 1, 2, 4, 6, 9, 255].map(Version) {
        let hello = raw(version, 0, &[0, 1, 0, 8, 0, 0, 0, 0x12]);
        let envelope = Message::decode(&hello).unwrap();
        assert_eq!(envelope.protocol.version, version);
        assert_eq!(envelope.message, Message::Hello(Hello::new(VersionSet::ALL)));
        assert_eq!(bytes(&envelope.message, envelope.protocol), hello);
    }
    let features = raw(Version::OF15, 5, &[]);
    assert_eq!(Message::decode(&features).unwrap_err().code, ErrorCode::OFPBRC_BAD_VERSION);
}

#[test]
fn a_hello_is_understood_as_far_as_it_goes() {
    let rest_of_nothing = raw(Version::OF10, 0, b"extra data\n");
    assert_eq!(
        Message::decode(&rest_of_nothing).unwrap().message,
        Message::Hello(Hello::default())
    );
    // An unknown element, then versions in two words.
    let unknown = [0xff, 0xff, 0, 6, 1, 2, 0, 0, 0, 1, 0, 12, 0, 0, 0, 0xf0, 0, 0, 0, 0];
    let Message::Hello(hello) = Message::decode(&raw(Version::OF13, 0, &unknown)).unwrap().message
    else {
        panic!("not a hello");
    };
    assert_eq!(hello.versions(), Some(VersionSet(0xf0)));
}

#[test]
fn lengths_at_their_edges() {
    // Type, and how many bytes are right, of messages of fixed size.
    let fixed = [
        (Version::OF13, 5, 0),
        (Version::OF13, 6, 24),
        (Version::OF13, 7, 0),
        (Version::OF13, 9, 4),
        (Version::OF13, 12, 72),
        (Version::OF13, 16, 32),
        (Version::OF13, 17, 8),
        (Version::OF13, 20, 0),
        (Version::OF13, 22, 8),
        (Version::OF13, 24, 16),
        (Version::OF13, 26, 0),
        (Version::OF13, 28, 24),
        (Version::OF10, 12, 56),
        (Version::OF10, 15, 24),
        (Version::OF10, 18, 0),
        (Version::OF10, 20, 4),
    ];
    for (version, kind, right) in fixed {
        for length in 0..=right + 8 {
            let message = raw(version, kind, &vec![0; length]);
            let decoded = Message::decode(&message);
            if length == right {
                let envelope = decoded.unwrap();
                assert_eq!(bytes(&envelope.message, envelope.protocol), message, "{kind}");
            } else {
                assert_eq!(decoded.unwrap_err().code, ErrorCode::OFPBRC_BAD_LEN, "{kind} {length}");
            }
        }
    }
}

#[test]
fn the_length_in_the_header_is_that_of_the_bytes() {
    let mut message = bytes(&Message::BarrierRequest, Protocol::OF13);
    message.push(0);
    let error = Message::decode(&message.into()).unwrap_err();
    assert_eq!((error.code, error.structure), (ErrorCode::OFPBRC_BAD_LEN, "ofp_header"));
    for length in 0..8 {
        assert!(Message::decode(&Bytes::from(vec![4; length])).is_err());
    }
}

#[test]
fn errors_of_experimenters_have_their_own_form() {
    let code = ErrorCode::NXBRC_MUST_BE_ZERO;
    let data = Bytes::from_static(b"what was sent");
    let error = Message::Error(ErrorMessage { code, data });
    // From OpenFlow 1.2 on: type 0xffff, the code, the experimenter.
    let of13 = bytes(&error, Protocol::OF13);
    assert_eq!(of13[8..16], [0xff, 0xff, 0, 4, 0, 0, 0x23, 0x20]);
    // Before: Nicira's type for it, the vendor, type and code.
    let of10 = bytes(&error, Protocol::OF10);
    assert_eq!(of10[8..16], [0xb0, 0xc2, 0, 0, 0, 0, 0x23, 0x20]);
    for sent in [of13, of10] {
        assert_eq!(Message::decode(&sent.into()).unwrap().message, error);
    }
}

#[test]
fn what_a_version_lacks_is_not_written() {
    let mut out = Vec::from([1, 2, 3]);
    let version = Version::OF10;
    let refused = Err(EncodeError::NotInVersion { what: "OFPT_GET_ASYNC_REQUEST", version });
    assert_eq!(Message::GetAsyncRequest.encode(Protocol::OF10, 1, &mut out), refused);
    assert_eq!(out, [1, 2, 3]);
    let echo = Message::EchoRequest(Bytes::from(vec![0; 65_528]));
    assert!(matches!(
        echo.encode(Protocol::OF13, 1, &mut out),
        Err(EncodeError::TooLong { bytes: 65_536, .. })
    ));
    assert_eq!(out, [1, 2, 3]);
}

#[test]
fn bundles_do_not_nest() {
    let add = |message: Message| {
        let (flags, properties) = (BundleFlags::ATOMIC, Bytes::new());
        let message = Box::new(message);
        Message::BundleAdd(BundleAdd { bundle: 1, flags, message, properties })
    };
    let change = || add(Message::FlowMod(FlowMod::add()));
    let one = bytes(&change(), Protocol::OF13);
    assert_eq!(Message::decode(&one.into()).unwrap().message, change());
    for inner in [change(), Message::BarrierRequest] {
        let refused = bytes(&add(inner), Protocol::OF13);
        let error = Message::decode(&refused.into()).unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::OFPBFC_MSG_UNSUP, 24));
    }
}
