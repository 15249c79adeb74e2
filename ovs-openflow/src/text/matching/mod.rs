//! Matches.

mod layers;
mod read;
mod show;
mod vlan;

pub(super) use read::{MatchReader, PARTLY, unknown};
pub(super) use show::Commas;

use super::error::ParseError;
use super::piece::Piece;
use super::syntax::Syntax;
use ovs_core::matching::Match;

/// What a name in a match can be, for errors.
pub(super) const KEYWORDS: &str = "neither a field nor a keyword";

/// Reads a match.
pub(super) fn read(syntax: Syntax<'_>, text: Piece<'_>) -> Result<Match, ParseError> {
    let mut reader = MatchReader::new(syntax);
    for pair in text.pairs() {
        if !reader.take(pair)? {
            return Err(unknown(pair.key, &[]));
        }
    }
    Ok(reader.finish())
}
