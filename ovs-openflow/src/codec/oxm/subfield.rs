//! Parts of fields, as actions name them: by the header of the field.

use super::entry::{EntryHeader, take_header};
use crate::error::DecodeError;
use crate::error_code::ErrorCode;
use crate::wire::Reader;
use ovs_core::action::Subfield;

/// Reads the header of a field that an action names a part of, and makes that part of it.
pub(crate) fn take_subfield(
    reader: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    let at = reader.clone();
    let header = take_header(reader)?;
    subfield(&at, header, (start, n_bits), ErrorCode::OFPBMC_BAD_FIELD)
}

/// The same for the headers of 4 bytes of older actions: one of an experimenter does not fit.
pub(crate) fn take_subfield32(
    reader: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    let at = reader.clone();
    let mut header = reader.sub(4, "nxm_header", ErrorCode::OFPBMC_BAD_LEN)?;
    let header =
        take_header(&mut header).map_err(|_| at.refuse(ErrorCode::OFPBAC_BAD_SET_TYPE))?;
    if header.has_mask && header.field().is_some_and(|field| header.fits(field)) {
        return Err(at.refuse(ErrorCode::OFPBAC_BAD_SET_ARGUMENT));
    }
    subfield(&at, header, (start, n_bits), ErrorCode::OFPBAC_BAD_SET_TYPE)
}

/// A field of another length is not known, as in Open vSwitch: `unknown` is the code for that.
fn subfield(
    at: &Reader<'_>,
    header: EntryHeader,
    (start, n_bits): (u16, u16),
    unknown: ErrorCode,
) -> Result<Subfield, DecodeError> {
    let field = header.field().ok_or_else(|| at.refuse(unknown))?;
    // An action may leave the length of tunnel metadata open.
    let open = field.is_tunnel_option() && header.length == 0;
    if header.has_mask || (!open && !header.fits(field)) {
        return Err(at.refuse(unknown));
    }
    Subfield::new(field, start, n_bits).map_err(|_| at.refuse(ErrorCode::OFPBAC_BAD_SET_LEN))
}
