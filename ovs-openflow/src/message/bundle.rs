//! Bundles: changes that happen all or not at all.

use crate::message::Message;
use alloc::boxed::Box;
use bitflags::bitflags;
use bytes::Bytes;

/// Begins or ends a bundle (`struct ofp_bundle_ctrl_msg`, OpenFlow 1.4.1 §7.3.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleControl {
    /// Its number.
    pub bundle: u32,
    /// What is done with it.
    pub kind: BundleControlKind,
    /// How.
    pub flags: BundleFlags,
    /// Properties, as their bytes.
    pub properties: Bytes,
}

/// What is done with a bundle (`enum ofp_bundle_ctrl_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleControlKind(pub u16);

impl BundleControlKind {
    /// Opens it.
    pub const OPEN_REQUEST: Self = Self(0);
    /// It is open.
    pub const OPEN_REPLY: Self = Self(1);
    /// Nothing is added any more.
    pub const CLOSE_REQUEST: Self = Self(2);
    /// It is closed.
    pub const CLOSE_REPLY: Self = Self(3);
    /// All its changes happen.
    pub const COMMIT_REQUEST: Self = Self(4);
    /// They happened.
    pub const COMMIT_REPLY: Self = Self(5);
    /// None of its changes happens.
    pub const DISCARD_REQUEST: Self = Self(6);
    /// It is gone.
    pub const DISCARD_REPLY: Self = Self(7);
}

bitflags! {
    /// How a bundle is carried out (`enum ofp_bundle_flags`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct BundleFlags: u16 {
        /// A packet sees all changes or none.
        const ATOMIC = 1 << 0;
        /// The changes happen in the order in which they were added.
        const ORDERED = 1 << 1;
        const _ = !0;
    }
}

/// Adds a change to a bundle (`struct ofp_bundle_add_msg`).
#[derive(Clone, Debug, PartialEq)]
pub struct BundleAdd {
    /// The bundle.
    pub bundle: u32,
    /// As in the message that opened it.
    pub flags: BundleFlags,
    /// The change. Its transaction is that of the message around it.
    pub message: Box<Message>,
    /// Properties, as their bytes.
    pub properties: Bytes,
}
