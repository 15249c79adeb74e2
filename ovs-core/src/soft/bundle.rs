//! Several changes at once.

use super::state::{State, Waker};
use super::{Shared, SoftSwitch};
use crate::classify::Version;
use crate::flow::FlowFlags;
use crate::lock::Lock;
use crate::pipeline::{Bridge, Undo};
use crate::{Change, Error, Instant};
use alloc::vec;
use alloc::vec::Vec;

/// Changes made while the lock is held once: the longest that others wait for a large bundle.
const AT_ONCE: usize = 256;

/// How far it has come when the lock is let go.
enum Turn {
    /// Others are at it; nothing has been done.
    Wait,
    /// These changes were made, and there are more.
    More,
    /// All is done and visible; these are to be told that something is due earlier.
    Done(Vec<Waker>),
    /// A change was refused: its place among these changes.
    Refused(usize, Error),
}

impl<L: Lock<State>> SoftSwitch<L> {
    /// Makes all changes, or none. They are made in a version that nobody sees yet, some at a time, and become
    /// visible together. Groups and meters have no versions, so a bundle with those is made as a whole.
    pub(super) fn commit_all(&self, changes: &[Change]) -> Result<(), (usize, Error)> {
        if changes.iter().any(may_remove) {
            // What goes is told with its statistics.
            self.fold();
        }
        let only_rules = changes.iter().all(|change| matches!(change, Change::Flow(_)));
        let at_once = if only_rules { AT_ONCE } else { changes.len() };
        let mut done: Vec<Undo> = Vec::new();
        loop {
            let rest = changes.get(done.len()..).unwrap_or_default();
            let now = rest.get(..at_once).unwrap_or(rest);
            let is_last = now.len() == rest.len();
            match self.write(|state| self.turn(state, now, is_last, &mut done)) {
                Turn::More => {}
                Turn::Done(wakers) => {
                    Shared::<L>::wake(wakers);
                    return Ok(());
                }
                Turn::Wait => core::hint::spin_loop(),
                Turn::Refused(place, error) => {
                    self.take_back(done);
                    return Err((place, error));
                }
            }
        }
    }

    /// Makes some changes; with the first of them nobody else makes any until the last.
    fn turn(
        &self,
        state: &mut State,
        changes: &[Change],
        is_last: bool,
        done: &mut Vec<Undo>,
    ) -> Turn {
        if done.is_empty() && core::mem::replace(&mut state.pipeline.committing, true) {
            return Turn::Wait;
        }
        let (now, next) = (state.now, state.pipeline.version.next());
        for change in changes {
            let bridge = state.pipeline.bridge_mut(self.bridge).ok_or(Error::NoSuchBridge);
            match bridge.and_then(|bridge| apply(bridge, now, change, next)) {
                Ok(undo) => done.push(undo),
                Err(error) => return Turn::Refused(done.len(), error),
            }
        }
        if !is_last {
            return Turn::More;
        }
        state.pipeline.version = next;
        state.pipeline.committing = false;
        if let Some(bridge) = state.pipeline.bridge_mut(self.bridge) {
            bridge.tables.purge(next);
        }
        state.collect_events();
        self.shared.changed();
        Turn::Done(state.wake_for_deadline())
    }

    fn take_back(&self, mut done: Vec<Undo>) {
        while !done.is_empty() {
            let rest = done.len().saturating_sub(AT_ONCE);
            let last = done.split_off(rest);
            self.write(|state| {
                if let Some(bridge) = state.pipeline.bridge_mut(self.bridge) {
                    last.into_iter().rev().for_each(|undo| bridge.undo(undo));
                }
            });
        }
        self.write(|state| {
            if let Some(bridge) = state.pipeline.bridge_mut(self.bridge) {
                bridge.removed.clear();
            }
            state.pipeline.committing = false;
        });
    }
}

/// Can a rule or its counts go by it?
fn may_remove(change: &Change) -> bool {
    match change {
        Change::Flow(change) => {
            change.command.deletes() || change.flags.contains(FlowFlags::RESET_COUNTS)
        }
        Change::Group(_) | Change::Meter(_) => true,
    }
}

fn apply(
    bridge: &mut Bridge,
    now: Instant,
    change: &Change,
    version: Version,
) -> Result<Undo, Error> {
    match change {
        Change::Flow(change) => {
            let rules = vec![bridge.flow_mod(now, change, version)?];
            Ok(Undo { rules, ..Undo::default() })
        }
        Change::Group(change) => bridge.group_mod(now, change, version),
        Change::Meter(change) => bridge.meter_mod(now, change, version),
    }
}
