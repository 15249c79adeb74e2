//! Questions.

use super::head::{Head, flow_kind, put_experimenter, put_head, put_opaque, take_head};
use super::kind::Kind;
use super::{flow, group, monitor, port, put_id, queue, table_features, take_id, take_list};
use crate::error::{DecodeError, EncodeError};
use crate::message::MultipartRequest as Request;
use crate::protocol::{Protocol, Version};
use crate::wire::{Reader, Writer};
use ovs_core::group::GroupId;
use ovs_core::meter::MeterId;

const METER_REQUEST: &str = "ofp_meter_multipart_request";

/// A question: does more of it follow, what is asked, and did it have Nicira's form of a flow
/// request (`NXST_FLOW`)?
pub(crate) fn take_request(
    reader: &mut Reader<'_>,
    protocol: Protocol,
) -> Result<(bool, Request, bool), DecodeError> {
    let version = protocol.version;
    let (more, head) = take_head(reader, version)?;
    let kind = match head {
        Head::Known(kind) => kind,
        Head::Experimenter(message) => return Ok((more, Request::Experimenter(message), false)),
        Head::Opaque(message) => return Ok((more, Request::Opaque(message), false)),
    };
    if kind.aligns_request(version) {
        reader.aligned()?;
    }
    let body = match kind {
        Kind::Desc => Request::Desc,
        Kind::Flow | Kind::NiciraFlow => Request::Flow(flow::take_request(reader, kind, version)?),
        Kind::Aggregate | Kind::NiciraAggregate => {
            Request::Aggregate(flow::take_request(reader, kind, version)?)
        }
        Kind::Table => Request::Table,
        Kind::PortStats => Request::PortStats(port::take_request(reader, version)?),
        Kind::Queue => Request::Queue(queue::take_request(reader, version)?),
        Kind::Group => Request::Group(GroupId(take_id(reader, "ofp_group_stats_request")?)),
        Kind::GroupDesc => Request::GroupDesc(group::take_desc_request(reader, version)?),
        Kind::GroupFeatures => Request::GroupFeatures,
        Kind::Meter => Request::Meter(MeterId(take_id(reader, METER_REQUEST)?)),
        Kind::MeterConfig => Request::MeterConfig(MeterId(take_id(reader, METER_REQUEST)?)),
        Kind::MeterFeatures => Request::MeterFeatures,
        Kind::TableFeatures => Request::TableFeatures(take_list(reader, table_features::take)?),
        Kind::PortDesc => Request::PortDesc,
        Kind::FlowMonitor => {
            let take = |reader: &mut _| monitor::take_request(reader, version);
            Request::FlowMonitor(take_list(reader, take)?)
        }
        Kind::IpfixBridge => Request::IpfixBridge,
        Kind::IpfixFlow => Request::IpfixFlow,
    };
    reader.end()?;
    Ok((more, body, kind.is_nicira_flow()))
}

/// Writes a question.
pub(crate) fn put_request(
    writer: &mut Writer<'_>,
    more: bool,
    body: &Request,
    protocol: Protocol,
) -> Result<(), EncodeError> {
    let kind = match body {
        Request::Desc => Kind::Desc,
        Request::Flow(_) => flow_kind(Kind::Flow, protocol),
        Request::Aggregate(_) => flow_kind(Kind::Aggregate, protocol),
        Request::Table => Kind::Table,
        Request::PortStats(_) => Kind::PortStats,
        Request::Queue(_) => Kind::Queue,
        Request::Group(_) => Kind::Group,
        Request::GroupDesc(_) => Kind::GroupDesc,
        Request::GroupFeatures => Kind::GroupFeatures,
        Request::Meter(_) => Kind::Meter,
        Request::MeterConfig(_) => Kind::MeterConfig,
        Request::MeterFeatures => Kind::MeterFeatures,
        Request::TableFeatures(_) => Kind::TableFeatures,
        Request::PortDesc => Kind::PortDesc,
        Request::FlowMonitor(_) => Kind::FlowMonitor,
        Request::IpfixBridge => Kind::IpfixBridge,
        Request::IpfixFlow => Kind::IpfixFlow,
        Request::Experimenter(message) => {
            put_experimenter(writer, message, more, protocol.version);
            return Ok(());
        }
        Request::Opaque(message) => {
            put_opaque(writer, message, more, protocol.version);
            return Ok(());
        }
    };
    put_head(writer, kind, more, protocol.version)?;
    put_body(writer, body, kind, protocol.version)
}

fn put_body(
    writer: &mut Writer<'_>,
    body: &Request,
    kind: Kind,
    version: Version,
) -> Result<(), EncodeError> {
    match body {
        Request::Flow(request) | Request::Aggregate(request) => {
            flow::put_request(writer, request, kind, version)?;
        }
        Request::PortStats(number) => port::put_request(writer, *number, version)?,
        Request::Queue(request) => queue::put_request(writer, *request, version)?,
        Request::Group(id) => put_id(writer, id.0),
        Request::GroupDesc(id) => group::put_desc_request(writer, *id, version),
        Request::Meter(id) | Request::MeterConfig(id) => put_id(writer, id.0),
        Request::TableFeatures(tables) => {
            tables.iter().try_for_each(|table| table_features::put(writer, table))?;
        }
        Request::FlowMonitor(monitors) => {
            monitors.iter().try_for_each(|of| monitor::put_request(writer, of, version))?;
        }
        // They have no body, or have been written with it.
        Request::Desc
        | Request::Table
        | Request::GroupFeatures
        | Request::MeterFeatures
        | Request::PortDesc
        | Request::IpfixBridge
        | Request::IpfixFlow
        | Request::Experimenter(_)
        | Request::Opaque(_) => {}
    }
    Ok(())
}
