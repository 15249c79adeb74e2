//! Rules made of packets.

use super::{Effect, Stop, Walk};
use crate::action::{Action, Learn, LearnDestination, LearnFlags, LearnSource, LearnSpec};
use crate::drops::DropReason;
use crate::flow::{FlowFlags, FlowMod, FlowModCommand};
use crate::port::PortNo;
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Walk<'_> {
    pub(super) fn learn(&mut self, learn: &Learn) -> Result<(), Stop> {
        let change = self.learned(learn)?;
        let limit = learn.limit.map(|limit| limit.rules);
        let bridge = self.place.bridge;
        let effect = Effect::LearnRule { bridge, change: Box::new(change), limit };
        let done = self.apply(effect)?;
        match learn.limit.and_then(|limit| limit.result) {
            Some(result) => self.store(result, u128::from(done)),
            None => Ok(()),
        }
    }

    /// The change that puts the rule into its table (ovs-actions(7), "The learn action").
    fn learned(&mut self, learn: &Learn) -> Result<FlowMod, Stop> {
        let mut change = FlowMod::new(FlowModCommand::ModifyStrict);
        let mut actions = Vec::new();
        if (learn.fin_idle_timeout, learn.fin_hard_timeout) != (0, 0) {
            let (idle, hard) = (learn.fin_idle_timeout, learn.fin_hard_timeout);
            actions.push(Action::FinTimeout { idle, hard });
        }
        for spec in &learn.specs {
            self.learned_part(spec, &mut change, &mut actions)?;
        }
        change.table = learn.table;
        change.priority = learn.priority;
        change.cookie = Some(learn.cookie);
        change.updates_cookie = true;
        change.idle_timeout = learn.idle_timeout;
        change.hard_timeout = learn.hard_timeout;
        if learn.flags.contains(LearnFlags::SEND_FLOW_REM) {
            change.flags |= FlowFlags::SEND_FLOW_REM;
        }
        change.instructions.apply = Some(actions);
        Ok(change)
    }

    fn learned_part(
        &mut self,
        spec: &LearnSpec,
        change: &mut FlowMod,
        actions: &mut Vec<Action>,
    ) -> Result<(), Stop> {
        let value = match &spec.source {
            LearnSource::Field(source) => self.load(*source)?,
            // In network byte order; longer ones than a field can be have zeros in front.
            LearnSource::Immediate(bytes) => {
                bytes.iter().fold(0u128, |value, byte| value << 8 | u128::from(*byte))
            }
        };
        match spec.destination {
            LearnDestination::Match(to) => {
                let field = to.field();
                let (old, mask) = change.matching.get(field).unwrap_or_default();
                let region = to.mask();
                let value = old & !region | value << to.start() & region;
                let set = change.matching.set(field, value, mask | region);
                set.map_err(|_| Stop::Fault(DropReason::BadLearn))
            }
            LearnDestination::Load(to) => {
                let mask = to.mask();
                let value = value << to.start() & mask;
                actions.push(Action::SetField { field: to.field(), value, mask });
                Ok(())
            }
            LearnDestination::Output => {
                let port = PortNo(value as u32);
                let port = if spec.n_bits <= 16 {
                    PortNo(crate::field::wide_port(value as u16))
                } else {
                    port
                };
                let known = [PortNo::IN_PORT, PortNo::FLOOD, PortNo::LOCAL, PortNo::ALL];
                if port.0 < 0xff00 || known.contains(&port) {
                    actions.push(Action::output(port));
                }
                Ok(())
            }
        }
    }
}
