//! The attributes of the events of asking another execution to cancel.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::cause::RequestCancelExternalWorkflowExecutionFailedCause;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The decider asked for the cancellation of another execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestCancelExternalWorkflowExecutionInitiated {
    /// The workflow id.
    pub workflow_id: Arc<str>,
    /// The run, if the decision named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Arc<str>>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

/// The other execution could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestCancelExternalWorkflowExecutionFailed {
    /// The workflow id.
    pub workflow_id: Arc<str>,
    /// The run, if the decision named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Arc<str>>,
    /// Why not.
    pub cause: RequestCancelExternalWorkflowExecutionFailedCause,
    /// Its `RequestCancelExternalWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

/// The other execution was asked to cancel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExternalWorkflowExecutionCancelRequested {
    /// Which execution.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Its `RequestCancelExternalWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
}
