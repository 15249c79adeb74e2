//! Points in time, as the caller measures them.

use core::fmt;
use core::ops::Add;
use core::time::Duration;

/// Nanoseconds since a moment that the caller chose, and that must be the same in all calls
/// on one switch. No crate below the runner reads a clock: time is an argument.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The chosen moment itself.
    pub const ZERO: Self = Self(0);

    /// That many nanoseconds after the chosen moment (which is good for 584 years).
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// That many milliseconds after the chosen moment.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// That many seconds after the chosen moment.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds since the chosen moment.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it is later.
    #[inline]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at the end of time.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}s", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}
