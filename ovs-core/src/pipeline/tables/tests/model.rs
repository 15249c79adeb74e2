//! Flow tables as the specification tells them: a list, and a loop over it for everything.

use super::*;

/// An entry, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) table: u8,
    pub(super) priority: u16,
    /// The match as text, so that rows have an order.
    pub(super) text: String,
    pub(super) cookie: u64,
    pub(super) actions: String,
    pub(super) importance: u16,
    pub(super) idle: u16,
    pub(super) hard: u16,
    pub(super) flags: u16,
    pub(super) packets: u64,
    pub(super) created: Instant,
    pub(super) modified: Instant,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) entries: Vec<(Row, Match, Instructions, Instant)>,
    pub(super) max: usize,
    pub(super) evicts: bool,
}

/// Why a model refuses a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Overlap,
    Full,
}

pub(super) fn row(entry: &FlowEntry) -> Row {
    Row {
        table: entry.table.0,
        priority: entry.priority,
        text: entry.matching.to_string(),
        cookie: entry.cookie,
        actions: alloc::format!("{:?}", entry.instructions),
        importance: entry.importance,
        idle: entry.idle_timeout(),
        hard: entry.hard_timeout(),
        flags: entry.flags.bits(),
        packets: entry.stats.packets(),
        created: entry.created,
        modified: entry.modified_at(),
    }
}

impl Model {
    /// What is left over is to be compared; `evicted` is the entry that the tables evicted.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        change: &FlowMod,
        evicted: Option<&Row>,
    ) -> Result<(), Refusal> {
        let meant: Vec<usize> =
            (0..self.entries.len()).filter(|i| self.is_meant(*i, change)).collect();
        match change.command {
            FlowModCommand::Add => return self.add(now, change, evicted),
            FlowModCommand::Modify | FlowModCommand::ModifyStrict if meant.is_empty() => {
                if change.cookie.is_some() && change.cookie_filter.mask == 0 {
                    return self.add(now, change, evicted);
                }
            }
            FlowModCommand::Modify | FlowModCommand::ModifyStrict => {
                for i in meant {
                    let (row, _, instructions, _) = &mut self.entries[i];
                    row.actions = alloc::format!("{:?}", change.instructions);
                    *instructions = change.instructions.clone();
                    row.modified = now;
                    if change.flags.contains(FlowFlags::RESET_COUNTS) {
                        row.packets = 0;
                    }
                    if let (true, Some(cookie)) = (change.updates_cookie, change.cookie) {
                        row.cookie = cookie;
                    }
                }
            }
            FlowModCommand::Delete | FlowModCommand::DeleteStrict => {
                for i in meant.into_iter().rev() {
                    self.entries.remove(i);
                }
            }
        }
        Ok(())
    }

    fn is_meant(&self, i: usize, change: &FlowMod) -> bool {
        let (row, matching, instructions, _) = &self.entries[i];
        let strict = change.command.is_strict();
        let text = alloc::format!("{instructions:?}");
        (change.table == TableId::ALL || change.table.0 == row.table)
            && (row.cookie ^ change.cookie_filter.value) & change.cookie_filter.mask == 0
            && (if strict {
                row.priority == change.priority && *matching == change.matching
            } else {
                change.matching.covers(matching)
            })
            && (!change.command.deletes()
                || (change.out_port == PortNo::ANY
                    || text.contains(&alloc::format!("Output {{ port: {},", change.out_port)))
                    && (change.out_group == GroupId::ANY
                        || text.contains(&alloc::format!("Group({:?})", change.out_group))))
    }

    fn add(
        &mut self,
        now: Instant,
        change: &FlowMod,
        evicted: Option<&Row>,
    ) -> Result<(), Refusal> {
        let table = if change.table == TableId::ALL { 0 } else { change.table.0 };
        let mut new = Row {
            table,
            priority: change.priority,
            text: change.matching.to_string(),
            cookie: change.cookie.unwrap_or(0),
            actions: alloc::format!("{:?}", change.instructions),
            importance: change.importance,
            idle: change.idle_timeout,
            hard: change.hard_timeout,
            flags: change.flags.bits(),
            packets: 0,
            created: now,
            modified: now,
        };
        let rivals = |row: &Row| row.table == table && row.priority == change.priority;
        let same = self
            .entries
            .iter()
            .position(|(row, matching, ..)| rivals(row) && *matching == change.matching);
        let mut used = now;
        if let Some(same) = same {
            let (old, _, _, old_used) = self.entries.remove(same);
            if !change.flags.contains(FlowFlags::RESET_COUNTS) {
                new.packets = old.packets;
                used = old_used.max(now);
            }
        } else {
            let overlaps = self
                .entries
                .iter()
                .any(|(row, matching, ..)| rivals(row) && matching.overlaps(&change.matching));
            if change.flags.contains(FlowFlags::CHECK_OVERLAP) && overlaps {
                return Err(Refusal::Overlap);
            }
            if self.entries.iter().filter(|(row, ..)| row.table == table).count() >= self.max {
                self.evict(table, evicted)?;
            }
        }
        self.entries.push((new, change.matching.clone(), change.instructions.clone(), used));
        Ok(())
    }

    /// Any of several that are equal may have been evicted.
    fn evict(&mut self, table: u8, evicted: Option<&Row>) -> Result<(), Refusal> {
        let worth = |(row, _, _, used): &(Row, Match, Instructions, Instant)| {
            let at = end(row, *used).map(|(at, _)| at);
            (row.table == table && self.evicts).then_some((row.importance, at?))
        };
        let least = self.entries.iter().filter_map(worth).min().ok_or(Refusal::Full)?;
        let evicted = evicted.expect("one had to be evicted");
        let place = self.entries.iter().position(|entry| entry.0 == *evicted).unwrap();
        assert_eq!(worth(&self.entries[place]), Some(least), "another had to go: {evicted:?}");
        self.entries.remove(place);
        Ok(())
    }

    /// Removes and returns those whose time is over.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(Row, RemovedReason)> {
        let mut gone = Vec::new();
        self.entries.retain(|(row, _, _, used)| match end(row, *used) {
            Some((at, reason)) if at <= now => {
                gone.push((row.clone(), reason));
                false
            }
            _ => true,
        });
        gone.sort_by(|a, b| a.0.cmp(&b.0));
        gone
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<_> = self.entries.iter().map(|(row, ..)| row.clone()).collect();
        rows.sort();
        rows
    }
}

fn end(row: &Row, used: Instant) -> Option<(Instant, RemovedReason)> {
    let after =
        |seconds: u16, since| (seconds > 0).then(|| since + Duration::from_secs(seconds.into()));
    let hard = after(row.hard, row.modified).map(|at| (at, RemovedReason::HardTimeout));
    let idle = after(row.idle, used).map(|at| (at, RemovedReason::IdleTimeout));
    // Where both are over at once, it was the hard one.
    hard.into_iter().chain(idle).min_by_key(|(at, _)| *at)
}
