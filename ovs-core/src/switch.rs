//! The traits that everything plugs together by: a switch that is controlled, the forwarders
//! that move its frames, and the devices at its edge.

use crate::Instant;
use crate::action::{Action, ActionError, ActionList};
use crate::drops::Losses;
use crate::event::{BarrierToken, Continuation, Event};
use crate::field::Field;
use crate::flow::{FlowMod, Rule};
use crate::frame::{Batch, Frame, FramePool};
use crate::group::{Group, GroupMod, GroupStats};
use crate::group::{GroupError, GroupId};
use crate::key::Mac;
use crate::matching::Match;
use crate::meter::{Meter, MeterId, MeterMod, MeterStats};
use crate::pipeline::FragmentHandling;
use crate::port::{PortConfig, PortInfo, PortNo, PortSpec, PortState, PortStats, TableId};
use crate::table::{Aggregate, RuleFilter, TableInfo, TableMod, TableSettings};
use crate::vlan::{Mirror, VlanConfig};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// Control of a switch. Moving frames is the business of [`Forwarder`]s, or of hardware.
pub trait Switch {
    /// Adds a port.
    ///
    /// # Errors
    /// If the name or the number is taken or cannot be had, or there is no room for more ports.
    fn add_port(&mut self, spec: PortSpec) -> Result<PortNo, Error>;

    /// Removes a port, what was learned on it, and its statistics.
    ///
    /// # Errors
    /// If there is no such port.
    fn remove_port(&mut self, port: PortNo) -> Result<(), Error>;

    /// All ports, by number.
    fn ports(&self) -> Vec<PortInfo>;

    /// What went through a port.
    ///
    /// # Errors
    /// If there is no such port.
    fn port_stats(&self, port: PortNo) -> Result<PortStats, Error>;

    /// Changes what is said of a port: the bits of its configuration that `mask` has.
    ///
    /// # Errors
    /// If there is no such port.
    fn configure_port(
        &mut self,
        port: PortNo,
        config: PortConfig,
        mask: PortConfig,
    ) -> Result<(), Error>;

    /// Notes how a port is.
    ///
    /// # Errors
    /// If there is no such port.
    fn set_port_state(&mut self, port: PortNo, state: PortState) -> Result<(), Error>;

    /// Changes the flow tables. When it returns, each frame that is then handed to a forwarder
    /// meets the changed rules.
    ///
    /// # Errors
    /// If the rule makes no sense or the table is full; nothing is changed then.
    fn flow_mod(&mut self, change: FlowMod) -> Result<(), Error>;

    /// The rules asked for, by table, the highest priority first; [`RuleFilter::default`] for all.
    fn rules(&self, filter: &RuleFilter) -> Vec<Rule>;

    /// Sums over the rules asked for.
    fn aggregate(&self, filter: &RuleFilter) -> Aggregate;

    /// Changes a table, or all of them ([`TableId::ALL`]).
    ///
    /// # Errors
    /// If there is no such table.
    fn table_mod(&mut self, table: TableId, change: TableMod) -> Result<(), Error>;

    /// All tables.
    fn tables(&self) -> Vec<TableInfo>;

    /// Changes the groups. Rules that use one that goes go too.
    ///
    /// # Errors
    /// If the group makes no sense, or there is no room; nothing is changed then.
    fn group_mod(&mut self, change: GroupMod) -> Result<(), Error>;

    /// All groups.
    fn groups(&self) -> Vec<Group>;

    /// What went through each group.
    fn group_stats(&self) -> Vec<GroupStats>;

    /// Changes the meters. Rules that use one that goes go too.
    ///
    /// # Errors
    /// If the meter makes no sense, or there is no room; nothing is changed then.
    fn meter_mod(&mut self, change: MeterMod) -> Result<(), Error>;

    /// All meters.
    fn meters(&self) -> Vec<Meter>;

    /// What went through each meter.
    fn meter_stats(&self) -> Vec<MeterStats>;

    /// Makes several changes at once, or none: a packet meets all of them or none. Others go on
    /// meanwhile.
    ///
    /// # Errors
    /// The first change that is refused, by its place from 0 on, and why.
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), (usize, Error)>;

    /// Sends a packet through actions, or through the tables ([`PortNo::TABLE`]). It leaves when a forwarder
    /// next has its turn.
    ///
    /// # Errors
    /// If the actions make no sense, or too many packets wait.
    fn packet_out(&mut self, packet: PacketOut) -> Result<(), Error>;

    /// Lets a packet go on that an action stopped; its bytes may have been changed.
    ///
    /// # Errors
    /// If too many packets wait.
    fn resume(&mut self, continuation: Continuation, frame: Frame) -> Result<(), Error>;

    /// Asks to be told by an [event](Event::Barrier) when everything before is done, also for packets that
    /// were on their way.
    fn barrier(&mut self) -> BarrierToken;

    /// What there is to tell, the oldest first.
    fn next_event(&mut self) -> Option<Event>;

    /// Says what time it is: what was asked for before happened then. Does what is due, such as forgetting
    /// rules whose time is over, and says when there is next something to do.
    fn poll(&mut self, now: Instant) -> Option<Instant>;
}

/// One change of a bundle (OpenFlow 1.4 §6.9; Nicira's and ONF's extensions bring it to earlier versions).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Of the flow tables.
    Flow(FlowMod),
    /// Of the groups.
    Group(GroupMod),
    /// Of the meters.
    Meter(MeterMod),
}

/// A packet from a controller (OpenFlow 1.3.5 §7.3.7).
#[derive(Clone, Debug)]
pub struct PacketOut {
    /// The port that it is taken to come from; [`PortNo::CONTROLLER`] if from none.
    pub in_port: PortNo,
    /// What is done with it.
    pub actions: Vec<Action>,
    /// The packet.
    pub frame: Frame,
}

/// What a bridge has beyond OpenFlow.
pub trait Bridging {
    /// The learned addresses, by VLAN and address, that are not older than the aging time.
    fn macs(&self, now: Instant) -> Vec<LearnedMac>;

    /// Forgets all learned addresses.
    fn flush_macs(&mut self);

    /// Says which VLANs a port carries, and how.
    ///
    /// # Errors
    /// If there is no such port.
    fn set_vlan(&mut self, port: PortNo, config: VlanConfig) -> Result<(), Error>;

    /// Says which frames are copied to where: at most 64 mirrors.
    ///
    /// # Errors
    /// If there are more.
    fn set_mirrors(&mut self, mirrors: Vec<Mirror>) -> Result<(), Error>;

    /// Sets name, limit and eviction of a table. Rules that are too many for the limit go.
    ///
    /// # Errors
    /// If there is no such table.
    fn configure_table(&mut self, table: TableId, settings: TableSettings) -> Result<(), Error>;

    /// Says whether controllers get packets that no rule matches, in tables of which nothing else was said: so
    /// do those of OpenFlow before 1.3.
    fn tell_misses(&mut self, tell: bool);

    /// Says what is done with fragments.
    fn set_fragment_handling(&mut self, fragments: FragmentHandling);
}

/// An address that a bridge has learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedMac {
    /// VLAN id, 0 for frames without a tag.
    pub vlan: u16,
    /// The address.
    pub mac: Mac,
    /// The port behind which it is.
    pub port: PortNo,
    /// How long ago a frame came from it, to within a second.
    pub age: Duration,
}

/// Moves frames through a switch; each thread that does so has its own.
pub trait Forwarder {
    /// Forwards frames that came in by `port`, and empties `batch`: every frame is either
    /// given to `egress` or dropped and counted.
    fn process<E: Egress + ?Sized>(
        &mut self,
        now: Instant,
        port: PortNo,
        batch: &mut Batch,
        egress: &mut E,
    );

    /// Counts frames that a device lost before they could be processed.
    fn not_received(&mut self, port: PortNo, losses: &mut Losses);

    /// Takes back the counting of frames as sent that a device could not send.
    fn not_sent(&mut self, port: PortNo, losses: &mut Losses);

    /// Does what is due at `now`, such as forgetting old addresses or sending what a controller sent, and
    /// says when there is next something to do.
    fn poll<E: Egress + ?Sized>(&mut self, now: Instant, egress: &mut E) -> Option<Instant>;
}

/// Where a [`Forwarder`] puts frames.
pub trait Egress {
    /// Takes a frame that leaves by `port`.
    fn send(&mut self, port: PortNo, frame: Frame);

    /// A copy of a frame that leaves by several ports; one that has spare buffers saves an
    /// allocation here.
    fn copy(&mut self, frame: &Frame) -> Frame {
        frame.clone()
    }

    /// Takes back the buffer of a frame that goes nowhere.
    fn recycle(&mut self, frame: Frame) {
        drop(frame);
    }
}

/// A thing that frames come from and go to: a network interface, a file, a queue in memory.
pub trait Device {
    /// Appends frames that have come, in buffers from `pool`, until `batch` is full or no
    /// more are there; does not wait. What was lost since the last call goes into `losses`.
    ///
    /// # Errors
    /// If the device has failed for good; frames already appended are valid.
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError>;

    /// Sends the frames of `batch`, which are left there for their buffers to be used again,
    /// their content undefined. Does not wait: what finds no room is lost.
    ///
    /// # Errors
    /// If the device has failed for good; all frames not sent are in `losses` then too.
    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError>;
}

impl<D: Device + ?Sized> Device for Box<D> {
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        (**self).receive(batch, pool, losses)
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        (**self).send(batch, losses)
    }
}

/// Why a device has failed for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// It does not exist any more.
    #[error("the device is gone")]
    Gone,
    /// It has no more frames, and never will: the end of a file, or the other side hung up.
    #[error("the device has come to its end")]
    Ended,
    /// The operating system said so.
    #[error("{0}")]
    Other(String),
}

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

/// An [`Egress`] that keeps what it is given, for programs that fetch frames themselves and
/// for tests.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    sent: Vec<(PortNo, Frame)>,
}

impl Outbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frames that left by `port`, in order.
    pub fn frames(&self, port: PortNo) -> Vec<&Frame> {
        self.sent.iter().filter(|(to, _)| *to == port).map(|(_, frame)| frame).collect()
    }

    /// All frames with the port by which they left, in order.
    pub fn all(&self) -> &[(PortNo, Frame)] {
        &self.sent
    }

    /// Takes all frames out.
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = (PortNo, Frame)> + '_ {
        self.sent.drain(..)
    }
}

impl Egress for Outbox {
    fn send(&mut self, port: PortNo, frame: Frame) {
        self.sent.push((port, frame));
    }
}
