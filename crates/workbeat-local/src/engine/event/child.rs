//! The attributes of the events of a child workflow, as its parent's history has them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{Timeout, WorkflowExecution};

use super::cause::{ChildPolicy, StartChildWorkflowExecutionFailedCause};
use super::timeout::WorkflowExecutionTimeoutType;
use crate::engine::ids::{EventId, WorkflowType};
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The decider asked for a child workflow to be started. The defaults of its type are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartChildWorkflowExecutionInitiated {
    /// The workflow id of the child.
    pub workflow_id: Arc<str>,
    /// Which workflow the child runs.
    pub workflow_type: WorkflowType,
    /// What the decider notes for itself; the child never sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What the child is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long the child may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// The task list of the child's decision tasks.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// The priority of those, where one was said; else it counts as 0.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What becomes of the child's own children when it is terminated.
    pub child_policy: ChildPolicy,
    /// How long each of those may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// The tags of the child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tag_list: Vec<Arc<str>>,
    /// The IAM role by which the child invokes Lambda functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<Arc<str>>,
}

/// The child workflow could not be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartChildWorkflowExecutionFailed {
    /// Which workflow the child was to run.
    pub workflow_type: WorkflowType,
    /// Why not.
    pub cause: StartChildWorkflowExecutionFailedCause,
    /// The workflow id of the child.
    pub workflow_id: Arc<str>,
    /// Its `StartChildWorkflowExecutionInitiated` event, or 0 if it came to none.
    pub initiated_event_id: EventId,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

/// The child workflow was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionStarted {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child runs.
    pub workflow_type: WorkflowType,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
}

/// The child workflow was completed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionCompleted {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child ran.
    pub workflow_type: WorkflowType,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub started_event_id: EventId,
}

/// The child workflow failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionFailed {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child ran.
    pub workflow_type: WorkflowType,
    /// Why, in a word that a decider can branch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Why, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub started_event_id: EventId,
}

/// The child workflow took too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionTimedOut {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child ran.
    pub workflow_type: WorkflowType,
    /// Which timeout.
    pub timeout_type: WorkflowExecutionTimeoutType,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub started_event_id: EventId,
}

/// The child workflow was canceled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionCanceled {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child ran.
    pub workflow_type: WorkflowType,
    /// What is said of it, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub started_event_id: EventId,
}

/// The child workflow was terminated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildWorkflowExecutionTerminated {
    /// The execution of the child.
    #[serde(with = "wire::workflow_execution")]
    pub workflow_execution: WorkflowExecution,
    /// Which workflow the child ran.
    pub workflow_type: WorkflowType,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub initiated_event_id: EventId,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub started_event_id: EventId,
}
