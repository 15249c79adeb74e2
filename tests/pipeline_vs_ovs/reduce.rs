//! Smaller tables with which the two still differ.

use crate::differences::{forgive, limit};
use crate::flows::Setup;
use crate::ours::Ours;
use crate::packets::Packet;
use crate::stock::Stock;
use crate::{Delivered, load};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::flow::{FlowMod, FlowModCommand};
use ovs_openflow::text;

/// What both make of the last of some packets, the others having come before.
pub fn both(
    stock: &mut Stock,
    setup: &Setup,
    packets: &[&Packet],
) -> Result<(Ours, [Delivered; 2]), String> {
    let mut ours = Ours::new(1);
    load(stock, &mut ours, setup)?;
    let mut delivered = [Delivered::default(), Delivered::default()];
    stock.forget();
    for Packet { bridge, port, frame, .. } in packets {
        if setup.learns {
            stock.forget();
        }
        let mut theirs = stock.send(*bridge, *port, frame);
        let mine = ours.send(*bridge, *port, frame);
        forgive(&mut theirs, &mine);
        delivered = [theirs, mine];
    }
    Ok((ours, delivered))
}

/// The limit of stock's, if any, that makes it do something else with a packet.
pub fn limited(
    stock: &mut Stock,
    ours: &Ours,
    packet: &Packet,
    delivered: [&Delivered; 2],
) -> Option<&'static str> {
    let Packet { bridge, port, frame, .. } = packet;
    limit(&stock.trace(*bridge, *port, frame), &ours.trace(*bridge, *port, frame), delivered)
}

/// Leaves out what is not needed for the difference: packets before the last, rules, actions.
pub fn reduce<'a>(
    stock: &mut Stock,
    mut setup: Setup,
    mut packets: Vec<&'a Packet>,
) -> (Setup, Vec<&'a Packet>) {
    let mut differ = |setup: &Setup, packets: &[&Packet]| {
        let Ok((ours, [theirs, mine])) = both(stock, setup, packets) else { return false };
        let may_differ = |last| limited(stock, &ours, last, [&theirs, &mine]).is_some();
        theirs != mine && !packets.last().copied().is_none_or(may_differ)
    };
    for n in (0..packets.len().saturating_sub(1)).rev() {
        let mut fewer = packets.clone();
        fewer.remove(n);
        if differ(&setup, &fewer) {
            packets = fewer;
        }
    }
    for bridge in 0..setup.flows.len() {
        for n in (0..setup.flows[bridge].len()).rev() {
            let mut fewer = setup.clone();
            fewer.flows[bridge].remove(n);
            if differ(&fewer, &packets) {
                setup = fewer;
            }
        }
        for n in 0..setup.flows[bridge].len() {
            let mut place = 0;
            while let Some(simpler) = simpler(&setup.flows[bridge][n], place) {
                let mut fewer = setup.clone();
                fewer.flows[bridge][n] = simpler;
                if fewer != setup && differ(&fewer, &packets) {
                    setup = fewer;
                } else {
                    place += 1;
                }
            }
        }
    }
    for groups in 0..setup.groups.len() {
        for n in (0..setup.groups[groups].len()).rev() {
            let mut fewer = setup.clone();
            fewer.groups[groups].remove(n);
            if differ(&fewer, &packets) {
                setup = fewer;
            }
        }
    }
    (setup, packets)
}

/// The flow without one of its actions and instructions, counted from the first; `None` behind the last.
fn simpler(flow: &str, place: usize) -> Option<String> {
    let mut flow = text::parse_flow(flow, FlowModCommand::Add).expect("it was read before");
    let instructions = &mut flow.instructions;
    let n_applied = instructions.applied().len();
    let n_written = instructions.written().len();
    let lists = [
        (&mut instructions.apply, place),
        (&mut instructions.write, place.wrapping_sub(n_applied)),
    ];
    for (list, place) in lists {
        let list = list.get_or_insert_default();
        if list.get(place).is_some_and(|action| !belongs_to_a_header(action)) {
            // What is in a clone may do without it.
            if let Action::Clone(inner) = list.remove(place) {
                list.splice(place..place, inner);
            }
        }
    }
    match place.checked_sub(n_applied + n_written) {
        None => {}
        Some(0) => instructions.goto = None,
        Some(1) => instructions.metadata = None,
        Some(2) => instructions.clear = false,
        Some(3) => flow.cookie = None,
        Some(_) => return None,
    }
    Some(show(&flow))
}

/// Does it set what must be set of a header that was pushed? See `differences.rs`.
fn belongs_to_a_header(action: &Action) -> bool {
    use Field::{MplsLabel, MplsTc, MplsTtl, VlanPcp, VlanVid};
    let fields = [MplsLabel, MplsTc, MplsTtl, VlanPcp, VlanVid];
    matches!(action, Action::SetField { field, .. } if fields.contains(field))
}

/// A flow as `ovs-ofctl` reads it.
pub fn show(flow: &FlowMod) -> String {
    text::show_flow_mod(flow).to_string().trim_start_matches("add ").to_string()
}
