//! VLAN fields, which are views of the tag control information: priority (3 bits), whether there
//! is a tag (1), id (12).

use crate::text::error::{Complaint, ParseError};
use crate::text::field::{read_masked, unknown};
use crate::text::number;
use crate::text::piece::{Pair, Piece};
use crate::text::syntax::Syntax;
use ovs_core::field::Field;

/// There is a tag.
pub(super) const PRESENT: u16 = 0x1000;
/// The id.
pub(super) const VID: u16 = 0x0fff;
/// The priority.
pub(super) const PCP: u16 = 0xe000;
/// `dl_vlan` of packets without a tag in OpenFlow 1.0.
const NONE: u16 = 0xffff;

/// Value and mask of the tag control information.
#[derive(Clone, Copy)]
pub(super) struct Tci {
    pub(super) value: u16,
    pub(super) mask: u16,
}

impl Tci {
    /// Asks for `value` in the bits of `mask`, which may be asked for already.
    fn put(&mut self, value: u16, mask: u16) {
        self.value = self.value & !mask | value & mask;
        self.mask |= mask;
    }

    /// No longer asks for the bits of `mask`; without the `other` ones not for a tag either.
    fn forget(&mut self, mask: u16, other: u16) {
        let left = if self.mask & other == 0 { 0 } else { !mask };
        self.value &= left;
        self.mask &= left;
    }

    /// Reads `dl_vlan`, `dl_vlan_pcp`, `vlan_vid`, `vlan_pcp` or `vlan_tci`.
    pub(super) fn read(&mut self, syntax: Syntax<'_>, pair: Pair<'_>) -> Result<(), ParseError> {
        let Pair { key, value: text } = pair;
        match key.text {
            "dl_vlan" if matches!(text.text, "" | "*" | "ANY" | "0/0") => self.forget(VID, PCP),
            "dl_vlan" => match number::short(text)? {
                NONE => *self = Self { value: 0, mask: u16::MAX },
                vid @ 0..=VID => self.put(PRESENT | vid, PRESENT | VID),
                _ => return Err(text.error(Complaint::TooLarge { max: VID.into() })),
            },
            "dl_vlan_pcp" | "vlan_pcp" => match read(syntax, Field::VlanPcp, text)? {
                (_, 0) => self.forget(PCP, VID),
                (pcp, _) => self.put(PRESENT | pcp << 13, PRESENT | PCP),
            },
            "vlan_vid" => match read(syntax, Field::VlanVid, text)? {
                (_, 0) => self.forget(VID, PCP),
                (value, mask) => {
                    let (pcp, pcp_mask) = (self.value & PCP, self.mask & PCP);
                    *self = Self { value: pcp | value, mask: pcp_mask | mask };
                }
            },
            "vlan_tci" => {
                let (value, mask) = read(syntax, Field::VlanTci, text)?;
                *self = Self { value, mask };
            }
            _ => return Err(unknown(key)),
        }
        Ok(())
    }
}

fn read(syntax: Syntax<'_>, field: Field, text: Piece<'_>) -> Result<(u16, u16), ParseError> {
    read_masked(syntax, field, text).map(|(value, mask)| (value as u16, mask as u16))
}

/// Is it the name of a VLAN field?
pub(super) fn is_name(name: &str) -> bool {
    matches!(name, "dl_vlan" | "dl_vlan_pcp" | "vlan_vid" | "vlan_pcp" | "vlan_tci")
}
