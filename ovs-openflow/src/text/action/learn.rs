//! `learn`.

use super::rewrite::read_copy;
use super::select::read_destination;
use super::{Context, Read};
use crate::text::error::{Complaint, ParseError};
use crate::text::field::{
    self, ShowSubfield, read_exact, read_part, read_subfield, show_bytes_number, show_value, width,
};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use crate::text::similar::similar;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use ovs_core::TableId;
use ovs_core::action::{
    Action, Learn, LearnDestination, LearnFlags, LearnLimit, LearnSource, LearnSpec, Subfield,
};
use ovs_core::flow::Rule;

const KEYWORDS: [&str; 13] = [
    "table",
    "priority",
    "idle_timeout",
    "hard_timeout",
    "fin_idle_timeout",
    "fin_hard_timeout",
    "cookie",
    "send_flow_rem",
    "delete_learned",
    "limit",
    "result_dst",
    "load",
    "output",
];

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    (name == "learn").then(|| read_learn(context.syntax, value))
}

fn read_learn(syntax: Syntax<'_>, value: Piece<'_>) -> Read {
    let mut learn = Learn {
        idle_timeout: 0,
        hard_timeout: 0,
        priority: Rule::DEFAULT_PRIORITY,
        cookie: 0,
        flags: LearnFlags::empty(),
        table: TableId(1),
        fin_idle_timeout: 0,
        fin_hard_timeout: 0,
        limit: None,
        specs: Vec::new(),
    };
    let (mut limit, mut result) = (0, None);
    for pair in value.pairs() {
        let text = pair.value;
        match pair.key.text {
            "table" => match syntax.read_table(text)? {
                TableId::ALL => return Err(text.refused("is no table that can be learned into")),
                table => learn.table = table,
            },
            "priority" => learn.priority = short(text)?,
            "idle_timeout" => learn.idle_timeout = short(text)?,
            "hard_timeout" => learn.hard_timeout = short(text)?,
            "fin_idle_timeout" => learn.fin_idle_timeout = short(text)?,
            "fin_hard_timeout" => learn.fin_hard_timeout = short(text)?,
            "cookie" => learn.cookie = number::long(text)?,
            "send_flow_rem" => learn.flags |= LearnFlags::SEND_FLOW_REM,
            "delete_learned" => learn.flags |= LearnFlags::DELETE_LEARNED,
            "limit" => limit = number::decimal(text, u32::MAX)?,
            "result_dst" => result = Some(read_result(text)?),
            _ => learn.specs.push(read_spec(syntax, pair)?),
        }
    }
    if limit != 0 || result.is_some() {
        learn.limit = Some(LearnLimit { rules: limit, result });
    }
    Ok(Action::Learn(Box::new(learn)))
}

fn short(text: Piece<'_>) -> Result<u16, ParseError> {
    number::decimal(text, u16::MAX.into()).map(|number| number as u16)
}

fn read_result(text: Piece<'_>) -> Result<Subfield, ParseError> {
    let result = read_subfield(text)?;
    if !result.field().is_settable() {
        return Err(text.refused("can only be read"));
    }
    if result.n_bits() != 1 {
        return Err(text.refused("has more than one bit"));
    }
    Ok(result)
}

fn read_spec(syntax: Syntax<'_>, pair: Pair<'_>) -> Result<LearnSpec, ParseError> {
    let text = pair.value;
    match pair.key.text {
        "load" => read_load(text),
        "output" => {
            let source = read_subfield(text)?;
            Ok(LearnSpec {
                n_bits: source.n_bits(),
                source: LearnSource::Field(source),
                destination: LearnDestination::Output,
            })
        }
        _ => read_match(syntax, pair),
    }
}

/// `FIELD=VALUE`, `FIELD=FIELD` or `FIELD`, which is the same on both sides.
fn read_match(syntax: Syntax<'_>, Pair { key, value }: Pair<'_>) -> Result<LearnSpec, ParseError> {
    let is_field = read_subfield(key).is_ok();
    if !is_field && !key.text.contains('[') {
        let similar = similar(key.text, field::names().chain(KEYWORDS));
        let what = "neither a field nor a keyword of `learn`";
        return Err(key.error(Complaint::Unknown { what, similar }));
    }
    let matched = read_destination(key)?;
    let n_bits = matched.n_bits();
    let source = if value.is_empty() {
        LearnSource::Field(matched)
    } else if let Ok(source) = read_subfield(value) {
        if source.n_bits() != n_bits {
            return Err(value.refused("has another width than the field that is matched"));
        }
        LearnSource::Field(source)
    } else if matched.start() == 0 && n_bits == width(matched.field()) {
        immediate(read_exact(syntax, matched.field(), value)?, n_bits)
    } else {
        immediate(read_part(value, n_bits)?, n_bits)
    };
    Ok(LearnSpec { n_bits, source, destination: LearnDestination::Match(matched) })
}

/// `VALUE->FIELD` or `FIELD->FIELD`.
fn read_load(text: Piece<'_>) -> Result<LearnSpec, ParseError> {
    let (value, to) = text.split_once("->").ok_or_else(|| text.missing("`->`"))?;
    if value.is_empty() {
        return Err(value.missing("a number or a field"));
    }
    if !value.text.starts_with(|c: char| c.is_ascii_digit()) {
        let (source, destination) = read_copy(text)?;
        return Ok(LearnSpec {
            n_bits: source.n_bits(),
            source: LearnSource::Field(source),
            destination: LearnDestination::Load(destination),
        });
    }
    let destination = read_destination(to)?;
    let n_bits = destination.n_bits();
    Ok(LearnSpec {
        n_bits,
        source: immediate(read_part(value, n_bits)?, n_bits),
        destination: LearnDestination::Load(destination),
    })
}

/// A number in as few bytes as its bits need.
fn immediate(value: u128, n_bits: u16) -> LearnSource {
    let n_bytes = usize::from(n_bits.div_ceil(8));
    let bytes = value.to_be_bytes();
    let mut immediate = alloc::vec![0; n_bytes.saturating_sub(bytes.len())];
    immediate.extend(bytes.get(bytes.len().saturating_sub(n_bytes)..).unwrap_or_default());
    LearnSource::Immediate(immediate.into())
}

pub(super) fn show(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, learn: &Learn) -> fmt::Result {
    write!(f, "learn(table={}", syntax.show_table(learn.table))?;
    for (name, value) in [
        ("idle_timeout", learn.idle_timeout),
        ("hard_timeout", learn.hard_timeout),
        ("fin_idle_timeout", learn.fin_idle_timeout),
        ("fin_hard_timeout", learn.fin_hard_timeout),
    ] {
        if value != 0 {
            write!(f, ",{name}={value}")?;
        }
    }
    if learn.priority != Rule::DEFAULT_PRIORITY {
        write!(f, ",priority={}", learn.priority)?;
    }
    if learn.flags.contains(LearnFlags::SEND_FLOW_REM) {
        f.write_str(",send_flow_rem")?;
    }
    if learn.flags.contains(LearnFlags::DELETE_LEARNED) {
        f.write_str(",delete_learned")?;
    }
    if learn.cookie != 0 {
        write!(f, ",cookie={:#x}", learn.cookie)?;
    }
    if let Some(LearnLimit { rules, result }) = learn.limit {
        if rules != 0 {
            write!(f, ",limit={rules}")?;
        }
        if let Some(result) = result {
            write!(f, ",result_dst={}", ShowSubfield(result))?;
        }
    }
    for spec in &learn.specs {
        f.write_str(",")?;
        show_spec(f, syntax, spec)?;
    }
    f.write_str(")")
}

fn show_spec(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, spec: &LearnSpec) -> fmt::Result {
    match (&spec.source, &spec.destination) {
        (LearnSource::Immediate(bytes), LearnDestination::Match(matched)) => {
            let field = matched.field();
            if matched.start() == 0 && matched.n_bits() == width(field) && bytes.len() <= 16 {
                let value = bytes.iter().fold(0, |value, byte| value << 8 | u128::from(*byte));
                write!(f, "{}=", field::name(field))?;
                return show_value(f, syntax, field, value, field.ones());
            }
            write!(f, "{}=", ShowSubfield(*matched))?;
            show_bytes_number(f, bytes)
        }
        (LearnSource::Field(source), LearnDestination::Match(matched)) => {
            write!(f, "{}", ShowSubfield(*matched))?;
            let same = source.field() == matched.field() && source.start() == matched.start();
            if same { Ok(()) } else { write!(f, "={}", ShowSubfield(*source)) }
        }
        (LearnSource::Immediate(bytes), LearnDestination::Load(to)) => {
            f.write_str("load:")?;
            show_bytes_number(f, bytes)?;
            write!(f, "->{}", ShowSubfield(*to))
        }
        (LearnSource::Field(source), LearnDestination::Load(to)) => {
            write!(f, "load:{}->{}", ShowSubfield(*source), ShowSubfield(*to))
        }
        (LearnSource::Field(source), LearnDestination::Output) => {
            write!(f, "output:{}", ShowSubfield(*source))
        }
        // The message has no room for that.
        (LearnSource::Immediate(bytes), LearnDestination::Output) => {
            f.write_str("output:")?;
            show_bytes_number(f, bytes)
        }
    }
}
