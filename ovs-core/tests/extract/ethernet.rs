//! Ethernet, VLAN, ARP, MPLS, PBB, NSH. The frames are written by hand after the figures of the
//! standards named, unless another origin is given.

use crate::{check, check_both, frame, hex, key, label, vlan};
use ovs_core::key::{ETH_TYPE_NONE, FlowKey, Mac, SparseKey, U16, U32};

#[test]
fn runts() {
    let whole = frame("0800 45");
    for n in 0..14 {
        check(&whole[..n], FlowKey::ZERO);
        assert_eq!(FlowKey::of(9, &whole[..n]).in_port, 9);
    }
    check(&whole[..14], key(0x0800, |_| {}));
    check(&whole, key(0x0800, |_| {}));
}

#[test]
fn frames_with_a_length() {
    let none = key(ETH_TYPE_NONE, |_| {});
    // A configuration BPDU of IEEE 802.1D §9.3.1, with its LLC header.
    check(&frame("0026 424203 0000000000 8000020000000001 00000000 8000020000000001 8001"), none);
    // IEEE 802.2: unnumbered information from and to no one.
    check_both(&frame("0005 000003 6869"), 2, none);
    // The largest number that is a length, and one between length and type (IEEE 802.3 §3.2.6).
    check(&frame("05dc 000003"), none);
    check(&frame("05ff 000003"), none);
    check(&frame("0000"), none);
    check(&frame("0600 000003"), key(0x0600, |_| {}));
}

#[test]
fn snap() {
    // RFC 1042: IPv4 behind a SNAP header, here ICMP echo request from 10.0.0.1 to 10.0.0.2.
    let packet = "4500001c 00000000 400166df 0a000001 0a000002 0800f7ff 00000000";
    let expected = key(0x0800, |key| {
        key.ipv4_src = [10, 0, 0, 1];
        key.ipv4_dst = [10, 0, 0, 2];
        key.ip_proto = 1;
        key.ip_ttl = 64;
        key.tp_src = U16::new(8);
    });
    check(&frame(&format!("0024 aaaa03 000000 0800 {packet}")), expected);
    check_both(&frame(&format!("0800 {packet}")), 0, expected);
    let none = key(ETH_TYPE_NONE, |_| {});
    // The organization's own number space, as of the Cisco Discovery Protocol.
    check(&frame(&format!("0024 aaaa03 00000c 2000 {packet}")), none);
    // A type that is none.
    check(&frame(&format!("0024 aaaa03 000000 05ff {packet}")), none);
    // Cut within the SNAP header; the length says otherwise.
    check(&frame("0024 aaaa03 000000 08"), none);
    // Behind a VLAN tag.
    let tagged = key(0x0800, |key| {
        *key = expected;
        key.vlans[0] = vlan(0x8100, 5);
    });
    check(&frame(&format!("8100 0005 0024 aaaa03 000000 0800 {packet}")), tagged);
}

#[test]
fn vlan_tags() {
    // IEEE 802.1Q §9.6: priority 5, drop eligible, VLAN 4094.
    let one = key(0x88b5, |key| key.vlans[0] = vlan(0x8100, 0xbffe));
    check_both(&frame("8100 bffe 88b5 0102"), 2, one);
    assert_eq!((one.vlans[0].pcp(), one.vlans[0].vid()), (5, 4094));
    // VLAN 0 with priority 0 is a tag all the same.
    check_both(&frame("8100 0000 88b5"), 0, key(0x88b5, |key| key.vlans[0] = vlan(0x8100, 0)));
    // A service tag, then a customer's.
    let two = key(0x88b5, |key| key.vlans = [vlan(0x88a8, 0x0064), vlan(0x8100, 0x00c8)]);
    check_both(&frame("88a8 0064 8100 00c8 88b5 01"), 1, two);
    // Tags around a frame with a length.
    let length = key(ETH_TYPE_NONE, |key| key.vlans[0] = vlan(0x8100, 1));
    check_both(&frame("8100 0001 0003 000003"), 0, length);
}

#[test]
fn ten_vlan_tags() {
    // The key has room for two; the third is the type.
    let tags: String = (1..=10).map(|n| format!("8100 00{n:02x}")).collect();
    let expected = key(0x8100, |key| key.vlans = [vlan(0x8100, 1), vlan(0x8100, 2)]);
    check(&frame(&format!("{tags} 0800 45000014")), expected);
}

#[test]
fn a_tag_needs_the_type_behind_it() {
    for rest in ["", "00", "0005", "0005 08"] {
        check(&frame(&format!("8100 {rest}")), key(0x8100, |_| {}));
    }
    let one = key(0x8100, |key| key.vlans[0] = vlan(0x88a8, 5));
    check(&frame("88a8 0005 8100 0006 08"), one);
    check(
        &frame("88a8 0005 8100 0006 0800"),
        key(0x0800, |key| {
            key.vlans = [vlan(0x88a8, 5), vlan(0x8100, 6)];
        }),
    );
}

#[test]
fn arp() {
    // RFC 826: who has 10.0.0.2, asks 10.0.0.1.
    let request = key(0x0806, |key| {
        key.arp_op = U16::new(1);
        key.arp_sha = Mac([2, 0, 0, 0, 0, 0x0a]);
        key.ipv4_src = [10, 0, 0, 1];
        key.ipv4_dst = [10, 0, 0, 2];
    });
    let digits = "0806 0001 0800 06 04 0001 02000000000a 0a000001 000000000000 0a000002";
    check_both(&frame(digits), 0, request);
    check(&frame(&format!("{digits} 000000000000000000000000000000000000")), request);
    // RFC 903, reverse request; and an operation that Open vSwitch has no room for.
    let mut reverse = request;
    reverse.eth_type = U16::new(0x8035);
    reverse.arp_op = U16::new(0x1234);
    check_both(&frame(&digits.replace("0806", "8035").replace("04 0001", "04 1234")), 0, reverse);

    let nothing = key(0x0806, |_| {});
    let whole = frame(digits);
    for n in 14..whole.len() {
        check(&whole[..n], nothing);
    }
    // IEEE 802 networks, IPX, addresses of 8 and of 16 bytes.
    for (from, to) in
        [("0001 0800", "0006 0800"), ("0800 06", "8137 06"), ("06 04", "08 04"), ("06 04", "06 10")]
    {
        check(&frame(&digits.replacen(from, to, 1)), nothing);
    }
}

#[test]
fn mpls() {
    // RFC 3032 §2.1: labels 16 to 19, traffic class 1, time to live 64.
    let [first, second, third] = [0x0001_0240, 0x0001_1240, 0x0001_2240];
    let bottom = 0x100;
    let one = key(0x8847, |key| key.mpls[0] = label(first | bottom));
    check_both(&frame("8847 00010340 ff"), 1, one);
    let two = key(0x8848, |key| key.mpls = [label(first), label(second | bottom), label(0)]);
    check_both(&frame("8848 00010240 00011340 ff"), 1, two);
    let three = [label(first), label(second), label(third | bottom)];
    check_both(
        &frame("8847 00010240 00011240 00012340 ff"),
        1,
        key(0x8847, |key| key.mpls = three),
    );
    // Four: the fourth is not in the key.
    let open = key(0x8847, |key| key.mpls = [label(first), label(second), label(third)]);
    check(&frame("8847 00010240 00011240 00012240 00013340 ff"), open);
    // The frame ends within the second entry, and before the first.
    check(&frame("8847 00010240 000113"), key(0x8847, |key| key.mpls[0] = label(first)));
    check(&frame("8847 000103"), key(0x8847, |_| {}));
}

#[test]
fn pbb() {
    // IEEE 802.1Q §9.7: priority 3, drop eligible, service 0x123456; then the customer's frame.
    let expected = key(0x88e7, |key| key.pbb_itag = U32::new(0x7012_3456));
    let digits = "88e7 70123456 020000000003 020000000004 0800";
    check_both(&frame(digits), 14, expected);
    // Behind the backbone's own tag.
    let tagged = key(0x88e7, |key| {
        *key = expected;
        key.vlans[0] = vlan(0x88a8, 7);
    });
    check_both(&frame(&digits.replacen("88e7", "88a8 0007 88e7", 1)), 14, tagged);
    check(&frame("88e7 701234"), key(0x88e7, |_| {}));
}

#[test]
fn nsh() {
    // RFC 8300 §2.2 to §2.4: OAM bit, time to live 63, type 1, IPv4, path 0x123456, index 255.
    let base = |key: &mut FlowKey| {
        key.nsh_flags = 2;
        key.nsh_ttl = 63;
        key.nsh_mdtype = 1;
        key.nsh_np = 1;
        key.nsh_path = U32::new(0x1234_56ff);
    };
    let digits = "894f 2fc6 01 01 123456ff 00000001 00000002 00000003 00000004 45";
    let expected = key(0x894f, |key| {
        base(key);
        key.nsh_context = [1, 2, 3, 4].map(U32::new);
    });
    check_both(&frame(digits), 1, expected);
    // Type 2 without metadata, and with 4 bytes of it.
    let type_2 = key(0x894f, |key| {
        base(key);
        key.nsh_mdtype = 2;
    });
    check_both(&frame("894f 2fc2 02 01 123456ff 45"), 1, type_2);
    check(&frame("894f 2fc3 02 01 123456ff 01234567 45"), type_2);
    let nothing = key(0x894f, |_| {});
    // Version 1; type 1 of 7 words; 1 word; longer than the frame; cut.
    for (from, to) in [("2fc6", "6fc6"), ("2fc6", "2fc7"), ("2fc6 01", "2fc1 02"), ("2fc6", "2fff")]
    {
        check(&frame(&digits.replacen(from, to, 1)), nothing);
    }
    let whole = frame(digits);
    for n in 14..whole.len() - 1 {
        check(&whole[..n], nothing);
    }
}

#[test]
fn frames_of_64_kib() {
    let mut tags = frame("");
    while tags.len() < 65_535 {
        tags.extend(hex("8100 0001"));
    }
    check(&tags, key(0x8100, |key| key.vlans = [vlan(0x8100, 1), vlan(0x8100, 1)]));

    let mut labels = frame("8847");
    labels.resize(65_549, 0);
    check(&labels, key(0x8847, |_| {}));
    check(&vec![0xff; 65_549], {
        let mut key = FlowKey::ZERO;
        key.eth_dst = Mac::BROADCAST;
        key.eth_src = Mac::BROADCAST;
        key.eth_type = U16::new(0xffff);
        key
    });
}

#[test]
fn absent_words_count_as_zero() {
    // A word of zeros that is there and one that is not: one key, two sparse keys.
    let mut sparse = SparseKey::default();
    sparse.extract(0, &[0; 14]);
    let from_key = SparseKey::from(&sparse.expand());
    assert_eq!(from_key.expand(), sparse.expand());
    assert_ne!(from_key, sparse);
}
