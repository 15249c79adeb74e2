//! Ethernet, and what stands between it and IP: tags and labels.

use super::bytes::{insert, read, read_u16, remove, slot};
use super::walk::{Ethernet, OUTER_TYPE, is_vlan};
use super::{ArpFields, EthAddresses, Masked, NshFields};
use crate::Frame;
use crate::key::{ETH_HEADER, VlanTag, eth_type};

pub(super) fn set_addresses(frame: &mut Frame, edit: &Masked<EthAddresses>) -> Option<()> {
    read::<ETH_HEADER>(frame.as_slice(), 0)?;
    let bytes = frame.as_mut_slice();
    edit.as_bytes(|eth| eth.dst.0).write(slot(bytes, 0)?);
    edit.as_bytes(|eth| eth.src.0).write(slot(bytes, 6)?);
    Some(())
}

pub(super) fn set_eth_type(frame: &mut Frame, eth_type: u16) -> Option<()> {
    let ethernet = Ethernet::of(frame.as_slice())?;
    // The type that a match reads: the third tag is one.
    const BEHIND_TWO_TAGS: usize = OUTER_TYPE + 8;
    let behind_tags = ethernet.length_at.unwrap_or(ethernet.type_at);
    let at = if behind_tags > BEHIND_TWO_TAGS { BEHIND_TWO_TAGS } else { ethernet.type_at };
    *slot(frame.as_mut_slice(), at)? = eth_type.to_be_bytes();
    Some(())
}

/// IEEE 802.1Q-2022 §9.6.
pub(super) fn push_vlan(frame: &mut Frame, tag: VlanTag) -> Option<()> {
    read::<ETH_HEADER>(frame.as_slice(), 0)?;
    if tag.is_present() {
        let ([p0, p1], [c0, c1]) = (tag.tpid.to_bytes(), tag.tci.to_bytes());
        insert(frame, OUTER_TYPE, [p0, p1, c0, c1]);
    }
    Some(())
}

pub(super) fn pop_vlan(frame: &mut Frame) -> Option<()> {
    outermost_tag(frame)?;
    remove(frame, OUTER_TYPE, 4);
    Some(())
}

pub(super) fn set_vlan(frame: &mut Frame, edit: &Masked<u16>) -> Option<()> {
    outermost_tag(frame)?;
    let tci = slot(frame.as_mut_slice(), OUTER_TYPE + 2)?;
    edit.as_bytes(|tci| tci.to_be_bytes()).write(tci);
    Some(())
}

/// Is there a tag, with a type behind it?
fn outermost_tag(frame: &Frame) -> Option<()> {
    let [p0, p1, _, _, _, _] = read(frame.as_slice(), OUTER_TYPE)?;
    is_vlan(u16::from_be_bytes([p0, p1])).then_some(())
}

/// RFC 3032 §2.1.
pub(super) fn push_mpls(frame: &mut Frame, eth_type: u16, entry: u32) -> Option<()> {
    let ethernet = Ethernet::of(frame.as_slice())?;
    if let Some(at) = ethernet.length_at {
        // More would not be a length.
        let length = read_u16(frame.as_slice(), at)?.checked_add(4).filter(|&n| n < 0x0600)?;
        *slot(frame.as_mut_slice(), at)? = length.to_be_bytes();
    }
    *slot(frame.as_mut_slice(), ethernet.type_at)? = eth_type.to_be_bytes();
    insert(frame, ethernet.payload(), entry.to_be_bytes());
    Some(())
}

pub(super) fn pop_mpls(frame: &mut Frame, eth_type: u16) -> Option<()> {
    let (ethernet, at) = label_stack(frame.as_slice())?;
    if let Some(at) = ethernet.length_at {
        let length = read_u16(frame.as_slice(), at)?.checked_sub(4)?;
        *slot(frame.as_mut_slice(), at)? = length.to_be_bytes();
    }
    *slot(frame.as_mut_slice(), ethernet.type_at)? = eth_type.to_be_bytes();
    remove(frame, at, 4);
    Some(())
}

pub(super) fn set_mpls(frame: &mut Frame, edit: &Masked<u32>) -> Option<()> {
    let (_, at) = label_stack(frame.as_slice())?;
    edit.as_bytes(|entry| entry.to_be_bytes()).write(slot(frame.as_mut_slice(), at)?);
    Some(())
}

/// The Ethernet header, and the place of the outermost label stack entry behind it.
pub(super) fn label_stack(bytes: &[u8]) -> Option<(Ethernet, usize)> {
    let ethernet = Ethernet::of(bytes).filter(Ethernet::is_mpls)?;
    read::<4>(bytes, ethernet.payload())?;
    Some((ethernet, ethernet.payload()))
}

/// IEEE 802.1Q-2022 §9.7: the I-TAG is followed by the customer's Ethernet header.
pub(super) fn push_pbb(frame: &mut Frame, eth_type: u16, itag: u32) -> Option<()> {
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, _, _] =
        read::<ETH_HEADER>(frame.as_slice(), 0)?;
    let ([t0, t1], [i0, i1, i2, i3]) = (eth_type.to_be_bytes(), itag.to_be_bytes());
    let header = [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1, i0, i1, i2, i3];
    insert(frame, 0, header);
    Some(())
}

pub(super) fn pop_pbb(frame: &mut Frame) -> Option<()> {
    let customer = Ethernet::payload_of(frame.as_slice(), eth_type::PBB)? + 4;
    read::<ETH_HEADER>(frame.as_slice(), customer)?;
    remove(frame, 0, customer);
    Some(())
}

pub(super) fn set_pbb(frame: &mut Frame, edit: &Masked<u32>) -> Option<()> {
    let at = Ethernet::payload_of(frame.as_slice(), eth_type::PBB)?;
    edit.as_bytes(|itag| itag.to_be_bytes()).write(slot(frame.as_mut_slice(), at)?);
    Some(())
}

/// RFC 8300 §2.2 to §2.4.
pub(super) fn set_nsh(frame: &mut Frame, edit: &Masked<NshFields>) -> Option<()> {
    const TYPE_1: u8 = 1;
    let at = Ethernet::payload_of(frame.as_slice(), eth_type::NSH)?;
    let packet = frame.as_mut_slice().get_mut(at..)?;
    let [v0, v1, metadata_type, ..] = read::<8>(packet, 0)?;
    let (version, length) = (v0 >> 6, usize::from(v1 & 0x3f) * 4);
    let has_context = metadata_type == TYPE_1;
    if version != 0 || length < 8 || length > packet.len() || (has_context && length != 24) {
        return None;
    }
    // The time to live lies across two bytes.
    let base = edit.as_bytes(|nsh| {
        let (flags, ttl) = (nsh.flags & 0x03, nsh.ttl & 0x3f);
        let [p0, p1, p2, p3] = nsh.path.to_be_bytes();
        [flags << 4 | ttl >> 2, ttl << 6, 0, 0, p0, p1, p2, p3]
    });
    base.write(slot(packet, 0)?);
    if has_context {
        for (n, (value, mask)) in edit.value.context.into_iter().zip(edit.mask.context).enumerate()
        {
            let edit = Masked { value, mask }.as_bytes(|context| context.to_be_bytes());
            edit.write(slot(packet, 8 + 4 * n)?);
        }
    }
    Some(())
}

/// RFC 826 with Ethernet and IPv4 addresses.
pub(super) fn set_arp(frame: &mut Frame, edit: &Masked<ArpFields>) -> Option<()> {
    let ethernet = Ethernet::of(frame.as_slice())?;
    if !matches!(ethernet.eth_type, eth_type::ARP | eth_type::RARP) {
        return None;
    }
    let packet = frame.as_mut_slice().get_mut(ethernet.payload()..)?;
    let [0, 1, 0x08, 0x00, 6, 4, ..] = read::<28>(packet, 0)? else {
        return None;
    };
    edit.as_bytes(|arp| arp.op.to_be_bytes()).write(slot(packet, 6)?);
    edit.as_bytes(|arp| arp.sha.0).write(slot(packet, 8)?);
    edit.as_bytes(|arp| arp.spa).write(slot(packet, 14)?);
    edit.as_bytes(|arp| arp.tha.0).write(slot(packet, 18)?);
    edit.as_bytes(|arp| arp.tpa).write(slot(packet, 24)?);
    Some(())
}
