//! Which version two sides speak (OpenFlow 1.3.5 §6.3.1).

use crate::message::{Hello, VersionSet};
use crate::protocol::Version;
use alloc::format;
use alloc::string::String;

/// The version that both speak, if there is one: the highest that both list, or, of a peer that
/// lists none, the lower one of the two in the headers.
pub(super) fn agree(ours: VersionSet, header: Version, hello: &Hello) -> Option<Version> {
    match hello.versions() {
        Some(theirs) => ours.common(theirs).highest(),
        None => {
            let lower = ours.highest()?.min(header);
            ours.contains(lower).then_some(lower)
        }
    }
}

/// What the error says when there is none.
pub(super) fn complaint(ours: VersionSet, header: Version, hello: &Hello) -> String {
    match hello.versions() {
        Some(theirs) => format!("this side speaks {ours:?}, that side {theirs:?}"),
        None => format!("this side speaks {ours:?}, that side {header} or less"),
    }
}
