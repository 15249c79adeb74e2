//! Questions and answers of every kind.

use super::Named;
use super::flow;
use super::group;
use super::scalar::{
    bytes, group_or, is_old, meter_or_virtual, new_duration, port, port_or_any, queue, table, text,
    u32s, u64s,
};
use super::switch::port_desc;
use super::table_features::table_features;
use ovs_core::group::GroupId;
use ovs_core::{PortNo, QueueId};
use ovs_openflow::Protocol;
use ovs_openflow::message::{
    Description, Experimenter, IpfixStats, MultipartReply as Reply, MultipartRequest as Request,
    OpaqueMultipart, PortStats, QueueStats, QueueStatsRequest, TableStats,
};
use proptest::collection::vec;
use proptest::prelude::*;

pub(crate) fn requests(protocol: Protocol) -> Named<Request> {
    let queue_request = (port_or_any(), prop_oneof![queue(), Just(QueueId::ALL)])
        .prop_map(|(port, queue)| QueueStatsRequest { port, queue })
        .prop_filter("OpenFlow 1.0 has one sign for both", move |request| {
            !is_old(protocol) || request.port != PortNo::ALL
        });
    let mut requests: Named<Request> = vec![
        ("Desc", Just(Request::Desc).boxed()),
        ("Flow", flow::stats_request(protocol).prop_map(Request::Flow).boxed()),
        ("Aggregate", flow::stats_request(protocol).prop_map(Request::Aggregate).boxed()),
        ("Table", Just(Request::Table).boxed()),
        ("PortStats", port_or_any().prop_map(Request::PortStats).boxed()),
        ("Queue", queue_request.prop_map(Request::Queue).boxed()),
        ("Group", group_or(GroupId::ALL).prop_map(Request::Group).boxed()),
        ("GroupDesc", group_desc(protocol)),
        ("GroupFeatures", Just(Request::GroupFeatures).boxed()),
        ("PortDesc", Just(Request::PortDesc).boxed()),
        (
            "FlowMonitor",
            vec(flow::monitor_request(protocol), 0..3).prop_map(Request::FlowMonitor).boxed(),
        ),
        ("IpfixBridge", Just(Request::IpfixBridge).boxed()),
        ("IpfixFlow", Just(Request::IpfixFlow).boxed()),
        ("Experimenter", experimenter(protocol).prop_map(Request::Experimenter).boxed()),
        ("Opaque", opaque().prop_map(Request::Opaque).boxed()),
    ];
    if !is_old(protocol) {
        requests.extend([
            ("Meter", meter_or_virtual().prop_map(Request::Meter).boxed()),
            ("MeterConfig", meter_or_virtual().prop_map(Request::MeterConfig).boxed()),
            ("MeterFeatures", Just(Request::MeterFeatures).boxed()),
            ("TableFeatures", vec(table_features(), 0..2).prop_map(Request::TableFeatures).boxed()),
        ]);
    }
    requests
}

/// Only Nicira's form in OpenFlow 1.0 can name one group.
fn group_desc(protocol: Protocol) -> BoxedStrategy<Request> {
    let group = if is_old(protocol) { group_or(GroupId::ALL) } else { Just(GroupId::ALL).boxed() };
    group.prop_map(Request::GroupDesc).boxed()
}

pub(crate) fn replies(protocol: Protocol) -> Named<Reply> {
    let mut replies: Named<Reply> = vec![
        ("Desc", description().prop_map(Reply::Desc).boxed()),
        ("Flow", vec(flow::stats(protocol), 0..3).prop_map(Reply::Flow).boxed()),
        ("Aggregate", flow::aggregate().prop_map(Reply::Aggregate).boxed()),
        ("Table", vec(table_stats(protocol), 0..3).prop_map(Reply::Table).boxed()),
        ("PortStats", vec(port_stats(protocol), 0..3).prop_map(Reply::PortStats).boxed()),
        ("Queue", vec(queue_stats(protocol), 0..3).prop_map(Reply::Queue).boxed()),
        ("Group", vec(group::group_stats(protocol), 0..3).prop_map(Reply::Group).boxed()),
        ("GroupDesc", vec(group::group_desc(protocol), 0..3).prop_map(Reply::GroupDesc).boxed()),
        ("GroupFeatures", group::group_features().prop_map(Reply::GroupFeatures).boxed()),
        ("PortDesc", vec(port_desc(protocol), 0..3).prop_map(Reply::PortDesc).boxed()),
        ("FlowMonitor", vec(flow::update(protocol), 0..3).prop_map(Reply::FlowMonitor).boxed()),
        ("IpfixBridge", ipfix().prop_map(Reply::IpfixBridge).boxed()),
        ("IpfixFlow", vec(ipfix(), 0..3).prop_map(Reply::IpfixFlow).boxed()),
        ("Experimenter", experimenter(protocol).prop_map(Reply::Experimenter).boxed()),
        ("Opaque", opaque().prop_map(Reply::Opaque).boxed()),
    ];
    if !is_old(protocol) {
        replies.extend([
            ("Meter", vec(group::meter_stats(), 0..3).prop_map(Reply::Meter).boxed()),
            ("MeterConfig", vec(group::meter_desc(), 0..3).prop_map(Reply::MeterConfig).boxed()),
            ("MeterFeatures", group::meter_features().prop_map(Reply::MeterFeatures).boxed()),
            ("TableFeatures", vec(table_features(), 0..2).prop_map(Reply::TableFeatures).boxed()),
        ]);
    }
    replies
}

/// One of an experimenter that nobody knows. In OpenFlow 1.0 its type is part of the data.
pub(crate) fn experimenter(protocol: Protocol) -> BoxedStrategy<Experimenter> {
    let old = is_old(protocol);
    (0x7000..0x8000u32, u32s(), bytes(60))
        .prop_map(move |(experimenter, kind, data)| Experimenter {
            experimenter,
            kind: (!old).then_some(kind),
            data,
        })
        .boxed()
}

fn opaque() -> BoxedStrategy<OpaqueMultipart> {
    (100..200u16, bytes(60)).prop_map(|(kind, data)| OpaqueMultipart { kind, data }).boxed()
}

fn description() -> BoxedStrategy<Description> {
    (text(255), text(255), text(255), text(31), text(255))
        .prop_map(|(manufacturer, hardware, software, serial_number, datapath)| Description {
            manufacturer,
            hardware,
            software,
            serial_number,
            datapath,
        })
        .boxed()
}

fn table_stats(protocol: Protocol) -> BoxedStrategy<TableStats> {
    let old = is_old(protocol);
    let told = (text(31), u32s(), u32s());
    (table(), u32s(), u64s(), u64s(), told)
        .prop_map(move |(table, active_count, lookup_count, matched_count, told)| {
            let (name, wildcards, max_entries) = if old { told } else { Default::default() };
            TableStats {
                table,
                active_count,
                lookup_count,
                matched_count,
                name,
                wildcards,
                max_entries,
            }
        })
        .boxed()
}

fn port_stats(protocol: Protocol) -> BoxedStrategy<PortStats> {
    let number = prop_oneof![4 => port(), 1 => Just(PortNo::LOCAL)];
    (number, any::<[u64; 12]>(), new_duration(protocol))
        .prop_map(|(number, counters, duration)| PortStats {
            number,
            rx_packets: counters[0],
            tx_packets: counters[1],
            rx_bytes: counters[2],
            tx_bytes: counters[3],
            rx_dropped: counters[4],
            tx_dropped: counters[5],
            rx_errors: counters[6],
            tx_errors: counters[7],
            rx_frame_err: counters[8],
            rx_over_err: counters[9],
            rx_crc_err: counters[10],
            collisions: counters[11],
            duration,
        })
        .boxed()
}

fn queue_stats(protocol: Protocol) -> BoxedStrategy<QueueStats> {
    (port(), queue(), u64s(), u64s(), u64s(), new_duration(protocol))
        .prop_map(|(port, queue, tx_bytes, tx_packets, tx_errors, duration)| QueueStats {
            port,
            queue,
            tx_bytes,
            tx_packets,
            tx_errors,
            duration,
        })
        .boxed()
}

fn ipfix() -> BoxedStrategy<IpfixStats> {
    (any::<[u64; 10]>(), u32s())
        .prop_map(|(counters, collector_set)| IpfixStats {
            total_flows: counters[0],
            current_flows: counters[1],
            packets: counters[2],
            ipv4_packets: counters[3],
            ipv6_packets: counters[4],
            error_packets: counters[5],
            ipv4_error_packets: counters[6],
            ipv6_error_packets: counters[7],
            tx_packets: counters[8],
            tx_errors: counters[9],
            collector_set,
        })
        .boxed()
}
