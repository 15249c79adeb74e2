//! Names of ports and tables.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use ovs_core::{PortNo, TableId};

/// Knows how ports and tables are called.
///
/// In text a name stands for its number. `ovs-ofctl --names` works so.
pub trait Names: fmt::Debug {
    /// The name of a port.
    fn port_name(&self, port: PortNo) -> Option<&str> {
        let _ = port;
        None
    }

    /// The port of a name.
    fn port(&self, name: &str) -> Option<PortNo> {
        let _ = name;
        None
    }

    /// The name of a table.
    fn table_name(&self, table: TableId) -> Option<&str> {
        let _ = table;
        None
    }

    /// The table of a name.
    fn table(&self, name: &str) -> Option<TableId> {
        let _ = name;
        None
    }
}

/// Knows no name.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {}

/// Names that were put in.
///
/// Who has several numbers has no name: it would not be clear which is meant. The same goes for
/// a number with several names.
#[derive(Clone, Debug, Default)]
pub struct NameMap {
    ports: TwoWay<PortNo>,
    tables: TwoWay<TableId>,
}

/// Names and numbers, each found by the other; `None`: not by that alone.
#[derive(Clone, Debug)]
struct TwoWay<N> {
    numbers: BTreeMap<String, Option<N>>,
    names: BTreeMap<N, Option<String>>,
}

impl<N> Default for TwoWay<N> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), names: BTreeMap::new() }
    }
}

impl<N: Ord + Copy> TwoWay<N> {
    fn add(&mut self, number: N, name: String) {
        let known = self.names.get(&number).is_some_and(|known| known.as_ref() == Some(&name));
        if known {
            return;
        }
        let numbers = self.numbers.entry(name.clone());
        numbers.and_modify(|number| *number = None).or_insert(Some(number));
        self.names.entry(number).and_modify(|name| *name = None).or_insert(Some(name));
    }

    fn number(&self, name: &str) -> Option<N> {
        self.numbers.get(name).copied().flatten()
    }

    fn name(&self, number: N) -> Option<&str> {
        let name = self.names.get(&number)?.as_deref()?;
        self.number(name).map(|_| name)
    }
}

impl NameMap {
    /// No names at first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names a port.
    pub fn add_port(&mut self, port: PortNo, name: impl Into<String>) {
        self.ports.add(port, name.into());
    }

    /// Names a table.
    pub fn add_table(&mut self, table: TableId, name: impl Into<String>) {
        self.tables.add(table, name.into());
    }
}

impl Names for NameMap {
    fn port_name(&self, port: PortNo) -> Option<&str> {
        self.ports.name(port)
    }

    fn port(&self, name: &str) -> Option<PortNo> {
        self.ports.number(name)
    }

    fn table_name(&self, table: TableId) -> Option<&str> {
        self.tables.name(table)
    }

    fn table(&self, name: &str) -> Option<TableId> {
        self.tables.number(name)
    }
}
