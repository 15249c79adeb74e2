//! Single frames, written down.

use super::checksums::validity;
use super::{applied, composed};
use ovs_core::edit::{Edit, Icmp, Ipv4Fields, Ipv6Fields, Masked, NdFields, NshFields, Ports};
use ovs_core::frame::{Offload, Segmentation};
use ovs_core::key::{FRAG_ANY, FRAG_LATER, Mac, U16, U32, VlanTag, exthdr};
use ovs_core::{FlowKey, Frame};

/// All bits of the fields that `set` gives a value in.
fn masked<T: Default>(set: impl Fn(&mut T, u8)) -> Masked<T> {
    let (mut value, mut mask) = (T::default(), T::default());
    set(&mut value, 0);
    set(&mut mask, 0xff);
    Masked { value, mask }
}

fn set_ttl(ttl: u8) -> Edit {
    Edit::Ipv4(masked(|ip: &mut Ipv4Fields, ones| ip.ttl = ttl | ones))
}

fn set_src(src: [u8; 4]) -> Edit {
    Edit::Ipv4(masked(|ip: &mut Ipv4Fields, ones| ip.src = src.map(|byte| byte | ones)))
}

fn set_dst_port(dst: u16) -> Edit {
    let ones = |ones: u8| u16::from_be_bytes([ones; 2]);
    Edit::Ports(masked(|ports: &mut Ports, n| ports.dst = dst | ones(n)))
}

fn udp_key() -> FlowKey {
    let mut key = FlowKey::ZERO;
    key.eth_type = U16::new(0x0800);
    (key.ipv4_src, key.ipv4_dst) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    (key.ip_proto, key.ip_ttl) = (17, 64);
    (key.tp_src, key.tp_dst) = (U16::new(1), U16::new(2));
    key
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

#[test]
fn the_checksum_of_a_known_header_follows() {
    // The header from the article "Internet checksum" of Wikipedia, UDP without checksum behind it.
    let mut bytes = hex("020000000002 020000000001 0800 45000073000040004011b861c0a80001c0a800c7");
    bytes.extend(hex("0001 0002 005f 0000"));
    bytes.resize(14 + 0x73, 7);
    let frame = Frame::from(bytes);

    let fewer = applied(&frame, &set_ttl(63));
    // One less of 256 in the sum is 256 more in its complement.
    assert_eq!(fewer.as_slice()[22..26], hex("3f11 b961"));
    let other = applied(&frame, &set_src([10, 0, 0, 1]));
    // By hand: b861's complement 479e, less c0a8, plus 0a00, is 90f5 in ones' complement.
    assert_eq!(other.as_slice()[22..30], hex("4011 6f0a 0a000001"));

    for edit in [set_src([10, 0, 0, 1]), set_dst_port(53)] {
        let edited = applied(&frame, &edit);
        assert_eq!(edited.as_slice()[40..42], [0, 0], "UDP stays without checksum");
        assert_eq!(validity(edited.as_slice())[0], Some(true));
    }
}

#[test]
fn udp_never_gets_the_checksum_that_says_there_is_none() {
    let frame = composed(&udp_key(), b"hello");
    let checksum = u16::from_be_bytes([frame.as_slice()[40], frame.as_slice()[41]]);
    // The port 2 grows by so much that the sum becomes all ones.
    let edited = applied(&frame, &set_dst_port(checksum + 2));
    assert_eq!(edited.as_slice()[40..42], [0xff; 2]);
    assert_eq!(validity(edited.as_slice()), [Some(true); 2]);
}

#[test]
fn a_message_of_zeros_has_the_checksum_of_zeros() {
    let mut key = udp_key();
    (key.ip_proto, key.tp_src, key.tp_dst) = (1, U16::new(8), U16::ZERO);
    let request = composed(&key, &[0; 5]);
    let edit = masked(|icmp: &mut Icmp, ones| icmp.kind = ones);
    let reply = applied(&request, &Edit::Icmp(edit));
    assert_eq!(reply.as_slice()[34..], [0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(validity(reply.as_slice()), [Some(true); 2]);
    let edit = masked(|icmp: &mut Icmp, ones| icmp.kind = 8 | ones);
    assert_eq!(applied(&reply, &Edit::Icmp(edit)), request);
    // Not zeros alone, but a sum that is zero as well.
    let request = composed(&key, &[0xff; 2]);
    let edit = masked(|icmp: &mut Icmp, ones| icmp.kind = ones);
    let reply = applied(&request, &Edit::Icmp(edit));
    assert_eq!(reply.as_slice()[34..], [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
}

#[test]
fn a_network_service_header_splits_its_time_to_live() {
    // RFC 8300 §2: time to live 63 is 0fc0 in the first two bytes, with length 6 words 0fc6.
    let frame = of_type(0x894f, &hex("0fc60103 000102ff 00000001 00000002 00000003 00000004"));
    let edit = Edit::Nsh(masked(|nsh: &mut NshFields, ones| {
        (nsh.ttl, nsh.flags) = (0x29 | ones, 2 | ones);
        nsh.context[2] = u32::from_be_bytes([7 | ones; 4]);
    }));
    let edited = applied(&frame, &edit);
    let expected = hex("2a460103 000102ff 00000001 00000002 07070707 00000004");
    assert_eq!(edited.as_slice()[14..], expected);
    let key = FlowKey::of(0, edited.as_slice());
    assert_eq!((key.nsh_ttl, key.nsh_flags), (0x29, 2));
    // Metadata of type 2 is no context.
    let frame = of_type(0x894f, &hex("0fc30203 000102ff 00000001"));
    assert_eq!(applied(&frame, &edit).as_slice()[14..], hex("2a430203 000102ff 00000001"));
}

#[test]
fn a_change_of_protocol_changes_no_more_than_the_header() {
    let frame = composed(&udp_key(), b"hello");
    let edit = Edit::Ipv4(masked(|ip: &mut Ipv4Fields, ones| ip.proto = 6 | ones));
    let edited = applied(&frame, &edit);
    assert_eq!(validity(edited.as_slice())[0], Some(true));
    assert_eq!(edited.as_slice()[34..], frame.as_slice()[34..]);
    assert_eq!(FlowKey::of(0, edited.as_slice()).ip_proto, 6);

    let mut key = udp_key();
    (key.eth_type, key.ipv6_exthdr) = (U16::new(0x86dd), U16::new(exthdr::HOP | exthdr::ROUTER));
    (key.ipv4_src, key.ipv4_dst) = ([0; 4], [0; 4]);
    let frame = composed(&key, b"hello");
    let edit = Edit::Ipv6(masked(|ip: &mut Ipv6Fields, ones| ip.proto = 59 | ones));
    let edited = applied(&frame, &edit);
    (key.ip_proto, key.tp_src, key.tp_dst) = (59, U16::ZERO, U16::ZERO);
    key.ipv6_exthdr = U16::new(key.ipv6_exthdr.get() | exthdr::NONEXT);
    assert_eq!(FlowKey::of(0, edited.as_slice()), key);
    // In a later fragment the field says that a fragment header follows.
    (key.ip_proto, key.ip_frag) = (44, FRAG_ANY | FRAG_LATER);
    key.ipv6_exthdr = U16::new(exthdr::FRAG);
    let frame = composed(&key, b"hello");
    assert_eq!(applied(&frame, &edit), frame);
}

#[test]
fn the_first_fragment_has_the_checksum_of_the_whole_packet() {
    for proto in [6, 17] {
        let mut key = udp_key();
        key.ip_proto = proto;
        let mut whole = composed(&key, &[7; 100]);
        let mut fragment = whole.clone();
        // 48 bytes of payload, more to come; the header's checksum does not matter here.
        fragment.as_mut_slice()[16..18].copy_from_slice(&[0, 20 + 48]);
        fragment.as_mut_slice()[20] = 0x20;
        fragment.truncate(14 + 20 + 48);
        assert_eq!(FlowKey::of(0, fragment.as_slice()).ip_frag, FRAG_ANY);
        for edit in [set_src([172, 16, 9, 8]), set_dst_port(999), set_ttl(1)] {
            edit.apply(&mut whole);
            edit.apply(&mut fragment);
        }
        assert_eq!(validity(whole.as_slice()), [Some(true); 2]);
        assert_eq!(fragment.as_slice()[34..], whole.as_slice()[34..34 + 48]);
    }
}

#[test]
fn a_later_fragment_changes_in_its_ip_header_alone() {
    let mut frame = composed(&udp_key(), &[0; 100]);
    frame.as_mut_slice()[21] = 1;
    let before = frame.clone();
    let icmp = masked(|icmp: &mut Icmp, ones| icmp.kind = 9 | ones);
    for edit in [set_src([1, 2, 3, 4]), set_dst_port(999), Edit::Icmp(icmp)] {
        edit.apply(&mut frame);
    }
    assert_eq!(frame.as_slice()[26..30], [1, 2, 3, 4]);
    assert_eq!(frame.as_slice()[34..], before.as_slice()[34..]);
}

#[test]
fn tcp_shorter_than_its_header_has_a_checksum_and_no_ports() {
    let mut key = udp_key();
    key.ip_proto = 6;
    let mut frame = composed(&key, &[]);
    frame.as_mut_slice()[46] = 0x60;
    let edited = applied(&frame, &set_src([1, 2, 3, 4]));
    assert_ne!(edited.as_slice()[50..52], frame.as_slice()[50..52]);
    assert_eq!(applied(&frame, &set_dst_port(999)), frame);
}

#[test]
fn with_segments_left_the_final_destination_is_summed() {
    // IPv6 to fd00::2, a routing header of type 4 with one segment left, fd00::9; UDP 1 to 2.
    let mut bytes = hex("020000000002 020000000001 86dd 60000000 0024 2b 40");
    bytes.extend(hex("fd000000000000000000000000000001 fd000000000000000000000000000002"));
    bytes.extend(hex("11 02 04 01 00000000 fd000000000000000000000000000009"));
    bytes.extend(hex("0001 0002 000c 0000 61626364"));
    let udp = bytes.len() - 12;
    let summed = [&bytes[22..38], &bytes[62..78], &[0, 17, 0, 12], &bytes[udp..]].concat();
    let checksum = ovs_core::checksum::internet_checksum(&summed);
    bytes[udp + 6..udp + 8].copy_from_slice(&checksum.to_be_bytes());
    let frame = Frame::from(bytes);
    assert_eq!(validity(frame.as_slice())[1], Some(true));

    let [src, dst] = [7, 8].map(|n: u8| [n; 16]);
    let set = |change: fn(&mut Ipv6Fields, [u8; 16]), address: [u8; 16]| {
        let edit = masked(|ip, ones| change(ip, address.map(|byte| byte | ones)));
        applied(&frame, &Edit::Ipv6(edit))
    };
    let from = set(|ip, src| ip.src = src, src);
    assert_eq!((&from.as_slice()[22..38], validity(from.as_slice())[1]), (&src[..], Some(true)));
    let to = set(|ip, dst| ip.dst = dst, dst);
    assert_eq!((&to.as_slice()[38..54], validity(to.as_slice())[1]), (&dst[..], Some(true)));
    assert_eq!(to.as_slice()[54..], frame.as_slice()[54..]);
    // With none left the address in the IPv6 header is the final one.
    let mut arrived = frame.clone();
    arrived.as_mut_slice()[57] = 0;
    let dst = masked(|ip: &mut Ipv6Fields, ones| ip.dst = [8 | ones; 16]);
    let to = applied(&arrived, &Edit::Ipv6(dst));
    assert_ne!(to.as_slice()[udp + 6..udp + 8], frame.as_slice()[udp + 6..udp + 8]);
}

#[test]
fn behind_a_snap_header_there_are_types_and_labels() {
    // Length 0x1e, LLC and SNAP of IPv4, a header with lengths that fit.
    let mut bytes = hex("020000000002 020000000001 001e aaaa03 000000 0800");
    bytes.extend(hex("4500 0016 0000 0000 4059 0000 0a000001 0a000002 abcd"));
    let frame = Frame::from(bytes);
    let key = FlowKey::of(0, frame.as_slice());
    assert_eq!((key.eth_type.get(), key.ip_ttl), (0x0800, 64));
    assert_eq!(FlowKey::of(0, applied(&frame, &set_ttl(9)).as_slice()).ip_ttl, 9);

    let mut pushed = applied(&frame, &Edit::PushMpls { eth_type: 0x8847, entry: 0x1_1140 });
    assert_eq!(pushed.as_slice()[12..26], hex("0022 aaaa03 000000 8847 00011140"));
    assert_eq!(FlowKey::of(0, pushed.as_slice()).mpls[0].get(), 0x1_1140);
    Edit::PopMpls { eth_type: 0x0800 }.apply(&mut pushed);
    assert_eq!(pushed, frame);

    let mut long = frame.clone();
    long.as_mut_slice()[12..14].copy_from_slice(&[0x05, 0xfc]);
    assert_eq!(applied(&long, &Edit::PushMpls { eth_type: 0x8847, entry: 0 }), long);
}

#[test]
fn a_label_takes_the_place_of_a_length() {
    let frame = Frame::from(hex("020000000002 020000000001 8100 0005 0003 424203"));
    let pushed = applied(&frame, &Edit::PushMpls { eth_type: 0x8847, entry: 0x1140 });
    assert_eq!(pushed.as_slice()[12..], hex("8100 0005 8847 00001140 424203"));
    let typed = applied(&frame, &Edit::EthType(0x88b5));
    assert_eq!(typed.as_slice()[12..], hex("8100 0005 88b5 424203"));
}

#[test]
fn behind_three_tags_all_is_found() {
    let tag = VlanTag { tpid: U16::new(0x8100), tci: U16::new(1) };
    let frame = composed(&udp_key(), b"hi");
    let mut tagged = frame.clone();
    for _ in 0..3 {
        Edit::PushVlan(tag).apply(&mut tagged);
    }
    let label = Edit::PushMpls { eth_type: 0x8847, entry: 0x140 };
    for edit in [set_ttl(9), set_dst_port(53), label.clone()] {
        edit.apply(&mut tagged);
    }
    for _ in 0..3 {
        Edit::PopVlan.apply(&mut tagged);
    }
    let mut expected = frame;
    for edit in [set_ttl(9), set_dst_port(53), label] {
        edit.apply(&mut expected);
    }
    assert_eq!(tagged, expected);
    assert_eq!(applied(&tagged, &Edit::PopVlan), tagged, "no tag is left");
}

#[test]
fn a_backbone_tag_goes_with_the_backbone_header() {
    let customer = composed(&udp_key(), b"hi");
    let mut frame = applied(&customer, &Edit::PushPbb { eth_type: 0x88e7, itag: 0x1000_0007 });
    let eth = hex("000000000000 000000000000 88e7 10000007");
    assert_eq!(frame.as_slice()[..18], eth);
    Edit::PushVlan(VlanTag { tpid: U16::new(0x88a8), tci: U16::new(3) }).apply(&mut frame);
    assert_eq!(FlowKey::of(0, frame.as_slice()).pbb_itag.get(), 0x1000_0007);
    assert_eq!(applied(&frame, &Edit::PopPbb), customer);
    frame.truncate(22 + 13);
    assert_eq!(applied(&frame, &Edit::PopPbb), frame, "less than an Ethernet header would be left");
}

/// An Ethernet header with that type in front.
fn of_type(eth_type: u16, packet: &[u8]) -> Frame {
    let mut frame = Frame::from([0; 12]);
    frame.extend(&eth_type.to_be_bytes());
    frame.extend(packet);
    frame
}

#[test]
fn times_to_live_are_copied_to_the_next_header() {
    let mut key = udp_key();
    key.ip_ttl = 33;
    let inner4 = composed(&key, b"hi").as_slice()[14..].to_vec();
    (key.eth_type, key.ipv4_src, key.ipv4_dst) = (U16::new(0x86dd), [0; 4], [0; 4]);
    let inner6 = composed(&key, b"hi").as_slice()[14..].to_vec();
    let v4 = |proto, payload: &[u8]| {
        let mut key = udp_key();
        (key.ip_proto, key.tp_src, key.tp_dst) = (proto, U16::ZERO, U16::ZERO);
        composed(&key, payload)
    };
    let v6 = |proto, payload: &[u8]| {
        let mut key = FlowKey::ZERO;
        (key.eth_type, key.ip_proto, key.ip_ttl) = (U16::new(0x86dd), proto, 64);
        key.ipv6_exthdr = U16::new(exthdr::DEST);
        composed(&key, payload)
    };
    let bottom = hex("00001140");
    let label = |packet: &[u8]| of_type(0x8847, &[&bottom[..], packet].concat());
    let two_labels = of_type(0x8848, &hex("00002040 00001121"));
    // Where the two times to live are, and where the checksums of IPv4 headers.
    let cases: [(Frame, [usize; 2], &[usize]); 7] = [
        (two_labels, [17, 21], &[]),
        (label(&inner4), [17, 26], &[18]),
        (label(&inner6), [17, 25], &[]),
        (v4(4, &inner4), [22, 42], &[14, 34]),
        (v4(41, &inner6), [22, 41], &[14]),
        (v6(4, &inner4), [21, 70], &[62]),
        (v6(41, &inner6), [21, 69], &[]),
    ];
    for (frame, places, headers) in cases {
        let ttls = |frame: &Frame| places.map(|at| frame.as_slice()[at]);
        assert_eq!(ttls(&frame), [64, 33], "{frame:?}");
        for (edit, ttl) in [(Edit::CopyTtlOut, 33), (Edit::CopyTtlIn, 64)] {
            let edited = applied(&frame, &edit);
            assert_eq!(ttls(&edited), [ttl; 2], "{frame:?}");
            for &at in headers {
                let header = &edited.as_slice()[at..at + 20];
                assert_eq!(super::checksums::sum(header), 0xffff, "{edited:?}");
            }
            let differ = |(a, b): (&u8, &u8)| a != b;
            let changes = frame.as_slice().iter().zip(edited.as_slice());
            assert!(changes.filter(|&pair| differ(pair)).count() <= 3);
        }
    }
    let none = [
        composed(&udp_key(), b"hi"),
        label(&[0; 40]),
        label(&inner4[..19]),
        label(&inner6[..39]),
        of_type(0x8847, &hex("00002040")),
        v4(41, &inner4),
        v4(4, &[]),
        of_type(0x88b5, &inner4),
    ];
    for frame in none {
        assert_eq!(applied(&frame, &Edit::CopyTtlOut), frame);
        assert_eq!(applied(&frame, &Edit::CopyTtlIn), frame);
    }
}

#[test]
fn a_truncated_frame_has_nothing_left_to_do() {
    let finished = composed(&udp_key(), b"hello");
    let mut frame = finished.clone();
    // The folded sum of the pseudo-header: 0a00 0001 0a00 0002 0011 000d.
    frame.as_mut_slice()[40..42].copy_from_slice(&[0x14, 0x21]);
    let offload = Offload {
        csum_start: 34,
        csum_offset: 6,
        segmentation: Segmentation::Udp,
        segment_size: 3,
        header_len: 42,
    };
    frame.offload = offload;
    for longer in [frame.len(), 10_000] {
        assert_eq!(applied(&frame, &Edit::Truncate(longer as u32)), frame);
    }
    let cut = applied(&frame, &Edit::Truncate(44));
    assert_eq!(cut.as_slice(), &finished.as_slice()[..44]);
    assert_eq!(cut.offload, Offload::NONE);
    // A note that points outside of the frame is forgotten.
    frame.offload.csum_start = 100;
    assert_eq!(applied(&frame, &Edit::Truncate(0)), Frame::default());
}

#[test]
fn frames_that_wait_to_be_segmented_keep_their_note() {
    let mut frame = composed(&udp_key(), b"hello");
    frame.offload = Offload {
        csum_start: 34,
        csum_offset: 6,
        segmentation: Segmentation::Udp,
        segment_size: 3,
        header_len: 42,
    };
    let sum_at = |frame: &Frame, at: usize| frame.as_slice()[at..at + 2].to_vec();
    let before = sum_at(&frame, 40);
    set_dst_port(999).apply(&mut frame);
    assert_eq!(sum_at(&frame, 40), before, "ports are summed later");
    Edit::PushPbb { eth_type: 0x88e7, itag: 7 }.apply(&mut frame);
    let expected = Offload {
        csum_start: 52,
        csum_offset: 6,
        segmentation: Segmentation::Udp,
        segment_size: 3,
        header_len: 60,
    };
    assert_eq!(frame.offload, expected);
    // Popped is more than stands in front of what was to be summed.
    let mut lying = frame.clone();
    lying.offload.csum_start = 17;
    Edit::PopPbb.apply(&mut lying);
    assert!(!lying.offload.needs_checksum());
    // So far behind that it could not be said where: it is finished at once.
    let mut far = Frame::from(vec![0; 0x1_0010]);
    far.offload = Offload { csum_start: u16::MAX, csum_offset: 2, ..Offload::NONE };
    Edit::PushVlan(VlanTag { tpid: U16::new(0x8100), tci: U16::ZERO }).apply(&mut far);
    assert_eq!((far.offload, far.len()), (Offload::NONE, 0x1_0014));
    assert_eq!(far.as_slice()[0x1_0005..0x1_0007], [0xff; 2]);
}

#[test]
fn a_link_layer_address_that_is_given_twice_stays() {
    let mut key = FlowKey::ZERO;
    (key.eth_type, key.ip_proto) = (U16::new(0x86dd), 58);
    key.tp_src = U16::new(135);
    (key.nd_options_type, key.arp_sha) = (1, Mac([2; 6]));
    let edit = Edit::Nd(masked(|nd: &mut NdFields, ones| {
        nd.reserved = if ones == 0 { 5 } else { u32::MAX };
        nd.target = [3 | ones; 16];
        nd.sll = Mac([4 | ones; 6]);
        nd.options_type = 2 | ones;
    }));
    // The payload is an option of type 5, then of type 1, and some other byte of it makes up for that.
    let mut twice = composed(&key, &[5, 1, 1, 9, 9, 9, 9, 9]);
    twice.as_mut_slice()[86] = 1;
    twice.as_mut_slice()[88] = 5;
    let edited = applied(&twice, &edit);
    assert_eq!(FlowKey::of(0, edited.as_slice()).nd_reserved, U32::new(5));
    assert_eq!(edited.as_slice()[62..], twice.as_slice()[62..]);
    assert_eq!(validity(edited.as_slice())[1], Some(true));

    // Once: the address goes where the type of before says.
    let once = applied(&composed(&key, &[]), &edit);
    let once = (validity(once.as_slice())[1], FlowKey::of(0, once.as_slice()));
    assert_eq!(once.0, Some(true));
    assert_eq!((once.1.nd_target, once.1.nd_options_type), ([3; 16], 2));
    assert_eq!((once.1.arp_sha, once.1.arp_tha), (Mac::default(), Mac([4; 6])));
}

#[test]
fn sctp_stays_as_wrong_as_it_was() {
    let mut key = udp_key();
    key.ip_proto = 132;
    let mut frame = composed(&key, &[1; 1000]);
    let right = applied(&frame, &set_dst_port(999));
    assert_eq!(validity(right.as_slice()), [Some(true); 2]);
    frame.as_mut_slice()[42] ^= 1;
    let wrong = applied(&frame, &set_dst_port(999));
    assert_eq!(wrong.as_slice()[42] ^ 1, right.as_slice()[42]);
}

#[test]
fn without_headroom_the_frame_moves() {
    let mut frame = Frame::default();
    frame.extend(composed(&udp_key(), b"hi").as_slice());
    assert_eq!(frame.headroom(), 0);
    let pushed = applied(&frame, &Edit::PushPbb { eth_type: 0x88e7, itag: 9 });
    assert_eq!(applied(&pushed, &Edit::PopPbb), frame);
}
