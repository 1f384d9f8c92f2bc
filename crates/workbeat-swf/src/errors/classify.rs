//! What the errors of Amazon SWF's own mean.

use workbeat::service::{ServiceError, ServiceErrorKind};
use workbeat_aws::{Answer, not_permitted, said};

use super::permission::to_allow;
use crate::operation::Operation;

/// The members of a request that the adapter sends. Only these are named.
const MEMBERS: &[&str] = &[
    "activityType",
    "activityType.name",
    "activityType.version",
    "defaultTaskHeartbeatTimeout",
    "defaultTaskList.name",
    "defaultTaskPriority",
    "defaultTaskScheduleToCloseTimeout",
    "defaultTaskScheduleToStartTimeout",
    "defaultTaskStartToCloseTimeout",
    "description",
    "details",
    "domain",
    "execution.runId",
    "execution.workflowId",
    "identity",
    "name",
    "reason",
    "result",
    "taskList.name",
    "taskToken",
    "version",
    "workflowExecutionRetentionPeriodInDays",
];

/// The call that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) domain: &'a str,
    /// The task list or the activity type that it names, if any.
    pub(crate) subject: Option<&'a str>,
}

impl workbeat_aws::Call for Call<'_> {
    fn service(&self) -> &'static str {
        "Amazon SWF"
    }

    fn sdk(&self) -> &'static str {
        "aws-sdk-swf"
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
        match answer.code.as_str() {
            "LimitExceededFault" => Some(new(ServiceErrorKind::LimitExceeded, quota(self))),
            "UnknownResourceFault" => Some(unknown(self, answer)),
            "OperationNotPermittedFault" => Some(not_permitted(self, answer)),
            "DomainDeprecatedFault" => Some(new(
                ServiceErrorKind::Invalid,
                format!(
                    "the domain `{}` is deprecated; undeprecate it, or use another",
                    self.domain
                ),
            )),
            _ => None,
        }
    }
}

fn new(kind: ServiceErrorKind, message: impl Into<String>) -> ServiceError {
    ServiceError::new(kind, message)
}

fn quota(call: &Call<'_>) -> String {
    let what = match call.operation {
        Operation::Poll => {
            "too many polls wait on the task list, 1,000 at most; let fewer workers poll it, or lower `max_concurrent_polls`"
        }
        Operation::RegisterType => {
            "the domain has as many types as it may, 10,000; delete deprecated ones, or raise the quota"
        }
        Operation::RegisterDomain => {
            "the account has as many domains as it may, 100; or raise the quota"
        }
        _ => "a quota of the account is used up; use less of it, or raise it",
    };
    what.to_owned()
}

/// A task, a workflow, a domain or a type that the service does not know; its message begins
/// with which.
fn unknown(call: &Call<'_>, answer: &Answer) -> ServiceError {
    use ServiceErrorKind::{TaskClosed, UnknownResource, WorkflowClosed};

    let (domain, message) = (call.domain, answer.message.as_str());
    if call.operation.speaks_for_task() {
        return if message.starts_with("Unknown execution") {
            new(WorkflowClosed, "the workflow of the task is closed")
        } else {
            new(TaskClosed, "the task is closed: it was ended or timed out")
        };
    }
    if message.starts_with("Unknown domain") {
        return new(
            UnknownResource,
            format!(
                "there is no domain `{domain}` in this account and region, or it is deprecated; check name and region, register it with `register_domain`, or undeprecate it with `aws swf undeprecate-domain`"
            ),
        );
    }
    match call.operation {
        Operation::DescribeType => new(
            UnknownResource,
            format!(
                "the activity type `{}` is not registered in the domain `{domain}`",
                call.subject.unwrap_or_default()
            ),
        ),
        Operation::History | Operation::PreviousAttempt => new(
            UnknownResource,
            format!("there is no such workflow execution in the domain `{domain}`"),
        ),
        _ => new(
            UnknownResource,
            format!(
                "the service does not know what {} names in the domain `{domain}`{}",
                call.operation.name(),
                said(call, answer)
            ),
        ),
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
