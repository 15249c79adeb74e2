//! Capture files as ports: frames out of a pcap or pcapng file, frames into a pcap file.
//!
//! ```
//! use ovs_core::Frame;
//! use ovs_pnet::pcap::{PcapReader, PcapWriter};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut file = Vec::new();
//! PcapWriter::new(&mut file)?.write(Duration::from_secs(1), &[0xff; 60])?;
//!
//! let mut reader = PcapReader::new(file.as_slice())?;
//! let mut frame = Frame::default();
//! let record = reader.read(&mut frame)?.expect("one was written");
//! assert_eq!(record.timestamp, Some(Duration::from_secs(1)));
//! assert_eq!(frame.as_slice(), [0xff; 60]);
//! assert!(reader.read(&mut frame)?.is_none());
//! # Ok(())
//! # }
//! ```

mod blocks;
mod records;
mod source;
#[cfg(test)]
mod tests;
mod writer;

pub use writer::PcapWriter;

use crate::{Error, Port, Readiness};
use blocks::Blocks;
use ovs_core::{Batch, Device, DeviceError, DropReason, Frame, FramePool, Losses};
use records::Records;
use source::{ByteOrder, Source};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::time::Duration;

/// The longest record that is read or written, in bytes: what tcpdump has as its limit.
pub const MAX_RECORD: usize = 256 * 1024;

/// The link type of Ethernet in both formats (LINKTYPE_ETHERNET of the registry at tcpdump.org).
const LINK_TYPE_ETHERNET: u32 = 1;

/// Reads the frames of a capture file, and, as a device, hands them out as fast as they are
/// fetched, whatever their timestamps say.
///
/// It reads pcap (draft-ietf-opsawg-pcap) with microseconds and with nanoseconds, and pcapng
/// (draft-ietf-opsawg-pcapng), both in both byte orders, and takes Ethernet only. As a device it
/// has come to its end with the file; records that the capture cut short are lost as
/// [`DropReason::Truncated`]; what is sent to it is lost as [`DropReason::DeviceError`].
///
/// A file from a stranger may be wrong in any way: that is an error, and takes no more memory
/// than one record of [`MAX_RECORD`] and a few bytes for each interface that the file describes.
/// Reading from a pipe stops the runner until there is something to read.
#[derive(Debug)]
pub struct PcapReader<R> {
    source: Source<R>,
    format: Format,
    /// As a device: the file is at its end, or has failed.
    ended: bool,
}

#[derive(Debug)]
enum Format {
    Records(Records),
    Blocks(Blocks),
}

/// What a capture file says about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it was captured, since 1970-01-01 UTC; a simple packet block of pcapng does not say.
    pub timestamp: Option<Duration>,
    /// Bytes that it had before the capture cut it.
    pub original_len: u32,
    /// Was it cut: are fewer bytes in the file than it had?
    pub is_cut: bool,
}

/// Why a capture file cannot be read. Offsets are in bytes from the beginning of the file to
/// that of the structure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The operating system cannot read it.
    #[error("offset {offset}: cannot read: {source}")]
    Read {
        /// How far it was read.
        offset: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is in another format.
    #[error("neither a pcap nor a pcapng file: it begins with {0:02x?}")]
    NotACapture([u8; 4]),
    /// Frames are not Ethernet.
    #[error("offset {offset}: link type {link_type} is not that of Ethernet, 1")]
    LinkType {
        /// Of the header or packet block.
        offset: u64,
        /// As the registry at tcpdump.org has it.
        link_type: u32,
    },
    /// The file ends too early.
    #[error("offset {offset}: {structure} needs {needed} bytes, there are {had}")]
    Short {
        /// Of the structure.
        offset: u64,
        /// What is cut.
        structure: &'static str,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that are left.
        had: u64,
    },
    /// A length is above the limit.
    #[error("offset {offset}: {structure} of {length} bytes, the limit is {MAX_RECORD}")]
    TooLong {
        /// Of the structure.
        offset: u64,
        /// What is too long.
        structure: &'static str,
        /// Its length, as the file says.
        length: u64,
    },
    /// The file contradicts itself or the format.
    #[error("offset {offset}: {structure}: {problem}")]
    Malformed {
        /// Of the structure.
        offset: u64,
        /// What is wrong.
        structure: &'static str,
        /// In which way.
        problem: &'static str,
    },
}

impl PcapReader<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be opened, [`Error::Capture`] if it is no capture file of
    /// Ethernet frames.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path)
            .map_err(|source| Error::File { path: path.display().to_string(), source })?;
        Self::new(BufReader::with_capacity(64 * 1024, file))
            .map_err(|source| Error::Capture { path: path.display().to_string(), source })
    }
}

impl<R: Read> PcapReader<R> {
    /// Reads from `input`, best a buffered one.
    ///
    /// # Errors
    /// If it does not begin as a capture file of Ethernet frames does.
    pub fn new(input: R) -> Result<Self, CaptureError> {
        let mut source = Source::new(input);
        let magic = source.array("magic number")?;
        let format = match magic {
            [0x0a, 0x0d, 0x0d, 0x0a] => Format::Blocks(Blocks::begin(&mut source)?),
            [0xa1, 0xb2, 0xc3, 0xd4] => records(&mut source, ByteOrder::Big, 1000)?,
            [0xd4, 0xc3, 0xb2, 0xa1] => records(&mut source, ByteOrder::Little, 1000)?,
            [0xa1, 0xb2, 0x3c, 0x4d] => records(&mut source, ByteOrder::Big, 1)?,
            [0x4d, 0x3c, 0xb2, 0xa1] => records(&mut source, ByteOrder::Little, 1)?,
            _ => return Err(CaptureError::NotACapture(magic)),
        };
        Ok(Self { source, format, ended: false })
    }

    /// Reads the next frame into `frame`, in place of what is there; none at the end of the file.
    /// A frame that is cut is read like others: see [`Record::is_cut`].
    ///
    /// # Errors
    /// If the file is wrong from here on. There is no way to go on after that.
    pub fn read(&mut self, frame: &mut Frame) -> Result<Option<Record>, CaptureError> {
        match &mut self.format {
            Format::Records(format) => format.next(&mut self.source, frame),
            Format::Blocks(format) => format.next(&mut self.source, frame),
        }
    }
}

fn records<R: Read>(
    source: &mut Source<R>,
    order: ByteOrder,
    nanos_per_unit: u32,
) -> Result<Format, CaptureError> {
    Records::begin(source, order, nanos_per_unit).map(Format::Records)
}

impl<R: Read> Device for PcapReader<R> {
    fn receive(
        &mut self,
        batch: &mut Batch,
        pool: &mut FramePool,
        losses: &mut Losses,
    ) -> Result<(), DeviceError> {
        while !batch.is_full() {
            if self.ended {
                return Err(DeviceError::Ended);
            }
            let mut frame = pool.take();
            match self.read(&mut frame) {
                Ok(Some(record)) if record.is_cut => {
                    losses.add(DropReason::Truncated, record.original_len as usize);
                    pool.give(frame);
                }
                Ok(Some(_)) => batch.push(frame),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Err(DeviceError::Other(error.to_string()));
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        for frame in batch.frames() {
            losses.add(DropReason::DeviceError, frame.len());
        }
        Ok(())
    }
}

impl<R: Read + Send> Port for PcapReader<R> {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Always
    }
}
