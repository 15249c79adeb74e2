//! Flow-mods that make no sense: what stock Open vSwitch answers, and what ours would.

mod support;

use bytes::Bytes;
use ovs_core::action::{
    Action, ActionError, Bundle, BundleAlgorithm, Ct, CtFlags, CtZone, HashFields, Instructions,
    Learn, LearnDestination, LearnFlags, LearnSource, LearnSpec, Subfield,
};
use ovs_core::field::Field;
use ovs_core::flow::{FlowFlags, FlowMod};
use ovs_core::matching::{Match, TunnelOption};
use ovs_core::meter::MeterId;
use ovs_core::{Error, PortNo, TableId};
use ovs_openflow::{ErrorCode, Message, Protocol};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use support::{Host, Running, have, wait_for};

const VSWITCHD: &str = "/usr/lib/openvswitch-switch/ovs-vswitchd";
const SCHEMA: &str = "/usr/share/openvswitch/vswitch.ovsschema";

/// Stock Open vSwitch with a bridge, all its files in a folder.
struct Stock {
    _switch: Running,
    _database: Running,
    folder: tempfile::TempDir,
    _host: Host,
}

impl Stock {
    fn start() -> Self {
        let host = Host::quiet();
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().display();
        host.sh(&format!("ovsdb-tool create {at}/conf.db {SCHEMA}"));
        let environment = format!("env OVS_RUNDIR={at} OVS_LOGDIR={at} OVS_DBDIR={at}");
        let database = host.spawn(&format!(
            "{environment} ovsdb-server {at}/conf.db --remote=punix:{at}/db.sock \
             --unixctl={at}/db.ctl --log-file={at}/db.log"
        ));
        wait_for("a database", || folder.path().join("db.sock").exists());
        let switch = host.spawn(&format!(
            "{environment} {VSWITCHD} unix:{at}/db.sock --unixctl={at}/switch.ctl \
             --log-file={at}/switch.log"
        ));
        host.sh(&format!(
            "ovs-vsctl --timeout=10 --db=unix:{at}/db.sock -- add-br br0 -- set bridge br0 \
             datapath_type=netdev protocols=OpenFlow10,OpenFlow13"
        ));
        wait_for("a bridge", || folder.path().join("br0.mgmt").exists());
        Self { _switch: switch, _database: database, folder, _host: host }
    }
}

/// A connection to the bridge, in one version.
struct Controller {
    stream: UnixStream,
    protocol: Protocol,
}

impl Controller {
    fn connect(folder: &Path, protocol: Protocol) -> Self {
        let stream = UnixStream::connect(folder.join("br0.mgmt")).expect("the bridge");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        let mut controller = Self { stream, protocol };
        let hello = [if protocol == Protocol::OF10 { 1 } else { 4 }, 0, 0, 8, 0, 0, 0, 1];
        controller.stream.write_all(&hello).expect("a hello is sent");
        assert_eq!(controller.read()[1], 0, "a hello");
        controller
    }

    fn read(&mut self) -> Vec<u8> {
        let mut message = vec![0; 8];
        self.stream.read_exact(&mut message).expect("a header");
        let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
        message.resize(length, 0);
        self.stream.read_exact(&mut message[8..]).expect("a body");
        message
    }

    /// What is wrong with a message, if anything: what is answered before the barrier.
    fn ask(&mut self, message: &[u8]) -> Option<ErrorCode> {
        let mut barrier = Vec::new();
        Message::BarrierRequest.encode(self.protocol, 9, &mut barrier).expect("a barrier");
        self.stream.write_all(&[message, &barrier].concat()).expect("it is sent");
        let mut refused = None;
        loop {
            let answer = Bytes::from(self.read());
            match Message::decode_in(&answer, self.protocol).expect("an answer").message {
                Message::Error(error) => refused = Some(error.code),
                Message::BarrierReply => return refused,
                _ => {}
            }
        }
    }
}

/// What we have against a message: the codec, or the flow-mod itself.
fn ours(message: &[u8], protocol: Protocol) -> Option<ErrorCode> {
    match Message::decode_in(&Bytes::copy_from_slice(message), protocol) {
        Err(error) => Some(error.code),
        Ok(envelope) => match envelope.message {
            Message::FlowMod(change) => change.check().err().map(|error| ErrorCode::from(&error)),
            other => panic!("{other:?}"),
        },
    }
}

fn apply(matching: Match, actions: impl IntoIterator<Item = Action>) -> FlowMod {
    FlowMod::add().matching(matching).apply(actions)
}

fn tcp() -> Match {
    Match::new().eth_type(0x800).ip_proto(6)
}

fn set(field: Field, value: u128) -> Action {
    Action::set_field(field, value).expect("it fits")
}

fn part(field: Field, start: u16, n_bits: u16) -> Subfield {
    Subfield::new(field, start, n_bits).expect("it has them")
}

fn learn(table: u8, specs: Vec<(u16, LearnSource, LearnDestination)>) -> Action {
    let spec = |(n_bits, source, destination)| LearnSpec { n_bits, source, destination };
    Action::Learn(Box::new(Learn {
        idle_timeout: 0,
        hard_timeout: 0,
        priority: 1,
        cookie: 0,
        flags: LearnFlags::empty(),
        table: TableId(table),
        fin_idle_timeout: 0,
        fin_hard_timeout: 0,
        limit: None,
        specs: specs.into_iter().map(spec).collect(),
    }))
}

fn ct(change: impl FnOnce(&mut Ct)) -> Action {
    let mut ct = Ct { flags: CtFlags::COMMIT, ..Ct::default() };
    change(&mut ct);
    Action::Ct(Box::new(ct))
}

fn bundle(members: Vec<PortNo>, destination: Option<Subfield>) -> Action {
    let (fields, algorithm) = (HashFields::EthSrc, BundleAlgorithm::ActiveBackup);
    Action::Bundle(Box::new(Bundle { fields, basis: 0, algorithm, destination, members }))
}

/// Whole flow-mods, right and wrong.
fn flow_mods() -> Vec<FlowMod> {
    let with = |instructions| FlowMod::add().table(TableId(5)).instructions(instructions);
    let goto = |to| with(Instructions { goto: Some(TableId(to)), ..Instructions::none() });
    let opaque =
        |bytes: &[u8]| with(Instructions { opaque: vec![bytes.into()], ..Instructions::none() });
    let write = |actions| with(Instructions { write: Some(actions), ..Instructions::none() });
    let meter = |id| with(Instructions { meter: Some(MeterId(id)), ..Instructions::none() });
    let option = TunnelOption::new(Field::TunMetadata0, &[1, 2, 3, 4]).expect("an option");
    let unknown = [0x80, 0x00, 0x7e << 1, 1, 5];
    vec![
        FlowMod::add(),
        FlowMod { flags: FlowFlags::CHECK_OVERLAP, ..FlowMod::add() },
        FlowMod::add().matching(Match::new().ip_proto(6)),
        FlowMod::add().matching(Match::new().with_tunnel_option(option)),
        FlowMod::add().matching(Match::new().with_opaque_field(&unknown)),
        goto(6),
        goto(253),
        goto(5),
        goto(4),
        opaque(&[0, 99, 0, 8, 0, 0, 0, 0]),
        opaque(&[0xff, 0xff, 0, 8, 0, 0, 0, 1]),
        meter(0),
        meter(0xffff_ffff),
        write(vec![Action::output(PortNo(1))]),
        write(vec![Action::Exit]),
        write(vec![Action::SetIpTtl(1)]),
        write(vec![set(Field::TcpDst, 1)]),
        write(vec![Action::Clone(vec![])]),
    ]
}

/// Lists of simple actions, right and wrong, and what they are for.
fn simple_actions() -> Vec<(Match, Vec<Action>)> {
    let any = Match::new;
    let push = Action::PushVlan(0x8100);
    let mpls = Action::PushMpls(0x8847);
    let with_ct =
        Action::Resubmit { port: PortNo::IN_PORT, table: Some(TableId(1)), with_ct: true };
    vec![
        (any(), vec![Action::output(PortNo(0xfeff))]),
        (any(), vec![Action::output(PortNo::ANY)]),
        (any(), vec![Action::OutputTruncated { port: PortNo(1), max_len: 13 }]),
        (any(), vec![Action::OutputTruncated { port: PortNo::ANY, max_len: 14 }]),
        (any(), vec![set(Field::TcpDst, 1)]),
        (tcp(), vec![set(Field::TcpDst, 1)]),
        (tcp(), vec![mpls.clone(), set(Field::TcpDst, 1)]),
        (tcp(), vec![mpls.clone(), set(Field::MplsLabel, 1)]),
        (tcp(), vec![mpls, Action::PopMpls(0x800), set(Field::Ipv4Src, 1)]),
        (tcp(), vec![set(Field::MplsLabel, 1)]),
        (any(), vec![set(Field::VlanVid, 0x1001)]),
        (any(), vec![set(Field::VlanVid, 1)]),
        (any(), vec![push.clone(), set(Field::VlanVid, 0x1001)]),
        (any().vlan_vid(1), vec![Action::PopVlan, set(Field::VlanPcp, 1)]),
        (any(), vec![push.clone(), push.clone()]),
        (any(), vec![push.clone(), push.clone(), push.clone()]),
        (any().vlan_vid(1), vec![push.clone(), push]),
        (any(), vec![Action::PushVlan(0x800)]),
        (any(), vec![Action::PushMpls(0x800)]),
        (any(), vec![Action::PopVlan]),
        (any(), vec![Action::PopMpls(0x800)]),
        (any(), vec![Action::SetIpTtl(1)]),
        (any(), vec![Action::DecIpTtl { controllers: vec![] }]),
        (any(), vec![Action::DecMplsTtl]),
        (any(), vec![Action::SetMplsTtl(1)]),
        (any(), vec![Action::FinTimeout { idle: 1, hard: 1 }]),
        (tcp(), vec![Action::FinTimeout { idle: 1, hard: 1 }]),
        (any(), vec![set(Field::IpFrag, 1)]),
        (any(), vec![set(Field::InPort, 1)]),
        (any(), vec![set(Field::CtMark, 1)]),
        (any(), vec![set(Field::ArpOp, 1)]),
        (any(), vec![Action::Nat(Box::default())]),
        (any(), vec![Action::StackPop(Subfield::all(Field::EthType))]),
        (any(), vec![Action::StackPush(Subfield::all(Field::TcpSrc))]),
        (any(), vec![Action::StackPush(part(Field::VlanVid, 0, 12))]),
        (
            any(),
            vec![Action::Move {
                source: Subfield::all(Field::Ipv4Src),
                destination: Subfield::all(Field::Reg0),
            }],
        ),
        (any(), vec![with_ct]),
        (any(), vec![Action::DeleteField(Field::TunMetadata0)]),
        (any(), vec![Action::StackPush(Subfield::all(Field::TunMetadata0))]),
        (any(), vec![Action::Opaque([0, 99, 0, 8, 0, 0, 0, 0].into())]),
        (any(), vec![Action::Opaque([0xff, 0xff, 0, 8, 0, 0, 0, 9].into())]),
    ]
}

/// Lists of actions with many arguments, likewise.
fn complex_actions() -> Vec<(Match, Vec<Action>)> {
    let any = Match::new;
    let field = |field| LearnSource::Field(Subfield::all(field));
    let matches = |field| LearnDestination::Match(Subfield::all(field));
    let loads = |field| LearnDestination::Load(Subfield::all(field));
    let eth_type = || (16, LearnSource::Immediate([8, 0].into()), matches(Field::EthType));
    let clause = || Action::Conjunction { id: 1, clause: 0, n_clauses: 2 };
    let port = || (16, field(Field::TcpSrc), matches(Field::TcpDst));
    let ct_action = |action| ct(|ct| ct.actions = vec![action]);
    vec![
        (any(), vec![clause()]),
        (any(), vec![clause(), Action::Note([0; 6].into())]),
        (any(), vec![clause(), Action::output(PortNo(1))]),
        (any(), vec![Action::Conjunction { id: 1, clause: 2, n_clauses: 2 }]),
        (any(), vec![ct(|_| ())]),
        (tcp(), vec![ct(|_| ())]),
        (tcp(), vec![ct(|ct| ct.alg = 21)]),
        (tcp(), vec![ct(|ct| ct.alg = 69)]),
        (tcp(), vec![ct(|ct| ct.flags = CtFlags::FORCE)]),
        (tcp(), vec![ct(|ct| ct.zone = CtZone::Field(part(Field::Reg0, 0, 15)))]),
        (tcp(), vec![ct(|ct| ct.zone = CtZone::Field(part(Field::Reg0, 0, 16)))]),
        (tcp(), vec![ct_action(set(Field::CtMark, 1))]),
        (tcp(), vec![ct_action(Action::output(PortNo(1)))]),
        (tcp(), vec![ct_action(Action::Nat(Box::default()))]),
        (any(), vec![bundle(vec![PortNo(1), PortNo::ANY], None)]),
        (any(), vec![bundle(vec![PortNo::CONTROLLER], None)]),
        (any(), vec![bundle(vec![PortNo(1)], Some(part(Field::Reg0, 0, 15)))]),
        (any(), vec![bundle(vec![PortNo(1)], Some(Subfield::all(Field::EthType)))]),
        (tcp(), vec![learn(1, vec![eth_type(), port()])]),
        (tcp(), vec![learn(1, vec![(16, field(Field::TcpSrc), loads(Field::TcpDst))])]),
        (any(), vec![learn(1, vec![(48, field(Field::EthSrc), matches(Field::EthDst))])]),
        (any(), vec![learn(1, vec![(32, field(Field::Ipv4Src), loads(Field::Reg0))])]),
        (any(), vec![learn(255, vec![])]),
        (any(), vec![Action::Clone(vec![set(Field::TcpDst, 1)])]),
        (any(), vec![Action::Clone(vec![Action::SetIpTtl(1)])]),
    ]
}

/// Both must have the same against each, and some are right, most wrong.
fn compare(protocol: Protocol, changes: Vec<FlowMod>) {
    let programs = ["ovsdb-server", "ovsdb-tool", "ovs-vsctl"];
    if !have(&[&programs[..], &[VSWITCHD, SCHEMA]].concat()) {
        return;
    }
    let stock = Stock::start();
    let mut controller = Controller::connect(stock.folder.path(), protocol);
    let mut differences = Vec::new();
    let (mut sent, mut refused) = (0, 0);
    for change in changes {
        let mut message = Vec::new();
        // What cannot be said cannot be compared.
        if Message::FlowMod(change.clone()).encode(protocol, 7, &mut message).is_err() {
            continue;
        }
        let (theirs, ours) = (controller.ask(&message), ours(&message, protocol));
        sent += 1;
        refused += usize::from(theirs.is_some());
        if theirs != ours {
            differences.push(format!("{change:?}\n  stock: {theirs:?}, ours: {ours:?}"));
        }
    }
    println!("{sent} sent, {refused} refused");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn of_openflow_13() {
    let lists = simple_actions()
        .into_iter()
        .chain(complex_actions())
        .map(|(matching, actions)| apply(matching, actions));
    compare(Protocol::OF13, flow_mods().into_iter().chain(lists).collect());
}

#[test]
fn of_openflow_10() {
    let emergency = FlowMod { flags: FlowFlags::EMERGENCY, ..FlowMod::add() };
    compare(
        Protocol::OF10,
        vec![
            FlowMod::add(),
            FlowMod { idle_timeout: 5, ..emergency.clone() },
            FlowMod { hard_timeout: 5, ..emergency.clone() },
            emergency,
            apply(Match::new(), [Action::SetVlanVid(5), Action::StripVlan]),
            apply(Match::new(), [Action::output(PortNo::ANY)]),
            apply(
                Match::new(),
                [Action::Enqueue { port: PortNo(0xfeff), queue: Default::default() }],
            ),
            apply(
                Match::new(),
                [Action::Enqueue { port: PortNo::FLOOD, queue: Default::default() }],
            ),
        ],
    );
}

/// Where ours refuses more, with the reason.
#[test]
fn ports_begin_at_1() {
    // OpenFlow 1.3.5 §7.2.1; stock Open vSwitch accepts such a rule, which can send nothing.
    let refused = apply(Match::new(), [Action::output(PortNo(0))]).check();
    let error = ActionError::OutPort(PortNo(0));
    assert!(matches!(refused, Err(Error::Action { error: found, .. }) if found == error));
}
