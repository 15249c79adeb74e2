//! Answers that are longer than a message: cut into parts, and put together again.

use crate::error::EncodeError;
use crate::message::{Message, MultipartReply};
use crate::protocol::Protocol;
use alloc::vec::Vec;

/// Cuts an answer into messages that have at most `max` bytes each (65535 is the most that one
/// can have); all but the last say that [more](Message::MultipartReply) follows. Send them all
/// under the transaction of the request.
///
/// # Errors
///
/// If the version has no form for it, or one entry alone has too many bytes.
pub fn split_reply(
    reply: MultipartReply,
    protocol: Protocol,
    max: usize,
) -> Result<Vec<Message>, EncodeError> {
    let mut parts = Vec::new();
    // What is left to do, the next on top.
    let mut left = Vec::from([reply]);
    let mut scratch = Vec::new();
    while let Some(body) = left.pop() {
        let mut message = Message::MultipartReply { more: !left.is_empty(), body };
        scratch.clear();
        let bytes = match message.encode(protocol, 0, &mut scratch) {
            Ok(()) => scratch.len(),
            Err(EncodeError::TooLong { bytes, .. }) => bytes,
            Err(error) => return Err(error),
        };
        if bytes <= max.min(0xffff) {
            parts.push(message);
            continue;
        }
        let Message::MultipartReply { body, .. } = &mut message else { continue };
        let Some(rest) = halve(body) else {
            return Err(EncodeError::TooLong { structure: "ofp_multipart_reply", bytes });
        };
        left.push(rest);
        if let Message::MultipartReply { body, .. } = message {
            left.push(body);
        }
    }
    Ok(parts)
}

/// Takes off the second half of a list of two or more.
fn halve(reply: &mut MultipartReply) -> Option<MultipartReply> {
    let half = entries(reply) / 2;
    if half == 0 {
        return None;
    }
    Some(match reply {
        MultipartReply::Flow(list) => MultipartReply::Flow(list.split_off(half)),
        MultipartReply::Table(list) => MultipartReply::Table(list.split_off(half)),
        MultipartReply::PortStats(list) => MultipartReply::PortStats(list.split_off(half)),
        MultipartReply::Queue(list) => MultipartReply::Queue(list.split_off(half)),
        MultipartReply::Group(list) => MultipartReply::Group(list.split_off(half)),
        MultipartReply::GroupDesc(list) => MultipartReply::GroupDesc(list.split_off(half)),
        MultipartReply::Meter(list) => MultipartReply::Meter(list.split_off(half)),
        MultipartReply::MeterConfig(list) => MultipartReply::MeterConfig(list.split_off(half)),
        MultipartReply::TableFeatures(list) => MultipartReply::TableFeatures(list.split_off(half)),
        MultipartReply::PortDesc(list) => MultipartReply::PortDesc(list.split_off(half)),
        MultipartReply::FlowMonitor(list) => MultipartReply::FlowMonitor(list.split_off(half)),
        MultipartReply::IpfixFlow(list) => MultipartReply::IpfixFlow(list.split_off(half)),
        _ => return None,
    })
}

/// Entries of a list; 0 of what is none.
fn entries(reply: &MultipartReply) -> usize {
    match reply {
        MultipartReply::Flow(list) => list.len(),
        MultipartReply::Table(list) => list.len(),
        MultipartReply::PortStats(list) => list.len(),
        MultipartReply::Queue(list) => list.len(),
        MultipartReply::Group(list) => list.len(),
        MultipartReply::GroupDesc(list) => list.len(),
        MultipartReply::Meter(list) => list.len(),
        MultipartReply::MeterConfig(list) => list.len(),
        MultipartReply::TableFeatures(list) => list.len(),
        MultipartReply::PortDesc(list) => list.len(),
        MultipartReply::FlowMonitor(list) => list.len(),
        MultipartReply::IpfixFlow(list) => list.len(),
        _ => 0,
    }
}

/// Puts the parts of answers together that belong to the same transaction.
///
/// ```
/// use ovs_openflow::connection::multipart::Collector;
/// use ovs_openflow::message::MultipartReply;
///
/// let mut collector = Collector::new(1000);
/// assert_eq!(collector.add(7, true, MultipartReply::Flow(Vec::new())), Ok(None));
/// let whole = collector.add(7, false, MultipartReply::Flow(Vec::new()));
/// assert_eq!(whole, Ok(Some(MultipartReply::Flow(Vec::new()))));
/// ```
#[derive(Debug)]
pub struct Collector {
    begun: Vec<(u32, MultipartReply)>,
    max_entries: usize,
    entries: usize,
}

/// Why a part is not taken. What there was of its answer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// There would be more entries than allowed, in all answers that are not complete.
    #[error("unfinished answers have more than {max} entries")]
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// It is of another kind than the parts before, or of one that has no parts.
    #[error("the part is of another kind than those before it")]
    Mismatch,
}

impl Collector {
    /// Of answers that are not complete at most that many entries are kept in all (an answer
    /// without any counts as one).
    pub fn new(max_entries: usize) -> Self {
        Self { begun: Vec::new(), max_entries, entries: 0 }
    }

    /// Takes a part: the transaction, whether more follow, and what it says. The last part gives
    /// the whole answer.
    ///
    /// # Errors
    ///
    /// See [`CollectError`].
    pub fn add(
        &mut self,
        xid: u32,
        more: bool,
        part: MultipartReply,
    ) -> Result<Option<MultipartReply>, CollectError> {
        let before = self.forget(xid);
        let whole = match before {
            Some(mut whole) => {
                append(&mut whole, part)?;
                whole
            }
            None => part,
        };
        if !more {
            return Ok(Some(whole));
        }
        let entries = self.entries.saturating_add(entries(&whole).max(1));
        if entries > self.max_entries {
            return Err(CollectError::TooMany { max: self.max_entries });
        }
        self.entries = entries;
        self.begun.push((xid, whole));
        Ok(None)
    }

    /// Gives up waiting for the rest of an answer; what there is of it.
    pub fn forget(&mut self, xid: u32) -> Option<MultipartReply> {
        let at = self.begun.iter().position(|(begun, _)| *begun == xid)?;
        let (_, reply) = self.begun.swap_remove(at);
        self.entries = self.entries.saturating_sub(entries(&reply).max(1));
        Some(reply)
    }
}

/// Adds the entries of a part to those of the parts before.
fn append(whole: &mut MultipartReply, part: MultipartReply) -> Result<(), CollectError> {
    use MultipartReply as Reply;
    match (whole, part) {
        (Reply::Flow(whole), Reply::Flow(part)) => whole.extend(part),
        (Reply::Table(whole), Reply::Table(part)) => whole.extend(part),
        (Reply::PortStats(whole), Reply::PortStats(part)) => whole.extend(part),
        (Reply::Queue(whole), Reply::Queue(part)) => whole.extend(part),
        (Reply::Group(whole), Reply::Group(part)) => whole.extend(part),
        (Reply::GroupDesc(whole), Reply::GroupDesc(part)) => whole.extend(part),
        (Reply::Meter(whole), Reply::Meter(part)) => whole.extend(part),
        (Reply::MeterConfig(whole), Reply::MeterConfig(part)) => whole.extend(part),
        (Reply::TableFeatures(whole), Reply::TableFeatures(part)) => whole.extend(part),
        (Reply::PortDesc(whole), Reply::PortDesc(part)) => whole.extend(part),
        (Reply::FlowMonitor(whole), Reply::FlowMonitor(part)) => whole.extend(part),
        (Reply::IpfixFlow(whole), Reply::IpfixFlow(part)) => whole.extend(part),
        _ => return Err(CollectError::Mismatch),
    }
    Ok(())
}
