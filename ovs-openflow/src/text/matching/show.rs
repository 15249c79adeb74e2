//! Writing matches, in the order and the words of Open vSwitch.

use super::vlan::{PCP, PRESENT, VID};
use crate::text::field::{
    CT_STATES, TUN_FLAGS, frag, show_flags, show_hex, show_ipv4, show_ipv6, show_mac,
    show_matched_option, show_packet_type, show_value,
};
use crate::text::number::show_bytes;
use crate::text::syntax::{ShowMatch, Syntax};
use core::fmt;
use ovs_core::PortNo;
use ovs_core::field::Field;
use ovs_core::flow::Rule;
use ovs_core::matching::Match;

pub(super) const ETH_IP: u16 = 0x0800;
pub(super) const ETH_ARP: u16 = 0x0806;
pub(super) const ETH_RARP: u16 = 0x8035;
pub(super) const ETH_IPV6: u16 = 0x86dd;
const ETH_MPLS: u16 = 0x8847;
const ETH_MPLS_MULTICAST: u16 = 0x8848;
pub(super) const ETH_NSH: u16 = 0x894f;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;
const SCTP: u8 = 132;

/// Writes parts with commas between.
pub(in crate::text) struct Commas<'f, 'g> {
    pub(in crate::text) f: &'f mut fmt::Formatter<'g>,
    is_first: bool,
}

impl<'f, 'g> Commas<'f, 'g> {
    pub(in crate::text) fn new(f: &'f mut fmt::Formatter<'g>) -> Self {
        Self { f, is_first: true }
    }

    /// Begins another part.
    pub(in crate::text) fn next(&mut self) -> Result<&mut fmt::Formatter<'g>, fmt::Error> {
        if !self.is_first {
            self.f.write_str(",")?;
        }
        self.is_first = false;
        Ok(self.f)
    }

    /// Writes a whole part.
    pub(in crate::text) fn put(&mut self, part: fmt::Arguments<'_>) -> fmt::Result {
        self.next()?.write_fmt(part)
    }
}

impl fmt::Display for ShowMatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Commas::new(f);
        if self.priority != Rule::DEFAULT_PRIORITY {
            out.put(format_args!("priority={}", self.priority))?;
        }
        Writer::new(self.syntax, self.matching, out).write()
    }
}

/// Writes one match.
pub(super) struct Writer<'a, 'f, 'g> {
    syntax: Syntax<'a>,
    pub(super) matching: &'a Match,
    pub(super) out: Commas<'f, 'g>,
    /// The Ethernet type that the packet has, or the packet type says; 0 if that is not known.
    pub(super) eth_type: u16,
    /// Its IP protocol, likewise.
    pub(super) protocol: u8,
}

impl<'a, 'f, 'g> Writer<'a, 'f, 'g> {
    fn new(syntax: Syntax<'a>, matching: &'a Match, out: Commas<'f, 'g>) -> Self {
        let mut writer = Self { syntax, matching, out, eth_type: 0, protocol: 0 };
        writer.eth_type = writer.get(Field::EthType).0 as u16;
        writer.protocol = writer.get(Field::IpProto).0 as u8;
        writer
    }

    /// Value and mask.
    pub(super) fn get(&self, field: Field) -> (u128, u128) {
        self.matching.get(field).unwrap_or_default()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.get(field).1 != 0
    }

    fn write(&mut self) -> fmt::Result {
        self.hex("pkt_mark", Field::PktMark)?;
        self.hex("recirc_id", Field::RecircId)?;
        self.hex("dp_hash", Field::DpHash)?;
        self.decimal("conj_id", Field::ConjId)?;
        self.hex("skb_priority", Field::SkbPriority)?;
        self.port("actset_output", Field::ActsetOutput)?;
        self.conntrack()?;
        self.packet_type()?;
        let (type_is_said, protocol_is_said) = self.shorthand()?;
        for n in 0..16 {
            let field = REGISTERS.get(n).copied().unwrap_or(Field::Reg0);
            self.hex_as(format_args!("reg{n}"), field)?;
        }
        self.tunnel()?;
        self.hex("metadata", Field::Metadata)?;
        self.port("in_port", Field::InPort)?;
        self.port("in_phy_port", Field::InPhyPort)?;
        self.vlan()?;
        self.mac("dl_src", Field::EthSrc)?;
        self.mac("dl_dst", Field::EthDst)?;
        if !type_is_said && self.has(Field::EthType) {
            self.out.put(format_args!("dl_type={:#06x}", self.eth_type))?;
        }
        self.network(protocol_is_said)?;
        self.mpls()?;
        self.fragment()?;
        self.transport()?;
        for field in self.matching.opaque_fields() {
            let f = self.out.next()?;
            f.write_str("opaque_field=")?;
            show_bytes(f, field)?;
        }
        Ok(())
    }

    fn conntrack(&mut self) -> fmt::Result {
        let (value, mask) = self.get(Field::CtState);
        if mask != 0 {
            let f = self.out.next()?;
            f.write_str("ct_state=")?;
            show_flags(f, CT_STATES, value as u32 & 0xff, mask as u32 & 0xff, 0xff)?;
        }
        self.masked("ct_zone", Field::CtZone)?;
        self.hex("ct_mark", Field::CtMark)?;
        self.hex("ct_label", Field::CtLabel)?;
        self.ipv4("ct_nw_src", Field::CtNwSrc)?;
        self.ipv6("ct_ipv6_src", Field::CtIpv6Src)?;
        self.ipv4("ct_nw_dst", Field::CtNwDst)?;
        self.ipv6("ct_ipv6_dst", Field::CtIpv6Dst)?;
        if !self.has(Field::CtNwProto) {
            return Ok(());
        }
        self.decimal("ct_nw_proto", Field::CtNwProto)?;
        self.masked("ct_tp_src", Field::CtTpSrc)?;
        self.masked("ct_tp_dst", Field::CtTpDst)
    }

    /// Writes the packet type. That it is Ethernet goes without saying, except with `recirc_id`.
    fn packet_type(&mut self) -> fmt::Result {
        let (value, mask) = self.get(Field::PacketType);
        let value = value as u32;
        let is_ethernet = if mask != 0 { value == 0 } else { self.needs_ethernet() };
        if (mask != 0 && value != 0) || (is_ethernet && self.has(Field::RecircId)) {
            show_packet_type(self.out.next()?, value)?;
        }
        if value >> 16 == 1 {
            self.eth_type = value as u16;
        }
        Ok(())
    }

    fn needs_ethernet(&self) -> bool {
        [Field::EthType, Field::EthSrc, Field::EthDst, Field::VlanTci]
            .into_iter()
            .any(|f| self.has(f))
    }

    /// Writes what stands for the Ethernet type and the IP protocol; tells which of the two are
    /// said by that.
    fn shorthand(&mut self) -> Result<(bool, bool), fmt::Error> {
        if !self.has(Field::EthType) {
            return Ok((false, false));
        }
        let protocol = self.has(Field::IpProto).then_some(self.protocol);
        let (word, says_protocol) = match (self.eth_type, protocol) {
            (ETH_IP, Some(ICMP)) => ("icmp", true),
            (ETH_IP, Some(TCP)) => ("tcp", true),
            (ETH_IP, Some(UDP)) => ("udp", true),
            (ETH_IP, Some(SCTP)) => ("sctp", true),
            (ETH_IP, _) => ("ip", false),
            (ETH_IPV6, Some(ICMPV6)) => ("icmp6", true),
            (ETH_IPV6, Some(TCP)) => ("tcp6", true),
            (ETH_IPV6, Some(UDP)) => ("udp6", true),
            (ETH_IPV6, Some(SCTP)) => ("sctp6", true),
            (ETH_IPV6, _) => ("ipv6", false),
            (ETH_ARP, _) => ("arp", false),
            (ETH_RARP, _) => ("rarp", false),
            (ETH_MPLS, _) => ("mpls", false),
            (ETH_MPLS_MULTICAST, _) => ("mplsm", false),
            _ => return Ok((false, false)),
        };
        self.out.put(format_args!("{word}"))?;
        Ok((true, says_protocol))
    }

    /// Masks of some fields are not written, as Open vSwitch does not write them.
    fn tunnel(&mut self) -> fmt::Result {
        self.hex("tun_id", Field::TunId)?;
        self.ipv4("tun_src", Field::TunSrc)?;
        self.ipv4("tun_dst", Field::TunDst)?;
        self.ipv6("tun_ipv6_src", Field::TunIpv6Src)?;
        self.ipv6("tun_ipv6_dst", Field::TunIpv6Dst)?;
        self.masked("tun_gbp_id", Field::TunGbpId)?;
        self.hex_value("tun_gbp_flags", Field::TunGbpFlags)?;
        if self.has(Field::TunTos) {
            let value = self.get(Field::TunTos).0;
            self.out.put(format_args!("tun_tos={value:x}"))?;
        }
        self.decimal("tun_ttl", Field::TunTtl)?;
        self.decimal("tun_erspan_ver", Field::TunErspanVer)?;
        match self.get(Field::TunErspanVer).0 {
            1 => self.hex_value("tun_erspan_idx", Field::TunErspanIdx)?,
            2 => {
                self.decimal("tun_erspan_dir", Field::TunErspanDir)?;
                self.hex_value("tun_erspan_hwid", Field::TunErspanHwid)?;
            }
            _ => {}
        }
        self.hex_value("gtpu_flags", Field::TunGtpuFlags)?;
        self.decimal("gtpu_msgtype", Field::TunGtpuMsgtype)?;
        let (flags, mask) = self.get(Field::TunFlags);
        if mask != 0 {
            let f = self.out.next()?;
            f.write_str("tun_flags=")?;
            show_flags(f, TUN_FLAGS, flags as u32, mask as u32, 0xf)?;
        }
        for option in self.matching.tunnel_options() {
            show_matched_option(self.out.next()?, option)?;
        }
        Ok(())
    }

    fn vlan(&mut self) -> fmt::Result {
        let (tci, mask) = self.get(Field::VlanTci);
        let (tci, mask) = (tci as u16, mask as u16);
        let (vid_mask, pcp_mask) = (mask & VID, mask & PCP);
        let whole = matches!(vid_mask, 0 | VID) && matches!(pcp_mask, 0 | PCP);
        if mask & tci & PRESENT != 0 && whole && mask & !PRESENT != 0 {
            if vid_mask != 0 {
                self.out.put(format_args!("dl_vlan={}", tci & VID))?;
            }
            if pcp_mask != 0 {
                self.out.put(format_args!("dl_vlan_pcp={}", tci >> 13))?;
            }
            return Ok(());
        }
        match mask {
            0 => Ok(()),
            u16::MAX => self.out.put(format_args!("vlan_tci={tci:#06x}")),
            _ => self.out.put(format_args!("vlan_tci={tci:#06x}/{mask:#06x}")),
        }
    }

    fn mpls(&mut self) -> fmt::Result {
        self.decimal("mpls_label", Field::MplsLabel)?;
        self.decimal("mpls_tc", Field::MplsTc)?;
        self.decimal("mpls_ttl", Field::MplsTtl)?;
        self.decimal("mpls_bos", Field::MplsBos)?;
        self.other(Field::PbbIsid)?;
        self.other(Field::PbbUca)
    }

    fn fragment(&mut self) -> fmt::Result {
        let (value, mask) = self.get(Field::IpFrag);
        if mask == 0 {
            return Ok(());
        }
        self.out.put(format_args!("nw_frag={}", frag(value as u8, mask as u8)))
    }

    /// A number in hexadecimal, and its mask.
    pub(super) fn hex(&mut self, name: &str, field: Field) -> fmt::Result {
        self.hex_as(format_args!("{name}"), field)
    }

    fn hex_as(&mut self, name: fmt::Arguments<'_>, field: Field) -> fmt::Result {
        let (value, mask) = self.get(field);
        if mask == 0 {
            return Ok(());
        }
        let f = self.out.next()?;
        write!(f, "{name}=")?;
        show_hex(f, value)?;
        if mask == field.ones() { Ok(()) } else { write!(f, "/{mask:#x}") }
    }

    /// A number in hexadecimal, without its mask.
    fn hex_value(&mut self, name: &str, field: Field) -> fmt::Result {
        if !self.has(field) {
            return Ok(());
        }
        let value = self.get(field).0;
        let f = self.out.next()?;
        write!(f, "{name}=")?;
        show_hex(f, value)
    }

    /// A decimal number, without its mask.
    pub(super) fn decimal(&mut self, name: &str, field: Field) -> fmt::Result {
        match self.get(field) {
            (_, 0) => Ok(()),
            (value, _) => self.out.put(format_args!("{name}={value}")),
        }
    }

    /// A decimal number; with a mask that is not exact both are hexadecimal.
    pub(super) fn masked(&mut self, name: &str, field: Field) -> fmt::Result {
        match self.get(field) {
            (_, 0) => Ok(()),
            (value, mask) if mask == field.ones() => self.out.put(format_args!("{name}={value}")),
            (value, mask) => self.out.put(format_args!("{name}={value:#x}/{mask:#x}")),
        }
    }

    fn port(&mut self, name: &str, field: Field) -> fmt::Result {
        let (value, mask) = self.get(field);
        if mask == 0 {
            return Ok(());
        }
        let port = self.syntax.show_port(PortNo(value as u32));
        self.out.put(format_args!("{name}={port}"))
    }

    pub(super) fn mac(&mut self, name: &str, field: Field) -> fmt::Result {
        self.with(name, field, show_mac)
    }

    pub(super) fn ipv4(&mut self, name: &str, field: Field) -> fmt::Result {
        self.with(name, field, |f, value, mask| show_ipv4(f, value as u32, mask as u32))
    }

    pub(super) fn ipv6(&mut self, name: &str, field: Field) -> fmt::Result {
        self.with(name, field, show_ipv6)
    }

    fn with(
        &mut self,
        name: &str,
        field: Field,
        show: impl FnOnce(&mut fmt::Formatter<'_>, u128, u128) -> fmt::Result,
    ) -> fmt::Result {
        let (value, mask) = self.get(field);
        if mask == 0 {
            return Ok(());
        }
        let f = self.out.next()?;
        write!(f, "{name}=")?;
        show(f, value, mask)
    }

    /// A field that Open vSwitch does not know.
    pub(super) fn other(&mut self, field: Field) -> fmt::Result {
        let syntax = self.syntax;
        let show =
            |f: &mut fmt::Formatter<'_>, value, mask| show_value(f, syntax, field, value, mask);
        self.with(field.name(), field, show)
    }
}

const REGISTERS: [Field; 16] = [
    Field::Reg0,
    Field::Reg1,
    Field::Reg2,
    Field::Reg3,
    Field::Reg4,
    Field::Reg5,
    Field::Reg6,
    Field::Reg7,
    Field::Reg8,
    Field::Reg9,
    Field::Reg10,
    Field::Reg11,
    Field::Reg12,
    Field::Reg13,
    Field::Reg14,
    Field::Reg15,
];
