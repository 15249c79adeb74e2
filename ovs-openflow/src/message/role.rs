//! Several controllers of one switch: their roles, and what each is told.

use core::fmt;

/// Asks for a role or tells it (`struct ofp_role_request`, OpenFlow 1.3.5 §7.3.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleMessage {
    /// The role.
    pub role: Role,
    /// Number of the election of a master; in a request it counts for master and slave. `None`
    /// where it is not told: in Nicira's form, and in a reply that has all ones.
    pub generation_id: Option<u64>,
}

/// The role of a controller (`enum ofp_controller_role`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub u32);

impl Role {
    /// The role stays.
    pub const NO_CHANGE: Self = Self(0);
    /// Full access, as others have.
    pub const EQUAL: Self = Self(1);
    /// Full access, which only one has.
    pub const MASTER: Self = Self(2);
    /// Only reads.
    pub const SLAVE: Self = Self(3);
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NO_CHANGE => f.write_str("NO_CHANGE"),
            Self::EQUAL => f.write_str("EQUAL"),
            Self::MASTER => f.write_str("MASTER"),
            Self::SLAVE => f.write_str("SLAVE"),
            Self(other) => write!(f, "{other}"),
        }
    }
}

/// The switch changed a controller's role (`struct ofp_role_status`, OpenFlow 1.4.1 §7.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleStatus {
    /// The role.
    pub role: Role,
    /// Why.
    pub reason: RoleStatusReason,
    /// Number of the election of a master.
    pub generation_id: u64,
}

/// Why a role was changed (`enum ofp_controller_role_reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleStatusReason(pub u8);

impl RoleStatusReason {
    /// Another controller asked to be master.
    pub const MASTER_REQUEST: Self = Self(0);
    /// The configuration of the switch changed.
    pub const CONFIG: Self = Self(1);
    /// Something that an experimenter defines.
    pub const EXPERIMENTER: Self = Self(2);
}

/// What a controller is told without asking (`struct ofp_async_config`, OpenFlow 1.3.5 §7.3.10).
///
/// In each number bit n stands for reason n. `None` in OpenFlow 1.4's form: not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsyncConfig {
    /// As master or equal.
    pub master: AsyncMasks,
    /// As slave.
    pub slave: AsyncMasks,
}

/// The reasons for which a controller is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsyncMasks {
    /// Of packet-ins.
    pub packet_in: Option<u32>,
    /// Of port-status.
    pub port_status: Option<u32>,
    /// Of flow-removed.
    pub flow_removed: Option<u32>,
    /// Of role-status (OpenFlow 1.4's form).
    pub role_status: Option<u32>,
    /// Of table-status (OpenFlow 1.4's form).
    pub table_status: Option<u32>,
    /// Of request-forward (OpenFlow 1.4's form).
    pub request_forward: Option<u32>,
}
