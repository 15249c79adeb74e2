//! Actions that are malformed.

use crate::error_code::ErrorCode;
use crate::protocol::Version;

const OF10: &[Version] = &[Version::OF10];
const OF13: &[Version] = &[Version::OF13];
const BOTH: &[Version] = &[Version::OF10, Version::OF13];

/// What is wrong, for which versions, the bytes, and the code, which is that of Open vSwitch 3.1
/// (`ovs-ofctl parse-actions`).
pub(super) const REFUSED: &[(&str, &[Version], &str, ErrorCode)] = &[
    ("length no multiple of 8", BOTH, "0000000c 00010000 00000000", ErrorCode::OFPBRC_BAD_LEN),
    ("output of 8 bytes", OF13, "00000008 00000001", ErrorCode::OFPBAC_BAD_LEN),
    ("output to any", OF13, "00000010 ffffffff 00000000 00000000", ErrorCode::OFPBAC_BAD_OUT_PORT),
    (
        "output to a number between",
        OF13,
        "00000010 0000ff00 00000000 00000000",
        ErrorCode::OFPBAC_BAD_OUT_PORT,
    ),
    ("output to none", OF10, "00000008 ffff0000", ErrorCode::OFPBAC_BAD_OUT_PORT),
    ("output to a free reserved number", OF10, "00000008 ff000000", ErrorCode::OFPBAC_BAD_OUT_PORT),
    (
        "enqueue to the controller",
        OF10,
        "000b0010 fffd0000 00000000 00000001",
        ErrorCode::OFPBAC_BAD_OUT_PORT,
    ),
    ("vlan id", OF10, "00010008 10000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("pcp", OF10, "00020008 08000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("tos", OF10, "00080008 01000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("vlan id", OF13, "00010008 10000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("pcp", OF13, "00020008 08000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("tos", OF13, "00070008 01000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("ecn", OF13, "00080008 04000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("push vlan", OF13, "00110008 08000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("push mpls", OF13, "00130008 08000000", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("in_phy", OF13, "00190010 80005204 00000000 00000000", ErrorCode::OFPBAC_BAD_SET_LEN),
    (
        "set in_port",
        OF13,
        "00190010 80000004 00000001 00000000",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "vlan vid without present",
        OF13,
        "00190010 80000c02 00050000 00000000",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "ipv4 src of 3 bytes",
        OF13,
        "00190010 80001603 01020300 00000000",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    ("masked set", OF13, "00190010 80001708 01020304 ffffffff", ErrorCode::OFPBAC_BAD_SET_MASK),
    ("padding", OF13, "00190010 80001604 01020304 00000001", ErrorCode::OFPBAC_BAD_SET_ARGUMENT),
    ("cut", OF13, "00190008 80001604", ErrorCode::OFPBMC_BAD_LEN),
    ("arp op", OF13, "00190010 80002a02 01000000 00000000", ErrorCode::OFPBAC_BAD_SET_ARGUMENT),
    (
        "resubmit table pad",
        BOTH,
        "ffff0010 00002320 000e0001 00000001",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "load unknown nxm",
        BOTH,
        "ffff0018 00002320 0007001f 00020004 00000000 00000005",
        ErrorCode::OFPBAC_BAD_SET_TYPE,
    ),
    (
        "load wrong length",
        BOTH,
        "ffff0018 00002320 0007001f 00010008 00000000 00000005",
        ErrorCode::OFPBAC_BAD_SET_TYPE,
    ),
    (
        "load too wide",
        BOTH,
        "ffff0018 00002320 0007003f 00010004 00000000 00000005",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "load value too large",
        BOTH,
        "ffff0018 00002320 00070003 00010004 00000000 00000010",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "load ct_zone",
        BOTH,
        "ffff0018 00002320 0007000f 0001d504 00000000 00000001",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "move no bits",
        BOTH,
        "ffff0018 00002320 00060000 00000000 00010004 00010204",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "move too wide",
        BOTH,
        "ffff0018 00002320 00060021 00000000 00010004 00010204",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "move to ct_zone",
        BOTH,
        "ffff0018 00002320 00060008 00000000 00010004 0001d502",
        ErrorCode::OFPBMC_BAD_FIELD,
    ),
    ("move cut", BOTH, "ffff0010 00002320 00060008 00000000", ErrorCode::OFPBMC_BAD_LEN),
    (
        "move unknown",
        BOTH,
        "ffff0018 00002320 00060008 00000000 00fe0004 00010204",
        ErrorCode::OFPBMC_BAD_FIELD,
    ),
    (
        "move masked",
        BOTH,
        "ffff0018 00002320 00060008 00000000 00010108 00010204",
        ErrorCode::OFPBMC_BAD_MASK,
    ),
    (
        "move padding",
        BOTH,
        "ffff0020 00002320 00060008 00000000 00010004 00010204 00000001 00000000",
        ErrorCode::NXBRC_MUST_BE_ZERO,
    ),
    (
        "load2 ct_mark outside",
        BOTH,
        "ffff0018 00002320 00210001 d6040000 00010000 00000000",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "load2 padding",
        BOTH,
        "ffff0018 00002320 00210001 00040000 00010001 00000000",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "load2 beyond mask",
        BOTH,
        "ffff0020 00002320 00210001 01080000 00020000 00010000 00000000",
        ErrorCode::OFPBRC_BAD_LEN,
    ),
    (
        "push no bits",
        BOTH,
        "ffff0018 00002320 001b0000 00010004 00000000 00000000",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "output reg too wide",
        BOTH,
        "ffff0018 00002320 000f003f 00010004 ffff0000 00000000",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "output reg padding",
        BOTH,
        "ffff0018 00002320 000f001f 00010004 ffff0000 00000001",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "output reg2 padding",
        BOTH,
        "ffff0018 00002320 0020001f ffff0001 00040000 00000001",
        ErrorCode::NXBRC_MUST_BE_ZERO,
    ),
    ("trunc of 13", BOTH, "ffff0010 00002320 00270003 0000000d", ErrorCode::OFPBAC_BAD_ARGUMENT),
    ("dec ttl ids cut", BOTH, "ffff0010 00002320 00150001 00000000", ErrorCode::OFPBAC_BAD_LEN),
    (
        "dec ttl padding",
        BOTH,
        "ffff0018 00002320 00150001 00000001 00010000 00000000",
        ErrorCode::NXBRC_MUST_BE_ZERO,
    ),
    (
        "multipath fields",
        BOTH,
        "ffff0020 00002320 000a0007 00000000 00000000 00000000 0000001f 00010004",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "multipath algorithm",
        BOTH,
        "ffff0020 00002320 000a0000 00000000 00040000 00000000 0000001f 00010004",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "multipath too few bits",
        BOTH,
        "ffff0020 00002320 000a0000 00000000 00000010 00000000 00000003 00010004",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "bundle alg",
        BOTH,
        "ffff0020 00002320 000c0002 00000000 00000002 00000000 00000000 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "bundle fields",
        BOTH,
        "ffff0020 00002320 000c0001 00070000 00000002 00000000 00000000 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "bundle type",
        BOTH,
        "ffff0020 00002320 000c0001 00000000 00000004 00000000 00000000 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "bundle members cut",
        BOTH,
        "ffff0020 00002320 000c0001 00000000 00000002 00010000 00000000 00000000",
        ErrorCode::OFPBAC_BAD_LEN,
    ),
    (
        "bundle to controller",
        BOTH,
        "ffff0028 00002320 000c0001 00000000 00000002 00010000 00000000 00000000 fffd0000 \
         00000000",
        ErrorCode::OFPBAC_BAD_OUT_PORT,
    ),
    (
        "bundle with a destination",
        BOTH,
        "ffff0020 00002320 000c0001 00000000 00000002 0000001f 00000000 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "bundle_load too few bits",
        BOTH,
        "ffff0028 00002320 000d0001 00000000 00000002 0001000e 00010004 00000000 00040000 \
         00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn table",
        BOTH,
        "ffff0020 00002320 00100000 00008000 00000000 00000000 0000ff00 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn flags",
        BOTH,
        "ffff0020 00002320 00100000 00008000 00000000 00000000 00040100 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn spec cut",
        BOTH,
        "ffff0028 00002320 00100000 00008000 00000000 00000000 00000100 00000000 20080000 \
         00000000",
        ErrorCode::OFPBAC_BAD_LEN,
    ),
    (
        "learn spec unknown",
        BOTH,
        "ffff0028 00002320 00100000 00008000 00000000 00000000 00000100 00000000 18080000 \
         00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn output of a number",
        BOTH,
        "ffff0028 00002320 00100000 00008000 00000000 00000000 00000100 00000000 30080000 \
         00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn padding",
        BOTH,
        "ffff0028 00002320 00100000 00008000 00000000 00000000 00000100 00000000 00000000 \
         00000001",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn2 bit without flag",
        BOTH,
        "ffff0028 00002320 002d0000 00008000 00000000 00000000 00000100 00000000 00000005 \
         00030000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "learn2 pad",
        BOTH,
        "ffff0028 00002320 002d0000 00008000 00000000 00000000 00000100 00000000 00000005 \
         00000001",
        ErrorCode::NXBAC_MUST_BE_ZERO,
    ),
    ("conj 1", BOTH, "ffff0010 00002320 00220001 00000005", ErrorCode::NXBAC_BAD_CONJUNCTION),
    ("conj 65", BOTH, "ffff0010 00002320 00220241 00000005", ErrorCode::NXBAC_BAD_CONJUNCTION),
    ("conj clause", BOTH, "ffff0010 00002320 00220303 00000005", ErrorCode::NXBAC_BAD_CONJUNCTION),
    (
        "conj with exit",
        BOTH,
        "ffff0010 00002320 00220003 00000005 ffff0010 00002320 00110000 00000000",
        ErrorCode::NXBAC_BAD_CONJUNCTION,
    ),
    (
        "sample never",
        BOTH,
        "ffff0018 00002320 001d0000 00000001 00000002 00000003",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "sample direction",
        BOTH,
        "ffff0020 00002320 00290001 00000001 00000002 00000003 00010300 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "sample padding",
        BOTH,
        "ffff0020 00002320 00290001 00000001 00000002 00000003 00010100 00000001",
        ErrorCode::NXBRC_MUST_BE_ZERO,
    ),
    (
        "controller2 unknown",
        BOTH,
        "ffff0018 00002320 00250000 00000000 00080008 00000000",
        ErrorCode::OFPBPC_BAD_TYPE,
    ),
    (
        "controller2 padding",
        BOTH,
        "ffff0010 00002320 00250000 00000001",
        ErrorCode::NXBRC_MUST_BE_ZERO,
    ),
    (
        "ct force without commit",
        BOTH,
        "ffff0018 00002320 00230002 00000000 0000ff00 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "ct zone of 8 bits",
        BOTH,
        "ffff0018 00002320 00230001 00010004 0007ff00 00000000",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "exit in ct",
        BOTH,
        "ffff0028 00002320 00230001 00000000 0000ff00 00000000 ffff0010 00002320 00110000 \
         00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "nat src without commit",
        BOTH,
        "ffff0028 00002320 00230000 00000000 0000ff00 00000000 ffff0010 00002320 00240000 \
         00010000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "nat outside",
        BOTH,
        "ffff0010 00002320 00240000 00000000",
        ErrorCode::OFPBAC_BAD_SET_ARGUMENT,
    ),
    (
        "nat src dst",
        BOTH,
        "ffff0028 00002320 00230001 00000000 0000ff00 00000000 ffff0010 00002320 00240000 \
         00030000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "nat ports without addresses",
        BOTH,
        "ffff0028 00002320 00230001 00000000 0000ff00 00000000 ffff0010 00002320 00240000 \
         00010010",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "nat address cut",
        BOTH,
        "ffff0028 00002320 00230001 00000000 0000ff00 00000000 ffff0010 00002320 00240000 \
         00010001",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "metadata as action",
        BOTH,
        "ffff0020 00002320 00160000 00000000 00000000 00000001 ffffffff ffffffff",
        ErrorCode::OFPBIC_UNSUP_INST,
    ),
    ("encap type", OF13, "ffff0010 00002320 002e0000 00010800", ErrorCode::NXBAC_BAD_HEADER_TYPE),
    (
        "encap md type length",
        OF13,
        "ffff0018 00002320 002e0000 0001894f 00040109 01000000",
        ErrorCode::OFPBAC_BAD_LEN,
    ),
    (
        "encap prop length",
        OF13,
        "ffff0018 00002320 002e0000 0001894f 00040102 01000000",
        ErrorCode::OFPBAC_BAD_LEN,
    ),
    (
        "encap tlv without its padding",
        OF13,
        "ffff0020 00002320 002e0000 0001894f 0004020c 10000a04 12345678 00000000",
        ErrorCode::NXBAC_BAD_ED_PROP,
    ),
    (
        "decap props",
        OF13,
        "ffff0018 00002320 002f0000 0000fffe 00000000 00000000",
        ErrorCode::NXBAC_UNKNOWN_ED_PROP,
    ),
    (
        "check larger no such bit",
        BOTH,
        "ffff0018 00002320 00310064 00200001 00040000 00000000",
        ErrorCode::OFPBAC_BAD_SET_LEN,
    ),
    (
        "learn pad",
        BOTH,
        "ffff0020 00002320 00100000 00008000 00000000 00000000 00000101 00000000",
        ErrorCode::OFPBAC_BAD_ARGUMENT,
    ),
    (
        "push of an unknown field",
        BOTH,
        "ffff0018 00002320 001b0000 00fe0004 00200000 00000000",
        ErrorCode::OFPBMC_BAD_FIELD,
    ),
];
