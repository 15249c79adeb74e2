//! Streams of bytes, however they come.

use super::*;
use alloc::vec;
use proptest::prelude::*;

/// A stream of messages, right and wrong ones, behind a hello.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let message = prop_oneof![
        Just(bytes_of(&Message::BarrierRequest, Protocol::OF13, 1)),
        Just(bytes_of(&Message::BarrierRequest, Protocol::OF10, 2)),
        Just(bytes_of(&Message::EchoRequest(Bytes::from_static(&[7; 50])), Protocol::OF13, 3)),
        Just(vec![4, 9, 0, 9, 0, 0, 0, 1, 0]),
        Just(vec![4, 6, 0, 9, 0, 0, 0, 1, 0]),
        (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(kind, body)| {
            let length = u8::try_from(body.len() + 8).unwrap();
            [&[4, kind, 0, length, 0, 0, 0, 9][..], &body].concat()
        }),
    ];
    let messages = proptest::collection::vec(message, 0..12);
    messages.prop_map(|messages| [hello(4, None), messages.concat()].concat())
}

/// What happens, and what is sent, if the bytes come in such pieces.
fn run(bytes: &[u8], cuts: &[usize], config: Config) -> (Vec<Event>, Vec<u8>) {
    let mut connection = Connection::new(config, START);
    let (mut seen, mut sent) = (Vec::new(), Vec::new());
    let mut rest = bytes;
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let (piece, _) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
        rest = &rest[connection.receive(START, piece)..];
        seen.extend(events(&mut connection));
        assert!(connection.outgoing().len() <= connection.config.max_queued);
        sent.extend_from_slice(connection.outgoing());
        connection.sent(connection.outgoing().len());
        seen.extend(events(&mut connection));
    }
    sent.extend_from_slice(connection.outgoing());
    (seen, sent)
}

proptest! {
    #[test]
    fn pieces_do_not_matter(
        bytes in stream(),
        cuts in proptest::collection::vec(1usize..200, 1..8),
    ) {
        let whole = run(&bytes, &[bytes.len()], Config::default());
        prop_assert_eq!(&whole, &run(&bytes, &cuts, Config::default()));
        prop_assert_eq!(&whole, &run(&bytes, &[1], Config::default()));
    }

    #[test]
    fn no_bytes_make_it_panic(
        greets: bool,
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        cut in 1usize..100,
        max_message in 0usize..200,
    ) {
        let config = Config { max_message, max_received: 0, max_queued: 0, ..Config::default() };
        let hello = if greets { hello(4, None) } else { Vec::new() };
        let bytes = [hello, bytes].concat();
        let mut connection = Connection::new(config, START);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let taken = connection.receive(START, &rest[..cut.min(rest.len())]);
            rest = &rest[taken..];
            events(&mut connection);
            connection.tick(Instant::from_secs(2));
            let out = connection.outgoing().len();
            prop_assert!(taken > 0 || out > 0, "neither takes nor sends");
            connection.sent(out);
        }
    }
}
