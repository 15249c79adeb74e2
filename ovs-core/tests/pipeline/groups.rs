//! Groups: which buckets a packet takes, and what is counted.

use super::{Bench, output, udp};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::group::{Bucket, Group, GroupId, GroupKind, GroupMod};
use ovs_core::matching::Match;
use ovs_core::port::PortState;
use ovs_core::table::RuleFilter;
use ovs_core::{Change, DropReason, PortNo, Switch};
use std::collections::BTreeMap;

fn group(id: u32, kind: GroupKind, buckets: impl IntoIterator<Item = Bucket>) -> Group {
    Group { id: GroupId(id), kind, buckets: buckets.into_iter().collect(), selection: None }
}

/// To a port; in groups that have no weights.
fn bucket(port: u32) -> Bucket {
    Bucket { weight: 0, ..Bucket::new([output(port)]) }
}

fn to_group(id: u32) -> Action {
    Action::Group(GroupId(id))
}

#[test]
fn each_bucket_of_all_has_a_copy_of_its_own() {
    let mut bench = Bench::new(4);
    let ttl = |n| Action::set_field(Field::IpTtl, n).unwrap();
    let changed = Bucket { weight: 0, ..Bucket::new([output(2), ttl(9)]) };
    let all = group(1, GroupKind::All, [changed, bucket(3)]);
    bench.switch.group_mod(GroupMod::Add(all)).unwrap();
    bench.rule(0, 1, Match::new().eth_type(0x0800), [to_group(1), output(4)]);
    let frame = udp(|_| ());
    let sent = bench.send(1, &frame);
    let expected = [(2, udp(|key| key.ip_ttl = 9)), (3, frame.clone()), (4, frame.clone())];
    assert_eq!(sent, expected.map(|(port, frame)| (PortNo(port), frame)));
    let stats = &bench.switch.group_stats()[0];
    assert_eq!((stats.packets, stats.buckets.len()), (2, 2));
    assert!(stats.buckets.iter().all(|bucket| bucket.packets == 2));
}

#[test]
fn select_spreads_flows_by_weight_and_keeps_them_when_buckets_come() {
    let mut bench = Bench::new(5);
    let with = |weights: &[u16]| {
        let bucket =
            |(n, weight): (usize, &u16)| Bucket { weight: *weight, ..bucket(n as u32 + 2) };
        group(1, GroupKind::Select, weights.iter().enumerate().map(bucket))
    };
    bench.switch.group_mod(GroupMod::Add(with(&[1, 2, 1]))).unwrap();
    bench.rule(0, 1, Match::new(), [to_group(1)]);
    let flows: Vec<_> = (0..2000u16).map(|n| udp(|key| key.tp_src = (1000 + n).into())).collect();
    let chosen = |bench: &mut Bench| -> Vec<u32> {
        flows.iter().map(|frame| bench.ports(1, frame)[0]).collect()
    };
    let before = chosen(&mut bench);
    let count = |chosen: &[u32]| {
        chosen.iter().fold(BTreeMap::new(), |mut counts, port| {
            *counts.entry(*port).or_insert(0) += 1;
            counts
        })
    };
    let counts = count(&before);
    assert!((420..580).contains(&counts[&2]) && (900..1100).contains(&counts[&3]), "{counts:?}");
    bench.switch.group_mod(GroupMod::Modify(with(&[1, 2, 1, 1]))).unwrap();
    let after = chosen(&mut bench);
    let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
    assert!(moved.clone().all(|(_, after)| *after == 5), "only to the new bucket");
    assert!((320..480).contains(&moved.count()));
    bench.switch.set_port_state(PortNo(3), PortState::LINK_DOWN).unwrap();
    // Nothing is watched: packets to a port that is down are lost, as they are told to be.
    assert!(
        bench.send_once(1, &flows[before.iter().position(|port| *port == 3).unwrap()]).is_empty()
    );
}

#[test]
fn flows_that_differ_in_any_layer_spread() {
    let mut bench = Bench::new(9);
    let buckets = (2..10).map(|port| Bucket { weight: 1, ..bucket(port) });
    bench.switch.group_mod(GroupMod::Add(group(1, GroupKind::Select, buckets))).unwrap();
    bench.rule(0, 1, Match::new(), [to_group(1)]);
    type Change = fn(&mut ovs_core::FlowKey, u8);
    let changes: [(&str, Change); 6] = [
        ("eth_src", |key, n| key.eth_src.0[5] = n),
        ("eth_dst", |key, n| key.eth_dst.0[5] = n),
        ("ip_src", |key, n| key.ipv4_src[3] = n),
        ("ip_dst", |key, n| key.ipv4_dst[3] = n),
        ("tp_src", |key, n| key.tp_src = u16::from(n).into()),
        ("tp_dst", |key, n| key.tp_dst = u16::from(n).into()),
    ];
    for (name, change) in changes {
        let ports: std::collections::BTreeSet<_> =
            (0..100).map(|n| bench.ports(1, &udp(|key| change(key, n)))[0]).collect();
        assert_eq!(ports.len(), 8, "{name}");
    }
}

#[test]
fn fast_failover_takes_the_first_that_is_live() {
    let mut bench = Bench::new(4);
    let watching = |port: u32| Bucket { watch_port: PortNo(port), ..bucket(port) };
    let deep = Bucket { watch_group: GroupId(2), weight: 0, ..Bucket::new([to_group(2)]) };
    let second = group(2, GroupKind::FastFailover, [watching(4)]);
    let first = group(1, GroupKind::FastFailover, [watching(2), watching(3), deep]);
    bench.switch.group_mod(GroupMod::Add(second)).unwrap();
    bench.switch.group_mod(GroupMod::Add(first)).unwrap();
    bench.rule(0, 1, Match::new(), [to_group(1)]);
    let frame = udp(|_| ());
    assert_eq!(bench.ports(1, &frame), [2]);
    for (down, expected) in [(2, vec![3]), (3, vec![4]), (4, vec![])] {
        bench.switch.set_port_state(PortNo(down), PortState::LINK_DOWN).unwrap();
        assert_eq!(bench.ports(1, &frame), expected);
    }
    assert_eq!(bench.drops(1), [(DropReason::NoLiveBucket, 2)]);
    bench.switch.set_port_state(PortNo(3), PortState::empty()).unwrap();
    assert_eq!(bench.ports(1, &frame), [3]);
}

#[test]
fn rules_go_with_their_group_and_come_back_if_the_bundle_does_not() {
    let mut bench = Bench::new(2);
    let indirect = || group(1, GroupKind::Indirect, [bucket(2)]);
    let missing = bench.switch.flow_mod(FlowMod::add().apply([to_group(1)])).unwrap_err();
    assert_eq!(missing.code_name(), Some("OFPBAC_BAD_OUT_GROUP"));
    bench.switch.group_mod(GroupMod::Add(indirect())).unwrap();
    bench.rule(0, 1, Match::new(), [to_group(1)]);
    let rules = |bench: &Bench| bench.switch.rules(&RuleFilter::default()).len();
    let delete = || Change::Group(GroupMod::Delete(GroupId::ALL));
    let again = Change::Group(GroupMod::Add(group(1, GroupKind::Indirect, [])));
    let (place, error) = bench.switch.commit(vec![delete(), again]).unwrap_err();
    assert_eq!((place, error.code_name()), (1, Some("OFPGMFC_INVALID_GROUP")));
    assert_eq!((rules(&bench), bench.switch.groups().len()), (1, 1));
    assert_eq!(bench.ports(1, &udp(|_| ())), [2]);
    bench.switch.commit(vec![delete(), Change::Group(GroupMod::Add(indirect()))]).unwrap();
    assert_eq!((rules(&bench), bench.switch.groups().len()), (0, 1));
}

#[test]
fn groups_in_a_circle_are_refused() {
    let mut bench = Bench::new(2);
    let to = |id| Bucket { weight: 0, ..Bucket::new([to_group(id)]) };
    bench.switch.group_mod(GroupMod::Add(group(2, GroupKind::All, [bucket(2)]))).unwrap();
    bench.switch.group_mod(GroupMod::Add(group(1, GroupKind::All, [to(2)]))).unwrap();
    let error =
        bench.switch.group_mod(GroupMod::Modify(group(2, GroupKind::All, [to(1)]))).unwrap_err();
    assert_eq!(error.code_name(), Some("OFPGMFC_LOOP"));
    assert_eq!(bench.switch.groups()[1].buckets[0].actions, [output(2)]);
}
