//! Which packets a rule is for: a [`Match`].

mod sparse;
mod tunnel_option;

pub use tunnel_option::TunnelOption;

use crate::field::{Field, FieldError, Masking, Prerequisite, Source, wide_port};
use crate::key::display::{parts, write_list};
use crate::key::{FlowKey, Mac};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
pub(crate) use sparse::Words;

/// `vlan_vid`, bit 12: there is a tag (`OFPVID_PRESENT`, OpenFlow 1.3.5 §7.2.3.8).
const TAG_PRESENT: u16 = 0x1000;

/// A set of packets: those whose key has the bits of a value where a mask has ones.
///
/// Inside it is sparse: of the words of a key only those that matter are kept, so that most
/// matches take 200 bytes and no allocation. The value is zero where the mask is, so that two
/// matches are equal if they ask for the same.
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
    words: Words,
    /// What has no place in a key; rarely there.
    extra: Option<Box<Extra>>,
}

/// What a match asks for that has no place in a key, each list in ascending order.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Extra {
    options: Vec<TunnelOption>,
    opaque: Vec<Box<[u8]>>,
}

impl Match {
    /// Matches every packet, until it is told more.
    pub fn new() -> Self {
        Self::default()
    }

    /// The packets that agree with `value` in every bit that `mask` has.
    pub fn masked(value: &FlowKey, mask: &FlowKey) -> Self {
        Self { words: Words::from_keys(value, mask), extra: None }
    }

    /// What is asked for of keys.
    pub(crate) fn of_key(&self) -> &Words {
        &self.words
    }

    /// What is asked for, as a key; zero where the mask is.
    pub fn value(&self) -> FlowKey {
        self.words.expand().0
    }

    /// Which bits matter, as a key.
    pub fn mask(&self) -> FlowKey {
        self.words.expand().1
    }

    /// Is the packet with this key one of the set? What has no place in a key is not met by any:
    /// a switch gives [tunnel options](Self::tunnel_options) a place first.
    pub fn matches(&self, key: &FlowKey) -> bool {
        self.extra.is_none() && self.words.matches(key)
    }

    /// Does this match every packet that `other` matches? A non-strict change of the flow table
    /// concerns the rules that its match covers (OpenFlow 1.3.5 §6.4).
    pub fn covers(&self, other: &Self) -> bool {
        let has = |option: &TunnelOption| {
            other.tunnel_options().iter().any(|narrower| option.covers(narrower))
        };
        self.words.covers(&other.words)
            && self.tunnel_options().iter().all(has)
            && self.opaque_fields().iter().all(|field| other.opaque_fields().contains(field))
    }

    /// Can a packet match both? Of fields that nobody knows it is taken that one can.
    pub fn overlaps(&self, other: &Self) -> bool {
        let agrees = |option: &TunnelOption| {
            other.tunnel_options().iter().all(|second| option.overlaps(second))
        };
        self.words.overlaps(&other.words) && self.tunnel_options().iter().all(agrees)
    }

    /// The value and the mask of a field, both zero if it does not matter. `None` if it has no
    /// [position](Field::has_position).
    pub fn get(&self, field: Field) -> Option<(u128, u128)> {
        field.has_position().then(|| self.words.known(field))
    }

    /// How many bits of the key are asked for.
    pub fn n_bits(&self) -> u32 {
        self.words.n_bits()
    }

    /// The words of a key that are asked for, in ascending order: number, value and mask.
    pub(crate) fn words(&self) -> impl Iterator<Item = (usize, u64, u64)> + '_ {
        self.words.iter().map(|(index, pair)| (index, pair.value, pair.mask))
    }

    /// What is asked for of one word of a key.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words.pair(index).value
    }

    /// Which bits of one word of a key matter.
    pub(crate) fn mask_word(&self, index: usize) -> u64 {
        self.words.pair(index).mask
    }

    /// Is anything asked for that has no place in a key?
    pub(crate) fn has_extra(&self) -> bool {
        self.extra.is_some()
    }

    /// Options of tunnel headers that are asked for, by field.
    pub fn tunnel_options(&self) -> &[TunnelOption] {
        self.extra.as_ref().map_or(&[], |extra| &extra.options)
    }

    /// Fields that nobody knows, each as its bytes in the message: header, value and mask. A
    /// switch refuses them.
    pub fn opaque_fields(&self) -> &[Box<[u8]>] {
        self.extra.as_ref().map_or(&[], |extra| &extra.opaque)
    }

    /// The fields that matter, with value and mask, those first that others need. Of several
    /// fields that are views of one place, it is the one of OpenFlow 1.3 that fits the packet.
    pub fn fields(&self) -> impl Iterator<Item = (Field, u128, u128)> + '_ {
        let (value, mask) = self.words.expand();
        parts(value, mask, mask)
            .filter_map(|part| Some((part.field?, part.value.value, part.value.mask)))
    }

    /// Is a prerequisite met by all packets that this matches?
    ///
    /// Who takes fields from elsewhere asks this before adding each: of a complete match
    /// it can no longer be told whether `udp_src` or `tcp_src` was meant.
    pub fn meets(&self, prerequisite: Prerequisite) -> bool {
        prerequisite.holds_for(&self.words)
    }

    /// The first field that matters while not every packet of the match has it, and what the
    /// match should ask for.
    pub fn missing_prerequisite(&self) -> Option<(Field, Prerequisite)> {
        // That there is no tag may be said with all of its bits.
        let no_tag =
            |(value, mask): (u128, u128)| mask & u128::from(TAG_PRESENT) != 0 && value == 0;
        let is_untagged = self.get(Field::VlanTci).is_some_and(no_tag);
        let mut needs = self.fields().map(|(field, ..)| (field, field.prerequisite()));
        let met = |prerequisite| {
            self.meets(prerequisite) || is_untagged && prerequisite == Prerequisite::Vlan
        };
        needs.find(|(_, prerequisite)| !met(*prerequisite))
    }

    fn put(&mut self, field: Field, value: u128, mask: u128) {
        field.scatter(value, mask, |index, value, mask, region| {
            self.words.put(index, value, mask, region);
        });
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
        self.set(field, value, mask)?;
        Ok(self)
    }

    /// The same in place.
    ///
    /// # Errors
    ///
    /// Those of [`with_masked`](Self::with_masked); the match is as before then.
    pub fn set(&mut self, field: Field, value: u128, mask: u128) -> Result<(), FieldError> {
        field.check_width(value)?;
        let effective = mask & field.ones();
        if field.masking() == Masking::Exact && effective != 0 && effective != field.ones() {
            return Err(FieldError::NotMaskable { field, mask });
        }
        match field {
            // The same port with 32 bits: a match has all of them or none.
            Field::InPort16 if effective == 0 => self.put(Field::InPort, 0, 0),
            Field::InPort16 => {
                self.put(Field::InPort, wide_port(value as u16).into(), Field::InPort.ones());
            }
            _ => self.put(field, value, mask),
        }
        Ok(())
    }

    /// Does not ask for a field any more.
    pub fn remove(&mut self, field: Field) {
        self.put(if field == Field::InPort16 { Field::InPort } else { field }, 0, 0);
        if let Some(extra) = &mut self.extra {
            extra.options.retain(|option| option.field() != field);
            if **extra == Extra::default() {
                self.extra = None;
            }
        }
    }

    /// Asks for an option of the tunnel header; another value for the same field is replaced.
    pub fn with_tunnel_option(mut self, option: TunnelOption) -> Self {
        self.remove(option.field());
        let options = &mut self.extra.get_or_insert_default().options;
        let place = options.partition_point(|other| *other < option);
        options.insert(place, option);
        self
    }

    /// Asks for a field that nobody knows: its bytes in a message, header, value and mask.
    pub fn with_opaque_field(mut self, field: &[u8]) -> Self {
        let fields = &mut self.extra.get_or_insert_default().opaque;
        let place = fields.partition_point(|other| **other <= *field);
        fields.insert(place, field.into());
        self
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
        self.and(Field::EthSrc, u64::from(address.into()))
    }

    /// Packets with this Ethernet destination.
    pub fn eth_dst(self, address: impl Into<Mac>) -> Self {
        self.and(Field::EthDst, u64::from(address.into()))
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

/// `field=value` or `field=value/mask` with commas between; `any` without fields.
impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, mask) = self.words.expand();
        let Some(extra) = &self.extra else {
            return write_list(f, parts(value, mask, mask), "any");
        };
        let mut separator = "";
        if self.words != Words::default() {
            write_list(f, parts(value, mask, mask), "any")?;
            separator = ",";
        }
        for option in &extra.options {
            write!(f, "{separator}{}=0x", option.field())?;
            option.value().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            if let Some(mask) = option.mask() {
                f.write_str("/0x")?;
                mask.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            }
            separator = ",";
        }
        for field in &extra.opaque {
            write!(f, "{separator}field=0x")?;
            field.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            separator = ",";
        }
        Ok(())
    }
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Match({self})")
    }
}

#[cfg(test)]
mod tests;
