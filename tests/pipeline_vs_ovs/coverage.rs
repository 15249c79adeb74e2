//! What packets have met, so that nothing is left out unseen.

use ovs_core::trace::{Step, Trace};
use std::collections::BTreeMap;
use std::fmt;

/// Actions that must be done in a run of some length, by the names of [`Action`](ovs_core::action::Action).
const ACTIONS: [&str; 31] = [
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
    "field: eth_src",
    "field: ip_src",
    "field: ipv6_dst",
    "field: tcp_dst",
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

    /// The actions that have not been done.
    pub fn missing(&self) -> Vec<&'static str> {
        ACTIONS.into_iter().filter(|action| !self.actions.contains_key(*action)).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "done: {:?}", self.actions)?;
        write!(f, "matched: {:?}", self.fields)
    }
}
