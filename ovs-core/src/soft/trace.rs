//! Following one packet without moving it.

use super::state::State;
use super::{SHORTEST_FRAME, SoftSwitch};
use crate::action::{Ct, Sample};
use crate::conntrack::{self, Connection};
use crate::datapath::execute::{Surroundings, execute};
use crate::drops::DropReason;
use crate::event::PacketIn;
use crate::key::SparseKey;
use crate::lock::Lock;
use crate::matching::Match;
use crate::op::ToController;
use crate::pipeline::{
    Access, Entry, Frozen, MeterState, Pipeline, Translation, Verdict, datapath_port,
};
use crate::port::PortNo;
use crate::trace::{Pass, Trace};
use crate::{Egress, FlowKey, Frame, Instant, Outbox};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How often a packet may be looked at again.
const MAX_PASSES: usize = 64;

impl<L: Lock<State>> SoftSwitch<L> {
    /// What would become of a frame that came in by `port`, a port of this switch. Nothing is sent, learned or
    /// counted, and meters let everything pass; a connection tracker is asked as for any packet.
    pub fn trace(&self, now: Instant, port: PortNo, frame: &Frame) -> Trace {
        let mut following = Following {
            switch: self,
            now,
            came_in: datapath_port(self.bridge, port),
            connection: None,
            trace: Trace::default(),
        };
        if frame.len() < SHORTEST_FRAME {
            following.dropped(DropReason::Runt);
            return following.trace;
        }
        let key = FlowKey::of(following.came_in.0, frame.as_slice());
        let mut out = Outbox::new();
        following.follow(&key, Entry::Port(self.bridge), frame.clone(), &mut out);
        let mut trace = following.trace;
        trace.sent = out.drain().collect();
        trace
    }
}

struct Following<'a, L: Lock<State>> {
    switch: &'a SoftSwitch<L>,
    now: Instant,
    came_in: PortNo,
    connection: Option<Connection>,
    trace: Trace,
}

impl<L: Lock<State>> Following<'_, L> {
    fn follow<E: Egress + ?Sized>(
        &mut self,
        key: &FlowKey,
        entry: Entry,
        frame: Frame,
        egress: &mut E,
    ) {
        let mut steps = Vec::new();
        let translation = self.switch.shared.state.read(|state| {
            let access = Access::Pretend(&state.pipeline);
            let mut translation = Translation::default();
            let sparse = SparseKey::from(key);
            let steps = Some(&mut steps);
            let result =
                Pipeline::translate(access, self.now, &sparse, entry, steps, &mut translation);
            result.map(|()| translation)
        });
        // To pretend needs no change.
        let Ok(translation) = translation else { return };
        let nothing = translation.ops.is_empty();
        self.trace.passes.push(Pass {
            key: *key,
            steps,
            final_key: *translation.final_key(),
            megaflow: Match::masked(key, translation.mask()),
            ops: translation.ops.clone(),
            reason: nothing.then_some(translation.reason),
        });
        execute(&translation.ops, translation.reason, frame, self, egress);
    }
}

impl<L: Lock<State>> Surroundings for Following<'_, L> {
    fn sends(&mut self, _: PortNo, _: &Frame) -> bool {
        true
    }

    fn to_controller(&mut self, packet: &ToController, frame: &Frame) {
        self.trace.to_controllers.push((packet.bridge, PacketIn::new(packet, frame)));
    }

    fn sample(&mut self, _: &Sample, _: &Frame) {}

    fn meter(&mut self, _: &MeterState, _: &Frame) -> Verdict {
        Verdict::Pass
    }

    fn track(&mut self, ct: &Ct, frame: &mut Frame) -> bool {
        let tracker = self.switch.config.tracker.as_ref();
        self.connection = conntrack::track(tracker, self.now, ct, frame);
        self.connection.is_some()
    }

    fn forget_connection(&mut self) {
        self.connection = None;
    }

    fn recirculate<E: Egress + ?Sized>(
        &mut self,
        frozen: &Arc<Frozen>,
        frame: Frame,
        egress: &mut E,
    ) {
        if self.trace.passes.len() >= MAX_PASSES {
            return self.dropped(DropReason::TooManyRecirculations);
        }
        let mut key = FlowKey::of(self.came_in.0, frame.as_slice());
        key.recirc_id = frozen.id().into();
        if let Some(connection) = &self.connection {
            connection.write(&mut key);
        }
        self.follow(&key, Entry::Frozen(frozen.clone()), frame, egress);
    }

    fn dropped(&mut self, reason: DropReason) {
        self.trace.dropped.push(reason);
    }
}
