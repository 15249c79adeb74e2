//! Which bits a lookup reads.

use super::*;

/// The bits that are read to find what this packet meets.
fn read(rules: &[Arc<TestRule>], fields: &[(Field, u128)]) -> FlowKey {
    let mut key = TrackedKey::new(&packet(fields));
    classifier(rules).lookup(NOW, &mut key).unwrap();
    *key.read()
}

/// A mask of fields.
fn bits(fields: &[(Field, u128)]) -> FlowKey {
    let mut key = FlowKey::ZERO;
    fields.iter().for_each(|(field, mask)| field.put(&mut key, *mask, *mask));
    key
}

const ALL: u128 = u128::MAX;
const IP: (Field, u128) = (Field::EthType, 0x0800);
const TCP: (Field, u128) = (Field::IpProto, 6);

fn mac(last: u8) -> Match {
    Match::new().eth_dst([2, 0, 0, 0, 0, last])
}

fn to(a: u8, b: u8, prefix: u8) -> Match {
    ip().ipv4_dst([a, b, 0, 0].into(), prefix)
}

#[test]
fn a_match_on_addresses_reads_nothing_behind_them() {
    let rules = [rule(1, mac(1)), rule(1, mac(2))];
    let fields = [(Field::EthDst, 0x0200_0000_0001), IP, TCP, (Field::TcpDst, 80)];
    assert_eq!(read(&rules, &fields), bits(&[(Field::EthDst, ALL)]));
    assert_eq!(read(&[], &fields), FlowKey::ZERO);
    assert_eq!(read(&[rule(1, Match::new())], &fields), FlowKey::ZERO);
}

#[test]
fn no_more_of_an_address_than_tells_it_from_all_prefixes() {
    let one = [rule(1, to(10, 0, 24))];
    let read_of = |rules: &[_], address| {
        let read = read(rules, &[IP, (Field::Ipv4Dst, address)]);
        assert_eq!(Field::EthType.get(&read), Some(0xffff));
        Field::Ipv4Dst.get(&read).unwrap()
    };
    assert_eq!(read_of(&one, 0xc0a8_0001), 0x8000_0000);
    assert_eq!(read_of(&one, 0x0b00_0001), 0xff00_0000);
    assert_eq!(read_of(&one, 0x0a00_0001), 0xffff_ff00);
    assert_eq!(read_of(&one, 0x0a00_0101), 0xffff_ff00);
    // Two neighbours, of which the upper one is nearer.
    let two = [rule(1, to(10, 0, 16)), rule(1, to(10, 8, 16))];
    assert_eq!(read_of(&two, 0x0a10_0000), 0xfff0_0000);
    assert_eq!(read_of(&two, 0x0a04_0000), 0xfffc_0000);
    assert_eq!(read_of(&two, 0x0a0c_0000), 0xfffc_0000);
    // A route in another subtable does not make this one read more.
    let routes = [rule(24, to(10, 0, 24)), rule(8, to(11, 0, 8)), rule(0, Match::new())];
    assert_eq!(read_of(&routes, 0x0b01_0000), 0xff00_0000);
    assert_eq!(read_of(&routes, 0xc0a8_0001), 0x8000_0000);
    assert_eq!(read_of(&routes, 0x0a00_0001), 0xffff_ff00);
}

#[test]
fn prefixes_of_ipv6() {
    let v6 = |text: &str, prefix| {
        rule(1, Match::new().eth_type(0x86dd).ipv6_src(text.parse().unwrap(), prefix))
    };
    let rules = [v6("2001:db8::", 64), v6("2001:db8:0:2::", 64), v6("fe80::", 10)];
    let read_of = |address: &str| {
        let address: core::net::Ipv6Addr = address.parse().unwrap();
        let fields = [(Field::EthType, 0x86dd), (Field::Ipv6Src, address.to_bits())];
        Field::Ipv6Src.get(&read(&rules, &fields)).unwrap().leading_ones()
    };
    assert_eq!(read_of("2001:db8::1"), 64);
    assert_eq!(read_of("2001:db8:0:1::1"), 64);
    assert_eq!(read_of("2001:db8:0:4::1"), 62);
    assert_eq!(read_of("2001:db8:1::1"), 48);
    assert_eq!(read_of("3000::"), 4, "one bit for fe80::/10, four for 2001:db8::/64");
    assert_eq!(read_of("8000::"), 2);
}

#[test]
fn of_two_prefixes_the_second_is_asked_if_the_first_lets_pass() {
    let pair = |a: u8, b: u8| rule(1, to(a, 0, 16).ipv4_src([b, 0, 0, 0].into(), 16));
    let rules = [pair(10, 20), pair(11, 21)];
    let fields = [IP, (Field::Ipv4Dst, 0xff01_0000), (Field::Ipv4Src, 0xff00_0000)];
    let expected = bits(&[(Field::EthType, ALL), (Field::Ipv4Dst, 0x8000_0000)]);
    assert_eq!(read(&rules, &fields), expected);
    let fields = [IP, (Field::Ipv4Dst, 0x0a00_0000), (Field::Ipv4Src, 0xff00_0000)];
    let both =
        [(Field::EthType, ALL), (Field::Ipv4Dst, 0xffff_0000), (Field::Ipv4Src, 0x8000_0000)];
    assert_eq!(read(&rules, &fields), bits(&both));
}

#[test]
fn ports_are_read_as_far_as_needed() {
    let port = |port| rule(1, tcp().tcp_dst(port));
    let rules = [port(80), port(443)];
    let read_of = |source: u16, port: u16| {
        let ports = [(Field::TcpSrc, source.into()), (Field::TcpDst, port.into())];
        let read = read(&rules, &[&[IP, TCP], &ports[..]].concat());
        let expected = bits(&[(Field::EthType, ALL), (Field::IpProto, ALL)]);
        assert_eq!((read.eth_type, read.ip_proto), (expected.eth_type, expected.ip_proto));
        (read.tp_src.get(), read.tp_dst.get())
    };
    assert_eq!(read_of(9, 80), (0, 0xffff));
    assert_eq!(read_of(9, 0x8000), (0, 0x8000));
    assert_eq!(read_of(9, 81), (0, 0xffff));
    assert_eq!(read_of(9, 0x0100), (0, 0xff80));
    // Both ports are one number.
    let rules = [rule(1, tcp().tcp_src(1).tcp_dst(2)), rule(1, tcp().tcp_src(1).tcp_dst(3))];
    let fields = [IP, TCP, (Field::TcpSrc, 0x4001), (Field::TcpDst, 2)];
    let read = read(&rules, &fields);
    assert_eq!((read.tp_src.get(), read.tp_dst.get()), (0xc000, 0));
}

#[test]
fn stages_that_come_later_are_not_read() {
    let host = |port: u32, last: u8| rule(1, tcp().in_port(port).eth_dst([2, 0, 0, 0, 0, last]));
    let rules = [host(1, 1), host(2, 2), host(2, 3)];
    let known = [IP, TCP, (Field::EthDst, 0x0200_0000_0001)];
    let read_of = |port| read(&rules, &[&known[..], &[(Field::InPort, port)]].concat());
    let l2 = [(Field::InPort, ALL), (Field::EthDst, ALL), (Field::EthType, ALL)];
    assert_eq!(read_of(9), bits(&l2[..1]));
    assert_eq!(read_of(2), bits(&l2));
    assert_eq!(read_of(1), bits(&[&l2[..], &[(Field::IpProto, ALL)]].concat()));
}

#[test]
fn registers_and_the_tunnel_come_first_and_ports_last() {
    let first = [Field::Reg3, Field::Metadata, Field::TunId, Field::CtState, Field::PacketType];
    for field in first {
        let of = |value: u128| rule(1, ip().with(field, value).unwrap());
        let read = read(&[of(1), of(2)], &[IP, (field, 4)]);
        assert_eq!(read, bits(&[(field, ALL)]), "{field}");
    }
    let last = |value: u128| {
        rule(1, tcp().with(Field::TcpFlags, 2).unwrap().with(Field::CtTpDst, value).unwrap())
    };
    let read = read(&[last(1), last(2)], &[IP, TCP, (Field::CtTpDst, 1)]);
    let expected = [(Field::EthType, ALL), (Field::IpProto, ALL), (Field::TcpFlags, 0xffe)];
    assert_eq!(read, bits(&expected), "the flags end the comparison");
}

#[test]
fn higher_priorities_end_the_search() {
    let rules = [rule(9, mac(1)), rule(5, tcp().tcp_dst(80)), rule(5, to(10, 0, 8))];
    let fields = [IP, TCP, (Field::EthDst, 0x0200_0000_0001), (Field::TcpDst, 80)];
    assert_eq!(read(&rules, &fields), bits(&[(Field::EthDst, ALL)]));
    // Not found there: up to the first difference, and then the subtable with the fewest bits.
    let fields = [IP, TCP, (Field::EthDst, 0x0a00_0000_0001), (Field::Ipv4Dst, 0x0a00_0001)];
    let expected =
        [(Field::EthDst, 0xf800_0000_0000), (Field::EthType, ALL), (Field::Ipv4Dst, 0xff00_0000)];
    assert_eq!(read(&rules, &fields), bits(&expected));
}

#[test]
fn an_only_value_is_compared_up_to_the_first_difference() {
    let trap = [rule(9, Match::new().eth_dst([1, 0x80, 0xc2, 0, 0, 0]))];
    let unicast = [(Field::EthDst, 0x0012_3456_789a)];
    assert_eq!(read(&trap, &unicast), bits(&[(Field::EthDst, 0xff00_0000_0000)]));
    let both = [rule(9, Match::new().eth_dst([2; 6]).vlan_vid(5))];
    assert_eq!(read(&both, &unicast), bits(&[(Field::EthDst, 0xfe00_0000_0000)]));
    // A number of which a part says nothing is read as a whole.
    let arp = [rule(9, Match::new().eth_type(0x0806))];
    assert_eq!(read(&arp, &[IP]), bits(&[(Field::EthType, ALL)]));
    let port = [rule(9, Match::new().in_port(1u32).eth_type(0x0806))];
    assert_eq!(read(&port, &[(Field::InPort, 2)]), bits(&[(Field::InPort, ALL)]));
    // What is known decides first.
    let second = rule(8, Match::new().in_port(5u32).eth_type(0x0800).ip_proto(6));
    let expected = bits(&[(Field::EthType, ALL)]);
    assert_eq!(read(&[arp[0].clone(), second], &[(Field::EthType, 0x86dd)]), expected);
}

#[test]
fn what_was_written_is_free() {
    let rules = [rule(9, mac(1).in_port(1u32)), rule(9, mac(2).in_port(2u32)), rule(1, ip())];
    let mut key = TrackedKey::new(&packet(&[IP, (Field::InPort, 1)]));
    key.set(Field::EthDst, 0x0200_0000_0001, ALL);
    assert_eq!(classifier(&rules).lookup(NOW, &mut key).unwrap().unwrap().candidate.priority, 9);
    assert_eq!(*key.read(), bits(&[(Field::InPort, ALL)]));
    // A written address that no rule has makes the rest of the mask free.
    let routes = [rule(9, to(10, 0, 8).in_port(1u32)), rule(9, to(11, 0, 8).in_port(2u32))];
    let mut key = TrackedKey::new(&packet(&[IP, (Field::InPort, 1)]));
    key.set(Field::Ipv4Dst, 0xc0a8_0001, ALL);
    assert!(classifier(&routes).lookup(NOW, &mut key).unwrap().is_none());
    assert_eq!(*key.read(), FlowKey::ZERO);
}

#[test]
fn the_number_of_a_conjunction_is_free() {
    let conj = |id| rule(9, Match::new().with(Field::ConjId, id).unwrap());
    let rules =
        [soft(9, Match::new().in_port(1u32), &[(5, 0, 2)]), soft(9, mac(1), &[(5, 1, 2)]), conj(5)];
    let read = read(&rules, &[(Field::InPort, 1), (Field::EthDst, 0x0200_0000_0001)]);
    let expected = [(Field::InPort, ALL), (Field::EthDst, ALL), (Field::ConjId, 0xffff_fffc)];
    assert_eq!(read, bits(&expected), "what tells that the packet itself has another");
}
