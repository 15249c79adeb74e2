//! Tests of actions.

mod forms;
mod refused;
mod vectors;

use super::{put_list, take_list};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::protocol::Version;
use crate::text::{parse_actions, show_actions};
use crate::wire::{Reader, Writer};
use bytes::Bytes;
use ovs_core::action::{Action, Ct, CtFlags};
use ovs_core::field::Field;
use ovs_core::matching::Match;
use ovs_core::{PortNo, TableId};
use std::boxed::Box;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

const VERSIONS: [Version; 2] = [Version::OF10, Version::OF13];

fn read(bytes: &[u8], version: Version) -> Result<Vec<Action>, DecodeError> {
    let message = Bytes::copy_from_slice(bytes);
    take_list(&mut Reader::new(&message, "actions"), version)
}

fn write(actions: &[Action], version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    put_list(&mut Writer::new(&mut out), actions, version).unwrap();
    out
}

/// An action with this type and content.
fn standard(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = 4 + content.len() as u16;
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), content].concat()
}

fn experimenter(id: u32, subtype: u16, content: &[u8]) -> Vec<u8> {
    standard(0xffff, &[&id.to_be_bytes()[..], &subtype.to_be_bytes(), content].concat())
}

/// Every number that is defined: whatever follows it, it is not taken for an unknown one.
#[test]
fn every_defined_action_is_known() {
    let of13 = [0, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];
    let of10 = 0..=11;
    let is_opaque =
        |bytes: &[u8], version| matches!(read(bytes, version).as_deref(), Ok([Action::Opaque(_)]));
    for length in [4, 12, 20] {
        let content = vec![0; length];
        for kind in of13 {
            assert!(!is_opaque(&standard(kind, &content), Version::OF13), "{kind}");
        }
        for kind in of10.clone() {
            assert!(!is_opaque(&standard(kind, &content), Version::OF10), "{kind}");
        }
    }
    // Nicira's: 3 and 11 are not used any more, 40 and those that OpenFlow 1.3 has itself are of
    // OpenFlow 1.0 only, 46 to 48 of later versions.
    for subtype in (1..=50).filter(|subtype| ![3, 11].contains(subtype)) {
        let version = if (46..=48).contains(&subtype) { Version::OF13 } else { Version::OF10 };
        for length in [6, 14, 22, 30] {
            let action = experimenter(0x2320, subtype, &vec![0; length]);
            assert!(!is_opaque(&action, version), "{subtype}");
        }
    }
    assert!(!is_opaque(&experimenter(0x4f4e_4600, 3200, &[0; 22]), Version::OF13));
}

#[test]
fn actions_that_nobody_defines_survive() {
    let unknown = [
        standard(77, &[1, 2, 3, 4]),
        experimenter(0x2320, 99, &[1; 6]),
        experimenter(0x4f4e_4600, 99, &[1; 6]),
        experimenter(0x0012_3456, 1, &[1; 14]),
    ];
    for version in VERSIONS {
        for bytes in &unknown {
            let actions = read(bytes, version).unwrap();
            assert_eq!(actions, [Action::Opaque(bytes.as_slice().into())]);
            assert_eq!(write(&actions, version), *bytes);
        }
    }
}

#[test]
fn lengths_of_actions() {
    for version in VERSIONS {
        // Too short, not a multiple of 8, longer than the list, without an end.
        for length in [0, 1, 4, 7, 9, 12, 16, 0xffff_u16] {
            let bytes = [&[0, 0][..], &length.to_be_bytes(), &[0; 4]].concat();
            let error = read(&bytes, version).unwrap_err();
            assert_eq!(error.code, ErrorCode::OFPBAC_BAD_LEN, "{version} {length}");
        }
        let output = write(&[Action::output(PortNo(1))], version);
        for end in 1..output.len() {
            let error = read(&output[..end], version).unwrap_err();
            // That the list is too short is seen first.
            let whole = end % 8 == 0;
            let code = if whole { ErrorCode::OFPBAC_BAD_LEN } else { ErrorCode::OFPBRC_BAD_LEN };
            assert_eq!(error.code, code, "{version} {end}");
        }
        let mut long = [output.as_slice(), &[0; 8]].concat();
        long[3] += 8;
        assert_eq!(read(&long, version).unwrap_err().code, ErrorCode::OFPBAC_BAD_LEN);
    }
}

#[test]
fn actions_in_actions_have_a_limit() {
    let nested =
        |depth: usize| (0..depth).fold(Action::Exit, |inner, _| Action::Clone(vec![inner]));
    for version in VERSIONS {
        let deep = write(&[nested(16)], version);
        assert_eq!(read(&deep, version), Ok(vec![nested(16)]));
        let deeper = write(&[nested(17)], version);
        assert_eq!(read(&deeper, version).unwrap_err().code, ErrorCode::OFPBAC_TOO_MANY);
    }
}

#[test]
fn what_belongs_into_ct() {
    let nat = || Action::Nat(Box::default());
    let mark = || Action::set_field(Field::CtMark, 1).unwrap();
    let ct =
        |actions| Action::Ct(Box::new(Ct { flags: CtFlags::COMMIT, actions, ..Ct::default() }));
    for version in VERSIONS {
        let good = [ct(vec![mark(), nat()])];
        let again = read(&write(&good, version), version).unwrap();
        // OpenFlow 1.0 has no set-field, so it is a load there.
        assert_eq!(write(&again, version), write(&good, version));
        let code = |actions: &[Action]| read(&write(actions, version), version).unwrap_err().code;
        assert_eq!(code(&[nat()]), ErrorCode::OFPBAC_BAD_SET_ARGUMENT);
        assert_eq!(code(&[mark()]), ErrorCode::OFPBAC_BAD_SET_ARGUMENT);
        assert_eq!(code(&[ct(vec![Action::output(PortNo(1))])]), ErrorCode::OFPBAC_BAD_ARGUMENT);
    }
}

#[test]
fn what_one_version_has_is_said_otherwise_in_another() {
    // OpenFlow 1.0 puts a tag on as it sets its id, OpenFlow 1.3 has to say so: once.
    let tag = [Action::SetVlanVid(5), Action::SetVlanPcp(3)];
    let of13 = read(&write(&tag, Version::OF13), Version::OF13).unwrap();
    let expected = [
        Action::PushVlan(0x8100),
        Action::set_field(Field::VlanVid, 0x1005).unwrap(),
        Action::set_field(Field::VlanPcp, 3).unwrap(),
    ];
    assert_eq!(of13, expected);
    // A set-field is the action that does the same.
    let set = [Action::set_field(Field::EthSrc, 0x0200_0000_0001).unwrap()];
    let of10 = read(&write(&set, Version::OF10), Version::OF10).unwrap();
    assert_eq!(of10, [Action::SetEthSrc([2, 0, 0, 0, 0, 1].into())]);
    // With a mask there is none before OpenFlow 1.5: each run of bits is loaded.
    let masked = [Action::set_field_masked(Field::Reg0, 0x0a05, 0xff0f).unwrap()];
    let loads = read(&write(&masked, Version::OF13), Version::OF13).unwrap();
    let bits = loads
        .iter()
        .filter_map(Action::assignment)
        .fold((0, 0), |sum, (_, value, mask)| (sum.0 | value, sum.1 | mask));
    assert_eq!((loads.len(), bits), (2, (0x0a05, 0xff0f)));
}

#[test]
fn resubmit_in_its_forms() {
    let resubmit = |table, with_ct| Action::Resubmit { port: PortNo(3), table, with_ct };
    let forms = [
        (resubmit(None, false), 1),
        (resubmit(Some(TableId(9)), false), 14),
        (resubmit(Some(TableId(9)), true), 44),
    ];
    for version in VERSIONS {
        for (action, subtype) in &forms {
            let bytes = write(std::slice::from_ref(action), version);
            assert_eq!((bytes.len(), bytes[9]), (16, *subtype));
            assert_eq!(read(&bytes, version), Ok(vec![action.clone()]));
        }
    }
}

/// The bytes of digits, between which there may be spaces.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Text, version and bytes of each vector.
fn all_vectors() -> impl Iterator<Item = (&'static str, Version, Vec<u8>)> {
    let all = vectors::STANDARD.iter().chain(vectors::NICIRA).chain(vectors::BY_HAND);
    all.flat_map(|&(text, of10, of13)| {
        let of13 = if of13 == vectors::SAME { of10 } else { of13 };
        let versions = [(Version::OF10, of10), (Version::OF13, of13)];
        versions
            .into_iter()
            .filter(|(_, bytes)| *bytes != vectors::NONE)
            .map(move |(version, bytes)| (text, version, hex(bytes)))
    })
}

#[test]
fn actions_have_the_bytes_of_open_vswitch() {
    for (text, version, bytes) in all_vectors() {
        let actions = parse_actions(text).unwrap();
        assert_eq!(write(&actions, version), bytes, "{version} {text}");
        let again = read(&bytes, version).unwrap();
        assert!(!again.iter().any(|action| matches!(action, Action::Opaque(_))), "{text}");
        assert_eq!(write(&again, version), bytes, "{version} {text}");
    }
}

/// The others, set-fields with a mask, and loads of options are read in the form of the version,
/// whose text is another.
#[test]
fn nicira_actions_are_read_as_what_they_are() {
    for &(text, of10, of13) in vectors::NICIRA.iter().chain(vectors::BY_HAND) {
        let same = of13 == vectors::SAME;
        let version = if of10 == vectors::NONE { Version::OF13 } else { Version::OF10 };
        let other = text.starts_with("set_field") || text.contains("TUN_METADATA");
        if (same || of10 == vectors::NONE) && !other {
            let bytes = hex(if same { of10 } else { of13 });
            let actions = read(&bytes, version).unwrap();
            assert_eq!(show_actions(&actions).to_string(), text);
            assert_eq!(actions, parse_actions(text).unwrap());
        }
    }
}

#[test]
fn other_forms_are_written_as_open_vswitch_writes_them() {
    for (what, versions, bytes, written) in forms::FORMS {
        for version in *versions {
            let actions = read(&hex(bytes), *version).unwrap();
            assert_eq!(write(&actions, *version), hex(written), "{version} {what}");
        }
    }
}

#[test]
fn malformed_actions_are_refused() {
    for (what, versions, bytes, code) in refused::REFUSED {
        for version in *versions {
            let error = read(&hex(bytes), *version).expect_err(what);
            assert_eq!(error.code, *code, "{version} {what}");
        }
    }
}

#[test]
fn every_action_may_be_cut_anywhere() {
    for (text, version, bytes) in all_vectors() {
        let first = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        for end in 1..first {
            let code = match end % 8 {
                0 => ErrorCode::OFPBAC_BAD_LEN,
                _ => ErrorCode::OFPBRC_BAD_LEN,
            };
            let error = read(&bytes[..end], version).unwrap_err();
            assert_eq!(error.code, code, "{version} {text} of {end} bytes");
        }
    }
}

/// With 8 bytes more or less, and a length that says so: what is not refused is written as long.
#[test]
fn every_action_has_its_length() {
    for (text, version, bytes) in all_vectors() {
        let length = u16::from_be_bytes([bytes[2], bytes[3]]);
        if usize::from(length) != bytes.len() {
            continue;
        }
        for other in [length - 8, length + 8] {
            let mut changed = bytes.clone();
            changed.resize(other.into(), 0);
            if changed.len() < 8 {
                continue;
            }
            changed[2..4].copy_from_slice(&other.to_be_bytes());
            match read(&changed, version) {
                Err(_) => {}
                Ok(actions) => {
                    assert!(!actions.iter().any(|action| matches!(action, Action::Opaque(_))));
                    let again = write(&actions, version);
                    assert_eq!(read(&again, version), Ok(actions), "{version} {text}");
                }
            }
        }
    }
}

#[test]
fn what_a_version_does_not_have_is_not_written() {
    for &(text, of10, _) in vectors::STANDARD.iter().chain(vectors::NICIRA).chain(vectors::BY_HAND)
    {
        let actions = parse_actions(text).unwrap();
        // Putting a tag on is said by setting its id.
        if of10 == vectors::NONE && !matches!(actions[..], [Action::PushVlan(_)]) {
            let mut out = Vec::new();
            let result = put_list(&mut Writer::new(&mut out), &actions, Version::OF10);
            assert!(matches!(result, Err(EncodeError::NotInVersion { .. })), "{text}");
        }
    }
}

#[test]
fn an_action_has_at_most_65535_bytes() {
    for version in VERSIONS {
        for inner in [4094, 4095] {
            let long = Action::Clone(vec![Action::Exit; inner]);
            let mut out = Vec::new();
            let result = put_list(&mut Writer::new(&mut out), std::slice::from_ref(&long), version);
            match inner {
                4094 => assert_eq!(read(&out, version), Ok(vec![long])),
                _ => assert!(matches!(result, Err(EncodeError::TooLong { .. }))),
            }
        }
        let mut out = Vec::new();
        let dec_ttl = Action::DecIpTtl { controllers: vec![0; 65_536] };
        assert!(put_list(&mut Writer::new(&mut out), &[dec_ttl], version).is_err());
    }
}

/// As many controllers or members as it says, there must be: what it says allocates nothing.
#[test]
fn counts_need_their_bytes() {
    for version in VERSIONS {
        let dec_ttl = experimenter(0x2320, 21, &[0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4]);
        let mut bundle = experimenter(0x2320, 12, &[0; 22]);
        bundle[19] = 2;
        bundle[20..22].copy_from_slice(&2048_u16.to_be_bytes());
        for bytes in [dec_ttl, bundle] {
            assert_eq!(read(&bytes, version).unwrap_err().code, ErrorCode::OFPBAC_BAD_LEN);
        }
    }
}

#[test]
fn a_part_of_a_tunnel_option_is_not_all_of_it() {
    for version in VERSIONS {
        for (text, mask) in [("0x1234", None), ("0x1234/0xffff", Some(&[0xff, 0xff][..]))] {
            let actions = parse_actions(&std::format!("set_field:{text}->tun_metadata3")).unwrap();
            let read = read(&write(&actions, version), version).unwrap();
            let [Action::SetTunnelOption(option)] = &read[..] else { panic!("{read:?}") };
            assert_eq!((option.value(), option.mask()), (&[0x12, 0x34][..], mask));
        }
    }
}

#[test]
fn what_the_match_tells_of_packets_is_not_said_again() {
    let old = [
        Action::SetVlanVid(5),
        Action::SetTpDst(80),
        Action::Clone(vec![Action::PopVlan, Action::SetVlanPcp(3)]),
    ];
    let said = |matching: &Match| super::for_packets_of(&old, matching).into_owned();
    let set = |field, value| Action::set_field(field, value).unwrap();
    let inner = || {
        let pcp = set(Field::VlanPcp, 3);
        Action::Clone(vec![Action::PopVlan, Action::PushVlan(0x8100), pcp])
    };
    let web = Match::new().vlan_vid(9).eth_type(0x0800).ip_proto(6);
    let vid = || set(Field::VlanVid, 0x1005);
    assert_eq!(said(&web), [vid(), set(Field::TcpDst, 80), inner()]);
    let all = said(&Match::new());
    assert_eq!(all, [Action::PushVlan(0x8100), vid(), Action::SetTpDst(80), inner()]);
}

/// A part of a tunnel option behind the bits that a number has.
#[test]
fn a_load_far_behind_in_a_tunnel_option_is_read() {
    let message = "0104004800000001000023200000000d00000000000000000000000000008000ffffffffffff\
                   00000000000000000000ffff001800002320000732070001507c0000000000000001";
    let byte = |n: usize| u8::from_str_radix(&message[n..n + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..message.len()).step_by(2).map(byte).collect();
    let envelope = crate::Message::decode(&bytes.into()).unwrap();
    let crate::Message::FlowMod(change) = envelope.message else { panic!("a flow-mod") };
    assert!(change.check().is_err(), "no option is mapped");
    let [load] = change.instructions.applied() else { panic!("one action") };
    assert!(matches!(load, Action::Load { destination, value: 1 } if destination.start() == 200));
    assert_eq!(load.assignment(), None);
}

#[test]
fn openflow_1_0_puts_a_tag_on_only_to_set_it() {
    let put = |actions: &[Action]| {
        let mut bytes = Vec::new();
        put_list(&mut Writer::new(&mut bytes), actions, Version::OF10).map(|()| bytes.len())
    };
    let push = |kind| Action::PushVlan(kind);
    assert_eq!(put(&[push(0x8100), Action::SetVlanVid(5)]), Ok(8));
    assert!(put(&[push(0x88a8), Action::SetVlanVid(5)]).is_err());
    assert!(put(&[push(0x8100)]).is_err());
    assert!(put(&[push(0x8100), Action::output(PortNo(1))]).is_err());
}
