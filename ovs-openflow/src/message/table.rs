//! Flow tables: what they can do, and their counters.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use ovs_core::TableId;
use ovs_core::field::OxmClass;

/// Configuration of a table (`enum ofp_table_config`). In OpenFlow 1.1 and 1.2 the lower two bits
/// say what becomes of a packet that no rule matches; since 1.3 they must be zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableConfig(pub u32);

/// Configures a table (`struct ofp_table_mod`, OpenFlow 1.3.5 §7.3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableMod {
    /// The table, [`TableId::ALL`] for all.
    pub table: TableId,
    /// Its configuration.
    pub config: TableConfig,
}

/// Counters of a table (`struct ofp_table_stats`, OpenFlow 1.3.5 §7.3.5.4).
///
/// OpenFlow 1.0 tells here too what it can do; since 1.3 there is [`TableFeatures`] for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableStats {
    /// The table.
    pub table: TableId,
    /// Rules in it.
    pub active_count: u32,
    /// Packets looked up in it.
    pub lookup_count: u64,
    /// Packets that a rule of it matched.
    pub matched_count: u64,
    /// Its name (OpenFlow 1.0).
    pub name: String,
    /// Fields that a rule may leave out: bits of `enum ofp_flow_wildcards` (OpenFlow 1.0).
    pub wildcards: u32,
    /// Rules that it has room for (OpenFlow 1.0).
    pub max_entries: u32,
}

/// What a table can do (`struct ofp_table_features`, OpenFlow 1.3.5 §7.3.5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFeatures {
    /// The table.
    pub table: TableId,
    /// Its name; of a longer one 31 bytes go on the wire.
    pub name: String,
    /// Bits of the metadata that it can match.
    pub metadata_match: u64,
    /// Bits of the metadata that it can write.
    pub metadata_write: u64,
    /// Its configuration.
    pub config: TableConfig,
    /// Rules that it has room for.
    pub max_entries: u32,
    /// The rest. In a request an empty list leaves everything as it is.
    pub properties: Vec<TableFeatureProperty>,
}

/// A list of what a table can do (`enum ofp_table_feature_prop_type`). `miss`: for the rule for
/// packets that no other matches; where it says the same as the others, it may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableFeatureProperty {
    /// Instructions.
    Instructions {
        /// For the table-miss rule?
        miss: bool,
        /// What there is.
        ids: Vec<FeatureId>,
    },
    /// Tables that a rule may go to.
    NextTables {
        /// For the table-miss rule?
        miss: bool,
        /// The tables.
        tables: Vec<TableId>,
    },
    /// Actions that a rule may put into the action set.
    WriteActions {
        /// For the table-miss rule?
        miss: bool,
        /// What there is.
        ids: Vec<FeatureId>,
    },
    /// Actions that a rule may do at once.
    ApplyActions {
        /// For the table-miss rule?
        miss: bool,
        /// What there is.
        ids: Vec<FeatureId>,
    },
    /// Fields that a rule may match.
    Match(Vec<OxmId>),
    /// Fields that a rule may leave out.
    Wildcards(Vec<OxmId>),
    /// Fields that a set-field in the action set may set.
    WriteSetField {
        /// For the table-miss rule?
        miss: bool,
        /// The fields.
        fields: Vec<OxmId>,
    },
    /// Fields that a set-field done at once may set.
    ApplySetField {
        /// For the table-miss rule?
        miss: bool,
        /// The fields.
        fields: Vec<OxmId>,
    },
    /// What an experimenter defines.
    Experimenter {
        /// For the table-miss rule?
        miss: bool,
        /// The experimenter.
        experimenter: u32,
        /// Its type.
        kind: u32,
        /// What follows.
        data: Box<[u8]>,
    },
    /// One that is not defined: its type and what follows its header.
    Opaque {
        /// Its type.
        kind: u16,
        /// What follows its header.
        data: Box<[u8]>,
    },
}

/// An instruction or action by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeatureId {
    /// One of the specification.
    Standard(u16),
    /// One of an experimenter: its id, and what follows it.
    Experimenter(u32, Box<[u8]>),
}

/// The header of a field, without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OxmId {
    /// The space of its number.
    pub class: OxmClass,
    /// Its number, 7 bits.
    pub number: u8,
    /// May it be masked?
    pub has_mask: bool,
    /// Bytes of a value, of the mask too if it has one.
    pub length: u8,
}
