//! How many bits of a packet both look at.

use ovs_core::field::Field;
use ovs_core::key::FlowKey;
use ovs_core::matching::Match;
use ovs_core::trace::Trace;
use ovs_openflow::text;
use std::fmt;

/// Counts of packets, by who looks at fewer bits.
#[derive(Default)]
pub struct Widths {
    equal: usize,
    ours_fewer: usize,
    ours_more: usize,
    ours: u64,
    stock: u64,
    /// Those of which ours looks at most more, with what both look at.
    worst: Vec<(u32, String)>,
}

impl Widths {
    /// Takes what stock says of a packet, and what ours does.
    pub fn add(&mut self, theirs: &str, ours: &Trace) {
        let line = theirs.lines().find_map(|line| line.strip_prefix("Megaflow: "));
        let (Some(line), Some(pass)) = (line, ours.passes.first()) else { return };
        let Some(stock) = bits_of_text(line) else { return };
        let ours = bits(&of_frame(&pass.megaflow.mask()));
        self.ours += u64::from(ours);
        self.stock += u64::from(stock);
        match ours.checked_sub(stock) {
            None => self.ours_fewer += 1,
            Some(0) => self.equal += 1,
            Some(more) => {
                self.ours_more += 1;
                let mask = of_frame(&pass.megaflow.mask());
                let read = Match::masked(&pass.key, &mask);
                self.worst.push((more, format!("{more} more: {read}\n    stock {line}")));
                self.worst.sort_by_key(|(more, _)| core::cmp::Reverse(*more));
                self.worst.truncate(5);
            }
        }
    }
}

impl fmt::Display for Widths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { equal, ours_fewer, ours_more, ours, stock, worst } = self;
        let n = (equal + ours_fewer + ours_more).max(1) as u64;
        write!(
            f,
            "bits of packets: ours fewer {ours_fewer}, equal {equal}, more {ours_more}; mean {} to {}",
            ours / n,
            stock / n
        )?;
        worst.iter().try_for_each(|(_, text)| write!(f, "\n  {text}"))
    }
}

fn bits(key: &FlowKey) -> u32 {
    key.words().iter().map(|word| word.count_ones()).sum()
}

/// What is of the frame, but for what stock always looks at: Ethernet type and fragment.
pub fn of_frame(mask: &FlowKey) -> FlowKey {
    let mut frame = FlowKey::ZERO;
    (frame.eth_dst, frame.eth_src) = (mask.eth_dst, mask.eth_src);
    (frame.vlans, frame.mpls) = (mask.vlans, mask.mpls);
    (frame.ipv4_src, frame.ipv4_dst) = (mask.ipv4_src, mask.ipv4_dst);
    (frame.ipv6_src, frame.ipv6_dst) = (mask.ipv6_src, mask.ipv6_dst);
    (frame.ip_proto, frame.ip_tos, frame.ip_ttl) = (mask.ip_proto, mask.ip_tos, mask.ip_ttl);
    (frame.tp_src, frame.tp_dst, frame.tcp_flags) = (mask.tp_src, mask.tp_dst, mask.tcp_flags);
    (frame.ipv6_label, frame.nd_target) = (mask.ipv6_label, mask.nd_target);
    (frame.arp_sha, frame.arp_tha, frame.arp_op) = (mask.arp_sha, mask.arp_tha, mask.arp_op);
    (frame.nd_reserved, frame.nd_options_type) = (mask.nd_reserved, mask.nd_options_type);
    frame
}

/// The bits of a megaflow as stock prints it. Of inner tags and labels only it has words of its own.
fn bits_of_text(line: &str) -> Option<u32> {
    let (mut n, mut rest) = (0, Vec::new());
    for token in line.split(',') {
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        let all = match name {
            "eth" | "recirc_id" | "packet_type" => continue,
            "dl_vlan1" => 13,
            "dl_vlan_pcp1" => 3,
            "vlan_tci1" => 16,
            _ if name.starts_with("mpls_lse") => 32,
            _ => {
                rest.push(token);
                continue;
            }
        };
        let mask = value.split_once("/0x").map(|(_, mask)| u32::from_str_radix(mask, 16));
        n += mask.map_or(Ok(all), |mask| mask.map(u32::count_ones)).ok()?;
    }
    let mut matching = text::parse_match(&rest.join(",")).ok()?;
    matching.remove(Field::ActsetOutput);
    Some(n + bits(&of_frame(&matching.mask())))
}
