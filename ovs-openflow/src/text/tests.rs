use super::*;
use crate::message::Duration;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use ovs_core::action::{Encap, EncapProperty, PacketType};
use ovs_core::field::{Field, Format, Masking, Prerequisite};
use ovs_core::flow::{CookieFilter, FlowFlags};
use ovs_core::group::{Bucket, BucketPlace, GroupId, GroupKind};
use ovs_core::meter::{Band, BandKind, MeterFlags, MeterId};
use ovs_core::{PortNo, TableId};
use proptest::prelude::*;

fn complaint(result: Result<impl Sized, ParseError>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn errors_say_where_and_what() {
    let text = |text| complaint(parse_match(text));
    assert_eq!(text("ip,nw_dst=10.0.0"), "at 10: `10.0.0` is not an IPv4 address");
    assert_eq!(text("reg0=0x1ffffffff"), "at 5: `0x1ffffffff` is more than 4294967295");
    assert_eq!(text("tcp,eth_src=1:2:3"), "at 12: `1:2:3` is not a MAC address");
    assert_eq!(text("in_port=eth0"), "at 8: `eth0` is not a port: a number or a name");
    assert_eq!(
        text("ip,nw_ttl=1/3"),
        "at 12: `3` masks a part of a field that can only be matched whole"
    );
    assert_eq!(text("nonsense"), "at 0: `nonsense` is neither a field nor a keyword");
    assert_eq!(text(" udq"), "at 1: `udq` is neither a field nor a keyword; did you mean `udp`?");

    let text = |text| complaint(parse_actions(text));
    assert_eq!(
        text("output:1,pop_vlam"),
        "at 9: `pop_vlam` is neither an action nor a port; did you mean `pop_vlan`?"
    );
    assert_eq!(text("clone(1,ct(exec(7)))"), "at 16: `7` cannot stand in `ct`");
    assert_eq!(text("move:reg0[]"), "at 11: `->` and a field is expected");
    assert_eq!(
        text("goto_table:3"),
        "at 0: `goto_table` is an instruction, which cannot stand here"
    );

    let text = |text| complaint(parse_flow(text, FlowModCommand::Add));
    assert_eq!(text("ip"), "at 2: `actions=` is missing");
    assert_eq!(text("priority=99999,actions=1"), "at 9: `99999` is more than 65535");
    assert_eq!(
        text("ip,actions=goto_table:3,output:1"),
        "at 24: `output` must stand before `goto_table`"
    );
}

#[test]
fn a_caret_marks_the_place_in_its_line() {
    let text = "ip,\tnw_src=1.2.3.4\nnw_dst=x,tcp";
    let error = parse_match(text).unwrap_err();
    assert_eq!(error.within(text).to_string(), "nw_dst=x,tcp\n       ^");
    let error = parse_match("ip,\tnw_srk=1.2.3.4").unwrap_err();
    assert_eq!(error.within("ip,\tnw_srk=1.2.3.4").to_string(), "ip,\tnw_srk=1.2.3.4\n   \t^~~~~~");
}

#[test]
fn names_stand_for_ports_and_tables() {
    let mut names = NameMap::new();
    names.add_port(PortNo(1), "eth0");
    names.add_port(PortNo(2), "wan.7");
    names.add_port(PortNo(3), "twice");
    names.add_port(PortNo(4), "twice");
    names.add_table(TableId(5), "acl");
    let syntax = Syntax::with_names(&names);
    let text = "in_port=eth0,table=acl,actions=output:\"wan.7\",eth0,resubmit(,acl),3";
    let flow = syntax.parse_flow(text, FlowModCommand::Add).unwrap();
    assert_eq!(flow.table, TableId(5));
    assert_eq!(syntax.show_match(&flow.matching).to_string(), "in_port=eth0");
    let shown = syntax.show_instructions(&flow.instructions).to_string();
    assert_eq!(shown, "output:\"wan.7\",output:eth0,resubmit(,acl),output:3");
    assert_eq!(
        show_instructions(&flow.instructions).to_string(),
        "output:2,output:1,resubmit(,5),output:3"
    );
    assert!(syntax.parse_match("in_port=twice").is_err());
}

#[test]
fn generic_names_mean_the_field_of_the_protocol() {
    let same = |a, b| assert_eq!(parse_match(a), parse_match(b), "{a}, {b}");
    same("icmp,tp_src=8", "icmp,icmp_type=8");
    same("icmp6,icmp_code=3", "icmp6,icmpv6_code=3");
    same("arp,nw_proto=1,nw_src=1.2.3.4", "arp,arp_op=1,arp_spa=1.2.3.4");
    same("dl_vlan=5", "vlan_tci=0x1005/0x1fff");
    same("in_port=65534", "in_port_oxm=LOCAL");
}

#[test]
fn commands_of_a_line_and_what_they_allow() {
    let flow =
        parse_flow_mod("delete_strict table=3 cookie=0x10/0xf0,out_port=2 priority=7,ip").unwrap();
    assert_eq!(flow.command, FlowModCommand::DeleteStrict);
    assert_eq!((flow.table, flow.out_port, flow.priority), (TableId(3), PortNo(2), 7));
    assert_eq!(flow.cookie_filter, CookieFilter { value: 0x10, mask: 0xf0 });
    assert_eq!(parse_flow_mod("ip,actions=1").unwrap().command, FlowModCommand::Add);

    let cookie =
        |text| parse_flow_mod(text).map(|flow| (flow.cookie, flow.updates_cookie)).unwrap();
    assert_eq!(cookie("modify actions=1"), (Some(0), false));
    assert_eq!(cookie("modify cookie=5,actions=1"), (Some(5), true));
    assert_eq!(cookie("modify cookie=5/-1,actions=1"), (None, false));
    let error = complaint(parse_flow_mod("delete cookie=5"));
    assert_eq!(error, "at 14: `5` has no mask; with `/-1` behind it is asked for");
    let error = complaint(parse_flow_mod("add out_port=5,actions=1"));
    assert_eq!(error, "at 4: `out_port` cannot be said with this command");

    let request = parse_flow_request("table=1,out_group=ANY,cookie=1/1,tcp").unwrap();
    assert_eq!((request.table, request.out_group), (TableId(1), GroupId::ANY));
}

#[test]
fn a_changed_flow_is_written_in_flow_syntax() {
    for text in [
        "add table=3, cookie=0x5, idle_timeout=6, importance=7, check_overlap, ip actions=drop",
        "modify cookie=0x10/0xf0, cookie=0x3, actions=output:1",
        "delete table=2, out_port=LOCAL, out_group=7, tcp",
        "delete_strict priority=5,tcp",
        "add actions=drop",
    ] {
        assert_eq!(show_flow_mod(&parse_flow_mod(text).unwrap()).to_string(), text);
    }
}

#[test]
fn flow_statistics_are_read_and_written() {
    let line = "cookie=0x1f, duration=3.25s, table=2, n_packets=7, n_bytes=?, idle_timeout=5, \
                send_flow_rem idle_age=2, hard_age=1, priority=9,tcp,nw_src=1.2.3.4 \
                actions=dec_ttl";
    let flow = parse_flow_stats(line).unwrap();
    assert_eq!(flow.duration, Duration { sec: 3, nsec: 250_000_000 });
    assert_eq!((flow.packet_count, flow.byte_count), (7, u64::MAX));
    assert_eq!(flow.flags, FlowFlags::SEND_FLOW_REM);
    assert_eq!(
        show_flow_stats(&flow).to_string(),
        line.replace("3.25s", "3.250s"),
        "of milliseconds three digits"
    );
    assert_eq!(
        show_flow_stats(&flow).without_counters().to_string(),
        "cookie=0x1f, table=2, idle_timeout=5, send_flow_rem priority=9,tcp,nw_src=1.2.3.4 \
         actions=dec_ttl"
    );
    let shortest = parse_flow_stats("duration=0.000000001s, actions=drop").unwrap();
    let shown = show_flow_stats(&shortest).to_string();
    assert_eq!(
        shown,
        "cookie=0x0, duration=0.000000001s, table=0, n_packets=?, n_bytes=?, actions=drop"
    );
    assert_eq!(parse_flow_stats(&shown), Ok(shortest));
}

#[test]
fn what_open_vswitch_has_not_is_read_and_written_too() {
    let actions = vec![
        Action::PushPbb(0x88e7),
        Action::PopPbb,
        Action::CopyTtlIn,
        Action::CopyTtlOut,
        Action::Opaque([0xff, 0xff, 0, 8, 0, 0, 0, 1].into()),
        Action::Encap(alloc::boxed::Box::new(Encap {
            packet_type: PacketType::NSH,
            header_size: 0,
            properties: vec![
                EncapProperty::NshMdType(2),
                EncapProperty::Opaque([0, 4, 9, 4].into()),
            ],
        })),
    ];
    let text = "push_pbb:0x88e7,pop_pbb,copy_ttl_in,copy_ttl_out,opaque:ff.ff.00.08.00.00.00.01,\
                encap(nsh(md_type=2,opaque=00.04.09.04))";
    assert_eq!(show_actions(&actions).to_string(), text);
    assert_eq!(parse_actions(text), Ok(actions));

    let text = "output:1,goto_table:3,opaque_instruction:00.09.00.08.00.00.00.00";
    let instructions = parse_instructions(text).unwrap();
    assert_eq!(instructions.opaque, [[0, 9, 0, 8, 0, 0, 0, 0].into()]);
    assert_eq!(show_instructions(&instructions).to_string(), text);

    let text = "dl_type=0x88e7,pbb_isid=0x1/0xf,pbb_uca=1,opaque_field=80.00.fe.01.05";
    assert_eq!(show_match(&parse_match(text).unwrap()).to_string(), text);
    let text = "ipv6,ipv6_exthdr=0x1/0x3";
    assert_eq!(show_match(&parse_match(text).unwrap()).to_string(), text);
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| format!("{}1{}", "clone(".repeat(depth), ")".repeat(depth));
    assert!(parse_actions(&nested(99)).is_ok());
    assert!(complaint(parse_actions(&nested(100))).ends_with("is nested too deeply"));
    assert!(parse_actions(&nested(100_000)).is_err());
}

#[test]
fn groups_are_read_and_written() {
    let text = "group_id=7,type=select,selection_method=hash,selection_method_param=5,\
                fields(eth_src,ip_src=255.255.0.0),bucket=bucket_id:3,weight:2,watch_port:LOCAL,\
                actions=output:1,set_field:0x1->reg0,bucket=actions=drop";
    let text = text.replace("LOCAL", "9");
    let group = parse_group(&text).unwrap();
    assert_eq!(group.kind, GroupKind::Select);
    assert_eq!(group.buckets[1], Bucket::new([]));
    let selection = group.selection.as_ref().unwrap();
    let fields = [(Field::EthSrc, Field::EthSrc.ones()), (Field::Ipv4Src, 0xffff_0000)];
    assert_eq!(selection.fields, fields);
    assert_eq!(show_group(&group).to_string(), text);

    let change =
        parse_group_mod("insert_bucket group_id=1,command_bucket_id=first,bucket=1").unwrap();
    let GroupMod::InsertBuckets(group, BucketPlace::First) = change else {
        panic!("{change:?}");
    };
    assert_eq!(group.buckets[0].actions, [Action::Output { port: PortNo(1), max_len: 0 }]);
    let change = parse_group_mod("remove_bucket group_id=1,command_bucket_id=5").unwrap();
    assert_eq!(change, GroupMod::RemoveBuckets(GroupId(1), BucketPlace::Bucket(5)));
    assert_eq!(parse_group_mod("delete"), Ok(GroupMod::Delete(GroupId::ALL)));
    let error = complaint(parse_group("group_id=1,type=ff,bucket=actions=output:1"));
    assert_eq!(error, "at 42: `watch_port=` or `watch_group=` is missing");
}

#[test]
fn meters_are_read_and_written() {
    let text = "meter=3 kbps burst stats bands=\n\
                type=drop rate=1000 burst_size=7\n\
                type=dscp_remark rate=500 burst_size=9 prec_level=1";
    let meter = parse_meter(text).unwrap();
    let bands = [
        Band { kind: BandKind::Drop, rate: 1000, burst_size: 7 },
        Band { kind: BandKind::DscpRemark { precedence_level: 1 }, rate: 500, burst_size: 9 },
    ];
    assert_eq!((meter.id, meter.bands.as_slice()), (MeterId(3), bands.as_slice()));
    assert_eq!(show_meter(&meter).to_string(), text);

    let meter = parse_meter("meter=controller pktps,band=type=drop,rate=2").unwrap();
    assert_eq!((meter.id, meter.flags), (MeterId::CONTROLLER, MeterFlags::PKTPS));
    assert_eq!(show_meter(&meter).to_string(), "meter=controller pktps bands=\ntype=drop rate=2");
    assert_eq!(parse_meter_mod("delete meter=3"), Ok(MeterMod::Delete(MeterId(3))));
    let refused = |text| complaint(parse_meter(text));
    assert_eq!(refused("meter=1 kbps"), "at 12: `bands=` is missing");
    assert_eq!(refused("meter=1 bands=type=drop rate=1"), "at 8: `kbps` or `pktps` is missing");
    assert_eq!(
        refused("meter=1 kbps bands=type=drop"),
        "at 19: `type` begins a band without `rate`"
    );
}

/// Pieces that texts are made of.
const PIECES: &[&str] = &[
    "ip",
    "tcp",
    "nw_dst",
    "reg0",
    "[",
    "]",
    "(",
    ")",
    "=",
    ":",
    ",",
    " ",
    "->",
    "..",
    "/",
    "0x",
    "1",
    "255",
    "65536",
    "-",
    "+",
    "\"",
    "*",
    "actions=",
    "output",
    "load",
    "move",
    "learn",
    "ct",
    "nat",
    "src",
    "exec",
    "clone",
    "set_field",
    "tun_metadata0",
    "bucket=",
    "group_id",
    "type",
    "bands=",
    "meter",
    "rate",
    "cookie",
    "tcp_flags",
    "syn",
    "|",
    "é",
    "note",
    "conjunction",
    "1.2.3.4",
    "::1",
    "vlan_tci",
    "encap",
    "nsh",
    "tlv",
    "check_pkt_larger",
    "resubmit",
    "table",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24),
    ) {
        let text = pieces.concat();
        let errors = [
            parse_match(&text).err(),
            parse_instructions(&text).err(),
            parse_flow_mod(&text).err(),
            parse_flow_stats(&text).err(),
            parse_group_mod(&text).err(),
            parse_meter_mod(&text).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(text[error.offset..].starts_with(&error.part));
            prop_assert!(error.within(&text).to_string().contains('^'));
        }
        if let Ok(actions) = parse_actions(&text) {
            prop_assert_eq!(parse_actions(&show_actions(&actions).to_string()), Ok(actions));
        }
    }

    #[test]
    fn values_of_fields_survive(
        field in proptest::sample::select(Field::all().collect::<Vec<_>>()),
        value: u128,
        mask in proptest::option::of(any::<u128>()),
    ) {
        let Some(context) = context(field) else { return Ok(()) };
        let mask = mask.filter(|_| field.masking() == Masking::Bitwise).unwrap_or(u128::MAX);
        let mask = mask & field.ones();
        let value = match field.format() {
            Format::Port | Format::Port16 => value % 0xff00,
            _ => value & mask,
        };
        let matching = parse_match(context).unwrap().with_masked(field, value, mask).unwrap();
        let text = show_match(&matching).to_string();
        prop_assert_eq!(parse_match(&text), Ok(matching), "{}", text);
    }
}

/// What must be said for a field to be said; `None` if it is not said, or not with its mask.
fn context(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::TunTos | Field::TunGbpFlags | Field::TunGtpuFlags | Field::TunGtpuMsgtype => {
            return None;
        }
        Field::TunErspanVer | Field::TunErspanIdx | Field::TunErspanDir | Field::TunErspanHwid => {
            return None;
        }
        Field::CtTpSrc | Field::CtTpDst | Field::CtState | Field::IpFrag => return None,
        Field::NshC1 | Field::NshC2 | Field::NshC3 | Field::NshC4 => "dl_type=0x894f,nsh_mdtype=1",
        // Types that mean something are words.
        Field::EthType | Field::PacketType | Field::IpProto => return None,
        _ if field.is_tunnel_option() => return None,
        _ => match field.prerequisite() {
            Prerequisite::Mpls => "mpls",
            Prerequisite::Pbb => "dl_type=0x88e7",
            Prerequisite::Nsh => "dl_type=0x894f",
            Prerequisite::Arp => "arp",
            Prerequisite::Ipv4 | Prerequisite::Ip => "ip",
            Prerequisite::Ipv6 => "ipv6",
            Prerequisite::Tcp => "tcp",
            Prerequisite::Udp => "udp",
            Prerequisite::Sctp => "sctp",
            Prerequisite::Icmpv4 => "icmp",
            Prerequisite::Icmpv6 => "icmp6",
            Prerequisite::Nd | Prerequisite::NdSolicit | Prerequisite::NdAdvert => "icmp6",
            Prerequisite::Vlan => "dl_vlan=5",
            _ => "",
        },
    })
}

#[test]
fn own_names_are_all_known() {
    for field in Field::all() {
        let name = field::name(field);
        assert_eq!(field::from_name(name), Some(field), "{name}");
    }
}
