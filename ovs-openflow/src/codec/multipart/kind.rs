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
    /// Its name, for an error.
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
    row(Desc, "description", OF10, OF13, Standard(0)),
    row(Flow, "flow statistics", OF10, OF13, Standard(1)),
    row(NiciraFlow, "NXM flow statistics", OF10, OF10, Extension(NICIRA, 0)),
    row(Aggregate, "aggregate statistics", OF10, OF13, Standard(2)),
    row(NiciraAggregate, "NXM aggregate statistics", OF10, OF10, Extension(NICIRA, 1)),
    row(Table, "table statistics", OF10, OF13, Standard(3)),
    row(PortStats, "port statistics", OF10, OF13, Standard(4)),
    row(Queue, "queue statistics", OF10, OF13, Standard(5)),
    row(Group, "group statistics", OF10, OF10, Extension(NICIRA, 7)),
    row(Group, "group statistics", OF13, OF13, Standard(6)),
    row(GroupDesc, "group description", OF10, OF10, Extension(NICIRA, 8)),
    row(GroupDesc, "group description", OF13, OF13, Standard(7)),
    row(GroupFeatures, "group features", OF10, OF10, Extension(NICIRA, 9)),
    row(GroupFeatures, "group features", OF12, OF13, Standard(8)),
    row(Meter, "meter statistics", OF13, OF13, Standard(9)),
    row(MeterConfig, "meter configuration", OF13, OF13, Standard(10)),
    row(MeterFeatures, "meter features", OF13, OF13, Standard(11)),
    row(TableFeatures, "table features", OF13, OF13, Standard(12)),
    row(PortDesc, "port description", OF10, OF13, Standard(13)),
    row(FlowMonitor, "flow monitor", OF10, OF12, Extension(NICIRA, 2)),
    row(FlowMonitor, "flow monitor", OF13, OF13, Extension(ONF, 1870)),
    row(IpfixBridge, "IPFIX statistics of bridges", OF10, OF13, Extension(NICIRA, 3)),
    row(IpfixFlow, "IPFIX statistics of flows", OF10, OF13, Extension(NICIRA, 4)),
];

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
