//! Roles, what controllers are told, bundles, and tables of options.

use super::out::{Out, put};
use super::{names_of_reasons, put_envelope};
use crate::codec::Envelope;
use crate::message::{
    AsyncConfig, AsyncMasks, BundleAdd, BundleControl, BundleControlKind, BundleFlags, CtFlush,
    CtTuple, Message, RequestForward, Role, RoleMessage, RoleStatus, RoleStatusReason, TlvMap,
    TlvTable, TlvTableMod,
};
use crate::protocol::Protocol;
use core::net::{IpAddr, Ipv6Addr};

fn role(out: &mut Out<'_>, role: Role, generation_id: Option<u64>) {
    match role {
        Role::NO_CHANGE => out.str(" role=nochange"),
        Role::EQUAL => out.str(" role=equal"),
        Role::MASTER => out.str(" role=primary"),
        Role::SLAVE => out.str(" role=secondary"),
        Role(other) => put!(out, " role={other}"),
    }
    if let Some(id) = generation_id.filter(|id| *id != u64::MAX) {
        put!(out, " generation_id={id}");
    }
}

/// Who only asks for the role says nothing of an election.
pub(super) fn role_request(out: &mut Out<'_>, message: &RoleMessage) {
    let changes = message.role != Role::NO_CHANGE;
    role(out, message.role, message.generation_id.filter(|_| changes));
}

pub(super) fn role_reply(out: &mut Out<'_>, message: &RoleMessage) {
    role(out, message.role, message.generation_id);
}

pub(super) fn role_status(out: &mut Out<'_>, status: &RoleStatus) {
    role(out, status.role, Some(status.generation_id));
    out.str(match status.reason {
        RoleStatusReason::MASTER_REQUEST => " reason=primary_request",
        RoleStatusReason::CONFIG => " reason=configuration_changed",
        RoleStatusReason::EXPERIMENTER => " reason=experimenter_data_changed",
        _ => " reason=(unknown)",
    });
}

pub(super) fn async_config(out: &mut Out<'_>, config: &AsyncConfig) {
    for (title, masks) in [("primary", &config.master), ("secondary", &config.slave)] {
        put!(out, "\n {title}:\n");
        let AsyncMasks {
            packet_in,
            port_status,
            flow_removed,
            role_status,
            table_status,
            request_forward,
        } = *masks;
        let rows = [
            ("PACKET_IN", packet_in, names_of_reasons::PACKET_IN),
            ("PORT_STATUS", port_status, names_of_reasons::PORT_STATUS),
            ("FLOW_REMOVED", flow_removed, names_of_reasons::FLOW_REMOVED),
            ("ROLE_STATUS", role_status, names_of_reasons::ROLE_STATUS),
            ("TABLE_STATUS", table_status, names_of_reasons::TABLE_STATUS),
            ("REQUESTFORWARD", request_forward, names_of_reasons::REQUEST_FORWARD),
        ];
        for (name, mask, reasons) in rows {
            put!(out, "{name:>16}:");
            let mask = mask.unwrap_or(0);
            for bit in (0..32usize).filter(|bit| mask >> bit & 1 != 0) {
                if let Some(name) = reasons.get(bit).filter(|name| !name.is_empty()) {
                    put!(out, " {name}");
                }
            }
            out.str(if mask == 0 { " (off)\n" } else { "\n" });
        }
    }
}

const BUNDLE_FLAGS: [(u32, &str); 2] = [
    (BundleFlags::ATOMIC.bits() as u32, "atomic"),
    (BundleFlags::ORDERED.bits() as u32, "ordered"),
];

pub(super) fn bundle_control(out: &mut Out<'_>, control: &BundleControl) {
    put!(out, "\n bundle_id={} type=", Hex(control.bundle));
    out.str(match control.kind {
        BundleControlKind::OPEN_REQUEST => "OPEN_REQUEST",
        BundleControlKind::OPEN_REPLY => "OPEN_REPLY",
        BundleControlKind::CLOSE_REQUEST => "CLOSE_REQUEST",
        BundleControlKind::CLOSE_REPLY => "CLOSE_REPLY",
        BundleControlKind::COMMIT_REQUEST => "COMMIT_REQUEST",
        BundleControlKind::COMMIT_REPLY => "COMMIT_REPLY",
        BundleControlKind::DISCARD_REQUEST => "DISCARD_REQUEST",
        BundleControlKind::DISCARD_REPLY => "DISCARD_REPLY",
        _ => "",
    });
    out.str(" flags=");
    out.bits(control.flags.bits().into(), &BUNDLE_FLAGS, ' ');
}

pub(super) fn bundle_add(out: &mut Out<'_>, add: &BundleAdd, protocol: Protocol, xid: u32) {
    put!(out, "\n bundle_id={} flags=", Hex(add.bundle));
    out.bits(add.flags.bits().into(), &BUNDLE_FLAGS, ' ');
    out.str("\n");
    let inner = Envelope { protocol, xid, message: (*add.message).clone() };
    put_envelope(out, &inner);
    out.end_line();
}

/// `0x5`, but zero is `0`.
struct Hex(u32);

impl core::fmt::Display for Hex {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

pub(super) fn request_forward(out: &mut Out<'_>, forward: &RequestForward, protocol: Protocol) {
    match &*forward.request {
        Message::GroupMod(change) => {
            out.str(" reason=group_mod");
            super::flows::group_mod(out, change, protocol);
        }
        Message::MeterMod(change) => {
            out.str(" reason=meter_mod");
            super::flows::meter_mod(out, change);
        }
        _ => out.str(" reason=(unknown)"),
    }
}

fn tlv_maps(out: &mut Out<'_>, maps: &[TlvMap]) {
    out.str(" mapping table:\n");
    out.str("  class  type  length  match field\n");
    out.str(" ------  ----  ------  --------------");
    for map in maps {
        let TlvMap { option_class, option_type, option_len, index } = map;
        let class =
            if *option_class == 0 { "0".into() } else { alloc::format!("{option_class:#x}") };
        let kind = if *option_type == 0 { "0".into() } else { alloc::format!("{option_type:#x}") };
        put!(out, "\n {class:>6}  {kind:>4}  {option_len:>6}  tun_metadata{index}");
    }
}

pub(super) fn tlv_table_mod(out: &mut Out<'_>, change: &TlvTableMod) {
    match change {
        TlvTableMod::Add(maps) => {
            out.str("\n ADD");
            tlv_maps(out, maps);
        }
        TlvTableMod::Delete(maps) => {
            out.str("\n DEL");
            tlv_maps(out, maps);
        }
        TlvTableMod::Clear => out.str("\n CLEAR"),
    }
}

pub(super) fn tlv_table(out: &mut Out<'_>, table: &TlvTable) {
    let used = table.maps.iter().map(|map| u32::from(map.option_len)).sum::<u32>();
    put!(out, "\n max option space={} ", table.max_option_space);
    put!(out, "max fields={}\n allocated option space={used}\n\n", table.max_fields);
    tlv_maps(out, &table.maps);
}

pub(super) fn ct_flush(out: &mut Out<'_>, flush: &CtFlush) {
    let addresses = [&flush.original, &flush.reply].map(|tuple| [tuple.source, tuple.destination]);
    let is_v4 = |address: &Option<IpAddr>| matches!(address, Some(IpAddr::V4(_)));
    let v6 = !addresses.iter().flatten().any(is_v4);
    put!(out, " zone={} '", flush.zone.unwrap_or(0));
    ct_tuple(out, &flush.original, flush.ip_proto, v6);
    put!(out, ",ct_nw_proto={}' '", flush.ip_proto);
    ct_tuple(out, &flush.reply, flush.ip_proto, v6);
    out.str("'");
}

fn ct_tuple(out: &mut Out<'_>, tuple: &CtTuple, ip_proto: u8, v6: bool) {
    let any = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let prefix = if v6 { "ct_ipv6" } else { "ct_nw" };
    put!(out, "{prefix}_src={},", tuple.source.unwrap_or(any));
    put!(out, "{prefix}_dst={}", tuple.destination.unwrap_or(any));
    if [1, 58].contains(&ip_proto) {
        put!(out, ",icmp_id={}", tuple.icmp_id.unwrap_or(0));
        put!(out, ",icmp_type={}", tuple.icmp_type.unwrap_or(0));
        put!(out, ",icmp_code={}", tuple.icmp_code.unwrap_or(0));
    } else {
        put!(out, ",ct_tp_src={}", tuple.source_port.unwrap_or(0));
        put!(out, ",ct_tp_dst={}", tuple.destination_port.unwrap_or(0));
    }
}
