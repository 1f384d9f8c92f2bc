//! A task as polled, and the names and timeouts around it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::TaskToken;

/// One activity task, as a poll brought it.
///
/// `Debug` shows everything but the input and the token.
#[derive(Clone)]
#[non_exhaustive]
pub struct ActivityTask {
    /// Names this task to the service.
    pub token: TaskToken,
    /// What the decider calls this activity, unique among those open in its workflow.
    pub activity_id: Arc<str>,
    /// Which activity to run.
    pub activity_type: ActivityType,
    /// The workflow that waits for it.
    pub workflow: WorkflowExecution,
    /// The history's ActivityTaskStarted event.
    pub started_event_id: i64,
    /// What the decider passed in, if anything.
    pub input: Option<String>,
}

impl ActivityTask {
    /// A task without input.
    pub fn new(
        token: TaskToken,
        activity_id: impl Into<Arc<str>>,
        activity_type: ActivityType,
        workflow: WorkflowExecution,
        started_event_id: i64,
    ) -> Self {
        Self {
            token,
            activity_id: activity_id.into(),
            activity_type,
            workflow,
            started_event_id,
            input: None,
        }
    }

    /// The same task with `input`.
    #[must_use]
    pub fn with_input(mut self, input: impl Into<String>) -> Self {
        self.input = Some(input.into());
        self
    }
}

impl fmt::Debug for ActivityTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityTask")
            .field("token", &self.token)
            .field("activity_id", &self.activity_id)
            .field("activity_type", &self.activity_type)
            .field("workflow", &self.workflow)
            .field("started_event_id", &self.started_event_id)
            .field("input", &super::text::Redacted(self.input.as_deref()))
            .finish()
    }
}

/// The name and version of an activity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ActivityType {
    /// Up to 256 characters.
    pub name: Arc<str>,
    /// Up to 64 characters.
    pub version: Arc<str>,
}

impl ActivityType {
    /// The activity `name` in `version`.
    pub fn new(name: impl Into<Arc<str>>, version: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }
}

impl fmt::Display for ActivityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// One run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct WorkflowExecution {
    /// The name that whoever started the workflow gave it.
    pub workflow_id: Arc<str>,
    /// The service's name of this run of it.
    pub run_id: Arc<str>,
}

impl WorkflowExecution {
    /// The run `run_id` of the workflow `workflow_id`.
    pub fn new(workflow_id: impl Into<Arc<str>>, run_id: impl Into<Arc<str>>) -> Self {
        Self {
            workflow_id: workflow_id.into(),
            run_id: run_id.into(),
        }
    }
}

/// How long something may take: a duration, or without limit (`NONE` in Amazon SWF).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Timeout {
    /// It ends after this long.
    After(Duration),
    /// It never ends by itself.
    None,
}

impl Timeout {
    /// The duration, if there is a limit.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        match self {
            Self::After(duration) => Some(duration),
            Self::None => None,
        }
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self::After(duration)
    }
}

/// The timeouts that a service holds for one task, where it knows them.
///
/// A field that is `None` is not known. A known absence of a limit is [`Timeout::None`].
///
/// ```
/// use std::time::Duration;
/// use workbeat::service::{TaskTimeouts, Timeout};
///
/// let known = TaskTimeouts::default()
///     .heartbeat(Duration::from_secs(30))
///     .start_to_close(Timeout::None);
/// assert_eq!(known.heartbeat.and_then(Timeout::duration), Some(Duration::from_secs(30)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskTimeouts {
    /// The longest time between two heartbeats.
    pub heartbeat: Option<Timeout>,
    /// How long the task may take, counted from its start. A service that also limits the time
    /// since the task was scheduled says here what is left of that, if it is less.
    pub start_to_close: Option<Timeout>,
    /// How long the task waited in its task list, from when it was scheduled until it started.
    /// No timeout, but known in the same place; the worker's metrics show it.
    pub waited: Option<Duration>,
}

impl TaskTimeouts {
    /// With this heartbeat timeout.
    #[must_use]
    pub fn heartbeat(mut self, timeout: impl Into<Timeout>) -> Self {
        self.heartbeat = Some(timeout.into());
        self
    }

    /// With this limit from start to close.
    #[must_use]
    pub fn start_to_close(mut self, timeout: impl Into<Timeout>) -> Self {
        self.start_to_close = Some(timeout.into());
        self
    }

    /// After this wait in the task list.
    #[must_use]
    pub fn waited(mut self, waited: Duration) -> Self {
        self.waited = Some(waited);
        self
    }
}
