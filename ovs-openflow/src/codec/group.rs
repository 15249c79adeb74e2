//! Groups and their changes: OpenFlow 1.3's form, and OpenFlow 1.5's, which is Nicira's in 1.0.

mod bucket;
mod selection;
#[cfg(test)]
mod tests;

pub(crate) use bucket::{put_buckets, take_buckets};
pub(crate) use selection::{put_selection, take_properties};

use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::PortNo;
use ovs_core::group::{Bucket, BucketPlace, Group, GroupId, GroupKind, GroupMod};

/// The highest number of a bucket (`OFPG_BUCKET_MAX`).
const BUCKET_MAX: u32 = 0xffff_ff00;
const BUCKET_FIRST: u32 = 0xffff_fffd;
const BUCKET_LAST: u32 = 0xffff_fffe;
const BUCKET_ALL: u32 = 0xffff_ffff;

/// `enum ofp_group_mod_command`, with Open vSwitch's addition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Add = 0,
    Modify = 1,
    Delete = 2,
    InsertBuckets = 3,
    RemoveBuckets = 5,
    AddOrModify = 0x8000,
}

impl Command {
    /// The command of a number. The two about buckets are not in OpenFlow 1.1's form.
    fn from_number(number: u16, numbered_buckets: bool) -> Option<Self> {
        Some(match number {
            0 => Self::Add,
            1 => Self::Modify,
            2 => Self::Delete,
            3 if numbered_buckets => Self::InsertBuckets,
            5 if numbered_buckets => Self::RemoveBuckets,
            0x8000 => Self::AddOrModify,
            _ => return None,
        })
    }
}

/// Does this version have OpenFlow 1.5's form of groups, where buckets have numbers? OpenFlow 1.0
/// has it by Nicira's extension.
pub(crate) fn has_numbered_buckets(version: Version) -> bool {
    version == Version::OF10 || version >= Version::OF15
}

/// Reads a `struct ofp_group_mod` behind the header.
pub(crate) fn take_mod(reader: &mut Reader<'_>, version: Version) -> Result<GroupMod, DecodeError> {
    reader.aligned()?;
    let numbered = has_numbered_buckets(version);
    let place = reader.clone();
    let (number, kind) = (reader.u16()?, reader.u8()?);
    reader.skip(1)?;
    let id = GroupId(reader.u32()?);
    let kind = kind_from(kind).ok_or_else(|| place.refuse(ErrorCode::OFPGMFC_BAD_TYPE))?;
    let command = Command::from_number(number, numbered);
    let command = command.ok_or_else(|| place.refuse(ErrorCode::OFPGMFC_BAD_COMMAND))?;
    let mut group = Group { id, kind, buckets: Default::default(), selection: None };
    let mut at = None;
    if numbered {
        let buckets_len = usize::from(reader.u16()?);
        reader.skip(2)?;
        at = take_place(reader, command)?;
        let mut buckets = reader.sub(buckets_len, "ofp_bucket", ErrorCode::OFPGMFC_BAD_BUCKET)?;
        group.buckets = take_buckets(&mut buckets, kind, version)?;
        group.selection = take_properties(reader, kind, command)?;
    } else {
        group.buckets = take_buckets(reader, kind, version)?;
        // OpenFlow 1.3.5 §7.3.4.2; before, it was not said.
        if command == Command::Delete && version >= Version::OF13 && !group.buckets.is_empty() {
            return Err(place.refuse(ErrorCode::OFPGMFC_INVALID_GROUP));
        }
    }
    check(command, kind, &group.buckets).map_err(|code| place.refuse(code))?;
    Ok(match (command, at) {
        (Command::InsertBuckets, Some(at)) => GroupMod::InsertBuckets(group, at),
        (Command::RemoveBuckets, Some(at)) => GroupMod::RemoveBuckets(id, at),
        (Command::Add, _) => GroupMod::Add(group),
        (Command::Modify, _) => GroupMod::Modify(group),
        (Command::AddOrModify, _) => GroupMod::AddOrModify(group),
        _ => GroupMod::Delete(id),
    })
}

/// Reads the number of a bucket that a command is about. Commands that are about none have "all"
/// there.
fn take_place(
    reader: &mut Reader<'_>,
    command: Command,
) -> Result<Option<BucketPlace>, DecodeError> {
    let place = reader.clone();
    let at = match reader.u32()? {
        BUCKET_FIRST => BucketPlace::First,
        BUCKET_LAST => BucketPlace::Last,
        BUCKET_ALL => BucketPlace::All,
        number @ ..=BUCKET_MAX => BucketPlace::Bucket(number),
        _ => return Err(place.refuse(ErrorCode::OFPGMFC_BAD_BUCKET)),
    };
    match (command, at) {
        (
            Command::InsertBuckets,
            BucketPlace::First | BucketPlace::Last | BucketPlace::Bucket(_),
        )
        | (Command::RemoveBuckets, _) => Ok(Some(at)),
        (Command::InsertBuckets, BucketPlace::All) => {
            Err(place.refuse(ErrorCode::OFPGMFC_BAD_BUCKET))
        }
        (_, BucketPlace::All) => Ok(None),
        _ => Err(place.refuse(ErrorCode::OFPGMFC_BAD_BUCKET)),
    }
}

/// What a group of this kind may have in its buckets (OpenFlow 1.3.5 §5.6.1).
fn check(command: Command, kind: GroupKind, buckets: &[Bucket]) -> Result<(), ErrorCode> {
    if kind == GroupKind::Indirect && command != Command::Delete && buckets.len() != 1 {
        return Err(ErrorCode::OFPGMFC_INVALID_GROUP);
    }
    if command == Command::RemoveBuckets && !buckets.is_empty() {
        return Err(ErrorCode::OFPGMFC_BAD_BUCKET);
    }
    for bucket in buckets {
        let may_weigh = kind == GroupKind::Select || command == Command::InsertBuckets;
        if bucket.weight != 0 && !may_weigh {
            return Err(ErrorCode::OFPGMFC_INVALID_GROUP);
        }
        let watches = bucket.watch_port != PortNo::ANY || bucket.watch_group != GroupId::ANY;
        match kind {
            GroupKind::All | GroupKind::Indirect if watches => {
                return Err(ErrorCode::OFPGMFC_WATCH_UNSUPPORTED);
            }
            GroupKind::FastFailover if !watches => return Err(ErrorCode::OFPGMFC_INVALID_GROUP),
            _ => {}
        }
    }
    Ok(())
}

/// Writes one. Weights of buckets whose group is not a select group are written as zero, which
/// is what they have to be.
///
/// # Errors
/// If the version cannot change single buckets, or has no place for how a group selects.
pub(crate) fn put_mod(
    writer: &mut Writer<'_>,
    change: &GroupMod,
    version: Version,
) -> Result<(), EncodeError> {
    let (command, group, at) = match change {
        GroupMod::Add(group) => (Command::Add, Some(group), None),
        GroupMod::Modify(group) => (Command::Modify, Some(group), None),
        GroupMod::AddOrModify(group) => (Command::AddOrModify, Some(group), None),
        GroupMod::Delete(_) => (Command::Delete, None, None),
        GroupMod::InsertBuckets(group, at) => (Command::InsertBuckets, Some(group), Some(*at)),
        GroupMod::RemoveBuckets(_, at) => (Command::RemoveBuckets, None, Some(*at)),
    };
    let selection = group.and_then(|group| group.selection.as_ref());
    let numbered = has_numbered_buckets(version);
    if at.is_some() && !numbered {
        let what = "change of single buckets";
        return Err(EncodeError::NotInVersion { what, version });
    }
    if selection.is_some() && !numbered {
        let what = "place for how a group selects";
        return Err(EncodeError::NotInVersion { what, version });
    }
    let kind = group.map_or(GroupKind::All, |group| group.kind);
    writer.u16(command as u16);
    writer.u8(kind_to(kind));
    writer.zeros(1);
    writer.u32(change.id().0);
    let buckets_len = writer.len();
    if numbered {
        writer.zeros(4);
        put_place(writer, command, at, version)?;
    }
    let begin = writer.len();
    let buckets = group.map_or(&[][..], |group| &group.buckets);
    let weighs = kind == GroupKind::Select || command == Command::InsertBuckets;
    put_buckets(writer, buckets, kind, weighs, version)?;
    if numbered {
        put_len(writer, buckets_len, begin, "ofp_group_mod")?;
        put_selection(writer, selection, version)?;
    }
    Ok(())
}

/// Writes the number of the bucket that a command is about.
fn put_place(
    writer: &mut Writer<'_>,
    command: Command,
    at: Option<BucketPlace>,
    version: Version,
) -> Result<(), EncodeError> {
    writer.u32(match at {
        Some(BucketPlace::First) => BUCKET_FIRST,
        Some(BucketPlace::Last) => BUCKET_LAST,
        Some(BucketPlace::All) if command == Command::InsertBuckets => {
            let what = "insertion at all buckets";
            return Err(EncodeError::NotInVersion { what, version });
        }
        Some(BucketPlace::Bucket(number)) => bucket::checked_number(number)?,
        Some(BucketPlace::All) | None => BUCKET_ALL,
    });
    Ok(())
}

/// Writes at `at` how much was written since `begin`, in 16 bits.
pub(crate) fn put_len(
    writer: &mut Writer<'_>,
    at: usize,
    begin: usize,
    structure: &'static str,
) -> Result<(), EncodeError> {
    let bytes = writer.len() - begin;
    let len = u16::try_from(bytes).map_err(|_| EncodeError::TooLong { structure, bytes })?;
    writer.patch(at, &len.to_be_bytes());
    Ok(())
}

/// The kind of a number (`enum ofp_group_type`).
pub(crate) fn kind_from(number: u8) -> Option<GroupKind> {
    Some(match number {
        0 => GroupKind::All,
        1 => GroupKind::Select,
        2 => GroupKind::Indirect,
        3 => GroupKind::FastFailover,
        _ => return None,
    })
}

/// The number of a kind.
pub(crate) fn kind_to(kind: GroupKind) -> u8 {
    match kind {
        GroupKind::All => 0,
        GroupKind::Select => 1,
        GroupKind::Indirect => 2,
        GroupKind::FastFailover => 3,
    }
}
