//! How an activity ended.

use std::fmt;

use serde::de::DeserializeOwned;

use super::error::{LocalError, LocalErrorKind};
use crate::engine::{ActivityTaskTimeoutType, EventAttributes, HistoryEvent, Payload};

/// How an activity ended, as the history has it.
///
/// `Debug` and `Display` show no payload.
///
/// ```
/// # use workbeat::service::{ActivityService, PollRequest};
/// # use workbeat_local::{ActivityOutcome, LocalService, StartActivity};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let service = LocalService::new();
/// # let start = StartActivity::new("pack", "1.0").task_list("files");
/// let activity = service.start(start)?;
/// # let task = service.poll(PollRequest::new("files", "me")).await?.expect("a task");
/// # service.complete(&task.token, Some("7")).await?;
/// match activity.outcome().await {
///     outcome @ ActivityOutcome::Completed { .. } => assert_eq!(outcome.result::<u32>()?, 7),
///     other => panic!("the activity {other}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActivityOutcome {
    /// The worker completed it.
    #[non_exhaustive]
    Completed {
        /// What came of it.
        result: Option<Payload>,
    },
    /// The worker failed it.
    #[non_exhaustive]
    Failed {
        /// Why, in a word that a decider can branch on.
        reason: Option<String>,
        /// Why, at length.
        details: Option<Payload>,
    },
    /// It was canceled: acknowledged by the worker, or closed before one took it.
    #[non_exhaustive]
    Canceled {
        /// What the worker says of it.
        details: Option<Payload>,
        /// Whether somebody had asked for it. SWF wants no other cancellation.
        requested: bool,
    },
    /// One of its timeouts passed.
    #[non_exhaustive]
    TimedOut {
        /// Which one.
        timeout_type: ActivityTaskTimeoutType,
        /// What the last heartbeat carried.
        details: Option<Payload>,
    },
    /// Its workflow execution was closed over it.
    #[non_exhaustive]
    WorkflowClosed {
        /// The event that closed the execution, such as `WorkflowExecutionTerminated`.
        event_type: &'static str,
    },
}

impl ActivityOutcome {
    /// The outcome that a closing event records.
    pub(super) fn of(event: &HistoryEvent) -> Self {
        match &event.attributes {
            EventAttributes::ActivityTaskCompleted(completed) => Self::Completed {
                result: completed.result.clone(),
            },
            EventAttributes::ActivityTaskFailed(failed) => Self::Failed {
                reason: failed.reason.as_deref().map(str::to_owned),
                details: failed.details.clone(),
            },
            EventAttributes::ActivityTaskCanceled(canceled) => Self::Canceled {
                details: canceled.details.clone(),
                requested: canceled.latest_cancel_requested_event_id.is_some(),
            },
            EventAttributes::ActivityTaskTimedOut(timed_out) => Self::TimedOut {
                timeout_type: timed_out.timeout_type,
                details: timed_out.details.clone(),
            },
            closed => Self::WorkflowClosed {
                event_type: closed.event_type(),
            },
        }
    }

    /// What was said beside the outcome: of a failure, a cancellation or a timeout.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        let details = match self {
            Self::Failed { details, .. }
            | Self::Canceled { details, .. }
            | Self::TimedOut { details, .. } => details.as_ref(),
            Self::Completed { .. } | Self::WorkflowClosed { .. } => None,
        };
        details.map(Payload::as_str)
    }

    /// The reason of a failure.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }

    /// The result of a completed activity as it was sent, if there is one.
    #[must_use]
    pub fn raw_result(&self) -> Option<&str> {
        match self {
            Self::Completed { result } => result.as_ref().map(Payload::as_str),
            _ => None,
        }
    }

    /// The result of a completed activity, read from JSON; no result reads as `null`.
    ///
    /// # Errors
    ///
    /// [`NotCompleted`](LocalErrorKind::NotCompleted) if the activity ended otherwise, and
    /// [`Json`](LocalErrorKind::Json) if the result is not what `T` wants.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, LocalError> {
        let Self::Completed { result } = self else {
            let message = format!("there is no result: the activity {self}");
            return Err(LocalError::new(LocalErrorKind::NotCompleted, message));
        };
        let json = result.as_ref().map_or("null", Payload::as_str);
        serde_json::from_str(json).map_err(|error| LocalError::json("the result", error))
    }
}

impl fmt::Display for ActivityOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed { .. } => f.write_str("completed"),
            Self::Failed { reason: None, .. } => f.write_str("failed"),
            Self::Failed {
                reason: Some(reason),
                ..
            } => write!(f, "failed: {reason}"),
            Self::Canceled { .. } => f.write_str("was canceled"),
            Self::TimedOut { timeout_type, .. } => write!(f, "timed out: {timeout_type}"),
            Self::WorkflowClosed { event_type } => {
                write!(f, "was closed with its workflow: {event_type}")
            }
        }
    }
}
