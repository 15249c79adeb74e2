use super::*;
use crate::netns::{Namespace, is_privileged};
use std::io::Write;
use std::process::Command;
use std::time::Instant;

#[test]
fn an_echo_is_discarded_once_and_not_for_long() {
    let echoes = Echoes::default();
    let start = Instant::now();
    let late = start + Duration::from_secs(1);
    echoes.expect(b"a", start);
    echoes.expect(b"b", start);
    echoes.expect(b"b", start);
    assert!(!echoes.take(b"c", start));
    assert!(echoes.take(b"b", start));
    assert!(echoes.take(b"b", start));
    assert!(!echoes.take(b"b", start));
    assert!(!echoes.take(b"a", late));
}

#[test]
fn echoes_are_bounded() {
    let echoes = Echoes::default();
    let now = Instant::now();
    for n in 0..2000u32 {
        echoes.expect(&n.to_be_bytes(), now);
    }
    assert!(!echoes.take(&900u32.to_be_bytes(), now));
    assert!(echoes.take(&1999u32.to_be_bytes(), now));
    let left = (0..2000u32).filter(|n| echoes.take(&n.to_be_bytes(), now)).count();
    assert_eq!(left, 1023);
}

#[test]
fn there_must_be_an_interface() {
    let error = PnetChannel::open("nonexistent0").unwrap_err().to_string();
    assert!(error.contains("nonexistent0"), "{error}");
}

/// Runs `test` in a network namespace of its own, with the two ends of a cable in it, `left` and `right`.
fn with_cable(test: impl FnOnce() + Send) {
    if !is_privileged() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "this test needs root");
        writeln!(io::stderr(), "skipped: this test needs root").ok();
        return;
    }
    let cable = || {
        ip("link add left type veth peer name right");
        for end in ["left", "right"] {
            // No frames but ours: IPv6 has no address to talk about.
            ip(&format!("link set {end} addrgenmode none"));
            ip(&format!("link set {end} up"));
        }
        // The kernel takes a moment to notice that both ends are up; until then frames get lost.
        while !has_carrier("left") || !has_carrier("right") {
            thread::sleep(Duration::from_millis(10));
        }
        test();
    };
    Namespace::new().unwrap().run(cable).unwrap();
}

/// Runs ip(8) in the namespace of this thread.
fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(status.success(), "ip {arguments}: {status}");
}

fn has_carrier(name: &str) -> bool {
    let output = Command::new("ip").args(["link", "show", name]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).contains("state UP")
}

/// A frame between stations that nobody has, of a type for experiments (IEEE 802).
fn numbered(n: u8) -> Frame {
    let mut frame = Frame::from([2, 0, 0, 0, 0, 0x22, 2, 0, 0, 0, 0, 0x11, 0x88, 0xb5]);
    frame.extend(&[n; 46]);
    frame
}

fn send(channel: &mut PnetChannel, frame: Frame) -> Vec<(DropReason, u64)> {
    let mut losses = Losses::default();
    channel.send(&mut Batch::from([frame]), &mut losses).unwrap();
    losses.take().map(|(reason, frames, _)| (reason, frames)).collect()
}

/// What comes in until `enough` frames have, or for a while if they do not.
fn receive(channel: &mut PnetChannel, enough: usize) -> Vec<Frame> {
    let (mut batch, mut losses) = (Batch::new(), Losses::default());
    let end = Instant::now() + Duration::from_secs(if enough == 0 { 0 } else { 5 });
    let end = end + 3 * READ_TIMEOUT;
    while batch.is_empty() || batch.len() < enough {
        channel.receive(&mut batch, &mut FramePool::default(), &mut losses).unwrap();
        if Instant::now() > end {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    batch.drain().collect()
}

#[test]
fn frames_go_both_ways_and_ours_do_not_come_back() {
    with_cable(|| {
        let open = |name| PnetChannel::open(name).unwrap();
        let (mut left, mut right, mut other) = (open("left"), open("right"), open("left"));
        for n in 0..10 {
            assert_eq!(send(&mut left, numbered(n)), []);
            assert_eq!(send(&mut right, numbered(100 + n)), []);
        }
        assert_eq!(receive(&mut right, 10), (0..10).map(numbered).collect::<Vec<_>>());
        assert_eq!(receive(&mut left, 10), (100..110).map(numbered).collect::<Vec<_>>());
        assert_eq!(receive(&mut left, 0), []);
        assert_eq!(receive(&mut right, 0), []);
        // Nor does what another program sends by the same interface.
        assert_eq!(receive(&mut other, 10), (100..110).map(numbered).collect::<Vec<_>>());
        assert_eq!(receive(&mut other, 0), []);
    });
}

/// As on systems that hand us what we sent: here the far end does.
#[test]
fn what_we_sent_is_discarded_once() {
    with_cable(|| {
        let echoes = Some(Arc::default());
        let left = PnetChannel::open_with(&find("left").unwrap(), quiet_socket(), echoes);
        let (mut left, mut right) = (left.unwrap(), PnetChannel::open("right").unwrap());
        assert_eq!(send(&mut left, numbered(1)), []);
        assert_eq!(receive(&mut right, 1), [numbered(1)]);
        for n in [1, 1, 2] {
            assert_eq!(send(&mut right, numbered(n)), []);
        }
        assert_eq!(receive(&mut left, 2), [numbered(1), numbered(2)]);
        assert_eq!(receive(&mut left, 0), []);
    });
}

/// The limit that the documentation names: if this fails, it is time to say something better.
#[test]
fn vlan_tags_get_lost() {
    with_cable(|| {
        let open = |name| PnetChannel::open(name).unwrap();
        let (mut a, mut b) = (open("left"), open("right"));
        let plain = numbered(1);
        let mut tagged = Frame::from(&plain.as_slice()[..12]);
        tagged.extend(&[0x81, 0x00, 0x00, 0x64]);
        tagged.extend(&plain.as_slice()[12..]);
        assert_eq!(send(&mut a, tagged), []);
        assert_eq!(receive(&mut b, 1), [plain]);
    });
}

#[test]
fn what_cannot_be_sent_is_lost_with_a_reason() {
    with_cable(|| {
        let mut a = PnetChannel::open("left").unwrap();
        assert_eq!(send(&mut a, Frame::from([0; 2000])), [(DropReason::TooLong, 1)]);
        assert_eq!(send(&mut a, Frame::from(vec![0; 10_000])), [(DropReason::TooLong, 1)]);
        let mut segments = numbered(1);
        segments.offload.segmentation = ovs_core::frame::Segmentation::Tcp4;
        assert_eq!(send(&mut a, segments), [(DropReason::TooLong, 1)]);
        let mut lie = numbered(1);
        lie.offload.csum_start = 60;
        assert_eq!(send(&mut a, lie), [(DropReason::BadOffload, 1)]);
        ip("link set left down");
        assert_eq!(send(&mut a, numbered(1)), [(DropReason::DeviceDown, 1)]);
    });
}

#[test]
fn it_survives_down_and_up_but_not_deletion() {
    with_cable(|| {
        let open = |name| PnetChannel::open(name).unwrap();
        let (mut a, mut b) = (open("left"), open("right"));
        ip("link set right down");
        thread::sleep(3 * READ_TIMEOUT);
        ip("link set right up");
        while !has_carrier("left") || !has_carrier("right") {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(send(&mut a, numbered(1)), []);
        assert_eq!(receive(&mut b, 1), [numbered(1)]);

        ip("link del left");
        let start = Instant::now();
        let gone = loop {
            let mut batch = Batch::new();
            let pool = &mut FramePool::default();
            if let Err(error) = b.receive(&mut batch, pool, &mut Losses::default()) {
                break error;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "it is not noticed");
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(gone, DeviceError::Gone);
        assert_eq!(send(&mut b, numbered(1)), [(DropReason::DeviceDown, 1)]);
    });
}

/// Waits until a thread of this process has this name, or none has.
fn wait_for_thread(name: &str, there: bool) -> bool {
    let has_name = |task: std::fs::DirEntry| {
        let comm = std::fs::read_to_string(task.path().join("comm"));
        comm.is_ok_and(|comm| comm.trim_end() == name)
    };
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        let mut tasks = std::fs::read_dir("/proc/self/task").unwrap();
        if tasks.any(|task| task.is_ok_and(has_name)) == there {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn the_thread_ends_with_the_device() {
    with_cable(|| {
        ip("link set left name unmistaken");
        let channel = PnetChannel::open("unmistaken").unwrap();
        assert!(wait_for_thread("pnet-unmistaken", true));
        drop(channel);
        assert!(wait_for_thread("pnet-unmistaken", false));
    });
}
