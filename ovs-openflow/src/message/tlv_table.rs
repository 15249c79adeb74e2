//! The table that gives options of tunnel headers a place in `tun_metadata0` to `tun_metadata63`.

use alloc::vec::Vec;

/// Changes the table (`struct nx_tlv_table_mod`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlvTableMod {
    /// More options (`NXTTMC_ADD`).
    Add(Vec<TlvMap>),
    /// Fewer options: only the index counts (`NXTTMC_DELETE`).
    Delete(Vec<TlvMap>),
    /// None any more (`NXTTMC_CLEAR`).
    Clear,
}

/// The table (`struct nx_tlv_table_reply`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlvTable {
    /// Bytes that all options together may have.
    pub max_option_space: u32,
    /// How many options there may be.
    pub max_fields: u16,
    /// What there is.
    pub maps: Vec<TlvMap>,
}

/// An option and its place (`struct nx_tlv_map`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlvMap {
    /// The class of the option (RFC 8926 §3.5).
    pub option_class: u16,
    /// Its type.
    pub option_type: u8,
    /// Bytes of its value: a multiple of 4, up to 124.
    pub option_len: u8,
    /// n of `tun_metadata`n.
    pub index: u16,
}
