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

/// Those of the rest of OpenFlow 1.3.
const MORE_ACTIONS_OF13: [(u16, &str); 4] =
    [(11, "copy_ttl_out"), (12, "copy_ttl_in"), (26, "push_pbb"), (27, "pop_pbb")];

/// The numbers that have a name.
pub(super) fn known_of13(numbers: &BTreeSet<u16>) -> BTreeSet<u16> {
    let known = |number: &&u16| {
        let mut all = ACTIONS_OF13.iter().chain(&MORE_ACTIONS_OF13);
        all.any(|(known, _)| known == *number)
    };
    numbers.iter().filter(known).copied().collect()
}

/// The names of actions with these numbers.
pub(super) fn put_names_of13(out: &mut Out<'_>, numbers: &BTreeSet<u16>) {
    let all = ACTIONS_OF13.iter().chain(&MORE_ACTIONS_OF13);
    let mut separator = "";
    for (_, name) in all.filter(|(number, _)| numbers.contains(number)) {
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
