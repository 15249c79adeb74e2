//! Groups: counters, description and features (OpenFlow 1.3.5 §7.3.5.8 to §7.3.5.10). Nicira's
//! forms in OpenFlow 1.0 are those of 1.3, but for the description, which is that of 1.5.

use super::{BAD_LEN, exact, put_duration, put_id, take_duration, take_id, take_list};
use crate::codec::group as codec;
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{
    ActionBits, BucketCounter, GroupCapabilities, GroupFeatures, GroupKinds, GroupStats,
};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::group::{Group, GroupId};

/// `struct ofp_group_stats`: 40 bytes, and 16 for each bucket.
pub(super) fn take_stats(reader: &mut Reader<'_>) -> Result<GroupStats, DecodeError> {
    let mut entry = reader.element(0, 40, "ofp_group_stats", BAD_LEN)?;
    entry.skip(2 + 2)?;
    let group = GroupId(entry.u32()?);
    let ref_count = entry.u32()?;
    entry.skip(4)?;
    Ok(GroupStats {
        group,
        ref_count,
        packet_count: entry.u64()?,
        byte_count: entry.u64()?,
        duration: take_duration(&mut entry)?,
        buckets: take_list(&mut entry, |entry| {
            Ok(BucketCounter { packet_count: entry.u64()?, byte_count: entry.u64()? })
        })?,
    })
}

pub(super) fn put_stats(writer: &mut Writer<'_>, stats: &GroupStats) -> Result<(), EncodeError> {
    let length = writer.open(writer.len());
    writer.zeros(2);
    writer.u32(stats.group.0);
    writer.u32(stats.ref_count);
    writer.zeros(4);
    writer.u64(stats.packet_count);
    writer.u64(stats.byte_count);
    put_duration(writer, stats.duration);
    for bucket in &stats.buckets {
        writer.u64(bucket.packet_count);
        writer.u64(bucket.byte_count);
    }
    writer.close(length, "ofp_group_stats")
}

/// The group whose description is asked for; until OpenFlow 1.4 there is no place to name one.
pub(super) fn take_desc_request(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<GroupId, DecodeError> {
    if codec::has_numbered_buckets(version) {
        take_id(reader, "ofp_group_desc_request").map(GroupId)
    } else {
        Ok(GroupId::ALL)
    }
}

pub(super) fn put_desc_request(writer: &mut Writer<'_>, group: GroupId, version: Version) {
    if codec::has_numbered_buckets(version) {
        put_id(writer, group.0);
    }
}

/// `struct ofp_group_desc`: 8 bytes and the buckets; in OpenFlow 1.5's form 16 bytes, the buckets
/// and properties.
pub(super) fn take_desc(reader: &mut Reader<'_>, version: Version) -> Result<Group, DecodeError> {
    let numbered = codec::has_numbered_buckets(version);
    let least = if numbered { 16 } else { 8 };
    let mut entry = reader.element(0, least, "ofp_group_desc", BAD_LEN)?;
    entry.skip(2)?;
    let place = entry.clone();
    let kind = codec::kind_from(entry.u8()?);
    let kind = kind.ok_or_else(|| place.refuse(ErrorCode::OFPGMFC_BAD_TYPE))?;
    entry.skip(1)?;
    let id = GroupId(entry.u32()?);
    if !numbered {
        let buckets = codec::take_buckets(&mut entry, kind, version)?;
        return Ok(Group { id, kind, buckets, selection: None });
    }
    let buckets_len = usize::from(entry.u16()?);
    entry.skip(6)?;
    let mut buckets = entry.sub(buckets_len, "ofp_bucket", ErrorCode::OFPGMFC_BAD_BUCKET)?;
    let buckets = codec::take_buckets(&mut buckets, kind, version)?;
    // It may have the properties that a new group may have.
    let selection = codec::take_properties(&mut entry, kind, codec::Command::Add)?;
    Ok(Group { id, kind, buckets, selection })
}

/// How the group selects is left out where there is no place for it.
pub(super) fn put_desc(
    writer: &mut Writer<'_>,
    group: &Group,
    version: Version,
) -> Result<(), EncodeError> {
    let numbered = codec::has_numbered_buckets(version);
    let length = writer.open(writer.len());
    writer.u8(codec::kind_to(group.kind));
    writer.zeros(1);
    writer.u32(group.id.0);
    let buckets_len = writer.len();
    writer.zeros(if numbered { 8 } else { 0 });
    let begin = writer.len();
    codec::put_buckets(writer, &group.buckets, group.kind, true, version)?;
    if numbered {
        codec::put_len(writer, buckets_len, begin, "ofp_group_desc")?;
        codec::put_selection(writer, group.selection.as_ref(), version)?;
    }
    writer.close(length, "ofp_group_desc")
}

/// `struct ofp_group_features`: 40 bytes.
pub(super) fn take_features(reader: &mut Reader<'_>) -> Result<GroupFeatures, DecodeError> {
    let mut body = exact(reader, 40, "ofp_group_features")?;
    let mut features = GroupFeatures {
        kinds: GroupKinds::from_bits_retain(body.u32()?),
        capabilities: GroupCapabilities::from_bits_retain(body.u32()?),
        max_groups: [0; 4],
        actions: [ActionBits(0); 4],
    };
    for max in &mut features.max_groups {
        *max = body.u32()?;
    }
    for actions in &mut features.actions {
        *actions = ActionBits(body.u32()?);
    }
    Ok(features)
}

pub(super) fn put_features(writer: &mut Writer<'_>, features: &GroupFeatures) {
    writer.u32(features.kinds.bits());
    writer.u32(features.capabilities.bits());
    features.max_groups.iter().for_each(|max| writer.u32(*max));
    features.actions.iter().for_each(|actions| writer.u32(actions.0));
}
