//! Durations that can be added to a moment.

use std::time::Duration;

/// The longest duration that the framework counts with: ten years, ten times what Amazon SWF
/// takes. What is longer, such as [`Duration::MAX`] for "never", means the same.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// So many seconds, or as many as can be counted with.
pub(crate) fn from_seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(LONGEST, bounded)
}

/// `duration`, or the longest that can be added to any moment without overflow.
pub(crate) fn bounded(duration: Duration) -> Duration {
    duration.min(LONGEST)
}
