//! The embedded service as its user sees it.

use std::fmt;
use std::sync::Arc;

use workbeat::service::WorkflowExecution;

use super::builder::LocalServiceBuilder;
use super::error::LocalError;
use super::handle::ActivityHandle;
use super::shared::Shared;
use super::start::StartActivity;
use crate::engine::{CountPendingActivityTasks, Fault, HistoryEvent, Operation};

/// A service that follows Amazon SWF's rules, in this process.
///
/// A worker runs against it as against SWF; a test, or a small application, starts
/// activities on it and watches them. Cloning gives another handle to the same service.
///
/// # Time
///
/// It goes by tokio's time, to the millisecond, so a test whose time is paused is exact. It
/// has no task of its own: whoever waits for something ([`ActivityHandle::outcome`], a
/// heartbeat, a worker's poll) lets its time pass, and every call first catches up. It can
/// be made without a runtime; its clock starts with its first use.
///
/// # Several workers, several services
///
/// Any number of workers can poll one service, each with a clone of it; a task goes to one
/// of them. Services share nothing, so each test can have its own.
///
/// ```
/// use workbeat_local::{LocalService, StartActivity};
///
/// let service = LocalService::new();
/// let start = StartActivity::new("pack", "1.0").task_list("files");
/// service.clone().start(start)?;
/// assert_eq!(service.pending("files")?, 1);
/// assert_eq!(LocalService::new().pending("files")?, 0);
/// # Ok::<(), workbeat_local::LocalError>(())
/// ```
#[derive(Clone)]
pub struct LocalService {
    pub(super) shared: Arc<Shared>,
}

impl LocalService {
    /// A service with one domain, where activities can be started before their types are
    /// registered.
    #[must_use]
    pub fn new() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "SWF takes the usual domain name, and nothing else can be wrong"
        )]
        Self::builder()
            .build()
            .expect("SWF takes the usual domain name")
    }

    /// A service that differs from the usual one.
    pub fn builder() -> LocalServiceBuilder {
        LocalServiceBuilder::default()
    }

    pub(super) fn over(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The domain's name.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.shared.domain
    }

    /// Starts an activity, in a workflow execution around it.
    ///
    /// # Errors
    ///
    /// [`NotScheduled`](super::LocalErrorKind::NotScheduled) with SWF's cause, and
    /// [`Invalid`](super::LocalErrorKind::Invalid) if a name, an input or a timeout is not
    /// what SWF takes.
    pub fn start(&self, activity: StartActivity) -> Result<ActivityHandle, LocalError> {
        activity.start(&self.shared)
    }

    /// How many tasks wait in a task list for a worker.
    ///
    /// # Errors
    ///
    /// [`Invalid`](super::LocalErrorKind::Invalid) if SWF would not take the name.
    pub fn pending(&self, task_list: impl Into<String>) -> Result<usize, LocalError> {
        let (domain, task_list) = (self.shared.domain.clone(), task_list.into());
        Ok(self
            .apply(CountPendingActivityTasks { domain, task_list })?
            .count)
    }

    /// The history of a workflow execution, in order; empty if there is none such.
    #[must_use]
    pub fn history(&self, workflow: &WorkflowExecution) -> Vec<HistoryEvent> {
        self.shared.history(&workflow.run_id)
    }

    /// Applies any of the engine's operations, for what has no method of its own.
    ///
    /// A poll does not belong here: if it parks, the task that it gets goes to nobody. Poll
    /// through [`ActivityService`](workbeat::service::ActivityService).
    ///
    /// # Errors
    ///
    /// SWF's own [`Fault`].
    ///
    /// ```
    /// use workbeat::service::ActivityType;
    /// use workbeat_local::LocalService;
    /// use workbeat_local::engine::DescribeActivityType;
    ///
    /// let service = LocalService::new();
    /// let describe = DescribeActivityType {
    ///     domain: service.domain().to_owned(),
    ///     activity_type: ActivityType::new("pack", "1.0"),
    /// };
    /// let fault = service.apply(describe).unwrap_err();
    /// assert_eq!(fault.message(), "Unknown type: ActivityType=[name=pack, version=1.0]");
    /// ```
    pub fn apply<O: Operation>(&self, operation: O) -> Result<O::Answer, Fault> {
        self.shared
            .with(|state, now| state.engine.apply(operation, now))
    }
}

impl Default for LocalService {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalService")
            .field("domain", &self.shared.domain)
            .finish_non_exhaustive()
    }
}
