//! What the framework asks of a service.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{
    ActivityTask, ActivityTypeRegistration, PreviousAttempt, ServiceCapabilities, ServiceError,
    ServiceLimits, TaskTimeouts, TaskToken,
};

/// An orchestration service, as an activity worker needs it.
///
/// Implement this to run activities against a service of your own. The worker brings the
/// retries and the backoff, and the timeouts of all calls but polls: an implementation makes
/// **one** request a call and says honestly what came of it.
///
/// A service that holds a single task and takes every answer:
///
/// ```
/// use std::sync::Mutex;
///
/// use workbeat::service::{
///     ActivityService, ActivityTask, HeartbeatAnswer, PollRequest, ServiceError,
///     ServiceErrorKind, TaskToken, async_trait,
/// };
///
/// struct Single(Mutex<Option<ActivityTask>>);
///
/// #[async_trait]
/// impl ActivityService for Single {
///     async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
///         let task = self.0.lock().unwrap().take();
///         if task.is_none() {
///             request.withdraw.cancelled().await; // a long poll; this one loses nothing
///         }
///         Ok(task)
///     }
///
///     async fn heartbeat(
///         &self,
///         token: &TaskToken,
///         _details: Option<&str>,
///     ) -> Result<HeartbeatAnswer, ServiceError> {
///         if token.expose() == "the only one" {
///             return Ok(HeartbeatAnswer::new(false));
///         }
///         let message = "there is no such task";
///         Err(ServiceError::new(ServiceErrorKind::TaskClosed, message))
///     }
///
///     async fn complete(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
///         Ok(())
///     }
///
///     async fn fail(
///         &self,
///         _: &TaskToken,
///         _reason: Option<&str>,
///         _details: Option<&str>,
///     ) -> Result<(), ServiceError> {
///         Ok(())
///     }
///
///     async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
///         Ok(())
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// The worker drops the future of [`heartbeat`](Self::heartbeat),
/// [`complete`](Self::complete), [`fail`](Self::fail) and [`cancel`](Self::cancel) when a call
/// takes too long, and then treats it as one that may have been applied. It never drops the
/// future of [`poll`](Self::poll) while a clean shutdown is possible, because a service may
/// hand a task to a client that went away.
#[async_trait]
pub trait ActivityService: Send + Sync + 'static {
    /// Waits for one task, for as long as the service holds a poll.
    ///
    /// `None` is an empty poll: there was no work. It is not an error.
    ///
    /// The worker's own loop polls the future, beside the other polls: one that blocks its thread
    /// holds all of them up, and the start of what they bring.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]. The worker backs off and polls again; only an error of the kinds
    /// [`NotPermitted`](super::ServiceErrorKind::NotPermitted),
    /// [`UnknownResource`](super::ServiceErrorKind::UnknownResource) and
    /// [`Invalid`](super::ServiceErrorKind::Invalid) on the very first polls
    /// [ends the run](crate::worker::Worker::run), because then a setting is wrong.
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError>;

    /// Says that a task is alive, with what the activity last reported, if the
    /// [capabilities](ServiceCapabilities::heartbeat_details) say that it can.
    ///
    /// The pacemaker's one task polls the future, beside the other heartbeats: one that blocks its
    /// thread holds all of them up. It is dropped when the task ends meanwhile.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]. [`TaskClosed`](super::ServiceErrorKind::TaskClosed),
    /// [`WorkflowClosed`](super::ServiceErrorKind::WorkflowClosed) and
    /// [`UnknownResource`](super::ServiceErrorKind::UnknownResource) are the service's own word
    /// that nobody waits for this task any more.
    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError>;

    /// Ends a task as completed.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]; one that [is ambiguous](ServiceError::is_ambiguous) may have been
    /// applied.
    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError>;

    /// Ends a task as failed.
    ///
    /// # Errors
    ///
    /// As for [`complete`](Self::complete).
    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError>;

    /// Ends a task as canceled. The worker calls this only after the service asked for it. A service
    /// that [cannot ask](ServiceCapabilities::cancel_requests) is told only by a
    /// [`CompletionClient`](crate::CompletionClient), and should make a failure of it that whoever
    /// waits for the task can tell from others.
    ///
    /// # Errors
    ///
    /// As for [`complete`](Self::complete).
    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError>;

    /// The timeouts that the service holds for a task, where it can be asked.
    ///
    /// A task as polled carries no timeouts, nor how long it waited. The worker asks once for each task, if the
    /// [capabilities](ServiceCapabilities::task_timeouts) say so. Of the heartbeat timeout that
    /// the activity declares and the one told here the shorter counts; a start-to-close timeout
    /// told here holds over a declared one. The default knows nothing.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]; the worker then goes on without.
    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        let _ = task;
        Ok(TaskTimeouts::default())
    }

    /// What the input of a task stands for, where inputs can be kept elsewhere; `None` if it stands
    /// for itself.
    ///
    /// The worker asks for each task with an input that its activity looks at, if the
    /// [capabilities](ServiceCapabilities::stored_inputs) say so, before anything else sees the
    /// input: here and not in [`poll`](Self::poll), so that the task's heartbeats go on and a
    /// cancellation is heard. An answer may take five minutes. The default knows nothing.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]. One that may pass is tried again. Any other fails the task with
    /// [`FailureCode::InputUnavailable`](crate::FailureCode::InputUnavailable), and its sentence is
    /// in the details.
    async fn fetch_input(
        &self,
        task: &ActivityTask,
        input: &str,
    ) -> Result<Option<String>, ServiceError> {
        let _ = (task, input);
        Ok(None)
    }

    /// How the last attempt of the task's activity ended before this one, with what the service
    /// has kept of it; `None` if there was none, or none that can be resumed.
    ///
    /// It is asked only if the worker was [told to](crate::worker::WorkerBuilder::previous_progress),
    /// the [capabilities](ServiceCapabilities::previous_attempts) say that it is known, and an
    /// activity wants it: the activity waits for the answer, and its heartbeats go on meanwhile.
    /// An answer may take a quarter of an hour, as a history can be long and its pages throttled, so
    /// bound each request that it takes. [`PreviousAttemptSearch`](super::PreviousAttemptSearch) finds it in a
    /// history. The default knows nothing.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]. One that may pass is tried again; any other is told to the activity.
    async fn previous_attempt(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        let _ = task;
        Ok(None)
    }

    /// Makes an activity type known to the service, with its defaults.
    ///
    /// A type that is registered already is a success. The default does nothing.
    ///
    /// # Errors
    ///
    /// Any [`ServiceError`]; at start-up one that does not pass
    /// [ends the run](crate::worker::Worker::run), because a type that the service does not know never
    /// brings a task.
    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        let _ = registration;
        Ok(())
    }

    /// What the service is called, in the status and the logs of a worker that has several. The
    /// default is `service`.
    fn name(&self) -> &str {
        "service"
    }

    /// The lengths that this service accepts. The default is Amazon SWF's.
    fn limits(&self) -> ServiceLimits {
        ServiceLimits::default()
    }

    /// In what this service differs beyond the required calls. The default is
    /// [`ServiceCapabilities::default`]: heartbeats as Amazon SWF's are, and none of the calls with a
    /// default here but [`register`](Self::register).
    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default()
    }
}

/// One poll for an activity task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PollRequest {
    /// The task list to poll.
    pub task_list: Arc<str>,
    /// Who polls; the service writes it into its history.
    pub identity: Arc<str>,
    /// Fires when the worker drains and would rather have this poll end.
    ///
    /// A service that can end a long poll **without losing a task** answers what it has at
    /// once. One that cannot (Amazon SWF: a poll that the client gave up may still be handed a
    /// task) ignores this, and the worker waits for the poll.
    pub withdraw: CancellationToken,
}

impl PollRequest {
    /// A poll of `task_list` by `identity`, which is never withdrawn.
    pub fn new(task_list: impl Into<Arc<str>>, identity: impl Into<Arc<str>>) -> Self {
        Self {
            task_list: task_list.into(),
            identity: identity.into(),
            withdraw: CancellationToken::new(),
        }
    }

    /// The same poll, withdrawn when `withdraw` fires.
    #[must_use]
    pub fn withdraw(mut self, withdraw: CancellationToken) -> Self {
        self.withdraw = withdraw;
        self
    }
}

/// What the service says to a heartbeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatAnswer {
    /// Somebody asked for this task to be cancelled.
    pub cancel_requested: bool,
}

impl HeartbeatAnswer {
    /// An answer that does, or does not, ask for cancellation.
    #[must_use]
    pub fn new(cancel_requested: bool) -> Self {
        Self { cancel_requested }
    }
}
