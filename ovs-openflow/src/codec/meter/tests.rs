//! Tests of meter-mods: vectors by hand, from OpenFlow 1.3.5 §7.3.4.4.

use super::*;
use alloc::boxed::Box;
use alloc::vec;
use bytes::Bytes;

fn decode(bytes: &[u8]) -> Result<MeterMod, ErrorCode> {
    let message = Bytes::copy_from_slice(bytes);
    let mut reader = Reader::new(&message, "ofp_meter_mod");
    let change = take_mod(&mut reader).map_err(|error| error.code)?;
    assert!(reader.is_empty());
    Ok(change)
}

fn encode(change: &MeterMod) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"junk".to_vec();
    put_mod(&mut Writer::new(&mut out), change)?;
    Ok(out.split_off(4))
}

/// Adds meter 7, which counts packets, with a band of each kind.
#[rustfmt::skip]
const ADD: [u8; 64] = [
    0, 0, 0, 0xe, 0, 0, 0, 7,
    0, 1, 0, 16, 0, 0, 3, 0xe8, 0, 0, 0, 10, 0, 0, 0, 0,
    0, 2, 0, 16, 0, 0, 7, 0xd0, 0, 0, 0, 20, 1, 0, 0, 0,
    0xff, 0xff, 0, 24, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0x12, 0x34, 0x56, 1, 2, 3, 4, 5, 6, 7, 8,
];

fn meter() -> Meter {
    let experimenter = BandKind::Experimenter {
        experimenter: 0x12_3456,
        data: Box::from([1, 2, 3, 4, 5, 6, 7, 8]),
    };
    let remark = BandKind::DscpRemark { precedence_level: 1 };
    Meter {
        id: MeterId(7),
        flags: MeterFlags::PKTPS | MeterFlags::BURST | MeterFlags::STATS,
        bands: vec![
            Band { kind: BandKind::Drop, rate: 1000, burst_size: 10 },
            Band { kind: remark, rate: 2000, burst_size: 20 },
            Band { kind: experimenter, rate: 1, burst_size: 2 },
        ],
    }
}

#[test]
fn every_command_has_its_bytes() {
    assert_eq!(decode(&ADD), Ok(MeterMod::Add(meter())));
    assert_eq!(encode(&MeterMod::Add(meter())).unwrap(), ADD);
    let mut modify = ADD;
    modify[1] = 1;
    assert_eq!(decode(&modify), Ok(MeterMod::Modify(meter())));
    assert_eq!(encode(&MeterMod::Modify(meter())).unwrap(), modify);
    let delete = [0, 2, 0, 0, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(decode(&delete), Ok(MeterMod::Delete(MeterId::ALL)));
    assert_eq!(encode(&MeterMod::Delete(MeterId::ALL)).unwrap(), delete);
    // What else a deletion says does not matter.
    let mut delete = ADD;
    delete[1] = 2;
    assert_eq!(decode(&delete), Ok(MeterMod::Delete(MeterId(7))));
}

#[test]
fn what_cannot_be_is_refused() {
    let with = |at: usize, byte: u8| {
        let mut bytes = ADD;
        bytes[at] = byte;
        decode(&bytes).unwrap_err()
    };
    assert_eq!(with(1, 3), ErrorCode::OFPMMFC_BAD_COMMAND);
    assert_eq!(with(3, 3), ErrorCode::OFPMMFC_BAD_FLAGS);
    assert_eq!(with(9, 3), ErrorCode::OFPMMFC_BAD_BAND);
    for len in [0, 1, 8, 15, 17, 24, 32, 0xff] {
        assert_eq!(with(11, len), ErrorCode::OFPBRC_BAD_LEN, "{len}");
    }
    assert_eq!(with(10, 0xff), ErrorCode::OFPBRC_BAD_LEN);
    for len in [0, 15, 25, 32] {
        assert_eq!(with(43, len), ErrorCode::OFPBRC_BAD_LEN, "{len}");
    }
}

#[test]
fn bytes_that_are_cut_off_are_refused() {
    for len in 0..ADD.len() {
        let whole = [8, 24, 40].contains(&len);
        assert_eq!(decode(&ADD[..len]).is_ok(), whole, "{len}");
    }
}

#[test]
fn a_band_that_is_too_long_is_not_written() {
    let data = vec![0; 0xffff - 15].into();
    let kind = BandKind::Experimenter { experimenter: 1, data };
    let bands = vec![Band { kind, rate: 0, burst_size: 0 }];
    let change = MeterMod::Add(Meter { bands, ..meter() });
    assert!(matches!(encode(&change), Err(EncodeError::TooLong { .. })));
}
