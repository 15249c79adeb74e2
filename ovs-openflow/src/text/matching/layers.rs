//! What a match says of the network and transport layers, which depends on the protocol.

use super::show::{ETH_ARP, ETH_IP, ETH_IPV6, ETH_NSH, ETH_RARP, ICMP, ICMPV6, TCP, Writer};
use crate::text::field::{TCP_FLAGS, show_flags};
use core::fmt;
use ovs_core::field::Field;

impl Writer<'_, '_, '_> {
    pub(super) fn network(&mut self, protocol_is_said: bool) -> fmt::Result {
        let is_arp = matches!(self.eth_type, ETH_ARP | ETH_RARP);
        match self.eth_type {
            ETH_IPV6 => {
                self.ipv6("ipv6_src", Field::Ipv6Src)?;
                self.ipv6("ipv6_dst", Field::Ipv6Dst)?;
                self.ipv6_label()?;
                self.other(Field::Ipv6Exthdr)?;
            }
            ETH_NSH => self.service_header()?,
            _ => {
                let (source, destination) =
                    if is_arp { ("arp_spa", "arp_tpa") } else { ("nw_src", "nw_dst") };
                self.ipv4(source, Field::Ipv4Src)?;
                self.ipv4(destination, Field::Ipv4Dst)?;
            }
        }
        if !protocol_is_said {
            self.decimal("nw_proto", Field::IpProto)?;
        }
        self.decimal("arp_op", Field::ArpOp)?;
        if is_arp {
            self.mac("arp_sha", Field::ArpSha)?;
            self.mac("arp_tha", Field::ArpTha)?;
        }
        if self.has(Field::IpDscp) {
            let dscp = self.get(Field::IpDscp).0;
            self.out.put(format_args!("nw_tos={}", dscp << 2))?;
        }
        self.decimal("nw_ecn", Field::IpEcn)?;
        self.decimal("nw_ttl", Field::IpTtl)
    }

    fn ipv6_label(&mut self) -> fmt::Result {
        match self.get(Field::Ipv6Label) {
            (_, 0) => Ok(()),
            (label, 0xf_ffff) => self.out.put(format_args!("ipv6_label={label:#07x}")),
            (label, mask) => self.out.put(format_args!("ipv6_label={label:#07x}/{mask:#07x}")),
        }
    }

    /// The network service header; context only of metadata type 1.
    fn service_header(&mut self) -> fmt::Result {
        match self.get(Field::NshFlags) {
            (_, 0) => {}
            (flags, 0xff) => self.out.put(format_args!("nsh_flags={flags}"))?,
            (flags, mask) => self.out.put(format_args!("nsh_flags={flags:#04x}/{mask:#04x}"))?,
        }
        self.decimal("nsh_ttl", Field::NshTtl)?;
        self.decimal("nsh_mdtype", Field::NshMdtype)?;
        self.decimal("nsh_np", Field::NshNp)?;
        self.plain_hex("nsh_spi", Field::NshSpi)?;
        self.decimal("nsh_si", Field::NshSi)?;
        if self.get(Field::NshMdtype).0 != 1 {
            return Ok(());
        }
        self.plain_hex("nsh_c1", Field::NshC1)?;
        self.plain_hex("nsh_c2", Field::NshC2)?;
        self.plain_hex("nsh_c3", Field::NshC3)?;
        self.plain_hex("nsh_c4", Field::NshC4)
    }

    /// Hexadecimal, where zero is `0x0`.
    fn plain_hex(&mut self, name: &str, field: Field) -> fmt::Result {
        match self.get(field) {
            (_, 0) => Ok(()),
            (value, mask) if mask == field.ones() => {
                self.out.put(format_args!("{name}={value:#x}"))
            }
            (value, mask) => self.out.put(format_args!("{name}={value:#x}/{mask:#x}")),
        }
    }

    pub(super) fn transport(&mut self) -> fmt::Result {
        match (self.eth_type, self.protocol) {
            (ETH_IP, ICMP) => self.icmp()?,
            (ETH_IPV6, ICMPV6) => {
                self.icmp()?;
                self.ipv6("nd_target", Field::NdTarget)?;
                self.mac("nd_sll", Field::NdSll)?;
                self.mac("nd_tll", Field::NdTll)?;
                self.decimal("nd_reserved", Field::NdReserved)?;
                self.decimal("nd_options_type", Field::NdOptionsType)?;
            }
            _ => {
                self.masked("tp_src", Field::TcpSrc)?;
                self.masked("tp_dst", Field::TcpDst)?;
            }
        }
        let (flags, mask) = self.get(Field::TcpFlags);
        if mask == 0 || !matches!(self.eth_type, ETH_IP | ETH_IPV6) || self.protocol != TCP {
            return Ok(());
        }
        let f = self.out.next()?;
        f.write_str("tcp_flags=")?;
        show_flags(f, TCP_FLAGS, flags as u32, mask as u32, 0xfff)
    }

    fn icmp(&mut self) -> fmt::Result {
        for (name, field) in [("icmp_type", Field::TcpSrc), ("icmp_code", Field::TcpDst)] {
            match self.get(field) {
                (_, 0) => {}
                (value, 0xff | 0xffff) => self.out.put(format_args!("{name}={value}"))?,
                (value, mask) => self.out.put(format_args!("{name}={value:#x}/{mask:#x}"))?,
            }
        }
        Ok(())
    }
}
