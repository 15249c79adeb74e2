//! The bytes of a capture file, with the offset for errors.

use super::{CaptureError, MAX_RECORD};
use ovs_core::Frame;
use std::io::{ErrorKind, Read};

/// The byte order that the file was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The 16-bit number at `at`; 0 beyond the end.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let bytes = array_at(bytes, at);
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    /// The 32-bit number at `at`; 0 beyond the end.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let bytes = array_at(bytes, at);
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

#[derive(Debug)]
pub(super) struct Source<R> {
    input: R,
    offset: u64,
    /// For a record that is longer than the frame's buffer.
    long: Vec<u8>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, offset: 0, long: Vec::new() }
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the next `N` bytes.
    pub(super) fn array<const N: usize>(
        &mut self,
        structure: &'static str,
    ) -> Result<[u8; N], CaptureError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, structure)?;
        Ok(bytes)
    }

    /// Reads the next `N` bytes, or none if the file ends here.
    pub(super) fn array_or_end<const N: usize>(
        &mut self,
        structure: &'static str,
    ) -> Result<Option<[u8; N]>, CaptureError> {
        match self.array(structure) {
            Err(CaptureError::Short { had: 0, .. }) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Reads the next `len` bytes as those of a frame.
    pub(super) fn frame(
        &mut self,
        len: u64,
        frame: &mut Frame,
        structure: &'static str,
    ) -> Result<(), CaptureError> {
        if len > MAX_RECORD as u64 {
            return Err(CaptureError::TooLong { offset: self.offset, structure, length: len });
        }
        let len = len as usize;
        if let Some(room) = frame.spare_mut().get_mut(..len) {
            self.fill(room, structure)?;
            frame.set_len(len);
            return Ok(());
        }
        let mut long = std::mem::take(&mut self.long);
        long.resize(len, 0);
        let filled = self.fill(&mut long, structure);
        frame.fill(&long);
        self.long = long;
        filled
    }

    /// Reads over the next `len` bytes.
    pub(super) fn skip(&mut self, len: u64, structure: &'static str) -> Result<(), CaptureError> {
        let offset = self.offset;
        let mut junk = [0; 4096];
        let mut left = len;
        while left > 0 {
            let part = left.min(junk.len() as u64);
            let had = self.some(junk.get_mut(..part as usize).unwrap_or_default())? as u64;
            left -= had;
            if had < part {
                return Err(CaptureError::Short {
                    offset,
                    structure,
                    needed: len,
                    had: len - left,
                });
            }
        }
        Ok(())
    }

    fn fill(&mut self, to: &mut [u8], structure: &'static str) -> Result<(), CaptureError> {
        let (offset, needed) = (self.offset, to.len() as u64);
        let had = self.some(to)? as u64;
        if had < needed {
            return Err(CaptureError::Short { offset, structure, needed, had });
        }
        Ok(())
    }

    /// Reads as many bytes as there are and `to` holds.
    fn some(&mut self, to: &mut [u8]) -> Result<usize, CaptureError> {
        let mut had = 0;
        while let Some(rest @ [_, ..]) = to.get_mut(had..) {
            match self.input.read(rest) {
                Ok(0) => break,
                Ok(n) => {
                    had += n;
                    self.offset += n as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(CaptureError::Read { offset: self.offset, source }),
            }
        }
        Ok(had)
    }
}
