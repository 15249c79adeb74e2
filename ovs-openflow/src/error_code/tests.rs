use super::{ErrorCode, TABLE, WireError};
use crate::protocol::Version;
use alloc::{format, vec::Vec};

const VERSIONS: [Version; 6] =
    [Version::OF10, Version::OF11, Version::OF12, Version::OF13, Version::OF14, Version::OF15];
const NICIRA: Option<u32> = Some(0x2320);
const ONF: Option<u32> = Some(0x4f4e_4600);

fn wire(experimenter: Option<u32>, kind: u16, code: u16) -> WireError {
    WireError { experimenter, kind, code }
}

/// Errors that are read as another one, because the version has one number for both.
const MERGED: [(Version, ErrorCode, ErrorCode); 3] = [
    (Version::OF10, ErrorCode::OFPBRC_IS_SECONDARY, ErrorCode::OFPBRC_EPERM),
    (Version::OF11, ErrorCode::OFPBRC_IS_SECONDARY, ErrorCode::OFPBRC_EPERM),
    (Version::OF11, ErrorCode::OFPBIC_BAD_EXP_TYPE, ErrorCode::OFPBIC_BAD_EXPERIMENTER),
];

#[test]
fn every_code_survives_every_version_that_has_it() {
    for version in VERSIONS {
        for error in ErrorCode::all() {
            let Some(wire) = error.to_wire(version) else { continue };
            let merged = MERGED.iter().find(|row| (row.0, row.1) == (version, error));
            let expected = merged.map_or(error, |row| row.2);
            assert_eq!(ErrorCode::from_wire(version, wire), expected, "{error} in {version}");
        }
    }
}

#[test]
fn every_code_has_its_own_name_and_description() {
    let all: Vec<_> = ErrorCode::all().collect();
    assert_eq!(all.len(), 198);
    for (i, error) in all.iter().enumerate() {
        assert_eq!(format!("{error} {error:?}"), format!("{0} {0}", error.name().unwrap()));
        for other in &all[..i] {
            assert_ne!(error.name(), other.name());
            assert_ne!(error.description(), other.description(), "{error} and {other}");
        }
    }
}

#[test]
fn forms_are_by_version() {
    for row in &TABLE {
        assert!(row.forms.iter().all(|form| form.first <= form.last), "{}", row.name);
        let in_order = row.forms.windows(2).all(|pair| pair[0].last < pair[1].first);
        assert!(in_order, "{}", row.name);
    }
}

#[test]
fn an_experimenters_error_has_no_code_since_openflow_12() {
    for version in [Version::OF12, Version::OF13, Version::OF14, Version::OF15] {
        for error in ErrorCode::all() {
            let wire = error.to_wire(version);
            assert!(wire.is_none_or(|wire| wire.experimenter.is_none() || wire.code == 0));
        }
    }
}

#[test]
fn unknown_numbers_survive() {
    let unknown =
        [wire(None, 3, 77), wire(None, 0xffff, 0xffff), wire(NICIRA, 3, 0), wire(Some(0), 1, 6)];
    for version in VERSIONS.into_iter().chain([Version(0), Version(7), Version(0xff)]) {
        for wire in unknown {
            let error = ErrorCode::from_wire(version, wire);
            if error.name().is_none() {
                assert_eq!(error.to_wire(version), Some(wire));
                assert_eq!(error.description(), "an error without a name");
            }
        }
    }
    let error = ErrorCode::from_wire(Version::OF13, unknown[0]);
    assert_eq!(format!("{error} {error:?}"), "type 3, code 77 type 3, code 77");
    let nobodys = ErrorCode::from_wire(Version::OF10, wire(NICIRA, 3, 77));
    assert_eq!(format!("{nobodys}"), "experimenter 0x2320, type 3, code 77");
}

/// What (8, 1) says in OpenFlow 1.3, it does not say in 1.0, and the other way round.
#[test]
fn unknown_numbers_stay_in_their_version() {
    let error = ErrorCode::from_wire(Version::OF10, wire(None, 8, 1));
    assert_eq!(error.name(), None);
    assert_eq!(error.to_wire(Version::OF13), None);
    assert_ne!(error, ErrorCode::from_wire(Version(0x63), wire(None, 8, 1)));
}

#[test]
fn versions_that_do_not_exist_have_no_forms() {
    for version in [Version(0), Version(7), Version(0xff)] {
        assert!(ErrorCode::all().all(|error| error.to_wire(version).is_none()));
    }
}

/// OpenFlow 1.3.5 §7.4.4: the number of codes that each type has there, from zero without gaps.
#[test]
fn openflow_13_is_complete() {
    let codes = [2, 14, 16, 9, 12, 8, 15, 5, 3, 3, 3, 3, 12, 6];
    for kind in 0..100 {
        let n = codes.get(usize::from(kind)).copied().unwrap_or(0);
        for code in 0..100 {
            let error = ErrorCode::from_wire(Version::OF13, wire(None, kind, code));
            assert_eq!(error.name().is_some(), code < n, "{kind}, {code}");
        }
    }
}

/// From the enumerations of OpenFlow 1.0.1 §5.4.4 and OpenFlow 1.3.5 §7.4.4.
#[test]
fn standard_numbers() {
    for (version, kind, code, error) in [
        (Version::OF10, 0, 0, ErrorCode::OFPHFC_INCOMPATIBLE),
        (Version::OF10, 1, 3, ErrorCode::OFPBRC_BAD_VENDOR),
        (Version::OF10, 1, 8, ErrorCode::OFPBRC_BUFFER_UNKNOWN),
        (Version::OF10, 2, 8, ErrorCode::OFPBAC_BAD_QUEUE),
        (Version::OF10, 3, 0, ErrorCode::OFPFMFC_TABLE_FULL),
        (Version::OF10, 3, 3, ErrorCode::OFPFMFC_BAD_EMERG_TIMEOUT),
        (Version::OF10, 3, 5, ErrorCode::OFPFMFC_UNSUPPORTED),
        (Version::OF10, 4, 1, ErrorCode::OFPPMFC_BAD_HW_ADDR),
        (Version::OF10, 5, 2, ErrorCode::OFPQOFC_EPERM),
        (Version::OF13, 0, 1, ErrorCode::OFPHFC_EPERM),
        (Version::OF13, 1, 2, ErrorCode::OFPBRC_BAD_MULTIPART),
        (Version::OF13, 1, 3, ErrorCode::OFPBRC_BAD_EXPERIMENTER),
        (Version::OF13, 1, 4, ErrorCode::OFPBRC_BAD_EXP_TYPE),
        (Version::OF13, 1, 10, ErrorCode::OFPBRC_IS_SLAVE),
        (Version::OF13, 1, 13, ErrorCode::OFPBRC_MULTIPART_BUFFER_OVERFLOW),
        (Version::OF13, 2, 2, ErrorCode::OFPBAC_BAD_EXPERIMENTER),
        (Version::OF13, 2, 3, ErrorCode::OFPBAC_BAD_EXP_TYPE),
        (Version::OF13, 2, 15, ErrorCode::OFPBAC_BAD_SET_ARGUMENT),
        (Version::OF13, 3, 8, ErrorCode::OFPBIC_EPERM),
        (Version::OF13, 4, 9, ErrorCode::OFPBMC_BAD_PREREQ),
        (Version::OF13, 5, 7, ErrorCode::OFPFMFC_BAD_FLAGS),
        (Version::OF13, 6, 14, ErrorCode::OFPGMFC_EPERM),
        (Version::OF13, 7, 4, ErrorCode::OFPPMFC_EPERM),
        (Version::OF13, 8, 1, ErrorCode::OFPTMFC_BAD_CONFIG),
        (Version::OF13, 9, 1, ErrorCode::OFPQOFC_BAD_QUEUE),
        (Version::OF13, 10, 2, ErrorCode::OFPQCFC_EPERM),
        (Version::OF13, 11, 0, ErrorCode::OFPRRFC_STALE),
        (Version::OF13, 12, 11, ErrorCode::OFPMMFC_OUT_OF_BANDS),
        (Version::OF13, 13, 2, ErrorCode::OFPTFFC_BAD_TYPE),
        (Version::OF13, 13, 3, ErrorCode::OFPTFFC_BAD_LEN),
        (Version::OF13, 13, 4, ErrorCode::OFPTFFC_BAD_ARGUMENT),
        (Version::OF13, 13, 5, ErrorCode::OFPTFFC_EPERM),
    ] {
        let wire = wire(None, kind, code);
        assert_eq!(ErrorCode::from_wire(version, wire), error, "{version}: {wire}");
        assert_eq!(error.to_wire(version), Some(wire), "{version}: {error}");
    }
}

/// What `ovs-ofctl print-error` of Open vSwitch 3.1.0 prints.
#[test]
fn extension_numbers() {
    for (error, numbers) in [
        (
            ErrorCode::OFPBMC_BAD_PREREQ,
            [Some((NICIRA, 1, 260)), Some((NICIRA, 1, 260)), Some((None, 4, 9))],
        ),
        (
            ErrorCode::NXBRC_MUST_BE_ZERO,
            [Some((NICIRA, 1, 515)), Some((NICIRA, 1, 515)), Some((NICIRA, 4, 0))],
        ),
        (ErrorCode::OFPBIC_DUP_INST, [None, Some((NICIRA, 3, 256)), Some((ONF, 2600, 0))]),
    ] {
        let expected = numbers.map(|form| form.map(|(whose, kind, code)| wire(whose, kind, code)));
        let versions = [Version::OF10, Version::OF11, Version::OF12];
        assert_eq!(versions.map(|version| error.to_wire(version)), expected, "{error}");
    }
}

#[test]
fn it_is_small() {
    assert!(size_of::<ErrorCode>() <= 16);
}
