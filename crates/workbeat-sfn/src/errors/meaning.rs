//! What the errors of Step Functions' own mean.

use workbeat::service::{ServiceError, ServiceErrorKind};
use workbeat_aws::{Answer, said};

use super::permission::to_allow;
use crate::operation::Operation;

/// The members of a request that the adapter sends. Only these are named.
const MEMBERS: &[&str] = &[
    "activityArn",
    "cause",
    "error",
    "maxResults",
    "name",
    "nextToken",
    "output",
    "taskToken",
    "workerName",
];

/// The call that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// The name or the ARN of the activity that it names, if any.
    pub(crate) subject: Option<&'a str>,
}

impl workbeat_aws::Call for Call<'_> {
    fn service(&self) -> &'static str {
        "AWS Step Functions"
    }

    fn sdk(&self) -> &'static str {
        "aws-sdk-sfn"
    }

    fn operation(&self) -> &'static str {
        self.operation.name()
    }

    fn changes(&self) -> bool {
        self.operation.changes()
    }

    fn speaks_for_task(&self) -> bool {
        self.operation.speaks_for_task()
    }

    fn members(&self) -> &'static [&'static str] {
        MEMBERS
    }

    fn to_allow(&self) -> String {
        to_allow(self)
    }

    fn meaning(&self, answer: &Answer) -> Option<ServiceError> {
        use ServiceErrorKind::{
            Invalid, LimitExceeded, NotPermitted, TaskClosed, Throttled, UnknownResource,
        };

        let activity = self.subject.unwrap_or_default();
        let (kind, message) = match answer.code.as_str() {
            "TaskTimedOut" => (
                TaskClosed,
                "the task is closed: a timeout of its state has passed, or it was ended".to_owned(),
            ),
            "TaskDoesNotExist" => (
                TaskClosed,
                "the task is closed: it was ended, or its execution was".to_owned(),
            ),
            "InvalidToken" if self.operation == Operation::HeartbeatElsewhere => (
                Invalid,
                "the service does not know the token; is the heartbeat client of the same region and account as the other?".to_owned(),
            ),
            // Some emulators say this of a task that is over. A poll of the same client brought its
            // token, unless a `CompletionClient` was given another.
            "InvalidToken" if self.operation.speaks_for_task() => (
                TaskClosed,
                "the service does not know the token: the task is closed".to_owned(),
            ),
            "ActivityDoesNotExist" => (
                UnknownResource,
                format!(
                    "there is no activity `{activity}`; check its name, region and account, or create it, with `create_activities` or `aws stepfunctions create-activity`"
                ),
            ),
            "ActivityWorkerLimitExceeded" => (
                LimitExceeded,
                "too many polls wait for the activity, 1,000 at most; let fewer workers poll it, or lower `max_concurrent_polls`".to_owned(),
            ),
            "ActivityLimitExceeded" => (
                LimitExceeded,
                "the account has as many activities as it may, 10,000; delete some, or raise the quota".to_owned(),
            ),
            "InvalidArn" => (
                Invalid,
                format!("`{activity}` is no ARN of an activity; check region and account"),
            ),
            "InvalidName" => (Invalid, format!("no activity can have the name `{activity}`")),
            "InvalidOutput" => (
                Invalid,
                "the service rejects the result: it must be JSON".to_owned(),
            ),
            "KmsAccessDeniedException" => (
                NotPermitted,
                format!(
                    "the credentials may not use the KMS key of the activity; allow `kms:Decrypt` and `kms:GenerateDataKey` on it{}",
                    said(self, answer)
                ),
            ),
            "KmsInvalidStateException" => (
                NotPermitted,
                "the KMS key of the activity or the state machine cannot be used; enable it, or cancel its deletion".to_owned(),
            ),
            "KmsThrottlingException" => (
                Throttled,
                "KMS wants fewer calls; raise its quota, or let the activity reuse its data key for longer".to_owned(),
            ),
            _ => return None,
        };
        Some(ServiceError::new(kind, message))
    }
}

#[cfg(test)]
#[path = "meaning_tests.rs"]
mod tests;
