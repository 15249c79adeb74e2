//! Meters.

use super::error::{Complaint, ParseError};
use super::flow::take_command;
use super::number;
use super::piece::Piece;
use super::similar::similar;
use super::syntax::Show;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId, MeterMod};

const FLAGS: [(&str, MeterFlags); 4] = [
    ("kbps", MeterFlags::KBPS),
    ("pktps", MeterFlags::PKTPS),
    ("burst", MeterFlags::BURST),
    ("stats", MeterFlags::STATS),
];
const KEYWORDS: [&str; 10] = [
    "meter",
    "kbps",
    "pktps",
    "burst",
    "stats",
    "bands",
    "type",
    "rate",
    "burst_size",
    "prec_level",
];
const COMMANDS: [&str; 3] = ["add", "delete", "modify"];
/// What stands between words.
const SEPARATORS: &str = "=, \t\r\n";

/// Reads a meter.
pub(super) fn read(text: Piece<'_>) -> Result<Meter, ParseError> {
    let start = text.text.find("band").ok_or_else(|| text.missing("`bands=`"))?;
    let rest = text.from(start);
    let (_, bands) = rest.split_once("=").ok_or_else(|| rest.missing("`=` and bands"))?;
    let (id, flags) = read_head(text.cut(0..start))?;
    if flags.is_empty() {
        return Err(text.cut(0..start).missing("`kbps` or `pktps`"));
    }
    Ok(Meter { id, flags, bands: read_bands(bands, flags)? })
}

/// Reads a change of a meter that may begin with its command.
pub(super) fn read_mod(mut text: Piece<'_>) -> Result<MeterMod, ParseError> {
    let command = take_command(&mut text, &COMMANDS);
    Ok(match command.and_then(|number| COMMANDS.get(number)).copied() {
        Some("modify") => MeterMod::Modify(read(text)?),
        Some("delete") if text.trim().is_empty() => MeterMod::Delete(MeterId::ALL),
        Some("delete") => MeterMod::Delete(read_head(text)?.0),
        _ => MeterMod::Add(read(text)?),
    })
}

fn unknown(word: Piece<'_>) -> ParseError {
    let similar = similar(word.text, KEYWORDS.into_iter());
    word.error(Complaint::Unknown { what: "no keyword of a meter", similar })
}

/// Reads what stands before the bands.
fn read_head(text: Piece<'_>) -> Result<(MeterId, MeterFlags), ParseError> {
    let (mut id, mut flags) = (None, MeterFlags::empty());
    let mut rest = text;
    while let Some(word) = rest.token(SEPARATORS) {
        if let Some((_, flag)) = FLAGS.iter().find(|(name, _)| *name == word.text) {
            flags |= *flag;
            continue;
        }
        if word.text == "meter" {
            let value = rest.token(SEPARATORS).ok_or_else(|| text.missing("a number"))?;
            id = Some(read_id(value)?);
        } else if let Some(number) = word.text.strip_prefix("flags:") {
            // As other flags are printed.
            let bits = number::short(word.from(word.text.len() - number.len()))?;
            flags |= MeterFlags::from_bits_retain(bits);
        } else {
            return Err(unknown(word));
        }
    }
    Ok((id.ok_or_else(|| text.missing("`meter=`"))?, flags))
}

fn read_id(value: Piece<'_>) -> Result<MeterId, ParseError> {
    Ok(match value.text {
        "all" => MeterId::ALL,
        "controller" => MeterId::CONTROLLER,
        "slowpath" => MeterId::SLOWPATH,
        _ => match MeterId(number::word(value)?) {
            MeterId(0) => return Err(value.refused("is no meter: they are numbered from 1 on")),
            id if id > MeterId::MAX => {
                return Err(value.error(Complaint::TooLarge { max: MeterId::MAX.0.into() }));
            }
            id => id,
        },
    })
}

/// A band as it is read, and the word that it began with.
struct BandParts<'a> {
    word: Piece<'a>,
    remarks: bool,
    rate: u32,
    burst_size: u32,
    precedence_level: u8,
}

fn read_bands(text: Piece<'_>, flags: MeterFlags) -> Result<Vec<Band>, ParseError> {
    let mut bands: Vec<BandParts<'_>> = Vec::new();
    let mut rest = text;
    while let Some(word) = rest.token(SEPARATORS) {
        let value = rest.token(", \t\r\n").ok_or_else(|| text.missing("a value"))?;
        match (word.text, bands.last_mut()) {
            ("type", _) => {
                let remarks = match value.text {
                    "drop" => false,
                    "dscp_remark" => true,
                    _ => return Err(value.expected("`drop` or `dscp_remark`")),
                };
                let band = BandParts { word, remarks, rate: 0, burst_size: 0, precedence_level: 0 };
                bands.push(band);
            }
            (_, None) => return Err(word.expected("`type`, which a band begins with")),
            ("rate", Some(band)) => band.rate = number::word(value)?,
            ("burst_size", Some(band)) => band.burst_size = number::word(value)?,
            ("prec_level", Some(band)) => band.precedence_level = number::byte(value)?,
            _ => return Err(unknown(word)),
        }
    }
    if bands.is_empty() {
        return Err(text.missing("a band"));
    }
    bands.into_iter().map(|band| band.finish(flags)).collect()
}

impl BandParts<'_> {
    fn finish(self, flags: MeterFlags) -> Result<Band, ParseError> {
        let Self { word, remarks, rate, burst_size, precedence_level } = self;
        let refused = |why| Err(word.refused(why));
        if rate == 0 {
            return refused("begins a band without `rate`");
        }
        if flags.contains(MeterFlags::BURST) != (burst_size != 0) {
            return match burst_size {
                0 => refused("begins a band without `burst_size`, which `burst` needs"),
                _ => refused("begins a band with `burst_size`, which needs `burst`"),
            };
        }
        let kind = match (remarks, precedence_level) {
            (false, 0) => BandKind::Drop,
            (false, _) => return refused("begins a band that drops, and has a `prec_level`"),
            (true, 0) => return refused("begins a band without `prec_level`"),
            (true, precedence_level) => BandKind::DscpRemark { precedence_level },
        };
        Ok(Band { kind, rate, burst_size })
    }
}

impl fmt::Display for Show<'_, Meter> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Meter { id, flags, bands } = self.what;
        f.write_str("meter=")?;
        match *id {
            MeterId::SLOWPATH | MeterId::CONTROLLER | MeterId::ALL => write!(f, "{id} ")?,
            id if id > MeterId::MAX => f.write_str("unknown ")?,
            MeterId(number) => write!(f, "{number} ")?,
        }
        for (name, _) in FLAGS.iter().filter(|(_, flag)| flags.contains(*flag)) {
            write!(f, "{name} ")?;
        }
        let known = FLAGS.iter().fold(0, |known, (_, flag)| known | flag.bits());
        if flags.bits() & !known != 0 {
            write!(f, "flags:{:#x} ", flags.bits() & !known)?;
        }
        f.write_str("bands=")?;
        bands.iter().try_for_each(|band| show_band(f, *flags, band))
    }
}

fn show_band(f: &mut fmt::Formatter<'_>, flags: MeterFlags, band: &Band) -> fmt::Result {
    match &band.kind {
        BandKind::Drop => f.write_str("\ntype=drop")?,
        BandKind::DscpRemark { .. } => f.write_str("\ntype=dscp_remark")?,
        BandKind::Experimenter { .. } => f.write_str("\ntype=65535")?,
        other => write!(f, "\ntype={other:?}")?,
    }
    write!(f, " rate={}", band.rate)?;
    if flags.contains(MeterFlags::BURST) {
        write!(f, " burst_size={}", band.burst_size)?;
    }
    match band.kind {
        BandKind::DscpRemark { precedence_level } => write!(f, " prec_level={precedence_level}"),
        _ => Ok(()),
    }
}
