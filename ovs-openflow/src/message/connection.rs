//! Messages that begin a connection and that say what went wrong on it.

use crate::error_code::ErrorCode;
use crate::protocol::Version;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// The versions that a side speaks (`struct ofp_hello`, OpenFlow 1.3.5 §7.5.1).
///
/// The version in the header is the highest of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// What it says besides, in order.
    pub elements: Vec<HelloElement>,
}

/// An element of a [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelloElement {
    /// All versions spoken (`OFPHET_VERSIONBITMAP`).
    Versions(VersionSet),
    /// One that is not defined, or a list of versions of which some are beyond 31: its type and
    /// what follows its header, without padding.
    Opaque {
        /// Its type.
        kind: u16,
        /// Its content.
        data: Bytes,
    },
}

impl Hello {
    /// A hello that lists these versions.
    pub fn new(versions: VersionSet) -> Self {
        Self { elements: alloc::vec![HelloElement::Versions(versions)] }
    }

    /// The versions up to 31 that are listed, if there is a list; of several the last counts.
    pub fn versions(&self) -> Option<VersionSet> {
        self.elements.iter().rev().find_map(HelloElement::versions)
    }
}

impl HelloElement {
    /// `OFPHET_VERSIONBITMAP`.
    pub(crate) const VERSION_BITMAP: u16 = 1;

    /// The versions that it lists, if it is a list.
    pub(crate) fn versions(&self) -> Option<VersionSet> {
        match self {
            Self::Versions(versions) => Some(*versions),
            Self::Opaque { kind: Self::VERSION_BITMAP, data } if data.len() % 4 == 0 => {
                data.first_chunk().map(|first| VersionSet(u32::from_be_bytes(*first)))
            }
            Self::Opaque { .. } => None,
        }
    }
}

/// A set of versions: bit n of the number is version n (as in a message's header) for n from 0 to 31.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct VersionSet(pub u32);

impl VersionSet {
    /// OpenFlow 1.0 and 1.3: what this crate speaks.
    pub const ALL: Self = Self(1 << Version::OF10.0 | 1 << Version::OF13.0);

    /// Is this version one of them?
    pub fn contains(self, version: Version) -> bool {
        version.0 < 32 && self.0 >> version.0 & 1 != 0
    }

    /// The highest of them.
    pub fn highest(self) -> Option<Version> {
        self.0.checked_ilog2().map(|bit| Version(bit as u8))
    }

    /// Those that are in both.
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The versions, the lowest first.
    pub fn iter(self) -> impl Iterator<Item = Version> {
        (0..32).map(Version).filter(move |version| self.contains(*version))
    }
}

impl FromIterator<Version> for VersionSet {
    /// Versions from 32 on are left out.
    fn from_iter<I: IntoIterator<Item = Version>>(versions: I) -> Self {
        let bit = |version: Version| 1u32.checked_shl(version.0.into()).unwrap_or(0);
        Self(versions.into_iter().map(bit).fold(0, |bits, bit| bits | bit))
    }
}

impl fmt::Debug for VersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What went wrong (`struct ofp_error_msg`, OpenFlow 1.3.5 §7.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorMessage {
    /// Type and code.
    pub code: ErrorCode,
    /// The message that it is about, or its first 64 bytes at least; for a failed hello, a text.
    pub data: Bytes,
}
