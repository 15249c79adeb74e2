use super::*;
use crate::memory::{MemoryPort, pair_with_limit};
use ovs_core::frame::Offload;
use ovs_core::{Batch, Device as _, FramePool, Losses};
use phy::{Device as _, RxToken as _, TxToken as _};

fn device(limit: usize) -> (MemoryPort, SmoltcpDevice) {
    let (port, end) = pair_with_limit(limit).unwrap();
    (port, SmoltcpDevice::new(end))
}

fn send(port: &mut MemoryPort, frame: Frame) {
    port.send(&mut Batch::from([frame]), &mut Losses::default()).unwrap();
}

#[test]
fn what_smoltcp_sends_comes_in_by_the_port() {
    let (mut port, mut device) = device(1);
    device.transmit(Instant::ZERO).unwrap().consume(60, |bytes| bytes.fill(7));
    assert!(device.transmit(Instant::ZERO).is_none(), "the queue is full");
    // A frame cannot be received without room to answer it.
    send(&mut port, Frame::from([1; 60]));
    assert!(device.receive(Instant::ZERO).is_none());

    let mut batch = Batch::new();
    port.receive(&mut batch, &mut FramePool::default(), &mut Losses::default()).unwrap();
    assert_eq!(batch.frames(), [Frame::from([7; 60])]);
    assert!(device.receive(Instant::ZERO).is_some());
}

#[test]
fn what_the_port_sends_is_for_smoltcp() {
    let (mut port, mut device) = device(4);
    assert!(!device.wait(Duration::from_millis(1)));
    assert!(device.receive(Instant::ZERO).is_none());
    let mut lie = Frame::from([2; 60]);
    lie.offload = Offload { csum_start: 60, csum_offset: 6, ..Offload::NONE };
    send(&mut port, lie);
    let mut unfinished = Frame::from([0; 60]);
    unfinished.offload = Offload { csum_start: 34, csum_offset: 6, ..Offload::NONE };
    send(&mut port, unfinished);
    assert!(device.wait(Duration::ZERO));
    let (received, answer) = device.receive(Instant::ZERO).unwrap();
    received.consume(|bytes| assert_eq!(bytes[40..42], [0xff, 0xff]));
    answer.consume(14, |bytes| bytes.fill(3));
    assert!(device.receive(Instant::ZERO).is_none());
}
