use super::live::Watch;
use super::*;
use crate::PortNo;
use crate::action::Action;
use crate::group::{Bucket, BucketPlace, BucketStats, GroupKind, Selection};
use crate::pipeline::check::Anything;
use alloc::string::String;
use alloc::{vec, vec::Vec};
use core::cell::RefCell;
use core::time::Duration;

mod select;

const NOW: Instant = Instant::from_secs(100);

fn output(port: u32) -> Bucket {
    Bucket::new([Action::output(PortNo(port))])
}

fn numbered(id: u32) -> Bucket {
    Bucket { id: Some(id), ..output(1) }
}

fn to_groups(groups: impl IntoIterator<Item = u32>) -> Bucket {
    Bucket::new(groups.into_iter().map(|group| Action::Group(GroupId(group))))
}

fn watching(port: PortNo, group: GroupId) -> Bucket {
    Bucket { watch_port: port, watch_group: group, ..output(1) }
}

fn group(id: u32, kind: GroupKind, buckets: impl IntoIterator<Item = Bucket>) -> Group {
    Group { id: GroupId(id), kind, buckets: buckets.into_iter().collect(), selection: None }
}

fn all(id: u32, buckets: impl IntoIterator<Item = Bucket>) -> Group {
    group(id, GroupKind::All, buckets)
}

impl GroupTable {
    fn change(&mut self, change: GroupMod) -> Result<GroupChanges, GroupError> {
        let before = format(self);
        self.apply(NOW, &change, &Anything).map_err(|error| {
            assert_eq!(format(self), before, "changed although refused");
            match error {
                Error::Group { group, error } if group == change.id() => error,
                other => panic!("{other}"),
            }
        })
    }

    fn ids(&self, group: u32) -> Vec<u32> {
        self.get(GroupId(group)).unwrap().buckets.iter().map(|bucket| bucket.id.unwrap()).collect()
    }
}

/// Everything that a table knows.
fn format(table: &GroupTable) -> String {
    let groups: Vec<_> =
        table.iter().map(|group| (group.describe(), group.stats(NOW, 0))).collect();
    alloc::format!("{groups:?} {:?} {}", table.users, table.n_buckets)
}

fn table(groups: impl IntoIterator<Item = Group>) -> GroupTable {
    let mut table = GroupTable::new(10_000);
    for group in groups {
        table.change(GroupMod::Add(group)).unwrap();
    }
    table
}

#[test]
fn groups_are_added_once_and_changed_if_there() {
    let mut table = table([all(1, [])]);
    let refused = table.change(GroupMod::Add(all(1, [output(1)])));
    assert_eq!(refused.unwrap_err(), GroupError::Exists);
    let refused = table.change(GroupMod::Modify(all(2, [])));
    assert_eq!(refused.unwrap_err(), GroupError::Unknown);
    let refused = table.change(GroupMod::InsertBuckets(all(2, []), BucketPlace::First));
    assert_eq!(refused.unwrap_err(), GroupError::Unknown);
    let refused = table.change(GroupMod::RemoveBuckets(GroupId(2), BucketPlace::All));
    assert_eq!(refused.unwrap_err(), GroupError::Unknown);
    table.change(GroupMod::AddOrModify(all(2, [output(1)]))).unwrap();
    table
        .change(GroupMod::AddOrModify(group(1, GroupKind::Select, [output(1), output(2)])))
        .unwrap();
    table.change(GroupMod::Modify(all(2, []))).unwrap();
    let groups: Vec<_> = table.iter().map(|group| (group.id.0, group.kind)).collect();
    assert_eq!(groups, [(1, GroupKind::Select), (2, GroupKind::All)]);
    assert_eq!((table.ids(1), table.ids(2)), (vec![0, 1], vec![]));
}

#[test]
fn numbers_have_a_limit() {
    let mut table = table([all(0, []), all(GroupId::MAX.0, [])]);
    for id in [GroupId(GroupId::MAX.0 + 1), GroupId::ALL, GroupId::ANY] {
        for change in [GroupMod::Add(all(id.0, [])), GroupMod::AddOrModify(all(id.0, []))] {
            assert_eq!(table.change(change).unwrap_err(), GroupError::InvalidNumber);
        }
    }
}

#[test]
fn tables_and_groups_are_full_at_a_limit() {
    let mut table = GroupTable::new(2);
    table.change(GroupMod::Add(all(1, []))).unwrap();
    table.change(GroupMod::AddOrModify(all(2, []))).unwrap();
    let refused = table.change(GroupMod::Add(all(3, [])));
    assert_eq!(refused.unwrap_err(), GroupError::TooManyGroups(2));
    let many = vec![output(1); MAX_BUCKETS];
    table.change(GroupMod::Modify(all(1, many.clone()))).unwrap();
    let one_more = GroupMod::InsertBuckets(all(1, [output(1)]), BucketPlace::Last);
    assert_eq!(table.change(one_more).unwrap_err(), GroupError::TooManyBuckets(MAX_BUCKETS));
    let too_many = many.iter().cloned().chain([output(1)]);
    let refused = table.change(GroupMod::Modify(all(2, too_many)));
    assert_eq!(refused.unwrap_err(), GroupError::TooManyBuckets(MAX_BUCKETS));
    table.n_buckets = MAX_ALL_BUCKETS;
    let refused = table.change(GroupMod::Modify(all(2, [output(1)])));
    assert_eq!(refused.unwrap_err(), GroupError::TooManyBuckets(MAX_ALL_BUCKETS));
    table.change(GroupMod::Modify(all(1, many))).unwrap();
}

#[test]
fn an_indirect_group_has_one_bucket() {
    let mut table = table([group(1, GroupKind::Indirect, [output(1)])]);
    for buckets in [vec![], vec![output(1), output(2)]] {
        let error = GroupError::NotOneBucket(buckets.len());
        let group = group(2, GroupKind::Indirect, buckets);
        assert_eq!(table.change(GroupMod::Add(group)).unwrap_err(), error);
    }
    let insert = GroupMod::InsertBuckets(all(1, [output(2)]), BucketPlace::Last);
    assert_eq!(table.change(insert).unwrap_err(), GroupError::NotOneBucket(2));
    let remove = GroupMod::RemoveBuckets(GroupId(1), BucketPlace::First);
    assert_eq!(table.change(remove).unwrap_err(), GroupError::NotOneBucket(0));
}

#[test]
fn watching_is_for_groups_that_choose() {
    let watching = || watching(PortNo(1), GroupId::ANY);
    let mut table = table([
        group(1, GroupKind::Select, [watching(), output(1)]),
        group(2, GroupKind::FastFailover, [watching()]),
        group(5, GroupKind::FastFailover, []),
    ]);
    let refused = table.change(GroupMod::Add(all(3, [output(1), watching()])));
    assert_eq!(refused.unwrap_err(), GroupError::WatchUnsupported(1));
    let refused = table.change(GroupMod::Add(group(3, GroupKind::Indirect, [watching()])));
    assert_eq!(refused.unwrap_err(), GroupError::WatchUnsupported(0));
    let refused = table.change(GroupMod::Add(group(3, GroupKind::FastFailover, [output(1)])));
    assert_eq!(refused.unwrap_err(), GroupError::WatchesNothing(0));
    // The kind is that of the group, whatever the message says.
    let refused = table.change(GroupMod::InsertBuckets(all(2, [numbered(7)]), BucketPlace::First));
    assert_eq!(refused.unwrap_err(), GroupError::WatchesNothing(7));
}

#[test]
fn ways_to_select_are_those_of_open_vswitch() {
    let selection = |method: &str, parameter, has_fields: bool| Selection {
        method: method.into(),
        parameter,
        fields: has_fields.then_some((crate::field::Field::Ipv4Src, 0xff)).into_iter().collect(),
    };
    let change = |kind, selection| {
        GroupMod::AddOrModify(Group { selection: Some(selection), ..group(1, kind, [output(1)]) })
    };
    let mut table = table([]);
    for good in
        [selection("", 0, false), selection("hash", 1, true), selection("dp_hash", 1, false)]
    {
        table.change(change(GroupKind::Select, good.clone())).unwrap();
        assert_eq!(table.get(GroupId(1)).unwrap().selection.as_ref(), Some(&good));
        let refused = table.change(change(GroupKind::Indirect, good)).unwrap_err();
        assert!(matches!(refused, GroupError::Selection(_)));
    }
    let bad = [("", 0, true), ("", 1, false), ("dp_hash", 0, true), ("modulo", 0, false)];
    for (method, parameter, has_fields) in bad {
        let selection = selection(method, parameter, has_fields);
        let refused = table.change(change(GroupKind::Select, selection)).unwrap_err();
        assert!(matches!(refused, GroupError::Selection(_)), "{method}");
    }
}

#[test]
fn buckets_without_a_number_get_the_lowest_that_is_free() {
    let mut table = table([all(1, [output(1), numbered(0), output(1), numbered(2)])]);
    assert_eq!(table.ids(1), [1, 0, 3, 2]);
    let insert = all(1, [output(1), numbered(4), output(1)]);
    table.change(GroupMod::InsertBuckets(insert, BucketPlace::Last)).unwrap();
    assert_eq!(table.ids(1), [1, 0, 3, 2, 5, 4, 6]);
}

#[test]
fn numbers_of_buckets_are_unique_and_not_too_high() {
    let mut table = table([all(1, [numbered(0xffff_ff00)])]);
    let twice = all(2, [numbered(3), numbered(4), numbered(3)]);
    let too_high = all(2, [numbered(0xffff_ff01)]);
    let refused = table.change(GroupMod::Add(twice.clone()));
    assert_eq!(refused.unwrap_err(), GroupError::BucketNumber(3));
    let refused = table.change(GroupMod::Add(too_high));
    assert_eq!(refused.unwrap_err(), GroupError::BucketNumber(0xffff_ff01));
    let insert = GroupMod::InsertBuckets(Group { id: GroupId(1), ..twice }, BucketPlace::First);
    assert_eq!(table.change(insert).unwrap_err(), GroupError::BucketNumber(3));
    let insert = GroupMod::InsertBuckets(all(1, [numbered(0xffff_ff00)]), BucketPlace::First);
    assert_eq!(table.change(insert).unwrap_err(), GroupError::BucketExists(0xffff_ff00));
}

#[test]
fn buckets_are_inserted_where_it_is_said() {
    let places = [
        (BucketPlace::First, vec![10, 11, 0, 1, 2]),
        (BucketPlace::Last, vec![0, 1, 2, 10, 11]),
        (BucketPlace::Bucket(0), vec![0, 10, 11, 1, 2]),
        (BucketPlace::Bucket(2), vec![0, 1, 2, 10, 11]),
    ];
    let insert = || all(1, [numbered(10), numbered(11)]);
    for (place, expected) in places {
        let mut table = table([all(1, [output(1), output(1), output(1)])]);
        table.change(GroupMod::InsertBuckets(insert(), place)).unwrap();
        assert_eq!(table.ids(1), expected, "{place:?}");
    }
    let mut table = table([all(1, [])]);
    let refused = table.change(GroupMod::InsertBuckets(insert(), BucketPlace::Bucket(10)));
    assert_eq!(refused.unwrap_err(), GroupError::UnknownBucket(10));
    let refused = table.change(GroupMod::InsertBuckets(insert(), BucketPlace::All));
    assert_eq!(refused.unwrap_err(), GroupError::BucketPlace);
}

#[test]
fn buckets_are_removed_from_where_it_is_said() {
    let places = [
        (BucketPlace::First, vec![1, 2]),
        (BucketPlace::Last, vec![0, 1]),
        (BucketPlace::Bucket(1), vec![0, 2]),
        (BucketPlace::All, vec![]),
    ];
    for (place, expected) in places {
        let mut table = table([all(1, [output(1), output(1), output(1)])]);
        table.change(GroupMod::RemoveBuckets(GroupId(1), place)).unwrap();
        assert_eq!(
            (table.ids(1), table.n_buckets),
            (expected.clone(), expected.len()),
            "{place:?}"
        );
    }
    let mut table = table([all(1, [])]);
    let refused = table.change(GroupMod::RemoveBuckets(GroupId(1), BucketPlace::Bucket(0)));
    assert_eq!(refused.unwrap_err(), GroupError::UnknownBucket(0));
    table.change(GroupMod::RemoveBuckets(GroupId(1), BucketPlace::Last)).unwrap();
}

#[test]
fn actions_are_checked_and_say_where_they_are_wrong() {
    let mut table = table([]);
    let bad = Bucket::new([Action::output(PortNo(1)), Action::output(PortNo(0))]);
    let change = GroupMod::Add(all(1, [output(1), bad]));
    let refused = table.apply(NOW, &change, &Anything).unwrap_err();
    assert_eq!(refused.code_name(), Some("OFPBAC_BAD_OUT_PORT"), "{refused}");
    assert!(table.get(GroupId(1)).is_none());
}

#[test]
fn a_loop_is_refused_whichever_group_comes_last() {
    // Groups that are not there may be named.
    let mut table = table([all(1, [to_groups([2]), to_groups([9])]), all(2, [to_groups([3])])]);
    let nested = Bucket::new([Action::Clone(vec![Action::Clone(vec![Action::Group(GroupId(1))])])]);
    for buckets in [to_groups([3]), to_groups([1]), to_groups([2]), nested] {
        let group = || all(3, [output(1), buckets.clone()]);
        for change in [GroupMod::Add(group()), GroupMod::AddOrModify(group())] {
            assert_eq!(table.change(change).unwrap_err(), GroupError::Loop);
        }
    }
    table.change(GroupMod::Add(all(3, [to_groups([4])]))).unwrap();
    let refused = table.change(GroupMod::Modify(all(2, [to_groups([1])])));
    assert_eq!(refused.unwrap_err(), GroupError::Loop);
    let insert = GroupMod::InsertBuckets(all(3, [to_groups([1])]), BucketPlace::First);
    assert_eq!(table.change(insert).unwrap_err(), GroupError::Loop);
    // When the way is interrupted, it may go the other way round.
    table.change(GroupMod::Modify(all(1, []))).unwrap();
    table.change(GroupMod::Modify(all(3, [to_groups([1])]))).unwrap();
}

#[test]
fn chains_have_a_limit_from_whichever_side_they_grow() {
    let max = chain::MAX_CHAIN as u32;
    let refers = |id: u32| all(id, [to_groups([id + 1])]);
    // From the end, from the beginning, and from both sides; the last one is named and not there.
    let mut orders = vec![(1..max).rev().collect::<Vec<_>>(), (1..max).collect()];
    orders.push((1..max).filter(|id| *id != max / 2).chain([max / 2]).collect());
    for order in orders {
        let mut table = table(order.into_iter().map(refers));
        let refused = table.change(GroupMod::Add(refers(max)));
        assert_eq!(refused.unwrap_err(), GroupError::ChainTooLong(chain::MAX_CHAIN));
        let refused = table.change(GroupMod::Add(all(0, [to_groups([1])])));
        assert_eq!(refused.unwrap_err(), GroupError::ChainTooLong(chain::MAX_CHAIN));
        table.change(GroupMod::Add(all(max, []))).unwrap();
        table.change(GroupMod::Add(all(0, [to_groups([2])]))).unwrap();
    }
    // Where ways part and meet again there are 2^60 of them, of 60 steps.
    let both = |id: u32| all(id, [to_groups([2 * (id / 2) + 2, 2 * (id / 2) + 3])]);
    let mut table = table((2..120).map(both));
    let refused = table.change(GroupMod::Modify(all(119, [to_groups([2])])));
    assert_eq!(refused.unwrap_err(), GroupError::Loop);
}

#[test]
fn deleting_takes_one_or_all_and_misses_none() {
    let mut table = table([all(1, [to_groups([2])]), all(2, [output(1)]), all(3, [])]);
    let removed = |changes: &GroupChanges| changes.removed().map(|id| id.0).collect::<Vec<_>>();
    let changes = table.change(GroupMod::Delete(GroupId(2))).unwrap();
    assert_eq!(removed(&changes), [2]);
    let changes = table.change(GroupMod::Delete(GroupId(2))).unwrap();
    assert!(changes.0.is_empty());
    assert!(table.change(GroupMod::Delete(GroupId::ANY)).unwrap().0.is_empty());
    let changes = table.change(GroupMod::Modify(all(3, [output(1)]))).unwrap();
    assert_eq!(removed(&changes), []);
    let changes = table.change(GroupMod::Delete(GroupId::ALL)).unwrap();
    assert_eq!(removed(&changes), [1, 3]);
    assert_eq!((table.iter().len(), table.n_buckets, table.users.len()), (0, 0, 0));
}

#[test]
fn changes_are_taken_back() {
    let mut table = table([all(1, [to_groups([2])]), all(2, [output(1), output(2)])]);
    table.get(GroupId(2)).unwrap().count(Some(1), 3, 300);
    let mut states = vec![format(&table)];
    let mut done = Vec::new();
    for change in [
        GroupMod::Modify(all(2, [to_groups([4])])),
        GroupMod::Add(all(3, [to_groups([1, 2])])),
        GroupMod::InsertBuckets(all(1, [to_groups([5])]), BucketPlace::First),
        GroupMod::Delete(GroupId(1)),
        GroupMod::Add(all(1, [output(1)])),
        GroupMod::Delete(GroupId::ALL),
    ] {
        done.push(table.change(change).unwrap());
        states.push(format(&table));
    }
    while let Some(changes) = done.pop() {
        assert_eq!(Some(format(&table)), states.pop());
        table.undo(changes);
    }
    assert_eq!(vec![format(&table)], states);
}

#[test]
fn counts_are_those_of_the_buckets_that_packets_went_to() {
    let mut table = table([all(1, [output(1), output(2)])]);
    let counted = |table: &GroupTable| {
        let stats = table.get(GroupId(1)).unwrap().stats(Instant::from_secs(107), 2);
        assert_eq!((stats.id, stats.ref_count), (GroupId(1), 2));
        assert_eq!(stats.age, Duration::from_secs(7));
        let bucket = |bucket: &BucketStats| (bucket.packets, bucket.bytes);
        (stats.packets, stats.bytes, stats.buckets.iter().map(bucket).collect::<Vec<_>>())
    };
    let entry = table.get(GroupId(1)).unwrap().clone();
    entry.count(Some(1), 2, 120);
    entry.count(None, 1, 1500);
    entry.count(Some(2), 1, 60);
    assert_eq!(counted(&table), (4, 1680, vec![(1, 1500), (3, 1620)]));
    // Buckets that stay keep their counts, also for packets that a cached flow still takes.
    table.change(GroupMod::InsertBuckets(all(1, [output(3)]), BucketPlace::First)).unwrap();
    entry.count(Some(1), 1, 60);
    assert_eq!(counted(&table), (5, 1740, vec![(0, 0), (1, 1500), (4, 1680)]));
    table.change(GroupMod::RemoveBuckets(GroupId(1), BucketPlace::Bucket(0))).unwrap();
    assert_eq!(counted(&table), (5, 1740, vec![(0, 0), (4, 1680)]));
    // A modified group counts anew, but is as old as before.
    let modify = GroupMod::Modify(all(1, [output(1)]));
    table.apply(Instant::from_secs(105), &modify, &Anything).unwrap();
    assert_eq!(counted(&table), (0, 0, vec![(0, 0)]));
}

/// Says which ports are up, and notes which ports and groups it was asked for.
#[derive(Default)]
struct Ports {
    up: Vec<u32>,
    asked: RefCell<(Vec<u32>, Vec<u32>)>,
}

impl Watch for &Ports {
    fn is_up(&mut self, port: PortNo) -> bool {
        self.asked.borrow_mut().0.push(port.0);
        self.up.contains(&port.0)
    }

    fn depends_on(&mut self, group: GroupId) {
        self.asked.borrow_mut().1.push(group.0);
    }
}

impl GroupTable {
    /// Which buckets of a group are live while these ports are up.
    fn live(&self, id: u32, up: &[u32]) -> Vec<bool> {
        let ports = Ports { up: up.to_vec(), ..Ports::default() };
        let group = self.get(GroupId(id)).unwrap();
        (0..group.buckets.len()).map(|n| self.is_live(group, n, &ports)).collect()
    }
}

#[test]
fn buckets_live_by_ports_groups_and_weights() {
    let none = |port| watching(PortNo(port), GroupId::ANY);
    let weightless = |bucket| Bucket { weight: 0, ..bucket };
    let table = table([
        all(1, [output(1), weightless(output(1))]),
        group(2, GroupKind::FastFailover, [none(1), none(2)]),
        group(
            3,
            GroupKind::Select,
            [
                output(1),
                weightless(output(1)),
                watching(PortNo(3), GroupId(2)),
                watching(PortNo::ANY, GroupId(99)),
                watching(PortNo::ANY, GroupId(4)),
            ],
        ),
        group(4, GroupKind::Select, [weightless(output(1)), none(4)]),
    ]);
    assert_eq!(table.live(1, &[]), [true, true]);
    assert_eq!(table.live(2, &[2]), [false, true]);
    assert_eq!(table.live(3, &[]), [true, false, false, false, false]);
    assert_eq!(table.live(3, &[3]), [true, false, true, false, false]);
    assert_eq!(table.live(3, &[2, 4]), [true, false, true, false, true]);
    let closure = |port| port == PortNo(2);
    assert!(table.is_live(table.get(GroupId(2)).unwrap(), 1, closure));
    assert!(!table.is_live(table.get(GroupId(2)).unwrap(), 2, |_| true));
}

#[test]
fn what_liveness_depends_on_is_told() {
    let table = table([
        group(1, GroupKind::FastFailover, [watching(PortNo(1), GroupId(2))]),
        group(2, GroupKind::FastFailover, [watching(PortNo(2), GroupId(3))]),
    ]);
    let group = table.get(GroupId(1)).unwrap();
    for (up, asked) in [
        (vec![1], (vec![1], vec![])),
        (vec![2], (vec![1, 2], vec![2])),
        (vec![], (vec![1, 2], vec![2, 3])),
    ] {
        let ports = Ports { up, ..Ports::default() };
        assert_eq!(table.is_live(group, 0, &ports), !ports.up.is_empty());
        assert_eq!(*ports.asked.borrow(), asked);
    }
}

#[test]
fn groups_that_watch_each_other_are_not_live() {
    let watch = |id: u32, groups: Vec<u32>| {
        let bucket = |group| watching(PortNo::ANY, GroupId(group));
        group(id, GroupKind::FastFailover, groups.into_iter().map(bucket))
    };
    let mut table = table([watch(1, vec![1]), watch(2, vec![3, 3]), watch(3, vec![2, 2, 3])]);
    assert_eq!(table.live(1, &[]), [false]);
    assert_eq!(table.live(2, &[]), [false, false]);
    let alive = watching(PortNo(7), GroupId::ANY);
    let insert = group(3, GroupKind::FastFailover, [alive]);
    table.change(GroupMod::InsertBuckets(insert, BucketPlace::Last)).unwrap();
    assert_eq!(table.live(2, &[7]), [true, true]);
    // A long chain is followed as far as the limit, a wide one too.
    let max = live::MAX_WATCHED as u32;
    for id in 1000..1001 + max {
        table.change(GroupMod::Add(watch(id, vec![id + 1]))).unwrap();
    }
    table.change(GroupMod::Add(all(1001 + max, [output(1)]))).unwrap();
    assert_eq!((table.live(1000, &[]), table.live(1001, &[])), (vec![false], vec![true]));
    let wide = watch(1, (2000..6000).chain([1001 + max]).collect());
    table.change(GroupMod::Modify(wide)).unwrap();
    assert_eq!(table.live(1, &[]).iter().filter(|live| **live).count(), 1);
}
