//! The traits that everything plugs together by: a switch that is controlled, the forwarders
//! that move its frames, and the devices at its edge.

use crate::action::Action;
use crate::drops::Losses;
use crate::event::{BarrierToken, Continuation, Event};
use crate::flow::{FlowMod, Rule};
use crate::frame::{Batch, Frame, FramePool};
use crate::group::{Group, GroupMod, GroupStats};
use crate::key::Mac;
use crate::meter::{Meter, MeterMod, MeterStats};
use crate::pipeline::{FragmentHandling, in_datapath};
use crate::port::{PortConfig, PortInfo, PortNo, PortSpec, PortState, PortStats, TableId};
use crate::table::{Aggregate, RuleFilter, TableInfo, TableMod, TableSettings};
use crate::vlan::{Mirror, VlanConfig};
use crate::{Error, Instant};
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

    /// Says what time it is: what is asked for from then on, until a later time is told, happens then. So who
    /// keeps time by a clock that is not near zero polls before the first change. Does what is due, such as
    /// forgetting rules whose time is over, which nothing else does, and says when there is next something to do.
    fn poll(&mut self, now: Instant) -> Option<Instant>;
}

/// One change of a bundle (OpenFlow 1.4 §6.9; Nicira's and ONF's extensions bring it to earlier versions).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Of the flow tables.
    Flow(Box<FlowMod>),
    /// Of the groups.
    Group(GroupMod),
    /// Of the meters.
    Meter(MeterMod),
}

impl From<FlowMod> for Change {
    fn from(change: FlowMod) -> Self {
        Self::Flow(Box::new(change))
    }
}

impl From<GroupMod> for Change {
    fn from(change: GroupMod) -> Self {
        Self::Group(change)
    }
}

impl From<MeterMod> for Change {
    fn from(change: MeterMod) -> Self {
        Self::Meter(change)
    }
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
        let port = in_datapath(port);
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
