//! Several changes at once.

use super::SoftSwitch;
use super::state::State;
use crate::classify::Version;
use crate::lock::Lock;
use crate::pipeline::{Bridge, Undo};
use crate::{Change, Error, Instant};
use alloc::vec;
use alloc::vec::Vec;

/// Changes made while the lock is held once: the longest that others wait for a large bundle.
const AT_ONCE: usize = 256;

impl<L: Lock<State>> SoftSwitch<L> {
    /// Makes all changes, or none. They are made in a version that nobody sees yet, some at a time, and become
    /// visible together.
    pub(super) fn commit_all(&self, changes: &[Change]) -> Result<(), (usize, Error)> {
        // What goes is told with its statistics.
        self.fold();
        let next = self.begin();
        let mut done: Vec<Undo> = Vec::new();
        for (n, chunk) in changes.chunks(AT_ONCE).enumerate() {
            let failed = self.write(|state| {
                let now = state.now;
                let bridge =
                    state.pipeline.bridge_mut(self.bridge).ok_or((0, Error::NoSuchBridge))?;
                for (n, change) in chunk.iter().enumerate() {
                    done.push(apply(bridge, now, change, next).map_err(|error| (n, error))?);
                }
                Ok(())
            });
            if let Err((place, error)) = failed {
                self.take_back(done);
                return Err((n * AT_ONCE + place, error));
            }
        }
        self.write(|state| {
            state.pipeline.version = next;
            state.pipeline.committing = false;
            if let Some(bridge) = state.pipeline.bridge_mut(self.bridge) {
                bridge.tables.purge(next);
            }
            state.collect_events();
            self.shared.changed();
        });
        Ok(())
    }

    /// Waits until nobody else is at it; then nothing but this changes rules, and what it changes is seen from
    /// the version on that is returned.
    fn begin(&self) -> Version {
        loop {
            let next = self.write(|state| {
                if core::mem::replace(&mut state.pipeline.committing, true) {
                    return None;
                }
                Some(Version(state.pipeline.version.0 + 1))
            });
            match next {
                Some(next) => return next,
                None => core::hint::spin_loop(),
            }
        }
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
        Change::Meter(change) => bridge.meter_mod(now, change, version),
    }
}
