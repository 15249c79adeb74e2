//! Copies for who watches.

use super::normal::admitted;
use super::{Credit, Stop, Walk};
use crate::edit::Edit;
use crate::field::Field;
use crate::key::Mac;
use crate::op::Op;
use crate::port::PortNo;
use crate::vlan::{Mirror, MirrorOutput};

impl Walk<'_> {
    pub(super) fn mirror_received(&mut self, port: PortNo) -> Result<(), Stop> {
        self.mirror(port, |mirror| mirror.all || mirror.sources.contains(&port))
    }

    pub(super) fn mirror_sent(&mut self, port: PortNo) -> Result<(), Stop> {
        self.mirror(port, |mirror| mirror.all || mirror.destinations.contains(&port))
    }

    /// Sends a copy by each mirror that wants this packet of this port and has not had it.
    fn mirror(&mut self, port: PortNo, wants: impl Fn(&Mirror) -> bool) -> Result<(), Stop> {
        let n_mirrors = self.bridge()?.mirrors.len();
        for n in 0..n_mirrors {
            let bridge = self.bridge()?;
            let (Some(mirror), Some(from)) = (bridge.mirrors.get(n), bridge.ports.get(port)) else {
                continue;
            };
            let bit = 1u64 << (n % 64);
            if self.place.mirrored & bit != 0 || !wants(mirror) {
                continue;
            }
            let (mirror, mode) = (mirror.clone(), from.vlan.mode.clone());
            let tags = self.bridged_tags()?;
            let outer = tags.first().copied().unwrap_or_default();
            if !mode.admits(outer.vid()) {
                continue;
            }
            let tags = admitted(&mode, tags);
            let vlan = tags.first().map_or(0, |tag| tag.vid());
            if mirror.vlans.as_ref().is_some_and(|vlans| !vlans.contains(vlan)) {
                continue;
            }
            self.mark_mirrored(mirror.output)?;
            self.credits.push(Credit::Mirror(self.place.bridge, n));
            self.send_mirrored(&mirror, tags)?;
        }
        Ok(())
    }

    /// No other mirror to the same place sends another copy.
    fn mark_mirrored(&mut self, output: MirrorOutput) -> Result<(), Stop> {
        let mirrors = self.bridge()?.mirrors.iter().enumerate();
        let same = mirrors.filter(|(_, mirror)| mirror.output == output);
        let bits = same.fold(0, |bits, (n, _)| bits | 1u64 << (n % 64));
        self.place.mirrored |= bits;
        Ok(())
    }

    fn send_mirrored(&mut self, mirror: &Mirror, tags: super::normal::Tags) -> Result<(), Stop> {
        match mirror.output {
            MirrorOutput::Port(port) => self.branch(|walk| {
                if let Some(max_len) = mirror.max_len {
                    walk.emit(Op::Edit(Edit::Truncate(max_len.into())))?;
                }
                walk.output_bridged(port, tags)
            }),
            MirrorOutput::Vlan(vlan) => {
                let destination = Mac::from(self.key.get(Field::EthDst)? as u64);
                let [mut outer, inner] = tags;
                if outer.vid() == vlan || destination.is_link_local() {
                    return Ok(());
                }
                let tpid = if outer.is_present() { outer.tpid.get() } else { 0x8100 };
                outer.tpid = tpid.into();
                outer.tci = (outer.tci.get() & 0xf000 | vlan & 0xfff).into();
                let ports = self.members(None, vlan)?;
                ports.into_iter().try_for_each(|port| self.output_bridged(port, [outer, inner]))
            }
        }
    }
}
