//! Batches of messages: recvmmsg(2) and sendmmsg(2) on frames with a virtio network header each.

use super::check;
use crate::vnet;
use ovs_core::{Batch, Frame};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// How many messages a call moves at most.
const COUNT: usize = Batch::MAX;

/// Room for the part of a received frame that its buffer does not hold, in bytes: more than the
/// longest frame that is to be segmented, 64 KiB and headers.
pub(crate) const OVERFLOW_LEN: usize = 68 * 1024;

/// Room for control messages, aligned for them: PACKET_AUXDATA takes 40 bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 64]);

/// Bytes of `struct cmsghdr`: a length, level and type.
const CONTROL_HEADER: usize = size_of::<usize>() + 8;

/// What came with a frame.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrival {
    /// The virtio network header.
    pub(crate) header: vnet::Header,
    /// How long the frame is, in bytes, also if it did not fit.
    pub(crate) len: usize,
    /// It did not fit into its buffer and the overflow.
    pub(crate) truncated: bool,
    /// The VLAN tag that the kernel took out: protocol and control information.
    pub(crate) tag: Option<(u16, u16)>,
}

/// Receives as many messages as there are without waiting, at most one into each of `frames`, and
/// returns how many. What a frame does not hold is in its [`OVERFLOW_LEN`] bytes of `overflow`;
/// the frames' lengths are not set.
pub(crate) fn receive(
    socket: BorrowedFd<'_>,
    frames: &mut [Frame],
    overflow: &mut [u8],
    arrivals: &mut [Arrival; COUNT],
) -> io::Result<usize> {
    let mut messages = [empty_message(); COUNT];
    let mut parts = [[EMPTY_PART; 3]; COUNT];
    let mut controls = [Control([0; 64]); COUNT];
    let mut count = 0;
    let rooms = frames.iter_mut().zip(overflow.chunks_exact_mut(OVERFLOW_LEN));
    let places = messages.iter_mut().zip(&mut parts).zip(&mut controls).zip(arrivals.iter_mut());
    for ((((message, parts), control), arrival), (frame, overflow)) in places.zip(rooms) {
        *parts = [part(&mut arrival.header), part(frame.spare_mut()), part(overflow)];
        message.msg_hdr.msg_iov = parts.as_mut_ptr();
        message.msg_hdr.msg_iovlen = parts.len() as _;
        message.msg_hdr.msg_control = control.0.as_mut_ptr().cast();
        message.msg_hdr.msg_controllen = control.0.len() as _;
        count += 1;
    }
    // With MSG_TRUNC the length is that of the frame, not of what fits.
    let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
    // SAFETY: the first `count` messages point to memory that is borrowed mutably for this function,
    // each byte once; addresses are null with length zero, and there is no timeout.
    let received = check(unsafe {
        libc::recvmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr(),
            count as libc::c_uint,
            flags as _,
            ptr::null_mut(),
        )
    })?;
    let received = usize::try_from(received).unwrap_or_default().min(count);
    let done = messages.iter().zip(&controls).zip(arrivals.iter_mut()).zip(frames);
    for (((message, control), arrival), frame) in done.take(received) {
        #[allow(clippy::unnecessary_cast, reason = "other C libraries have another type here")]
        let used = message.msg_hdr.msg_controllen as usize;
        arrival.len = (message.msg_len as usize).saturating_sub(vnet::LEN);
        arrival.truncated = arrival.len > frame.capacity() + OVERFLOW_LEN;
        arrival.tag = tag(control.0.get(..used).unwrap_or_default());
    }
    Ok(received)
}

/// Sends frames, each with its header, without waiting, and returns how many were taken. An error
/// is about the first frame.
pub(crate) fn send(
    socket: BorrowedFd<'_>,
    frames: &[Frame],
    headers: &[vnet::Header],
) -> io::Result<usize> {
    let mut messages = [empty_message(); COUNT];
    let mut parts = [[EMPTY_PART; 2]; COUNT];
    let mut count = 0;
    for ((message, parts), (frame, header)) in
        messages.iter_mut().zip(&mut parts).zip(frames.iter().zip(headers))
    {
        *parts = [read_part(header), read_part(frame.as_slice())];
        message.msg_hdr.msg_iov = parts.as_mut_ptr();
        message.msg_hdr.msg_iovlen = parts.len() as _;
        count += 1;
    }
    // SAFETY: the first `count` messages point to memory that is borrowed for this function, and the
    // kernel only reads headers and frames; addresses and control messages are null.
    let sent = check(unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr(),
            count as libc::c_uint,
            libc::MSG_DONTWAIT as _,
        )
    })?;
    Ok(usize::try_from(sent).unwrap_or_default().min(count))
}

/// The VLAN tag that a control message tells of: `struct tpacket_auxdata` of packet(7).
fn tag(control: &[u8]) -> Option<(u16, u16)> {
    let level_and_type = control.get(size_of::<usize>()..)?.first_chunk::<8>()?;
    let [l0, l1, l2, l3, t0, t1, t2, t3] = *level_and_type;
    let level = i32::from_ne_bytes([l0, l1, l2, l3]);
    let kind = i32::from_ne_bytes([t0, t1, t2, t3]);
    if (level, kind) != (libc::SOL_PACKET, libc::PACKET_AUXDATA) {
        return None;
    }
    let data = control.get(CONTROL_HEADER..)?.first_chunk::<20>()?;
    let [s0, s1, s2, s3, .., c0, c1, p0, p1] = *data;
    let status = u32::from_ne_bytes([s0, s1, s2, s3]);
    if status & libc::TP_STATUS_VLAN_VALID == 0 {
        return None;
    }
    let said = status & libc::TP_STATUS_VLAN_TPID_VALID != 0;
    let protocol = if said { u16::from_ne_bytes([p0, p1]) } else { libc::ETH_P_8021Q as u16 };
    Some((protocol, u16::from_ne_bytes([c0, c1])))
}

/// A structure of zeros and null pointers.
fn empty_message() -> libc::mmsghdr {
    // SAFETY: the structure consists of integers and raw pointers, for which zero is valid.
    unsafe { mem::zeroed() }
}

const EMPTY_PART: libc::iovec = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };

/// For the kernel to write to.
fn part(bytes: &mut [u8]) -> libc::iovec {
    libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() }
}

/// For the kernel to read only.
fn read_part(bytes: &[u8]) -> libc::iovec {
    libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() }
}
