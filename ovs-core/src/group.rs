//! Groups: several ways for a packet, and how one or more of them are chosen.

use crate::action::Action;
use crate::field::Field;
use crate::port::PortNo;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

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
    /// Its number in the group (OpenFlow 1.5, and Nicira's form of group messages); earlier versions
    /// do not tell it.
    pub id: Option<u32>,
    /// Its share in a select group; 0: it gets nothing.
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
    /// The name of the method, at most 15 bytes: `hash` and `dp_hash` are known to Open vSwitch.
    pub method: String,
    /// A number for the method.
    pub parameter: u64,
    /// The fields that count, with the bits of each.
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
    /// More buckets (OpenFlow 1.5). Only the id, the buckets and the selection of the group count.
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
