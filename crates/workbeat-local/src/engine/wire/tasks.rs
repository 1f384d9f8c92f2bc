//! Tasks as a poll answers them.

use serde::Serialize;
use workbeat::service::{ActivityTask, ActivityType, TaskToken, WorkflowExecution};

use crate::engine::call::text;
use crate::engine::decision_task::DecisionTask;

/// The JSON text that answers `PollForActivityTask`: the task, or an empty one.
///
/// An empty answer has `startedEventId` 0 and no task token, as SWF has it.
///
/// ```
/// use workbeat_local::engine::activity_task_text;
///
/// assert_eq!(activity_task_text(None), r#"{"startedEventId":0}"#);
/// ```
#[must_use]
pub fn activity_task_text(task: Option<&ActivityTask>) -> String {
    let shape = task.map_or_else(Shape::default, |task| Shape {
        task_token: Some(&task.token),
        activity_id: Some(&task.activity_id),
        started_event_id: task.started_event_id,
        workflow_execution: Some(Execution(&task.workflow)),
        activity_type: Some(Type(&task.activity_type)),
        input: task.input.as_deref(),
    });
    text(&shape)
}

/// The JSON text that answers `PollForDecisionTask`: the task, or an empty one.
///
/// ```
/// use workbeat_local::engine::decision_task_text;
///
/// let empty = r#"{"previousStartedEventId":0,"startedEventId":0}"#;
/// assert_eq!(decision_task_text(None), empty);
/// ```
#[must_use]
pub fn decision_task_text(task: Option<&DecisionTask>) -> String {
    task.map_or_else(
        || r#"{"previousStartedEventId":0,"startedEventId":0}"#.to_owned(),
        text,
    )
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_token: Option<&'a TaskToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_id: Option<&'a str>,
    started_event_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_execution: Option<Execution<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_type: Option<Type<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Execution<'a>(
    #[serde(serialize_with = "super::workflow_execution::serialize")] &'a WorkflowExecution,
);

#[derive(Serialize)]
#[serde(transparent)]
struct Type<'a>(#[serde(serialize_with = "super::activity_type::serialize")] &'a ActivityType);
