//! How wide megaflows are: what is looked at, and nothing else.

use super::{Bench, output, udp};
use ovs_core::action::{Action, Instructions};
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::matching::Match;
use ovs_core::{Frame, PortNo, Switch, TableId};

/// The megaflow of a frame of port 1, but for what every megaflow has.
fn megaflow(bench: &Bench, frame: &Frame) -> String {
    let trace = bench.switch.trace(bench.now, PortNo(1), frame);
    let text = trace.passes[0].megaflow.to_string();
    let rest =
        text.strip_prefix("in_port=1,recirc_id=0").expect("every megaflow says where it is from");
    rest.trim_start_matches(',').to_owned()
}

fn ip() -> Match {
    Match::new().eth_type(0x0800)
}

#[test]
fn a_destination_is_all_that_is_looked_at() {
    let mut bench = Bench::new(2);
    bench.rule(0, 1, Match::new().eth_dst([2, 0, 0, 0, 0, 2]), [output(2)]);
    let wide = megaflow(&bench, &udp(|_| ()));
    assert_eq!(wide, "eth_dst=02:00:00:00:00:02");
    // Of another destination only as much as tells it apart, or all of it.
    let other = megaflow(&bench, &udp(|key| key.eth_dst = [0x40, 0, 0, 0, 0, 2].into()));
    assert!(other.starts_with("eth_dst="), "{other}");
}

#[test]
fn a_prefix_is_read_no_further_than_to_the_difference() {
    let mut bench = Bench::new(2);
    bench.rule(0, 9, ip().ipv4_dst([10, 1, 2, 0].into(), 24), [output(2)]);
    bench.rule(0, 1, Match::new(), []);
    let to = |address| udp(|key| key.ipv4_dst = address);
    let far = megaflow(&bench, &to([200, 0, 0, 1]));
    assert_eq!(far, "eth_type=0x0800,ip_dst=128.0.0.0/1");
    let near = megaflow(&bench, &to([10, 1, 3, 1]));
    assert_eq!(near, "eth_type=0x0800,ip_dst=10.1.3.0/24");
    let inside = megaflow(&bench, &to([10, 1, 2, 77]));
    assert_eq!(inside, "eth_type=0x0800,ip_dst=10.1.2.0/24");
}

#[test]
fn rules_of_higher_priority_are_ruled_out_by_their_first_stage() {
    let mut bench = Bench::new(2);
    let tcp = |port| ip().ip_proto(6).with(Field::TcpDst, port).unwrap();
    bench.rule(0, 9, tcp(80).in_port(PortNo(2)), [output(2)]);
    bench.rule(0, 5, tcp(443).eth_dst([2, 0, 0, 0, 0, 7]), [output(2)]);
    bench.rule(0, 1, Match::new(), [output(2)]);
    let text = megaflow(&bench, &udp(|_| ()));
    assert!(!text.contains("tp_") && !text.contains("tcp") && !text.contains("udp"), "{text}");
    assert!(!text.contains("ip_dst") && !text.contains("ip_src"), "{text}");
}

#[test]
fn ports_are_not_read_of_packets_that_no_rule_asks_for_them() {
    let mut bench = Bench::new(2);
    bench.rule(0, 9, ip().ip_proto(6).with(Field::TcpDst, 80).unwrap(), [output(2)]);
    bench.rule(0, 1, ip(), [output(2)]);
    assert_eq!(megaflow(&bench, &udp(|_| ())), "eth_type=0x0800,nw_proto=17");
}

#[test]
fn what_an_action_wrote_does_not_widen() {
    let mut bench = Bench::new(2);
    let set = Action::set_field(Field::Ipv4Dst, 0x0a00_0009).unwrap();
    let goto = Instructions { goto: Some(TableId(1)), ..Instructions::apply([set]) };
    bench.switch.flow_mod(FlowMod::add().matching(ip()).instructions(goto)).unwrap();
    bench.rule(1, 1, ip().ipv4_dst([10, 0, 0, 9].into(), 32), [output(2)]);
    assert_eq!(megaflow(&bench, &udp(|_| ())), "eth_type=0x0800");
}

#[test]
fn bridging_reads_addresses_and_the_vlan() {
    let bench = Bench::bridging(3, Default::default());
    let text = megaflow(&bench, &udp(|_| ()));
    assert_eq!(text, "eth_dst=02:00:00:00:00:02,eth_src=02:00:00:00:00:01,vlan_vid=0");
}
