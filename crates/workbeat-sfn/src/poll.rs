//! The task that a poll brings.

use std::fmt::Write as _;

use aws_sdk_sfn::operation::get_activity_task::GetActivityTaskOutput;
use sha2::{Digest as _, Sha256};
use workbeat::service::{ActivityTask, ActivityType, TaskToken, WorkflowExecution};

/// The task, if there is one. Its token alone says so.
pub(crate) fn task(
    answer: GetActivityTaskOutput,
    activity_type: &ActivityType,
) -> Option<ActivityTask> {
    let token = answer.task_token.filter(|token| !token.is_empty())?;
    let mut task = ActivityTask::new(
        TaskToken::new(token.as_str()),
        id(&token),
        activity_type.clone(),
        // Nobody says who waits for it.
        WorkflowExecution::new("", ""),
        0,
    );
    task.input = answer.input;
    Some(task)
}

/// What the task is called: Step Functions gives it no name but its token, which is a secret. The half
/// of a digest is the same wherever the token is the same, and does not give it away.
fn id(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    let half = digest.iter().take(16);
    half.fold(String::new(), |mut id, byte| {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polled(token: Option<&str>) -> Option<ActivityTask> {
        let answer = GetActivityTaskOutput::builder()
            .set_task_token(token.map(str::to_owned))
            .input("[1]")
            .build();
        task(answer, &ActivityType::new("a", "1"))
    }

    #[test]
    fn a_task_is_taken_over_and_named_by_a_digest_of_its_token() {
        let task = polled(Some("token")).unwrap();
        assert_eq!(task.token.expose(), "token");
        assert_eq!(task.activity_type, ActivityType::new("a", "1"));
        assert_eq!(task.input.as_deref(), Some("[1]"));
        // What `printf token | sha256sum` begins with.
        assert_eq!(&*task.activity_id, "3c469e9d6c5875d37a43f353d4f88e61");
        assert_ne!(
            polled(Some("token2")).unwrap().activity_id,
            task.activity_id
        );
    }

    #[test]
    fn without_a_token_there_is_no_task_whatever_else_there_is() {
        assert!(polled(None).is_none());
        assert!(polled(Some("")).is_none());
    }
}
