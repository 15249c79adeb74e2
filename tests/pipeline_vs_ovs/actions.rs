//! Random actions.

use crate::flows::{GROUPS, Habits, TABLES, is_accepted, output_ports, random_mask};
use crate::packets::{self, IPV4, Packet, ipv6_address};
use crate::random::Random;
use ovs_core::action::{
    Action, Bundle, BundleAlgorithm, Controller, HashFields, Learn, LearnDestination, LearnFlags,
    LearnSource, LearnSpec, Subfield,
};
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::group::{Bucket, Group, GroupId, GroupKind, Selection};
use ovs_core::key::FlowKey;
use ovs_core::{PortNo, TableId};
use ovs_openflow::text;

/// Where an action is to stand.
pub struct Context<'a> {
    pub bridge: usize,
    pub table: u8,
    pub key: &'a FlowKey,
    pub habits: Habits,
}

/// Actions for an action set.
pub fn written(random: &mut Random, context: &Context<'_>) -> Vec<Action> {
    match random.below(4) {
        0 if context.habits.groups => vec![group(random)],
        0 | 1 => vec![Action::output(port(random, context))],
        2 => header(random, context).into_iter().filter(in_set).collect(),
        _ => assignment(random, context).into_iter().filter(in_set).collect(),
    }
}

/// Those that are not have no prerequisites there in stock, or see `differences.rs`.
fn in_set(action: &Action) -> bool {
    use Action as A;
    let left_out = matches!(action, A::PopMpls(_) | A::DecMplsTtl | A::Output { .. });
    let old =
        matches!(action, A::SetTpSrc(_) | A::SetTpDst(_) | A::SetVlanVid(_) | A::SetVlanPcp(_));
    !left_out && !old
}

/// Actions that are done at once.
pub fn applied(random: &mut Random, context: &Context<'_>) -> Vec<Action> {
    if context.habits.groups && random.one_in(5) {
        return vec![group(random)];
    }
    if context.habits.learns && random.one_in(5) {
        return vec![learning(random, context)];
    }
    match random.below(10) {
        0..3 => output(random, context),
        3..5 => assignment(random, context),
        5..7 => header(random, context),
        7..9 => vec![fields(random, context)],
        _ => vec![structure(random, context)],
    }
}

fn group(random: &mut Random) -> Action {
    Action::Group(GroupId(1 + random.below(GROUPS as usize) as u32))
}

/// Groups, of which select has one bucket: which of several is chosen is each switch's own business.
pub fn groups(
    random: &mut Random,
    bridge: usize,
    packets: &[Packet],
    habits: Habits,
) -> Vec<String> {
    let mut groups = Vec::new();
    for id in 1..=GROUPS {
        let kinds =
            [GroupKind::All, GroupKind::Indirect, GroupKind::FastFailover, GroupKind::Select];
        let kind = random.of(&kinds);
        let n = if matches!(kind, GroupKind::Indirect | GroupKind::Select) { 1 } else { 3 };
        let key = packets[random.below(packets.len())].key;
        let context = Context { bridge, table: 0, key: &key, habits };
        let buckets = (0..n).map(|_| {
            let mut actions = Vec::new();
            for _ in 0..random.below(3) {
                let mut more = match random.one_in(2) {
                    true => header(random, &context),
                    false => assignment(random, &context),
                };
                more.retain(in_set);
                if is_accepted(&FlowMod::add().apply(more.clone())) {
                    actions.extend(more);
                }
            }
            actions.push(Action::output(port(random, &context)));
            let mut bucket = Bucket::new(actions);
            bucket.weight = u16::from(kind == GroupKind::Select);
            if kind == GroupKind::FastFailover {
                bucket.watch_port = random.of(&[PortNo(1), PortNo(2), PortNo(77)]);
            }
            bucket
        });
        // Without this stock looks at the packet again, and ends itself if there is an action set.
        let fields = vec![(Field::EthSrc, Field::EthSrc.ones())];
        let hash = Selection { method: "hash".into(), parameter: 0, fields };
        let selection = (kind == GroupKind::Select).then_some(hash);
        let group = Group { id: GroupId(id), kind, buckets: buckets.collect(), selection };
        groups.push(text::show_group(&group).to_string());
    }
    groups
}

/// Bridging, and rules made of packets: what goes to where this one came from.
fn learning(random: &mut Random, context: &Context<'_>) -> Action {
    if random.one_in(2) || context.table + 1 >= TABLES {
        return Action::output(PortNo::NORMAL);
    }
    let spec = |source, n_bits, destination| LearnSpec { n_bits, source, destination };
    let field = |field| LearnSource::Field(Subfield::all(field));
    let matches = |field| LearnDestination::Match(Subfield::all(field));
    let mut specs = vec![spec(field(Field::EthSrc), 48, matches(Field::EthDst))];
    if random.one_in(2) {
        let id = Subfield::new(Field::VlanTci, 0, 12).expect("the id");
        specs.push(spec(LearnSource::Field(id), 12, LearnDestination::Match(id)));
    }
    if random.one_in(2) {
        let value = LearnSource::Immediate([0, 0, 0, 5].into());
        specs.push(spec(value, 32, LearnDestination::Load(Subfield::all(Field::Reg3))));
    }
    specs.push(spec(field(Field::InPort16), 16, LearnDestination::Output));
    Action::Learn(Box::new(Learn {
        idle_timeout: 0,
        hard_timeout: 0,
        // Another for each, so that what two have learned does not overlap.
        priority: 2000 + random.below(10_000) as u16,
        cookie: 5,
        flags: LearnFlags::empty(),
        table: TableId(context.table + 1),
        fin_idle_timeout: 0,
        fin_hard_timeout: 0,
        limit: None,
        specs,
    }))
}

fn port(random: &mut Random, context: &Context<'_>) -> PortNo {
    random.of(output_ports(context.bridge))
}

fn output(random: &mut Random, context: &Context<'_>) -> Vec<Action> {
    let port = port(random, context);
    let controller = |max_len| Action::Output { port: PortNo::CONTROLLER, max_len };
    let back = context.habits.lengths && context.bridge == 1;
    let action = match random.below(14) {
        0 if !back => Action::output(PortNo::ALL),
        1 if !back => Action::output(PortNo::FLOOD),
        2 => controller(random.of(&[20, 64, u16::MAX])),
        3 if ![PortNo(5), PortNo::IN_PORT].contains(&port) => {
            let max_len = random.of(&[14, 20, 60]);
            return vec![controller(20), Action::OutputTruncated { port, max_len }];
        }
        4 => Action::OutputField { source: part(random, Field::Reg0, 16), max_len: u16::MAX },
        5 => Action::Bundle(Box::new(Bundle {
            fields: HashFields::EthSrc,
            basis: 0,
            algorithm: BundleAlgorithm::ActiveBackup,
            destination: random.one_in(2).then_some(Subfield::all(Field::Reg1)),
            members: vec![port, PortNo(1)],
        })),
        6 => Action::Controller(Box::new(Controller {
            max_len: random.of(&[30, u16::MAX]),
            ..Controller::default()
        })),
        _ => Action::output(port),
    };
    vec![action]
}

/// A part of a field of at most so many bits.
fn part(random: &mut Random, field: Field, most: u16) -> Subfield {
    let n_bits = 1 + random.below(field.n_bits().min(most).into()) as u16;
    let start = random.below(usize::from(field.n_bits() - n_bits) + 1) as u16;
    Subfield::new(field, start, n_bits).expect("it has them")
}

fn can_write(field: Field) -> bool {
    use Field as F;
    field.has_position()
        && field.is_settable()
        && !field.name().starts_with("nsh_")
        && !field.name().starts_with("ct_")
        && !field.name().starts_with("tun_")
        && !matches!(field, F::PbbIsid | F::PbbUca | F::InPort | F::InPort16)
}

/// A field that the packet may have.
fn field(random: &mut Random, context: &Context<'_>, usable: fn(Field) -> bool) -> Field {
    let tag = [Field::VlanVid, Field::VlanPcp, Field::VlanTci];
    // A tag that stock keeps for a packet without one (see `differences.rs`) would be learned there.
    let has = |field: &Field| {
        usable(*field)
            && field.prerequisite().holds(context.key)
            && !(context.habits.learns && tag.contains(field))
    };
    let fields: Vec<_> = Field::all().filter(has).collect();
    let plain: Vec<_> = fields.iter().copied().filter(|field| is_of_frame(*field)).collect();
    if random.one_in(3) { random.of(&fields) } else { random.of(&plain) }
}

fn is_of_frame(field: Field) -> bool {
    !field.name().contains("reg") && field != Field::Metadata && field != Field::PktMark
}

/// A value that packets have, or any.
fn value(random: &mut Random, field: Field) -> u128 {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u128::from(*byte));
    let value = match field.n_bits() {
        48 => number(&packets::mac(random).0),
        32 if field.name().contains("ip") || field.name().contains("pa") => {
            number(&random.of(&IPV4))
        }
        128 if field.name().contains("reg") => random.wide() & 0xf,
        128 => number(&ipv6_address(random)),
        _ => random.wide() & random.of(&[3, 0xff, u128::MAX]),
    };
    value & field.ones()
}

fn assignment(random: &mut Random, context: &Context<'_>) -> Vec<Action> {
    let field = field(random, context, can_write);
    let mut value = value(random, field);
    // Bit 12 says that there is a tag: see `differences.rs`.
    if matches!(field, Field::VlanVid | Field::VlanTci) {
        value |= 0x1000;
    }
    let way = if field == Field::VlanTci { 0 } else { random.below(8) };
    let action = match way {
        0..3 => Action::set_field(field, value).expect("it fits"),
        3..5 => {
            let mask = random_mask(random, field);
            Action::set_field_masked(field, value, mask).expect("it fits")
        }
        5..7 => {
            let destination = part(random, field, 64);
            let value = (value & destination.mask()) >> destination.start();
            let value = value as u64;
            Action::Load { destination, value }
        }
        _ => match random.below(8) {
            0 => Action::SetIpTos(value as u8 & 0xfc),
            1 => Action::SetIpEcn(value as u8 & 3),
            2 => Action::SetIpTtl(value as u8),
            3 => Action::SetTpSrc(value as u16),
            4 => Action::SetTpDst(value as u16),
            5 => Action::SetEthSrc(packets::mac(random)),
            old => {
                let id = Action::set_field(Field::VlanVid, 0x1000 | value & 0xfff);
                let class = Action::set_field(Field::VlanPcp, value & 7);
                return match old {
                    6 => vec![Action::SetVlanVid(value as u16 & 0xfff), class.expect("it fits")],
                    _ => vec![Action::SetVlanPcp(value as u8 & 7), id.expect("it fits")],
                };
            }
        },
    };
    vec![action]
}

/// Headers on and off. What the specification lets a new header begin with differs from stock's choice
/// (see `differences.rs`), so all of it is set.
fn header(random: &mut Random, context: &Context<'_>) -> Vec<Action> {
    let set = |field, value| Action::set_field(field, value).expect("it fits");
    // With a tag or a label too many for stock, what is learned from then on differs.
    let ways: &[_] = if context.habits.learns { &[2, 6] } else { &[0, 1, 2, 3, 4, 5, 6, 7] };
    match random.of(ways) {
        0 | 1 => vec![
            Action::PushVlan(random.of(&[0x8100, 0x88a8])),
            set(Field::VlanVid, 0x1000 | random.wide() & 7),
            set(Field::VlanPcp, random.wide() & 7),
        ],
        2 => vec![Action::PopVlan],
        3 | 4 => vec![
            Action::PushMpls(context.habits.mpls),
            set(Field::MplsLabel, 16 + (random.wide() & 3)),
            set(Field::MplsTc, random.wide() & 7),
            set(Field::MplsTtl, random.of(&[1, 64])),
        ],
        5 => {
            let ip = context.key.eth_type.get();
            let pop = Action::PopMpls(random.of(&[0x0800, 0x86dd, 0x8847, ip]));
            vec![Action::Output { port: PortNo::CONTROLLER, max_len: 20 }, pop]
        }
        6 => vec![Action::DecIpTtl { controllers: Vec::new() }],
        _ => vec![Action::DecMplsTtl],
    }
}

/// Fields copied.
fn fields(random: &mut Random, context: &Context<'_>) -> Action {
    let readable = |field: Field| can_write(field) || field == Field::InPort16;
    let source = field(random, context, readable);
    let destination = field(random, context, can_write);
    let destination = random.of(&[destination, Field::Reg0, Field::Xxreg1]);
    let n_bits = 1 + random.below(source.n_bits().min(destination.n_bits()).into()) as u16;
    let mut at = |field: Field| {
        let start = random.below(usize::from(field.n_bits() - n_bits) + 1) as u16;
        Subfield::new(field, start, n_bits).expect("it has them")
    };
    let (from, mut to) = (at(source), at(destination));
    if to.field() == Field::VlanTci {
        to = Subfield::new(Field::Reg2, 0, n_bits).expect("it has them");
    }
    match random.below(5) {
        0 => Action::StackPush(from),
        1 => Action::StackPop(to),
        _ => Action::Move { source: from, destination: to },
    }
}

/// Only where stock does it right: see `differences.rs`.
pub fn check_length(random: &mut Random) -> Action {
    Action::CheckPacketLarger {
        length: random.of(&[20, 60, 100]),
        destination: Subfield::new(Field::Reg0, random.below(2) as u16, 1).expect("a bit"),
    }
}

fn structure(random: &mut Random, context: &Context<'_>) -> Action {
    let later = context.table + 1 < TABLES;
    match random.below(5) {
        0..3 if later => Action::Resubmit {
            port: if random.one_in(4) { PortNo(2) } else { PortNo::IN_PORT },
            table: Some(TableId(context.table + 1)),
            with_ct: false,
        },
        3 => {
            let n = 1 + random.below(4);
            let inner = (0..n).flat_map(|_| applied(random, context));
            // See `differences.rs`.
            Action::Clone(inner.filter(|action| *action != Action::Exit).collect())
        }
        // What an exit leaves of the action set differs, and of what was learned no trace tells.
        4 if !context.habits.learns && random.one_in(3) => Action::Exit,
        _ => Action::Note(vec![1, 2, 3, 4, 5, 6].into()),
    }
}
