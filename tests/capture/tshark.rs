//! Frames read by tshark, and what they must be for it to read them well.

use crate::{capture, keys};
use ovs_core::Frame;
use ovs_core::key::{ETH_TYPE_NONE, FRAG_LATER, FlowKey, U16};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The dissectors in use: others would take random payload behind random ports for theirs.
const DISSECTORS: &str = "frame eth ethertype vlan ieee8021ad ieee8021ah llc arp mpls nsh ip ipv6 \
    ipv6.hopopts ipv6.dstopts ipv6.routing ipv6.fraghdr ah tcp udp sctp icmp icmpv6 igmp data";

/// No state between frames, and all checksums looked at.
const OPTIONS: &str = "ip.defragment:FALSE ipv6.defragment:FALSE \
    tcp.analyze_sequence_numbers:FALSE tcp.desegment_tcp_streams:FALSE eth.fcs:Never \
    ip.check_checksum:TRUE tcp.check_checksum:TRUE udp.check_checksum:TRUE sctp.checksum:crc-32c";

/// Each empty, or 1: good; in fragments, 2: cannot be known.
pub(crate) const CHECKSUMS: &str = "ip.checksum.status tcp.checksum.status udp.checksum.status \
    sctp.checksum.status icmp.checksum.status icmpv6.checksum.status igmp.checksum.status";

/// By name.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// Makes key and payload such that tshark finds nothing to object to in what is random.
pub(crate) fn presentable(mut key: FlowKey, mut payload: Vec<u8>) -> (FlowKey, Vec<u8>) {
    const UNASSIGNED: u8 = 200;
    match key.eth_type.get() {
        0x0806 | 0x8035 => payload.clear(),
        // Not the version of an IP.
        0x8847 | 0x8848 => payload.insert(0, 0xff),
        0x88e7 => {
            // The customer's addresses and an Ethernet type for experiments.
            payload = [&[2; 12], &[0x88, 0xb5][..], &[0; 46]].concat();
        }
        0x894f => {
            key.nsh_np = 0xfe;
            if key.nsh_mdtype != 1 {
                key.nsh_mdtype = 2;
            }
        }
        0x0800 | 0x86dd | ETH_TYPE_NONE => {}
        _ => key.eth_type = U16::new(0x88b5),
    }
    let is_v4 = key.eth_type.get() == 0x0800;
    match key.ip_proto {
        41 | 58 if is_v4 => key.ip_proto = UNASSIGNED,
        1 | 2 if !is_v4 => key.ip_proto = UNASSIGNED,
        _ if key.ip_frag & FRAG_LATER != 0 => {}
        1 => set_icmp(&mut key, 8),
        2 => {
            set_icmp(&mut key, 0x16);
            payload.clear();
        }
        // MPLS and SCTP in UDP.
        17 if [6635, 9899].contains(&key.tp_src.get()) => key.tp_src = U16::new(1),
        17 if [6635, 9899].contains(&key.tp_dst.get()) => key.tp_dst = U16::new(1),
        58 if !keys::is_neighbour_discovery(&key) => set_icmp(&mut key, 128),
        // A chunk: COOKIE ACK (RFC 9260 §3.3.12).
        132 => payload = vec![11, 0, 0, 4],
        _ => {}
    }
    (key, payload)
}

fn set_icmp(key: &mut FlowKey, icmp_type: u16) {
    key.tp_src = U16::new(icmp_type);
    key.tp_dst = U16::ZERO;
}

/// For each frame, the protocols that tshark sees in it, and those fields and [`CHECKSUMS`].
pub(crate) fn read(frames: &[Frame], fields: &'static str) -> Vec<(String, Fields)> {
    let folder = tempfile::tempdir().unwrap();
    disable_other_dissectors(folder.path());
    let file = folder.path().join("frames.pcap");
    std::fs::write(&file, capture::pcap(frames.iter().map(Frame::as_slice))).unwrap();
    let mut command = Command::new("tshark");
    command.env("WIRESHARK_CONFIG_DIR", folder.path()).env("LC_ALL", "C");
    command.arg("-n").arg("-r").arg(&file).args(["-T", "fields", "-e", "frame.protocols"]);
    for option in OPTIONS.split_whitespace() {
        command.args(["-o", option]);
    }
    let names: Vec<_> = fields.split_whitespace().chain(CHECKSUMS.split_whitespace()).collect();
    for name in &names {
        command.args(["-e", name]);
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !errors.contains("flag"), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    let parse = |line: &str| {
        let (protocols, fields) = line.split_once('\t').unwrap();
        let fields = names.iter().copied().zip(fields.split('\t').map(str::to_owned));
        (protocols.to_owned(), fields.collect())
    };
    output.lines().map(parse).collect()
}

fn disable_other_dissectors(configuration: &Path) {
    let output = Command::new("tshark").args(["-G", "protocols"]).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let mut others = String::new();
    for name in output.lines().filter_map(|line| line.split('\t').nth(2)) {
        if !DISSECTORS.split_whitespace().any(|wanted| wanted == name) && !name.starts_with('_') {
            others += name;
            others += "\n";
        }
    }
    std::fs::write(configuration.join("disabled_protos"), others).unwrap();
}
