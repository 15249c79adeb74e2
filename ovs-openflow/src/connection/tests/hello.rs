//! How two sides begin.

use super::*;

/// What we offer, the peer's header and list, and what comes of it.
type Case<'a> = (&'a [u8], u8, Option<&'a [u8]>, Option<u8>);

#[test]
fn versions_are_agreed_on() {
    let both: &[u8] = &[1, 4];
    let cases: &[Case<'_>] = &[
        (both, 4, Some(&[1, 4]), Some(4)),
        (both, 4, Some(&[4]), Some(4)),
        (both, 1, Some(&[1]), Some(1)),
        (both, 4, None, Some(4)),
        (both, 1, None, Some(1)),
        // OpenFlow 1.5 and 1.4, without a list: the lower of the headers.
        (both, 6, None, Some(4)),
        (&[1], 6, None, Some(1)),
        // With a list, only that counts.
        (both, 6, Some(&[1, 6]), Some(1)),
        (both, 6, Some(&[1, 4, 5, 6]), Some(4)),
        (both, 6, Some(&[5, 6]), None),
        (both, 5, Some(&[]), None),
        // Lower than ours, and not ours.
        (both, 3, None, None),
        (both, 2, None, None),
        (both, 0, None, None),
        (&[4], 1, None, None),
        (&[4], 1, Some(&[1]), None),
        (&[1], 4, Some(&[4]), None),
        (&[1], 4, Some(&[1, 4]), Some(1)),
        (both, 255, None, Some(4)),
        (&[], 4, None, None),
        // What this crate does not speak is not offered.
        (&[1, 6], 6, Some(&[1, 6]), Some(1)),
    ];
    for &(ours, header, listed, expected) in cases {
        let case = (ours, header, listed);
        let mut connection = Connection::new(offering(ours), START);
        sent(&mut connection);
        give(&mut connection, &hello(header, listed));
        let expected = expected.map(Version);
        let event = match expected {
            Some(version) => Event::Established(version),
            None => Event::Closed(Reason::NoCommonVersion),
        };
        assert_eq!(events(&mut connection), [event], "{case:?}");
        assert_eq!(connection.version(), expected, "{case:?}");
        let sent = sent(&mut connection);
        if expected.is_some() {
            assert_eq!(sent, [], "{case:?}");
            continue;
        }
        let [Envelope { message: Message::Error(error), xid: 9, .. }] = &sent[..] else {
            panic!("{case:?}: {sent:?}");
        };
        assert_eq!(error.code, ErrorCode::OFPHFC_INCOMPATIBLE);
        assert!(error.data.is_ascii() && error.data.starts_with(b"this side speaks"));
        assert_eq!(connection.next_deadline(), None);
    }
}

#[test]
fn the_hello_lists_what_is_offered() {
    let mut connection = Connection::new(offering(&[1, 4]), START);
    let [envelope] = &sent(&mut connection)[..] else { panic!("one hello") };
    assert_eq!(envelope.protocol, Protocol::OF13);
    assert_eq!(envelope.message, Message::Hello(Hello::new(VersionSet::ALL)));
}

#[test]
fn who_says_no_hello_is_refused() {
    let mut connection = Connection::new(Config::default(), START);
    sent(&mut connection);
    let bytes = bytes_of(&Message::FeaturesRequest, Protocol::OF13, 5);
    give(&mut connection, &bytes);
    let header = Header::peek(&bytes).unwrap();
    assert_eq!(events(&mut connection), [Event::Closed(Reason::NoHello(header))]);
    let code = ErrorCode::OFPBRC_BAD_TYPE;
    let error = ErrorMessage { code, data: bytes.into() };
    assert_eq!(sent(&mut connection)[0].message, Message::Error(error));
    assert_eq!(connection.send(&Message::BarrierRequest), Err(SendError::Closed));

    // An error is an answer to our hello, and not answered.
    let mut connection = Connection::new(Config::default(), START);
    sent(&mut connection);
    let error = ErrorMessage { code: ErrorCode::OFPHFC_INCOMPATIBLE, data: Bytes::new() };
    give(&mut connection, &bytes_of(&Message::Error(error.clone()), Protocol::OF10, 1));
    assert_eq!(events(&mut connection), [Event::Closed(Reason::Refused(error))]);
    assert_eq!(sent(&mut connection), []);
}

#[test]
fn nothing_is_sent_before_the_hello() {
    let mut connection = Connection::new(Config::default(), START);
    assert_eq!(connection.send(&Message::BarrierRequest), Err(SendError::NotEstablished));
    assert_eq!((connection.version(), connection.protocol()), (None, None));
}
