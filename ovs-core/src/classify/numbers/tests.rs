use super::*;
use alloc::collections::BTreeMap;
use proptest::collection::vec;
use proptest::prelude::*;

fn check(numbers: &Numbers, model: &BTreeMap<u128, u32>, asked: u128) {
    let common = model.keys().map(|other| (asked ^ other).leading_zeros()).max();
    let common = common.unwrap_or(0);
    assert_eq!(numbers.common(asked), (common < 128).then_some(common));
}

fn add_and_remove(n_bits: usize, numbers: &[u32], asked: u32) {
    // Left-aligned, with something at the other end if there is room.
    let place = |value: u32| {
        let value = u128::from(value);
        if n_bits == 32 { value << 96 } else { value << 96 | value & 3 }
    };
    let (mut sorted, mut model) = (Numbers::new(n_bits), BTreeMap::new());
    for value in numbers.iter().map(|value| place(*value)) {
        sorted.insert(value);
        *model.entry(value).or_insert(0) += 1;
        check(&sorted, &model, place(asked));
        check(&sorted, &model, value);
    }
    // One that may not be there, and then each as often as it was put in.
    for value in [asked].iter().chain(numbers.iter().rev()).map(|value| place(*value)) {
        sorted.remove(value);
        if let Some(count) = model.get_mut(&value) {
            *count -= 1;
        }
        model.retain(|_, count| *count > 0);
        check(&sorted, &model, place(asked));
        check(&sorted, &model, value);
    }
}

proptest! {
    #[test]
    fn same_as_a_search_through_all(
        numbers in vec((0..4_u32, 0..6_u32, 0..28), 0..60),
        asked in (0..4_u32, 0..6_u32, 0..28),
    ) {
        let number = |(high, low, shift): &_| high << 30 | low << shift;
        let numbers: Vec<_> = numbers.iter().map(number).collect();
        add_and_remove(32, &numbers, number(&asked));
        add_and_remove(128, &numbers, number(&asked));
    }
}

#[test]
fn chunks_are_halved_and_joined() {
    let mut sorted = Sorted::new();
    let numbers = || (0..20_000_u32).map(|n| n.wrapping_mul(0x9e37_79b1));
    numbers().for_each(|value| sorted.insert(value));
    let check = |sorted: &Sorted<u32>, left: usize| {
        let all: Vec<_> = sorted.chunks.iter().flat_map(|chunk| &chunk.values).collect();
        assert!(all.len() == left && all.is_sorted());
        let firsts = sorted.chunks.iter().map(|chunk| chunk.values[0]);
        assert!(firsts.eq(sorted.firsts.iter().copied()));
        assert!(sorted.chunks.iter().all(|chunk| chunk.values.len() <= MOST));
        assert!(sorted.chunks.len() <= 1 + 2 * left / (FEWEST - 1), "{left}");
    };
    check(&sorted, 20_000);
    for (n, value) in numbers().enumerate() {
        assert_eq!(sorted.neighbours(value), None);
        sorted.remove(value);
        let (below, above) = sorted.neighbours(value).unwrap();
        assert!(below.is_none_or(|below| below < value));
        assert!(above.is_none_or(|above| above > value));
        if n % 1000 == 0 || n > 19_900 {
            check(&sorted, 19_999 - n);
        }
    }
}
