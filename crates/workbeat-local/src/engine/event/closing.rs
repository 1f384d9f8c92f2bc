//! The attributes of the events of a decision that could not close its execution.

use serde::{Deserialize, Serialize};

use super::cause::{
    CancelWorkflowExecutionFailedCause, CompleteWorkflowExecutionFailedCause,
    ContinueAsNewWorkflowExecutionFailedCause, FailWorkflowExecutionFailedCause,
};
use crate::engine::ids::EventId;

/// The decider could not complete the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CompleteWorkflowExecutionFailed {
    /// Why not.
    pub cause: CompleteWorkflowExecutionFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider could not fail the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailWorkflowExecutionFailed {
    /// Why not.
    pub cause: FailWorkflowExecutionFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider could not cancel the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CancelWorkflowExecutionFailed {
    /// Why not.
    pub cause: CancelWorkflowExecutionFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider could not continue the execution as a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContinueAsNewWorkflowExecutionFailed {
    /// Why not.
    pub cause: ContinueAsNewWorkflowExecutionFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}
