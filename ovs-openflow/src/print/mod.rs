//! Messages as text, as `ovs-ofctl ofp-print` writes them.
//!
//! ```
//! use bytes::Bytes;
//! use ovs_openflow::print;
//!
//! let echo = Bytes::from_static(&[4, 2, 0, 12, 0, 0, 0, 7, 1, 2, 3, 4]);
//! let text = print::print(&echo, 0);
//! assert_eq!(text, "OFPT_ECHO_REQUEST (OF1.3) (xid=0x7): 4 bytes of payload\n");
//! ```

mod actions;
mod controller;
mod flows;
mod name;
mod names;
mod names_of_reasons;
mod out;
mod packet;
mod stats;
mod switch;
mod tables;

use crate::codec::Envelope;
use crate::error::DecodeError;
use crate::message::{Header, Message, MultipartReply, MultipartRequest};
use crate::protocol::{Protocol, Version};
use crate::text::Syntax;
use alloc::string::String;
use bytes::Bytes;
use out::{Out, put};

/// Writes a message, or says what is wrong with it and shows its bytes: see [`Printer`].
pub fn print(message: &Bytes, verbosity: u8) -> String {
    Printer { verbosity, ..Printer::default() }.print(message)
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer<'a> {
    /// How much is told: 0 what fits on a few lines, 1 packets and ports too, 2 what `ovs-ofctl
    /// ofp-print` tells unless asked otherwise, 3 the bytes of packets, 5 those of all messages.
    pub verbosity: u8,
    /// What ports and tables are called.
    pub syntax: Syntax<'a>,
}

impl Printer<'_> {
    /// Writes a message as its bytes are. It ends with a line end.
    pub fn print(&self, message: &Bytes) -> String {
        let mut out = self.out();
        let length = message.len();
        let header = Header::peek(message);
        match header {
            _ if length == 0 => out.str("OpenFlow message is empty\n"),
            None => put!(out, "OpenFlow packet too short (only {length} bytes):\n"),
            Some(Header { length: told, .. }) if usize::from(told) > length => {
                put!(out, "(***truncated to {length} bytes from {told}***)\n");
            }
            Some(Header { length: told, .. }) if usize::from(told) < length => {
                put!(out, "(***only uses {told} bytes out of {length}***)\n");
            }
            Some(_) => {
                whole(&mut out, message);
                return out.text;
            }
        }
        out.hex_dump(message, true);
        out.text
    }

    /// Writes a message that has been read. It ends with a line end.
    pub fn show(&self, message: &Envelope) -> String {
        let mut out = self.out();
        put_envelope(&mut out, message);
        out.end_line();
        out.text
    }

    fn out(&self) -> Out<'_> {
        Out { text: String::new(), verbosity: self.verbosity, syntax: self.syntax }
    }
}

fn whole(out: &mut Out<'_>, message: &Bytes) {
    // Where a flow-mod of OpenFlow 1.0 may name its table, it is taken to do so.
    let decoded = Message::decode_in(message, Protocol { table_id: true, ..Protocol::OF10 });
    match &decoded {
        Ok(envelope) => {
            put_envelope(out, envelope);
            if let Message::Hello(_) = envelope.message {
                unknown_in_hello(out, envelope, message);
            }
        }
        Err(error) => put_error(out, message, error),
    }
    if out.verbosity >= 5 || decoded.is_err() {
        out.end_line();
        out.hex_dump(message, true);
    }
    out.end_line();
}

/// A hello is understood as far as it goes; what is beyond is shown.
fn unknown_in_hello(out: &mut Out<'_>, hello: &Envelope, message: &Bytes) {
    let mut again = alloc::vec::Vec::new();
    let is_understood = match &hello.message {
        Message::Hello(hello) => hello
            .elements
            .iter()
            .all(|element| element.versions().is_some_and(|versions| versions.0 & !1 != 0)),
        _ => true,
    };
    if !is_understood || hello.encode(&mut again).is_err() || again != *message {
        out.str("\n unknown data in hello:\n");
        out.hex_dump(message, true);
    }
}

fn put_error(out: &mut Out<'_>, message: &Bytes, error: &DecodeError) {
    if let Some((header, name)) = Header::peek(message).zip(name::of_bytes(message)) {
        out.str(&name);
        version(out, header.version);
        put!(out, " (xid={:#x}): ", header.xid);
    }
    put!(out, "***decode error: {}***\n", error.code);
}

fn version(out: &mut Out<'_>, version: Version) {
    match version {
        Version::OF10 => {}
        Version(minor @ 2..=6) => put!(out, " (OF1.{})", minor - 1),
        Version(other) => put!(out, " (OF {other:#04x})"),
    }
}

/// A message without the end of its last line.
fn put_envelope(out: &mut Out<'_>, envelope: &Envelope) {
    let Envelope { protocol, xid, message } = envelope;
    out.str(&name::of(message, *protocol));
    version(out, protocol.version);
    put!(out, " (xid={xid:#x}):");
    body(out, message, *protocol, *xid);
    out.chomp(' ');
}

fn body(out: &mut Out<'_>, message: &Message, protocol: Protocol, xid: u32) {
    match message {
        Message::Hello(hello) => switch::hello(out, hello, protocol.version),
        Message::Error(error) => switch::error(out, error),
        Message::EchoRequest(data) | Message::EchoReply(data) => {
            put!(out, " {} bytes of payload\n", data.len());
            if out.verbosity > 1 {
                out.hex_dump(data, true);
            }
        }
        Message::FeaturesReply(features) => switch::features(out, features),
        Message::GetConfigReply(config) | Message::SetConfig(config) => switch::config(out, config),
        Message::PacketIn(packet) => packet::packet_in(out, packet),
        Message::Resume(resume) => packet::packet_in(out, &resume.0),
        Message::PacketOut(packet) => packet::packet_out(out, packet),
        Message::FlowRemoved(removed) => flows::removed(out, removed),
        Message::PortStatus(status) => switch::port_status(out, status),
        Message::FlowMod(change) => flows::flow_mod(out, change, protocol),
        Message::GroupMod(change) => flows::group_mod(out, change, protocol),
        Message::PortMod(change) => switch::port_mod(out, change),
        Message::TableMod(change) => tables::table_mod(out, change),
        Message::MeterMod(change) => flows::meter_mod(out, change),
        Message::MultipartRequest { more, body } => {
            out.str(if *more { " flags=[more]" } else { "" });
            request(out, body, protocol);
        }
        Message::MultipartReply { more, body } => {
            out.str(if *more { " flags=[more]" } else { "" });
            reply(out, body, protocol);
        }
        Message::QueueGetConfigRequest(port) => {
            put!(out, " port={}", out.syntax.show_port(*port));
        }
        Message::QueueGetConfigReply { port, queues } => stats::queue_config(out, *port, queues),
        Message::RoleRequest(role) => controller::role_request(out, role),
        Message::RoleReply(role) => controller::role_reply(out, role),
        Message::RoleStatus(status) => controller::role_status(out, status),
        Message::GetAsyncReply(config) | Message::SetAsync(config) | Message::SetAsync2(config) => {
            controller::async_config(out, config);
        }
        Message::RequestForward(forward) => controller::request_forward(out, forward, protocol),
        Message::BundleControl(control) => controller::bundle_control(out, control),
        Message::BundleAdd(add) => controller::bundle_add(out, add, protocol, xid),
        _ => nicira(out, message),
    }
}

fn nicira(out: &mut Out<'_>, message: &Message) {
    match message {
        Message::SetFlowFormat { nxm } => {
            put!(out, " format={}", if *nxm { "nxm" } else { "openflow10" });
        }
        Message::FlowModTableId(on) => put!(out, " {}", if *on { "enable" } else { "disable" }),
        Message::SetPacketInFormat(format) => {
            put!(out, " format={}", name::of_packet_in_format(*format));
        }
        Message::SetControllerId(id) => put!(out, " id={id}"),
        Message::FlowMonitorCancel(id) => put!(out, " id={id}"),
        Message::TlvTableMod(change) => controller::tlv_table_mod(out, change),
        Message::TlvTableReply(table) => controller::tlv_table(out, table),
        Message::CtFlushZone(zone) => put!(out, " zone_id={zone}"),
        Message::CtFlush(flush) => controller::ct_flush(out, flush),
        Message::Experimenter(experimenter) => {
            put!(out, " experimenter={:#x}", experimenter.experimenter);
            if let Some(kind) = experimenter.kind {
                put!(out, " type={kind}");
            }
            put!(out, " {} bytes\n", experimenter.data.len());
            out.hex_dump(&experimenter.data, true);
        }
        Message::Opaque(opaque) => {
            put!(out, " {} bytes\n", opaque.data.len());
            out.hex_dump(&opaque.data, true);
        }
        _ => {}
    }
}

fn request(out: &mut Out<'_>, request: &MultipartRequest, protocol: Protocol) {
    match request {
        MultipartRequest::Flow(request) | MultipartRequest::Aggregate(request) => {
            flows::stats_request(out, request);
        }
        MultipartRequest::PortStats(port) => {
            put!(out, " port_no={}", out.syntax.show_port(*port));
        }
        MultipartRequest::PortDesc => out.str(" port=ANY"),
        MultipartRequest::Queue(request) => {
            put!(out, " port={}", out.syntax.show_port(request.port));
            put!(out, " queue={}", request.queue);
        }
        MultipartRequest::Group(group) => put!(out, " group_id={group}"),
        MultipartRequest::GroupDesc(group) => {
            let told = protocol.version == Version::OF10;
            put!(out, " group_id={}", if told { *group } else { ovs_core::group::GroupId::ALL });
        }
        MultipartRequest::Meter(meter) | MultipartRequest::MeterConfig(meter) => {
            flows::meter_request(out, *meter);
        }
        MultipartRequest::TableFeatures(tables) => tables::features(out, tables),
        MultipartRequest::FlowMonitor(requests) => flows::monitor_requests(out, requests),
        MultipartRequest::Experimenter(experimenter) => {
            put!(out, " experimenter={:#x}", experimenter.experimenter);
        }
        MultipartRequest::Opaque(opaque) => put!(out, " type={}", opaque.kind),
        MultipartRequest::Desc
        | MultipartRequest::Table
        | MultipartRequest::GroupFeatures
        | MultipartRequest::MeterFeatures
        | MultipartRequest::IpfixBridge
        | MultipartRequest::IpfixFlow => {}
    }
}

fn reply(out: &mut Out<'_>, reply: &MultipartReply, protocol: Protocol) {
    match reply {
        MultipartReply::Desc(description) => switch::description(out, description),
        MultipartReply::Flow(flows) => flows::stats(out, flows),
        MultipartReply::Aggregate(stats) => stats::aggregate(out, stats),
        MultipartReply::Table(tables) => stats::tables(out, tables),
        MultipartReply::PortStats(ports) => stats::ports(out, ports),
        MultipartReply::Queue(queues) => stats::queues(out, queues),
        MultipartReply::Group(groups) => stats::groups(out, groups),
        MultipartReply::GroupDesc(groups) => flows::groups(out, groups),
        MultipartReply::GroupFeatures(features) => flows::group_features(out, features, protocol),
        MultipartReply::Meter(meters) => stats::meters(out, meters),
        MultipartReply::MeterConfig(meters) => flows::meters(out, meters),
        MultipartReply::MeterFeatures(features) => flows::meter_features(out, features),
        MultipartReply::TableFeatures(tables) => tables::features(out, tables),
        MultipartReply::PortDesc(ports) => {
            out.str("\n");
            switch::ports(out, ports);
        }
        MultipartReply::FlowMonitor(updates) => flows::updates(out, updates),
        MultipartReply::IpfixBridge(stats) => stats::ipfix_bridge(out, stats),
        MultipartReply::IpfixFlow(stats) => stats::ipfix_flow(out, stats),
        MultipartReply::Experimenter(experimenter) => {
            put!(out, " experimenter={:#x}", experimenter.experimenter);
        }
        MultipartReply::Opaque(opaque) => put!(out, " type={}", opaque.kind),
    }
}

#[cfg(test)]
mod tests;
