//! The messages, what is wrong with them, and what is to be answered.

use ovs_openflow::ErrorCode;

/// A message with one thing wrong.
pub(crate) struct Fault {
    pub(crate) what: &'static str,
    pub(crate) message: Vec<u8>,
    pub(crate) code: ErrorCode,
    pub(crate) structure: &'static str,
    /// Why Open vSwitch finds something else.
    pub(crate) differs: Option<&'static str>,
}

/// Bytes in hex: words with spaces between, of which `00*8` stands for eight times the same.
fn bytes(hex: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in hex.split_whitespace() {
        let (digits, count) = word.split_once('*').unwrap_or((word, "1"));
        assert!(digits.len() % 2 == 0, "{word}");
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits");
        let one: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        bytes.extend(one.repeat(count.parse().expect("a count")));
    }
    bytes
}

/// A message of this version and type, with the right length.
fn message(version: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let [a, b] = (8 + body.len() as u16).to_be_bytes();
    [&[version, kind, a, b, 0, 0, 0, 1], body].concat()
}

fn of10(kind: u8, body: &str) -> Vec<u8> {
    message(1, kind, &bytes(body))
}

fn of13(kind: u8, body: &str) -> Vec<u8> {
    message(4, kind, &bytes(body))
}

/// A flow-mod of OpenFlow 1.3 that adds to table 0, from its match on.
fn flow_mod(rest: &str) -> Vec<u8> {
    of13(14, &format!("00*16 00 00 00*6 ffffffff ffffffff ffffffff 0000 0000 {rest}"))
}

/// The same with a match that asks for these fields.
fn matching(fields: &str) -> Vec<u8> {
    let fields = bytes(fields);
    let mut body = bytes("00*16 00 00 00*6 ffffffff ffffffff ffffffff 0000 0000 0001");
    body.extend((4 + fields.len() as u16).to_be_bytes());
    body.extend(&fields);
    body.resize(body.len() + (4 + fields.len()).wrapping_neg() % 8, 0);
    message(4, 14, &body)
}

/// A packet-out of OpenFlow 1.3 with these actions.
fn actions(list: &str) -> Vec<u8> {
    let list = bytes(list);
    let mut body = bytes("ffffffff 00000001");
    body.extend((list.len() as u16).to_be_bytes());
    body.extend(bytes("00*6"));
    body.extend(list);
    message(4, 13, &body)
}

/// The same of OpenFlow 1.0.
fn old_actions(list: &str) -> Vec<u8> {
    let list = bytes(list);
    let mut body = bytes("ffffffff 0001");
    body.extend((list.len() as u16).to_be_bytes());
    body.extend(list);
    message(1, 13, &body)
}

/// A flow-mod of OpenFlow 1.3 with these instructions.
fn instructions(list: &str) -> Vec<u8> {
    flow_mod(&format!("0001 0004 00*4 {list}"))
}

pub(crate) fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut group = |rows: Vec<Row>| {
        for (what, message, code, structure) in rows {
            let differs = DIFFERENT.iter().find(|(other, _)| *other == what).map(|(_, why)| *why);
            faults.push(Fault { what, message, code, structure, differs });
        }
    };
    group(requests());
    group(matches());
    group(action_lists());
    group(nicira_actions());
    group(instruction_lists());
    group(flow_mods());
    group(groups());
    group(meters());
    group(multiparts());
    group(others());
    faults
}

/// Where Open vSwitch finds another error, or none.
const DIFFERENT: &[(&str, &str)] = &[
    ("version 9", "it looks for the type first"),
    ("a flow format that is none", "its switch refuses it, but it prints it"),
    ("a match of OpenFlow 1.1", "it reads them in all later versions"),
    ("a port of two bytes", "a field of another length is one that it does not know"),
    ("goto to all tables", "it asks for the table when the rule is installed"),
];

type Row = (&'static str, Vec<u8>, ErrorCode, &'static str);

#[rustfmt::skip]
fn requests() -> Vec<Row> {
    let bad_len = ErrorCode::OFPBRC_BAD_LEN;
    vec![
        ("version 9", bytes("09 05 0008 00000001"), ErrorCode::OFPBRC_BAD_VERSION, "ofp_header"),
        ("set-config without its end", of13(9, "0000 00"), bad_len, "OFPT_SET_CONFIG"),
        ("set-config with more", of13(9, "0000 0080 00"), bad_len, "OFPT_SET_CONFIG"),
        ("features-request with more", of13(5, "00"), bad_len, "OFPT_FEATURES_REQUEST"),
        ("barrier with more", of13(20, "00*8"), bad_len, "OFPT_BARRIER_REQUEST"),
        ("port-mod without its end", of13(16, "00*20"), bad_len, "OFPT_PORT_MOD"),
        ("table-mod without its end", of13(17, "00 00*6"), bad_len, "OFPT_TABLE_MOD"),
        ("role-request without its end", of13(24, "00000001 00*8"), bad_len, "OFPT_ROLE_REQUEST"),
        ("packet-out without its end", of13(13, "ffffffff 0000"), bad_len, "OFPT_PACKET_OUT"),
        ("more actions than bytes", of13(13, "ffffffff 00000001 0010 00*6"), bad_len, "OFPT_PACKET_OUT"),
        ("queue question without its end", of13(22, "00000001"), bad_len, "OFPT_QUEUE_GET_CONFIG_REQUEST"),
        ("packet-out from a port that cannot be", of13(13, "ffffffff fffffff9 0000 00*6"), ErrorCode::OFPBRC_BAD_PORT, "OFPT_PACKET_OUT"),
    ]
}

#[rustfmt::skip]
fn matches() -> Vec<Row> {
    let (bad_len, oxm) = (ErrorCode::OFPBMC_BAD_LEN, "oxm");
    vec![
        ("a match of an unknown type", flow_mod("0002 0008 00*4"), ErrorCode::OFPBMC_BAD_TYPE, "ofp_match"),
        ("a match of OpenFlow 1.1", flow_mod("0000 0058 00*84"), ErrorCode::OFPBMC_BAD_TYPE, "ofp_match"),
        ("a match longer than the message", flow_mod("0001 0010 00*4"), bad_len, "ofp_match"),
        ("a match shorter than its header", flow_mod("0001 0003 00*4"), bad_len, "ofp_match"),
        ("half a field's header", matching("8000"), bad_len, oxm),
        ("a field longer than the match", matching("80000004 0000"), bad_len, oxm),
        ("a port of two bytes", matching("80000002 0001"), bad_len, oxm),
        ("an experimenter's field without its id", matching("ffff0002 0000"), bad_len, oxm),
        ("IP without its Ethernet type", matching("80001604 0a000001"), ErrorCode::OFPBMC_BAD_PREREQ, oxm),
        ("a TCP port of UDP", matching("80000a02 0800 80001401 11 80001a02 0050"), ErrorCode::OFPBMC_BAD_PREREQ, oxm),
        ("a priority without a tag", matching("80000e01 03"), ErrorCode::OFPBMC_BAD_PREREQ, oxm),
        ("a field twice", matching("80000a02 0800 80000a02 0800"), ErrorCode::OFPBMC_DUP_FIELD, oxm),
        ("a mask on the port", matching("80000108 00000001 0000000f"), ErrorCode::OFPBMC_BAD_MASK, oxm),
        ("bits of the value that the mask has not", matching("8000090c 0100 0000 0001 0100 0000 0000"), ErrorCode::OFPBMC_BAD_WILDCARDS, oxm),
        ("a tag of 14 bits", matching("80000c02 2001"), ErrorCode::OFPBMC_BAD_VALUE, oxm),
        ("a DSCP of 7 bits", matching("80000a02 0800 80001001 40"), ErrorCode::OFPBMC_BAD_VALUE, oxm),
        ("NXM fields longer than the message", of10(4, "00002320 0000000d 00*8 0000 00*4 8000 ffffffff ffff 0000 0010 00*6"), bad_len, "nx_match"),
    ]
}

#[rustfmt::skip]
fn action_lists() -> Vec<Row> {
    let (bad_len, bad_port) = (ErrorCode::OFPBAC_BAD_LEN, ErrorCode::OFPBAC_BAD_OUT_PORT);
    let (bad_argument, header) = (ErrorCode::OFPBAC_BAD_ARGUMENT, "ofp_action_header");
    let bad_set = ErrorCode::OFPBAC_BAD_SET_ARGUMENT;
    vec![
        ("an action of 4 bytes", actions("0018 0004 00*4"), bad_len, header),
        ("an action of 12 bytes", actions("0018 000c 00*12"), bad_len, header),
        ("an action longer than the list", actions("0018 0010 00*4"), bad_len, header),
        ("an output of 8 bytes", actions("0000 0008 00000001"), bad_len, header),
        ("a group of 16 bytes", actions("0016 0010 00000001 00*8"), bad_len, header),
        ("output to no port", actions("0000 0010 ffffffff 0000 00*6"), bad_port, header),
        ("output to a port between", actions("0000 0010 0000ff00 0000 00*6"), bad_port, header),
        ("output to no port of OpenFlow 1.0", old_actions("0000 0008 ffff 0000"), bad_port, header),
        ("a queue of a reserved port", old_actions("000b 0010 fffd 00*6 00000001"), bad_port, header),
        ("a tag of type IPv4", actions("0011 0008 0800 0000"), bad_argument, header),
        ("a label of type IPv4", actions("0013 0008 0800 0000"), bad_argument, header),
        ("a tag of 13 bits", old_actions("0001 0008 1001 0000"), bad_argument, header),
        ("a priority of 4 bits", old_actions("0002 0008 08 00*3"), bad_argument, header),
        ("a DSCP with ECN", old_actions("0008 0008 05 00*3"), bad_argument, header),
        ("set-field with a mask", actions("0019 0018 8000090c 00*12 00*4"), ErrorCode::OFPBAC_BAD_SET_MASK, "oxm_entry"),
        ("set-field of the port", actions("0019 0010 80000004 00000001 00*4"), bad_set, "oxm_entry"),
        ("set-field of what a fragment is", actions("0019 0010 00013401 01 00*7"), bad_set, "oxm_entry"),
        ("set-field of no tag", actions("0019 0010 80000c02 0001 00*6"), bad_set, "oxm_entry"),
        ("set-field with more", actions("0019 0010 80000c02 1001 00*5 01"), bad_set, "oxm_entry"),
    ]
}

#[rustfmt::skip]
fn nicira_actions() -> Vec<Row> {
    let (bad_argument, header) = (ErrorCode::OFPBAC_BAD_ARGUMENT, "ofp_action_header");
    let bad_set = ErrorCode::OFPBAC_BAD_SET_ARGUMENT;
    let of = |length: &str, rest: &str| actions(&format!("ffff {length} 00002320 {rest}"));
    vec![
        ("load of the Ethernet type", of("0018", "0007 000f 00000602 00*8"), bad_set, "oxm_header"),
        ("load of more bits than there are", of("0018", "0007 003f 00010004 00*8"), ErrorCode::OFPBAC_BAD_SET_LEN, "oxm_header"),
        ("load of a larger value", of("0018", "0007 0007 00010004 00*6 0100"), bad_argument, "oxm_header"),
        ("resubmit with junk", of("0010", "000e fff8 01 000001"), bad_argument, header),
        ("conjunction of one", of("0010", "0022 00 01 00000001"), ErrorCode::NXBAC_BAD_CONJUNCTION, header),
        ("learn into all tables", of("0020", "0010 00*6 00*8 0000 ff 00 00*4"), bad_argument, header),
        ("learn with unknown flags", of("0020", "0010 00*6 00*8 0010 00 00 00*4"), bad_argument, header),
        ("force without commit", of("0018", "0023 0002 00*4 0000 ff 00*3 0000"), bad_argument, header),
        ("a zone of 8 bits", of("0018", "0023 0000 00010004 0007 ff 00*3 0000"), ErrorCode::OFPBAC_BAD_SET_LEN, header),
        ("ct that sets without commit", of("0030", "0023 0000 00*4 0000 ff 00*3 0000 ffff 0018 00002320 0007 001f 0001d604 00*8"), bad_argument, header),
        ("ct that outputs", of("0028", "0023 0001 00*4 0000 ff 00*3 0000 0000 0010 00000001 00*8"), bad_argument, header),
        ("nat of both", of("0028", "0023 0001 00*4 0000 ff 00*3 0000 ffff 0010 00002320 0024 0000 0003 0000"), bad_argument, header),
        ("a sample of none", of("0018", "001d 0000 00*12"), bad_argument, header),
        ("output cut off behind 13 bytes", of("0010", "0027 0001 0000000d"), bad_argument, header),
        ("multipath to too few bits", of("0020", "000a 0000 0000 0000 0000 0003 00*4 0000 0000 00010004"), bad_argument, header),
        ("a bundle of unknown algorithm", of("0020", "000c 0009 0000 0000 00000002 0000 00*2 00*4 00*4"), bad_argument, header),
        ("more members than bytes", of("0020", "000c 0000 0000 0000 00000002 0004 00*2 00*4 00*4"), ErrorCode::OFPBAC_BAD_LEN, header),
        ("encap of IPv4", of("0010", "002e 0000 00010800"), ErrorCode::NXBAC_BAD_HEADER_TYPE, header),
        ("controller ids beyond the end", of("0010", "0015 0002 00*4"), ErrorCode::OFPBAC_BAD_LEN, header),
        ("controller with an unknown property", of("0018", "0025 00*6 0077 0004 00*4"), ErrorCode::OFPBPC_BAD_TYPE, header),
    ]
}

#[rustfmt::skip]
fn instruction_lists() -> Vec<Row> {
    let (bad_len, header) = (ErrorCode::OFPBIC_BAD_LEN, "ofp_instruction");
    vec![
        ("an instruction of 2 bytes", instructions("0001 0002 00*4"), bad_len, header),
        ("an instruction longer than the message", instructions("0001 0010 00*4"), bad_len, header),
        ("goto of 16 bytes", instructions("0001 0010 01 00*11"), bad_len, header),
        ("goto to all tables", instructions("0001 0008 ff 00*3"), ErrorCode::OFPBIC_BAD_TABLE_ID, header),
        ("goto twice", instructions("0001 0008 01 00*3 0001 0008 02 00*3"), ErrorCode::OFPBIC_DUP_INST, header),
        ("metadata without its mask", instructions("0002 0010 00*4 00*8"), bad_len, header),
        ("half a list of actions", instructions("0004 0010 00*4 0018 0010 00*4"), ErrorCode::OFPBAC_BAD_LEN, "ofp_action_header"),
    ]
}

#[rustfmt::skip]
fn flow_mods() -> Vec<Row> {
    let structure = "OFPT_FLOW_MOD";
    let rest = "00*6 ffffffff ffffffff ffffffff";
    let of = |table: &str, flags: &str| {
        of13(14, &format!("00*16 {table} {rest} {flags} 0000 0001 0004 00*4"))
    };
    vec![
        ("an unknown command", of("00 05", "0000"), ErrorCode::OFPFMFC_BAD_COMMAND, structure),
        ("all tables for a new rule", of("ff 00", "0000"), ErrorCode::OFPFMFC_BAD_TABLE_ID, structure),
        ("an unknown flag", of("00 00", "0020"), ErrorCode::OFPFMFC_BAD_FLAGS, structure),
        ("an unknown flag of OpenFlow 1.0", of10(14, "003fffff 00*36 00*8 0000 00*4 8000 ffffffff ffff 0008"), ErrorCode::OFPFMFC_BAD_FLAGS, structure),
        ("an addition to rules with a cookie", of10(4, "00002320 0000000d 00*8 0000 00*4 8000 ffffffff ffff 0000 000c 00*6 00013c08 00*8 00*4"), ErrorCode::NXBRC_NXM_INVALID, "NXT_FLOW_MOD"),
    ]
}

#[rustfmt::skip]
fn groups() -> Vec<Row> {
    let structure = "OFPT_GROUP_MOD";
    let bucket = "0010 0000 ffffffff ffffffff 00*4";
    vec![
        ("an unknown kind of group", of13(15, "0000 04 00 00000001"), ErrorCode::OFPGMFC_BAD_TYPE, structure),
        ("an unknown command for groups", of13(15, "0004 00 00 00000001"), ErrorCode::OFPGMFC_BAD_COMMAND, structure),
        ("an indirect group of two", of13(15, &format!("0000 02 00 00000001 {bucket} {bucket}")), ErrorCode::OFPGMFC_INVALID_GROUP, structure),
        ("a weight in an all group", of13(15, "0000 00 00 00000001 0010 0001 ffffffff ffffffff 00*4"), ErrorCode::OFPGMFC_INVALID_GROUP, structure),
        ("an all group that watches", of13(15, "0000 00 00 00000001 0010 0000 00000001 ffffffff 00*4"), ErrorCode::OFPGMFC_WATCH_UNSUPPORTED, structure),
        ("a failover group that does not", of13(15, &format!("0000 03 00 00000001 {bucket}")), ErrorCode::OFPGMFC_INVALID_GROUP, structure),
        ("half a bucket", of13(15, "0000 00 00 00000001 0010 0000 ffffffff"), ErrorCode::OFPGMFC_BAD_BUCKET, "ofp_bucket"),
        ("a bucket of 8 bytes", of13(15, "0000 00 00 00000001 0008 0000 ffffffff ffffffff 00*4"), ErrorCode::OFPGMFC_BAD_BUCKET, "ofp_bucket"),
        ("a bucket that watches a port between", of13(15, "0000 01 00 00000001 0010 0001 0000ff00 ffffffff 00*4"), ErrorCode::OFPGMFC_BAD_WATCH, "ofp_bucket"),
    ]
}

#[rustfmt::skip]
fn meters() -> Vec<Row> {
    let bad_len = ErrorCode::OFPBRC_BAD_LEN;
    vec![
        ("an unknown command for meters", of13(29, "0003 0001 00000001"), ErrorCode::OFPMMFC_BAD_COMMAND, "OFPT_METER_MOD"),
        ("a meter of both units", of13(29, "0000 0003 00000001"), ErrorCode::OFPMMFC_BAD_FLAGS, "OFPT_METER_MOD"),
        ("an unknown band", of13(29, "0000 0001 00000001 0007 0010 00*12"), ErrorCode::OFPMMFC_BAD_BAND, "ofp_meter_band_header"),
        ("half a band", of13(29, "0000 0001 00000001 0001 0010 00*4"), bad_len, "ofp_meter_band_header"),
    ]
}

#[rustfmt::skip]
fn multiparts() -> Vec<Row> {
    let bad_len = ErrorCode::OFPBRC_BAD_LEN;
    vec![
        ("half the header of a question", of13(18, "0000 0000"), bad_len, "OFPT_MULTIPART_REQUEST"),
        ("half a question for ports", of13(18, "0004 0000 00*4 00000001"), bad_len, "ofp_port_stats_request"),
        ("half a question for rules", of13(18, "0001 0000 00*4 00 00*3 ffffffff"), bad_len, "ofp_flow_stats_request"),
        ("half an answer about ports", of13(19, "0004 0000 00*4 00000001 00*8"), bad_len, "ofp_port_stats"),
        ("a rule of 40 bytes", of13(19, "0001 0000 00*4 0028 00*38"), bad_len, "ofp_flow_stats"),
        ("half an answer about groups", of13(19, "0006 0000 00*4 0038 00*38"), bad_len, "ofp_group_stats"),
        ("half an answer about tables", of13(19, "0003 0000 00*4 01 00*3"), bad_len, "ofp_table_stats"),
        ("features of all tables", of13(18, "000c 0000 00*4 0040 ff 00*5 00*32 00*16 00*8"), ErrorCode::OFPTFFC_BAD_TABLE, "ofp_table_features"),
        ("features of 60 bytes", of13(18, "000c 0000 00*4 003c 01 00*5 00*32 00*16 00*8"), ErrorCode::OFPTFFC_BAD_LEN, "ofp_table_features"),
        ("a part of the properties of a table", of13(18, "000c 0000 00*4 0048 01 00*5 00*32 00*16 00*8 0000 0004 00*4"), ErrorCode::OFPTFFC_BAD_FEATURES, "ofp_table_features"),
    ]
}

#[rustfmt::skip]
fn others() -> Vec<Row> {
    vec![
        ("an unknown role", of13(24, "00000007 00*12"), ErrorCode::OFPRRFC_BAD_ROLE, "OFPT_ROLE_REQUEST"),
        ("a bundle with a message of another transaction", of13(4, "4f4e4600 000008fd 00000001 0000 0001 04 0e 0038 00000009 00*48"), ErrorCode::OFPBFC_MSG_BAD_XID, "ONFT_BUNDLE_ADD_MESSAGE"),
        ("a bundle with a message of another version", of13(4, "4f4e4600 000008fd 00000001 0000 0001 01 0e 0008 00000001"), ErrorCode::OFPBFC_BAD_VERSION, "ONFT_BUNDLE_ADD_MESSAGE"),
        ("a bundle with an echo", of13(4, "4f4e4600 000008fd 00000001 0000 0001 04 02 0008 00000001"), ErrorCode::OFPBFC_MSG_UNSUP, "ONFT_BUNDLE_ADD_MESSAGE"),
        ("a bundle with half a header", of13(4, "4f4e4600 000008fd 00000001 0000 0001 04 02 0008"), ErrorCode::OFPBFC_MSG_BAD_LEN, "ONFT_BUNDLE_ADD_MESSAGE"),
        ("a flow format that is none", of10(4, "00002320 0000000c 00000007"), ErrorCode::OFPBRC_EPERM, "NXT_SET_FLOW_FORMAT"),
        ("a packet-in format that is none", of10(4, "00002320 00000010 00000007"), ErrorCode::OFPBRC_EPERM, "NXT_SET_PACKET_IN_FORMAT"),
        ("an unknown command for options", of10(4, "00002320 00000018 0007 00*6"), ErrorCode::NXTTMFC_BAD_COMMAND, "NXT_TLV_TABLE_MOD"),
        ("an option of 3 bytes", of10(4, "00002320 00000018 0000 00*6 0001 01 03 0000 00*2"), ErrorCode::NXTTMFC_BAD_OPT_LEN, "NXT_TLV_TABLE_MOD"),
        ("an option beyond the last", of10(4, "00002320 00000018 0000 00*6 0001 01 04 0040 00*2"), ErrorCode::NXTTMFC_BAD_FIELD_IDX, "NXT_TLV_TABLE_MOD"),
        ("a monitor of nothing", of13(18, "ffff 0000 00*4 4f4e4600 0000074e 00000001 0000 0004 ffffffff ff 00*3 0001 0004 00*4"), ErrorCode::OFPMOFC_BAD_FLAGS, "onf_flow_monitor_request"),
        ("an unknown event", of13(19, "ffff 0000 00*4 4f4e4600 0000074e 0008 0009 00*4"), ErrorCode::NXBRC_FM_BAD_EVENT, "onf_flow_update_header"),
    ]
}
