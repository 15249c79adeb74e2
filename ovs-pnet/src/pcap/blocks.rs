//! The newer format, pcapng: blocks with a type and a length (draft-ietf-opsawg-pcapng §3 and
//! §4). Blocks that carry no packet and describe no interface are read over.

use super::source::{ByteOrder, Source};
use super::{CaptureError, LINK_TYPE_ETHERNET, Record};
use ovs_core::Frame;
use std::io::Read;
use std::time::Duration;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// Obsolete, but still found in old files.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const OPTION_END: u16 = 0;
const OPTION_TIME_RESOLUTION: u16 = 9;

/// Bytes of type, length, and the length again at the end.
const BLOCK_FRAMING: u32 = 12;

/// How many interfaces a section may describe: the obsolete packet block counts to this.
const MAX_INTERFACES: usize = 65_536;

#[derive(Debug)]
pub(super) struct Blocks {
    order: ByteOrder,
    /// Of the section.
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u16,
    /// 0 is no limit.
    snap_len: u32,
    /// How many units of a timestamp make a second; none if that is beyond all reason.
    units: Option<u128>,
}

/// A block of which `left` bytes of the body are still to be read.
struct Block<'a, R> {
    source: &'a mut Source<R>,
    offset: u64,
    length: u32,
    left: u32,
}

impl Blocks {
    /// Reads the first section header, behind its type.
    pub(super) fn begin<R: Read>(source: &mut Source<R>) -> Result<Self, CaptureError> {
        let mut blocks = Self { order: ByteOrder::Little, interfaces: Vec::new() };
        let length = source.array("pcapng section header")?;
        blocks.section(source, 0, length)?;
        Ok(blocks)
    }

    pub(super) fn next<R: Read>(
        &mut self,
        source: &mut Source<R>,
        frame: &mut Frame,
    ) -> Result<Option<Record>, CaptureError> {
        loop {
            let offset = source.offset();
            let Some(head) = source.array_or_end::<8>("pcapng block header")? else {
                return Ok(None);
            };
            let kind = self.order.u32(&head, 0);
            if kind == SECTION_HEADER {
                let [_, _, _, _, length @ ..] = head;
                self.section(source, offset, length)?;
                continue;
            }
            let mut block = Block::new(source, offset, self.order.u32(&head, 4), 8)?;
            let record = match kind {
                INTERFACE_DESCRIPTION => self.interface(&mut block).map(|()| None),
                ENHANCED_PACKET => self.enhanced(&mut block, frame, false).map(Some),
                PACKET => self.enhanced(&mut block, frame, true).map(Some),
                SIMPLE_PACKET => self.simple(&mut block, frame).map(Some),
                _ => Ok(None),
            }?;
            block.end(self.order)?;
            if record.is_some() {
                return Ok(record);
            }
        }
    }

    /// A section header, from behind its `length`: byte order, and no interface yet.
    fn section<R: Read>(
        &mut self,
        source: &mut Source<R>,
        offset: u64,
        length: [u8; 4],
    ) -> Result<(), CaptureError> {
        let structure = "pcapng section header";
        let malformed = |problem| CaptureError::Malformed { offset, structure, problem };
        self.order = match source.array(structure)? {
            [0x1a, 0x2b, 0x3c, 0x4d] => ByteOrder::Big,
            [0x4d, 0x3c, 0x2b, 0x1a] => ByteOrder::Little,
            _ => return Err(malformed("there is no byte-order magic")),
        };
        self.interfaces.clear();
        let mut block = Block::new(source, offset, self.order.u32(&length, 0), 12)?;
        let version: [u8; 4] = block.array()?;
        if self.order.u16(&version, 0) != 1 {
            return Err(malformed("the version is not 1.x"));
        }
        block.end(self.order)
    }

    /// §4.2
    fn interface<R: Read>(&mut self, block: &mut Block<'_, R>) -> Result<(), CaptureError> {
        let fixed: [u8; 8] = block.array()?;
        let mut interface = Interface {
            link_type: self.order.u16(&fixed, 0),
            snap_len: self.order.u32(&fixed, 4),
            units: Some(1_000_000),
        };
        while block.left >= 4 {
            let option: [u8; 4] = block.array()?;
            let (code, len) = (self.order.u16(&option, 0), self.order.u16(&option, 2));
            if code == OPTION_END {
                break;
            }
            if code == OPTION_TIME_RESOLUTION && len == 1 {
                let [resolution, ..]: [u8; 4] = block.array()?;
                interface.units = units_per_second(resolution);
            } else {
                block.skip(u32::from(len).next_multiple_of(4))?;
            }
        }
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(block.malformed("more interfaces than 65,536"));
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// §4.3, and the obsolete one of Appendix A, which has a 16-bit interface and a number of
    /// drops where the other has a 32-bit interface.
    fn enhanced<R: Read>(
        &self,
        block: &mut Block<'_, R>,
        frame: &mut Frame,
        obsolete: bool,
    ) -> Result<Record, CaptureError> {
        let fixed: [u8; 20] = block.array()?;
        let number = |at| self.order.u32(&fixed, at);
        let of = if obsolete { self.order.u16(&fixed, 0).into() } else { number(0) };
        let interface = self.ethernet(of, block)?;
        let (len, original_len) = (number(12), number(16));
        block.frame(len, frame)?;
        let ticks = u64::from(number(4)) << 32 | u64::from(number(8));
        let timestamp = interface.units.map(|units| since_1970(ticks, units));
        Ok(Record { timestamp, original_len, is_cut: len < original_len })
    }

    /// §4.4
    fn simple<R: Read>(
        &self,
        block: &mut Block<'_, R>,
        frame: &mut Frame,
    ) -> Result<Record, CaptureError> {
        let original_len = self.order.u32(&block.array::<4>()?, 0);
        let interface = self.ethernet(0, block)?;
        let limit = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
        let len = original_len.min(limit);
        block.frame(len, frame)?;
        Ok(Record { timestamp: None, original_len, is_cut: len < original_len })
    }

    fn ethernet<R>(&self, number: u32, block: &Block<'_, R>) -> Result<Interface, CaptureError> {
        let Some(&interface) = self.interfaces.get(number as usize) else {
            return Err(block.malformed("the section does not describe its interface"));
        };
        let link_type = interface.link_type.into();
        if link_type != LINK_TYPE_ETHERNET {
            return Err(CaptureError::LinkType { offset: block.offset, link_type });
        }
        Ok(interface)
    }
}

impl<'a, R> Block<'a, R> {
    /// A block of `length` bytes in all, of which `read` have been read.
    fn new(
        source: &'a mut Source<R>,
        offset: u64,
        length: u32,
        read: u32,
    ) -> Result<Self, CaptureError> {
        let block = Self { source, offset, length, left: 0 };
        if length % 4 != 0 {
            return Err(block.malformed("the length is no multiple of 4"));
        }
        // The length at the end is no part of the body.
        match length.checked_sub(read + 4) {
            Some(left) if length >= BLOCK_FRAMING => Ok(Self { left, ..block }),
            _ => Err(block.malformed("the length is less than that of the header")),
        }
    }

    fn malformed(&self, problem: &'static str) -> CaptureError {
        CaptureError::Malformed { offset: self.offset, structure: "pcapng block", problem }
    }

    /// Notes that `len` bytes of the body are being read.
    fn take(&mut self, len: u32) -> Result<(), CaptureError> {
        let problem = "the length is less than that of its content";
        self.left = self.left.checked_sub(len).ok_or_else(|| self.malformed(problem))?;
        Ok(())
    }
}

impl<R: Read> Block<'_, R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], CaptureError> {
        self.take(N as u32)?;
        self.source.array("pcapng block")
    }

    fn frame(&mut self, len: u32, frame: &mut Frame) -> Result<(), CaptureError> {
        self.take(len)?;
        self.source.frame(len.into(), frame, "pcapng packet")
    }

    fn skip(&mut self, len: u32) -> Result<(), CaptureError> {
        self.take(len)?;
        self.source.skip(len.into(), "pcapng block")
    }

    /// Reads over the rest.
    fn end(mut self, order: ByteOrder) -> Result<(), CaptureError> {
        self.skip(self.left)?;
        let again = self.source.array::<4>("pcapng block")?;
        if order.u32(&again, 0) != self.length {
            return Err(self.malformed("the lengths at both ends differ"));
        }
        Ok(())
    }
}

/// if_tsresol: a negative power of 10, or of 2 if the highest bit is set.
fn units_per_second(resolution: u8) -> Option<u128> {
    let exponent = u32::from(resolution & 0x7f);
    if resolution & 0x80 == 0 { 10u128.checked_pow(exponent) } else { Some(1 << exponent) }
}

fn since_1970(ticks: u64, units: u128) -> Duration {
    let ticks = u128::from(ticks);
    // The rest is less than 2^64, so this does not overflow; the quotients fit.
    let nanos = ticks % units * 1_000_000_000 / units;
    Duration::new((ticks / units) as u64, nanos as u32)
}
