//! What tables can do.

use super::*;
use crate::message::*;
use FeatureId::Standard;
use MultipartReply as Reply;
use MultipartRequest as Request;
use TableFeatureProperty as Property;
use alloc::boxed::Box;
use alloc::vec;
use ovs_core::TableId;
use ovs_core::field::OxmClass;

fn field(class: OxmClass, number: u8, has_mask: bool, length: u8) -> OxmId {
    OxmId { class, number, has_mask, length }
}

/// Every type of property.
fn properties() -> Vec<Property> {
    let ids = |numbers: &[u16]| numbers.iter().copied().map(Standard).collect::<Vec<_>>();
    let in_port = field(OxmClass::OXM_OF, 0, false, 4);
    let eth_dst = field(OxmClass::OXM_OF, 3, true, 12);
    let tcp_flags = field(OxmClass::ONFOXM_ET, 42, false, 2);
    let mut properties = vec![
        Property::Match(vec![in_port, eth_dst, tcp_flags]),
        Property::Wildcards(vec![in_port]),
        Property::Opaque { kind: 9, data: Box::from([1, 2, 3]) },
    ];
    for miss in [false, true] {
        let experimenter = FeatureId::Experimenter(0x2320, Box::from([0, 1, 2, 3, 4]));
        let actions = vec![Standard(0), experimenter, Standard(25)];
        let tables = vec![TableId(4), TableId(0xfe), TableId(5)];
        properties.extend([
            Property::Instructions { miss, ids: ids(&[1, 3, 4]) },
            Property::NextTables { miss, tables },
            Property::WriteActions { miss, ids: actions },
            Property::ApplyActions { miss, ids: Vec::new() },
            Property::WriteSetField { miss, fields: vec![in_port, tcp_flags] },
            Property::ApplySetField { miss, fields: Vec::new() },
            Property::Experimenter {
                miss,
                experimenter: 1,
                kind: 2,
                data: Box::from([9, 8, 7, 6, 5]),
            },
        ]);
    }
    properties
}

fn table(properties: Vec<Property>) -> TableFeatures {
    TableFeatures {
        table: TableId(3),
        name: "third".into(),
        metadata_match: 4,
        metadata_write: 5,
        config: TableConfig(6),
        max_entries: 7,
        properties,
    }
}

/// The bytes of a table with these properties.
fn bytes(properties: &[&[u8]]) -> Vec<u8> {
    let properties = properties.concat();
    let len = 64 + properties.len() as u8;
    let mut bytes = vec![0, len, 3, 0, 0, 0, 0, 0];
    bytes.extend(b"third");
    bytes.resize(40, 0);
    bytes.extend(u64s([4, 5]));
    bytes.extend(u32s([6, 7]));
    bytes.extend(properties);
    [new(12), bytes].concat()
}

/// The eight that have to be there, without content.
const EMPTY: [[u8; 8]; 8] = [
    [0, 0, 0, 4, 0, 0, 0, 0],
    [0, 2, 0, 4, 0, 0, 0, 0],
    [0, 4, 0, 4, 0, 0, 0, 0],
    [0, 6, 0, 4, 0, 0, 0, 0],
    [0, 8, 0, 4, 0, 0, 0, 0],
    [0, 10, 0, 4, 0, 0, 0, 0],
    [0, 12, 0, 4, 0, 0, 0, 0],
    [0, 14, 0, 4, 0, 0, 0, 0],
];

/// A table with those and one more.
fn with(property: &[u8]) -> Result<Property, ErrorCode> {
    let kind = property[1];
    let mut all: Vec<&[u8]> = EMPTY.iter().map(|empty| &empty[..]).collect();
    all.retain(|empty| empty[1] != kind || property[0] != 0);
    all.push(property);
    let bytes = bytes(&all);
    match request(&bytes, OF13)?.0 {
        Request::TableFeatures(mut tables) => Ok(tables.pop().unwrap().properties.pop().unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_property_survives() {
    let tables = vec![table(properties()), table(properties())];
    let written = write_request(&Request::TableFeatures(tables.clone()), OF13).unwrap();
    assert_eq!(written.len() % 8, 0);
    assert_eq!(exact_request(&written, OF13), Request::TableFeatures(tables.clone()));
    assert_eq!(exact_reply(&written, OF13), Reply::TableFeatures(tables));
    let none = Request::TableFeatures(vec![table(Vec::new())]);
    assert_eq!(exact_request(&bytes(&[]), OF13), none);
}

#[test]
fn padding_is_not_counted() {
    let next = with(&[0, 2, 0, 7, 1, 2, 3, 0]);
    let tables = vec![TableId(1), TableId(2), TableId(3)];
    assert_eq!(next, Ok(Property::NextTables { miss: false, tables }));
    let matching = with(&[0, 8, 0, 12, 0x80, 0, 0, 4, 0x80, 0, 7, 12, 0, 0, 0, 0]);
    let fields = vec![field(OxmClass::OXM_OF, 0, false, 4), field(OxmClass::OXM_OF, 3, true, 12)];
    assert_eq!(matching, Ok(Property::Match(fields)));
    // Of an action more than its header may be there.
    let actions = with(&[0, 6, 0, 16, 0, 22, 0, 8, 0, 0, 0, 0, 0, 25, 0, 4]);
    let ids = vec![Standard(22), Standard(25)];
    assert_eq!(actions, Ok(Property::ApplyActions { miss: false, ids }));
}

#[test]
fn what_cannot_be_is_refused() {
    let bad_len = Err(ErrorCode::OFPTFFC_BAD_LEN);
    for len in [0, 3, 9, 0xff] {
        assert_eq!(with(&[0, 2, 0, len, 1, 2, 3, 0]), bad_len, "{len}");
        assert_eq!(with(&[0, 6, 0, 8, 0, 22, 0, len]), bad_len, "{len}");
    }
    assert_eq!(with(&[0, 6, 0, 8, 0xff, 0xff, 0, 4]), bad_len);
    assert_eq!(with(&[0, 6, 0, 6, 0, 0, 0, 0]), bad_len);
    assert_eq!(with(&[0xff, 0xfe, 0, 8, 0, 0, 0, 1]), bad_len);
    assert_eq!(with(&[0, 2, 0, 5, 0xff, 0, 0, 0]), Err(ErrorCode::OFPTFFC_BAD_ARGUMENT));
    let masked = [0, 10, 0, 8, 0x80, 0, 7, 12];
    assert_eq!(with(&masked), Err(ErrorCode::OFPBMC_BAD_MASK));
    assert!(with(&[0, 8, 0, 7, 0x80, 0, 7, 0]).is_err());

    let one = request(&bytes(&[&EMPTY[0]]), OF13);
    assert_eq!(one, Err(ErrorCode::OFPTFFC_BAD_FEATURES));
    let mut all: Vec<&[u8]> = EMPTY.iter().map(|empty| &empty[..]).collect();
    assert!(request(&bytes(&all), OF13).is_ok());
    all.push(&EMPTY[3]);
    assert_eq!(request(&bytes(&all), OF13), Err(ErrorCode::OFPTFFC_BAD_FEATURES));

    let with_head = |at: usize, byte: u8| {
        let mut bytes = bytes(&[]);
        bytes[8 + at] = byte;
        request(&bytes, OF13)
    };
    assert_eq!(with_head(2, 0xff), Err(ErrorCode::OFPTFFC_BAD_TABLE));
    for len in [0, 8, 63, 65, 72] {
        assert_eq!(with_head(1, len), Err(ErrorCode::OFPTFFC_BAD_LEN), "{len}");
    }
}

#[test]
fn what_has_no_room_is_not_written() {
    let write =
        |property| write_request(&Request::TableFeatures(vec![table(vec![property])]), OF13);
    let experimenter = field(OxmClass::ONFOXM_ET, 1, false, 252);
    assert!(matches!(
        write(Property::Match(vec![experimenter])),
        Err(EncodeError::TooLarge { .. })
    ));
    let high = field(OxmClass::OXM_OF, 128, false, 4);
    assert!(matches!(write(Property::Match(vec![high])), Err(EncodeError::TooLarge { .. })));
    let ids = vec![Standard(1); 0x4000];
    let long = Property::ApplyActions { miss: false, ids };
    assert!(matches!(write(long), Err(EncodeError::TooLong { .. })));
}
