//! Activities that are alike.

use std::time::Duration;

/// The longest interval that a worker derives from a heartbeat timeout.
const LONGEST: Duration = Duration::from_secs(60);

/// The shortest one.
const SHORTEST: Duration = Duration::from_millis(10);

/// What is left of an interval that is shortened as far as can be.
const EARLIEST: f64 = 0.8;

/// A worker shortens each interval by up to a fifth, so that tasks spread out: this is what is left of
/// it on average.
const MEAN: f64 = 0.9;

/// So many activities with the same heartbeat timeout, all running at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// What a person calls them.
    pub(crate) name: Option<String>,
    /// How many run at once.
    pub(crate) activities: u64,
    /// Their heartbeat timeout, which is not zero.
    pub(crate) timeout: Duration,
}

impl Group {
    /// The longest time from one heartbeat to the next where the quota does not matter.
    ///
    /// It is what a worker does with a timeout, and held to that by a test against one.
    pub(crate) fn interval(&self) -> Duration {
        (self.timeout / 3).clamp(SHORTEST, LONGEST)
    }

    /// The same on average, in seconds.
    pub(super) fn mean_interval(&self) -> f64 {
        self.interval().as_secs_f64() * MEAN
    }

    /// Whether activities that last so long are surely over before their first heartbeat.
    pub(super) fn is_silent(&self, duration: Duration) -> bool {
        duration.as_secs_f64() < self.interval().as_secs_f64() * EARLIEST
    }

    /// Heartbeats a second of all of them at their normal interval.
    pub(crate) fn demand(&self) -> f64 {
        self.activities as f64 / self.mean_interval()
    }

    /// Heartbeats a second without which one of them is lost.
    pub(crate) fn need(&self) -> f64 {
        self.activities as f64 / self.timeout.as_secs_f64()
    }

    /// From this stretch on the interval is longer than normal.
    pub(super) fn threshold(&self) -> f64 {
        self.mean_interval() / self.timeout.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_a_third_of_the_timeout_and_a_minute_at_most() {
        for (timeout, interval) in [(1, 333), (30, 10_000), (180, 60_000), (36_000, 60_000)] {
            let group = Group {
                name: None,
                activities: 1,
                timeout: Duration::from_secs(timeout),
            };
            assert_eq!(group.interval().as_millis(), interval, "{timeout} s");
        }
    }
}
