//! What becomes of a packet: pure translation of its key to ops.
//!
//! A [`Walk`] goes through the tables with one key. What remains to be done stands on a list of its own
//! (`todo`), not on the call stack: so the walk can stop anywhere, and go on later from a [`Frozen`] copy of
//! that list, with the key of the frame as it then is.
//!
//! ```text
//!  mod, place   the walk, and where it is            group       groups and their buckets
//!  action       one action                           normal      bridging by learned addresses
//!  rewrite      fields of the packet                 commit      from written fields to edits
//!  structure    headers put on and taken off         learn       rules made of packets
//!  output       ports                                hash        choices by a hash of the packet
//!  action_set   what is done at the end              freeze      stopping and going on
//!  table        rules looked up, what they say       mirror      copies for who watches
//! ```

mod action;
mod action_set;
mod commit;
mod freeze;
mod group;
mod hash;
mod learn;
mod mirror;
mod normal;
mod output;
mod place;
mod regions;
mod rewrite;
mod shelf;
mod structure;
mod table;

pub use freeze::Frozen;
pub(crate) use place::RuleNo;
use place::{ListNo, Lookup, Place, Sender, Todo};
use shelf::Shelf;

use super::{Bridge, FlowEntry, GroupEntry, Pipeline};
use crate::Instant;
use crate::action::{Action, Subfield};
use crate::classify::Version;
use crate::drops::DropReason;
use crate::field::{Field, Prerequisite};
use crate::flow::FlowMod;
use crate::key::tracked::{Hidden, TrackedKey};
use crate::key::{FlowKey, Mac, SparseKey};
use crate::op::Op;
use crate::port::{PortNo, TableId};
use crate::trace::{Depth, Step};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How deep resubmits to the same or an earlier table, groups, clones and patch ports may nest.
const MAX_DEPTH: usize = 64;
/// How many table lookups and groups one packet may take.
const MAX_STEPS: usize = 4096;
/// How many values the stack takes.
const MAX_STACK: usize = 1024;
/// How many ops a packet may take.
const MAX_OPS: usize = 16_384;
/// The value of `actset_output` while there is no output in the action set (`OFPP_UNSET`, OpenFlow 1.5.1
/// §7.2.1).
const ACTION_SET_WITHOUT_OUTPUT: PortNo = PortNo(0xffff_fff7);

/// What is to be done with all packets that agree in some bits, and what follows from them. It can be used
/// again, which saves making its lists.
#[derive(Debug)]
pub(crate) struct Translation {
    key: TrackedKey,
    pub(crate) ops: Vec<Op>,
    /// The rules that packets meet.
    pub(crate) rules: Shelf<Arc<FlowEntry>>,
    /// Whose statistics count the packets.
    pub(crate) credits: Vec<Credit>,
    /// What the packets tell.
    pub(crate) effects: Vec<Effect>,
    /// From then on it may be different, even if nothing else happens: an address will be too old.
    pub(crate) holds_until: Instant,
    /// Why nothing leaves, if nothing does.
    pub(crate) reason: DropReason,
    /// Did an effect change what other packets meet?
    pub(crate) changed: bool,
    /// Would the next packet of this key be translated otherwise, because of such an effect?
    pub(crate) stale: bool,
    todo: Vec<Todo>,
    lists: Shelf<Arc<[Action]>>,
}

impl Default for Translation {
    fn default() -> Self {
        Self {
            key: TrackedKey::default(),
            ops: Vec::new(),
            rules: Shelf::default(),
            credits: Vec::new(),
            effects: Vec::new(),
            holds_until: Instant::ZERO,
            reason: DropReason::RuleDrops,
            changed: false,
            stale: false,
            todo: Vec::new(),
            lists: Shelf::default(),
        }
    }
}

impl Translation {
    /// The bits of the packet that it stands on.
    pub(crate) fn mask(&self) -> &FlowKey {
        self.key.read()
    }

    /// The key at the end.
    pub(crate) fn final_key(&self) -> &FlowKey {
        self.key.peek()
    }
}

/// What counts packets that were translated so.
#[derive(Clone, Debug)]
pub(crate) enum Credit {
    /// A lookup in a table of a bridge, and the rule that was found.
    Table(usize, TableId, Option<RuleNo>),
    /// A group, and the number of the bucket if not all of them were taken.
    Group(Arc<GroupEntry>, Option<usize>),
    /// Mirrors of a bridge, by number.
    Mirror(usize, usize),
}

/// A consequence of a packet for what the pipeline knows.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    LearnMac { bridge: usize, vlan: u16, mac: Mac, port: PortNo },
    LearnRule { bridge: usize, change: Box<FlowMod>, limit: Option<u32> },
    FinTimeout { bridge: usize, rule: Arc<FlowEntry>, idle: u16, hard: u16 },
}

/// How a walk gets at the pipeline.
#[derive(Debug)]
pub(crate) enum Access<'a> {
    /// Effects that would change something make the walk fail with [`NeedsChange`].
    Look(&'a Pipeline),
    /// Effects happen at once.
    Change(&'a mut Pipeline),
    /// Effects do not happen: for a trace.
    Pretend(&'a Pipeline),
}

impl Access<'_> {
    pub(super) fn get(&self) -> &Pipeline {
        match self {
            Self::Look(pipeline) | Self::Pretend(pipeline) => pipeline,
            Self::Change(pipeline) => pipeline,
        }
    }
}

/// A packet changes the pipeline, which was only to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NeedsChange;

/// Where a packet enters.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// The first table of the bridge, by a port.
    Port(usize),
    /// The actions of a packet-out.
    Actions(usize, Arc<[Action]>),
    /// Where an earlier translation stopped.
    Frozen(Arc<Frozen>),
}

/// Why a step could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The frame must be looked at again first.
    Hidden,
    /// The packet is dropped, whatever was to be done with it before.
    Fault(DropReason),
    NeedsChange,
}

impl From<Hidden> for Stop {
    fn from(_: Hidden) -> Self {
        Self::Hidden
    }
}

struct Walk<'a> {
    access: Access<'a>,
    trace: Option<&'a mut Vec<(Depth, Step)>>,
    now: Instant,
    key: &'a mut TrackedKey,
    place: Place,
    depth: usize,
    steps: usize,
    /// The rules that were met, also before the walk was stopped.
    rules: &'a Shelf<Arc<FlowEntry>>,
    /// Actions that are not those of a rule.
    lists: &'a Shelf<Arc<[Action]>>,
    /// Of the tables: the packet does not see what it teaches them.
    version: Version,
    ops: Vec<Op>,
    n_ops: usize,
    credits: Vec<Credit>,
    effects: Vec<Effect>,
    holds_until: Instant,
    /// Why nothing has left until now.
    reason: DropReason,
    /// Has an effect changed what other packets meet?
    changed: bool,
    /// Has one changed what this walk may have met before?
    stale: bool,
    /// Were learned addresses looked at?
    looked_at_macs: bool,
}

impl Pipeline {
    /// What is to be done with packets of this key, in place of what `translation` said before.
    ///
    /// # Errors
    ///
    /// If the packet changes something and `access` is only for looking.
    pub(crate) fn translate(
        access: Access<'_>,
        now: Instant,
        key: &SparseKey,
        entry: Entry,
        trace: Option<&mut Vec<(Depth, Step)>>,
        translation: &mut Translation,
    ) -> Result<(), NeedsChange> {
        fn empty<T>(list: &mut Vec<T>) -> Vec<T> {
            list.clear();
            core::mem::take(list)
        }
        let version = access.get().version;
        let Translation { ops, rules, credits, effects, todo, lists, .. } = translation;
        let ops = empty(ops);
        rules.drain().for_each(drop);
        lists.drain().for_each(drop);
        let (credits, effects, todo) = (empty(credits), empty(effects), empty(todo));
        translation.key.start(key);
        let mut walk = Walk {
            access,
            trace,
            now,
            key: &mut translation.key,
            place: Place { todo, ..Place::new(0) },
            depth: 0,
            steps: 0,
            rules,
            lists,
            version,
            ops,
            n_ops: 0,
            credits,
            effects,
            holds_until: Instant::from_nanos(u64::MAX),
            reason: DropReason::RuleDrops,
            changed: false,
            stale: false,
            looked_at_macs: false,
        };
        let result = match walk.enter(entry).and_then(|()| walk.run()) {
            Ok(()) | Err(Stop::Hidden) => Ok(()),
            Err(Stop::Fault(reason)) => {
                walk.note(|| Step::Fault(reason));
                walk.ops.clear();
                walk.reason = reason;
                Ok(())
            }
            Err(Stop::NeedsChange) => Err(NeedsChange),
        };
        drop_useless(&mut walk.ops);
        let Walk { ops, credits, effects, place, holds_until, reason, changed, stale, .. } = walk;
        translation.ops = ops;
        (translation.credits, translation.effects) = (credits, effects);
        translation.todo = place.todo;
        (translation.holds_until, translation.reason) = (holds_until, reason);
        (translation.changed, translation.stale) = (changed, stale);
        result
    }
}

/// Takes off what no output follows.
fn drop_useless(ops: &mut Vec<Op>) {
    while let Some(Op::Edit(_) | Op::SetMark(_) | Op::SetPriority(_) | Op::CtClear) = ops.last() {
        ops.pop();
    }
}

/// Does an action neither look at what remains to be done nor add to it?
fn leaves_list_alone(action: &Action) -> bool {
    match action {
        Action::Output { port, .. } => *port != PortNo::TABLE,
        Action::SetField { .. } | Action::Load { .. } | Action::Move { .. } => true,
        _ => false,
    }
}

impl<'a> Walk<'a> {
    fn bridge(&self) -> Result<&Bridge, Stop> {
        let bridge = self.access.get().bridge(self.place.bridge);
        bridge.ok_or(Stop::Fault(DropReason::UnknownPort))
    }

    /// Tells a trace what happens.
    fn note(&mut self, step: impl FnOnce() -> Step) {
        if let Some(trace) = &mut self.trace {
            trace.push((self.depth, step()));
        }
    }

    /// The packet's in-port is of the datapath at first, and of its bridge from then on.
    fn enter(&mut self, entry: Entry) -> Result<(), Stop> {
        let dp_port = PortNo(self.key.in_port()?);
        self.key.get(Field::RecircId)?;
        match entry {
            Entry::Frozen(frozen) => return self.thaw(&frozen),
            Entry::Port(bridge) => {
                self.place.bridge = bridge;
                let (_, port) = super::ports::bridge_port(dp_port);
                self.key.set_in_port(port.0);
                self.receive(port)?;
            }
            Entry::Actions(bridge, actions) => {
                self.place.bridge = bridge;
                self.place.sender = Sender::PacketOut;
                self.note_action_set_output();
                self.key.set_in_port(dp_port.0);
                self.place.todo.push(Todo::ActionSet);
                self.add_actions(actions)?;
            }
        }
        self.place.first_priority = self.key.peek().skb_priority.get();
        Ok(())
    }

    /// Lets the packet in by a port of the bridge: mirrors, and then the first table.
    fn receive(&mut self, port: PortNo) -> Result<(), Stop> {
        let bridge = self.place.bridge;
        self.note(|| Step::Bridge { bridge, in_port: port });
        self.note_action_set_output();
        if let Some(reason) = self.refuses(port)? {
            self.stays(reason);
            return Ok(());
        }
        self.mirror_received(port)?;
        self.place.todo.push(Todo::ActionSet);
        match self.table(Lookup::first(TableId(0))) {
            Err(Stop::Hidden) => self.recirculate(),
            result => result,
        }
    }

    /// Nothing leaves by this step.
    fn stays(&mut self, reason: DropReason) {
        self.note(|| Step::Stays(reason));
        self.reason = reason;
    }

    fn emit(&mut self, op: Op) -> Result<(), Stop> {
        self.n_ops += 1;
        if self.n_ops > MAX_OPS {
            return Err(Stop::Fault(DropReason::TooManyOps));
        }
        self.ops.push(op);
        Ok(())
    }

    /// Brings into the packet what was written.
    fn commit(&mut self) {
        commit::commit(self.key, &mut self.ops);
    }

    /// Does what is on the list. A step that needs the frame to be looked at again ends the walk with
    /// an op that does that.
    fn run(&mut self) -> Result<(), Stop> {
        while let Some(todo) = self.place.todo.pop() {
            match self.step(todo) {
                // What was not done is on the list again.
                Err(Stop::Hidden) => return self.recirculate(),
                result => result?,
            }
        }
        Ok(())
    }

    fn step(&mut self, todo: Todo) -> Result<(), Stop> {
        let result = match todo {
            Todo::Applied(number, n) => {
                let Some(rule) = self.rule(number) else { return Ok(()) };
                return match self.applied(number, rule, n)? {
                    Some(table) => self.go_to(table),
                    None => Ok(()),
                };
            }
            Todo::Actions(list, n) => {
                let Some(actions) = self.lists.get(list.0) else { return Ok(()) };
                return self.do_actions(actions, n, |n| Todo::Actions(list, n)).map(|_| ());
            }
            Todo::Table(lookup) => return self.table(lookup),
            Todo::Meter(meter) => self.meter(meter),
            Todo::Return { table, rule, depth } => {
                self.place.table = table;
                self.place.rule = rule;
                self.depth = usize::from(depth);
                Ok(())
            }
            Todo::ActionSet => self.action_set(),
        };
        if result == Err(Stop::Hidden) {
            self.place.todo.push(todo);
        }
        result
    }

    /// Does actions from a place on, until one puts something else on the list: then `rest` of them is on it
    /// too. Says whether all have been done.
    fn do_actions(
        &mut self,
        actions: &[Action],
        n: u32,
        rest: impl Fn(u32) -> Todo,
    ) -> Result<bool, Stop> {
        for (n, action) in (n..).zip(actions.get(n as usize..).unwrap_or_default()) {
            let level = self.place.todo.len();
            let alone = leaves_list_alone(action);
            if !alone {
                self.place.todo.push(rest(n + 1));
            }
            let result = self.act(action);
            if result == Err(Stop::Hidden) {
                self.place.todo.truncate(level);
                self.place.todo.push(rest(n));
            }
            result?;
            if !alone {
                if self.place.todo.len() != level + 1
                    || self.place.todo.last() != Some(&rest(n + 1))
                {
                    return Ok(false);
                }
                self.place.todo.pop();
            }
        }
        Ok(true)
    }

    /// Puts actions on the list that are not those of a rule.
    fn add_actions(&mut self, actions: Arc<[Action]>) -> Result<(), Stop> {
        let list = self.lists.push(actions).ok_or(Stop::Fault(DropReason::TooManyOps))?;
        self.place.todo.push(Todo::Actions(ListNo(list), 0));
        Ok(())
    }

    /// A rule that was met.
    fn rule(&self, rule: RuleNo) -> Option<&'a Arc<FlowEntry>> {
        self.rules.get(rule.0)
    }

    /// The rule whose actions are being done.
    fn current_rule(&self) -> Option<&'a Arc<FlowEntry>> {
        self.rule(self.place.rule?)
    }

    /// Does something with a copy of the packet, of which nothing but its outputs is seen behind.
    fn branch(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.depth >= MAX_DEPTH {
            return Err(Stop::Fault(DropReason::TooDeep));
        }
        self.commit();
        let place = Place { todo: Vec::new(), ..self.place.clone() };
        let place = core::mem::replace(&mut self.place, place);
        let before = Box::new(self.key.clone());
        let ops = core::mem::take(&mut self.ops);
        let depth = self.depth;
        self.depth += 1;
        let result = work(self).and_then(|()| self.run());
        let mut branch = core::mem::replace(&mut self.ops, ops);
        drop_useless(&mut branch);
        self.depth = depth;
        let (bridge, mirrored) = (self.place.bridge, self.place.mirrored);
        self.place = place;
        if self.place.bridge == bridge {
            self.place.mirrored |= mirrored;
        }
        self.key.restore(*before);
        if crate::op::change_the_packet(&branch) {
            self.ops.push(Op::Clone(branch));
        } else {
            self.ops.append(&mut branch);
        }
        result
    }
}

/// Of the pipeline, for others.
impl Walk<'_> {
    /// Asks for a prerequisite, reading no more than that needs.
    fn has(&mut self, prerequisite: Prerequisite) -> Result<bool, Stop> {
        rewrite::has(self.key, prerequisite).map_err(Stop::from)
    }

    /// The value of a part of a field.
    fn load(&mut self, source: Subfield) -> Result<u128, Stop> {
        Ok(self.key.bits(source.field(), source.mask())? >> source.start())
    }

    fn apply(&mut self, effect: Effect) -> Result<bool, Stop> {
        let applied = match &mut self.access {
            Access::Pretend(_) => Ok(true),
            Access::Look(pipeline) if pipeline.is_news(self.now, &effect) => {
                return Err(Stop::NeedsChange);
            }
            Access::Look(_) => Ok(true),
            Access::Change(pipeline) => pipeline.apply(self.now, &effect).map(|applied| {
                self.changed |= applied.changed;
                let only_address = matches!(effect, Effect::LearnMac { .. });
                self.stale |= applied.changed && (self.looked_at_macs || !only_address);
                applied.done
            }),
        };
        match applied {
            Ok(done) => {
                self.effects.push(effect);
                Ok(done)
            }
            Err(error) => {
                self.note(|| Step::Refused(error));
                Ok(false)
            }
        }
    }
}
