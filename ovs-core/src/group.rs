//! Groups: several ways for a packet, and how one or more of them are chosen.

use crate::action::Action;
use crate::field::Field;
use crate::port::PortNo;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Number of a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

impl GroupId {
    /// The highest number that a group can have.
    pub const MAX: Self = Self(0xffff_ff00);
    /// All groups, for a deletion or a request.
    pub const ALL: Self = Self(0xffff_fffc);
    /// No group; no restriction in requests.
    pub const ANY: Self = Self(0xffff_ffff);
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.pad("ALL"),
            Self::ANY => f.pad("ANY"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which buckets of a group a packet goes to (OpenFlow 1.3.5 §5.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// Each, as a copy of its own.
    All,
    /// One of them, chosen by the switch.
    Select,
    /// The one that there is.
    Indirect,
    /// The first that is live.
    FastFailover,
}

/// A group as it is made or listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// What it does with its buckets.
    pub kind: GroupKind,
    /// Its buckets, in order.
    pub buckets: Vec<Bucket>,
    /// How a select group chooses, if that was said (Nicira's and Netronome's extension).
    pub selection: Option<Selection>,
}

/// One way for a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its number in the group, at most 0xffff_ff00 (OpenFlow 1.5, and Nicira's form of group messages);
    /// earlier versions do not tell it. Without one it gets the lowest that is free.
    pub id: Option<u32>,
    /// Its share in a select group; 0: it gets nothing. In other groups it does not matter.
    pub weight: u16,
    /// It is live while this port is up; [`PortNo::ANY`] for none.
    pub watch_port: PortNo,
    /// It is live while this group has a live bucket; [`GroupId::ANY`] for none.
    pub watch_group: GroupId,
    /// What is done with the packet: an action set.
    pub actions: Vec<Action>,
}

impl Bucket {
    /// A bucket with these actions, weight 1 and nothing to watch.
    pub fn new(actions: impl IntoIterator<Item = Action>) -> Self {
        let actions = actions.into_iter().collect();
        Self { id: None, weight: 1, watch_port: PortNo::ANY, watch_group: GroupId::ANY, actions }
    }
}

/// How a select group chooses (ovs-ofctl(8), `selection_method`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The name of the method, at most 15 bytes: `hash` or `dp_hash`; none: as the switch likes.
    pub method: String,
    /// A number for the method.
    pub parameter: u64,
    /// The fields that count, with the bits of each; for `hash` only.
    pub fields: Vec<(Field, u128)>,
}

/// A change of the group table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupMod {
    /// A new group.
    Add(Group),
    /// Another content for a group that there is.
    Modify(Group),
    /// A new group, or another content for the one that there is (Nicira's extension).
    AddOrModify(Group),
    /// The group goes, or all of them ([`GroupId::ALL`]), and with it the rules that use it.
    Delete(GroupId),
    /// More buckets (OpenFlow 1.5). Only the id and the buckets of the group count.
    InsertBuckets(Group, BucketPlace),
    /// Fewer buckets (OpenFlow 1.5).
    RemoveBuckets(GroupId, BucketPlace),
}

/// A place in the list of a group's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketPlace {
    /// Before the first; to be removed: the first.
    First,
    /// Behind the last; to be removed: the last.
    Last,
    /// To be removed: all.
    All,
    /// Behind the bucket of that number; to be removed: that one.
    Bucket(u32),
}

impl GroupMod {
    /// The group that it is about.
    pub fn id(&self) -> GroupId {
        match self {
            Self::Add(group)
            | Self::Modify(group)
            | Self::AddOrModify(group)
            | Self::InsertBuckets(group, _) => group.id,
            Self::Delete(id) | Self::RemoveBuckets(id, _) => *id,
        }
    }
}

/// How often a group was used (`struct ofp_group_stats`, OpenFlow 1.3.5 §7.3.5.8). The counts begin again
/// when the group is modified; when buckets are inserted or removed, those of the group and of the other
/// buckets go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStats {
    /// The group.
    pub id: GroupId,
    /// How many rules use it.
    pub ref_count: u32,
    /// Packets that came to it.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long it has been there, whether modified or not.
    pub age: Duration,
    /// Of each bucket, in order.
    pub buckets: Vec<BucketStats>,
}

/// How often a bucket was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketStats {
    /// Packets that went to it.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Why a [`GroupMod`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// It is there already.
    #[error("it exists already")]
    Exists,
    /// It is not there.
    #[error("it does not exist")]
    Unknown,
    /// No group can have that number.
    #[error("the number is above {max:#x}", max = GroupId::MAX.0)]
    InvalidNumber,
    /// There are as many groups as there can be.
    #[error("there are {0} groups, and no room for more")]
    TooManyGroups(usize),
    /// There would be more buckets than there can be.
    #[error("there is room for {0} buckets")]
    TooManyBuckets(usize),
    /// An indirect group has one bucket.
    #[error("an indirect group has exactly one bucket, not {0}")]
    NotOneBucket(usize),
    /// A bucket of a group that asks for no liveness watches something.
    #[error(
        "bucket {0} watches a port or a group, which counts in select and fast failover groups"
    )]
    WatchUnsupported(u32),
    /// A bucket of a fast failover group watches nothing.
    #[error("bucket {0} of a fast failover group watches neither a port nor a group")]
    WatchesNothing(u32),
    /// The way to select is unknown, or stands where nothing is selected.
    #[error("{0}")]
    Selection(&'static str),
    /// Two buckets of the message have this number, or none can have it.
    #[error("no bucket can have the number {0}, or two have it")]
    BucketNumber(u32),
    /// Buckets cannot be inserted at this place.
    #[error("buckets are inserted at one place, not at all")]
    BucketPlace,
    /// There is no such bucket.
    #[error("it has no bucket {0}")]
    UnknownBucket(u32),
    /// There is such a bucket already.
    #[error("it has a bucket {0} already")]
    BucketExists(u32),
    /// Packets would come back to it.
    #[error("packets would come back to it through its buckets")]
    Loop,
    /// Packets would go through too many groups one after the other.
    #[error("more than {0} groups would follow each other")]
    ChainTooLong(usize),
}

impl GroupError {
    /// The name that it has in OpenFlow, as [`Error::code_name`](crate::Error::code_name) has it.
    pub fn code_name(&self) -> &'static str {
        match self {
            Self::Exists => "OFPGMFC_GROUP_EXISTS",
            Self::Unknown => "OFPGMFC_UNKNOWN_GROUP",
            // So has Open vSwitch it for a bucket that watches nothing, too.
            Self::InvalidNumber | Self::NotOneBucket(_) | Self::WatchesNothing(_) => {
                "OFPGMFC_INVALID_GROUP"
            }
            Self::TooManyGroups(_) => "OFPGMFC_OUT_OF_GROUPS",
            Self::TooManyBuckets(_) => "OFPGMFC_OUT_OF_BUCKETS",
            Self::WatchUnsupported(_) => "OFPGMFC_WATCH_UNSUPPORTED",
            Self::Selection(_) => "OFPBPC_BAD_VALUE",
            Self::BucketNumber(_) | Self::BucketPlace => "OFPGMFC_BAD_BUCKET",
            Self::UnknownBucket(_) => "OFPGMFC_UNKNOWN_BUCKET",
            Self::BucketExists(_) => "OFPGMFC_BUCKET_EXISTS",
            Self::Loop => "OFPGMFC_LOOP",
            Self::ChainTooLong(_) => "OFPGMFC_CHAINING_UNSUPPORTED",
        }
    }
}
