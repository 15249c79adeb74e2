//! Random changes and packets. Values are few, so that entries and packets agree now and then.

use crate::checksum::{internet, sctp};
use crate::packet::{ARP, IPV4, IPV6, MPLS, PBB, Packet, SERVICE_VLAN, VLAN};
use crate::packet::{ICMP, ICMPV6, SCTP, TCP, UDP};
use ovs_core::action::{Action, Controller, Instructions, Metadata, Subfield};
use ovs_core::field::{Field, Masking};
use ovs_core::flow::{CookieFilter, FlowFlags, FlowMod, FlowModCommand};
use ovs_core::group::{Bucket, Group, GroupId, GroupKind, GroupMod};
use ovs_core::matching::Match;
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId, MeterMod};
use ovs_core::port::{PortConfig, PortNo, QueueId, TableId};
use ovs_core::table::Miss;
use std::fmt;

pub const PORTS: u32 = 4;
const TABLES: u8 = 4;

/// Something that happens.
#[derive(Clone)]
pub enum Event {
    Flow(Box<FlowMod>),
    Group(GroupMod),
    Meter(MeterMod),
    Frame { port: u32, frame: Vec<u8> },
    PacketOut { port: PortNo, actions: Vec<Action>, frame: Vec<u8> },
    Wait { seconds: u64 },
    Configure { port: u32, config: PortConfig },
    Link { port: u32, down: bool },
    Miss { table: u8, miss: Miss },
    DropFragments(bool),
}

/// In few words.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |frame: &[u8]| frame.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        match self {
            Self::Flow(change) => {
                let FlowMod { command, table, priority, matching, flags, instructions, .. } =
                    &**change;
                let Instructions { meter, apply, clear, write, metadata, goto, .. } = instructions;
                write!(
                    f,
                    "{command:?} table {table:?} priority {priority} {matching} {flags:?}: "
                )?;
                write!(
                    f,
                    "{meter:?} {apply:?} clear {clear} {write:?} {metadata:?} goto {goto:?}"
                )?;
                let (idle, hard) = (change.idle_timeout, change.hard_timeout);
                write!(f, " cookie {:?} timeouts {idle} {hard}", change.cookie)
            }
            Self::Group(change) => write!(f, "{change:?}"),
            Self::Meter(change) => write!(f, "{change:?}"),
            Self::Frame { port, frame } => write!(f, "port {port}: {}", hex(frame)),
            Self::PacketOut { port, actions, frame } => {
                write!(f, "packet-out {port:?} {actions:?}: {}", hex(frame))
            }
            Self::Wait { seconds } => write!(f, "wait {seconds} s"),
            Self::Configure { port, config } => write!(f, "port {port} {config:?}"),
            Self::Link { port, down } => write!(f, "port {port} link down {down}"),
            Self::Miss { table, miss } => write!(f, "table {table} {miss:?}"),
            Self::DropFragments(drops) => write!(f, "drop fragments {drops}"),
        }
    }
}

/// Numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

pub fn event(random: &mut Random) -> Event {
    match random.below(100) {
        0..34 => Event::Flow(Box::new(flow_mod(random))),
        34..39 => Event::Group(group_mod(random)),
        39..41 => Event::Meter(meter_mod(random)),
        41..89 => Event::Frame { port: 1 + random.below(4) as u32, frame: frame(random) },
        89..92 => packet_out(random),
        92..95 => Event::Wait { seconds: 1 + random.next() % 4 },
        95..97 => {
            let config = [
                PortConfig::empty(),
                PortConfig::empty(),
                PortConfig::PORT_DOWN,
                PortConfig::NO_RECV,
                PortConfig::NO_FWD,
                PortConfig::NO_FLOOD,
                PortConfig::NO_PACKET_IN,
            ];
            Event::Configure { port: 1 + random.below(4) as u32, config: random.pick(&config) }
        }
        97 => Event::Link { port: 1 + random.below(4) as u32, down: random.one_in(2) },
        98 => {
            let miss = random.pick(&[Miss::Default, Miss::Controller, Miss::Continue, Miss::Drop]);
            Event::Miss { table: random.below(TABLES.into()) as u8, miss }
        }
        _ => Event::DropFragments(random.one_in(3)),
    }
}

fn mac(random: &mut Random) -> [u8; 6] {
    [2, 0, 0, 0, 0, 1 + random.below(3) as u8]
}

/// A frame as the specifications of its protocols have it, with right checksums.
pub fn frame(random: &mut Random) -> Vec<u8> {
    let mut frame = match random.below(12) {
        0 => vec![0xff; 6],
        1 => vec![1, 0, 0x5e, 0, 0, 1],
        2 if random.one_in(4) => vec![1, 0x80, 0xc2, 0, 0, 2],
        _ => mac(random).to_vec(),
    };
    frame.extend(mac(random));
    for n in (0..random.pick(&[0, 0, 0, 1, 1, 2])).rev() {
        let tpid = if n > 0 { random.pick(&[VLAN, SERVICE_VLAN]) } else { VLAN };
        frame.extend(tpid.to_be_bytes());
        let tci = random.pick(&[0u16, 1, 2, 10]) | random.pick(&[0, 0, 0x2000, 0xe000, 0x1000]);
        frame.extend(tci.to_be_bytes());
    }
    let (eth_type, payload) = match random.below(16) {
        0..6 => (IPV4, ipv4(random)),
        6..10 => (IPV6, ipv6(random)),
        10 => (ARP, arp(random)),
        11..14 => (MPLS, labels(random)),
        14 => (PBB, backbone(random)),
        _ => (0x88b5, vec![7; 50]),
    };
    frame.extend(eth_type.to_be_bytes());
    frame.extend(payload);
    frame
}

fn labels(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for n in (0..1 + random.below(4)).rev() {
        let bottom = if n == 0 { 0x100 } else { 0 };
        let entry = random.pick(&[16u32, 17, 99]) << 12
            | (random.below(8) as u32) << 9
            | bottom
            | random.pick(&[1, 2, 64, 255]);
        bytes.extend(entry.to_be_bytes());
    }
    bytes.extend(if random.one_in(2) { ipv4(random) } else { ipv6(random) });
    bytes
}

fn backbone(random: &mut Random) -> Vec<u8> {
    let itag = (random.below(8) as u32) << 29
        | (random.below(2) as u32) << 27
        | random.pick(&[1u32, 2, 0xabcdef]);
    let mut bytes = itag.to_be_bytes().to_vec();
    bytes.extend(mac(random));
    bytes.extend(mac(random));
    bytes.extend(IPV4.to_be_bytes());
    bytes.extend(ipv4(random));
    bytes
}

fn arp(random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0, 1, 8, 0, 6, 4, 0, 1 + random.below(2) as u8];
    bytes.extend(mac(random));
    bytes.extend([10, 0, 0, random.below(3) as u8]);
    bytes.extend([0; 6]);
    bytes.extend([10, 0, 0, random.below(3) as u8]);
    bytes
}

fn ipv4(random: &mut Random) -> Vec<u8> {
    let proto = random.pick(&[TCP, TCP, UDP, UDP, SCTP, ICMP, 47]);
    let fragment: u16 = random.pick(&[0, 0, 0, 0, 0, 0x4000, 0x2000, 0x2010, 0x0020]);
    let options = if random.one_in(8) { 4 } else { 0 };
    let source = [10, 0, 0, random.below(3) as u8];
    let destination = [10, 0, random.below(2) as u8, random.below(3) as u8];
    let payload = transport(random, proto, &[source, destination].concat(), 4);
    let length = 20 + options + payload.len();
    let tos = random.pick(&[0, 0x28, 0x48, 0x4b, 0x93, 0xb8]);
    let mut bytes = vec![0x45 + options as u8 / 4, tos, 0, length as u8, 0, 1];
    bytes.extend(fragment.to_be_bytes());
    bytes.extend([random.pick(&[0, 1, 2, 64, 255]), proto, 0, 0]);
    bytes.extend([source, destination].concat());
    bytes.extend(vec![1; options]);
    let checksum = !internet(&[&bytes]);
    bytes[10..12].copy_from_slice(&checksum.to_be_bytes());
    bytes.extend(payload);
    // Some is padding.
    bytes.extend(vec![0; random.pick(&[0, 0, 0, 5])]);
    bytes
}

fn ipv6(random: &mut Random) -> Vec<u8> {
    let proto = random.pick(&[TCP, UDP, SCTP, ICMPV6, ICMPV6, ICMPV6, 47]);
    let address = |random: &mut Random| {
        let mut address = [0; 16];
        (address[0], address[1], address[15]) = (0xfd, 1, random.below(3) as u8);
        address
    };
    let (source, destination) = (address(random), address(random));
    let transport = transport(random, proto, &[source, destination].concat(), 6);
    let mut extensions: Vec<(u8, [u8; 8])> = Vec::new();
    if random.one_in(6) {
        extensions.push((0, [0, 0, 1, 4, 0, 0, 0, 0]));
    }
    if random.one_in(6) {
        extensions.push((43, [0, 0, 0, 0, 0, 0, 0, 0]));
    }
    if random.one_in(6) {
        let offset = random.pick(&[0u8, 1, 8, 9]);
        extensions.push((44, [0, 0, 0, offset, 0, 0, 0, 1]));
    }
    let mut next: Vec<u8> = extensions.iter().map(|(kind, _)| *kind).collect();
    next.push(proto);
    let length = extensions.len() * 8 + transport.len();
    let mut bytes = vec![0x60 | random.below(16) as u8, 0x80, 0, random.below(3) as u8];
    bytes.extend([0, length as u8, next[0], random.pick(&[0, 1, 2, 64, 255])]);
    bytes.extend([source, destination].concat());
    for (n, (_, mut header)) in extensions.into_iter().enumerate() {
        header[0] = next[n + 1];
        bytes.extend(header);
    }
    bytes.extend(transport);
    bytes
}

fn transport(random: &mut Random, proto: u8, addresses: &[u8], version: u8) -> Vec<u8> {
    let port = |random: &mut Random| random.pick(&[53u16, 80, 1000]).to_be_bytes();
    let mut bytes = Vec::new();
    let checksum_at = match proto {
        TCP => {
            bytes.extend([port(random), port(random)].concat());
            bytes.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, random.pick(&[2, 16, 17, 4]), 1, 0]);
            bytes.extend([0; 4]);
            Some(16)
        }
        UDP => {
            bytes.extend([port(random), port(random)].concat());
            bytes.extend([0, 16, 0, 0]);
            Some(6)
        }
        SCTP => {
            bytes.extend([port(random), port(random)].concat());
            bytes.extend([0, 0, 0, 9, 0, 0, 0, 0]);
            None
        }
        ICMP => {
            bytes.extend([random.pick(&[0, 8, 3]), random.below(2) as u8, 0, 0, 0, 1, 0, 2]);
            Some(2)
        }
        ICMPV6 => {
            let kind = random.pick(&[128, 129, 135, 136]);
            bytes.extend([kind, 0, 0, 0, 0, 0, 0, 0]);
            if kind >= 135 {
                bytes.extend([0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                bytes.push(random.below(3) as u8);
                bytes.extend([kind - 134, 1]);
                bytes.extend(mac(random));
            }
            Some(2)
        }
        _ => None,
    };
    bytes.extend(random.next().to_be_bytes());
    if let Some(at) = checksum_at {
        let length = [0, bytes.len() as u8, 0, proto];
        let pseudo = if (proto, version) == (ICMP, 4) {
            Vec::new()
        } else {
            [addresses, &length[..]].concat()
        };
        let mut checksum = !internet(&[&pseudo, &bytes]);
        if proto == UDP {
            checksum = if random.one_in(4) { 0 } else { checksum.max(1) };
        }
        bytes[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
    }
    if proto == SCTP {
        let crc = sctp(&bytes);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
    }
    bytes
}

const PACKET_FIELDS: [Field; 42] = [
    Field::InPort,
    Field::EthDst,
    Field::EthSrc,
    Field::VlanVid,
    Field::VlanPcp,
    Field::MplsLabel,
    Field::MplsTc,
    Field::MplsBos,
    Field::MplsTtl,
    Field::PbbIsid,
    Field::PbbUca,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Src,
    Field::Ipv6Dst,
    Field::Ipv6Label,
    Field::Ipv6Exthdr,
    Field::IpDscp,
    Field::IpEcn,
    Field::IpTtl,
    Field::IpFrag,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::ArpSha,
    Field::ArpTha,
    Field::TcpSrc,
    Field::TcpDst,
    Field::TcpFlags,
    Field::UdpSrc,
    Field::UdpDst,
    Field::SctpSrc,
    Field::SctpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Field::Icmpv6Type,
    Field::Icmpv6Code,
    Field::NdTarget,
    Field::NdSll,
    Field::NdTll,
    Field::TunId,
    Field::PktMark,
];

const REGISTERS: [Field; 4] = [Field::Reg0, Field::Reg1, Field::Reg15, Field::Metadata];

/// The match of some packets like one that there may be, and that packet.
fn matching(random: &mut Random) -> (Match, Packet) {
    let packet = Packet::new(frame(random), 1 + random.below(4) as u32);
    let mut matching = Match::new();
    let set = |matching: &mut Match, random: &mut Random, field: Field| {
        let Some(value) = packet.read(field) else { return };
        let partly = field.masking() == Masking::Bitwise && random.one_in(3);
        let ones = field.ones();
        let mask = if partly {
            let shift = random.below(field.n_bits().into()) as u32;
            if random.one_in(2) { ones << shift & ones } else { ones >> shift }
        } else {
            ones
        };
        let _ = matching.set(field, value & mask, mask);
    };
    // Of the type, of the protocol, of the message.
    let depth = random.below(4);
    for (n, field) in [Field::EthType, Field::IpProto, Field::Icmpv6Type].into_iter().enumerate() {
        if n < depth {
            if let Some(value) = packet.read(field) {
                let _ = matching.set(field, value, field.ones());
            }
        }
    }
    if depth == 3 && matching.get(Field::Icmpv6Type).is_some() {
        let _ = matching.set(Field::Icmpv6Code, 0, 0xff);
    }
    for _ in 0..random.below(4) {
        let field = random.pick(&PACKET_FIELDS);
        set(&mut matching, random, field);
    }
    if random.one_in(4) {
        let field = random.pick(&REGISTERS);
        let value = random.below(3) as u128;
        let _ = matching.set(field, value, random.pick(&[field.ones(), 1, 3]));
    }
    while let Some((field, _)) = matching.missing_prerequisite() {
        matching.remove(field);
    }
    (matching, packet)
}

fn value(random: &mut Random, field: Field) -> u128 {
    let ones = field.ones();
    match field {
        Field::VlanVid => 0x1000 | random.pick(&[0, 1, 2, 10]),
        Field::EthType => random.pick(&[IPV4, IPV6, ARP, MPLS, 0x88b5]).into(),
        Field::IpProto => random.pick(&[TCP, UDP, SCTP, ICMP, ICMPV6, 47]).into(),
        Field::EthDst | Field::EthSrc => 0x0200_0000_0000 | (1 + random.below(3)) as u128,
        _ if random.one_in(2) => random.below(3) as u128 & ones,
        _ => (u128::from(random.next()) << 64 | u128::from(random.next())) & ones,
    }
}

fn settable(random: &mut Random) -> Field {
    loop {
        let field = match random.below(6) {
            0 => random.pick(&REGISTERS),
            1 if random.one_in(4) => random.pick(&[Field::EthType, Field::IpProto, Field::MplsBos]),
            _ => random.pick(&PACKET_FIELDS),
        };
        if field.can_be_set() && field != Field::InPort {
            return field;
        }
    }
}

fn subfield(random: &mut Random, field: Field, n_bits: u16) -> Subfield {
    let start = random.below((field.n_bits() - n_bits + 1).into()) as u16;
    Subfield::new(field, start, n_bits).unwrap()
}

fn port(random: &mut Random) -> PortNo {
    match random.below(14) {
        0 => PortNo::IN_PORT,
        1 => PortNo::ALL,
        2 => PortNo::FLOOD,
        3 | 4 => PortNo::NORMAL,
        5 => PortNo::CONTROLLER,
        6 => PortNo(9),
        _ => PortNo(1 + random.below(4) as u32),
    }
}

fn action(random: &mut Random, packet: &Packet, table: u8) -> Action {
    match random.below(40) {
        0..7 => Action::output(port(random)),
        7..16 => {
            let mut field = settable(random);
            // One that the packet has.
            for _ in 0..4 {
                if packet.read(field).is_none() {
                    field = settable(random);
                }
            }
            let value = value(random, field);
            let partly = field.masking() == Masking::Bitwise && random.one_in(3);
            let mask =
                if partly { random.next() as u128 & field.ones() & !0x1000 } else { field.ones() };
            Action::SetField { field, value: value & mask, mask }
        }
        16 => Action::PushVlan(random.pick(&[VLAN, SERVICE_VLAN])),
        17 | 18 => Action::PopVlan,
        19 => Action::PushMpls(MPLS),
        20 | 21 => {
            let below = if packet.read(Field::MplsBos) == Some(0) { MPLS } else { IPV4 };
            Action::PopMpls(if random.one_in(4) {
                random.pick(&[MPLS, IPV4, IPV6, 0x88b5])
            } else {
                below
            })
        }
        22 => Action::PushPbb(PBB),
        23 => Action::PopPbb,
        24 => Action::CopyTtlOut,
        25 => Action::CopyTtlIn,
        26 => Action::DecIpTtl { controllers: random.pick(&[vec![], vec![], vec![1, 2]]) },
        27 => Action::DecMplsTtl,
        28 => Action::Group(GroupId(1 + random.below(4) as u32)),
        29 => Action::SetVlanVid(random.pick(&[1, 2, 10])),
        30 => Action::SetVlanPcp(random.below(8) as u8),
        31 | 32 if table + 1 < TABLES => Action::Resubmit {
            port: PortNo::IN_PORT,
            table: Some(TableId(table + 1 + random.below((TABLES - table - 1).into()) as u8)),
            with_ct: false,
        },
        33 => {
            let source = settable(random);
            let n_bits = 1 + random.below(usize::from(source.n_bits().min(32))) as u16;
            let source = subfield(random, source, n_bits);
            let register = random.pick(&[Field::Reg0, Field::Reg1]);
            Action::Move { source, destination: subfield(random, register, n_bits) }
        }
        34 => {
            let register = random.pick(&[Field::Reg0, Field::Reg1]);
            let field = settable(random);
            let n_bits = 1 + random.below(usize::from(field.n_bits().min(32))) as u16;
            let n_bits = if field == Field::VlanVid { n_bits.min(12) } else { n_bits };
            let source = subfield(random, register, n_bits);
            let destination = Subfield::new(field, 0, n_bits).unwrap();
            Action::Move { source, destination }
        }
        35 => match random.below(3) {
            0 => Action::StackPush(Subfield::all(random.pick(&PACKET_FIELDS))),
            _ => Action::StackPop(Subfield::all(random.pick(&[Field::Reg0, Field::Reg15]))),
        },
        36 => {
            let n = 1 + random.below(2);
            Action::Clone((0..n).map(|_| action(random, packet, table)).collect())
        }
        37 => match random.below(4) {
            0 => Action::Exit,
            1 => Action::OutputField { source: Subfield::all(Field::Reg0), max_len: 64 },
            2 => Action::OutputTruncated { port: PortNo(2), max_len: 40 },
            _ => Action::Controller(Box::new(Controller {
                max_len: 99,
                id: 3,
                ..Controller::default()
            })),
        },
        38 => Action::SetQueue(QueueId(random.below(3) as u32)),
        _ => Action::output(PortNo(1 + random.below(4) as u32)),
    }
}

fn flow_mod(random: &mut Random) -> FlowMod {
    let (matching, packet) = if random.one_in(8) {
        (Match::new(), Packet::new(frame(random), 1))
    } else {
        matching(random)
    };
    let table = random.pick(&[0, 0, 1, 2, 3]);
    let command = match random.below(16) {
        0 => FlowModCommand::Modify,
        1 => FlowModCommand::ModifyStrict,
        2 => FlowModCommand::Delete,
        3 => FlowModCommand::DeleteStrict,
        _ => FlowModCommand::Add,
    };
    let mut change = FlowMod::new(command);
    change.matching = matching;
    change.table = TableId(table);
    change.priority = random.below(4) as u16;
    if command == FlowModCommand::Add {
        change.cookie = Some(random.below(4) as u64);
        change.idle_timeout = random.pick(&[0, 0, 0, 2, 5]);
        change.hard_timeout = random.pick(&[0, 0, 0, 3, 7]);
    } else if random.one_in(3) {
        change.cookie_filter = CookieFilter { value: 1, mask: random.pick(&[1, 3]) };
    }
    if command.deletes() {
        if random.one_in(3) {
            change.table = TableId::ALL;
        }
        if random.one_in(3) {
            change.out_port = PortNo(1 + random.below(4) as u32);
        }
        if random.one_in(4) {
            change.out_group = GroupId(1 + random.below(4) as u32);
        }
        return change;
    }
    for flag in [FlowFlags::SEND_FLOW_REM, FlowFlags::CHECK_OVERLAP, FlowFlags::RESET_COUNTS] {
        if random.one_in(3) {
            change.flags |= flag;
        }
    }
    let mut all = Vec::new();
    for _ in 0..random.below(6) {
        all.push(action(random, &packet, table));
        change.instructions = Instructions::apply(all.clone());
        if change.check().is_err() {
            all.pop();
        }
    }
    if random.one_in(2) {
        all.push(Action::output(PortNo(1 + random.below(4) as u32)));
    }
    let mut instructions = Instructions::apply(all);
    if random.one_in(3) {
        let mut written = Vec::new();
        for _ in 0..1 + random.below(4) {
            written.push(action(random, &packet, table));
            change.instructions =
                Instructions { write: Some(written.clone()), ..instructions.clone() };
            if change.check().is_err()
                || matches!(written.last(), Some(Action::Resubmit { .. } | Action::Clone(_)))
            {
                written.pop();
            }
        }
        instructions.write = Some(written);
    }
    instructions.clear = random.one_in(8);
    if random.one_in(6) {
        instructions.metadata = Some(Metadata { value: random.below(3) as u64, mask: 3 });
    }
    if random.one_in(12) {
        instructions.meter = Some(MeterId(1 + random.below(2) as u32));
    }
    if table + 1 < TABLES && random.one_in(2) {
        instructions.goto =
            Some(TableId(table + 1 + random.below((TABLES - table - 1).into()) as u8));
    }
    change.instructions = instructions;
    change
}

fn group_mod(random: &mut Random) -> GroupMod {
    let id = GroupId(1 + random.below(4) as u32);
    if random.one_in(6) {
        return GroupMod::Delete(id);
    }
    let kind = random.pick(&[
        GroupKind::All,
        GroupKind::Select,
        GroupKind::Indirect,
        GroupKind::FastFailover,
    ]);
    let n = if kind == GroupKind::Indirect { 1 } else { random.below(4) };
    let packet = Packet::new(frame(random), 1);
    let mut bucket = || {
        let mut actions = Vec::new();
        for _ in 0..random.below(4) {
            let action = action(random, &packet, 3);
            let all = actions.iter().chain([&action]).cloned();
            let change = FlowMod::add().apply(all.collect::<Vec<_>>());
            let is_earlier = match action {
                Action::Group(other) => other < id,
                Action::Clone(_) => false,
                _ => action.fits_action_set(),
            };
            if is_earlier && change.check().is_ok() {
                actions.push(action);
            }
        }
        actions.push(Action::output(port(random)));
        let mut bucket = Bucket::new(actions);
        bucket.weight = random.pick(&[0, 1, 1, 5]);
        let may_watch = matches!(kind, GroupKind::Select | GroupKind::FastFailover);
        if kind == GroupKind::FastFailover || may_watch && random.one_in(3) {
            bucket.watch_port = PortNo(1 + random.below(4) as u32);
        }
        if may_watch && id.0 > 1 && random.one_in(4) {
            bucket.watch_group = GroupId(id.0 - 1);
        }
        bucket
    };
    let buckets = (0..n).map(|_| bucket()).collect();
    GroupMod::AddOrModify(Group { id, kind, buckets, selection: None })
}

fn meter_mod(random: &mut Random) -> MeterMod {
    let id = MeterId(1 + random.below(2) as u32);
    if random.one_in(8) {
        return MeterMod::Delete(id);
    }
    let unit = random.pick(&[MeterFlags::PKTPS, MeterFlags::KBPS]);
    let bands = (0..1 + random.below(2)).map(|_| Band {
        kind: if random.one_in(2) {
            BandKind::Drop
        } else {
            BandKind::DscpRemark { precedence_level: 1 + random.below(2) as u8 }
        },
        rate: random.pick(&[1, 2, 4, 8]),
        burst_size: random.pick(&[2, 4, 8]),
    });
    MeterMod::Add(Meter { id, flags: unit | MeterFlags::BURST, bands: bands.collect() })
}

fn packet_out(random: &mut Random) -> Event {
    let mut actions = Vec::new();
    for _ in 0..random.below(3) {
        actions.push(match random.below(4) {
            0 => Action::SetVlanPcp(3),
            1 => Action::set_field(Field::EthDst, 0x0200_0000_0002).unwrap(),
            2 => Action::set_field(Field::Reg0, 1).unwrap(),
            _ => Action::output(port(random)),
        });
    }
    actions.push(if random.one_in(2) {
        Action::output(PortNo::TABLE)
    } else {
        Action::output(port(random))
    });
    let port = random.pick(&[PortNo::CONTROLLER, PortNo(1), PortNo(2)]);
    Event::PacketOut { port, actions, frame: frame(random) }
}
