//! `CountOpenWorkflowExecutions`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::visibility::{
    ExecutionTimeFilter, Filters, Selection, TagFilter, WorkflowExecutionFilter, WorkflowTypeFilter,
};

/// Asks how many executions of a domain are open.
///
/// One filter beside the time can be given at most: more are a `ValidationException`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CountOpenWorkflowExecutions {
    /// The domain.
    pub domain: String,
    /// When they were started.
    pub start_time_filter: ExecutionTimeFilter,
    /// Only those of one workflow id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_filter: Option<WorkflowExecutionFilter>,
    /// Only those of one workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_filter: Option<WorkflowTypeFilter>,
    /// Only those with one tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_filter: Option<TagFilter>,
}

/// How many executions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowExecutionCount {
    /// How many.
    pub count: usize,
    /// Whether there are more than were counted; here all are counted.
    pub truncated: bool,
}

impl WorkflowExecutionCount {
    /// All of them, counted.
    pub(super) fn of(count: usize) -> Self {
        Self {
            count,
            truncated: false,
        }
    }
}

impl Operation for CountOpenWorkflowExecutions {
    const NAME: &'static str = "CountOpenWorkflowExecutions";

    type Answer = WorkflowExecutionCount;

    fn apply_to(self, engine: &mut Engine) -> Result<WorkflowExecutionCount, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let filters = Filters {
            execution: self.execution_filter.as_ref(),
            workflow_type: self.type_filter.as_ref(),
            tag: self.tag_filter.as_ref(),
            close_status: None,
        };
        let filter = filters.one()?;
        let selection = Selection::open(domain, self.start_time_filter, filter);
        Ok(WorkflowExecutionCount::of(selection.count(engine)))
    }
}
