//! Writing flows.

use super::FLAGS;
use crate::message::Duration;
use crate::text::syntax::{Show, ShowFlowStats, ShowMatch};
use core::fmt::{self, Write as _};
use ovs_core::flow::{FlowFlags, FlowMod, FlowModCommand, Rule};
use ovs_core::group::GroupId;
use ovs_core::{PortNo, TableId};

/// Writes a duration in seconds: exact, with three decimals if they are enough.
fn show_duration(f: &mut fmt::Formatter<'_>, duration: Duration) -> fmt::Result {
    let Duration { sec, nsec } = duration;
    write!(f, "{sec}")?;
    if nsec != 0 && nsec % 1_000_000 == 0 {
        write!(f, ".{:03}", nsec / 1_000_000)?;
    } else if nsec != 0 {
        let zeros = (1..9).take_while(|n| nsec % 10u32.pow(*n) == 0).count();
        let digits = 9 - zeros;
        write!(f, ".{:0digits$}", nsec / 10u32.pow(zeros as u32))?;
    }
    f.write_str("s")
}

fn show_flags(f: &mut fmt::Formatter<'_>, flags: FlowFlags, separator: &str) -> fmt::Result {
    let set = FLAGS.iter().filter(|(_, flag)| flags.contains(*flag));
    set.map(|(word, _)| word).try_for_each(|word| write!(f, "{word}{separator}"))
}

fn show_counter(f: &mut fmt::Formatter<'_>, name: &str, counter: u64) -> fmt::Result {
    match counter {
        u64::MAX => write!(f, "{name}=?, "),
        _ => write!(f, "{name}={counter}, "),
    }
}

/// Writes a match and a space; nothing if there is nothing to be said.
fn show_match(f: &mut fmt::Formatter<'_>, matching: ShowMatch<'_>) -> fmt::Result {
    struct Nothing;
    impl fmt::Write for Nothing {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            if text.is_empty() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    match write!(Nothing, "{matching}") {
        Ok(()) => Ok(()),
        Err(_) => write!(f, "{matching} "),
    }
}

impl fmt::Display for ShowFlowStats<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { syntax, flow, counters } = *self;
        if counters || flow.cookie != 0 {
            write!(f, "cookie={:#x}, ", flow.cookie)?;
        }
        if counters {
            f.write_str("duration=")?;
            show_duration(f, flow.duration)?;
            f.write_str(", ")?;
        }
        let named = syntax.names.table_name(flow.table).is_some();
        if counters || flow.table != TableId(0) || named {
            write!(f, "table={}, ", syntax.show_table(flow.table))?;
        }
        if counters {
            show_counter(f, "n_packets", flow.packet_count)?;
            show_counter(f, "n_bytes", flow.byte_count)?;
        }
        if flow.idle_timeout != 0 {
            write!(f, "idle_timeout={}, ", flow.idle_timeout)?;
        }
        if flow.hard_timeout != 0 {
            write!(f, "hard_timeout={}, ", flow.hard_timeout)?;
        }
        show_flags(f, flow.flags, " ")?;
        if flow.importance != 0 {
            write!(f, "importance={}, ", flow.importance)?;
        }
        if let Some(age) = flow.idle_age.filter(|_| counters) {
            write!(f, "idle_age={age}, ")?;
        }
        // That it is as old as the flow goes without saying.
        let changed = |age: &u16| counters && u32::from(*age) != flow.duration.sec;
        if let Some(age) = flow.hard_age.filter(changed) {
            write!(f, "hard_age={age}, ")?;
        }
        show_match(f, syntax.show_match(&flow.matching).priority(flow.priority))?;
        write!(f, "actions={}", syntax.show_instructions(&flow.instructions))
    }
}

impl fmt::Display for Show<'_, FlowMod> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { syntax, what: flow } = *self;
        use FlowModCommand::{Add, Delete, DeleteStrict, Modify, ModifyStrict};
        f.write_str(match flow.command {
            Add => "add ",
            Modify => "modify ",
            ModifyStrict => "modify_strict ",
            Delete => "delete ",
            DeleteStrict => "delete_strict ",
        })?;
        let deletes = matches!(flow.command, Delete | DeleteStrict);
        if flow.table != TableId::ALL {
            write!(f, "table={}, ", syntax.show_table(flow.table))?;
        }
        if flow.cookie_filter.mask != 0 {
            write!(f, "cookie={:#x}/{:#x}, ", flow.cookie_filter.value, flow.cookie_filter.mask)?;
        }
        if let Some(cookie) = flow.cookie.filter(|cookie| *cookie != 0 || flow.updates_cookie) {
            write!(f, "cookie={cookie:#x}, ")?;
        }
        if flow.idle_timeout != 0 {
            write!(f, "idle_timeout={}, ", flow.idle_timeout)?;
        }
        if flow.hard_timeout != 0 {
            write!(f, "hard_timeout={}, ", flow.hard_timeout)?;
        }
        if flow.importance != 0 {
            write!(f, "importance={}, ", flow.importance)?;
        }
        show_flags(f, flow.flags, ", ")?;
        if deletes && flow.out_port != PortNo::ANY {
            write!(f, "out_port={}, ", syntax.show_port(flow.out_port))?;
        }
        if deletes && flow.out_group != GroupId::ANY {
            write!(f, "out_group={}, ", flow.out_group)?;
        }
        let priority = if flow.command == Delete { Rule::DEFAULT_PRIORITY } else { flow.priority };
        let matching = syntax.show_match(&flow.matching).priority(priority);
        if deletes {
            return write!(f, "{matching}");
        }
        show_match(f, matching)?;
        write!(f, "actions={}", syntax.show_instructions(&flow.instructions))
    }
}
