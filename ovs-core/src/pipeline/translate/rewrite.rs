//! Fields of the packet read, written and copied.

use super::regions::{behind_icmp, behind_ip_proto};
use super::{MAX_STACK, Stop, Walk};
use crate::action::{Action, Subfield};
use crate::drops::DropReason;
use crate::field::{Field, Prerequisite};
use crate::key::tracked::{Hidden, TrackedKey};
use crate::key::{FRAG_LATER, FlowKey};
use crate::port::{PortNo, QueueId};
use crate::trace::Step;

/// In a VLAN id or tag control information of a match: there is a tag.
const TAG_PRESENT: u128 = 0x1000;

/// Asks for a prerequisite, reading no more than that needs.
pub(super) fn has(key: &mut TrackedKey, prerequisite: Prerequisite) -> Result<bool, Hidden> {
    use Prerequisite as P;
    let holds = |key: &TrackedKey, prerequisite: P| prerequisite.holds(key.peek());
    match prerequisite {
        P::None | P::InPort => return Ok(true),
        P::Ethernet => key.get(Field::PacketType)?,
        P::Vlan => key.bits(Field::VlanVid, TAG_PRESENT)?,
        P::Mpls | P::Pbb | P::Nsh | P::Arp | P::Ipv4 | P::Ipv6 | P::Ip => {
            key.get(Field::EthType)?
        }
        P::Tcp | P::Udp | P::Sctp | P::Icmpv4 | P::Icmpv6 => {
            let network = match prerequisite {
                P::Icmpv4 => P::Ipv4,
                P::Icmpv6 => P::Ipv6,
                _ => P::Ip,
            };
            if !has(key, network)? {
                return Ok(false);
            }
            key.get(Field::IpProto)?;
            key.bits(Field::IpFrag, FRAG_LATER.into())?
        }
        P::Nd | P::NdSolicit | P::NdAdvert => {
            if !has(key, P::Icmpv6)? {
                return Ok(false);
            }
            key.get(Field::Icmpv6Type)?;
            key.get(Field::Icmpv6Code)?
        }
        P::Tracked => key.get(Field::CtState)?,
    };
    Ok(holds(key, prerequisite))
}

impl Walk<'_> {
    /// Sets those bits of a field that `mask` has, if the packet has the field.
    pub(super) fn set_field(&mut self, field: Field, value: u128, mask: u128) -> Result<(), Stop> {
        let tag = matches!(field, Field::VlanVid | Field::VlanTci | Field::VlanPcp);
        if !tag && !self.has(field.prerequisite())? {
            self.note(|| Step::HasNoField(field));
            return Ok(());
        }
        match field {
            Field::VlanVid | Field::VlanTci | Field::VlanPcp => {
                return self.set_tag(field, value, mask);
            }
            Field::InPort16 => {
                let kept = self.key.bits(field, !mask & field.ones())?;
                let port = crate::field::wide_port((kept | value & mask) as u16);
                self.key.set_in_port(port);
                return Ok(());
            }
            Field::EthType => {
                self.commit();
                self.key.set(field, value, mask);
                self.commit();
                self.key.hide(&super::regions::behind_eth_type());
                return Ok(());
            }
            Field::IpProto => {
                self.commit();
                self.key.set(field, value, mask);
                self.commit();
                self.key.hide(&behind_ip_proto());
                return Ok(());
            }
            Field::MplsBos => return self.set_bottom_of_stack(value & 1 != 0, mask & 1 != 0),
            _ => {}
        }
        self.key.set(field, value, mask);
        if matches!(field, Field::Icmpv6Type | Field::Icmpv6Code) {
            self.commit();
            self.key.hide(&behind_icmp());
        }
        Ok(())
    }

    /// The id or the priority of the outermost tag. The bit that says that there is one puts one on or
    /// takes it off.
    fn set_tag(&mut self, field: Field, value: u128, mask: u128) -> Result<(), Stop> {
        let has_tag = self.key.bits(Field::VlanVid, TAG_PRESENT)? != 0;
        let wants_tag = if field == Field::VlanPcp || mask & TAG_PRESENT == 0 {
            has_tag
        } else {
            value & TAG_PRESENT != 0
        };
        match (has_tag, wants_tag) {
            (false, false) => {
                self.note(|| Step::HasNoField(field));
                return Ok(());
            }
            (true, false) => return self.pop_vlan(),
            (false, true) => self.push_vlan_with(0x8100, 0)?,
            (true, true) => {}
        }
        // Bit 12 of the frame's tag is not the one that says that there is a tag.
        self.key.set(field, value, mask & !(if field == Field::VlanPcp { 0 } else { TAG_PRESENT }));
        Ok(())
    }

    /// `mod_vlan_vid` and `mod_vlan_pcp`, which put a tag on if there is none.
    pub(super) fn set_or_push_tag(&mut self, field: Field, value: u128) -> Result<(), Stop> {
        if self.key.bits(Field::VlanVid, TAG_PRESENT)? == 0 {
            self.push_vlan_with(0x8100, 0)?;
        }
        self.key.set(
            field,
            value,
            field.ones() & !(if field == Field::VlanPcp { 0 } else { TAG_PRESENT }),
        );
        Ok(())
    }

    /// `mod_tp_src` and `mod_tp_dst`: of TCP, UDP and SCTP.
    pub(super) fn set_transport(&mut self, fields: [Field; 3], value: u16) -> Result<(), Stop> {
        for field in fields {
            if self.has(field.prerequisite())? {
                return self.set_field(field, value.into(), field.ones());
            }
        }
        Ok(())
    }

    /// Copies some bits of a field to another, if the packet has both.
    pub(super) fn copy_bits(&mut self, from: Subfield, to: Subfield) -> Result<(), Stop> {
        let known =
            self.has(from.field().prerequisite())? && self.has(to.field().prerequisite())?;
        if !known {
            self.note(|| Step::HasNoField(to.field()));
            return Ok(());
        }
        let value = self.load(from)?;
        self.store(to, value)
    }

    /// Writes a part of a field.
    pub(super) fn store(&mut self, to: Subfield, value: u128) -> Result<(), Stop> {
        let mask = to.mask();
        let value = value.checked_shl(to.start().into()).unwrap_or(0) & mask;
        self.set_field(to.field(), value, mask)
    }

    pub(super) fn push_stack(&mut self, from: Subfield) -> Result<(), Stop> {
        if self.place.stack.len() >= MAX_STACK {
            return Err(Stop::Fault(DropReason::StackFull));
        }
        let value = self.load(from)?;
        self.place.stack.push((value, from.n_bits()));
        Ok(())
    }

    /// A value of fewer bits than are wanted is filled up with zeros, of one of more bits the lower ones
    /// are taken (ovs-actions(7), "The push and pop actions").
    pub(super) fn pop_stack(&mut self, to: Subfield) -> Result<(), Stop> {
        let Some((value, _)) = self.place.stack.last().copied() else {
            self.note(|| Step::StackEmpty);
            return Ok(());
        };
        self.store(to, value)?;
        self.place.stack.pop();
        Ok(())
    }

    /// Queues are told to the device by the packet's priority.
    pub(super) fn set_queue(&mut self, queue: QueueId) {
        self.key.set(Field::SkbPriority, queue.0.into(), Field::SkbPriority.ones());
    }

    /// Actions that set a field, whatever their form.
    pub(super) fn assign(&mut self, action: &Action) -> Result<(), Stop> {
        let Some((field, value, mask)) = action.assignment() else { return Ok(()) };
        self.set_field(field, value, mask)
    }

    /// The addresses and ports of the connection's original direction take the place of the packet's, for
    /// a lookup. `false` if it has none.
    pub(super) fn swap_connection(&mut self) -> Result<bool, Stop> {
        let proto = self.key.get(Field::CtNwProto)?;
        if proto == 0 || !self.has(Prerequisite::Ip)? {
            return Ok(false);
        }
        let addresses = if self.has(Prerequisite::Ipv4)? {
            [(Field::CtNwSrc, Field::Ipv4Src), (Field::CtNwDst, Field::Ipv4Dst)]
        } else {
            [(Field::CtIpv6Src, Field::Ipv6Src), (Field::CtIpv6Dst, Field::Ipv6Dst)]
        };
        let others = [
            (Field::CtNwProto, Field::IpProto),
            (Field::CtTpSrc, Field::TcpSrc),
            (Field::CtTpDst, Field::TcpDst),
        ];
        for (from, to) in addresses.into_iter().chain(others) {
            let value = self.key.get(from)?;
            self.key.set(to, value, to.ones());
        }
        Ok(true)
    }

    /// All bits that are not of the frame, for who is told them.
    pub(super) fn metadata(&mut self) -> Result<FlowKey, Stop> {
        let region = super::regions::metadata();
        self.key.read_all(&region)?;
        Ok(self.key.peek().masked(&region))
    }

    pub(super) fn in_port(&mut self) -> Result<PortNo, Stop> {
        Ok(PortNo(self.key.in_port()?))
    }
}
