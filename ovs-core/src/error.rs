//! Why a switch refuses what it is asked for.

use crate::action::{ActionError, ActionList};
use crate::field::Field;
use crate::group::{GroupError, GroupId};
use crate::matching::Match;
use crate::meter::MeterId;
use crate::port::{PortNo, TableId};
use alloc::boxed::Box;
use alloc::string::String;

/// Why a switch refused a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A port has no name.
    #[error("a port needs a name")]
    NamelessPort,
    /// Another port has this name.
    #[error("there is a port named {0:?} already")]
    NameTaken(String),
    /// Another port has this number.
    #[error("port number {0} is taken")]
    NumberTaken(PortNo),
    /// No port can have this number.
    #[error("port number {0} is not between 1 and {max}", max = PortNo::MAX.0)]
    InvalidNumber(PortNo),
    /// There are as many ports as the configuration allows.
    #[error("the switch has {0} ports, and no room for more")]
    TooManyPorts(usize),
    /// There is no such port.
    #[error("there is no port {0}")]
    NoSuchPort(PortNo),
    /// There are as many rules as the configuration allows.
    #[error("the table has {0} rules, and no room for more")]
    TableFull(usize),
    /// Nothing can have this number.
    #[error("there is no table {0}")]
    NoSuchTable(TableId),
    /// A rule was not to overlap another, and does.
    #[error(
        "table {table} has a rule of the same priority {priority} that a packet can match too: {other}"
    )]
    Overlap {
        /// The table.
        table: TableId,
        /// The priority of both.
        priority: u16,
        /// What the other rule matches.
        other: Box<Match>,
    },
    /// A rule has flags that are not defined.
    #[error("a rule cannot have the flags {0:#06x}")]
    UnknownFlags(u16),
    /// Rules for when the connection to the controller is lost are not supported (OpenFlow 1.0).
    #[error("this switch does not support emergency rules{}", if *.has_timeout { ", and they cannot have timeouts" } else { "" })]
    EmergencyRule {
        /// The rule has a timeout, which it could not have anyway.
        has_timeout: bool,
    },
    /// A match is on a field that nobody knows: its bytes in the message.
    #[error("a match is on an unknown field: {0:02x?}")]
    UnknownMatchField(Box<[u8]>),
    /// A match is on a tunnel option that has no place in the TLV table.
    #[error("{0} is not mapped to a tunnel option")]
    UnmappedField(Field),
    /// A rule has an instruction that is not defined.
    #[error("a rule has an unknown instruction{}", if *.experimenter { " of an experimenter" } else { "" })]
    UnknownInstruction {
        /// It is an experimenter's.
        experimenter: bool,
    },
    /// A packet goes on only in a table with a higher number.
    #[error("a rule in table {from} cannot go to table {to}")]
    InvalidGoto {
        /// The rule's table.
        from: TableId,
        /// The one that it names.
        to: TableId,
    },
    /// There is no such meter.
    #[error("there is no meter {0}")]
    NoSuchMeter(MeterId),
    /// An action makes no sense.
    #[error("{list} action {index}, counted from 0: {error}")]
    Action {
        /// The list that it is in.
        list: ActionList,
        /// Its place in the list. Of an action in another, the place of the outermost.
        index: usize,
        /// What is wrong with it.
        error: ActionError,
    },
    /// No meter can have this number.
    #[error("no meter can have number {0}")]
    InvalidMeter(MeterId),
    /// There is a meter of this number already.
    #[error("there is a meter {0} already")]
    MeterExists(MeterId),
    /// There is no meter of this number to be changed.
    #[error("there is no meter {0}")]
    UnknownMeter(MeterId),
    /// A meter measures in no way, in two ways, or in one that nobody knows.
    #[error("flags {0:#x} do not say how a meter measures")]
    BadMeterFlags(u16),
    /// A band of a meter has no rate.
    #[error("a band of a meter needs a rate above 0")]
    BadRate,
    /// A band is to raise the drop precedence by more than there is.
    #[error("a band can raise the drop precedence by 2 levels, not by {0}")]
    BadPrecedence(u8),
    /// A band of a meter is of a kind that nobody knows.
    #[error("a band of a meter is of an unknown kind")]
    UnknownBand,
    /// There are as many meters as the configuration allows.
    #[error("there are {0} meters, and no room for more")]
    TooManyMeters(usize),
    /// A meter has more bands than it may.
    #[error("a meter can have {0} bands, and no more")]
    TooManyBands(usize),
    /// A packet was asked for that is not kept: none is.
    #[error("there is no packet in buffer {0}")]
    UnknownBuffer(u32),
    /// A packet cannot be taken to come from this port.
    #[error("a packet cannot come in by port {0}")]
    InvalidInPort(PortNo),
    /// A packet is no Ethernet frame.
    #[error("a packet needs 14 bytes, and has {0}")]
    PacketTooShort(usize),
    /// The bridge has been taken out of its datapath.
    #[error("the bridge is gone")]
    NoSuchBridge,
    /// A group cannot be changed like that.
    #[error("group {group}: {error}")]
    Group {
        /// The group.
        group: GroupId,
        /// What is wrong with the change.
        error: GroupError,
    },
    /// More mirrors were asked for than there can be.
    #[error("there can be no more than 64 mirrors")]
    TooManyMirrors,
    /// Too many packets wait to be sent through the switch.
    #[error("too many packets wait to be sent through the switch")]
    TooManyPackets,
    /// Patch ports are of the same datapath, and have each other as their only peer.
    #[error("port {0} and port {1} cannot be joined")]
    CannotConnect(PortNo, PortNo),
    /// The switch cannot do that.
    #[error("this switch does not support {0}")]
    Unsupported(&'static str),
    /// A match on a field that the match does not make sure the packet has.
    #[error("a match on {field} needs one on {needed}")]
    MissingPrerequisite {
        /// The field.
        field: &'static str,
        /// What must be matched on with it.
        needed: &'static str,
    },
}

impl Error {
    /// The name that the error has in OpenFlow (1.3.5 §7.4.4), or that Open vSwitch has for one of
    /// Nicira's; where the two differ in a name, it is Open vSwitch's. `None`: no message of OpenFlow
    /// has it for an answer.
    pub fn code_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::NamelessPort
            | Self::NameTaken(_)
            | Self::NumberTaken(_)
            | Self::InvalidNumber(_)
            | Self::TooManyPorts(_)
            | Self::TooManyMirrors
            | Self::NoSuchBridge
            | Self::CannotConnect(..) => return None,
            Self::UnknownBuffer(_) => "OFPBRC_BUFFER_UNKNOWN",
            Self::InvalidInPort(_) => "OFPBRC_BAD_PORT",
            Self::PacketTooShort(_) => "OFPBRC_BAD_PACKET",
            Self::InvalidMeter(_) => "OFPMMFC_INVALID_METER",
            Self::MeterExists(_) => "OFPMMFC_METER_EXISTS",
            Self::UnknownMeter(_) => "OFPMMFC_UNKNOWN_METER",
            Self::BadMeterFlags(_) => "OFPMMFC_BAD_FLAGS",
            Self::BadRate => "OFPMMFC_BAD_RATE",
            Self::BadPrecedence(_) => "OFPMMFC_BAD_BAND_VALUE",
            Self::UnknownBand => "OFPMMFC_BAD_BAND",
            Self::TooManyMeters(_) => "OFPMMFC_OUT_OF_METERS",
            Self::TooManyBands(_) => "OFPMMFC_OUT_OF_BANDS",
            Self::TooManyPackets => "OFPBRC_EPERM",
            Self::NoSuchPort(_) => "OFPPMFC_BAD_PORT",
            Self::TableFull(_) => "OFPFMFC_TABLE_FULL",
            Self::NoSuchTable(_) => "OFPBRC_BAD_TABLE_ID",
            Self::Overlap { .. } => "OFPFMFC_OVERLAP",
            Self::UnknownFlags(_) => "OFPFMFC_BAD_FLAGS",
            Self::EmergencyRule { has_timeout: true } => "OFPFMFC_BAD_EMERG_TIMEOUT",
            // There is no better one.
            Self::EmergencyRule { has_timeout: false } => "OFPFMFC_TABLE_FULL",
            Self::UnknownMatchField(_) => "OFPBMC_BAD_FIELD",
            Self::UnmappedField(_) => "NXFMFC_INVALID_TLV_FIELD",
            Self::UnknownInstruction { experimenter: true } => "OFPBIC_BAD_EXPERIMENTER",
            Self::UnknownInstruction { experimenter: false } => "OFPBIC_UNKNOWN_INST",
            Self::InvalidGoto { .. } => "OFPBIC_BAD_TABLE_ID",
            Self::NoSuchMeter(_) => "OFPMMFC_INVALID_METER",
            Self::Action { error, .. } => error.code_name(),
            Self::Group { error, .. } => error.code_name(),
            Self::Unsupported(_) => "OFPBRC_EPERM",
            Self::MissingPrerequisite { .. } => "OFPBMC_BAD_PREREQ",
        })
    }
}
