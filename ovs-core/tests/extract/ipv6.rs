//! IPv6, extension headers, neighbour discovery. The frames are written by hand after the figures
//! of the standards named.

use crate::{check, check_both, frame, key, ports};
use ovs_core::key::{FRAG_ANY, FRAG_LATER, FlowKey, Mac, U16, U32, exthdr};

const SRC: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const DST: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
const ADDRESSES: &str = "20010db8000000000000000000000001 20010db8000000000000000000000002";

/// RFC 9293 §3.1: ports 50000 and 80, SYN and ACK; the checksum is worked out by hand.
const TCP: &str = "c350 0050 00000000 00000000 5012 ffff 90bd 0000";

/// RFC 8200 §4: headers followed by `next`, without meaning.
fn options(next: u8) -> String {
    format!("{next:02x} 00 01 04 00000000")
}
fn routing(next: u8) -> String {
    format!("{next:02x} 00 fd 00 00000000")
}
fn fragment(next: u8, offset_flags: u16) -> String {
    format!("{next:02x} 00 {offset_flags:04x} 00000001")
}
fn auth(next: u8) -> String {
    format!("{next:02x} 02 0000 00000100 00000001 00000000")
}

/// The key of a packet with hop limit 64, and what `set` sets.
fn ip(proto: u8, set: impl FnOnce(&mut FlowKey)) -> FlowKey {
    key(0x86dd, |key| {
        key.ipv6_src = SRC;
        key.ipv6_dst = DST;
        key.ip_proto = proto;
        key.ip_ttl = 64;
        set(key);
    })
}

/// A frame with an IPv6 header (RFC 8200 §3) before `digits`.
fn packet(next: u8, digits: &str) -> Vec<u8> {
    let length = digits.chars().filter(char::is_ascii_hexdigit).count() / 2;
    frame(&format!("86dd 60000000 {length:04x} {next:02x} 40 {ADDRESSES} {digits}"))
}

fn tcp(key: &mut FlowKey) {
    ports(key, 50_000, 80);
    key.tcp_flags = U16::new(0x12);
}

fn tcp_behind(extensions: u16) -> FlowKey {
    ip(6, |key| {
        tcp(key);
        key.ipv6_exthdr = U16::new(extensions);
    })
}

#[test]
fn tcp_alone() {
    check_both(&packet(6, TCP), 0, tcp_behind(0));
    let mut packet = packet(6, TCP);
    packet[14..18].copy_from_slice(&[0x6a, 0xbc, 0xde, 0xf1]);
    check_both(
        &packet,
        0,
        ip(6, |key| {
            tcp(key);
            key.ip_tos = 0xab;
            key.ipv6_label = U32::new(0xc_def1);
        }),
    );
    packet[14] = 0x4a;
    check(&packet, FlowKey::of(0, &packet));
    assert_eq!(FlowKey::of(0, &packet).tp_dst, 80, "the version is not looked at");
    packet.extend([0xee; 20]);
    assert_eq!(FlowKey::of(0, &packet).tp_dst, 80, "padding");
}

#[test]
fn all_extension_headers_in_order() {
    let digits =
        [options(60), options(43), routing(44), fragment(51, 0), auth(60), options(6)].concat();
    let all = exthdr::HOP | exthdr::DEST | exthdr::ROUTER | exthdr::FRAG | exthdr::AUTH;
    check(&packet(0, &(digits + TCP)), tcp_behind(all));
    // The same without the second destination options, which is what `compose` makes.
    let digits = [options(60), options(43), routing(44), fragment(51, 0), auth(6)].concat();
    check_both(&packet(0, &(digits + TCP)), 0, tcp_behind(all));
}

#[test]
fn order_and_repetition() {
    use exthdr::{AUTH, DEST, FRAG, HOP, ROUTER, UNREP, UNSEQ};
    let cases: [(&[u8], u16); 16] = [
        (&[0], HOP),
        (&[60], DEST),
        (&[60, 60], DEST),
        (&[60, 60, 60], DEST | UNREP),
        (&[0, 0], HOP | UNREP),
        (&[43, 43], ROUTER | UNREP),
        (&[51, 51], AUTH | UNREP),
        (&[44, 44], FRAG | UNREP),
        (&[60, 0], HOP | DEST | UNSEQ),
        (&[51, 44], AUTH | FRAG | UNSEQ),
        // For the routers, and for the destination: RFC 8200 §4.1, notes 1 and 3.
        (&[60, 43, 60], DEST | ROUTER),
        (&[44, 60], DEST | FRAG),
        (&[51, 60], DEST | AUTH),
        (&[43, 60, 51], DEST | ROUTER | AUTH | UNSEQ),
        (&[60, 60, 43], DEST | ROUTER | UNSEQ),
        (&[0, 43, 0], HOP | ROUTER | UNREP | UNSEQ),
    ];
    for (chain, expected) in cases {
        let mut digits = String::new();
        for (n, header) in chain.iter().enumerate() {
            let next = chain.get(n + 1).copied().unwrap_or(6);
            digits += &match header {
                43 => routing(next),
                44 => fragment(next, 0),
                51 => auth(next),
                _ => options(next),
            };
        }
        digits += TCP;
        check(&packet(chain[0], &digits), tcp_behind(expected));
    }
}

#[test]
fn the_end_of_the_chain() {
    let nonext = ip(59, |key| key.ipv6_exthdr = U16::new(exthdr::NONEXT));
    check_both(&packet(59, "ffffffff"), 4, nonext);
    // RFC 4303 §2: what follows cannot be read.
    let esp = ip(50, |key| key.ipv6_exthdr = U16::new(exthdr::ESP | exthdr::HOP));
    check_both(&packet(0, &(options(50) + "00000100 00000001")), 8, esp);
    let late = exthdr::ESP | exthdr::ROUTER | exthdr::DEST | exthdr::UNSEQ;
    let digits = routing(60) + &options(50) + "00000100 00000001";
    check(&packet(43, &digits), ip(50, |key| key.ipv6_exthdr = U16::new(late)));
    check_both(&packet(253, "ffff"), 2, ip(253, |_| {}));
}

#[test]
fn fragments() {
    let fragmented = |frag| {
        move |key: &mut FlowKey| {
            key.ip_frag = frag;
            key.ipv6_exthdr = U16::new(exthdr::FRAG);
        }
    };
    let with_ports = |frag| {
        ip(6, |key| {
            tcp(key);
            fragmented(frag)(key);
        })
    };
    let later = ip(44, fragmented(FRAG_ANY | FRAG_LATER));
    // Whole in spite of the header; the first; the second of three; the last; the farthest.
    check_both(&packet(44, &(fragment(6, 0) + TCP)), 0, with_ports(0));
    check(&packet(44, &(fragment(6, 1) + TCP)), with_ports(FRAG_ANY));
    for offset_flags in [0x0009, 0x0008, 0xfff8] {
        check(&packet(44, &(fragment(6, offset_flags) + TCP)), later);
    }
    // A reserved bit alone: a fragment for Open vSwitch.
    check(&packet(44, &(fragment(6, 2) + TCP)), with_ports(FRAG_ANY));
    // No header is looked for in the middle of something.
    check(&packet(44, &fragment(0, 8)), later);
}

#[test]
fn broken_chains_leave_the_addresses() {
    let addresses = key(0x86dd, |key| {
        key.ipv6_src = SRC;
        key.ipv6_dst = DST;
    });
    for next in [0, 43, 44, 51, 60] {
        for digits in ["", "06", "0600000000000000"] {
            // The last is whole for some; for these it says that it is longer.
            let digits = if next == 44 && digits.len() == 16 { "06" } else { digits };
            let digits = digits.replace("0600", "06ff");
            check(&packet(next, &digits), addresses);
        }
    }
    // A jumbogram says that it has no length (RFC 2675 §3).
    let mut jumbo = packet(0, &(options(6) + TCP));
    jumbo[18..20].fill(0);
    check(&jumbo, addresses);
    let whole = packet(6, TCP);
    for n in 14..whole.len() {
        check(&whole[..n], key(0x86dd, |_| {}));
    }
}

/// RFC 4861 §4.3: who has fe80::2, asks fe80::1, 02:00:00:00:00:0a; checksum by hand.
const SOLICITATION: &str = "86dd 60000000 0020 3a ff \
    fe800000000000000000000000000001 ff0200000000000000000001ff000002 \
    8700 7a8e 00000000 fe800000000000000000000000000002 0101 02000000000a";

fn solicitation(set: impl FnOnce(&mut FlowKey)) -> FlowKey {
    let mut target = [0; 16];
    (target[0], target[1], target[15]) = (0xfe, 0x80, 2);
    key(0x86dd, |key| {
        (key.ipv6_src[0], key.ipv6_src[1], key.ipv6_src[15]) = (0xfe, 0x80, 1);
        key.ipv6_dst = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2];
        key.ip_proto = 58;
        key.ip_ttl = 255;
        key.tp_src = U16::new(135);
        key.nd_target = target;
        set(key);
    })
}

#[test]
fn neighbour_discovery() {
    let mac = Mac([2, 0, 0, 0, 0, 0x0a]);
    let asked = solicitation(|key| {
        key.arp_sha = mac;
        key.nd_options_type = 1;
    });
    check_both(&frame(SOLICITATION), 0, asked);
    // RFC 4861 §4.4: solicited, override; the answer names the target's address.
    let answer = "86dd 60000000 0020 3a ff fe800000000000000000000000000002 \
        fe800000000000000000000000000001 8800 1811 60000000 fe800000000000000000000000000002 \
        0201 02000000000b";
    let answered = solicitation(|key| {
        key.ipv6_dst = key.ipv6_src;
        key.ipv6_src = key.nd_target;
        key.tp_src = U16::new(136);
        key.nd_reserved = U32::new(0x6000_0000);
        key.arp_tha = Mac([2, 0, 0, 0, 0, 0x0b]);
        key.nd_options_type = 2;
    });
    check_both(&frame(answer), 0, answered);
    // A code other than zero makes another message of it.
    check(
        &frame(&SOLICITATION.replace("8700 7a8e", "8701 0000")),
        solicitation(|key| {
            key.tp_dst = U16::new(1);
            key.nd_target = [0; 16];
        }),
    );
    // Cut before the target, by the length of IP.
    let short = SOLICITATION.replace("0020 3a", "0017 3a");
    check(&frame(&short), solicitation(|key| key.nd_target = [0; 16]));
    let shorter = SOLICITATION.replace("0020 3a", "0007 3a");
    check(
        &frame(&shorter),
        solicitation(|key| {
            key.nd_target = [0; 16];
            key.tp_src = U16::ZERO;
        }),
    );
}

#[test]
fn neighbour_discovery_options() {
    let with = |options: &str| {
        let digits = SOLICITATION.replace("0101 02000000000a", options);
        let length = 24 + options.chars().filter(char::is_ascii_hexdigit).count() / 2;
        frame(&digits.replace("0020 3a", &format!("{length:04x} 3a")))
    };
    let mac = |n| Mac([2, 0, 0, 0, 0, n]);
    check(&with(""), solicitation(|_| {}));
    let source = |key: &mut FlowKey| {
        key.arp_sha = mac(0x0a);
        key.nd_options_type = 1;
    };
    // Both kinds, in either order: the first names the type.
    let both = |first| {
        solicitation(|key| {
            source(key);
            key.arp_tha = mac(0x0b);
            key.nd_options_type = first;
        })
    };
    check(&with("0101 02000000000a 0201 02000000000b"), both(1));
    check(&with("0201 02000000000b 0101 02000000000a"), both(2));
    // An MTU before, a nonce of two units behind, and an address that is longer than Ethernet's.
    check(&with("0501 0000000005dc 0101 02000000000a"), solicitation(source));
    check(&with("0101 02000000000a 0e02 0000000000000000000000000000"), solicitation(source));
    check(&with("0102 0200000000ffff0000000000000f"), solicitation(|_| {}));
    // Twice the same kind: no address and no target.
    for twice in ["0101 02000000000a 0101 02000000000a", "0101 02000000000a 0101 02000000000c"] {
        let doubted = solicitation(|key| {
            key.nd_target = [0; 16];
            key.nd_options_type = 1;
        });
        check(&with(twice), doubted);
    }
    // No length, a length beyond the end, and a rest: what was read until there stays.
    check(&with("0101 02000000000a 0200 02000000000b"), solicitation(source));
    check(&with("0101 02000000000a 0202 02000000000b"), solicitation(source));
    check(&with("0101 02000000000a 0201 02"), solicitation(source));
    check(&with("0100 02000000000a 0101 02000000000a"), solicitation(|_| {}));
}

#[test]
fn the_longest_chain() {
    let mut packet = packet(0, "");
    for _ in 0..8191 {
        packet.extend([0, 0, 1, 4, 0, 0, 0, 0]);
    }
    packet[18..20].copy_from_slice(&65_528u16.to_be_bytes());
    assert_eq!(packet.len(), 14 + 40 + 65_528);
    let addresses = key(0x86dd, |key| {
        key.ipv6_src = SRC;
        key.ipv6_dst = DST;
    });
    check(&packet, addresses);
    // The last is followed by what needs no byte.
    let last = packet.len() - 8;
    packet[last] = 59;
    let ended = ip(59, |key| {
        key.ipv6_exthdr = U16::new(exthdr::HOP | exthdr::UNREP | exthdr::NONEXT);
    });
    check(&packet, ended);
}
