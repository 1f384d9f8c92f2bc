//! How long to wait before something is tried again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::time::bounded;

/// A jittered exponential backoff: the wait doubles from `min` to `max`, and each is drawn
/// from the upper half of that, so that many workers do not come back at once.
///
/// ```
/// use std::time::Duration;
/// use workbeat::Backoff;
///
/// let backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    min: Duration,
    max: Duration,
}

impl Backoff {
    /// From `min` up to `max`. Neither may be zero, nor `max` be less than `min`.
    #[must_use]
    pub const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }

    /// The longest wait.
    #[must_use]
    pub fn max(&self) -> Duration {
        self.max
    }

    /// The shortest wait.
    #[must_use]
    pub fn min(&self) -> Duration {
        self.min
    }

    /// A fresh row of waits.
    pub(crate) fn delays(&self) -> Delays {
        Delays {
            exponential: ExponentialBuilder::default()
                .with_min_delay(bounded(self.min))
                .with_max_delay(bounded(self.max))
                .without_max_times()
                .build(),
            max: bounded(self.max),
        }
    }
}

/// Endless waits, each longer than the one before, up to the longest.
#[derive(Debug)]
pub(crate) struct Delays {
    exponential: ExponentialBackoff,
    max: Duration,
}

impl Delays {
    /// The next wait.
    pub(crate) fn next(&mut self, random: &mut fastrand::Rng) -> Duration {
        let whole = self.exponential.next().unwrap_or(self.max).min(self.max);
        whole.mul_f64(0.5 + random.f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_stay_within_their_upper_half() {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let mut delays = backoff.delays();
        let mut random = fastrand::Rng::with_seed(7);
        for whole in [100, 200, 400, 800, 1_000, 1_000, 1_000] {
            let delay = delays.next(&mut random);
            let whole = Duration::from_millis(whole);
            assert!(
                delay >= whole / 2 && delay <= whole,
                "{delay:?} of {whole:?}"
            );
        }
    }
}
