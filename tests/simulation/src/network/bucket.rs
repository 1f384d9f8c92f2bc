//! The service's throttle.

use std::time::Duration;

use crate::plan::Bucket;

/// A token bucket with what is in it.
#[derive(Debug)]
pub(super) struct Filled {
    bucket: Bucket,
    tokens: f64,
    at: Duration,
}

impl Filled {
    pub(super) fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            tokens: bucket.burst,
            at: Duration::ZERO,
        }
    }

    /// Takes a token, if there is one at `now`.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed * self.bucket.rate).min(self.bucket.burst);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_its_burst_and_then_its_rate() {
        let mut filled = Filled::new(Bucket {
            rate: 2.0,
            burst: 5.0,
        });
        let mut taken = |millis, tries: usize| {
            let now = Duration::from_millis(millis);
            (0..tries).filter(|_| filled.take(now)).count()
        };
        assert_eq!(taken(0, 10), 5);
        assert_eq!(taken(1_000, 10), 2);
        assert_eq!(taken(60_000, 10), 5);
    }
}
