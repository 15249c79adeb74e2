//! Why frames are dropped, and how many for which reason.

use core::fmt;

/// Why a frame was dropped. Every drop has exactly one reason and is counted under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum DropReason {
    /// Shorter than an Ethernet header.
    Runt,
    /// Came in by a port that the switch does not have.
    UnknownPort,
    /// No rule matches.
    NoRule,
    /// The rule that matches has no output.
    RuleDrops,
    /// Rules send it nowhere but to the port that it came in by, without saying `IN_PORT`.
    OutputIsInput,
    /// Rules send it to a port that is not there.
    NoSuchOutput,
    /// Its destination is one of the addresses that bridges keep to the link.
    LinkLocal,
    /// Its destination is on the side that it came from.
    DestinationBehindInput,
    /// To be flooded, but there is no other port.
    NoOtherPort,
    /// Longer than the output port takes.
    TooLong,
    /// Longer than what a frame can be received into, or cut off by who captured it.
    Truncated,
    /// The queue of the output port was full.
    QueueFull,
    /// The operating system dropped it, because it was not fetched in time.
    Overrun,
    /// The device of the port is gone, or down.
    DeviceDown,
    /// The device refused it for another reason.
    DeviceError,
    /// Came with a checksum or segmentation left to do that makes no sense.
    BadOffload,
    /// It took more table lookups and groups than a packet may.
    TooManyResubmits,
    /// Resubmits, groups, clones and patch ports are nested deeper than they may.
    TooDeep,
    /// More was to be done with it than may be done with one packet.
    TooManyOps,
    /// It was looked at again more often than it may.
    TooManyRecirculations,
    /// Actions pushed more onto the stack than fits.
    StackFull,
    /// Its time to live was over when it was to be one less. Not counted if controllers were told of it: then it
    /// went to them.
    TtlOver,
    /// Sent to a group that is not there.
    NoSuchGroup,
    /// No bucket of its group is live, or no member of its bundle.
    NoLiveBucket,
    /// Came in by a port that is switched off.
    InputDown,
    /// Came in by a port that is told not to receive.
    NoReceive,
    /// The output port is switched off, has no link, or is blocked.
    OutputDown,
    /// The output port is told not to forward.
    NoForward,
    /// The port is there for the copies of a mirror only.
    MirrorOutput,
    /// A fragment, and the switch drops those.
    Fragment,
    /// Its VLAN is not one of those of the port that it came in by.
    VlanNotAllowed,
    /// From one protected port to another.
    Protected,
    /// It was to make a rule that cannot be.
    BadLearn,
    /// A meter's rate was exceeded.
    Metered,
    /// To go through the connection tracker, and there is none, or it refused.
    Untracked,
}

impl DropReason {
    /// How many reasons there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; 35] = [
        Self::Runt,
        Self::UnknownPort,
        Self::NoRule,
        Self::RuleDrops,
        Self::OutputIsInput,
        Self::NoSuchOutput,
        Self::LinkLocal,
        Self::DestinationBehindInput,
        Self::NoOtherPort,
        Self::TooLong,
        Self::Truncated,
        Self::QueueFull,
        Self::Overrun,
        Self::DeviceDown,
        Self::DeviceError,
        Self::BadOffload,
        Self::TooManyResubmits,
        Self::TooDeep,
        Self::TooManyOps,
        Self::TooManyRecirculations,
        Self::StackFull,
        Self::TtlOver,
        Self::NoSuchGroup,
        Self::NoLiveBucket,
        Self::InputDown,
        Self::NoReceive,
        Self::OutputDown,
        Self::NoForward,
        Self::MirrorOutput,
        Self::Fragment,
        Self::VlanNotAllowed,
        Self::Protected,
        Self::BadLearn,
        Self::Metered,
        Self::Untracked,
    ];

    /// A short name for tables and metrics: lower case with underscores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runt => "runt",
            Self::UnknownPort => "unknown_port",
            Self::NoRule => "no_rule",
            Self::RuleDrops => "rule_drops",
            Self::OutputIsInput => "output_is_input",
            Self::NoSuchOutput => "no_such_output",
            Self::LinkLocal => "link_local",
            Self::DestinationBehindInput => "destination_behind_input",
            Self::NoOtherPort => "no_other_port",
            Self::TooLong => "too_long",
            Self::Truncated => "truncated",
            Self::QueueFull => "queue_full",
            Self::Overrun => "overrun",
            Self::DeviceDown => "device_down",
            Self::DeviceError => "device_error",
            Self::BadOffload => "bad_offload",
            Self::TooManyResubmits => "too_many_resubmits",
            Self::TooDeep => "too_deep",
            Self::TooManyOps => "too_many_ops",
            Self::TooManyRecirculations => "too_many_recirculations",
            Self::StackFull => "stack_full",
            Self::TtlOver => "ttl_over",
            Self::NoSuchGroup => "no_such_group",
            Self::NoLiveBucket => "no_live_bucket",
            Self::InputDown => "input_down",
            Self::NoReceive => "no_receive",
            Self::OutputDown => "output_down",
            Self::NoForward => "no_forward",
            Self::MirrorOutput => "mirror_output",
            Self::Fragment => "fragment",
            Self::VlanNotAllowed => "vlan_not_allowed",
            Self::Protected => "protected",
            Self::BadLearn => "bad_learn",
            Self::Metered => "metered",
            Self::Untracked => "untracked",
        }
    }
}

/// The reason in a sentence.
impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Runt => "shorter than an Ethernet header",
            Self::UnknownPort => "came in by a port that the switch does not have",
            Self::NoRule => "no rule matches",
            Self::RuleDrops => "the rule that matches has no output",
            Self::OutputIsInput => "the only output is the port that it came in by",
            Self::NoSuchOutput => "the output port does not exist",
            Self::LinkLocal => "sent to an address that bridges keep to the link",
            Self::DestinationBehindInput => "its destination is on the side that it came from",
            Self::NoOtherPort => "there is no other port to flood it to",
            Self::TooLong => "longer than the output port takes",
            Self::Truncated => "not received whole",
            Self::QueueFull => "the queue of the output port was full",
            Self::Overrun => "the operating system dropped it, we were too slow",
            Self::DeviceDown => "the device is gone or down",
            Self::DeviceError => "the device refused it",
            Self::BadOffload => "its unfinished checksum or segmentation makes no sense",
            Self::TooManyResubmits => "took more table lookups and groups than a packet may",
            Self::TooDeep => "resubmits, groups, clones or patch ports are nested too deeply",
            Self::TooManyOps => "more was to be done with it than with one packet may be done",
            Self::TooManyRecirculations => "was looked at again too often",
            Self::StackFull => "the stack of its actions was full",
            Self::TtlOver => "its time to live was over",
            Self::NoSuchGroup => "the group does not exist",
            Self::NoLiveBucket => "no bucket of the group is live",
            Self::InputDown => "came in by a port that is switched off",
            Self::NoReceive => "came in by a port that is told not to receive",
            Self::OutputDown => "the output port is down or blocked",
            Self::NoForward => "the output port is told not to forward",
            Self::MirrorOutput => "the port is there for a mirror only",
            Self::Fragment => "a fragment, and the switch drops those",
            Self::VlanNotAllowed => "its VLAN is not one of the port that it came in by",
            Self::Protected => "from one protected port to another",
            Self::BadLearn => "was to make a rule that cannot be",
            Self::Metered => "a meter's rate was exceeded",
            Self::Untracked => "the connection tracker did not take it",
        })
    }
}

/// Dropped frames by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drops([u64; DropReason::COUNT]);

impl Drops {
    /// How many for this reason.
    pub fn get(&self, reason: DropReason) -> u64 {
        self.0.get(reason as usize).copied().unwrap_or_default()
    }

    /// Adds `frames` for this reason.
    pub fn add(&mut self, reason: DropReason, frames: u64) {
        if let Some(count) = self.0.get_mut(reason as usize) {
            *count += frames;
        }
    }

    /// How many for all reasons.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The reasons for which there were any.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.into_iter().map(|reason| (reason, self.get(reason))).filter(|(_, n)| *n > 0)
    }
}

impl Default for Drops {
    fn default() -> Self {
        Self([0; DropReason::COUNT])
    }
}

/// What a device could not receive or send: frames and bytes by reason.
///
/// Kept by who calls devices, over many calls; costs nothing while nothing is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    any: bool,
    frames: Drops,
    bytes: Drops,
}

impl Losses {
    /// Counts one frame of `bytes` bytes; 0 if its length is not known.
    pub fn add(&mut self, reason: DropReason, bytes: usize) {
        self.add_many(reason, 1, bytes as u64);
    }

    /// Counts `frames` frames of `bytes` bytes together.
    pub fn add_many(&mut self, reason: DropReason, frames: u64, bytes: u64) {
        if frames > 0 {
            self.any = true;
            self.frames.add(reason, frames);
            self.bytes.add(reason, bytes);
        }
    }

    /// Has nothing been lost?
    #[inline]
    pub fn is_empty(&self) -> bool {
        !self.any
    }

    /// How many frames in all.
    pub fn frames(&self) -> u64 {
        self.frames.total()
    }

    /// Takes out what was counted: reason, frames, bytes.
    pub fn take(&mut self) -> impl Iterator<Item = (DropReason, u64, u64)> + use<> {
        let taken = core::mem::take(self);
        DropReason::ALL
            .into_iter()
            .map(move |reason| (reason, taken.frames.get(reason), taken.bytes.get(reason)))
            .filter(|(_, frames, _)| *frames > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_in_the_order_of_their_numbers_and_have_names_of_their_own() {
        for (n, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, n);
            let same = DropReason::ALL.into_iter().filter(|other| other.name() == reason.name());
            assert_eq!(same.count(), 1, "{}", reason.name());
        }
    }

    #[test]
    fn losses_are_taken_once() {
        let mut losses = Losses::default();
        losses.add(DropReason::TooLong, 100);
        losses.add_many(DropReason::Overrun, 0, 0);
        losses.add_many(DropReason::TooLong, 2, 50);
        assert_eq!((losses.is_empty(), losses.frames()), (false, 3));
        assert_eq!(losses.take().collect::<alloc::vec::Vec<_>>(), [(DropReason::TooLong, 3, 150)]);
        assert!(losses.is_empty());
        assert_eq!(losses.take().count(), 0);
    }
}
