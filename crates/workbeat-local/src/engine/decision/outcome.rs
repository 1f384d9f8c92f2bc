//! What came of a decision.

use crate::engine::event::{
    CancelTimerFailedCause, CancelWorkflowExecutionFailedCause,
    CompleteWorkflowExecutionFailedCause, ContinueAsNewWorkflowExecutionFailedCause,
    FailWorkflowExecutionFailedCause, RequestCancelActivityTaskFailedCause,
    ScheduleActivityTaskFailedCause, ScheduleLambdaFunctionFailedCause,
    StartChildWorkflowExecutionFailedCause, StartLambdaFunctionFailedCause, StartTimerFailedCause,
};
use crate::engine::ids::EventId;

/// What came of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecisionOutcome {
    /// The event that records it.
    pub event_id: EventId,
    /// Why it could not be carried out, if it could not.
    pub failure: Option<DecisionFailure>,
}

impl DecisionOutcome {
    pub(super) fn done(event_id: Option<EventId>) -> Self {
        Self {
            event_id: event_id.unwrap_or(0),
            failure: None,
        }
    }

    pub(super) fn failed(event_id: Option<EventId>, failure: DecisionFailure) -> Self {
        Self {
            event_id: event_id.unwrap_or(0),
            failure: Some(failure),
        }
    }
}

/// Why a decision could not be carried out. Its event says the same.
///
/// What a decision asks of other executions is done after the decision task, and how that
/// went is in the history alone: a child whose workflow id is taken, a signal to an execution
/// that is not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecisionFailure {
    /// The activity could not be scheduled.
    ScheduleActivityTask(ScheduleActivityTaskFailedCause),
    /// The cancellation could not be requested.
    RequestCancelActivityTask(RequestCancelActivityTaskFailedCause),
    /// The execution could not be completed.
    CompleteWorkflowExecution(CompleteWorkflowExecutionFailedCause),
    /// The execution could not be failed.
    FailWorkflowExecution(FailWorkflowExecutionFailedCause),
    /// The execution could not be canceled.
    CancelWorkflowExecution(CancelWorkflowExecutionFailedCause),
    /// The execution could not be continued as new.
    ContinueAsNewWorkflowExecution(ContinueAsNewWorkflowExecutionFailedCause),
    /// The timer could not be started.
    StartTimer(StartTimerFailedCause),
    /// The timer could not be canceled.
    CancelTimer(CancelTimerFailedCause),
    /// The child could not be initiated.
    StartChildWorkflowExecution(StartChildWorkflowExecutionFailedCause),
    /// The Lambda function could not be scheduled.
    ScheduleLambdaFunction(ScheduleLambdaFunctionFailedCause),
    /// The Lambda function was scheduled and could not be started.
    StartLambdaFunction(StartLambdaFunctionFailedCause),
}
