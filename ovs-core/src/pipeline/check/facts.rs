//! What is known of the packets that come to an action.

use crate::action::{ActionError, Subfield};
use crate::field::{Field, Prerequisite};
use crate::key::FlowKey;
use crate::matching::Match;

/// More VLAN tags than these are in no key.
const MAX_TAGS: usize = 2;

/// What all packets have in common that come to an action, as the actions before it left them.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// `None`: nothing is asked, as for a bucket, to which any packet may come.
    known: Option<Match>,
    tags: usize,
    /// What an action cannot be done with, it is not done with (OpenFlow 1.0).
    lenient: bool,
}

impl Facts {
    pub(super) fn of_match(matching: &Match, lenient: bool) -> Self {
        let tags = matching.value().vlans.iter().filter(|tag| tag.is_present()).count();
        Self { known: Some(matching.clone()), tags, lenient }
    }

    pub(super) fn of_packet(key: &FlowKey, lenient: bool) -> Self {
        let mut mask = FlowKey::ZERO;
        mask.words_mut().fill(u64::MAX);
        Self::of_match(&Match::masked(key, &mask), lenient)
    }

    /// Whatever an action needs is there.
    pub(super) fn of_any_packet() -> Self {
        Self { known: None, tags: 0, lenient: true }
    }

    /// The same packets, with no regard to whether actions can be done with them.
    pub(super) fn lenient(&self) -> Self {
        Self { lenient: true, ..self.clone() }
    }

    pub(super) fn meets(&self, prerequisite: Prerequisite) -> bool {
        self.known.as_ref().is_none_or(|known| known.meets(prerequisite))
    }

    /// All bits of a field, if they are known.
    pub(super) fn exact(&self, field: Field) -> Option<u128> {
        let (value, mask) = self.known.as_ref()?.get(field)?;
        (mask == field.ones()).then_some(value)
    }

    /// Are these bits of a field known to be set?
    pub(super) fn has_bits(&self, field: Field, bits: u128) -> bool {
        let known = self.known.as_ref().and_then(|known| known.get(field));
        known.is_some_and(|(value, _)| value & bits == bits)
    }

    /// Is nothing asked?
    pub(super) fn are_open(&self) -> bool {
        self.known.is_none()
    }

    /// Every packet must have the field.
    pub(super) fn field(&self, field: Field) -> Result<(), ActionError> {
        let needed = field.prerequisite();
        let no_tag = field == Field::VlanVid && self.known.is_some() && self.tags == 0;
        match needed {
            // To set an id there must be a tag.
            _ if no_tag => {
                Err(ActionError::MissingPrerequisite { field, needed: Prerequisite::Vlan })
            }
            _ if self.meets(needed) => Ok(()),
            _ => Err(ActionError::MissingPrerequisite { field, needed }),
        }
    }

    /// Every packet must have what is read.
    pub(super) fn source(&self, source: Subfield) -> Result<(), ActionError> {
        let (field, needed) = (source.field(), source.field().prerequisite());
        if self.meets(needed) {
            Ok(())
        } else {
            Err(ActionError::MissingPrerequisite { field, needed })
        }
    }

    /// Every packet must have what is written, and it can be changed.
    pub(super) fn destination(&self, destination: Subfield) -> Result<(), ActionError> {
        self.source(destination)?;
        if destination.field().is_settable() {
            Ok(())
        } else {
            Err(ActionError::NotSettable(destination.field()))
        }
    }

    /// Every packet must be so, also in OpenFlow 1.0.
    pub(super) fn require(&self, needed: Prerequisite) -> Result<(), ActionError> {
        if self.meets(needed) { Ok(()) } else { Err(ActionError::Inconsistent(needed)) }
    }

    /// Every packet should be one of these.
    pub(super) fn expect(&self, any_of: &[Prerequisite]) -> Result<(), ActionError> {
        let met = self.lenient || any_of.iter().any(|prerequisite| self.meets(*prerequisite));
        match any_of.first() {
            Some(first) if !met => Err(ActionError::Inconsistent(*first)),
            _ => Ok(()),
        }
    }

    /// A tag is put on.
    pub(super) fn push_vlan(&mut self) -> Result<(), ActionError> {
        if self.tags >= MAX_TAGS {
            return Err(ActionError::TooManyTags);
        }
        self.set_tags(self.tags + 1);
        Ok(())
    }

    /// A tag is taken off, if there is one.
    pub(super) fn pop_vlan(&mut self) {
        self.set_tags(self.tags.saturating_sub(1));
    }

    /// There is a tag, or none.
    pub(super) fn set_tagged(&mut self, tagged: bool) {
        let others = self.tags.saturating_sub(1);
        self.set_tags(if tagged { others + 1 } else { others });
    }

    fn set_tags(&mut self, tags: usize) {
        self.tags = tags;
        let vid = if tags == 0 { 0 } else { 0x1000 };
        self.put(Field::VlanVid, vid, 0x1000);
    }

    /// What follows the Ethernet header is of another type (`None`: unknown), and what is in it is not
    /// known any more.
    pub(super) fn set_eth_type(&mut self, eth_type: Option<u16>, forgets: bool) {
        let mask = if eth_type.is_some() { u16::MAX.into() } else { 0 };
        self.put(Field::EthType, eth_type.unwrap_or(0).into(), mask);
        if forgets {
            self.put(Field::IpProto, 0, 0);
        }
    }

    pub(super) fn set_ip_proto(&mut self, proto: u128) {
        self.put(Field::IpProto, proto, Field::IpProto.ones());
    }

    fn put(&mut self, field: Field, value: u128, mask: u128) {
        if let Some(known) = &mut self.known {
            // These fields have a place, and may be masked so.
            let _ = known.set(field, value, mask);
        }
    }
}
