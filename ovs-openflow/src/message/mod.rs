//! Messages, the same for all versions of OpenFlow.
//!
//! A [`Message`] says what is meant; its [codec](crate::codec) knows how each version, and each
//! of Nicira's extensions, writes it. Names are those of the specification, without its
//! prefixes. What only one version has is an `Option` or a variant here; writing it in another
//! version is an [`EncodeError`](crate::EncodeError).

mod bundle;
mod connection;
mod conntrack;
mod experimenter;
mod features;
mod flow;
mod group;
mod meter;
mod monitor;
mod multipart;
mod packet;
mod port;
mod queue;
mod role;
mod table;
mod tlv_table;

pub use bundle::{BundleAdd, BundleControl, BundleControlKind, BundleFlags};
pub use connection::{ErrorMessage, Hello, HelloElement, VersionSet};
pub use conntrack::{CtFlush, CtTuple};
pub use experimenter::{Experimenter, OpaqueMessage};
pub use features::{
    ActionBits, Capabilities, ConfigFlags, Description, FragmentHandling, SwitchConfig,
    SwitchFeatures,
};
pub use flow::{
    AggregateStats, Duration, FlowRemoved, FlowRemovedReason, FlowStats, FlowStatsRequest,
};
pub use group::{BucketCounter, GroupCapabilities, GroupFeatures, GroupKinds, GroupStats};
pub use meter::{BandStats, BandTypes, MeterFeatures, MeterStats};
pub use monitor::{
    FlowMonitorCommand, FlowMonitorFlags, FlowMonitorRequest, FlowUpdate, FlowUpdateEvent,
    RequestForward, RequestForwardReason,
};
pub use multipart::{IpfixStats, MultipartReply, MultipartRequest, OpaqueMultipart};
pub use packet::{PacketIn, PacketInFormat, PacketOut, Resume};
pub use port::{
    PortConfig, PortDesc, PortFeatures, PortMod, PortReason, PortState, PortStats, PortStatus,
};
pub use queue::{QueueConfig, QueueProperty, QueueStats, QueueStatsRequest};
pub use role::{AsyncConfig, AsyncMasks, Role, RoleMessage, RoleStatus, RoleStatusReason};
pub use table::{
    FeatureId, OxmId, TableConfig, TableFeatureProperty, TableFeatures, TableMod, TableStats,
};
pub use tlv_table::{TlvMap, TlvTable, TlvTableMod};

use crate::protocol::Version;
use bytes::Bytes;
use ovs_core::flow::FlowMod;
use ovs_core::group::GroupMod;
use ovs_core::meter::MeterMod;

/// An OpenFlow message without its header.
///
/// Behind each stands the type's name in the specification (`OFPT_`, in [`MultipartRequest`]
/// and [`MultipartReply`] `OFPMP_`) or in Open vSwitch's extensions (`NXT_`).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    // Of both sides.
    /// `OFPT_HELLO`.
    Hello(Hello),
    /// `OFPT_ERROR`.
    Error(ErrorMessage),
    /// `OFPT_ECHO_REQUEST`, with any content.
    EchoRequest(Bytes),
    /// `OFPT_ECHO_REPLY`, with the content of the request.
    EchoReply(Bytes),
    /// `OFPT_EXPERIMENTER` (`OFPT_VENDOR` in OpenFlow 1.0) of an experimenter that is not known.
    Experimenter(Experimenter),

    // The switch and its configuration.
    /// `OFPT_FEATURES_REQUEST`.
    FeaturesRequest,
    /// `OFPT_FEATURES_REPLY`.
    FeaturesReply(SwitchFeatures),
    /// `OFPT_GET_CONFIG_REQUEST`.
    GetConfigRequest,
    /// `OFPT_GET_CONFIG_REPLY`.
    GetConfigReply(SwitchConfig),
    /// `OFPT_SET_CONFIG`.
    SetConfig(SwitchConfig),

    // Told by the switch.
    /// `OFPT_PACKET_IN`, `NXT_PACKET_IN` or `NXT_PACKET_IN2`: [`PacketIn::format`] says which.
    PacketIn(PacketIn),
    /// `OFPT_FLOW_REMOVED`, or `NXT_FLOW_REMOVED` with [`Protocol::nxm`](crate::Protocol::nxm).
    FlowRemoved(FlowRemoved),
    /// `OFPT_PORT_STATUS`.
    PortStatus(PortStatus),

    // Told by the controller.
    /// `OFPT_PACKET_OUT`.
    PacketOut(PacketOut),
    /// `OFPT_FLOW_MOD`, or `NXT_FLOW_MOD` with [`Protocol::nxm`](crate::Protocol::nxm).
    FlowMod(FlowMod),
    /// `OFPT_GROUP_MOD`; in OpenFlow 1.0 `NXT_GROUP_MOD`.
    GroupMod(GroupMod),
    /// `OFPT_PORT_MOD`.
    PortMod(PortMod),
    /// `OFPT_TABLE_MOD`.
    TableMod(TableMod),
    /// `OFPT_METER_MOD`.
    MeterMod(MeterMod),

    // Questions and their answers.
    /// `OFPT_MULTIPART_REQUEST` (`OFPT_STATS_REQUEST` in OpenFlow 1.0).
    MultipartRequest {
        /// Does another part of the request follow (`OFPMPF_REQ_MORE`)?
        more: bool,
        /// What is asked.
        body: MultipartRequest,
    },
    /// `OFPT_MULTIPART_REPLY` (`OFPT_STATS_REPLY` in OpenFlow 1.0).
    MultipartReply {
        /// Does another part of the reply follow (`OFPMPF_REPLY_MORE`)?
        more: bool,
        /// The answer.
        body: MultipartReply,
    },
    /// `OFPT_BARRIER_REQUEST`.
    BarrierRequest,
    /// `OFPT_BARRIER_REPLY`.
    BarrierReply,
    /// `OFPT_QUEUE_GET_CONFIG_REQUEST`: the port, [`PortNo::ANY`](ovs_core::PortNo::ANY) for all.
    QueueGetConfigRequest(ovs_core::PortNo),
    /// `OFPT_QUEUE_GET_CONFIG_REPLY`.
    QueueGetConfigReply {
        /// The port that was asked for.
        port: ovs_core::PortNo,
        /// Its queues.
        queues: alloc::vec::Vec<QueueConfig>,
    },

    // Several controllers.
    /// `OFPT_ROLE_REQUEST`; before OpenFlow 1.2 `NXT_ROLE_REQUEST`.
    RoleRequest(RoleMessage),
    /// `OFPT_ROLE_REPLY`; before OpenFlow 1.2 `NXT_ROLE_REPLY`.
    RoleReply(RoleMessage),
    /// `ONFT_ROLE_STATUS`: OpenFlow 1.4's message as an extension of 1.3.
    RoleStatus(RoleStatus),
    /// `OFPT_GET_ASYNC_REQUEST`.
    GetAsyncRequest,
    /// `OFPT_GET_ASYNC_REPLY`.
    GetAsyncReply(AsyncConfig),
    /// `OFPT_SET_ASYNC`; before OpenFlow 1.3 `NXT_SET_ASYNC_CONFIG`.
    SetAsync(AsyncConfig),
    /// `NXT_SET_ASYNC_CONFIG2`: the same in OpenFlow 1.4's form, which tells only what changes.
    SetAsync2(AsyncConfig),
    /// `ONFT_REQUESTFORWARD` (`NXT_REQUESTFORWARD` before OpenFlow 1.3): what another controller
    /// asked for.
    RequestForward(RequestForward),

    // Bundles: OpenFlow 1.4's messages as an extension of 1.3 (ONF EXT-230).
    /// `ONFT_BUNDLE_CONTROL`.
    BundleControl(BundleControl),
    /// `ONFT_BUNDLE_ADD_MESSAGE`.
    BundleAdd(BundleAdd),

    // Nicira's.
    /// `NXT_SET_FLOW_FORMAT`: are matches lists of NXM fields?
    SetFlowFormat {
        /// Yes (`NXFF_NXM`), or OpenFlow 1.0's (`NXFF_OPENFLOW10`).
        nxm: bool,
    },
    /// `NXT_FLOW_MOD_TABLE_ID`: does a flow-mod of OpenFlow 1.0 name its table?
    FlowModTableId(bool),
    /// `NXT_SET_PACKET_IN_FORMAT`.
    SetPacketInFormat(PacketInFormat),
    /// `NXT_FLOW_AGE`, which asks for nothing any more.
    FlowAge,
    /// `NXT_SET_CONTROLLER_ID`.
    SetControllerId(u16),
    /// `NXT_RESUME`: a packet that waited goes on.
    Resume(Resume),
    /// `NXT_FLOW_MONITOR_CANCEL`, `ONFT_FLOW_MONITOR_CANCEL`: the number of the monitor.
    FlowMonitorCancel(u32),
    /// `NXT_FLOW_MONITOR_PAUSED`: updates were lost, since there were too many.
    FlowMonitorPaused,
    /// `NXT_FLOW_MONITOR_RESUMED`: updates go on.
    FlowMonitorResumed,
    /// `NXT_TLV_TABLE_MOD`.
    TlvTableMod(TlvTableMod),
    /// `NXT_TLV_TABLE_REQUEST`.
    TlvTableRequest,
    /// `NXT_TLV_TABLE_REPLY`.
    TlvTableReply(TlvTable),
    /// `NXT_CT_FLUSH_ZONE`: all connections of a zone are forgotten.
    CtFlushZone(u16),
    /// `NXT_CT_FLUSH`: connections are forgotten.
    CtFlush(CtFlush),

    /// A type that the specification does not define.
    Opaque(OpaqueMessage),
}

/// What stands before each message (OpenFlow 1.3.5 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version of OpenFlow.
    pub version: Version,
    /// The type: what it means depends on the version.
    pub kind: u8,
    /// Bytes of the whole message, header included.
    pub length: u16,
    /// Number of the transaction: a reply has that of its request.
    pub xid: u32,
}

impl Header {
    /// Bytes of a header.
    pub const LEN: usize = 8;

    /// The header that bytes begin with; `None` if there are fewer than 8. That the length is at
    /// least that of a header is not asked.
    pub fn peek(bytes: &[u8]) -> Option<Self> {
        let [version, kind, a, b, xid @ ..] = *bytes.first_chunk::<{ Self::LEN }>()?;
        let (length, xid) = (u16::from_be_bytes([a, b]), u32::from_be_bytes(xid));
        Some(Self { version: Version(version), kind, length, xid })
    }
}
