//! The classic format: a file header of 24 bytes, then records with a header of 16 bytes
//! (draft-ietf-opsawg-pcap §4 and §5).

use super::source::{ByteOrder, Source};
use super::{CaptureError, LINK_TYPE_ETHERNET, Record};
use ovs_core::Frame;
use std::io::Read;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Records {
    order: ByteOrder,
    /// 1 or 1000.
    nanos_per_unit: u32,
    /// Bytes of a frame check sequence behind each frame.
    fcs_len: usize,
}

impl Records {
    /// Reads the file header behind the magic number.
    pub(super) fn begin<R: Read>(
        source: &mut Source<R>,
        order: ByteOrder,
        nanos_per_unit: u32,
    ) -> Result<Self, CaptureError> {
        let header: [u8; 20] = source.array("pcap file header")?;
        let malformed =
            |problem| CaptureError::Malformed { offset: 0, structure: "pcap file header", problem };
        if order.u16(&header, 0) != 2 {
            return Err(malformed("the version is not 2.x"));
        }
        let link = order.u32(&header, 16);
        let link_type = link & 0xffff;
        if link_type != LINK_TYPE_ETHERNET {
            return Err(CaptureError::LinkType { offset: 0, link_type });
        }
        // Bit P: the highest four bits are the length of the FCS in units of 16 bits.
        let fcs_len = if link & 0x0400_0000 == 0 { 0 } else { (link >> 28) as usize * 2 };
        Ok(Self { order, nanos_per_unit, fcs_len })
    }

    pub(super) fn next<R: Read>(
        &mut self,
        source: &mut Source<R>,
        frame: &mut Frame,
    ) -> Result<Option<Record>, CaptureError> {
        let Some(header) = source.array_or_end::<16>("pcap record header")? else {
            return Ok(None);
        };
        let number = |at| self.order.u32(&header, at);
        let (len, original_len) = (number(8), number(12));
        source.frame(len.into(), frame, "pcap record")?;
        let is_cut = len < original_len;
        if !is_cut {
            frame.truncate(frame.len().saturating_sub(self.fcs_len));
        }
        // A file that lies about the fraction only makes the time wrong.
        let fraction = u64::from(number(4)) * u64::from(self.nanos_per_unit);
        let timestamp = Duration::from_secs(number(0).into()) + Duration::from_nanos(fraction);
        Ok(Some(Record { timestamp: Some(timestamp), original_len, is_cut }))
    }
}
