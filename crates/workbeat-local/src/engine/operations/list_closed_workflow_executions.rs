//! `ListClosedWorkflowExecutions`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::page::Page;
use crate::engine::visibility::{
    CloseStatusFilter, ExecutionTimeFilter, Filters, Selection, TagFilter, WorkflowExecutionFilter,
    WorkflowExecutionInfos, WorkflowTypeFilter,
};

/// Asks for the executions of a domain that are closed, the newest first.
///
/// They are asked for by their start or by their close, not by both, and come in that order.
/// One further filter can be given at most: anything else is a `ValidationException`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListClosedWorkflowExecutions {
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
    /// Whether the oldest comes first, instead of the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
    /// How many at most; up to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_page_size: Option<u32>,
    /// The page that the last answer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl Operation for ListClosedWorkflowExecutions {
    const NAME: &'static str = "ListClosedWorkflowExecutions";

    type Answer = WorkflowExecutionInfos;

    fn apply_to(self, engine: &mut Engine) -> Result<WorkflowExecutionInfos, Fault> {
        let token = self.next_page_token.as_deref();
        let page = Page::of(&engine.seed, &self, token, self.maximum_page_size)?;
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
        Ok(selection.page(engine, &page, self.reverse_order.unwrap_or(false)))
    }
}
