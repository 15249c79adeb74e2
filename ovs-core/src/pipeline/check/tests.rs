use super::*;
use crate::PortNo;
use crate::action::{
    AddressRange, Bundle, BundleAlgorithm, Ct, CtFlags, CtZone, HashFields, Learn,
    LearnDestination, LearnFlags, LearnSource, LearnSpec, Multipath, MultipathAlgorithm, Nat,
    NatFlags, PacketType, Sample, SampleDirection, Subfield,
};
use crate::field::Prerequisite;
use crate::matching::TunnelOption;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Group 1 and meter 1 exist.
struct Ones {
    lenient: bool,
}

impl Known for Ones {
    fn has_group(&self, group: GroupId) -> bool {
        group == GroupId(1)
    }
    fn has_meter(&self, meter: MeterId) -> bool {
        meter == MeterId(1)
    }
    fn has_tunnel_option(&self, field: Field) -> bool {
        field == Field::TunMetadata1
    }
    fn is_lenient(&self) -> bool {
        self.lenient
    }
}

const STRICT: Ones = Ones { lenient: false };

fn ipv4() -> Match {
    Match::new().eth_type(0x800)
}

fn tcp() -> Match {
    ipv4().ip_proto(6)
}

fn bits(field: Field, start: u16, n_bits: u16) -> Subfield {
    Subfield::new(field, start, n_bits).unwrap()
}

fn set(field: Field, value: u128) -> Action {
    Action::set_field(field, value).unwrap()
}

fn output() -> Action {
    Action::output(PortNo(1))
}

fn check(matching: Match, actions: Vec<Action>, known: &Ones) -> Result<(), Error> {
    flow_mod(&FlowMod::add().matching(matching).apply(actions), known)
}

/// The place of the action that is refused, and why.
fn refusal(matching: Match, actions: Vec<Action>) -> Option<(usize, ActionError)> {
    match check(matching, actions, &STRICT) {
        Ok(()) => None,
        Err(Error::Action { list: ActionList::Apply, index, error }) => Some((index, error)),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn whole_flow_mods() {
    let add = FlowMod::add;
    let option = |field| TunnelOption::new(field, &[1]).unwrap();
    let with = |instructions| add().table(TableId(5)).instructions(instructions);
    let goto = |to| with(Instructions { goto: Some(TableId(to)), ..Instructions::none() });
    let meter = |id| with(Instructions { meter: Some(MeterId(id)), ..Instructions::none() });
    let opaque =
        |bytes: &[u8]| with(Instructions { opaque: vec![bytes.into()], ..Instructions::none() });
    let flags = |flags| FlowMod { flags, ..add() };
    let from_all = FlowMod { table: TableId::ALL, ..goto(0) };
    let cases: [(FlowMod, Option<&str>); 18] = [
        (add(), None),
        (flags(FlowFlags::EMERGENCY), Some("OFPFMFC_TABLE_FULL")),
        (
            FlowMod { idle_timeout: 1, ..flags(FlowFlags::EMERGENCY) },
            Some("OFPFMFC_BAD_EMERG_TIMEOUT"),
        ),
        (flags(FlowFlags::from_bits_retain(0x20)), Some("OFPFMFC_BAD_FLAGS")),
        (add().matching(Match::new().with_opaque_field(&[0; 5])), Some("OFPBMC_BAD_FIELD")),
        (add().matching(Match::new().ip_proto(6)), Some("OFPBMC_BAD_PREREQ")),
        (
            add().matching(Match::new().with_tunnel_option(option(Field::TunMetadata0))),
            Some("NXFMFC_INVALID_TLV_FIELD"),
        ),
        (add().matching(Match::new().with_tunnel_option(option(Field::TunMetadata1))), None),
        (goto(6), None),
        (goto(254), None),
        (goto(5), Some("OFPBIC_BAD_TABLE_ID")),
        (goto(255), Some("OFPBIC_BAD_TABLE_ID")),
        (from_all, None),
        (meter(1), None),
        (meter(2), Some("OFPMMFC_INVALID_METER")),
        (meter(0), Some("OFPMMFC_INVALID_METER")),
        (opaque(&[0, 9, 0, 8]), Some("OFPBIC_UNKNOWN_INST")),
        (opaque(&[0xff, 0xff, 0, 8]), Some("OFPBIC_BAD_EXPERIMENTER")),
    ];
    for (change, expected) in cases {
        let found = flow_mod(&change, &STRICT).err();
        assert_eq!(found.as_ref().and_then(Error::code_name), expected, "{change:?}: {found:?}");
    }
    // A deletion may name what is gone.
    let delete = FlowMod { command: crate::flow::FlowModCommand::Delete, ..meter(2) };
    assert_eq!(flow_mod(&delete, &STRICT), Ok(()));
}

#[test]
fn where_packets_go() {
    let out_port = |port| Some((0, ActionError::OutPort(PortNo(port))));
    for port in [1, 0xfeff, 0xffff_fff8, PortNo::CONTROLLER.0, PortNo::LOCAL.0] {
        assert_eq!(refusal(Match::new(), vec![Action::output(PortNo(port))]), None);
    }
    for port in [0, 0xff00, 0xffff_fff7, u32::MAX] {
        assert_eq!(refusal(Match::new(), vec![Action::output(PortNo(port))]), out_port(port));
        let cut = Action::OutputTruncated { port: PortNo(port), max_len: 14 };
        assert_eq!(refusal(Match::new(), vec![cut]), out_port(port));
    }
    let flood = PortNo::FLOOD;
    let enqueue = Action::Enqueue { port: flood, queue: crate::QueueId(1) };
    assert_eq!(refusal(Match::new(), vec![enqueue]), out_port(flood.0));
    let short = Action::OutputTruncated { port: PortNo(1), max_len: 13 };
    assert!(matches!(refusal(Match::new(), vec![short]), Some((0, ActionError::Argument(_)))));

    let group = Action::Group(GroupId(2));
    let missing = ActionError::OutGroup(GroupId(2));
    assert_eq!(refusal(Match::new(), vec![output(), group.clone()]), Some((1, missing)));
    assert_eq!(refusal(Match::new(), vec![Action::Clone(vec![group.clone()])]), Some((0, missing)));
    assert_eq!(refusal(Match::new(), vec![Action::Group(GroupId(1))]), None);
    assert_eq!(bucket(&[group], &STRICT), Ok(()));
}

#[test]
fn fields_need_the_packets_that_have_them() {
    let needs =
        |index, field, needed| Some((index, ActionError::MissingPrerequisite { field, needed }));
    let port = || set(Field::TcpDst, 80);
    assert_eq!(refusal(tcp(), vec![port()]), None);
    assert_eq!(refusal(ipv4(), vec![port()]), needs(0, Field::TcpDst, Prerequisite::Tcp));
    let push = Action::PushMpls(0x8847);
    let behind = vec![push.clone(), port()];
    assert_eq!(refusal(tcp(), behind), needs(1, Field::TcpDst, Prerequisite::Tcp));
    let label = set(Field::MplsLabel, 5);
    assert_eq!(refusal(tcp(), vec![push.clone(), label.clone()]), None);
    assert_eq!(refusal(tcp(), vec![label]), needs(0, Field::MplsLabel, Prerequisite::Mpls));
    let back = vec![push.clone(), Action::PopMpls(0x800), set(Field::Ipv4Src, 1)];
    assert_eq!(refusal(tcp(), back), None);
    let inside = vec![push, Action::PopMpls(0x800), port()];
    assert_eq!(refusal(tcp(), inside), needs(2, Field::TcpDst, Prerequisite::Tcp));

    let vid = || set(Field::VlanVid, 0x1005);
    assert_eq!(refusal(Match::new(), vec![vid()]), needs(0, Field::VlanVid, Prerequisite::Vlan));
    assert_eq!(refusal(Match::new().vlan_vid(1), vec![vid()]), None);
    assert_eq!(refusal(Match::new(), vec![Action::PushVlan(0x8100), vid()]), None);
    let popped = vec![Action::PopVlan, vid()];
    assert_eq!(
        refusal(Match::new().vlan_vid(1), popped),
        needs(1, Field::VlanVid, Prerequisite::Vlan)
    );
    let tci = |value| Action::Load { destination: Subfield::all(Field::VlanTci), value };
    assert_eq!(refusal(Match::new(), vec![tci(0x1000), vid()]), None);
    let gone = vec![tci(0), set(Field::VlanPcp, 1)];
    assert_eq!(
        refusal(Match::new().vlan_vid(1), gone),
        needs(1, Field::VlanPcp, Prerequisite::Vlan)
    );

    // What is cloned does not change the packet itself.
    let cloned = vec![Action::Clone(vec![Action::PushVlan(0x8100), vid()]), vid()];
    assert_eq!(refusal(Match::new(), cloned), needs(1, Field::VlanVid, Prerequisite::Vlan));
    // A bucket gets whatever packets.
    assert_eq!(bucket(&[port(), vid()], &STRICT), Ok(()));
}

#[test]
fn actions_that_do_not_fit_the_packet_are_refused_unless_it_is_openflow_1_0() {
    use Prerequisite::{Ip, Ipv4, Mpls, Pbb, Tcp, Vlan};
    let cases = [
        (Action::StripVlan, Vlan),
        (Action::SetIpv4Src([1, 2, 3, 4].into()), Ipv4),
        (Action::SetIpTos(4), Ip),
        (Action::SetIpEcn(1), Ip),
        (Action::SetIpTtl(1), Ip),
        (Action::DecIpTtl { controllers: vec![] }, Ip),
        (Action::SetTpSrc(1), Tcp),
        (Action::SetMplsLabel(1), Mpls),
        (Action::SetMplsTc(1), Mpls),
        (Action::SetMplsTtl(1), Mpls),
        (Action::DecMplsTtl, Mpls),
        (Action::PopMpls(0x800), Mpls),
        (Action::PopPbb, Pbb),
        (Action::FinTimeout { idle: 1, hard: 1 }, Tcp),
    ];
    for (action, needed) in cases {
        let expected = Some((0, ActionError::Inconsistent(needed)));
        assert_eq!(refusal(Match::new(), vec![action.clone()]), expected);
        assert_eq!(check(Match::new(), vec![action], &Ones { lenient: true }), Ok(()));
    }
    assert_eq!(refusal(tcp(), vec![Action::SetTpSrc(1), Action::SetIpTtl(3)]), None);
    let written = |action| Instructions { write: Some(vec![action]), ..Instructions::none() };
    let change = FlowMod::add().instructions(written(Action::SetIpTtl(3)));
    assert_eq!(flow_mod(&change, &STRICT), Ok(()));
}

#[test]
fn values_that_an_action_cannot_have() {
    let cases = [
        (Action::PushVlan(0x800), "OFPBAC_BAD_ARGUMENT"),
        (Action::PushMpls(0x800), "OFPBAC_BAD_ARGUMENT"),
        (Action::PushPbb(0x800), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetVlanVid(0x1000), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetVlanPcp(8), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetIpTos(1), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetIpEcn(4), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetMplsLabel(1 << 20), "OFPBAC_BAD_ARGUMENT"),
        (Action::SetMplsTc(8), "OFPBAC_BAD_ARGUMENT"),
        (Action::Load { destination: bits(Field::Reg0, 0, 4), value: 16 }, "OFPBAC_BAD_ARGUMENT"),
        (
            Action::SetField { field: Field::Reg0, value: 1 << 32, mask: 1 },
            "OFPBAC_BAD_SET_ARGUMENT",
        ),
        (set(Field::IpFrag, 1), "OFPBAC_BAD_SET_ARGUMENT"),
        (set(Field::InPort, 1), "OFPBAC_BAD_SET_ARGUMENT"),
        (set(Field::VlanVid, 5), "OFPBAC_BAD_SET_ARGUMENT"),
        (set(Field::CtMark, 5), "OFPBAC_BAD_SET_ARGUMENT"),
        (Action::Nat(Box::default()), "OFPBAC_BAD_SET_ARGUMENT"),
        (Action::StackPop(Subfield::all(Field::EthType)), "OFPBAC_BAD_SET_ARGUMENT"),
        (
            Action::Move { source: bits(Field::Reg0, 0, 4), destination: bits(Field::Reg1, 0, 5) },
            "OFPBAC_BAD_SET_LEN",
        ),
        (
            Action::CheckPacketLarger { length: 9, destination: bits(Field::Reg0, 0, 2) },
            "OFPBAC_BAD_SET_LEN",
        ),
        (Action::StackPush(Subfield::all(Field::TcpSrc)), "OFPBAC_MATCH_INCONSISTENT"),
        (
            Action::Resubmit { port: PortNo::IN_PORT, table: None, with_ct: true },
            "OFPBAC_MATCH_INCONSISTENT",
        ),
        (Action::DeleteField(Field::Reg0), "OFPBAC_BAD_ARGUMENT"),
        (Action::DeleteField(Field::TunMetadata0), "NXFMFC_INVALID_TLV_FIELD"),
        (Action::StackPush(Subfield::all(Field::TunMetadata0)), "NXFMFC_INVALID_TLV_FIELD"),
        (Action::Decap(Some(PacketType::NSH)), "OFPBAC_BAD_TYPE"),
        (Action::DecNshTtl, "OFPBAC_BAD_TYPE"),
        (Action::Opaque([0, 99, 0, 8].into()), "OFPBAC_BAD_TYPE"),
        (Action::Opaque([0xff, 0xff, 0, 8].into()), "OFPBAC_BAD_VENDOR"),
        (Action::Conjunction { id: 1, clause: 2, n_clauses: 2 }, "NXBAC_BAD_CONJUNCTION"),
        (Action::Conjunction { id: 1, clause: 0, n_clauses: 1 }, "NXBAC_BAD_CONJUNCTION"),
    ];
    for (action, expected) in cases {
        let (_, error) = refusal(Match::new(), vec![action.clone()]).unwrap();
        assert_eq!(error.code_name(), expected, "{action:?}: {error}");
    }
    let tags = vec![Action::PushVlan(0x8100), Action::PushVlan(0x88a8), Action::PushVlan(0x8100)];
    assert_eq!(refusal(Match::new(), tags), Some((2, ActionError::TooManyTags)));
    assert_eq!(refusal(Match::new(), vec![Action::DeleteField(Field::TunMetadata1)]), None);
}

#[test]
fn conjunctions_stand_with_notes_alone() {
    let clause = || Action::Conjunction { id: 1, clause: 0, n_clauses: 2 };
    assert_eq!(refusal(Match::new(), vec![clause(), Action::Note(Box::default()), clause()]), None);
    let (index, error) = refusal(Match::new(), vec![clause(), output()]).unwrap();
    assert_eq!((index, error.code_name()), (1, "NXBAC_BAD_CONJUNCTION"));
    let goto = Instructions { goto: Some(TableId(1)), ..Instructions::apply([clause()]) };
    let error = flow_mod(&FlowMod::add().instructions(goto), &STRICT).unwrap_err();
    assert_eq!(error.code_name(), Some("NXBAC_BAD_CONJUNCTION"));
}

#[test]
fn action_sets_nesting_and_length() {
    let write = |actions: Vec<Action>| {
        let write = Instructions { write: Some(actions), ..Instructions::none() };
        flow_mod(&FlowMod::add().matching(ipv4()).instructions(write), &STRICT)
    };
    let fine = vec![output(), Action::Group(GroupId(1)), Action::CtClear, set(Field::Ipv4Src, 1)];
    assert_eq!(write(fine), Ok(()));
    let error = ActionError::NotInSet;
    let refused = Error::Action { list: ActionList::Write, index: 1, error };
    assert_eq!(write(vec![output(), Action::Exit]), Err(refused));

    let nest = |depth| (0..depth).fold(output(), |inner, _| Action::Clone(vec![inner]));
    assert_eq!(refusal(Match::new(), vec![nest(16)]), None);
    assert_eq!(refusal(Match::new(), vec![nest(17)]), Some((0, ActionError::TooDeep(16))));
    assert_eq!(refusal(Match::new(), vec![output(); 8191]), None);
    let long = refusal(Match::new(), vec![output(); 8192]);
    assert_eq!(long, Some((8191, ActionError::TooMany(8191))));
}

#[test]
fn connection_tracking() {
    let ct = |change: fn(&mut Ct)| {
        let mut ct = Ct { flags: CtFlags::COMMIT, ..Ct::default() };
        change(&mut ct);
        vec![Action::Ct(Box::new(ct))]
    };
    let nat = |change: fn(&mut Nat)| {
        let mut nat = Nat { flags: NatFlags::SOURCE, ..Nat::default() };
        change(&mut nat);
        let actions = vec![Action::Nat(Box::new(nat))];
        vec![Action::Ct(Box::new(Ct { flags: CtFlags::COMMIT, actions, ..Ct::default() }))]
    };
    const V4: AddressRange = AddressRange::V4(
        core::net::Ipv4Addr::new(1, 0, 0, 1),
        core::net::Ipv4Addr::new(1, 0, 0, 2),
    );
    let fine = [
        ct(|ct| ct.actions = vec![set(Field::CtMark, 1), Action::Nat(Box::default())]),
        ct(|ct| ct.zone = CtZone::Field(bits(Field::Reg0, 0, 16))),
        nat(|nat| (nat.addresses, nat.ports) = (Some(V4), Some(1..=5))),
    ];
    for actions in fine {
        assert_eq!(refusal(ipv4(), actions), None);
    }
    let cases = [
        (ct(|ct| ct.flags = CtFlags::FORCE), "OFPBAC_BAD_ARGUMENT"),
        (ct(|ct| ct.table = Some(TableId::ALL)), "OFPBAC_BAD_ARGUMENT"),
        (ct(|ct| ct.actions = vec![output()]), "OFPBAC_BAD_ARGUMENT"),
        (
            ct(|ct| (ct.flags, ct.actions) = (CtFlags::empty(), vec![set(Field::CtMark, 1)])),
            "OFPBAC_BAD_ARGUMENT",
        ),
        (ct(|ct| ct.alg = 21), "OFPBAC_MATCH_INCONSISTENT"),
        (ct(|ct| ct.alg = 69), "OFPBAC_MATCH_INCONSISTENT"),
        (ct(|ct| ct.zone = CtZone::Field(bits(Field::Reg0, 0, 15))), "OFPBAC_BAD_SET_LEN"),
        (nat(|nat| nat.flags |= NatFlags::DESTINATION), "OFPBAC_BAD_ARGUMENT"),
        (nat(|nat| nat.flags |= NatFlags::HASH | NatFlags::RANDOM), "OFPBAC_BAD_ARGUMENT"),
        (nat(|nat| nat.ports = Some(1..=2)), "OFPBAC_BAD_ARGUMENT"),
        (nat(|nat| (nat.addresses, nat.ports) = (Some(V4), Some(0..=2))), "OFPBAC_BAD_ARGUMENT"),
        (
            nat(|nat| {
                let address = core::net::Ipv6Addr::LOCALHOST;
                nat.addresses = Some(AddressRange::V6(address, address));
            }),
            "OFPBAC_MATCH_INCONSISTENT",
        ),
    ];
    for (actions, expected) in cases {
        let (_, error) = refusal(ipv4(), actions.clone()).unwrap();
        assert_eq!(error.code_name(), expected, "{actions:?}: {error}");
    }
    let (_, error) = refusal(Match::new(), ct(|_| ())).unwrap();
    assert_eq!(error, ActionError::Inconsistent(Prerequisite::Ip));
    assert_eq!(refusal(tcp(), ct(|ct| ct.alg = 21)), None);
}

#[test]
fn choices_and_samples() {
    let bundle = |destination, members| {
        let (fields, algorithm) = (HashFields::EthSrc, BundleAlgorithm::ActiveBackup);
        let bundle = Bundle { fields, basis: 0, algorithm, destination, members };
        refusal(Match::new(), vec![Action::Bundle(Box::new(bundle))])
    };
    let code = |refusal: Option<(usize, ActionError)>| refusal.map(|(_, error)| error.code_name());
    assert_eq!(bundle(None, vec![PortNo(1), PortNo::ANY]), None);
    assert_eq!(code(bundle(None, vec![PortNo::CONTROLLER])), Some("OFPBAC_BAD_OUT_PORT"));
    assert_eq!(code(bundle(None, vec![PortNo(0xff00)])), Some("OFPBAC_BAD_OUT_PORT"));
    assert_eq!(code(bundle(None, vec![PortNo(1); 2049])), Some("OFPBAC_BAD_ARGUMENT"));
    let narrow = Some(bits(Field::Reg0, 0, 15));
    assert_eq!(code(bundle(narrow, vec![])), Some("OFPBAC_BAD_ARGUMENT"));
    let fixed = Some(Subfield::all(Field::EthType));
    assert_eq!(code(bundle(fixed, vec![])), Some("OFPBAC_BAD_SET_ARGUMENT"));

    let multipath = |max_link, n_bits| {
        let (fields, algorithm) = (HashFields::EthSrc, MultipathAlgorithm::Modulo);
        let destination = bits(Field::Reg0, 0, n_bits);
        let (basis, argument) = (0, 0);
        let multipath = Multipath { fields, basis, algorithm, max_link, argument, destination };
        refusal(Match::new(), vec![Action::Multipath(Box::new(multipath))])
    };
    assert_eq!(multipath(7, 3), None);
    assert_eq!(code(multipath(8, 3)), Some("OFPBAC_BAD_ARGUMENT"));

    let sample = |probability| {
        let (collector_set, observation_domain, observation_point) = (1, 1, 1);
        let (port, direction) = (None, SampleDirection::Unsaid);
        let sample = Sample {
            probability,
            collector_set,
            observation_domain,
            observation_point,
            port,
            direction,
        };
        refusal(Match::new(), vec![Action::Sample(Box::new(sample))])
    };
    assert_eq!(sample(1), None);
    assert_eq!(code(sample(0)), Some("OFPBAC_BAD_ARGUMENT"));
}

#[test]
fn learned_rules_must_make_sense_themselves() {
    let learn = |table, specs: Vec<(u16, LearnSource, LearnDestination)>| {
        let specs = specs
            .into_iter()
            .map(|(n_bits, source, destination)| LearnSpec { n_bits, source, destination })
            .collect();
        let learn = Learn {
            idle_timeout: 0,
            hard_timeout: 0,
            priority: 1,
            cookie: 0,
            flags: LearnFlags::empty(),
            table: TableId(table),
            fin_idle_timeout: 0,
            fin_hard_timeout: 0,
            limit: None,
            specs,
        };
        let refused = refusal(tcp(), vec![Action::Learn(Box::new(learn))]);
        refused.map(|(_, error)| error.code_name())
    };
    let field = |field| LearnSource::Field(Subfield::all(field));
    let value = |bytes: &[u8]| LearnSource::Immediate(bytes.into());
    let matches = |field| LearnDestination::Match(Subfield::all(field));
    let loads = |field| LearnDestination::Load(Subfield::all(field));
    let is_ipv4 = || (16, value(&[8, 0]), matches(Field::EthType));
    let is_tcp = || (8, value(&[6]), matches(Field::IpProto));
    let port = || (16, field(Field::TcpSrc), matches(Field::TcpDst));

    assert_eq!(learn(1, vec![is_ipv4(), is_tcp(), port()]), None);
    assert_eq!(learn(1, vec![(32, field(Field::InPort), LearnDestination::Output)]), None);
    assert_eq!(learn(255, vec![]), Some("OFPBAC_BAD_ARGUMENT"));
    assert_eq!(learn(1, vec![is_ipv4(), port()]), Some("OFPBAC_MATCH_INCONSISTENT"));
    assert_eq!(
        learn(1, vec![(16, field(Field::UdpSrc), loads(Field::Reg0))]),
        Some("OFPBAC_BAD_SET_LEN")
    );
    let part = LearnDestination::Load(bits(Field::Reg0, 0, 16));
    assert_eq!(learn(1, vec![(16, field(Field::UdpSrc), part)]), Some("OFPBAC_MATCH_INCONSISTENT"));
    assert_eq!(
        learn(1, vec![(16, value(&[8, 0]), loads(Field::EthType))]),
        Some("OFPBAC_BAD_SET_ARGUMENT")
    );
    assert_eq!(
        learn(1, vec![(16, value(&[8]), matches(Field::EthType))]),
        Some("OFPBAC_BAD_ARGUMENT")
    );
}

#[test]
fn packet_outs_know_the_packet() {
    let mut key = FlowKey::ZERO;
    Field::EthType.set(&mut key, 0x800).unwrap();
    let ttl = [Action::SetIpTtl(3), set(Field::Ipv4Src, 1)];
    assert_eq!(packet_out(&ttl, &key, &STRICT), Ok(()));
    let error = packet_out(&ttl, &FlowKey::ZERO, &STRICT).unwrap_err();
    assert_eq!(
        alloc::format!("{error}"),
        "packet-out action 0, counted from 0: it needs IPv4 or IPv6, which not every packet has \
         that comes here"
    );
    let group = packet_out(&[Action::Group(GroupId(9))], &key, &STRICT).unwrap_err();
    assert_eq!(group.code_name(), Some("OFPBAC_BAD_OUT_GROUP"));
}
