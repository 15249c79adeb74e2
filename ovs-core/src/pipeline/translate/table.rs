//! Tables looked up, and what rules say.

use super::{
    ACTION_SET_WITHOUT_OUTPUT, Credit, Lookup, MAX_DEPTH, MAX_STEPS, RuleNo, Sender, Stop, Todo,
    Walk,
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

/// What a lookup finds.
enum Met<'a> {
    Rule(RuleNo, &'a FlowEntry),
    /// No rule; perhaps the packet goes on to another table.
    Nothing(Option<TableId>),
}

impl<'a> Walk<'a> {
    /// Looks a table up and does what the rule says, and those of the tables that it goes to. Then the walk is
    /// back where it was.
    pub(super) fn table(&mut self, lookup: Lookup) -> Result<(), Stop> {
        self.tables(lookup, true)
    }

    /// The same for a table that a rule goes to: nothing comes back from there.
    pub(super) fn go_to(&mut self, table: TableId) -> Result<(), Stop> {
        self.tables(Lookup::first(table), false)
    }

    fn tables(&mut self, mut lookup: Lookup, mut comes_back: bool) -> Result<(), Stop> {
        loop {
            let next = match self.meet(lookup) {
                Ok(Met::Rule(number, rule)) => {
                    if core::mem::take(&mut comes_back) {
                        self.place.todo.push(Todo::Return {
                            table: self.place.table,
                            rule: self.place.rule,
                            depth: self.depth as u16,
                        });
                        self.depth += usize::from(self.deepens(lookup.table));
                    }
                    self.begin_rule(lookup.table, number, rule)?
                }
                Ok(Met::Nothing(next)) => next,
                Err(stop) => return Err(self.look_again(stop, lookup)),
            };
            let Some(next) = next else { return Ok(()) };
            lookup = Lookup::first(next);
        }
    }

    /// If a lookup needs what is hidden, it is made again.
    fn look_again(&mut self, stop: Stop, lookup: Lookup) -> Stop {
        if stop == Stop::Hidden {
            self.place.todo.push(Todo::Table(lookup));
        }
        stop
    }

    /// Is a lookup in this table deeper than the actions that ask for it?
    fn deepens(&self, table: TableId) -> bool {
        self.place.rule.is_some() && table <= self.place.table
    }

    fn meet(&mut self, lookup: Lookup) -> Result<Met<'a>, Stop> {
        let Lookup { table, in_port, with_ct, miss_counts } = lookup;
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Stop::Fault(DropReason::TooManyResubmits));
        }
        if self.depth + usize::from(self.deepens(table)) > MAX_DEPTH {
            return Err(Stop::Fault(DropReason::TooDeep));
        }
        // Those of a controller, or that became one, are not looked up either.
        if self.drops_fragment()? {
            self.stays(DropReason::Fragment);
            return Ok(Met::Nothing(None));
        }
        let (rule, conjunction) = self.lookup(table, in_port, with_ct)?.unzip();
        let now = self.now;
        self.note(|| {
            let rule = rule.as_ref().map(|rule| Box::new(rule.describe(now)));
            Step::Table { table, rule, conjunction: conjunction.flatten() }
        });
        let number = match rule {
            Some(rule) => {
                let number = self.rules.push(rule);
                Some(RuleNo(number.ok_or(Stop::Fault(DropReason::TooManyResubmits))?))
            }
            None => None,
        };
        self.credits.push(Credit::Table(self.place.bridge, table, number));
        match number.and_then(|number| Some((number, self.rule(number)?))) {
            Some((number, rule)) => Ok(Met::Rule(number, rule)),
            None if miss_counts => self.miss(table).map(Met::Nothing),
            None => Ok(Met::Nothing(None)),
        }
    }

    /// Does what a rule says, and tells to which table it goes. With a meter that remains to be done.
    fn begin_rule(
        &mut self,
        table: TableId,
        number: RuleNo,
        rule: &FlowEntry,
    ) -> Result<Option<TableId>, Stop> {
        self.place.rule = Some(number);
        self.place.table = table;
        if let Some(meter) = rule.instructions.meter {
            self.place.todo.extend([Todo::Applied(number, 0), Todo::Meter(meter)]);
            return Ok(None);
        }
        self.applied(number, rule, 0)
    }

    /// Does the applied actions of a rule from a place on, and then the rest of what it says.
    pub(super) fn applied(
        &mut self,
        number: RuleNo,
        rule: &FlowEntry,
        n: u32,
    ) -> Result<Option<TableId>, Stop> {
        let all = self.do_actions(rule.instructions.applied(), n, |n| Todo::Applied(number, n))?;
        Ok(if all { self.instructions(rule) } else { None })
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
            self.key.set_in_port(port.0);
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

    /// No rule matches: it depends on the table. The next one, if that is where the packet goes.
    fn miss(&mut self, table: TableId) -> Result<Option<TableId>, Stop> {
        let bridge = self.bridge()?;
        let to_controller = match bridge.tables.miss(table) {
            Miss::Continue if table < TableId::MAX => {
                return Ok(Some(TableId(table.0 + 1)));
            }
            Miss::Default => bridge.tells_misses,
            Miss::Controller => true,
            Miss::Continue | Miss::Drop => false,
        };
        if to_controller && !self.keeps_packet_ins()? {
            self.place.table = table;
            self.place.rule = None;
            self.punt(PacketInReason::NO_MATCH, u16::MAX, 0)?;
            return Ok(None);
        }
        self.stays(DropReason::NoRule);
        Ok(None)
    }

    /// What a rule says behind its applied actions. Where the packet goes, if anywhere.
    fn instructions(&mut self, rule: &FlowEntry) -> Option<TableId> {
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
        instructions.goto
    }

    /// The field `actset_output` follows the action set (ovs-fields(7)).
    pub(super) fn note_action_set_output(&mut self) {
        let port = self.place.action_set.output().unwrap_or(ACTION_SET_WITHOUT_OUTPUT);
        self.key.set_actset_output(port.0);
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
