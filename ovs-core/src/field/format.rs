//! Values of fields as text.

use super::position::wide_port;
use crate::key::{FRAG_ANY, FRAG_LATER, Mac};
use crate::port::PortNo;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// How a field's value is written; the forms are those of Open vSwitch (ovs-fields(7),
/// "Format").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `17`.
    Decimal,
    /// `0x11`; zero is `0`.
    Hex,
    /// `0x0800`.
    EtherType,
    /// `02:00:00:00:00:01`.
    Mac,
    /// `10.0.0.0`; a mask that is a prefix as its length: `10.0.0.0/8`.
    Ipv4,
    /// `2001:db8::`; a mask that is a prefix as its length.
    Ipv6,
    /// `1` or `LOCAL`.
    Port,
    /// The same, with the numbers of OpenFlow 1.0.
    Port16,
    /// `(1,0x800)`: namespace and type.
    PacketType,
    /// `no`, `yes`, `first`, `later` or `not_later`.
    Frag,
    /// `syn|ack`; masked `+syn-ack`.
    TcpFlags,
    /// `est|trk`; masked `+trk-new`.
    CtState,
    /// `oam`; masked `+oam`.
    TunFlags,
}

/// Names of flags from bit 0 on.
const TCP_FLAGS: &[&str] = &["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"];
const CT_STATES: &[&str] = &["new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"];
const TUN_FLAGS: &[&str] = &["oam"];

/// Writes the value of a field, and behind a slash the mask if it is not exact.
#[derive(Clone, Copy, Debug)]
pub struct FieldValue {
    pub(crate) format: Format,
    pub(crate) value: u128,
    pub(crate) mask: u128,
    /// The mask of an exact match.
    pub(crate) ones: u128,
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Format::TcpFlags => return self.flags(f, TCP_FLAGS),
            Format::CtState => return self.flags(f, CT_STATES),
            Format::TunFlags => return self.flags(f, TUN_FLAGS),
            Format::Frag => return f.write_str(frag(self.value as u8, self.mask as u8)),
            _ => self.number(f, self.value)?,
        }
        if self.mask == self.ones {
            return Ok(());
        }
        f.write_str("/")?;
        match self.format {
            Format::Ipv4 | Format::Ipv6 if self.is_prefix() => {
                write!(f, "{}", self.mask.count_ones())
            }
            Format::Mac | Format::Ipv4 | Format::Ipv6 => self.number(f, self.mask),
            _ => write!(f, "{:#x}", self.mask),
        }
    }
}

impl FieldValue {
    fn number(&self, f: &mut fmt::Formatter<'_>, number: u128) -> fmt::Result {
        let [.., a, b, c, d, e, g] = number.to_be_bytes();
        match self.format {
            Format::Hex if number != 0 => write!(f, "{number:#x}"),
            Format::EtherType => write!(f, "{number:#06x}"),
            Format::Mac => write!(f, "{}", Mac([a, b, c, d, e, g])),
            Format::Ipv4 => write!(f, "{}", Ipv4Addr::from(number as u32)),
            Format::Ipv6 => write!(f, "{}", Ipv6Addr::from(number)),
            Format::Port => write!(f, "{}", PortNo(number as u32)),
            Format::Port16 => write!(f, "{}", PortNo(wide_port(number as u16))),
            Format::PacketType => write!(f, "({},{:#x})", number as u32 >> 16, number as u16),
            _ => write!(f, "{number}"),
        }
    }

    /// Is the mask ones, then zeros?
    fn is_prefix(&self) -> bool {
        let zeros = self.ones & !self.mask;
        zeros & zeros.wrapping_add(1) == 0
    }

    /// Exact: the names of the flags that are set. Masked: each that matters with its sign.
    fn flags(&self, f: &mut fmt::Formatter<'_>, names: &[&str]) -> fmt::Result {
        let exact = self.mask == self.ones;
        if exact && self.value == 0 {
            return f.write_str("0");
        }
        let mut separator = "";
        for bit in (0..128).filter(|bit| self.mask >> bit & 1 != 0) {
            let set = self.value >> bit & 1 != 0;
            if exact && !set {
                continue;
            }
            let sign = if set { "+" } else { "-" };
            f.write_str(if exact { separator } else { sign })?;
            separator = "|";
            match names.get(bit) {
                Some(name) => f.write_str(name)?,
                None => write!(f, "{:#x}", 1u128 << bit)?,
            }
        }
        Ok(())
    }
}

fn frag(value: u8, mask: u8) -> &'static str {
    let any = value & FRAG_ANY != 0;
    let later = value & FRAG_LATER != 0;
    match (mask & FRAG_ANY != 0, mask & FRAG_LATER != 0) {
        (true, true) if any && later => "later",
        (true, true) if any => "first",
        (true, false) if any => "yes",
        (true, _) => "no",
        (false, _) if later => "later",
        (false, _) => "not_later",
    }
}
