//! What the metrics keep of one task, in 8 bytes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What is kept of a task until it ends.
#[derive(Debug)]
pub(crate) struct TaskMetrics {
    /// The number of its type in the worker.
    pub(super) of_type: u32,
    /// When its cancellation was requested, in milliseconds since it came and counted from one;
    /// zero if it was not.
    requested: AtomicU32,
}

impl TaskMetrics {
    pub(super) fn new(of_type: u32) -> Self {
        Self {
            of_type,
            requested: AtomicU32::new(0),
        }
    }

    /// Notes that the cancellation was requested, at this age of the task.
    pub(super) fn note_request(&self, age: Duration) {
        // Up to 49 days.
        let age = u32::try_from(age.as_millis()).unwrap_or(u32::MAX);
        let _ = self.requested.compare_exchange(
            0,
            age.saturating_add(1),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    /// How long ago that was, at this age of the task.
    pub(super) fn since_request(&self, age: Duration) -> Option<Duration> {
        let requested = self.requested.load(Ordering::Relaxed).checked_sub(1)?;
        Some(age.saturating_sub(Duration::from_millis(requested.into())))
    }
}
