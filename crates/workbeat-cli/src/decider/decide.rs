//! From a history to decisions: a pure function.

use super::Plan;
use crate::history::{Event, Stage};

/// The id of the one activity.
pub(crate) const ACTIVITY_ID: &str = "activity";

/// How often scheduling is tried when the service says that there is too much at present.
const SCHEDULE_ATTEMPTS: usize = 5;

/// What the decider decides.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// Schedule the activity.
    ScheduleActivityTask(Box<Plan>),
    /// Ask for its cancellation.
    RequestCancelActivityTask,
    /// Complete the workflow with the activity's result.
    CompleteWorkflowExecution {
        /// The result.
        result: Option<String>,
    },
    /// Fail the workflow.
    FailWorkflowExecution {
        /// The activity's reason, or why there was no activity.
        reason: String,
        /// The activity's details.
        details: Option<String>,
    },
    /// The workflow is canceled.
    CancelWorkflowExecution {
        /// The activity's details.
        details: Option<String>,
    },
}

/// What is to be decided, after this history. At most one decision is.
///
/// A decision that the service refused, and a decision task that timed out, lead to a new
/// decision task: then the same question is asked again, of a longer history.
pub(crate) fn decide(history: &[Event]) -> Option<Decision> {
    let plan = history
        .first()
        .and_then(|event| event.text("input"))
        .and_then(Plan::from_text);
    let Some(plan) = plan else {
        return Some(Decision::FailWorkflowExecution {
            reason: "the workflow's input is not what `workbeat start` writes".to_owned(),
            details: None,
        });
    };
    if let Stage::CannotClose { .. } = Stage::of(history) {
        // To try again would be refused again, at once and for ever.
        return None;
    }

    let has = |kind: &str| history.iter().any(|event| event.kind() == kind);
    if let Some(decision) = history.iter().find_map(after_the_activity) {
        return Some(decision);
    }
    let cancel_requested = has("WorkflowExecutionCancelRequested");
    if has("ActivityTaskScheduled") {
        let asked = has("ActivityTaskCancelRequested") || has("RequestCancelActivityTaskFailed");
        return (cancel_requested && !asked).then_some(Decision::RequestCancelActivityTask);
    }
    if cancel_requested {
        return Some(Decision::CancelWorkflowExecution { details: None });
    }
    Some(match cannot_schedule(history) {
        Some(cause) => Decision::FailWorkflowExecution {
            reason: format!("the activity could not be scheduled: {cause}"),
            details: None,
        },
        None => Decision::ScheduleActivityTask(Box::new(plan)),
    })
}

/// How the workflow ends with its activity, if this event is the activity's end.
fn after_the_activity(event: &Event) -> Option<Decision> {
    let text = |name| event.text(name).map(str::to_owned);
    Some(match event.kind() {
        "ActivityTaskCompleted" => Decision::CompleteWorkflowExecution {
            result: text("result"),
        },
        "ActivityTaskFailed" => Decision::FailWorkflowExecution {
            reason: text("reason").unwrap_or_else(|| "the activity failed".to_owned()),
            details: text("details"),
        },
        "ActivityTaskTimedOut" => Decision::FailWorkflowExecution {
            reason: format!(
                "the activity timed out: {}",
                event.text("timeoutType").unwrap_or("unknown")
            ),
            details: text("details"),
        },
        "ActivityTaskCanceled" => Decision::CancelWorkflowExecution {
            details: text("details"),
        },
        _ => return None,
    })
}

/// The cause for which it cannot be scheduled, if one is there that will not pass.
fn cannot_schedule(history: &[Event]) -> Option<&str> {
    let failures: Vec<_> = history
        .iter()
        .filter(|event| event.kind() == "ScheduleActivityTaskFailed")
        .map(|event| event.text("cause").unwrap_or("unknown"))
        .collect();
    let last = failures.last()?;
    let passes = matches!(
        *last,
        "ACTIVITY_CREATION_RATE_EXCEEDED" | "OPEN_ACTIVITIES_LIMIT_EXCEEDED"
    );
    (!passes || failures.len() >= SCHEDULE_ATTEMPTS).then_some(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    /// A decision in short, for the table.
    fn short(decision: Option<Decision>) -> String {
        match decision {
            None => "nothing".to_owned(),
            Some(Decision::ScheduleActivityTask(plan)) => {
                format!("schedule {} {:?}", plan.activity_type, plan.input())
            }
            Some(Decision::RequestCancelActivityTask) => "request cancel".to_owned(),
            Some(Decision::CompleteWorkflowExecution { result }) => format!("complete {result:?}"),
            Some(Decision::FailWorkflowExecution { reason, details }) => {
                format!("fail {reason} {details:?}")
            }
            Some(Decision::CancelWorkflowExecution { details }) => format!("cancel {details:?}"),
        }
    }

    #[test]
    fn each_history_has_its_decision() {
        const CANCEL: &str = "WorkflowExecutionCancelRequested";
        const ASKED: &str = "ActivityTaskCancelRequested";
        let scheduled = "schedule resize/1.0 Some(\"{\\\"width\\\":640}\")";
        let busy = |times| {
            (0..times).fold(History::started(), |history, _| {
                history.event(
                    "ScheduleActivityTaskFailed",
                    json!({"cause": "ACTIVITY_CREATION_RATE_EXCEEDED"}),
                )
            })
        };
        let cases = [
            ("it has begun", History::started(), scheduled),
            (
                "the decision task before timed out",
                History::started()
                    .plain("DecisionTaskScheduled")
                    .plain("DecisionTaskStarted")
                    .plain("DecisionTaskTimedOut"),
                scheduled,
            ),
            (
                "canceled before it was scheduled",
                History::started().plain(CANCEL),
                "cancel None",
            ),
            ("it is scheduled", History::scheduled(), "nothing"),
            ("it runs", History::running(), "nothing"),
            (
                "a signal means nothing",
                History::running().plain("WorkflowExecutionSignaled"),
                "nothing",
            ),
            (
                "the type is not there",
                History::started().event(
                    "ScheduleActivityTaskFailed",
                    json!({"cause": "ACTIVITY_TYPE_DOES_NOT_EXIST"}),
                ),
                "fail the activity could not be scheduled: ACTIVITY_TYPE_DOES_NOT_EXIST None",
            ),
            (
                "too many at present: once more",
                busy(SCHEDULE_ATTEMPTS - 1),
                scheduled,
            ),
            (
                "too many all the time",
                busy(SCHEDULE_ATTEMPTS),
                "fail the activity could not be scheduled: ACTIVITY_CREATION_RATE_EXCEEDED None",
            ),
            (
                "it completed",
                History::running().activity("Completed", json!({"result": "7"})),
                "complete Some(\"7\")",
            ),
            (
                "it completed without a result",
                History::running().activity("Completed", json!({})),
                "complete None",
            ),
            (
                "it failed",
                History::running().activity("Failed", json!({"reason": "r", "details": "d"})),
                "fail r Some(\"d\")",
            ),
            (
                "it failed without a reason",
                History::running().activity("Failed", json!({})),
                "fail the activity failed None",
            ),
            (
                "it timed out",
                History::running().activity(
                    "TimedOut",
                    json!({"timeoutType": "HEARTBEAT", "details": "[3,8]"}),
                ),
                "fail the activity timed out: HEARTBEAT Some(\"[3,8]\")",
            ),
            (
                "it timed out without ever running",
                History::scheduled()
                    .activity("TimedOut", json!({"timeoutType": "SCHEDULE_TO_START"})),
                "fail the activity timed out: SCHEDULE_TO_START None",
            ),
            (
                "the cancellation is asked for",
                History::running().plain(CANCEL),
                "request cancel",
            ),
            (
                "the activity was asked already",
                History::running().plain(CANCEL).plain(ASKED),
                "nothing",
            ),
            (
                "asked for twice",
                History::running().plain(CANCEL).plain(ASKED).plain(CANCEL),
                "nothing",
            ),
            (
                "the request was refused",
                History::running()
                    .plain(CANCEL)
                    .plain("RequestCancelActivityTaskFailed"),
                "nothing",
            ),
            (
                "it was canceled",
                History::running()
                    .plain(CANCEL)
                    .plain(ASKED)
                    .activity("Canceled", json!({"details": "cleaned up"})),
                "cancel Some(\"cleaned up\")",
            ),
            (
                "it completed all the same",
                History::running()
                    .plain(CANCEL)
                    .plain(ASKED)
                    .activity("Completed", json!({"result": "7"})),
                "complete Some(\"7\")",
            ),
            (
                "the request came when it had ended",
                History::running()
                    .activity("Completed", json!({"result": "7"}))
                    .plain(CANCEL),
                "complete Some(\"7\")",
            ),
            (
                "something came while it was being closed",
                History::running()
                    .activity("Completed", json!({"result": "7"}))
                    .event(
                        "CompleteWorkflowExecutionFailed",
                        json!({"cause": "UNHANDLED_DECISION"}),
                    )
                    .plain("WorkflowExecutionSignaled"),
                "complete Some(\"7\")",
            ),
            (
                "it may not be closed: no endless loop",
                History::running().activity("Completed", json!({})).event(
                    "CompleteWorkflowExecutionFailed",
                    json!({"cause": "OPERATION_NOT_PERMITTED"}),
                ),
                "nothing",
            ),
            (
                "it is not ours",
                History::default().event("WorkflowExecutionStarted", json!({"input": "{}"})),
                "fail the workflow's input is not what `workbeat start` writes None",
            ),
        ];
        for (name, history, expected) in cases {
            assert_eq!(short(decide(history.events())), expected, "{name}");
        }
    }
}
