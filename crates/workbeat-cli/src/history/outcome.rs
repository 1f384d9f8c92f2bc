//! How an execution ended, and what that means for the exit code.

use super::Event;

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It completed.
    Completed {
        /// The result.
        result: Option<String>,
    },
    /// The activity or the workflow failed.
    Failed {
        /// The reason.
        reason: Option<String>,
        /// The details.
        details: Option<String>,
    },
    /// The activity could not be scheduled.
    NotScheduled {
        /// SWF's cause, such as `ACTIVITY_TYPE_DOES_NOT_EXIST`.
        cause: String,
    },
    /// The activity or the workflow timed out.
    TimedOut {
        /// Which timeout of the activity; none if it was the workflow's.
        timeout: Option<String>,
        /// What the last heartbeat carried.
        details: Option<String>,
    },
    /// It was canceled.
    Canceled {
        /// The details.
        details: Option<String>,
    },
    /// It was terminated.
    Terminated {
        /// The reason.
        reason: Option<String>,
        /// The details.
        details: Option<String>,
    },
    /// It goes on as a new execution.
    ContinuedAsNew {
        /// The run id of the new execution.
        run_id: Option<String>,
    },
}

impl Outcome {
    /// How it ended; nothing if it is open.
    pub(crate) fn of(history: &[Event]) -> Option<Self> {
        // A failure to close has a name of its own, such as CompleteWorkflowExecutionFailed.
        let closed = history
            .iter()
            .rev()
            .find(|event| event.kind().starts_with("WorkflowExecution"))?;
        let text = |name| closed.text(name).map(str::to_owned);
        Some(match closed.kind() {
            "WorkflowExecutionCompleted" => Self::Completed {
                result: text("result"),
            },
            "WorkflowExecutionFailed" => match why_failed(history) {
                Some(outcome) => outcome,
                None => Self::Failed {
                    reason: text("reason"),
                    details: text("details"),
                },
            },
            "WorkflowExecutionTimedOut" => Self::TimedOut {
                timeout: None,
                details: None,
            },
            "WorkflowExecutionCanceled" => Self::Canceled {
                details: text("details"),
            },
            "WorkflowExecutionTerminated" => Self::Terminated {
                reason: text("reason"),
                details: text("details"),
            },
            "WorkflowExecutionContinuedAsNew" => Self::ContinuedAsNew {
                run_id: text("newExecutionRunId"),
            },
            _ => return None,
        })
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Completed { .. } => 0,
            Self::Failed { .. } | Self::NotScheduled { .. } => 1,
            Self::TimedOut { .. } => 4,
            Self::Canceled { .. } => 5,
            Self::Terminated { .. } | Self::ContinuedAsNew { .. } => 8,
        }
    }

    /// Its name in JSON.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Completed { .. } => "completed",
            Self::Failed { .. } | Self::NotScheduled { .. } => "failed",
            Self::TimedOut { .. } => "timedOut",
            Self::Canceled { .. } => "canceled",
            Self::Terminated { .. } => "terminated",
            Self::ContinuedAsNew { .. } => "continuedAsNew",
        }
    }
}

/// A status as a person says it.
pub(crate) fn status_words(status: &str) -> &str {
    match status {
        "timedOut" => "timed out",
        "continuedAsNew" => "continued as new",
        status => status,
    }
}

/// What the failure of a workflow with one activity means: SWF has no workflow that timed out
/// because its activity did, so the activity's own event tells.
fn why_failed(history: &[Event]) -> Option<Outcome> {
    if !crate::decider::is_ours(history) {
        return None;
    }
    let last = history.iter().rev().find(|event| {
        matches!(
            event.kind(),
            "ActivityTaskFailed" | "ActivityTaskTimedOut" | "ScheduleActivityTaskFailed"
        )
    })?;
    match last.kind() {
        "ActivityTaskTimedOut" => Some(Outcome::TimedOut {
            timeout: last.text("timeoutType").map(str::to_owned),
            details: last.text("details").map(str::to_owned),
        }),
        "ScheduleActivityTaskFailed" => Some(Outcome::NotScheduled {
            cause: last.text("cause").unwrap_or("unknown").to_owned(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    #[test]
    fn the_last_event_tells_and_the_activity_says_why() {
        let failed = || json!({"reason": "r", "details": "d"});
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (History::running(), None),
            (
                History::running()
                    .activity("Completed", json!({"result": "7"}))
                    .event("WorkflowExecutionCompleted", json!({"result": "7"})),
                Some((Outcome::Completed { result: some("7") }, 0)),
            ),
            (
                History::running()
                    .activity("Failed", failed())
                    .event("WorkflowExecutionFailed", failed()),
                Some((
                    Outcome::Failed {
                        reason: some("r"),
                        details: some("d"),
                    },
                    1,
                )),
            ),
            (
                History::running()
                    .activity(
                        "TimedOut",
                        json!({"timeoutType": "HEARTBEAT", "details": "[1,2]"}),
                    )
                    .event("WorkflowExecutionFailed", failed()),
                Some((
                    Outcome::TimedOut {
                        timeout: some("HEARTBEAT"),
                        details: some("[1,2]"),
                    },
                    4,
                )),
            ),
            (
                History::started()
                    .event("ScheduleActivityTaskFailed", json!({"cause": "C"}))
                    .event("WorkflowExecutionFailed", failed()),
                Some((
                    Outcome::NotScheduled {
                        cause: "C".to_owned(),
                    },
                    1,
                )),
            ),
            (
                History::running()
                    .plain("WorkflowExecutionCancelRequested")
                    .plain("CompleteWorkflowExecutionFailed"),
                None,
            ),
            (
                History::running().plain("WorkflowExecutionCanceled"),
                Some((Outcome::Canceled { details: None }, 5)),
            ),
            (
                History::running().plain("WorkflowExecutionTimedOut"),
                Some((
                    Outcome::TimedOut {
                        timeout: None,
                        details: None,
                    },
                    4,
                )),
            ),
            (
                History::running().event("WorkflowExecutionTerminated", failed()),
                Some((
                    Outcome::Terminated {
                        reason: some("r"),
                        details: some("d"),
                    },
                    8,
                )),
            ),
            (
                History::default().event(
                    "WorkflowExecutionContinuedAsNew",
                    json!({"newExecutionRunId": "r2"}),
                ),
                Some((Outcome::ContinuedAsNew { run_id: some("r2") }, 8)),
            ),
        ];
        for (history, expected) in cases {
            let outcome = Outcome::of(history.events());
            let with_code = outcome.map(|outcome| {
                let code = outcome.exit_code();
                (outcome, code)
            });
            assert_eq!(with_code, expected, "{history:?}");
        }
    }

    #[test]
    fn what_another_workflow_failed_with_is_its_own_word() {
        let history = History::default()
            .event(
                "WorkflowExecutionStarted",
                json!({"workflowType": {"name": "orders", "version": "3"}}),
            )
            .event("ActivityTaskTimedOut", json!({"timeoutType": "HEARTBEAT"}))
            .event("WorkflowExecutionFailed", json!({"reason": "out of paper"}));
        let failed = Outcome::Failed {
            reason: Some("out of paper".to_owned()),
            details: None,
        };
        assert_eq!(Outcome::of(history.events()), Some(failed));
    }
}
