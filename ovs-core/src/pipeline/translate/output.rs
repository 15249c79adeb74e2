//! Ports that packets leave by.

use super::{ACTION_SET_WITHOUT_OUTPUT, Lookup, Sender, Stop, Todo, Walk, regions};
use crate::action::{Controller, PacketInReason};
use crate::drops::DropReason;
use crate::edit::Edit;
use crate::field::Field;
use crate::key::{FRAG_ANY, FlowKey};
use crate::matching::Match;
use crate::op::{Op, ToController};
use crate::pipeline::FragmentHandling;
use crate::pipeline::ports::datapath_port;
use crate::port::{PortConfig, PortNo, PortState, QueueId, TableId};
use crate::trace::Step;
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Walk<'_> {
    /// Why nothing that comes in by this port is let in.
    pub(super) fn refuses(&mut self, port: PortNo) -> Result<Option<DropReason>, Stop> {
        let bridge = self.bridge()?;
        let Some(config) = bridge.ports.get(port).map(|port| port.config) else {
            return Ok(Some(DropReason::UnknownPort));
        };
        if config.contains(PortConfig::PORT_DOWN) {
            return Ok(Some(DropReason::InputDown));
        }
        if config.contains(PortConfig::NO_RECV) {
            return Ok(Some(DropReason::NoReceive));
        }
        if bridge.is_mirror_output(port) {
            return Ok(Some(DropReason::MirrorOutput));
        }
        Ok(self.drops_fragment()?.then_some(DropReason::Fragment))
    }

    /// Is it a fragment, and the bridge drops those?
    pub(super) fn drops_fragment(&mut self) -> Result<bool, Stop> {
        Ok(self.bridge()?.fragments == FragmentHandling::Drop
            && self.key.bits(Field::IpFrag, FRAG_ANY.into())? != 0)
    }

    /// Is the controller not told of packets from this port for which there is no rule?
    pub(super) fn keeps_packet_ins(&mut self) -> Result<bool, Stop> {
        let port = self.in_port()?;
        let port = self.bridge()?.ports.get(port);
        Ok(port.is_some_and(|port| port.config.contains(PortConfig::NO_PACKET_IN)))
    }

    /// An output action.
    pub(super) fn output_to(&mut self, port: PortNo, max_len: u16) -> Result<(), Stop> {
        let in_port = self.in_port()?;
        match port {
            PortNo::IN_PORT => self.output(in_port),
            PortNo::TABLE => {
                self.place.todo.push(Todo::Table(Lookup::first(TableId(0))));
                Ok(())
            }
            PortNo::NORMAL => self.normal(),
            PortNo::FLOOD => self.flood(in_port, PortConfig::NO_FLOOD),
            PortNo::ALL => self.flood(in_port, PortConfig::empty()),
            PortNo::CONTROLLER => {
                let reason = match self.place.sender {
                    Sender::Action => PacketInReason::ACTION,
                    Sender::ActionSet => PacketInReason::ACTION_SET,
                    Sender::Group => PacketInReason::GROUP,
                    Sender::PacketOut => PacketInReason::PACKET_OUT,
                };
                self.punt(reason, max_len, 0)
            }
            PortNo::ANY => Ok(()),
            _ if port == in_port => {
                self.stays(DropReason::OutputIsInput);
                Ok(())
            }
            _ => self.output(port),
        }
    }

    /// All ports but the one that it came in by, and those with this in their configuration.
    fn flood(&mut self, in_port: PortNo, but: PortConfig) -> Result<(), Stop> {
        let ports: Vec<_> = self
            .bridge()?
            .ports
            .iter()
            .filter(|(number, port)| *number != in_port && !port.config.intersects(but))
            .map(|(number, _)| number)
            .collect();
        if ports.is_empty() {
            self.stays(DropReason::NoOtherPort);
        }
        ports.into_iter().try_for_each(|port| self.output(port))
    }

    /// A copy of the packet as it is now leaves by a port of the bridge, also by the one that it came in by.
    pub(super) fn output(&mut self, port: PortNo) -> Result<(), Stop> {
        let Some(found) = self.bridge()?.ports.get(port) else {
            self.note(|| Step::Output { port, sent: false });
            self.stays(DropReason::NoSuchOutput);
            return Ok(());
        };
        let (patch, refused) = (found.patch, refuses_output(found.config, found.state));
        self.note(|| Step::Output { port, sent: refused.is_none() });
        if let Some(reason) = refused {
            self.stays(reason);
            return Ok(());
        }
        match patch {
            Some(Some((bridge, port))) => self.cross(bridge, port)?,
            Some(None) => self.stays(DropReason::NoSuchOutput),
            None => {
                self.commit();
                let port = datapath_port(self.place.bridge, port);
                self.emit(Op::Output(port))?;
            }
        }
        self.mirror_sent(port)
    }

    /// Through a patch port into another bridge, as a new packet there: it meets the tables as they are now, with
    /// what it has taught them.
    fn cross(&mut self, bridge: usize, port: PortNo) -> Result<(), Stop> {
        if self.access.get().bridge(bridge).is_none_or(|bridge| bridge.ports.get(port).is_none()) {
            self.stays(DropReason::NoSuchOutput);
            return Ok(());
        }
        self.steps += 1;
        let version = core::mem::replace(&mut self.version, self.access.get().version);
        let result = self.branch(|walk| {
            let first_priority = walk.place.first_priority;
            walk.place = super::Place { first_priority, ..super::Place::new(bridge) };
            let forgotten = [Field::Metadata, Field::ConjId].into_iter().chain([
                Field::Xxreg0,
                Field::Xxreg1,
                Field::Xxreg2,
                Field::Xxreg3,
            ]);
            forgotten.for_each(|field| walk.key.set(field, 0, field.ones()));
            let connection = regions::connection();
            walk.key.restructure(&FlowKey::ZERO, &connection, |key| {
                for (word, region) in key.words_mut().iter_mut().zip(connection.words()) {
                    *word &= !region;
                }
            })?;
            walk.key.set_in_port(port.0);
            walk.receive(port)
        });
        self.version = version;
        result
    }

    /// Only the frame that leaves is cut off.
    pub(super) fn output_truncated(&mut self, port: PortNo, max_len: u32) -> Result<(), Stop> {
        self.branch(|walk| {
            walk.emit(Op::Edit(Edit::Truncate(max_len)))?;
            walk.output_to(port, u16::MAX)
        })
    }

    /// By a queue: only what leaves by this output has it.
    pub(super) fn enqueue(&mut self, port: PortNo, queue: QueueId) -> Result<(), Stop> {
        let priority = self.key.get(Field::SkbPriority)?;
        self.set_queue(queue);
        self.output_to(port, 0)?;
        self.key.set(Field::SkbPriority, priority, Field::SkbPriority.ones());
        Ok(())
    }

    /// To the controllers, with what is known of the packet.
    pub(super) fn punt(
        &mut self,
        reason: PacketInReason,
        max_len: u16,
        id: u16,
    ) -> Result<(), Stop> {
        self.send_to_controller(&Controller { max_len, id, reason, ..Controller::default() })
    }

    pub(super) fn send_to_controller(&mut self, controller: &Controller) -> Result<(), Stop> {
        let mut reason = controller.reason;
        let misses = self.current_rule().is_some_and(|rule| rule.is_table_miss());
        if reason == PacketInReason::ACTION && misses {
            // What the entry for misses sends is a miss too (OpenFlow 1.3.5 §5.4).
            reason = PacketInReason::NO_MATCH;
            if self.keeps_packet_ins()? {
                return Ok(());
            }
        }
        let metadata = Match::masked(&self.metadata()?, &told_metadata(self.key.peek()));
        let meter = match controller.meter {
            Some(id) => self.bridge()?.meters.get(id).cloned().map(|state| (id, state)),
            None => None,
        };
        self.commit();
        let continuation = controller.pause.then(|| self.frozen(None));
        self.note(|| Step::ToController(reason));
        self.emit(Op::Controller(Box::new(ToController {
            bridge: self.place.bridge,
            id: controller.id,
            reason,
            table: self.place.table,
            cookie: self.current_rule().map(|rule| rule.cookie),
            max_len: controller.max_len,
            userdata: controller.userdata.clone(),
            metadata,
            continuation,
            meter,
        })))?;
        if controller.pause {
            self.place.todo.clear();
        }
        Ok(())
    }
}

fn refuses_output(config: PortConfig, state: PortState) -> Option<DropReason> {
    if config.contains(PortConfig::PORT_DOWN) || state.contains(PortState::LINK_DOWN) {
        Some(DropReason::OutputDown)
    } else if config.contains(PortConfig::NO_FWD) {
        Some(DropReason::NoForward)
    } else if state.contains(PortState::BLOCKED) {
        Some(DropReason::OutputDown)
    } else {
        None
    }
}

/// What a controller is told of a packet besides its bytes: the in-port, and what is not zero.
fn told_metadata(key: &FlowKey) -> FlowKey {
    let mut mask = FlowKey::ZERO;
    Field::InPort.put(&mut mask, u128::MAX, u128::MAX);
    let told = [
        Field::Metadata,
        Field::TunId,
        Field::TunSrc,
        Field::TunDst,
        Field::TunIpv6Src,
        Field::TunIpv6Dst,
        Field::TunFlags,
        Field::TunGbpId,
        Field::TunGbpFlags,
        Field::PktMark,
        Field::Reg0,
        Field::Reg1,
        Field::Reg2,
        Field::Reg3,
        Field::Reg4,
        Field::Reg5,
        Field::Reg6,
        Field::Reg7,
        Field::Reg8,
        Field::Reg9,
        Field::Reg10,
        Field::Reg11,
        Field::Reg12,
        Field::Reg13,
        Field::Reg14,
        Field::Reg15,
        Field::CtState,
        Field::CtZone,
        Field::CtMark,
        Field::CtLabel,
    ];
    for field in told {
        if field.get(key).is_some_and(|value| value != 0) {
            field.put(&mut mask, u128::MAX, u128::MAX);
        }
    }
    if key.actset_output.get() != ACTION_SET_WITHOUT_OUTPUT.0 {
        Field::ActsetOutput.put(&mut mask, u128::MAX, u128::MAX);
    }
    mask
}
