//! What groups may be, and what becomes of one when buckets come and go.

use super::{GroupEntry, MAX_BUCKETS};
use crate::PortNo;
use crate::group::{Bucket, BucketPlace, Group, GroupError, GroupId, GroupKind, Selection};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// The highest number of a bucket (`OFPG_BUCKET_MAX`, OpenFlow 1.5.1 §7.3.4.3).
const MAX_BUCKET: u32 = 0xffff_ff00;

/// Refuses a group that makes no sense (OpenFlow 1.3.5 §5.6.1 and §7.4.4), whatever others there are.
pub(super) fn check(group: &Group) -> Result<(), GroupError> {
    if let Some(selection) = &group.selection {
        check_selection(group.kind, selection)?;
    }
    check_numbers(&group.buckets)?;
    check_buckets(group.kind, &group.buckets)
}

/// As Open vSwitch does.
fn check_selection(kind: GroupKind, selection: &Selection) -> Result<(), GroupError> {
    let Selection { method, parameter, fields } = selection;
    let wrong = if kind != GroupKind::Select {
        "only a select group has a way to select"
    } else {
        match method.as_str() {
            "hash" => return Ok(()),
            "dp_hash" if fields.is_empty() => return Ok(()),
            "" if fields.is_empty() && *parameter == 0 => return Ok(()),
            "dp_hash" => "the selection method dp_hash has no fields",
            "" => "a parameter or fields for selection need a method",
            _ => "the selection method is neither hash nor dp_hash",
        }
    };
    Err(GroupError::Selection(wrong))
}

/// Refuses numbers that none or two can have.
fn check_numbers(buckets: &[Bucket]) -> Result<(), GroupError> {
    let mut taken = BTreeSet::new();
    for id in buckets.iter().filter_map(|bucket| bucket.id) {
        if id > MAX_BUCKET || !taken.insert(id) {
            return Err(GroupError::BucketNumber(id));
        }
    }
    Ok(())
}

/// Refuses buckets that a group of this kind cannot have. Weights do not matter where nothing is selected.
fn check_buckets(kind: GroupKind, buckets: &[Bucket]) -> Result<(), GroupError> {
    if buckets.len() > MAX_BUCKETS {
        return Err(GroupError::TooManyBuckets(MAX_BUCKETS));
    }
    if kind == GroupKind::Indirect && buckets.len() != 1 {
        return Err(GroupError::NotOneBucket(buckets.len()));
    }
    for (n, bucket) in (0..).zip(buckets) {
        let id = bucket.id.unwrap_or(n);
        match (kind, watches(bucket)) {
            (GroupKind::All | GroupKind::Indirect, true) => {
                return Err(GroupError::WatchUnsupported(id));
            }
            (GroupKind::FastFailover, false) => return Err(GroupError::WatchesNothing(id)),
            _ => {}
        }
    }
    Ok(())
}

/// Does its being live depend on something?
pub(super) fn watches(bucket: &Bucket) -> bool {
    bucket.watch_port != PortNo::ANY || bucket.watch_group != GroupId::ANY
}

/// The group with more buckets at a place.
pub(super) fn insert(
    group: &GroupEntry,
    more: &[Bucket],
    place: BucketPlace,
) -> Result<GroupEntry, GroupError> {
    check_numbers(more)?;
    let at = match place {
        BucketPlace::First => 0,
        BucketPlace::Last => group.buckets.len(),
        BucketPlace::Bucket(id) => position(group, id)?.saturating_add(1),
        BucketPlace::All => return Err(GroupError::BucketPlace),
    };
    let taken: BTreeSet<u32> = group.buckets.iter().filter_map(|bucket| bucket.id).collect();
    if let Some(id) = more.iter().filter_map(|bucket| bucket.id).find(|id| taken.contains(id)) {
        return Err(GroupError::BucketExists(id));
    }
    let mut buckets = group.buckets.clone();
    let behind = buckets.split_off(at.min(buckets.len()));
    buckets.extend_from_slice(more);
    buckets.extend(behind);
    check_buckets(group.kind, &buckets)?;
    Ok(group.with_buckets(buckets))
}

/// The group without a bucket. From one that has none, the first and the last can be removed.
pub(super) fn remove(group: &GroupEntry, place: BucketPlace) -> Result<GroupEntry, GroupError> {
    let mut buckets = group.buckets.clone();
    match place {
        BucketPlace::All => buckets = Vec::new(),
        BucketPlace::First => drop(buckets.drain(..buckets.len().min(1))),
        BucketPlace::Last => drop(buckets.pop()),
        BucketPlace::Bucket(id) => {
            position(group, id)?;
            buckets.retain(|bucket| bucket.id != Some(id));
        }
    }
    check_buckets(group.kind, &buckets)?;
    Ok(group.with_buckets(buckets))
}

fn position(group: &GroupEntry, id: u32) -> Result<usize, GroupError> {
    let position = group.buckets.iter().position(|bucket| bucket.id == Some(id));
    position.ok_or(GroupError::UnknownBucket(id))
}
