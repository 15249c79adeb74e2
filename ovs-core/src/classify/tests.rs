use super::*;
use crate::field::Field;
use crate::key::FlowKey;
use alloc::sync::Arc;
use alloc::vec::Vec;

mod model;
mod width;

#[derive(Debug)]
struct TestRule {
    matching: Match,
    priority: u16,
    /// Visible in these versions.
    visible: core::ops::Range<u64>,
    clauses: Vec<Clause>,
}

impl Candidate for Arc<TestRule> {
    fn matching(&self) -> &Match {
        &self.matching
    }

    fn priority(&self) -> u16 {
        self.priority
    }

    fn is_visible(&self, version: Version) -> bool {
        self.visible.contains(&version.0)
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(self, other)
    }

    fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}

const NOW: Version = Version(0);

fn rule(priority: u16, matching: Match) -> Arc<TestRule> {
    Arc::new(TestRule { matching, priority, visible: 0..u64::MAX, clauses: Vec::new() })
}

fn in_versions(visible: core::ops::Range<u64>, of: &Arc<TestRule>) -> Arc<TestRule> {
    let (matching, priority) = (of.matching.clone(), of.priority);
    Arc::new(TestRule { matching, priority, visible, clauses: of.clauses.clone() })
}

/// A soft rule; clauses are id, dimension, number of dimensions.
fn soft(priority: u16, matching: Match, clauses: &[(u32, u8, u8)]) -> Arc<TestRule> {
    let clause =
        |(id, clause, n_clauses): &_| Clause { id: *id, clause: *clause, n_clauses: *n_clauses };
    let clauses = clauses.iter().map(clause).collect();
    Arc::new(TestRule { matching, priority, visible: 0..u64::MAX, clauses })
}

fn classifier(rules: &[Arc<TestRule>]) -> Classifier<Arc<TestRule>> {
    let mut classifier = Classifier::new(7);
    rules.iter().for_each(|rule| classifier.insert(rule.clone()));
    classifier
}

fn packet(fields: &[(Field, u128)]) -> FlowKey {
    let mut key = FlowKey::ZERO;
    fields.iter().for_each(|(field, value)| field.set(&mut key, *value).unwrap());
    key
}

fn ip() -> Match {
    Match::new().eth_type(0x0800)
}

fn tcp() -> Match {
    ip().ip_proto(6)
}

/// Priority and `conj_id` of what a packet meets.
fn answer(of: &Classifier<Arc<TestRule>>, key: &FlowKey) -> Option<(u16, Option<u32>)> {
    let found = of.lookup(NOW, &mut TrackedKey::new(key)).unwrap()?;
    Some((found.candidate.priority, found.conjunction))
}

#[test]
fn rules_come_and_go() {
    let (low, high) = (rule(1, Match::new()), rule(9, tcp()));
    let mut all = classifier(&[low.clone(), high.clone(), rule(3, tcp())]);
    let key = packet(&[(Field::EthType, 0x0800), (Field::IpProto, 6)]);
    assert_eq!((all.len(), all.iter().count()), (3, 3));
    assert_eq!(answer(&all, &key), Some((9, None)));
    assert!(all.remove(&high) && !all.remove(&high));
    assert_eq!(answer(&all, &key), Some((3, None)));
    assert!(!all.remove(&rule(3, tcp())), "an equal rule is not the same");
    assert!(all.remove(&low));
    assert_eq!(answer(&all, &FlowKey::ZERO), None);
    assert_eq!((all.len(), all.iter().count()), (1, 1));
}

#[test]
fn rules_are_found_by_match() {
    let old = in_versions(0..5, &rule(1, tcp()));
    let new = in_versions(5..9, &old);
    let all = classifier(&[new.clone(), old.clone(), rule(1, ip()), rule(2, tcp())]);
    let find = |version| all.find(&tcp(), 1, Version(version));
    assert!(find(4).unwrap().is_same(&old) && find(5).unwrap().is_same(&new));
    assert!(find(9).is_none() && all.find(&tcp(), 3, NOW).is_none());
    assert!(all.find(&Match::new(), 1, NOW).is_none());
    let mut key = TrackedKey::new(&packet(&[(Field::EthType, 0x0800), (Field::IpProto, 6)]));
    assert_eq!(all.lookup(Version(9), &mut key).unwrap().unwrap().candidate.priority, 2);
}

#[test]
fn what_has_no_place_in_a_key_matches_no_packet() {
    let unknown = ip().with_opaque_field(&[0x12, 0x34, 2, 1, 7]);
    let all = classifier(&[rule(5, unknown.clone()), rule(1, ip())]);
    assert_eq!(answer(&all, &packet(&[(Field::EthType, 0x0800)])), Some((1, None)));
    assert!(all.find(&unknown, 5, NOW).is_some() && all.find(&ip(), 5, NOW).is_none());
    assert_eq!(all.covered(&unknown, NOW).count(), 1);
    assert_eq!(all.covered(&ip(), NOW).count(), 2);
}

#[test]
fn old_and_new_form_of_a_rule() {
    let old = in_versions(0..5, &rule(1, ip()));
    let new = in_versions(5..u64::MAX, &old);
    let mut all = classifier(&[old.clone(), new.clone()]);
    let key = packet(&[(Field::EthType, 0x0800)]);
    let lookup = |all: &Classifier<_>, version| {
        let found = all.lookup(Version(version), &mut TrackedKey::new(&key)).unwrap();
        found.map(|found: Found<'_, Arc<TestRule>>| found.candidate.clone())
    };
    assert!(lookup(&all, 4).unwrap().is_same(&old) && lookup(&all, 5).unwrap().is_same(&new));
    assert!(all.remove(&old));
    assert!(lookup(&all, 4).is_none() && lookup(&all, 5).unwrap().is_same(&new));
}

/// The example of ovs-fields(7), "Conjunctive Match Fields".
#[test]
fn conjunction_of_the_manual() {
    let source = |last: u8| ip().ipv4_src([10, 0, 0, last].into(), 32);
    let port = |port| tcp().tcp_dst(port);
    let conj = |id| Match::new().with(Field::ConjId, id).unwrap();
    let mut all = classifier(&[
        soft(100, source(1), &[(1234, 0, 2)]),
        soft(100, source(4), &[(1234, 0, 2)]),
        soft(100, port(80), &[(1234, 1, 2)]),
        soft(100, port(443), &[(1234, 1, 2)]),
        rule(100, ip().with(Field::ConjId, 1234).unwrap()),
        rule(1, Match::new()),
    ]);
    let packet = |last: u8, port: u16| {
        let ip = [(Field::EthType, 0x0800), (Field::IpProto, 6)];
        let rest = [(Field::Ipv4Src, 0x0a00_0000 | u128::from(last)), (Field::TcpDst, port.into())];
        packet(&[ip, rest].concat())
    };
    assert_eq!(answer(&all, &packet(4, 80)), Some((100, Some(1234))));
    assert_eq!(answer(&all, &packet(1, 443)), Some((100, Some(1234))));
    assert_eq!(answer(&all, &packet(2, 443)), Some((1, None)));
    assert_eq!(answer(&all, &packet(1, 8080)), Some((1, None)));

    // An ordinary rule counts if it is not below; one in between only when the conjunction leads to nothing.
    let equal = rule(100, source(1));
    all.insert(equal.clone());
    assert_eq!(answer(&all, &packet(1, 80)), Some((100, Some(1234))), "hidden by the soft one");
    all.insert(rule(100, Match::new().ip_proto(6).eth_type(0x0800)));
    assert_eq!(answer(&all, &packet(1, 80)), Some((100, None)));
    assert!(all.remove(&equal));
    assert!(all.find(&conj(1234), 100, NOW).is_none());
}

#[test]
fn conjunctions_of_several_priorities_and_numbers() {
    let web = || tcp().tcp_dst(80);
    let port = || Match::new().in_port(3u32);
    let conj = |id| Match::new().with(Field::ConjId, id).unwrap();
    let key = packet(&[
        (Field::InPort, 3),
        (Field::EthType, 0x0800),
        (Field::IpProto, 6),
        (Field::TcpDst, 80),
    ]);
    let check = |rules: &[Arc<TestRule>], expected| {
        assert_eq!(answer(&classifier(rules), &key), expected);
    };
    let first = soft(9, web(), &[(1, 0, 2), (2, 1, 2)]);
    let second = soft(9, port(), &[(1, 1, 2), (2, 0, 2)]);
    let both = [first.clone(), second.clone()];
    check(&both, None);
    check(&[&both[..], &[rule(4, conj(2))]].concat(), Some((4, Some(2))));
    check(&[&both[..], &[rule(4, conj(2)), rule(3, conj(1))]].concat(), Some((3, Some(1))));
    // Not a dimension of the same priority.
    check(&[first.clone(), soft(8, port(), &[(1, 1, 2)]), rule(4, conj(1))], None);
    // The higher level leads to nothing: then the lower one, with the same match below.
    let lower = [soft(5, web(), &[(7, 0, 2)]), soft(5, port(), &[(7, 1, 2)]), rule(4, conj(7))];
    check(&[&both[..], &lower].concat(), Some((4, Some(7))));
    let ordinary = [rule(5, web()), rule(6, port())];
    check(&[&both[..], &ordinary].concat(), Some((6, None)));
    // At an equal priority an ordinary one wins, wherever it is found.
    let equal = |matching| [&both[..], &[rule(4, conj(1)), rule(9, matching)]].concat();
    check(&equal(Match::new()), Some((9, None)));
    check(&equal(web().in_port(3u32).eth_dst([0; 6])), Some((9, None)));
    // They disagree about the number of dimensions; a dimension too many.
    check(&[first.clone(), soft(9, port(), &[(1, 1, 3)]), rule(4, conj(1))], None);
    check(&[first, soft(9, port(), &[(1, 2, 2)]), rule(4, conj(1))], None);
    // Two dimensions by one rule are not enough rules.
    check(&[soft(9, port(), &[(1, 0, 2), (1, 1, 2)]), rule(4, conj(1))], None);
    // The packet itself has no conjunction.
    check(&[rule(4, conj(1))], None);
}

#[test]
fn sixty_four_dimensions() {
    let key = FlowKey::ONES;
    // The value of dimension n is all ones in the upper n + 1 bits of `metadata`.
    let dimension = |n: u8| {
        let mask = u128::from(u64::MAX << (63 - n));
        let matching = Match::new().with_masked(Field::Metadata, mask, mask).unwrap();
        soft(9, matching, &[(1, n, 64)])
    };
    let mut all = classifier(&(0..63).map(dimension).collect::<Vec<_>>());
    all.insert(rule(9, Match::new().with(Field::ConjId, 1).unwrap()));
    assert_eq!(answer(&all, &key).map(|(_, id)| id), None);
    all.insert(dimension(63));
    assert_eq!(answer(&all, &key), Some((9, Some(1))));
}

#[test]
fn what_is_hidden_is_not_needed_where_another_bit_decides() {
    let deep = ip().ipv4_dst([10, 0, 0, 1].into(), 32);
    let all = classifier(&[rule(5, deep.clone().in_port(1u32)), rule(1, Match::new())]);
    let mut region = FlowKey::ZERO;
    Field::Ipv4Dst.put(&mut region, u128::MAX, u128::MAX);
    let lookup = |all: &Classifier<Arc<TestRule>>, in_port, eth_type| {
        let fields = [(Field::InPort, in_port), (Field::EthType, eth_type)];
        let mut key = TrackedKey::new(&packet(&fields));
        key.hide(&region);
        all.lookup(NOW, &mut key).map(|found| found.map(|found| found.candidate.priority))
    };
    assert_eq!(lookup(&all, 2, 0x0800), Ok(Some(1)));
    assert_eq!(lookup(&all, 1, 0x0806), Ok(Some(1)));
    assert_eq!(lookup(&all, 1, 0x0800), Err(Hidden));
    // More than one value at each stage.
    let mut more = all;
    more.insert(rule(5, deep.in_port(3u32)));
    more.insert(rule(5, ip().eth_type(0x0806).ipv4_dst([10, 0, 0, 2].into(), 32).in_port(3u32)));
    assert_eq!(lookup(&more, 2, 0x0800), Ok(Some(1)));
    assert_eq!(lookup(&more, 3, 0x86dd), Ok(Some(1)));
    assert_eq!(lookup(&more, 3, 0x0800), Err(Hidden));
    // A rule of higher priority makes the others irrelevant.
    more.insert(rule(6, Match::new().in_port(3u32)));
    assert_eq!(lookup(&more, 3, 0x0800), Ok(Some(6)));
}

#[test]
fn that_hidden_bits_are_needed_follows_from_what_is_seen() {
    let all = classifier(&[rule(1, ip().ipv4_dst([10, 0, 0, 1].into(), 32).ip_proto(6))]);
    let mut region = FlowKey::ZERO;
    Field::IpProto.put(&mut region, u128::MAX, u128::MAX);
    let fields = [(Field::EthType, 0x0800), (Field::Ipv4Dst, 0x0a00_0001)];
    let mut key = TrackedKey::new(&packet(&fields));
    key.hide(&region);
    assert_eq!(all.lookup(NOW, &mut key).map(|_| ()), Err(Hidden));
    assert_eq!(Field::Ipv4Dst.get(key.read()), Some(Field::Ipv4Dst.ones()));
}

#[test]
fn one_visible_difference_is_enough() {
    let lookup = |matching, hidden: Field| {
        let mut region = FlowKey::ZERO;
        hidden.put(&mut region, u128::MAX, u128::MAX);
        let mut key = TrackedKey::new(&packet(&[(Field::EthType, 0x0800)]));
        key.hide(&region);
        classifier(&[rule(1, matching)]).lookup(NOW, &mut key).map(|found| found.is_some())
    };
    let address = ip().ipv4_dst([128, 0, 0, 0].into(), 1);
    assert_eq!(lookup(address.clone(), Field::Ipv4Dst), Err(Hidden));
    assert_eq!(lookup(address.ip_proto(6), Field::Ipv4Dst), Ok(false));
    let pair = Match::new().eth_dst([2; 6]).eth_src([2; 6]);
    assert_eq!(lookup(pair.clone(), Field::EthDst), Ok(false));
    assert_eq!(lookup(pair, Field::EthSrc), Ok(false));
    assert_eq!(lookup(Match::new().eth_src([2; 6]), Field::EthSrc), Err(Hidden));
}

#[test]
fn tables_shrink() {
    let mut all = classifier(&[]);
    let address = |n: u32| rule(1, ip().ipv4_dst(n.into(), 32).in_port(n % 7));
    let rules: Vec<_> = (0..5000).map(address).collect();
    rules.iter().for_each(|rule| all.insert(rule.clone()));
    for rule in &rules[1..] {
        assert!(all.remove(rule));
        all.subtables.iter().for_each(|subtable| subtable.check_size());
    }
    let key = packet(&[(Field::EthType, 0x0800)]);
    assert_eq!(answer(&all, &key), Some((1, None)));
    assert!(all.remove(&rules[0]));
    assert_eq!((all.subtables.iter().count(), all.len()), (0, 0));
}
