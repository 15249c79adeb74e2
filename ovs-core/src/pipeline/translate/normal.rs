//! Bridging by learned addresses (IEEE 802.1Q-2022 §8.6 to §8.8; ovs-vswitchd.conf.db(5), "VLAN
//! Configuration").

use super::{Effect, Stop, Walk};
use crate::drops::DropReason;
use crate::field::Field;
use crate::key::{FlowKey, Mac, VlanTag};
use crate::port::{PortConfig, PortNo};
use crate::vlan::{PriorityTags, VlanConfig, VlanMode};
use alloc::vec::Vec;

const TAG: u16 = 0x8100;
/// Of tag control information: the priority.
const PRIORITY: u16 = 0xe000;
const VID: u16 = 0x0fff;

/// The tags of a frame inside of the bridge: the first says in which VLAN it is.
pub(super) type Tags = [VlanTag; 2];

fn tag(tpid: u16, tci: u16) -> VlanTag {
    VlanTag { tpid: tpid.into(), tci: tci.into() }
}

/// The VLAN that a frame is in, and the tags it has there, when it comes in by such a port.
pub(super) fn admitted(mode: &VlanMode, tags: Tags) -> Tags {
    let [outer, inner] = tags;
    let tpid = if outer.is_present() { outer.tpid.get() } else { TAG };
    let native = |vlan: u16| tag(tpid, outer.tci.get() & PRIORITY | vlan & VID);
    match mode {
        VlanMode::Access(vlan) => [native(*vlan), VlanTag::default()],
        VlanMode::Trunk(_) => tags,
        VlanMode::NativeTagged(vlan, _) | VlanMode::NativeUntagged(vlan, _) => {
            if outer.vid() == 0 {
                [native(*vlan), inner]
            } else {
                tags
            }
        }
        VlanMode::Dot1qTunnel { vlan, tag_type, .. } => [tag(*tag_type, vlan & VID), outer],
    }
}

/// The tags that a frame has when it leaves by such a port. One of VLAN 0 is there only for the
/// priority.
fn leaving(config: &VlanConfig, tags: Tags, came_with: VlanTag) -> Tags {
    let [outer, inner] = tags;
    let none = VlanTag::default();
    let [mut first, second] = match &config.mode {
        VlanMode::Access(_) => [none, none],
        VlanMode::NativeUntagged(vlan, _) if outer.vid() == *vlan => [inner, none],
        VlanMode::Trunk(_) | VlanMode::NativeTagged(..) | VlanMode::NativeUntagged(..) => tags,
        VlanMode::Dot1qTunnel { .. } => [inner, none],
    };
    let was_present = first.is_present();
    let mut tci = first.tci.get();
    if config.priority_tags != PriorityTags::Never {
        tci = tci & !PRIORITY | came_with.tci.get() & PRIORITY;
    }
    let always = config.priority_tags == PriorityTags::Always && was_present;
    if tci & (PRIORITY | VID) == 0 && !always {
        return [none, none];
    }
    first = tag(if was_present { first.tpid.get() } else { TAG }, tci);
    [first, second]
}

impl Walk<'_> {
    /// The tags of the packet: read as far as the port, of which the mode is given, looks at them.
    pub(super) fn bridged_tags(&mut self) -> Result<Tags, Stop> {
        // Whether there is a tag, its id, and the priority that goes along.
        let mut bits = FlowKey::ZERO;
        Field::VlanVid.put(&mut bits, u128::MAX, u128::MAX);
        self.key.read_all(&bits)?;
        Ok(self.key.peek().vlans)
    }

    pub(super) fn normal(&mut self) -> Result<(), Stop> {
        let in_port = self.in_port()?;
        let destination = Mac::from(self.key.get(Field::EthDst)? as u64);
        let source = Mac::from(self.key.get(Field::EthSrc)? as u64);
        let tags = self.bridged_tags()?;
        let bridge = self.bridge()?;
        let Some(port) = bridge.ports.get(in_port) else {
            // From a packet-out of no port: it may go everywhere.
            return self.bridge_to(None, tags, destination);
        };
        let mode = port.vlan.mode.clone();
        let outer = tags.first().copied().unwrap_or_default();
        if !mode.admits(outer.vid()) {
            self.stays(DropReason::VlanNotAllowed);
            return Ok(());
        }
        if destination.is_link_local() && !bridge.config.forward_link_local {
            self.stays(DropReason::LinkLocal);
            return Ok(());
        }
        let tags = admitted(&mode, tags);
        if !source.is_multicast() {
            let vlan = vlan_of(tags);
            let until = bridge.macs.holds_until(self.now);
            let bridge = self.place.bridge;
            self.apply(Effect::LearnMac { bridge, vlan, mac: source, port: in_port })?;
            self.holds_until = self.holds_until.min(until);
        }
        self.bridge_to(Some(in_port), tags, destination)
    }

    fn bridge_to(
        &mut self,
        in_port: Option<PortNo>,
        tags: Tags,
        destination: Mac,
    ) -> Result<(), Stop> {
        let vlan = vlan_of(tags);
        let bridge = self.bridge()?;
        let known = if destination.is_multicast() {
            None
        } else {
            bridge.macs.lookup(self.now, vlan, destination)
        };
        self.looked_at_macs = true;
        let Some((port, until)) = known else {
            return self.flood_vlan(in_port, tags);
        };
        let protected = self.are_protected(in_port, port)?;
        self.holds_until = self.holds_until.min(until);
        if Some(port) == in_port {
            self.stays(DropReason::DestinationBehindInput);
            Ok(())
        } else if self.bridge()?.is_mirror_output(port) {
            self.stays(DropReason::MirrorOutput);
            Ok(())
        } else if protected {
            self.stays(DropReason::Protected);
            Ok(())
        } else {
            self.output_bridged(port, tags)
        }
    }

    fn are_protected(&self, a: Option<PortNo>, b: PortNo) -> Result<bool, Stop> {
        let bridge = self.bridge()?;
        let is = |port| bridge.ports.get(port).is_some_and(|port| port.vlan.protected);
        Ok(a.is_some_and(is) && is(b))
    }

    fn flood_vlan(&mut self, in_port: Option<PortNo>, tags: Tags) -> Result<(), Stop> {
        let ports = self.members(in_port, vlan_of(tags))?;
        if ports.is_empty() {
            self.stays(DropReason::NoOtherPort);
        }
        ports.into_iter().try_for_each(|port| self.output_bridged(port, tags))
    }

    /// The ports that a frame of a VLAN is flooded to.
    pub(super) fn members(&self, in_port: Option<PortNo>, vlan: u16) -> Result<Vec<PortNo>, Stop> {
        let bridge = self.bridge()?;
        let mut members = Vec::new();
        for (number, port) in bridge.ports.iter() {
            let is_member = Some(number) != in_port
                && port.vlan.mode.carries(vlan)
                && !port.config.contains(PortConfig::NO_FLOOD)
                && !bridge.is_mirror_output(number)
                && !self.are_protected(in_port, number)?;
            if is_member {
                members.push(number);
            }
        }
        Ok(members)
    }

    /// Out by a port, with the tags that belong there.
    pub(super) fn output_bridged(&mut self, port: PortNo, tags: Tags) -> Result<(), Stop> {
        let came_with = self.key.peek().vlans;
        let Some(config) = self.bridge()?.ports.get(port).map(|port| port.vlan.clone()) else {
            return Ok(());
        };
        let [first, _] = came_with;
        let tunnel = matches!(config.mode, VlanMode::Dot1qTunnel { .. }) || tags != came_with;
        if tunnel || first.vid() == 0 && first.is_present() {
            self.tags()?;
        }
        let wanted = leaving(&config, tags, first);
        if wanted == came_with {
            return self.output(port);
        }
        self.tags()?;
        self.branch(|walk| {
            walk.retag(wanted)?;
            walk.output(port)
        })
    }

    /// Takes tags off and puts others on, leaving what stays.
    fn retag(&mut self, wanted: Tags) -> Result<(), Stop> {
        let count = |tags: &Tags| tags.iter().take_while(|tag| tag.is_present()).count();
        let [outer, inner] = self.key.peek().vlans;
        let has = [outer, inner];
        // How many of the inner tags are the same.
        let (n_has, n_wanted) = (count(&has), count(&wanted));
        let kept = (0..=n_has.min(n_wanted))
            .rev()
            .find(|n| has.get(n_has - n..n_has) == wanted.get(n_wanted - n..n_wanted));
        let kept = kept.unwrap_or(0);
        let added = wanted.get(..n_wanted - kept).unwrap_or_default();
        if n_has == has.len() && self.has_more_tags()? {
            return self.replace_tags_unseen(n_has - kept, added);
        }
        for _ in kept..n_has {
            self.pop_vlan()?;
        }
        for tag in added.iter().rev() {
            self.push_vlan_with(tag.tpid.get(), tag.tci.get())?;
        }
        Ok(())
    }
}

fn vlan_of(tags: Tags) -> u16 {
    tags.first().map_or(0, |tag| tag.vid())
}
