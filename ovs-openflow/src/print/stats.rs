//! Counters.

use super::out::{Out, put};
use crate::message::{
    AggregateStats, GroupStats, IpfixStats, MeterStats, PortStats, QueueConfig, QueueProperty,
    QueueStats, TableStats,
};
use ovs_core::PortNo;

pub(super) fn aggregate(out: &mut Out<'_>, stats: &AggregateStats) {
    let AggregateStats { packet_count, byte_count, flow_count } = stats;
    put!(out, " packet_count={packet_count} byte_count={byte_count} flow_count={flow_count}");
}

pub(super) fn ports(out: &mut Out<'_>, ports: &[PortStats]) {
    put!(out, " {} ports\n", ports.len());
    if out.verbosity > 0 {
        ports.iter().for_each(|stats| port(out, stats));
    }
}

fn port(out: &mut Out<'_>, stats: &PortStats) {
    let number = stats.number;
    put!(out, "  port {}{number}: rx ", if number.0 < 10 { " " } else { "" });
    out.counter("pkts=", stats.rx_packets, ", ");
    out.counter("bytes=", stats.rx_bytes, ", ");
    out.counter("drop=", stats.rx_dropped, ", ");
    out.counter("errs=", stats.rx_errors, ", ");
    out.counter("frame=", stats.rx_frame_err, ", ");
    out.counter("over=", stats.rx_over_err, ", ");
    out.counter("crc=", stats.rx_crc_err, "\n");
    out.str("           tx ");
    out.counter("pkts=", stats.tx_packets, ", ");
    out.counter("bytes=", stats.tx_bytes, ", ");
    out.counter("drop=", stats.tx_dropped, ", ");
    out.counter("errs=", stats.tx_errors, ", ");
    out.counter("coll=", stats.collisions, "\n");
    if stats.duration.sec != u32::MAX {
        out.str("           duration=");
        out.duration(stats.duration.sec, stats.duration.nsec);
        out.str("\n");
    }
}

pub(super) fn queues(out: &mut Out<'_>, queues: &[QueueStats]) {
    put!(out, " {} queues\n", queues.len());
    if out.verbosity == 0 {
        return;
    }
    for stats in queues {
        put!(out, "  port {} queue {}: ", stats.port, stats.queue);
        out.counter("bytes=", stats.tx_bytes, ", ");
        out.counter("pkts=", stats.tx_packets, ", ");
        out.counter("errors=", stats.tx_errors, ", ");
        out.str("duration=");
        match stats.duration.sec {
            u32::MAX => out.str("?"),
            sec => out.duration(sec, stats.duration.nsec),
        }
        out.str("\n");
    }
}

/// If one port was asked for, all queues are taken to be its.
pub(super) fn queue_config(out: &mut Out<'_>, asked: PortNo, queues: &[QueueConfig]) {
    let port_of = |queue: &QueueConfig| if asked == PortNo::ANY { queue.port } else { asked };
    let mut sorted = queues.iter().collect::<alloc::vec::Vec<_>>();
    sorted.sort_by_key(|queue| (port_of(queue), queue.queue));
    out.str(" ");
    let mut port = PortNo(0);
    for queue in sorted {
        if port_of(queue) != port {
            port = port_of(queue);
            put!(out, "port={port}\n");
        }
        put!(out, "queue {}:", queue.queue.0);
        let rate = |wanted: fn(&QueueProperty) -> Option<u16>| {
            queue.properties.iter().rev().find_map(wanted).unwrap_or(u16::MAX)
        };
        queue_rate(out, "min_rate", rate(min_rate));
        queue_rate(out, "max_rate", rate(max_rate));
        out.str("\n");
    }
    out.chomp(' ');
}

fn min_rate(property: &QueueProperty) -> Option<u16> {
    if let QueueProperty::MinRate(rate) = property { Some(*rate) } else { None }
}

fn max_rate(property: &QueueProperty) -> Option<u16> {
    if let QueueProperty::MaxRate(rate) = property { Some(*rate) } else { None }
}

fn queue_rate(out: &mut Out<'_>, name: &str, rate: u16) {
    match rate {
        0..=1000 => put!(out, " {name}:{}.{}%", rate / 10, rate % 10),
        u16::MAX => {}
        _ => put!(out, " {name}:(disabled)"),
    }
}

pub(super) fn groups(out: &mut Out<'_>, groups: &[GroupStats]) {
    for stats in groups {
        put!(out, "\n group_id={},", stats.group.0);
        if stats.duration.sec != u32::MAX {
            out.str("duration=");
            out.duration(stats.duration.sec, stats.duration.nsec);
            out.str(",");
        }
        put!(out, "ref_count={},packet_count={},", stats.ref_count, stats.packet_count);
        put!(out, "byte_count={}", stats.byte_count);
        let known = stats.buckets.iter().enumerate();
        for (n, bucket) in known.filter(|(_, bucket)| bucket.packet_count != u64::MAX) {
            put!(out, ",bucket{n}:packet_count={},", bucket.packet_count);
            put!(out, "byte_count={}", bucket.byte_count);
        }
    }
}

pub(super) fn meters(out: &mut Out<'_>, meters: &[MeterStats]) {
    for stats in meters {
        put!(out, "\nmeter:{} flow_count:{} ", stats.meter, stats.flow_count);
        put!(out, "packet_in_count:{} ", stats.packet_in_count);
        put!(out, "byte_in_count:{} duration:", stats.byte_in_count);
        out.duration(stats.duration.sec, stats.duration.nsec);
        out.str(" bands:\n");
        for (n, band) in stats.bands.iter().enumerate() {
            put!(out, "{n}: packet_count:{} byte_count:{}\n", band.packet_count, band.byte_count);
        }
    }
}

pub(super) fn ipfix_bridge(out: &mut Out<'_>, stats: &IpfixStats) {
    out.str("\n  bridge ipfix: ");
    ipfix(out, stats, 16);
}

pub(super) fn ipfix_flow(out: &mut Out<'_>, stats: &[IpfixStats]) {
    put!(out, " {} ids\n", stats.len());
    for stats in stats {
        put!(out, "  id {:3}: ", stats.collector_set);
        ipfix(out, stats, 10);
    }
}

fn ipfix(out: &mut Out<'_>, stats: &IpfixStats, indent: usize) {
    out.counter("flows=", stats.total_flows, ", ");
    out.counter("current flows=", stats.current_flows, ", ");
    out.counter("sampled pkts=", stats.packets, ", ");
    out.counter("ipv4 ok=", stats.ipv4_packets, ", ");
    out.counter("ipv6 ok=", stats.ipv6_packets, ", ");
    out.counter("tx pkts=", stats.tx_packets, "\n");
    put!(out, "{:indent$}", "");
    out.counter("pkts errs=", stats.error_packets, ", ");
    out.counter("ipv4 errs=", stats.ipv4_error_packets, ", ");
    out.counter("ipv6 errs=", stats.ipv6_error_packets, ", ");
    out.counter("tx errs=", stats.tx_errors, "\n");
}

/// Which table's numbers are the same as those before is said in short.
#[derive(Default)]
pub(super) struct Dittos(Option<(u8, u8)>);

impl Dittos {
    pub(super) fn add(&mut self, table: u8) {
        let first = self.0.map_or(table, |(first, _)| first);
        self.0 = Some((first, table));
    }

    pub(super) fn finish(&mut self, out: &mut Out<'_>) {
        match self.0.take() {
            None => {}
            Some((first, last)) if first == last => put!(out, "\n  table {first}: ditto\n"),
            Some((first, last)) => put!(out, "\n  tables {first}...{last}: ditto\n"),
        }
    }
}

/// Names of OpenFlow 1.0's fields in the order in which they are told, by the bit that says that
/// one may be left out.
const FIELDS_OF10: [(u32, &str); 12] = [
    (1 << 0, "in_port"),
    (1 << 2, "eth_src"),
    (1 << 3, "eth_dst"),
    (1 << 4, "eth_type"),
    (1 << 1, "vlan_vid"),
    (1 << 20, "vlan_pcp"),
    (0x3f << 8, "ip_src"),
    (0x3f << 14, "ip_dst"),
    (1 << 5, "nw_proto"),
    (1 << 21, "nw_tos"),
    (1 << 6, "tcp_src"),
    (1 << 7, "tcp_dst"),
];

pub(super) fn tables(out: &mut Out<'_>, tables: &[TableStats]) {
    let mut before: Option<&TableStats> = None;
    let mut dittos = Dittos::default();
    for stats in tables {
        let same = |f: fn(&TableStats) -> (u64, u64, u64)| before.map(f) == Some(f(stats));
        let same_counters =
            same(|stats| (stats.active_count.into(), stats.lookup_count, stats.matched_count));
        let same_features = same(|stats| (stats.wildcards.into(), stats.max_entries.into(), 0));
        before = Some(stats);
        if same_counters && same_features && stats.name.is_empty() {
            dittos.add(stats.table.0);
            continue;
        }
        dittos.finish(out);
        put!(out, "\n  table {}", stats.table.0);
        if !stats.name.is_empty() {
            put!(out, " (\"{}\")", stats.name);
        }
        out.str(":");
        if same_counters && same_features {
            out.str(" ditto");
            continue;
        }
        put!(out, "\n    active={}, ", stats.active_count);
        put!(out, "lookup={}, matched={}\n", stats.lookup_count, stats.matched_count);
        let has_features = stats.wildcards != 0 || stats.max_entries != 0;
        match has_features {
            true if same_features => out.str("    (same features)\n"),
            true => table_of10(out, stats),
            false => {}
        }
    }
    dittos.finish(out);
}

fn table_of10(out: &mut Out<'_>, stats: &TableStats) {
    if stats.max_entries != 0 {
        put!(out, "    max_entries={}\n", stats.max_entries);
    }
    if stats.wildcards == 0 {
        return;
    }
    out.str("    matching:\n      exact match or wildcard:");
    let names = FIELDS_OF10.iter().filter(|(bit, _)| stats.wildcards & bit != 0);
    super::names::list(out, &names.map(|(_, name)| *name).collect::<alloc::vec::Vec<_>>());
    out.str("\n");
}
