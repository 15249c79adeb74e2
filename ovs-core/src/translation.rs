//! What the bridge says of a key, and a cache keeps: the one thing that both know.

use crate::Instant;
use crate::drops::DropReason;
use crate::key::Mac;
use crate::port::PortNo;
use smallvec::SmallVec;

/// One thing that is done with each packet of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Output(PortNo),
    Drop(DropReason),
}

/// A consequence of a packet for what the bridge knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Learn { vlan: u16, mac: Mac, port: PortNo },
}

/// What is to be done with all packets of a key, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Translation {
    pub(crate) ops: SmallVec<[Op; 4]>,
    pub(crate) effects: SmallVec<[Effect; 1]>,
    /// From then on it may be different, even if nothing else happens: an address will be too old.
    pub(crate) holds_until: Instant,
}

impl Translation {
    /// Nothing to do, for ever.
    pub(crate) fn empty() -> Self {
        let holds_until = Instant::from_nanos(u64::MAX);
        Self { ops: SmallVec::new(), effects: SmallVec::new(), holds_until }
    }
}
