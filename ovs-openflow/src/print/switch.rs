//! Hello, errors, what a switch is, its configuration and its ports.

use super::out::{Out, put};
use super::print;
use crate::error_code::ErrorCode;
use crate::message::{
    Capabilities, Description, ErrorMessage, FragmentHandling, Hello, PortConfig, PortDesc,
    PortFeatures, PortMod, PortReason, PortState, PortStatus, SwitchConfig, SwitchFeatures,
    VersionSet,
};
use crate::protocol::Version;

pub(super) fn hello(out: &mut Out<'_>, hello: &Hello, version: Version) {
    out.str("\n version bitmap: ");
    let upto = (1..=version.0.min(31)).map(Version).collect::<VersionSet>();
    let versions = hello.versions().filter(|versions| versions.0 & !1 != 0).unwrap_or(upto);
    // There is no version 0.
    for (n, version) in versions.iter().filter(|version| version.0 != 0).enumerate() {
        put!(out, "{}{:#04x}", if n > 0 { ", " } else { "" }, version.0);
    }
}

pub(super) fn error(out: &mut Out<'_>, error: &ErrorMessage) {
    put!(out, " {}\n", error.code);
    if [ErrorCode::OFPHFC_INCOMPATIBLE, ErrorCode::OFPHFC_EPERM].contains(&error.code) {
        printable(out, &error.data);
    } else {
        let nested = print(&error.data, 1);
        out.str(&nested);
    }
}

/// Text with what cannot be printed escaped.
fn printable(out: &mut Out<'_>, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b' '..=b'~' if *byte != b'\\' => out.text.push(char::from(*byte)),
            b'\\' => out.str("\\\\"),
            _ => put!(out, "\\{byte:03o}"),
        }
    }
}

pub(super) fn features(out: &mut Out<'_>, features: &SwitchFeatures) {
    put!(out, " dpid:{:016x}\n", features.datapath_id);
    put!(out, "n_tables:{}, n_buffers:{}", features.n_tables, features.n_buffers);
    if features.auxiliary_id != 0 {
        put!(out, ", auxiliary_id:{}", features.auxiliary_id);
    }
    out.str("\ncapabilities: ");
    capabilities(out, features.capabilities);
    out.str("\n");
    let actions = features.actions.0;
    if actions != 0 {
        out.str("actions: ");
        super::actions::put_names_of10(out, actions);
        out.str("\n");
    }
    ports(out, &features.ports);
}

fn capabilities(out: &mut Out<'_>, capabilities: Capabilities) {
    let names = [
        (Capabilities::FLOW_STATS, "FLOW_STATS"),
        (Capabilities::TABLE_STATS, "TABLE_STATS"),
        (Capabilities::PORT_STATS, "PORT_STATS"),
        (Capabilities::STP, "STP"),
        (Capabilities::GROUP_STATS, "GROUP_STATS"),
        (Capabilities::IP_REASM, "IP_REASM"),
        (Capabilities::QUEUE_STATS, "QUEUE_STATS"),
        (Capabilities::ARP_MATCH_IP, "ARP_MATCH_IP"),
        (Capabilities::PORT_BLOCKED, "PORT_BLOCKED"),
    ];
    let known = names.iter().fold(0, |bits, (bit, _)| bits | bit.bits());
    out.bits(capabilities.bits() & known, &names.map(|(bit, name)| (bit.bits(), name)), ' ');
}

pub(super) fn config(out: &mut Out<'_>, config: &SwitchConfig) {
    let fragments = match config.flags.fragments() {
        FragmentHandling::Normal => "normal",
        FragmentHandling::Drop => "drop",
        FragmentHandling::Reassemble => "reassemble",
        FragmentHandling::NxMatch => "nx-match",
    };
    put!(out, " frags={fragments}");
    if config.flags.0 & 4 != 0 {
        out.str(" invalid_ttl_to_controller");
    }
    put!(out, " miss_send_len={}\n", config.miss_send_len);
}

pub(super) fn description(out: &mut Out<'_>, description: &Description) {
    put!(out, "\nManufacturer: {}\n", description.manufacturer);
    put!(out, "Hardware: {}\n", description.hardware);
    put!(out, "Software: {}\n", description.software);
    put!(out, "Serial Num: {}\n", description.serial_number);
    put!(out, "DP Description: {}\n", description.datapath);
}

/// Ports, by number.
pub(super) fn ports(out: &mut Out<'_>, ports: &[PortDesc]) {
    let mut sorted = ports.iter().collect::<alloc::vec::Vec<_>>();
    sorted.sort_by_key(|port| port.number);
    sorted.into_iter().for_each(|port| self::port(out, port));
}

fn port(out: &mut Out<'_>, port: &PortDesc) {
    let printable = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let name = port.name.chars().take_while(printable).collect::<alloc::string::String>();
    put!(out, " {}({name}): addr:{}\n", port.number, port.address);
    out.str("     config:     ");
    port_config(out, port.config);
    out.str("     state:      ");
    port_state(out, port.state);
    let lists = [
        ("current:    ", port.current),
        ("advertised: ", port.advertised),
        ("supported:  ", port.supported),
        ("peer:       ", port.peer),
    ];
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        put!(out, "     {title}");
        port_features(out, list);
    }
    let (now, max) = (port.current_speed / 1000, port.max_speed / 1000);
    put!(out, "     speed: {now} Mbps now, {max} Mbps max\n");
}

fn port_config(out: &mut Out<'_>, config: PortConfig) {
    let names = [
        (PortConfig::PORT_DOWN, "PORT_DOWN"),
        (PortConfig::NO_STP, "NO_STP"),
        (PortConfig::NO_RECV, "NO_RECV"),
        (PortConfig::NO_RECV_STP, "NO_RECV_STP"),
        (PortConfig::NO_FLOOD, "NO_FLOOD"),
        (PortConfig::NO_FWD, "NO_FWD"),
        (PortConfig::NO_PACKET_IN, "NO_PACKET_IN"),
    ];
    out.bits(config.bits(), &names.map(|(bit, name)| (bit.bits(), name)), ' ');
    out.str("\n");
}

/// Bits 8 and 9 are the state of OpenFlow 1.0's spanning tree.
fn port_state(out: &mut Out<'_>, state: PortState) {
    let names = [
        (PortState::LINK_DOWN, "LINK_DOWN"),
        (PortState::BLOCKED, "BLOCKED"),
        (PortState::LIVE, "LIVE"),
    ]
    .map(|(bit, name)| (bit.bits(), name));
    let tree = state.bits() >> 8 & 3;
    let rest = state.bits() & !(3 << 8);
    out.str(match tree {
        1 => "STP_LEARN",
        2 => "STP_FORWARD",
        3 => "STP_BLOCK",
        _ => "",
    });
    if tree == 0 || rest != 0 {
        out.bits(rest, &names, ' ');
    }
    out.str("\n");
}

fn port_features(out: &mut Out<'_>, features: PortFeatures) {
    let names = [
        (PortFeatures::F_10MB_HD, "10MB-HD"),
        (PortFeatures::F_10MB_FD, "10MB-FD"),
        (PortFeatures::F_100MB_HD, "100MB-HD"),
        (PortFeatures::F_100MB_FD, "100MB-FD"),
        (PortFeatures::F_1GB_HD, "1GB-HD"),
        (PortFeatures::F_1GB_FD, "1GB-FD"),
        (PortFeatures::F_10GB_FD, "10GB-FD"),
        (PortFeatures::F_40GB_FD, "40GB-FD"),
        (PortFeatures::F_100GB_FD, "100GB-FD"),
        (PortFeatures::F_1TB_FD, "1TB-FD"),
        (PortFeatures::OTHER, "OTHER"),
        (PortFeatures::COPPER, "COPPER"),
        (PortFeatures::FIBER, "FIBER"),
        (PortFeatures::AUTONEG, "AUTO_NEG"),
        (PortFeatures::PAUSE, "AUTO_PAUSE"),
        (PortFeatures::PAUSE_ASYM, "AUTO_PAUSE_ASYM"),
    ];
    out.bits(features.bits(), &names.map(|(bit, name)| (bit.bits(), name)), ' ');
    out.str("\n");
}

pub(super) fn port_status(out: &mut Out<'_>, status: &PortStatus) {
    out.str(match status.reason {
        PortReason::ADD => " ADD:",
        PortReason::DELETE => " DEL:",
        PortReason::MODIFY => " MOD:",
        _ => "",
    });
    port(out, &status.port);
}

pub(super) fn port_mod(out: &mut Out<'_>, change: &PortMod) {
    put!(out, " port: {}: addr:{}\n", change.number, change.address);
    out.str("     config: ");
    port_config(out, change.config & change.mask);
    out.str("     mask:   ");
    port_config(out, change.mask);
    out.str("     advertise: ");
    if change.advertise.is_empty() {
        out.str("UNCHANGED\n");
    } else {
        port_features(out, change.advertise);
    }
}
