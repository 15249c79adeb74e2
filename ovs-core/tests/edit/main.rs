//! Edits of frames: what they do to the key, to checksums, and to frames that are damaged.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod checksums;
mod edits;
mod examples;
#[allow(dead_code)]
#[path = "../extract/keys.rs"]
mod keys;
mod properties;

use ovs_core::edit::Edit;
use ovs_core::{FlowKey, Frame};

/// A frame of that key.
fn composed(key: &FlowKey, payload: &[u8]) -> Frame {
    let mut frame = Frame::with_capacity(2000);
    ovs_core::key::compose(key, payload, &mut frame).unwrap();
    frame
}

fn applied(frame: &Frame, edit: &Edit) -> Frame {
    let mut frame = frame.clone();
    edit.apply(&mut frame);
    frame
}
