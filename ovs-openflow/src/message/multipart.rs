//! Questions whose answers may have many parts.

use crate::message::{
    AggregateStats, Description, Experimenter, FlowMonitorRequest, FlowStats, FlowStatsRequest,
    FlowUpdate, GroupFeatures, GroupStats, MeterFeatures, MeterStats, PortDesc, PortStats,
    QueueStats, QueueStatsRequest, TableFeatures, TableStats,
};
use alloc::vec::Vec;
use bytes::Bytes;
use ovs_core::PortNo;
use ovs_core::group::{Group, GroupId};
use ovs_core::meter::{Meter, MeterId};

/// A question (OpenFlow 1.3.5 §7.3.5). Behind each stands its type (`OFPMP_`, or Nicira's `NXST_`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MultipartRequest {
    /// `OFPMP_DESC`.
    Desc,
    /// `OFPMP_FLOW`, or `NXST_FLOW` with [`Protocol::nxm`](crate::Protocol::nxm).
    Flow(FlowStatsRequest),
    /// `OFPMP_AGGREGATE`, or `NXST_AGGREGATE` with [`Protocol::nxm`](crate::Protocol::nxm).
    Aggregate(FlowStatsRequest),
    /// `OFPMP_TABLE`.
    Table,
    /// `OFPMP_PORT_STATS`: the port, [`PortNo::ANY`] for all.
    PortStats(PortNo),
    /// `OFPMP_QUEUE`.
    Queue(QueueStatsRequest),
    /// `OFPMP_GROUP`: the group, [`GroupId::ALL`] for all.
    Group(GroupId),
    /// `OFPMP_GROUP_DESC`: all of them; the group is told only where there is a place for it
    /// (`NXST_GROUP_DESC` of OpenFlow 1.0, OpenFlow 1.5).
    GroupDesc(GroupId),
    /// `OFPMP_GROUP_FEATURES`.
    GroupFeatures,
    /// `OFPMP_METER`: the meter, [`MeterId::ALL`] for all.
    Meter(MeterId),
    /// `OFPMP_METER_CONFIG`: the meter, [`MeterId::ALL`] for all.
    MeterConfig(MeterId),
    /// `OFPMP_METER_FEATURES`.
    MeterFeatures,
    /// `OFPMP_TABLE_FEATURES`: asks if empty, else changes the tables.
    TableFeatures(Vec<TableFeatures>),
    /// `OFPMP_PORT_DESC`.
    PortDesc,
    /// `NXST_FLOW_MONITOR`, `ONFST_FLOW_MONITOR`.
    FlowMonitor(Vec<FlowMonitorRequest>),
    /// `NXST_IPFIX_BRIDGE`.
    IpfixBridge,
    /// `NXST_IPFIX_FLOW`.
    IpfixFlow,
    /// `OFPMP_EXPERIMENTER` (`OFPST_VENDOR` in OpenFlow 1.0) of an experimenter that is not known.
    Experimenter(Experimenter),
    /// A type that is not defined.
    Opaque(OpaqueMultipart),
}

/// An answer, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MultipartReply {
    /// `OFPMP_DESC`.
    Desc(Description),
    /// `OFPMP_FLOW`, or `NXST_FLOW` with [`Protocol::nxm`](crate::Protocol::nxm).
    Flow(Vec<FlowStats>),
    /// `OFPMP_AGGREGATE`, or `NXST_AGGREGATE` with [`Protocol::nxm`](crate::Protocol::nxm).
    Aggregate(AggregateStats),
    /// `OFPMP_TABLE`.
    Table(Vec<TableStats>),
    /// `OFPMP_PORT_STATS`.
    PortStats(Vec<PortStats>),
    /// `OFPMP_QUEUE`.
    Queue(Vec<QueueStats>),
    /// `OFPMP_GROUP`.
    Group(Vec<GroupStats>),
    /// `OFPMP_GROUP_DESC`.
    GroupDesc(Vec<Group>),
    /// `OFPMP_GROUP_FEATURES`.
    GroupFeatures(GroupFeatures),
    /// `OFPMP_METER`.
    Meter(Vec<MeterStats>),
    /// `OFPMP_METER_CONFIG`.
    MeterConfig(Vec<Meter>),
    /// `OFPMP_METER_FEATURES`.
    MeterFeatures(MeterFeatures),
    /// `OFPMP_TABLE_FEATURES`.
    TableFeatures(Vec<TableFeatures>),
    /// `OFPMP_PORT_DESC`.
    PortDesc(Vec<PortDesc>),
    /// `NXST_FLOW_MONITOR`, `ONFST_FLOW_MONITOR`.
    FlowMonitor(Vec<FlowUpdate>),
    /// `NXST_IPFIX_BRIDGE`.
    IpfixBridge(IpfixStats),
    /// `NXST_IPFIX_FLOW`.
    IpfixFlow(Vec<IpfixStats>),
    /// `OFPMP_EXPERIMENTER` (`OFPST_VENDOR` in OpenFlow 1.0) of an experimenter that is not known.
    Experimenter(Experimenter),
    /// A type that is not defined.
    Opaque(OpaqueMultipart),
}

/// A question or answer of a type that is not defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueMultipart {
    /// Its type.
    pub kind: u16,
    /// What follows its header.
    pub data: Bytes,
}

/// Counters of an exporter of flow samples (`struct nx_ipfix_stats_reply`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpfixStats {
    /// Flows that there were.
    pub total_flows: u64,
    /// Flows that there are.
    pub current_flows: u64,
    /// Packets sampled.
    pub packets: u64,
    /// Of them IPv4.
    pub ipv4_packets: u64,
    /// Of them IPv6.
    pub ipv6_packets: u64,
    /// Packets that could not be sampled.
    pub error_packets: u64,
    /// Of them IPv4.
    pub ipv4_error_packets: u64,
    /// Of them IPv6.
    pub ipv6_error_packets: u64,
    /// Packets sent to collectors.
    pub tx_packets: u64,
    /// Packets that could not be sent.
    pub tx_errors: u64,
    /// The collectors; 0 for those of the bridge.
    pub collector_set: u32,
}
