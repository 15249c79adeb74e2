//! Reading what `dump-flows` prints.

use super::{KEYWORDS, flag, split_actions};
use crate::message::{Duration, FlowStats};
use crate::text::action;
use crate::text::error::ParseError;
use crate::text::matching::{MatchReader, unknown};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use crate::text::syntax::Syntax;
use ovs_core::TableId;
use ovs_core::action::Instructions;
use ovs_core::flow::{FlowFlags, Rule};
use ovs_core::matching::Match;

/// Reads a line of `dump-flows`. What is not there: counters and the duration are unknown.
pub(in crate::text) fn read_stats(
    syntax: Syntax<'_>,
    text: Piece<'_>,
) -> Result<FlowStats, ParseError> {
    let (text, actions) = split_actions(text)?;
    let mut flow = FlowStats {
        table: TableId(0),
        duration: Duration { sec: u32::MAX, nsec: u32::MAX },
        priority: Rule::DEFAULT_PRIORITY,
        idle_timeout: 0,
        hard_timeout: 0,
        idle_age: None,
        hard_age: None,
        flags: FlowFlags::empty(),
        importance: 0,
        cookie: 0,
        packet_count: u64::MAX,
        byte_count: u64::MAX,
        matching: Match::new(),
        instructions: Instructions::none(),
    };
    let mut matching = MatchReader::new(syntax);
    for pair in text.pairs() {
        match flag(pair.key.text) {
            Some(flag) => flow.flags |= flag,
            None if matching.take(pair)? => {}
            None => read_keyword(syntax, &mut flow, pair)?,
        }
    }
    flow.matching = matching.finish();
    flow.instructions = action::read_instructions(syntax, actions)?;
    Ok(flow)
}

fn read_keyword(
    syntax: Syntax<'_>,
    flow: &mut FlowStats,
    Pair { key, value }: Pair<'_>,
) -> Result<(), ParseError> {
    match key.text {
        "table" => flow.table = syntax.read_table(value)?,
        "duration" => flow.duration = read_duration(value)?,
        "priority" => flow.priority = number::short(value)?,
        "idle_timeout" => flow.idle_timeout = number::short(value)?,
        "hard_timeout" => flow.hard_timeout = number::short(value)?,
        "idle_age" => flow.idle_age = Some(number::short(value)?),
        "hard_age" => flow.hard_age = Some(number::short(value)?),
        "importance" => flow.importance = number::short(value)?,
        "cookie" => flow.cookie = number::long(value)?,
        "n_packets" => flow.packet_count = read_counter(value)?,
        "n_bytes" => flow.byte_count = read_counter(value)?,
        _ => return Err(unknown(key, &KEYWORDS)),
    }
    Ok(())
}

/// A counter; `?` if it is not known.
fn read_counter(value: Piece<'_>) -> Result<u64, ParseError> {
    if value.text == "?" { Ok(u64::MAX) } else { number::long(value) }
}

/// Seconds with up to nine decimals, and `s`.
fn read_duration(value: Piece<'_>) -> Result<Duration, ParseError> {
    let expected = || value.expected("a duration in seconds, as `1.5s`");
    let text = value.text.strip_suffix('s').ok_or_else(expected)?;
    let (sec, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(sec) || !digits(decimals) || decimals.len() > 9 {
        return Err(expected());
    }
    let sec = sec.parse().map_err(|_| expected())?;
    let scale = 10u32.pow(9 - decimals.len() as u32);
    let nsec = decimals.parse::<u32>().map_err(|_| expected())? * scale;
    Ok(Duration { sec, nsec })
}
