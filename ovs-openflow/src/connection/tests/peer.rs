//! What an established connection does by itself.

use super::*;
use alloc::vec;
use core::time::Duration;

#[test]
fn silence_is_asked_about_and_then_ends_it() {
    let config = Config {
        idle: Duration::from_secs(10),
        answer: Duration::from_secs(3),
        ..Config::default()
    };
    let mut connection = established_with(config, Protocol::OF13);
    assert_eq!(connection.next_deadline(), Some(Instant::from_secs(10)));
    connection.tick(Instant::from_millis(9_999));
    assert!(connection.outgoing().is_empty());
    connection.tick(Instant::from_secs(11));
    let [question] = &sent(&mut connection)[..] else { panic!("a question") };
    assert_eq!(question.message, Message::EchoRequest(Bytes::new()));
    assert_eq!(connection.next_deadline(), Some(Instant::from_secs(14)));

    // The answer is not shown, and time begins anew.
    let answer = bytes_of(&Message::EchoReply(Bytes::new()), Protocol::OF13, question.xid);
    assert_eq!(connection.receive(Instant::from_secs(13), &answer), answer.len());
    assert_eq!(events(&mut connection), []);
    assert_eq!(connection.next_deadline(), Some(Instant::from_secs(23)));

    connection.tick(Instant::from_secs(23));
    connection.tick(Instant::from_millis(25_999));
    assert!(!connection.is_closed());
    connection.tick(Instant::from_secs(26));
    assert_eq!(events(&mut connection), [Event::Closed(Reason::Timeout)]);
    assert_eq!(connection.next_deadline(), None);

    // Hello has its time as well.
    let mut connection = Connection::new(config, START);
    assert_eq!(connection.next_deadline(), Some(Instant::from_secs(3)));
    connection.tick(Instant::from_secs(3));
    assert_eq!(events(&mut connection), [Event::Closed(Reason::Timeout)]);
}

#[test]
fn echoes_are_answered() {
    let mut connection = established(Protocol::OF13);
    let data = Bytes::from_static(b"are you there?");
    give(&mut connection, &bytes_of(&Message::EchoRequest(data.clone()), Protocol::OF13, 77));
    assert_eq!(events(&mut connection), []);
    let [answer] = &sent(&mut connection)[..] else { panic!("an answer") };
    assert_eq!((answer.xid, &answer.message), (77, &Message::EchoReply(data.clone())));

    // An answer to an echo of the caller's own is shown.
    let xid = connection.send(&Message::EchoRequest(data.clone())).unwrap();
    give(&mut connection, &bytes_of(&Message::EchoReply(data), Protocol::OF13, xid));
    assert!(matches!(&events(&mut connection)[..], [Event::Message(_)]));
}

#[test]
fn what_is_wrong_is_told() {
    let config = Config { error_data: 0, ..Config::default() };
    let mut connection = established_with(config, Protocol::OF13);
    // A set-config of 100 bytes, then one of another version, then a request that is right.
    let mut wrong = vec![4, 9, 0, 100, 0, 0, 0, 1];
    wrong.resize(100, 0);
    let mut stream = wrong.clone();
    stream.extend(bytes_of(&Message::BarrierRequest, Protocol::OF10, 2));
    stream.extend(bytes_of(&Message::BarrierRequest, Protocol::OF13, 3));
    give(&mut connection, &stream);
    let events = events(&mut connection);
    let [Event::Undecodable { error: first, .. }, Event::Undecodable { error: second, .. }, last] =
        &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(first.code, ErrorCode::OFPBRC_BAD_LEN);
    assert_eq!(second.code, ErrorCode::OFPBRC_BAD_VERSION);
    assert!(matches!(last, Event::Message(Envelope { xid: 3, .. })));
    let told = sent(&mut connection);
    let [Message::Error(first), Message::Error(second)] = [&told[0].message, &told[1].message]
    else {
        panic!("{told:?}");
    };
    // The least that must go back are 64 bytes.
    assert_eq!((first.code, &first.data[..]), (ErrorCode::OFPBRC_BAD_LEN, &wrong[..64]));
    assert_eq!((second.code, second.data.len()), (ErrorCode::OFPBRC_BAD_VERSION, 8));
    assert_eq!((told[0].xid, told[1].xid, told.len()), (1, 2, 2));
}

#[test]
fn wrong_answers_are_not_answered() {
    // An error without a code, a features reply and a role reply that are cut off; Nicira's role
    // reply in OpenFlow 1.0.
    let of13: [&[u8]; 3] = [
        &[4, 1, 0, 10, 0, 0, 0, 1, 0, 1],
        &[4, 6, 0, 9, 0, 0, 0, 1, 0],
        &[4, 25, 0, 9, 0, 0, 0, 1, 0],
    ];
    let of10: &[u8] = &[1, 4, 0, 17, 0, 0, 0, 1, 0, 0, 0x23, 0x20, 0, 0, 0, 11, 0];
    let cases = of13.map(|bytes| (Protocol::OF13, bytes));
    for (protocol, bytes) in cases.into_iter().chain([(Protocol::OF10, of10)]) {
        let mut connection = established(protocol);
        give(&mut connection, bytes);
        let events = events(&mut connection);
        assert!(matches!(&events[..], [Event::Undecodable { .. }]), "{bytes:?}: {events:?}");
        assert_eq!(sent(&mut connection), [], "{bytes:?}");
    }
}

#[test]
fn transactions_are_never_zero() {
    let mut connection = established(Protocol::OF13);
    connection.xid = u32::MAX - 1;
    let xids = [(); 3].map(|()| connection.send(&Message::BarrierRequest).unwrap());
    assert_eq!(xids, [u32::MAX, 1, 2]);
}

#[test]
fn choices_of_openflow_10_hold_on_both_sides() {
    let mut ends = [established(Protocol::OF10), established(Protocol::OF10)];
    let [controller, switch] = &mut ends;
    let format = controller.send(&Message::SetFlowFormat { nxm: true }).unwrap();
    controller.send(&Message::FlowModTableId(true)).unwrap();
    let flow = ovs_core::flow::FlowMod::add().table(ovs_core::TableId(3));
    controller.send(&Message::FlowMod(flow.clone())).unwrap();
    carry(controller, switch, START);
    let received = events(switch);
    let Some(Event::Message(Envelope { message, protocol, .. })) = received.last() else {
        panic!("{received:?}");
    };
    let Message::FlowMod(read) = message else { panic!("{message:?}") };
    assert_eq!((read.table, *protocol), (flow.table, Protocol::OF10_NXM_TID));
    assert_eq!(switch.protocol(), Some(Protocol::OF10_NXM_TID));
    assert_eq!(controller.protocol(), Some(Protocol::OF10_NXM_TID));

    // A refusal takes one of them back.
    let error = ErrorMessage { code: ErrorCode::OFPBRC_EPERM, data: Bytes::new() };
    switch.reply(format, &Message::Error(error)).unwrap();
    carry(switch, controller, START);
    assert_eq!(events(controller).len(), 1);
    let now = Protocol { nxm: false, ..Protocol::OF10_NXM_TID };
    assert_eq!(controller.protocol(), Some(now));
}

#[test]
fn the_end_comes_behind_the_last_message() {
    let mut connection = established(Protocol::OF13);
    let mut bytes = bytes_of(&Message::BarrierReply, Protocol::OF13, 1);
    bytes.extend([4, 21, 0]);
    give(&mut connection, &bytes);
    connection.end();
    let events = events(&mut connection);
    assert!(matches!(events[..], [Event::Message(_), Event::Closed(Reason::End)]), "{events:?}");
    assert_eq!(connection.version(), Some(Version::OF13));
}
