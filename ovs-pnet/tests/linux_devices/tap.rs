use crate::{LEFT, RIGHT, Tester, bridge, frame, is_experiment, is_root, program};
use ovs_core::frame::{Offload, Segmentation};
use ovs_core::{DeviceError, DropReason, Frame, Mac};
use ovs_pnet::{Error, Namespace, Tap, TapOptions, interface};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// A host with a TAP device that has an address.
fn host(address: std::net::Ipv4Addr) -> (Namespace, Tester<Tap>) {
    let namespace = Namespace::new().unwrap();
    let tap = namespace
        .run(|| {
            let tap = Tap::open("tap0").unwrap();
            interface::add_ipv4("tap0", address, 24).unwrap();
            tap
        })
        .unwrap();
    (namespace, Tester::new(tap))
}

#[test]
fn what_the_kernel_sends_is_received() {
    if !is_root() {
        return;
    }
    let (namespace, mut tap) = host(LEFT);
    let mac = Mac([2, 0, 0, 0, 0, 7]);
    namespace
        .run(|| {
            interface::set_mac("tap0", mac).unwrap();
            assert_eq!(interface::mac("tap0").unwrap(), mac);
            UdpSocket::bind((LEFT, 0)).unwrap().send_to(b"hello", (RIGHT, 9)).unwrap();
        })
        .unwrap();
    let request = tap.receive(|frame| frame.as_slice()[12..14] == [8, 6]);
    let bytes = request.as_slice();
    assert_eq!(bytes[6..12], mac.0);
    assert_eq!(bytes[38..42], RIGHT.octets(), "who has it");
    assert_eq!(request.offload, Offload::NONE);
    // It was told where: then comes the datagram, with its checksum left to do.
    let mut reply = bytes[..42].to_vec();
    reply[..6].copy_from_slice(&mac.0);
    reply[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 8]);
    reply[20..22].copy_from_slice(&[0, 2]);
    reply[22..28].copy_from_slice(&[2, 0, 0, 0, 0, 8]);
    reply[28..32].copy_from_slice(&RIGHT.octets());
    reply[32..38].copy_from_slice(&mac.0);
    reply[38..42].copy_from_slice(&LEFT.octets());
    tap.send([Frame::from(reply)]).unwrap();
    let datagram = tap.receive(|frame| frame.as_slice()[12..14] == [8, 0]);
    assert_eq!(datagram.as_slice()[42..], *b"hello");
    assert_eq!((datagram.offload.csum_start, datagram.offload.csum_offset), (34, 6));
    assert!(tap.lost().is_empty());
}

#[test]
fn large_segments_pass_whole() {
    if !is_root() {
        return;
    }
    let ((left, mut a), (right, mut b)) = (host(LEFT), host(RIGHT));
    let listener = right.run(|| TcpListener::bind((RIGHT, 5000))).unwrap().unwrap();
    let data: Vec<u8> = (0..2_000_000u32).map(|n| (n / 7) as u8).collect();
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
    assert!(largest.offload.needs_checksum());
    assert!(largest.offload.segment_size <= 1460, "{:?}", largest.offload);
    assert_eq!((a.lost(), b.lost()), (vec![], vec![]));
}

#[test]
fn without_segmentation_frames_are_short() {
    if !is_root() {
        return;
    }
    let ((left, _a), (right, mut b)) = (host(LEFT), host(RIGHT));
    let mut options = TapOptions::default();
    options.segmentation = false;
    options.mtu = Some(1400);
    // The TAP device that the host had is gone with its `Tap`.
    drop(_a);
    let mut a = Tester::new(
        left.run(|| {
            let tap = Tap::with_options("tap0", &options).unwrap();
            assert_eq!(interface::mtu("tap0").unwrap(), 1400);
            interface::add_ipv4("tap0", LEFT, 24).unwrap();
            tap
        })
        .unwrap(),
    );
    let listener = right.run(|| TcpListener::bind((RIGHT, 5000))).unwrap().unwrap();
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            left.run(|| TcpStream::connect((RIGHT, 5000)).unwrap().write_all(&[7; 200_000]))
        });
        let receiver =
            scope.spawn(|| listener.accept().unwrap().0.read_to_end(&mut Vec::new()).unwrap());
        let look = |frame: &Frame| {
            assert!(frame.len() <= 1414 && !frame.offload.needs_segmentation(), "{frame:?}");
        };
        bridge(&mut a, &mut b, look, || receiver.is_finished());
        sender.join().unwrap().unwrap().unwrap();
        assert_eq!(receiver.join().unwrap(), 200_000);
    });
}

#[test]
fn longer_than_the_mtu_is_too_long() {
    if !is_root() {
        return;
    }
    let (namespace, mut tap) = host(LEFT);
    let (c_tag, s_tag) = ([0x81, 0, 0, 5], [0x88, 0xa8, 0, 6]);
    let fits = [frame(1514, &[]), frame(1518, &[c_tag]), frame(1522, &[s_tag, c_tag])];
    tap.send(fits).unwrap();
    assert_eq!(tap.lost(), []);
    let too_long = [frame(1515, &[]), frame(1519, &[c_tag]), frame(1523, &[s_tag, c_tag, c_tag])];
    tap.send(too_long.into_iter().chain([frame(60, &[])])).unwrap();
    assert_eq!(tap.lost(), [(DropReason::TooLong, 3, 1515 + 1519 + 1523)]);

    namespace.run(|| interface::set_mtu("tap0", 9000)).unwrap().unwrap();
    tap.send([frame(9014, &[]), frame(9015, &[])]).unwrap();
    assert_eq!(tap.lost(), [(DropReason::TooLong, 1, 9015)]);

    // One that is to be segmented may be longer.
    let mut large = frame(20_000, &[]);
    large.offload = Offload {
        csum_start: 34,
        csum_offset: 16,
        segmentation: Segmentation::Tcp4,
        segment_size: 1400,
        header_len: 54,
    };
    tap.send([large]).unwrap();
    assert_eq!(tap.lost().iter().filter(|lost| lost.0 == DropReason::TooLong).count(), 0);

    // In another namespace the MTU is not known.
    let elsewhere = Namespace::new().unwrap();
    namespace.run(|| interface::move_to("tap0", &elsewhere)).unwrap().unwrap();
    elsewhere.run(|| interface::set_up("tap0")).unwrap().unwrap();
    tap.send([frame(9500, &[])]).unwrap();
    assert_eq!(tap.lost(), []);
}

#[test]
fn refused_frames_have_a_reason() {
    if !is_root() {
        return;
    }
    let (namespace, mut tap) = host(LEFT);
    let mut lies = frame(60, &[]);
    lies.offload = Offload { csum_start: 58, csum_offset: 6, ..Offload::NONE };
    tap.send([frame(60, &[]), Frame::from([1; 13]), lies, Frame::default()]).unwrap();
    assert_eq!(tap.lost(), [(DropReason::Runt, 2, 13), (DropReason::BadOffload, 1, 60)]);

    namespace.run(|| interface::set_down("tap0")).unwrap().unwrap();
    assert_eq!(tap.try_receive().map(drop), Ok(()));
    tap.send([frame(60, &[]), frame(70, &[])]).unwrap();
    assert_eq!(tap.lost(), [(DropReason::DeviceDown, 2, 130)]);
    namespace.run(|| interface::set_up("tap0")).unwrap().unwrap();
    tap.send([frame(60, &[])]).unwrap();
    assert_eq!(tap.lost(), []);
}

#[test]
fn removed_while_open() {
    if !is_root() {
        return;
    }
    let (namespace, mut tap) = host(LEFT);
    namespace.run(|| interface::delete("tap0")).unwrap().unwrap();
    assert_eq!(tap.failure(), DeviceError::Gone);
    assert_eq!(tap.send([frame(60, &[]), frame(61, &[])]), Err(DeviceError::Gone));
    assert_eq!(tap.lost(), [(DropReason::DeviceDown, 2, 121)]);
}

#[test]
fn names() {
    if !is_root() {
        return;
    }
    let namespace = Namespace::new().unwrap();
    namespace
        .run(|| {
            for name in ["", ".", "a/b", "a b", "a:b", "a\tb", "a-name-too-long-"] {
                let error = Tap::open(name).expect_err(name);
                assert!(matches!(error, Error::InvalidName { .. }), "{error}");
            }
            let numbered = Tap::open("tap%d").unwrap();
            assert_eq!(numbered.name(), "tap0");
            assert!(interface::is_up("tap0").unwrap());
            let error = Tap::open("tap0").unwrap_err();
            assert!(matches!(error, Error::Busy { .. }), "{error}");
            interface::add_veth("a", "b").unwrap();
            let error = Tap::open("a").unwrap_err();
            assert!(matches!(error, Error::NotTap { .. }), "{error}");

            let mut options = TapOptions::default();
            options.up = false;
            let down = Tap::with_options("tap7", &options).unwrap();
            assert!(!interface::is_up("tap7").unwrap());
            drop((numbered, down));
            assert_eq!(interface::list().unwrap(), ["lo", "b", "a"]);
        })
        .unwrap();
}

#[test]
fn one_that_stays_is_opened_by_its_name() {
    if !is_root() {
        return;
    }
    let namespace = Namespace::new().unwrap();
    for (name, queues) in [("stays0", ""), ("stays1", " multi_queue")] {
        if program(&namespace, &format!("ip tuntap add dev {name} mode tap{queues}")).is_none() {
            return;
        }
        for _ in 0..2 {
            let mut tap = Tester::new(namespace.run(|| Tap::open(name)).unwrap().unwrap());
            assert!(namespace.run(|| interface::is_up(name)).unwrap().unwrap());
            tap.send([frame(60, &[])]).unwrap();
            assert_eq!(tap.lost(), []);
        }
        assert!(namespace.run(|| interface::exists(name)).unwrap());
    }
}

#[test]
fn tags_are_in_the_frame() {
    if !is_root() {
        return;
    }
    let (namespace, mut tap) = host(LEFT);
    let mut socket = crate::packet_socket(&namespace, "tap0");
    for tags in [&[[0x81, 0, 0xa0, 5]][..], &[[0x88, 0xa8, 0, 6], [0x81, 0, 0, 7]]] {
        let tagged = frame(100, tags);
        socket.send([tagged.clone()]).unwrap();
        assert_eq!(tap.receive(is_experiment), tagged);
        tap.send([tagged.clone()]).unwrap();
        assert_eq!(socket.receive(is_experiment), tagged);
    }
    thread::sleep(Duration::from_millis(20));
    assert!(socket.try_receive().unwrap().iter().all(|frame| !is_experiment(frame)));
}
