//! How long a heartbeat's call takes, and how often it fails.

use std::time::Duration;

/// A timer's own grain, which is always allowed for.
const GRAIN: Duration = Duration::from_millis(2);

/// How much one call weighs in what is known of failures.
const WEIGHT: f64 = 1.0 / 64.0;

/// However many calls fail, at least this part is counted as useful: in an outage no stretch
/// helps.
pub(super) const LEAST_USEFUL: f64 = 0.5;

/// Smoothed as TCP smooths its round trip (RFC 6298), but the first answer is trusted more.
#[derive(Debug, Default)]
pub(super) struct Latency {
    /// Mean and deviation, in seconds.
    smoothed: Option<(f64, f64)>,
    failing: f64,
}

impl Latency {
    /// A call was answered after `took`.
    pub(super) fn answered(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        let (mean, deviation) = self.smoothed.unwrap_or((took, took / 8.0));
        let deviation = deviation * 0.75 + (took - mean).abs() * 0.25;
        self.smoothed = Some((mean * 0.875 + took * 0.125, deviation));
    }

    /// A call failed or did not.
    pub(super) fn failed(&mut self, failed: bool) {
        self.failing += (f64::from(u8::from(failed)) - self.failing) * WEIGHT;
    }

    /// How long a call takes at most, nearly always; none before the first answer.
    pub(super) fn longest(&self) -> Option<Duration> {
        let (mean, deviation) = self.smoothed?;
        Some(Duration::from_secs_f64(mean + 4.0 * deviation))
    }

    /// What a heartbeat must be ahead of its deadline by.
    pub(super) fn margin(&self) -> Duration {
        self.longest().unwrap_or(Duration::ZERO) + GRAIN
    }

    /// The part of all calls that is of use.
    pub(super) fn useful(&self) -> f64 {
        // A few per cent are what every network has; below that it is not worth a stretch.
        if self.failing < 0.02 {
            1.0
        } else {
            (1.0 - self.failing).max(LEAST_USEFUL)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_latency_is_soon_known_well() {
        let mut latency = Latency::default();
        assert_eq!(latency.longest(), None);
        for _ in 0..50 {
            latency.answered(Duration::from_millis(100));
        }
        let longest = latency.longest().unwrap();
        assert!(longest < Duration::from_millis(105), "{longest:?}");
    }

    #[test]
    fn failures_are_learned_and_forgotten() {
        let mut latency = Latency::default();
        for _ in 0..500 {
            latency.failed(true);
        }
        assert_eq!(latency.useful(), LEAST_USEFUL);
        for _ in 0..500 {
            latency.failed(false);
        }
        assert_eq!(latency.useful(), 1.0);
    }
}
