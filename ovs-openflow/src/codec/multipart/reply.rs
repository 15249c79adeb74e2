//! Answers.

use super::head::{Head, flow_kind, put_experimenter, put_head, put_opaque, take_head};
use super::kind::Kind;
use super::monitor;
use super::{desc, flow, group, ipfix, meter, port, queue, table, table_features, take_list};
use crate::codec::port as port_codec;
use crate::error::{DecodeError, EncodeError};
use crate::message::MultipartReply as Reply;
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};

/// An answer: does more of it follow, what it says, and did it have Nicira's form of flow stats?
pub(crate) fn take_reply(
    reader: &mut Reader<'_>,
    protocol: Protocol,
) -> Result<(bool, Reply, bool), DecodeError> {
    let version = protocol.version;
    let (more, head) = take_head(reader, version)?;
    let kind = match head {
        Head::Known(kind) => kind,
        Head::Experimenter(message) => return Ok((more, Reply::Experimenter(message), false)),
        Head::Opaque(message) => return Ok((more, Reply::Opaque(message), false)),
    };
    if kind.aligns_reply() {
        reader.aligned()?;
    }
    let body = match kind {
        Kind::Desc => Reply::Desc(desc::take(reader)?),
        Kind::Flow | Kind::NiciraFlow => {
            let take = |reader: &mut _| flow::take_stats(reader, kind, version);
            Reply::Flow(take_list(reader, take)?)
        }
        Kind::Aggregate | Kind::NiciraAggregate => Reply::Aggregate(flow::take_aggregate(reader)?),
        Kind::Table => Reply::Table(take_list(reader, |r| table::take(r, version))?),
        Kind::PortStats => Reply::PortStats(take_list(reader, |r| port::take(r, version))?),
        Kind::Queue => Reply::Queue(take_list(reader, |r| queue::take(r, version))?),
        Kind::Group => Reply::Group(take_list(reader, group::take_stats)?),
        Kind::GroupDesc => Reply::GroupDesc(take_list(reader, |r| group::take_desc(r, version))?),
        Kind::GroupFeatures => Reply::GroupFeatures(group::take_features(reader)?),
        Kind::Meter => Reply::Meter(take_list(reader, meter::take_stats)?),
        Kind::MeterConfig => Reply::MeterConfig(take_list(reader, meter::take_config)?),
        Kind::MeterFeatures => Reply::MeterFeatures(meter::take_features(reader)?),
        Kind::TableFeatures => Reply::TableFeatures(take_list(reader, table_features::take)?),
        Kind::PortDesc => {
            Reply::PortDesc(take_list(reader, |r| port_codec::take_desc(r, version))?)
        }
        Kind::FlowMonitor => {
            Reply::FlowMonitor(take_list(reader, |r| monitor::take_update(r, version))?)
        }
        Kind::IpfixBridge => Reply::IpfixBridge(ipfix::take(reader)?),
        Kind::IpfixFlow => Reply::IpfixFlow(take_list(reader, ipfix::take)?),
    };
    reader.end()?;
    Ok((more, body, kind.is_nicira_flow()))
}

/// Writes an answer.
pub(crate) fn put_reply(
    writer: &mut Writer<'_>,
    more: bool,
    body: &Reply,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let version = protocol.version;
    let kind = match body {
        Reply::Desc(_) => Kind::Desc,
        Reply::Flow(_) => flow_kind(Kind::Flow, protocol),
        Reply::Aggregate(_) => flow_kind(Kind::Aggregate, protocol),
        Reply::Table(_) => Kind::Table,
        Reply::PortStats(_) => Kind::PortStats,
        Reply::Queue(_) => Kind::Queue,
        Reply::Group(_) => Kind::Group,
        Reply::GroupDesc(_) => Kind::GroupDesc,
        Reply::GroupFeatures(_) => Kind::GroupFeatures,
        Reply::Meter(_) => Kind::Meter,
        Reply::MeterConfig(_) => Kind::MeterConfig,
        Reply::MeterFeatures(_) => Kind::MeterFeatures,
        Reply::TableFeatures(_) => Kind::TableFeatures,
        Reply::PortDesc(_) => Kind::PortDesc,
        Reply::FlowMonitor(_) => Kind::FlowMonitor,
        Reply::IpfixBridge(_) => Kind::IpfixBridge,
        Reply::IpfixFlow(_) => Kind::IpfixFlow,
        Reply::Experimenter(message) => {
            put_experimenter(writer, message, more, version);
            return Ok(());
        }
        Reply::Opaque(message) => {
            put_opaque(writer, message, more, version);
            return Ok(());
        }
    };
    put_head(writer, kind, more, version)?;
    put_body(writer, body, kind, version)
}

fn put_body(
    writer: &mut Writer<'_>,
    body: &Reply,
    kind: Kind,
    version: Version,
) -> Result<(), EncodeError> {
    match body {
        Reply::Desc(description) => desc::put(writer, description),
        Reply::Flow(rules) => {
            rules.iter().try_for_each(|rule| flow::put_stats(writer, rule, kind, version))?;
        }
        Reply::Aggregate(sums) => flow::put_aggregate(writer, sums),
        Reply::Table(tables) => tables.iter().for_each(|of| table::put(writer, of, version)),
        Reply::PortStats(ports) => {
            ports.iter().try_for_each(|of| port::put(writer, of, version))?;
        }
        Reply::Queue(queues) => queues.iter().try_for_each(|of| queue::put(writer, of, version))?,
        Reply::Group(groups) => groups.iter().try_for_each(|of| group::put_stats(writer, of))?,
        Reply::GroupDesc(groups) => {
            groups.iter().try_for_each(|group| group::put_desc(writer, group, version))?;
        }
        Reply::GroupFeatures(features) => group::put_features(writer, features),
        Reply::Meter(meters) => meters.iter().try_for_each(|of| meter::put_stats(writer, of))?,
        Reply::MeterConfig(meters) => {
            meters.iter().try_for_each(|meter| meter::put_config(writer, meter))?;
        }
        Reply::MeterFeatures(features) => meter::put_features(writer, features),
        Reply::TableFeatures(tables) => {
            tables.iter().try_for_each(|table| table_features::put(writer, table))?;
        }
        Reply::PortDesc(ports) => {
            ports.iter().try_for_each(|port| port_codec::put_desc(writer, port, version))?;
        }
        Reply::FlowMonitor(updates) => {
            updates.iter().try_for_each(|update| monitor::put_update(writer, update, version))?;
        }
        Reply::IpfixBridge(stats) => ipfix::put(writer, stats),
        Reply::IpfixFlow(stats) => stats.iter().for_each(|stats| ipfix::put(writer, stats)),
        // Written by `put_reply`.
        Reply::Experimenter(_) | Reply::Opaque(_) => {}
    }
    Ok(())
}
