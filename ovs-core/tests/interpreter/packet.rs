//! A packet: its bytes, and what is known of it besides. Every question is answered by reading the bytes anew.

use crate::checksum::{internet, sctp};
use ovs_core::field::Field;
use std::ops::Range;

pub const IPV4: u16 = 0x0800;
pub const ARP: u16 = 0x0806;
pub const IPV6: u16 = 0x86dd;
pub const MPLS: u16 = 0x8847;
pub const MPLS_MULTICAST: u16 = 0x8848;
pub const PBB: u16 = 0x88e7;
pub const VLAN: u16 = 0x8100;
pub const SERVICE_VLAN: u16 = 0x88a8;

pub const ICMP: u8 = 1;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const ICMPV6: u8 = 58;
pub const SCTP: u8 = 132;

const LATER_FRAGMENT: u8 = 2;

#[derive(Clone, Debug)]
pub struct Packet {
    pub bytes: Vec<u8>,
    pub in_port: u32,
    pub metadata: u64,
    pub registers: [u32; 16],
    pub tunnel_id: u64,
    pub mark: u32,
    /// While it is looked up: fragments have no ports.
    pub hides_ports: bool,
}

/// An IP header and what follows it.
#[derive(Clone, Debug)]
struct Ip {
    version: u8,
    at: usize,
    /// Where its last next-header field is.
    proto_at: usize,
    payload: Range<usize>,
    frag: u8,
    extensions: u16,
}

impl Packet {
    pub fn new(bytes: Vec<u8>, in_port: u32) -> Self {
        let (metadata, registers, tunnel_id, mark) = Default::default();
        Self { bytes, in_port, metadata, registers, tunnel_id, mark, hides_ports: false }
    }

    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes([*self.bytes.get(at)?, *self.bytes.get(at + 1)?]))
    }

    /// Where the tags of the frame begin.
    fn tags(&self) -> Vec<usize> {
        let is_tag = |at: &usize| {
            let whole = self.bytes.len() >= *at + 6;
            whole && matches!(self.u16(*at), Some(VLAN | SERVICE_VLAN))
        };
        (0..).map(|n| 12 + 4 * n).take_while(is_tag).collect()
    }

    /// Where the Ethernet type is that a match means: behind two tags at most.
    fn type_at(&self) -> usize {
        12 + 4 * self.tags().len().min(2)
    }

    /// Where the Ethernet type behind all tags is.
    fn last_type_at(&self) -> usize {
        12 + 4 * self.tags().len()
    }

    pub fn eth_type(&self) -> u16 {
        self.u16(self.type_at()).unwrap_or(0)
    }

    fn payload_of(&self, types: &[u16]) -> Option<usize> {
        types.contains(&self.eth_type()).then(|| self.type_at() + 2)
    }

    fn mpls(&self) -> Option<usize> {
        self.payload_of(&[MPLS, MPLS_MULTICAST]).filter(|at| self.bytes.len() >= at + 4)
    }

    fn pbb(&self) -> Option<usize> {
        self.payload_of(&[PBB]).filter(|at| self.bytes.len() >= at + 4)
    }

    fn arp(&self) -> Option<usize> {
        let at = self.payload_of(&[ARP])?;
        (self.bytes.get(at..at + 28)?[..6] == [0, 1, 8, 0, 6, 4]).then_some(at)
    }

    fn ip(&self) -> Option<Ip> {
        match self.eth_type() {
            IPV4 => self.ipv4(self.type_at() + 2),
            IPV6 => self.ipv6(self.type_at() + 2),
            _ => None,
        }
    }

    /// RFC 791 §3.1.
    fn ipv4(&self, at: usize) -> Option<Ip> {
        let header = self.bytes.get(at..at + 20)?;
        let header_len = usize::from(header[0] & 15) * 4;
        let total = usize::from(self.u16(at + 2)?);
        let fits = header_len >= 20 && total >= header_len && at + total <= self.bytes.len();
        let fragment = self.u16(at + 6)?;
        let frag = match (fragment & 0x1fff, fragment & 0x2000) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 3,
        };
        let payload = at + header_len..at + total;
        fits.then_some(Ip { version: 4, at, proto_at: at + 9, payload, frag, extensions: 0 })
    }

    /// RFC 8200 §3, §4; the bits of the extension headers: OpenFlow 1.3.5 §7.2.3.8. Those in the order that
    /// packets here have them, each once.
    fn ipv6(&self, at: usize) -> Option<Ip> {
        self.bytes.get(at..at + 40)?;
        let end = at + 40 + usize::from(self.u16(at + 4)?);
        if end > self.bytes.len() {
            return None;
        }
        let (mut proto_at, mut payload, mut frag, mut extensions) = (at + 6, at + 40, 0, 0);
        loop {
            let header = self.bytes.get(payload..(payload + 8).min(end))?;
            match self.bytes[proto_at] {
                0 => extensions |= 1 << 6,
                60 => extensions |= 1 << 3,
                43 => extensions |= 1 << 5,
                44 => extensions |= 1 << 4,
                59 => {
                    extensions |= 1;
                    break;
                }
                _ => break,
            }
            let is_fragment = self.bytes[proto_at] == 44;
            let length = if is_fragment { 8 } else { 8 * (1 + usize::from(*header.get(1)?)) };
            if is_fragment {
                match self.u16(payload + 2)? {
                    0 => {}
                    1..8 => frag = 1,
                    _ => {
                        frag = 3;
                        break;
                    }
                }
            }
            (proto_at, payload) = (payload, payload + length);
            if payload > end {
                return None;
            }
        }
        Some(Ip { version: 6, at, proto_at, payload: payload..end, frag, extensions })
    }

    /// The IP version, the protocol, and where its header is, if that is whole.
    fn transport(&self) -> Option<(u8, u8, Range<usize>)> {
        let ip = self.ip().filter(|ip| ip.frag & LATER_FRAGMENT == 0)?;
        let proto = self.bytes[ip.proto_at];
        let least = match (ip.version, proto) {
            (_, TCP) => 20,
            (_, SCTP) => 12,
            (_, UDP) | (4, ICMP) | (6, ICMPV6) => 8,
            _ => return None,
        };
        let whole = match proto {
            TCP => {
                let words = usize::from(*self.bytes.get(ip.payload.start + 12)? >> 4);
                words >= 5 && words * 4 <= ip.payload.len()
            }
            _ => true,
        };
        (ip.payload.len() >= least && whole).then_some((ip.version, proto, ip.payload))
    }

    fn ports_of(&self, wanted: u8) -> Option<usize> {
        let (_, proto, at) = self.transport()?;
        (proto == wanted).then_some(at.start)
    }

    /// Where a neighbour solicitation or advertisement is (RFC 4861 §4.3, §4.4).
    fn nd(&self, types: &[u8]) -> Option<Range<usize>> {
        let (_, proto, at) = self.transport()?;
        let is_one = proto == ICMPV6 && types.contains(&self.bytes[at.start]);
        (is_one && self.bytes[at.start + 1] == 0 && at.len() >= 24).then_some(at)
    }

    /// Where the first option of a kind has its address.
    fn nd_option(&self, types: &[u8], kind: u8) -> Option<usize> {
        let message = self.nd(types)?;
        let mut at = message.start + 24;
        while at + 8 <= message.end && self.bytes[at + 1] != 0 {
            if self.bytes[at] == kind {
                return Some(at + 2);
            }
            at += 8 * usize::from(self.bytes[at + 1]);
        }
        None
    }

    /// The bits of the frame in which a field is.
    fn place(&self, field: Field) -> Option<Range<usize>> {
        let place = |at: Option<usize>, first: usize, n: usize| {
            at.map(|at| at * 8 + first..at * 8 + first + n)
        };
        let version = |version: u8| self.ip().filter(|ip| ip.version == version).map(|ip| ip.at);
        let ip = self.ip();
        // Type of service stands across two bytes in IPv6.
        let tos = ip.as_ref().map(|ip| ip.at * 8 + if ip.version == 4 { 8 } else { 4 });
        let icmp = |wanted: u8| self.ports_of(wanted);
        let tag = self.tags().first().copied();
        match field {
            Field::EthDst => Some(0..48),
            Field::EthSrc => Some(48..96),
            Field::EthType => place(Some(self.type_at()), 0, 16),
            Field::VlanVid => place(tag, 20, 12),
            Field::VlanPcp => place(tag, 16, 3),
            Field::MplsLabel => place(self.mpls(), 0, 20),
            Field::MplsTc => place(self.mpls(), 20, 3),
            Field::MplsBos => place(self.mpls(), 23, 1),
            Field::MplsTtl => place(self.mpls(), 24, 8),
            Field::PbbUca => place(self.pbb(), 4, 1),
            Field::PbbIsid => place(self.pbb(), 8, 24),
            Field::Ipv4Src => place(version(4), 96, 32),
            Field::Ipv4Dst => place(version(4), 128, 32),
            Field::Ipv6Src => place(version(6), 64, 128),
            Field::Ipv6Dst => place(version(6), 192, 128),
            Field::Ipv6Label => place(version(6), 12, 20),
            Field::IpProto => place(ip.map(|ip| ip.proto_at), 0, 8),
            Field::IpDscp => tos.map(|at| at..at + 6),
            Field::IpEcn => tos.map(|at| at + 6..at + 8),
            Field::IpTtl => place(ip.map(|ip| ip.at + if ip.version == 4 { 8 } else { 7 }), 0, 8),
            Field::ArpOp => place(self.arp(), 48, 16),
            Field::ArpSha => place(self.arp(), 64, 48),
            Field::ArpSpa => place(self.arp(), 112, 32),
            Field::ArpTha => place(self.arp(), 144, 48),
            Field::ArpTpa => place(self.arp(), 192, 32),
            Field::TcpSrc => place(self.ports_of(TCP), 0, 16),
            Field::TcpDst => place(self.ports_of(TCP), 16, 16),
            Field::TcpFlags => place(self.ports_of(TCP), 100, 12),
            Field::UdpSrc => place(self.ports_of(UDP), 0, 16),
            Field::UdpDst => place(self.ports_of(UDP), 16, 16),
            Field::SctpSrc => place(self.ports_of(SCTP), 0, 16),
            Field::SctpDst => place(self.ports_of(SCTP), 16, 16),
            Field::Icmpv4Type => place(icmp(ICMP), 0, 8),
            Field::Icmpv4Code => place(icmp(ICMP), 8, 8),
            Field::Icmpv6Type => place(icmp(ICMPV6), 0, 8),
            Field::Icmpv6Code => place(icmp(ICMPV6), 8, 8),
            Field::NdTarget => place(self.nd(&[135, 136]).map(|at| at.start), 64, 128),
            Field::NdSll => place(self.nd_option(&[135], 1), 0, 48),
            Field::NdTll => place(self.nd_option(&[136], 2), 0, 48),
            _ => None,
        }
    }

    /// The value of a field; `None` if the packet does not have it.
    pub fn read(&self, field: Field) -> Option<u128> {
        const PORTS: [Field; 10] = [
            Field::TcpSrc,
            Field::TcpDst,
            Field::UdpSrc,
            Field::UdpDst,
            Field::SctpSrc,
            Field::SctpDst,
            Field::Icmpv4Type,
            Field::Icmpv4Code,
            Field::Icmpv6Type,
            Field::Icmpv6Code,
        ];
        if let Some(n) = register(field) {
            return Some(self.registers[n].into());
        }
        let has_tag = !self.tags().is_empty();
        match field {
            Field::InPort => Some(self.in_port.into()),
            Field::Metadata => Some(self.metadata.into()),
            Field::TunId => Some(self.tunnel_id.into()),
            Field::PktMark => Some(self.mark.into()),
            Field::IpFrag => self.ip().map(|ip| ip.frag.into()),
            Field::Ipv6Exthdr => {
                self.ip().filter(|ip| ip.version == 6).map(|ip| ip.extensions.into())
            }
            // "There is a tag" is a bit of the value.
            Field::VlanVid if !has_tag => Some(0),
            Field::VlanVid => Some(0x1000 | bits(&self.bytes, self.place(field)?)),
            _ if self.hides_ports && PORTS.contains(&field) => Some(0),
            _ => Some(bits(&self.bytes, self.place(field)?)),
        }
    }

    /// Sets some bits of a field, if the packet has it; checksums stay as right as they were.
    pub fn write(&mut self, field: Field, value: u128, mask: u128) {
        let merge = |old: u128| old & !mask | value & mask;
        if let Some(n) = register(field) {
            self.registers[n] = merge(self.registers[n].into()) as u32;
            return;
        }
        match field {
            Field::Metadata => self.metadata = merge(self.metadata.into()) as u64,
            Field::TunId => self.tunnel_id = merge(self.tunnel_id.into()) as u64,
            Field::PktMark => self.mark = merge(self.mark.into()) as u32,
            Field::VlanVid if mask & 0x1000 != 0 => {
                match (self.tags().is_empty(), value & 0x1000 != 0) {
                    (true, true) => self.push_tag(VLAN, 0),
                    (false, false) => return self.pop_vlan(),
                    _ => {}
                }
                self.write(field, value & 0xfff, mask & 0xfff);
            }
            _ => {
                let Some(place) = self.place(field) else { return };
                let before = self.clone();
                let value = merge(bits(&self.bytes, place.clone()));
                for (n, at) in place.rev().enumerate() {
                    let bit = (value >> n & 1) as u8;
                    let byte = &mut self.bytes[at / 8];
                    *byte = *byte & !(0x80 >> (at % 8)) | bit << (7 - at % 8);
                }
                if field != Field::EthType && field != Field::MplsBos {
                    self.mend_checksums(&before, field);
                }
            }
        }
    }

    /// Brings checksums along with what is different from `before`.
    fn mend_checksums(&mut self, before: &Self, field: Field) {
        let Some(ip) = before.ip() else { return };
        if ip.version == 4 {
            let header = ip.at..ip.payload.start;
            let sum = |packet: &Self| internet(&[&without(packet, &header, ip.at + 10)]);
            let (old, new) = (sum(before), sum(self));
            adjust(&mut self.bytes, ip.at + 10, old, new);
        }
        let Some((version, proto, at)) = before.transport() else { return };
        if field == Field::IpProto {
            return;
        }
        let checksum_at = at.start
            + match proto {
                TCP => 16,
                UDP => 6,
                SCTP => {
                    let sum = |packet: &Self| sctp(&packet.bytes[at.clone()]);
                    let difference = sum(before) ^ sum(self);
                    for (n, byte) in difference.to_le_bytes().into_iter().enumerate() {
                        self.bytes[at.start + 8 + n] ^= byte;
                    }
                    return;
                }
                _ => 2,
            };
        let addresses = match version {
            4 => ip.at + 12..ip.at + 20,
            _ => ip.at + 8..ip.at + 40,
        };
        let sum = |packet: &Self| {
            let pseudo = if proto == ICMP { &[] } else { &packet.bytes[addresses.clone()] };
            internet(&[pseudo, &without(packet, &at, checksum_at)])
        };
        let (old, new) = (sum(before), sum(self));
        let has_none = proto == UDP && before.u16(checksum_at) == Some(0);
        if !has_none {
            adjust(&mut self.bytes, checksum_at, old, new);
        }
        if proto == UDP && !has_none && self.u16(checksum_at) == Some(0) {
            self.bytes[checksum_at..checksum_at + 2].fill(0xff);
        }
    }

    fn push_tag(&mut self, tag_type: u16, tci: u16) {
        let ([a, b], [c, d]) = (tag_type.to_be_bytes(), tci.to_be_bytes());
        self.bytes.splice(12..12, [a, b, c, d]);
    }

    /// Id and priority are copied from the tag that was the outermost (OpenFlow 1.3.5 §5.12.1).
    pub fn push_vlan(&mut self, tag_type: u16) {
        let outer = self.tags().first().map_or(0, |at| self.u16(at + 2).unwrap_or(0));
        self.push_tag(tag_type, outer & 0xefff);
    }

    pub fn pop_vlan(&mut self) {
        if !self.tags().is_empty() {
            self.bytes.drain(12..16);
        }
    }

    /// Label and class are copied from an outer label; the time to live from it or from IP.
    pub fn push_mpls(&mut self, eth_type: u16) {
        let entry = match self.mpls() {
            Some(at) => {
                let outer = bits(&self.bytes, at * 8..at * 8 + 32) as u32;
                outer & !0x100
            }
            None => 0x100 | self.read(Field::IpTtl).unwrap_or(0) as u32,
        };
        let at = self.last_type_at();
        self.bytes.splice(at..at + 2, eth_type.to_be_bytes());
        self.bytes.splice(at + 2..at + 2, entry.to_be_bytes());
    }

    pub fn pop_mpls(&mut self, eth_type: u16) {
        if let Some(at) = self.mpls() {
            self.bytes.drain(at..at + 4);
            self.bytes.splice(at - 2..at, eth_type.to_be_bytes());
        }
    }

    /// The service instance is copied from an outer header of the kind, the priority from the VLAN; the
    /// addresses are those of the frame.
    pub fn push_pbb(&mut self, eth_type: u16) {
        let isid = self.read(Field::PbbIsid).unwrap_or(0) as u32;
        let priority = self.read(Field::VlanPcp).unwrap_or(0) as u32;
        let mut header = self.bytes[..12].to_vec();
        header.extend(eth_type.to_be_bytes());
        header.extend((priority << 29 | isid).to_be_bytes());
        self.bytes.splice(0..0, header);
    }

    pub fn pop_pbb(&mut self) {
        if let Some(at) = self.pbb().filter(|at| self.bytes.len() >= at + 18) {
            self.bytes.drain(..at + 4);
        }
    }

    /// Where the times to live of the two outermost headers are that have one: MPLS, or MPLS and IP. The second
    /// is that of an IPv4 header or not.
    fn times_to_live(&self) -> Option<(usize, usize, bool)> {
        let at = self.mpls()?;
        let inner = at + 4;
        if self.bytes[at + 2] & 1 == 0 {
            return (self.bytes.len() >= inner + 4).then_some((at + 3, inner + 3, false));
        }
        match self.bytes.get(inner)? >> 4 {
            4 if self.bytes.len() >= inner + 20 && self.bytes[inner] & 15 >= 5 => {
                Some((at + 3, inner + 8, true))
            }
            6 if self.bytes.len() >= inner + 40 => Some((at + 3, inner + 7, false)),
            _ => None,
        }
    }

    pub fn copy_ttl_out(&mut self) {
        if let Some((outer, inner, _)) = self.times_to_live() {
            self.bytes[outer] = self.bytes[inner];
        }
    }

    pub fn copy_ttl_in(&mut self) {
        let Some((outer, inner, is_ipv4)) = self.times_to_live() else { return };
        let old = self.bytes[inner];
        self.bytes[inner] = self.bytes[outer];
        if is_ipv4 {
            let sum = |ttl: u8| internet(&[&[ttl, 0]]);
            let new = sum(self.bytes[inner]);
            adjust(&mut self.bytes, inner + 2, sum(old), new);
        }
    }

    /// The drop precedence of an assured forwarding class is raised (RFC 2597 §6: AFxy is 8x + 2y).
    pub fn remark(&mut self, levels: u8) {
        let Some(dscp) = self.read(Field::IpDscp) else { return };
        for class in 1..=4 {
            for precedence in 1..=3 {
                if dscp == 8 * class + 2 * precedence {
                    let raised = (precedence + u128::from(levels)).min(3);
                    self.write(Field::IpDscp, 8 * class + 2 * raised, 0x3f);
                    return;
                }
            }
        }
    }

    /// Does an action find the header whose field it changes, or not even its Ethernet type or protocol? What
    /// a damaged packet becomes, no specification says.
    pub fn is_damaged(&self) -> bool {
        let eth_type = self.eth_type();
        let transport_missing = self.ip().is_some_and(|ip| {
            let proto = self.bytes[ip.proto_at];
            let known =
                matches!((ip.version, proto), (_, TCP | UDP | SCTP) | (4, ICMP) | (6, ICMPV6));
            ip.frag & LATER_FRAGMENT == 0 && known && self.transport().is_none()
        });
        let nd_missing = self.ports_of(ICMPV6).is_some_and(|at| {
            matches!(self.bytes[at..at + 2], [135 | 136, 0])
                && (self.nd(&[135, 136]).is_none()
                    || self.nd_option(&[135], 1).is_none() && self.nd_option(&[136], 2).is_none())
        });
        [IPV4, IPV6].contains(&eth_type) && self.ip().is_none()
            || eth_type == ARP && self.arp().is_none()
            || [MPLS, MPLS_MULTICAST].contains(&eth_type) && self.mpls().is_none()
            || eth_type == PBB && self.pbb().is_none()
            || eth_type < 0x600
            || self.bytes.len() < 14
            || transport_missing
            || nd_missing
    }
}

fn register(field: Field) -> Option<usize> {
    field.name().strip_prefix("reg")?.parse().ok()
}

fn bits(bytes: &[u8], place: Range<usize>) -> u128 {
    place.fold(0, |value, at| value << 1 | u128::from(bytes[at / 8] >> (7 - at % 8) & 1))
}

/// The bytes with zeros where a checksum is.
fn without(packet: &Packet, range: &Range<usize>, checksum_at: usize) -> Vec<u8> {
    let mut bytes = packet.bytes[range.clone()].to_vec();
    bytes[checksum_at - range.start..][..2].fill(0);
    bytes
}

/// RFC 1624 §3.
fn adjust(bytes: &mut [u8], at: usize, old: u16, new: u16) {
    if old == new {
        return;
    }
    let checksum = u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let sum = internet(&[&(!checksum).to_be_bytes(), &(!old).to_be_bytes(), &new.to_be_bytes()]);
    bytes[at..at + 2].copy_from_slice(&(!sum).to_be_bytes());
}
