use crate::{frame, is_experiment, is_root, packet_socket, program, veth, wait_for_wire};
use ovs_core::frame::{Offload, Segmentation};
use ovs_core::{DeviceError, DropReason, Frame};
use ovs_pnet::{Error, Namespace, PacketSocket, Tap, interface};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn refused_frames_have_a_reason_and_the_others_pass() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
    let mut outside = frame(70, &[]);
    outside.offload = Offload { csum_start: 68, csum_offset: 6, ..Offload::NONE };
    // Says TCP over IPv4, and is not.
    let mut false_segment = frame(3000, &[]);
    false_segment.offload =
        Offload { segmentation: Segmentation::Tcp4, segment_size: 0, ..Offload::NONE };
    let frames = [
        frame(60, &[]),
        frame(1515, &[]),
        frame(61, &[]),
        outside,
        Frame::from([1; 13]),
        frame(1600, &[]),
        false_segment,
        frame(62, &[]),
    ];
    a.send(frames).unwrap();
    let lost = [
        (DropReason::Runt, 1, 13),
        (DropReason::TooLong, 2, 1515 + 1600),
        (DropReason::BadOffload, 2, 70 + 3000),
    ];
    assert_eq!(a.lost(), lost);
    let mut lens = Vec::new();
    b.receive(|frame| {
        lens.extend(is_experiment(frame).then_some(frame.len()));
        lens.len() == 3
    });
    assert_eq!(lens, [60, 61, 62]);
}

#[test]
fn down_and_up_again() {
    if !is_root() {
        return;
    }
    let (left, right) = veth();
    let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
    left.run(|| interface::set_down("a")).unwrap().unwrap();
    for _ in 0..3 {
        assert!(a.try_receive().is_ok());
        a.send([frame(60, &[]), frame(61, &[])]).unwrap();
        assert_eq!(a.lost(), [(DropReason::DeviceDown, 2, 121)]);
    }
    left.run(|| interface::set_up("a")).unwrap().unwrap();
    wait_for_wire(&left, &right);
    a.send([frame(60, &[])]).unwrap();
    assert_eq!(b.receive(is_experiment).len(), 60);
    b.send([frame(61, &[])]).unwrap();
    assert_eq!(a.receive(is_experiment).len(), 61);
}

#[test]
fn removed_while_open() {
    if !is_root() {
        return;
    }
    for send_first in [false, true] {
        let (left, right) = veth();
        let (mut a, mut b) = (packet_socket(&left, "a"), packet_socket(&right, "b"));
        left.run(|| interface::delete("a")).unwrap().unwrap();
        if send_first {
            // The first call may find it down or gone; at most it takes one more to know.
            let mut sent = a.send([frame(60, &[])]);
            if sent.is_ok() {
                sent = a.send([frame(60, &[])]);
            }
            assert_eq!(sent, Err(DeviceError::Gone));
            assert!(a.lost().iter().all(|lost| lost.0 == DropReason::DeviceDown));
        } else {
            assert_eq!(a.failure(), DeviceError::Gone);
        }
        assert_eq!(b.failure(), DeviceError::Gone, "the other end goes with it");
    }
}

#[test]
fn removal_is_noticed_in_the_midst_of_it() {
    if !is_root() {
        return;
    }
    for _ in 0..20 {
        let (left, _right) = veth();
        let mut a = packet_socket(&left, "a");
        let deleting = thread::spawn(move || left.run(|| interface::delete("a")).unwrap().unwrap());
        // Asks without pause, so that it comes between the steps of the removal.
        let deadline = Instant::now() + Duration::from_secs(5);
        let error = loop {
            if let Err(error) = a.try_receive() {
                break error;
            }
            assert!(Instant::now() < deadline, "it is not noticed");
        };
        assert_eq!(error, DeviceError::Gone);
        deleting.join().unwrap();
    }
}

#[test]
fn removed_while_down_is_noticed_when_sending() {
    if !is_root() {
        return;
    }
    let (left, _right) = veth();
    let mut a = packet_socket(&left, "a");
    left.run(|| interface::set_down("a")).unwrap().unwrap();
    assert!(a.try_receive().is_ok());
    left.run(|| interface::delete("a")).unwrap().unwrap();
    assert_eq!(a.send([frame(60, &[]), frame(61, &[])]), Err(DeviceError::Gone));
    assert_eq!(a.lost(), [(DropReason::DeviceDown, 2, 121)]);
}

#[test]
fn moved_to_another_namespace_is_gone() {
    if !is_root() {
        return;
    }
    let (left, _right) = veth();
    let mut a = packet_socket(&left, "a");
    let elsewhere = Namespace::new().unwrap();
    left.run(|| interface::move_to("a", &elsewhere)).unwrap().unwrap();
    assert_eq!(a.failure(), DeviceError::Gone);
}

#[test]
fn interfaces_that_cannot_be_opened() {
    if !is_root() {
        return;
    }
    let namespace = Namespace::new().unwrap();
    namespace
        .run(|| {
            let error = PacketSocket::open("eth9").unwrap_err().to_string();
            assert_eq!(error, "there is no interface named \"eth9\"; interfaces here: lo");
            for name in ["", "..", "a/b", "a b", "a-name-too-long-"] {
                let error = PacketSocket::open(name).expect_err(name);
                assert!(matches!(error, Error::InvalidName { .. }), "{error}");
            }
            PacketSocket::open("lo").unwrap();
        })
        .unwrap();
    if program(&namespace, "ip tuntap add dev tun0 mode tun").is_some() {
        let error = namespace.run(|| PacketSocket::open("tun0").unwrap_err()).unwrap();
        assert!(matches!(error, Error::NotEthernet { .. }), "{error}");
        let error = namespace.run(|| interface::mac("tun0").unwrap_err()).unwrap();
        assert!(matches!(error, Error::NotEthernet { .. }), "{error}");
        let error = namespace.run(|| Tap::open("tun0").unwrap_err()).unwrap();
        assert!(matches!(error, Error::NotTap { .. }), "{error}");
    }
}

#[test]
fn without_the_right() {
    if !is_root() {
        return;
    }
    let (left, _right) = veth();
    let nobody: libc::c_long = 65_534;
    let (packet, tap, namespace, up) = left
        .run(|| {
            // SAFETY: takes numbers. By the bare system call only this thread becomes another user;
            // it ends after this.
            let changed = unsafe { libc::syscall(libc::SYS_setresuid, nobody, nobody, nobody) };
            assert_eq!(changed, 0);
            assert!(!ovs_pnet::netns::is_privileged());
            let text = |error: Error| error.to_string();
            (
                PacketSocket::open("a").map(drop).map_err(text),
                Tap::open("tap0").map(drop).map_err(text),
                Namespace::new().map(drop).map_err(text),
                interface::set_down("a").map_err(text),
            )
        })
        .unwrap();
    assert_eq!(
        packet.unwrap_err(),
        "opening AF_PACKET on a needs CAP_NET_RAW: run as root, or \
         `setcap cap_net_raw,cap_net_admin+ep PROGRAM` once"
    );
    // Depends on who may open /dev/net/tun.
    let tap = tap.unwrap_err();
    assert!(tap.starts_with("opening ") && tap.contains(" needs "), "{tap}");
    assert!(namespace.unwrap_err().contains("CAP_SYS_ADMIN"));
    assert!(up.unwrap_err().contains("CAP_NET_ADMIN"));
}
