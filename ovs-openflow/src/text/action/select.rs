//! Choices by a hash: `multipath`, `bundle` and `bundle_load`.

use super::{Context, Read};
use crate::text::error::ParseError;
use crate::text::field::{ShowSubfield, read_subfield};
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::action::{
    Action, Bundle, BundleAlgorithm, HashFields, Multipath, MultipathAlgorithm, Subfield,
};
use ovs_core::field::OxmClass;

const FIELDS: [(&str, HashFields); 7] = [
    ("eth_src", HashFields::EthSrc),
    ("symmetric_l4", HashFields::SymmetricL4),
    ("symmetric_l3l4", HashFields::SymmetricL3L4),
    ("symmetric_l3l4+udp", HashFields::SymmetricL3L4Udp),
    ("nw_src", HashFields::NwSrc),
    ("nw_dst", HashFields::NwDst),
    ("symmetric_l3", HashFields::SymmetricL3),
];
const PATHS: [(&str, MultipathAlgorithm); 4] = [
    ("modulo_n", MultipathAlgorithm::Modulo),
    ("hash_threshold", MultipathAlgorithm::HashThreshold),
    ("hrw", MultipathAlgorithm::HighestRandomWeight),
    ("iter_hash", MultipathAlgorithm::IterativeHash),
];
const MEMBERS: [(&str, BundleAlgorithm); 2] = [
    ("active_backup", BundleAlgorithm::ActiveBackup),
    ("hrw", BundleAlgorithm::HighestRandomWeight),
];
/// Ports of a bundle, at most (`BUNDLE_MAX_MEMBERS`).
const MAX_MEMBERS: usize = 2048;

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "multipath" => read_multipath(value),
        "bundle" => read_bundle(context.syntax, value, false),
        "bundle_load" => read_bundle(context.syntax, value, true),
        _ => return None,
    })
}

/// Takes the next argument off.
fn next<'a>(rest: &mut Piece<'a>, what: &'static str) -> Result<Piece<'a>, ParseError> {
    let end = rest.from(rest.text.len());
    rest.token(", ").ok_or_else(|| end.missing(what))
}

/// The value of a word, whose case does not matter.
fn word<T: Copy>(
    text: Piece<'_>,
    words: &[(&str, T)],
    what: &'static str,
) -> Result<T, ParseError> {
    let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.text));
    known.map(|(_, value)| *value).ok_or_else(|| text.expected(what))
}

fn spelling<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

/// Reads where a number is written. A field that only an experimenter numbers has no room in
/// the message.
pub(super) fn read_destination(text: Piece<'_>) -> Result<Subfield, ParseError> {
    let subfield = read_subfield(text)?;
    let class = subfield.field().header(0).map(|header| header.class.class());
    match class {
        None | Some(OxmClass::EXPERIMENTER) => Err(text.refused("has no code point of 32 bits")),
        Some(_) => Ok(subfield),
    }
}

fn read_multipath(value: Piece<'_>) -> Read {
    let mut rest = value;
    let fields = next(&mut rest, "what is hashed")?;
    let basis = next(&mut rest, "a basis")?;
    let algorithm = next(&mut rest, "an algorithm")?;
    let n_links = next(&mut rest, "a number of paths")?;
    let argument = next(&mut rest, "an argument for the algorithm")?;
    let to = next(&mut rest, "a field")?;
    let links @ 1..=65536 = number::decimal(n_links, 65536)? else {
        return Err(n_links.refused("is no number of paths"));
    };
    let destination = read_destination(to)?;
    if destination.n_bits() < 16 && links > 1 << destination.n_bits() {
        return Err(to.refused("has fewer values than there are paths"));
    }
    Ok(Action::Multipath(Box::new(Multipath {
        fields: word(fields, &FIELDS, "a set of fields to be hashed")?,
        basis: number::decimal(basis, u16::MAX.into())? as u16,
        algorithm: word(algorithm, &PATHS, "an algorithm of `multipath`")?,
        max_link: (links - 1) as u16,
        argument: number::decimal(argument, u32::MAX)?,
        destination,
    })))
}

fn read_bundle(syntax: Syntax<'_>, value: Piece<'_>, load: bool) -> Read {
    let mut rest = value;
    let fields = next(&mut rest, "what is hashed")?;
    let basis = next(&mut rest, "a basis")?;
    let algorithm = next(&mut rest, "an algorithm")?;
    let kind = next(&mut rest, "`ofport`")?;
    let to = if load { Some(next(&mut rest, "a field")?) } else { None };
    let members_word = rest.token(":, ").ok_or_else(|| value.missing("`members`"))?;
    if !kind.text.eq_ignore_ascii_case("ofport") {
        return Err(kind.expected("`ofport`"));
    }
    if !matches!(members_word.text.to_ascii_lowercase().as_str(), "members" | "slaves") {
        return Err(members_word.expected("`members`"));
    }
    let mut members = Vec::new();
    while let Some(member) = rest.token(", []") {
        if members.len() == MAX_MEMBERS {
            return Err(member.refused("is one member too many"));
        }
        members.push(syntax.read_port(member)?);
    }
    Ok(Action::Bundle(Box::new(Bundle {
        fields: word(fields, &FIELDS, "a set of fields to be hashed")?,
        basis: number::decimal(basis, u16::MAX.into())? as u16,
        algorithm: word(algorithm, &MEMBERS, "an algorithm of `bundle`")?,
        destination: to.map(read_destination).transpose()?,
        members,
    })))
}

pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    action: &Action,
) -> Option<fmt::Result> {
    Some(match action {
        Action::Multipath(multipath) => show_multipath(f, multipath),
        Action::Bundle(bundle) => show_bundle(f, syntax, bundle),
        _ => return None,
    })
}

fn show_multipath(f: &mut fmt::Formatter<'_>, multipath: &Multipath) -> fmt::Result {
    let Multipath { fields, basis, algorithm, max_link, argument, destination } = multipath;
    let (fields, algorithm) = (spelling(&FIELDS, fields), spelling(&PATHS, algorithm));
    let n_links = u32::from(*max_link) + 1;
    let to = ShowSubfield(*destination);
    write!(f, "multipath({fields},{basis},{algorithm},{n_links},{argument},{to})")
}

fn show_bundle(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, bundle: &Bundle) -> fmt::Result {
    let Bundle { fields, basis, algorithm, destination, members } = bundle;
    let (fields, algorithm) = (spelling(&FIELDS, fields), spelling(&MEMBERS, algorithm));
    f.write_str(if destination.is_some() { "bundle_load" } else { "bundle" })?;
    write!(f, "({fields},{basis},{algorithm},ofport,")?;
    if let Some(destination) = destination {
        write!(f, "{},", ShowSubfield(*destination))?;
    }
    f.write_str("members:")?;
    let mut separator = "";
    for member in members {
        write!(f, "{separator}{}", syntax.show_port(*member))?;
        separator = ",";
    }
    f.write_str(")")
}
