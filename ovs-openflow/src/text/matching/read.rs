//! Reading matches.

use super::KEYWORDS;
use super::show::{ETH_ARP, ETH_IP, ETH_IPV6, ETH_RARP, ICMP, ICMPV6};
use super::vlan::{self, Tci};
use crate::text::error::{Complaint, ParseError};
use crate::text::field::{self, read_masked, read_option, read_part, read_subfield};
use crate::text::number::read_bytes;
use crate::text::piece::{Pair, Piece};
use crate::text::similar::similar;
use crate::text::syntax::Syntax;
use ovs_core::field::{Field, FieldError};
use ovs_core::matching::Match;

/// Shorthands for Ethernet types and IP protocols.
const PROTOCOLS: [(&str, u16, Option<u8>); 17] = [
    ("ip", 0x0800, None),
    ("ipv4", 0x0800, None),
    ("ip4", 0x0800, None),
    ("arp", 0x0806, None),
    ("icmp", 0x0800, Some(1)),
    ("tcp", 0x0800, Some(6)),
    ("udp", 0x0800, Some(17)),
    ("sctp", 0x0800, Some(132)),
    ("ipv6", 0x86dd, None),
    ("ip6", 0x86dd, None),
    ("icmp6", 0x86dd, Some(58)),
    ("tcp6", 0x86dd, Some(6)),
    ("udp6", 0x86dd, Some(17)),
    ("sctp6", 0x86dd, Some(132)),
    ("rarp", 0x8035, None),
    ("mpls", 0x8847, None),
    ("mplsm", 0x8848, None),
];

/// Why some masks cannot be.
pub(in crate::text) const PARTLY: &str = "masks a part of a field that can only be matched whole";

/// There is no such name in a match, nor is it one of `others`.
pub(in crate::text) fn unknown(name: Piece<'_>, others: &[&'static str]) -> ParseError {
    let protocols = PROTOCOLS.iter().map(|(name, ..)| *name);
    let keywords = ["eth", "dl_vlan", "dl_vlan_pcp"].into_iter().chain(others.iter().copied());
    let similar = similar(name.text, field::names().chain(protocols).chain(keywords));
    name.error(Complaint::Unknown { what: KEYWORDS, similar })
}

/// Makes a match of keys and values.
pub(in crate::text) struct MatchReader<'s> {
    syntax: Syntax<'s>,
    matching: Match,
}

impl<'s> MatchReader<'s> {
    pub(in crate::text) fn new(syntax: Syntax<'s>) -> Self {
        Self { syntax, matching: Match::new() }
    }

    /// Takes a part of the match. False: it is none.
    pub(in crate::text) fn take(&mut self, pair: Pair<'_>) -> Result<bool, ParseError> {
        let name = pair.key.text;
        if let Some((_, eth_type, protocol)) = PROTOCOLS.iter().find(|(known, ..)| *known == name) {
            self.put(pair.key, Field::EthType, (*eth_type).into(), u128::MAX)?;
            if let Some(protocol) = protocol {
                self.put(pair.key, Field::IpProto, (*protocol).into(), u128::MAX)?;
            }
        } else if name == "eth" {
            self.put(pair.key, Field::PacketType, 0, u128::MAX)?;
        } else if vlan::is_name(name) {
            let (value, mask) = self.get(Field::VlanTci);
            let mut tci = Tci { value: value as u16, mask: mask as u16 };
            tci.read(self.syntax, pair)?;
            self.put(pair.value, Field::VlanTci, tci.value.into(), tci.mask.into())?;
        } else if let Some(field) = field::from_name(name) {
            self.take_field(field, pair.value)?;
        } else if name == "opaque_field" {
            let bytes = read_bytes(pair.value)?;
            self.matching = core::mem::take(&mut self.matching).with_opaque_field(&bytes);
        } else if name.contains('[') {
            self.take_subfield(pair)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn take_field(&mut self, field: Field, text: Piece<'_>) -> Result<(), ParseError> {
        if field.is_tunnel_option() {
            let option = read_option(field, text)?;
            let matching = core::mem::take(&mut self.matching);
            self.matching = matching.with_tunnel_option(option);
            return Ok(());
        }
        let (value, mask) = read_masked(self.syntax, field, text)?;
        match field {
            // It is the same place with 32 bits, which has one representation only.
            Field::InPort16 => {
                let port = field::wide_port(value as u16).0;
                self.put(text, Field::InPort, port.into(), if mask == 0 { 0 } else { u128::MAX })
            }
            _ => self.put(text, field, value, mask),
        }
    }

    /// `reg0[0..7]=5`: the other bits stay as they are.
    fn take_subfield(&mut self, pair: Pair<'_>) -> Result<(), ParseError> {
        let subfield = read_subfield(pair.key)?;
        let part = read_part(pair.value, subfield.n_bits())? << subfield.start();
        let (value, mask) = self.get(subfield.field());
        let value = value & !subfield.mask() | part;
        self.put(pair.key, subfield.field(), value, mask | subfield.mask())
    }

    fn get(&self, field: Field) -> (u128, u128) {
        self.matching.get(field).unwrap_or_default()
    }

    fn put(
        &mut self,
        at: Piece<'_>,
        field: Field,
        value: u128,
        mask: u128,
    ) -> Result<(), ParseError> {
        let mask = mask & field.ones();
        self.matching.set(field, value & mask, mask).map_err(|error| match error {
            FieldError::NotMaskable { .. } => at.refused(PARTLY),
            FieldError::TooWide { .. } => at.refused("is too large for the field"),
            _ => at.refused("cannot be matched"),
        })
    }

    /// The match, in which names that several protocols share mean the field of its own.
    pub(in crate::text) fn finish(mut self) -> Match {
        let eth_type = self.get(Field::EthType).0 as u16;
        let (protocol, mask) = self.get(Field::IpProto);
        if matches!(eth_type, ETH_ARP | ETH_RARP) && mask != 0 {
            self.matching.remove(Field::IpProto);
            self.settle(Field::ArpOp, protocol, Field::ArpOp.ones());
        }
        let is_icmp = matches!((eth_type, protocol as u8), (ETH_IP, ICMP) | (ETH_IPV6, ICMPV6));
        for field in [Field::TcpSrc, Field::TcpDst] {
            let (value, mask) = self.get(field);
            if is_icmp && mask == field.ones() && value <= 0xff {
                self.settle(field, value, 0xff);
            }
        }
        self.matching
    }

    /// Puts what the field can have.
    fn settle(&mut self, field: Field, value: u128, mask: u128) {
        let result = self.matching.set(field, value, mask);
        debug_assert_eq!(result, Ok(()));
    }
}
