//! How often one task heartbeats.

use std::time::Duration;

use crate::moment::Nanos;
use crate::service::Timeout;
use crate::time::bounded;

/// The longest interval that is derived from a timeout. A cancellation comes with the answer
/// to a heartbeat and no other way, so a timeout of hours must not make it wait for hours.
const LONGEST_DERIVED: Duration = Duration::from_secs(60);

/// The shortest interval that is derived from a timeout. A service that tells a timeout of next
/// to nothing must not be flooded.
const SHORTEST_DERIVED: Duration = Duration::from_millis(10);

/// The longest that one heartbeat call may take before it is given up.
const LONGEST_CALL: Duration = Duration::from_secs(10);

/// The cadence of one task's heartbeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    interval: Nanos,
    timeout: Option<Nanos>,
    jitter: bool,
}

impl Pace {
    /// The interval declared, else a third of the timeout, else `default`.
    ///
    /// A declared interval that is too long for the timeout, as it can turn out when the
    /// service is asked, gives way to a third of it.
    pub(crate) fn new(
        declared: Option<Duration>,
        timeout: Option<Timeout>,
        default: Duration,
    ) -> Self {
        let timeout = timeout.and_then(Timeout::duration).map(bounded);
        let third = timeout.map(|timeout| (timeout / 3).clamp(SHORTEST_DERIVED, LONGEST_DERIVED));
        let fits = |interval: &Duration| timeout.is_none_or(|timeout| *interval < timeout);
        match (declared.map(bounded).filter(fits), third) {
            (Some(interval), _) => Self::fixed(interval, timeout),
            (None, Some(interval)) => Self {
                jitter: true,
                ..Self::fixed(interval, timeout)
            },
            (None, None) => Self::fixed(bounded(default), timeout),
        }
    }

    /// Exactly so, without jitter.
    pub(crate) fn fixed(interval: Duration, timeout: Option<Duration>) -> Self {
        Self {
            interval: interval.into(),
            timeout: timeout.map(Nanos::from),
            jitter: false,
        }
    }

    /// The longest time between two heartbeats.
    pub(crate) fn interval(&self) -> Duration {
        self.interval.duration()
    }

    /// The heartbeat timeout, if one is known.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Nanos::duration)
    }

    /// Whether intervals are drawn from the upper fifth, so that tasks spread out.
    pub(crate) fn has_jitter(&self) -> bool {
        self.jitter
    }

    /// The time from one heartbeat to the next.
    pub(crate) fn next_interval(&self, random: &mut fastrand::Rng) -> Duration {
        #[cfg(workbeat_seeded_faults)]
        if crate::seeded_faults::SeededFault::BeatsSlowly.is_planted() {
            return self.interval() * 4;
        }
        if self.jitter {
            self.interval().mul_f64(0.8 + random.f64() / 5.0)
        } else {
            self.interval()
        }
    }

    /// The wait after the `failures`-th failure in a row: short at first, never longer than an
    /// interval.
    pub(crate) fn retry_delay(&self, failures: u32, random: &mut fastrand::Rng) -> Duration {
        let first = (self.interval() / 16).clamp(Duration::from_millis(10), Duration::from_secs(1));
        let whole = first
            .saturating_mul(1 << (failures.saturating_sub(1)).min(16))
            .min(self.interval());
        whole.mul_f64(0.5 + random.f64() / 2.0)
    }

    /// How long one call may take. A call that hangs must not hold up the next, but a short
    /// interval must not cut off every call of a distant service.
    pub(crate) fn call_timeout(&self) -> Duration {
        let patience = self
            .timeout()
            .map_or(Duration::from_secs(1), |timeout| timeout / 3)
            .min(Duration::from_secs(1));
        self.interval().max(patience).min(LONGEST_CALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Duration = Duration::from_secs(10);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_declared_interval_is_taken_as_it_is() {
        let declared = Duration::from_millis(50);
        let pace = Pace::new(Some(declared), Some(seconds(2).into()), DEFAULT);
        assert_eq!((pace.interval(), pace.jitter), (declared, false));
    }

    #[test]
    fn a_timeout_alone_gives_a_jittered_third_of_it() {
        let pace = Pace::new(None, Some(seconds(30).into()), DEFAULT);
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..100 {
            let interval = pace.next_interval(&mut random);
            assert!(interval <= seconds(10) && interval >= seconds(8));
        }
    }

    #[test]
    fn without_any_timeout_the_default_applies() {
        assert_eq!(Pace::new(None, None, DEFAULT).interval(), DEFAULT);
        let none = Pace::new(None, Some(Timeout::None), DEFAULT);
        assert_eq!((none.interval(), none.timeout()), (DEFAULT, None));
    }

    #[test]
    fn a_timeout_of_hours_does_not_make_a_cancellation_wait_for_hours() {
        assert_eq!(
            Pace::new(None, Some(seconds(36_000).into()), DEFAULT).interval(),
            seconds(60)
        );
    }

    #[test]
    fn an_interval_longer_than_the_timeout_gives_way() {
        let pace = Pace::new(Some(seconds(20)), Some(seconds(15).into()), DEFAULT);
        assert_eq!((pace.interval(), pace.jitter), (seconds(5), true));
    }

    #[test]
    fn a_hanging_call_leaves_time_for_two_more_before_the_timeout() {
        for timeout in [1, 2, 3, 10, 30, 60] {
            let pace = Pace::new(None, Some(seconds(timeout).into()), DEFAULT);
            assert!(
                pace.interval() + pace.call_timeout() < seconds(timeout),
                "{timeout} s"
            );
        }
    }

    #[test]
    fn a_timeout_that_means_never_can_be_counted_with() {
        let pace = Pace::new(
            Some(Duration::MAX),
            Some(Duration::MAX.into()),
            Duration::MAX,
        );
        let now = tokio::time::Instant::now();
        let mut random = fastrand::Rng::with_seed(1);
        assert!(now + pace.next_interval(&mut random) > now);
        assert!(now + pace.timeout().unwrap() * 3 / 4 > now);
        assert!(pace.retry_delay(u32::MAX, &mut random) > Duration::ZERO);
    }

    #[test]
    fn a_short_interval_leaves_a_call_the_time_to_come_back() {
        let pace = Pace::new(
            Some(Duration::from_millis(50)),
            Some(seconds(30).into()),
            DEFAULT,
        );
        assert_eq!(pace.call_timeout(), seconds(1));
    }
}
