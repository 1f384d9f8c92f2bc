//! `RequestCancelWorkflowExecution`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::WorkflowExecutionCancelRequested;
use crate::engine::fault::Fault;

/// Asks an open execution to cancel. That is for its decider to do: it learns of it in the
/// next decision task, can clean up, and answers with the decision `CancelWorkflowExecution`.
///
/// Compared with [`TerminateWorkflowExecution`](super::TerminateWorkflowExecution), which
/// closes it at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCancelWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// The workflow id.
    pub workflow_id: String,
    /// The run; if none, the open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

impl Operation for RequestCancelWorkflowExecution {
    const NAME: &'static str = "RequestCancelWorkflowExecution";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let run_id =
            engine.open_execution(&self.domain, &self.workflow_id, self.run_id.as_deref())?;
        let requested = WorkflowExecutionCancelRequested {
            external_workflow_execution: None,
            external_initiated_event_id: 0,
            cause: None,
        };
        engine.request_cancel_execution(&run_id, requested);
        Ok(())
    }
}
