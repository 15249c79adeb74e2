//! The description of the switch; counters of tables, ports, queues, meters and exporters.

use super::*;
use crate::message::*;
use MultipartReply as Reply;
use MultipartRequest as Request;
use alloc::string::String;
use alloc::vec;
use ovs_core::meter::{Band, BandKind, Meter, MeterFlags, MeterId};
use ovs_core::{PortNo, QueueId, TableId};

const UNKNOWN: Duration = Duration { sec: u32::MAX, nsec: u32::MAX };

#[test]
fn the_description_has_1056_bytes() {
    let mut body = vec![0; 1056];
    for (at, letter) in [(0, b'a'), (256, b'b'), (512, b'c'), (768, b'd'), (800, b'e')] {
        body[at] = letter;
    }
    let bytes = [&old(0)[..], &body].concat();
    let description = Description {
        manufacturer: "a".into(),
        hardware: "b".into(),
        software: "c".into(),
        serial_number: "d".into(),
        datapath: "e".into(),
    };
    assert_eq!(exact_reply(&bytes, OF10), Reply::Desc(description));
    exact_reply(&[&new(0)[..], &body].concat(), OF13);
    assert_eq!(reply(&bytes[..1059], OF10), Err(ErrorCode::OFPBRC_BAD_LEN));
    assert_eq!(reply(&[&bytes[..], &[0]].concat(), OF10), Err(ErrorCode::OFPBRC_BAD_LEN));
}

#[test]
fn tables() {
    let mut entry = vec![3, 0, 0, 0];
    entry.extend(b"classifier");
    entry.resize(36, 0);
    entry.extend(u32s([0x3f_ffff, 1000, 5]));
    entry.extend(u64s([6, 7]));
    assert_eq!(entry.len(), 64);
    let stats = TableStats {
        table: TableId(3),
        active_count: 5,
        lookup_count: 6,
        matched_count: 7,
        name: "classifier".into(),
        wildcards: 0x3f_ffff,
        max_entries: 1000,
    };
    let bytes = [&old(3)[..], &entry, &entry].concat();
    assert_eq!(exact_reply(&bytes, OF10), Reply::Table(vec![stats.clone(), stats.clone()]));

    let entry = [u32s([0x0300_0000, 5]), u64s([6, 7])].concat();
    let bytes = [&new(3)[..], &entry, &entry].concat();
    let stats = TableStats { name: String::new(), wildcards: 0, max_entries: 0, ..stats };
    assert_eq!(exact_reply(&bytes, OF13), Reply::Table(vec![stats.clone(), stats]));
    assert_eq!(reply(&bytes[..40], OF13), Err(ErrorCode::OFPBRC_BAD_LEN));
}

fn port_stats(duration: Duration) -> PortStats {
    PortStats {
        number: PortNo::LOCAL,
        rx_packets: 1,
        tx_packets: 2,
        rx_bytes: 3,
        tx_bytes: 4,
        rx_dropped: 5,
        tx_dropped: 6,
        rx_errors: 7,
        tx_errors: 8,
        rx_frame_err: 9,
        rx_over_err: 10,
        rx_crc_err: 11,
        collisions: u64::MAX,
        duration,
    }
}

#[test]
fn ports() {
    let counters = u64s((1..12).chain([u64::MAX]));
    let bytes = [&old(4)[..], &[0xff, 0xfe, 0, 0, 0, 0, 0, 0], &counters].concat();
    assert_eq!(exact_reply(&bytes, OF10), Reply::PortStats(vec![port_stats(UNKNOWN)]));
    let tail = u32s([13, 14]);
    let head = u32s([0xffff_fffe, 0]);
    let bytes = [&new(4)[..], &head, &counters, &tail].concat();
    let stats = port_stats(Duration { sec: 13, nsec: 14 });
    assert_eq!(exact_reply(&bytes, OF13), Reply::PortStats(vec![stats]));

    let all = [&old(4)[..], &[0xff, 0xff, 0, 0, 0, 0, 0, 0]].concat();
    assert_eq!(exact_request(&all, OF10), Request::PortStats(PortNo::ANY));
    let one = [&new(4)[..], &[0, 0, 0, 1, 0, 0, 0, 0]].concat();
    assert_eq!(exact_request(&one, OF13), Request::PortStats(PortNo(1)));
    assert_eq!(request(&one[..15], OF13), Err(ErrorCode::OFPBRC_BAD_LEN));
    let beyond = [&new(4)[..], &[0, 0, 0xff, 0, 0, 0, 0, 0]].concat();
    assert_eq!(request(&beyond, OF13), Err(ErrorCode::OFPBAC_BAD_OUT_PORT));
    let beyond = Request::PortStats(PortNo(0xff00));
    assert!(matches!(write_request(&beyond, OF10), Err(EncodeError::TooLarge { .. })));
}

#[test]
fn queues() {
    let counters = u64s([3, 4, 5]);
    let bytes = [&old(5)[..], &[0, 1, 0, 0, 0, 0, 0, 2], &counters].concat();
    let stats = QueueStats {
        port: PortNo(1),
        queue: QueueId(2),
        tx_bytes: 3,
        tx_packets: 4,
        tx_errors: 5,
        duration: UNKNOWN,
    };
    assert_eq!(exact_reply(&bytes, OF10), Reply::Queue(vec![stats.clone()]));
    let bytes = [&new(5)[..], &u32s([1, 2]), &counters, &u32s([6, 7])].concat();
    let stats = QueueStats { duration: Duration { sec: 6, nsec: 7 }, ..stats };
    assert_eq!(exact_reply(&bytes, OF13), Reply::Queue(vec![stats]));

    // All ports are another number in each version.
    let all = Request::Queue(QueueStatsRequest { port: PortNo::ANY, queue: QueueId::ALL });
    let bytes = [&old(5)[..], &[0xff, 0xfc, 0, 0, 0xff, 0xff, 0xff, 0xff]].concat();
    assert_eq!(exact_request(&bytes, OF10), all);
    assert_eq!(exact_request(&[&new(5)[..], &[0xff; 8]].concat(), OF13), all);
}

#[test]
fn meters() {
    let entry = [
        &u32s([7])[..],
        &[0, 72, 0, 0, 0, 0, 0, 0],
        &u32s([2]),
        &u64s([3, 4]),
        &u32s([5, 6]),
        &u64s([7, 8, 9, 10]),
    ]
    .concat();
    let stats = MeterStats {
        meter: MeterId(7),
        flow_count: 2,
        packet_in_count: 3,
        byte_in_count: 4,
        duration: Duration { sec: 5, nsec: 6 },
        bands: vec![
            BandStats { packet_count: 7, byte_count: 8 },
            BandStats { packet_count: 9, byte_count: 10 },
        ],
    };
    let bytes = [&new(9)[..], &entry, &entry].concat();
    assert_eq!(exact_reply(&bytes, OF13), Reply::Meter(vec![stats.clone(), stats]));
    for len in [0, 39, 48, 73, 0xff] {
        let mut bytes = bytes.clone();
        bytes[13] = len;
        assert_eq!(reply(&bytes, OF13), Err(ErrorCode::OFPBRC_BAD_LEN), "{len}");
    }
    assert_eq!(exact_request(&[new(9), u32s([7, 0])].concat(), OF13), Request::Meter(MeterId(7)));
    let all = [new(10), u32s([u32::MAX, 0])].concat();
    assert_eq!(exact_request(&all, OF13), Request::MeterConfig(MeterId::ALL));
}

#[test]
fn configurations_and_features_of_meters() {
    let entry = [0, 24, 0, 1, 0, 0, 0, 7, 0, 1, 0, 16, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 0];
    let empty = [0, 8, 0, 2, 0, 0, 0, 8];
    let bytes = [&new(10)[..], &entry, &empty].concat();
    let bands = vec![Band { kind: BandKind::Drop, rate: 5, burst_size: 6 }];
    let expected = vec![
        Meter { id: MeterId(7), flags: MeterFlags::KBPS, bands },
        Meter { id: MeterId(8), flags: MeterFlags::PKTPS, bands: Vec::new() },
    ];
    assert_eq!(exact_reply(&bytes, OF13), Reply::MeterConfig(expected));
    for len in [0, 7, 16, 25, 0xff] {
        let mut bytes = bytes.clone();
        bytes[9] = len;
        assert_eq!(reply(&bytes, OF13), Err(ErrorCode::OFPBRC_BAD_LEN), "{len}");
    }

    let bytes = [&new(11)[..], &u32s([5, 6, 7]), &[8, 9, 0, 0]].concat();
    let features = MeterFeatures {
        max_meters: 5,
        band_types: BandTypes::DROP | BandTypes::DSCP_REMARK,
        capabilities: MeterFlags::KBPS | MeterFlags::PKTPS | MeterFlags::BURST,
        max_bands: 8,
        max_color: 9,
    };
    assert_eq!(exact_reply(&bytes, OF13), Reply::MeterFeatures(features));
}

#[test]
fn exporters() {
    let entry = [u64s(1..=10), u32s([11, 0])].concat();
    let stats = IpfixStats {
        total_flows: 1,
        current_flows: 2,
        packets: 3,
        ipv4_packets: 4,
        ipv6_packets: 5,
        error_packets: 6,
        ipv4_error_packets: 7,
        ipv6_error_packets: 8,
        tx_packets: 9,
        tx_errors: 10,
        collector_set: 11,
    };
    let bytes = [&nicira(3)[..], &entry].concat();
    assert_eq!(exact_reply(&bytes, OF10), Reply::IpfixBridge(stats));
    let two = [&nicira(4)[..], &entry, &entry].concat();
    assert_eq!(exact_reply(&two, OF10), Reply::IpfixFlow(vec![stats, stats]));
    let two = [&bytes[..], &entry].concat();
    assert_eq!(reply(&two, OF10), Err(ErrorCode::OFPBRC_BAD_LEN));
}
