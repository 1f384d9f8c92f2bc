//! What a list says of an execution.

use std::sync::Arc;

use serde::Serialize;
use workbeat::service::WorkflowExecution;

use crate::engine::execution::{CloseStatus, Execution};
use crate::engine::ids::WorkflowType;
use crate::engine::time::Timestamp;
use crate::engine::wire;
use crate::engine::words::words;

words! {
    /// Whether an execution goes on.
    ExecutionStatus {
        /// It does.
        Open = "OPEN",
        /// It does not.
        Closed = "CLOSED",
    }
}

/// An execution and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionInfo {
    /// Which run of which workflow id.
    #[serde(with = "wire::workflow_execution")]
    pub execution: WorkflowExecution,
    /// Which workflow it runs.
    pub workflow_type: WorkflowType,
    /// When it was started.
    pub start_timestamp: Timestamp,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_timestamp: Option<Timestamp>,
    /// Whether it goes on.
    pub execution_status: ExecutionStatus,
    /// How it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_status: Option<CloseStatus>,
    /// The execution whose child it is.
    #[serde(
        with = "wire::optional_workflow_execution",
        skip_serializing_if = "Option::is_none"
    )]
    pub parent: Option<WorkflowExecution>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag_list: Vec<Arc<str>>,
    /// Whether its cancellation was requested.
    pub cancel_requested: bool,
}

/// One page of executions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionInfos {
    /// The executions: the newest first, unless the request said otherwise.
    pub execution_infos: Vec<WorkflowExecutionInfo>,
    /// Where the next page is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl WorkflowExecutionInfo {
    /// What there is to say of an execution.
    pub(in crate::engine) fn of(execution: &Execution) -> Self {
        let closed = execution.closed;
        Self {
            execution: execution.id.clone(),
            workflow_type: execution.workflow_type.clone(),
            start_timestamp: execution.started_at,
            close_timestamp: closed.map(|closed| closed.at),
            execution_status: match closed {
                None => ExecutionStatus::Open,
                Some(_) => ExecutionStatus::Closed,
            },
            close_status: closed.map(|closed| closed.status),
            parent: execution.parent.as_ref().map(|it| it.execution.clone()),
            tag_list: execution.tag_list.clone(),
            cancel_requested: execution.cancel_requested,
        }
    }
}
