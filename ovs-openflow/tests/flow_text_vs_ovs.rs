//! Flows and groups are read as Open vSwitch reads them, and printed as it prints them.
//!
//! `ovs-ofctl diff-flows FILE /dev/null` prints what it made of each flow in a file, without a
//! detour over messages. Priorities tell the flows apart.

#![allow(clippy::expect_used, missing_docs)]

use ovs_core::flow::FlowModCommand;
use ovs_openflow::text;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Is stock `ovs-ofctl` there? If not, says so, or fails where it must be.
fn have_ovs_ofctl() -> bool {
    if Command::new("ovs-ofctl").arg("--version").output().is_ok() {
        return true;
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "missing: ovs-ofctl");
    // Past the test harness, which hides what tests that pass print.
    writeln!(std::io::stderr(), "skipped: this test needs ovs-ofctl").ok();
    false
}

/// What `ovs-ofctl` prints for each flow, the priority in front being its number from 1 on.
fn ovs_prints(name: &str, flows: &[String]) -> Vec<String> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, flows.join("\n")).expect("a file");
    let mut command = Command::new("ovs-ofctl");
    command.arg("diff-flows").arg(&file).arg("/dev/null");
    let output = command.output().expect("ovs-ofctl");
    let complaint = String::from_utf8_lossy(&output.stderr);
    // There is always a difference to nothing, which is 2.
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    let mut printed = vec![String::new(); flows.len()];
    for line in String::from_utf8(output.stdout).expect("text").lines() {
        let line = line.strip_prefix('-').expect("a flow that is in one file only");
        let (_, rest) = line.split_once("priority=").expect("a priority");
        let number: usize = rest.split([',', ' ']).next().and_then(|n| n.parse().ok()).expect("it");
        line.clone_into(&mut printed[number - 1]);
    }
    printed
}

/// The same form of ours.
fn we_print(flow: &str) -> String {
    let parsed = text::parse_flow(flow, FlowModCommand::Add);
    let flow = parsed.map_err(|error| format!("{error}\n{}", error.within(flow))).expect("a flow");
    let mut line = String::new();
    if !matches!(flow.table.0, 0 | 255) {
        write!(line, "table={} ", flow.table).expect("room");
    }
    let matching = text::show_match(&flow.matching).priority(flow.priority);
    write!(line, "{matching}").expect("room");
    if let Some(cookie @ 1..) = flow.cookie {
        write!(line, " cookie={cookie:#x}").expect("room");
    }
    for (name, value) in [
        ("idle_timeout", flow.idle_timeout),
        ("hard_timeout", flow.hard_timeout),
        ("importance", flow.importance),
    ] {
        if value != 0 {
            write!(line, " {name}={value}").expect("room");
        }
    }
    write!(line, " actions={}", text::show_instructions(&flow.instructions)).expect("room");
    line
}

fn compare(name: &str, flows: impl IntoIterator<Item = String>) {
    let numbered = flows.into_iter().zip(1..).map(|(flow, n)| format!("priority={n},{flow}"));
    let flows: Vec<_> = numbered.collect();
    for (flow, stock) in flows.iter().zip(ovs_prints(name, &flows)) {
        assert_eq!(we_print(flow), stock, "{flow}");
    }
}

/// Every field, in each of its forms.
const MATCHES: &str = "
in_port=3|in_port=LOCAL|in_port_oxm=local|in_port=65534|in_port=none|eth_src=1:2:3:4:5:6
dl_dst=ff:ff:ff:00:00:00/ff:ff:ff:00:00:00|dl_type=0x1234|eth_type=2048|vlan_tci=0x1123
vlan_tci=0|vlan_tci=0x1000/0x1000|vlan_tci=0xe000/0xe000|vlan_vid=0x1005|vlan_vid=5
vlan_vid=0x1000/0x1000|vlan_pcp=3|dl_vlan=5|dl_vlan=0xffff|dl_vlan=7,dl_vlan_pcp=2
mpls,mpls_label=77,mpls_tc=3,mpls_bos=1,mpls_ttl=64|mplsm|ip,nw_src=10.0.0.0/8,nw_dst=1.2.3.4
ipv4,ip_src=1.2.3.4/255.0.255.0|ip4,nw_proto=47|ip,nw_tos=252|ip,ip_dscp=63,ip_ecn=3
ip,nw_ecn=1,nw_ttl=255|ip,ip_frag=no|ip,nw_frag=yes|ip,ip_frag=first|ip,ip_frag=later
ip,ip_frag=not_later|tcp,tp_src=80|tcp,tcp_src=0x50/0xfff0,tcp_dst=443|tcp,tcp_flags=+syn-ack
tcp,tcp_flags=syn|tcp,tcp_flags=0x3f/0x3f|tcp,tcp_flags=+[800]-ns|udp,tp_dst=53
udp,udp_src=1,udp_dst=2|sctp,sctp_src=3,sctp_dst=4/0xf|icmp,icmp_type=8,icmp_code=0|icmp,tp_src=3
arp,arp_op=1,arp_spa=1.2.3.4,arp_tpa=1.2.0.0/16,arp_sha=1:2:3:4:5:6
arp,arp_tha=6:5:4:3:2:1|rarp,nw_proto=3
arp,nw_src=1.2.3.4|ipv6,ipv6_src=2001:db8::/32,ipv6_dst=::1.2.3.4|ip6,ipv6_label=0xabcde
ipv6,ipv6_label=0x1/0xff|ipv6,ipv6_src=::ffff:1.2.3.4,ipv6_dst=fe80::1/ffff::f|tcp6,tcp_dst=80
udp6|sctp6|icmp6,icmpv6_type=135,icmpv6_code=0,nd_target=fe80::1,nd_sll=1:2:3:4:5:6,nd_reserved=9
icmp6,icmpv6_type=136,nd_tll=1:2:3:4:5:6/ff:ff:ff:ff:ff:00,nd_options_type=2|icmp6,icmp_type=128
tun_id=5|tunnel_id=0x50/0xf0|tun_src=1.2.3.4,tun_dst=10.0.0.0/8
tun_ipv6_src=::1,tun_ipv6_dst=fc00::/7|tun_flags=oam|tun_flags=-oam
tun_gbp_id=5/0xf,tun_gbp_flags=3|tun_erspan_ver=1,tun_erspan_idx=7
tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=4|tun_gtpu_flags=3,tun_gtpu_msgtype=255
tun_metadata0=0x1234567890abcdef1234567890abcdef12|tun_metadata63,tun_metadata1=1|metadata=5/0xff
pkt_mark=5|dp_hash=0x10/0xf0|recirc_id=7|recirc_id=7,ip|conj_id=9|reg0=1,reg15=0xff00/0xff00
xreg3=0x123456789|xxreg1=0x112233445566778899aabbccddeeff00/0xffffffffffffffff0000000000000000
reg1[4..7]=5|metadata[60]=1|ct_state=+trk-new|ct_state=est|ct_state=0|ct_state=0x21/0x33
ct_state=+trk,ct_zone=5,ct_mark=1/3,ct_label=0x1/0x3
ct_state=trk,ip,ct_nw_src=1.2.3.4,ct_nw_dst=1.0.0.0/8|ct_nw_proto=6,ct_tp_src=1,ct_tp_dst=2/0xfe
ct_ipv6_src=::1,ct_ipv6_dst=fe80::/10|ct_tp_src=5
packet_type=(1,0x894f),nsh_flags=1/3,nsh_ttl=63,nsh_mdtype=1,nsh_np=3,nsh_spi=0x123,nsh_c1=0
dl_type=0x894f,nsh_si=9,nsh_mdtype=1,nsh_c2=5,nsh_c3=0x10/0x30,nsh_c4=7|packet_type=(0,0)
packet_type=(1,5)|eth,ip|packet_type=(1,0x800),nw_dst=1.2.3.4|nw_dst=1.2.3.4|tp_src=5|nw_src=*
reg0=|eth";

/// Every action, in each of its forms.
const ACTIONS: &str = "
drop||output:1,2,LOCAL,in_port,NORMAL,flood,all,table
output:65279,controller,CONTROLLER:7,output:reg0[3]|output:NXM_NX_REG1[0..15],output:in_port
output(port=1,max_len=100)|group:5|controller(id=5,pause)
controller(reason=invalid_ttl,max_len=9,userdata=01.02.0304,meter_id=5)|controller()
enqueue:1:2,enqueue(3,4)|sample(probability=1,collector_set_id=2,obs_domain_id=3,obs_point_id=4)
sample(probability=9,sampling_port=3,egress),sample(probability=65535,ingress)
bundle(eth_src,0,active_backup,ofport,members:1,2),bundle(symmetric_l4,5,hrw,ofport,slaves:[4])
bundle_load(symmetric_l3l4+udp,1,hrw,ofport,reg0[],members:5,LOCAL)
multipath(eth_src,50,modulo_n,1,0,reg0[]),multipath(nw_dst,1,iter_hash,256,3,reg1[0..7])
set_field:5->reg0,set_field:0x10/0xf0->reg1,set_field:1->metadata,set_field:7->xxreg2
set_field:1.2.3.4->nw_src,set_field:10.0.0.0/8->ip_dst,set_field:1:2:3:4:5:6->dl_src
set_field:252->nw_tos,set_field:63->ip_dscp,set_field:3->ip_ecn,set_field:9->nw_ttl
set_field:LOCAL->in_port,set_field:3->in_port_oxm,set_field:0x1005->vlan_tci
set_field:5->tun_id,set_field:1.2.3.4->tun_src,set_field:::1->tun_ipv6_dst,set_field:oam->tun_flags
set_field:0x1234->tun_metadata5,delete_field:tun_metadata5
load:5->reg0[],load:0->NXM_NX_REG1[3..5]
load:0x112233445566778899aabbccddeeff->xxreg0[],load:-1->metadata[],load:010->in_port[]
move:reg0[]->reg1[],move:eth_src[0..15]->NXM_NX_REG1[16..31],move:NXM_OF_ETH_SRC_W[]->xreg1[0..47]
push:reg0[],pop:NXM_OF_IN_PORT[],push:eth_src|mod_vlan_vid:5,mod_vlan_pcp:3,strip_vlan
push_vlan:0x8100,pop_vlan
mod_dl_src:1:2:3:4:5:6,mod_dl_dst:6:5:4:3:2:1,mod_nw_src:1.2.3.4,mod_nw_dst:4.3.2.1,mod_nw_tos:4
mod_nw_ecn:1,mod_nw_ttl:9,set_nw_ttl:7|dec_ttl,dec_ttl(1,2),dec_ttl(0)
push_mpls:0x8847,set_mpls_label:7
push_mpls:0x8848,set_mpls_tc(3),set_mpls_ttl(9),dec_mpls_ttl,pop_mpls:0x0800
encap(ethernet),encap(nsh(md_type=2,tlv(0x1000,10,0x12345678))),dec_nsh_ttl|encap(mpls)
encap(mpls_mc)|decap,decap(packet_type(ns=1,type=0x894f))|decap(packet_type(ns=0,type=0))
set_tunnel:5,set_tunnel64:6|set_tunnel:0x123456789a|set_queue:5,pop_queue,exit
resubmit:1,resubmit(2,3),resubmit(,4),resubmit(LOCAL)
learn(table=3,idle_timeout=1,hard_timeout=2,fin_idle_timeout=3,fin_hard_timeout=4,priority=5)
learn(cookie=0x10,send_flow_rem,delete_learned,limit=7,result_dst=reg0[8],NXM_OF_VLAN_TCI[0..11])
learn(eth_type=0x800,nw_proto=6,NXM_OF_IP_SRC[],NXM_OF_ETH_DST[]=eth_src[],reg0[0..7]=0x15)
learn(load:10->reg1[0..4])
learn(load:eth_src[]->xreg1[0..47],output:in_port[],eth_type=0x800,ip_dst=1.2.3.4)
learn(in_port=LOCAL)
conjunction(5,1/2),conjunction(0x10,64/64),note:01|note:00.11 22,note:,note:aabb
clone(output:1,set_field:1.2.3.4->ip_dst,clone(2,3)),clone()|check_pkt_larger(100)->reg0[3]
ct,ct(commit,force,table=5,zone=7)
ct(zone=reg0[0..15],commit,exec(set_field:1->ct_mark,load:1->ct_label[0]))
ct(nat),ct(commit,nat(src=1.2.3.4-1.2.3.9:100-200,random)),ct(nat(dst=1.2.3.4:80,persistent,hash))
ct(nat(src)),ct(exec(move:reg0[]->ct_mark[]),nat(dst)),ct_clear
meter:5,output:1,clear_actions,write_actions(output:1),write_metadata:0x5/0xff,goto_table:5
write_metadata:7|goto_table:254|write_actions(drop)|OUTPUT:1,Set_Field:1->reg0";

/// What stands in front of a match.
const OTHERS: &str = "
table=3|cookie=0x1234|cookie=-1|idle_timeout=5,hard_timeout=6|importance=7
send_flow_rem check_overlap|duration=3.5s, table=1, n_packets=5, n_bytes=7, idle_age=3,
no_readonly_table";

fn words(table: &str) -> impl Iterator<Item = &str> {
    table.trim().lines().flat_map(|line| line.split('|'))
}

#[test]
fn every_field_and_action_is_read_and_printed_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    let matches = words(MATCHES).map(|text| format!("{text} actions=drop"));
    // IPv4 is what most actions need.
    let actions = words(ACTIONS).map(|text| format!("ip,actions={text}"));
    let others = words(OTHERS).map(|text| format!("{text},ip,actions=1"));
    let ipv6 =
        ["ct(nat(src=fe80::1-fe80::5))", "ct(nat(dst=[fe80::1]:80)),ct(nat(src=[::1]-[::2]:5-6))"];
    let ipv6 = ipv6.map(|text| format!("ipv6,actions={text}"));
    let tcp = ["mod_tp_src:80,mod_tp_dst:0x51", "fin_timeout(idle_timeout=5,hard_timeout=6)"];
    let tcp = tcp.into_iter().chain(["fin_timeout()", "ct(commit,alg=ftp)"]);
    let tcp = tcp.map(|text| format!("tcp,actions={text}"));
    let special = [
        "udp,actions=ct(alg=tftp)",
        "ct_state=+trk-inv+est,ip,actions=resubmit(,3,ct)",
        "dl_vlan=5,actions=set_field:4101->vlan_vid,set_field:3->vlan_pcp",
        "arp,actions=set_field:2->arp_op,set_field:1.2.3.4->arp_spa,set_field:1:2:3:4:5:6->arp_tha",
        "mpls,actions=set_field:5->mpls_label,set_field:2->mpls_tc,set_field:3->mpls_ttl",
        "icmp6,icmpv6_type=135,actions=set_field:fe80::1->nd_target,set_field:1:2:3:4:5:6->nd_sll",
        "ipv6,actions=set_field:0x12345->ipv6_label,set_field:fe80::/10->ipv6_src",
    ];
    let special = special.map(str::to_owned);
    compare(
        "table.txt",
        matches.chain(actions).chain(others).chain(ipv6).chain(tcp).chain(special),
    );
}

/// A number in one of the ways that it can be written.
fn number(bits: u32) -> impl Strategy<Value = String> {
    let number = prop_oneof![Just(0), Just(u64::MAX), any::<u64>()];
    let number = number.prop_map(move |number| number >> (64 - bits));
    (number, any::<bool>()).prop_map(|(n, hex)| if hex { format!("{n:#x}") } else { n.to_string() })
}

fn masked(name: &'static str, bits: u32) -> impl Strategy<Value = String> {
    (number(bits), proptest::option::of(number(bits))).prop_map(move |(value, mask)| match mask {
        Some(mask) => format!("{name}={value}/{mask}"),
        None => format!("{name}={value}"),
    })
}

fn ipv4() -> impl Strategy<Value = String> {
    let address = any::<u32>().prop_map(std::net::Ipv4Addr::from);
    let mask = prop_oneof![
        Just(String::new()),
        (0..33).prop_map(|length| format!("/{length}")),
        any::<u32>().prop_map(|mask| format!("/{}", std::net::Ipv4Addr::from(mask))),
    ];
    (address, mask).prop_map(|(address, mask)| format!("{address}{mask}"))
}

fn ipv6() -> impl Strategy<Value = String> {
    let word = prop_oneof![2 => Just(0u16), 1 => any::<u16>()];
    let address = proptest::array::uniform8(word).prop_map(std::net::Ipv6Addr::from);
    (address, 0..140).prop_map(|(address, length)| match length {
        0..=128 => format!("{address}/{length}"),
        _ => address.to_string(),
    })
}

/// A field that any packet has.
fn metadata() -> impl Strategy<Value = String> {
    prop_oneof![
        masked("pkt_mark", 32),
        masked("reg3", 32),
        masked("xreg4", 64),
        masked("metadata", 64),
        masked("tun_id", 64),
        masked("ct_mark", 32),
        masked("ct_label", 64),
        masked("tun_gbp_id", 16),
        masked("vlan_tci", 16),
        masked("vlan_vid", 13),
        number(12).prop_map(|vid| format!("dl_vlan={vid}")),
        number(3).prop_map(|pcp| format!("dl_vlan_pcp={pcp}")),
        number(16).prop_map(|zone| format!("ct_zone={zone}")),
        ipv4().prop_map(|address| format!("tun_src={address}")),
        ipv6().prop_map(|address| format!("tun_ipv6_dst={address}")),
        select(vec!["+trk", "-trk+new", "est|trk", "+inv-rel+rpl", "0x3/0xff"])
            .prop_map(|state| format!("ct_state={state}")),
    ]
}

/// What a packet of one protocol has.
fn protocol() -> impl Strategy<Value = String> {
    let ports = (masked("tp_src", 16), masked("tp_dst", 16));
    let ports = ports.prop_map(|(source, destination)| format!("{source},{destination}"));
    let ports = prop_oneof![Just("nw_ttl=3".to_owned()), ports];
    let transport = (select(vec!["tcp", "udp", "sctp"]), ports);
    prop_oneof![
        (transport.clone(), ipv4())
            .prop_map(|((name, ports), address)| format!("{name},{ports},nw_src={address}")),
        (transport, ipv6(), masked("ipv6_label", 20)).prop_map(
            |((name, ports), address, label)| format!("{name}6,{ports},ipv6_src={address},{label}")
        ),
        (number(8), ipv4(), ipv4())
            .prop_map(|(op, from, to)| format!("arp,arp_op={op},arp_spa={from},arp_tpa={to}")),
        (number(8), number(8))
            .prop_map(|(kind, code)| format!("icmp,icmp_type={kind},icmp_code={code}")),
        (number(20), number(3), number(8)).prop_map(|(label, tc, ttl)| format!(
            "mpls,mpls_label={label},mpls_tc={tc},mpls_ttl={ttl}"
        )),
        number(16).prop_map(|eth_type| format!("dl_type={eth_type}")),
    ]
}

/// A part of a register: its name and how many bits.
fn part() -> impl Strategy<Value = (String, u32)> {
    let field = select(vec![("reg3", 32), ("xreg4", 64), ("NXM_NX_REG0", 32), ("eth_src", 48)]);
    (field, 0..48u32, 1..64u32).prop_map(|((name, bits), start, length)| {
        let start = start % bits;
        let length = length.min(bits - start);
        match length {
            1 => (format!("{name}[{start}]"), 1),
            _ => (format!("{name}[{start}..{}]", start + length - 1), length),
        }
    })
}

/// An action that any packet may have.
fn action() -> impl Strategy<Value = String> {
    let simple = prop_oneof![
        (0..65280u32).prop_map(|port| format!("output:{port}")).boxed(),
        part().prop_map(|(part, _)| format!("output:{part}")).boxed(),
        part()
            .prop_flat_map(
                |(part, bits)| number(bits).prop_map(move |n| format!("load:{n}->{part}"))
            )
            .boxed(),
        part().prop_map(|(part, _)| format!("move:{part}->{part}")).boxed(),
        // Of the value we keep no more than the mask has.
        (any::<u32>(), 1..=u32::MAX)
            .prop_map(|(value, mask)| format!("set_field:{}/{mask}->reg2", value & mask))
            .boxed(),
        number(64).prop_map(|id| format!("set_tunnel:{id}")).boxed(),
        number(16).prop_map(|length| format!("controller(id=5,max_len={length})")).boxed(),
        (0..255u8).prop_map(|table| format!("resubmit(,{table})")).boxed(),
        proptest::collection::vec(any::<u8>(), 0..9)
            .prop_map(|bytes| bytes.iter().fold("note:".to_owned(), |s, b| s + &format!("{b:02x}")))
            .boxed(),
        (part(), any::<u16>())
            .prop_map(|((part, _), timeout)| {
                format!("learn(idle_timeout={timeout},{part},load:0->{part},output:{part})")
            })
            .boxed(),
    ];
    simple.prop_recursive(3, 12, 4, |inner| {
        proptest::collection::vec(inner, 0..4).prop_map(|list| format!("clone({})", list.join(",")))
    })
}

#[test]
fn combinations_are_read_and_printed_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    let separator = select(vec![",", " ", ", ", "\t"]);
    let fields = proptest::collection::vec(metadata(), 0..5);
    let actions = proptest::collection::vec(action(), 0..5);
    let flow =
        (fields, protocol(), separator, actions).prop_map(|(fields, protocol, s, actions)| {
            let matching = fields.into_iter().chain([protocol]).collect::<Vec<_>>().join(s);
            format!("{matching}{s}actions={}", actions.join(","))
        });
    let mut runner = TestRunner::deterministic();
    compare("random.txt", (0..4000).map(|_| flow.new_tree(&mut runner).expect("a flow").current()));
}

#[test]
fn what_ovs_refuses_is_refused() {
    if !have_ovs_ofctl() {
        return;
    }
    let texts = "
tcp_dts=80,actions=1|in_port=eth0,actions=1|nw_src=1.2.3,actions=1|eth_src=1:2:3:4:5,actions=1
ip,nw_proto=256,actions=1|vlan_pcp=1/1,actions=1|tcp,tcp_flags=foo,actions=1
ct_state=+foo,actions=1|ip,ip_frag=perhaps,actions=1|ip|table=256,actions=1
priority=65536,actions=1|cookie=1/1,actions=1|out_port=1,actions=1|packet_type=1,actions=1
reg0[0..32]=1,actions=1|reg0[3..1]=0,actions=1|ip,actions=foo|ip,actions=drop,1
ip,actions=goto_table:1,1|ip,actions=clear_actions,clear_actions|ip,actions=nat
ip,actions=ct(exec(1))|ip,actions=set_field:1->ct_mark|ip,actions=ct(force)
ip,actions=resubmit(,)|ip,actions=conjunction(1,1/2),1|ip,actions=conjunction(1,3/2)
ip,actions=load:8->reg0[0..2]|ip,actions=move:reg0[0..3]->reg1[0..2]
ip,actions=set_field:first->ip_frag|ip,actions=mod_nw_tos:1|ip,actions=mod_vlan_vid:4096
ip,actions=push_vlan:0x1234|ip,actions=learn(table=255)|ip,actions=output(port=1,max_len=10)
ip,actions=sample(collector_set_id=1)|ip,actions=note:0
ip,actions=bundle(eth_src,0,foo,ofport,members:1)
ip,actions=multipath(eth_src,0,hrw,9,0,reg0[0..2])|ip,actions=enqueue:1
ip,actions=check_pkt_larger(1)->reg0[]|ip,actions=encap(foo)|ip,actions=dec_ttl(,)";
    for flow in words(texts) {
        let stock = Command::new("ovs-ofctl").args(["parse-flow", flow]).output();
        assert!(!stock.expect("ovs-ofctl").status.success(), "{flow}");
        let error = text::parse_flow(flow, FlowModCommand::Add).expect_err(flow);
        assert!(
            error.offset <= flow.len() && flow[error.offset..].starts_with(&error.part),
            "{error}"
        );
    }
}

#[test]
fn groups_are_read_and_printed_as_by_ovs() {
    if !have_ovs_ofctl() {
        return;
    }
    for group in [
        "group_id=1,type=all",
        "group_id=1,type=all,bucket=output:1,bucket=output:2,3",
        "group_id=4294967040,type=select,bucket=weight:5,actions=output:10,bucket=drop",
        "group_id=1,type=ff,bucket=watch_port:3,actions=3,bucket=watch_group:4,output:5",
        "group_id=1,type=indirect,bucket=actions=set_field:1.2.3.4->ip_src,output:3",
        "group_id=1, type=all, bucket=resubmit(,3),learn(table=3,eth_type=0x800)",
    ] {
        let mut command = Command::new("ovs-ofctl");
        let output = command.args(["-O", "OpenFlow13", "parse-group", group]).output();
        let output = String::from_utf8(output.expect("ovs-ofctl").stdout).expect("text");
        let stock = output.lines().last().expect("a group").trim_start_matches(" ADD ");
        let ours = text::parse_group(group).expect(group);
        assert_eq!(text::show_group(&ours).to_string(), stock);
    }
}
