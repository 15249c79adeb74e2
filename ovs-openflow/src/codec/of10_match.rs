//! `struct ofp_match` of OpenFlow 1.0 (§5.2.3): 40 bytes.

use crate::codec::scalar::{port_from_u16, port_to_u16};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::PortNo;
use ovs_core::field::{Field, FieldError};
use ovs_core::matching::Match;

/// `enum ofp_flow_wildcards`: what does not matter.
const IN_PORT: u32 = 1 << 0;
const DL_VLAN: u32 = 1 << 1;
const DL_SRC: u32 = 1 << 2;
const DL_DST: u32 = 1 << 3;
const DL_TYPE: u32 = 1 << 4;
const NW_PROTO: u32 = 1 << 5;
const TP_SRC: u32 = 1 << 6;
const TP_DST: u32 = 1 << 7;
/// 6 bits: how many bits of the address do not matter, from 32 on all.
const NW_SRC_SHIFT: u32 = 8;
const NW_DST_SHIFT: u32 = 14;
const DL_VLAN_PCP: u32 = 1 << 20;
const NW_TOS: u32 = 1 << 21;

/// In `dl_vlan`: packets without a tag (`OFP_VLAN_NONE`).
const VLAN_NONE: u16 = 0xffff;
/// In a tag's control information as the fields have it: there is a tag.
const TAG_PRESENT: u128 = 0x1000;

/// What the bytes say.
struct Fixed {
    wildcards: u32,
    in_port: u16,
    dl_src: u128,
    dl_dst: u128,
    dl_vlan: u16,
    dl_vlan_pcp: u8,
    dl_type: u16,
    nw_tos: u8,
    nw_proto: u8,
    nw_src: u32,
    nw_dst: u32,
    tp_src: u16,
    tp_dst: u16,
}

/// Reads one. What it says of fields that its packets need not have, such as ports without a
/// protocol, stays in it: it tells nothing apart (OpenFlow 1.0 §3.4).
pub(crate) fn take(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    take_as(reader, false)
}

/// Reads one of a change of the flow table, of which only what matters is kept.
pub(crate) fn take_normal(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    take_as(reader, true)
}

fn take_as(reader: &mut Reader<'_>, normal: bool) -> Result<Match, DecodeError> {
    let at = reader.clone();
    let mut reader = reader.sub(40, "ofp_match", ErrorCode::OFPBMC_BAD_LEN)?;
    let mac = |bytes: [u8; 6]| bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte));
    let wildcards = reader.u32()?;
    let in_port = reader.u16()?;
    let (dl_src, dl_dst) = (mac(reader.array()?), mac(reader.array()?));
    let (dl_vlan, [dl_vlan_pcp, _]) = (reader.u16()?, reader.array()?);
    let (dl_type, [nw_tos, nw_proto, _, _]) = (reader.u16()?, reader.array()?);
    let (nw_src, nw_dst) = (reader.u32()?, reader.u32()?);
    let (tp_src, tp_dst) = (reader.u16()?, reader.u16()?);
    let fixed = Fixed {
        wildcards,
        in_port,
        dl_src,
        dl_dst,
        dl_vlan,
        dl_vlan_pcp,
        dl_type,
        nw_tos,
        nw_proto,
        nw_src,
        nw_dst,
        tp_src,
        tp_dst,
    };
    fixed.matching(normal).map_err(|_| at.refuse(ErrorCode::OFPBMC_BAD_VALUE))
}

/// The bits of an address that matter.
fn prefix_mask(wildcards: u32) -> u32 {
    u32::MAX.checked_shl(wildcards & 63).unwrap_or(0)
}

impl Fixed {
    fn asks(&self, wildcard: u32) -> bool {
        self.wildcards & wildcard == 0
    }

    fn matching(&self, normal: bool) -> Result<Match, FieldError> {
        let mut matching = Match::new();
        if self.asks(IN_PORT) {
            matching = matching.in_port(port_from_u16(self.in_port));
        }
        if self.asks(DL_SRC) {
            matching.set(Field::EthSrc, self.dl_src, u128::MAX)?;
        }
        if self.asks(DL_DST) {
            matching.set(Field::EthDst, self.dl_dst, u128::MAX)?;
        }
        if self.asks(DL_TYPE) {
            matching = matching.eth_type(self.dl_type);
        }
        self.vlan(&mut matching)?;
        self.network(&mut matching, normal)?;
        Ok(matching)
    }

    fn vlan(&self, matching: &mut Match) -> Result<(), FieldError> {
        if self.asks(DL_VLAN) && self.dl_vlan == VLAN_NONE {
            return matching.set(Field::VlanTci, 0, u128::MAX);
        }
        let (mut value, mut mask) = (0, 0);
        if self.asks(DL_VLAN) {
            value |= TAG_PRESENT | u128::from(self.dl_vlan & 0xfff);
            mask |= 0x1fff;
        }
        if self.asks(DL_VLAN_PCP) {
            value |= TAG_PRESENT | u128::from(self.dl_vlan_pcp & 7) << 13;
            mask |= 0xf000;
        }
        matching.set(Field::VlanTci, value, mask)
    }

    fn network(&self, matching: &mut Match, normal: bool) -> Result<(), FieldError> {
        let is_arp = matching.meets(Field::ArpOp.prerequisite());
        let masks = [NW_SRC_SHIFT, NW_DST_SHIFT].map(|shift| prefix_mask(self.wildcards >> shift));
        let exact = |wildcard: u32| if self.asks(wildcard) { u128::MAX } else { 0 };
        let (proto, src, dst) = match is_arp {
            true => (Field::ArpOp, Field::ArpSpa, Field::ArpTpa),
            false => (Field::IpProto, Field::Ipv4Src, Field::Ipv4Dst),
        };
        let first = [
            (proto, u128::from(self.nw_proto), exact(NW_PROTO)),
            (src, self.nw_src.into(), masks[0].into()),
            (dst, self.nw_dst.into(), masks[1].into()),
            (Field::IpDscp, u128::from(self.nw_tos >> 2), exact(NW_TOS)),
        ];
        set_all(matching, &first, normal)?;
        let (tp_src, tp_dst) = transport(matching);
        let ports = [
            (tp_src, u128::from(self.tp_src) & tp_src.ones(), exact(TP_SRC)),
            (tp_dst, u128::from(self.tp_dst) & tp_dst.ones(), exact(TP_DST)),
        ];
        set_all(matching, &ports, normal)
    }
}

/// Sets fields; to be normal, only those that the packets have.
fn set_all(
    matching: &mut Match,
    fields: &[(Field, u128, u128)],
    normal: bool,
) -> Result<(), FieldError> {
    for (field, value, mask) in fields {
        if *mask != 0 && (!normal || matching.meets(field.prerequisite())) {
            matching.set(*field, *value, *mask)?;
        }
    }
    Ok(())
}

/// What the ports are in packets of a match: ports, or type and code of ICMP.
fn transport(matching: &Match) -> (Field, Field) {
    let kinds = [
        (Field::UdpSrc, Field::UdpDst),
        (Field::SctpSrc, Field::SctpDst),
        (Field::Icmpv4Type, Field::Icmpv4Code),
        (Field::Icmpv6Type, Field::Icmpv6Code),
    ];
    let has = |(source, _): &(Field, Field)| matching.meets(source.prerequisite());
    kinds.into_iter().find(has).unwrap_or((Field::TcpSrc, Field::TcpDst))
}

/// Writes one.
///
/// # Errors
/// If the match asks for what OpenFlow 1.0 cannot.
pub(crate) fn put(writer: &mut Writer<'_>, matching: &Match) -> Result<(), EncodeError> {
    let missing = matching.missing_prerequisite();
    let cannot = EncodeError::Match { missing, version: Version::OF10 };
    let mut telling = Telling { matching, left: matching.n_bits() };
    let fixed = telling.fixed()?;
    let extra = !matching.tunnel_options().is_empty() || !matching.opaque_fields().is_empty();
    if telling.left != 0 || extra {
        return Err(cannot);
    }
    writer.u32(fixed.wildcards);
    writer.u16(fixed.in_port);
    super::oxm::put_number(writer, fixed.dl_src, 6);
    super::oxm::put_number(writer, fixed.dl_dst, 6);
    writer.u16(fixed.dl_vlan);
    writer.slice(&[fixed.dl_vlan_pcp, 0]);
    writer.u16(fixed.dl_type);
    writer.slice(&[fixed.nw_tos, fixed.nw_proto, 0, 0]);
    writer.u32(fixed.nw_src);
    writer.u32(fixed.nw_dst);
    writer.u16(fixed.tp_src);
    writer.u16(fixed.tp_dst);
    Ok(())
}

/// A match that is being put into the fixed form.
struct Telling<'a> {
    matching: &'a Match,
    /// Bits that have not been told yet.
    left: u32,
}

impl Telling<'_> {
    /// The value of a field that is asked for whole; else the wildcard is set.
    fn exact(&mut self, field: Field, wildcard: u32, wildcards: &mut u32) -> u128 {
        let (value, mask) = self.matching.get(field).unwrap_or_default();
        if mask == field.ones() {
            self.left -= mask.count_ones();
            return value;
        }
        // A part of a field cannot be told, and stays left over.
        *wildcards |= wildcard;
        0
    }

    /// An address, and how many of its bits do not matter.
    fn prefix(&mut self, field: Field) -> (u32, u32) {
        let (value, mask) = self.matching.get(field).unwrap_or_default();
        let mask = mask as u32;
        if mask.leading_ones() + mask.trailing_zeros() == 32 {
            self.left -= mask.count_ones();
        }
        (value as u32, mask.trailing_zeros())
    }

    fn fixed(&mut self) -> Result<Fixed, EncodeError> {
        let mut wildcards = 0;
        let in_port = self.exact(Field::InPort, IN_PORT, &mut wildcards);
        let dl_src = self.exact(Field::EthSrc, DL_SRC, &mut wildcards);
        let dl_dst = self.exact(Field::EthDst, DL_DST, &mut wildcards);
        let dl_type = self.exact(Field::EthType, DL_TYPE, &mut wildcards);
        let (dl_vlan, dl_vlan_pcp) = self.vlan(&mut wildcards);
        // All packets of OpenFlow 1.0 have an Ethernet header.
        if self.matching.get(Field::PacketType) == Some((0, Field::PacketType.ones())) {
            self.left -= Field::PacketType.ones().count_ones();
        }
        let nw_tos = self.exact(Field::IpDscp, NW_TOS, &mut wildcards) << 2;
        let nw_proto = match self.matching.meets(Field::ArpOp.prerequisite()) {
            true => self.exact(Field::ArpOp, NW_PROTO, &mut wildcards),
            false => self.exact(Field::IpProto, NW_PROTO, &mut wildcards),
        };
        let (nw_src, src_bits) = self.prefix(Field::Ipv4Src);
        let (nw_dst, dst_bits) = self.prefix(Field::Ipv4Dst);
        wildcards |= src_bits << NW_SRC_SHIFT | dst_bits << NW_DST_SHIFT;
        let (source, destination) = transport(self.matching);
        let tp_src = self.exact(source, TP_SRC, &mut wildcards);
        let tp_dst = self.exact(destination, TP_DST, &mut wildcards);
        let proto = u8::try_from(nw_proto).map_err(|_| EncodeError::TooLarge {
            what: "ARP operation",
            value: nw_proto as u64,
            max: 0xff,
        })?;
        Ok(Fixed {
            wildcards,
            in_port: port_to_u16(PortNo(in_port as u32))?,
            dl_src,
            dl_dst,
            dl_vlan,
            dl_vlan_pcp,
            dl_type: dl_type as u16,
            nw_tos: nw_tos as u8,
            nw_proto: proto,
            nw_src,
            nw_dst,
            tp_src: tp_src as u16,
            tp_dst: tp_dst as u16,
        })
    }

    fn vlan(&mut self, wildcards: &mut u32) -> (u16, u8) {
        let (tci, mask) = self.matching.get(Field::VlanTci).unwrap_or_default();
        let (vid_mask, pcp_mask) = (mask & 0xfff, mask >> 13);
        let is_told = mask == 0
            || (mask & TAG_PRESENT != 0
                && match tci & TAG_PRESENT {
                    0 => mask == 0xffff || mask == 0x1fff,
                    _ => [0, 0xfff].contains(&vid_mask) && [0, 7].contains(&pcp_mask),
                }
                && mask != TAG_PRESENT);
        if is_told {
            // That there is no tag says that it has no priority either.
            self.left -= mask.count_ones();
        }
        if mask != 0 && tci & TAG_PRESENT == 0 {
            return (VLAN_NONE, 0);
        }
        if vid_mask == 0 {
            *wildcards |= DL_VLAN;
        }
        if pcp_mask == 0 {
            *wildcards |= DL_VLAN_PCP;
        }
        ((tci & 0xfff) as u16, (tci >> 13) as u8)
    }
}

#[cfg(test)]
mod tests;
