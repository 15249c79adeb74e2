//! The meters of a bridge.
use crate::Instant;
use crate::meter::MeterId;
use alloc::sync::Arc;

/// A meter while packets go through it.
#[derive(Debug)]
pub struct MeterState {}

/// What a meter says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// It is dropped.
    Drop,
    /// Its drop precedence is raised.
    Remark {
        /// By how much.
        precedence_level: u8,
    },
}

impl MeterState {
    pub(crate) fn pass(&self, _now: Instant, _len: usize) -> Verdict {
        Verdict::Pass
    }
    pub(crate) fn remarks(&self) -> bool {
        false
    }
}

/// All meters.
#[derive(Debug, Default)]
pub(crate) struct MeterTable {}

impl MeterTable {
    pub(crate) fn get(&self, _id: MeterId) -> Option<&Arc<MeterState>> {
        None
    }
    pub(crate) fn state(&self, id: MeterId) -> Option<Arc<MeterState>> {
        self.get(id).cloned()
    }
}
