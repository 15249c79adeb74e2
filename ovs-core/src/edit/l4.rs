//! What IP carries: ports, ICMP, neighbour discovery, and their checksums.

use super::bytes::{read, slot, updated};
use super::walk::{Kind, L4};
use super::{Icmp, Masked, NdFields, Ports};
use crate::Frame;
use crate::checksum::{Checksum, crc32c_change};
use crate::key::nd;

impl L4 {
    /// Place of the Internet checksum.
    fn checksum_at(&self) -> Option<usize> {
        let offset = match self.kind {
            Kind::Tcp => 16,
            Kind::Udp => 6,
            Kind::Icmp | Kind::Icmpv6 => 2,
            Kind::Sctp => return None,
        };
        let at = self.at + offset;
        (at + 2 <= self.end).then_some(at)
    }

    /// Did the sender leave the checksum to be finished by others?
    fn is_unfinished(&self, checksum_at: usize, frame: &Frame) -> bool {
        let offload = &frame.offload;
        offload.needs_checksum()
            && usize::from(offload.csum_start) == self.at
            && self.at + usize::from(offload.csum_offset) == checksum_at
    }

    /// Follows a change of the addresses in the pseudo-header. An unfinished checksum is the sum of
    /// the pseudo-header.
    pub(super) fn addresses_changed(&self, change: Checksum, frame: &mut Frame) {
        let Some(at) = self.checksum_at() else {
            return;
        };
        if self.kind == Kind::Icmp || change.is_zero() {
            return;
        }
        if !self.is_unfinished(at, frame) {
            return self.update(at, change, frame);
        }
        if let Some(field) = slot(frame.as_mut_slice(), at) {
            *field = change.bytes(field).folded().to_be_bytes();
        }
    }

    /// Follows a change of the header or of what is behind it. An unfinished checksum is finished
    /// by summing all of that later.
    fn content_changed(&self, change: Checksum, frame: &mut Frame) {
        let Some(at) = self.checksum_at() else {
            return;
        };
        if !change.is_zero() && !self.is_unfinished(at, frame) {
            self.update(at, change, frame);
        }
    }

    fn update(&self, at: usize, change: Checksum, frame: &mut Frame) {
        let bytes = frame.as_mut_slice();
        let Some(field) = slot(bytes, at) else {
            return;
        };
        let old = u16::from_be_bytes(*field);
        // RFC 768: zero says that there is none.
        let new = match updated(old, change) {
            _ if self.kind == Kind::Udp && old == 0 => 0,
            0 if self.kind == Kind::Udp => 0xffff,
            new => new,
        };
        *field = new.to_be_bytes();
        // Of the two zeros of ones' complement a change ends in the one that is right for a sum of
        // anything but zeros. Only an echo reply can be zeros alone.
        if new == 0 && self.kind == Kind::Icmp {
            let is_blank =
                bytes.get(self.at..self.end).is_some_and(|all| all.iter().all(|&b| b == 0));
            if let Some(field) = slot(bytes, at).filter(|_| is_blank) {
                *field = [0xff; 2];
            }
        }
    }
}

pub(super) fn set_ports(frame: &mut Frame, edit: &Masked<Ports>) -> Option<()> {
    let l4 = L4::of(frame.as_slice())?;
    let has_ports = matches!(l4.kind, Kind::Tcp | Kind::Udp | Kind::Sctp);
    if !has_ports || !l4.is_whole(frame.as_slice()) {
        return None;
    }
    let edit = edit.as_bytes(|ports| {
        let ([s0, s1], [d0, d1]) = (ports.src.to_be_bytes(), ports.dst.to_be_bytes());
        [s0, s1, d0, d1]
    });
    if l4.kind == Kind::Sctp {
        return set_sctp_ports(frame, &l4, &edit);
    }
    let change = edit.write(slot(frame.as_mut_slice(), l4.at)?);
    l4.content_changed(change, frame);
    Some(())
}

/// RFC 9260 §3.1: the ports come first, the checksum stands 8 bytes behind them, with the least
/// significant byte first.
fn set_sctp_ports(frame: &mut Frame, l4: &L4, edit: &Masked<[u8; 4]>) -> Option<()> {
    const CHECKSUM: usize = 8;
    let is_unfinished = l4.is_unfinished(l4.at + CHECKSUM, frame);
    let packet = frame.as_mut_slice().get_mut(l4.at..l4.end)?;
    let length = packet.len();
    let ports = slot(packet, 0)?;
    let (old, new) = (*ports, edit.of(*ports));
    *ports = new;
    if old != new && !is_unfinished {
        let checksum = slot(packet, CHECKSUM)?;
        let change = crc32c_change(old, new, length);
        *checksum = (u32::from_le_bytes(*checksum) ^ change).to_le_bytes();
    }
    Some(())
}

pub(super) fn set_icmp(frame: &mut Frame, edit: &Masked<Icmp>) -> Option<()> {
    let l4 = L4::of(frame.as_slice())?;
    let is_icmp = matches!(l4.kind, Kind::Icmp | Kind::Icmpv6);
    if !is_icmp || !l4.is_whole(frame.as_slice()) {
        return None;
    }
    let edit = edit.as_bytes(|icmp| [icmp.kind, icmp.code]);
    let change = edit.write(slot(frame.as_mut_slice(), l4.at)?);
    l4.content_changed(change, frame);
    Some(())
}

pub(super) fn set_nd(frame: &mut Frame, edit: &Masked<NdFields>) -> Option<()> {
    let l4 = L4::of(frame.as_slice())?;
    if l4.kind != Kind::Icmpv6 || !l4.is_whole(frame.as_slice()) {
        return None;
    }
    let message = frame.as_mut_slice().get_mut(l4.at..l4.end)?;
    let [nd::SOLICITATION | nd::ADVERTISEMENT, 0, ..] = *message else {
        return None;
    };
    let options = NdOptions::find(message);
    let reserved = edit.as_bytes(|nd| nd.reserved.to_be_bytes());
    let mut change = reserved.write(slot(message, 4)?);
    if let Some(options) = options {
        change = change.and(options.set(message, edit)?);
    }
    l4.content_changed(change, frame);
    Some(())
}

/// Places in a neighbour solicitation or advertisement, of the options with link-layer addresses
/// (RFC 4861 §4.3, §4.4, §4.6.1).
#[derive(Default)]
struct NdOptions {
    source: Option<usize>,
    target: Option<usize>,
    first: Option<usize>,
}

impl NdOptions {
    const TARGET: usize = 8;
    const OPTIONS: usize = 24;

    /// Looks for the options that extraction takes the addresses from. `None` if target and addresses
    /// are not there for extraction either: the target is cut off, or an address is given twice.
    fn find(message: &[u8]) -> Option<Self> {
        let mut found = Self::default();
        let mut at = Self::OPTIONS;
        let mut rest = message.get(at..)?;
        while let Some(&[kind, units, ..]) = rest.first_chunk::<8>() {
            let length = usize::from(units) * 8;
            let Some(behind) = rest.get(length..) else {
                break;
            };
            let slot = match (kind, units) {
                (_, 0) => break,
                (nd::SOURCE_LINK_LAYER, 1) => Some(&mut found.source),
                (nd::TARGET_LINK_LAYER, 1) => Some(&mut found.target),
                _ => None,
            };
            if let Some(slot) = slot {
                // An address of zeros counts as none.
                let earlier = slot.and_then(|at| read::<6>(message, at + 2));
                if earlier.is_some_and(|address| address != [0; 6]) {
                    return None;
                }
                *slot = Some(at);
                found.first = found.first.or(Some(at));
            }
            at += length;
            rest = behind;
        }
        Some(found)
    }

    /// Changes target and options; tells by what that changes the sum.
    fn set(&self, message: &mut [u8], edit: &Masked<NdFields>) -> Option<Checksum> {
        let target = edit.as_bytes(|nd| nd.target);
        let mut change = target.write(slot(message, Self::TARGET)?);
        let source_link = edit.as_bytes(|nd| nd.sll.0);
        let target_link = edit.as_bytes(|nd| nd.tll.0);
        for (at, address) in [(self.source, source_link), (self.target, target_link)] {
            if let Some(at) = at {
                change = change.and(address.write(slot(message, at + 2)?));
            }
        }
        if let Some(at) = self.first {
            let option = edit.as_bytes(|nd| [nd.options_type, 0]);
            change = change.and(option.write(slot(message, at)?));
        }
        Some(change)
    }
}
