//! What a service can do beyond the required calls, and what it cannot.

/// In what services differ, beyond polling, heartbeating and responding.
///
/// The default is what the required calls of Amazon SWF can do: heartbeats carry details and ask for
/// cancellations. Whatever is asked for in a call of its own, as a task's timeouts are, is left out.
///
/// ```
/// use workbeat::service::ServiceCapabilities;
///
/// // AWS Step Functions: a heartbeat says nothing but that the task is alive, and asks for nothing.
/// let capabilities = ServiceCapabilities::default()
///     .heartbeat_details(false)
///     .cancel_requests(false);
/// assert!(!capabilities.task_timeouts);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceCapabilities {
    /// [`timeouts`](super::ActivityService::timeouts) knows the timeouts of a task, so the
    /// worker should ask. By default it does not.
    pub task_timeouts: bool,
    /// A heartbeat can carry details: what the activity last reported. By default it can. Where
    /// it cannot, reports are seen in the worker's status alone, and heartbeats are given none.
    pub heartbeat_details: bool,
    /// The service can ask for a task to be cancelled, in its
    /// [answer to a heartbeat](super::HeartbeatAnswer::cancel_requested), and be told that it was.
    /// By default it can. Where it cannot, all that stops a task is the service's word that it is
    /// closed; an answer that asks all the same is not heeded, so the worker never calls
    /// [`cancel`](super::ActivityService::cancel).
    pub cancel_requests: bool,
    /// [`fetch_input`](super::ActivityService::fetch_input) knows what an input stands for, so the
    /// worker should ask. By default it does not.
    pub stored_inputs: bool,
    /// [`previous_attempt`](super::ActivityService::previous_attempt) knows how the last attempt of
    /// an activity ended. By default it does not.
    pub previous_attempts: bool,
}

impl Default for ServiceCapabilities {
    fn default() -> Self {
        Self {
            task_timeouts: false,
            stored_inputs: false,
            previous_attempts: false,
            heartbeat_details: true,
            cancel_requests: true,
        }
    }
}

impl ServiceCapabilities {
    /// Whether a task's timeouts can be asked for.
    #[must_use]
    pub fn task_timeouts(mut self, known: bool) -> Self {
        self.task_timeouts = known;
        self
    }

    /// Whether a heartbeat can carry details.
    #[must_use]
    pub fn heartbeat_details(mut self, carried: bool) -> Self {
        self.heartbeat_details = carried;
        self
    }

    /// Whether the service can ask for a cancellation.
    #[must_use]
    pub fn cancel_requests(mut self, made: bool) -> Self {
        self.cancel_requests = made;
        self
    }

    /// Whether an input can stand for one that is kept elsewhere.
    #[must_use]
    pub fn stored_inputs(mut self, known: bool) -> Self {
        self.stored_inputs = known;
        self
    }

    /// Whether it can be asked how the last attempt of an activity ended.
    #[must_use]
    pub fn previous_attempts(mut self, known: bool) -> Self {
        self.previous_attempts = known;
        self
    }
}
