//! One end of a connection, without its socket: of a controller or of a switch.
//!
//! A [`Connection`] is given the bytes that came and the time, and says what happened and which bytes
//! go out. It opens no socket, reads no clock and starts no thread. By itself it agrees with the
//! peer on a version, answers echo requests, asks a silent peer whether it is still there, numbers
//! transactions, and tells the peer which of its messages are wrong.
//!
//! ```
//! use ovs_core::Instant;
//! use ovs_openflow::connection::{Config, Connection, Event};
//! use ovs_openflow::{Message, Version};
//!
//! let now = Instant::ZERO; // time is an argument
//! let mut controller = Connection::new(Config::default(), now);
//! let mut switch = Connection::new(Config::default(), now);
//!
//! // In place of two sockets: what one sends, the other receives.
//! fn carry(from: &mut Connection, to: &mut Connection, now: Instant) {
//!     let taken = to.receive(now, from.outgoing());
//!     from.sent(taken);
//! }
//! carry(&mut controller, &mut switch, now);
//! carry(&mut switch, &mut controller, now);
//! assert_eq!(controller.poll(), Some(Event::Established(Version::OF13)));
//! assert_eq!(switch.poll(), Some(Event::Established(Version::OF13)));
//!
//! let xid = controller.send(&Message::BarrierRequest)?;
//! carry(&mut controller, &mut switch, now);
//! let Some(Event::Message(request)) = switch.poll() else { panic!("a message") };
//! assert_eq!((request.xid, &request.message), (xid, &Message::BarrierRequest));
//! switch.reply(request.xid, &Message::BarrierReply)?;
//! # Ok::<(), ovs_openflow::connection::SendError>(())
//! ```
//!
//! # How it is driven
//!
//! 1. Hand what the socket gave to [`receive`](Connection::receive), which says how much it took.
//! 2. Call [`poll`](Connection::poll) until it gives nothing.
//! 3. Write [`outgoing`](Connection::outgoing) to the socket, and say with
//!    [`sent`](Connection::sent) how much that was. Poll again if that made room.
//! 4. At [`next_deadline`](Connection::next_deadline) call [`tick`](Connection::tick).
//!
//! Behind [`Event::Closed`] what is still [`outgoing`](Connection::outgoing) tells the peer why; then
//! the socket is closed.
//!
//! # Limits
//!
//! All memory has the bounds of [`Config`]. A full queue of what is to be sent is an error of
//! [`send`](Connection::send); and since a message from the peer may have to be answered, none is
//! taken while there is no room for an answer: a peer that asks without end and reads nothing is
//! not listened to, until it is taken for gone. A message shares the memory it was received in, so
//! that one that is kept for long keeps alive up to [`Config::max_received`] bytes.

mod config;
mod event;
mod framing;
mod hello;
pub mod multipart;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use event::{Event, Reason, SendError};

use crate::codec::kind::{self, Kind};
use crate::error::{DecodeError, Problem};
use crate::error_code::ErrorCode;
use crate::message::{ErrorMessage, Header, Hello, Message};
use crate::protocol::{Protocol, Version};
use bytes::Bytes;
use config::ERROR_HEAD;
use framing::{Front, Inbox, Outbox};
use ovs_core::Instant;

/// Where a connection stands.
#[derive(Clone, Debug)]
enum State {
    /// Waits for the peer's hello, until then.
    Greeting { until: Instant },
    /// A version is agreed on.
    Established,
    /// Over; `Some` as long as nobody has been told.
    Closed(Option<Reason>),
}

/// A choice that was sent and may still be refused: the transaction, and what held before.
type Choice = Option<(u32, bool)>;

/// One end of a connection: see the [module](self).
#[derive(Debug)]
pub struct Connection {
    config: Config,
    state: State,
    protocol: Protocol,
    /// Is its version agreed on, and not only the one that the hello is in?
    agreed: bool,
    inbox: Inbox,
    outbox: Outbox,
    /// The last transaction.
    xid: u32,
    /// When the last byte came.
    heard: Instant,
    /// When the peer was asked whether it is there, if it has said nothing since.
    asked: Option<Instant>,
    /// The transaction of that question, until its answer came.
    asked_xid: Option<u32>,
    /// No more bytes will come.
    ended: bool,
    flow_format: Choice,
    table_id: Choice,
}

impl Connection {
    /// A connection that was opened just now. It has its hello to send.
    ///
    /// If [`Config::versions`] has none that this crate speaks, it fails when the peer's hello comes.
    pub fn new(config: Config, now: Instant) -> Self {
        let config = config.sane();
        let version = config.versions.highest().unwrap_or(Version::OF10);
        let mut connection = Self {
            config,
            state: State::Greeting { until: now + config.answer },
            protocol: Protocol { version, nxm: false, table_id: false },
            agreed: false,
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            xid: 0,
            heard: now,
            asked: None,
            asked_xid: None,
            ended: false,
            flow_format: None,
            table_id: None,
        };
        let xid = connection.next_xid();
        connection.queue(xid, &Message::Hello(Hello::new(config.versions))).ok();
        connection
    }

    /// Takes bytes from the peer, and says how many: fewer than there are if there is no room.
    /// Then [`poll`](Self::poll) and hand in the rest.
    #[must_use = "bytes that are not taken must be handed in again"]
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
        if self.is_closed() || self.ended {
            return bytes.len();
        }
        let taken = self.inbox.receive(bytes, self.config.max_received);
        if taken > 0 {
            self.heard = now;
            self.asked = None;
        }
        taken
    }

    /// The peer sends no more. The messages that are there are still given out.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// What happened next, if anything did.
    pub fn poll(&mut self) -> Option<Event> {
        loop {
            if let State::Closed(reason) = &mut self.state {
                return reason.take().map(Event::Closed);
            }
            let header = match self.inbox.front(self.config.max_message) {
                Front::Whole(header) => header,
                Front::TooShort(header) | Front::TooLong(header) => {
                    let data = self.inbox.take(self.config.error_data.min(Header::LEN));
                    self.complain(header.xid, ErrorCode::OFPBRC_BAD_LEN, data);
                    self.close(Reason::BadLength(header.length));
                    continue;
                }
                Front::Part if self.ended => {
                    self.close(Reason::End);
                    continue;
                }
                Front::Part => return None,
            };
            if !self.has_room_to_answer(header) {
                return None;
            }
            let bytes = self.inbox.take(header.length.into());
            let event = match self.state {
                State::Greeting { .. } => self.greet(header, &bytes),
                _ => self.take(header, &bytes),
            };
            if event.is_some() {
                return event;
            }
        }
    }

    /// Queues a message under a new transaction; its number.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn send(&mut self, message: &Message) -> Result<u32, SendError> {
        let xid = self.next_xid();
        self.reply(xid, message).map(|()| xid)
    }

    /// Queues a message under a given transaction: an answer under that of the request, a part of
    /// a request under that of the first.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn reply(&mut self, xid: u32, message: &Message) -> Result<(), SendError> {
        match self.state {
            State::Greeting { .. } => return Err(SendError::NotEstablished),
            State::Closed(_) => return Err(SendError::Closed),
            State::Established => {}
        }
        self.queue(xid, message)?;
        match *message {
            Message::SetFlowFormat { nxm } => self.flow_format = Some((xid, self.set_nxm(nxm))),
            Message::FlowModTableId(on) => self.table_id = Some((xid, self.set_table_id(on))),
            _ => {}
        }
        Ok(())
    }

    /// Bytes for the peer.
    pub fn outgoing(&self) -> &[u8] {
        self.outbox.waiting()
    }

    /// That many bytes of [`outgoing`](Self::outgoing) have been sent.
    pub fn sent(&mut self, n: usize) {
        self.outbox.sent(n);
    }

    /// Does what is due at this time: asks a silent peer, or gives it up.
    ///
    /// Messages received and not yet polled are lost when it is given up; poll first.
    pub fn tick(&mut self, now: Instant) {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        if !matches!(self.state, State::Established) || self.asked.is_some() {
            self.close(Reason::Timeout);
            return;
        }
        self.asked = Some(now);
        // Without room there is no need to ask: a peer that is there has bytes to take.
        let xid = self.next_xid();
        if self.queue(xid, &Message::EchoRequest(Bytes::new())).is_ok() {
            self.asked_xid = Some(xid);
        }
    }

    /// When [`tick`](Self::tick) must be called next; `None` when the connection is over.
    pub fn next_deadline(&self) -> Option<Instant> {
        match (&self.state, self.asked) {
            (State::Closed(_), _) => None,
            (State::Greeting { until }, _) => Some(*until),
            (State::Established, Some(asked)) => Some(asked + self.config.answer),
            (State::Established, None) => Some(self.heard + self.config.idle),
        }
    }

    /// The version agreed on, once it is; it stays when the connection is over.
    pub fn version(&self) -> Option<Version> {
        self.protocol().map(|protocol| protocol.version)
    }

    /// How messages are written, once a version is agreed on. In OpenFlow 1.0 it follows
    /// [`SetFlowFormat`](Message::SetFlowFormat) and [`FlowModTableId`](Message::FlowModTableId), sent or
    /// received, and goes back if the peer refuses what was sent.
    pub fn protocol(&self) -> Option<Protocol> {
        self.agreed.then_some(self.protocol)
    }

    /// Is the connection over?
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed(_))
    }

    /// A number for a transaction of one's own: never 0, and again the same only after 2^32 - 1.
    pub fn next_xid(&mut self) -> u32 {
        self.xid = self.xid.checked_add(1).unwrap_or(1);
        self.xid
    }

    /// The peer's first message.
    fn greet(&mut self, header: Header, bytes: &Bytes) -> Option<Event> {
        let ours = self.config.versions;
        match Message::decode(bytes).map(|envelope| envelope.message) {
            Ok(Message::Hello(hello)) => {
                if let Some(version) = hello::agree(ours, header.version, &hello) {
                    self.protocol.version = version;
                    self.agreed = true;
                    self.state = State::Established;
                    return Some(Event::Established(version));
                }
                let text = Bytes::from(hello::complaint(ours, header.version, &hello));
                self.complain(header.xid, ErrorCode::OFPHFC_INCOMPATIBLE, text);
                self.close(Reason::NoCommonVersion);
            }
            Ok(Message::Error(error)) => self.close(Reason::Refused(error)),
            _ => {
                self.complain(header.xid, ErrorCode::OFPBRC_BAD_TYPE, bytes.clone());
                self.close(Reason::NoHello(header));
            }
        }
        None
    }

    /// A message on an established connection.
    fn take(&mut self, header: Header, bytes: &Bytes) -> Option<Event> {
        let decoded = self.check_version(header);
        let decoded = decoded.and_then(|()| Message::decode_in(bytes, self.protocol));
        let envelope = match decoded {
            Ok(envelope) => envelope,
            Err(error) => {
                if !is_answer(bytes) {
                    self.complain(header.xid, error.code, bytes.clone());
                }
                return Some(Event::Undecodable { header, error });
            }
        };
        match &envelope.message {
            Message::EchoRequest(data) => {
                self.queue(envelope.xid, &Message::EchoReply(data.clone())).ok();
                return None;
            }
            Message::EchoReply(_) if self.asked_xid == Some(envelope.xid) => {
                self.asked_xid = None;
                return None;
            }
            Message::SetFlowFormat { nxm } => {
                self.set_nxm(*nxm);
            }
            Message::FlowModTableId(on) => {
                self.set_table_id(*on);
            }
            Message::Error(_) => self.refused(envelope.xid),
            _ => {}
        }
        Some(Event::Message(envelope))
    }

    /// Hello, errors and echoes may be of any version, all else is of the one agreed on.
    fn check_version(&self, header: Header) -> Result<(), DecodeError> {
        if header.kind < 4 || header.version == self.protocol.version {
            return Ok(());
        }
        Err(DecodeError {
            code: ErrorCode::OFPBRC_BAD_VERSION,
            problem: Problem::Refused,
            structure: "ofp_header",
            offset: 0,
        })
    }

    /// The peer does not take a choice: what held before holds again.
    fn refused(&mut self, xid: u32) {
        if let Some((_, before)) = self.flow_format.take_if(|choice| choice.0 == xid) {
            self.protocol.nxm = before;
        }
        if let Some((_, before)) = self.table_id.take_if(|choice| choice.0 == xid) {
            self.protocol.table_id = before;
        }
    }

    /// What held before. Only OpenFlow 1.0 leaves a choice.
    fn set_nxm(&mut self, nxm: bool) -> bool {
        let before = self.protocol.nxm;
        self.protocol.nxm = nxm && self.protocol.version == Version::OF10;
        before
    }

    fn set_table_id(&mut self, on: bool) -> bool {
        let before = self.protocol.table_id;
        self.protocol.table_id = on && self.protocol.version == Version::OF10;
        before
    }

    /// Is there room for what this message may be answered with?
    fn has_room_to_answer(&self, header: Header) -> bool {
        let length = usize::from(header.length);
        let echoes = header.kind == 2;
        let data = if echoes { length } else { length.min(self.config.error_data) };
        self.outgoing().len() + data + ERROR_HEAD <= self.config.max_queued
    }

    /// Tells the peer what is wrong.
    fn complain(&mut self, xid: u32, code: ErrorCode, mut data: Bytes) {
        data.truncate(self.config.error_data);
        self.queue(xid, &Message::Error(ErrorMessage { code, data })).ok();
    }

    fn queue(&mut self, xid: u32, message: &Message) -> Result<(), SendError> {
        let queued = self.outgoing().len();
        let out = &mut self.outbox.bytes;
        let before = out.len();
        message.encode(self.protocol, xid, out)?;
        let message = out.len() - before;
        if queued + message > self.config.max_queued {
            out.truncate(before);
            return Err(SendError::Full { queued, message });
        }
        Ok(())
    }

    fn close(&mut self, reason: Reason) {
        self.inbox.clear();
        self.state = State::Closed(Some(reason));
    }
}

/// Is a message that cannot be read an error, or an answer to a request? Those are not answered.
fn is_answer(bytes: &Bytes) -> bool {
    let kind = kind::of_bytes(bytes).map(|row| row.kind);
    matches!(
        kind,
        Some(
            Kind::Error
                | Kind::EchoReply
                | Kind::FeaturesReply
                | Kind::GetConfigReply
                | Kind::MultipartReply
                | Kind::BarrierReply
                | Kind::QueueGetConfigReply
                | Kind::RoleReply
                | Kind::NxRoleReply
                | Kind::GetAsyncReply
                | Kind::TlvTableReply
        )
    )
}
