use super::*;
use crate::port::PortNo;
use core::hash::BuildHasher;
use core::mem::offset_of;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::string::ToString;
use std::vec::Vec;

fn tcp() -> Match {
    Match::new().eth_type(0x0800).ip_proto(6)
}

#[test]
fn an_empty_match_is_any_packet() {
    let any = Match::new();
    assert!(any.matches(&FlowKey::ONES) && any.matches(&FlowKey::ZERO));
    assert_eq!(any.to_string(), "any");
    assert_eq!(any.missing_prerequisite(), None);
}

#[test]
fn equal_if_the_same_is_asked_for() {
    let narrow = Match::new().with_masked(Field::Ipv4Dst, 0x0a00_0000, 0xff00_0000).unwrap();
    let wide = Match::new().with_masked(Field::Ipv4Dst, 0x0aff_ffff, 0xff00_0000).unwrap();
    assert_eq!(narrow, wide);
    assert_eq!(narrow, Match::new().ipv4_dst([10, 9, 8, 7].into(), 8));
    assert_eq!(narrow, Match::masked(&wide.value(), &wide.mask()));
    assert_eq!(narrow.get(Field::Ipv4Dst), Some((0x0a00_0000, 0xff00_0000)));
    let replaced = wide.with(Field::Ipv4Dst, 1).unwrap();
    assert_eq!(replaced, Match::new().ipv4_dst([0, 0, 0, 1].into(), 40));
    assert_eq!(replaced.with_masked(Field::Ipv4Dst, 0, 0).unwrap(), Match::new());
    assert_eq!(Match::new().ipv6_src(Ipv6Addr::LOCALHOST, 0), Match::new());
}

#[test]
fn what_cannot_be_matched() {
    let field = Field::IpProto;
    let mask = 0xf0;
    let error = Match::new().with_masked(field, 1, mask).unwrap_err();
    assert_eq!(error, FieldError::NotMaskable { field, mask });
    assert_eq!(error.to_string(), "nw_proto cannot be masked with 0xf0");
    let error = Match::new().with(field, 256).unwrap_err();
    assert_eq!(error, FieldError::TooWide { field, value: 256 });
    assert_eq!(error.to_string(), "0x100 does not fit into the 8 bits of nw_proto");
    let field = Field::TunMetadata0;
    assert_eq!(Match::new().with(field, 0), Err(FieldError::NoPosition { field }));
    assert_eq!(Match::new().with_masked(field, 0, 0), Err(FieldError::NoPosition { field }));
    let wide_mask = Match::new().with_masked(Field::VlanVid, 0x1005, 0xffff).unwrap();
    assert_eq!(wide_mask, Match::new().vlan_vid(5));
    // Of `nw_tos` two bits do not count, so this is the whole field.
    let tos = Match::new().with_masked(Field::NwTos, 5, 0xfc).unwrap();
    assert_eq!(tos, Match::new().with(Field::IpDscp, 1).unwrap());
}

#[test]
fn tags() {
    let any_tag = Match::new().with_masked(Field::VlanVid, 0x1000, 0x1000).unwrap();
    let untagged = Match::new().untagged();
    let five = Match::new().vlan_vid(5);
    let zero = Match::new().vlan_vid(0);
    let tagged = |tpid: u16, tci: u16| {
        let mut key = FlowKey::ZERO;
        key.vlans[0].tpid = tpid.into();
        key.vlans[0].tci = tci.into();
        key
    };
    let which = |key: &FlowKey| [&any_tag, &untagged, &five, &zero].map(|each| each.matches(key));
    assert_eq!(which(&FlowKey::ZERO), [false, true, false, false]);
    assert_eq!(which(&tagged(0x8100, 0xf005)), [true, false, true, false]);
    assert_eq!(which(&tagged(0x88a8, 0x0005)), [true, false, true, false]);
    assert_eq!(which(&tagged(0x8100, 0)), [true, false, false, true]);
    assert!(any_tag.covers(&five) && !five.covers(&any_tag) && !any_tag.overlaps(&untagged));
    let texts = [&any_tag, &untagged, &five].map(ToString::to_string);
    assert_eq!(texts, ["vlan_vid=0x1000/0x1000", "vlan_vid=0", "vlan_vid=0x1005"]);
    assert_eq!(five, Match::new().with(Field::VlanVid, 0x1005).unwrap());
    assert_eq!(five, Match::new().with_masked(Field::VlanTci, 0x1005, 0x1fff).unwrap());

    let priority = any_tag.with(Field::VlanPcp, 7).unwrap();
    assert_eq!(priority.missing_prerequisite(), None);
    let priority = untagged.with(Field::VlanPcp, 7).unwrap();
    assert_eq!(priority.missing_prerequisite(), Some((Field::VlanPcp, Prerequisite::Vlan)));
}

#[test]
fn ports_of_openflow_10() {
    let local = Match::new().with(Field::InPort16, 0xfffe).unwrap();
    assert_eq!(local, Match::new().in_port(PortNo::LOCAL));
    assert_eq!(local.to_string(), "in_port=LOCAL");
    let mut removed = local.clone();
    removed.remove(Field::InPort16);
    assert_eq!(removed, Match::new());
    // Neither does a mask ask for the port of which no bit is the field's.
    for mask in [0, 0x1_0000] {
        let free = local.clone().with_masked(Field::InPort16, 1, mask).unwrap();
        assert_eq!(free, Match::new());
    }
}

#[test]
fn covering_and_overlapping() {
    let web = tcp().tcp_dst(80);
    let net = tcp().ipv4_dst([10, 0, 0, 0].into(), 8);
    let host = net.clone().ipv4_dst([10, 0, 0, 1].into(), 32).tcp_dst(80);
    assert!(tcp().covers(&tcp()));
    assert!(tcp().covers(&web) && !web.covers(&tcp()));
    assert!(web.overlaps(&net) && net.overlaps(&web) && !web.covers(&net) && !net.covers(&web));
    assert!(net.covers(&host) && web.covers(&host));
    assert!(!web.overlaps(&tcp().tcp_dst(81)) && !tcp().tcp_dst(81).covers(&web));
}

#[test]
fn what_a_field_needs() {
    let (field, need) = (Field::TcpDst, Prerequisite::Tcp);
    assert_eq!(tcp().tcp_dst(80).missing_prerequisite(), None);
    assert_eq!(Match::new().tcp_dst(80).missing_prerequisite(), Some((field, need)));
    // One that is not a TCP port only because of the protocol is a UDP port.
    let udp = Match::new().eth_type(0x86dd).ip_proto(17).tcp_dst(80);
    assert_eq!(udp.missing_prerequisite(), None);
    assert!(!udp.meets(Prerequisite::Tcp) && udp.meets(Prerequisite::Udp));
    let ip = Match::new().ip_proto(6);
    assert_eq!(ip.missing_prerequisite(), Some((Field::IpProto, Prerequisite::Ip)));
    let nd = Match::new().eth_type(0x86dd).ip_proto(58);
    let target = |from: &Match| from.clone().with(Field::NdTarget, 1).unwrap();
    assert_eq!(target(&nd).missing_prerequisite(), Some((Field::NdTarget, Prerequisite::Nd)));
    assert_eq!(target(&nd.with(Field::Icmpv6Type, 136).unwrap()).missing_prerequisite(), None);
    let phy = Match::new().with(Field::InPhyPort, 1).unwrap();
    assert_eq!(phy.missing_prerequisite(), Some((Field::InPhyPort, Prerequisite::InPort)));
    assert_eq!(phy.in_port(1u32).missing_prerequisite(), None);
}

#[test]
fn fields_are_those_of_the_packet() {
    let arp = Match::new().eth_type(0x0806).ipv4_src([10, 0, 0, 1].into(), 32).eth_src([2; 6]);
    assert_eq!(arp.to_string(), "eth_src=02:02:02:02:02:02,eth_type=0x0806,arp_spa=10.0.0.1");
    let fields: Vec<_> = arp.fields().collect();
    assert_eq!(fields.last(), Some(&(Field::ArpSpa, 0x0a00_0001, 0xffff_ffff)));
    let rebuilt = fields.iter().try_fold(Match::new(), |matching, (field, value, mask)| {
        matching.with_masked(*field, *value, *mask)
    });
    assert_eq!(rebuilt, Ok(arp));
}

#[test]
fn every_field_stands_behind_what_it_needs() {
    let order: Vec<_> =
        Match::masked(&FlowKey::ZERO, &FlowKey::ONES).fields().map(|(field, ..)| field).collect();
    let place = |field: Field| order.iter().position(|other| *other == field);
    for (first, second) in [
        (Field::InPort, Field::InPhyPort),
        (Field::PacketType, Field::EthType),
        (Field::VlanVid, Field::VlanPcp),
        (Field::EthType, Field::MplsLabel),
        (Field::EthType, Field::IpProto),
        (Field::IpProto, Field::TcpDst),
        (Field::TcpSrc, Field::NdTarget), // the place of `icmpv6_type`
        (Field::CtState, Field::CtNwProto),
    ] {
        assert!(place(first).unwrap() < place(second).unwrap(), "{first} before {second}");
    }
}

#[test]
fn options_of_tunnel_headers() {
    let field = Field::TunMetadata3;
    let option = |value: &[u8], mask: &[u8]| TunnelOption::masked(field, value, mask).unwrap();
    let exact = option(&[1, 2], &[0xff, 0xff]);
    assert_eq!(exact, TunnelOption::new(field, &[1, 2]).unwrap());
    assert_eq!(exact.mask(), None);
    let wide = option(&[1, 2], &[0xff, 0]);
    assert_eq!((wide.value(), wide.mask()), (&[1, 0][..], Some(&[0xff, 0][..])));

    let narrow = Match::new().with_tunnel_option(exact.clone());
    let broad = Match::new().with_tunnel_option(wide);
    assert!(broad.covers(&narrow) && !narrow.covers(&broad) && broad.overlaps(&narrow));
    assert!(Match::new().covers(&narrow) && !narrow.covers(&Match::new()));
    let other = Match::new().with_tunnel_option(option(&[2, 2], &[0xff, 0xff]));
    assert!(!other.overlaps(&narrow) && !other.overlaps(&broad));
    assert_eq!(narrow.to_string(), "tun_metadata3=0x0102");
    assert_eq!(broad.to_string(), "tun_metadata3=0x0100/0xff00");
    assert!(!narrow.matches(&FlowKey::ZERO), "it has no place in a key yet");

    let second = TunnelOption::new(Field::TunMetadata1, &[7]).unwrap();
    let one_way = narrow.clone().with_tunnel_option(second.clone());
    assert_eq!(one_way, Match::new().with_tunnel_option(second).with_tunnel_option(exact));
    let mut emptied = narrow;
    emptied.remove(field);
    assert_eq!(emptied, Match::new());

    assert_eq!(
        TunnelOption::new(Field::Reg0, &[1]),
        Err(FieldError::NotTunnelOption { field: Field::Reg0 })
    );
    for length in [0, 125] {
        let error = TunnelOption::new(field, &[0; 125][..length]).unwrap_err();
        assert_eq!(error, FieldError::OptionLength { field, length });
    }
    assert!(TunnelOption::masked(field, &[1], &[1, 2]).is_err());
}

#[test]
fn fields_that_nobody_knows() {
    let (a, b) = ([0x12, 0x34, 2, 1, 7], [0x12, 0x34, 4, 1, 8]);
    let both = tcp().with_opaque_field(&b).with_opaque_field(&a);
    assert_eq!(both, tcp().with_opaque_field(&a).with_opaque_field(&b));
    assert!(tcp().with_opaque_field(&a).covers(&both) && !both.covers(&tcp()));
    assert!(both.overlaps(&tcp()) && !both.matches(&FlowKey::ZERO));
    let text = "eth_type=0x0800,nw_proto=6,field=0x1234020107,field=0x1234040108";
    assert_eq!(both.to_string(), text);
}

#[test]
fn a_match_is_small() {
    assert!(size_of::<Match>() <= 200, "{}", size_of::<Match>());
    let typical = tcp().in_port(1u32).eth_src([2; 6]).eth_dst([2; 6]).vlan_vid(5);
    let typical = typical.with(Field::VlanPcp, 7).unwrap().with(Field::Metadata, 1).unwrap();
    let typical = typical.ipv4_src([10, 0, 0, 1].into(), 32).ipv4_dst([10, 0, 0, 2].into(), 32);
    assert!(typical.tcp_src(1).tcp_dst(80).words.is_inline());
}

#[test]
fn fields_are_forgotten() {
    let whole = tcp().vlan_vid(5).tcp_dst(80);
    let mut rest = whole.clone();
    rest.remove(Field::TcpDst);
    assert_eq!(rest, tcp().vlan_vid(5));
    rest.remove(Field::VlanTci); // another view of the tag
    rest.remove(Field::Metadata); // it was not there
    assert_eq!(rest, tcp());
    assert_eq!(rest.set(Field::IpProto, 17, 0xf0).ok(), None);
    assert_eq!(rest, tcp(), "an error changes nothing");
}

/// A match as two whole keys, which is what the sparse one must do the same as.
#[derive(Clone, Copy)]
struct Dense {
    value: FlowKey,
    mask: FlowKey,
}

impl Dense {
    const ANY: Self = Self { value: FlowKey::ZERO, mask: FlowKey::ZERO };

    /// Two bits of placed tunnel metadata, which no field reaches: in the first word and in one
    /// of the upper half of the bitmap.
    fn placed_options(value: u64, mask: u64) -> Self {
        let mut dense = Self::ANY;
        for index in [offset_of!(FlowKey, tun_metadata) / 8, crate::key::WORDS - 1] {
            dense.value.words_mut()[index] = value & mask & 1;
            dense.mask.words_mut()[index] = mask & 1;
        }
        dense
    }

    fn covers(&self, other: &Self) -> bool {
        self.mask.masked(&other.mask) == self.mask && other.value.matches(&self.value, &self.mask)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.value.matches(&other.value, &self.mask.masked(&other.mask))
    }
}

/// Which field, value, mask, and whether all of the field matters.
type Step = (Index, u128, u128, bool);

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec((any::<Index>(), any::<u128>(), any::<u128>(), any::<bool>()), 0..most)
}

/// The field, value and mask of a step, for some fields; no more bits than the field has.
fn part((field, value, mask, exact): &Step, fields: &[Field]) -> (Field, u128, u128) {
    let field = *field.get(fields);
    let ones = field.ones();
    let exact = *exact || field.masking() == Masking::Exact;
    (field, value & ones, if exact { ones } else { mask & ones })
}

fn placed() -> Vec<Field> {
    let placed = |field: &Field| field.has_position() && *field != Field::InPort16;
    Field::all().filter(placed).collect()
}

fn build(mut dense: Dense, parts: impl Iterator<Item = (Field, u128, u128)>) -> (Match, Dense) {
    let mut sparse = Match::masked(&dense.value, &dense.mask);
    for (field, value, mask) in parts {
        sparse.set(field, value, mask).unwrap();
        field.put(&mut dense.value, value & mask, u128::MAX);
        field.put(&mut dense.mask, mask, u128::MAX);
    }
    (sparse, dense)
}

fn hash(of: &Match) -> u64 {
    foldhash::fast::FixedState::default().hash_one(of)
}

proptest! {
    #[test]
    fn sparse_is_dense(
        steps in steps(24),
        bits in vec(any::<u64>(), crate::key::WORDS),
        option in any::<(u64, u64)>(),
    ) {
        let fields = placed();
        let parts = steps.iter().map(|step| part(step, &fields));
        if let Some((field, value, mask)) = parts.clone().next_back() {
            prop_assert_eq!(build(Dense::ANY, parts.clone()).0.get(field), Some((value & mask, mask)));
        }
        let (sparse, dense) = build(Dense::ANY, parts.clone());
        prop_assert_eq!(sparse.value(), dense.value);
        prop_assert_eq!(sparse.mask(), dense.mask);
        prop_assert_eq!(&Match::masked(&dense.value, &dense.mask), &sparse);
        let rebuilt = sparse.fields().try_fold(Match::new(), |all, (field, value, mask)| {
            all.with_masked(field, value, mask)
        });
        // A part of a field that cannot be masked may come from another view of its place.
        if let Ok(rebuilt) = rebuilt {
            prop_assert_eq!(rebuilt, sparse);
        }

        let (sparse, dense) = build(Dense::placed_options(option.0, option.1), parts);
        prop_assert_eq!((sparse.value(), sparse.mask()), (dense.value, dense.mask));
        let mut key = FlowKey::ZERO;
        key.words_mut().copy_from_slice(&bits);
        prop_assert_eq!(sparse.matches(&key), key.matches(&dense.value, &dense.mask));
        for (word, (value, mask)) in
            key.words_mut().iter_mut().zip(dense.value.words().iter().zip(dense.mask.words()))
        {
            *word = *word & !mask | value;
        }
        prop_assert!(sparse.matches(&key));
    }

    /// Few fields and few bits, so that all answers are frequent.
    #[test]
    fn sets_are_compared_as_dense_ones(
        first in steps(5),
        second in steps(5),
        common in steps(3),
        options in any::<[(u64, u64); 2]>(),
    ) {
        let fields = [Field::Ipv6Src, Field::Metadata, Field::TcpDst, Field::VlanTci, Field::Reg1];
        let of = |steps: &[Step], (value, mask): (u64, u64)| {
            let few = |step: &Step| {
                let (field, value, mask) = part(step, &fields);
                let bits = 0x8001 | 1 << 100;
                (field, value & bits, mask & bits)
            };
            build(Dense::placed_options(value, mask), steps.iter().chain(&common).map(few))
        };
        let ((a, a_dense), (b, b_dense)) = (of(&first, options[0]), of(&second, options[1]));
        prop_assert_eq!(a.covers(&b), a_dense.covers(&b_dense));
        prop_assert_eq!(b.covers(&a), b_dense.covers(&a_dense));
        prop_assert_eq!(a.overlaps(&b), a_dense.overlaps(&b_dense));
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
        prop_assert_eq!(a == b, a_dense.value == b_dense.value && a_dense.mask == b_dense.mask);
        if a.covers(&b) && b.covers(&a) {
            prop_assert_eq!(hash(&a), hash(&b));
            prop_assert_eq!(a, b);
        }
    }

    #[test]
    fn order_does_not_matter(steps in steps(40), turn in any::<Index>(), detour in steps(40)) {
        let fields = placed();
        // No two views of one place, and none of a field twice.
        let mut taken = FlowKey::ZERO;
        let mut parts: Vec<_> = steps.iter().map(|step| part(step, &fields)).collect();
        parts.retain(|(field, ..)| {
            let is_free = field.get(&taken) == Some(0);
            field.put(&mut taken, u128::MAX, u128::MAX);
            is_free
        });
        let (straight, _) = build(Dense::ANY, parts.iter().copied());
        let mut other = build(Dense::ANY, detour.iter().map(|step| part(step, &fields))).0;
        fields.iter().for_each(|field| other.remove(*field));
        prop_assert_eq!(&other, &Match::new());
        let middle = turn.index(parts.len() + 1);
        parts.rotate_left(middle);
        for (field, value, mask) in parts.into_iter().rev() {
            other.set(field, value, mask).unwrap();
        }
        prop_assert_eq!(hash(&other), hash(&straight));
        prop_assert_eq!(other, straight);
    }
}

#[test]
fn that_there_is_no_tag_needs_no_tag() {
    let tci = |value, mask| Match::new().with_masked(Field::VlanTci, value, mask).unwrap();
    assert_eq!(tci(0, 0xffff).missing_prerequisite(), None);
    assert_eq!(tci(0, 0xf000).missing_prerequisite(), None);
    assert!(tci(0x2000, 0xf000).missing_prerequisite().is_some());
    let pcp = Match::new().with(Field::VlanPcp, 0).unwrap();
    assert_eq!(pcp.missing_prerequisite().map(|(field, _)| field), Some(Field::VlanPcp));
}
