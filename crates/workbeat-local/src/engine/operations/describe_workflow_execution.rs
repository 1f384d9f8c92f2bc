//! `DescribeWorkflowExecution`

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{Timeout, WorkflowExecution};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::ChildPolicy;
use crate::engine::execution::Execution;
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;
use crate::engine::time::Timestamp;
use crate::engine::visibility::WorkflowExecutionInfo;
use crate::engine::wire;

/// Asks for an execution, open or closed: its state, its configuration and what is open in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// Which run of which workflow id.
    #[serde(with = "wire::workflow_execution")]
    pub execution: WorkflowExecution,
}

/// An execution, its configuration and what is open in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionDetail {
    /// The execution and its state.
    pub execution_info: WorkflowExecutionInfo,
    /// What holds for it.
    pub execution_configuration: WorkflowExecutionConfiguration,
    /// What is open in it.
    pub open_counts: WorkflowExecutionOpenCounts,
    /// When its last activity was scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_activity_task_timestamp: Option<Timestamp>,
    /// What its decider last kept with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_execution_context: Option<Payload>,
}

/// What holds for an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionConfiguration {
    /// How long a decision task may take.
    #[serde(with = "wire::required_timeout")]
    pub task_start_to_close_timeout: Timeout,
    /// How long the execution may take.
    #[serde(with = "wire::required_timeout")]
    pub execution_start_to_close_timeout: Timeout,
    /// The task list of its decision tasks.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// The priority of its decision tasks, where one was said; else it counts as 0.
    #[serde(with = "wire::priority", skip_serializing_if = "Option::is_none")]
    pub task_priority: Option<i32>,
    /// What becomes of its children when it is terminated.
    pub child_policy: ChildPolicy,
    /// The IAM role by which it invokes Lambda functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<Arc<str>>,
}

/// What is open in an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionOpenCounts {
    /// Activities that are scheduled or started.
    pub open_activity_tasks: usize,
    /// Decision tasks that are scheduled or started: one at most.
    pub open_decision_tasks: usize,
    /// Timers that have not fired.
    pub open_timers: usize,
    /// Children that go on.
    pub open_child_workflow_executions: usize,
    /// Lambda functions; here there are none.
    pub open_lambda_functions: usize,
}

impl Operation for DescribeWorkflowExecution {
    const NAME: &'static str = "DescribeWorkflowExecution";

    type Answer = WorkflowExecutionDetail;

    fn apply_to(self, engine: &mut Engine) -> Result<WorkflowExecutionDetail, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let found = engine.executions.get(&self.execution.run_id);
        let found = found.filter(|found| found.domain == domain && found.id == self.execution);
        let execution = found.ok_or_else(|| Fault::unknown_execution(&self.execution))?;
        Ok(WorkflowExecutionDetail {
            execution_info: WorkflowExecutionInfo::of(execution),
            execution_configuration: WorkflowExecutionConfiguration::of(execution),
            open_counts: WorkflowExecutionOpenCounts::of(execution),
            latest_activity_task_timestamp: execution.latest_activity_task_at,
            latest_execution_context: execution.latest_execution_context().cloned(),
        })
    }
}

impl WorkflowExecutionConfiguration {
    fn of(execution: &Execution) -> Self {
        let configuration = &execution.configuration;
        Self {
            task_start_to_close_timeout: configuration.task_start_to_close,
            execution_start_to_close_timeout: configuration.execution_start_to_close,
            task_list: configuration.task_list.clone(),
            task_priority: configuration.task_priority,
            child_policy: configuration.child_policy,
            lambda_role: configuration.lambda_role.clone(),
        }
    }
}

impl WorkflowExecutionOpenCounts {
    fn of(execution: &Execution) -> Self {
        Self {
            open_activity_tasks: execution.activities.len(),
            open_decision_tasks: usize::from(execution.decisions.task.is_some()),
            open_timers: execution.timers.len(),
            open_child_workflow_executions: execution.children.len(),
            open_lambda_functions: 0,
        }
    }
}
