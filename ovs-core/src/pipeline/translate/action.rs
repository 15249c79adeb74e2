//! One action.

use super::{Effect, Lookup, Stop, Todo, Walk};
use crate::action::{Action, Controller, PacketInReason, Subfield};
use crate::drops::DropReason;
use crate::edit::Edit;
use crate::field::{Field, Prerequisite};
use crate::key::FlowKey;
use crate::meter::MeterId;
use crate::op::Op;
use crate::port::{PortNo, TableId};
use crate::trace::Step;
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Walk<'_> {
    /// Does an action. It changes nothing before it has read what it needs.
    pub(super) fn act(&mut self, action: &Action) -> Result<(), Stop> {
        self.note(|| Step::Action(action.clone()));
        match action {
            Action::Output { port, max_len } => self.output_to(*port, *max_len),
            Action::OutputField { source, max_len } => {
                let port = self.load(*source)? as u32;
                let port =
                    if source.n_bits() <= 16 { crate::field::wide_port(port as u16) } else { port };
                self.output_to(PortNo(port), *max_len)
            }
            Action::OutputTruncated { port, max_len } => self.output_truncated(*port, *max_len),
            Action::Enqueue { port, queue } => self.enqueue(*port, *queue),
            Action::Group(group) => self.group(*group),
            Action::Controller(controller) => self.controller(controller),
            Action::Bundle(bundle) => self.bundle(bundle),
            Action::Multipath(multipath) => self.multipath(multipath),
            Action::Resubmit { port, table, with_ct } => self.resubmit(*port, *table, *with_ct),
            Action::Learn(learn) => self.learn(learn),
            Action::FinTimeout { idle, hard } => self.fin_timeout(*idle, *hard),
            Action::Clone(actions) => self.clone_packet(actions),
            // Only the action set is still done (ovs-actions(7), "The exit action").
            Action::Exit => {
                let todo = core::mem::take(&mut self.place.todo);
                let outermost = todo.iter().find(|todo| matches!(todo, Todo::Return { .. }));
                let action_set = todo.iter().find(|todo| matches!(todo, Todo::ActionSet));
                self.place.todo = action_set.into_iter().chain(outermost).cloned().collect();
                Ok(())
            }
            Action::CheckPacketLarger { length, destination } => {
                self.check_length(*length, *destination)
            }
            Action::Sample(sample) => {
                self.commit();
                self.emit(Op::Sample(**sample))
            }
            Action::Ct(ct) => self.ct(ct),
            Action::CtClear => self.ct_clear(),
            Action::SetQueue(queue) => {
                self.set_queue(*queue);
                Ok(())
            }
            Action::PopQueue => {
                let first = self.place.first_priority;
                self.key.set(Field::SkbPriority, first.into(), Field::SkbPriority.ones());
                Ok(())
            }
            Action::StackPush(source) => self.push_stack(*source),
            Action::StackPop(destination) => self.pop_stack(*destination),
            // They matter to who made the rule, or to the match.
            Action::Note(_) | Action::Conjunction { .. } | Action::Nat(_) => Ok(()),
            // Refused before they get into a rule.
            Action::Opaque(_)
            | Action::Encap(_)
            | Action::Decap(_)
            | Action::SetTunnelOption(_)
            | Action::DeleteField(_) => Ok(()),
            _ => self.change_headers(action),
        }
    }

    /// The actions that change the packet.
    fn change_headers(&mut self, action: &Action) -> Result<(), Stop> {
        match action {
            Action::Move { source, destination } | Action::CopyField { source, destination } => {
                self.copy_bits(*source, *destination)
            }
            Action::SetVlanVid(vid) => {
                let value = u128::from(vid & 0xfff);
                self.set_or_push_tag(Field::VlanVid, value)
            }
            Action::SetVlanPcp(pcp) => self.set_or_push_tag(Field::VlanPcp, u128::from(pcp & 7)),
            Action::PushVlan(tag_type) => self.push_vlan(*tag_type),
            Action::PopVlan | Action::StripVlan => self.pop_vlan(),
            Action::PushMpls(eth_type) => self.push_mpls(*eth_type),
            Action::PopMpls(eth_type) => self.pop_mpls(*eth_type),
            Action::PushPbb(eth_type) => self.push_pbb(*eth_type),
            Action::PopPbb => self.pop_pbb(),
            Action::CopyTtlOut => self.copy_ttl(Edit::CopyTtlOut),
            Action::CopyTtlIn => self.copy_ttl(Edit::CopyTtlIn),
            Action::DecIpTtl { controllers } => self.dec_ttl(Field::IpTtl, controllers),
            Action::DecMplsTtl => self.dec_ttl(Field::MplsTtl, &[]),
            Action::DecNshTtl => self.dec_ttl(Field::NshTtl, &[]),
            Action::SetTpSrc(port) => {
                self.set_transport([Field::TcpSrc, Field::UdpSrc, Field::SctpSrc], *port)
            }
            Action::SetTpDst(port) => {
                self.set_transport([Field::TcpDst, Field::UdpDst, Field::SctpDst], *port)
            }
            _ => self.assign(action),
        }
    }

    /// One less, or if nothing is left, the controllers are told and no more of the rule is done.
    fn dec_ttl(&mut self, field: Field, controllers: &[u16]) -> Result<(), Stop> {
        if !self.has(field.prerequisite())? {
            return Ok(());
        }
        let ttl = self.key.get(field)?;
        if ttl > 1 {
            self.key.set(field, ttl - 1, field.ones());
            return Ok(());
        }
        let controllers = if controllers.is_empty() { &[0] } else { controllers };
        for id in controllers {
            self.punt(PacketInReason::INVALID_TTL, u16::MAX, *id)?;
        }
        self.place.todo.pop();
        self.stays(DropReason::TtlOver);
        Ok(())
    }

    fn resubmit(
        &mut self,
        port: PortNo,
        table: Option<TableId>,
        with_ct: bool,
    ) -> Result<(), Stop> {
        let in_port = (port != PortNo::IN_PORT).then_some(port);
        let table = table.unwrap_or(self.place.table);
        let lookup = Lookup { table, in_port, with_ct, miss_counts: false };
        self.place.todo.push(Todo::Table(lookup));
        Ok(())
    }

    /// The copy has the action set too, which is done when its actions have been, as in Open vSwitch.
    fn clone_packet(&mut self, actions: &[Action]) -> Result<(), Stop> {
        let actions: Arc<[Action]> = actions.into();
        self.branch(|walk| {
            walk.place.todo.push(Todo::ActionSet);
            walk.add_actions(actions)
        })
    }

    pub(super) fn meter(&mut self, id: MeterId) -> Result<(), Stop> {
        let Some(meter) = self.bridge()?.meters.get(id).cloned() else { return Ok(()) };
        self.commit();
        if meter.remarks() && self.has(Prerequisite::Ip)? {
            // Nobody knows what it will be.
            let mut unknown = FlowKey::ZERO;
            Field::IpDscp.put(&mut unknown, u128::MAX, u128::MAX);
            self.key.hide(&unknown);
        }
        self.emit(Op::Meter(id, meter))
    }

    fn controller(&mut self, controller: &Controller) -> Result<(), Stop> {
        self.send_to_controller(controller)
    }

    /// TCP's flags are looked at only of TCP.
    fn fin_timeout(&mut self, idle: u16, hard: u16) -> Result<(), Stop> {
        const FIN: u128 = 1;
        const RST: u128 = 4;
        if !self.has(Prerequisite::Tcp)? || self.key.bits(Field::TcpFlags, FIN | RST)? == 0 {
            return Ok(());
        }
        if let Some(rule) = self.current_rule().cloned() {
            let bridge = self.place.bridge;
            self.apply(Effect::FinTimeout { bridge, rule, idle, hard })?;
        }
        Ok(())
    }

    /// What follows is translated for both lengths.
    fn check_length(&mut self, length: u16, destination: Subfield) -> Result<(), Stop> {
        self.commit();
        let rest = core::mem::take(&mut self.place.todo);
        let mut ways = [Vec::new(), Vec::new()];
        for (larger, way) in ways.iter_mut().enumerate() {
            let place = self.place.clone();
            let before = self.key.clone();
            let ops = core::mem::take(&mut self.ops);
            self.place.todo = rest.clone();
            let depth = self.depth;
            self.depth += 1;
            let result = if depth < super::MAX_DEPTH {
                self.store(destination, larger as u128).and_then(|()| self.run())
            } else {
                Err(Stop::Fault(DropReason::TooDeep))
            };
            self.depth = depth;
            *way = core::mem::replace(&mut self.ops, ops);
            self.key.restore(before);
            self.place = place;
            result?;
        }
        let [no, yes] = ways;
        self.emit(Op::CheckLength { longer_than: length, yes, no })
    }
}
