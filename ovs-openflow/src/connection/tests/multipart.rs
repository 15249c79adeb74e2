//! Answers of many parts.

use super::*;
use crate::connection::multipart::{CollectError, Collector, split_reply};
use crate::error::EncodeError;
use crate::message::{Duration, MultipartReply, PortStats};
use ovs_core::PortNo;

/// Counters of ports: 112 bytes each in OpenFlow 1.3, behind 16 of headers.
fn ports(n: u32) -> MultipartReply {
    let port = |number: u32| PortStats {
        number: PortNo(number),
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
        collisions: 12,
        duration: Duration::default(),
    };
    MultipartReply::PortStats((0..n).map(port).collect())
}

#[test]
fn long_answers_are_cut_and_put_together() {
    for (n, max) in
        [(0, 0xffff), (1, 128), (584, 0xffff), (585, 0xffff), (20_000, 0xffff), (1000, 300)]
    {
        let parts = split_reply(ports(n), Protocol::OF13, max).unwrap();
        let mut collector = Collector::new(200_000);
        let mut whole = None;
        for (at, part) in parts.iter().enumerate() {
            let bytes = bytes_of(part, Protocol::OF13, 1);
            assert!(bytes.len() <= max, "{} > {max}", bytes.len());
            let Message::MultipartReply { more, body } = part.clone() else { panic!("{part:?}") };
            assert_eq!(more, at + 1 < parts.len());
            assert_eq!(whole, None);
            whole = collector.add(1, more, body).unwrap();
        }
        assert_eq!(whole, Some(ports(n)));
    }
    let error = split_reply(ports(2), Protocol::OF13, 127).unwrap_err();
    assert!(matches!(error, EncodeError::TooLong { .. }), "{error}");
}

#[test]
fn answers_without_end_are_not_collected() {
    let mut collector = Collector::new(100);
    assert_eq!(collector.add(1, true, ports(60)), Ok(None));
    assert_eq!(collector.add(2, true, ports(40)), Ok(None));
    let too_many = Err(CollectError::TooMany { max: 100 });
    assert_eq!(collector.add(3, true, ports(0)), too_many);
    assert_eq!(collector.add(2, true, ports(1)), too_many);
    assert_eq!(collector.add(2, true, ports(40)), Ok(None));
    let other = MultipartReply::Flow(Vec::new());
    assert_eq!(collector.add(2, false, other), Err(CollectError::Mismatch));
    assert_eq!(collector.forget(1), Some(ports(60)));
    assert_eq!(collector.add(4, true, ports(100)), Ok(None));
}
