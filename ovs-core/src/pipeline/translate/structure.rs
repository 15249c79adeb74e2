//! Headers put on and taken off. The frame changes at once, by an op; the key then says what extraction
//! would say of the changed frame, or hides what only that can tell.

use super::regions::{behind_eth_type, frame, with};
use super::{Stop, Walk};
use crate::edit::Edit;
use crate::field::{Field, Prerequisite};
use crate::key::{FlowKey, U16, U32, VlanTag};
use crate::op::Op;
use crate::trace::Step;

const ETH_VLAN: u16 = 0x8100;
const ETH_SERVICE_VLAN: u16 = 0x88a8;
const ETH_MPLS: u16 = 0x8847;
const ETH_MPLS_MULTICAST: u16 = 0x8848;

/// In an MPLS label stack entry: it is the last.
const BOTTOM: u32 = 0x100;
/// In an MPLS label stack entry: label and traffic class.
const LABEL_AND_CLASS: u32 = 0xffff_fe00;

fn is_vlan_type(eth_type: u16) -> bool {
    [ETH_VLAN, ETH_SERVICE_VLAN].contains(&eth_type)
}

fn is_mpls_type(eth_type: u16) -> bool {
    [ETH_MPLS, ETH_MPLS_MULTICAST].contains(&eth_type)
}

fn has_tag(n: usize) -> FlowKey {
    with(FlowKey::ZERO, |key| {
        if let Some(tag) = key.vlans.get_mut(n) {
            tag.tpid = U16::new(0x8000);
        }
    })
}

fn whole_tag(n: usize) -> FlowKey {
    with(FlowKey::ZERO, |key| {
        if let Some(tag) = key.vlans.get_mut(n) {
            *tag = VlanTag { tpid: U16::new(u16::MAX), tci: U16::new(u16::MAX) };
        }
    })
}

/// Those bits of the label stack, the outermost entry first.
fn entries(bits: [u32; 3]) -> FlowKey {
    with(FlowKey::ZERO, |key| key.mpls = bits.map(U32::new))
}

impl Walk<'_> {
    /// Reads the tags that there are.
    pub(super) fn tags(&mut self) -> Result<[VlanTag; 2], Stop> {
        for n in 0..2 {
            self.key.read_all(&has_tag(n))?;
            if !self.key.peek().vlans.get(n).is_some_and(|tag| tag.is_present()) {
                break;
            }
            self.key.read_all(&whole_tag(n))?;
        }
        Ok(self.key.peek().vlans)
    }

    /// The new tag has the id and priority of the one that was the outermost, or zero (OpenFlow 1.3.5
    /// §5.12.1).
    pub(super) fn push_vlan(&mut self, tag_type: u16) -> Result<(), Stop> {
        let [outer, _] = self.tags()?;
        let kept = outer.tci.get() & 0xefff;
        self.push_vlan_with(tag_type, kept)
    }

    pub(super) fn push_vlan_with(&mut self, tag_type: u16, tci: u16) -> Result<(), Stop> {
        self.tags()?;
        self.commit();
        let [outer, inner] = self.tags()?;
        let tag = VlanTag { tpid: tag_type.into(), tci: tci.into() };
        let mut region = with(whole_tag(0), |key| key.vlans = FlowKey::ONES.vlans);
        if inner.is_present() {
            // There is no room for the third: it is what a frame of an unknown type begins with.
            region = with(behind_eth_type(), |key| {
                key.vlans = FlowKey::ONES.vlans;
                key.eth_type = FlowKey::ONES.eth_type;
            });
        }
        self.key.restructure(&FlowKey::ZERO, &region, |key| {
            if inner.is_present() {
                let rest = behind_eth_type();
                clear(key, &rest);
                key.eth_type = inner.tpid;
            }
            key.vlans = [tag, outer];
        })?;
        self.emit(Op::Edit(Edit::PushVlan(tag)))
    }

    /// A frame without a tag stays as it is.
    pub(super) fn pop_vlan(&mut self) -> Result<(), Stop> {
        let [outer, inner] = self.tags()?;
        if !outer.is_present() {
            self.note(|| Step::HasNoField(Field::VlanVid));
            return Ok(());
        }
        // With two tags, there may be a third.
        let more = inner.is_present() && self.has_more_tags()?;
        self.commit();
        let region = with(FlowKey::ZERO, |key| key.vlans = FlowKey::ONES.vlans);
        self.key.restructure(&FlowKey::ZERO, &region, |key| {
            key.vlans = [inner, VlanTag::default()];
        })?;
        if more {
            let mut unknown = with(behind_eth_type(), |key| key.eth_type = FlowKey::ONES.eth_type);
            unknown.vlans = whole_tag(1).vlans;
            self.key.hide(&unknown);
        }
        self.emit(Op::Edit(Edit::PopVlan))
    }

    /// Of a packet with two tags: is there a third, which the key has no room for?
    pub(super) fn has_more_tags(&mut self) -> Result<bool, Stop> {
        Ok(is_vlan_type(self.key.get(Field::EthType)? as u16))
    }

    /// Takes tags off and puts others on, the last of them first, in front of tags that the key does not see.
    /// It is not asked in between what came to light.
    pub(super) fn replace_tags_unseen(
        &mut self,
        removed: usize,
        added: &[VlanTag],
    ) -> Result<(), Stop> {
        self.commit();
        self.key.hide(&with(behind_eth_type(), |key| {
            key.eth_type = FlowKey::ONES.eth_type;
            key.vlans = FlowKey::ONES.vlans;
        }));
        let pops = (0..removed).map(|_| Edit::PopVlan);
        let pushes = added.iter().rev().map(|tag| Edit::PushVlan(*tag));
        pops.chain(pushes).try_for_each(|edit| self.emit(Op::Edit(edit)))
    }

    /// Label and class are those of the entry that was the outermost, or zero; the time to live is its, or
    /// that of the IP header, or zero (OpenFlow 1.3.5 §5.12.1).
    pub(super) fn push_mpls(&mut self, eth_type: u16) -> Result<(), Stop> {
        let has_labels = self.has(Prerequisite::Mpls)?;
        let entry = if has_labels {
            let copied = LABEL_AND_CLASS | 0xff;
            self.key.read_all(&entries([copied, 0, 0]))?;
            self.key.peek().mpls.first().map_or(0, |entry| entry.get()) & copied
        } else if self.has(Prerequisite::Ip)? {
            self.key.get(Field::IpTtl)? as u32 | BOTTOM
        } else {
            BOTTOM
        };
        self.commit();
        // With more tags than a key has, the label stands behind what it does not see.
        if is_vlan_type(self.key.get(Field::EthType)? as u16) {
            return self.emit(Op::Edit(Edit::PushMpls { eth_type, entry }));
        }
        let region = with(behind_eth_type(), |key| key.eth_type = FlowKey::ONES.eth_type);
        self.key.restructure(&FlowKey::ZERO, &region, |key| {
            clear(key, &behind_eth_type());
            key.eth_type = eth_type.into();
            key.mpls = [U32::new(entry), U32::ZERO, U32::ZERO];
        })?;
        if has_labels {
            // Nothing asks for those behind it before it is taken off.
            self.key.hide(&entries([0, u32::MAX, u32::MAX]));
        }
        self.emit(Op::Edit(Edit::PushMpls { eth_type, entry }))
    }

    pub(super) fn pop_mpls(&mut self, eth_type: u16) -> Result<(), Stop> {
        if !self.has(Prerequisite::Mpls)? {
            self.note(|| Step::HasNoField(Field::MplsLabel));
            return Ok(());
        }
        let bottom = self.key.get(Field::MplsBos)? != 0;
        let shifts = is_mpls_type(eth_type) && !bottom;
        if shifts {
            self.key.read_all(&entries([0, u32::MAX, 0]))?;
        }
        self.commit();
        let [_, second, _] = self.key.peek().mpls;
        let region = with(behind_eth_type(), |key| key.eth_type = FlowKey::ONES.eth_type);
        self.key.restructure(&FlowKey::ZERO, &region, |key| {
            clear(key, &behind_eth_type());
            key.eth_type = eth_type.into();
            if shifts {
                key.mpls = [second, U32::ZERO, U32::ZERO];
            }
        })?;
        if shifts {
            self.key.hide(&entries([0, u32::MAX, u32::MAX]));
        } else {
            self.hide_type(eth_type);
        }
        self.emit(Op::Edit(Edit::PopMpls { eth_type }))
    }

    /// What stands behind an Ethernet type that the frame did not have before is not known.
    fn hide_type(&mut self, eth_type: u16) {
        let mut unknown = behind_eth_type();
        if is_vlan_type(eth_type) {
            unknown.eth_type = FlowKey::ONES.eth_type;
            unknown.vlans = FlowKey::ONES.vlans;
        }
        self.key.hide(&unknown);
    }

    /// The label stack ends with this entry, or goes on behind it.
    pub(super) fn set_bottom_of_stack(&mut self, bottom: bool, set: bool) -> Result<(), Stop> {
        if !set {
            return Ok(());
        }
        self.commit();
        self.key.set(Field::MplsBos, bottom.into(), 1);
        self.commit();
        let others = entries([0, u32::MAX, u32::MAX]);
        if bottom {
            self.key.restructure(&FlowKey::ZERO, &others, |key| clear(key, &others))?;
        } else {
            self.key.hide(&others);
        }
        Ok(())
    }

    /// The service instance is that of a provider backbone header that is there already, or zero; the
    /// priority is the VLAN's (OpenFlow 1.3.5 §5.12.1).
    pub(super) fn push_pbb(&mut self, eth_type: u16) -> Result<(), Stop> {
        let instance =
            if self.has(Prerequisite::Pbb)? { self.key.get(Field::PbbIsid)? as u32 } else { 0 };
        let priority =
            if self.has(Prerequisite::Vlan)? { self.key.get(Field::VlanPcp)? as u32 } else { 0 };
        self.commit();
        let itag = priority << 29 | instance;
        let region = with(behind_eth_type(), |key| {
            key.eth_type = FlowKey::ONES.eth_type;
            key.vlans = FlowKey::ONES.vlans;
        });
        self.key.restructure(&FlowKey::ZERO, &region, |key| {
            clear(key, &region);
            key.eth_type = eth_type.into();
            key.pbb_itag = itag.into();
        })?;
        self.emit(Op::Edit(Edit::PushPbb { eth_type, itag }))
    }

    pub(super) fn pop_pbb(&mut self) -> Result<(), Stop> {
        if !self.has(Prerequisite::Pbb)? {
            self.note(|| Step::HasNoField(Field::PbbIsid));
            return Ok(());
        }
        self.commit();
        self.key.hide(&frame());
        self.emit(Op::Edit(Edit::PopPbb))
    }

    /// The headers between which the time to live is copied are found in the frame: the key knows only the
    /// outermost of them.
    pub(super) fn copy_ttl(&mut self, edit: Edit) -> Result<(), Stop> {
        let mpls = self.has(Prerequisite::Mpls)?;
        if !mpls && !self.has(Prerequisite::Ip)? {
            return Ok(());
        }
        let inner_label = mpls && self.key.get(Field::MplsBos)? == 0;
        self.commit();
        let unknown = match (&edit, mpls) {
            (Edit::CopyTtlOut, true) => entries([0xff, 0, 0]),
            (Edit::CopyTtlOut, false) => with(FlowKey::ZERO, |key| key.ip_ttl = u8::MAX),
            (_, true) if inner_label => entries([0, 0xff, 0]),
            _ => FlowKey::ZERO,
        };
        self.key.hide(&unknown);
        self.emit(Op::Edit(edit))
    }
}

/// Clears the bits of a region.
fn clear(key: &mut FlowKey, region: &FlowKey) {
    for (word, region) in key.words_mut().iter_mut().zip(region.words()) {
        *word &= !region;
    }
}
