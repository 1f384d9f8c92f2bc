//! What can be set for one activity type.

use std::time::Duration;

use crate::service::{ActivityType, ActivityTypeRegistration, Timeout};

/// The settings of an activity type. Everything is optional.
///
/// The timeouts, the task list and the priority are *defaults of the type*: the worker offers
/// them to the service when it registers the type, and whoever schedules an activity may
/// override them. The heartbeat timeout also tells the worker how often to heartbeat.
///
/// ```
/// use std::time::Duration;
/// use workbeat::ActivityOptions;
///
/// let options = ActivityOptions::new()
///     .description("encodes a video")
///     .heartbeat_timeout(Duration::from_secs(30))
///     .cancel_grace(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivityOptions {
    /// What it does, for people; up to 1,024 characters.
    pub description: Option<String>,
    /// The longest time between two heartbeats before the service gives the task up.
    pub heartbeat_timeout: Option<Timeout>,
    /// How often the worker heartbeats. By default a third of the heartbeat timeout.
    pub heartbeat_interval: Option<Duration>,
    /// How long one attempt may take.
    pub start_to_close_timeout: Option<Timeout>,
    /// How long the task may wait for a worker.
    pub schedule_to_start_timeout: Option<Timeout>,
    /// How long the whole may take, waiting included.
    pub schedule_to_close_timeout: Option<Timeout>,
    /// The task list that tasks of this type go to by default.
    pub task_list: Option<String>,
    /// The default priority; higher first.
    pub priority: Option<i32>,
    /// How long the activity may go on after its cancellation was requested. When it is over,
    /// its future is dropped and the task ends as canceled. It runs from when the service says
    /// that the task is closed too; then no outcome is sent. By default it is never aborted.
    pub cancel_grace: Option<Duration>,
}

impl ActivityOptions {
    /// Nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it does, for people; up to 1,024 characters.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The longest time between two heartbeats before the service gives the task up.
    #[must_use]
    pub fn heartbeat_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.heartbeat_timeout = Some(timeout.into());
        self
    }

    /// How often the worker heartbeats. It must be shorter than the heartbeat timeout.
    #[must_use]
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.heartbeat_interval = Some(interval);
        self
    }

    /// How long one attempt may take.
    #[must_use]
    pub fn start_to_close_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.start_to_close_timeout = Some(timeout.into());
        self
    }

    /// How long the task may wait for a worker.
    #[must_use]
    pub fn schedule_to_start_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.schedule_to_start_timeout = Some(timeout.into());
        self
    }

    /// How long the whole may take, waiting included.
    #[must_use]
    pub fn schedule_to_close_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.schedule_to_close_timeout = Some(timeout.into());
        self
    }

    /// The task list that tasks of this type go to by default.
    #[must_use]
    pub fn task_list(mut self, task_list: impl Into<String>) -> Self {
        self.task_list = Some(task_list.into());
        self
    }

    /// The default priority; higher first.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// How long the activity may go on after its cancellation was requested.
    #[must_use]
    pub fn cancel_grace(mut self, grace: Duration) -> Self {
        self.cancel_grace = Some(grace);
        self
    }

    /// What the service is told of a type with these options.
    pub(crate) fn registration(&self, activity_type: ActivityType) -> ActivityTypeRegistration {
        let mut registration = ActivityTypeRegistration::new(activity_type);
        registration.description.clone_from(&self.description);
        registration.heartbeat_timeout = self.heartbeat_timeout;
        registration.start_to_close_timeout = self.start_to_close_timeout;
        registration.schedule_to_start_timeout = self.schedule_to_start_timeout;
        registration.schedule_to_close_timeout = self.schedule_to_close_timeout;
        registration.task_list.clone_from(&self.task_list);
        registration.priority = self.priority;
        registration
    }
}
