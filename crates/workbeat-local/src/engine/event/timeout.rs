//! Which timeout passed, in event attributes.

use crate::engine::words::words;

words! {
    /// Which of an activity task's four timeouts passed.
    ///
    /// When two fall on the same millisecond, the one that stands first here is the one that
    /// closes the task. SWF does not say which it would be.
    ActivityTaskTimeoutType {
        /// It ran for too long.
        StartToClose = "START_TO_CLOSE",
        /// No worker took it in time.
        ScheduleToStart = "SCHEDULE_TO_START",
        /// It took too long altogether.
        ScheduleToClose = "SCHEDULE_TO_CLOSE",
        /// The worker was silent for too long.
        Heartbeat = "HEARTBEAT",
    }
    /// Which of a decision task's two timeouts passed.
    DecisionTaskTimeoutType {
        /// The decider took too long.
        StartToClose = "START_TO_CLOSE",
        /// No decider took it in time.
        ScheduleToStart = "SCHEDULE_TO_START",
    }
    /// Which timeout of an execution passed: there is but one.
    WorkflowExecutionTimeoutType {
        /// The execution took too long.
        StartToClose = "START_TO_CLOSE",
    }
    /// Which timeout of a Lambda function passed: there is but one.
    LambdaFunctionTimeoutType {
        /// It ran for too long.
        StartToClose = "START_TO_CLOSE",
    }
}
