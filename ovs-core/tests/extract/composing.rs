//! What `compose` refuses, and what it has to do beyond the key.

use crate::{frame, key, label, ports, vlan};
use ovs_core::Frame;
use ovs_core::checksum::internet_checksum;
use ovs_core::frame::Offload;
use ovs_core::key::{ComposeError, ETH_TYPE_NONE, FlowKey, U16, U32, U64, compose, exthdr};

/// The member that a frame cannot have, or none.
#[track_caller]
fn refused(key: FlowKey) -> Option<&'static str> {
    let mut frame = Frame::from([1, 2, 3]);
    match compose(&key, b"payload", &mut frame) {
        Ok(()) => None,
        Err(ComposeError::Member { member }) => {
            assert!(frame.is_empty());
            Some(member)
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn contradictions_are_named() {
    let cases: [(&str, FlowKey); 22] = [
        ("mpls", key(0x0806, |key| key.mpls[0] = label(0x1ff))),
        ("mpls", key(0x8847, |key| key.mpls = [label(0x100), label(0x100), label(0)])),
        ("eth_type", key(0, |_| {})),
        ("eth_type", key(0x0123, |_| {})),
        ("vlans", key(0x0800, |key| key.vlans[1] = vlan(0x8100, 1))),
        ("vlans", key(0x0800, |key| key.vlans[0] = vlan(0x9100, 1))),
        ("vlans", key(0x0800, |key| key.vlans[0] = vlan(0, 1))),
        ("vlans", key(0x8100, |_| {})),
        ("packet_type", key(0x0800, |key| key.packet_type = U32::new(0x1_0800))),
        ("pbb_itag", key(0x0800, |key| key.pbb_itag = U32::new(1))),
        ("nsh_ttl", key(0x894f, |key| key.nsh_ttl = 64)),
        ("nsh_flags", key(0x894f, |key| key.nsh_flags = 4)),
        ("nsh_context", key(0x894f, |key| key.nsh_context[3] = U32::new(1))),
        (
            "ipv4_src",
            key(0x86dd, |key| {
                key.ip_proto = 6;
                key.ipv4_src = [1; 4];
            }),
        ),
        ("tp_src", key(0x0800, |key| ports(key, 1, 2))),
        (
            "tp_dst",
            key(0x0800, |key| {
                key.ip_proto = 1;
                ports(key, 8, 256);
            }),
        ),
        (
            "tcp_flags",
            key(0x0800, |key| {
                key.ip_proto = 6;
                key.tcp_flags = U16::new(0x1000);
            }),
        ),
        ("ip_frag", key(0x0800, |key| key.ip_frag = 2)),
        ("ip_proto", key(0x86dd, |key| key.ip_proto = 43)),
        ("ipv6_exthdr", key(0x86dd, |key| key.ip_proto = 59)),
        (
            "ipv6_label",
            key(0x86dd, |key| {
                key.ip_proto = 6;
                key.ipv6_label = U32::new(1 << 20);
            }),
        ),
        (
            "nd_target",
            key(0x86dd, |key| {
                key.ip_proto = 58;
                key.nd_target = [1; 16];
            }),
        ),
    ];
    for (member, key) in cases {
        assert_eq!(refused(key), Some(member));
    }
    let error = compose(&cases[0].1, &[], &mut Frame::default()).unwrap_err();
    assert!(error.to_string().contains("mpls"), "{error}");
}

#[test]
fn what_is_not_from_the_frame_is_ignored() {
    let wanted = key(0x88b5, |key| {
        key.in_port = U32::new(7);
        key.recirc_id = U32::new(1);
        key.tun_id = U64::new(5);
        key.tun_src = [192, 0, 2, 1];
        key.pkt_mark = U32::new(2);
        key.ct_state = U32::new(3);
        key.ct_label = [4; 16];
        key.metadata = U64::new(6);
        key.regs = [U32::new(9); 16];
        key.tun_metadata = [8; 256];
    });
    let mut composed = Frame::default();
    compose(&wanted, &[], &mut composed).unwrap();
    assert_eq!(composed.as_slice(), frame("88b5"));
}

#[test]
fn repeated_destination_options() {
    let wanted = key(0x86dd, |key| {
        key.ip_proto = 6;
        key.ipv6_exthdr = U16::new(exthdr::DEST | exthdr::UNREP);
    });
    assert_eq!(refused(wanted), None);
}

#[test]
fn length_fields_end() {
    let too_long = |key: FlowKey, payload: usize| {
        let mut frame = Frame::default();
        match compose(&key, &vec![0; payload], &mut frame) {
            Ok(()) => None,
            Err(ComposeError::TooLong { header, bytes, limit }) => {
                assert!(frame.is_empty() && bytes == limit + 1);
                Some(header)
            }
            Err(error) => panic!("{error}"),
        }
    };
    let none = key(ETH_TYPE_NONE, |_| {});
    assert_eq!(too_long(none, 1497), None);
    assert_eq!(too_long(none, 1498), Some("IEEE 802.3"));
    let udp4 = key(0x0800, |key| key.ip_proto = 17);
    assert_eq!(too_long(udp4, 65_507), None);
    assert_eq!(too_long(udp4, 65_508), Some("IPv4"));
    let udp6 = key(0x86dd, |key| key.ip_proto = 17);
    assert_eq!(too_long(udp6, 65_527), None);
    assert_eq!(too_long(udp6, 65_528), Some("IPv6"));
}

#[test]
fn first_fragments_are_whole_units() {
    let first = key(0x0800, |key| {
        key.ip_proto = 253;
        key.ip_frag = 1;
    });
    let mut frame = Frame::default();
    for payload in 0..40usize {
        compose(&first, &vec![1; payload], &mut frame).unwrap();
        assert_eq!(frame.len(), 14 + 20 + payload.next_multiple_of(8));
        assert_eq!(internet_checksum(&frame.as_slice()[14..34]), 0);
        assert_eq!(frame.offload, Offload::NONE);
    }
}

#[test]
fn a_stack_of_labels_is_ended() {
    let open = key(0x8847, |key| key.mpls = [label(0x1040), label(0x2040), label(0x3040)]);
    let mut composed = Frame::default();
    compose(&open, &[0xff], &mut composed).unwrap();
    assert_eq!(composed.as_slice(), frame("8847 00001040 00002040 00003040 00003140 ff"));
}

#[test]
fn udp_without_a_checksum_is_not_made() {
    // Ports such that the sum is all ones: the checksum would be 0, which says that there is none.
    let mut wanted = key(0x0800, |key| key.ip_proto = 17);
    let mut frame = Frame::default();
    compose(&wanted, &[], &mut frame).unwrap();
    let checksum = u16::from_be_bytes([frame.as_slice()[40], frame.as_slice()[41]]);
    wanted.tp_src = U16::new(checksum);
    compose(&wanted, &[], &mut frame).unwrap();
    assert_eq!(frame.as_slice()[40..], [0xff, 0xff]);
}
