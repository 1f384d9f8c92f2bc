//! How far the activity of a one-activity workflow has come.

use std::fmt;

use super::Event;

/// How far it has come: what a person who waits wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody has decided yet.
    Begun,
    /// It waits for a worker.
    Waiting {
        /// The task list that a worker must poll.
        task_list: Option<String>,
    },
    /// A worker has it.
    Running {
        /// Who.
        identity: Option<String>,
    },
    /// A worker has it, and its cancellation is asked for.
    Canceling {
        /// Whether a worker has it.
        started: bool,
    },
    /// The activity ended; the workflow is to be closed.
    Ended,
    /// The activity ended, and the service does not let this decider close the workflow.
    CannotClose {
        /// SWF's cause.
        cause: String,
    },
}

impl Stage {
    /// How far it has come.
    pub(crate) fn of(history: &[Event]) -> Self {
        let mut stage = Self::Begun;
        let mut started = false;
        for event in history {
            match event.kind() {
                "ActivityTaskScheduled" => {
                    let task_list = event.task_list().map(str::to_owned);
                    stage = Self::Waiting { task_list };
                }
                "ActivityTaskStarted" => {
                    started = true;
                    stage = match stage {
                        Self::Canceling { .. } => Self::Canceling { started },
                        _ => Self::Running {
                            identity: event.text("identity").map(str::to_owned),
                        },
                    };
                }
                "ActivityTaskCancelRequested" => stage = Self::Canceling { started },
                "ActivityTaskCompleted"
                | "ActivityTaskFailed"
                | "ActivityTaskTimedOut"
                | "ActivityTaskCanceled"
                | "ScheduleActivityTaskFailed" => stage = Self::Ended,
                kind if cannot_close(kind) => {
                    let cause = event.text("cause").unwrap_or_default();
                    if cause == "OPERATION_NOT_PERMITTED" {
                        let cause = cause.to_owned();
                        return Self::CannotClose { cause };
                    }
                }
                _ => {}
            }
        }
        stage
    }
}

/// Whether the event says that a workflow was not closed as the decider wanted.
pub(crate) fn cannot_close(kind: &str) -> bool {
    matches!(
        kind,
        "CompleteWorkflowExecutionFailed"
            | "FailWorkflowExecutionFailed"
            | "CancelWorkflowExecutionFailed"
    )
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun => f.write_str("waiting for the first decision"),
            Self::Waiting {
                task_list: Some(list),
            } => {
                write!(f, "waiting for a worker on task list {list}")
            }
            Self::Waiting { task_list: None } => f.write_str("waiting for a worker"),
            Self::Running {
                identity: Some(who),
            } => write!(f, "running on {who}"),
            Self::Running { identity: None } => f.write_str("running"),
            Self::Canceling { started: true } => {
                f.write_str("cancellation requested; the worker learns it with its next heartbeat")
            }
            Self::Canceling { started: false } => f.write_str("cancellation requested"),
            Self::Ended => f.write_str("the activity has ended"),
            Self::CannotClose { cause } => write!(f, "the workflow cannot be closed: {cause}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    #[test]
    fn it_follows_the_activity() {
        let cases = [
            (History::started(), "waiting for the first decision"),
            (
                History::scheduled(),
                "waiting for a worker on task list images",
            ),
            (History::running(), "running on worker-1"),
            (
                History::scheduled().plain("ActivityTaskCancelRequested"),
                "cancellation requested",
            ),
            (
                History::running().plain("ActivityTaskCancelRequested"),
                "cancellation requested; the worker learns it with its next heartbeat",
            ),
            (
                History::running().activity("Completed", json!({})),
                "the activity has ended",
            ),
            (
                History::running().activity("Completed", json!({})).event(
                    "CompleteWorkflowExecutionFailed",
                    json!({"cause": "UNHANDLED_DECISION"}),
                ),
                "the activity has ended",
            ),
            (
                History::running().activity("Completed", json!({})).event(
                    "CompleteWorkflowExecutionFailed",
                    json!({"cause": "OPERATION_NOT_PERMITTED"}),
                ),
                "the workflow cannot be closed: OPERATION_NOT_PERMITTED",
            ),
        ];
        for (history, expected) in cases {
            assert_eq!(Stage::of(history.events()).to_string(), expected);
        }
    }
}
