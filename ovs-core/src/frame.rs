//! Ethernet frames that own their bytes, with room in front for headers to come.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Bytes that a new frame keeps free before its first byte: enough for an outer Ethernet,
/// VLAN, IPv6, UDP and Geneve header.
pub const HEADROOM: usize = 128;

/// Bytes behind the headroom that a new frame holds without growing: an Ethernet frame of
/// the usual MTU with two VLAN tags, rounded so that a whole buffer is 2 KiB.
pub const DEFAULT_CAPACITY: usize = 2048 - HEADROOM;

/// What the hardware was still to do when the frame was handed over, in the terms of the
/// virtio network header (Virtual I/O Device 1.2 §5.1.6): the sender left a checksum
/// unfinished, or left a segment to be cut into smaller ones.
///
/// Offsets count from the frame's first byte. A device that cannot pass this on must finish
/// the work, or refuse the frame; it must never send the frame as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Offload {
    /// Offset of the first byte that the checksum covers; 0 with [`Offload::csum_offset`] 0
    /// when the checksum is complete.
    pub csum_start: u16,
    /// Offset of the checksum field behind [`Offload::csum_start`], in bytes.
    pub csum_offset: u8,
    /// How the frame is to be segmented, if at all.
    pub segmentation: Segmentation,
    /// Payload bytes of each segment; 0 without segmentation.
    pub segment_size: u16,
    /// Bytes of all headers before the payload, a hint; 0 if unknown.
    pub header_len: u16,
}

impl Offload {
    /// Nothing is left to do.
    pub const NONE: Self = Self {
        csum_start: 0,
        csum_offset: 0,
        segmentation: Segmentation::None,
        segment_size: 0,
        header_len: 0,
    };

    /// Is a checksum unfinished?
    pub const fn needs_checksum(&self) -> bool {
        self.csum_start != 0
    }

    /// Is the frame longer than the wire takes, to be cut into segments?
    pub fn needs_segmentation(&self) -> bool {
        self.segmentation != Segmentation::None
    }
}

/// How a frame that is too long for the wire is to be cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Segmentation {
    /// It is one frame.
    #[default]
    None,
    /// TCP over IPv4.
    Tcp4,
    /// The same; only the first segment keeps the congestion window reduced flag (RFC 3168 §6.1.2).
    Tcp4Ecn,
    /// TCP over IPv6.
    Tcp6,
    /// The same; only the first segment keeps the congestion window reduced flag.
    Tcp6Ecn,
    /// UDP, each segment a datagram of its own.
    Udp,
}

/// An Ethernet frame, from the destination address on, without preamble and frame check
/// sequence, in a buffer that it owns.
///
/// Headers are pushed into the headroom without moving what is there. The buffer is kept
/// when a frame is cleared, so that a frame can be used again and again without allocating.
pub struct Frame {
    buffer: Box<[u8]>,
    start: u32,
    end: u32,
    /// What is left to do before the frame may be on a wire.
    pub offload: Offload,
}

impl Frame {
    /// An empty frame that holds `capacity` bytes behind [`HEADROOM`] without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        let capacity = capacity.min(u32::MAX as usize - HEADROOM);
        Self {
            buffer: vec![0; HEADROOM + capacity].into_boxed_slice(),
            start: HEADROOM as u32,
            end: HEADROOM as u32,
            offload: Offload::NONE,
        }
    }

    /// The frame's bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // `start <= end <= buffer.len()` always holds; `get` lets the optimizer drop the
        // panic that it cannot prove away.
        self.buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The frame's bytes, to be changed.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Length in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Has it no bytes?
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Bytes free in front.
    pub fn headroom(&self) -> usize {
        self.start as usize
    }

    /// Bytes that it holds without growing, counted from its first byte.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.buffer.len() - self.start as usize
    }

    /// Forgets the bytes and restores the headroom; the buffer stays.
    #[inline]
    pub fn clear(&mut self) {
        let start = HEADROOM.min(self.buffer.len()) as u32;
        self.start = start;
        self.end = start;
        self.offload = Offload::NONE;
    }

    /// Replaces the bytes by a copy of `bytes`, growing the buffer if need be.
    #[inline]
    pub fn fill(&mut self, bytes: &[u8]) {
        self.clear();
        self.extend(bytes);
    }

    /// Appends a copy of `bytes`, growing the buffer if need be.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        let end = self.end as usize + bytes.len();
        if end > self.buffer.len() {
            self.buffer = grow(core::mem::take(&mut self.buffer), end);
        }
        if let Some(room) = self.buffer.get_mut(self.end as usize..end) {
            room.copy_from_slice(bytes);
            self.end = end as u32;
        }
    }

    /// The whole room behind the headroom, for a driver to receive into; the frame is as
    /// long as [`Frame::set_len`] then says. Clears the frame.
    #[inline]
    pub fn spare_mut(&mut self) -> &mut [u8] {
        self.clear();
        self.buffer.get_mut(self.start as usize..).unwrap_or_default()
    }

    /// Sets the length after a driver wrote into [`Frame::spare_mut`]. A length above the
    /// capacity is cut to the capacity: a driver that reports more must [`Frame::extend`].
    #[inline]
    pub fn set_len(&mut self, len: usize) {
        self.end = self.start + len.min(self.capacity()) as u32;
    }

    /// Makes `n` bytes of room in front and returns them, junk included. Moves the frame
    /// only when the headroom is too small.
    pub fn push_front(&mut self, n: usize) -> &mut [u8] {
        if n > self.start as usize {
            let mut larger = vec![0; HEADROOM + n + self.len()];
            if let Some(room) = larger.get_mut(HEADROOM + n..) {
                room.copy_from_slice(self.as_slice());
            }
            self.end = larger.len() as u32;
            self.start = (HEADROOM + n) as u32;
            self.buffer = larger.into_boxed_slice();
        }
        self.start -= n as u32;
        self.as_mut_slice().get_mut(..n).unwrap_or_default()
    }

    /// Takes `n` bytes off the front, all of them if there are fewer.
    pub fn pull_front(&mut self, n: usize) {
        self.start += n.min(self.len()) as u32;
    }

    /// Cuts the frame to `len` bytes if it is longer.
    pub fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len.min(self.len()) as u32);
    }
}

/// A buffer of at least `needed` bytes that begins with those of `buffer`.
///
/// Takes the buffer alone: a frame whose address goes nowhere can stay in registers, and is not
/// loaded again right after its parts were stored, which the processor would wait for.
#[cold]
fn grow(buffer: Box<[u8]>, needed: usize) -> Box<[u8]> {
    let mut larger = buffer.into_vec();
    larger.resize(needed.next_power_of_two(), 0);
    larger.into_boxed_slice()
}

/// A frame without a buffer: costs no allocation, grows with the first byte.
impl Default for Frame {
    #[inline]
    fn default() -> Self {
        Self { buffer: Box::default(), start: 0, end: 0, offload: Offload::NONE }
    }
}

impl From<&[u8]> for Frame {
    fn from(bytes: &[u8]) -> Self {
        let mut frame = Self::with_capacity(bytes.len().max(DEFAULT_CAPACITY));
        frame.extend(bytes);
        frame
    }
}

impl<const N: usize> From<[u8; N]> for Frame {
    fn from(bytes: [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Clone for Frame {
    fn clone(&self) -> Self {
        let mut copy = Self::from(self.as_slice());
        copy.offload = self.offload;
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.fill(source.as_slice());
        self.offload = source.offload;
    }
}

/// Frames are equal when their bytes and what is left to do are; the room around does not count.
impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice() && self.offload == other.offload
    }
}

impl Eq for Frame {}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame[{}]", self.len())?;
        for byte in self.as_slice().iter().take(64) {
            write!(f, " {byte:02x}")?;
        }
        if self.len() > 64 {
            f.write_str(" …")?;
        }
        Ok(())
    }
}

/// Frames that arrived together on one port, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    frames: Vec<Frame>,
}

impl Batch {
    /// How many frames a device hands over at most at a time.
    pub const MAX: usize = 32;

    /// An empty batch with room for [`Batch::MAX`] frames.
    pub fn new() -> Self {
        Self { frames: Vec::with_capacity(Self::MAX) }
    }

    /// How many frames it holds.
    #[inline]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Does it hold no frame?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Does it hold [`Batch::MAX`] frames or more?
    #[inline]
    pub fn is_full(&self) -> bool {
        self.frames.len() >= Self::MAX
    }

    /// Appends a frame. A batch takes more than [`Batch::MAX`] frames, slower.
    #[inline]
    pub fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    /// The frames.
    #[inline]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frames, to be changed in place.
    #[inline]
    pub fn frames_mut(&mut self) -> &mut [Frame] {
        &mut self.frames
    }

    /// Takes all frames out, in order.
    #[inline]
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = Frame> + '_ {
        self.frames.drain(..)
    }
}

impl<const N: usize> From<[Frame; N]> for Batch {
    fn from(frames: [Frame; N]) -> Self {
        Self { frames: frames.into() }
    }
}

impl FromIterator<Frame> for Batch {
    fn from_iter<I: IntoIterator<Item = Frame>>(frames: I) -> Self {
        Self { frames: frames.into_iter().collect() }
    }
}

/// With so many spare frames in a pool, one whose buffer has grown far is freed: it held a segment
/// of up to 64 KiB, and many such would hold a lot of memory.
const GROWN_LIMIT: usize = 256;

/// Frames with buffers that wait to be used again, so that moving frames does not allocate.
///
/// The pool is bounded: what is given back beyond its limit is freed.
#[derive(Debug)]
pub struct FramePool {
    spare: Vec<Frame>,
    limit: usize,
    capacity: usize,
}

impl FramePool {
    /// A pool of at most `limit` frames, new ones holding `capacity` bytes each.
    pub fn new(limit: usize, capacity: usize) -> Self {
        Self { spare: Vec::with_capacity(limit), limit, capacity }
    }

    /// A cleared frame with a buffer; allocates only when none is spare.
    #[inline]
    pub fn take(&mut self) -> Frame {
        match self.spare.pop() {
            Some(frame) => frame,
            None => Frame::with_capacity(self.capacity),
        }
    }

    /// Gives a frame back.
    #[inline]
    pub fn give(&mut self, frame: Frame) {
        let has_grown = frame.buffer.len() > HEADROOM + 4 * self.capacity;
        let limit = if has_grown { self.limit.min(GROWN_LIMIT) } else { self.limit };
        if self.spare.len() < limit && frame.buffer.len() >= HEADROOM {
            let start = HEADROOM as u32;
            self.spare.push(Frame { start, end: start, offload: Offload::NONE, ..frame });
        }
    }

    /// A copy of `frame` in a spare buffer.
    #[inline]
    pub fn copy(&mut self, frame: &Frame) -> Frame {
        let mut copy = self.take();
        copy.fill(frame.as_slice());
        copy.offload = frame.offload;
        copy
    }

    /// How many frames are spare.
    pub fn spare(&self) -> usize {
        self.spare.len()
    }
}

impl Default for FramePool {
    /// 4,096 frames of [`DEFAULT_CAPACITY`].
    fn default() -> Self {
        Self::new(4096, DEFAULT_CAPACITY)
    }
}
