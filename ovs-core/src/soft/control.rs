//! Control of a [`SoftSwitch`].

use super::state::{Injected, State, Then};
use super::{SHORTEST_FRAME, Shared, SoftSwitch};
use crate::event::{BarrierToken, Continuation, Event, PortChange};
use crate::flow::{FlowMod, Rule};
use crate::group::{Group, GroupMod, GroupStats};
use crate::lock::Lock;
use crate::meter::{Meter, MeterMod, MeterStats};
use crate::pipeline::{Bridge, FragmentHandling};
use crate::port::{PortConfig, PortInfo, PortNo, PortSpec, PortState, PortStats, TableId};
use crate::table::{Aggregate, RuleFilter, TableInfo, TableMod, TableSettings};
use crate::vlan::{Mirror, VlanConfig};
use crate::{Bridging, Change, Error, FlowKey, Frame, Instant, LearnedMac, PacketOut, Switch};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

impl<L: Lock<State>> SoftSwitch<L> {
    /// The port by which forwarders and devices know a port of this switch: the same number, unless it is the
    /// local port (65534 there) or this is another bridge than the first of its datapath.
    pub fn datapath_port(&self, port: PortNo) -> PortNo {
        crate::pipeline::datapath_port(self.bridge, port)
    }

    /// Joins a port of this switch with one of another bridge of the same datapath: what leaves by one comes
    /// in by the other. Neither has a device.
    ///
    /// # Errors
    ///
    /// If there are no such ports, or they are of two datapaths.
    pub fn connect(&self, port: PortNo, other: &Self, peer: PortNo) -> Result<(), Error> {
        let same = Arc::ptr_eq(&self.shared, &other.shared);
        if !same || (self.bridge, port) == (other.bridge, peer) {
            return Err(Error::CannotConnect(port, peer));
        }
        self.write(|state| {
            let ends = [
                (self.bridge, port, (other.bridge, peer)),
                (other.bridge, peer, (self.bridge, port)),
            ];
            for (bridge, port, _) in ends {
                let found = state.pipeline.bridge(bridge).and_then(|bridge| bridge.ports.get(port));
                found.ok_or(Error::NoSuchPort(port))?;
            }
            for (bridge, port, peer) in ends {
                if let Some(bridge) = state.pipeline.bridge_mut(bridge) {
                    bridge.ports.get_mut(port)?.patch = Some(Some(peer));
                }
            }
            self.shared.changed();
            Ok(())
        })
    }

    pub(super) fn write<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        self.shared.state.write(change)
    }

    /// Looks at the bridge; there is nothing to see when it is gone.
    fn look<R: Default>(&self, look: impl FnOnce(&Bridge, Instant) -> R) -> R {
        self.shared.state.read(|state| {
            let bridge = state.pipeline.bridge(self.bridge);
            bridge.map(|bridge| look(bridge, state.now)).unwrap_or_default()
        })
    }

    /// Changes the bridge, and tells caches of it.
    fn change<R>(
        &self,
        change: impl FnOnce(&mut Bridge, Instant) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.write(|state| {
            let now = state.now;
            let bridge = state.pipeline.bridge_mut(self.bridge);
            let result = change(bridge.ok_or(Error::NoSuchBridge)?, now)?;
            state.collect_events();
            self.shared.changed();
            Ok(result)
        })
    }

    /// Changes the set of ports or what is known of one, and tells of it.
    fn change_port(
        &self,
        what: PortChange,
        change: impl FnOnce(&mut Bridge) -> Result<PortInfo, Error>,
    ) -> Result<PortNo, Error> {
        let info = self.change(|bridge, _| change(bridge))?;
        let number = info.number;
        self.write(|state| {
            self.shared.ports.fetch_add(1, Ordering::Release);
            state.tell(self.bridge, Event::PortStatus(what, info));
        });
        Ok(number)
    }

    fn inject(&self, in_port: PortNo, frame: Frame, then: Then) -> Result<(), Error> {
        let bridge = self.bridge;
        self.write(|state| {
            if !state.inject(Injected { bridge, in_port, frame, then }) {
                return Err(Error::TooManyPackets);
            }
            self.shared.injected.store(1, Ordering::Release);
            Ok(state.wakers.clone())
        })
        .map(Shared::<L>::wake)
    }

    /// Counts what caches did until now.
    pub(super) fn fold(&self) {
        self.write(|state| {
            if state.fold(None) {
                self.shared.changed();
            }
        });
    }
}

/// What is told of a port that is there.
fn info(bridge: &Bridge, port: PortNo) -> Result<PortInfo, Error> {
    bridge.ports.info(port).ok_or(Error::NoSuchPort(port))
}

impl<L: Lock<State>> Switch for SoftSwitch<L> {
    fn add_port(&mut self, spec: PortSpec) -> Result<PortNo, Error> {
        self.change_port(PortChange::Added, |bridge| {
            let port = bridge.ports.add(spec)?;
            info(bridge, port)
        })
    }

    fn remove_port(&mut self, port: PortNo) -> Result<(), Error> {
        let mut peer = None;
        self.change_port(PortChange::Deleted, |bridge| {
            let info = info(bridge, port)?;
            peer = bridge.remove_port(port)?.patch.flatten();
            Ok(info)
        })?;
        if let Some((bridge, port)) = peer {
            self.write(|state| {
                let bridge = state.pipeline.bridge_mut(bridge);
                if let Some(Ok(port)) = bridge.map(|bridge| bridge.ports.get_mut(port)) {
                    port.patch = Some(None);
                }
            });
        }
        Ok(())
    }

    fn ports(&self) -> Vec<PortInfo> {
        self.look(|bridge, _| bridge.ports.list())
    }

    fn port_stats(&self, port: PortNo) -> Result<PortStats, Error> {
        let stats = self.look(|bridge, _| Some(bridge.ports.stats(port)));
        stats.unwrap_or(Err(Error::NoSuchPort(port)))
    }

    fn configure_port(
        &mut self,
        port: PortNo,
        config: PortConfig,
        mask: PortConfig,
    ) -> Result<(), Error> {
        self.change_port(PortChange::Modified, |bridge| {
            let found = bridge.ports.get_mut(port)?;
            found.config = found.config & !mask | config & mask;
            info(bridge, port)
        })?;
        Ok(())
    }

    fn set_port_state(&mut self, port: PortNo, state: PortState) -> Result<(), Error> {
        self.change_port(PortChange::Modified, |bridge| {
            bridge.ports.get_mut(port)?.state = state;
            info(bridge, port)
        })?;
        Ok(())
    }

    fn flow_mod(&mut self, change: FlowMod) -> Result<(), Error> {
        self.commit(vec![change.into()]).map_err(|(_, error)| error)
    }

    fn rules(&self, filter: &RuleFilter) -> Vec<Rule> {
        self.fold();
        self.look(|bridge, now| bridge.rules(now, filter))
    }

    fn aggregate(&self, filter: &RuleFilter) -> Aggregate {
        self.fold();
        self.look(|bridge, _| bridge.tables.aggregate(filter))
    }

    fn table_mod(&mut self, table: TableId, change: TableMod) -> Result<(), Error> {
        self.change(|bridge, _| {
            bridge.tables.table_mod(table, change);
            Ok(())
        })
    }

    fn tables(&self) -> Vec<TableInfo> {
        self.fold();
        self.look(|bridge, _| bridge.list_tables())
    }

    fn group_mod(&mut self, change: GroupMod) -> Result<(), Error> {
        self.commit(vec![change.into()]).map_err(|(_, error)| error)
    }

    fn groups(&self) -> Vec<Group> {
        self.look(|bridge, _| bridge.groups.iter().map(|group| group.describe()).collect())
    }

    fn group_stats(&self) -> Vec<GroupStats> {
        self.fold();
        self.look(Bridge::group_stats)
    }

    fn meter_mod(&mut self, change: MeterMod) -> Result<(), Error> {
        self.commit(vec![change.into()]).map_err(|(_, error)| error)
    }

    fn meters(&self) -> Vec<Meter> {
        self.look(|bridge, _| bridge.meters.list())
    }

    fn meter_stats(&self) -> Vec<MeterStats> {
        self.look(Bridge::meter_stats)
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<(), (usize, Error)> {
        self.commit_all(&changes)
    }

    fn packet_out(&mut self, packet: PacketOut) -> Result<(), Error> {
        let PacketOut { in_port, actions, frame } = packet;
        let none = [PortNo::CONTROLLER, PortNo::ANY];
        if !in_port.is_assignable() && in_port != PortNo::LOCAL && !none.contains(&in_port) {
            return Err(Error::InvalidInPort(in_port));
        }
        if frame.len() < SHORTEST_FRAME {
            return Err(Error::PacketTooShort(frame.len()));
        }
        let key = FlowKey::of(in_port.0, frame.as_slice());
        self.look(|bridge, _| Some(bridge.check_packet_out(&actions, &key)))
            .unwrap_or(Err(Error::NoSuchBridge))?;
        self.inject(in_port, frame, Then::Actions(actions.into()))
    }

    fn resume(&mut self, continuation: Continuation, frame: Frame) -> Result<(), Error> {
        self.inject(PortNo::CONTROLLER, frame, Then::Resume(continuation))
    }

    fn barrier(&mut self) -> BarrierToken {
        let bridge = self.bridge;
        self.write(|state| {
            let token = BarrierToken(state.next_barrier);
            state.next_barrier += 1;
            state.barriers.push((bridge, token, self.shared.generation()));
            state.answer_barriers();
            token
        })
    }

    fn next_event(&mut self) -> Option<Event> {
        let bridge = self.bridge;
        self.write(|state| {
            state.answer_barriers();
            state.events.get_mut(bridge)?.pop()
        })
    }

    fn poll(&mut self, now: Instant) -> Option<Instant> {
        self.write(|state| state.tick(now));
        self.shared.poll(now)
    }
}

impl<L: Lock<State>> Bridging for SoftSwitch<L> {
    fn macs(&self, now: Instant) -> Vec<LearnedMac> {
        self.fold();
        self.look(|bridge, _| bridge.macs.list(now))
    }

    fn flush_macs(&mut self) {
        let _ = self.change(|bridge, _| {
            bridge.macs.clear();
            Ok(())
        });
    }

    fn set_vlan(&mut self, port: PortNo, config: VlanConfig) -> Result<(), Error> {
        self.change(|bridge, _| {
            bridge.ports.get_mut(port)?.vlan = config;
            // What was learned may be of VLANs that it is not in any more.
            bridge.macs.forget_port(port);
            Ok(())
        })
    }

    fn set_mirrors(&mut self, mirrors: Vec<Mirror>) -> Result<(), Error> {
        if mirrors.len() > 64 {
            return Err(Error::TooManyMirrors);
        }
        self.change(|bridge, _| {
            bridge.mirrored.resize(mirrors.len(), (0, 0));
            bridge.mirrors = mirrors;
            Ok(())
        })
    }

    fn configure_table(&mut self, table: TableId, settings: TableSettings) -> Result<(), Error> {
        self.fold();
        loop {
            let done = self.write(|state| {
                // A bundle is being made, and may be taken back only if nothing else changes rules.
                (!state.pipeline.committing).then(|| {
                    let (now, version) = (state.now, state.pipeline.version);
                    let bridge = state.pipeline.bridge_mut(self.bridge);
                    let bridge = bridge.ok_or(Error::NoSuchBridge)?;
                    let changes = bridge.tables.configure(table, settings.clone(), version)?;
                    bridge.note_removed(now, &changes);
                    state.collect_events();
                    self.shared.changed();
                    Ok(())
                })
            });
            match done {
                Some(done) => return done,
                None => core::hint::spin_loop(),
            }
        }
    }

    fn tell_misses(&mut self, tell: bool) {
        let _ = self.change(|bridge, _| {
            bridge.tells_misses = tell;
            Ok(())
        });
    }

    fn set_fragment_handling(&mut self, fragments: FragmentHandling) {
        let _ = self.change(|bridge, _| {
            bridge.fragments = fragments;
            Ok(())
        });
    }
}
