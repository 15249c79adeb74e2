//! What a switch is, and how it is configured.

use crate::message::PortDesc;
use alloc::string::String;
use alloc::vec::Vec;
use bitflags::bitflags;

/// What a switch can do (`struct ofp_switch_features`, OpenFlow 1.3.5 §7.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchFeatures {
    /// Its number: 48 bits of a MAC address and 16 bits of the operator's choice above.
    pub datapath_id: u64,
    /// How many packets it can keep for a controller to decide on.
    pub n_buffers: u32,
    /// How many tables it has.
    pub n_tables: u8,
    /// Which connection this is: 0 is the main one (OpenFlow 1.3).
    pub auxiliary_id: u8,
    /// What it can do.
    pub capabilities: Capabilities,
    /// The actions that it can do (OpenFlow 1.0).
    pub actions: ActionBits,
    /// Its ports (OpenFlow 1.0).
    pub ports: Vec<PortDesc>,
}

bitflags! {
    /// What a switch can do (`enum ofp_capabilities`), with the places of OpenFlow 1.3; 1.0 has
    /// `GROUP_STATS` and `PORT_BLOCKED` not, and the last two more.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Capabilities: u32 {
        /// Statistics of rules.
        const FLOW_STATS = 1 << 0;
        /// Statistics of tables.
        const TABLE_STATS = 1 << 1;
        /// Statistics of ports.
        const PORT_STATS = 1 << 2;
        /// Statistics of groups.
        const GROUP_STATS = 1 << 3;
        /// Fragments can be put together.
        const IP_REASM = 1 << 5;
        /// Statistics of queues.
        const QUEUE_STATS = 1 << 6;
        /// It blocks ports that would make a loop.
        const PORT_BLOCKED = 1 << 8;
        /// Matches IP addresses in ARP packets (OpenFlow 1.0: bit 7).
        const ARP_MATCH_IP = 1 << 30;
        /// Speaks the spanning tree protocol (OpenFlow 1.0: bit 3).
        const STP = 1 << 31;
        // What else a switch may say survives.
        const _ = !0;
    }
}

/// The actions that a switch of OpenFlow 1.0 can do: bit n for the action with number n
/// (`enum ofp_action_type`, OpenFlow 1.0 §5.2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ActionBits(pub u32);

/// Configuration of a switch (`struct ofp_switch_config`, OpenFlow 1.3.5 §7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchConfig {
    /// Its flags.
    pub flags: ConfigFlags,
    /// Bytes of a packet that go to the controller on a miss; 65535 for all.
    pub miss_send_len: u16,
}

/// Flags of a [`SwitchConfig`] (`enum ofp_config_flags`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConfigFlags(pub u16);

impl ConfigFlags {
    /// Packets with an invalid time to live go to the controller (OpenFlow 1.1 and 1.2).
    pub const INVALID_TTL_TO_CONTROLLER: Self = Self(1 << 2);

    /// What is done with fragments: the lower two bits.
    pub fn fragments(self) -> FragmentHandling {
        match self.0 & 3 {
            0 => FragmentHandling::Normal,
            1 => FragmentHandling::Drop,
            2 => FragmentHandling::Reassemble,
            _ => FragmentHandling::NxMatch,
        }
    }
}

/// What a switch does with IP fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FragmentHandling {
    /// Nothing special: their L4 ports count as zero.
    Normal,
    /// Drops them.
    Drop,
    /// Puts them together.
    Reassemble,
    /// First fragments have their L4 ports (Nicira's extension).
    NxMatch,
}

impl From<FragmentHandling> for ConfigFlags {
    fn from(fragments: FragmentHandling) -> Self {
        Self(match fragments {
            FragmentHandling::Normal => 0,
            FragmentHandling::Drop => 1,
            FragmentHandling::Reassemble => 2,
            FragmentHandling::NxMatch => 3,
        })
    }
}

/// Who made a switch (`struct ofp_desc`, OpenFlow 1.3.5 §7.3.5.1). Longer texts are cut off on
/// the wire: 255 bytes, the serial number 31.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The manufacturer.
    pub manufacturer: String,
    /// The hardware.
    pub hardware: String,
    /// The software.
    pub software: String,
    /// The serial number.
    pub serial_number: String,
    /// What people call this switch.
    pub datapath: String,
}
