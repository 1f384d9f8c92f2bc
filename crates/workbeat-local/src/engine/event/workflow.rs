//! The attributes of a workflow execution's own events.

use std::sync::Arc;

use serde::Serialize;
use workbeat::service::Timeout;

use super::cause::{ChildPolicy, WorkflowExecutionTerminatedCause};
use crate::engine::ids::{EventId, WorkflowType};
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The execution was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionStarted {
    /// What it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// How long each of its decision tasks may take.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// What becomes of its children when it is terminated.
    pub child_policy: ChildPolicy,
    /// The task list of its decision tasks.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// Which workflow it runs.
    pub workflow_type: WorkflowType,
    /// The parent's event that started it; 0, as it has no parent.
    pub parent_initiated_event_id: EventId,
}

/// The decider completed the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionCompleted {
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
    /// The decision that completed it.
    pub decision_task_completed_event_id: EventId,
}

/// The execution was terminated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionTerminated {
    /// Why, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Why, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// What becomes of its children.
    pub child_policy: ChildPolicy,
    /// Who terminated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<WorkflowExecutionTerminatedCause>,
}
