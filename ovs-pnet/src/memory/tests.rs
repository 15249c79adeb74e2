use super::*;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use std::os::fd::AsRawFd;

fn numbered(n: u8) -> Frame {
    Frame::from([n; 60])
}

fn receive(port: &mut MemoryPort) -> (Vec<u8>, Result<(), DeviceError>) {
    let mut batch = Batch::new();
    let result = port.receive(&mut batch, &mut FramePool::default(), &mut Losses::default());
    (batch.frames().iter().map(|frame| frame.as_slice()[0]).collect(), result)
}

fn send(port: &mut MemoryPort, n: u8) -> Losses {
    let mut losses = Losses::default();
    port.send(&mut Batch::from([numbered(n)]), &mut losses).unwrap();
    losses
}

struct Watch(Poll, Events);

impl Watch {
    fn new(port: &MemoryPort) -> Self {
        let poll = Poll::new().unwrap();
        let Readiness::Readable(descriptor) = port.readiness() else { panic!("not pollable") };
        let source = &descriptor.as_raw_fd();
        poll.registry().register(&mut SourceFd(source), Token(0), Interest::READABLE).unwrap();
        Self(poll, Events::with_capacity(4))
    }

    fn woken(&mut self) -> bool {
        self.0.poll(&mut self.1, Some(Duration::from_millis(20))).unwrap();
        !self.1.is_empty()
    }
}

#[test]
fn frames_go_both_ways_in_order() {
    let (mut port, end) = pair().unwrap();
    for n in 0..40 {
        end.send(numbered(n)).unwrap();
    }
    assert_eq!(receive(&mut port), ((0..32).collect(), Ok(())));
    assert_eq!(receive(&mut port), ((32..40).collect(), Ok(())));
    assert_eq!(receive(&mut port), (vec![], Ok(())));
    for n in 0..3 {
        assert!(send(&mut port, n).is_empty());
    }
    for n in 0..3 {
        assert_eq!(end.try_receive(), Some(numbered(n)));
    }
    assert_eq!(end.try_receive(), None);
}

#[test]
fn queues_are_bounded() {
    let (mut port, end) = pair_with_limit(2).unwrap();
    assert_eq!(end.room(), 2);
    assert_eq!(end.send(numbered(0)), Ok(()));
    assert_eq!(end.send(numbered(1)), Ok(()));
    assert_eq!(end.send(numbered(2)), Err(DropReason::QueueFull));
    assert_eq!(end.room(), 0);
    assert_eq!(receive(&mut port).0, [0, 1]);

    let mut losses = Losses::default();
    let mut batch = Batch::from([numbered(0), numbered(1), numbered(2)]);
    port.send(&mut batch, &mut losses).unwrap();
    assert_eq!(losses.take().collect::<Vec<_>>(), [(DropReason::QueueFull, 1, 60)]);
    assert_eq!(end.try_receive(), Some(numbered(0)));
    assert_eq!(end.try_receive(), Some(numbered(1)));
    assert_eq!(end.try_receive(), None);
}

#[test]
fn wakes_who_may_sleep_and_only_once() {
    let (mut port, end) = pair().unwrap();
    let mut watch = Watch::new(&port);
    assert!(!watch.woken());
    end.send(numbered(0)).unwrap();
    assert!(watch.woken());
    // Not fetched: no second wake-up is needed, or made.
    end.send(numbered(1)).unwrap();
    assert!(!watch.woken());
    assert_eq!(receive(&mut port).0, [0, 1]);
    end.send(numbered(2)).unwrap();
    assert!(watch.woken());
    assert_eq!(receive(&mut port).0, [2]);
    assert!(!watch.woken());
}

#[test]
fn a_full_batch_leaves_the_descriptor_readable() {
    let (mut port, end) = pair().unwrap();
    for n in 0..32 {
        end.send(numbered(n)).unwrap();
    }
    assert_eq!(receive(&mut port).0.len(), 32);
    // Registered only now: what is asked for is the level, not the edge.
    assert!(Watch::new(&port).woken());
    assert_eq!(receive(&mut port).0, []);
    assert!(!Watch::new(&port).woken());
}

#[test]
fn the_port_ends_after_what_is_queued() {
    let (mut port, end) = pair().unwrap();
    let mut watch = Watch::new(&port);
    assert_eq!(receive(&mut port), (vec![], Ok(())));
    for n in 0..33 {
        end.send(numbered(n)).unwrap();
    }
    drop(end);
    assert!(watch.woken());
    assert_eq!(receive(&mut port), ((0..32).collect(), Ok(())));
    assert_eq!(receive(&mut port), (vec![32], Err(DeviceError::Ended)));
    assert_eq!(receive(&mut port), (vec![], Err(DeviceError::Ended)));
    assert_eq!(send(&mut port, 0).take().next(), Some((DropReason::DeviceDown, 1, 60)));
}

#[test]
fn dropping_an_idle_end_wakes_the_port() {
    let (port, end) = pair().unwrap();
    let mut watch = Watch::new(&port);
    drop(end);
    assert!(watch.woken());
}

#[test]
fn the_end_outlives_the_port() {
    let (mut port, end) = pair().unwrap();
    send(&mut port, 7);
    assert!(!end.is_closed());
    drop(port);
    assert!(end.is_closed());
    assert_eq!(end.send(numbered(0)), Err(DropReason::DeviceDown));
    assert_eq!(end.receive_timeout(Duration::from_secs(60)), Some(numbered(7)));
    assert_eq!(end.receive_timeout(Duration::from_secs(60)), None);
}

#[test]
fn waits_for_a_frame_from_another_thread() {
    let (mut port, end) = pair().unwrap();
    assert_eq!(end.receive_timeout(Duration::from_millis(5)), None);
    assert!(!end.wait(Duration::from_millis(5)));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| end.receive_timeout(Duration::from_secs(60)));
        std::thread::sleep(Duration::from_millis(20));
        send(&mut port, 1);
        assert_eq!(waiter.join().unwrap(), Some(numbered(1)));
        let waiter = scope.spawn(|| end.wait(Duration::from_secs(60)));
        send(&mut port, 2);
        assert!(waiter.join().unwrap());
        assert_eq!(end.try_receive(), Some(numbered(2)));
    });
}

/// A thread sends as fast as it can, another sleeps on the descriptor whenever a batch is not
/// full, as the runner does: a wake-up that is missing stops the test.
#[test]
fn no_wake_up_is_lost() {
    const FRAMES: usize = 50_000;
    let (mut port, end) = pair_with_limit(64).unwrap();
    let sender = std::thread::spawn(move || {
        for n in 0..FRAMES {
            while end.room() == 0 {
                std::thread::yield_now();
            }
            end.send(numbered(n as u8)).unwrap();
        }
    });
    let mut watch = Watch::new(&port);
    let (mut received, mut pool) = (0, FramePool::default());
    loop {
        let (mut batch, mut losses) = (Batch::new(), Losses::default());
        let result = port.receive(&mut batch, &mut pool, &mut losses);
        let full = batch.is_full();
        for frame in batch.drain() {
            assert_eq!(frame.as_slice()[0], received as u8);
            received += 1;
            pool.give(frame);
        }
        if result.is_err() {
            break;
        }
        if !full {
            watch.0.poll(&mut watch.1, Some(Duration::from_secs(10))).unwrap();
            assert!(!watch.1.is_empty(), "not woken after {received} frames");
        }
    }
    assert_eq!(received, FRAMES);
    sender.join().unwrap();
}

#[test]
fn offload_stays_as_it_is() {
    let (mut port, end) = pair().unwrap();
    let mut frame = numbered(1);
    frame.offload.csum_start = 34;
    frame.offload.csum_offset = 16;
    end.send(frame.clone()).unwrap();
    let (mut batch, mut losses) = (Batch::new(), Losses::default());
    port.receive(&mut batch, &mut FramePool::default(), &mut losses).unwrap();
    port.send(&mut batch, &mut losses).unwrap();
    assert_eq!(end.try_receive(), Some(frame));
}

#[test]
fn replay_goes_round() {
    let mut replay = Replay::new((0..3).map(numbered));
    let (mut pool, mut losses) = (FramePool::default(), Losses::default());
    let mut batch = Batch::new();
    for _ in 0..3 {
        replay.receive(&mut batch, &mut pool, &mut losses).unwrap();
        assert_eq!(batch.len(), Batch::MAX);
        batch.drain().for_each(|frame| pool.give(frame));
    }
    assert_eq!(pool.spare(), Batch::MAX);
    replay.receive(&mut batch, &mut pool, &mut losses).unwrap();
    // 96 frames before: 32 times round.
    let numbers: Vec<u8> = batch.frames().iter().take(4).map(|f| f.as_slice()[0]).collect();
    assert_eq!(numbers, [0, 1, 2, 0]);
    let nothing = Replay::new([]).receive(&mut Batch::new(), &mut pool, &mut losses);
    assert_eq!(nothing, Err(DeviceError::Ended));
}

#[test]
fn null_counts() {
    let mut null = Null::new();
    let counts = null.counts();
    let (mut batch, mut losses) = (Batch::from([numbered(1), numbered(2)]), Losses::default());
    null.send(&mut batch, &mut losses).unwrap();
    assert_eq!((counts.frames(), counts.bytes()), (2, 120));
    assert_eq!(batch.len(), 2);
    assert!(losses.is_empty());
}
