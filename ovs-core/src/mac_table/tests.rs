use super::*;
use alloc::collections::BTreeMap;
use proptest::prelude::*;

fn mac(n: u16) -> Mac {
    let [a, b] = n.to_be_bytes();
    Mac([2, 0, 0, 0, a, b])
}

fn table(limit: usize, when_full: WhenFull) -> MacTable {
    MacTable::new(MacConfig { limit, aging: Duration::from_secs(300), when_full }, 1)
}

const A: PortNo = PortNo(1);
const B: PortNo = PortNo(2);

#[test]
fn learns_moves_and_ages() {
    let mut table = table(10, WhenFull::Refuse);
    assert_eq!(table.learn(Instant::from_secs(0), 0, mac(1), A), Learned::Changed);
    assert_eq!(table.learn(Instant::from_secs(100), 0, mac(1), A), Learned::Known);
    assert_eq!(table.port_of(Instant::from_secs(399), 0, mac(1)), Some(A));
    assert_eq!(
        table.port_of(Instant::from_secs(400), 0, mac(1)),
        None,
        "too old, though not yet removed"
    );
    assert_eq!(
        table.learn(Instant::from_secs(401), 0, mac(1), A),
        Learned::Changed,
        "as good as new"
    );
    assert_eq!(table.learn(Instant::from_secs(402), 0, mac(1), B), Learned::Changed);
    assert_eq!(table.port_of(Instant::from_secs(402), 0, mac(1)), Some(B));
    assert_eq!(table.next_expiry(), Some(Instant::from_secs(702)));
    assert_eq!(table.expire(Instant::from_secs(701)), 0);
    assert_eq!(table.expire(Instant::from_secs(702)), 1);
    assert_eq!(table.next_expiry(), None);
}

#[test]
fn vlans_are_apart() {
    let mut table = table(10, WhenFull::Refuse);
    table.learn(Instant::ZERO, 1, mac(1), A);
    assert_eq!(table.port_of(Instant::ZERO, 2, mac(1)), None);
    table.learn(Instant::ZERO, 2, mac(1), B);
    assert_eq!(table.port_of(Instant::ZERO, 1, mac(1)), Some(A));
    assert_eq!(table.port_of(Instant::ZERO, 2, mac(1)), Some(B));
}

#[test]
fn who_floods_the_table_pushes_out_its_own() {
    let mut table = table(100, WhenFull::EvictFromLargest);
    for n in 0..10 {
        table.learn(Instant::ZERO, 0, mac(n), A);
    }
    for n in 1000..3000 {
        table.learn(Instant::from_secs(1), 0, mac(n), B);
    }
    assert_eq!(table.index.len(), 100);
    for n in 0..10 {
        assert_eq!(table.port_of(Instant::from_secs(1), 0, mac(n)), Some(A));
    }
    assert_eq!(table.port_of(Instant::from_secs(1), 0, mac(2999)), Some(B));
    assert_eq!(table.port_of(Instant::from_secs(1), 0, mac(1000)), None);
}

#[test]
fn refuses_when_told_to_but_not_what_makes_room() {
    let mut table = table(1, WhenFull::Refuse);
    table.learn(Instant::ZERO, 0, mac(1), A);
    assert!(!table.is_news(Instant::ZERO, 0, mac(2), A));
    assert_eq!(table.learn(Instant::ZERO, 0, mac(2), A), Learned::Full);
    let later = Instant::from_secs(300);
    assert!(table.is_news(later, 0, mac(2), A));
    assert_eq!(table.learn(later, 0, mac(2), A), Learned::Changed);
}

#[test]
fn limit_of_zero_learns_nothing() {
    for when_full in [WhenFull::Refuse, WhenFull::EvictFromLargest] {
        let mut table = table(0, when_full);
        assert_eq!(table.learn(Instant::ZERO, 0, mac(1), A), Learned::Full);
        assert!(table.list(Instant::ZERO).is_empty());
    }
}

proptest! {
    /// Against a map that does the same in the obvious way.
    #[test]
    fn is_a_map_with_age(
        steps in prop::collection::vec((0u16..20, 0u16..2, 1u32..4, 0u64..40, 0u8..10), 1..200)
    ) {
        let mut table = table(1000, WhenFull::Refuse);
        let mut model: BTreeMap<(u16, Mac), (PortNo, Instant)> = BTreeMap::new();
        let mut clock = 0;
        for (n, vlan, port, pause, what) in steps {
            clock += pause;
            let now = Instant::from_secs(clock);
            let alive = |seen: Instant| now.since(seen) < Duration::from_secs(300);
            match what {
                0 => {
                    table.forget_port(PortNo(port));
                    model.retain(|_, (p, _)| *p != PortNo(port));
                }
                1 => { table.expire(now); }
                _ => {
                    let was = model.get(&(vlan, mac(n))).filter(|(_, seen)| alive(*seen)).map(|(p, _)| *p);
                    if was != Some(PortNo(port)) {
                        prop_assert!(table.is_news(now, vlan, mac(n), PortNo(port)));
                    }
                    let learned = table.learn(now, vlan, mac(n), PortNo(port));
                    prop_assert_eq!(learned == Learned::Known, was == Some(PortNo(port)));
                    model.insert((vlan, mac(n)), (PortNo(port), now));
                }
            }
            let expected: Vec<_> = model.iter().filter(|(_, (_, seen))| alive(*seen))
                .map(|((vlan, mac), (port, seen))| LearnedMac { vlan: *vlan, mac: *mac, port: *port, age: now.since(*seen) })
                .collect();
            prop_assert_eq!(table.list(now), expected);
            let linked: usize = table.ports.iter().map(|list| list.len).sum();
            prop_assert_eq!(linked, table.index.len());
        }
    }
}
