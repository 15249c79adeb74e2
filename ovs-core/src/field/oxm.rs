//! Code points of fields on the wire: OXM and its forerunner NXM.

use super::Field;
use super::table::{ALL, TABLE};

/// The space in which a code point is numbered: an OXM class, and in class 0xffff the
/// experimenter whose numbers they are (OpenFlow 1.3.5 §7.2.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OxmClass {
    class: u16,
    /// Zero outside of class 0xffff.
    experimenter: u32,
}

impl OxmClass {
    /// Number of the class whose code points are an experimenter's (`OFPXMC_EXPERIMENTER`).
    pub const EXPERIMENTER: u16 = 0xffff;

    /// What OpenFlow 1.0 matches on, in NXM.
    pub const NXM_OF: Self = Self::new(0x0000);
    /// Extensions of Nicira, in NXM.
    pub const NXM_NX: Self = Self::new(0x0001);
    /// Extensions of Ericsson.
    pub const ERICOXM_OF: Self = Self::new(0x1000);
    /// What OpenFlow 1.2 and later match on (`OFPXMC_OPENFLOW_BASIC`).
    pub const OXM_OF: Self = Self::new(0x8000);
    /// Packet registers (`OFPXMC_PACKET_REGS`, OpenFlow 1.5).
    pub const OXM_OF_PKT_REG: Self = Self::new(0x8001);
    /// Extensions of Nicira, as an experimenter.
    pub const NXOXM_ET: Self = Self::of_experimenter(0x0000_2320);
    /// Network service header.
    pub const NXOXM_NSH: Self = Self::of_experimenter(0x005a_d650);
    /// Extensions that the Open Networking Foundation approved for OpenFlow 1.3.
    pub const ONFOXM_ET: Self = Self::of_experimenter(0x4f4e_4600);

    /// A class other than 0xffff.
    pub const fn new(class: u16) -> Self {
        Self { class, experimenter: 0 }
    }

    /// The code points of an experimenter.
    pub const fn of_experimenter(experimenter: u32) -> Self {
        Self { class: Self::EXPERIMENTER, experimenter }
    }

    /// The upper 16 bits of the header.
    pub const fn class(self) -> u16 {
        self.class
    }

    /// The experimenter, which stands in the 4 bytes behind the header; `None` outside of
    /// class 0xffff.
    pub const fn experimenter(self) -> Option<u32> {
        if self.class == Self::EXPERIMENTER { Some(self.experimenter) } else { None }
    }

    const fn is(self, other: Self) -> bool {
        self.class == other.class && self.experimenter == other.experimenter
    }
}

/// [`OxmHeader::since`]: an extension, which any version takes.
pub(super) const ANY: u8 = 0;
pub(super) const OF12: u8 = 3;
pub(super) const OF13: u8 = 4;
pub(super) const OF14: u8 = 5;
pub(super) const OF15: u8 = 6;

/// A code point: what tells in a message that a [`Field`] follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OxmHeader {
    /// Its name, as `OXM_OF_ETH_DST`.
    pub name: &'static str,
    /// The space of its number.
    pub class: OxmClass,
    /// Its number, 7 bits.
    pub number: u8,
    /// The first version of OpenFlow that has it, as in a message's header (4 is OpenFlow 1.3);
    /// 0 for an extension that Open vSwitch takes in every version.
    pub since: u8,
}

const CLASSES: [OxmClass; 8] = [
    OxmClass::NXM_OF,
    OxmClass::NXM_NX,
    OxmClass::ERICOXM_OF,
    OxmClass::OXM_OF,
    OxmClass::OXM_OF_PKT_REG,
    OxmClass::NXOXM_ET,
    OxmClass::NXOXM_NSH,
    OxmClass::ONFOXM_ET,
];

/// The field with a number, for each of [`CLASSES`].
static BY_NUMBER: [[Option<Field>; 128]; CLASSES.len()] = {
    let mut index = [[None; 128]; CLASSES.len()];
    let mut row = 0;
    while row < ALL.len() {
        let headers = TABLE[row].headers;
        let mut n = 0;
        while n < headers.len() {
            let mut class = 0;
            while !CLASSES[class].is(headers[n].class) {
                class += 1;
            }
            index[class][headers[n].number as usize] = Some(ALL[row]);
            n += 1;
        }
        row += 1;
    }
    index
};

impl Field {
    /// The field of a code point.
    pub fn from_oxm(class: OxmClass, number: u8) -> Option<Self> {
        let index = CLASSES.iter().position(|known| *known == class)?;
        BY_NUMBER.get(index)?.get(usize::from(number)).copied().flatten()
    }

    /// All code points of the field, the preferred last: by [`since`](OxmHeader::since).
    pub fn headers(self) -> &'static [OxmHeader] {
        TABLE[self as usize].headers
    }

    /// The code point to use in a message of an OpenFlow `version` (4 is OpenFlow 1.3): the newest
    /// that this version has, else the oldest of all, since Open vSwitch takes every code point
    /// in every version. `None` for the few fields that are never sent.
    pub fn header(self, version: u8) -> Option<&'static OxmHeader> {
        let headers = self.headers();
        headers.iter().rev().find(|header| header.since <= version).or(headers.first())
    }
}
