//! What a flow-mod may say.

use crate::Error;
use crate::flow::FlowMod;
use crate::group::GroupId;
use crate::meter::MeterId;
use crate::port::TableId;

/// What there is that actions can refer to.
pub(crate) trait Known {
    /// Is there this group?
    fn has_group(&self, group: GroupId) -> bool;
    /// Is there this meter?
    fn has_meter(&self, meter: MeterId) -> bool;
}

/// Refuses a flow-mod that makes no sense.
pub(crate) fn flow_mod(change: &FlowMod, _known: &impl Known) -> Result<(), Error> {
    if change.table > TableId::MAX && change.table != TableId::ALL {
        return Err(Error::NoSuchTable(change.table));
    }
    Ok(())
}
