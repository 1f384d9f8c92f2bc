//! tokio's time as the engine's.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::Timestamp;

/// Maps `tokio::time::Instant` to [`Timestamp`] and back.
#[derive(Debug)]
pub(super) struct Clock {
    start: Timestamp,
    // Set at the first call, not at construction: only then is it sure that the runtime is
    // there whose clock may be paused.
    base: OnceLock<Instant>,
}

impl Clock {
    /// A clock that stands at `start` when it is first looked at.
    pub(super) fn new(start: Timestamp) -> Self {
        Self {
            start,
            base: OnceLock::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = Instant::now().saturating_duration_since(self.base());
        // Whole milliseconds that have passed; to round up would run ahead of the clock.
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(self.start.as_millis().saturating_add(millis))
    }

    /// The instant from which on `now` is `at` or later.
    pub(super) fn instant(&self, at: Timestamp) -> Instant {
        let until = at.saturating_duration_since(self.start);
        // A timeout far beyond what an Instant can hold is never reached anyway.
        let far = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        let base = self.base();
        base.checked_add(until.min(far)).unwrap_or(base)
    }

    fn base(&self) -> Instant {
        *self.base.get_or_init(Instant::now)
    }
}
