//! Names of actions and instructions by their number.

use super::out::{Out, put};
use alloc::collections::BTreeSet;

/// OpenFlow 1.3's actions that Open vSwitch has, in the order in which it names them.
const ACTIONS_OF13: [(u16, &str); 12] = [
    (0, "output"),
    (22, "group"),
    (25, "set_field"),
    (18, "strip_vlan"),
    (17, "push_vlan"),
    (23, "mod_nw_ttl"),
    (24, "dec_ttl"),
    (15, "set_mpls_ttl"),
    (16, "dec_mpls_ttl"),
    (19, "push_mpls"),
    (20, "pop_mpls"),
    (21, "set_queue"),
];

/// The numbers that have a name.
pub(super) fn known_of13(numbers: &BTreeSet<u16>) -> BTreeSet<u16> {
    let known = |number: &&u16| ACTIONS_OF13.iter().any(|(known, _)| known == *number);
    numbers.iter().filter(known).copied().collect()
}

/// The names of actions with these numbers.
pub(super) fn put_names_of13(out: &mut Out<'_>, numbers: &BTreeSet<u16>) {
    names(out, ACTIONS_OF13.iter().filter(|(number, _)| numbers.contains(number)));
}

/// OpenFlow 1.0's actions, in the order in which Open vSwitch names them.
const ACTIONS_OF10: [(u16, &str); 12] = [
    (0, "output"),
    (11, "enqueue"),
    (1, "set_vlan_vid"),
    (2, "set_vlan_pcp"),
    (3, "strip_vlan"),
    (4, "mod_dl_src"),
    (5, "mod_dl_dst"),
    (6, "mod_nw_src"),
    (7, "mod_nw_dst"),
    (8, "mod_nw_tos"),
    (9, "mod_tp_src"),
    (10, "mod_tp_dst"),
];

/// The names of OpenFlow 1.0's actions with these numbers, as bits.
pub(super) fn put_names_of10(out: &mut Out<'_>, bits: u32) {
    names(out, ACTIONS_OF10.iter().filter(|(number, _)| bits >> number & 1 != 0));
}

fn names<'a>(out: &mut Out<'_>, rows: impl Iterator<Item = &'a (u16, &'static str)>) {
    let mut separator = "";
    for (_, name) in rows {
        put!(out, "{separator}{name}");
        separator = " ";
    }
    if separator.is_empty() {
        out.str("<none>");
    }
}

/// The names of instructions with these numbers, in the order in which they are done.
pub(super) fn put_instruction_names(out: &mut Out<'_>, numbers: &BTreeSet<u16>) {
    const NAMES: [(u16, &str); 6] = [
        (6, "meter"),
        (4, "apply_actions"),
        (5, "clear_actions"),
        (3, "write_actions"),
        (2, "write_metadata"),
        (1, "goto_table"),
    ];
    let mut separator = "";
    for (_, name) in NAMES.iter().filter(|(number, _)| numbers.contains(number)) {
        put!(out, "{separator}{name}");
        separator = " ";
    }
}
