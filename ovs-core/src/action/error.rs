//! Why an action is refused.

use crate::field::{Field, Prerequisite};
use crate::group::GroupId;
use crate::port::PortNo;
use core::fmt;

/// Why an action cannot stand where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// It is not defined.
    #[error("it is not known")]
    Unknown {
        /// It is an experimenter's, who is not known.
        experimenter: bool,
    },
    /// The switch cannot do it.
    #[error("this switch does not support {0}")]
    Unsupported(&'static str),
    /// It makes no sense in an action set.
    #[error("it cannot be in an action set")]
    NotInSet,
    /// Packets cannot leave by that port.
    #[error("packets cannot be sent to port {0}")]
    OutPort(PortNo),
    /// There is no such group.
    #[error("there is no group {0}")]
    OutGroup(GroupId),
    /// It has a value that it cannot have.
    #[error("{0}")]
    Argument(&'static str),
    /// No action can change that field, or not in this place.
    #[error("{0} cannot be set here")]
    NotSettable(Field),
    /// The field cannot have that value.
    #[error("{0} cannot have this value")]
    Value(Field),
    /// It takes too few or too many bits.
    #[error("{field} is given {n_bits} bits, which are not as many as needed")]
    Bits {
        /// Where the bits go, or come from.
        field: Field,
        /// How many they are.
        n_bits: u16,
    },
    /// Not every packet that comes to the action has the field.
    #[error("{field} needs {needed}, which not every packet has that comes here")]
    MissingPrerequisite {
        /// The field.
        field: Field,
        /// What the match should ask for.
        needed: Prerequisite,
    },
    /// It cannot be done with every packet that comes to it.
    #[error("it needs {0}, which not every packet has that comes here")]
    Inconsistent(Prerequisite),
    /// A frame can have two VLAN tags.
    #[error("the packet would have more than two VLAN tags")]
    TooManyTags,
    /// It is a tunnel option without a place in the TLV table.
    #[error("{0} is not mapped to a tunnel option")]
    Unmapped(Field),
    /// A conjunction counts wrongly, or stands beside other actions than conjunctions and notes.
    #[error("{0}")]
    Conjunction(&'static str),
    /// It translates addresses outside of a `ct`.
    #[error("addresses can only be translated in a ct action")]
    NatOutsideCt,
    /// Actions are too deep in each other.
    #[error("actions are more than {0} deep in each other")]
    TooDeep(u8),
    /// The list is too long.
    #[error("there are more than {0} actions")]
    TooMany(usize),
}

impl ActionError {
    /// The name that it has in OpenFlow, as [`Error::code_name`](crate::Error::code_name) has it.
    pub fn code_name(&self) -> &'static str {
        match self {
            Self::Unknown { experimenter: true } => "OFPBAC_BAD_VENDOR",
            Self::Unknown { .. } | Self::Unsupported(_) | Self::NotInSet => "OFPBAC_BAD_TYPE",
            Self::OutPort(_) => "OFPBAC_BAD_OUT_PORT",
            Self::OutGroup(_) => "OFPBAC_BAD_OUT_GROUP",
            Self::Argument(_) => "OFPBAC_BAD_ARGUMENT",
            Self::NotSettable(_) | Self::Value(_) | Self::NatOutsideCt => "OFPBAC_BAD_SET_ARGUMENT",
            Self::Bits { .. } => "OFPBAC_BAD_SET_LEN",
            Self::MissingPrerequisite { .. } | Self::Inconsistent(_) => "OFPBAC_MATCH_INCONSISTENT",
            Self::TooManyTags => "OFPBAC_BAD_TAG",
            Self::Unmapped(_) => "NXFMFC_INVALID_TLV_FIELD",
            Self::Conjunction(_) => "NXBAC_BAD_CONJUNCTION",
            Self::TooDeep(_) | Self::TooMany(_) => "OFPBAC_TOO_MANY",
        }
    }
}

/// A list of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionList {
    /// Those that a rule applies.
    Apply,
    /// Those that a rule puts into the action set.
    Write,
    /// Those of a packet-out.
    PacketOut,
    /// Those of a group's bucket.
    Bucket,
}

impl fmt::Display for ActionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Apply => "apply-actions",
            Self::Write => "write-actions",
            Self::PacketOut => "packet-out",
            Self::Bucket => "bucket",
        })
    }
}
