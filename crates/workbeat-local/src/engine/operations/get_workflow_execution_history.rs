//! `GetWorkflowExecutionHistory`

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::HistoryEvent;
use crate::engine::execution::{HistoryPage, page_token, read_page_token};
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Asks for an execution's history in pages, open or closed.
///
/// A page costs what it holds, wherever in the history it is. The events are copied;
/// [`Engine::history`] lends them instead.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// # let start = StartWorkflowExecution {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     workflow_type: WorkflowType::new("order", "1.0"),
/// #     ..Default::default()
/// # };
/// # let run = engine.apply(start, now)?;
/// # let pack = ActivityType::new("pack", "1.0");
/// use workbeat::service::WorkflowExecution;
///
/// let execution = WorkflowExecution::new("order-1", run.run_id);
/// let get = GetWorkflowExecutionHistory::new(domain(), execution);
/// let history = engine.apply(get, now)?;
/// let json = serde_json::to_value(&history).expect("a history is JSON");
/// assert_eq!(json["events"][0]["eventType"], "WorkflowExecutionStarted");
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetWorkflowExecutionHistory {
    /// The domain.
    pub domain: String,
    /// The run.
    #[serde(with = "wire::workflow_execution")]
    pub execution: WorkflowExecution,
    /// What the last page said of the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// How many events a page has at most: up to 1,000, and as many if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_page_size: Option<u32>,
    /// Whether the newest event comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
}

impl GetWorkflowExecutionHistory {
    /// The first page of an execution's history, the oldest event first.
    pub fn new(domain: impl Into<String>, execution: WorkflowExecution) -> Self {
        Self {
            domain: domain.into(),
            execution,
            next_page_token: None,
            maximum_page_size: None,
            reverse_order: None,
        }
    }
}

/// The events of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct History {
    /// A page of them, in the order that was asked for.
    pub events: Vec<HistoryEvent>,
    /// What brings the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl Operation for GetWorkflowExecutionHistory {
    const NAME: &'static str = "GetWorkflowExecutionHistory";

    type Answer = History;

    fn apply_to(self, engine: &mut Engine) -> Result<History, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let found = engine.executions.get(&self.execution.run_id);
        let found = found.filter(|found| found.domain == domain && found.id == self.execution);
        let execution = found.ok_or_else(|| Fault::unknown_execution(&self.execution))?;
        let page = HistoryPage::of(self.maximum_page_size, self.reverse_order);
        let of = format!("history.{}.{}", self.execution.run_id, page.reverse);
        let token = self.next_page_token.filter(|token| !token.is_empty());
        let from = token.map(|token| read_page_token(&engine.seed, &of, &token));
        let history = execution.history();
        let range = (1, execution.next_event_id().saturating_sub(1));
        let (events, next) = page.cut(history, range, from.transpose()?);
        Ok(History {
            events,
            next_page_token: next.map(|next| page_token(&engine.seed, &of, next)),
        })
    }
}
