//! `ovs-ofctl` of Open vSwitch, which prints messages.

use super::Scratch;
use ovs_openflow::Version;
use std::process::{Command, Stdio};

/// What it prints for each message. One process prints many.
///
/// If it fails at one, that is its text, and it goes on with the next.
pub(crate) fn print(messages: &[Vec<u8>]) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < messages.len() {
        let rest = &messages[texts.len()..];
        let (printed, failure) = print_some(rest);
        texts.extend(printed);
        if let Some(failure) = failure {
            texts.push(failure);
        }
    }
    texts
}

/// The texts of the first messages, and why it stopped behind them if it did.
fn print_some(messages: &[Vec<u8>]) -> (Vec<String>, Option<String>) {
    let mut file = Vec::new();
    for (number, message) in (0u32..).zip(messages) {
        file.extend(message);
        file.extend(separator(number));
    }
    let file = Scratch::new("ofp", &file);
    let mut command = Command::new("ovs-ofctl");
    command.args(["-vconsole:off", "-vsyslog:off", "ofp-parse"]).arg(file.path());
    let output = command.stderr(Stdio::null()).output().expect("ovs-ofctl");
    let output = String::from_utf8_lossy(&output.stdout);
    let mut rest = &*output;
    let mut texts = Vec::new();
    for number in 0..messages.len() as u32 {
        let line =
            format!("OFPT_ECHO_REQUEST (OF1.3) (xid={:#x}): 0 bytes of payload\n", xid(number));
        let Some((text, behind)) = rest.split_once(&line) else {
            return (texts, Some(format!("it failed after: {rest}")));
        };
        texts.push(text.to_owned());
        rest = behind;
    }
    (texts, None)
}

/// A message to tell the others apart by: an echo request of OpenFlow 1.3 with a number.
fn separator(number: u32) -> [u8; 8] {
    let [a, b, c, d] = xid(number).to_be_bytes();
    [4, 2, 0, 8, a, b, c, d]
}

fn xid(number: u32) -> u32 {
    0xf000_0000 + number
}

/// The error that it found in a message, by its text.
pub(crate) fn error_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("***decode error: ")?;
    rest.split("***").next()
}

/// Words in messages, for what it does not know, with the reason.
pub(crate) const UNKNOWN: &[(&str, &str)] = &[
    ("Opaque", "a number that nobody has defined"),
    ("opaque: [[", "an instruction that nobody has defined"),
    ("Experimenter", "an experimenter that nobody knows"),
    ("field=0x", "a field that nobody has defined"),
    ("continuation: Some", "what a switch needs means nothing to others"),
    ("CopyTtl", "it has no such action"),
    ("Pbb", "it has no such action"),
    ("in_phy_port", "it has no such field"),
    ("pbb_", "it has no such field"),
    ("ipv6_exthdr", "it has no such field"),
];

/// An error that it finds in messages of ours: words of the name of what is shown, the error, words
/// of the message, and why it is none.
struct Tolerated(&'static str, &'static str, &'static str, #[allow(dead_code)] &'static str);

const TOLERATED: &[Tolerated] = &[
    Tolerated("FlowMod", "OFPBAC_MATCH_INCONSISTENT", "", "we ask when a rule is installed"),
    Tolerated("FlowMod", "OFPBIC_BAD_TABLE_ID", "", "we ask when a rule is installed"),
    Tolerated("FlowMod", "NXBAC_BAD_CONJUNCTION", "", "instructions may stand beside it"),
    Tolerated("BundleAdd", "OFPBAC_MATCH_INCONSISTENT", "", "we ask when a rule is installed"),
    Tolerated("BundleAdd", "OFPBIC_BAD_TABLE_ID", "", "we ask when a rule is installed"),
    Tolerated("BundleAdd", "NXBAC_BAD_CONJUNCTION", "", "instructions may stand beside it"),
    Tolerated("Flow", "NXBAC_BAD_CONJUNCTION", "", "instructions may stand beside it"),
    Tolerated("", "OFPBAC_BAD_SET_LEN", "vlan_vid", "its bit 12 says whether there is a tag"),
    Tolerated("Error", "OFPBRC_BAD_LEN", "type ", "an error may have no name"),
    Tolerated("FlowMonitor", "OFPBIC_UNSUP_INST", "metadata: Some", "it refuses its own updates"),
    Tolerated("TableFeatures", "OFPTFFC_BAD_FEATURES", "properties: []", "they may be empty"),
    Tolerated("TableFeatures", "OFPBRC_BAD_LEN", "([])", "there may be none"),
];

/// Is it no error of ours that it finds this in a message?
pub(crate) fn is_tolerated(name: &str, error: &str, message: &str) -> bool {
    TOLERATED.iter().any(|Tolerated(of, code, word, _)| {
        name.contains(of) && *code == error && message.contains(word)
    })
}

/// What it prints otherwise, by words of the name of what is shown, and why.
const PRINTED: &[(&str, &str)] = &[
    ("MultipartReply Table", "it does not say again what two tables of one number match"),
    ("Error", "of a message that an error is about it prints more if it is not whole"),
    ("GroupDesc", "it has the fields that count in another order"),
    ("GroupMod", "it has the fields that count in another order"),
    ("RequestForward", "it has the fields that count in another order"),
    ("BundleAdd", "it has the fields that count in another order"),
];

/// A text without what it does not print if it is zero.
pub(crate) fn without_zeros(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["tun_erspan_ver", "tun_erspan_dir", "gtpu_flags", "gtpu_msgtype"] {
        let field = format!("{name}=0");
        for (before, behind, left) in
            [("", ",", ""), (",", " ", " "), (",", "\n", "\n"), (" ", "\n", "\n"), (" ", " ", " ")]
        {
            text = text.replace(&format!("{before}{field}{behind}"), left);
        }
    }
    text
}

/// Its text without the packet that it makes of none.
pub(crate) fn without_empty_packet(text: &str) -> &str {
    let none = "vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,dl_type=0x0000\n";
    text.strip_suffix(none).filter(|rest| rest.contains(" data_len=0 ")).unwrap_or(text)
}

/// May a message of this name be printed otherwise?
pub(crate) fn may_differ(name: &str) -> bool {
    PRINTED.iter().any(|(word, _)| name.contains(word))
}

/// Does it read this as a flow?
pub(crate) fn parses(flow: &str, version: Version) -> bool {
    let mut command = Command::new("ovs-ofctl");
    command.args(["-vconsole:off", "-vsyslog:off"]);
    if version > Version::OF10 {
        command.args(["-O", "OpenFlow13"]);
    }
    let output = command.args(["parse-flow", flow]).output().expect("ovs-ofctl");
    output.status.success()
}
