//! What tables can do.

use super::out::{Out, put};
use super::stats::Dittos;
use super::{actions, names};
use crate::message::{FeatureId, OxmId, TableFeatureProperty, TableFeatures, TableMod};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use ovs_core::TableId;
use ovs_core::field::Field;

/// Fields in the order in which Open vSwitch lists them; families of numbered fields by their
/// first.
const ORDER: &[Field] = &[
    Field::DpHash,
    Field::RecircId,
    Field::PacketType,
    Field::ConjId,
    Field::TunId,
    Field::TunSrc,
    Field::TunDst,
    Field::TunIpv6Src,
    Field::TunIpv6Dst,
    Field::TunFlags,
    Field::TunTtl,
    Field::TunTos,
    Field::TunGbpId,
    Field::TunGbpFlags,
    Field::TunErspanIdx,
    Field::TunErspanVer,
    Field::TunErspanDir,
    Field::TunErspanHwid,
    Field::TunGtpuFlags,
    Field::TunGtpuMsgtype,
    Field::TunMetadata0,
    Field::Metadata,
    Field::InPort16,
    Field::InPort,
    Field::ActsetOutput,
    Field::SkbPriority,
    Field::PktMark,
    Field::CtState,
    Field::CtZone,
    Field::CtMark,
    Field::CtLabel,
    Field::CtNwProto,
    Field::CtNwSrc,
    Field::CtNwDst,
    Field::CtIpv6Src,
    Field::CtIpv6Dst,
    Field::CtTpSrc,
    Field::CtTpDst,
    Field::Reg0,
    Field::Xreg0,
    Field::Xxreg0,
    Field::EthSrc,
    Field::EthDst,
    Field::EthType,
    Field::VlanTci,
    Field::VlanVid,
    Field::VlanPcp,
    Field::MplsLabel,
    Field::MplsTc,
    Field::MplsBos,
    Field::MplsTtl,
    Field::Ipv4Src,
    Field::Ipv4Dst,
    Field::Ipv6Src,
    Field::Ipv6Dst,
    Field::Ipv6Label,
    Field::IpProto,
    Field::NwTos,
    Field::IpDscp,
    Field::IpEcn,
    Field::IpTtl,
    Field::IpFrag,
    Field::ArpOp,
    Field::ArpSpa,
    Field::ArpTpa,
    Field::ArpSha,
    Field::ArpTha,
    Field::TcpSrc,
    Field::TcpDst,
    Field::TcpFlags,
    Field::UdpSrc,
    Field::UdpDst,
    Field::SctpSrc,
    Field::SctpDst,
    Field::Icmpv4Type,
    Field::Icmpv4Code,
    Field::Icmpv6Type,
    Field::Icmpv6Code,
    Field::NdTarget,
    Field::NdSll,
    Field::NdTll,
    Field::NdReserved,
    Field::NdOptionsType,
    Field::NshFlags,
    Field::NshMdtype,
    Field::NshNp,
    Field::NshSpi,
    Field::NshSi,
    Field::NshC1,
    Field::NshC2,
    Field::NshC3,
    Field::NshC4,
    Field::NshTtl,
];

/// A place in that order: fields of a family stand behind their first, those that Open vSwitch
/// does not have behind all.
fn place(field: Field) -> (usize, Field) {
    let families = [Field::Reg0, Field::Xreg0, Field::Xxreg0, Field::TunMetadata0];
    let stem = |field: Field| field.name().trim_end_matches(|c: char| c.is_ascii_digit());
    let family = families.into_iter().find(|first| stem(*first) == stem(field));
    let first = family.unwrap_or(field);
    (ORDER.iter().position(|other| *other == first).unwrap_or(ORDER.len()), field)
}

/// The name of a field in lists: the 32-bit view of the port is told apart from the other.
fn field_name(field: Field) -> &'static str {
    match field {
        Field::InPort => "in_port_oxm",
        Field::InPort16 => "in_port",
        Field::NwTos => "nw_tos",
        _ => field.name(),
    }
}

type Fields = BTreeSet<(usize, Field)>;

fn fields(ids: &[OxmId], masked: bool) -> Fields {
    let wanted = ids.iter().filter(|id| id.has_mask == masked);
    wanted.filter_map(|id| Field::from_oxm(id.class, id.number)).map(place).collect()
}

fn put_fields(out: &mut Out<'_>, fields: &Fields) {
    let names = fields.iter().map(|(_, field)| field_name(*field)).collect::<Vec<_>>();
    names::list(out, &names);
}

/// What one kind of rules can do.
#[derive(Clone, Default, PartialEq)]
struct Abilities {
    next: BTreeSet<u8>,
    instructions: BTreeSet<u16>,
    write: ActionAbilities,
    apply: ActionAbilities,
}

#[derive(Clone, Default, PartialEq)]
struct ActionAbilities {
    actions: BTreeSet<u16>,
    fields: Fields,
}

/// What a table can do, put together from its properties.
struct Summary {
    table: u8,
    metadata: (u64, u64),
    max_entries: u32,
    others: Abilities,
    miss: Abilities,
    matches: Fields,
    maskable: Fields,
    wildcards: Fields,
}

fn standard(ids: &[FeatureId]) -> BTreeSet<u16> {
    let number = |id: &FeatureId| match id {
        FeatureId::Standard(number) => Some(*number),
        FeatureId::Experimenter(..) => None,
    };
    ids.iter().filter_map(number).collect()
}

impl Summary {
    fn new(features: &TableFeatures) -> Self {
        let mut summary = Self {
            table: features.table.0,
            metadata: (features.metadata_match, features.metadata_write),
            max_entries: features.max_entries,
            others: Abilities::default(),
            miss: Abilities::default(),
            matches: Fields::new(),
            maskable: Fields::new(),
            wildcards: Fields::new(),
        };
        // What is not said of the table-miss rule is as for the others, so those come first.
        for miss in [false, true] {
            features.properties.iter().for_each(|property| summary.add(property, miss));
            if !miss {
                summary.miss = summary.others.clone();
            }
        }
        let Self { matches, maskable, wildcards, .. } = &mut summary;
        matches.extend(maskable.iter().copied());
        wildcards.extend(maskable.iter().copied());
        wildcards.retain(|field| matches.contains(field));
        summary
    }

    fn add(&mut self, property: &TableFeatureProperty, only_miss: bool) {
        use TableFeatureProperty as P;
        let abilities = if only_miss { &mut self.miss } else { &mut self.others };
        match property {
            P::Instructions { miss, ids } if *miss == only_miss => {
                abilities.instructions = standard(ids);
            }
            P::NextTables { miss, tables } if *miss == only_miss => {
                abilities.next = tables.iter().map(|table| table.0).collect();
            }
            P::WriteActions { miss, ids } if *miss == only_miss => {
                abilities.write.actions = actions::known_of13(&standard(ids));
            }
            P::ApplyActions { miss, ids } if *miss == only_miss => {
                abilities.apply.actions = actions::known_of13(&standard(ids));
            }
            P::WriteSetField { miss, fields: ids } if *miss == only_miss => {
                abilities.write.fields = fields(ids, false);
            }
            P::ApplySetField { miss, fields: ids } if *miss == only_miss => {
                abilities.apply.fields = fields(ids, false);
            }
            P::Match(ids) if !only_miss => {
                self.matches = fields(ids, false);
                self.maskable = fields(ids, true);
            }
            P::Wildcards(ids) if !only_miss => self.wildcards = fields(ids, false),
            _ => {}
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.metadata == other.metadata
            && self.max_entries == other.max_entries
            && self.others.is_like(self.table, &other.others, other.table)
            && self.miss.is_like(self.table, &other.miss, other.table)
            && self.matches == other.matches
    }

    fn put(&self, out: &mut Out<'_>, before: Option<&Self>) {
        let (read, write) = self.metadata;
        if (read, write) != (0, 0) {
            put!(out, "    metadata: match={read:#x} write={write:#x}\n");
        }
        if self.max_entries != 0 {
            put!(out, "    max_entries={}\n", self.max_entries);
        }
        let same = before.is_some_and(|before| {
            self.others.is_like(self.table, &before.others, before.table)
                && self.miss.is_like(self.table, &before.miss, before.table)
        });
        let is_empty = self.others == Abilities::default();
        if same {
            out.str(if is_empty { "" } else { "    (same instructions)\n" });
        } else if !self.others.is_like(self.table, &self.miss, self.table) {
            out.str("    instructions (other than table miss):\n");
            self.others.put(out, before.map(|before| &before.others));
            out.str("    instructions (table miss):\n");
            self.miss.put(out, before.map(|before| &before.miss));
        } else if !is_empty {
            out.str("    instructions (table miss and others):\n");
            self.others.put(out, before.map(|before| &before.others));
        }
        if self.matches.is_empty() {
            return;
        }
        if before.is_some_and(|before| before.matches == self.matches) {
            return out.str("    (same matching)\n");
        }
        out.str("    matching:\n");
        self.put_matches(out, true, true, "arbitrary mask");
        self.put_matches(out, false, true, "exact match or wildcard");
        self.put_matches(out, false, false, "must exact match");
    }

    fn put_matches(&self, out: &mut Out<'_>, maskable: bool, wildcard: bool, title: &str) {
        let is = |field: &&(usize, Field)| {
            self.maskable.contains(field) == maskable && self.wildcards.contains(field) == wildcard
        };
        let fields = self.matches.iter().filter(is).copied().collect::<Fields>();
        if !fields.is_empty() {
            put!(out, "      {title}:");
            put_fields(out, &fields);
            out.str("\n");
        }
    }
}

impl Abilities {
    /// The same, where a table that comes right before the other may go to it in addition.
    fn is_like(&self, table: u8, other: &Self, other_table: u8) -> bool {
        let without = |next: &BTreeSet<u8>, skipped: Option<u8>| {
            next.iter().copied().filter(|table| Some(*table) != skipped).collect::<Vec<_>>()
        };
        let next = if table.checked_add(1) == Some(other_table) {
            without(&self.next, Some(other_table)) == without(&other.next, None)
        } else if other_table.checked_add(1) == Some(table) {
            without(&other.next, Some(table)) == without(&self.next, None)
        } else {
            self.next == other.next
        };
        (next || self.next == other.next)
            && self.instructions == other.instructions
            && self.write == other.write
            && self.apply == other.apply
    }

    fn put(&self, out: &mut Out<'_>, before: Option<&Self>) {
        if !self.next.is_empty() {
            out.str("      next tables: ");
            ranges(out, &self.next);
            out.str("\n");
        }
        if !self.instructions.is_empty() {
            if before.is_some_and(|before| before.instructions == self.instructions) {
                out.str("      (same instructions)\n");
            } else {
                out.str("      instructions: ");
                actions::put_instruction_names(out, &self.instructions);
                out.str("\n");
            }
        }
        let same = before
            .is_some_and(|before| before.write == self.write && before.apply == self.apply)
            && !self.write.fields.is_empty();
        if same {
            out.str("      (same actions)\n");
        } else if self.write != self.apply {
            out.str("      Write-Actions features:\n");
            self.write.put(out);
            out.str("      Apply-Actions features:\n");
            self.apply.put(out);
        } else if self.write != ActionAbilities::default() {
            out.str("      Write-Actions and Apply-Actions features:\n");
            self.write.put(out);
        }
    }
}

impl ActionAbilities {
    fn put(&self, out: &mut Out<'_>) {
        if !self.actions.is_empty() {
            out.str("        actions: ");
            actions::put_names_of13(out, &self.actions);
            out.str("\n");
        }
        if !self.fields.is_empty() {
            out.str("        supported on Set-Field:");
            put_fields(out, &self.fields);
            out.str("\n");
        }
    }
}

/// `1-4,6`.
fn ranges(out: &mut Out<'_>, numbers: &BTreeSet<u8>) {
    let mut rest = numbers.iter().copied().peekable();
    let mut separator = "";
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if(|next| Some(*next) == last.checked_add(1)) {
            last = next;
        }
        put!(out, "{separator}{first}");
        if last != first {
            put!(out, "-{last}");
        }
        separator = ",";
    }
}

pub(super) fn features(out: &mut Out<'_>, tables: &[TableFeatures]) {
    let mut before: Option<Summary> = None;
    let mut dittos = Dittos::default();
    for features in tables {
        let summary = Summary::new(features);
        let same = before.as_ref().is_some_and(|before| before.is_like(&summary));
        if same && features.name.is_empty() {
            dittos.add(features.table.0);
            before = Some(summary);
            continue;
        }
        dittos.finish(out);
        put!(out, "\n  table {}", features.table.0);
        if !features.name.is_empty() {
            put!(out, " (\"{}\")", features.name);
        }
        out.str(":");
        if same {
            out.str(" ditto");
        } else {
            out.str("\n");
            summary.put(out, before.as_ref());
        }
        before = Some(summary);
    }
    dittos.finish(out);
}

pub(super) fn table_mod(out: &mut Out<'_>, change: &TableMod) {
    if change.table == TableId::ALL {
        out.str(" table_id: ALL_TABLES");
    } else {
        put!(out, " table_id={}", change.table);
    }
}
