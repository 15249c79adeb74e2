//! Random flow tables, made for some packets so that these meet rules.

use crate::BRIDGES;
use crate::actions::{self, Context};
use crate::packets::Packet;
use crate::random::Random;
use crate::reduce::show;
use ovs_core::action::{Action, Metadata};
use ovs_core::field::{Field, Masking, Prerequisite};
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_core::key::FlowKey;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};
use ovs_openflow::{Envelope, Message, Protocol, text};

/// Tables that rules are made in.
pub const TABLES: u8 = 4;

/// What both switches are given, as text, for each bridge.
#[derive(Clone, PartialEq)]
pub struct Setup {
    pub flows: Vec<Vec<String>>,
    pub groups: Vec<Vec<String>>,
    /// Does a packet change what becomes of the next?
    pub learns: bool,
}

/// What rules of a setup may do.
#[derive(Clone, Copy)]
pub struct Habits {
    /// Depend on lengths.
    pub lengths: bool,
    /// Use groups.
    pub groups: bool,
    /// Bridge by learned addresses, and learn rules.
    pub learns: bool,
    /// Push labels of this Ethernet type: see `differences.rs`.
    pub mpls: u16,
}

/// Numbers of groups, where there are any.
pub const GROUPS: u32 = 3;

pub fn setup(random: &mut Random, packets: &[Packet]) -> Setup {
    let kind = random.below(8);
    let habits = Habits {
        lengths: kind < 2,
        groups: (2..4).contains(&kind),
        learns: kind == 4,
        mpls: random.of(&[0x8847, 0x8848]),
    };
    let bridges = 0..BRIDGES.len();
    let flows =
        bridges.clone().map(|bridge| bridge_flows(random, bridge, packets, habits)).collect();
    let groups = bridges.map(|bridge| match habits.groups {
        true => actions::groups(random, bridge, packets, habits),
        false => Vec::new(),
    });
    Setup { flows, groups: groups.collect(), learns: habits.learns }
}

fn bridge_flows(
    random: &mut Random,
    bridge: usize,
    packets: &[Packet],
    habits: Habits,
) -> Vec<String> {
    let mut flows: Vec<FlowMod> = Vec::new();
    for table in 0..TABLES {
        for _ in 0..random.of(&[2, 4, 8]) {
            let flow = flow(random, bridge, table, packets, habits);
            // A table cannot have two rules that match the same at one priority, and of two that can
            // meet one packet none may be said to come first.
            let clash = |other: &FlowMod| {
                other.table == flow.table
                    && other.priority == flow.priority
                    && other.matching.overlaps(&flow.matching)
            };
            if !flows.iter().any(clash) {
                flows.push(flow);
            }
        }
    }
    flows.iter().map(show).collect()
}

fn flow(
    random: &mut Random,
    bridge: usize,
    table: u8,
    packets: &[Packet],
    habits: Habits,
) -> FlowMod {
    let packet = &packets[random.below(packets.len())];
    let mut key = packet.key;
    key.in_port = random.of(&[1, 2, 3, 5]).into();
    let n_fields = random.of(&[0, 1, 1, 2, 2, 3, 4]);
    let matching = matching(random, &key, n_fields);
    let priority = 1 + random.below(1000) as u16;
    let mut flow = FlowMod::add().table(TableId(table)).priority(priority).matching(matching);
    if random.one_in(3) {
        flow.cookie = Some(random.next() & 0xff);
    }
    let context = Context { bridge, table, key: &key, habits };
    for _ in 0..random.of(&[1, 2, 3, 5, 8]) {
        add(&mut flow, actions::applied(random, &context), |flow| {
            flow.instructions.apply.get_or_insert_default()
        });
        if habits.lengths && bridge == 0 && table == 0 && random.one_in(4) {
            add(&mut flow, vec![actions::check_length(random)], |flow| {
                flow.instructions.apply.get_or_insert_default()
            });
        }
    }
    if !habits.lengths && random.one_in(4) {
        for _ in 0..random.of(&[1, 2, 4]) {
            add(&mut flow, actions::written(random, &context), |flow| {
                flow.instructions.write.get_or_insert_default()
            });
        }
    }
    flow.instructions.clear = random.one_in(12);
    if random.one_in(8) {
        let mask = random.of(&[u64::MAX, 0xff, 1]);
        flow.instructions.metadata = Some(Metadata { value: random.next() & 3 & mask, mask });
    }
    if table + 1 < TABLES && random.one_in(2) {
        flow.instructions.goto =
            Some(TableId(table + 1 + random.below((TABLES - table - 1).into()) as u8));
    }
    flow
}

/// Adds actions to one of the lists of a flow, if it makes sense with them.
fn add(flow: &mut FlowMod, actions: Vec<Action>, list: impl Fn(&mut FlowMod) -> &mut Vec<Action>) {
    let before = flow.instructions.clone();
    list(flow).extend(actions);
    if !is_accepted(flow) {
        flow.instructions = before;
    }
}

/// Does it make sense, also in the form that it has on the wire?
pub fn is_accepted(flow: &FlowMod) -> bool {
    let text = text::parse_flow(&show(flow), FlowModCommand::Add);
    // To set a VLAN id the old way, ovs-ofctl pushes a tag unless the match or an action has one.
    let actions = format!("{:?}", flow.instructions);
    let others = actions.matches("field: vlan_").count();
    if actions.contains("SetVlan") && (others > 1 || flow.matching.meets(Prerequisite::Vlan)) {
        return false;
    }
    flow.check().is_ok() && as_sent(flow).is_some_and(|sent| sent.check().is_ok()) && text.is_ok()
}

/// What a switch gets of a flow by OpenFlow 1.3, which has other actions for some of the older ones.
pub fn as_sent(flow: &FlowMod) -> Option<FlowMod> {
    let mut bytes = Vec::new();
    Message::FlowMod(flow.clone()).encode(Protocol::OF13, 1, &mut bytes).ok()?;
    match Message::decode_in(&bytes.into(), Protocol::OF13).ok()? {
        Envelope { message: Message::FlowMod(sent), .. } => Some(sent),
        _ => None,
    }
}

/// Can both match on it?
fn can_match(field: Field) -> bool {
    use Field as F;
    field.has_position()
        && !field.name().starts_with("nsh_")
        && !field.name().starts_with("ct_")
        && !field.name().starts_with("tun_")
        && !matches!(
            field,
            F::InPort16
                | F::InPhyPort
                | F::RecircId
                | F::PacketType
                | F::PbbIsid
                | F::PbbUca
                | F::Ipv6Exthdr
                | F::SkbPriority
                | F::DpHash
                | F::ConjId
        )
}

/// A match on some fields that packets of this key may have.
pub fn matching(random: &mut Random, key: &FlowKey, n_fields: usize) -> Match {
    let fields: Vec<_> =
        Field::all().filter(|f| can_match(*f) && f.prerequisite().holds(key)).collect();
    let mut matching = Match::new();
    for _ in 0..n_fields {
        let field = random.of(&fields);
        let mut value = field.get(key).unwrap_or(0);
        if value == 0 && random.one_in(3) {
            value = random.wide() & random.of(&[1, 3, 0x1003]) & field.ones();
        }
        let mut mask = match field.masking() {
            Masking::Exact => field.ones(),
            _ => random_mask(random, field),
        };
        if field == Field::ActsetOutput {
            value = random.of(&[1, 2, 0xffff_fff7]);
        }
        if field == Field::VlanVid || field == Field::VlanTci {
            // OpenFlow 1.3 has no masks for the priority, and ovs-ofctl takes the whole.
            mask = mask & 0x1fff | 0x1000;
        }
        if field == Field::IpFrag {
            (value, mask) = (field.get(key).unwrap_or(0), 3);
        }
        let _ = matching.set(field, value & mask, mask);
    }
    require(&mut matching, key);
    matching
}

pub fn random_mask(random: &mut Random, field: Field) -> u128 {
    let shift = random.below(usize::from(field.n_bits()));
    let prefix = field.ones() << shift & field.ones();
    let scattered = random.wide() & field.ones();
    let mask = random.of(&[field.ones(), field.ones(), prefix, scattered]);
    let mask = if mask == 0 { field.ones() } else { mask };
    // ovs-ofctl takes a mask of IPv6 that begins with a decimal digit for the length of a prefix.
    if field.n_bits() == 128 { mask | 0xf << 124 } else { mask }
}

/// Adds what the fields of a match need.
fn require(matching: &mut Match, key: &FlowKey) {
    let needed = [
        (Field::EthType, u128::MAX),
        (Field::IpProto, u128::MAX),
        (Field::VlanVid, 0x1000),
        (Field::Icmpv6Type, u128::MAX),
        (Field::Icmpv6Code, u128::MAX),
    ];
    for (field, mask) in needed {
        if matching.missing_prerequisite().is_some() && field.prerequisite().holds(key) {
            let mask = mask & field.ones();
            let value = field.get(key).unwrap_or(0) & mask;
            let _ = matching.set(field, value, mask);
        }
    }
    if let Some((field, _)) = matching.missing_prerequisite() {
        matching.remove(field);
    }
}

/// Ports that a bridge's rules name. What the second bridge gets from the first does not go back, so
/// that no packet goes in circles.
pub fn output_ports(bridge: usize) -> &'static [PortNo] {
    const FIRST: [PortNo; 7] =
        [PortNo(1), PortNo(2), PortNo(3), PortNo(4), PortNo(5), PortNo::IN_PORT, PortNo(77)];
    if bridge == 0 { &FIRST } else { &FIRST[..2] }
}
