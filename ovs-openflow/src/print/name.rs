//! Names of messages, as Open vSwitch writes them.

use crate::codec::kind::{self, EXPERIMENTER, Kind, Number};
use crate::codec::multipart;
use crate::message::{Header, Message, MultipartReply, MultipartRequest, PacketInFormat};
use crate::protocol::{Protocol, Version};
use alloc::string::String;
use bytes::Bytes;

/// The name of a message: `OFPT_HELLO`, `OFPST_FLOW reply`, `NXT_FLOW_MOD`.
pub(super) fn of(message: &Message, protocol: Protocol) -> String {
    let of10 = protocol.version == Version::OF10;
    let of13 = protocol.version >= Version::OF13;
    let simple = match message {
        Message::Hello(_) => "OFPT_HELLO",
        Message::Error(_) => "OFPT_ERROR",
        Message::EchoRequest(_) => "OFPT_ECHO_REQUEST",
        Message::EchoReply(_) => "OFPT_ECHO_REPLY",
        Message::Experimenter(_) if of10 => "OFPT_VENDOR",
        Message::Experimenter(_) => "OFPT_EXPERIMENTER",
        Message::FeaturesRequest => "OFPT_FEATURES_REQUEST",
        Message::FeaturesReply(_) => "OFPT_FEATURES_REPLY",
        Message::GetConfigRequest => "OFPT_GET_CONFIG_REQUEST",
        Message::GetConfigReply(_) => "OFPT_GET_CONFIG_REPLY",
        Message::SetConfig(_) => "OFPT_SET_CONFIG",
        Message::PacketIn(packet) => match packet.format {
            PacketInFormat::Standard => "OFPT_PACKET_IN",
            PacketInFormat::Nxt => "NXT_PACKET_IN",
            PacketInFormat::Nxt2 => "NXT_PACKET_IN2",
        },
        Message::FlowRemoved(_) if protocol.nxm => "NXT_FLOW_REMOVED",
        Message::FlowRemoved(_) => "OFPT_FLOW_REMOVED",
        Message::PortStatus(_) => "OFPT_PORT_STATUS",
        Message::PacketOut(_) => "OFPT_PACKET_OUT",
        Message::FlowMod(_) if protocol.nxm => "NXT_FLOW_MOD",
        Message::FlowMod(_) => "OFPT_FLOW_MOD",
        Message::GroupMod(_) if of10 => "NXT_GROUP_MOD",
        Message::GroupMod(_) => "OFPT_GROUP_MOD",
        Message::PortMod(_) => "OFPT_PORT_MOD",
        Message::TableMod(_) => "OFPT_TABLE_MOD",
        Message::MeterMod(_) => "OFPT_METER_MOD",
        Message::BarrierRequest => "OFPT_BARRIER_REQUEST",
        Message::BarrierReply => "OFPT_BARRIER_REPLY",
        Message::QueueGetConfigRequest(_) => "OFPT_QUEUE_GET_CONFIG_REQUEST",
        Message::QueueGetConfigReply { .. } => "OFPT_QUEUE_GET_CONFIG_REPLY",
        Message::RoleRequest(_) if protocol.version < Version::OF12 => "NXT_ROLE_REQUEST",
        Message::RoleRequest(_) => "OFPT_ROLE_REQUEST",
        Message::RoleReply(_) if protocol.version < Version::OF12 => "NXT_ROLE_REPLY",
        Message::RoleReply(_) => "OFPT_ROLE_REPLY",
        Message::RoleStatus(_) => "ONFT_ROLE_STATUS",
        Message::GetAsyncRequest => "OFPT_GET_ASYNC_REQUEST",
        Message::GetAsyncReply(_) => "OFPT_GET_ASYNC_REPLY",
        Message::SetAsync(_) if of13 => "OFPT_SET_ASYNC",
        Message::SetAsync(_) => "NXT_SET_ASYNC_CONFIG",
        Message::SetAsync2(_) => "NXT_SET_ASYNC_CONFIG2",
        Message::RequestForward(_) if of13 => "ONFT_REQUESTFORWARD",
        Message::RequestForward(_) => "NXT_REQUESTFORWARD",
        Message::BundleControl(_) => "ONFT_BUNDLE_CONTROL",
        Message::BundleAdd(_) => "ONFT_BUNDLE_ADD_MESSAGE",
        Message::SetFlowFormat { .. } => "NXT_SET_FLOW_FORMAT",
        Message::FlowModTableId(_) => "NXT_FLOW_MOD_TABLE_ID",
        Message::SetPacketInFormat(_) => "NXT_SET_PACKET_IN_FORMAT",
        Message::FlowAge => "NXT_FLOW_AGE",
        Message::SetControllerId(_) => "NXT_SET_CONTROLLER_ID",
        Message::Resume(_) => "NXT_RESUME",
        Message::FlowMonitorCancel(_) if of13 => "ONFT_FLOW_MONITOR_CANCEL",
        Message::FlowMonitorCancel(_) => "NXT_FLOW_MONITOR_CANCEL",
        Message::FlowMonitorPaused if of13 => "ONFT_FLOW_MONITOR_PAUSED",
        Message::FlowMonitorPaused => "NXT_FLOW_MONITOR_PAUSED",
        Message::FlowMonitorResumed if of13 => "ONFT_FLOW_MONITOR_RESUMED",
        Message::FlowMonitorResumed => "NXT_FLOW_MONITOR_RESUMED",
        Message::TlvTableMod(_) => "NXT_TLV_TABLE_MOD",
        Message::TlvTableRequest => "NXT_TLV_TABLE_REQUEST",
        Message::TlvTableReply(_) => "NXT_TLV_TABLE_REPLY",
        Message::CtFlushZone(_) => "NXT_CT_FLUSH_ZONE",
        Message::CtFlush(_) => "NXT_CT_FLUSH",
        Message::MultipartRequest { body, .. } => {
            return of_multipart(of_request(body, protocol), "request");
        }
        Message::MultipartReply { body, .. } => {
            return of_multipart(of_reply(body, protocol), "reply");
        }
        Message::Opaque(opaque) => return alloc::format!("OFPT_{}", opaque.kind),
    };
    simple.into()
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
    let header = Header::peek(message)?;
    let word = |at: usize| Some(u32::from_be_bytes(*message.get(at..)?.first_chunk()?));
    let number = match header.kind {
        EXPERIMENTER => Number::Extension(word(Header::LEN)?, word(Header::LEN + 4)?),
        kind => Number::Standard(kind),
    };
    let row = kind::of_number(header.version, number)?;
    let direction = match row.kind {
        Kind::MultipartRequest => "request",
        Kind::MultipartReply => "reply",
        _ => return Some(row.name.into()),
    };
    multipart::name(header.version, message.get(Header::LEN..)?)
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
