//! What can be wrong with a message.

use crate::error_code::ErrorCode;
use crate::protocol::Version;
use core::fmt;
use ovs_core::field::{Field, Prerequisite};

/// Why bytes are not a message: what is wrong, where, and what the specification says to answer.
///
/// ```
/// use ovs_openflow::{ErrorCode, Message};
///
/// // A set-config of OpenFlow 1.3 that lacks its last byte.
/// let bytes = [4, 9, 0, 11, 0, 0, 0, 1, 0, 0, 0];
/// let error = Message::decode(&bytes.to_vec().into()).unwrap_err();
/// assert_eq!(error.code, ErrorCode::OFPBRC_BAD_LEN);
/// assert_eq!(error.to_string(), "OFPT_SET_CONFIG at byte 10: 2 bytes are needed, there is 1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The type and code of the error message that answers it.
    pub code: ErrorCode,
    /// What is wrong.
    pub problem: Problem,
    /// The structure, by the name that the specification has for it.
    pub structure: &'static str,
    /// Where in the message, in bytes from the beginning of its header.
    pub offset: usize,
}

/// What is wrong with bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The structure ends too early.
    Truncated {
        /// Bytes that come next in it.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// There are bytes behind the end of the structure.
    Excess {
        /// How many.
        excess: usize,
    },
    /// A value cannot be; [`DecodeError::code`] says why.
    Refused,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.structure, self.offset)?;
        match self.problem {
            Problem::Truncated { needed, available } => {
                let noun = if needed == 1 { "byte is" } else { "bytes are" };
                let verb = if available == 1 { "is" } else { "are" };
                write!(f, "{needed} {noun} needed, there {verb} {available}")
            }
            Problem::Excess { excess: 1 } => f.write_str("1 byte too many"),
            Problem::Excess { excess } => write!(f, "{excess} bytes too many"),
            Problem::Refused => f.write_str(self.code.description()),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Why a message cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A structure has a 16-bit length, and would be longer.
    #[error("{structure} would have {bytes} bytes, and cannot have more than 65535")]
    TooLong {
        /// The structure.
        structure: &'static str,
        /// Its bytes.
        bytes: usize,
    },
    /// This version of OpenFlow has no form for it.
    #[error("{version} has no {what}")]
    NotInVersion {
        /// What it is, such as "group message".
        what: &'static str,
        /// The version.
        version: Version,
    },
    /// The match asks for what this version has no form for.
    #[error("{version} cannot say what is matched{}", Missing(.missing))]
    Match {
        /// A field that means something only in packets of some kind, which the match does not ask for.
        missing: Option<(Field, Prerequisite)>,
        /// The version.
        version: Version,
    },
    /// A number is too large for its place.
    #[error("{what} {value:#x} is more than {max:#x}")]
    TooLarge {
        /// What it is, such as "port number".
        what: &'static str,
        /// The number.
        value: u64,
        /// The largest that has room.
        max: u64,
    },
}

/// Why a match cannot be said.
struct Missing<'a>(&'a Option<(Field, Prerequisite)>);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((field, prerequisite)) => {
                write!(
                    f,
                    ": {field} is there only in {}, for which it does not ask",
                    prerequisite.name()
                )
            }
            None => Ok(()),
        }
    }
}
