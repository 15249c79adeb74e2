//! What is shown to other programs: messages of every kind, every action, every field.

use crate::arbitrary::runner::some;
use crate::arbitrary::{PROTOCOLS, XID, action, matching, messages};
use bytes::Bytes;
use ovs_core::PortNo;
use ovs_openflow::message::{FlowStatsRequest, MultipartRequest, PacketOut};
use ovs_openflow::{Message, Protocol};
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

/// What sort of thing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Message,
    Action,
    Field,
}

/// One thing, in one protocol.
pub(crate) struct Subject {
    pub(crate) section: Section,
    pub(crate) name: String,
    pub(crate) protocol_name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) messages: Vec<Message>,
}

impl Subject {
    /// The messages as bytes.
    pub(crate) fn encoded(&self) -> Vec<Vec<u8>> {
        let encode = |message: &Message| {
            let mut bytes = Vec::new();
            message.encode(self.protocol, XID, &mut bytes).expect("a message of the protocol");
            bytes
        };
        self.messages.iter().map(encode).collect()
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} of {}", self.section, self.name, self.protocol_name)
    }
}

/// Everything in every protocol, `count` messages of each; without what has words in it that are
/// names of things that a program does not know, but for those that are about just that.
pub(crate) fn subjects(count: usize, unknown: &[(&str, &str)]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (protocol_name, protocol) in PROTOCOLS {
        let mut add = |section, name: String, strategy: BoxedStrategy<Message>| {
            let what = format!("{name} of {protocol_name}");
            let drawn = some(&what, &strategy, count * 4);
            let is_known = |message: &&Message| {
                let text = format!("{message:?}");
                !unknown.iter().any(|(word, _)| text.contains(word))
            };
            let mut messages: Vec<_> = drawn.iter().filter(is_known).take(count).cloned().collect();
            if messages.is_empty() {
                messages = drawn.into_iter().take(count).collect();
            }
            subjects.push(Subject { section, name, protocol_name, protocol, messages });
        };
        for (kind, strategy) in messages(protocol) {
            add(Section::Message, kind.to_string(), strategy);
        }
        for (name, strategy) in action::actions(protocol) {
            add(Section::Action, name.to_owned(), strategy.prop_map(packet_out).boxed());
        }
        for (field, strategy) in matching::fields(protocol) {
            add(Section::Field, field.to_string(), strategy.prop_map(request).boxed());
        }
    }
    subjects
}

/// An action in a message where nothing is asked of the packet.
fn packet_out(action: ovs_core::action::Action) -> Message {
    let data = Bytes::from_static(&[0; 14]);
    let actions = vec![action];
    Message::PacketOut(PacketOut { buffer: None, in_port: PortNo(1), actions, data })
}

fn request(matching: ovs_core::matching::Match) -> Message {
    let request = FlowStatsRequest { matching, ..FlowStatsRequest::default() };
    Message::MultipartRequest { more: false, body: MultipartRequest::Flow(request) }
}

/// Why a program does not know a subject, if it has such a word in all its messages.
pub(crate) fn reason<'a>(subject: &Subject, unknown: &[(&str, &'a str)]) -> Option<&'a str> {
    let text = format!("{:?}", subject.messages.first()?);
    unknown.iter().find(|(word, _)| text.contains(word)).map(|(_, reason)| *reason)
}
