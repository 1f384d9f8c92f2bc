//! The enumerations inside event attributes.

use serde::{Deserialize, Serialize};

/// Which of an activity task's four timeouts passed.
///
/// When two fall on the same millisecond, the one that stands first here is the one that
/// closes the task. SWF does not say which it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ActivityTaskTimeoutType {
    /// It ran for too long.
    StartToClose,
    /// No worker took it in time.
    ScheduleToStart,
    /// It took too long altogether.
    ScheduleToClose,
    /// The worker was silent for too long.
    Heartbeat,
}

/// Why an activity could not be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ScheduleActivityTaskFailedCause {
    /// The type is deprecated.
    ActivityTypeDeprecated,
    /// Nobody registered the type.
    ActivityTypeDoesNotExist,
    /// An open activity of the execution has this activity id.
    ActivityIdAlreadyInUse,
    /// The execution has 1,000 open activities.
    OpenActivitiesLimitExceeded,
    /// Neither the decision nor the type says the schedule-to-close timeout.
    DefaultScheduleToCloseTimeoutUndefined,
    /// Neither the decision nor the type says the task list.
    DefaultTaskListUndefined,
    /// Neither the decision nor the type says the schedule-to-start timeout.
    DefaultScheduleToStartTimeoutUndefined,
    /// Neither the decision nor the type says the start-to-close timeout.
    DefaultStartToCloseTimeoutUndefined,
    /// Neither the decision nor the type says the heartbeat timeout.
    DefaultHeartbeatTimeoutUndefined,
}

/// Why a cancellation could not be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum RequestCancelActivityTaskFailedCause {
    /// No open activity of the execution has this activity id.
    ActivityIdUnknown,
}

/// What becomes of an execution's children when it is terminated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ChildPolicy {
    /// They are terminated too.
    #[default]
    Terminate,
    /// They are asked to cancel.
    RequestCancel,
    /// They go on.
    Abandon,
}

/// Who terminated an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum WorkflowExecutionTerminatedCause {
    /// The service, because the history reached 25,000 events.
    EventLimitExceeded,
    /// A person or a program, by `TerminateWorkflowExecution`.
    OperatorInitiated,
}

/// `as_str`, and `Display` by it: the words that SWF's JSON has.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal,)* })*) => {$(
        impl $name {
            /// The word in SWF's JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

words! {
    ActivityTaskTimeoutType {
        StartToClose = "START_TO_CLOSE",
        ScheduleToStart = "SCHEDULE_TO_START",
        ScheduleToClose = "SCHEDULE_TO_CLOSE",
        Heartbeat = "HEARTBEAT",
    }
    ScheduleActivityTaskFailedCause {
        ActivityTypeDeprecated = "ACTIVITY_TYPE_DEPRECATED",
        ActivityTypeDoesNotExist = "ACTIVITY_TYPE_DOES_NOT_EXIST",
        ActivityIdAlreadyInUse = "ACTIVITY_ID_ALREADY_IN_USE",
        OpenActivitiesLimitExceeded = "OPEN_ACTIVITIES_LIMIT_EXCEEDED",
        DefaultScheduleToCloseTimeoutUndefined = "DEFAULT_SCHEDULE_TO_CLOSE_TIMEOUT_UNDEFINED",
        DefaultTaskListUndefined = "DEFAULT_TASK_LIST_UNDEFINED",
        DefaultScheduleToStartTimeoutUndefined = "DEFAULT_SCHEDULE_TO_START_TIMEOUT_UNDEFINED",
        DefaultStartToCloseTimeoutUndefined = "DEFAULT_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        DefaultHeartbeatTimeoutUndefined = "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED",
    }
    RequestCancelActivityTaskFailedCause {
        ActivityIdUnknown = "ACTIVITY_ID_UNKNOWN",
    }
    ChildPolicy {
        Terminate = "TERMINATE",
        RequestCancel = "REQUEST_CANCEL",
        Abandon = "ABANDON",
    }
    WorkflowExecutionTerminatedCause {
        EventLimitExceeded = "EVENT_LIMIT_EXCEEDED",
        OperatorInitiated = "OPERATOR_INITIATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_in_json_and_the_word_in_text_are_the_same() {
        let cause = ScheduleActivityTaskFailedCause::DefaultScheduleToCloseTimeoutUndefined;
        let json = serde_json::to_string(&cause).unwrap();
        assert_eq!(json, format!("\"{cause}\""));
        let timeout_type = ActivityTaskTimeoutType::ScheduleToStart;
        let json = serde_json::to_string(&timeout_type).unwrap();
        assert_eq!(json, format!("\"{timeout_type}\""));
    }
}
