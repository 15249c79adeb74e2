//! Fields with their values, as lists of OXM or NXM entries (OpenFlow 1.3.5 §7.2.3;
//! ovs-fields(7)).

use crate::error::{DecodeError, EncodeError};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use ovs_core::action::Subfield;
use ovs_core::field::{Field, OxmClass};
use ovs_core::flow::CookieFilter;
use ovs_core::matching::Match;

/// The header of an entry as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) class: OxmClass,
    pub(crate) number: u8,
    pub(crate) has_mask: bool,
    /// Bytes of value and mask, without the experimenter's id.
    pub(crate) length: u8,
}

impl EntryHeader {
    /// The field, if it is known.
    pub(crate) fn field(self) -> Option<Field> {
        Field::from_oxm(self.class, self.number)
    }
}

/// Reads the header of an entry: 4 bytes, 8 with an experimenter.
pub(crate) fn take_header(reader: &mut Reader<'_>) -> Result<EntryHeader, DecodeError> {
    let _ = reader;
    unimplemented!()
}

/// Writes the header of a field's entry, for a value of its full width.
pub(crate) fn put_header(
    writer: &mut Writer<'_>,
    field: Field,
    has_mask: bool,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, field, has_mask, version);
    unimplemented!()
}

/// Writes an entry of value and, if it is not exact, mask.
pub(crate) fn put_entry(
    writer: &mut Writer<'_>,
    field: Field,
    value: u128,
    mask: u128,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, field, value, mask, version);
    unimplemented!()
}

/// Reads the value and the mask behind a header: both of the field's width, the mask
/// [`Field::ones`] if there is none.
pub(crate) fn take_value(
    reader: &mut Reader<'_>,
    header: EntryHeader,
    field: Field,
) -> Result<(u128, u128), DecodeError> {
    let _ = (reader, header, field);
    unimplemented!()
}

/// Reads the header of a field that an action names a part of, and makes that part of it.
pub(crate) fn take_subfield(
    reader: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    let _ = (reader, start, n_bits);
    unimplemented!()
}

/// Reads a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn take_match(reader: &mut Reader<'_>) -> Result<Match, DecodeError> {
    let _ = reader;
    unimplemented!()
}

/// Writes a `struct ofp_match` of OpenFlow 1.2 and later, with its padding.
pub(crate) fn put_match(
    writer: &mut Writer<'_>,
    matching: &Match,
    version: Version,
) -> Result<(), EncodeError> {
    let _ = (writer, matching, version);
    unimplemented!()
}

/// Reads `length` bytes of NXM entries and the padding to a multiple of 8. The pseudo-field
/// `NXM_NX_COOKIE` in them becomes the filter.
pub(crate) fn take_nxm(
    reader: &mut Reader<'_>,
    length: u16,
) -> Result<(Match, CookieFilter), DecodeError> {
    let _ = (reader, length);
    unimplemented!()
}

/// Writes NXM entries, and padding to a multiple of 8; gives their length without the padding.
pub(crate) fn put_nxm(
    writer: &mut Writer<'_>,
    matching: &Match,
    cookie: CookieFilter,
    version: Version,
) -> Result<u16, EncodeError> {
    let _ = (writer, matching, cookie, version);
    unimplemented!()
}
