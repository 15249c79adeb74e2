//! Actions that are done when the pipeline ends.

use crate::action::Action;
use crate::field::Field;
use crate::port::PortNo;
use alloc::vec::Vec;

/// The action set: of each kind of action one, of set-fields one for each field (OpenFlow 1.3.5 §5.10).
#[derive(Clone, Debug, Default)]
pub(super) struct ActionSet(Vec<Action>);

/// The kinds, in the order in which they are done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    CopyTtlIn,
    PopVlan,
    PopMpls,
    PopPbb,
    Decap,
    Encap,
    PushMpls,
    PushPbb,
    PushVlan,
    CopyTtlOut,
    DecIpTtl,
    DecMplsTtl,
    DecNshTtl,
    /// Those that change bits are done in the order in which they were written.
    Set,
    Queue,
    // One of these ends it.
    Group,
    Output,
    Resubmit,
    CtClear,
    Ct,
}

/// What an action is replaced by: another of this kind, and of this field if it sets one.
fn kind(action: &Action) -> Option<(Kind, Option<Field>)> {
    let kind = match action {
        Action::CopyTtlIn => Kind::CopyTtlIn,
        Action::PopVlan | Action::StripVlan => Kind::PopVlan,
        Action::PopMpls(_) => Kind::PopMpls,
        Action::PopPbb => Kind::PopPbb,
        Action::Decap(_) => Kind::Decap,
        Action::Encap(_) => Kind::Encap,
        Action::PushMpls(_) => Kind::PushMpls,
        Action::PushPbb(_) => Kind::PushPbb,
        Action::PushVlan(_) => Kind::PushVlan,
        Action::CopyTtlOut => Kind::CopyTtlOut,
        Action::DecIpTtl { .. } => Kind::DecIpTtl,
        Action::DecMplsTtl => Kind::DecMplsTtl,
        Action::DecNshTtl => Kind::DecNshTtl,
        Action::SetQueue(_) => Kind::Queue,
        Action::Group(_) => Kind::Group,
        Action::Ct(_) => Kind::Ct,
        Action::CtClear => Kind::CtClear,
        Action::Resubmit { .. } => Kind::Resubmit,
        Action::Output { .. } => Kind::Output,
        Action::SetVlanVid(_) => return Some((Kind::Set, Some(Field::VlanVid))),
        Action::SetVlanPcp(_) => return Some((Kind::Set, Some(Field::VlanPcp))),
        Action::SetTpSrc(_) => return Some((Kind::Set, Some(Field::TcpSrc))),
        Action::SetTpDst(_) => return Some((Kind::Set, Some(Field::TcpDst))),
        // Parts of fields add up.
        Action::Load { .. } | Action::Load2 { .. } | Action::Move { .. } => Kind::Set,
        Action::CopyField { .. } => Kind::Set,
        _ => {
            let (field, _, mask) = action.assignment()?;
            let whole = (mask == field.ones()).then_some(field);
            return Some((Kind::Set, whole));
        }
    };
    Some((kind, None))
}

impl ActionSet {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Puts actions in, each in place of one of its kind. Those that cannot be in an action set, which a
    /// switch refuses, are left out.
    pub(super) fn write(&mut self, actions: &[Action]) {
        for action in actions {
            let Some(this) = kind(action) else { continue };
            let adds_up = this == (Kind::Set, None);
            self.0.retain(|other| adds_up || kind(other) != Some(this));
            self.0.push(action.clone());
        }
    }

    /// The port that a packet leaves by at the end, if no group decides.
    pub(super) fn output(&self) -> Option<PortNo> {
        if self.0.iter().any(|action| matches!(action, Action::Group(_))) {
            return None;
        }
        self.0.iter().find_map(|action| match action {
            Action::Output { port, .. } => Some(*port),
            _ => None,
        })
    }

    /// The actions in the order in which they are done; the set is empty then. With a group there is no
    /// output, and without both nothing needs to be done.
    pub(super) fn take(&mut self) -> Vec<Action> {
        let mut actions = core::mem::take(&mut self.0);
        let has = |wanted: Kind| {
            move |action: &Action| kind(action).is_some_and(|(kind, _)| kind == wanted)
        };
        let last = [Kind::Group, Kind::Output, Kind::Resubmit, Kind::CtClear, Kind::Ct];
        let Some(end) = last.into_iter().find(|kind| actions.iter().any(has(*kind))) else {
            return Vec::new();
        };
        actions.retain(|action| !last.into_iter().any(|kind| kind != end && has(kind)(action)));
        actions.sort_by_key(|action| kind(action).map(|(kind, _)| kind));
        actions
    }

    /// The actions of a bucket, which are a set of their own.
    pub(super) fn of(actions: &[Action]) -> Vec<Action> {
        let mut set = Self::default();
        set.write(actions);
        set.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::GroupId;

    fn port(n: u32) -> Action {
        Action::output(PortNo(n))
    }

    #[test]
    fn the_order_is_that_of_the_specification() {
        let set = Action::set_field(Field::IpTtl, 9).unwrap();
        let written = [
            port(1),
            Action::SetQueue(crate::QueueId(1)),
            set.clone(),
            Action::DecIpTtl { controllers: Vec::new() },
            Action::CopyTtlOut,
            Action::PushVlan(0x8100),
            Action::PushMpls(0x8847),
            Action::PopVlan,
            Action::CopyTtlIn,
        ];
        let mut sorted = written.to_vec();
        sorted.sort_by_key(|action| match action {
            Action::CopyTtlIn => 1,
            Action::PopVlan => 2,
            Action::PushMpls(_) => 3,
            Action::PushVlan(_) => 4,
            Action::CopyTtlOut => 5,
            Action::DecIpTtl { .. } => 6,
            Action::SetField { .. } => 7,
            Action::SetQueue(_) => 8,
            _ => 9,
        });
        assert_eq!(ActionSet::of(&written), sorted);
    }

    #[test]
    fn a_later_one_of_the_same_kind_counts() {
        let mut set = ActionSet::default();
        set.write(&[port(1), Action::set_field(Field::IpTtl, 9).unwrap()]);
        set.write(&[port(2), Action::set_field(Field::IpTtl, 8).unwrap()]);
        assert_eq!(set.output(), Some(PortNo(2)));
        assert_eq!(set.take(), [Action::set_field(Field::IpTtl, 8).unwrap(), port(2)]);
    }

    #[test]
    fn a_group_goes_before_an_output_and_without_both_nothing_is_done() {
        let group = Action::Group(GroupId(1));
        assert_eq!(ActionSet::of(&[port(1), group.clone()]), [group]);
        assert_eq!(ActionSet::of(&[Action::PopVlan]), []);
    }
}
