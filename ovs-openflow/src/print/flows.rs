//! Rules, groups and meters: listed, changed and asked for.

use super::out::{Out, put};
use crate::message::{
    FlowMonitorCommand, FlowMonitorFlags, FlowMonitorRequest, FlowRemoved, FlowStats,
    FlowStatsRequest, FlowUpdate, FlowUpdateEvent, GroupFeatures, MeterFeatures,
};
use crate::protocol::{Protocol, Version};
use ovs_core::TableId;
use ovs_core::flow::{FlowFlags, FlowMod, FlowModCommand};
use ovs_core::group::{BucketPlace, Group, GroupId, GroupMod};
use ovs_core::meter::{Meter, MeterFlags, MeterId, MeterMod};
use ovs_core::{PortNo, matching::Match};

/// A match behind a space.
fn matching(out: &mut Out<'_>, matching: &Match, priority: Option<u16>) {
    let shown = out.syntax.show_match(matching);
    match priority {
        Some(priority) => put!(out, " {}", shown.priority(priority)),
        None => put!(out, " {shown}"),
    }
}

fn flags(out: &mut Out<'_>, flags: FlowFlags) {
    let names = [
        (FlowFlags::SEND_FLOW_REM, "send_flow_rem "),
        (FlowFlags::CHECK_OVERLAP, "check_overlap "),
        (FlowFlags::RESET_COUNTS, "reset_counts "),
        (FlowFlags::NO_PKT_COUNTS, "no_packet_counts "),
        (FlowFlags::NO_BYT_COUNTS, "no_byte_counts "),
    ];
    names.iter().filter(|(flag, _)| flags.contains(*flag)).for_each(|(_, name)| out.str(name));
}

pub(super) fn flow_mod(out: &mut Out<'_>, change: &FlowMod, protocol: Protocol) {
    out.str(match change.command {
        FlowModCommand::Add => " ADD",
        FlowModCommand::Modify => " MOD",
        FlowModCommand::ModifyStrict => " MOD_STRICT",
        FlowModCommand::Delete => " DEL",
        FlowModCommand::DeleteStrict => " DEL_STRICT",
    });
    if change.table != TableId(0) {
        put!(out, " table:{}", out.syntax.show_table(change.table));
    }
    matching(out, &change.matching, Some(change.priority));
    if !out.text.ends_with(' ') {
        out.str(" ");
    }
    if let Some(cookie) = change.cookie.filter(|cookie| ![0, u64::MAX].contains(cookie)) {
        put!(out, "cookie:{cookie:#x} ");
    }
    let filter = change.cookie_filter;
    if filter.mask != 0 {
        put!(out, "cookie:{:#x}/{:#x} ", filter.value, filter.mask);
    }
    if change.idle_timeout != 0 {
        put!(out, "idle:{} ", change.idle_timeout);
    }
    if change.hard_timeout != 0 {
        put!(out, "hard:{} ", change.hard_timeout);
    }
    if change.importance != 0 {
        put!(out, "importance:{} ", change.importance);
    }
    if let Some(buffer) = change.buffer {
        put!(out, "buf:{buffer:#x} ");
    }
    if change.out_port != PortNo::ANY {
        put!(out, "out_port:{} ", out.syntax.show_port(change.out_port));
    }
    // OpenFlow 1.0 has no such flag; it is what a modification there means.
    let unsaid = match protocol.version {
        Version::OF10 | Version::OF11 => FlowFlags::RESET_COUNTS,
        _ => FlowFlags::empty(),
    };
    flags(out, change.flags - unsaid);
    put!(out, "actions={}", out.syntax.show_instructions(&change.instructions));
}

pub(super) fn stats_request(out: &mut Out<'_>, request: &FlowStatsRequest) {
    if request.table != TableId::ALL {
        put!(out, " table={}", out.syntax.show_table(request.table));
    }
    if request.out_port != PortNo::ANY {
        put!(out, " out_port={}", out.syntax.show_port(request.out_port));
    }
    matching(out, &request.matching, None);
}

pub(super) fn stats(out: &mut Out<'_>, flows: &[FlowStats]) {
    for flow in flows {
        put!(out, "\n {}", out.syntax.show_flow_stats(flow));
    }
}

pub(super) fn removed(out: &mut Out<'_>, removed: &FlowRemoved) {
    matching(out, &removed.matching, Some(removed.priority));
    put!(out, " reason={}", removed.reason);
    if let Some(table) = removed.table {
        put!(out, " table_id={}", out.syntax.show_table(table));
    }
    if removed.cookie != 0 {
        put!(out, " cookie:{:#x}", removed.cookie);
    }
    out.str(" duration");
    out.duration(removed.duration.sec, removed.duration.nsec);
    put!(out, " idle{}", removed.idle_timeout);
    if removed.hard_timeout != 0 {
        put!(out, " hard{}", removed.hard_timeout);
    }
    put!(out, " pkts{} bytes{}\n", removed.packet_count, removed.byte_count);
}

pub(super) fn monitor_requests(out: &mut Out<'_>, requests: &[FlowMonitorRequest]) {
    let names = [
        (FlowMonitorFlags::INITIAL, "initial"),
        (FlowMonitorFlags::ADD, "add"),
        (FlowMonitorFlags::REMOVED, "delete"),
        (FlowMonitorFlags::MODIFY, "modify"),
        (FlowMonitorFlags::INSTRUCTIONS, "actions"),
        // Before OpenFlow 1.4 this is called so.
        (FlowMonitorFlags::NO_ABBREV, "own"),
        (FlowMonitorFlags::ONLY_OWN, "own"),
    ]
    .map(|(flag, name)| (flag.bits().into(), name));
    for request in requests {
        put!(out, "\n id={}", request.monitor);
        if request.command == FlowMonitorCommand::DELETE {
            out.str(" command=delete");
            continue;
        }
        out.str(" flags=");
        out.bits(request.flags.bits().into(), &names, ',');
        if request.out_port != PortNo::ANY {
            put!(out, " out_port={}", out.syntax.show_port(request.out_port));
        }
        if ![GroupId(0), GroupId::ANY].contains(&request.out_group) {
            put!(out, " out_group={}", request.out_group.0 as i32);
        }
        if request.table != TableId::ALL {
            put!(out, " table={}", out.syntax.show_table(request.table));
        }
        matching(out, &request.matching, None);
        out.chomp(' ');
    }
}

pub(super) fn updates(out: &mut Out<'_>, updates: &[FlowUpdate]) {
    updates.iter().for_each(|update| self::update(out, update));
}

fn update(out: &mut Out<'_>, update: &FlowUpdate) {
    out.str("\n event=");
    let FlowUpdate::Full {
        event,
        reason,
        priority: _, // Open vSwitch does not tell it either
        idle_timeout,
        hard_timeout,
        table,
        cookie,
        matching,
        instructions,
    } = update
    else {
        return match update {
            FlowUpdate::Abbreviated { xid } => put!(out, "ABBREV xid={xid:#x}"),
            FlowUpdate::Paused => out.str("PAUSED"),
            _ => out.str("RESUMED"),
        };
    };
    match event {
        FlowUpdateEvent::Initial => out.str("INITIAL"),
        FlowUpdateEvent::Added => out.str("ADDED"),
        FlowUpdateEvent::Removed => put!(out, "DELETED reason={reason}"),
        FlowUpdateEvent::Modified => out.str("MODIFIED"),
    }
    put!(out, " table={}", out.syntax.show_table(*table));
    if *idle_timeout != 0 {
        put!(out, " idle_timeout={idle_timeout}");
    }
    if *hard_timeout != 0 {
        put!(out, " hard_timeout={hard_timeout}");
    }
    match cookie {
        0 => out.str(" cookie=0"),
        _ => put!(out, " cookie={cookie:#x}"),
    }
    self::matching(out, matching, None);
    if !instructions.is_empty() {
        if !out.text.ends_with(' ') {
            out.str(" ");
        }
        put!(out, "actions={}", out.syntax.show_instructions(instructions));
    }
}

pub(super) fn groups(out: &mut Out<'_>, groups: &[Group]) {
    for group in groups {
        put!(out, "\n {}", out.syntax.show_group(group));
    }
}

pub(super) fn group_mod(out: &mut Out<'_>, change: &GroupMod, protocol: Protocol) {
    let place = |out: &mut Out<'_>, place: &BucketPlace| {
        if protocol.version == Version::OF10 || protocol.version >= Version::OF15 {
            match place {
                BucketPlace::First => out.str("command_bucket_id:first,"),
                BucketPlace::Last => out.str("command_bucket_id:last,"),
                BucketPlace::All => out.str("command_bucket_id:all,"),
                BucketPlace::Bucket(number) => put!(out, "command_bucket_id:{number},"),
            }
        }
    };
    match change {
        GroupMod::Add(group) => put!(out, "\n ADD {}", out.syntax.show_group(group)),
        GroupMod::Modify(group) => put!(out, "\n MOD {}", out.syntax.show_group(group)),
        GroupMod::AddOrModify(group) => {
            put!(out, "\n ADD_OR_MOD {}", out.syntax.show_group(group));
        }
        GroupMod::Delete(id) => put!(out, "\n DEL group_id={},type=all", id.0),
        GroupMod::InsertBuckets(group, at) => {
            out.str("\n INSERT_BUCKET ");
            place(out, at);
            let shown = alloc::format!("{}", out.syntax.show_group(group));
            // The kind of the group is that of the group that there is.
            out.str(&shown.replacen(",type=all", "", 1));
        }
        GroupMod::RemoveBuckets(id, at) => {
            out.str("\n REMOVE_BUCKET ");
            place(out, at);
            put!(out, "group_id={}", id.0);
        }
    }
}

pub(super) fn group_features(out: &mut Out<'_>, features: &GroupFeatures, protocol: Protocol) {
    out.str("\n Group table:\n");
    put!(out, "    Types:  {:#x}\n", features.kinds.bits());
    put!(out, "    Capabilities:  {:#x}\n", features.capabilities.bits());
    let kinds = ["all", "select", "indirect", "fast failover"].iter().enumerate();
    let limits = features.max_groups.iter().zip(&features.actions);
    for ((n, kind), (max, actions)) in kinds.zip(limits) {
        if features.kinds.bits() >> n & 1 == 0 {
            continue;
        }
        put!(out, "    {kind} group:\n");
        match max {
            0 => out.str("       max_groups=0\n"),
            _ => put!(out, "       max_groups={max:#x}\n"),
        }
        out.str("       actions: ");
        if protocol.version == Version::OF10 {
            super::actions::put_names_of10(out, actions.0);
        } else {
            let numbers = (0..32u16).filter(|bit| actions.0 >> bit & 1 != 0).collect();
            super::actions::put_names_of13(out, &numbers);
        }
        out.str("\n");
    }
}

pub(super) fn meter_mod(out: &mut Out<'_>, change: &MeterMod) {
    match change {
        MeterMod::Add(meter) => meter_line(out, " ADD ", meter),
        MeterMod::Modify(meter) => meter_line(out, " MOD ", meter),
        MeterMod::Delete(id) => {
            out.str(" DEL ");
            meter_id(out, *id);
            out.str(" bands=\n");
        }
    }
}

fn meter_line(out: &mut Out<'_>, leader: &str, meter: &Meter) {
    put!(out, "{leader}{}\n", out.syntax.show_meter(meter));
}

fn meter_id(out: &mut Out<'_>, id: MeterId) {
    let known = [MeterId::SLOWPATH, MeterId::CONTROLLER, MeterId::ALL].contains(&id);
    if id <= MeterId::MAX || known {
        put!(out, "meter={id}");
    } else {
        out.str("meter=unknown");
    }
}

pub(super) fn meter_request(out: &mut Out<'_>, id: MeterId) {
    out.str(" ");
    meter_id(out, id);
}

pub(super) fn meters(out: &mut Out<'_>, meters: &[Meter]) {
    meters.iter().for_each(|meter| meter_line(out, "\n", meter));
}

pub(super) fn meter_features(out: &mut Out<'_>, features: &MeterFeatures) {
    put!(out, "\nmax_meter:{} max_bands:{} ", features.max_meters, features.max_bands);
    put!(out, "max_color:{}\nband_types: ", features.max_color);
    out.bits(features.band_types.bits(), &[(1 << 1, "drop"), (1 << 2, "dscp_remark")], ' ');
    out.str("\ncapabilities: ");
    let names = [
        (MeterFlags::KBPS, "kbps"),
        (MeterFlags::PKTPS, "pktps"),
        (MeterFlags::BURST, "burst"),
        (MeterFlags::STATS, "stats"),
    ];
    let names = names.map(|(flag, name)| (flag.bits().into(), name));
    out.bits(features.capabilities.bits().into(), &names, ' ');
    out.str("\n");
}
