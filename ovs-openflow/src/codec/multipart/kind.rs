//! The numbers of questions and answers.

use crate::error::EncodeError;
use crate::protocol::Version;

/// Nicira.
pub(super) const NICIRA: u32 = 0x2320;
/// The Open Networking Foundation.
const ONF: u32 = 0x4f4e_4600;
/// The type of those that an experimenter numbers (`OFPMP_EXPERIMENTER`, in OpenFlow 1.0
/// `OFPST_VENDOR`).
pub(super) const EXPERIMENTER: u16 = 0xffff;

/// What is asked and answered, and in which of several forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Desc,
    Flow,
    NiciraFlow,
    Aggregate,
    NiciraAggregate,
    Table,
    PortStats,
    Queue,
    Group,
    GroupDesc,
    GroupFeatures,
    Meter,
    MeterConfig,
    MeterFeatures,
    TableFeatures,
    PortDesc,
    FlowMonitor,
    IpfixBridge,
    IpfixFlow,
}

/// The number of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// One of the specification.
    Standard(u16),
    /// An experimenter and the number that it gave.
    Extension(u32, u32),
}

/// A kind and its number in the versions from `first` to `last`.
struct Row {
    kind: Kind,
    /// Its name in Open vSwitch.
    name: &'static str,
    first: Version,
    last: Version,
    number: Number,
}

const fn row(kind: Kind, name: &'static str, first: Version, last: Version, number: Number) -> Row {
    Row { kind, name, first, last, number }
}

use Kind::*;
use Number::{Extension, Standard};
const OF10: Version = Version::OF10;
const OF12: Version = Version::OF12;
const OF13: Version = Version::OF13;

/// Sorted by kind; no kind has two numbers in one version.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(Desc, "OFPST_DESC", OF10, OF13, Standard(0)),
    row(Flow, "OFPST_FLOW", OF10, OF13, Standard(1)),
    row(NiciraFlow, "NXST_FLOW", OF10, OF10, Extension(NICIRA, 0)),
    row(Aggregate, "OFPST_AGGREGATE", OF10, OF13, Standard(2)),
    row(NiciraAggregate, "NXST_AGGREGATE", OF10, OF10, Extension(NICIRA, 1)),
    row(Table, "OFPST_TABLE", OF10, OF13, Standard(3)),
    row(PortStats, "OFPST_PORT", OF10, OF13, Standard(4)),
    row(Queue, "OFPST_QUEUE", OF10, OF13, Standard(5)),
    row(Group, "NXST_GROUP", OF10, OF10, Extension(NICIRA, 7)),
    row(Group, "OFPST_GROUP", OF13, OF13, Standard(6)),
    row(GroupDesc, "NXST_GROUP_DESC", OF10, OF10, Extension(NICIRA, 8)),
    row(GroupDesc, "OFPST_GROUP_DESC", OF13, OF13, Standard(7)),
    row(GroupFeatures, "NXST_GROUP_FEATURES", OF10, OF10, Extension(NICIRA, 9)),
    row(GroupFeatures, "OFPST_GROUP_FEATURES", OF12, OF13, Standard(8)),
    row(Meter, "OFPST_METER", OF13, OF13, Standard(9)),
    row(MeterConfig, "OFPST_METER_CONFIG", OF13, OF13, Standard(10)),
    row(MeterFeatures, "OFPST_METER_FEATURES", OF13, OF13, Standard(11)),
    row(TableFeatures, "OFPST_TABLE_FEATURES", OF13, OF13, Standard(12)),
    row(PortDesc, "OFPST_PORT_DESC", OF10, OF13, Standard(13)),
    row(FlowMonitor, "NXST_FLOW_MONITOR", OF10, OF12, Extension(NICIRA, 2)),
    row(FlowMonitor, "ONFST_FLOW_MONITOR", OF13, OF13, Extension(ONF, 1870)),
    row(IpfixBridge, "NXST_IPFIX_BRIDGE", OF10, OF13, Extension(NICIRA, 3)),
    row(IpfixFlow, "NXST_IPFIX_FLOW", OF10, OF13, Extension(NICIRA, 4)),
];

/// The name of the question or answer whose header behind the message's header these bytes begin
/// with.
pub(crate) fn name(version: Version, bytes: &[u8]) -> Option<&'static str> {
    let word = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    let behind = if version > Version::OF10 { 8 } else { 4 };
    let number = match (word(0)? >> 16) as u16 {
        EXPERIMENTER => Extension(word(behind)?, word(behind + 4)?),
        number => Standard(number),
    };
    let has = |row: &&Row| row.number == number && row.includes(version);
    TABLE.iter().find(has).map(|row| row.name)
}

impl Kind {
    /// The kind that has this number.
    pub(super) fn from_number(number: Number, version: Version) -> Option<Self> {
        let has = |row: &&Row| row.number == number && row.includes(version);
        TABLE.iter().find(has).map(|row| row.kind)
    }

    /// The number of the kind.
    pub(super) fn number(self, version: Version) -> Result<Number, EncodeError> {
        let mut rows = TABLE.iter().filter(|row| row.kind == self);
        let what = rows.clone().next().map_or("such statistics", |row| row.name);
        let row = rows.find(|row| row.includes(version));
        row.map(|row| row.number).ok_or(EncodeError::NotInVersion { what, version })
    }

    /// Is the body of a question a multiple of 8 bytes?
    pub(super) fn aligns_request(self, version: Version) -> bool {
        match self {
            Flow | Aggregate => version > Version::OF10,
            NiciraFlow | NiciraAggregate | TableFeatures | FlowMonitor => true,
            _ => false,
        }
    }

    /// Is the body of an answer a multiple of 8 bytes?
    pub(super) fn aligns_reply(self) -> bool {
        matches!(self, Group | GroupDesc | Meter | MeterConfig | TableFeatures | FlowMonitor)
    }

    /// Is it a form of flow statistics whose matches are lists of NXM fields?
    pub(super) fn is_nicira_flow(self) -> bool {
        matches!(self, NiciraFlow | NiciraAggregate)
    }
}

impl Row {
    fn includes(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }
}
