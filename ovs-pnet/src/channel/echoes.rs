//! Frames that were sent a moment ago, and come back if the operating system hands us them.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many frames are remembered; beyond that the oldest are forgotten.
const LIMIT: usize = 1024;

/// How long a frame is remembered.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Hashes of sent frames, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    hasher: RandomState,
    sent: Mutex<VecDeque<(u64, Instant)>>,
}

impl Echoes {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, Instant)>> {
        // Nothing that panics is done under the lock.
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that `frame` is being sent.
    pub(super) fn expect(&self, frame: &[u8], now: Instant) {
        let hash = self.hasher.hash_one(frame);
        let mut sent = self.lock();
        if sent.len() >= LIMIT {
            sent.pop_front();
        }
        sent.push_back((hash, now));
    }

    /// Was `frame` noted a moment ago? Forgets one such note, so that the same frame from
    /// somebody else is not taken for ours too.
    pub(super) fn take(&self, frame: &[u8], now: Instant) -> bool {
        let hash = self.hasher.hash_one(frame);
        let mut sent = self.lock();
        while let Some((_, at)) = sent.front() {
            if now.saturating_duration_since(*at) < MAX_AGE {
                break;
            }
            sent.pop_front();
        }
        let found = sent.iter().position(|(other, _)| *other == hash);
        found.and_then(|at| sent.remove(at)).is_some()
    }
}
