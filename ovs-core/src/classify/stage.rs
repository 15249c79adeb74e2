//! In which order the bits of a mask are looked at.

use crate::key::{FlowKey, WORDS};
use crate::matching::Match;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::offset_of;
use smallvec::SmallVec;

/// How many steps there are.
const N_STAGES: usize = 4;

/// Ethernet, VLAN, MPLS.
const L2: usize = 1;
/// IP, ARP, neighbour discovery, NSH.
const L3: usize = 2;
/// Ports and what has their place in ICMP and IGMP.
const L4: usize = 3;

/// Bytes of a key and their stage, which is that of Open vSwitch, so that its users' rules are
/// answered with masks no narrower. What is not listed is metadata and comes first.
const PARTS: [(usize, usize, usize); 7] = [
    (offset_of!(FlowKey, eth_dst), offset_of!(FlowKey, nsh_flags), L2),
    (offset_of!(FlowKey, nsh_flags), offset_of!(FlowKey, tp_src), L3),
    (offset_of!(FlowKey, tp_src), offset_of!(FlowKey, ipv6_label), L4),
    (offset_of!(FlowKey, ipv6_label), offset_of!(FlowKey, nd_reserved), L3),
    (offset_of!(FlowKey, nd_reserved), offset_of!(FlowKey, tun_id), L4),
    (offset_of!(FlowKey, ct_tp_src), offset_of!(FlowKey, ct_label), L4),
    (offset_of!(FlowKey, ct_nw_src), offset_of!(FlowKey, metadata), L3),
];

/// Which bits of each word belong to each stage.
static STAGES: [[u64; WORDS]; N_STAGES] = {
    let mut stages = [[0; WORDS]; N_STAGES];
    stages[0] = [u64::MAX; WORDS];
    let mut part = 0;
    while part < PARTS.len() {
        let (mut byte, end, stage) = PARTS[part];
        while byte < end {
            let mask = byte_mask(byte);
            stages[0][byte / 8] &= !mask;
            stages[stage][byte / 8] |= mask;
            byte += 1;
        }
        part += 1;
    }
    stages
};

/// The bits of a byte of the key in its word.
const fn byte_mask(byte: usize) -> u64 {
    (0xff00_0000_0000_0000_u64 >> (byte % 8 * 8)).to_be()
}

/// Fields that are read as a whole or not at all, because part of such a number says nothing and
/// only makes more different masks: word and bits.
const WHOLE: [(usize, u64); 5] = [
    whole(offset_of!(FlowKey, in_port), 4),
    whole(offset_of!(FlowKey, recirc_id), 4),
    whole(offset_of!(FlowKey, eth_type), 2),
    whole(offset_of!(FlowKey, ip_proto), 1),
    whole(offset_of!(FlowKey, packet_type), 4),
];

const fn whole(offset: usize, size: usize) -> (usize, u64) {
    let (mut mask, mut byte) = (0, offset);
    while byte < offset + size {
        mask |= byte_mask(byte);
        byte += 1;
    }
    (offset / 8, mask)
}

/// Bits of a word that rules ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) mask: u64,
}

impl Place {
    /// Of the bits that are asked for the first ones, in network order, up to the first that is in
    /// `difference`, which is not zero; a little more if that ends in a field that is read as a whole.
    pub(super) fn up_to(self, difference: u64) -> u64 {
        let first = u64::from_be(difference).leading_zeros();
        let first = (1_u64 << 63).checked_shr(first).unwrap_or(0);
        let mut bits = (!(first.wrapping_sub(1))).to_be();
        for (index, whole) in WHOLE {
            if index == self.index && whole & first.to_be() != 0 {
                bits |= whole;
            }
        }
        bits & self.mask
    }
}

/// A mask, cut into stages.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// In the order of the stages. A word may be there for two of them.
    pub(super) places: Box<[Place]>,
    /// Where each stage ends; only of stages that have places.
    pub(super) ends: SmallVec<[usize; N_STAGES]>,
}

impl Shape {
    /// Which bits a match asks for.
    pub(super) fn of(matching: &Match) -> Self {
        let (mut places, mut ends) = (Vec::new(), SmallVec::new());
        for stage in &STAGES {
            let begin = places.len();
            let part = |(index, _, mask): (usize, u64, u64)| {
                let mask = mask & stage.get(index)?;
                (mask != 0).then_some(Place { index, mask })
            };
            places.extend(matching.words().filter_map(part));
            if places.len() > begin {
                ends.push(places.len());
            }
        }
        Self { places: places.into(), ends }
    }

    /// What a match asks for in these bits.
    pub(super) fn values(&self, matching: &Match) -> Box<[u64]> {
        self.places.iter().map(|place| matching.word(place.index) & place.mask).collect()
    }

    /// The bits that are asked for in one word.
    pub(super) fn mask(&self, index: usize) -> u64 {
        let places = self.places.iter().filter(|place| place.index == index);
        places.fold(0, |mask, place| mask | place.mask)
    }

    /// Are all bits asked for that the match asks for?
    pub(super) fn includes(&self, matching: &Match) -> bool {
        matching.words().all(|(index, _, mask)| mask & !self.mask(index) == 0)
    }

    pub(super) fn n_bits(&self) -> u32 {
        self.places.iter().map(|place| place.mask.count_ones()).sum()
    }
}
