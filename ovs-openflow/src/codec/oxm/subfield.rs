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
    let subfield = subfield(&at, header, (start, n_bits), ErrorCode::OFPBMC_BAD_FIELD)?;
    if header.has_mask { Err(at.refuse(ErrorCode::OFPBMC_BAD_MASK)) } else { Ok(subfield) }
}

/// The same for the headers of 4 bytes of older actions: one of an experimenter does not fit. One
/// with a mask stands for the field as well as one without, as in Open vSwitch.
pub(crate) fn take_subfield32(
    reader: &mut Reader<'_>,
    start: u16,
    n_bits: u16,
) -> Result<Subfield, DecodeError> {
    let at = reader.clone();
    let mut header = reader.sub(4, "nxm_header", ErrorCode::OFPBMC_BAD_LEN)?;
    let header = take_header(&mut header).map_err(|_| at.refuse(ErrorCode::OFPBAC_BAD_SET_TYPE))?;
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
    if !open && !header.fits(field) {
        return Err(at.refuse(unknown));
    }
    Subfield::new(field, start, n_bits).map_err(|_| at.refuse(ErrorCode::OFPBAC_BAD_SET_LEN))
}
