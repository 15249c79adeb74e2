//! Where the two differ on purpose, and how that is kept from view.
//!
//! What the generator does not say, or says only together with something else.
//!
//! - A tag that is pushed has the VID and PCP of the outermost one that was there (OpenFlow 1.3.5
//!   §5.12.1: "existing values for all fields specified in Table 11 … should be copied"); stock's has
//!   zeros. Each `push_vlan` is followed by both set-fields, and so are `mod_vlan_vid` and `mod_vlan_pcp`,
//!   which ovs-ofctl makes a `push_vlan` of.
//! - An MPLS entry that is pushed where there was none has label 0, class 0, and the time to live of IP,
//!   else 0 (the same table; "fields in new headers without equivalents in the existing header should be
//!   set to zero"); stock's has label 2 in front of IPv6, the class of the DSCP, and 64 for what is not
//!   IP. Each `push_mpls` is followed by all three set-fields.
//! - A VLAN id that is written without its bit 12 (OFPVID_PRESENT) takes the tag off (ovs-fields(7),
//!   "OpenFlow 1.0 VLAN fields": a TCI of zero); stock then takes off both of two tags. It is written with
//!   the bit.
//! - Bits of `vlan_tci` that are written to a packet without a tag are lost; stock keeps them for a tag that
//!   comes later. It is written as a whole.
//! - `output(port=…,max_len=…)` sends the first bytes of the packet as it is then (ovs-actions(7): "outputs
//!   the packet to port with only the first max_len bytes"); stock cuts off before it puts on the headers
//!   that were pushed since the last output. A packet-in comes before it, which makes stock do that.
//! - `pop_mpls` gives the frame the Ethernet type that it names (OpenFlow 1.3.5 §5.12), also if the label was
//!   pushed just before; stock then does neither. A packet-in between them makes it do both.
//! - A label that takes the place of one of another Ethernet type brings its own (OpenFlow 1.3.5 §5.12); stock
//!   keeps the type and writes the label. The labels of one table have one type.
//! - What follows `check_pkt_larger` is done for both lengths, to the end of the pipeline (ovs-actions(7));
//!   stock does so only with what the same rule says, and does what is behind a resubmit and the action
//!   set also without knowing the length. So it is used in the first table, where nothing is behind.

use crate::{Delivered, Told};
use ovs_core::action::{Action, PacketInReason};
use ovs_core::field::Field;
use ovs_core::trace::{Pass, Step, Trace};

/// What stock says in a trace when it cannot do what the specification demands, and why ours goes on.
pub const LIMITS: [(&str, &str); 4] = [
    (
        "),pop_mpls(",
        "pop_mpls takes off the outermost entry alone, whatever type it names (OpenFlow 1.3.5 §5.12); stock \
         takes off all if the type is not that of MPLS",
    ),
    (
        "pop_mpls(eth_type=0x5ff)",
        "a frame with a length has no Ethernet type (IEEE 802.3), so none comes back when stock takes off \
         the label again that was for one output only",
    ),
    (
        "more MPLS LSEs than the 3 supported",
        "OpenFlow 1.3.5 §5.12 puts no limit to the labels that are pushed",
    ),
    (
        "MPLS decrement TTL exception",
        "a packet without MPLS has no time to live that could be over (OpenFlow 1.3.5 §5.12), so \
         dec_mpls_ttl does nothing with it, like dec_ttl with one that is not IP; stock stops",
    ),
];

/// Why the two may have done something else, if stock said this of it and ours that.
pub fn limit(
    theirs: &str,
    ours: &Trace,
    [delivered, expected]: [&Delivered; 2],
) -> Option<&'static str> {
    let floods = ["FLOOD", "ALL", "NORMAL"].iter().any(|port| theirs.contains(port));
    if floods && delivered.sorted() == expected.sorted() {
        return Some("the ports of a flood have no order (OpenFlow 1.3.5 §4.5)");
    }
    if delivered.sent.values().any(|frames| frames.len() == 100) {
        return Some("the ports of stock's dummy datapath have room for 100 frames");
    }
    if theirs.contains("check_pkt_larger") && theirs.contains("pop:") {
        return Some(
            "what follows check_pkt_larger is done once for each packet (ovs-actions(7)), so what it takes \
             from the stack was not put there for the other length; stock uses one stack for both",
        );
    }
    if ["0x800", "0x86dd"]
        .iter()
        .any(|ip| theirs.contains(&format!("pop_mpls(eth_type={ip}),set(ip")))
    {
        return Some(
            "addresses are in the checksum of TCP and UDP (RFC 9293 §3.1); stock, taking off the label again that \
             was for one output only, has lost where that is, and sets the address back without it",
        );
    }
    let exits = |(_, step): &(_, Step)| matches!(step, Step::Action(Action::Exit));
    let exits = ours.passes.iter().any(|pass| pass.steps.iter().any(exits));
    if theirs.contains("actset_output") && theirs.matches("bridge(\"").count() > 1 {
        return Some(
            "the action set of the bridge behind a patch port is another (ovs-vswitchd.conf.db(5)); stock's \
             `actset_output` is then of that one",
        );
    }
    let tag = [Field::VlanVid, Field::VlanPcp, Field::VlanTci];
    let lacks_tag =
        |(_, step): &(_, Step)| matches!(step, Step::HasNoField(field) if tag.contains(field));
    if ours.passes.iter().any(|pass| pass.steps.iter().any(lacks_tag)) {
        return Some(
            "a packet without a tag has no VLAN id to be set; stock keeps what was set for later",
        );
    }
    if exits && theirs.contains("clone(") {
        return Some("an exit in a clone ends the clone (ovs-actions(7)); stock then ends all");
    }
    if exits && theirs.contains("Executing action set") {
        return Some(
            "\"actions in the action set are still executed\" behind an exit (ovs-actions(7)); stock 3.1 says \
             that it does, and does not",
        );
    }
    // A header is told of before the set-fields that follow it.
    let is_header = |action: &Action| matches!(action, Action::PushVlan(_) | Action::PushMpls(_));
    let adds = |(_, step): &(_, Step)| matches!(step, Step::Action(action) if is_header(action));
    let adds_headers = ours.passes.iter().any(|pass| pass.steps.iter().any(adds));
    if adds_headers && theirs.contains("decrement TTL exception") {
        return Some(
            "a header that is pushed begins as the one was that is there (OpenFlow 1.3.5 §5.12.1)",
        );
    }
    if ours.passes.iter().any(|pass| most_tags(pass) > 2) {
        // vlan-limit has a limit of 2.
        return Some("OpenFlow 1.3.5 §5.12 puts no limit to the VLAN tags that are pushed");
    }
    if theirs.contains("nw_frag=later") && theirs.contains("set(ip") {
        return Some(
            "a later fragment has no checksum of L4 (RFC 791 §3.2); stock writes one into it",
        );
    }
    if theirs.contains("NORMAL") && theirs.contains("dl_vlan1=0") {
        return Some("bridging leaves a tag behind the outermost alone (IEEE 802.1Q-2022 §6.9)");
    }
    if theirs.contains("rarp") {
        return Some(
            "the fields of ARP are those of RARP too (ovs-fields(7)); stock cannot write them",
        );
    }
    LIMITS.iter().find(|(words, _)| theirs.contains(words)).map(|(_, why)| *why)
}

/// How many VLAN tags a packet has at most on its way, or more: whether a deeper step is of a copy or of the
/// packet itself is not told, so both are counted.
fn most_tags(pass: &Pass) -> usize {
    let first = pass.key.vlans.iter().filter(|tag| tag.is_present()).count();
    let (mut all, mut most) = (first, first);
    let mut by_depth = vec![first];
    for (depth, step) in &pass.steps {
        let outer = *by_depth.last().unwrap_or(&first);
        by_depth.resize(depth + 1, outer);
        for n in by_depth.last_mut().into_iter().chain([&mut all]) {
            match step {
                Step::Action(Action::PushVlan(_)) => *n += 1,
                Step::Action(Action::PopVlan) => *n = n.saturating_sub(1),
                // A field of the tag that is set may put one on.
                Step::Action(action) if *n == 0 && format!("{action:?}").contains("vlan_") => {
                    *n = 1
                }
                _ => {}
            }
            most = most.max(*n);
        }
    }
    most
}

/// Makes equal what stock says of cookies: "This field must be set to -1 if a cookie cannot be associated
/// with a particular flow. For example, if the packet-in was generated in a group bucket or from the action
/// set" (OpenFlow 1.3.5 §7.4.1). Stock tells that of the first rule.
pub fn forgive(theirs: &mut Delivered, mine: &Delivered) {
    for ((_, theirs), (_, mine)) in theirs.told.iter_mut().zip(&mine.told) {
        if mine.cookie.is_none() {
            theirs.cookie = None;
        }
    }
}

/// A packet-in as both can tell it.
pub fn normal(mut told: Told) -> Told {
    // OpenFlow 1.3 has no reasons of their own for these.
    if matches!(told.reason, PacketInReason::ACTION_SET | PacketInReason::GROUP) {
        told.reason = PacketInReason::ACTION;
    }
    // "Pipeline fields" are told (OpenFlow 1.5.1 §7.4.1); stock forgets this one.
    told.metadata.remove(Field::ActsetOutput);
    told
}
