//! Matches that a protocol can say, prerequisites met.

use super::scalar::{bits, in_port, mask};
use ovs_core::field::{Field, Masking};
use ovs_core::matching::{Match, TunnelOption};
use ovs_openflow::{Protocol, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;

/// A field with its value and its mask.
pub(crate) type Asked = (Field, u128, u128);

/// Matches of any sort of packet.
pub(crate) fn matching(protocol: Protocol) -> BoxedStrategy<Match> {
    if protocol.version == Version::OF10 && !protocol.nxm {
        return of10();
    }
    let known = select(KINDS).prop_flat_map(move |kind| of_kind(kind, protocol));
    let pipeline = pipeline(protocol);
    let options = prop_oneof![6 => Just(Vec::new()), 1 => vec(tunnel_option(), 1..3)];
    let opaque = prop_oneof![6 => Just(Vec::new()), 1 => vec(opaque_field(), 1..3)];
    (known, pipeline, options, opaque)
        .prop_map(|(known, pipeline, options, opaque)| {
            let matching = extended(extended(Match::new(), &known), &pipeline);
            let matching = options.into_iter().fold(matching, Match::with_tunnel_option);
            let mut numbers = BTreeSet::new();
            opaque
                .iter()
                .filter(|field| numbers.insert((field[0], field[2] >> 1)))
                .fold(matching, |matching, field| matching.with_opaque_field(field))
        })
        .boxed()
}

/// The same without what only metadata of a packet-in cannot have: fields of the packet.
pub(crate) fn metadata(protocol: Protocol) -> BoxedStrategy<Match> {
    let options = prop_oneof![6 => Just(Vec::new()), 1 => vec(tunnel_option(), 1..3)];
    (pipeline(protocol), options)
        .prop_map(|(pipeline, options)| {
            let matching = extended(Match::new(), &pipeline);
            options.into_iter().fold(matching, Match::with_tunnel_option)
        })
        .boxed()
}

/// Adds what can be asked for without making something else mean nothing.
fn extended(mut matching: Match, asked: &[Asked]) -> Match {
    let mut taken: Vec<Field> = Vec::new();
    for &(field, value, mask) in asked {
        let mut longer = matching.clone();
        longer.set(field, value & mask, mask).expect("a value of the field");
        taken.push(field);
        if taken.iter().all(|field| longer.meets(field.prerequisite())) {
            matching = longer;
        } else {
            taken.pop();
        }
    }
    matching
}

/// What fields of a sort of packet stand on.
pub(crate) type Kind = &'static [Asked];

const fn whole(field: Field, value: u128) -> Asked {
    (field, value, u128::MAX)
}

use Field::{CtNwProto, CtState, EthType, Icmpv6Type, IpProto, PacketType, VlanTci, VlanVid};

pub(crate) const KINDS: &[Kind] = &[
    &[],
    &[whole(EthType, 0x9999)],
    &[whole(VlanVid, 0x1000 | 7)],
    &[(VlanVid, 0x1000, 0x1000)],
    &[whole(VlanVid, 0), whole(EthType, 0x0800)],
    &[whole(EthType, 0x0806)],
    &[whole(EthType, 0x8035)],
    &[whole(EthType, 0x8847)],
    &[whole(EthType, 0x8848)],
    &[whole(EthType, 0x88e7)],
    &[whole(EthType, 0x894f)],
    &[whole(EthType, 0x0800)],
    &[whole(EthType, 0x0800), whole(IpProto, 1)],
    &[whole(EthType, 0x0800), whole(IpProto, 6)],
    &[whole(EthType, 0x0800), whole(IpProto, 17)],
    &[whole(EthType, 0x0800), whole(IpProto, 132)],
    &[whole(EthType, 0x86dd)],
    &[whole(EthType, 0x86dd), whole(IpProto, 6)],
    &[whole(EthType, 0x86dd), whole(IpProto, 17)],
    &[whole(EthType, 0x86dd), whole(IpProto, 132)],
    &[whole(EthType, 0x86dd), whole(IpProto, 58)],
    &[whole(EthType, 0x86dd), whole(IpProto, 58), whole(Icmpv6Type, 135)],
    &[whole(EthType, 0x86dd), whole(IpProto, 58), whole(Icmpv6Type, 136)],
    &[whole(EthType, 0x0800), (CtState, 0x22, 0x3f), whole(CtNwProto, 6)],
    &[whole(EthType, 0x86dd), (CtState, 0x21, 0x31), whole(CtNwProto, 17)],
    &[whole(PacketType, 0x0001_0800)],
    &[whole(PacketType, 0x0001_86dd), whole(IpProto, 6)],
    &[whole(PacketType, 0x0001_8847)],
];

/// Views of what another field is too, in a wider or a more general form; and fields that have no
/// place of their own in a match.
const VIEWS: &[Field] = &[Field::InPort16, Field::NwTos, PacketType, EthType, IpProto, CtState];

/// Every field that the protocol's matches can have, with matches that ask for little besides it.
pub(crate) fn fields(protocol: Protocol) -> Vec<(Field, BoxedStrategy<Match>)> {
    let old = protocol.version == Version::OF10 && !protocol.nxm;
    let kinds = || {
        KINDS
            .iter()
            .filter(move |kind| !old || is_old_kind(kind))
            .map(|kind| (*kind, extended(Match::new(), kind)))
    };
    let mut fields = Vec::new();
    for field in Field::all().filter(|field| is_asked(*field, protocol)) {
        // If the sort of packet is told by the field itself, it is asked for with that value.
        let own = |kind: Kind| kind.iter().any(|(base, ..)| *base == field);
        let on = kinds().find(|(kind, base)| !own(kind) && base.meets(field.prerequisite()));
        let Some((_, base)) = on else { continue };
        let asked = if old { of10_field(field) } else { asked(field) };
        let matches = asked.prop_filter_map("it makes other fields mean nothing", move |one| {
            let matching = extended(base.clone(), &[one]);
            (matching.missing_prerequisite().is_none() && matching != base).then_some(matching)
        });
        fields.push((field, matches.boxed()));
    }
    fields
}

/// Can OpenFlow 1.0's match say what makes this sort of packet?
fn is_old_kind(kind: Kind) -> bool {
    kind.iter().all(|(field, ..)| [EthType, IpProto].contains(field))
}

/// Is there a form for the field in which it is read again as just this field?
fn is_asked(field: Field, protocol: Protocol) -> bool {
    if protocol.version == Version::OF10 && !protocol.nxm {
        let tells = [EthType, IpProto, VlanTci];
        return OF10_FIELDS.contains(&field) || tells.contains(&field);
    }
    let view = match field {
        Field::InPort16 => true,
        Field::NwTos => has_vlan_vid(protocol),
        VlanTci => has_vlan_vid(protocol),
        VlanVid | Field::VlanPcp => !has_vlan_vid(protocol),
        _ => false,
    };
    !view && is_sent(field, protocol)
}

/// What is asked for of a sort of packet.
fn of_kind(kind: Kind, protocol: Protocol) -> BoxedStrategy<Vec<Asked>> {
    let base = extended(Match::new(), kind);
    let is_ipv6 = base.get(EthType) == Some((0x86dd, 0xffff));
    let is_candidate = |field: &Field| {
        let fixed = VIEWS.contains(field) || kind.iter().any(|(base, ..)| base == field);
        let of_packet = field.prerequisite() != ovs_core::field::Prerequisite::None;
        let fits = match field {
            Field::CtNwSrc | Field::CtNwDst => !is_ipv6,
            Field::CtIpv6Src | Field::CtIpv6Dst => is_ipv6,
            // OpenFlow 1.0's list of fields has them in one, later ones in two.
            VlanVid | Field::VlanPcp => has_vlan_vid(protocol),
            VlanTci => !has_vlan_vid(protocol) && !kind.iter().any(|(base, ..)| *base == VlanVid),
            _ => true,
        };
        !fixed && of_packet && fits && is_sent(*field, protocol) && base.meets(field.prerequisite())
    };
    let candidates: Vec<Field> = Field::all().filter(is_candidate).collect();
    let some = subsequence(candidates.clone(), 0..=candidates.len().min(8));
    (Just(kind.to_vec()), some.prop_flat_map(all_asked))
        .prop_map(|(mut base, more)| {
            base.extend(more);
            base
        })
        .boxed()
}

/// Has a match of this protocol the two parts of a tag apart?
fn has_vlan_vid(protocol: Protocol) -> bool {
    protocol.version != Version::OF10
}

/// Has the field a place in a key, and a number in messages?
fn is_sent(field: Field, protocol: Protocol) -> bool {
    field.has_position() && field.header(protocol.version.0).is_some()
}

fn all_asked(fields: Vec<Field>) -> Vec<BoxedStrategy<Asked>> {
    fields.into_iter().map(asked).collect()
}

/// A value and a mask of a field.
pub(crate) fn asked(field: Field) -> BoxedStrategy<Asked> {
    let n_bits = field.n_bits();
    let masks = match field.masking() {
        // Of its 32 bits 8 have a meaning.
        Masking::Bitwise if field == CtState => mask(8),
        Masking::Exact => Just(field.ones()).boxed(),
        Masking::Bitwise => mask(n_bits),
    };
    let values = match field {
        // 16 bits in OpenFlow 1.0, with a gap in the middle later.
        Field::InPort | Field::InPhyPort | Field::ActsetOutput => {
            in_port().prop_map(|port| port.0.into()).boxed()
        }
        // Of the operation of ARP the lower byte is all that there is in a key of Open vSwitch.
        Field::ArpOp => bits(8),
        Field::NwTos => bits(6).prop_map(|dscp| dscp << 2).boxed(),
        CtState => bits(8),
        // Only these have a meaning (RFC 8300 §2.2).
        Field::NshTtl => bits(6),
        Field::NshMdtype => (1..=2u128).boxed(),
        _ => bits(n_bits),
    };
    (Just(field), values, masks)
        .prop_map(|(field, value, mask)| (field, value & mask, mask))
        .boxed()
}

/// What every packet has: ports, registers, tunnels.
fn pipeline(protocol: Protocol) -> BoxedStrategy<Vec<Asked>> {
    let is_candidate = |field: &Field| {
        let none = field.prerequisite() == ovs_core::field::Prerequisite::None;
        !VIEWS.contains(field) && none && is_sent(*field, protocol)
    };
    let candidates: Vec<Field> = Field::all().filter(is_candidate).collect();
    subsequence(candidates, 0..6).prop_flat_map(all_asked).boxed()
}

pub(crate) fn tunnel_option_field() -> BoxedStrategy<Field> {
    let fields: Vec<Field> = Field::all().filter(|field| field.is_tunnel_option()).collect();
    select(fields).boxed()
}

/// An option of a tunnel header. Open vSwitch has room for 256 bytes of all of a match.
pub(crate) fn tunnel_option() -> BoxedStrategy<TunnelOption> {
    let bytes = (1..=16usize).prop_flat_map(|words| vec(any::<(u8, u8)>(), words * 4));
    (tunnel_option_field(), bytes, any::<bool>())
        .prop_map(|(field, bytes, masked)| {
            let (value, mask): (Vec<u8>, Vec<u8>) = bytes.into_iter().unzip();
            let option = if masked {
                TunnelOption::masked(field, &value, &mask)
            } else {
                TunnelOption::new(field, &value)
            };
            option.expect("a value of the field")
        })
        .boxed()
}

/// A field that nobody knows: header and value, perhaps with a mask.
fn opaque_field() -> BoxedStrategy<Vec<u8>> {
    let header =
        prop_oneof![Just(vec![0x80, 0x00]), Just(vec![0x12, 0x34]), Just(vec![0xff, 0xff])];
    (header, 100..127u8, vec(any::<u8>(), 0..20), any::<bool>())
        .prop_map(|(mut field, number, value, masked)| {
            let experimenter = if field[0] == 0xff { &[0, 0, 0x77, 0x01][..] } else { &[] };
            let length = value.len() * (1 + usize::from(masked)) + experimenter.len();
            field.extend([number << 1 | u8::from(masked), length as u8]);
            field.extend(experimenter);
            let ones = vec![0xff; value.len()];
            field.extend(&value);
            field.extend(if masked { &ones[..] } else { &[] });
            field
        })
        .boxed()
}

/// What the match of OpenFlow 1.0 can say.
fn of10() -> BoxedStrategy<Match> {
    let tags = proptest::option::of(of10_tag());
    let ip = |eth_type, proto| (Some(eth_type), Some(proto));
    let kinds = vec![
        (None, None),
        (Some(0x9999), None),
        (Some(0x0806), None),
        (Some(0x8035), None),
        (Some(0x0800), None),
        ip(0x0800, 1),
        ip(0x0800, 6),
        ip(0x0800, 17),
        ip(0x0800, 132),
        ip(0x0800, 99),
        (Some(0x86dd), None),
        ip(0x86dd, 6),
        ip(0x86dd, 58),
    ];
    (select(kinds), tags)
        .prop_flat_map(|((eth_type, proto), tags)| {
            let mut base = Vec::new();
            base.extend(eth_type.map(|eth_type| whole(EthType, eth_type)));
            base.extend(proto.map(|proto| whole(IpProto, proto)));
            base.extend(tags);
            let fits = extended(Match::new(), &base);
            let has_field = |field: &Field| fits.meets(field.prerequisite());
            let fields: Vec<Field> = OF10_FIELDS.iter().copied().filter(has_field).collect();
            let count = fields.len();
            (Just(base), subsequence(fields, 0..=count).prop_flat_map(of10_asked))
        })
        .prop_map(|(mut base, more)| {
            base.extend(more);
            extended(Match::new(), &base)
        })
        .boxed()
}

/// No tag, or one with an id, a priority, or both.
fn of10_tag() -> BoxedStrategy<Asked> {
    prop_oneof![
        Just((VlanTci, 0, 0xffff)),
        bits(12).prop_map(|vid| (VlanTci, 0x1000 | vid, 0x1fff)),
        bits(3).prop_map(|pcp| (VlanTci, 0x1000 | pcp << 13, 0xf000)),
        bits(16).prop_map(|tci| (VlanTci, 0x1000 | tci, 0xffff)),
    ]
    .boxed()
}

/// Fields of OpenFlow 1.0 besides those that tell the sort of packet.
const OF10_FIELDS: &[Field] = &[
    Field::InPort,
    Field::EthSrc,
    Field::EthDst,
    Field::IpDscp,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::TcpSrc,
    Field::TcpDst,
    Field::UdpSrc,
    Field::UdpDst,
    Field::SctpSrc,
    Field::SctpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Icmpv6Type,
    Field::Icmpv6Code,
];

fn of10_asked(fields: Vec<Field>) -> Vec<BoxedStrategy<Asked>> {
    fields.into_iter().map(of10_field).collect()
}

/// Only addresses can be masked, by a prefix.
fn of10_field(field: Field) -> BoxedStrategy<Asked> {
    let prefix = (1..=32u32).prop_map(|length| u128::from(u32::MAX << (32 - length)));
    let masks = match field {
        Field::Ipv4Src | Field::Ipv4Dst | Field::ArpSpa | Field::ArpTpa => prefix.boxed(),
        VlanTci => return of10_tag(),
        _ => Just(field.ones()).boxed(),
    };
    (asked(field).prop_map(|(_, value, _)| value), bits(field.n_bits()), masks)
        .prop_map(move |(value, any, mask)| {
            let value = if field == Field::InPort || field == Field::ArpOp { value } else { any };
            (field, value & mask, mask)
        })
        .boxed()
}
