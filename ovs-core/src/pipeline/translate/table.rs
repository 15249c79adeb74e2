//! Tables looked up, and what rules say.

use super::{
    ACTION_SET_WITHOUT_OUTPUT, Credit, MAX_DEPTH, MAX_STEPS, RuleNo, Sender, Stop, Todo, Walk,
};
use crate::action::PacketInReason;
use crate::drops::DropReason;
use crate::field::Field;
use crate::key::{FRAG_ANY, FlowKey};
use crate::pipeline::tables::Found;
use crate::pipeline::{FlowEntry, FragmentHandling};
use crate::port::{PortNo, TableId};
use crate::table::Miss;
use crate::trace::Step;
use alloc::boxed::Box;

impl Walk<'_> {
    /// Looks a table up, and puts what the rule says on the list.
    pub(super) fn table(
        &mut self,
        table: TableId,
        in_port: Option<PortNo>,
        with_ct: bool,
        miss_counts: bool,
    ) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Stop::Fault(DropReason::TooManyResubmits));
        }
        let deepens = self.place.rule.is_some() && table <= self.place.table;
        if self.depth + usize::from(deepens) > MAX_DEPTH {
            return Err(Stop::Fault(DropReason::TooDeep));
        }
        // Those of a controller, or that became one, are not looked up either.
        if self.drops_fragment()? {
            self.stays(DropReason::Fragment);
            return Ok(());
        }
        let (rule, conjunction) = self.lookup(table, in_port, with_ct)?.unzip();
        let conjunction = conjunction.flatten();
        let now = self.now;
        self.note(|| {
            let rule = rule.as_ref().map(|rule| Box::new(rule.describe(now)));
            Step::Table { table, rule, conjunction }
        });
        let number = match rule {
            Some(rule) => {
                let number = self.rules.push(rule);
                Some(RuleNo(number.ok_or(Stop::Fault(DropReason::TooManyResubmits))?))
            }
            None => None,
        };
        self.credits.push(Credit::Table(self.place.bridge, table, number));
        let Some((number, rule)) = number.and_then(|number| Some((number, self.rule(number)?)))
        else {
            return if miss_counts { self.miss(table) } else { Ok(()) };
        };
        self.place.todo.push(Todo::Return {
            table: self.place.table,
            rule: self.place.rule.replace(number),
            depth: self.depth as u16,
        });
        self.depth += usize::from(deepens);
        self.place.table = table;
        let meter = rule.instructions.meter;
        self.place.todo.push(Todo::Applied(number, 0));
        self.place.todo.extend(meter.map(Todo::Meter));
        Ok(())
    }

    /// The rule that applies. Fragments have no ports, unless the bridge shall tell them apart.
    fn lookup(
        &mut self,
        table: TableId,
        in_port: Option<PortNo>,
        with_ct: bool,
    ) -> Result<Option<Found>, Stop> {
        let before = (in_port.is_some() || with_ct).then(|| Box::new(self.key.clone()));
        if let Some(port) = in_port {
            self.key.set(Field::InPort, port.0.into(), Field::InPort.ones());
        }
        let found = match with_ct && !self.swap_connection()? {
            true => Ok(None),
            false => self.find_fragment(table),
        };
        // What the packet was taken for is over with the lookup.
        if let Some(before) = before {
            self.key.restore(*before);
        }
        found
    }

    fn find_fragment(&mut self, table: TableId) -> Result<Option<Found>, Stop> {
        let found = self.find(table)?;
        let ports = |key: &FlowKey| key.tp_src.get() | key.tp_dst.get();
        let looked_at_ports = ports(self.key.read()) | ports(self.key.written()) != 0;
        let asks = looked_at_ports && self.bridge()?.fragments == FragmentHandling::Normal;
        if !asks || self.key.bits(Field::IpFrag, FRAG_ANY.into())? == 0 {
            return Ok(found);
        }
        let before = Box::new(self.key.clone());
        for field in [Field::TcpSrc, Field::TcpDst] {
            self.key.set(field, 0, field.ones());
        }
        let found = self.find(table);
        self.key.restore(*before);
        found
    }

    fn find(&mut self, table: TableId) -> Result<Option<Found>, Stop> {
        let pipeline = self.access.get();
        let Some(bridge) = pipeline.bridge(self.place.bridge) else { return Ok(None) };
        Ok(bridge.tables.lookup(table, self.version, self.key)?)
    }

    /// No rule matches: it depends on the table.
    fn miss(&mut self, table: TableId) -> Result<(), Stop> {
        let bridge = self.bridge()?;
        let to_controller = match bridge.tables.miss(table) {
            Miss::Continue if table < TableId::MAX => {
                return self.table(TableId(table.0 + 1), None, false, true);
            }
            Miss::Default => bridge.tells_misses,
            Miss::Controller => true,
            Miss::Continue | Miss::Drop => false,
        };
        if to_controller && !self.keeps_packet_ins()? {
            self.place.table = table;
            return self.punt(PacketInReason::NO_MATCH, u16::MAX, 0);
        }
        self.stays(DropReason::NoRule);
        Ok(())
    }

    /// What a rule says behind its applied actions.
    pub(super) fn instructions(&mut self, rule: &FlowEntry) -> Result<(), Stop> {
        let instructions = &rule.instructions;
        if instructions.clear {
            self.place.action_set.clear();
            self.note_action_set_output();
        }
        if !instructions.written().is_empty() {
            self.place.action_set.write(instructions.written());
            self.note_action_set_output();
        }
        if let Some(metadata) = instructions.metadata {
            self.key.set(Field::Metadata, metadata.value.into(), metadata.mask.into());
        }
        if let Some(table) = instructions.goto {
            let todo = Todo::Table { table, in_port: None, with_ct: false, miss_counts: true };
            self.place.todo.push(todo);
        }
        Ok(())
    }

    /// The field `actset_output` follows the action set (ovs-fields(7)).
    pub(super) fn note_action_set_output(&mut self) {
        let port = self.place.action_set.output().unwrap_or(ACTION_SET_WITHOUT_OUTPUT);
        self.key.set(Field::ActsetOutput, port.0.into(), Field::ActsetOutput.ones());
    }

    pub(super) fn action_set(&mut self) -> Result<(), Stop> {
        let actions = self.place.action_set.take();
        if actions.is_empty() {
            return Ok(());
        }
        self.note(|| Step::ActionSet);
        self.place.sender = Sender::ActionSet;
        self.add_actions(actions.into())
    }
}
