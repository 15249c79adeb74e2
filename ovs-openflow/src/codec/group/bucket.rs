//! Buckets of groups: 16 bytes and the actions, or in OpenFlow 1.5's form 8 bytes, the actions and
//! properties.

use super::{BUCKET_MAX, has_numbered_buckets};
use crate::codec::{action, scalar};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use ovs_core::PortNo;
use ovs_core::action::Action;
use ovs_core::group::{Bucket, GroupId, GroupKind};

const BAD_BUCKET: ErrorCode = ErrorCode::OFPGMFC_BAD_BUCKET;
/// Property: the weight (`OFPGBPT_WEIGHT`).
const WEIGHT: u16 = 0;
/// Property: the port that the bucket watches (`OFPGBPT_WATCH_PORT`).
const WATCH_PORT: u16 = 1;
/// Property: the group that the bucket watches (`OFPGBPT_WATCH_GROUP`).
const WATCH_GROUP: u16 = 2;
/// Property: of an experimenter.
const EXPERIMENTER: u16 = 0xffff;

/// Reads buckets until the reader is empty.
pub(crate) fn take_buckets(
    reader: &mut Reader<'_>,
    kind: GroupKind,
    version: Version,
) -> Result<Vec<Bucket>, DecodeError> {
    let place = reader.clone();
    let numbered = has_numbered_buckets(version);
    let mut buckets = Vec::new();
    while !reader.is_empty() {
        let bucket =
            if numbered { take_numbered(reader, kind, version) } else { take(reader, version) };
        buckets.push(bucket?);
    }
    if numbered && has_duplicates(&buckets) {
        return Err(place.refuse(BAD_BUCKET));
    }
    Ok(buckets)
}

/// `struct ofp_bucket` of OpenFlow 1.1 to 1.4 (1.3.5 §7.3.4.2).
fn take(reader: &mut Reader<'_>, version: Version) -> Result<Bucket, DecodeError> {
    let mut bucket = reader.element(0, 16, "ofp_bucket", BAD_BUCKET)?;
    bucket.skip(2)?;
    let weight = bucket.u16()?;
    let watch_port = take_watch_port(&mut bucket)?;
    let watch_group = GroupId(bucket.u32()?);
    bucket.skip(4)?;
    let actions = take_actions(&bucket, version)?;
    Ok(Bucket { id: None, weight, watch_port, watch_group, actions })
}

/// `struct ofp_bucket` of OpenFlow 1.5 (1.5.1 §7.3.4.3).
fn take_numbered(
    reader: &mut Reader<'_>,
    kind: GroupKind,
    version: Version,
) -> Result<Bucket, DecodeError> {
    let mut bucket = reader.element(0, 8, "ofp_bucket", BAD_BUCKET)?;
    bucket.skip(2)?;
    let actions_len = usize::from(bucket.u16()?);
    let place = bucket.clone();
    let id = bucket.u32()?;
    if id > BUCKET_MAX {
        return Err(place.refuse(BAD_BUCKET));
    }
    let actions = bucket.sub(actions_len, "ofp_bucket", BAD_BUCKET)?;
    let actions = take_actions(&actions, version)?;
    let weight = u16::from(kind == GroupKind::Select);
    let (watch_port, watch_group) = (PortNo::ANY, GroupId::ANY);
    let mut taken = Bucket { id: Some(id), weight, watch_port, watch_group, actions };
    while !bucket.is_empty() {
        take_property(&mut bucket, &mut taken)?;
    }
    Ok(taken)
}

/// The actions are all that the reader has left.
fn take_actions(reader: &Reader<'_>, version: Version) -> Result<Vec<Action>, DecodeError> {
    reader.clone().named("ofp_bucket", ErrorCode::OFPBRC_BAD_LEN).aligned()?;
    let mut actions = reader.clone().named("ofp_bucket", ErrorCode::OFPBAC_BAD_LEN);
    action::take_list(&mut actions, version)
}

/// Behind a weight there may be padding that the length counts.
fn take_property(reader: &mut Reader<'_>, bucket: &mut Bucket) -> Result<(), DecodeError> {
    let place = reader.clone();
    let (kind, mut property) = reader.property()?;
    match kind {
        WEIGHT => bucket.weight = property.u16()?,
        WATCH_PORT => {
            bucket.watch_port = take_watch_port(&mut property)?;
            property.end()?;
        }
        WATCH_GROUP => {
            bucket.watch_group = GroupId(property.u32()?);
            property.end()?;
        }
        EXPERIMENTER => {
            property.skip(8)?;
            return Err(place.refuse(ErrorCode::OFPBPC_BAD_EXP_TYPE));
        }
        _ => return Err(place.refuse(ErrorCode::OFPBPC_BAD_TYPE)),
    }
    Ok(())
}

/// It has 32 bits in every version.
fn take_watch_port(reader: &mut Reader<'_>) -> Result<PortNo, DecodeError> {
    let place = reader.clone();
    let mut number = reader.sub(4, "ofp_bucket", ErrorCode::OFPGMFC_BAD_WATCH)?;
    scalar::take_port(&mut number, Version::OF13)
        .map_err(|_| place.refuse(ErrorCode::OFPGMFC_BAD_WATCH))
}

fn has_duplicates(buckets: &[Bucket]) -> bool {
    // Mostly they ascend, which costs nothing to see.
    if buckets.windows(2).all(|pair| matches!(pair, [a, b] if a.id < b.id)) {
        return false;
    }
    let mut ids: Vec<_> = buckets.iter().map(|bucket| bucket.id).collect();
    ids.sort_unstable();
    ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// Writes buckets. In OpenFlow 1.5's form those without a number get the lowest that are free.
/// Where weights mean nothing (`weighs` is false), zero is written.
pub(crate) fn put_buckets(
    writer: &mut Writer<'_>,
    buckets: &[Bucket],
    kind: GroupKind,
    weighs: bool,
    version: Version,
) -> Result<(), EncodeError> {
    let numbered = has_numbered_buckets(version);
    let mut free = if numbered { FreeNumbers::of(buckets) } else { FreeNumbers::default() };
    for bucket in buckets {
        let weight = if weighs { bucket.weight } else { 0 };
        if numbered {
            let id = bucket.id.unwrap_or_else(|| free.take());
            put_numbered(writer, bucket, checked_number(id)?, weight, kind, version)?;
        } else {
            put(writer, bucket, weight, version)?;
        }
    }
    Ok(())
}

/// `struct ofp_bucket` of OpenFlow 1.1 to 1.4.
fn put(
    writer: &mut Writer<'_>,
    bucket: &Bucket,
    weight: u16,
    version: Version,
) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    writer.u16(weight);
    writer.u32(bucket.watch_port.0);
    writer.u32(bucket.watch_group.0);
    writer.zeros(4);
    action::put_list(writer, &bucket.actions, version)?;
    writer.close(length, "ofp_bucket")
}

/// `struct ofp_bucket` of OpenFlow 1.5.
fn put_numbered(
    writer: &mut Writer<'_>,
    bucket: &Bucket,
    id: u32,
    weight: u16,
    kind: GroupKind,
    version: Version,
) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    let actions_len = writer.len();
    writer.u16(0);
    writer.u32(id);
    let begin = writer.len();
    action::put_list(writer, &bucket.actions, version)?;
    super::put_len(writer, actions_len, begin, "ofp_bucket")?;
    if kind == GroupKind::Select || weight != 0 {
        writer.u16(WEIGHT);
        writer.u16(8);
        writer.u16(weight);
        writer.zeros(2);
    }
    if bucket.watch_port != PortNo::ANY {
        writer.u16(WATCH_PORT);
        writer.u16(8);
        writer.u32(bucket.watch_port.0);
    }
    if bucket.watch_group != GroupId::ANY {
        writer.u16(WATCH_GROUP);
        writer.u16(8);
        writer.u32(bucket.watch_group.0);
    }
    writer.close(length, "ofp_bucket")
}

/// A number that a bucket can have.
pub(super) fn checked_number(number: u32) -> Result<u32, EncodeError> {
    if number > BUCKET_MAX {
        let (what, value, max) = ("number of a bucket", number.into(), BUCKET_MAX.into());
        return Err(EncodeError::TooLarge { what, value, max });
    }
    Ok(number)
}

/// The numbers that no bucket of a group has, from 0 on.
#[derive(Default)]
struct FreeNumbers {
    next: u32,
    /// Those that are not free, in descending order, and not below `next`.
    used: Vec<u32>,
}

impl FreeNumbers {
    fn of(buckets: &[Bucket]) -> Self {
        // Most often either all have one or none has.
        if buckets.iter().all(|bucket| bucket.id.is_some()) {
            return Self::default();
        }
        let mut used: Vec<u32> = buckets.iter().filter_map(|bucket| bucket.id).collect();
        used.sort_unstable_by(|a, b| b.cmp(a));
        Self { next: 0, used }
    }

    fn take(&mut self) -> u32 {
        while self.used.last().is_some_and(|used| *used <= self.next) {
            if self.used.pop() == Some(self.next) {
                self.next += 1;
            }
        }
        let free = self.next;
        self.next += 1;
        free
    }
}
