//! Packets, to and from the controller.

use super::out::{Out, put};
use crate::message::{PacketIn, PacketOut};
use ovs_core::field::{Field, Prerequisite};
use ovs_core::matching::Match;
use ovs_core::{FlowKey, PortNo, TableId};

pub(super) fn packet_in(out: &mut Out<'_>, packet: &PacketIn) {
    if packet.table != TableId(0) {
        put!(out, " table_id={}", out.syntax.show_table(packet.table));
    }
    if let Some(cookie) = packet.cookie {
        put!(out, " cookie={cookie:#x}");
    }
    put!(out, " total_len={} ", packet.total_len);
    put!(out, "{} (via {})", out.syntax.show_match(&packet.metadata), packet.reason);
    let (total, length) = (u64::from(packet.total_len), packet.data.len() as u64);
    put!(out, " data_len={length}");
    match packet.buffer {
        None => {
            out.str(" (unbuffered)");
            out.str(if total == length { "" } else { " (***total_len != data_len***)" });
        }
        Some(buffer) => {
            put!(out, " buffer=0x{buffer:08x}");
            out.str(if total >= length { "" } else { " (***total_len < data_len***)" });
        }
    }
    out.str("\n");
    if !packet.userdata.is_empty() {
        out.str(" userdata=");
        for (n, byte) in packet.userdata.iter().enumerate() {
            put!(out, "{}{byte:02x}", if n > 0 { "." } else { "" });
        }
        out.str("\n");
    }
    if let Some(continuation) = &packet.continuation {
        put!(out, " continuation={} bytes\n", continuation.len());
    }
    data(out, &packet.data);
}

pub(super) fn packet_out(out: &mut Out<'_>, packet: &PacketOut) {
    let from = Match::new().in_port(packet.in_port);
    put!(out, " {}", out.syntax.show_match(&from));
    put!(out, " actions={}", out.syntax.show_actions(&packet.actions));
    match packet.buffer {
        Some(buffer) => put!(out, " buffer=0x{buffer:08x}"),
        None => {
            put!(out, " data_len={}", packet.data.len());
            if out.verbosity > 0 && !packet.data.is_empty() {
                out.str("\n");
            }
            data(out, &packet.data);
        }
    }
}

/// The packet, as told by its headers, and if more is asked for its bytes.
fn data(out: &mut Out<'_>, data: &[u8]) {
    if out.verbosity > 0 && !data.is_empty() {
        frame(out, data);
    }
    if out.verbosity > 2 {
        out.hex_dump(data, false);
    }
}

/// The fields that a packet of each kind is told by.
const FIELDS: &[Field] = &[
    Field::EthSrc,
    Field::EthDst,
    Field::EthType,
    Field::MplsLabel,
    Field::MplsTc,
    Field::MplsBos,
    Field::MplsTtl,
    Field::NshFlags,
    Field::NshTtl,
    Field::NshMdtype,
    Field::NshNp,
    Field::NshSpi,
    Field::NshSi,
    Field::NshC1,
    Field::NshC2,
    Field::NshC3,
    Field::NshC4,
    Field::IpProto,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Src,
    Field::Ipv6Dst,
    Field::Ipv6Label,
    Field::IpDscp,
    Field::IpEcn,
    Field::IpTtl,
    Field::IpFrag,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::ArpSha,
    Field::ArpTha,
    Field::TcpSrc,
    Field::TcpDst,
    Field::TcpFlags,
    Field::UdpSrc,
    Field::UdpDst,
    Field::SctpSrc,
    Field::SctpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Field::Icmpv6Type,
    Field::Icmpv6Code,
    Field::NdTarget,
    Field::NdSll,
    Field::NdTll,
    Field::NdReserved,
    Field::NdOptionsType,
];

fn frame(out: &mut Out<'_>, data: &[u8]) {
    let key = FlowKey::of(PortNo::default().0, data);
    let mut told = Match::new();
    let fields = [Field::VlanTci].iter().chain(FIELDS);
    for field in fields.filter(|field| field.prerequisite().holds(&key)) {
        let value = field.get(&key).unwrap_or(0);
        // What most packets do not have is told only if it is there.
        let rare = matches!(field, Field::NdReserved | Field::NdOptionsType);
        if !(rare && value == 0) {
            told = told.clone().with(*field, value).unwrap_or(told);
        }
    }
    let told = alloc::format!("{}", out.syntax.show_match(&told));
    match (key.vlans, told.split_once(",dl_src=")) {
        // Behind a tag there may be another, which is told too.
        ([outer, inner], Some((before, behind))) if outer.is_present() => {
            let present = if inner.is_present() { 0x1000 } else { 0 };
            let tci = inner.tci.get() & 0xefff | present;
            put!(out, "{before},vlan_tci1=0x{tci:04x},dl_src={behind}");
        }
        _ => out.str(&told),
    }
    checksum(out, &key, data);
    out.str("\n");
}

/// The checksum of the transport protocol, for packets that are not cut off before it.
fn checksum(out: &mut Out<'_>, key: &FlowKey, data: &[u8]) {
    let protocols = [
        (Prerequisite::Tcp, "tcp", 16, 20),
        (Prerequisite::Udp, "udp", 6, 8),
        (Prerequisite::Icmpv4, "icmp", 2, 8),
        (Prerequisite::Icmpv6, "icmp6", 2, 4),
    ];
    let Some(header) = transport(key, data) else {
        return;
    };
    for (prerequisite, name, at, length) in protocols {
        if prerequisite.holds(key) && header.len() >= length {
            if let Some([high, low]) = header.get(at..at + 2) {
                put!(out, " {name}_csum:{:x}", u16::from_be_bytes([*high, *low]));
            }
        }
    }
    if Prerequisite::Sctp.holds(key) && header.len() >= 12 {
        if let Some([a, b, c, d]) = header.get(8..12) {
            put!(out, " sctp_csum:{:x}", u32::from_be_bytes([*a, *b, *c, *d]));
        }
    }
}

/// The bytes from the transport header on. Of IPv6 only packets without extension headers.
fn transport<'a>(key: &FlowKey, data: &'a [u8]) -> Option<&'a [u8]> {
    let tags = key.vlans.iter().filter(|tag| tag.is_present()).count();
    let network = data.get(14 + 4 * tags..)?;
    match key.eth_type.get() {
        0x0800 => network.get(usize::from(network.first()? & 15) * 4..),
        0x86dd if network.get(6) == Some(&key.ip_proto) => network.get(40..),
        _ => None,
    }
}
