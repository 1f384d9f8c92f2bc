//! What a poll sends, and the task that it brings.

use aws_sdk_swf::operation::poll_for_activity_task::PollForActivityTaskOutput;
use aws_sdk_swf::types::TaskList;
use workbeat::service::{ActivityTask, ActivityType, ServiceError, TaskToken, WorkflowExecution};

use crate::service::incomplete;

pub(crate) fn task_list(name: &str) -> Result<TaskList, ServiceError> {
    TaskList::builder().name(name).build().map_err(incomplete)
}

/// The task, if there is one. Its token alone says so: the other members of an empty poll may be
/// there, full of empty text.
pub(crate) fn task(answer: PollForActivityTaskOutput) -> Option<ActivityTask> {
    if answer.task_token.is_empty() {
        return None;
    }
    // A task whose type is missing is still one: the worker does not know it, and says so.
    let (name, version) = answer
        .activity_type
        .map(|activity_type| (activity_type.name, activity_type.version))
        .unwrap_or_default();
    let (workflow_id, run_id) = answer
        .workflow_execution
        .map(|execution| (execution.workflow_id, execution.run_id))
        .unwrap_or_default();
    let mut task = ActivityTask::new(
        TaskToken::new(answer.task_token),
        answer.activity_id,
        ActivityType::new(name, version),
        WorkflowExecution::new(workflow_id, run_id),
        answer.started_event_id,
    );
    task.input = answer.input;
    Some(task)
}

#[cfg(test)]
mod tests {
    use aws_sdk_swf::types;

    use super::*;

    fn answer(token: &str) -> PollForActivityTaskOutput {
        let activity_type = types::ActivityType::builder().name("a").version("1");
        let execution = types::WorkflowExecution::builder()
            .workflow_id("w")
            .run_id("r");
        PollForActivityTaskOutput::builder()
            .task_token(token)
            .activity_id("1")
            .started_event_id(6)
            .activity_type(activity_type.build().unwrap())
            .workflow_execution(execution.build().unwrap())
            .input("[1]")
            .build()
            .unwrap()
    }

    #[test]
    fn a_task_is_taken_over_whole() {
        let task = task(answer("token")).unwrap();
        assert_eq!(task.token.expose(), "token");
        assert_eq!(task.activity_type, ActivityType::new("a", "1"));
        assert_eq!(task.workflow, WorkflowExecution::new("w", "r"));
        assert_eq!(task.started_event_id, 6);
        assert_eq!(task.input.as_deref(), Some("[1]"));
    }

    #[test]
    fn without_a_token_there_is_no_task_whatever_else_there_is() {
        assert!(task(answer("")).is_none());
    }
}
