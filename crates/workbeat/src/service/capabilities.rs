//! What a service can do beyond the required calls.

/// What a service can do beyond polling, heartbeating and responding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceCapabilities {
    /// [`timeouts`](super::ActivityService::timeouts) knows the timeouts of a task, so the
    /// worker should ask.
    pub task_timeouts: bool,
}

impl ServiceCapabilities {
    /// Whether a task's timeouts can be asked for.
    #[must_use]
    pub fn task_timeouts(mut self, known: bool) -> Self {
        self.task_timeouts = known;
        self
    }
}
