use crate::{
    LEFT, RIGHT, Tester, bridge, frame, is_experiment, is_root, packet_socket, program, veth,
};
use ovs_core::frame::Segmentation;
use ovs_core::{DropReason, Frame};
use ovs_pnet::{Namespace, PacketSocket, interface};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

#[test]
fn tags_are_kept() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
    let (c_tag, s_tag) = ([0x81, 0, 0xaf, 0xfe], [0x88, 0xa8, 0x10, 0x06]);
    let priority_only = [0x81, 0, 0xe0, 0];
    let stacks: [&[[u8; 4]]; 5] =
        [&[], &[c_tag], &[s_tag], &[s_tag, c_tag], &[c_tag, priority_only]];
    for tags in stacks.into_iter().chain([&[priority_only][..]]) {
        let sent = frame(100, tags);
        a.send([sent.clone()]).unwrap();
        assert_eq!(b.receive(is_experiment), sent);
    }
    let longest = frame(1518, &[c_tag]);
    a.send([longest.clone()]).unwrap();
    assert_eq!(b.receive(is_experiment), longest);
    assert_eq!((a.lost(), b.lost()), (vec![], vec![]));
}

#[test]
fn what_is_sent_does_not_come_back() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
    a.send([frame(60, &[])]).unwrap();
    // The host itself sends too: who has 192.0.2.2?
    left.run(|| {
        interface::add_ipv4("a", LEFT, 24).unwrap();
        UdpSocket::bind((LEFT, 0)).unwrap().send_to(b"hello", (RIGHT, 9)).unwrap();
    })
    .unwrap();
    b.receive(is_experiment);
    b.receive(|frame| frame.as_slice()[12..14] == [8, 6]);
    thread::sleep(Duration::from_millis(20));
    let own = |frame: &Frame| is_experiment(frame) || frame.as_slice()[12..14] == [8, 6];
    assert!(!a.try_receive().unwrap().iter().any(own));
}

/// Two hosts and their interfaces' other ends: `left` has the interface `a` and `right` has `b`.
fn two_hosts() -> [(Namespace, Tester<PacketSocket>); 2] {
    [LEFT, RIGHT].map(|address: Ipv4Addr| {
        let (host, middle) = veth();
        host.run(|| interface::add_ipv4("a", address, 24)).unwrap().unwrap();
        let open = || PacketSocket::open("b");
        (host, Tester::new(middle.run(open).unwrap().unwrap()))
    })
}

#[test]
fn unfinished_checksums_are_finished_by_who_gets_them() {
    if !is_root() {
        return;
    }
    {
        let [(left, mut a), (right, mut b)] = two_hosts();
        let receiver = right.run(|| UdpSocket::bind((RIGHT, 5000))).unwrap().unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let sender = left.run(|| UdpSocket::bind((LEFT, 0))).unwrap().unwrap();
        let mut unfinished = 0;
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let mut data = [0; 100];
                receiver.recv(&mut data).map(|len| data[..len].to_vec())
            });
            sender.send_to(b"hello", (RIGHT, 5000)).unwrap();
            let look = |frame: &Frame| {
                if frame.as_slice()[12..14] == [8, 0] && frame.as_slice()[23] == 17 {
                    assert_eq!((frame.offload.csum_start, frame.offload.csum_offset), (34, 6));
                    unfinished += 1;
                }
            };
            bridge(&mut a, &mut b, look, || waiter.is_finished());
            assert_eq!(waiter.join().unwrap().unwrap(), b"hello");
        });
        assert_eq!(unfinished, 1);
    }
}

#[test]
fn large_segments_pass_whole() {
    if !is_root() {
        return;
    }
    {
        let [(left, mut a), (right, mut b)] = two_hosts();
        let listener = right.run(|| TcpListener::bind((RIGHT, 5000))).unwrap().unwrap();
        let data: Vec<u8> = (0..4_000_000u32).map(|n| (n / 7) as u8).collect();
        let mut largest = Frame::default();
        thread::scope(|scope| {
            let sender = scope.spawn(|| {
                left.run(|| TcpStream::connect((RIGHT, 5000)).unwrap().write_all(&data)).unwrap()
            });
            let receiver = scope.spawn(|| {
                let mut received = Vec::new();
                listener.accept().unwrap().0.read_to_end(&mut received).unwrap();
                received
            });
            let look = |frame: &Frame| {
                if frame.len() > largest.len() {
                    largest = frame.clone();
                }
            };
            bridge(&mut a, &mut b, look, || receiver.is_finished());
            sender.join().unwrap().unwrap();
            assert!(receiver.join().unwrap() == data, "what arrived is what was sent");
        });
        assert!(largest.len() > 16_384, "{}", largest.len());
        assert_eq!(largest.offload.segmentation, Segmentation::Tcp4);
        assert_eq!((a.lost(), b.lost()), (vec![], vec![]));
    }
}

#[test]
fn batches_are_in_order() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
    let numbered = |n: u16| {
        let mut numbered = frame(60 + usize::from(n), &[]);
        numbered.as_mut_slice()[14..16].copy_from_slice(&n.to_be_bytes());
        numbered
    };
    a.send((0..100).map(numbered)).unwrap();
    let mut next = 0;
    while next < 100 {
        let frames = b.try_receive().unwrap();
        assert!(frames.len() <= 32);
        for received in frames.into_iter().filter(is_experiment) {
            assert_eq!(received, numbered(next));
            next += 1;
        }
    }
    assert_eq!((a.lost(), b.lost()), (vec![], vec![]));
}

#[test]
fn what_finds_no_room_is_counted() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let mut a = packet_socket(&left, "a");
    let mut b = packet_socket(&right, "b");
    for _ in 0..1000 {
        a.send((0..50).map(|_| frame(60, &[]))).unwrap();
    }
    assert_eq!(a.lost(), []);
    thread::sleep(Duration::from_millis(100));
    let mut received = 0;
    loop {
        let frames = b.try_receive().unwrap();
        received += frames.iter().filter(|frame| is_experiment(frame)).count() as u64;
        if frames.is_empty() {
            break;
        }
    }
    let lost = b.lost();
    let [(DropReason::Overrun, overrun, 0)] = lost[..] else { panic!("{lost:?}") };
    // The host's own frames (IPv6 says hello) may be among those lost.
    assert!((50_000..50_010).contains(&(received + overrun)), "{received} and {overrun}");
    assert!(received > 32, "{received}");
}

#[test]
fn promiscuous_while_it_is_open() {
    if !is_root() {
        return;
    }
    let (_left, right) = veth();
    let promiscuity = || {
        let output = program(&right, "ip -d -o link show dev b")?;
        let text = String::from_utf8(output.stdout).unwrap();
        Some(text.split("promiscuity ").nth(1)?.split(' ').next()?.to_string())
    };
    let Some(before) = promiscuity() else {
        return;
    };
    assert_eq!(before, "0");
    let socket = packet_socket(&right, "b");
    assert_eq!(promiscuity().unwrap(), "1");
    drop(socket);
    assert_eq!(promiscuity().unwrap(), "0");
}
