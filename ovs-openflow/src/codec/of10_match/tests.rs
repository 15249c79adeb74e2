//! Tests of the match of OpenFlow 1.0.

use super::{put, take, take_normal};
use crate::error::EncodeError;
use crate::error_code::ErrorCode;
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::field::Field;
use ovs_core::matching::{Match, TunnelOption};
use std::vec::Vec;

/// Everything but the addresses of IPv4, which have their own bits.
const ALL: u32 = 0x0030_00ff;
const NO_ADDRESSES: u32 = 32 << 8 | 32 << 14;

/// A match with these wildcards, and bytes from these places on.
fn of10(wildcards: u32, parts: &[(usize, &[u8])]) -> Bytes {
    // What is wildcarded, and padding, means nothing.
    let mut bytes = Vec::from([0xee; 40]);
    bytes[..4].copy_from_slice(&wildcards.to_be_bytes());
    for (place, part) in parts {
        bytes[*place..][..part.len()].copy_from_slice(part);
    }
    bytes.into()
}

fn read(wildcards: u32, parts: &[(usize, &[u8])]) -> Match {
    take(&mut Reader::new(&of10(wildcards, parts), "message")).unwrap()
}

fn write(matching: &Match) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    put(&mut Writer::new(&mut out), matching)?;
    assert_eq!(out.len(), 40);
    Ok(out)
}

#[test]
fn wildcards() {
    let of_all = ALL | NO_ADDRESSES;
    assert_eq!(read(of_all, &[]), Match::new());
    assert_eq!(read(u32::MAX, &[]), Match::new(), "more bits than there are");
    assert_eq!(read(of_all & !1, &[(4, &[0, 3])]), Match::new().in_port(3u32));
    assert_eq!(read(of_all & !1, &[(4, &[0xff, 0xfe])]), Match::new().in_port(0xffff_fffeu32));
    assert_eq!(read(of_all & !4, &[(6, &[2; 6])]), Match::new().eth_src([2; 6]));
    assert_eq!(read(of_all & !0x10, &[(22, &[5, 0xff])]), Match::new().eth_type(0x05ff));
    let error = take(&mut Reader::new(&of10(0, &[]).slice(..39), "message")).unwrap_err();
    assert_eq!(error.code, ErrorCode::OFPBRC_BAD_LEN, "it is the message that is too short");
}

#[test]
fn prefixes() {
    let net = |count: u32| {
        read(ALL & !0x10 | count << 8 | 63 << 14, &[(22, &[8, 0]), (28, &[10, 1, 2, 3])])
    };
    let ip = || Match::new().eth_type(0x0800);
    assert_eq!(net(0), ip().ipv4_src([10, 1, 2, 3].into(), 32));
    assert_eq!(net(8), ip().ipv4_src([10, 1, 2, 3].into(), 24));
    assert_eq!(net(31), ip().ipv4_src([0, 0, 0, 0].into(), 1));
    for nothing in [32, 33, 63] {
        assert_eq!(net(nothing), ip());
    }
    let holes = ip().with_masked(Field::Ipv4Src, 0, 0xff00_ff00).unwrap();
    assert!(matches!(write(&holes), Err(EncodeError::Match { .. })));
}

#[test]
fn tags() {
    let tag = |wildcards: u32, vlan: [u8; 2], pcp| {
        let bits = ALL | NO_ADDRESSES;
        read(bits & !wildcards, &[(18, &vlan), (20, &[pcp])])
    };
    let (vlan, pcp) = (1 << 1, 1 << 20);
    let tci = |value, mask| Match::new().with_masked(Field::VlanTci, value, mask).unwrap();
    assert_eq!(tag(vlan, [1, 0x23], 7), Match::new().vlan_vid(0x123));
    assert_eq!(tag(vlan, [0xf1, 0x23], 7), Match::new().vlan_vid(0x123), "12 bits count");
    assert_eq!(tag(vlan | pcp, [1, 0x23], 0xf5), tci(0xb123, 0xffff));
    assert_eq!(tag(pcp, [1, 0x23], 5), tci(0xb000, 0xf000));
    // Without a tag there is no priority, whether one is asked for or not.
    assert_eq!(tag(vlan, [0xff, 0xff], 7), tci(0, 0xffff));
    assert_eq!(tag(vlan | pcp, [0xff, 0xff], 7), tci(0, 0xffff));
    assert_eq!(write(&tci(0, 0xffff)).unwrap()[18..21], [0xff, 0xff, 0]);
    assert_eq!(write(&Match::new().untagged()).unwrap()[18..21], [0xff, 0xff, 0]);
    for (value, mask) in [(0x1000, 0x1000), (0x1001, 0x1001), (0x3000, 0x3000), (0, 0xe000)] {
        assert!(write(&tci(value, mask)).is_err(), "{value:#x}/{mask:#x}");
    }
}

#[test]
fn places_that_fields_share() {
    let asked = !(1 << 4 | 1 << 5 | 1 << 6 | 1 << 7);
    let of = |eth_type: u16, proto| {
        let parts: [(usize, &[u8]); 3] =
            [(22, &eth_type.to_be_bytes()), (25, &[proto]), (36, &[0, 3, 0, 1])];
        read((ALL | NO_ADDRESSES) & asked, &parts)
    };
    let ports =
        [(6, Field::TcpSrc), (17, Field::UdpSrc), (132, Field::SctpSrc), (1, Field::Icmpv4Type)];
    for (proto, field) in ports {
        assert!(
            of(0x0800, proto).fields().any(|asked| asked == (field, 3, field.ones())),
            "{field}"
        );
    }
    assert_eq!(of(0x86dd, 58).get(Field::Icmpv6Code), Some((1, 0xff)));
    assert_eq!(of(0x0806, 2).get(Field::ArpOp), Some((2, 0xffff)));
    // A change of the flow table keeps only what its packets have.
    let ipv4 = of10(NO_ADDRESSES | ALL & asked, &[(22, &[8, 0]), (25, &[99])]);
    let normal = take_normal(&mut Reader::new(&ipv4, "message")).unwrap();
    assert_eq!(normal, Match::new().eth_type(0x0800).ip_proto(99));
    let whole = take(&mut Reader::new(&ipv4, "message")).unwrap();
    assert_eq!(whole.get(Field::TcpSrc), Some((0xeeee, 0xffff)));
}

#[test]
fn what_openflow_1_0_cannot_say() {
    let field = |field, value| Match::new().with(field, value).unwrap();
    for field in [field(Field::Reg0, 1), field(Field::TunId, 1), field(Field::Metadata, 0)] {
        assert!(matches!(write(&field), Err(EncodeError::Match { .. })), "{field}");
    }
    let part = Match::new().with_masked(Field::EthSrc, 0, 0xff).unwrap();
    assert!(write(&part).is_err());
    let option = TunnelOption::new(Field::TunMetadata0, &[1]).unwrap();
    assert!(write(&Match::new().with_tunnel_option(option)).is_err());
    assert!(write(&Match::new().with_opaque_field(&[0x12, 0x34, 2, 0])).is_err());
    let operation = Match::new().eth_type(0x0806).with(Field::ArpOp, 0x100).unwrap();
    assert!(matches!(write(&operation), Err(EncodeError::TooLarge { .. })));
    let port = Match::new().in_port(0x1_0000u32);
    assert!(matches!(write(&port), Err(EncodeError::TooLarge { .. })));
    // All of its packets are Ethernet's.
    assert_eq!(write(&field(Field::PacketType, 0)), write(&Match::new()));
    assert!(write(&field(Field::PacketType, 0x1_0800)).is_err());
}
