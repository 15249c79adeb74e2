//! The connection, its controllers, and Nicira's messages.

use super::scalar::{bytes, is_old, u8s, u16s, u32s, u64s};
use ovs_openflow::message::{
    AsyncConfig, AsyncMasks, BundleAdd, BundleControl, BundleControlKind, BundleFlags, CtFlush,
    CtTuple, ErrorMessage, Hello, HelloElement, RequestForward, Role, RoleMessage, RoleStatus,
    RoleStatusReason, TlvMap, TlvTable, TlvTableMod, VersionSet,
};
use ovs_openflow::{ErrorCode, Message, Protocol, WireError};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) fn hello() -> BoxedStrategy<Hello> {
    // OpenFlow 1.0 is in it, so that there is one.
    let versions = u32s().prop_map(|set| HelloElement::Versions(VersionSet(set | 1 << 1)));
    let opaque =
        (100..200u16, bytes(20)).prop_map(|(kind, data)| HelloElement::Opaque { kind, data });
    (option::of(versions), vec(opaque, 0..3))
        .prop_map(|(versions, more)| Hello { elements: versions.into_iter().chain(more).collect() })
        .boxed()
}

pub(crate) fn error(protocol: Protocol) -> BoxedStrategy<ErrorMessage> {
    let named = ErrorCode::all().filter(|code| {
        // Where a version has one number for several, one of them is what it is read as.
        let wire = code.to_wire(protocol.version);
        wire.is_some_and(|wire| ErrorCode::from_wire(protocol.version, wire) == *code)
    });
    let unnamed = (100..200u16, u16s()).prop_map(move |(kind, code)| {
        ErrorCode::from_wire(protocol.version, WireError { experimenter: None, kind, code })
    });
    let codes = prop_oneof![9 => select(named.collect::<Vec<_>>()), 1 => unnamed];
    (codes, bytes(80)).prop_map(|(code, data)| ErrorMessage { code, data }).boxed()
}

pub(crate) fn role(protocol: Protocol) -> BoxedStrategy<RoleMessage> {
    let old = is_old(protocol);
    let first = if old { 1 } else { 0 };
    (first..4u32, u64s(), any::<bool>())
        .prop_map(move |(role, generation, told)| {
            let generation = if old { None } else { Some(generation) };
            // All ones are the sign for none.
            let generation_id = generation.filter(|id| told && *id != u64::MAX);
            let generation_id = if old { None } else { generation_id.or(Some(7)) };
            RoleMessage { role: Role(role), generation_id }
        })
        .boxed()
}

pub(crate) fn role_status() -> BoxedStrategy<RoleStatus> {
    (1..4u32, 0..3u8, u64s())
        .prop_map(|(role, reason, generation_id)| RoleStatus {
            role: Role(role),
            reason: RoleStatusReason(reason),
            generation_id,
        })
        .boxed()
}

/// The older form: three numbers for each role.
pub(crate) fn async_config() -> BoxedStrategy<AsyncConfig> {
    let masks = |(packet_in, port_status, flow_removed)| AsyncMasks {
        packet_in: Some(packet_in),
        port_status: Some(port_status),
        flow_removed: Some(flow_removed),
        ..AsyncMasks::default()
    };
    let three = || (0..8u32, 0..8u32, 0..16u32);
    (three(), three())
        .prop_map(move |(master, slave)| AsyncConfig { master: masks(master), slave: masks(slave) })
        .boxed()
}

/// OpenFlow 1.4's form: what is said.
pub(crate) fn async_config2() -> BoxedStrategy<AsyncConfig> {
    let masks = || {
        // Packet-ins have three reasons before OpenFlow 1.4.
        let first = (option::of(0..8u32), option::of(0..8u32), option::of(0..64u32));
        let more = (option::of(0..4u32), option::of((0..4u32).prop_map(|bits| bits << 3)));
        (first, more, option::of(0..4u32)).prop_map(|(first, more, request_forward)| AsyncMasks {
            packet_in: first.0,
            port_status: first.1,
            flow_removed: first.2,
            role_status: more.0,
            table_status: more.1,
            request_forward,
        })
    };
    (masks(), masks()).prop_map(|(master, slave)| AsyncConfig { master, slave }).boxed()
}

pub(crate) fn request_forward(protocol: Protocol) -> BoxedStrategy<RequestForward> {
    let group = super::group::group_mod(protocol).prop_map(Message::GroupMod);
    let request = if is_old(protocol) {
        group.boxed()
    } else {
        prop_oneof![group, super::group::meter_mod().prop_map(Message::MeterMod)].boxed()
    };
    (u32s(), request)
        .prop_map(|(xid, request)| RequestForward { xid, request: request.into() })
        .boxed()
}

fn bundle_flags() -> BoxedStrategy<BundleFlags> {
    super::flow::flags([BundleFlags::ATOMIC, BundleFlags::ORDERED])
}

pub(crate) fn bundle_control() -> BoxedStrategy<BundleControl> {
    (u32s(), 0..8u16, bundle_flags())
        .prop_map(|(bundle, kind, flags)| BundleControl {
            bundle,
            kind: BundleControlKind(kind),
            flags,
            properties: Default::default(),
        })
        .boxed()
}

/// A change in a bundle.
pub(crate) fn bundle_add(protocol: Protocol) -> BoxedStrategy<BundleAdd> {
    let message = prop_oneof![
        super::flow::flow_mod(protocol).prop_map(Message::FlowMod),
        super::group::group_mod(protocol).prop_map(Message::GroupMod),
        super::switch::port_mod(protocol).prop_map(Message::PortMod),
        super::packet::packet_out(protocol).prop_map(Message::PacketOut),
    ];
    (u32s(), bundle_flags(), message)
        .prop_map(|(bundle, flags, message)| BundleAdd {
            bundle,
            flags,
            message: message.into(),
            properties: Default::default(),
        })
        .boxed()
}

fn tlv_map() -> BoxedStrategy<TlvMap> {
    (u16s(), u8s(), 1..32u8, 0..64u16)
        .prop_map(|(option_class, option_type, words, index)| TlvMap {
            option_class,
            option_type,
            option_len: words * 4,
            index,
        })
        .boxed()
}

pub(crate) fn tlv_table_mod() -> BoxedStrategy<TlvTableMod> {
    prop_oneof![
        2 => vec(tlv_map(), 0..4).prop_map(TlvTableMod::Add),
        2 => vec(tlv_map(), 0..4).prop_map(TlvTableMod::Delete),
        1 => Just(TlvTableMod::Clear),
    ]
    .boxed()
}

pub(crate) fn tlv_table() -> BoxedStrategy<TlvTable> {
    (u32s(), 64..=u16::MAX, vec(tlv_map(), 0..4))
        .prop_map(|(max_option_space, max_fields, maps)| TlvTable {
            max_option_space,
            max_fields,
            maps,
        })
        .boxed()
}

pub(crate) fn ct_flush() -> BoxedStrategy<CtFlush> {
    let v4 = any::<u32>().prop_map(|address| IpAddr::V4(Ipv4Addr::from(address | 1))).boxed();
    let v6 = any::<u128>()
        .prop_map(|address| IpAddr::V6(Ipv6Addr::from(address | 0x2000 << 112)))
        .boxed();
    (select(vec![v4, v6]), select(vec![0u8, 1, 6, 17, 58]))
        .prop_flat_map(|(address, ip_proto)| {
            let tuple = || ct_tuple(address.clone(), ip_proto);
            (Just(ip_proto), option::of(u16s()), tuple(), tuple())
        })
        .prop_map(|(ip_proto, zone, original, reply)| CtFlush { ip_proto, zone, original, reply })
        .boxed()
}

fn ct_tuple(address: BoxedStrategy<IpAddr>, ip_proto: u8) -> BoxedStrategy<CtTuple> {
    let icmp = matches!(ip_proto, 1 | 58);
    let ports = (option::of(1..=u16::MAX), option::of(1..=u16::MAX));
    let icmps = (option::of(1..=u16::MAX), option::of(u8s()), option::of(u8s()));
    (option::of(address.clone()), option::of(address), ports, icmps)
        .prop_map(move |(source, destination, ports, icmps)| {
            let (ports, icmps) =
                if icmp { ((None, None), icmps) } else { (ports, (None, None, None)) };
            CtTuple {
                source,
                destination,
                source_port: ports.0,
                destination_port: ports.1,
                icmp_id: icmps.0,
                icmp_type: icmps.1,
                icmp_code: icmps.2,
            }
        })
        .boxed()
}
