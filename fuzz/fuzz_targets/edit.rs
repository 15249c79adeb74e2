//! Edits that the first bytes choose, of the rest as a frame: its length changes as it should, the
//! key of a rewritten frame differs in the rewritten fields alone, and what is pushed can be popped.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ovs_core::edit::{
    ArpFields, Edit, EthAddresses, Icmp, Ipv4Fields, Ipv6Fields, Masked, NdFields, NshFields, Ports,
};
use ovs_core::frame::Offload;
use ovs_core::key::{Mac, U16, VlanTag};
use ovs_core::{FlowKey, Frame};

/// Takes arguments off the front; zeros when there are no more.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk::<N>().unwrap_or((&[0; N], &[]));
        let taken = *taken;
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.take())
    }

    fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.take())
    }

    fn mac(&mut self) -> Mac {
        Mac(self.take())
    }

    fn masked<T>(&mut self, read: fn(&mut Self) -> T) -> Masked<T> {
        Masked { value: read(self), mask: read(self) }
    }
}

fn edit(bytes: &mut Bytes<'_>) -> Edit {
    match bytes.byte() % 21 {
        0 => Edit::Eth(bytes.masked(|b| EthAddresses { dst: b.mac(), src: b.mac() })),
        1 => Edit::EthType(bytes.u16()),
        2 => Edit::PushVlan(VlanTag { tpid: U16::new(bytes.u16()), tci: U16::new(bytes.u16()) }),
        3 => Edit::Vlan(bytes.masked(Bytes::u16)),
        4 => Edit::PopVlan,
        5 => Edit::PushMpls { eth_type: 0x8847, entry: bytes.u32() },
        6 => Edit::Mpls(bytes.masked(Bytes::u32)),
        7 => Edit::PopMpls { eth_type: bytes.u16() },
        8 => Edit::PushPbb { eth_type: 0x88e7, itag: bytes.u32() },
        9 => Edit::Pbb(bytes.masked(Bytes::u32)),
        10 => Edit::PopPbb,
        11 => Edit::Nsh(bytes.masked(|b| NshFields {
            flags: b.byte(),
            ttl: b.byte(),
            path: b.u32(),
            context: [b.u32(), b.u32(), b.u32(), b.u32()],
        })),
        12 => Edit::Ipv4(bytes.masked(|b| Ipv4Fields {
            src: b.take(),
            dst: b.take(),
            tos: b.byte(),
            ttl: b.byte(),
            proto: b.byte(),
        })),
        13 => Edit::Ipv6(bytes.masked(|b| Ipv6Fields {
            src: b.take(),
            dst: b.take(),
            label: b.u32(),
            tos: b.byte(),
            ttl: b.byte(),
            proto: b.byte(),
        })),
        14 => Edit::Ports(bytes.masked(|b| Ports { src: b.u16(), dst: b.u16() })),
        15 => Edit::Icmp(bytes.masked(|b| Icmp { kind: b.byte(), code: b.byte() })),
        16 => Edit::Arp(bytes.masked(|b| ArpFields {
            op: b.u16(),
            spa: b.take(),
            tpa: b.take(),
            sha: b.mac(),
            tha: b.mac(),
        })),
        17 => Edit::Nd(bytes.masked(|b| NdFields {
            reserved: b.u32(),
            target: b.take(),
            sll: b.mac(),
            tll: b.mac(),
            options_type: b.byte(),
        })),
        18 => Edit::CopyTtlOut,
        19 => Edit::CopyTtlIn,
        _ => Edit::Truncate(bytes.u16().into()),
    }
}

/// By how many bytes an edit may change the length.
fn check_length(edit: &Edit, before: usize, after: usize) {
    let change = after as isize - before as isize;
    let is_expected = match edit {
        Edit::PushVlan(_) | Edit::PushMpls { .. } => matches!(change, 0 | 4),
        Edit::PopVlan | Edit::PopMpls { .. } => matches!(change, 0 | -4),
        Edit::PushPbb { .. } => matches!(change, 0 | 18),
        Edit::PopPbb => change == 0 || (change <= -18 && (change + 18) % 4 == 0),
        Edit::Truncate(to) => after == before.min(*to as usize),
        _ => change == 0,
    };
    assert!(is_expected, "{edit:?}: {before} bytes became {after}");
}

/// Fields that the edit does not name are as before.
fn check_key(edit: &Edit, before: &FlowKey, after: &FlowKey) {
    let mut rest = *after;
    match edit {
        Edit::Eth(_) => (rest.eth_dst, rest.eth_src) = (before.eth_dst, before.eth_src),
        Edit::Vlan(_) => rest.vlans[0].tci = before.vlans[0].tci,
        Edit::Pbb(_) => rest.pbb_itag = before.pbb_itag,
        Edit::Nsh(_) => {
            (rest.nsh_flags, rest.nsh_ttl) = (before.nsh_flags, before.nsh_ttl);
            (rest.nsh_path, rest.nsh_context) = (before.nsh_path, before.nsh_context);
        }
        Edit::Ports(_) => (rest.tp_src, rest.tp_dst) = (before.tp_src, before.tp_dst),
        Edit::Arp(_) => {
            (rest.arp_op, rest.arp_sha, rest.arp_tha) =
                (before.arp_op, before.arp_sha, before.arp_tha);
            (rest.ipv4_src, rest.ipv4_dst) = (before.ipv4_src, before.ipv4_dst);
        }
        Edit::Ipv4(edit) if edit.mask.proto == 0 => {
            (rest.ipv4_src, rest.ipv4_dst) = (before.ipv4_src, before.ipv4_dst);
            (rest.ip_tos, rest.ip_ttl) = (before.ip_tos, before.ip_ttl);
        }
        Edit::Ipv6(edit) if edit.mask.proto == 0 => {
            (rest.ipv6_src, rest.ipv6_dst) = (before.ipv6_src, before.ipv6_dst);
            (rest.ip_tos, rest.ip_ttl) = (before.ip_tos, before.ip_ttl);
            rest.ipv6_label = before.ipv6_label;
        }
        _ => return,
    }
    assert_eq!(rest, *before, "{edit:?}");
}

/// The last edit again, and what undoes it.
fn check_undone(edit: &Edit, frame: &Frame) {
    let pop = match edit {
        Edit::PushVlan(tag) if matches!(tag.tpid.get(), 0x8100 | 0x88a8) => Edit::PopVlan,
        Edit::PushPbb { .. } => Edit::PopPbb,
        _ => return,
    };
    let mut copy = frame.clone();
    edit.apply(&mut copy);
    let has_grown = copy.len() > frame.len();
    pop.apply(&mut copy);
    assert!(!has_grown || copy.as_slice() == frame.as_slice(), "{edit:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let edits: Vec<_> = (0..1 + bytes.byte() % 4).map(|_| edit(&mut bytes)).collect();
    let offload = Offload {
        csum_start: bytes.byte().into(),
        csum_offset: bytes.byte(),
        header_len: bytes.byte().into(),
        ..Offload::NONE
    };
    let mut frame = Frame::from(bytes.0);
    frame.offload = offload;
    for edit in edits {
        check_undone(&edit, &frame);
        let (length, before) = (frame.len(), FlowKey::of(0, frame.as_slice()));
        edit.apply(&mut frame);
        check_length(&edit, length, frame.len());
        check_key(&edit, &before, &FlowKey::of(0, frame.as_slice()));
    }
});
