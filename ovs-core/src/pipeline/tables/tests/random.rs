//! Random changes, compared with the model; what is undone is as it was.

use super::model::{self, Model, Refusal, Row, row};
use super::*;
use alloc::boxed::Box;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Change(Box<FlowMod>),
    /// The changes are made in one version, and taken back.
    Undone(Vec<FlowMod>),
    /// That entry gets a packet.
    Packet(usize),
    /// So many seconds go by.
    Wait(u64),
    Purge,
}

fn matching() -> impl Strategy<Value = Match> {
    let field = |field: Field, values: [u128; 2]| {
        prop::option::of(
            prop::sample::select(values.to_vec()).prop_map(move |value| (field, value)),
        )
    };
    let fields = (
        field(Field::InPort, [1, 2]),
        field(Field::EthType, [0x800, 0x86dd]),
        field(Field::Metadata, [0, 5]),
    );
    fields.prop_map(|(a, b, c)| {
        let mut matching = Match::new();
        for (field, value) in [a, b, c].into_iter().flatten() {
            matching.set(field, value, field.ones()).unwrap();
        }
        matching
    })
}

fn instructions() -> impl Strategy<Value = Instructions> {
    let write = |actions| Instructions { write: Some(actions), ..Instructions::none() };
    prop::sample::select(vec![
        Instructions::none(),
        Instructions::apply([output(1)]),
        Instructions::apply([output(2), Action::Group(GroupId(1))]),
        Instructions::apply([Action::Clone(vec![output(1)])]),
        write(vec![output(2)]),
        write(vec![Action::Group(GroupId(2))]),
    ])
}

fn cookies() -> impl Strategy<Value = (Option<u64>, CookieFilter, bool)> {
    let masks = prop::sample::select(vec![0, 0, 1, u64::MAX]);
    let filter = (0..4u64, masks).prop_map(|(value, mask)| CookieFilter { value, mask });
    (prop::option::of(0..4u64), filter, any::<bool>())
}

fn change() -> impl Strategy<Value = FlowMod> {
    use FlowModCommand::{Add, Delete, DeleteStrict, Modify, ModifyStrict};
    let command =
        prop::sample::select(vec![Add, Add, Add, Modify, ModifyStrict, Delete, DeleteStrict]);
    let table = prop::sample::select(vec![TableId(0), TableId(1), TableId::ALL]);
    let timeout = || prop::sample::select(vec![0, 0, 3, 10u16]);
    let flags = prop::sample::select(vec![0, 0, 0, 1, 2, 4u16]);
    let what = (matching(), 1..4u16, instructions(), 0..3u16);
    let whose = (
        prop::sample::select(vec![PortNo::ANY, PortNo::ANY, PortNo(1), PortNo(2)]),
        prop::sample::select(vec![GroupId::ANY, GroupId::ANY, GroupId(1)]),
    );
    (command, table, timeout(), timeout(), flags, cookies(), what, whose).prop_map(
        |(command, table, idle_timeout, hard_timeout, flags, cookies, what, whose)| {
            let (cookie, cookie_filter, updates_cookie) = cookies;
            let (matching, priority, instructions, importance) = what;
            let (out_port, out_group) = whose;
            FlowMod {
                table,
                matching,
                priority,
                cookie,
                updates_cookie,
                cookie_filter,
                idle_timeout,
                hard_timeout,
                importance,
                out_port,
                out_group,
                flags: FlowFlags::from_bits_retain(flags),
                instructions,
                ..FlowMod::new(command)
            }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => change().prop_map(|change| Step::Change(change.into())),
        2 => prop::collection::vec(change(), 1..6).prop_map(Step::Undone),
        2 => (0..20usize).prop_map(Step::Packet),
        1 => (1..6u64).prop_map(Step::Wait),
        1 => Just(Step::Purge),
    ]
}

fn rows(tables: &FlowTables) -> Vec<Row> {
    let filter = RuleFilter::default();
    let mut rows: Vec<_> = tables.rules(&filter).map(|entry| row(entry)).collect();
    rows.sort();
    rows
}

struct Pair {
    bench: Bench,
    model: Model,
}

impl Pair {
    fn new(max: usize, evicts: bool) -> Self {
        let mut bench = Bench::new();
        for table in [0, 1] {
            let settings = TableSettings { max_entries: Some(max), evicts, ..Default::default() };
            bench.tables.configure(TableId(table), settings, Version(0)).unwrap();
        }
        Self { bench, model: Model { entries: Vec::new(), max, evicts } }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Change(change) => self.change(&change),
            Step::Undone(changes) => self.undone(&changes),
            Step::Packet(number) => {
                if let Some((row, _, _, used)) = self.model.entries.get_mut(number) {
                    let filter = RuleFilter::default();
                    let mut all = self.bench.tables.rules(&filter);
                    let entry = all.find(|entry| model::row(entry) == *row).unwrap();
                    entry.stats.add(1, 60, self.bench.now);
                    row.packets += 1;
                    *used = self.bench.now;
                }
            }
            Step::Wait(seconds) => {
                self.bench.now = self.bench.now + Duration::from_secs(seconds);
                self.bench.version.0 += 1;
                let changes = self.bench.tables.expire(self.bench.now, self.bench.version);
                let gone = |removed: &Removed| (row(&removed.entry), removed.reason);
                let mut gone: Vec<_> = changes.removed().map(gone).collect();
                gone.sort_by(|a, b| a.0.cmp(&b.0));
                assert_eq!(gone, self.model.expire(self.bench.now));
            }
            Step::Purge => self.bench.tables.purge(self.bench.version),
        }
        assert_eq!(rows(&self.bench.tables), self.model.rows());
        assert_eq!(self.bench.tables.len(), self.model.entries.len());
    }

    fn change(&mut self, change: &FlowMod) {
        let before = rows(&self.bench.tables);
        let done = self.bench.try_apply(change);
        let removed = done.as_ref().ok().into_iter().flat_map(Changes::removed);
        let evicted: Vec<_> = removed
            .filter(|removed| removed.reason == RemovedReason::Eviction)
            .map(|removed| row(&removed.entry))
            .collect();
        assert!(evicted.len() <= 1);
        let expected = self.model.apply(self.bench.now, change, evicted.first());
        match (done, expected) {
            (Ok(_), Ok(())) => {}
            (Err(Error::Overlap { .. }), Err(Refusal::Overlap))
            | (Err(Error::TableFull(_)), Err(Refusal::Full)) => {
                assert_eq!(rows(&self.bench.tables), before);
            }
            (done, expected) => panic!("{done:?} instead of {expected:?}"),
        }
    }

    fn undone(&mut self, changes: &[FlowMod]) {
        self.bench.version.0 += 1;
        let Bench { tables, version, now } = &mut self.bench;
        let done: Vec<_> = changes
            .iter()
            .filter_map(|change| tables.apply(*now, change, *version, &Everything).ok())
            .collect();
        done.iter().rev().for_each(|changes| tables.undo(changes));
    }
}

proptest! {
    #[test]
    fn agrees_with_the_model(
        steps in prop::collection::vec(step(), 1..40),
        max in 2..8usize,
        evicts in any::<bool>(),
    ) {
        let mut pair = Pair::new(max, evicts);
        for step in steps {
            pair.run(step);
        }
    }
}
