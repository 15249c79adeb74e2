use super::*;
use crate::field::Field;
use crate::key::FlowKey;
use alloc::vec;
use proptest::prelude::*;

struct List(Vec<Words>);

impl Keys for List {
    fn key(&self, number: u32) -> &Words {
        &self.0[number as usize]
    }
}

/// Bits of a few fields, so that flows often meet.
fn words() -> impl Strategy<Value = Words> {
    let prefix =
        |n_bits: u32| (0..=n_bits).prop_map(move |n| !0_u32.checked_shr(n).unwrap_or(0) as u64);
    let part = (prefix(32), any::<u32>(), 0..6u8, prop::sample::select(vec![0, 0xf0, 0xffff_u128]));
    (part, prefix(32), any::<u32>(), any::<bool>()).prop_map(
        |((src, a, port, ports), dst, b, few)| {
            let (mut value, mut mask) = (FlowKey::ZERO, FlowKey::ZERO);
            let bits = if few { 0x8000_0001 } else { 0xc000_0003 };
            let mut ask = |field: Field, number: u128, bits: u128| {
                field.put(&mut value, number & bits, bits);
                field.put(&mut mask, u128::MAX, bits);
            };
            ask(Field::InPort, 1, if port == 5 { 0 } else { 0xffff_ffff });
            ask(Field::Ipv4Src, u128::from(a & bits), src.into());
            ask(Field::Ipv4Dst, u128::from(b & bits), dst.into());
            ask(Field::TcpDst, u128::from(port), ports);
            Words::from_keys(&value, &mask)
        },
    )
}

fn packet() -> impl Strategy<Value = FlowKey> {
    (any::<u32>(), any::<u32>(), 0..6u16).prop_map(|(a, b, port)| {
        let mut key = FlowKey::ZERO;
        Field::InPort.put(&mut key, 1, u128::MAX);
        Field::Ipv4Src.put(&mut key, (a & 0xc000_0003).into(), u128::MAX);
        Field::Ipv4Dst.put(&mut key, (b & 0xc000_0003).into(), u128::MAX);
        Field::TcpDst.put(&mut key, port.into(), u128::MAX);
        key
    })
}

/// All in the tree that match, and how many were asked.
fn find(tree: &Tree, list: &List, key: &FlowKey) -> (Vec<u32>, usize) {
    let (mut found, mut asked) = (Vec::new(), 0);
    let sparse = SparseKey::from(key);
    let none = tree.find(&sparse, |number| {
        asked += 1;
        if list.key(number).match_sparse(&sparse) {
            found.push(number);
        }
        false
    });
    assert_eq!(none, None);
    found.sort_unstable();
    (found, asked)
}

impl Tree {
    /// Branches in use, each with two children at least, and all that their flows have in common.
    fn check(&self, list: &List) {
        let used = self.branches.len() - self.free.len();
        let mut n = 0;
        let mut todo = Vec::from_iter(self.root);
        while let Some(link) = todo.pop() {
            let Err(place) = link.as_flow() else { continue };
            n += 1;
            let branch = &self.branches[place];
            let children: Vec<_> = match &branch.children {
                Children::Few(children) => children.iter().map(|(_, link)| *link).collect(),
                Children::Many(groups) => {
                    assert!(groups.iter().all(|group| !group.links.is_empty()));
                    groups.iter().flat_map(|g| g.links.iter().map(|(_, link)| *link)).collect()
                }
            };
            assert!(children.len() > 1);
            let mut below = children.clone();
            while let Some(link) = below.pop() {
                match link.as_flow() {
                    Ok(flow) => assert!(branch.common.covers(list.key(flow))),
                    Err(place) => match &self.branches[place].children {
                        Children::Few(c) => below.extend(c.iter().map(|(_, link)| *link)),
                        Children::Many(groups) => {
                            groups.iter().for_each(|g| below.extend(g.links.iter().map(|l| l.1)));
                        }
                    },
                }
            }
            todo.extend(children);
        }
        assert_eq!(n, used);
    }
}

proptest! {
    #[test]
    fn finds_what_a_list_has(
        flows in prop::collection::vec(words(), 1..60),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        packets in prop::collection::vec(packet(), 20),
    ) {
        let mut tree = Tree::default();
        let list = List(flows);
        let mut there: Vec<u32> = Vec::new();
        for number in 0..list.0.len() as u32 {
            let same = there.iter().find(|other| list.key(**other) == list.key(number));
            prop_assert_eq!(tree.insert(number, &list).err(), same.copied());
            if same.is_none() {
                there.push(number);
            }
        }
        tree.check(&list);
        let check = |tree: &Tree, there: &[u32]| {
            for key in &packets {
                let matching = |number: &&u32| list.key(**number).matches(key);
                let mut expected: Vec<u32> = there.iter().filter(matching).copied().collect();
                expected.sort_unstable();
                assert_eq!(find(tree, &list, key).0, expected);
            }
        };
        check(&tree, &there);
        for gone in gone {
            if there.is_empty() {
                break;
            }
            let number = there.swap_remove(gone.index(there.len()));
            prop_assert!(tree.remove(number, &list));
            prop_assert!(!tree.remove(number, &list));
            tree.check(&list);
        }
        check(&tree, &there);
    }
}

/// A flow that asks for so many leading bits of two addresses and of a port, of which the last is set.
fn prefixes(src: u32, dst: u32, port: u32) -> Words {
    let (mut value, mut mask) = (FlowKey::ZERO, FlowKey::ZERO);
    for (field, n) in [(Field::Ipv4Src, src), (Field::Ipv4Dst, dst), (Field::TcpDst, port)] {
        let bits = field.ones() & !(field.ones() >> n);
        field.put(&mut mask, u128::MAX, bits);
        field.put(&mut value, bits & !(bits << 1), u128::MAX);
    }
    Words::from_keys(&value, &mask)
}

#[test]
fn a_thousand_masks_take_a_few_steps() {
    let lengths = || 1..=10;
    let all = lengths().flat_map(|src| lengths().map(move |dst| (src, dst)));
    let all = all.flat_map(|(src, dst)| lengths().map(move |port| prefixes(src, dst, port)));
    let list = List(all.collect());
    let mut tree = Tree::default();
    (0..1000).for_each(|number| tree.insert(number, &list).unwrap());
    tree.check(&list);
    for number in 0..1000 {
        let (value, _) = list.key(number).expand();
        assert_eq!(find(&tree, &list, &value), (vec![number], 1));
    }
    (0..1000).for_each(|number| assert!(tree.remove(number, &list)));
    assert_eq!((tree.root, tree.free.len()), (None, tree.branches.len()));
}
