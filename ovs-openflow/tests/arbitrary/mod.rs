//! Messages of every kind as random values, for every protocol: just what it can say, in the form
//! in which it is read. So each of them, written and read again, must be the same.

pub(crate) mod action;
pub(crate) mod controller;
pub(crate) mod entry;
pub(crate) mod flow;
pub(crate) mod group;
pub(crate) mod matching;
pub(crate) mod multipart;
pub(crate) mod packet;
pub(crate) mod runner;
pub(crate) mod scalar;
pub(crate) mod switch;
pub(crate) mod table_features;

use ovs_openflow::message::{OpaqueMessage, PacketInFormat};
use ovs_openflow::{Message, Protocol};
use proptest::prelude::*;
use proptest::sample::select;
use scalar::{bytes, is_old, u16s, u32s};

/// The transaction that messages of tests have.
pub(crate) const XID: u32 = 0x0102_0304;

/// Every protocol, by a name of its own.
pub(crate) const PROTOCOLS: [(&str, Protocol); 4] = [
    ("OpenFlow 1.0", Protocol::OF10),
    ("OpenFlow 1.0 with NXM", Protocol::OF10_NXM),
    ("OpenFlow 1.0 with NXM and tables", Protocol::OF10_NXM_TID),
    ("OpenFlow 1.3", Protocol::OF13),
];

/// Values of several kinds, each with the name of its kind.
pub(crate) type Named<T> = Vec<(&'static str, BoxedStrategy<T>)>;

/// What a message is: the names of its variant and, of questions and answers, of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kind {
    pub(crate) message: &'static str,
    pub(crate) body: Option<&'static str>,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message)?;
        self.body.map_or(Ok(()), |body| write!(f, " {body}"))
    }
}

/// Messages of every kind that the protocol has.
pub(crate) fn messages(protocol: Protocol) -> Vec<(Kind, BoxedStrategy<Message>)> {
    let mut all = standard(protocol);
    all.extend(extensions(protocol));
    if is_old(protocol) {
        let formats = any::<bool>().prop_map(|nxm| Message::SetFlowFormat { nxm });
        all.push(("SetFlowFormat", formats.boxed()));
    } else {
        all.extend(of13(protocol));
    }
    let mut messages: Vec<_> = all
        .into_iter()
        .map(|(message, strategy)| (Kind { message, body: None }, strategy))
        .collect();
    for (body, strategy) in multipart::requests(protocol) {
        let kind = Kind { message: "MultipartRequest", body: Some(body) };
        // In OpenFlow 1.0 no flag of a request is defined.
        let old = is_old(protocol);
        let strategy = (any::<bool>(), strategy)
            .prop_map(move |(more, body)| Message::MultipartRequest { more: more && !old, body });
        messages.push((kind, strategy.boxed()));
    }
    for (body, strategy) in multipart::replies(protocol) {
        let kind = Kind { message: "MultipartReply", body: Some(body) };
        let strategy = (any::<bool>(), strategy)
            .prop_map(|(more, body)| Message::MultipartReply { more, body });
        messages.push((kind, strategy.boxed()));
    }
    messages
}

/// A message of any kind.
pub(crate) fn message(protocol: Protocol) -> BoxedStrategy<Message> {
    let all = messages(protocol).into_iter().map(|(_, strategy)| strategy);
    prop::strategy::Union::new(all).boxed()
}

fn standard(protocol: Protocol) -> Named<Message> {
    let queues = switch::queue_config(protocol)
        .prop_map(|(port, queues)| Message::QueueGetConfigReply { port, queues });
    let asked = switch::queue_config_request(protocol).prop_map(Message::QueueGetConfigRequest);
    vec![
        ("Hello", controller::hello().prop_map(Message::Hello).boxed()),
        ("Error", controller::error(protocol).prop_map(Message::Error).boxed()),
        ("EchoRequest", bytes(300).prop_map(Message::EchoRequest).boxed()),
        ("EchoReply", bytes(300).prop_map(Message::EchoReply).boxed()),
        ("Experimenter", multipart::experimenter(protocol).prop_map(Message::Experimenter).boxed()),
        ("FeaturesRequest", Just(Message::FeaturesRequest).boxed()),
        ("FeaturesReply", switch::features(protocol).prop_map(Message::FeaturesReply).boxed()),
        ("GetConfigRequest", Just(Message::GetConfigRequest).boxed()),
        ("GetConfigReply", switch::config().prop_map(Message::GetConfigReply).boxed()),
        ("SetConfig", switch::config().prop_map(Message::SetConfig).boxed()),
        ("PacketIn", packet::packet_in(protocol).prop_map(Message::PacketIn).boxed()),
        ("FlowRemoved", flow::removed(protocol).prop_map(Message::FlowRemoved).boxed()),
        ("PortStatus", switch::port_status(protocol).prop_map(Message::PortStatus).boxed()),
        ("PacketOut", packet::packet_out(protocol).prop_map(Message::PacketOut).boxed()),
        ("FlowMod", flow::flow_mod(protocol).prop_map(Message::FlowMod).boxed()),
        ("GroupMod", group::group_mod(protocol).prop_map(Message::GroupMod).boxed()),
        ("PortMod", switch::port_mod(protocol).prop_map(Message::PortMod).boxed()),
        ("BarrierRequest", Just(Message::BarrierRequest).boxed()),
        ("BarrierReply", Just(Message::BarrierReply).boxed()),
        ("QueueGetConfigRequest", asked.boxed()),
        ("QueueGetConfigReply", queues.boxed()),
        ("RoleRequest", controller::role(protocol).prop_map(Message::RoleRequest).boxed()),
        ("RoleReply", controller::role(protocol).prop_map(Message::RoleReply).boxed()),
        ("SetAsync", controller::async_config().prop_map(Message::SetAsync).boxed()),
        ("Opaque", opaque().prop_map(Message::Opaque).boxed()),
    ]
}

/// Those that OpenFlow 1.0 does not have.
fn of13(protocol: Protocol) -> Named<Message> {
    vec![
        ("TableMod", switch::table_mod().prop_map(Message::TableMod).boxed()),
        ("MeterMod", group::meter_mod().prop_map(Message::MeterMod).boxed()),
        ("RoleStatus", controller::role_status().prop_map(Message::RoleStatus).boxed()),
        ("GetAsyncRequest", Just(Message::GetAsyncRequest).boxed()),
        ("GetAsyncReply", controller::async_config().prop_map(Message::GetAsyncReply).boxed()),
        ("BundleControl", controller::bundle_control().prop_map(Message::BundleControl).boxed()),
        ("BundleAdd", controller::bundle_add(protocol).prop_map(Message::BundleAdd).boxed()),
    ]
}

fn extensions(protocol: Protocol) -> Named<Message> {
    let formats = vec![PacketInFormat::Standard, PacketInFormat::Nxt, PacketInFormat::Nxt2];
    let forward = controller::request_forward(protocol).prop_map(Message::RequestForward);
    vec![
        ("SetAsync2", controller::async_config2().prop_map(Message::SetAsync2).boxed()),
        ("RequestForward", forward.boxed()),
        ("FlowModTableId", any::<bool>().prop_map(Message::FlowModTableId).boxed()),
        ("SetPacketInFormat", select(formats).prop_map(Message::SetPacketInFormat).boxed()),
        ("FlowAge", Just(Message::FlowAge).boxed()),
        ("SetControllerId", u16s().prop_map(Message::SetControllerId).boxed()),
        ("Resume", packet::resume(protocol).prop_map(Message::Resume).boxed()),
        ("FlowMonitorCancel", u32s().prop_map(Message::FlowMonitorCancel).boxed()),
        ("FlowMonitorPaused", Just(Message::FlowMonitorPaused).boxed()),
        ("FlowMonitorResumed", Just(Message::FlowMonitorResumed).boxed()),
        ("TlvTableMod", controller::tlv_table_mod().prop_map(Message::TlvTableMod).boxed()),
        ("TlvTableRequest", Just(Message::TlvTableRequest).boxed()),
        ("TlvTableReply", controller::tlv_table().prop_map(Message::TlvTableReply).boxed()),
        ("CtFlushZone", u16s().prop_map(Message::CtFlushZone).boxed()),
        ("CtFlush", controller::ct_flush().prop_map(Message::CtFlush).boxed()),
    ]
}

fn opaque() -> BoxedStrategy<OpaqueMessage> {
    (50..200u8, bytes(60)).prop_map(|(kind, data)| OpaqueMessage { kind, data }).boxed()
}
