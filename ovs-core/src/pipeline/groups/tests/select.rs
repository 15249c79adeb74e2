//! Which bucket a select group chooses.

use super::*;
use alloc::collections::BTreeMap;
use proptest::prelude::*;

fn entry(buckets: impl IntoIterator<Item = (u32, u16)>) -> GroupEntry {
    let bucket = |(id, weight)| Bucket { weight, ..numbered(id) };
    GroupEntry::new(group(1, GroupKind::Select, buckets.into_iter().map(bucket)), NOW)
}

/// The number of the chosen bucket, with all of them live.
fn choose(entry: &GroupEntry, hash: u32) -> Option<u32> {
    entry.select(hash, |_| true).and_then(|n| entry.buckets[n].id)
}

fn shares(entry: &GroupEntry, hashes: impl IntoIterator<Item = u32>) -> BTreeMap<u32, u32> {
    let mut shares = BTreeMap::new();
    for hash in hashes {
        *shares.entry(choose(entry, hash).unwrap()).or_default() += 1;
    }
    shares
}

/// Are the shares of that many packets as far from those by weight as chance has it? Their squared
/// distance is that of Pearson's test, which wants buckets that expect a few packets: those that expect
/// less are taken together. Fair choices are further away in less than one of a hundred thousand cases.
fn is_fair(entry: &GroupEntry, shares: &BTreeMap<u32, u32>, n_hashes: u32) -> bool {
    let sum: f64 = entry.buckets.iter().map(|bucket| f64::from(bucket.weight)).sum();
    let (mut classes, mut rest) = (Vec::new(), (0.0, 0.0));
    for bucket in &entry.buckets {
        let expected = f64::from(n_hashes) * f64::from(bucket.weight) / sum;
        let found = shares.get(&bucket.id.unwrap()).copied().unwrap_or(0).into();
        if expected < 10.0 {
            rest = (rest.0 + expected, rest.1 + found);
        } else {
            classes.push((expected, found));
        }
    }
    let few_of_rest = rest.0 >= 10.0 || rest.1 <= 30.0;
    classes.extend((rest.0 >= 10.0).then_some(rest));
    let distance = classes.iter().map(|(expected, found)| (found - expected).powi(2) / expected);
    let freedom = classes.len() as f64;
    few_of_rest && distance.sum::<f64>() < freedom + 5.0 * (2.0 * freedom).sqrt() + 15.0
}

#[test]
fn shares_are_within_2_percent_of_the_weights() {
    const HASHES: u32 = 100_000;
    for weights in [
        vec![1, 1],
        vec![1, 2, 3],
        vec![100, 200, 300, 400],
        vec![65535, 65535, 65535, 32768],
        vec![1; 3],
        vec![7, 0, 5, 0],
    ] {
        let entry = entry((0..).zip(weights.iter().copied()));
        let sum: f64 = weights.iter().copied().map(f64::from).sum();
        // Hashes that are close to each other, and others that are not.
        for step in [1, 0x9e37_79b9] {
            let hashes = (0..HASHES).map(|n| n.wrapping_mul(step));
            let shares = shares(&entry, hashes);
            for (id, weight) in (0..).zip(&weights) {
                let found = f64::from(shares.get(&id).copied().unwrap_or(0));
                let expected = f64::from(HASHES) * f64::from(*weight) / sum;
                assert!((found - expected).abs() <= 0.02 * expected, "{weights:?}: {shares:?}");
            }
        }
    }
}

#[test]
fn many_buckets_have_the_same_share_as_few() {
    let entry = entry((0..2000).map(|id| (id, 1)));
    let shares = shares(&entry, 0..20_000);
    assert!(is_fair(&entry, &shares, 20_000));
}

#[test]
fn what_gets_nothing_is_not_chosen() {
    assert_eq!(choose(&entry([]), 1), None);
    assert_eq!(choose(&entry([(0, 0), (1, 0)]), 1), None);
    assert_eq!(entry([(0, 1), (1, 1)]).select(1, |_| false), None);
}

#[test]
fn the_choice_stays_the_same_from_version_to_version() {
    // A switch that is updated shall not move connections.
    let entry = entry([(0, 1), (1, 2), (2, 3), (3, 4)]);
    let chosen: Vec<u32> = (0..16).filter_map(|hash| choose(&entry, hash << 28)).collect();
    assert_eq!(chosen, CHOSEN);
}

const CHOSEN: [u32; 16] = [0, 2, 0, 3, 3, 2, 3, 2, 2, 3, 3, 2, 1, 1, 3, 0];

fn weights() -> impl Strategy<Value = BTreeMap<u32, u16>> {
    let weight = prop_oneof![Just(0), 1u16..10, 1u16..=u16::MAX];
    prop::collection::btree_map(prop_oneof![0u32..10, 0u32..0xffff_ff00], weight, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shares_follow_the_weights(weights in weights(), begin: u32) {
        prop_assume!(weights.values().any(|weight| *weight > 0));
        let entry = entry(weights);
        let shares = shares(&entry, (0..5000).map(|n| begin.wrapping_add(n)));
        prop_assert!(is_fair(&entry, &shares, 5000), "{shares:?}");
    }

    #[test]
    fn only_packets_of_changed_buckets_move(
        mut weights in weights(),
        id in 0u32..10,
        weight: u16,
        begin: u32,
    ) {
        let before = entry(weights.clone());
        let old = weights.insert(id, weight).unwrap_or(0);
        let after = entry(weights);
        for hash in (0..500).map(|n| begin.wrapping_add(n)) {
            let (from, to) = (choose(&before, hash), choose(&after, hash));
            // From the bucket if it became lighter, to it if heavier, and nowhere else.
            let moved = if weight < old { from } else { to };
            prop_assert!(from == to || moved == Some(id), "{hash}: {from:?} to {to:?}");
        }
    }

    #[test]
    fn a_dead_bucket_is_as_one_that_is_not_there(
        weights in weights(),
        dead in prop::collection::vec(any::<bool>(), 20),
        hashes: [u32; 32],
    ) {
        let whole = entry(weights.clone());
        let lives = weights.into_iter().zip(&dead).filter(|(_, dead)| !**dead);
        let lives = entry(lives.map(|(bucket, _)| bucket));
        for hash in hashes {
            let chosen = whole.select(hash, |n| !dead[n]).and_then(|n| whole.buckets[n].id);
            prop_assert_eq!(chosen, choose(&lives, hash));
        }
    }

    #[test]
    fn the_order_of_buckets_does_not_matter(weights in weights(), hashes: [u32; 32]) {
        let (forth, back) = (entry(weights.clone()), entry(weights.into_iter().rev()));
        for hash in hashes {
            prop_assert_eq!(choose(&forth, hash), choose(&back, hash));
        }
    }
}
