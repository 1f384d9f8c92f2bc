//! Moments and durations in half the memory of an [`Instant`] and a [`Duration`].

use std::num::NonZeroU64;
use std::ops::Add;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// The instant that moments count from: the first that becomes one.
static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// What the origin itself is, in nanoseconds: far from zero, which is no moment, and from the end.
const MIDDLE: u64 = 1 << 62;

/// An instant as a number of nanoseconds, exactly. An `Option` of it takes 8 bytes where one of
/// an [`Instant`] takes 16, and a task in flight has nine of them; to compare two is one
/// instruction.
///
/// What is too far away to be counted with, 146 years, is as far as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Moment {
    const FIRST: Self = Self(NonZeroU64::MIN);

    /// The instant that it is.
    pub(crate) fn instant(self) -> Instant {
        let nanos = self.0.get();
        let origin = *ORIGIN.get_or_init(Instant::now);
        if nanos >= MIDDLE {
            origin + Duration::from_nanos(nanos - MIDDLE)
        } else {
            let before = Duration::from_nanos(MIDDLE - nanos);
            origin.checked_sub(before).unwrap_or(origin)
        }
    }

    /// The time since `earlier`, or nothing if that is later.
    pub(crate) fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }

    /// So much earlier.
    pub(crate) fn before(self, by: Duration) -> Self {
        let nanos = self.0.get().saturating_sub(nanos(by));
        NonZeroU64::new(nanos).map_or(Self::FIRST, Self)
    }
}

impl From<Instant> for Moment {
    fn from(instant: Instant) -> Self {
        let origin = *ORIGIN.get_or_init(|| instant);
        let middle = Self(NonZeroU64::MIN.saturating_add(MIDDLE - 1));
        match instant.checked_duration_since(origin) {
            Some(after) => middle + after,
            None => middle.before(origin.saturating_duration_since(instant)),
        }
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(nanos(by)))
    }
}

/// A duration as a number of nanoseconds: exactly, up to 584 years. Nothing counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nanos(NonZeroU64);

impl Nanos {
    pub(crate) fn duration(self) -> Duration {
        Duration::from_nanos(self.0.get())
    }
}

impl From<Duration> for Nanos {
    fn from(duration: Duration) -> Self {
        Self(NonZeroU64::new(nanos(duration)).unwrap_or(NonZeroU64::MIN))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_its_instant_to_the_nanosecond() {
        let now = Instant::now();
        let step = Duration::new(86_400, 1);
        for instant in [now, now + step, now + step * 3_650] {
            assert_eq!(Moment::from(instant).instant(), instant);
            let moment = Moment::from(instant);
            assert_eq!((moment + step).instant(), instant + step);
            assert_eq!((moment + step).before(step), moment);
            assert_eq!((moment + step).saturating_since(moment), step);
            assert_eq!(moment.saturating_since(moment + step), Duration::ZERO);
        }
        let earlier = Moment::from(now).before(Duration::from_nanos(1));
        assert_eq!(earlier.instant() + Duration::from_nanos(1), now);
    }

    #[test]
    fn what_is_too_far_away_is_as_far_as_can_be() {
        let now = Moment::from(Instant::now());
        assert!(now + Duration::MAX > now);
        assert!(now.before(Duration::MAX) < now);
        assert_eq!(size_of::<Option<Moment>>(), 8);
    }

    #[test]
    fn a_duration_is_the_same_to_the_nanosecond_but_for_nothing() {
        for duration in [Duration::from_nanos(1), Duration::new(86_400 * 3_650, 1)] {
            assert_eq!(Nanos::from(duration).duration(), duration);
        }
        let nothing = Nanos::from(Duration::ZERO).duration();
        assert_eq!(nothing, Duration::from_nanos(1));
        assert_eq!(size_of::<Option<Nanos>>(), 8);
    }
}
