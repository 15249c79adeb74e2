//! Random rules and packets, and a search through all rules that must say the same.

use super::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

type Rules = Vec<Arc<TestRule>>;

const FIELDS: [Field; 12] = [
    Field::InPort,
    Field::EthDst,
    Field::EthSrc,
    Field::EthType,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Dst,
    Field::IpProto,
    Field::TcpSrc,
    Field::TcpDst,
    Field::Reg1,
    Field::ConjId,
];
/// What packets have.
const OF_PACKETS: &[Field] = FIELDS.split_at(11).0;

/// Few values, which differ in the first and the last bits.
fn value(field: Field, seed: u8) -> u128 {
    let wide = u128::from(seed & 3) << (field.n_bits() - 2) | u128::from(seed >> 2 & 3);
    wide & field.ones()
}

/// All bits, a prefix, or some.
fn mask(field: Field, seed: u8) -> u128 {
    let ones = field.ones();
    let prefix = |n: u16| ones & !(ones >> n.min(field.n_bits() - 1));
    match seed % 8 {
        _ if field.masking() == crate::field::Masking::Exact => ones,
        0..3 => ones,
        3 => prefix(1),
        4 => prefix(2),
        5 => prefix(24),
        6 => prefix(field.n_bits() - 1),
        _ => value(field, seed >> 3) | 1,
    }
}

fn matching() -> impl Strategy<Value = Match> {
    let part = (0..FIELDS.len(), 0..16_u8, any::<u8>());
    vec(part, 0..4).prop_map(|parts| {
        parts.into_iter().fold(Match::new(), |matching, (field, value_seed, mask_seed)| {
            let field = FIELDS[field];
            // Rarely a conjunction's number, which is small.
            let number =
                if field == Field::ConjId { value_seed.into() } else { value(field, value_seed) };
            matching.with_masked(field, number, mask(field, mask_seed)).unwrap()
        })
    })
}

fn clauses() -> impl Strategy<Value = Vec<Clause>> {
    let clause = (1..4_u32, 0..3_u8, 2..4_u8);
    let clause = clause.prop_map(|(id, clause, n_clauses)| Clause { id, clause, n_clauses });
    prop_oneof![3 => Just(Vec::new()), 2 => vec(clause, 1..3)]
}

fn any_rule() -> impl Strategy<Value = Arc<TestRule>> {
    let versions = prop_oneof![Just(0..9), Just(0..2), Just(2..9), Just(1..3)];
    (matching(), 0..6_u16, versions, clauses()).prop_map(
        |(matching, priority, visible, clauses)| {
            Arc::new(TestRule { matching, priority, visible, clauses })
        },
    )
}

fn ordinary_rule() -> impl Strategy<Value = Arc<TestRule>> {
    any_rule().prop_map(|of| {
        let (matching, visible) = (of.matching.clone(), of.visible.clone());
        Arc::new(TestRule { matching, priority: of.priority, visible, clauses: Vec::new() })
    })
}

fn any_packet() -> impl Strategy<Value = FlowKey> {
    vec(0..16_u8, OF_PACKETS.len()).prop_map(|seeds| {
        let fields = OF_PACKETS.iter().zip(seeds);
        let fields: Vec<_> = fields.map(|(field, seed)| (*field, value(*field, seed))).collect();
        packet(&fields)
    })
}

/// A packet that agrees with another in some bits, and with a rule in as many others as it can.
fn like(packet: &FlowKey, read: &FlowKey, rule: &TestRule, noise: &FlowKey) -> FlowKey {
    let (value, mask) = (rule.matching.value(), rule.matching.mask());
    let mut other = *packet;
    for (index, word) in other.words_mut().iter_mut().enumerate() {
        let of = |key: &FlowKey| key.words()[index];
        let free = of(noise) & !of(&mask) | of(&value) & of(&mask);
        *word = *word & of(read) | free & !of(read);
    }
    other
}

/// The highest visible rules of each match, by descending priority.
fn groups(rules: &Rules, version: Version, key: &FlowKey) -> Vec<Rules> {
    let mut groups: Vec<Rules> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_visible(version)) {
        if rule.matching.matches(key) {
            match groups.iter_mut().find(|group| group[0].matching == rule.matching) {
                Some(group) => group.push(rule.clone()),
                None => groups.push([rule.clone()].into()),
            }
        }
    }
    for group in &mut groups {
        group.sort_by_key(|rule| core::cmp::Reverse(rule.priority));
    }
    groups
}

/// Priority of what a packet meets, and the conjunction that led there.
fn naive(rules: &Rules, version: Version, key: &FlowKey) -> Option<(u16, Option<u32>)> {
    let mut groups = groups(rules, version, key);
    loop {
        groups.retain(|group| !group.is_empty());
        let hard = groups.iter().map(|group| &group[0]).filter(|rule| rule.clauses.is_empty());
        let hard = hard.map(|rule| rule.priority).max();
        let soft = groups.iter().map(|group| &group[0]).filter(|rule| !rule.clauses.is_empty());
        let soft: Vec<_> = soft.filter(|rule| hard.is_none_or(|p| rule.priority > p)).collect();
        let Some(level) = soft.iter().map(|rule| rule.priority).max() else {
            return hard.map(|priority| (priority, None));
        };
        let soft: Vec<_> = soft.into_iter().filter(|rule| rule.priority == level).collect();
        for id in 0..8 {
            let complete = (2..=soft.len() as u8).any(|n| {
                (0..n).all(|clause| {
                    let wanted = Clause { id, clause, n_clauses: n };
                    soft.iter().any(|rule| rule.clauses.contains(&wanted))
                })
            });
            let mut with_id = *key;
            with_id.conj_id = id.into();
            let inner = self::groups(rules, version, &with_id);
            let inner = inner.iter().map(|group| &group[0]).filter(|rule| rule.clauses.is_empty());
            if let Some(priority) = inner.map(|rule| rule.priority).max().filter(|_| complete) {
                return Some((priority, Some(id)));
            }
        }
        for group in &mut groups {
            if group[0].priority == level && !group[0].clauses.is_empty() {
                group.remove(0);
            }
        }
    }
}

fn summary(found: Option<&Found<'_, Arc<TestRule>>>) -> Option<(u16, Option<u32>)> {
    found.map(|found| (found.candidate.priority, found.conjunction))
}

/// Is the answer the right one, and the same for all packets that agree in what was read?
fn check(
    rules: &Rules,
    all: &Classifier<Arc<TestRule>>,
    packet: &FlowKey,
    noise: &FlowKey,
) -> Result<(), TestCaseError> {
    for version in (0..4).map(Version) {
        let mut key = TrackedKey::new(packet);
        let found = all.lookup(version, &mut key).unwrap();
        prop_assert_eq!(summary(found.as_ref()), naive(rules, version, packet));
        if let Some(found) = &found {
            prop_assert!(found.conjunction.is_some() || found.candidate.matching.matches(packet));
        }
        for rule in rules {
            let other = like(packet, key.read(), rule, noise);
            let mut other = TrackedKey::new(&other);
            let again = all.lookup(version, &mut other).unwrap();
            // The answers are leaves of a tree: which bits are read depends on those that were read before.
            prop_assert_eq!(other.read(), key.read());
            prop_assert_eq!(summary(again.as_ref()), summary(found.as_ref()));
            let same = again.zip(found.as_ref());
            prop_assert!(same.is_none_or(|(a, b)| a.candidate.is_same(b.candidate)));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn same_as_a_search_through_all(
        rules in vec(ordinary_rule(), 0..40),
        packets in vec(any_packet(), 8),
        noise in any_packet(),
    ) {
        let all = classifier(&rules);
        for packet in &packets {
            check(&rules, &all, packet, &noise)?;
        }
    }

    #[test]
    fn same_with_conjunctions(
        rules in vec(any_rule(), 0..40),
        packets in vec(any_packet(), 8),
        noise in any_packet(),
    ) {
        let all = classifier(&rules);
        for packet in &packets {
            check(&rules, &all, packet, &noise)?;
        }
    }

    #[test]
    fn same_after_removals(
        mut rules in vec(any_rule(), 0..40),
        removed in vec(any::<prop::sample::Index>(), 0..40),
        packets in vec(any_packet(), 4),
    ) {
        let mut all = classifier(&rules);
        for index in removed {
            if rules.is_empty() {
                break;
            }
            let rule = rules.remove(index.index(rules.len()));
            prop_assert!(all.remove(&rule));
            prop_assert!(!all.remove(&rule));
        }
        prop_assert_eq!((all.len(), all.iter().count()), (rules.len(), rules.len()));
        for packet in &packets {
            check(&rules, &all, packet, &FlowKey::ZERO)?;
        }
    }

    #[test]
    fn same_sets_of_rules(
        rules in vec(any_rule(), 0..40),
        matching in matching(),
        priority in 0..6_u16,
        version in (0..4_u64).prop_map(Version),
        index in option::of(any::<prop::sample::Index>()),
    ) {
        let all = classifier(&rules);
        let same = index.filter(|_| !rules.is_empty()).map(|index| index.get(&rules).matching.clone());
        let matching = same.unwrap_or(matching);
        let visible = || rules.iter().filter(|rule| rule.is_visible(version));
        let mut covered: Vec<_> = all.covered(&matching, version).map(Arc::as_ptr).collect();
        let expected = visible().filter(|rule| matching.covers(&rule.matching));
        let mut expected: Vec<_> = expected.map(Arc::as_ptr).collect();
        covered.sort();
        expected.sort();
        prop_assert_eq!(covered, expected);
        let is_at = |rule: &&Arc<TestRule>| rule.priority == priority;
        let overlapping = all.overlapping(&matching, priority, version);
        prop_assert!(overlapping.is_none_or(|rule| rule.matching.overlaps(&matching) && is_at(&rule)));
        let overlaps = visible().filter(is_at).any(|rule| rule.matching.overlaps(&matching));
        prop_assert_eq!(overlapping.is_some(), overlaps);
        let found = all.find(&matching, priority, version);
        prop_assert!(found.is_none_or(|rule| rule.matching == matching && is_at(&rule)));
        let exists = visible().filter(is_at).any(|rule| rule.matching == matching);
        prop_assert_eq!(found.is_some(), exists);
    }

    /// Fields that were written come from no packet; of those that are hidden no answer depends.
    #[test]
    fn same_after_actions(
        rules in vec(any_rule(), 1..30),
        packet in any_packet(),
        noise in any_packet(),
        written in vec((0..OF_PACKETS.len(), 0..16_u8), 0..4),
        hidden in vec(0..OF_PACKETS.len(), 0..4),
    ) {
        let all = classifier(&rules);
        let act = |packet: &FlowKey| {
            let mut key = TrackedKey::new(packet);
            let mut region = FlowKey::ZERO;
            hidden.iter().for_each(|field| OF_PACKETS[*field].put(&mut region, u128::MAX, u128::MAX));
            key.hide(&region);
            for (field, seed) in &written {
                let field = OF_PACKETS[*field];
                key.set(field, value(field, *seed), u128::MAX);
            }
            (key, region)
        };
        let (mut key, mut region) = act(&packet);
        let changed = *key.peek();
        written.iter().for_each(|(field, _)| OF_PACKETS[*field].put(&mut region, 0, u128::MAX));
        let Ok(found) = all.lookup(NOW, &mut key) else {
            prop_assert!(region != FlowKey::ZERO);
            return Ok(());
        };
        for rule in &rules {
            // Whatever is hidden:
            let mut known = FlowKey::ONES;
            known.words_mut().iter_mut().zip(region.words()).for_each(|(known, hidden)| *known &= !hidden);
            let revealed = like(&changed, &known, rule, &noise);
            prop_assert_eq!(summary(found.as_ref()), naive(&rules, NOW, &revealed));
            let (mut other, _) = act(&like(&packet, key.read(), rule, &noise));
            // Its lookup may leave a subtable by other bits, which do not tell that another one needs
            // not be asked; that one may ask for what is hidden.
            if let Ok(again) = all.lookup(NOW, &mut other) {
                prop_assert_eq!(summary(again.as_ref()), summary(found.as_ref()));
            }
        }
    }
}
