//! One bridge of a datapath.

use super::check::{self, Known};
use super::groups::{GroupChanges, GroupEntry, GroupTable};
use super::meters::{MeterChanges, MeterTable};
use super::ports::{Port, Ports};
use super::tables::{Changes, FlowTables, Table};
use super::{Applied, FlowEntry};
use crate::action::Action;
use crate::classify::Version;
use crate::flow::{FlowMod, FlowRemoved, Rule};
use crate::group::{GroupId, GroupMod, GroupStats};
use crate::key::{FlowKey, Mac};
use crate::mac_table::{Learned, MacConfig, MacTable};
use crate::meter::{MeterId, MeterMod, MeterStats};
use crate::port::{PortNo, TableId};
use crate::table::{RuleFilter, TableInfo};
use crate::vlan::{Mirror, MirrorOutput};
use crate::{Error, Instant};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is done with fragments of IP packets (`enum ofp_config_flags`, OpenFlow 1.3.5 §7.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FragmentHandling {
    /// They are matched as if they had no L4 ports.
    #[default]
    Normal,
    /// They are dropped.
    Drop,
    /// They are matched as they are: the first one with its ports (`OFPC_FRAG_NX_MATCH` of Nicira).
    NxMatch,
}

/// Limits and habits of a bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeConfig {
    pub(crate) max_ports: usize,
    pub(crate) max_rules: usize,
    pub(crate) max_groups: usize,
    pub(crate) max_meters: usize,
    pub(crate) macs: MacConfig,
    pub(crate) forward_link_local: bool,
    pub(crate) seed: u64,
}

/// What a bridge knows and decides by.
#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) config: BridgeConfig,
    pub(crate) ports: Ports,
    pub(crate) tables: FlowTables,
    pub(crate) groups: GroupTable,
    pub(crate) meters: MeterTable,
    pub(crate) macs: MacTable,
    pub(crate) mirrors: Vec<Mirror>,
    /// Packets and bytes of each mirror.
    pub(crate) mirrored: Vec<(u64, u64)>,
    pub(crate) fragments: FragmentHandling,
    /// Does a controller get packets that no rule matches without a rule that says so? Those of OpenFlow
    /// before 1.3 do.
    pub(crate) tells_misses: bool,
    /// Rules that are gone, to be told.
    pub(crate) removed: Vec<FlowRemoved>,
}

impl Bridge {
    pub(crate) fn new(config: BridgeConfig) -> Self {
        let mut bridge = Self {
            ports: Ports::new(config.max_ports),
            tables: FlowTables::new(config.seed, config.max_rules),
            groups: GroupTable::new(config.max_groups),
            meters: MeterTable::new(config.max_meters),
            macs: MacTable::new(config.macs.clone(), config.seed),
            mirrors: Vec::new(),
            mirrored: Vec::new(),
            tells_misses: false,
            removed: Vec::new(),
            fragments: FragmentHandling::default(),
            config,
        };
        // Like a new bridge of Open vSwitch: it bridges until it is told otherwise.
        let bridging = FlowMod::add().priority(0).apply([Action::output(PortNo::NORMAL)]);
        let _ = bridge.flow_mod(Instant::ZERO, &bridging, Version(1));
        bridge
    }

    /// Is the port there only for the copies of a mirror?
    pub(crate) fn is_mirror_output(&self, port: PortNo) -> bool {
        self.mirrors.iter().any(|mirror| mirror.output == MirrorOutput::Port(port))
    }

    pub(crate) fn is_live(&self, group: &Arc<GroupEntry>, bucket: usize) -> bool {
        let up = |port| self.ports.get(port).is_some_and(|port| port.is_up());
        self.groups.is_live(group, bucket, up)
    }

    /// Notes where an address is, if the port is still there.
    pub(crate) fn learn_mac(&mut self, now: Instant, vlan: u16, mac: Mac, port: PortNo) -> Learned {
        match self.ports.get(port) {
            Some(_) => self.macs.learn(now, vlan, mac, port),
            None => Learned::Known,
        }
    }

    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.macs.next_expiry().into_iter().chain(self.tables.next_expiry()).min()
    }

    /// Forgets what is too old. Says whether packets meet something else then.
    pub(crate) fn expire(&mut self, now: Instant, version: Version) -> bool {
        let forgot = self.macs.expire(now);
        let changes = self.tables.expire(now, version);
        self.note_removed(now, &changes);
        self.tables.purge(version);
        forgot > 0 || !changes.is_empty()
    }

    pub(crate) fn remove_port(&mut self, port: PortNo) -> Result<Port, Error> {
        let removed = self.ports.remove(port)?;
        self.macs.forget_port(port);
        Ok(removed)
    }

    /// The rules asked for, by table, the highest priority first.
    pub(crate) fn rules(&self, now: Instant, filter: &RuleFilter) -> Vec<Rule> {
        let mut rules: Vec<_> = self.tables.rules(filter).map(|rule| rule.describe(now)).collect();
        rules.sort_by_key(|rule| (rule.table, core::cmp::Reverse(rule.priority)));
        rules
    }

    /// All tables.
    pub(crate) fn list_tables(&self) -> Vec<TableInfo> {
        let info = |n| {
            let table = self.tables.table(TableId(n));
            TableInfo {
                table: TableId(n),
                settings: table.map(|table| table.settings().clone()).unwrap_or_default(),
                miss: self.tables.miss(TableId(n)),
                evicts: table.is_some_and(Table::evicts),
                stats: table.map(Table::stats).unwrap_or_default(),
            }
        };
        (0..=TableId::MAX.0).map(info).collect()
    }

    /// Changes the groups; rules go with a group that goes.
    pub(crate) fn group_mod(
        &mut self,
        now: Instant,
        change: &GroupMod,
        version: Version,
    ) -> Result<Undo, Error> {
        let known = Members { groups: None, meters: &self.meters };
        let groups = self.groups.apply(now, change, &known)?;
        let gone: Vec<_> = groups.removed().collect();
        let users = gone.into_iter().map(|id| self.tables.remove_users_of_group(id, version));
        let rules: Vec<_> = users.collect();
        rules.iter().for_each(|changes| self.note_removed(now, changes));
        Ok(Undo { rules, groups: Some(groups), ..Undo::default() })
    }

    /// What groups did, and how many rules use them.
    pub(crate) fn group_stats(&self, now: Instant) -> Vec<GroupStats> {
        let rules = |id| self.tables.count_users_of_group(id) as u32;
        self.groups.iter().map(|group| group.stats(now, rules(group.id))).collect()
    }

    /// Changes the meters; rules go with a meter that goes.
    pub(crate) fn meter_mod(
        &mut self,
        now: Instant,
        change: &MeterMod,
        version: Version,
    ) -> Result<Undo, Error> {
        let meters = self.meters.apply(now, change)?;
        let gone: Vec<_> = meters.removed(&self.meters).collect();
        let users = gone.into_iter().map(|id| self.tables.remove_users_of_meter(id, version));
        let rules: Vec<_> = users.collect();
        rules.iter().for_each(|changes| self.note_removed(now, changes));
        Ok(Undo { rules, meters: Some(meters), ..Undo::default() })
    }

    /// Takes changes back, of which none after them is left.
    pub(crate) fn undo(&mut self, undo: Undo) {
        undo.rules.iter().rev().for_each(|changes| self.tables.undo(changes));
        undo.groups.into_iter().for_each(|changes| self.groups.undo(changes));
        undo.meters.into_iter().for_each(|changes| self.meters.undo(changes));
    }

    /// What meters did, and how many rules use them.
    pub(crate) fn meter_stats(&self, now: Instant) -> Vec<MeterStats> {
        let mut stats = self.meters.stats(now);
        for meter in &mut stats {
            meter.rules = self.tables.count_users_of_meter(meter.id);
        }
        stats
    }

    /// Is there this rule, doing just that?
    pub(crate) fn has_rule(&self, change: &FlowMod, version: Version) -> bool {
        self.find_rule(change, version).is_some()
    }

    fn find_rule(&self, change: &FlowMod, version: Version) -> Option<&Arc<FlowEntry>> {
        let table = self.tables.table(change.table)?;
        let rule = table.classifier().find(&change.matching, change.priority, version)?;
        let same = rule.instructions == change.instructions
            && rule.cookie == change.cookie.unwrap_or(rule.cookie)
            && rule.flags == change.flags;
        same.then_some(rule)
    }

    /// Puts a learned rule into its table, if fewer than `limit` with its cookie are there in a version. It is
    /// there from the next on: a packet sees one version, also if it changes what is learned.
    pub(crate) fn learn_rule(
        &mut self,
        now: Instant,
        change: &FlowMod,
        limit: Option<u32>,
        version: Version,
    ) -> Result<Applied, Error> {
        if let Some(rule) = self.find_rule(change, version) {
            rule.confirm(now);
            return Ok(Applied { done: true, changed: false });
        }
        let is_there = self
            .tables
            .table(change.table)
            .and_then(|table| table.classifier().find(&change.matching, change.priority, version))
            .is_some();
        let count = self.tables.count_with_cookie(change.table, change.cookie.unwrap_or(0));
        if !is_there && limit.is_some_and(|limit| count >= limit as usize) {
            return Ok(Applied { done: false, changed: false });
        }
        self.flow_mod(now, change, version.next())?;
        Ok(Applied { done: true, changed: true })
    }

    /// Changes the flow tables.
    pub(crate) fn flow_mod(
        &mut self,
        now: Instant,
        change: &FlowMod,
        version: Version,
    ) -> Result<Changes, Error> {
        let known = Members { groups: Some(&self.groups), meters: &self.meters };
        let changes = self.tables.apply(now, change, version, &known)?;
        self.note_removed(now, &changes);
        Ok(changes)
    }

    /// Refuses actions for a packet that make no sense.
    pub(crate) fn check_packet_out(&self, actions: &[Action], key: &FlowKey) -> Result<(), Error> {
        let known = Members { groups: Some(&self.groups), meters: &self.meters };
        check::packet_out(actions, key, &known)
    }

    /// Keeps what is to be told of rules that are gone.
    pub(crate) fn note_removed(&mut self, now: Instant, changes: &Changes) {
        self.removed.extend(changes.removed().filter_map(|removed| removed.notice(now)));
    }
}

/// What is needed to take a change back.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    pub(crate) rules: Vec<Changes>,
    pub(crate) groups: Option<GroupChanges>,
    pub(crate) meters: Option<MeterChanges>,
}

/// What rules may name.
struct Members<'a> {
    /// `None`: any, because a group may name others that come later.
    groups: Option<&'a GroupTable>,
    meters: &'a MeterTable,
}

impl Known for Members<'_> {
    fn has_group(&self, group: GroupId) -> bool {
        self.groups.is_none_or(|groups| groups.get(group).is_some())
    }

    fn has_meter(&self, meter: MeterId) -> bool {
        self.meters.get(meter).is_some()
    }
}
