//! Tables, and what is done with a packet as a whole.

use super::{Context, Read, Within, alone};
use crate::text::field::{ShowSubfield, read_subfield};
use crate::text::number::{self, read_bytes, show_bytes};
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use core::fmt;
use ovs_core::action::Action;
use ovs_core::port::QueueId;
use ovs_core::{PortNo, TableId};

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "resubmit" => read_resubmit(context.syntax, value),
        "clone" => context.read_nested(Within::Clone, value).map(Action::Clone),
        "conjunction" => read_conjunction(value),
        "exit" => alone(Action::Exit, value),
        "set_queue" => number::word(value).map(|queue| Action::SetQueue(QueueId(queue))),
        "pop_queue" => alone(Action::PopQueue, value),
        "fin_timeout" => read_fin_timeout(value),
        "check_pkt_larger" => read_check(value),
        "note" => read_bytes(value).map(|bytes| Action::Note(bytes.into())),
        "opaque" => read_bytes(value).map(|bytes| Action::Opaque(bytes.into())),
        _ => return None,
    })
}

/// `[PORT][,[TABLE][,ct]]`.
fn read_resubmit(syntax: Syntax<'_>, value: Piece<'_>) -> Read {
    let mut rest = value;
    let (port, table, ct) = (rest.field(','), rest.field(','), rest.field(','));
    let port = if port.is_empty() { PortNo::IN_PORT } else { syntax.read_port(port)? };
    let table = if table.is_empty() { TableId::ALL } else { syntax.read_table(table)? };
    let table = Some(table).filter(|table| *table != TableId::ALL);
    if !matches!(ct.text, "" | "ct") {
        return Err(ct.expected("`ct`"));
    }
    if port == PortNo::IN_PORT && table.is_none() {
        return Err(value.refused("names neither a port nor a table"));
    }
    Ok(Action::Resubmit { port, table, with_ct: !ct.is_empty() })
}

/// `ID,CLAUSE/CLAUSES`.
fn read_conjunction(value: Piece<'_>) -> Read {
    let parts = value.split_once(",");
    let parts = parts.and_then(|(id, clauses)| Some((id, clauses.split_once("/")?)));
    let expected = || value.expected("`ID,CLAUSE/CLAUSES`");
    let (id, (clause, n_clauses)) = parts.ok_or_else(expected)?;
    let (id, clause, n_clauses) = (id.trim(), clause.trim(), n_clauses.trim());
    let count = number::decimal(n_clauses, u8::MAX.into())?;
    let number = number::decimal(clause, u8::MAX.into())?;
    if !(2..=64).contains(&count) {
        return Err(n_clauses.refused("is no number of clauses: there are 2 to 64"));
    }
    if !(1..=count).contains(&number) {
        return Err(clause.refused("is none of the clauses, which are numbered from 1 on"));
    }
    let id = number::word(id)?;
    Ok(Action::Conjunction { id, clause: number as u8 - 1, n_clauses: count as u8 })
}

fn read_fin_timeout(value: Piece<'_>) -> Read {
    let (mut idle, mut hard) = (0, 0);
    for pair in value.pairs() {
        match pair.key.text {
            "idle_timeout" => idle = number::short(pair.value)?,
            "hard_timeout" => hard = number::short(pair.value)?,
            _ => return Err(pair.key.expected("`idle_timeout` or `hard_timeout`")),
        }
    }
    Ok(Action::FinTimeout { idle, hard })
}

/// `LENGTH)->FIELD[BIT]`, as it stands in `check_pkt_larger(LENGTH)->FIELD[BIT]`.
fn read_check(value: Piece<'_>) -> Read {
    let (length, to) = value.split_once("->").ok_or_else(|| value.missing("`->`"))?;
    let length = length.cut(0..length.text.strip_suffix(')').unwrap_or(length.text).len());
    let destination = read_subfield(to)?;
    if destination.n_bits() != 1 {
        return Err(to.refused("has more than one bit"));
    }
    Ok(Action::CheckPacketLarger { length: number::short(length)?, destination })
}

pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    action: &Action,
) -> Option<fmt::Result> {
    Some(match action {
        Action::Resubmit { port, table, with_ct } => {
            show_resubmit(f, syntax, *port, *table, *with_ct)
        }
        Action::Clone(actions) => write!(f, "clone({})", syntax.show_actions(actions)),
        Action::Conjunction { id, clause, n_clauses } => {
            write!(f, "conjunction({id},{}/{n_clauses})", u16::from(*clause) + 1)
        }
        Action::Exit => f.write_str("exit"),
        Action::SetQueue(queue) => write!(f, "set_queue:{}", queue.0),
        Action::PopQueue => f.write_str("pop_queue"),
        Action::FinTimeout { idle, hard } => show_fin_timeout(f, *idle, *hard),
        Action::CheckPacketLarger { length, destination } => {
            write!(f, "check_pkt_larger({length})->{}", ShowSubfield(*destination))
        }
        Action::Note(bytes) => f.write_str("note:").and_then(|()| show_bytes(f, bytes)),
        Action::Learn(learn) => super::learn::show(f, syntax, learn),
        _ => return None,
    })
}

fn show_resubmit(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    port: PortNo,
    table: Option<TableId>,
    with_ct: bool,
) -> fmt::Result {
    if port != PortNo::IN_PORT && table.is_none() {
        return write!(f, "resubmit:{}", syntax.show_port(port));
    }
    f.write_str("resubmit(")?;
    if port != PortNo::IN_PORT {
        write!(f, "{}", syntax.show_port(port))?;
    }
    f.write_str(",")?;
    if let Some(table) = table {
        write!(f, "{}", syntax.show_table(table))?;
    }
    f.write_str(if with_ct { ",ct)" } else { ")" })
}

fn show_fin_timeout(f: &mut fmt::Formatter<'_>, idle: u16, hard: u16) -> fmt::Result {
    f.write_str("fin_timeout(")?;
    if idle != 0 {
        write!(f, "idle_timeout={idle}")?;
    }
    if idle != 0 && hard != 0 {
        f.write_str(",")?;
    }
    if hard != 0 {
        write!(f, "hard_timeout={hard}")?;
    }
    f.write_str(")")
}
