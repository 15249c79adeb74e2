//! Where we find something else than Open vSwitch on purpose.

/// What both found in a message: no error, or one.
pub(crate) struct Finding {
    pub(crate) ours: Option<String>,
    pub(crate) theirs: Option<String>,
    /// What we read, or why not.
    pub(crate) text: String,
}

/// A difference that is meant: who it is about, what we and Open vSwitch find, and why.
struct Rule {
    /// Words of the names of the messages and actions; none for all.
    about: &'static [&'static str],
    ours: Side,
    theirs: Side,
    #[allow(dead_code, reason = "it is for who reads this")]
    why: &'static str,
}

/// What one side finds.
enum Side {
    Nothing,
    /// Whatever it is, an error.
    Error,
    /// One of these errors.
    One(&'static [&'static str]),
    /// Nothing, and what was read has one of these words in it.
    Reads(&'static [&'static str]),
}

use Side::{Error, Nothing, One, Reads};

/// What stands for a number that nobody has defined.
const KEPT: Side =
    Reads(&["Opaque", "opaque: [[", "Experimenter", "field=0x", "CopyTtl", "PushPbb", "PopPbb"]);

/// Numbers that it does not know.
const UNKNOWN: Side = One(&[
    "OFPBRC_BAD_TYPE",
    "OFPBRC_BAD_STAT",
    "OFPBRC_BAD_VENDOR",
    "OFPBRC_BAD_SUBTYPE",
    "OFPBAC_BAD_TYPE",
    "OFPBAC_BAD_VENDOR",
    "OFPBAC_BAD_VENDOR_TYPE",
    "OFPBIC_UNKNOWN_INST",
    "OFPBIC_BAD_EXPERIMENTER",
    "OFPBIC_BAD_EXP_TYPE",
    "OFPBMC_BAD_FIELD",
    "NXBAC_BAD_ED_PROP",
    "NXBAC_UNKNOWN_ED_PROP",
]);

const RULES: &[Rule] = &[
    Rule {
        about: &[],
        ours: KEPT,
        theirs: UNKNOWN,
        why: "what is not known is kept; a switch refuses it",
    },
    Rule {
        about: &[],
        ours: Error,
        theirs: UNKNOWN,
        why: "it ends at what it does not know, we find fault with what comes behind",
    },
    Rule {
        about: &[],
        ours: Reads(&["Opaque", "Experimenter"]),
        theirs: One(&["OFPBAC_BAD_LEN", "OFPBRC_BAD_LEN"]),
        why: "its debugging actions, and a header that is only begun, are kept as unknown",
    },
    Rule {
        about: &[],
        ours: Reads(&["field=0x"]),
        theirs: One(&["OFPBMC_BAD_WILDCARDS"]),
        why: "value and mask of a field that is not known are not looked at",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBAC_BAD_SET_TYPE"]),
        theirs: One(&["OFPBAC_BAD_SET_LEN"]),
        why: "it takes some fields that it does not know for one that it knows",
    },
    Rule {
        about: &["Error"],
        ours: Nothing,
        theirs: Error,
        why: "an error may have no name, and the message that it is about may be wrong",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBMC_BAD_LEN"]),
        theirs: One(&["OFPBMC_BAD_FIELD", "OFPBMC_BAD_WILDCARDS", "OFPBMC_BAD_VALUE"]),
        why: "a field of a wrong length is one that it does not know, unless the length is odd",
    },
    Rule {
        about: &["Flow", "Aggregate", "Bundle"],
        ours: One(&["OFPBMC_BAD_PREREQ", "OFPBMC_BAD_LEN", "OFPBMC_BAD_MASK"]),
        theirs: One(&["OFPBMC_BAD_WILDCARDS", "OFPBMC_BAD_PREREQ", "OFPBMC_BAD_VALUE"]),
        why: "of several faults of one field either finds another first",
    },
    Rule {
        about: &["FlowMod", "Bundle"],
        ours: Nothing,
        theirs: One(&["OFPBAC_MATCH_INCONSISTENT", "OFPBIC_BAD_TABLE_ID"]),
        why: "whether actions fit a match and tables exist is asked when a rule is installed",
    },
    Rule {
        about: &["FlowMod", "Bundle"],
        ours: Reads(&["EMERGENCY"]),
        theirs: One(&["OFPFMFC_TABLE_FULL", "OFPFMFC_BAD_EMERG_TIMEOUT"]),
        why: "that there is no emergency table is a switch's to say",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBRC_BAD_PORT"]),
        theirs: One(&["OFPBAC_BAD_OUT_PORT"]),
        why: "the port that a packet-out comes from is none of an action's (OpenFlow 1.3.5 §7.3.7)",
    },
    Rule {
        about: &["SetConfig", "GetConfigReply"],
        ours: Nothing,
        theirs: One(&["OFPSCFC_BAD_FLAGS"]),
        why: "flags that are not defined are kept; a switch refuses them",
    },
    Rule {
        about: &["SetAsync"],
        ours: Nothing,
        theirs: One(&["OFPACFC_INVALID"]),
        why: "reasons that are not defined are kept; a switch refuses them",
    },
    Rule {
        about: &["SetAsync"],
        ours: Error,
        theirs: One(&["OFPACFC_INVALID"]),
        why: "the same, and another fault behind",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBRC_EPERM"]),
        theirs: Nothing,
        why: "it prints flow formats that there are not",
    },
    Rule {
        about: &["CtFlushZone", "SetControllerId"],
        ours: One(&["NXBRC_MUST_BE_ZERO"]),
        theirs: Nothing,
        why: "its switch refuses it, but it prints it",
    },
    Rule {
        about: &["MultipartRe"],
        ours: Reads(&["TableFeatures([])", "properties: []"]),
        theirs: One(&["OFPTFFC_BAD_FEATURES", "OFPBRC_BAD_LEN"]),
        why: "a list may be empty (OpenFlow 1.3.5 §7.3.5.5.1)",
    },
    Rule {
        about: &[],
        ours: Reads(&["vlan_vid"]),
        theirs: One(&["OFPBAC_BAD_SET_LEN"]),
        why: "bit 12 of vlan_vid says whether there is a tag (OpenFlow 1.3.5 §7.2.3.8); it has 12",
    },
    Rule {
        about: &["Learn", "PacketOut", "Flow", "Clone"],
        ours: One(&["OFPBAC_BAD_SET_LEN"]),
        theirs: Nothing,
        why: "bits that the field does not have cannot be learned",
    },
    Rule {
        about: &["Bundle", "SetMpls", "Ct", "PacketOut", "Flow", "Group", "Clone"],
        ours: One(&["OFPBAC_BAD_ARGUMENT"]),
        theirs: Nothing,
        why: "it cuts off what is too large, and takes flags and hashes that nobody has defined",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBMC_BAD_VALUE", "OFPBAC_BAD_SET_ARGUMENT"]),
        theirs: Nothing,
        why: "of some fields of tunnels it cuts off what is too large, in a load of others too",
    },
    Rule {
        about: &[],
        ours: One(&["OFPBMC_BAD_FIELD", "OFPBAC_BAD_SET_TYPE"]),
        theirs: Nothing,
        why: "an option of a tunnel header has at most 124 bytes (RFC 8926 §3.5)",
    },
    Rule {
        about: &["CtFlush", "Resume", "PacketIn", "SetAsync2"],
        ours: One(&["OFPBPC_BAD_TYPE", "OFPBPC_BAD_LEN", "OFPBPC_BAD_EXP_TYPE"]),
        theirs: Nothing,
        why: "it passes over properties that it does not know",
    },
    Rule {
        about: &["DecIpTtl"],
        ours: One(&["OFPBAC_BAD_ARGUMENT"]),
        theirs: Nothing,
        why: "a list of no controllers stands for none that could be told",
    },
    Rule {
        about: &["Resume", "PacketIn"],
        ours: One(&["OFPBMC_BAD_LEN", "OFPBMC_BAD_MASK", "OFPBMC_BAD_PREREQ", "OFPBMC_BAD_VALUE"]),
        theirs: Nothing,
        why: "it passes over fields that it cannot read",
    },
    Rule {
        about: &["Resume", "PacketIn"],
        ours: Reads(&["continuation: Some"]),
        theirs: Error,
        why: "what a switch needs to go on means nothing to others",
    },
    Rule {
        about: &[],
        ours: Reads(&["data: b\"\""]),
        theirs: One(&["OFPBRC_BAD_LEN"]),
        why: "a packet-in may be without a packet",
    },
    Rule {
        about: &["QueueGetConfigReply"],
        ours: One(&["OFPBAC_BAD_OUT_PORT"]),
        theirs: Nothing,
        why: "it does not look at the port that was asked for",
    },
    Rule {
        about: &["Flow"],
        ours: Reads(&["Conjunction"]),
        theirs: One(&["NXBAC_BAD_CONJUNCTION"]),
        why: "other instructions may stand beside a conjunction, other actions not",
    },
    Rule {
        about: &["GroupDesc"],
        ours: One(&["OFPGMFC_BAD_TYPE"]),
        theirs: Nothing,
        why: "it lists groups of a kind that there is not",
    },
    Rule {
        about: &["Group"],
        ours: One(&["OFPGMFC_BAD_COMMAND", "OFPBRC_BAD_LEN"]),
        theirs: One(&["OFPGMFC_BAD_BUCKET"]),
        why: "of several faults either finds another first",
    },
    Rule {
        about: &["GroupMod"],
        ours: One(&["OFPGMFC_BAD_COMMAND"]),
        theirs: Nothing,
        why: "commands about single buckets are not in OpenFlow 1.3 (1.5.1 §7.3.4.3)",
    },
    Rule {
        about: &[],
        ours: Reads(&["arp_op", "nsh_ttl", "nsh_mdtype"]),
        theirs: One(&["OFPBAC_BAD_SET_ARGUMENT", "OFPBMC_BAD_VALUE"]),
        why: "it knows the lower byte of arp_op only, and the values of NSH that have a meaning",
    },
    Rule {
        about: &["PortStatus"],
        ours: Nothing,
        theirs: One(&["NXBRC_BAD_REASON"]),
        why: "reasons that are not defined are kept",
    },
    Rule {
        about: &["Encap"],
        ours: One(&["NXBAC_BAD_ED_PROP"]),
        theirs: Nothing,
        why: "there are two metadata types (RFC 8300 §2.2)",
    },
    Rule {
        about: &["FlowMonitor"],
        ours: Reads(&["metadata: Some"]),
        theirs: One(&["OFPBIC_UNSUP_INST"]),
        why: "it does not read its own updates of rules that write metadata",
    },
    Rule {
        about: &["FlowMonitor"],
        ours: One(&["NXBRC_FM_BAD_EVENT"]),
        theirs: Nothing,
        why: "a reason has 8 bits everywhere else",
    },
    Rule {
        about: &["Flow", "RoleStatus", "MultipartReply Group", "BundleAdd", "RequestForward"],
        ours: One(&["OFPBRC_BAD_LEN"]),
        theirs: Nothing,
        why: "it passes over what stands behind the end",
    },
    Rule {
        about: &["Load", "PacketOut", "Flow", "SetTunnelOption"],
        ours: One(&["OFPBMC_BAD_LEN", "OFPBAC_BAD_SET_LEN", "OFPBAC_BAD_SET_TYPE"]),
        theirs: Nothing,
        why: "it takes a length that is one more than value and mask have, or than an option can have",
    },
];

impl Side {
    fn fits(&self, error: Option<&str>, text: &str) -> bool {
        match (self, error) {
            (Nothing, None) | (Error, Some(_)) => true,
            (One(errors), Some(error)) => errors.contains(&error),
            (Reads(words), None) => words.iter().any(|word| text.contains(word)),
            _ => false,
        }
    }
}

/// Is it a difference that is meant?
pub(crate) fn is_deliberate(name: &str, finding: &Finding) -> bool {
    let Finding { ours, theirs, text } = finding;
    RULES.iter().any(|rule| {
        (rule.about.is_empty() || rule.about.iter().any(|word| name.contains(word)))
            && rule.ours.fits(ours.as_deref(), text)
            && rule.theirs.fits(theirs.as_deref(), text)
    })
}
