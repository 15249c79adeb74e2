//! Which packets a rule is for: a [`Match`].

use crate::field::{Field, FieldError, Masking, Prerequisite, wide_port};
use crate::key::display::{parts, write_list};
use crate::key::{FlowKey, Mac};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// `vlan_vid`, bit 12: there is a tag (`OFPVID_PRESENT`, OpenFlow 1.3.5 §7.2.3.8).
const TAG_PRESENT: u16 = 0x1000;

/// A set of packets: those whose key has the bits of `value` where `mask` has ones.
///
/// The value is zero where the mask is, so that two matches are equal if they have the same
/// mask and ask for the same.
///
/// ```
/// use ovs_core::field::Field;
/// use ovs_core::matching::Match;
///
/// let web = Match::new()
///     .eth_type(0x0800)
///     .ipv4_dst("10.0.0.0".parse()?, 8)
///     .ip_proto(6)
///     .with_masked(Field::TcpDst, 80, 0xfffe)?;
/// assert_eq!(web.to_string(), "eth_type=0x0800,ip_dst=10.0.0.0/8,nw_proto=6,tcp_dst=80/0xfffe");
/// assert_eq!(web.missing_prerequisite(), None);
/// assert!(Match::new().eth_type(0x0800).covers(&web));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Match {
    value: FlowKey,
    mask: FlowKey,
}

impl Match {
    /// Matches every packet, until it is told more.
    pub fn new() -> Self {
        Self::default()
    }

    /// The packets that agree with `value` in every bit that `mask` has.
    pub fn masked(value: &FlowKey, mask: &FlowKey) -> Self {
        Self { value: value.masked(mask), mask: *mask }
    }

    /// What is asked for; zero where the mask is.
    pub fn value(&self) -> &FlowKey {
        &self.value
    }

    /// Which bits matter.
    pub fn mask(&self) -> &FlowKey {
        &self.mask
    }

    /// Is the packet with this key one of the set?
    pub fn matches(&self, key: &FlowKey) -> bool {
        key.matches(&self.value, &self.mask)
    }

    /// Does this match every packet that `other` matches? A non-strict change of the flow table
    /// concerns the rules that its match covers (OpenFlow 1.3.5 §6.4).
    pub fn covers(&self, other: &Self) -> bool {
        self.mask.masked(&other.mask) == self.mask && other.value.matches(&self.value, &self.mask)
    }

    /// Can a packet match both?
    pub fn overlaps(&self, other: &Self) -> bool {
        self.value.matches(&other.value, &self.mask.masked(&other.mask))
    }

    /// The value and the mask of a field, both zero if it does not matter. `None` if it has no
    /// [position](Field::has_position).
    pub fn get(&self, field: Field) -> Option<(u128, u128)> {
        Some((field.get(&self.value)?, field.get(&self.mask)?))
    }

    /// The fields that matter, with value and mask, those first that others need. Of several
    /// fields that are views of one place, it is the one of OpenFlow 1.3 that fits the packet.
    pub fn fields(&self) -> impl Iterator<Item = (Field, u128, u128)> + '_ {
        let parts = parts(&self.value, &self.mask, &self.mask);
        parts.filter_map(|part| Some((part.field?, part.value.value, part.value.mask)))
    }

    /// Is a prerequisite met by all packets that this matches?
    ///
    /// Who takes fields from elsewhere asks this before adding each: of a complete match
    /// it can no longer be told whether `udp_src` or `tcp_src` was meant.
    pub fn meets(&self, prerequisite: Prerequisite) -> bool {
        prerequisite.holds_for(&self.value, &self.mask)
    }

    /// The first field that matters while not every packet of the match has it, and what the
    /// match should ask for.
    pub fn missing_prerequisite(&self) -> Option<(Field, Prerequisite)> {
        let mut needs = self.fields().map(|(field, ..)| (field, field.prerequisite()));
        needs.find(|(_, prerequisite)| !self.meets(*prerequisite))
    }

    fn put(&mut self, field: Field, value: u128, mask: u128) {
        field.put(&mut self.value, value & mask, u128::MAX);
        field.put(&mut self.mask, mask, u128::MAX);
    }
}

/// Adding fields; one that is there already is replaced.
impl Match {
    /// Asks for a value of a field.
    ///
    /// # Errors
    ///
    /// The value has more bits than the field, or the field has no position in a key.
    pub fn with(self, field: Field, value: u128) -> Result<Self, FieldError> {
        self.with_masked(field, value, field.ones())
    }

    /// Asks for those bits of a field's value that `mask` has; for none if it is zero. What the
    /// mask has beyond the field's bits does not count, as in Open vSwitch.
    ///
    /// # Errors
    ///
    /// The field cannot be masked so, the value has more bits than the field, or the field has
    /// no position in a key.
    pub fn with_masked(
        mut self,
        field: Field,
        value: u128,
        mask: u128,
    ) -> Result<Self, FieldError> {
        field.check_width(value)?;
        let effective = mask & field.ones();
        if field.masking() == Masking::Exact && effective != 0 && effective != field.ones() {
            return Err(FieldError::NotMaskable { field, mask });
        }
        if field == Field::InPort16 && mask != 0 {
            return Ok(self.in_port(wide_port(value as u16)));
        }
        self.put(field, value, mask);
        Ok(self)
    }

    /// Asks for a field that has a position, a value that fits, and a mask that it may have.
    fn and(mut self, field: Field, value: impl Into<u128>) -> Self {
        self.put(field, value.into(), field.ones());
        self
    }

    /// Packets that came in by this port.
    pub fn in_port(self, port: impl Into<u32>) -> Self {
        self.and(Field::InPort, port.into())
    }

    /// Packets with this Ethernet source.
    pub fn eth_src(self, address: impl Into<Mac>) -> Self {
        self.and(Field::EthSrc, mac_number(address.into()))
    }

    /// Packets with this Ethernet destination.
    pub fn eth_dst(self, address: impl Into<Mac>) -> Self {
        self.and(Field::EthDst, mac_number(address.into()))
    }

    /// Packets with this Ethernet type, behind VLAN tags: 0x0800 is IPv4.
    pub fn eth_type(self, eth_type: u16) -> Self {
        self.and(Field::EthType, eth_type)
    }

    /// Packets with a VLAN tag of this id; of `id` the lower 12 bits count.
    pub fn vlan_vid(self, id: u16) -> Self {
        self.and(Field::VlanVid, TAG_PRESENT | id)
    }

    /// Packets without a VLAN tag.
    pub fn untagged(self) -> Self {
        self.and(Field::VlanVid, 0u16)
    }

    /// Packets with this IP protocol: 6 is TCP. Needs an [`eth_type`](Self::eth_type).
    pub fn ip_proto(self, protocol: u8) -> Self {
        self.and(Field::IpProto, protocol)
    }

    /// IPv4 packets from these addresses; a `prefix` of more than 32 bits is 32.
    pub fn ipv4_src(self, address: Ipv4Addr, prefix: u8) -> Self {
        self.prefix(Field::Ipv4Src, address.to_bits().into(), prefix)
    }

    /// IPv4 packets to these addresses; a `prefix` of more than 32 bits is 32.
    pub fn ipv4_dst(self, address: Ipv4Addr, prefix: u8) -> Self {
        self.prefix(Field::Ipv4Dst, address.to_bits().into(), prefix)
    }

    /// IPv6 packets from these addresses; a `prefix` of more than 128 bits is 128.
    pub fn ipv6_src(self, address: Ipv6Addr, prefix: u8) -> Self {
        self.prefix(Field::Ipv6Src, address.to_bits(), prefix)
    }

    /// IPv6 packets to these addresses; a `prefix` of more than 128 bits is 128.
    pub fn ipv6_dst(self, address: Ipv6Addr, prefix: u8) -> Self {
        self.prefix(Field::Ipv6Dst, address.to_bits(), prefix)
    }

    fn prefix(mut self, field: Field, value: u128, prefix: u8) -> Self {
        let free = field.n_bits().saturating_sub(prefix.into());
        let mask = field.ones() & u128::MAX.checked_shl(free.into()).unwrap_or(0);
        self.put(field, value, mask);
        self
    }

    /// TCP segments from this port. Needs [`ip_proto`](Self::ip_proto) 6.
    pub fn tcp_src(self, port: u16) -> Self {
        self.and(Field::TcpSrc, port)
    }

    /// TCP segments to this port. Needs [`ip_proto`](Self::ip_proto) 6.
    pub fn tcp_dst(self, port: u16) -> Self {
        self.and(Field::TcpDst, port)
    }

    /// UDP datagrams from this port. Needs [`ip_proto`](Self::ip_proto) 17.
    pub fn udp_src(self, port: u16) -> Self {
        self.and(Field::UdpSrc, port)
    }

    /// UDP datagrams to this port. Needs [`ip_proto`](Self::ip_proto) 17.
    pub fn udp_dst(self, port: u16) -> Self {
        self.and(Field::UdpDst, port)
    }
}

fn mac_number(Mac([a, b, c, d, e, f]): Mac) -> u64 {
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

/// `field=value` or `field=value/mask` with commas between; `any` without fields.
impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, parts(&self.value, &self.mask, &self.mask), "any")
    }
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Match({self})")
    }
}

/// Placeholder until the sparse match is here: see its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TunnelOption;

#[cfg(test)]
mod tests;
