//! `CountClosedWorkflowExecutions`

use serde::{Deserialize, Serialize};

use super::Operation;
use super::count_open_workflow_executions::WorkflowExecutionCount;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::visibility::{
    CloseStatusFilter, ExecutionTimeFilter, Filters, Selection, TagFilter, WorkflowExecutionFilter,
    WorkflowTypeFilter,
};

/// Asks how many executions of a domain are closed.
///
/// They are asked for by their start or by their close, not by both.
/// One further filter can be given at most: anything else is a `ValidationException`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CountClosedWorkflowExecutions {
    /// The domain.
    pub domain: String,
    /// When they were started; either this or `close_time_filter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time_filter: Option<ExecutionTimeFilter>,
    /// When they were closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_filter: Option<ExecutionTimeFilter>,
    /// Only those of one workflow id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_filter: Option<WorkflowExecutionFilter>,
    /// Only those of one workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_filter: Option<WorkflowTypeFilter>,
    /// Only those with one tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_filter: Option<TagFilter>,
    /// Only those that were closed in one way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_status_filter: Option<CloseStatusFilter>,
}

impl Operation for CountClosedWorkflowExecutions {
    const NAME: &'static str = "CountClosedWorkflowExecutions";

    type Answer = WorkflowExecutionCount;

    fn apply_to(self, engine: &mut Engine) -> Result<WorkflowExecutionCount, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let filters = Filters {
            execution: self.execution_filter.as_ref(),
            workflow_type: self.type_filter.as_ref(),
            tag: self.tag_filter.as_ref(),
            close_status: self.close_status_filter,
        };
        let filter = filters.one()?;
        let (started, closed) = (self.start_time_filter, self.close_time_filter);
        let selection = Selection::closed(domain, started, closed, filter)?;
        Ok(WorkflowExecutionCount::of(selection.count(engine)))
    }
}
