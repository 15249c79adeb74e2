//! Which number of which version, or of which extension, is which message.

use crate::message::{Header, Message, PacketInFormat};
use crate::protocol::{Protocol, Version};

/// Nicira's id as an experimenter.
const NICIRA: u32 = 0x0000_2320;
/// The Open Networking Foundation's id as an experimenter.
const ONF: u32 = 0x4f4e_4600;
/// `OFPT_EXPERIMENTER`, `OFPT_VENDOR`.
pub(crate) const EXPERIMENTER: u8 = 4;

/// The number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// The type in the header.
    Standard(u8),
    /// An experimenter's id and the number that it gave.
    Extension(u32, u32),
}

/// What a message is, and in which of several forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Hello,
    Error,
    EchoRequest,
    EchoReply,
    FeaturesRequest,
    FeaturesReply,
    GetConfigRequest,
    GetConfigReply,
    SetConfig,
    PacketIn,
    NxPacketIn,
    NxPacketIn2,
    FlowRemoved,
    NxFlowRemoved,
    PortStatus,
    PacketOut,
    FlowMod,
    NxFlowMod,
    GroupMod,
    PortMod,
    TableMod,
    MeterMod,
    MultipartRequest,
    MultipartReply,
    BarrierRequest,
    BarrierReply,
    QueueGetConfigRequest,
    QueueGetConfigReply,
    RoleRequest,
    NxRoleRequest,
    RoleReply,
    NxRoleReply,
    RoleStatus,
    GetAsyncRequest,
    GetAsyncReply,
    SetAsync,
    NxSetAsync,
    SetAsync2,
    RequestForward,
    BundleControl,
    BundleAdd,
    SetFlowFormat,
    FlowModTableId,
    SetPacketInFormat,
    FlowAge,
    SetControllerId,
    Resume,
    FlowMonitorCancel,
    FlowMonitorPaused,
    FlowMonitorResumed,
    TlvTableMod,
    TlvTableRequest,
    TlvTableReply,
    CtFlushZone,
    CtFlush,
}

/// A kind and its number in the versions from `first` to `last`.
pub(crate) struct Row {
    pub(crate) kind: Kind,
    /// Its name in the specification or in Open vSwitch.
    pub(crate) name: &'static str,
    first: u8,
    last: u8,
    pub(crate) number: Number,
}

const fn standard(kind: Kind, name: &'static str, first: u8, last: u8, number: u8) -> Row {
    Row { kind, name, first, last, number: Number::Standard(number) }
}

const fn nicira(kind: Kind, name: &'static str, first: u8, last: u8, number: u32) -> Row {
    Row { kind, name, first, last, number: Number::Extension(NICIRA, number) }
}

const fn onf(kind: Kind, name: &'static str, number: u32) -> Row {
    let number = Number::Extension(ONF, number);
    Row { kind, name, first: OF13, last: OF13, number }
}

const OF10: u8 = Version::OF10.0;
const OF11: u8 = Version::OF11.0;
const OF12: u8 = Version::OF12.0;
const OF13: u8 = Version::OF13.0;
/// Those that begin a connection are the same in each version that there will be.
const EVERY: u8 = u8::MAX;

use Kind::*;

/// Each version has at most one number for a kind. A message that has two forms in a version is of
/// two kinds: see [`Kind::is_nicira`].
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    standard(Hello, "OFPT_HELLO", 0, EVERY, 0),
    standard(Error, "OFPT_ERROR", 0, EVERY, 1),
    standard(EchoRequest, "OFPT_ECHO_REQUEST", 0, EVERY, 2),
    standard(EchoReply, "OFPT_ECHO_REPLY", 0, EVERY, 3),
    standard(FeaturesRequest, "OFPT_FEATURES_REQUEST", OF10, OF13, 5),
    standard(FeaturesReply, "OFPT_FEATURES_REPLY", OF10, OF13, 6),
    standard(GetConfigRequest, "OFPT_GET_CONFIG_REQUEST", OF10, OF13, 7),
    standard(GetConfigReply, "OFPT_GET_CONFIG_REPLY", OF10, OF13, 8),
    standard(SetConfig, "OFPT_SET_CONFIG", OF10, OF13, 9),
    standard(PacketIn, "OFPT_PACKET_IN", OF10, OF13, 10),
    nicira(NxPacketIn, "NXT_PACKET_IN", OF10, OF13, 17),
    nicira(NxPacketIn2, "NXT_PACKET_IN2", OF10, OF13, 30),
    standard(FlowRemoved, "OFPT_FLOW_REMOVED", OF10, OF13, 11),
    nicira(NxFlowRemoved, "NXT_FLOW_REMOVED", OF10, OF13, 14),
    standard(PortStatus, "OFPT_PORT_STATUS", OF10, OF13, 12),
    standard(PacketOut, "OFPT_PACKET_OUT", OF10, OF13, 13),
    standard(FlowMod, "OFPT_FLOW_MOD", OF10, OF13, 14),
    nicira(NxFlowMod, "NXT_FLOW_MOD", OF10, OF13, 13),
    nicira(GroupMod, "NXT_GROUP_MOD", OF10, OF10, 31),
    standard(GroupMod, "OFPT_GROUP_MOD", OF11, OF13, 15),
    standard(PortMod, "OFPT_PORT_MOD", OF10, OF10, 15),
    standard(PortMod, "OFPT_PORT_MOD", OF11, OF13, 16),
    standard(TableMod, "OFPT_TABLE_MOD", OF11, OF13, 17),
    standard(MeterMod, "OFPT_METER_MOD", OF13, OF13, 29),
    standard(MultipartRequest, "OFPT_STATS_REQUEST", OF10, OF10, 16),
    standard(MultipartRequest, "OFPT_MULTIPART_REQUEST", OF11, OF13, 18),
    standard(MultipartReply, "OFPT_STATS_REPLY", OF10, OF10, 17),
    standard(MultipartReply, "OFPT_MULTIPART_REPLY", OF11, OF13, 19),
    standard(BarrierRequest, "OFPT_BARRIER_REQUEST", OF10, OF10, 18),
    standard(BarrierRequest, "OFPT_BARRIER_REQUEST", OF11, OF13, 20),
    standard(BarrierReply, "OFPT_BARRIER_REPLY", OF10, OF10, 19),
    standard(BarrierReply, "OFPT_BARRIER_REPLY", OF11, OF13, 21),
    standard(QueueGetConfigRequest, "OFPT_QUEUE_GET_CONFIG_REQUEST", OF10, OF10, 20),
    standard(QueueGetConfigRequest, "OFPT_QUEUE_GET_CONFIG_REQUEST", OF11, OF13, 22),
    standard(QueueGetConfigReply, "OFPT_QUEUE_GET_CONFIG_REPLY", OF10, OF10, 21),
    standard(QueueGetConfigReply, "OFPT_QUEUE_GET_CONFIG_REPLY", OF11, OF13, 23),
    standard(RoleRequest, "OFPT_ROLE_REQUEST", OF12, OF13, 24),
    nicira(NxRoleRequest, "NXT_ROLE_REQUEST", OF10, OF13, 10),
    standard(RoleReply, "OFPT_ROLE_REPLY", OF12, OF13, 25),
    nicira(NxRoleReply, "NXT_ROLE_REPLY", OF10, OF13, 11),
    onf(RoleStatus, "ONFT_ROLE_STATUS", 1911),
    standard(GetAsyncRequest, "OFPT_GET_ASYNC_REQUEST", OF13, OF13, 26),
    standard(GetAsyncReply, "OFPT_GET_ASYNC_REPLY", OF13, OF13, 27),
    standard(SetAsync, "OFPT_SET_ASYNC", OF13, OF13, 28),
    nicira(NxSetAsync, "NXT_SET_ASYNC_CONFIG", OF10, OF13, 19),
    nicira(SetAsync2, "NXT_SET_ASYNC_CONFIG2", OF10, OF13, 27),
    nicira(RequestForward, "NXT_REQUESTFORWARD", OF10, OF12, 132),
    onf(RequestForward, "ONFT_REQUESTFORWARD", 2350),
    onf(BundleControl, "ONFT_BUNDLE_CONTROL", 2300),
    onf(BundleAdd, "ONFT_BUNDLE_ADD_MESSAGE", 2301),
    nicira(SetFlowFormat, "NXT_SET_FLOW_FORMAT", OF10, OF10, 12),
    nicira(FlowModTableId, "NXT_FLOW_MOD_TABLE_ID", OF10, OF13, 15),
    nicira(SetPacketInFormat, "NXT_SET_PACKET_IN_FORMAT", OF10, OF13, 16),
    nicira(FlowAge, "NXT_FLOW_AGE", OF10, OF13, 18),
    nicira(SetControllerId, "NXT_SET_CONTROLLER_ID", OF10, OF13, 20),
    nicira(Resume, "NXT_RESUME", OF10, OF13, 28),
    nicira(FlowMonitorCancel, "NXT_FLOW_MONITOR_CANCEL", OF10, OF12, 21),
    onf(FlowMonitorCancel, "ONFT_FLOW_MONITOR_CANCEL", 1870),
    nicira(FlowMonitorPaused, "NXT_FLOW_MONITOR_PAUSED", OF10, OF12, 22),
    onf(FlowMonitorPaused, "ONFT_FLOW_MONITOR_PAUSED", 1871),
    nicira(FlowMonitorResumed, "NXT_FLOW_MONITOR_RESUMED", OF10, OF12, 23),
    onf(FlowMonitorResumed, "ONFT_FLOW_MONITOR_RESUMED", 1872),
    nicira(TlvTableMod, "NXT_TLV_TABLE_MOD", OF10, OF13, 24),
    nicira(TlvTableRequest, "NXT_TLV_TABLE_REQUEST", OF10, OF13, 25),
    nicira(TlvTableReply, "NXT_TLV_TABLE_REPLY", OF10, OF13, 26),
    nicira(CtFlushZone, "NXT_CT_FLUSH_ZONE", OF10, OF13, 29),
    nicira(CtFlush, "NXT_CT_FLUSH", OF10, OF13, 32),
];

/// The row of a message, as far as its header and an experimenter's tell.
pub(crate) fn of_bytes(message: &[u8]) -> Option<&'static Row> {
    let header = Header::peek(message)?;
    let word = |at: usize| Some(u32::from_be_bytes(*message.get(at..)?.first_chunk()?));
    let number = match header.kind {
        EXPERIMENTER => Number::Extension(word(Header::LEN)?, word(Header::LEN + 4)?),
        kind => Number::Standard(kind),
    };
    of_number(header.version, number)
}

/// The row of a number.
pub(crate) fn of_number(version: Version, number: Number) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.has(version) && row.number == number)
}

impl Row {
    fn has(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version.0)
    }
}

impl Kind {
    /// The row in a version.
    pub(crate) fn row(self, version: Version) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.kind == self && row.has(version))
    }

    /// Its name in the first version that has it.
    pub(crate) fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.kind == self).map_or("", |row| row.name)
    }

    /// Does a list of things of a multiple of 8 bytes follow what stands in every such message?
    pub(crate) fn is_list(self, version: Version) -> bool {
        match self {
            FlowMod | NxFlowMod | NxFlowRemoved | GroupMod | MeterMod | NxPacketIn2 | Resume
            | SetAsync2 | CtFlush | QueueGetConfigReply | RoleStatus | RequestForward
            | BundleControl => true,
            FlowRemoved => version > Version::OF10,
            _ => false,
        }
    }

    /// The form of the standard, if this one is Nicira's of the same message.
    fn standard(self) -> Option<Self> {
        match self {
            NxFlowMod => Some(FlowMod),
            NxFlowRemoved => Some(FlowRemoved),
            NxRoleRequest => Some(RoleRequest),
            NxRoleReply => Some(RoleReply),
            NxSetAsync => Some(SetAsync),
            _ => None,
        }
    }

    /// Is it one of two forms that a message has in this version, that which
    /// [`Protocol::nxm`] chooses?
    pub(crate) fn is_nicira(self, version: Version) -> bool {
        self.standard().is_some_and(|standard| standard.row(version).is_some())
    }

    /// What a message is; `None` for one that carries its own number.
    pub(crate) fn of(message: &Message, protocol: Protocol) -> Option<Self> {
        let form = |nicira: Self| {
            let is_nicira = protocol.nxm || !nicira.is_nicira(protocol.version);
            nicira.standard().filter(|_| !is_nicira).unwrap_or(nicira)
        };
        Some(match message {
            Message::Hello(_) => Hello,
            Message::Error(_) => Error,
            Message::EchoRequest(_) => EchoRequest,
            Message::EchoReply(_) => EchoReply,
            Message::FeaturesRequest => FeaturesRequest,
            Message::FeaturesReply(_) => FeaturesReply,
            Message::GetConfigRequest => GetConfigRequest,
            Message::GetConfigReply(_) => GetConfigReply,
            Message::SetConfig(_) => SetConfig,
            Message::PacketIn(packet) => match packet.format {
                PacketInFormat::Standard => PacketIn,
                PacketInFormat::Nxt => NxPacketIn,
                PacketInFormat::Nxt2 => NxPacketIn2,
            },
            Message::FlowRemoved(_) => form(NxFlowRemoved),
            Message::PortStatus(_) => PortStatus,
            Message::PacketOut(_) => PacketOut,
            Message::FlowMod(_) => form(NxFlowMod),
            Message::GroupMod(_) => GroupMod,
            Message::PortMod(_) => PortMod,
            Message::TableMod(_) => TableMod,
            Message::MeterMod(_) => MeterMod,
            Message::MultipartRequest { .. } => MultipartRequest,
            Message::MultipartReply { .. } => MultipartReply,
            Message::BarrierRequest => BarrierRequest,
            Message::BarrierReply => BarrierReply,
            Message::QueueGetConfigRequest(_) => QueueGetConfigRequest,
            Message::QueueGetConfigReply { .. } => QueueGetConfigReply,
            Message::RoleRequest(_) => form(NxRoleRequest),
            Message::RoleReply(_) => form(NxRoleReply),
            Message::RoleStatus(_) => RoleStatus,
            Message::GetAsyncRequest => GetAsyncRequest,
            Message::GetAsyncReply(_) => GetAsyncReply,
            Message::SetAsync(_) => form(NxSetAsync),
            Message::SetAsync2(_) => SetAsync2,
            Message::RequestForward(_) => RequestForward,
            Message::BundleControl(_) => BundleControl,
            Message::BundleAdd(_) => BundleAdd,
            Message::SetFlowFormat { .. } => SetFlowFormat,
            Message::FlowModTableId(_) => FlowModTableId,
            Message::SetPacketInFormat(_) => SetPacketInFormat,
            Message::FlowAge => FlowAge,
            Message::SetControllerId(_) => SetControllerId,
            Message::Resume(_) => Resume,
            Message::FlowMonitorCancel(_) => FlowMonitorCancel,
            Message::FlowMonitorPaused => FlowMonitorPaused,
            Message::FlowMonitorResumed => FlowMonitorResumed,
            Message::TlvTableMod(_) => TlvTableMod,
            Message::TlvTableRequest => TlvTableRequest,
            Message::TlvTableReply(_) => TlvTableReply,
            Message::CtFlushZone(_) => CtFlushZone,
            Message::CtFlush(_) => CtFlush,
            Message::Experimenter(_) | Message::Opaque(_) => return None,
        })
    }
}
