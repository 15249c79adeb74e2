//! What stands before the bodies, and bodies that are empty or not known.

use super::super::kind::{Kind, Number};
use super::*;
use crate::message::{Experimenter, OpaqueMultipart};
use crate::protocol::Version;
use MultipartReply as Reply;
use MultipartRequest as Request;

#[test]
fn questions_without_a_body() {
    for (kind, body) in [(0, Request::Desc), (3, Request::Table), (13, Request::PortDesc)] {
        assert_eq!(exact_request(&old(kind), OF10), body);
        assert_eq!(exact_request(&new(kind), OF13), body);
    }
    assert_eq!(exact_request(&new(8), OF13), Request::GroupFeatures);
    assert_eq!(exact_request(&new(11), OF13), Request::MeterFeatures);
    assert_eq!(exact_request(&new(12), OF13), Request::TableFeatures(Vec::new()));
    assert_eq!(exact_request(&nicira(9), OF10), Request::GroupFeatures);
    assert_eq!(exact_request(&nicira(3), OF10), Request::IpfixBridge);
    assert_eq!(exact_request(&nicira(4), OF10), Request::IpfixFlow);
    let extension = [&new(0xffff)[..], &[0, 0, 0x23, 0x20, 0, 0, 0, 4]].concat();
    assert_eq!(exact_request(&extension, OF13), Request::IpfixFlow);
    let excess = [&old(0)[..], &[0]].concat();
    assert_eq!(request(&excess, OF10), Err(ErrorCode::OFPBRC_BAD_LEN));
}

#[test]
fn more_may_follow_and_other_flags_mean_nothing() {
    let mut bytes = new(0);
    bytes[3] = 1;
    let message = Bytes::copy_from_slice(&bytes);
    let mut reader = Reader::new(&message, "ofp_multipart_request");
    assert_eq!(take_request(&mut reader, OF13).unwrap(), (true, Request::Desc, false));
    let mut out = Vec::new();
    put_request(&mut Writer::new(&mut out), true, &Request::Desc, OF13).unwrap();
    assert_eq!(out, bytes);
    bytes[2..4].copy_from_slice(&[0xff, 0xfe]);
    assert_eq!(request(&bytes, OF13).unwrap().0, Request::Desc);
}

#[test]
fn types_that_are_not_defined_are_kept() {
    // OpenFlow 1.0 has no groups but Nicira's, and 1.3 none of what is new in 1.4.
    for (bytes, protocol) in [(old(6), OF10), (new(14), OF13), (new(0xfffe), OF13)] {
        let kind = u16::from_be_bytes([bytes[0], bytes[1]]);
        let bytes = [&bytes[..], b"abc"].concat();
        let opaque = OpaqueMultipart { kind, data: b"abc"[..].into() };
        assert_eq!(exact_request(&bytes, protocol), Request::Opaque(opaque.clone()));
        assert_eq!(exact_reply(&bytes, protocol), Reply::Opaque(opaque));
    }
}

#[test]
fn experimenters_that_are_not_known_are_kept() {
    let known = |experimenter, kind, data: &'static [u8]| Experimenter {
        experimenter,
        kind,
        data: data.into(),
    };
    let head = [0, 0, 0, 1, 0, 0, 0, 2, 9];
    let bytes = [&old(0xffff)[..], &head].concat();
    let message = known(1, None, &[0, 0, 0, 2, 9]);
    assert_eq!(exact_request(&bytes, OF10), Request::Experimenter(message.clone()));
    assert_eq!(exact_reply(&bytes, OF10), Reply::Experimenter(message));
    let bytes = [&new(0xffff)[..], &head].concat();
    let message = known(1, Some(2), &[9]);
    assert_eq!(exact_request(&bytes, OF13), Request::Experimenter(message.clone()));
    assert_eq!(exact_reply(&bytes, OF13), Reply::Experimenter(message));

    // What Nicira did not define, or not in this version.
    let message = known(0x2320, None, &[0, 0, 0, 99, 0, 0, 0, 0]);
    assert_eq!(exact_request(&nicira(99), OF10), Request::Experimenter(message));
    let bytes = [&new(0xffff)[..], &[0, 0, 0x23, 0x20, 0, 0, 0, 0]].concat();
    let message = known(0x2320, Some(0), &[]);
    assert_eq!(exact_request(&bytes, OF13), Request::Experimenter(message));
}

#[test]
fn headers_that_are_cut_off_are_refused() {
    for (bytes, protocol) in [(nicira(99), OF10), (new(0xffff), OF13)] {
        let bytes = [&bytes[..], &[0; 8]].concat();
        for len in 0..16 {
            let refused = Some(ErrorCode::OFPBRC_BAD_LEN);
            let message = Bytes::copy_from_slice(&bytes[..len]);
            let mut reader = Reader::new(&message, "ofp_multipart_request");
            let taken = take_request(&mut reader, protocol);
            assert_eq!(taken.err().map(|error| error.code), refused, "{len}");
        }
    }
}

#[test]
fn what_a_version_lacks_is_not_written() {
    let what = "OFPST_METER_FEATURES";
    let refused = EncodeError::NotInVersion { what, version: Version::OF10 };
    assert_eq!(write_request(&Request::MeterFeatures, OF10), Err(refused));
    assert!(write_request(&Request::TableFeatures(Vec::new()), OF10).is_err());
    // OpenFlow 1.3 has no NXM form of flow statistics, and needs none.
    let nxm = Protocol { nxm: true, ..OF13 };
    assert_eq!(write_reply(&Reply::Flow(Vec::new()), nxm), Ok(new(1)));
    assert_eq!(write_reply(&Reply::Flow(Vec::new()), NXM), Ok(nicira(0)));
    assert_eq!(write_reply(&Reply::Flow(Vec::new()), OF10), Ok(old(1)));
}

#[test]
fn numbers_and_kinds_are_each_others_opposite() {
    let standard = (0..=20).chain([0xffff]).map(Number::Standard);
    let of = |experimenter| (0..2000).map(move |kind| Number::Extension(experimenter, kind));
    let all = standard.chain(of(0x2320)).chain(of(0x4f4e_4600));
    for number in all {
        for version in [Version::OF10, Version::OF13] {
            if let Some(kind) = Kind::from_number(number, version) {
                assert_eq!(kind.number(version), Ok(number), "{kind:?}");
            }
        }
    }
}
