mod model;
mod random;

use super::change::{Change, Removed};
use super::*;
use crate::action::{Action, Instructions, Learn, LearnFlags, Subfield};
use crate::field::Field;
use crate::flow::{CookieFilter, FlowFlags, FlowMod, FlowModCommand, FlowRemoved, RemovedReason};
use crate::group::GroupId;
use crate::matching::Match;
use crate::meter::MeterId;
use crate::pipeline::check::Known;
use crate::port::PortNo;
use crate::table::{RuleFilter, TableStats};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

/// Whatever is asked for exists.
struct Everything;

impl Known for Everything {
    fn has_group(&self, _: GroupId) -> bool {
        true
    }
    fn has_meter(&self, _: MeterId) -> bool {
        true
    }
}

/// Tables to which the version and the time of each change are counted up.
struct Bench {
    tables: FlowTables,
    version: Version,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        Self { tables: FlowTables::new(1, 1000), version: Version(0), now: Instant::ZERO }
    }

    fn try_apply(&mut self, change: &FlowMod) -> Result<Changes, Error> {
        self.version.0 += 1;
        self.tables.apply(self.now, change, self.version, &Everything)
    }

    fn apply(&mut self, change: &FlowMod) -> Changes {
        self.try_apply(change).unwrap()
    }

    fn expire(&mut self) -> Vec<(u16, RemovedReason)> {
        self.version.0 += 1;
        reasons(&self.tables.expire(self.now, self.version))
    }

    /// The priorities of all entries, in order.
    fn priorities(&self) -> Vec<u16> {
        let filter = RuleFilter::default();
        let mut all: Vec<_> = self.tables.rules(&filter).map(|entry| entry.priority).collect();
        all.sort_unstable();
        all
    }

    fn get(&self, priority: u16) -> Arc<FlowEntry> {
        let filter = RuleFilter::default();
        self.tables.rules(&filter).find(|entry| entry.priority == priority).unwrap().clone()
    }
}

/// The priorities of the entries that are gone, and why they are.
fn reasons(changes: &Changes) -> Vec<(u16, RemovedReason)> {
    changes.removed().map(|removed| (removed.entry.priority, removed.reason)).collect()
}

fn add(priority: u16) -> FlowMod {
    FlowMod::add().priority(priority)
}

fn output(port: u32) -> Action {
    Action::output(PortNo(port))
}

fn with_timeouts(priority: u16, idle: u16, hard: u16) -> FlowMod {
    FlowMod { idle_timeout: idle, hard_timeout: hard, ..add(priority) }
}

#[test]
fn adding_the_same_again_replaces_it_and_keeps_the_counts_unless_they_are_reset() {
    let mut bench = Bench::new();
    bench.apply(&add(1).cookie(1));
    bench.get(1).stats.add(3, 300, Instant::from_secs(5));
    bench.now = Instant::from_secs(10);
    let changes = bench.apply(&add(1).cookie(2).apply([output(1)]));
    assert!(matches!(changes.steps[..], [Change::Replaced { .. }]));
    let rule = bench.get(1).describe(bench.now);
    assert_eq!((rule.cookie, rule.packets, rule.bytes, rule.age), (2, 3, 300, Duration::ZERO));

    bench.apply(&FlowMod { flags: FlowFlags::RESET_COUNTS, ..add(1) });
    let rule = bench.get(1).describe(bench.now);
    assert_eq!((rule.cookie, rule.packets, rule.bytes), (0, 0, 0));
    assert_eq!(bench.tables.len(), 1);
}

#[test]
fn a_replaced_entry_is_seen_in_older_versions_until_it_is_purged() {
    use crate::classify::Candidate;
    let mut bench = Bench::new();
    bench.apply(&add(1));
    let old = bench.get(1);
    bench.apply(&add(1).cookie(9));
    let new = bench.get(1);
    assert!(old.is_visible(Version(1)) && !new.is_visible(Version(1)));
    assert!(!old.is_visible(Version(2)) && new.is_visible(Version(2)));
    let in_classifier =
        |bench: &Bench| bench.tables.table(TableId(0)).unwrap().classifier().iter().count();
    bench.tables.purge(Version(1));
    assert_eq!(in_classifier(&bench), 2);
    bench.tables.purge(Version(2));
    assert_eq!(in_classifier(&bench), 1);
}

#[test]
fn an_overlap_is_refused_only_on_wish_and_at_the_same_priority() {
    let mut bench = Bench::new();
    let match_1 = Match::new().in_port(1u32);
    bench.apply(&add(5).matching(match_1.clone()));
    let careful = FlowMod { flags: FlowFlags::CHECK_OVERLAP, ..add(5) };
    let other = careful.clone().matching(Match::new().eth_type(0x800));
    let overlap = Error::Overlap { table: TableId(0), priority: 5, other: match_1.clone().into() };
    assert_eq!(bench.try_apply(&other).unwrap_err(), overlap);
    assert_eq!(bench.tables.len(), 1);
    bench.apply(&other.clone().priority(6));
    bench.apply(&other.clone().table(TableId(1)));
    bench.apply(&careful.clone().matching(Match::new().in_port(2u32)));
    // The same match is replaced, as by Open vSwitch.
    bench.apply(&careful.matching(match_1));
    assert_eq!(bench.tables.len(), 4);
}

#[test]
fn a_modification_keeps_all_but_the_instructions_and_may_add() {
    let mut bench = Bench::new();
    bench.apply(&FlowMod { importance: 7, ..with_timeouts(1, 10, 20).cookie(5) });
    bench.get(1).stats.add(1, 60, Instant::from_secs(1));
    bench.now = Instant::from_secs(8);
    bench.apply(&FlowMod { idle_timeout: 1, ..FlowMod::modify() }.apply([output(3)]));
    let rule = bench.get(1).describe(bench.now);
    assert_eq!((rule.idle_timeout, rule.hard_timeout, rule.importance), (10, 20, 7));
    assert_eq!((rule.cookie, rule.packets), (5, 1));
    assert_eq!((rule.age.as_secs(), rule.unmodified.as_secs()), (8, 0));
    assert_eq!(rule.instructions.applied(), [output(3)]);

    let reset = FlowMod { flags: FlowFlags::RESET_COUNTS, ..FlowMod::modify() };
    bench.apply(&reset);
    let rule = bench.get(1).describe(bench.now);
    assert_eq!((rule.packets, rule.unused.as_secs()), (0, 7));
    bench.apply(&FlowMod { updates_cookie: true, ..FlowMod::modify().cookie(6) });
    assert_eq!(bench.get(1).cookie, 6);

    let nowhere = FlowMod { priority: 9, ..FlowMod::new(FlowModCommand::ModifyStrict) };
    assert!(bench.apply(&nowhere).is_empty());
    let filter = CookieFilter { value: 1, mask: 1 };
    assert!(
        bench.apply(&FlowMod { cookie_filter: filter, ..nowhere.clone().cookie(1) }).is_empty()
    );
    bench.apply(&nowhere.cookie(4));
    assert_eq!((bench.priorities(), bench.get(9).cookie), (vec![1, 9], 4));
}

#[test]
fn deletions_ask_for_match_cookie_port_and_group() {
    let mut bench = Bench::new();
    let actions: [(u16, Vec<Action>); 5] = [
        (1, vec![output(1)]),
        (
            2,
            vec![Action::Clone(vec![Action::Enqueue {
                port: PortNo(1),
                queue: crate::QueueId(3),
            }])],
        ),
        (3, vec![Action::Group(GroupId(1))]),
        (4, vec![Action::Controller(Default::default())]),
        (5, vec![Action::OutputTruncated { port: PortNo(1), max_len: 20 }]),
    ];
    for (priority, actions) in actions {
        bench.apply(&add(priority).cookie(priority.into()).apply(actions));
    }
    let write = Instructions { write: Some(vec![output(2)]), ..Instructions::none() };
    bench.apply(&add(6).instructions(write).table(TableId(200)));
    let mut gone = |change: FlowMod| {
        let changes = bench.apply(&change);
        let mut gone: Vec<_> =
            reasons(&changes).into_iter().map(|(priority, _)| priority).collect();
        gone.sort_unstable();
        bench.tables.undo(&changes);
        gone
    };
    let delete = FlowMod::delete;
    assert_eq!(gone(FlowMod { out_port: PortNo(1), ..delete() }), [1, 2]);
    assert_eq!(gone(FlowMod { out_port: PortNo(2), ..delete() }), [6]);
    assert_eq!(gone(FlowMod { out_port: PortNo::CONTROLLER, ..delete() }), [4]);
    assert_eq!(gone(FlowMod { out_group: GroupId(1), ..delete() }), [3]);
    assert_eq!(gone(FlowMod { out_group: GroupId(2), ..delete() }), []);
    let cookie = |value, mask| CookieFilter { value, mask };
    assert_eq!(gone(FlowMod { cookie_filter: cookie(4, 4), ..delete() }), [4, 5]);
    assert_eq!(gone(FlowMod { cookie_filter: cookie(4, u64::MAX), ..delete() }), [4]);
    assert_eq!(gone(delete().table(TableId(200))), [6]);
    assert_eq!(gone(delete().matching(Match::new().in_port(1u32))), []);
    assert_eq!(gone(FlowMod::delete_strict().priority(6)), [6]);
    assert_eq!(bench.priorities(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn timeouts_end_entries_and_packets_or_changes_put_them_off() {
    let mut bench = Bench::new();
    bench.apply(&with_timeouts(1, 10, 0));
    bench.apply(&with_timeouts(2, 0, 12));
    bench.apply(&with_timeouts(3, 5, 5));
    assert_eq!(bench.tables.next_expiry(), Some(Instant::from_secs(5)));
    bench.now = Instant::from_secs(5);
    assert_eq!(bench.expire(), [(3, RemovedReason::HardTimeout)]);

    bench.get(1).stats.touch(Instant::from_secs(7));
    bench.get(2).stats.touch(Instant::from_secs(7));
    bench.now = Instant::from_secs(12);
    assert_eq!(bench.expire(), [(2, RemovedReason::HardTimeout)]);
    assert_eq!(bench.tables.next_expiry(), Some(Instant::from_secs(17)));
    let entry = bench.get(1);
    bench.tables.shorten_timeouts(&entry, 6, 0);
    assert_eq!(bench.tables.next_expiry(), Some(Instant::from_secs(13)));
    bench.now = Instant::from_secs(13);
    assert_eq!(bench.expire(), [(1, RemovedReason::IdleTimeout)]);
    assert_eq!(bench.tables.next_expiry(), None);
}

#[test]
fn a_full_table_refuses_or_evicts_the_least_important_that_ends_first() {
    let mut bench = Bench::new();
    let settings = TableSettings { max_entries: Some(3), ..TableSettings::default() };
    bench.tables.configure(TableId(0), settings, Version(0)).unwrap();
    bench.apply(&add(1));
    bench.apply(&FlowMod { importance: 1, ..with_timeouts(2, 10, 0) });
    bench.apply(&FlowMod { importance: 1, ..with_timeouts(3, 20, 0) });
    assert_eq!(bench.try_apply(&add(4)).unwrap_err(), Error::TableFull(3));
    bench.apply(&add(1));
    bench.apply(&add(4).table(TableId(1)));

    let evicts = TableMod { evicts: Some(true), ..TableMod::default() };
    bench.tables.table_mod(TableId::ALL, evicts);
    bench.get(2).stats.touch(Instant::from_secs(15));
    let changes = bench.apply(&FlowMod { importance: 2, ..with_timeouts(5, 1, 0) });
    assert_eq!(reasons(&changes), [(3, RemovedReason::Eviction)]);
    assert_eq!(reasons(&bench.apply(&add(6))), [(2, RemovedReason::Eviction)]);
    assert_eq!(reasons(&bench.apply(&add(7))), [(5, RemovedReason::Eviction)]);
    // Those without a timeout stay.
    assert_eq!(bench.try_apply(&add(8)).unwrap_err(), Error::TableFull(3));
}

#[test]
fn eviction_takes_from_the_largest_group_and_when_the_limit_is_lowered() {
    let mut bench = Bench::new();
    let groups = vec![Subfield::all(Field::InPort)];
    let settings = |max| TableSettings {
        max_entries: Some(max),
        evicts: true,
        groups: groups.clone(),
        ..TableSettings::default()
    };
    for (priority, port) in [(1, 1), (2, 2), (3, 2), (4, 2), (5, 3)] {
        let matching = Match::new().in_port(port as u32);
        bench.apply(&with_timeouts(priority, 0, priority).matching(matching));
    }
    let changes = bench.tables.configure(TableId(0), settings(3), Version(9)).unwrap();
    let evicted = |priority| (priority, RemovedReason::Eviction);
    assert_eq!(reasons(&changes), [evicted(2), evicted(3)]);
    bench.tables.undo(&changes);
    bench.version = Version(10);
    bench.tables.configure(TableId(0), settings(5), Version(10)).unwrap();
    assert_eq!(reasons(&bench.apply(&with_timeouts(6, 0, 9))), [evicted(2)]);
}

#[test]
fn what_was_learned_goes_with_the_last_that_learned_it() {
    let learn = |table, cookie| {
        let flags = LearnFlags::DELETE_LEARNED;
        let (idle_timeout, hard_timeout, priority) = (0, 0, 1);
        Action::Learn(
            Learn {
                idle_timeout,
                hard_timeout,
                priority,
                cookie,
                flags,
                table: TableId(table),
                fin_idle_timeout: 0,
                fin_hard_timeout: 0,
                limit: None,
                specs: Vec::new(),
            }
            .into(),
        )
    };
    let mut bench = Bench::new();
    bench.apply(&add(1).apply([learn(1, 7)]));
    bench.apply(&add(2).apply([learn(1, 7)]));
    bench.apply(&add(3).cookie(7).table(TableId(1)).apply([learn(2, 8)]));
    bench.apply(&add(4).cookie(8).table(TableId(2)));
    bench.apply(&add(5).cookie(7).table(TableId(2)));
    assert_eq!(bench.tables.count_with_cookie(TableId(1), 7), 1);
    let delete = |priority| FlowMod::delete_strict().table(TableId(0)).priority(priority);
    assert_eq!(reasons(&bench.apply(&delete(1))), [(1, RemovedReason::Delete)]);
    let changes = bench.apply(&add(2));
    assert_eq!(reasons(&changes), [(3, RemovedReason::Delete), (4, RemovedReason::Delete)]);
    bench.tables.undo(&changes);
    assert_eq!(bench.priorities(), [2, 3, 4, 5]);
    assert_eq!(reasons(&bench.apply(&delete(2))).len(), 3);
    assert_eq!(bench.tables.count_with_cookie(TableId(1), 7), 0);
}

#[test]
fn users_of_a_group_or_meter_go_with_it() {
    let mut bench = Bench::new();
    let group = Action::Group(GroupId(4));
    bench.apply(&add(1).apply([group.clone(), group.clone()]));
    bench.apply(
        &add(2).instructions(Instructions { write: Some(vec![group]), ..Instructions::none() }),
    );
    bench.apply(
        &add(3).instructions(Instructions { meter: Some(MeterId(2)), ..Instructions::none() }),
    );
    let changes = bench.tables.remove_users_of_group(GroupId(4), Version(9));
    let gone = |priority| (priority, RemovedReason::GroupDelete);
    assert_eq!(reasons(&changes).len(), 2);
    assert!(reasons(&changes).iter().all(|removed| [gone(1), gone(2)].contains(removed)));
    let changes = bench.tables.remove_users_of_meter(MeterId(2), Version(9));
    assert_eq!(reasons(&changes), [(3, RemovedReason::MeterDelete)]);
    assert!(bench.tables.remove_users_of_group(GroupId(4), Version(10)).is_empty());
}

#[test]
fn removal_is_told_only_if_that_was_wished_for() {
    let mut bench = Bench::new();
    bench.apply(&add(1));
    bench.apply(&FlowMod { flags: FlowFlags::SEND_FLOW_REM, ..add(2) });
    let changes = bench.apply(&FlowMod::delete());
    let notices: Vec<FlowRemoved> =
        changes.removed().filter_map(|removed| removed.notice(bench.now)).collect();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].rule.priority, notices[0].reason), (2, RemovedReason::Delete));
}

#[test]
fn table_mods_hold_for_tables_to_come() {
    let mut bench = Bench::new();
    bench.apply(&add(1).table(TableId(3)));
    let miss = |miss| TableMod { miss: Some(miss), ..TableMod::default() };
    bench.tables.table_mod(TableId(3), miss(Miss::Continue));
    let miss_of = |bench: &Bench, table| bench.tables.table(TableId(table)).map(Table::miss);
    assert_eq!(miss_of(&bench, 3), Some(Miss::Continue));
    bench.tables.table_mod(TableId::ALL, miss(Miss::Controller));
    bench.apply(&add(1).table(TableId(4)));
    assert_eq!([miss_of(&bench, 3), miss_of(&bench, 4)], [Some(Miss::Controller); 2]);
    assert_eq!(miss_of(&bench, 5), None);
    assert_eq!(bench.tables.default_miss(), Miss::Controller);

    let too_high = bench.tables.configure(TableId::ALL, TableSettings::default(), Version(9));
    assert_eq!(too_high.unwrap_err().to_string(), "there is no table ALL");
    let named = TableSettings { name: String::from("acl"), ..TableSettings::default() };
    bench.tables.configure(TableId(4), named, Version(9)).unwrap();
    let table = bench.tables.table(TableId(4)).unwrap();
    table.count(5, 3);
    assert_eq!(table.settings().name, "acl");
    assert_eq!(table.stats(), TableStats { active: 1, lookups: 5, matched: 3 });
    assert_eq!(bench.tables.tables().count(), 2);
}
