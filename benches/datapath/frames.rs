//! Frames to be measured with: those of `benches/vs_ovs/mkpcap.py`, made of other random numbers.

use super::cases::{prefixes, random};
use ovs_core::key::compose;
use ovs_core::{FlowKey, Frame, Mac};

/// A key of UDP over IPv4, untagged.
pub fn udp4() -> FlowKey {
    let mut key = FlowKey::ZERO;
    key.eth_dst = Mac([2, 0, 0, 0, 0, 2]);
    key.eth_src = Mac([2, 0, 0, 0, 0, 1]);
    key.eth_type = 0x0800.into();
    key.ipv4_src = [10, 0, 0, 1];
    key.ipv4_dst = [11, 0, 0, 1];
    key.ip_proto = 17;
    key.ip_ttl = 64;
    key.tp_src = 1024.into();
    key.tp_dst = 2048.into();
    key
}

/// A frame of 60 bytes (64 with its frame check sequence), or as long as its headers are.
pub fn frame(key: &FlowKey) -> Frame {
    let mut frame = Frame::default();
    let mut payload = vec![0; 46];
    loop {
        compose(key, &payload, &mut frame).expect("the key can be composed");
        if frame.len() <= 60 || payload.pop().is_none() {
            return frame;
        }
    }
}

/// Frames for a case, by its name.
pub fn of_case(name: &str) -> Vec<Frame> {
    let packets = 10_000;
    let number = |prefix: &str| name.strip_prefix(prefix).and_then(|n| n.parse::<u32>().ok());
    let mut keys: Vec<FlowKey> = match name.split('_').next() {
        Some("of3") => (0..packets).map(rules).collect(),
        Some("p1000") => prefixes().cycle().take(1000).enumerate().map(of_prefixes).collect(),
        Some("tse1000") => (0..packets).map(attack).collect(),
        _ => match number("m") {
            Some(n) => (0..packets).map(|i| mask(i, n)).collect(),
            None => {
                let flows = match name {
                    "f1k" => 1000,
                    "f10k" => 10_000,
                    _ => 1,
                };
                (0..packets).map(|i| flow(i % flows)).collect()
            }
        },
    };
    // A fixed order that is none.
    keys.sort_by_key(|key| {
        random(u32::from_be_bytes(key.ipv4_src) ^ u32::from(key.tp_src.get()) << 7)
    });
    keys.iter().map(frame).collect()
}

fn flow(n: u32) -> FlowKey {
    let mut key = udp4();
    key.ipv4_src = (0x0a00_0001 + n).to_be_bytes();
    key.ipv4_dst = (0x0b00_0001 + (random(n) & 0xffff)).to_be_bytes();
    (key.tp_src, key.tp_dst) =
        ((random(n) as u16 | 1024).into(), (random(!n) as u16 | 1024).into());
    key
}

fn mask(i: u32, n: u32) -> FlowKey {
    let mut key = udp4();
    key.ipv4_src = (random(i) | 1 << 24).to_be_bytes();
    key.ipv4_dst = (random(!i) | 1 << 24).to_be_bytes();
    (key.tp_src, key.tp_dst) = ((random(i) as u16 | 1024).into(), ((1000 + i % n) as u16).into());
    key
}

fn rules(i: u32) -> FlowKey {
    let mut key = flow(i);
    key.eth_dst = Mac([2, 0, 0, 1, 0, (i % 100) as u8]);
    key.eth_src = Mac([2, 0, 0, 2, 0, (i % 50) as u8]);
    key.ipv4_dst = (0x0b00_0000 | ((i % 100) << 16) | (random(i) & 0xffff)).to_be_bytes();
    key.tp_dst = [80, 443, 53, 22, 8080][(i % 5) as usize].into();
    key
}

fn of_prefixes((i, flow): (usize, [(u32, u32); 3])) -> FlowKey {
    let mut n = i as u32;
    let [src, dst, port] = flow.map(|(value, length)| {
        n = random(n);
        let rest = u32::MAX.checked_shr(length).unwrap_or(0);
        value & !rest | n & rest
    });
    let mut key = udp4();
    (key.ipv4_src, key.ipv4_dst) = (src.to_be_bytes(), dst.to_be_bytes());
    key.tp_dst = ((port >> 16) as u16).into();
    key
}

/// Agrees with each rule of the access list in up to nine bits, and then not.
fn attack(i: u32) -> FlowKey {
    let differs = |value: u32, n: u32, bits: u32| {
        let rest = bits - 1 - n % 10;
        ((value >> rest ^ 1) << rest) | random(i ^ value) & ((1 << rest) - 1)
    };
    let n = random(i);
    let mut key = udp4();
    key.ipv4_src = differs(0x0a00_0001, n, 32).to_be_bytes();
    key.tp_src = (differs(12345, n / 10, 16) as u16).into();
    key.tp_dst = (differs(80, n / 100, 16) as u16).into();
    key
}
