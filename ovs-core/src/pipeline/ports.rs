//! The ports of a bridge.

use crate::counter::PortCounters;
use crate::port::{PortConfig, PortInfo, PortMap, PortNo, PortSpec, PortState, PortStats};
use crate::vlan::VlanConfig;
use crate::{Error, key::Mac};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Bits by which the number of a port in its bridge is moved to make room for the bridge's: a port of
/// the datapath has `bridge << 16 | number`, and in the first bridge the number itself.
const BRIDGE_SHIFT: u32 = 16;
/// What the datapath calls the local port of a bridge.
const DATAPATH_LOCAL: u32 = PortNo::LOCAL.0 & 0xffff;

/// The port of the datapath that is meant: the local one of the first bridge may be called as it is there.
#[inline]
pub(crate) fn in_datapath(port: PortNo) -> PortNo {
    if port == PortNo::LOCAL { PortNo(DATAPATH_LOCAL) } else { port }
}

/// The number by which the datapath knows a port of a bridge.
pub(crate) fn datapath_port(bridge: usize, port: PortNo) -> PortNo {
    PortNo((bridge as u32) << BRIDGE_SHIFT | port.0 & 0xffff)
}

/// The bridge and the port there that the datapath knows by a number.
pub(crate) fn bridge_port(port: PortNo) -> (usize, PortNo) {
    let number = port.0 & 0xffff;
    let number = if number == DATAPATH_LOCAL { PortNo::LOCAL.0 } else { number };
    ((port.0 >> BRIDGE_SHIFT) as usize, PortNo(number))
}

/// A port of a bridge.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) address: Mac,
    pub(crate) config: PortConfig,
    pub(crate) state: PortState,
    /// The other end, if it is a patch port; that may be gone.
    pub(crate) patch: Option<Option<(usize, PortNo)>>,
    pub(crate) vlan: VlanConfig,
    /// One for each forwarder that there is or was.
    counters: Vec<Arc<PortCounters>>,
}

impl Port {
    /// Can frames leave by it?
    pub(crate) fn is_up(&self) -> bool {
        !self.config.contains(PortConfig::PORT_DOWN) && !self.state.contains(PortState::LINK_DOWN)
    }

    fn info(&self, number: PortNo) -> PortInfo {
        PortInfo {
            number,
            name: self.name.clone(),
            address: self.address,
            config: self.config,
            state: self.state,
        }
    }
}

/// All ports of a bridge, by number.
#[derive(Debug)]
pub(crate) struct Ports {
    limit: usize,
    ports: BTreeMap<PortNo, Port>,
}

impl Ports {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ports: BTreeMap::new() }
    }

    pub(crate) fn get(&self, port: PortNo) -> Option<&Port> {
        self.ports.get(&port)
    }

    pub(crate) fn get_mut(&mut self, port: PortNo) -> Result<&mut Port, Error> {
        self.ports.get_mut(&port).ok_or(Error::NoSuchPort(port))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (PortNo, &Port)> {
        self.ports.iter().map(|(number, port)| (*number, port))
    }

    pub(crate) fn add(&mut self, spec: PortSpec) -> Result<PortNo, Error> {
        if spec.name.is_empty() {
            return Err(Error::NamelessPort);
        }
        if self.ports.values().any(|port| port.name == spec.name) {
            return Err(Error::NameTaken(spec.name));
        }
        if self.ports.len() >= self.limit {
            return Err(Error::TooManyPorts(self.ports.len()));
        }
        let can_be = |number: PortNo| number.is_assignable() || number == PortNo::LOCAL;
        let number = match spec.number {
            Some(number) if !can_be(number) => return Err(Error::InvalidNumber(number)),
            Some(number) if self.ports.contains_key(&number) => {
                return Err(Error::NumberTaken(number));
            }
            Some(number) => number,
            None => self.lowest_free().ok_or(Error::TooManyPorts(self.ports.len()))?,
        };
        let port = Port {
            name: spec.name,
            address: spec.address,
            config: spec.config,
            state: spec.state,
            patch: None,
            vlan: VlanConfig::default(),
            counters: Vec::new(),
        };
        self.ports.insert(number, port);
        Ok(number)
    }

    fn lowest_free(&self) -> Option<PortNo> {
        let taken = self.ports.keys();
        let gap = (1..).zip(taken).find(|(number, taken)| *number != taken.0);
        let number = gap.map_or(self.ports.len() as u32 + 1, |(number, _)| number);
        Some(PortNo(number)).filter(|number| number.is_assignable())
    }

    pub(crate) fn remove(&mut self, port: PortNo) -> Result<Port, Error> {
        self.ports.remove(&port).ok_or(Error::NoSuchPort(port))
    }

    pub(crate) fn list(&self) -> Vec<PortInfo> {
        self.iter().map(|(number, port)| port.info(number)).collect()
    }

    pub(crate) fn info(&self, port: PortNo) -> Option<PortInfo> {
        self.get(port).map(|found| found.info(port))
    }

    pub(crate) fn stats(&self, port: PortNo) -> Result<PortStats, Error> {
        let mut stats = PortStats::default();
        let port = self.get(port).ok_or(Error::NoSuchPort(port))?;
        port.counters.iter().for_each(|counters| counters.add_to(&mut stats));
        Ok(stats)
    }

    /// Adds the counters of forwarder number `worker` for the ports of bridge number `bridge`.
    pub(crate) fn counters(
        &mut self,
        bridge: usize,
        worker: usize,
        into: &mut PortMap<Arc<PortCounters>>,
    ) {
        for (number, port) in &mut self.ports {
            if port.counters.len() <= worker {
                port.counters.resize_with(worker + 1, Arc::default);
            }
            if let Some(counters) = port.counters.get(worker) {
                into.insert(datapath_port(bridge, *number), counters.clone());
            }
        }
    }
}
