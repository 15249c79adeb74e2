//! What a switch refused, as a controller is told.

use super::ErrorCode;
use ovs_core::Error;

/// Where no message of OpenFlow can have caused the error, it is
/// [`OFPBRC_EPERM`](Self::OFPBRC_EPERM).
impl From<&Error> for ErrorCode {
    fn from(error: &Error) -> Self {
        let named = |name| Self::all().find(|code| code.name() == Some(name));
        error.code_name().and_then(named).unwrap_or(Self::OFPBRC_EPERM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::boxed::Box;
    use alloc::{vec, vec::Vec};
    use ovs_core::action::{ActionError, ActionList};
    use ovs_core::field::{Field, Prerequisite};
    use ovs_core::group::{GroupError, GroupId};
    use ovs_core::matching::Match;
    use ovs_core::meter::MeterId;
    use ovs_core::{PortNo, TableId};

    /// Every error, so that no name is misspelt: a misspelt one would come out as
    /// `OFPBRC_EPERM`.
    fn cases() -> Vec<(Error, ErrorCode)> {
        type Code = ErrorCode;
        let mut cases = vec![
            (Error::NamelessPort, Code::OFPBRC_EPERM),
            (Error::NameTaken("a".into()), Code::OFPBRC_EPERM),
            (Error::NumberTaken(PortNo(1)), Code::OFPBRC_EPERM),
            (Error::InvalidNumber(PortNo(0)), Code::OFPBRC_EPERM),
            (Error::TooManyPorts(1), Code::OFPBRC_EPERM),
            (Error::Unsupported("that"), Code::OFPBRC_EPERM),
            (Error::NoSuchPort(PortNo(1)), Code::OFPPMFC_BAD_PORT),
            (Error::TableFull(1), Code::OFPFMFC_TABLE_FULL),
            (Error::NoSuchTable(TableId::ALL), Code::OFPBRC_BAD_TABLE_ID),
            (
                Error::Overlap { table: TableId(0), priority: 1, other: Match::new().into() },
                Code::OFPFMFC_OVERLAP,
            ),
            (Error::UnknownFlags(0x20), Code::OFPFMFC_BAD_FLAGS),
            (Error::EmergencyRule { has_timeout: true }, Code::OFPFMFC_BAD_EMERG_TIMEOUT),
            (Error::EmergencyRule { has_timeout: false }, Code::OFPFMFC_TABLE_FULL),
            (Error::UnknownMatchField(Box::default()), Code::OFPBMC_BAD_FIELD),
            (Error::UnmappedField(Field::TunMetadata0), Code::NXFMFC_INVALID_TLV_FIELD),
            (Error::UnknownInstruction { experimenter: true }, Code::OFPBIC_BAD_EXPERIMENTER),
            (Error::UnknownInstruction { experimenter: false }, Code::OFPBIC_UNKNOWN_INST),
            (Error::InvalidGoto { from: TableId(1), to: TableId(1) }, Code::OFPBIC_BAD_TABLE_ID),
            (Error::NoSuchMeter(MeterId(1)), Code::OFPMMFC_INVALID_METER),
            (
                Error::MissingPrerequisite { field: "tcp_src", needed: "TCP" },
                Code::OFPBMC_BAD_PREREQ,
            ),
        ];
        let of_action =
            |(error, code)| (Error::Action { list: ActionList::Apply, index: 3, error }, code);
        cases.extend(actions().into_iter().map(of_action));
        let of_group = |(error, code)| (Error::Group { group: GroupId(1), error }, code);
        cases.extend(groups().into_iter().map(of_group));
        cases
    }

    fn groups() -> [(GroupError, ErrorCode); 15] {
        type Code = ErrorCode;
        [
            (GroupError::Exists, Code::OFPGMFC_GROUP_EXISTS),
            (GroupError::Unknown, Code::OFPGMFC_UNKNOWN_GROUP),
            (GroupError::InvalidNumber, Code::OFPGMFC_INVALID_GROUP),
            (GroupError::NotOneBucket(2), Code::OFPGMFC_INVALID_GROUP),
            (GroupError::WatchesNothing(0), Code::OFPGMFC_INVALID_GROUP),
            (GroupError::TooManyGroups(1), Code::OFPGMFC_OUT_OF_GROUPS),
            (GroupError::TooManyBuckets(1), Code::OFPGMFC_OUT_OF_BUCKETS),
            (GroupError::WatchUnsupported(0), Code::OFPGMFC_WATCH_UNSUPPORTED),
            (GroupError::Selection("wrong"), Code::OFPBPC_BAD_VALUE),
            (GroupError::BucketNumber(1), Code::OFPGMFC_BAD_BUCKET),
            (GroupError::BucketPlace, Code::OFPGMFC_BAD_BUCKET),
            (GroupError::UnknownBucket(1), Code::OFPGMFC_UNKNOWN_BUCKET),
            (GroupError::BucketExists(1), Code::OFPGMFC_BUCKET_EXISTS),
            (GroupError::Loop, Code::OFPGMFC_LOOP),
            (GroupError::ChainTooLong(64), Code::OFPGMFC_CHAINING_UNSUPPORTED),
        ]
    }

    fn actions() -> [(ActionError, ErrorCode); 18] {
        type Code = ErrorCode;
        let (field, needed) = (Field::TcpSrc, Prerequisite::Tcp);
        [
            (ActionError::Unknown { experimenter: false }, Code::OFPBAC_BAD_TYPE),
            (ActionError::Unknown { experimenter: true }, Code::OFPBAC_BAD_VENDOR),
            (ActionError::Unsupported("encap"), Code::OFPBAC_BAD_TYPE),
            (ActionError::NotInSet, Code::OFPBAC_BAD_TYPE),
            (ActionError::OutPort(PortNo(0)), Code::OFPBAC_BAD_OUT_PORT),
            (ActionError::OutGroup(GroupId(1)), Code::OFPBAC_BAD_OUT_GROUP),
            (ActionError::Argument("wrong"), Code::OFPBAC_BAD_ARGUMENT),
            (ActionError::NotSettable(field), Code::OFPBAC_BAD_SET_ARGUMENT),
            (ActionError::Value(field), Code::OFPBAC_BAD_SET_ARGUMENT),
            (ActionError::NatOutsideCt, Code::OFPBAC_BAD_SET_ARGUMENT),
            (ActionError::Bits { field, n_bits: 3 }, Code::OFPBAC_BAD_SET_LEN),
            (ActionError::MissingPrerequisite { field, needed }, Code::OFPBAC_MATCH_INCONSISTENT),
            (ActionError::Inconsistent(needed), Code::OFPBAC_MATCH_INCONSISTENT),
            (ActionError::TooManyTags, Code::OFPBAC_BAD_TAG),
            (ActionError::Unmapped(field), Code::NXFMFC_INVALID_TLV_FIELD),
            (ActionError::Conjunction("wrong"), Code::NXBAC_BAD_CONJUNCTION),
            (ActionError::TooDeep(16), Code::OFPBAC_TOO_MANY),
            (ActionError::TooMany(8191), Code::OFPBAC_TOO_MANY),
        ]
    }

    #[test]
    fn every_error_has_its_code() {
        for (error, code) in cases() {
            assert_eq!(ErrorCode::from(&error), code, "{error}");
            let named = error.code_name();
            assert!(named.is_none_or(|name| code.name() == Some(name)), "{named:?}");
        }
    }
}
