//! Values of fields as they are printed in actions.

use crate::text::syntax::Syntax;
use core::fmt;
use core::net::Ipv6Addr;
use ovs_core::PortNo;
use ovs_core::field::{Field, Format};
use ovs_core::key::Mac;

/// Names of flags from bit 0 on; empty for a bit without.
pub(in crate::text) const TCP_FLAGS: &[&str] =
    &["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns", "[200]", "[400]", "[800]"];
pub(in crate::text) const CT_STATES: &[&str] =
    &["new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"];
pub(in crate::text) const TUN_FLAGS: &[&str] = &["oam"];

/// Writes a number in hexadecimal; zero is `0`.
pub(in crate::text) fn show_hex(f: &mut fmt::Formatter<'_>, number: u128) -> fmt::Result {
    if number == 0 { f.write_str("0") } else { write!(f, "{number:#x}") }
}

/// Writes the value of a field, and behind a slash the mask if it is not exact.
pub(in crate::text) fn show_value(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    field: Field,
    value: u128,
    mask: u128,
) -> fmt::Result {
    if mask == 0 {
        return f.write_str("ANY");
    }
    let exact = mask == field.ones();
    match field.format() {
        Format::Port if exact => write!(f, "{}", syntax.show_port(PortNo(value as u32))),
        Format::Port16 if exact => write!(f, "{}", syntax.show_port(wide_port(value as u16))),
        Format::Mac => show_mac(f, value, mask),
        Format::Ipv4 => show_ipv4(f, value as u32, mask as u32),
        Format::Ipv6 => show_ipv6(f, value, mask),
        Format::Frag => f.write_str(frag(value as u8, mask as u8)),
        Format::TcpFlags => show_flags(f, TCP_FLAGS, value as u32, mask as u32, 0xfff),
        Format::CtState => show_flags(f, CT_STATES, value as u32, mask as u32, 0xffff),
        Format::TunFlags => show_flags(f, TUN_FLAGS, value as u32, mask as u32, 1),
        Format::PacketType => show_packet_type(f, value as u32),
        Format::Hex | Format::EtherType if field != Field::VlanVid => {
            show_hex(f, value)?;
            show_mask(f, mask, exact)
        }
        _ => {
            write!(f, "{value}")?;
            show_mask(f, mask, exact)
        }
    }
}

fn show_mask(f: &mut fmt::Formatter<'_>, mask: u128, exact: bool) -> fmt::Result {
    if exact { Ok(()) } else { write!(f, "/{mask:#x}") }
}

/// A port of OpenFlow 1.0 as the later versions number it.
pub(in crate::text) fn wide_port(port: u16) -> PortNo {
    PortNo(if port >= 0xff00 { 0xffff_0000 | u32::from(port) } else { port.into() })
}

fn mac(number: u128) -> Mac {
    let [.., a, b, c, d, e, f] = number.to_be_bytes();
    Mac([a, b, c, d, e, f])
}

pub(in crate::text) fn show_mac(
    f: &mut fmt::Formatter<'_>,
    value: u128,
    mask: u128,
) -> fmt::Result {
    write!(f, "{}", mac(value))?;
    if mask == (1 << 48) - 1 { Ok(()) } else { write!(f, "/{}", mac(mask)) }
}

pub(in crate::text) fn show_ipv4(f: &mut fmt::Formatter<'_>, value: u32, mask: u32) -> fmt::Result {
    write!(f, "{}", core::net::Ipv4Addr::from(value))?;
    match mask.leading_ones() {
        32 => Ok(()),
        length if mask.count_ones() == length => write!(f, "/{length}"),
        _ => write!(f, "/{}", core::net::Ipv4Addr::from(mask)),
    }
}

pub(in crate::text) fn show_ipv6(
    f: &mut fmt::Formatter<'_>,
    value: u128,
    mask: u128,
) -> fmt::Result {
    show_ipv6_address(f, value.into())?;
    match mask.leading_ones() {
        128 => Ok(()),
        length if mask.count_ones() == length => write!(f, "/{length}"),
        _ => {
            f.write_str("/")?;
            show_ipv6_address(f, mask.into())
        }
    }
}

/// As `inet_ntop` of GNU's C library does: an address with just 96 leading zero bits ends like
/// one of IPv4.
pub(in crate::text) fn show_ipv6_address(
    f: &mut fmt::Formatter<'_>,
    address: Ipv6Addr,
) -> fmt::Result {
    let bits = address.to_bits();
    if bits >> 32 == 0 && bits >> 16 != 0 {
        write!(f, "::{}", core::net::Ipv4Addr::from(bits as u32))
    } else {
        write!(f, "{address}")
    }
}

/// The word for a kind of fragment.
pub(in crate::text) fn frag(value: u8, mask: u8) -> &'static str {
    match (mask & 3, value & mask & 3) {
        (3, 0) | (1, 0) => "no",
        (3, 1) => "first",
        (3, 3) | (2, 2) => "later",
        (1, 1) => "yes",
        (2, 0) => "not_later",
        _ => "<error>",
    }
}

/// Writes flags: with the mask `exact` those that are set, otherwise each that matters with its
/// sign.
pub(in crate::text) fn show_flags(
    f: &mut fmt::Formatter<'_>,
    names: &[&str],
    value: u32,
    mask: u32,
    exact: u32,
) -> fmt::Result {
    if mask == exact {
        return show_set_flags(f, names, value);
    }
    for bit in (0..32).filter(|bit| mask >> bit & 1 != 0) {
        f.write_str(if value >> bit & 1 != 0 { "+" } else { "-" })?;
        f.write_str(names.get(bit as usize).copied().unwrap_or("[Unknown]"))?;
    }
    if mask == 0 { f.write_str("0/0") } else { Ok(()) }
}

/// Writes the flags that are set, those without a name as one number.
pub(in crate::text) fn show_set_flags(
    f: &mut fmt::Formatter<'_>,
    names: &[&str],
    value: u32,
) -> fmt::Result {
    if value == 0 {
        return f.write_str("0");
    }
    let mut separator = "";
    for (bit, name) in names.iter().enumerate() {
        if value >> bit & 1 != 0 {
            write!(f, "{separator}{name}")?;
            separator = "|";
        }
    }
    let unnamed = value & u32::MAX.checked_shl(names.len() as u32).unwrap_or(0);
    if unnamed == 0 { Ok(()) } else { write!(f, "{separator}{unnamed:#x}") }
}

/// Writes `eth` or `packet_type=(namespace,type)`.
pub(in crate::text) fn show_packet_type(
    f: &mut fmt::Formatter<'_>,
    packet_type: u32,
) -> fmt::Result {
    fn part(number: u32) -> impl fmt::Display {
        struct Part(u32);
        impl fmt::Display for Part {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.0 > 9 { write!(f, "{:#x}", self.0) } else { write!(f, "{}", self.0) }
            }
        }
        Part(number)
    }
    if packet_type == 0 {
        return f.write_str("eth");
    }
    write!(f, "packet_type=({},{})", part(packet_type >> 16), part(packet_type & 0xffff))
}
