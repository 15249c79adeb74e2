//! Matches, actions, flows, groups and meters as text, in the syntax of Open vSwitch
//! (ovs-fields(7), ovs-actions(7), ovs-ofctl(8)).
