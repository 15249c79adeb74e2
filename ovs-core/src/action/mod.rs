//! What is done with a packet: [`Action`] and [`Instructions`].
//!
//! One vocabulary for all versions of OpenFlow and for the extensions that Nicira made for Open
//! vSwitch: messages carry it, rules hold it, text prints it. Numbers are in host byte order.
//!
//! ```
//! use ovs_core::action::{Action, Instructions};
//! use ovs_core::field::Field;
//! use ovs_core::PortNo;
//!
//! let rewrite = Action::set_field(Field::EthDst, 0x0200_0000_0001)?;
//! let instructions = Instructions::apply([rewrite, Action::output(PortNo(2))]);
//! assert_eq!(instructions.applied().len(), 2);
//! # Ok::<(), ovs_core::field::FieldError>(())
//! ```

mod conntrack;
mod encap;
mod error;
mod instruction;
mod learn;
mod punt;
mod select;
mod subfield;

pub use conntrack::{AddressRange, Ct, CtFlags, CtZone, Nat, NatFlags};
pub use encap::{Encap, EncapProperty, PacketType};
pub use error::{ActionError, ActionList};
pub use instruction::{Instructions, Metadata};
pub use learn::{Learn, LearnDestination, LearnFlags, LearnLimit, LearnSource, LearnSpec};
pub use punt::{Controller, PacketInReason, Sample, SampleDirection};
pub use select::{Bundle, BundleAlgorithm, HashFields, Multipath, MultipathAlgorithm};
pub use subfield::{Subfield, SubfieldError};

use crate::field::{Field, FieldError};
use crate::group::GroupId;
use crate::key::Mac;
use crate::matching::TunnelOption;
use crate::port::{PortNo, QueueId, TableId};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

/// One thing that is done with a packet.
///
/// Behind each stand its sources: the action of OpenFlow 1.3.5 §7.2.5, or its name in
/// ovs-actions(7). Those that OpenFlow 1.0 and 1.1 have instead of a set-field are kept apart
/// from it, as Open vSwitch does; [`assignment`](Action::assignment) tells what they set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    // Where the packet goes.
    /// A copy leaves by a port (`OFPAT_OUTPUT`).
    Output {
        /// The port; it may be one of the reserved ones.
        port: PortNo,
        /// To the controller: at most this many bytes of it, 65535 for all. Of other ports it
        /// means nothing.
        max_len: u16,
    },
    /// It goes through a group (`OFPAT_GROUP`).
    Group(GroupId),
    /// A copy goes to the controller, with more said than an output can
    /// (`controller`, `NXAST_CONTROLLER` and `NXAST_CONTROLLER2`).
    Controller(Box<Controller>),
    /// A copy leaves by a port, by one of its queues (`OFPAT_ENQUEUE` of OpenFlow 1.0).
    Enqueue {
        /// The port.
        port: PortNo,
        /// The queue.
        queue: QueueId,
    },
    /// A copy leaves by the port whose number is in a field (`output:SRC`, `NXAST_OUTPUT_REG`).
    OutputField {
        /// Where the number is.
        source: Subfield,
        /// To the controller: at most this many bytes.
        max_len: u16,
    },
    /// A copy leaves by a port, cut off behind some bytes (`output(port=…,max_len=…)`,
    /// `NXAST_OUTPUT_TRUNC`).
    OutputTruncated {
        /// The port.
        port: PortNo,
        /// Bytes that are left of the frame, from 14 on.
        max_len: u32,
    },
    /// A copy leaves by one of several ports, or the choice is written into a field
    /// (`bundle`, `bundle_load`).
    Bundle(Box<Bundle>),

    // Changes of the packet.
    /// A field gets a value (`OFPAT_SET_FIELD`).
    SetField {
        /// The field.
        field: Field,
        /// Its value, within the field's bits; zero where the mask is.
        value: u128,
        /// The bits that change: [`Field::ones`] for all.
        mask: u128,
    },
    /// The same in the form of `NXAST_REG_LOAD2`.
    Load2 {
        /// The field.
        field: Field,
        /// Its value, within the field's bits; zero where the mask is.
        value: u128,
        /// The bits that change.
        mask: u128,
    },
    /// An option of the tunnel header gets a value.
    SetTunnelOption(Box<TunnelOption>),
    /// A part of a field gets a value (`load`, `NXAST_REG_LOAD`).
    Load {
        /// The part, of at most 64 bits.
        destination: Subfield,
        /// The value, within the part's bits.
        value: u64,
    },
    /// A part of a field is copied to a part of another (`move`, `NXAST_REG_MOVE`).
    Move {
        /// Where from.
        source: Subfield,
        /// Where to: as many bits.
        destination: Subfield,
    },
    /// The same in the form of `ONFACT_COPY_FIELD` of OpenFlow 1.3, `OFPAT_COPY_FIELD` of 1.5.
    CopyField {
        /// Where from.
        source: Subfield,
        /// Where to: as many bits.
        destination: Subfield,
    },
    /// A part of a field is put onto the stack (`push`, `NXAST_STACK_PUSH`).
    StackPush(Subfield),
    /// A part of a field gets what is taken from the stack (`pop`, `NXAST_STACK_POP`).
    StackPop(Subfield),
    /// An option of the tunnel header is taken off (`delete_field`, `NXAST_DELETE_FIELD`).
    DeleteField(Field),
    /// The VLAN id is set (`OFPAT_SET_VLAN_VID`). In OpenFlow 1.0 a packet without a tag gets one.
    SetVlanVid(u16),
    /// The VLAN priority is set (`OFPAT_SET_VLAN_PCP`), likewise.
    SetVlanPcp(u8),
    /// A VLAN tag with this Ethernet type is put on (`OFPAT_PUSH_VLAN`).
    PushVlan(u16),
    /// The outermost VLAN tag is taken off (`OFPAT_POP_VLAN`).
    PopVlan,
    /// The same in OpenFlow 1.0 (`OFPAT_STRIP_VLAN`), where a packet may have none.
    StripVlan,
    /// `OFPAT_SET_DL_SRC` of OpenFlow 1.0.
    SetEthSrc(Mac),
    /// `OFPAT_SET_DL_DST` of OpenFlow 1.0.
    SetEthDst(Mac),
    /// `OFPAT_SET_NW_SRC` of OpenFlow 1.0.
    SetIpv4Src(Ipv4Addr),
    /// `OFPAT_SET_NW_DST` of OpenFlow 1.0.
    SetIpv4Dst(Ipv4Addr),
    /// `OFPAT_SET_NW_TOS` of OpenFlow 1.0: the DSCP in the upper six bits of the byte, the lower
    /// two are zero.
    SetIpTos(u8),
    /// `OFPAT_SET_NW_ECN` of OpenFlow 1.1: 0 to 3.
    SetIpEcn(u8),
    /// The time to live is set (`OFPAT_SET_NW_TTL`).
    SetIpTtl(u8),
    /// `OFPAT_SET_TP_SRC` of OpenFlow 1.0.
    SetTpSrc(u16),
    /// `OFPAT_SET_TP_DST` of OpenFlow 1.0.
    SetTpDst(u16),
    /// The time to live is one less; if there is none left, the packet goes to the controllers
    /// instead (`OFPAT_DEC_NW_TTL`, `NXAST_DEC_TTL_CNT_IDS`).
    DecIpTtl {
        /// The ids of these controllers; empty: id 0.
        controllers: Vec<u16>,
    },
    /// The time to live is copied from the inner to the outermost header (`OFPAT_COPY_TTL_OUT`).
    CopyTtlOut,
    /// The time to live is copied from the outermost header to the next (`OFPAT_COPY_TTL_IN`).
    CopyTtlIn,
    /// An MPLS label stack entry is put on; the Ethernet type becomes this (`OFPAT_PUSH_MPLS`). The first one of a packet
    /// has label 0, class 0, and the time to live of IP, else 0 (OpenFlow 1.3.5 §5.12.1; Open vSwitch takes the class
    /// from the DSCP, 2 as the label over IPv6, and 64 where there is no IP): set them.
    PushMpls(u16),
    /// The outermost MPLS label stack entry is taken off; the Ethernet type becomes this
    /// (`OFPAT_POP_MPLS`).
    PopMpls(u16),
    /// `OFPAT_SET_MPLS_LABEL` of OpenFlow 1.1: 20 bits.
    SetMplsLabel(u32),
    /// `OFPAT_SET_MPLS_TC` of OpenFlow 1.1: 3 bits.
    SetMplsTc(u8),
    /// The time to live of the outermost label is set (`OFPAT_SET_MPLS_TTL`).
    SetMplsTtl(u8),
    /// It is one less (`OFPAT_DEC_MPLS_TTL`).
    DecMplsTtl,
    /// A provider backbone service tag is put on (`OFPAT_PUSH_PBB`).
    PushPbb(u16),
    /// It is taken off (`OFPAT_POP_PBB`).
    PopPbb,
    /// A header is put around the packet (`encap`, `NXAST_ENCAP`).
    Encap(Box<Encap>),
    /// The outermost header is taken off (`decap`, `NXAST_DECAP`), and what follows is of that
    /// type, if it is said.
    Decap(Option<PacketType>),
    /// The time to live of the network service header is one less (`dec_nsh_ttl`).
    DecNshTtl,

    // What is known of the packet.
    /// The tunnel key for when it leaves by a tunnel (`set_tunnel`, `NXAST_SET_TUNNEL`; a larger
    /// one or one that `wide` asks for is `set_tunnel64`).
    SetTunnel {
        /// The key.
        id: u64,
        /// Write it with 64 bits even if it has at most 32.
        wide: bool,
    },
    /// The queue for when it leaves by a port (`OFPAT_SET_QUEUE`).
    SetQueue(QueueId),
    /// The queue is again what it was at first (`pop_queue`).
    PopQueue,
    /// When a TCP connection of this rule ends, the rule's timeouts become shorter
    /// (`fin_timeout`, `NXAST_FIN_TIMEOUT`).
    FinTimeout {
        /// The idle timeout is at most this, in seconds; 0 leaves it.
        idle: u16,
        /// The hard timeout is at most this, in seconds; 0 leaves it.
        hard: u16,
    },
    /// A bit tells whether the frame is larger than this (`check_pkt_larger`).
    CheckPacketLarger {
        /// Bytes.
        length: u16,
        /// The bit.
        destination: Subfield,
    },
    /// A path is chosen by a hash and its number written into a field (`multipath`).
    Multipath(Box<Multipath>),

    // Tables.
    /// The packet is looked up in a table, and what is found there is done
    /// (`resubmit`, `NXAST_RESUBMIT`, `NXAST_RESUBMIT_TABLE`).
    Resubmit {
        /// The port that it is taken to come from; [`PortNo::IN_PORT`] for its own.
        port: PortNo,
        /// The table; `None` for the one it is in.
        table: Option<TableId>,
        /// With the addresses of the connection's original direction in its fields
        /// (`NXAST_RESUBMIT_TABLE_CT`).
        with_ct: bool,
    },
    /// A rule is made of the packet (`learn`).
    Learn(Box<Learn>),
    /// This rule is one dimension of a conjunctive match (`conjunction`).
    Conjunction {
        /// The conjunction.
        id: u32,
        /// Which dimension, from 0 on.
        clause: u8,
        /// How many there are: 2 to 64.
        n_clauses: u8,
    },
    /// Actions that change a copy of the packet (`clone`).
    Clone(Vec<Action>),
    /// Nothing of the following is done (`exit`).
    Exit,

    // Others.
    /// The packet goes through the connection tracker (`ct`).
    Ct(Box<Ct>),
    /// In a `ct`: translates addresses (`nat`).
    Nat(Box<Nat>),
    /// What the connection tracker said is forgotten (`ct_clear`).
    CtClear,
    /// Some packets are reported to a collector (`sample`).
    Sample(Box<Sample>),
    /// Does nothing (`note`); the bytes mean something to who made the rule.
    Note(Box<[u8]>),
    /// An action that neither the specification nor Open vSwitch defines, as its bytes in the
    /// message, its header included. A switch refuses it.
    Opaque(Box<[u8]>),
}

impl Action {
    /// A copy leaves by a port; to the controller, the whole packet.
    pub fn output(port: impl Into<PortNo>) -> Self {
        let port = port.into();
        Self::Output { port, max_len: if port == PortNo::CONTROLLER { u16::MAX } else { 0 } }
    }

    /// A field gets a value.
    ///
    /// # Errors
    ///
    /// If the value has more bits than the field, or the field has no position in a key (for
    /// those see [`SetTunnelOption`](Self::SetTunnelOption)). Whether an action may change the field
    /// is not asked: that depends on who is to do it.
    pub fn set_field(field: Field, value: u128) -> Result<Self, FieldError> {
        Self::set_field_masked(field, value, field.ones())
    }

    /// Those bits of a field get a value that `mask` has.
    ///
    /// # Errors
    ///
    /// Those of [`set_field`](Self::set_field).
    pub fn set_field_masked(field: Field, value: u128, mask: u128) -> Result<Self, FieldError> {
        field.check_width(value)?;
        let mask = mask & field.ones();
        Ok(Self::SetField { field, value: value & mask, mask })
    }

    /// The field, value and mask that an action sets which does no more than that, whatever its
    /// form. `None` also of bits behind the first 128, which only tunnel options have.
    pub fn assignment(&self) -> Option<(Field, u128, u128)> {
        let (field, value) = match *self {
            Self::SetField { field, value, mask } | Self::Load2 { field, value, mask } => {
                return Some((field, value, mask));
            }
            Self::Load { destination, value } => {
                if destination.start() + destination.n_bits() > 128 {
                    return None;
                }
                let mask = destination.mask();
                return Some((destination.field(), u128::from(value) << destination.start(), mask));
            }
            Self::SetEthSrc(mac) => (Field::EthSrc, u64::from(mac).into()),
            Self::SetEthDst(mac) => (Field::EthDst, u64::from(mac).into()),
            Self::SetIpv4Src(address) => (Field::Ipv4Src, u32::from(address).into()),
            Self::SetIpv4Dst(address) => (Field::Ipv4Dst, u32::from(address).into()),
            Self::SetIpTos(tos) => (Field::IpDscp, u128::from(tos >> 2)),
            Self::SetIpEcn(ecn) => (Field::IpEcn, ecn.into()),
            Self::SetIpTtl(ttl) => (Field::IpTtl, ttl.into()),
            Self::SetMplsLabel(label) => (Field::MplsLabel, label.into()),
            Self::SetMplsTc(tc) => (Field::MplsTc, tc.into()),
            Self::SetMplsTtl(ttl) => (Field::MplsTtl, ttl.into()),
            Self::SetTunnel { id, .. } => (Field::TunId, id.into()),
            _ => return None,
        };
        Some((field, value, field.ones()))
    }

    /// May it stand in an action set, which is done when the pipeline has ended, and in a bucket
    /// (OpenFlow 1.3.5 §5.10; of Nicira's actions those that Open vSwitch takes there)?
    pub fn fits_action_set(&self) -> bool {
        !matches!(
            self,
            Self::Bundle(_)
                | Self::CheckPacketLarger { .. }
                | Self::Clone(_)
                | Self::Conjunction { .. }
                | Self::Controller(_)
                | Self::DeleteField(_)
                | Self::Enqueue { .. }
                | Self::Exit
                | Self::FinTimeout { .. }
                | Self::Learn(_)
                | Self::Multipath(_)
                | Self::Note(_)
                | Self::OutputField { .. }
                | Self::OutputTruncated { .. }
                | Self::PopQueue
                | Self::Sample(_)
                | Self::StackPop(_)
                | Self::StackPush(_)
        )
    }
}
