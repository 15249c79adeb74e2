//! Fields and parts of them: their names and values.

mod option;
mod read;
mod show;
mod subfield;

pub(super) use option::{read_option, show_bytes_number, show_matched_option, show_option};
pub(super) use read::{
    read_exact, read_ipv4_address, read_ipv6_address, read_mac_address, read_masked, read_part,
};
pub(super) use show::{
    CT_STATES, TCP_FLAGS, TUN_FLAGS, frag, show_flags, show_hex, show_ipv4, show_ipv6,
    show_ipv6_address, show_mac, show_packet_type, show_value, wide_port,
};
pub(super) use subfield::{ShowSubfield, read_prefix, read_subfield, width};

use super::error::{Complaint, ParseError};
use super::piece::Piece;
use super::similar::similar;
use ovs_core::field::Field;

/// The field of a name in a match. `in_port` is the 16-bit field here, as in Open vSwitch.
pub(super) fn from_name(name: &str) -> Option<Field> {
    match name {
        "in_port" => Some(Field::InPort16),
        "in_port_oxm" => Some(Field::InPort),
        // As Open vSwitch prints them.
        "gtpu_flags" => Some(Field::TunGtpuFlags),
        "gtpu_msgtype" => Some(Field::TunGtpuMsgtype),
        _ => Field::all().find(|field| field.name() == name || field.aliases().contains(&name)),
    }
}

/// The name that is printed for it.
pub(super) fn name(field: Field) -> &'static str {
    match field {
        Field::InPort16 => "in_port",
        Field::InPort => "in_port_oxm",
        _ => field.name(),
    }
}

/// All names of fields.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    Field::all().flat_map(|field| [name(field)].into_iter().chain(field.aliases().iter().copied()))
}

/// The field of a name, which is an error if there is none.
pub(super) fn read_name(text: Piece<'_>) -> Result<Field, ParseError> {
    from_name(text.text).ok_or_else(|| unknown(text))
}

pub(super) fn unknown(text: Piece<'_>) -> ParseError {
    let similar = similar(text.text, names());
    text.error(Complaint::Unknown { what: "no field", similar })
}

/// In which order Open vSwitch has fields in a list: by its own table.
pub(super) fn rank(field: Field) -> (usize, Field) {
    let families = [
        Field::Reg0..=Field::Reg15,
        Field::Xreg0..=Field::Xreg7,
        Field::Xxreg0..=Field::Xxreg3,
        Field::TunMetadata0..=Field::TunMetadata63,
    ];
    let family = families.iter().find(|family| family.contains(&field));
    let first = family.map_or(field, |family| *family.start());
    let place = ORDER.iter().position(|known| *known == first);
    (place.unwrap_or(ORDER.len()), field)
}

/// The table of Open vSwitch, of each family the first field.
const ORDER: [Field; 82] = {
    use Field::*;
    [
        DpHash,
        RecircId,
        PacketType,
        ConjId,
        TunId,
        TunSrc,
        TunDst,
        TunIpv6Src,
        TunIpv6Dst,
        TunFlags,
        TunTtl,
        TunTos,
        TunGbpId,
        TunGbpFlags,
        TunErspanIdx,
        TunErspanVer,
        TunErspanDir,
        TunErspanHwid,
        TunGtpuFlags,
        TunGtpuMsgtype,
        TunMetadata0,
        Metadata,
        InPort16,
        InPort,
        ActsetOutput,
        SkbPriority,
        PktMark,
        CtState,
        CtZone,
        CtMark,
        CtLabel,
        CtNwProto,
        CtNwSrc,
        CtNwDst,
        CtIpv6Src,
        CtIpv6Dst,
        CtTpSrc,
        CtTpDst,
        Reg0,
        Xreg0,
        Xxreg0,
        EthSrc,
        EthDst,
        EthType,
        VlanTci,
        VlanVid,
        VlanPcp,
        MplsLabel,
        MplsTc,
        MplsBos,
        MplsTtl,
        Ipv4Src,
        Ipv4Dst,
        Ipv6Src,
        Ipv6Dst,
        Ipv6Label,
        IpProto,
        NwTos,
        IpDscp,
        IpEcn,
        IpTtl,
        IpFrag,
        ArpOp,
        ArpSpa,
        ArpTpa,
        ArpSha,
        ArpTha,
        TcpSrc,
        TcpDst,
        TcpFlags,
        UdpSrc,
        UdpDst,
        SctpSrc,
        SctpDst,
        Icmpv4Type,
        Icmpv4Code,
        Icmpv6Type,
        Icmpv6Code,
        NdTarget,
        NdSll,
        NdTll,
        NdReserved,
    ]
};
