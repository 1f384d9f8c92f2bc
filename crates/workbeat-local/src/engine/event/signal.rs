//! The attributes of the events of signals, received and sent.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::cause::SignalExternalWorkflowExecutionFailedCause;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The execution received a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionSignaled {
    /// The name of the signal.
    pub signal_name: Arc<str>,
    /// What the signal carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The execution whose decider sent it, if one did.
    #[serde(
        default,
        with = "wire::optional_workflow_execution",
        skip_serializing_if = "Option::is_none"
    )]
    pub external_workflow_execution: Option<WorkflowExecution>,
    /// The event of that execution by which it was sent; 0 if no execution sent it.
    #[serde(default)]
    pub external_initiated_event_id: EventId,
}

/// The decider asked for a signal to be sent to another execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignalExternalWorkflowExecutionInitiated {
    /// The workflow id.
    pub workflow_id: Arc<str>,
    /// The run, if the decision named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Arc<str>>,
    /// The name of the signal.
    pub signal_name: Arc<str>,
    /// What the signal carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

/// The signal could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignalExternalWorkflowExecutionFailed {
    /// The workflow id.
    pub workflow_id: Arc<str>,
    /// The run, if the decision named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Arc<str>>,
    /// Why not.
    pub cause: SignalExternalWorkflowExecutionFailedCause,
    /// Its `SignalExternalWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

/// The other execution has the signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExternalWorkflowExecutionSignaled {
    /// Which execution.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Its `SignalExternalWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
}
