//! The table of all errors: one row for each.

use super::{ErrorCode, Repr, WireError};
use crate::protocol::Version;

/// What the table says of one error.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// By version; no version is in two of them.
    pub(super) forms: &'static [Form],
}

/// The numbers of an error in some versions.
pub(super) struct Form {
    pub(super) first: Version,
    pub(super) last: Version,
    pub(super) wire: WireError,
}

/// The version of a row.
macro_rules! version {
    (1.0) => {
        Version::OF10
    };
    (1.1) => {
        Version::OF11
    };
    (1.2) => {
        Version::OF12
    };
    (1.3) => {
        Version::OF13
    };
    (1.4) => {
        Version::OF14
    };
    (1.5) => {
        Version::OF15
    };
}

/// Whose numbers they are: the standard's, Nicira's or the Open Networking Foundation's.
macro_rules! experimenter {
    (OF) => {
        None
    };
    (NX) => {
        Some(0x2320)
    };
    (ONF) => {
        Some(0x4f4e_4600)
    };
}

macro_rules! form {
    ($whose:ident $first:tt+: $($numbers:literal),+) => {
        form!($whose $first-1.5: $($numbers),+)
    };
    ($whose:ident $first:tt: $($numbers:literal),+) => {
        form!($whose $first-$first: $($numbers),+)
    };
    ($whose:ident $first:tt-$last:tt: $kind:literal) => {
        form!($whose $first-$last: $kind, 0)
    };
    ($whose:ident $first:tt-$last:tt: $kind:literal, $code:literal) => {
        Form {
            first: version!($first),
            last: version!($last),
            wire: WireError { experimenter: experimenter!($whose), kind: $kind, code: $code },
        }
    };
}

/// A form in words.
macro_rules! say {
    (OF $($rest:tt)+) => { concat!("Type ", say!(@ $($rest)+)) };
    (NX $($rest:tt)+) => { concat!("Nicira's type ", say!(@ $($rest)+)) };
    (ONF $($rest:tt)+) => { concat!("ONF's type ", say!(@ $($rest)+)) };
    (@ $first:tt+: $($numbers:literal),+) => { say!(@ "since " $first: $($numbers),+) };
    (@ $first:tt: $($numbers:literal),+) => { say!(@ "in " $first: $($numbers),+) };
    (@ $first:tt-$last:tt: $($numbers:literal),+) => {
        concat!(say!(@ "in " $first: $($numbers),+), " to ", $last)
    };
    (@ $when:literal $first:tt: $kind:literal) => {
        concat!($kind, " ", $when, "OpenFlow ", $first)
    };
    (@ $when:literal $first:tt: $kind:literal, $code:literal) => {
        concat!($kind, ", code ", $code, " ", $when, "OpenFlow ", $first)
    };
}

/// Makes the constants, the list of their values and the table, each in the order of the rows.
macro_rules! errors {
    (
        $($name:ident $description:literal: $whose:ident($($form:tt)+) $($whose2:ident($($form2:tt)+))*;)*
        ---
        $($alias:ident = $meant:ident;)*
    ) => {
        /// Every error by its place in the table.
        #[allow(non_camel_case_types, reason = "these are names of constants elsewhere")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub(super) enum Name {
            $($name,)*
        }

        pub(super) static ALL: [Name; [$(stringify!($name)),*].len()] = [$(Name::$name),*];

        pub(super) static TABLE: [Row; ALL.len()] = [
            $(Row {
                name: stringify!($name),
                description: $description,
                forms: &[form!($whose $($form)+) $(, form!($whose2 $($form2)+))*],
            }),*
        ];

        /// The errors of OpenFlow 1.0 to 1.5 and of Open vSwitch.
        impl ErrorCode {
            $(
                #[doc = concat!(say!($whose $($form)+), ": ", $description, ".")]
                pub const $name: Self = Self(Repr::Named(Name::$name));
            )*
        }

        /// What OpenFlow 1.3.5 names otherwise than Open vSwitch.
        impl ErrorCode {
            $(
                #[doc = concat!("The name that OpenFlow 1.3 has for [`", stringify!($meant), "`](Self::", stringify!($meant), ").")]
                pub const $alias: Self = Self::$meant;
            )*
        }
    };
}

// Columns: name, description: whose numbers (the versions that have them: type, code) … Since
// OpenFlow 1.2 an experimenter has types without codes. Of two errors that have the same numbers
// in a version, the first is what they are read as.
errors! {
    // Hello failed.
    OFPHFC_INCOMPATIBLE "the two sides share no version": OF(1.0+: 0, 0);
    OFPHFC_EPERM "the connection is not permitted": OF(1.0+: 0, 1);

    // Bad request.
    OFPBRC_BAD_VERSION "messages of this version are not understood": OF(1.0+: 1, 0);
    OFPBRC_BAD_TYPE "messages of this type are not understood": OF(1.0+: 1, 1);
    OFPBRC_BAD_STAT "there is no such kind of statistics or multipart message": OF(1.0+: 1, 2);
    OFPBRC_BAD_VENDOR "this experimenter is not known here": OF(1.0+: 1, 3);
    OFPBRC_BAD_SUBTYPE "the experimenter has no such message": OF(1.0+: 1, 4);
    OFPBRC_EPERM "the request is not permitted": OF(1.0+: 1, 5);
    OFPBRC_BAD_LEN "the length is wrong": OF(1.0+: 1, 6);
    OFPBRC_BUFFER_EMPTY "the buffered packet was taken before": OF(1.0+: 1, 7);
    OFPBRC_BUFFER_UNKNOWN "there is no such buffered packet": OF(1.0+: 1, 8);
    OFPBRC_BAD_TABLE_ID "there is no such table": NX(1.0: 1, 512) OF(1.1+: 1, 9);
    OFPBRC_IS_SECONDARY "a secondary controller may only read": OF(1.0-1.1: 1, 5) OF(1.2+: 1, 10);
    OFPBRC_BAD_PORT "the port is missing or cannot be used": NX(1.0-1.1: 1, 514) OF(1.2+: 1, 11);
    OFPBRC_BAD_PACKET "the packet to send is malformed": OF(1.2+: 1, 12);
    OFPBRC_MULTIPART_BUFFER_OVERFLOW "the parts of the request are more than can be collected": OF(1.3+: 1, 13);
    OFPBRC_MULTIPART_REQUEST_TIMEOUT "the rest of the multipart request did not come in time": ONF(1.3: 2640) OF(1.4+: 1, 14);
    OFPBRC_MULTIPART_REPLY_TIMEOUT "the multipart reply took too long": ONF(1.3: 2641) OF(1.4+: 1, 15);
    OFPBRC_MULTIPART_BAD_SCHED "scheduled bundles cannot have this tolerance": OF(1.5+: 1, 16);
    OFPBRC_PIPELINE_FIELDS_ONLY "a field stands where only those of the pipeline can": OF(1.5+: 1, 17);
    OFPBRC_UNKNOWN "the request failed, for no reason that has a name": OF(1.5+: 1, 18);
    NXBRC_NXM_INVALID "the NXM match is malformed": NX(1.0-1.1: 1, 256) NX(1.2+: 2);
    NXBRC_NXM_BAD_TYPE "there is no such NXM field, or not of this length or with a mask": NX(1.0-1.1: 1, 257) NX(1.2+: 3);
    NXBRC_MUST_BE_ZERO "a byte that has to be zero is not": NX(1.0-1.1: 1, 515) NX(1.2+: 4);
    NXBRC_BAD_REASON "there is no such reason for a port's change": NX(1.0-1.1: 1, 516) NX(1.2+: 5);
    NXBRC_FM_BAD_EVENT "there is no such event of a flow monitor": NX(1.0-1.1: 1, 520) NX(1.2+: 9);
    NXBRC_UNENCODABLE_ERROR "what went wrong has no number in this version": NX(1.0-1.1: 1, 521) NX(1.2+: 10);

    // Bad action.
    OFPBAC_BAD_TYPE "there is no such action": OF(1.0+: 2, 0);
    OFPBAC_BAD_LEN "the length of an action is wrong": OF(1.0+: 2, 1);
    OFPBAC_BAD_VENDOR "the action is of an experimenter that is not known here": OF(1.0+: 2, 2);
    OFPBAC_BAD_VENDOR_TYPE "the experimenter has no such action": OF(1.0+: 2, 3);
    OFPBAC_BAD_OUT_PORT "the action cannot send to this port": OF(1.0+: 2, 4);
    OFPBAC_BAD_ARGUMENT "the action has a value that it cannot have": OF(1.0+: 2, 5);
    OFPBAC_EPERM "the action is not permitted": OF(1.0+: 2, 6);
    OFPBAC_TOO_MANY "there are more actions than there can be": OF(1.0+: 2, 7);
    OFPBAC_BAD_QUEUE "the action cannot use this queue": OF(1.0+: 2, 8);
    OFPBAC_BAD_OUT_GROUP "the action cannot send to this group": NX(1.0: 2, 9) OF(1.1+: 2, 9);
    OFPBAC_MATCH_INCONSISTENT "the match lets packets through that the action is not for": NX(1.0: 1, 522) OF(1.1+: 2, 10);
    OFPBAC_UNSUPPORTED_ORDER "the actions to apply cannot be done in this order": OF(1.1+: 2, 11);
    OFPBAC_BAD_TAG "the action is on a tag or header that is not supported": OF(1.1+: 2, 12);
    OFPBAC_BAD_SET_TYPE "the action is on a field that is not known": NX(1.0-1.1: 1, 523) OF(1.2+: 2, 13);
    OFPBAC_BAD_SET_LEN "the action takes bits that the field does not have, or none": NX(1.0-1.1: 1, 524) OF(1.2+: 2, 14);
    OFPBAC_BAD_SET_ARGUMENT "the field cannot be set, or not to this value": NX(1.0-1.1: 1, 525) OF(1.2+: 2, 15);
    OFPBAC_BAD_SET_MASK "the field cannot be set under a mask": ONF(1.3-1.4: 4250) OF(1.5+: 2, 16);
    OFPBAC_BAD_METER "the action cannot use this meter": OF(1.5+: 2, 17);
    NXBAC_MUST_BE_ZERO "a byte of the action that has to be zero is not": NX(1.0-1.1: 2, 256) NX(1.2+: 11);
    NXBAC_BAD_CONJUNCTION "the conjunction counts wrongly or has actions beside it": NX(1.0-1.1: 2, 526) NX(1.2+: 15);
    NXBAC_BAD_HEADER_TYPE "such packets can be neither encapsulated nor decapsulated": NX(1.3+: 39);
    NXBAC_UNKNOWN_ED_PROP "there is no such property of encapsulation": NX(1.3+: 40);
    NXBAC_BAD_ED_PROP "a property of encapsulation is wrong": NX(1.3+: 41);
    NXBAC_CT_DATAPATH_SUPPORT "the datapath does not track connections as the action needs it": NX(1.0-1.1: 1, 265) NX(1.2+: 42);

    // Bad instruction.
    OFPBIC_UNKNOWN_INST "there is no such instruction": OF(1.1+: 3, 0);
    OFPBIC_UNSUP_INST "the instruction cannot be used here": NX(1.0: 2, 257) OF(1.1+: 3, 1);
    OFPBIC_BAD_TABLE_ID "the instruction cannot go to this table": OF(1.1+: 3, 2);
    OFPBIC_UNSUP_METADATA "the metadata cannot be set to this value": OF(1.1+: 3, 3);
    OFPBIC_UNSUP_METADATA_MASK "the metadata cannot be set under this mask": OF(1.1+: 3, 4);
    OFPBIC_BAD_EXPERIMENTER "the instruction is of an experimenter that is not known here": OF(1.1+: 3, 5);
    OFPBIC_BAD_EXP_TYPE "the experimenter has no such instruction": OF(1.1: 3, 5) OF(1.2+: 3, 6);
    OFPBIC_BAD_LEN "the length of an instruction is wrong": OF(1.2+: 3, 7);
    OFPBIC_EPERM "the instruction is not permitted": OF(1.2+: 3, 8);
    OFPBIC_DUP_INST "the same instruction stands there twice": NX(1.1: 3, 256) ONF(1.2-1.3: 2600) OF(1.4+: 3, 9);

    // Bad match.
    OFPBMC_BAD_TYPE "there is no such kind of match": OF(1.1+: 4, 0);
    OFPBMC_BAD_LEN "the length of the match is wrong": OF(1.1+: 4, 1);
    OFPBMC_BAD_TAG "the match is on a tag or header that is not supported": OF(1.1+: 4, 2);
    OFPBMC_BAD_DL_ADDR_MASK "an Ethernet address cannot have this mask": OF(1.1+: 4, 3);
    OFPBMC_BAD_NW_ADDR_MASK "an IP address cannot have this mask": OF(1.1+: 4, 4);
    OFPBMC_BAD_WILDCARDS "the match leaves open what it cannot leave open": NX(1.0: 1, 262) OF(1.1+: 4, 5);
    OFPBMC_BAD_FIELD "the match is on a field that is not known": NX(1.0: 0, 263) OF(1.1+: 4, 6);
    OFPBMC_BAD_VALUE "the field cannot be matched on this value": NX(1.0: 1, 258) OF(1.1+: 4, 7);
    OFPBMC_BAD_MASK "the field cannot have this mask": NX(1.0-1.1: 1, 259) OF(1.2+: 4, 8);
    OFPBMC_BAD_PREREQ "the match lacks what a field of it presupposes": NX(1.0-1.1: 1, 260) OF(1.2+: 4, 9);
    OFPBMC_DUP_FIELD "the same field stands there twice": NX(1.0-1.1: 1, 261) OF(1.2+: 4, 10);
    OFPBMC_EPERM "the match is not permitted": OF(1.2+: 4, 11);
    NXBMC_CT_DATAPATH_SUPPORT "the datapath does not track connections as the match needs it": NX(1.0-1.1: 1, 264) NX(1.2+: 43);

    // Flow-mod failed.
    OFPFMFC_UNKNOWN "the flow stays, for no reason that has a name": OF(1.1+: 5, 0);
    OFPFMFC_TABLE_FULL "the table is full": OF(1.0: 3, 0) OF(1.1+: 5, 1);
    OFPFMFC_BAD_TABLE_ID "there is no such table for flows": OF(1.1+: 5, 2);
    OFPFMFC_OVERLAP "the flow overlaps another of its priority": OF(1.0: 3, 1) OF(1.1+: 5, 3);
    OFPFMFC_EPERM "changing the flow is not permitted": OF(1.0: 3, 2) OF(1.1+: 5, 4);
    OFPFMFC_BAD_TIMEOUT "the flow cannot have this timeout": OF(1.1+: 5, 5);
    OFPFMFC_BAD_EMERG_TIMEOUT "an emergency flow cannot have a timeout": OF(1.0: 3, 3);
    OFPFMFC_BAD_COMMAND "there is no such command for flows": OF(1.0: 3, 4) OF(1.1+: 5, 6);
    OFPFMFC_BAD_FLAGS "the flow cannot have these flags": NX(1.0: 3, 258) NX(1.1: 5, 258) OF(1.2+: 5, 7);
    OFPFMFC_CANT_SYNC "the flow cannot be synchronized to the other table": OF(1.4+: 5, 8);
    OFPFMFC_BAD_PRIORITY "the flow cannot have this priority": ONF(1.3: 2360) OF(1.4+: 5, 9);
    OFPFMFC_IS_SYNC "the flow follows one of another table and only that can be changed": OF(1.4+: 5, 10);
    OFPFMFC_UNSUPPORTED "the flow's actions cannot be done in this order": OF(1.0: 3, 5);
    NXFMFC_HARDWARE "the hardware did not take the flow": NX(1.0-1.1: 5, 256) NX(1.2+: 12);
    NXFMFC_BAD_TABLE_ID "the upper byte of the command is not a table": NX(1.0-1.1: 5, 257) NX(1.2+: 13);
    NXFMFC_INVALID_TLV_FIELD "the flow uses a field of tunnel options that is not mapped": NX(1.0-1.1: 1, 536) NX(1.2+: 37);

    // Group-mod failed.
    OFPGMFC_GROUP_EXISTS "the group is there already": NX(1.0: 6, 0) OF(1.1+: 6, 0);
    OFPGMFC_INVALID_GROUP "such a group cannot be": NX(1.0: 6, 1) OF(1.1+: 6, 1);
    OFPGMFC_WEIGHT_UNSUPPORTED "the buckets cannot have different weights": NX(1.0: 6, 2) OF(1.1+: 6, 2);
    OFPGMFC_OUT_OF_GROUPS "there is no room for one more group": NX(1.0: 6, 3) OF(1.1+: 6, 3);
    OFPGMFC_OUT_OF_BUCKETS "the group has more buckets than it can have": NX(1.0: 6, 4) OF(1.1+: 6, 4);
    OFPGMFC_CHAINING_UNSUPPORTED "a group cannot send to a group": NX(1.0: 6, 5) OF(1.1+: 6, 5);
    OFPGMFC_WATCH_UNSUPPORTED "this port or group cannot be watched": NX(1.0: 6, 6) OF(1.1+: 6, 6);
    OFPGMFC_LOOP "the group would send to itself in the end": NX(1.0: 6, 7) OF(1.1+: 6, 7);
    OFPGMFC_UNKNOWN_GROUP "there is no such group": NX(1.0: 6, 8) OF(1.1+: 6, 8);
    OFPGMFC_CHAINED_GROUP "another group sends to the group": NX(1.0: 6, 9) OF(1.2+: 6, 9);
    OFPGMFC_BAD_TYPE "there is no such type of group": NX(1.0: 6, 10) OF(1.2+: 6, 10);
    OFPGMFC_BAD_COMMAND "there is no such command for groups": NX(1.0: 6, 11) OF(1.2+: 6, 11);
    OFPGMFC_BAD_BUCKET "a bucket of the group is wrong": NX(1.0: 6, 12) OF(1.2+: 6, 12);
    OFPGMFC_BAD_WATCH "what a bucket watches is wrong": NX(1.0: 6, 13) OF(1.2+: 6, 13);
    OFPGMFC_EPERM "changing the group is not permitted": NX(1.0: 6, 14) OF(1.2+: 6, 14);
    OFPGMFC_UNKNOWN_BUCKET "the group has no such bucket": NX(1.0: 6, 15) OF(1.5+: 6, 15);
    OFPGMFC_BUCKET_EXISTS "the group has such a bucket already": NX(1.0: 6, 16) OF(1.5+: 6, 16);

    // Port-mod failed.
    OFPPMFC_BAD_PORT "there is no such port": OF(1.0: 4, 0) OF(1.1+: 7, 0);
    OFPPMFC_BAD_HW_ADDR "the port has another hardware address": OF(1.0: 4, 1) OF(1.1+: 7, 1);
    OFPPMFC_BAD_CONFIG "the port cannot be configured so": OF(1.1+: 7, 2);
    OFPPMFC_BAD_ADVERTISE "the port cannot advertise this": OF(1.1+: 7, 3);
    OFPPMFC_EPERM "changing the port is not permitted": OF(1.2+: 7, 4);

    // Table-mod failed.
    OFPTMFC_BAD_TABLE "there is no such table to configure": OF(1.1+: 8, 0);
    OFPTMFC_BAD_CONFIG "the table cannot be configured so": OF(1.1+: 8, 1);
    OFPTMFC_EPERM "changing the table is not permitted": OF(1.2+: 8, 2);

    // Queue operation failed.
    OFPQOFC_BAD_PORT "there is no such port with queues": OF(1.0: 5, 0) OF(1.1+: 9, 0);
    OFPQOFC_BAD_QUEUE "the port has no such queue": OF(1.0: 5, 1) OF(1.1+: 9, 1);
    OFPQOFC_EPERM "asking for the queue is not permitted": OF(1.0: 5, 2) OF(1.1+: 9, 2);
    NXQOFC_QUEUE_ERROR "the operating system does not tell about the queue": NX(1.4+: 23);

    // Switch configuration failed.
    OFPSCFC_BAD_FLAGS "the switch cannot have these flags": OF(1.1+: 10, 0);
    OFPSCFC_BAD_LEN "the switch cannot send this many bytes of a packet": OF(1.1+: 10, 1);
    OFPSCFC_EPERM "configuring the switch is not permitted": OF(1.2+: 10, 2);

    // Role request failed.
    OFPRRFC_STALE "the request is older than one that came before it": OF(1.2+: 11, 0);
    OFPRRFC_UNSUP "controllers cannot change their role": OF(1.2+: 11, 1);
    OFPRRFC_BAD_ROLE "there is no such role": NX(1.0-1.1: 1, 513) OF(1.2+: 11, 2);
    OFPRRFC_ID_UNSUP "controllers cannot change their number": OF(1.5+: 11, 3);
    OFPRRFC_ID_IN_USE "another controller has this number": OF(1.5+: 11, 4);

    // Meter-mod failed.
    OFPMMFC_UNKNOWN "the meter stays, for no reason that has a name": OF(1.3+: 12, 0);
    OFPMMFC_METER_EXISTS "the meter is there already": OF(1.3+: 12, 1);
    OFPMMFC_INVALID_METER "such a meter cannot be": OF(1.3+: 12, 2);
    OFPMMFC_UNKNOWN_METER "there is no such meter": OF(1.3+: 12, 3);
    OFPMMFC_BAD_COMMAND "there is no such command for meters": OF(1.3+: 12, 4);
    OFPMMFC_BAD_FLAGS "the meter cannot have these flags": OF(1.3+: 12, 5);
    OFPMMFC_BAD_RATE "the meter cannot have this rate": OF(1.3+: 12, 6);
    OFPMMFC_BAD_BURST "the meter cannot have bursts of this size": OF(1.3+: 12, 7);
    OFPMMFC_BAD_BAND "the meter cannot have such a band": OF(1.3+: 12, 8);
    OFPMMFC_BAD_BAND_VALUE "a band of the meter has a value that it cannot have": OF(1.3+: 12, 9);
    OFPMMFC_OUT_OF_METERS "there is no room for one more meter": OF(1.3+: 12, 10);
    OFPMMFC_OUT_OF_BANDS "the meter has more bands than it can have": OF(1.3+: 12, 11);

    // Table features failed. Codes 2 to 4 are with the properties below.
    OFPTFFC_BAD_TABLE "there is no such table to describe": OF(1.3+: 13, 0);
    OFPTFFC_BAD_METADATA "the table cannot have this mask of metadata": OF(1.3+: 13, 1);
    OFPTFFC_EPERM "changing what tables can do is not permitted": OF(1.3+: 13, 5);
    OFPTFFC_BAD_CAPA "the table cannot have these capabilities": OF(1.5+: 13, 6);
    OFPTFFC_BAD_MAX_ENT "the table cannot have this many flows": OF(1.5+: 13, 7);
    OFPTFFC_BAD_FEATURES "the table cannot have these features": OF(1.5+: 13, 8);
    OFPTFFC_BAD_COMMAND "there is no such command for tables": OF(1.5+: 13, 9);
    OFPTFFC_TOO_MANY "there are more tables than there can be": OF(1.5+: 13, 10);
    NXTFFC_DUP_TABLE "the same table is described twice": NX(1.3+: 44);

    // Bad property.
    OFPBPC_BAD_TYPE "there is no such property": NX(1.0-1.1: 13, 2) NX(1.2: 25) OF(1.3: 13, 2) OF(1.4+: 14, 0);
    OFPBPC_BAD_LEN "the length of a property is wrong": NX(1.0-1.1: 13, 3) NX(1.2: 26) OF(1.3: 13, 3) OF(1.4+: 14, 1);
    OFPBPC_BAD_VALUE "the property cannot have this value": NX(1.0-1.1: 13, 4) NX(1.2: 27) OF(1.3: 13, 4) OF(1.4+: 14, 2);
    OFPBPC_TOO_MANY "there are more properties than there can be": NX(1.0-1.1: 14, 3) NX(1.2: 28) ONF(1.3: 4443) OF(1.4+: 14, 3);
    OFPBPC_DUP_TYPE "the same property stands there twice": NX(1.0-1.1: 14, 4) NX(1.2: 29) ONF(1.3: 4444) OF(1.4+: 14, 4);
    OFPBPC_BAD_EXPERIMENTER "the property is of an experimenter that is not known here": NX(1.0-1.1: 14, 5) NX(1.2: 30) ONF(1.3: 4445) OF(1.4+: 14, 5);
    OFPBPC_BAD_EXP_TYPE "the experimenter has no such property": NX(1.0-1.1: 14, 6) NX(1.2: 31) ONF(1.3: 4446) OF(1.4+: 14, 6);
    OFPBPC_BAD_EXP_VALUE "the experimenter's property cannot have this value": NX(1.0-1.1: 14, 7) NX(1.2: 32) ONF(1.3: 4447) OF(1.4+: 14, 7);
    OFPBPC_EPERM "the property is not permitted": NX(1.0-1.1: 14, 8) NX(1.2: 33) ONF(1.3: 4448) OF(1.4+: 14, 8);

    // Configuration of asynchronous messages failed.
    OFPACFC_INVALID "a mask of asynchronous messages is wrong": ONF(1.3: 2370) OF(1.4+: 15, 0);
    OFPACFC_UNSUPPORTED "asynchronous messages cannot be chosen so": ONF(1.3: 2371) OF(1.4+: 15, 1);
    OFPACFC_EPERM "choosing asynchronous messages is not permitted": ONF(1.3: 2372) OF(1.4+: 15, 2);

    // Bundle failed.
    OFPBFC_UNKNOWN "the bundle failed, for no reason that has a name": ONF(1.3: 2300) OF(1.4+: 17, 0);
    OFPBFC_EPERM "the bundle is not permitted": ONF(1.3: 2301) OF(1.4+: 17, 1);
    OFPBFC_BAD_ID "there is no such bundle": ONF(1.3: 2302) OF(1.4+: 17, 2);
    OFPBFC_BUNDLE_EXIST "the bundle is there already": ONF(1.3: 2303) OF(1.4+: 17, 3);
    OFPBFC_BUNDLE_CLOSED "the bundle takes no more messages": ONF(1.3: 2304) OF(1.4+: 17, 4);
    OFPBFC_OUT_OF_BUNDLES "there is no room for one more bundle": ONF(1.3: 2305) OF(1.4+: 17, 5);
    OFPBFC_BAD_TYPE "there is no such control message for bundles": ONF(1.3: 2306) OF(1.4+: 17, 6);
    OFPBFC_BAD_FLAGS "the bundle cannot have these flags, or had others before": ONF(1.3: 2307) OF(1.4+: 17, 7);
    OFPBFC_MSG_BAD_LEN "the length of a message in the bundle is wrong": ONF(1.3: 2308) OF(1.4+: 17, 8);
    OFPBFC_MSG_BAD_XID "the transaction of a message does not fit the bundle": ONF(1.3: 2309) OF(1.4+: 17, 9);
    OFPBFC_MSG_UNSUP "such a message cannot be in a bundle": ONF(1.3: 2310) OF(1.4+: 17, 10);
    OFPBFC_MSG_CONFLICT "these messages cannot be in the same bundle": ONF(1.3: 2311) OF(1.4+: 17, 11);
    OFPBFC_MSG_TOO_MANY "there are more messages in the bundle than there can be": ONF(1.3: 2312) OF(1.4+: 17, 12);
    OFPBFC_MSG_FAILED "a message in the bundle could not be carried out": ONF(1.3: 2313) OF(1.4+: 17, 13);
    OFPBFC_TIMEOUT "the bundle was open for too long": ONF(1.3: 2314) OF(1.4+: 17, 14);
    OFPBFC_BUNDLE_IN_PROGRESS "a bundle holds what the message would change": ONF(1.3: 2315) OF(1.4+: 17, 15);
    OFPBFC_SCHED_NOT_SUPPORTED "a bundle cannot be committed at a given time": OF(1.5+: 17, 16);
    OFPBFC_SCHED_FUTURE "the time for the commit is too far ahead": OF(1.5+: 17, 17);
    OFPBFC_SCHED_PAST "the time for the commit is too long ago": OF(1.5+: 17, 18);
    OFPBFC_BAD_VERSION "a message in the bundle is of another version": NX(1.4-1.5: 22);

    // Flow monitor failed.
    OFPMOFC_UNKNOWN "the flow monitor stays, for no reason that has a name": OF(1.4+: 16, 0);
    OFPMOFC_MONITOR_EXISTS "the flow monitor is there already": NX(1.0-1.1: 1, 517) NX(1.2-1.3: 6) OF(1.4+: 16, 1);
    OFPMOFC_INVALID_MONITOR "such a flow monitor cannot be": OF(1.4+: 16, 2);
    OFPMOFC_UNKNOWN_MONITOR "there is no such flow monitor": NX(1.0-1.1: 1, 519) NX(1.2-1.3: 8) OF(1.4+: 16, 3);
    OFPMOFC_BAD_COMMAND "there is no such command for flow monitors": OF(1.4+: 16, 4);
    OFPMOFC_BAD_FLAGS "the flow monitor cannot have these flags": NX(1.0-1.1: 1, 518) NX(1.2-1.3: 7) OF(1.4+: 16, 5);
    OFPMOFC_BAD_TABLE_ID "there is no such table to monitor": OF(1.4+: 16, 6);
    OFPMOFC_BAD_OUT "flows to this port or group cannot be monitored": OF(1.4+: 16, 7);

    // Tunnel options: changing which fields they are mapped to failed.
    NXTTMFC_BAD_COMMAND "there is no such command for tunnel options": NX(1.0-1.1: 1, 527) NX(1.2+: 16);
    NXTTMFC_BAD_OPT_LEN "a tunnel option cannot be this long": NX(1.0-1.1: 1, 528) NX(1.2+: 17);
    NXTTMFC_BAD_FIELD_IDX "there is no such field for a tunnel option": NX(1.0-1.1: 1, 529) NX(1.2+: 18);
    NXTTMFC_TABLE_FULL "the tunnel options are more than there can be": NX(1.0-1.1: 1, 530) NX(1.2+: 19);
    NXTTMFC_ALREADY_MAPPED "the field has a tunnel option already": NX(1.0-1.1: 1, 531) NX(1.2+: 20);
    NXTTMFC_DUP_ENTRY "the tunnel option has a field already": NX(1.0-1.1: 1, 532) NX(1.2+: 21);
    NXTTMFC_INVALID_TLV_DEL "a flow uses the tunnel option that would go": NX(1.0-1.1: 1, 537) NX(1.2+: 38);

    // Resuming a packet failed.
    NXR_NOT_SUPPORTED "the datapath cannot resume packets": NX(1.0-1.1: 1, 533) NX(1.2+: 34);
    NXR_STALE "the packet was not stopped by the switch as it runs now": NX(1.0-1.1: 1, 534) NX(1.2+: 35);

    // Statistics of Open vSwitch failed.
    NXST_NOT_CONFIGURED "the protocol is not configured": NX(1.0-1.1: 1, 535) NX(1.2+: 36);
    ---
    OFPBRC_BAD_MULTIPART = OFPBRC_BAD_STAT;
    OFPBRC_BAD_EXPERIMENTER = OFPBRC_BAD_VENDOR;
    OFPBRC_BAD_EXP_TYPE = OFPBRC_BAD_SUBTYPE;
    OFPBRC_IS_SLAVE = OFPBRC_IS_SECONDARY;
    OFPBAC_BAD_EXPERIMENTER = OFPBAC_BAD_VENDOR;
    OFPBAC_BAD_EXP_TYPE = OFPBAC_BAD_VENDOR_TYPE;
    OFPQCFC_EPERM = OFPSCFC_EPERM;
    OFPTFFC_BAD_TYPE = OFPBPC_BAD_TYPE;
    OFPTFFC_BAD_LEN = OFPBPC_BAD_LEN;
    OFPTFFC_BAD_ARGUMENT = OFPBPC_BAD_VALUE;
}
