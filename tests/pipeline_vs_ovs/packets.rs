//! Random packets, of values so few that rules meet them.

use crate::BRIDGES;
use crate::random::Random;
use crate::width::of_frame;
use ovs_core::Frame;
use ovs_core::field::Field;
use ovs_core::key::{FRAG_ANY, FRAG_LATER, FlowKey, Mac, U16, U32, VlanTag, compose, exthdr};

pub struct Packet {
    pub bridge: usize,
    pub port: u32,
    pub frame: Vec<u8>,
    pub key: FlowKey,
}

/// Packets that both switches can be given.
pub fn packets(random: &mut Random, n: usize) -> Vec<Packet> {
    let mut packets = Vec::new();
    while packets.len() < n {
        packets.extend(packet(random));
    }
    packets
}

fn packet(random: &mut Random) -> Option<Packet> {
    let mut key = FlowKey::ZERO;
    key.eth_dst = mac(random);
    key.eth_src = Mac([2, 0, 0, 0, 0, random.of(&[1, 2, 3])]);
    for n in 0..random.of(&[0, 0, 0, 1, 1, 2]) {
        key.vlans[n] = tag(random);
    }
    match random.below(12) {
        0..4 => ipv4(random, &mut key),
        4..7 => ipv6(random, &mut key),
        7 => arp(random, &mut key),
        8..10 => mpls(random, &mut key),
        10 => key.eth_type = U16::new(random.of(&[0x0801, 0x88cc, 0x9000])),
        _ => key.eth_type = U16::new(0x05ff),
    }
    let mut payload = vec![0x55; random.of(&[0, 0, 9, 40, 100])];
    if key.eth_type.get() == 0x8847 && !random.one_in(3) {
        payload = inner(random);
    }
    let mut frame = Frame::default();
    compose(&key, &payload, &mut frame).ok()?;
    let bridge = usize::from(random.one_in(5));
    let port = random.of(BRIDGES[bridge].1);
    let key = FlowKey::of(port, frame.as_slice());
    Some(Packet { bridge, port, frame: frame.as_slice().to_vec(), key })
}

/// What stands behind an MPLS label: an IP packet without its Ethernet header.
fn inner(random: &mut Random) -> Vec<u8> {
    let mut key = FlowKey::ZERO;
    match random.one_in(2) {
        true => ipv4(random, &mut key),
        false => ipv6(random, &mut key),
    }
    let mut frame = Frame::default();
    match compose(&key, b"inner", &mut frame) {
        Ok(()) => frame.as_slice()[14..].to_vec(),
        Err(_) => Vec::new(),
    }
}

pub fn mac(random: &mut Random) -> Mac {
    Mac(random.of(&[
        [2, 0, 0, 0, 0, 1],
        [2, 0, 0, 0, 0, 2],
        [2, 0, 0, 0, 0, 3],
        [2, 0, 0, 0, 0, 9],
        [0xff; 6],
        [1, 0, 0x5e, 0, 0, 1],
    ]))
}

fn tag(random: &mut Random) -> VlanTag {
    let tpid = random.of(&[0x8100, 0x8100, 0x88a8]);
    let vid = random.of(&[0, 1, 2, 5, 0xfff]);
    let pcp = random.of(&[0, 0, 3, 7]);
    VlanTag { tpid: U16::new(tpid), tci: U16::new(pcp << 13 | vid) }
}

fn ip(random: &mut Random, key: &mut FlowKey) {
    key.ip_tos = random.of(&[0, 0, 1, 0x2e << 2, 0xff]);
    key.ip_ttl = random.of(&[64, 64, 255, 2, 1, 0]);
    key.ip_frag = random.of(&[0, 0, 0, 0, FRAG_ANY, FRAG_ANY | FRAG_LATER]);
}

fn ports(random: &mut Random, key: &mut FlowKey) {
    let port = |random: &mut Random| U16::new(random.of(&[1, 2, 80, 0x8000, 0xffff]));
    (key.tp_src, key.tp_dst) = (port(random), port(random));
}

fn later(key: &FlowKey) -> bool {
    key.ip_frag & FRAG_LATER != 0
}

fn l4(random: &mut Random, key: &mut FlowKey) {
    if later(key) {
        return;
    }
    match key.ip_proto {
        6 => {
            ports(random, key);
            key.tcp_flags = U16::new(random.of(&[2, 0x10, 1, 4, 0xfff]));
        }
        17 | 132 => ports(random, key),
        1 | 58 => {
            key.tp_src = U16::new(random.of(&[0, 8, 3, 128]));
            key.tp_dst = U16::new(random.of(&[0, 1]));
        }
        _ => {}
    }
}

pub const IPV4: [[u8; 4]; 4] = [[10, 0, 0, 1], [10, 0, 0, 2], [10, 1, 0, 1], [224, 0, 0, 5]];

fn ipv4(random: &mut Random, key: &mut FlowKey) {
    key.eth_type = U16::new(0x0800);
    ip(random, key);
    key.ipv4_src = random.of(&IPV4);
    key.ipv4_dst = random.of(&IPV4);
    key.ip_proto = random.of(&[6, 6, 17, 17, 132, 1, 47]);
    l4(random, key);
}

pub fn ipv6_address(random: &mut Random) -> [u8; 16] {
    let mut address = [0; 16];
    address[0] = 0xfd;
    address[7] = random.of(&[0, 1]);
    address[15] = random.of(&[1, 2, 0x81]);
    address
}

fn ipv6(random: &mut Random, key: &mut FlowKey) {
    key.eth_type = U16::new(0x86dd);
    ip(random, key);
    key.ipv6_src = ipv6_address(random);
    key.ipv6_dst = ipv6_address(random);
    key.ipv6_label = U32::new(random.of(&[0, 0, 5, 0xf_ffff]));
    key.ip_proto = if later(key) { 44 } else { random.of(&[6, 17, 132, 58, 58, 47]) };
    if key.ip_frag != 0 {
        key.ipv6_exthdr = U16::new(exthdr::FRAG);
    }
    l4(random, key);
    if key.ip_proto == 58 && key.ip_frag == 0 && random.one_in(2) {
        neighbour(random, key);
    }
}

fn neighbour(random: &mut Random, key: &mut FlowKey) {
    let solicits = random.one_in(2);
    key.tp_src = U16::new(if solicits { 135 } else { 136 });
    key.tp_dst = U16::new(0);
    key.nd_target = ipv6_address(random);
    key.nd_reserved = U32::new(random.of(&[0, 0x6000_0000]));
    if random.one_in(3) {
        return;
    }
    if solicits {
        key.arp_sha = mac(random);
    } else {
        key.arp_tha = mac(random);
    }
    key.nd_options_type = if solicits { 1 } else { 2 };
}

fn arp(random: &mut Random, key: &mut FlowKey) {
    key.eth_type = U16::new(random.of(&[0x0806, 0x0806, 0x8035]));
    key.arp_op = U16::new(random.of(&[1, 2]));
    key.ipv4_src = random.of(&IPV4);
    key.ipv4_dst = random.of(&IPV4);
    key.arp_sha = mac(random);
    key.arp_tha = mac(random);
}

fn mpls(random: &mut Random, key: &mut FlowKey) {
    key.eth_type = U16::new(0x8847);
    let n = random.below(3);
    for (depth, entry) in key.mpls.iter_mut().enumerate().take(n + 1) {
        let label = random.of(&[16, 17, 0xf_ffff]);
        let class = random.of(&[0, 5]);
        let ttl = random.of(&[64, 1, 2, 255]);
        let bottom = u32::from(depth == n) << 8;
        *entry = U32::new(label << 12 | class << 9 | bottom | ttl);
    }
}

/// Another packet that a megaflow of this one covers: fields that were not looked at have other values.
pub fn mutant(random: &mut Random, packet: &Packet, mask: &FlowKey) -> Option<Packet> {
    let mut key = packet.key;
    let fields = [
        Field::EthDst,
        Field::EthSrc,
        Field::VlanVid,
        Field::VlanPcp,
        Field::MplsLabel,
        Field::MplsTtl,
        Field::Ipv4Src,
        Field::Ipv4Dst,
        Field::Ipv6Src,
        Field::Ipv6Dst,
        Field::IpDscp,
        Field::IpTtl,
        Field::Ipv6Label,
        Field::TcpSrc,
        Field::TcpDst,
        Field::TcpFlags,
        Field::UdpSrc,
        Field::UdpDst,
        Field::ArpSha,
        Field::ArpTha,
        Field::NdTarget,
        Field::IpProto,
        Field::Icmpv4Type,
    ];
    for field in fields {
        if !field.prerequisite().holds(&packet.key) || random.one_in(2) {
            continue;
        }
        let read = field.get(mask).unwrap_or(u128::MAX);
        let present = if field == Field::VlanVid { 0x1000 } else { 0 };
        let free = field.ones() & !read & !present;
        let _ = field.set_masked(&mut key, random.wide() & free, free);
    }
    let mut frame = Frame::default();
    compose(&key, &[0x55; 30], &mut frame).ok()?;
    let key = FlowKey::of(packet.port, frame.as_slice());
    let same = key.masked(&of_frame(mask)) == packet.key.masked(&of_frame(mask));
    let Packet { bridge, port, .. } = *packet;
    same.then(|| Packet { bridge, port, frame: frame.as_slice().to_vec(), key })
}
