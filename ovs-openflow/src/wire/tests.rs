//! Tests of reading and writing.

use super::{Reader, Writer};
use crate::error::{EncodeError, Problem};
use crate::error_code::ErrorCode;
use bytes::Bytes;
use std::vec::Vec;

const BAD_LEN: ErrorCode = ErrorCode::OFPBMC_BAD_LEN;

#[test]
fn an_error_says_where_it_is() {
    let bytes = Bytes::from_static(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let mut reader = Reader::new(&bytes, "message");
    assert_eq!(reader.u16(), Ok(0x0102));
    let mut part = reader.sub(4, "part", BAD_LEN).unwrap();
    assert_eq!((part.u8(), part.u16()), (Ok(3), Ok(0x0405)));
    let error = part.u32().unwrap_err();
    assert_eq!((error.code, error.structure, error.offset), (BAD_LEN, "part", 5));
    assert_eq!(error.problem, Problem::Truncated { needed: 4, available: 1 });
    assert_eq!(part.end().unwrap_err().problem, Problem::Excess { excess: 1 });
    assert_eq!((reader.offset(), reader.len()), (6, 3));
    let error = reader.sub(4, "part", BAD_LEN).map(|_| ()).unwrap_err();
    assert_eq!((error.code, error.structure), (ErrorCode::OFPBRC_BAD_LEN, "message"));
    assert_eq!(reader.rest_bytes(), bytes.slice(6..));
    assert_eq!(reader.end(), Ok(()));
}

#[test]
fn padding_that_must_be_zero() {
    let bytes = Bytes::from_static(&[0, 0, 1]);
    let mut reader = Reader::new(&bytes, "message");
    assert_eq!(reader.zeros_of(2, BAD_LEN), Ok(()));
    let error = reader.clone().zeros(ErrorCode::NXBRC_MUST_BE_ZERO).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::NXBRC_MUST_BE_ZERO, 2));
}

#[test]
fn elements_have_an_end() {
    let read = |bytes: &'static [u8]| {
        let bytes = Bytes::from_static(bytes);
        let mut reader = Reader::new(&bytes, "list");
        let element = reader.element(2, 4, "element", BAD_LEN);
        element.map(|element| (element.len(), reader.len())).map_err(|error| error.offset)
    };
    assert_eq!(read(&[0, 0, 0, 4, 9]), Ok((4, 1)));
    assert_eq!(read(&[0, 0, 0, 0, 9]), Err(2), "an element of no length would never end");
    assert_eq!(read(&[0, 0, 0, 3, 9]), Err(2));
    assert_eq!(read(&[0, 0, 0, 6, 9]), Err(0));
    assert_eq!(read(&[0, 0, 0]), Err(0));
    assert_eq!(read(&[]), Err(0));
}

#[test]
fn properties_are_padded() {
    let bytes = Bytes::from_static(&[0, 7, 0, 5, 0xaa, 0, 0, 0, 0xbb]);
    let mut reader = Reader::new(&bytes, "list");
    let (kind, mut value) = reader.property().unwrap();
    assert_eq!((kind, value.rest_slice(), reader.peek()), (7, &[0xaa][..], &[0xbb][..]));
    let cut = bytes.slice(..7);
    let error = Reader::new(&cut, "list").property().map(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::OFPBPC_BAD_LEN);
}

#[test]
fn a_writer_touches_only_what_is_its_own() {
    let mut out = Vec::from([0xee; 3]);
    let mut writer = Writer::new(&mut out);
    writer.u8(1);
    let length = writer.open(0);
    writer.string("eth0 with a long name", 6);
    writer.align(0);
    writer.close(length, "structure").unwrap();
    assert_eq!(out, b"\xee\xee\xee\x01\x00\x10eth0 \0\0\0\0\0\0\0\0".as_slice());
}

#[test]
fn a_length_has_16_bits() {
    let mut out = Vec::new();
    for (bytes, fits) in [(65_533, true), (65_534, false)] {
        out.clear();
        let mut writer = Writer::new(&mut out);
        let length = writer.open(0);
        writer.zeros(bytes);
        let structure = "structure";
        let expected =
            if fits { Ok(()) } else { Err(EncodeError::TooLong { structure, bytes: bytes + 2 }) };
        assert_eq!(writer.close(length, structure), expected);
    }
}

#[test]
fn a_text_is_cut_between_characters() {
    for (text, expected) in [("eth0", *b"eth0\0"), ("eth00", *b"eth0\0"), ("etué", *b"etu\0\0")] {
        let mut out = Vec::new();
        Writer::new(&mut out).string(text, 5);
        assert_eq!(out, expected, "{text}");
    }
    let mut out = Vec::new();
    Writer::new(&mut out).string("eth0", 0);
    assert!(out.is_empty());
}

#[test]
fn what_was_written_can_be_changed() {
    let mut out = Vec::from([0xee; 2]);
    let mut writer = Writer::new(&mut out);
    writer.u32(0x0102_0304);
    writer.patch(1, &[8, 9]);
    assert_eq!((writer.written_u16(1), writer.written_u16(3), writer.len()), (0x0809, 0, 4));
    // There is nothing behind the end to be changed.
    writer.patch(3, &[7, 7]);
    writer.property(5, &[0xaa], "property").unwrap();
    assert_eq!(out, [0xee, 0xee, 1, 8, 9, 4, 0, 5, 0, 5, 0xaa, 0, 0, 0]);
}
