//! The attributes of a workflow execution's own events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{Timeout, WorkflowExecution};

use super::cause::{
    ChildPolicy, WorkflowExecutionCancelRequestedCause, WorkflowExecutionTerminatedCause,
};
use super::timeout::WorkflowExecutionTimeoutType;
use crate::engine::ids::{EventId, WorkflowType};
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The execution was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionStarted {
    /// What it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// How long each of its decision tasks may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// What becomes of its children when it is terminated.
    pub child_policy: ChildPolicy,
    /// The task list of its decision tasks.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// The priority of its decision tasks, where one was said; else it counts as 0.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// Which workflow it runs.
    pub workflow_type: WorkflowType,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tag_list: Vec<Arc<str>>,
    /// The run that it continues, if one continued as new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_execution_run_id: Option<Arc<str>>,
    /// The execution whose child it is.
    #[serde(
        default,
        with = "wire::optional_workflow_execution",
        skip_serializing_if = "Option::is_none"
    )]
    pub parent_workflow_execution: Option<WorkflowExecution>,
    /// The parent's event that started it; 0 if it has no parent.
    #[serde(default)]
    pub parent_initiated_event_id: EventId,
    /// The IAM role by which it invokes Lambda functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<Arc<str>>,
}

/// Somebody asked for the execution to be canceled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionCancelRequested {
    /// The execution whose decider asked, if one did.
    #[serde(
        default,
        with = "wire::optional_workflow_execution",
        skip_serializing_if = "Option::is_none"
    )]
    pub external_workflow_execution: Option<WorkflowExecution>,
    /// The event of that execution by which it asked; 0 if no execution did.
    #[serde(default)]
    pub external_initiated_event_id: EventId,
    /// Why, if it was the parent's child policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<WorkflowExecutionCancelRequestedCause>,
}

/// The decider completed the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionCompleted {
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider failed the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionFailed {
    /// Why, in a word that a decider can branch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Why, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The execution took too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionTimedOut {
    /// Which timeout.
    pub timeout_type: WorkflowExecutionTimeoutType,
    /// What becomes of its children.
    pub child_policy: ChildPolicy,
}

/// The decider canceled the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionCanceled {
    /// What is said of it, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider closed the execution and started the next run of its workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionContinuedAsNew {
    /// What the next run is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
    /// The next run.
    pub new_execution_run_id: Arc<str>,
    /// How long the next run may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// The task list of the next run's decision tasks.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// The priority of those, where one was said; else it counts as 0.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// How long each of those may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// What becomes of the next run's children when it is terminated.
    pub child_policy: ChildPolicy,
    /// The tags of the next run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tag_list: Vec<Arc<str>>,
    /// Which workflow the next run runs.
    pub workflow_type: WorkflowType,
    /// The IAM role by which the next run invokes Lambda functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<Arc<str>>,
}

/// The execution was terminated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
