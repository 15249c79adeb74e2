//! Names of messages, as Open vSwitch writes them.

use crate::codec::kind::{self, Kind};
use crate::codec::multipart;
use crate::message::{Header, Message, MultipartReply, MultipartRequest, PacketInFormat};
use crate::protocol::{Protocol, Version};
use alloc::string::String;
use bytes::Bytes;

/// The name of a message: `OFPT_HELLO`, `OFPST_FLOW reply`, `NXT_FLOW_MOD`.
pub(super) fn of(message: &Message, protocol: Protocol) -> String {
    match message {
        Message::MultipartRequest { body, .. } => {
            of_multipart(of_request(body, protocol), "request")
        }
        Message::MultipartReply { body, .. } => of_multipart(of_reply(body, protocol), "reply"),
        Message::Experimenter(_) if protocol.version == Version::OF10 => "OFPT_VENDOR".into(),
        Message::Experimenter(_) => "OFPT_EXPERIMENTER".into(),
        Message::Opaque(opaque) => alloc::format!("OFPT_{}", opaque.kind),
        _ => {
            let kind = Kind::of(message, protocol);
            let row = kind.and_then(|kind| kind.row(protocol.version));
            row.map(|row| row.name).or(kind.map(Kind::name)).unwrap_or_default().into()
        }
    }
}

fn of_multipart(name: &str, direction: &str) -> String {
    alloc::format!("{name} {direction}")
}

fn of_request(request: &MultipartRequest, protocol: Protocol) -> &'static str {
    let of10 = protocol.version == Version::OF10;
    match request {
        MultipartRequest::Desc => "OFPST_DESC",
        MultipartRequest::Flow(_) if protocol.nxm => "NXST_FLOW",
        MultipartRequest::Flow(_) => "OFPST_FLOW",
        MultipartRequest::Aggregate(_) if protocol.nxm => "NXST_AGGREGATE",
        MultipartRequest::Aggregate(_) => "OFPST_AGGREGATE",
        MultipartRequest::Table => "OFPST_TABLE",
        MultipartRequest::PortStats(_) => "OFPST_PORT",
        MultipartRequest::Queue(_) => "OFPST_QUEUE",
        MultipartRequest::Group(_) if of10 => "NXST_GROUP",
        MultipartRequest::Group(_) => "OFPST_GROUP",
        MultipartRequest::GroupDesc(_) if of10 => "NXST_GROUP_DESC",
        MultipartRequest::GroupDesc(_) => "OFPST_GROUP_DESC",
        MultipartRequest::GroupFeatures if of10 => "NXST_GROUP_FEATURES",
        MultipartRequest::GroupFeatures => "OFPST_GROUP_FEATURES",
        MultipartRequest::Meter(_) => "OFPST_METER",
        MultipartRequest::MeterConfig(_) => "OFPST_METER_CONFIG",
        MultipartRequest::MeterFeatures => "OFPST_METER_FEATURES",
        MultipartRequest::TableFeatures(_) => "OFPST_TABLE_FEATURES",
        MultipartRequest::PortDesc => "OFPST_PORT_DESC",
        MultipartRequest::FlowMonitor(_) if of10 => "NXST_FLOW_MONITOR",
        MultipartRequest::FlowMonitor(_) => "ONFST_FLOW_MONITOR",
        MultipartRequest::IpfixBridge => "NXST_IPFIX_BRIDGE",
        MultipartRequest::IpfixFlow => "NXST_IPFIX_FLOW",
        MultipartRequest::Experimenter(_) if of10 => "OFPST_VENDOR",
        MultipartRequest::Experimenter(_) => "OFPST_EXPERIMENTER",
        MultipartRequest::Opaque(_) => "OFPST_UNKNOWN",
    }
}

fn of_reply(reply: &MultipartReply, protocol: Protocol) -> &'static str {
    let of10 = protocol.version == Version::OF10;
    match reply {
        MultipartReply::Desc(_) => "OFPST_DESC",
        MultipartReply::Flow(_) if protocol.nxm => "NXST_FLOW",
        MultipartReply::Flow(_) => "OFPST_FLOW",
        MultipartReply::Aggregate(_) if protocol.nxm => "NXST_AGGREGATE",
        MultipartReply::Aggregate(_) => "OFPST_AGGREGATE",
        MultipartReply::Table(_) => "OFPST_TABLE",
        MultipartReply::PortStats(_) => "OFPST_PORT",
        MultipartReply::Queue(_) => "OFPST_QUEUE",
        MultipartReply::Group(_) if of10 => "NXST_GROUP",
        MultipartReply::Group(_) => "OFPST_GROUP",
        MultipartReply::GroupDesc(_) if of10 => "NXST_GROUP_DESC",
        MultipartReply::GroupDesc(_) => "OFPST_GROUP_DESC",
        MultipartReply::GroupFeatures(_) if of10 => "NXST_GROUP_FEATURES",
        MultipartReply::GroupFeatures(_) => "OFPST_GROUP_FEATURES",
        MultipartReply::Meter(_) => "OFPST_METER",
        MultipartReply::MeterConfig(_) => "OFPST_METER_CONFIG",
        MultipartReply::MeterFeatures(_) => "OFPST_METER_FEATURES",
        MultipartReply::TableFeatures(_) => "OFPST_TABLE_FEATURES",
        MultipartReply::PortDesc(_) => "OFPST_PORT_DESC",
        MultipartReply::FlowMonitor(_) if of10 => "NXST_FLOW_MONITOR",
        MultipartReply::FlowMonitor(_) => "ONFST_FLOW_MONITOR",
        MultipartReply::IpfixBridge(_) => "NXST_IPFIX_BRIDGE",
        MultipartReply::IpfixFlow(_) => "NXST_IPFIX_FLOW",
        MultipartReply::Experimenter(_) if of10 => "OFPST_VENDOR",
        MultipartReply::Experimenter(_) => "OFPST_EXPERIMENTER",
        MultipartReply::Opaque(_) => "OFPST_UNKNOWN",
    }
}

/// The name of a message that cannot be read, as far as its type tells.
pub(super) fn of_bytes(message: &Bytes) -> Option<String> {
    let row = kind::of_bytes(message)?;
    let direction = match row.kind {
        Kind::MultipartRequest => "request",
        Kind::MultipartReply => "reply",
        _ => return Some(row.name.into()),
    };
    multipart::name(Header::peek(message)?.version, message.get(Header::LEN..)?)
        .map(|name| of_multipart(name, direction))
}

/// The name of a form of packet-ins.
pub(super) fn of_packet_in_format(format: PacketInFormat) -> &'static str {
    match format {
        PacketInFormat::Standard => "standard",
        PacketInFormat::Nxt => "nxt_packet_in",
        PacketInFormat::Nxt2 => "nxt_packet_in2",
    }
}
