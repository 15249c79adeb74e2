//! Rules: changed, asked for, listed, removed, watched.

use super::action::instructions;
use super::matching::matching;
use super::scalar::{
    buffer, duration, group_or, is_old, port_or_any, table, table_or_all, u8s, u16s, u32s, u64s,
};
use ovs_core::TableId;
use ovs_core::action::Instructions;
use ovs_core::field::Field;
use ovs_core::flow::{CookieFilter, FlowFlags, FlowMod, FlowModCommand};
use ovs_core::group::GroupId;
use ovs_core::matching::Match;
use ovs_openflow::Protocol;
use ovs_openflow::message::{
    AggregateStats, FlowMonitorCommand, FlowMonitorFlags, FlowMonitorRequest, FlowRemoved,
    FlowRemovedReason, FlowStats, FlowStatsRequest, FlowUpdate, FlowUpdateEvent,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Some of these flags.
pub(crate) fn flags<F>(all: impl IntoIterator<Item = F>) -> BoxedStrategy<F>
where
    F: std::ops::BitOr<Output = F> + Copy + std::fmt::Debug + Default + 'static,
{
    let all: Vec<F> = all.into_iter().collect();
    let count = all.len();
    prop::sample::subsequence(all, 0..=count)
        .prop_map(|some| some.into_iter().fold(F::default(), |all, one| all | one))
        .boxed()
}

/// Can the protocol ask for cookies?
fn has_cookie_filter(protocol: Protocol) -> bool {
    !is_old(protocol) || protocol.nxm
}

fn cookie_filter(protocol: Protocol) -> BoxedStrategy<CookieFilter> {
    let none = Just(CookieFilter::default());
    if !has_cookie_filter(protocol) {
        return none.boxed();
    }
    let some = (u64s(), prop_oneof![Just(u64::MAX), 1..u64::MAX])
        .prop_map(|(value, mask)| CookieFilter { value: value & mask, mask });
    prop_oneof![none, some].boxed()
}

const COMMANDS: [FlowModCommand; 5] = [
    FlowModCommand::Add,
    FlowModCommand::Modify,
    FlowModCommand::ModifyStrict,
    FlowModCommand::Delete,
    FlowModCommand::DeleteStrict,
];

/// A change of the flow table that does just this.
pub(crate) fn flow_mod_with(
    protocol: Protocol,
    matching: BoxedStrategy<Match>,
    instructions: BoxedStrategy<Instructions>,
) -> BoxedStrategy<FlowMod> {
    let head = (select(COMMANDS.to_vec()), table(), u16s(), u16s(), u16s());
    let cookies = (u64s(), any::<bool>(), cookie_filter(protocol));
    let rest = (buffer(), port_or_any(), group_or(GroupId::ANY), flow_flags(protocol));
    (head, cookies, rest, matching, instructions)
        .prop_map(move |(head, cookies, rest, matching, instructions)| {
            let (command, table, priority, idle_timeout, hard_timeout) = head;
            let (buffer, out_port, out_group, flags) = rest;
            let mut change = FlowMod {
                command,
                table,
                matching,
                priority,
                cookie: Some(cookies.0),
                updates_cookie: false,
                cookie_filter: cookies.2,
                idle_timeout,
                hard_timeout,
                importance: 0,
                buffer,
                out_port,
                out_group,
                flags,
                instructions,
            };
            settle(&mut change, protocol, cookies.1);
            change
        })
        .boxed()
}

pub(crate) fn flow_mod(protocol: Protocol) -> BoxedStrategy<FlowMod> {
    flow_mod_with(protocol, matching(protocol), instructions(protocol))
}

/// Leaves what the protocol can say, in the form in which it is read.
fn settle(change: &mut FlowMod, protocol: Protocol, has_cookie: bool) {
    let adds = change.command == FlowModCommand::Add;
    let modifies = matches!(change.command, FlowModCommand::Modify | FlowModCommand::ModifyStrict);
    if adds {
        change.cookie_filter = CookieFilter::default();
    }
    if !is_old(protocol) {
        if !adds {
            change.cookie = None;
        }
        return;
    }
    // All ones are the sign for none, but for an addition.
    if !adds && (!has_cookie || change.cookie == Some(u64::MAX)) {
        change.cookie = None;
    }
    change.updates_cookie = modifies && change.cookie.is_some();
    change.out_group = GroupId::ANY;
    if !protocol.table_id {
        change.table = TableId::ALL;
    }
    if adds {
        change.flags |= FlowFlags::RESET_COUNTS;
    }
    // A rule that leaves nothing open has the highest priority.
    if !protocol.nxm && is_exact(&change.matching) {
        change.priority = u16::MAX;
    }
}

/// Are all fields of OpenFlow 1.0 asked for?
fn is_exact(matching: &Match) -> bool {
    use Field::*;
    let fields = [
        InPort, EthSrc, EthDst, EthType, VlanTci, IpDscp, IpProto, Ipv4Src, Ipv4Dst, TcpSrc, TcpDst,
    ];
    fields.iter().all(|field| matching.get(*field).is_some_and(|(_, mask)| mask == field.ones()))
}

fn flow_flags(protocol: Protocol) -> BoxedStrategy<FlowFlags> {
    let mut all = vec![FlowFlags::SEND_FLOW_REM, FlowFlags::CHECK_OVERLAP];
    if !is_old(protocol) {
        all.push(FlowFlags::RESET_COUNTS);
        all.push(FlowFlags::NO_PKT_COUNTS);
        all.push(FlowFlags::NO_BYT_COUNTS);
    }
    flags(all)
}

pub(crate) fn stats_request(protocol: Protocol) -> BoxedStrategy<FlowStatsRequest> {
    let group = if is_old(protocol) { Just(GroupId::ANY).boxed() } else { group_or(GroupId::ANY) };
    (table_or_all(), port_or_any(), group, cookie_filter(protocol), matching(protocol))
        .prop_map(|(table, out_port, out_group, cookie, matching)| FlowStatsRequest {
            table,
            out_port,
            out_group,
            cookie,
            matching,
        })
        .boxed()
}

pub(crate) fn stats(protocol: Protocol) -> BoxedStrategy<FlowStats> {
    let ages = if protocol.nxm && is_old(protocol) {
        (option::of(0..u16::MAX), option::of(0..u16::MAX)).boxed()
    } else {
        Just((None, None)).boxed()
    };
    let has_flags = !is_old(protocol);
    let times = (duration(), u16s(), u16s(), u16s());
    let counters = (u64s(), u64s(), u64s());
    let what = (matching(protocol), instructions(protocol));
    (table(), times, ages, flow_flags(protocol), counters, what)
        .prop_map(move |(table, times, ages, flags, counters, what)| FlowStats {
            table,
            duration: times.0,
            priority: times.1,
            idle_timeout: times.2,
            hard_timeout: times.3,
            idle_age: ages.0,
            hard_age: ages.1,
            flags: if has_flags { flags } else { FlowFlags::empty() },
            importance: 0,
            cookie: counters.0,
            packet_count: counters.1,
            byte_count: counters.2,
            matching: what.0,
            instructions: what.1,
        })
        .boxed()
}

pub(crate) fn aggregate() -> BoxedStrategy<AggregateStats> {
    (u64s(), u64s(), u32s())
        .prop_map(|(packet_count, byte_count, flow_count)| AggregateStats {
            packet_count,
            byte_count,
            flow_count,
        })
        .boxed()
}

fn reason() -> BoxedStrategy<FlowRemovedReason> {
    prop_oneof![4 => 0..6u8, 1 => u8s()].prop_map(FlowRemovedReason).boxed()
}

pub(crate) fn removed(protocol: Protocol) -> BoxedStrategy<FlowRemoved> {
    let old = is_old(protocol);
    // Nicira's form tells it as one more, zero for none.
    let table = match (old, protocol.nxm) {
        (true, false) => Just(None).boxed(),
        (true, true) => option::of(table()).boxed(),
        _ => table().prop_map(Some).boxed(),
    };
    let hard = if old { Just(0).boxed() } else { u16s() };
    let head = (u64s(), u16s(), reason(), table);
    let counters = (duration(), u16s(), hard, u64s(), u64s());
    (head, counters, matching(protocol))
        .prop_map(|(head, counters, matching)| FlowRemoved {
            cookie: head.0,
            priority: head.1,
            reason: head.2,
            table: head.3,
            duration: counters.0,
            idle_timeout: counters.1,
            hard_timeout: counters.2,
            packet_count: counters.3,
            byte_count: counters.4,
            matching,
        })
        .boxed()
}

/// The form of a match in flow monitors: a list of fields always.
fn listed(protocol: Protocol) -> BoxedStrategy<Match> {
    matching(Protocol { nxm: true, ..protocol })
}

pub(crate) fn monitor_request(protocol: Protocol) -> BoxedStrategy<FlowMonitorRequest> {
    let changes =
        [FlowMonitorFlags::ADD, FlowMonitorFlags::REMOVED, FlowMonitorFlags::MODIFY].to_vec();
    let more = flags([
        FlowMonitorFlags::INITIAL,
        FlowMonitorFlags::INSTRUCTIONS,
        FlowMonitorFlags::NO_ABBREV,
    ]);
    let flags = (select(changes.clone()), flags(changes), more).prop_map(|(a, b, c)| a | b | c);
    (u32s(), flags, port_or_any(), table_or_all(), listed(protocol))
        .prop_map(|(monitor, flags, out_port, table, matching)| FlowMonitorRequest {
            monitor,
            command: FlowMonitorCommand::ADD,
            flags,
            out_port,
            out_group: GroupId::ANY,
            table,
            matching,
        })
        .boxed()
}

pub(crate) fn update(protocol: Protocol) -> BoxedStrategy<FlowUpdate> {
    let events =
        select(vec![FlowUpdateEvent::Added, FlowUpdateEvent::Removed, FlowUpdateEvent::Modified]);
    let head = (events, reason(), u16s(), u16s(), u16s(), table(), u64s());
    let full = (head, listed(protocol), instructions(protocol)).prop_map(
        |(head, matching, instructions)| FlowUpdate::Full {
            event: head.0,
            reason: head.1,
            priority: head.2,
            idle_timeout: head.3,
            hard_timeout: head.4,
            table: head.5,
            cookie: head.6,
            matching,
            instructions,
        },
    );
    prop_oneof![3 => full, 1 => u32s().prop_map(|xid| FlowUpdate::Abbreviated { xid })].boxed()
}
