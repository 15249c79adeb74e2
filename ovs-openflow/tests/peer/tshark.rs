//! `tshark` of Wireshark, which dissects messages.

use super::Scratch;
use bytes::Bytes;
use ovs_openflow::Message;
use ovs_openflow::message::{BundleAdd, ErrorMessage, PacketIn, PacketOut};
use std::process::{Command, Stdio};

/// What it makes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It knows all of it, and finds no fault.
    Dissected,
    /// It does not know some part of it.
    Unknown,
    /// It finds fault with it.
    Fault(String),
}

/// Words that it has for what it does not know.
const NOT_KNOWN: &[&str] = &[
    "Message data not dissected yet",
    "Action not dissected yet",
    "Unknown OXM body.",
    "Unknown action body.",
    "Undecoded Data",
    "Experimenter action body.",
    "Experimenter body.",
    "Experimenter multipart request body.",
    "Experimenter error body.",
    "Unknown error body.",
];

/// What it makes of each message.
pub(crate) fn verdicts(messages: &[Vec<u8>]) -> Vec<Verdict> {
    let verdict = |complaints: Vec<String>| {
        let faults = complaints.iter().filter(|text| !NOT_KNOWN.contains(&text.as_str()));
        match (complaints.len(), faults.count()) {
            (0, _) => Verdict::Dissected,
            (_, 0) => Verdict::Unknown,
            _ => Verdict::Fault(complaints.join("; ")),
        }
    };
    complaints(messages).into_iter().map(verdict).collect()
}

fn complaints(messages: &[Vec<u8>]) -> Vec<Vec<String>> {
    let file = Scratch::new("pcap", &capture(messages));
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(file.path());
    command.args(["-d", "tcp.port==6653,openflow", "-T", "fields"]);
    for field in ["frame.number", "_ws.malformed", "_ws.expert.message"] {
        command.args(["-e", field]);
    }
    command.args(["-E", "aggregator=|"]);
    for off in ["tcp.analyze_sequence_numbers", "tcp.check_checksum", "ip.check_checksum"] {
        command.arg("-o").arg(format!("{off}:FALSE"));
    }
    let output = command.stderr(Stdio::null()).output().expect("tshark");
    let output = String::from_utf8_lossy(&output.stdout);
    let lines = output.lines().map(|line| {
        let of_line = line.split('\t').skip(1).flat_map(|column| column.split('|'));
        of_line.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    });
    let found: Vec<Vec<String>> = lines.collect();
    assert_eq!(found.len(), messages.len());
    found
}

/// A capture file in the classic format of libpcap (pcap-savefile(5)): each message in a segment of
/// a connection of its own.
fn capture(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4u32.to_be_bytes());
    file.extend([0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1]);
    for (number, message) in (0u32..).zip(messages) {
        let frame = segment(number, message);
        let length = (frame.len() as u32).to_be_bytes();
        file.extend(number.to_be_bytes());
        file.extend([0; 4]);
        file.extend(length);
        file.extend(length);
        file.extend(frame);
    }
    file
}

/// A TCP segment to port 6653, from an address and a port that no other has.
fn segment(number: u32, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let length = ((20 + 20 + message.len()) as u16).to_be_bytes();
    frame.extend([0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, 6, 0, 0]);
    frame.extend([10, 1, (number >> 12) as u8, 1, 10, 0, 0, 1]);
    let port = (10_000 + (number & 0xfff) as u16).to_be_bytes();
    frame.extend([port[0], port[1], 0x19, 0xfd, 0, 0, 0, 1, 0, 0, 0, 1]);
    frame.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend(message);
    frame
}

/// Words in messages, for what nobody knows.
pub(crate) const UNKNOWN: &[(&str, &str)] = &[
    ("Opaque", "a number that nobody has defined"),
    ("opaque: [[", "an instruction that nobody has defined"),
    ("Experimenter", "an experimenter that nobody knows"),
    ("field=0x", "a field that nobody has defined"),
];

/// Messages that it finds fault with without reason, by their names and protocols.
const FAILS_AT: &[(&str, &str, &str)] = &[
    ("MultipartReply IpfixBridge", "OpenFlow 1.3", "it cannot read an experimenter's answers"),
    ("MultipartReply IpfixFlow", "OpenFlow 1.3", "it cannot read an experimenter's answers"),
    ("MultipartReply FlowMonitor", "OpenFlow 1.3", "it cannot read an experimenter's answers"),
    ("FlowMod", "OpenFlow 1.0", "it takes what is behind actions that it does not know for one"),
    ("PacketOut", "OpenFlow 1.0", "it takes actions that it does not know for the packet"),
];

/// Why it may find fault with messages of this name.
pub(crate) fn excuse(name: &str, protocol: &str) -> Option<&'static str> {
    let is_it = |(of, begin, _): &&(&str, &str, _)| *of == name && protocol.starts_with(begin);
    FAILS_AT.iter().find(is_it).map(|(_, _, why)| *why)
}

/// The same message with a packet in it with which there is nothing wrong, or none.
pub(crate) fn with_good_packet(message: &Message) -> Message {
    // A frame of an experimental Ethernet type (IEEE 802).
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5];
    frame.resize(60, 0);
    let frame = Bytes::from(frame);
    match message.clone() {
        Message::PacketIn(packet) => {
            let total_len = frame.len() as u32;
            Message::PacketIn(PacketIn { data: frame, total_len, ..packet })
        }
        Message::PacketOut(packet) => {
            let data = if packet.buffer.is_none() { frame } else { packet.data };
            Message::PacketOut(PacketOut { data, ..packet })
        }
        Message::BundleAdd(add) => {
            let message = with_good_packet(&add.message).into();
            Message::BundleAdd(BundleAdd { message, ..add })
        }
        Message::Error(error) => {
            // A features-request, which begins as every message.
            let data = Bytes::from_static(&[4, 5, 0, 8, 0, 0, 0, 1]);
            Message::Error(ErrorMessage { data, code: error.code })
        }
        other => other,
    }
}
