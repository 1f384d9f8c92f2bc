//! What can go wrong for a caller of the in-process service.

use std::error::Error;
use std::fmt;
use std::iter;

use workbeat::service::{ServiceError, ServiceErrorKind, WorkflowExecution};

use crate::engine::{Fault, FaultKind, Resource, ScheduleActivityTaskFailedCause};

/// Why a call of the embedded service did not do what it was asked for.
///
/// Its [`kind`](Self::kind) is for code, its text for a person: it says how to mend it.
///
/// ```
/// use workbeat_local::engine::ScheduleActivityTaskFailedCause;
/// use workbeat_local::{LocalErrorKind, LocalService, StartActivity};
///
/// let service = LocalService::builder().auto_register(false).build()?;
/// let error = service.start(StartActivity::new("pack", "1.0")).unwrap_err();
/// let cause = ScheduleActivityTaskFailedCause::ActivityTypeDoesNotExist;
/// assert_eq!(error.kind(), LocalErrorKind::NotScheduled(cause));
/// assert!(error.to_string().contains("register the activity type first"));
/// # Ok::<(), workbeat_local::LocalError>(())
/// ```
pub struct LocalError {
    kind: LocalErrorKind,
    message: String,
    workflow: Option<WorkflowExecution>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`LocalError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LocalErrorKind {
    /// The activity was not scheduled, for this cause; the history has it too.
    NotScheduled(ScheduleActivityTaskFailedCause),
    /// The activity is closed.
    ActivityClosed,
    /// The workflow execution is closed.
    WorkflowClosed,
    /// The activity did not complete, so there is no result.
    NotCompleted,
    /// A value could not be turned into JSON, or JSON into a value.
    Json,
    /// A text is too long, a name is not allowed, a timeout is too large.
    Invalid,
    /// One of SWF's quotas is used up.
    LimitExceeded,
}

impl LocalError {
    pub(super) fn new(kind: LocalErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            workflow: None,
            source: None,
        }
    }

    pub(super) fn json(what: &str, source: serde_json::Error) -> Self {
        let error = Self::new(LocalErrorKind::Json, format!("{what} and JSON do not fit"));
        Self {
            source: Some(source.into()),
            ..error
        }
    }

    pub(super) fn not_scheduled(cause: ScheduleActivityTaskFailedCause) -> Self {
        use ScheduleActivityTaskFailedCause as Cause;
        let mend = match cause {
            Cause::ActivityTypeDoesNotExist => {
                "register the activity type first, by a worker or by `register`, or let the \
                 service do it: `auto_register(true)`"
            }
            Cause::ActivityTypeDeprecated => "start another version of the activity",
            Cause::ActivityIdAlreadyInUse => {
                "an open activity of this workflow has this activity id; leave out \
                 `activity_id`, or start it in another workflow"
            }
            Cause::OpenActivitiesLimitExceeded => {
                "a workflow has at most 1,000 open activities; leave out `workflow_id`, and \
                 each activity gets a workflow of its own"
            }
            Cause::DefaultTaskListUndefined => {
                "name a `task_list` in the start, or as the default of the activity type"
            }
            _ => {
                "give this timeout in the start, or as the default of the activity type \
                 (`Timeout::None` is a timeout too)"
            }
        };
        Self::new(
            LocalErrorKind::NotScheduled(cause),
            format!("not scheduled, {cause}: {mend}"),
        )
    }

    pub(super) fn in_workflow(self, workflow: WorkflowExecution) -> Self {
        Self {
            workflow: Some(workflow),
            ..self
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> LocalErrorKind {
        self.kind
    }

    /// The workflow in whose [history](super::LocalService::history) the failure is recorded,
    /// for an activity that could not be started.
    #[must_use]
    pub fn workflow(&self) -> Option<&WorkflowExecution> {
        self.workflow.as_ref()
    }
}

/// What it and its sources say, in one line: a `main` that returns the error prints that.
impl fmt::Debug for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = iter::successors(Some(self as &dyn Error), |&error| error.source());
        let levels: Vec<_> = levels.map(ToString::to_string).collect();
        f.write_str(&levels.join(": ").replace(['\r', '\n'], " "))
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for LocalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Fault> for LocalError {
    fn from(fault: Fault) -> Self {
        let kind = match fault.kind() {
            FaultKind::UnknownResource(Resource::Activity) => LocalErrorKind::ActivityClosed,
            FaultKind::UnknownResource(Resource::Execution) => LocalErrorKind::WorkflowClosed,
            FaultKind::LimitExceeded => LocalErrorKind::LimitExceeded,
            _ => LocalErrorKind::Invalid,
        };
        let message = match kind {
            LocalErrorKind::ActivityClosed => "the activity is closed",
            LocalErrorKind::WorkflowClosed => "the workflow execution is closed",
            LocalErrorKind::LimitExceeded => "a quota of the service is used up",
            _ => "the service refused the request",
        };
        Self {
            source: Some(fault.into()),
            ..Self::new(kind, message)
        }
    }
}

/// A fault in the words of the framework's port.
pub(super) fn service_error(fault: Fault) -> ServiceError {
    let kind = match fault.kind() {
        FaultKind::UnknownResource(Resource::Activity) => ServiceErrorKind::TaskClosed,
        FaultKind::UnknownResource(Resource::Execution) => ServiceErrorKind::WorkflowClosed,
        FaultKind::UnknownResource(_) => ServiceErrorKind::UnknownResource,
        FaultKind::LimitExceeded => ServiceErrorKind::LimitExceeded,
        _ => ServiceErrorKind::Invalid,
    };
    ServiceError::new(kind, fault.message()).with_source(fault)
}
