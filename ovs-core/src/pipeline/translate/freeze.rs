//! Stopping a walk and going on later.

use super::{Lookup, Place, RuleNo, Stop, Todo, Walk, regions};
use crate::action::{Action, Ct};
use crate::field::Field;
use crate::key::FlowKey;
use crate::op::Op;
use crate::pipeline::FlowEntry;
use crate::port::TableId;
use crate::trace::Step;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// A walk that was stopped: where it was, what remains to be done, and what was written beside the frame.
///
/// It goes on when the frame, as it then is, has been looked at again.
#[derive(Clone)]
pub struct Frozen {
    place: Place,
    /// The rules that it names.
    rules: Vec<Arc<FlowEntry>>,
    /// The actions that are none of a rule's.
    lists: Vec<Arc<[Action]>>,
    /// What was written of what is not in the frame: these bits, with these values.
    written: FlowKey,
    value: FlowKey,
    depth: usize,
    steps: usize,
    /// What packets are told apart by that go on here: the `recirc_id` of their key.
    id: u32,
}

impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frozen(table {}, {} to do)", self.place.table, self.place.todo.len())
    }
}

impl Frozen {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }
}

impl Walk<'_> {
    /// What is left of this walk, in the table given if it goes on with a lookup.
    pub(super) fn frozen(&self, table: Option<TableId>) -> Arc<Frozen> {
        let mut place = self.place.clone();
        if let Some(table) = table {
            place.todo = vec![Todo::ActionSet, Todo::Table(Lookup::first(table))];
        }
        let mut kept = regions::metadata();
        if place.tracked {
            let connection = regions::connection();
            for (word, more) in kept.words_mut().iter_mut().zip(connection.words()) {
                *word |= more;
            }
        }
        let written = self.key.written().masked(&kept);
        let value = self.key.peek().masked(&written);
        let id = self.access.get().next_frozen();
        let rules = self.rules.iter().cloned().collect();
        let lists = self.lists.iter().cloned().collect();
        let (depth, steps) = (self.depth, self.steps);
        Arc::new(Frozen { place, rules, lists, written, value, depth, steps, id })
    }

    /// Ends the walk: the frame is looked at again, and then what remains is done.
    pub(super) fn recirculate(&mut self) -> Result<(), Stop> {
        self.commit();
        self.note(|| Step::Recirculate);
        let frozen = self.frozen(None);
        self.place.todo.clear();
        self.emit(Op::Recirculate(frozen))
    }

    /// Goes on.
    pub(super) fn thaw(&mut self, frozen: &Frozen) -> Result<(), Stop> {
        self.place = frozen.place.clone();
        for rule in &frozen.rules {
            self.rules.push(rule.clone());
        }
        for list in &frozen.lists {
            self.lists.push(list.clone());
        }
        self.depth = frozen.depth;
        self.steps = frozen.steps;
        let value = frozen.value;
        self.key.restructure(&FlowKey::ZERO, &frozen.written, |key| {
            let words = key.words_mut().iter_mut().zip(value.words()).zip(frozen.written.words());
            for ((word, value), written) in words {
                *word = *word & !written | value;
            }
        })?;
        let bridge = self.place.bridge;
        self.note(|| Step::Thaw { bridge });
        Ok(())
    }

    /// The connection tracker looks at the packet. With a table, a copy goes on there with what was found out;
    /// this one goes on without.
    pub(super) fn ct(&mut self, ct: &Ct) -> Result<(), Stop> {
        let mut ct = ct.clone();
        if let crate::action::CtZone::Field(zone) = ct.zone {
            let zone = self.load(zone)?;
            ct.zone = crate::action::CtZone::Number(zone as u16);
        }
        self.commit();
        let table = ct.table;
        let mut ops: Vec<_> = vec![Op::Ct(Box::new(ct))];
        let Some(table) = table else {
            return self.emit(ops.remove(0));
        };
        let tracked = core::mem::replace(&mut self.place.tracked, true);
        ops.push(Op::Recirculate(self.frozen(Some(table))));
        self.place.tracked = tracked;
        if self
            .place
            .todo
            .iter()
            .all(|todo| self.is_idle(*todo, self.place.action_set.output().is_none()))
        {
            // Nothing follows: no copy is needed.
            self.place.todo.clear();
            return ops.into_iter().try_for_each(|op| self.emit(op));
        }
        self.emit(Op::Clone(ops))?;
        self.forget_connection()
    }

    pub(super) fn ct_clear(&mut self) -> Result<(), Stop> {
        if !self.place.tracked {
            return Ok(());
        }
        self.commit();
        self.emit(Op::CtClear)?;
        self.forget_connection()
    }

    fn forget_connection(&mut self) -> Result<(), Stop> {
        let connection = regions::connection();
        self.place.tracked = false;
        self.key.restructure(&FlowKey::ZERO, &connection, |key| {
            for field in [Field::CtState, Field::CtZone, Field::CtMark, Field::CtLabel] {
                field.put(key, 0, u128::MAX);
            }
            for (word, region) in key.words_mut().iter_mut().zip(connection.words()) {
                *word &= !region;
            }
        })?;
        Ok(())
    }
}

impl Walk<'_> {
    /// Does this part of the list do nothing?
    fn is_idle(&self, todo: Todo, action_set_is_idle: bool) -> bool {
        let does_nothing = |rule: RuleNo| {
            let instructions = self.rule(rule).map(|rule| &rule.instructions);
            instructions.is_none_or(|all| all.goto.is_none() && all.written().is_empty())
        };
        match todo {
            Todo::Return { .. } => true,
            Todo::ActionSet => action_set_is_idle,
            Todo::Actions(list, n) => {
                self.lists.get(list.0).is_none_or(|actions| n as usize >= actions.len())
            }
            Todo::Applied(rule, n) => {
                let applied = self.rule(rule).map(|rule| rule.instructions.applied());
                applied.is_none_or(|applied| n as usize >= applied.len()) && does_nothing(rule)
            }
            Todo::Table(_) | Todo::Meter(_) => false,
        }
    }
}
