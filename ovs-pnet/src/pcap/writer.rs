//! Writing a capture file.

use super::{LINK_TYPE_ETHERNET, MAX_RECORD};
use crate::{Error, Port, Readiness};
use ovs_core::{Batch, Device, DeviceError, DropReason, FramePool, Losses, checksum};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Bytes in front of each frame.
const RECORD_HEADER: usize = 16;

/// Bytes that are kept before they are written.
const BUFFER: usize = 64 * 1024;

/// Writes frames into a capture file: pcap with nanoseconds, little-endian, Ethernet.
///
/// As a device it takes the system's time for the timestamps, finishes checksums, and leaves
/// frames that are still to be segmented in one piece, as tcpdump does. What was sent is in the
/// file when [`Device::send`] returns; what [`PcapWriter::write`] was given, after
/// [`PcapWriter::flush`] or when the writer is dropped (which cannot tell if that fails).
pub struct PcapWriter<W: Write> {
    output: W,
    buffer: Vec<u8>,
    /// After this nothing more is written: the file may end in the middle of a record.
    failed: Option<String>,
}

impl PcapWriter<File> {
    /// Creates a file, or empties the one that is there.
    ///
    /// # Errors
    /// [`Error::File`] if that is not possible.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        File::create(path)
            .and_then(Self::new)
            .map_err(|source| Error::File { path: path.display().to_string(), source })
    }
}

impl<W: Write> PcapWriter<W> {
    /// Writes into `output`, which needs no buffer of its own, beginning with the file header.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn new(output: W) -> io::Result<Self> {
        let mut buffer = Vec::with_capacity(BUFFER);
        buffer.extend_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
        for version in [2u16, 4] {
            buffer.extend_from_slice(&version.to_le_bytes());
        }
        // Two that are unused, the longest record, the link type.
        for number in [0, 0, MAX_RECORD as u32, LINK_TYPE_ETHERNET] {
            buffer.extend_from_slice(&number.to_le_bytes());
        }
        let mut writer = Self { output, buffer, failed: None };
        writer.flush()?;
        Ok(writer)
    }

    /// Writes a frame, captured `timestamp` after 1970-01-01 UTC (until 2106).
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if it is longer than [`MAX_RECORD`]. Any other error is
    /// for good.
    pub fn write(&mut self, timestamp: Duration, frame: &[u8]) -> io::Result<()> {
        if frame.len() > MAX_RECORD {
            let problem = format!("a frame of {} bytes, the limit is {MAX_RECORD}", frame.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        if self.failed.is_some() || self.buffer.len() + frame.len() > BUFFER {
            self.write_buffer()?;
        }
        let len = frame.len() as u32;
        for number in [timestamp.as_secs() as u32, timestamp.subsec_nanos(), len, len] {
            self.buffer.extend_from_slice(&number.to_le_bytes());
        }
        self.buffer.extend_from_slice(frame);
        Ok(())
    }

    /// Writes what is still in the buffer.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.write_buffer()?;
        self.output.flush().map_err(|error| self.fail(error))
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        if let Some(text) = &self.failed {
            return Err(io::Error::other(text.clone()));
        }
        let written = self.output.write_all(&self.buffer);
        self.buffer.clear();
        written.map_err(|error| self.fail(error))
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        self.failed = Some(error.to_string());
        error
    }
}

impl<W: Write> Device for PcapWriter<W> {
    fn receive(
        &mut self,
        _: &mut Batch,
        _: &mut FramePool,
        _: &mut Losses,
    ) -> Result<(), DeviceError> {
        Ok(())
    }

    fn send(&mut self, batch: &mut Batch, losses: &mut Losses) -> Result<(), DeviceError> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // Frames and bytes that may not be in the file yet.
        let mut unwritten = (0, 0);
        for frame in batch.frames_mut() {
            if frame.len() > MAX_RECORD {
                losses.add(DropReason::TooLong, frame.len());
                continue;
            }
            if frame.offload.needs_checksum() && checksum::finish(frame).is_err() {
                losses.add(DropReason::BadOffload, frame.len());
                continue;
            }
            let before = self.buffer.len();
            let written = self.write(now, frame.as_slice());
            if written.is_ok() && self.buffer.len() != before + RECORD_HEADER + frame.len() {
                // The buffer was full and has been written.
                unwritten = (0, 0);
            }
            unwritten.0 += 1;
            unwritten.1 += frame.len() as u64;
        }
        self.flush().map_err(|error| {
            losses.add_many(DropReason::DeviceError, unwritten.0, unwritten.1);
            DeviceError::Other(format!("cannot write the capture file: {error}"))
        })
    }
}

impl<W: Write + Send> Port for PcapWriter<W> {
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Never
    }
}

impl<W: Write> Drop for PcapWriter<W> {
    fn drop(&mut self) {
        self.flush().ok();
    }
}

impl<W: Write + fmt::Debug> fmt::Debug for PcapWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PcapWriter")
            .field("output", &self.output)
            .field("buffered", &self.buffer.len())
            .field("failed", &self.failed)
            .finish()
    }
}
