//! The table against itself, against the specifications, and against the key.

use super::*;
use crate::key::FlowKey;
use crate::key::display::{MEMBERS, Member, Part};
use std::collections::{HashMap, HashSet};
use std::format;
use std::string::ToString;
use std::vec::Vec;
use zerocopy::IntoBytes;

/// xorshift64, by words: the same keys in every run.
fn random_keys(count: usize) -> impl Iterator<Item = FlowKey> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    (0..count).map(move |_| {
        let mut key = FlowKey::ZERO;
        for word in key.words_mut() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *word = state;
        }
        key
    })
}

/// The mask of an exact match on a field.
fn mask_of(field: Field) -> FlowKey {
    let mut mask = FlowKey::ZERO;
    field.put(&mut mask, u128::MAX, u128::MAX);
    mask
}

fn placed() -> impl Iterator<Item = Field> {
    Field::all().filter(|field| field.has_position())
}

#[test]
fn names_are_unique() {
    let mut seen = HashSet::new();
    for field in Field::all() {
        let headers = field.headers().iter().map(|header| header.name);
        for name in [field.name()].into_iter().chain(field.aliases().iter().copied()).chain(headers)
        {
            assert!(seen.insert(name), "{name}");
            assert_eq!(Field::from_name(name), Some(field));
        }
    }
    assert_eq!(Field::from_name("dl_vlan"), None);
    assert_eq!(Field::from_name(""), None);
}

#[test]
fn code_points_are_unique() {
    let mut seen = HashSet::new();
    for field in Field::all() {
        for header in field.headers() {
            assert!(header.number < 128);
            assert!(seen.insert((header.class, header.number)), "{}", header.name);
            assert_eq!(Field::from_oxm(header.class, header.number), Some(field));
        }
        assert!(field.headers().is_sorted_by_key(|header| header.since), "{field}");
    }
    assert_eq!(Field::from_oxm(OxmClass::OXM_OF, 40), None);
    assert_eq!(Field::from_oxm(OxmClass::OXM_OF, 200), None);
    assert_eq!(Field::from_oxm(OxmClass::of_experimenter(1), 42), None);
    assert_eq!(Field::from_oxm(OxmClass::new(0xffff), 42), None);
}

/// OpenFlow 1.3.5 §7.2.3.7, table 11: number, bits and bytes (of a value without mask).
#[test]
fn openflow_basic() {
    let table: [(u8, Field, u16, u8); 40] = [
        (0, Field::InPort, 32, 4),
        (1, Field::InPhyPort, 32, 4),
        (2, Field::Metadata, 64, 8),
        (3, Field::EthDst, 48, 6),
        (4, Field::EthSrc, 48, 6),
        (5, Field::EthType, 16, 2),
        (6, Field::VlanVid, 13, 2),
        (7, Field::VlanPcp, 3, 1),
        (8, Field::IpDscp, 6, 1),
        (9, Field::IpEcn, 2, 1),
        (10, Field::IpProto, 8, 1),
        (11, Field::Ipv4Src, 32, 4),
        (12, Field::Ipv4Dst, 32, 4),
        (13, Field::TcpSrc, 16, 2),
        (14, Field::TcpDst, 16, 2),
        (15, Field::UdpSrc, 16, 2),
        (16, Field::UdpDst, 16, 2),
        (17, Field::SctpSrc, 16, 2),
        (18, Field::SctpDst, 16, 2),
        (19, Field::Icmpv4Type, 8, 1),
        (20, Field::Icmpv4Code, 8, 1),
        (21, Field::ArpOp, 16, 2),
        (22, Field::ArpSpa, 32, 4),
        (23, Field::ArpTpa, 32, 4),
        (24, Field::ArpSha, 48, 6),
        (25, Field::ArpTha, 48, 6),
        (26, Field::Ipv6Src, 128, 16),
        (27, Field::Ipv6Dst, 128, 16),
        (28, Field::Ipv6Label, 20, 4),
        (29, Field::Icmpv6Type, 8, 1),
        (30, Field::Icmpv6Code, 8, 1),
        (31, Field::NdTarget, 128, 16),
        (32, Field::NdSll, 48, 6),
        (33, Field::NdTll, 48, 6),
        (34, Field::MplsLabel, 20, 4),
        (35, Field::MplsTc, 3, 1),
        (36, Field::MplsBos, 1, 1),
        (37, Field::PbbIsid, 24, 3),
        (38, Field::TunId, 64, 8),
        (39, Field::Ipv6Exthdr, 9, 2),
    ];
    for (number, field, bits, bytes) in table {
        assert_eq!(Field::from_oxm(OxmClass::OXM_OF, number), Some(field));
        assert_eq!((field.n_bits(), field.n_bytes()), (bits, bytes), "{field}");
    }
}

/// ovs-fields(7), under "NXM" and "OXM" of the fields.
#[test]
fn extensions() {
    let onf = OxmClass::of_experimenter(0x4f4e_4600);
    let nicira = OxmClass::of_experimenter(0x2320);
    let nsh = OxmClass::of_experimenter(0x005a_d650);
    let table: &[(OxmClass, u8, Field)] = &[
        (OxmClass::new(0), 0, Field::InPort16),
        (OxmClass::new(0), 4, Field::VlanTci),
        (OxmClass::new(0), 5, Field::NwTos),
        (OxmClass::new(0), 17, Field::ArpTpa),
        (OxmClass::new(1), 0, Field::Reg0),
        (OxmClass::new(1), 15, Field::Reg15),
        (OxmClass::new(1), 16, Field::TunId),
        (OxmClass::new(1), 26, Field::IpFrag),
        (OxmClass::new(1), 30, Field::MplsTtl),
        (OxmClass::new(1), 31, Field::TunSrc),
        (OxmClass::new(1), 34, Field::TcpFlags),
        (OxmClass::new(1), 35, Field::DpHash),
        (OxmClass::new(1), 36, Field::RecircId),
        (OxmClass::new(1), 37, Field::ConjId),
        (OxmClass::new(1), 40, Field::TunMetadata0),
        (OxmClass::new(1), 103, Field::TunMetadata63),
        (OxmClass::new(1), 104, Field::TunFlags),
        (OxmClass::new(1), 105, Field::CtState),
        (OxmClass::new(1), 108, Field::CtLabel),
        (OxmClass::new(1), 111, Field::Xxreg0),
        (OxmClass::new(1), 119, Field::CtNwProto),
        (OxmClass::new(1), 125, Field::CtTpDst),
        (OxmClass::new(0x1000), 1, Field::NdReserved),
        (OxmClass::new(0x8000), 41, Field::PbbUca),
        (OxmClass::new(0x8000), 42, Field::TcpFlags),
        (OxmClass::new(0x8000), 43, Field::ActsetOutput),
        (OxmClass::new(0x8000), 44, Field::PacketType),
        (OxmClass::new(0x8001), 7, Field::Xreg7),
        (onf, 42, Field::TcpFlags),
        (onf, 43, Field::ActsetOutput),
        (nicira, 11, Field::TunErspanIdx),
        (nicira, 16, Field::TunGtpuMsgtype),
        (nsh, 4, Field::NshSpi),
        (nsh, 10, Field::NshTtl),
    ];
    for (class, number, field) in table {
        assert_eq!(Field::from_oxm(*class, *number), Some(*field));
    }
    assert_eq!(Field::TunMetadata63.name(), "tun_metadata63");
    assert_eq!(Field::Xreg7.headers()[0].name, "OXM_OF_PKT_REG7");
    assert_eq!(Field::TunMetadata0.n_bits(), 992);
}

#[test]
fn each_version_has_its_code_point() {
    let name = |field: Field, version| field.header(version).map(|header| header.name);
    assert_eq!(name(Field::EthSrc, 1), Some("NXM_OF_ETH_SRC"));
    assert_eq!(name(Field::EthSrc, 4), Some("OXM_OF_ETH_SRC"));
    assert_eq!(name(Field::TcpFlags, 3), Some("NXM_NX_TCP_FLAGS"));
    assert_eq!(name(Field::TcpFlags, 4), Some("ONFOXM_ET_TCP_FLAGS"));
    assert_eq!(name(Field::TcpFlags, 6), Some("OXM_OF_TCP_FLAGS"));
    assert_eq!(name(Field::PacketType, 4), Some("OXM_OF_PACKET_TYPE"));
    assert_eq!(name(Field::DpHash, 6), Some("NXM_NX_DP_HASH"));
    assert_eq!(name(Field::SkbPriority, 4), None);
}

#[test]
fn a_value_fits_on_the_wire() {
    for field in Field::all() {
        assert!(field.n_bits() <= u16::from(field.n_bytes()) * 8, "{field}");
        assert!(field.n_bits() <= 128 || !field.has_position(), "{field}");
        assert!(!field.aliases().contains(&""));
    }
}

#[test]
fn what_is_put_is_got() {
    for field in placed() {
        let mut all = FlowKey::ZERO;
        field.put(&mut all, u128::MAX, u128::MAX);
        assert_eq!(field.get(&all), Some(field.ones()), "{field}");
        for (key, values) in random_keys(20).zip(random_keys(40).skip(20)) {
            let value = field.get(&values).unwrap();
            let mut changed = key;
            field.put(&mut changed, value, u128::MAX);
            assert_eq!(field.get(&changed), Some(value), "{field}");

            let mut bits = FlowKey::ZERO;
            for ((bit, a), b) in bits.words_mut().iter_mut().zip(key.words()).zip(changed.words()) {
                *bit = a ^ b;
            }
            assert_eq!(bits.masked(&all), bits, "{field} changed bits that are not its own");

            let mask = value.rotate_left(5);
            let before = field.get(&key).unwrap();
            let mut changed = key;
            field.put(&mut changed, value, mask);
            let mixed = (before & !mask | value & mask) & field.ones();
            assert_eq!(field.get(&changed), Some(mixed), "{field}");
        }
    }
    assert_eq!(Field::TunMetadata7.get(&FlowKey::ONES), None);
}

#[test]
fn a_packet_is_set() {
    for field in placed().filter(|field| !matches!(field, Field::VlanPcp | Field::InPort16)) {
        let mut key = FlowKey::ZERO;
        field.set(&mut key, field.ones()).unwrap();
        assert_eq!(field.get(&key), Some(field.ones()), "{field}");
        let wide = 1u128.checked_shl(field.n_bits().into());
        let too_wide = |value| Err(FieldError::TooWide { field, value });
        assert!(wide.is_none_or(|value| field.set(&mut key, value) == too_wide(value)), "{field}");
    }
    let field = Field::TunMetadata7;
    let mut key = FlowKey::ZERO;
    assert_eq!(field.set(&mut key, 0), Err(FieldError::NoPosition { field }));
}

/// Fields that are views of one place: whoever is in one line may overlap.
const VIEWS: &[&[Field]] = &[
    &[Field::InPort, Field::InPort16],
    &[Field::VlanVid, Field::VlanPcp, Field::VlanTci],
    &[Field::IpDscp, Field::IpEcn, Field::NwTos],
    &[Field::Ipv4Src, Field::ArpSpa],
    &[Field::Ipv4Dst, Field::ArpTpa],
    &[Field::ArpSha, Field::NdSll],
    &[Field::ArpTha, Field::NdTll],
    &[Field::TcpSrc, Field::UdpSrc, Field::SctpSrc, Field::Icmpv4Type, Field::Icmpv6Type],
    &[Field::TcpDst, Field::UdpDst, Field::SctpDst, Field::Icmpv4Code, Field::Icmpv6Code],
];

fn is_register(field: Field) -> bool {
    mask_of(field).regs.as_bytes().iter().any(|byte| *byte != 0)
}

#[test]
fn only_views_overlap() {
    let fields: Vec<_> = placed().map(|field| (field, mask_of(field))).collect();
    for (n, (a, a_mask)) in fields.iter().enumerate() {
        for (b, b_mask) in fields.iter().skip(n + 1) {
            let related = VIEWS.iter().any(|views| views.contains(a) && views.contains(b))
                || is_register(*a) && is_register(*b) && a.n_bits() != b.n_bits();
            assert!(related || a_mask.masked(b_mask) == FlowKey::ZERO, "{a} and {b}");
        }
    }
}

#[test]
fn no_bit_of_the_key_is_forgotten() {
    let mut seen = FlowKey::ZERO;
    for Member { name: member, parts, .. } in MEMBERS {
        for part in *parts {
            let mut mask = FlowKey::ZERO;
            match part {
                Part::Fields(fields) => {
                    fields.iter().for_each(|field| field.put(&mut mask, u128::MAX, u128::MAX))
                }
                Part::Rest(_, run, _) => run.fill(&mut mask),
            }
            assert_ne!(mask, FlowKey::ZERO, "{member}");
            // The tag protocol's first bit is that of `vlan_vid`.
            let twice = mask.masked(&seen).vlans[0].tpid.get();
            assert!(mask.masked(&seen) == FlowKey::ZERO || twice == 0x8000, "{member}");
            for (seen, word) in seen.words_mut().iter_mut().zip(mask.words()) {
                *seen |= word;
            }
        }
    }
    assert!(seen == FlowKey::ONES, "missing: {}", {
        let missing = seen.words().map(|word| !word);
        format!("{:x?}", missing.as_bytes())
    });
}

#[test]
fn vlan_views() {
    let mut key = FlowKey::ZERO;
    assert_eq!(Field::VlanVid.get(&key), Some(0));
    Field::VlanVid.set(&mut key, 0x1005).unwrap();
    Field::VlanPcp.set(&mut key, 3).unwrap();
    assert_eq!((key.vlans[0].tpid.get(), key.vlans[0].tci.get()), (0x8100, 0x6005));
    assert_eq!(Field::VlanTci.get(&key), Some(0x7005));
    assert_eq!(Field::VlanTci.ones(), 0xffff);

    key.vlans[0].tpid = 0x88a8.into();
    key.vlans[0].tci = 0x7005.into(); // with the drop-eligible bit, which no field has
    Field::VlanVid.set_masked(&mut key, 0x0ff0, 0x0ff0).unwrap();
    assert_eq!((key.vlans[0].tpid.get(), key.vlans[0].tci.get()), (0x88a8, 0x7ff5));

    Field::VlanTci.set(&mut key, 0).unwrap();
    assert_eq!(key, FlowKey::ZERO);
    Field::VlanPcp.set(&mut key, 7).unwrap();
    assert_eq!(key, FlowKey::ZERO, "there is no tag");
}

#[test]
fn ports_of_openflow_10() {
    let mut key = FlowKey::ZERO;
    for (narrow, wide) in [(1, 1), (0xfeff, 0xfeff), (0xff00, 0xffff_ff00), (0xfffe, 0xffff_fffe)] {
        Field::InPort16.set(&mut key, narrow).unwrap();
        assert_eq!(key.in_port.get(), wide);
        assert_eq!(Field::InPort16.get(&key), Some(narrow));
    }
}

#[test]
fn narrow_fields() {
    let mut key = FlowKey::ZERO;
    key.ip_tos = 0b1011_1001;
    assert_eq!(Field::IpDscp.get(&key), Some(46));
    assert_eq!(Field::IpEcn.get(&key), Some(1));
    assert_eq!(Field::NwTos.get(&key), Some(184));
    assert_eq!(Field::NwTos.n_bits(), 8);
    key.mpls[0] = 0x1234_5740u32.into(); // label 0x12345, class 3, bottom, time 0x40
    assert_eq!(Field::MplsLabel.get(&key), Some(0x12345));
    assert_eq!(Field::MplsTc.get(&key), Some(3));
    assert_eq!(Field::MplsBos.get(&key), Some(1));
    assert_eq!(Field::MplsTtl.get(&key), Some(0x40));
    key.pbb_itag = 0x0865_4321u32.into();
    assert_eq!(Field::PbbUca.get(&key), Some(1));
    assert_eq!(Field::PbbIsid.get(&key), Some(0x65_4321));
    key.regs[2] = 1u32.into();
    key.regs[3] = 2u32.into();
    assert_eq!(Field::Xreg1.get(&key), Some(0x1_0000_0002));
    assert_eq!(Field::Xxreg0.get(&key), Some(0x1_0000_0002));
    key.tp_src = 8u16.into();
    assert_eq!(Field::Icmpv4Type.get(&key), Some(8));
}

#[test]
fn prerequisites() {
    let mut key = FlowKey::ZERO;
    let met = |key: &FlowKey| -> HashMap<Prerequisite, bool> {
        Field::all().map(|field| (field.prerequisite(), field.prerequisite().holds(key))).collect()
    };
    let always = [Prerequisite::None, Prerequisite::InPort, Prerequisite::Ethernet];
    let check = |key: &FlowKey, expected: &[Prerequisite]| {
        for (prerequisite, holds) in met(key) {
            let expected = always.contains(&prerequisite) || expected.contains(&prerequisite);
            assert_eq!(holds, expected, "{prerequisite} of {key}");
        }
    };
    check(&key, &[]);
    key.eth_type = 0x86ddu16.into();
    key.ip_proto = 58;
    key.tp_src = 135u16.into();
    use Prerequisite::{Icmpv6, Ip, Ipv4, Ipv6, Nd, NdSolicit, Nsh, Tcp, Tracked, Vlan};
    check(&key, &[Ipv6, Ip, Icmpv6, Nd, NdSolicit]);
    key.tp_dst = 1u16.into();
    check(&key, &[Ipv6, Ip, Icmpv6]);
    key.ip_frag = 3;
    check(&key, &[Ipv6, Ip]);

    let mut key = FlowKey::ZERO;
    key.eth_type = 0x0800u16.into();
    key.ip_proto = 6;
    key.vlans[0].tpid = 0x88a8.into();
    key.ct_state = 0x20u32.into();
    check(&key, &[Ipv4, Ip, Tcp, Vlan, Tracked]);
    key.ct_state = 0x30u32.into();
    check(&key, &[Ipv4, Ip, Tcp, Vlan]);

    let mut key = FlowKey::ZERO;
    key.packet_type = 0x0001_894fu32.into();
    assert!(Nsh.holds(&key) && !Prerequisite::Ethernet.holds(&key));
}

#[test]
fn values_as_text() {
    for (field, value, mask, text) in [
        (Field::InPort, 7, u128::MAX, "7"),
        (Field::InPort, 0xffff_fffe, u128::MAX, "LOCAL"),
        (Field::InPort16, 0xfffe, u128::MAX, "LOCAL"),
        (Field::EthType, 0x800, u128::MAX, "0x0800"),
        (Field::EthDst, 0x0100_0000_0000, 0x0100_0000_0000, "01:00:00:00:00:00/01:00:00:00:00:00"),
        (Field::Ipv4Src, 0x0a01_0000, 0xffff_0000, "10.1.0.0/16"),
        (Field::Ipv4Src, 0x0a00_0001, 0xff00_00ff, "10.0.0.1/255.0.0.255"),
        (Field::Ipv6Src, 0xfe80 << 112, 0xffc0 << 112, "fe80::/10"),
        (Field::Ipv6Src, 1, u128::MAX, "::1"),
        (Field::TcpDst, 80, 0xfff0, "80/0xfff0"),
        (Field::Reg0, 0, u128::MAX, "0"),
        (Field::Reg0, 255, 0xff, "0xff/0xff"),
        (Field::TcpFlags, 0x12, u128::MAX, "syn|ack"),
        (Field::TcpFlags, 0, u128::MAX, "0"),
        (Field::TcpFlags, 0x202, 0x212, "+syn-ack+0x200"),
        (Field::CtState, 0x20, 0x21, "-new+trk"),
        (Field::TunFlags, 1, u128::MAX, "oam"),
        (Field::PacketType, 0x1_0800, u128::MAX, "(1,0x800)"),
        (Field::IpFrag, 0, 3, "no"),
        (Field::IpFrag, 1, 3, "first"),
        (Field::IpFrag, 3, 3, "later"),
        (Field::IpFrag, 1, 1, "yes"),
        (Field::IpFrag, 0, 2, "not_later"),
    ] {
        assert_eq!(field.show(value, mask & field.ones()).to_string(), text);
    }
}

#[test]
fn a_key_as_text() {
    assert_eq!(FlowKey::ZERO.to_string(), "0");
    let mut key = FlowKey::ZERO;
    key.in_port = 3u32.into();
    key.eth_type = 0x0800u16.into();
    key.vlans[0].tpid = 0x88a8.into();
    key.vlans[0].tci = 0x6005.into();
    key.vlans[1].tpid = 0x8100.into();
    key.ipv4_src = [10, 0, 0, 1];
    key.ip_proto = 17;
    key.tp_dst = 53u16.into();
    let common = "in_port=3,vlan_vid=0x1005,vlan_pcp=3,vlan_tpid=0x88a8,inner_vlan_tpid=0x8100,\
                  eth_type=0x0800,ip_src=10.0.0.1,";
    assert_eq!(key.to_string(), format!("{common}nw_proto=17,udp_dst=53"));
    key.ip_proto = 2;
    assert_eq!(key.to_string(), format!("{common}nw_proto=2,tp_dst=53"));
}
