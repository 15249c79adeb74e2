use super::*;
use proptest::prelude::*;

/// The header as the kernel writes it on a little-endian machine, in this machine's byte order.
fn header(little_endian: Header) -> Header {
    let [flags, kind, h0, h1, g0, g1, s0, s1, o0, o1] = little_endian;
    let native = |low, high| u16::from_le_bytes([low, high]).to_ne_bytes();
    let [h0, h1] = native(h0, h1);
    let [g0, g1] = native(g0, g1);
    let [s0, s1] = native(s0, s1);
    let [o0, o1] = native(o0, o1);
    [flags, kind, h0, h1, g0, g1, s0, s1, o0, o1]
}

#[test]
fn checksum_of_udp_over_ipv4() {
    // As read from a TAP device with TUN_F_CSUM: a UDP datagram without VLAN tag or IPv4 options.
    let bytes = header([1, 0, 0, 0, 0, 0, 0x22, 0, 6, 0]);
    let offload = Offload { csum_start: 34, csum_offset: 6, ..Offload::NONE };
    assert_eq!(decode(&bytes, 60), Ok(offload));
    assert_eq!(encode(&offload, 60), Ok(bytes));
}

#[test]
fn segmentation_of_tcp_over_ipv4() {
    // As read from a TAP device with TUN_F_TSO4: TCP with timestamps, 1,448 bytes each.
    let bytes = header([1, 1, 0x42, 0, 0xa8, 0x05, 0x22, 0, 0x10, 0]);
    let offload = Offload {
        csum_start: 34,
        csum_offset: 16,
        segmentation: Segmentation::Tcp4,
        segment_size: 1448,
        header_len: 66,
    };
    assert_eq!(decode(&bytes, 65_226), Ok(offload));
    assert_eq!(encode(&offload, 65_226), Ok(bytes));

    let mut with_ecn = bytes;
    with_ecn[1] |= GSO_ECN;
    assert_eq!(decode(&with_ecn, 65_226), Ok(offload));
}

#[test]
fn what_asks_for_nothing_is_nothing() {
    // The checksum has been verified by who received the frame (VIRTIO_NET_HDR_F_DATA_VALID).
    assert_eq!(decode(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 60), Ok(Offload::NONE));
    // Without the flag the offsets mean nothing.
    assert_eq!(decode(&[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 60), Ok(Offload::NONE));
    assert_eq!(encode(&Offload::NONE, 0), Ok(NOTHING));
}

#[test]
fn a_hint_that_is_longer_than_the_frame_is_not_passed_on() {
    let offload = Offload {
        segmentation: Segmentation::Udp,
        segment_size: 100,
        header_len: 1000,
        ..Offload::NONE
    };
    assert_eq!(encode(&offload, 999), Ok(header([0, 5, 0, 0, 100, 0, 0, 0, 0, 0])));
    assert_eq!(encode(&offload, 1000), Ok(header([0, 5, 0xe8, 3, 100, 0, 0, 0, 0, 0])));
}

#[test]
fn lies_are_errors() {
    let lies = [
        [1, 0, 0, 0, 0, 0, 0, 0, 6, 0], // a checksum that starts with the frame
        [1, 0, 0, 0, 0, 0, 53, 0, 6, 0], // one whose field ends behind a frame of 60 bytes
        [1, 0, 0, 0, 0, 0, 1, 0, 0, 1], // one whose field is 256 bytes further
        [1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        [0, 1, 0, 0, 0, 0, 0, 0, 0, 0], // segments without payload
        [0, 2, 0, 0, 1, 0, 0, 0, 0, 0], // a type that is not defined
        [0, 3, 0, 0, 1, 0, 0, 0, 0, 0], // fragmentation of UDP, which is not asked for
    ];
    for lie in lies {
        assert!(decode(&header(lie), 60).is_err(), "{lie:?}");
    }
}

proptest! {
    #[test]
    fn decoded_is_encoded_again(bytes: [u8; LEN], len in 0usize..70_000) {
        if let Ok(offload) = decode(&bytes, len) {
            let again = encode(&offload, len).unwrap();
            let expected = Offload {
                header_len: if usize::from(offload.header_len) <= len { offload.header_len } else { 0 },
                ..offload
            };
            prop_assert_eq!(decode(&again, len), Ok(expected));
        }
    }

    #[test]
    fn encoded_stays_inside_of_the_frame(
        csum_start: u16, csum_offset: u8, segment_size: u16, header_len: u16, len in 0usize..70_000,
    ) {
        let segmentation = Segmentation::Tcp6;
        let offload = Offload { csum_start, csum_offset, segmentation, segment_size, header_len };
        if encode(&offload, len).is_ok() {
            prop_assert!(csum_start == 0 || usize::from(csum_start) + usize::from(csum_offset) + 2 <= len);
            prop_assert!(segment_size > 0);
        }
    }
}
