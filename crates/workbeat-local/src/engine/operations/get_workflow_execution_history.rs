//! `GetWorkflowExecutionHistory`

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::HistoryEvent;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Asks for an execution's history: the whole of it, in order, open or closed.
///
/// The events are copied; [`Engine::history`] lends them instead.
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
/// let get = GetWorkflowExecutionHistory { domain: domain(), execution };
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
}

/// The events of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct History {
    /// In order; the first has the id 1.
    pub events: Vec<HistoryEvent>,
}

impl Operation for GetWorkflowExecutionHistory {
    const NAME: &'static str = "GetWorkflowExecutionHistory";

    type Answer = History;

    fn apply_to(self, engine: &mut Engine) -> Result<History, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let found = engine.executions.get(&self.execution.run_id);
        let found = found.filter(|found| found.domain == domain && found.id == self.execution);
        let execution = found.ok_or_else(|| Fault::unknown_execution(&self.execution))?;
        Ok(History {
            events: execution.history().to_vec(),
        })
    }
}
