//! Names of reasons, by number.

pub(super) const PACKET_IN: &[&str] =
    &["no_match", "action", "invalid_ttl", "action_set", "group", "packet_out"];
pub(super) const PORT_STATUS: &[&str] = &["add", "delete", "modify"];
pub(super) const FLOW_REMOVED: &[&str] =
    &["idle", "hard", "delete", "group_delete", "meter_delete", "eviction"];
pub(super) const ROLE_STATUS: &[&str] =
    &["primary_request", "configuration_changed", "experimenter_data_changed"];
pub(super) const TABLE_STATUS: &[&str] = &["", "", "", "vacancy_down", "vacancy_up"];
pub(super) const REQUEST_FORWARD: &[&str] = &["group_mod_request", "meter_mod_request"];
