//! TAP devices and AF_PACKET sockets against the kernel, in network namespaces that end with the test.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod namespaces;
mod packet;
mod packet_errors;
mod tap;

use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses};
use ovs_pnet::{Namespace, PacketSocket, interface};
use std::collections::VecDeque;
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Are the rights there that the test needs? If not, says so, or fails where they must be.
pub fn is_root() -> bool {
    let root = ovs_pnet::netns::is_privileged();
    if !root {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "the tests need root");
        writeln!(std::io::stderr(), "skipped: needs root").ok();
    }
    root
}

/// Runs a program in a namespace; nothing if it is not installed.
pub fn program(namespace: &Namespace, line: &str) -> Option<Output> {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap());
    match namespace.run(|| command.args(words).output()).unwrap() {
        Ok(output) => {
            assert!(output.status.success(), "{line}: {output:?}");
            Some(output)
        }
        Err(error) => {
            writeln!(std::io::stderr(), "skipped: {line}: {error}").ok();
            None
        }
    }
}

/// A device with what it takes to use it.
pub struct Tester<D> {
    pub device: D,
    pool: FramePool,
    pub losses: Losses,
    /// Received, but not yet asked for.
    pending: VecDeque<Frame>,
}

impl<D: Device> Tester<D> {
    pub fn new(device: D) -> Self {
        Self {
            device,
            pool: FramePool::default(),
            losses: Losses::default(),
            pending: VecDeque::new(),
        }
    }

    /// What has come and has not been asked for yet.
    pub fn try_receive(&mut self) -> Result<Vec<Frame>, DeviceError> {
        let mut batch = Batch::new();
        self.device.receive(&mut batch, &mut self.pool, &mut self.losses)?;
        Ok(self.pending.drain(..).chain(batch.drain()).collect())
    }

    /// The first frame that `wanted` likes, which must come within five seconds; those before it
    /// are forgotten.
    #[track_caller]
    pub fn receive(&mut self, mut wanted: impl FnMut(&Frame) -> bool) -> Frame {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            while let Some(frame) = self.pending.pop_front() {
                if wanted(&frame) {
                    return frame;
                }
            }
            self.pending = self.try_receive().unwrap().into();
            assert!(Instant::now() < deadline, "no such frame came");
            if self.pending.is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// The error that receiving must have within five seconds.
    #[track_caller]
    pub fn failure(&mut self) -> DeviceError {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            if let Err(error) = self.try_receive() {
                return error;
            }
            assert!(Instant::now() < deadline, "it did not fail");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn send(&mut self, frames: impl IntoIterator<Item = Frame>) -> Result<(), DeviceError> {
        self.device.send(&mut frames.into_iter().collect(), &mut self.losses)
    }

    /// What has been lost since the last call: reason, frames, bytes.
    pub fn lost(&mut self) -> Vec<(DropReason, u64, u64)> {
        self.losses.take().collect()
    }
}

/// Moves frames between two devices until `done`, and shows each to `look`.
pub fn bridge<A: Device, B: Device>(
    a: &mut Tester<A>,
    b: &mut Tester<B>,
    mut look: impl FnMut(&Frame),
    done: impl Fn() -> bool,
) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        let there = a.try_receive().unwrap();
        let back = b.try_receive().unwrap();
        there.iter().chain(&back).for_each(&mut look);
        if there.is_empty() && back.is_empty() {
            std::thread::sleep(Duration::from_micros(100));
        }
        b.send(there).unwrap();
        a.send(back).unwrap();
        assert!(Instant::now() < deadline, "it takes too long");
    }
}

/// A frame of `len` bytes to everybody, of the type for experiments, after the tags.
pub fn frame(len: usize, tags: &[[u8; 4]]) -> Frame {
    let mut bytes = vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9];
    bytes.extend(tags.concat());
    bytes.extend([0x88, 0xb5]);
    bytes.resize(len, 0x5a);
    Frame::from(bytes)
}

pub fn is_experiment(frame: &Frame) -> bool {
    frame.as_slice().windows(2).take(24).any(|two| two == [0x88, 0xb5])
}

/// Two veth interfaces that are up, `a` and `b`, in a namespace each.
pub fn veth() -> (Namespace, Namespace) {
    let (left, right) = (Namespace::new().unwrap(), Namespace::new().unwrap());
    left.run(|| {
        interface::add_veth("a", "b").unwrap();
        interface::move_to("b", &right).unwrap();
        interface::set_up("a").unwrap();
    })
    .unwrap();
    right.run(|| interface::set_up("b").unwrap()).unwrap();
    wait_for_wire(&left, &right);
    (left, right)
}

/// Waits until `a` and `b` pass frames: for a moment after they are set up the kernel drops them
/// without a word, until it has noticed that there is a carrier.
pub fn wait_for_wire(left: &Namespace, right: &Namespace) {
    let (mut a, mut b) = (packet_socket(left, "a"), packet_socket(right, "b"));
    let probe = || Frame::from([[0xff; 12].as_slice(), &[0x88, 0xb6], &[0; 46]].concat());
    let deadline = Instant::now() + Duration::from_secs(5);
    let (mut there, mut back) = (false, false);
    while !(there && back) {
        a.send([probe()]).unwrap();
        b.send([probe()]).unwrap();
        std::thread::sleep(Duration::from_millis(1));
        there |= b.try_receive().unwrap().contains(&probe());
        back |= a.try_receive().unwrap().contains(&probe());
        assert!(Instant::now() < deadline, "the wire does not come up");
    }
}

pub fn packet_socket(namespace: &Namespace, name: &str) -> Tester<PacketSocket> {
    Tester::new(namespace.run(|| PacketSocket::open(name)).unwrap().unwrap())
}

/// The addresses of the hosts in these tests, of TEST-NET-1 (RFC 5737).
pub const LEFT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub const RIGHT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
