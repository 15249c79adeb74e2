//! From what actions wrote to edits of the frame.

use crate::edit::{
    ArpFields, Edit, EthAddresses, Icmp, Ipv4Fields, Ipv6Fields, Masked, NdFields, NshFields, Ports,
};
use crate::field::Prerequisite;
use crate::key::FlowKey;
use crate::key::tracked::TrackedKey;
use crate::op::Op;
use alloc::vec::Vec;

/// Adds the ops that bring into the packet what was written since the last time.
///
/// That the packet has the headers was asked when the fields were written; so the value may be looked at
/// here without reading it.
pub(super) fn commit(key: &mut TrackedKey, ops: &mut Vec<Op>) {
    let Some(&mask) = key.dirty() else { return };
    let value = key.peek().masked(&mask);
    let mut edit = |edit| ops.push(Op::Edit(edit));
    ethernet(&value, &mask, &mut edit);
    let packet = key.peek();
    if Prerequisite::Arp.holds(packet) {
        masked(arp(&value), arp(&mask)).map(Edit::Arp).map(&mut edit);
    } else if Prerequisite::Ipv4.holds(packet) {
        masked(ipv4(&value), ipv4(&mask)).map(Edit::Ipv4).map(&mut edit);
    } else if Prerequisite::Ipv6.holds(packet) {
        masked(ipv6(&value), ipv6(&mask)).map(Edit::Ipv6).map(&mut edit);
    }
    if Prerequisite::Ip.holds(packet) {
        transport(packet, &value, &mask, &mut edit);
    }
    if mask.pkt_mark.get() != 0 {
        let mark = Masked { value: value.pkt_mark.get(), mask: mask.pkt_mark.get() };
        ops.push(Op::SetMark(mark));
    }
    if mask.skb_priority.get() != 0 {
        ops.push(Op::SetPriority(value.skb_priority.get()));
    }
    key.clean();
}

fn ethernet(value: &FlowKey, mask: &FlowKey, edit: &mut impl FnMut(Edit)) {
    let addresses = |key: &FlowKey| EthAddresses { dst: key.eth_dst, src: key.eth_src };
    masked(addresses(value), addresses(mask)).map(Edit::Eth).map(&mut *edit);
    let tci = |key: &FlowKey| key.vlans.first().map_or(0, |tag| tag.tci.get());
    masked(tci(value), tci(mask)).map(Edit::Vlan).map(&mut *edit);
    if mask.eth_type.get() != 0 {
        edit(Edit::EthType(value.eth_type.get()));
    }
    let entry = |key: &FlowKey| key.mpls.first().map_or(0, |entry| entry.get());
    masked(entry(value), entry(mask)).map(Edit::Mpls).map(&mut *edit);
    let itag = |key: &FlowKey| key.pbb_itag.get();
    masked(itag(value), itag(mask)).map(Edit::Pbb).map(&mut *edit);
    masked(nsh(value), nsh(mask)).map(Edit::Nsh).map(edit);
}

fn transport(packet: &FlowKey, value: &FlowKey, mask: &FlowKey, edit: &mut impl FnMut(Edit)) {
    if Prerequisite::Icmpv4.holds(packet) || Prerequisite::Icmpv6.holds(packet) {
        let icmp =
            |key: &FlowKey| Icmp { kind: key.tp_src.get() as u8, code: key.tp_dst.get() as u8 };
        masked(icmp(value), icmp(mask)).map(Edit::Icmp).map(&mut *edit);
        if Prerequisite::Icmpv6.holds(packet) {
            masked(nd(value), nd(mask)).map(Edit::Nd).map(edit);
        }
    } else {
        let ports = |key: &FlowKey| Ports { src: key.tp_src.get(), dst: key.tp_dst.get() };
        masked(ports(value), ports(mask)).map(Edit::Ports).map(edit);
    }
}

/// `None` if nothing changes.
fn masked<T: Default + PartialEq>(value: T, mask: T) -> Option<Masked<T>> {
    (mask != T::default()).then_some(Masked { value, mask })
}

fn nsh(key: &FlowKey) -> NshFields {
    let FlowKey { nsh_flags: flags, nsh_ttl: ttl, nsh_path, nsh_context, .. } = key;
    let context = nsh_context.map(|word| word.get());
    NshFields { flags: *flags, ttl: *ttl, path: nsh_path.get(), context }
}

fn arp(key: &FlowKey) -> ArpFields {
    ArpFields {
        op: key.arp_op.get(),
        spa: key.ipv4_src,
        tpa: key.ipv4_dst,
        sha: key.arp_sha,
        tha: key.arp_tha,
    }
}

fn ipv4(key: &FlowKey) -> Ipv4Fields {
    Ipv4Fields {
        src: key.ipv4_src,
        dst: key.ipv4_dst,
        tos: key.ip_tos,
        ttl: key.ip_ttl,
        proto: key.ip_proto,
    }
}

fn ipv6(key: &FlowKey) -> Ipv6Fields {
    Ipv6Fields {
        src: key.ipv6_src,
        dst: key.ipv6_dst,
        label: key.ipv6_label.get(),
        tos: key.ip_tos,
        ttl: key.ip_ttl,
        proto: key.ip_proto,
    }
}

fn nd(key: &FlowKey) -> NdFields {
    NdFields {
        reserved: key.nd_reserved.get(),
        target: key.nd_target,
        sll: key.arp_sha,
        tll: key.arp_tha,
        options_type: key.nd_options_type,
    }
}
