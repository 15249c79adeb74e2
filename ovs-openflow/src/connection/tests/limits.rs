//! What has no room.

use super::*;
use crate::error::EncodeError;
use alloc::string::ToString;

#[test]
fn lengths_that_cannot_be_end_it() {
    let config = Config { max_message: 100, ..Config::default() };
    for (length, before) in [(7u8, false), (0, true), (101, false), (101, true)] {
        let mut connection = Connection::new(config, START);
        sent(&mut connection);
        if !before {
            give(&mut connection, &hello(4, None));
            connection.poll();
        }
        give(&mut connection, &[4, 20, 0, length, 0, 0, 0, 1, 0]);
        let reason = Reason::BadLength(length.into());
        assert_eq!(events(&mut connection), [Event::Closed(reason)]);
        let told = sent(&mut connection);
        let [Envelope { message: Message::Error(error), .. }] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!(error.code, ErrorCode::OFPBRC_BAD_LEN);
        // What comes now is of no interest.
        assert_eq!(connection.receive(START, &[0; 1000]), 1000);
        assert_eq!(events(&mut connection), []);
    }
}

#[test]
fn a_full_queue_takes_nothing_and_loses_nothing() {
    let config = Config { max_message: 64, max_received: 0, max_queued: 0, ..Config::default() };
    let mut connection = established_with(config, Protocol::OF13);
    // There is room for 84 bytes all the same: ten messages of eight.
    for _ in 0..10 {
        connection.send(&Message::BarrierRequest).unwrap();
    }
    let full = SendError::Full { queued: 80, message: 8 };
    assert_eq!(connection.send(&Message::BarrierRequest), Err(full));
    assert_eq!(connection.outgoing().len(), 80);

    // Nothing can be answered, so nothing is taken.
    give(&mut connection, &bytes_of(&Message::EchoRequest(Bytes::new()), Protocol::OF13, 5));
    assert_eq!(events(&mut connection), []);
    let message = bytes_of(&Message::BarrierReply, Protocol::OF13, 6);
    assert_eq!(connection.receive(START, &[&message[..]; 20].concat()), 56);
    assert_eq!(connection.receive(START, &message), 0);

    // Half a message is gone; the rest follows it.
    connection.sent(76);
    assert_eq!(connection.outgoing(), &bytes_of(&Message::BarrierRequest, Protocol::OF13, 11)[4..]);
    assert_eq!(events(&mut connection).len(), 7);
    connection.sent(4);
    let [answer] = &sent(&mut connection)[..] else { panic!("an answer") };
    assert_eq!((answer.xid, &answer.message), (5, &Message::EchoReply(Bytes::new())));
}

#[test]
fn a_message_that_cannot_be_written_leaves_nothing() {
    let mut connection = established(Protocol::OF10);
    let error = connection.send(&Message::GetAsyncRequest).unwrap_err();
    assert!(matches!(error, SendError::Encode(EncodeError::NotInVersion { .. })), "{error}");
    assert!(connection.outgoing().is_empty());
}

#[test]
fn errors_say_what_is_wrong() {
    let text = SendError::Full { queued: 80, message: 8 }.to_string();
    assert_eq!(text, "80 bytes wait to be sent, and 8 more have no room");
}
