//! What packets have met, so that nothing is left out unseen.

use ovs_core::field::Field;
use ovs_core::trace::{Step, Trace};
use std::collections::BTreeMap;
use std::fmt;

/// Actions that must be done in a run of 200 tables, by the names of [`Action`](ovs_core::action::Action).
const ACTIONS: [&str; 27] = [
    "Bundle",
    "CheckPacketLarger",
    "Clone",
    "DecIpTtl",
    "DecMplsTtl",
    "Exit",
    "Group",
    "Learn",
    "Load",
    "Move",
    "Note",
    "Output",
    "OutputField",
    "OutputTruncated",
    "PopMpls",
    "PopVlan",
    "PushMpls",
    "PushVlan",
    "Resubmit",
    "SetField",
    "StackPop",
    "StackPush",
    "port: ALL",
    "port: FLOOD",
    "port: NORMAL",
    "port: CONTROLLER",
    "port: IN_PORT",
];

/// Fields that must be set and matched in a run of 2,000 tables.
const FIELDS: [Field; 31] = [
    Field::EthDst,
    Field::EthSrc,
    Field::VlanVid,
    Field::VlanPcp,
    Field::MplsLabel,
    Field::MplsTc,
    Field::MplsTtl,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Src,
    Field::Ipv6Dst,
    Field::Ipv6Label,
    Field::IpDscp,
    Field::IpEcn,
    Field::IpTtl,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::ArpSha,
    Field::ArpTha,
    Field::TcpSrc,
    Field::TcpDst,
    Field::UdpSrc,
    Field::UdpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Field::Icmpv6Type,
    Field::Icmpv6Code,
    Field::Reg0,
    Field::Metadata,
    Field::PktMark,
];

/// How often actions were done, and fields matched by rules that packets met.
#[derive(Default)]
pub struct Coverage {
    actions: BTreeMap<String, usize>,
    fields: BTreeMap<&'static str, usize>,
}

impl Coverage {
    pub fn add(&mut self, trace: &Trace) {
        for (_, step) in trace.passes.iter().flat_map(|pass| &pass.steps) {
            match step {
                Step::Action(action) => {
                    let text = format!("{action:?}");
                    let name = text.split([' ', '(']).next().unwrap_or_default();
                    *self.actions.entry(name.into()).or_default() += 1;
                    let parts =
                        ["port: ", "field: "].into_iter().flat_map(|key| text.match_indices(key));
                    for (at, _) in parts {
                        let part = text[at..].split([',', ' ', '}']).take(2);
                        let part = part.collect::<Vec<_>>().join(" ");
                        *self.actions.entry(part).or_default() += 1;
                    }
                }
                Step::Table { rule: Some(rule), .. } => {
                    for (field, ..) in rule.matching.fields() {
                        *self.fields.entry(field.name()).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
    }

    /// The actions that have not been done, of those that so many tables must bring; so for fields.
    pub fn missing(&self, tables: u64) -> Vec<String> {
        let actions = ACTIONS.iter().map(|action| (*action).to_string());
        let actions = actions.filter(|action| !self.actions.contains_key(action));
        if tables < 200 {
            return Vec::new();
        }
        let fields = self.unseen_fields().into_iter().filter(|_| tables >= 2000);
        actions.chain(fields).collect()
    }

    fn unseen_fields(&self) -> Vec<String> {
        let mut unseen = Vec::new();
        for field in FIELDS.map(Field::name) {
            if !self.actions.contains_key(&format!("field: {field}")) {
                unseen.push(format!("{field} set"));
            }
            if !self.fields.contains_key(field) {
                unseen.push(format!("{field} matched"));
            }
        }
        unseen
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "done: {:?}", self.actions)?;
        writeln!(f, "matched: {:?}", self.fields)?;
        write!(f, "not yet: {:?}", self.unseen_fields())
    }
}
