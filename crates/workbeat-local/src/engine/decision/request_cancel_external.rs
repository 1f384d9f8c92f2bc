//! The decision `RequestCancelExternalWorkflowExecution`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::effect::Effect;
use crate::engine::event::RequestCancelExternalWorkflowExecutionInitiated;
use crate::engine::external::{Asks, ExternalRequest};
use crate::engine::payload::Payload;

/// Ask another execution of the same domain to cancel. Its decider sees to it, or not.
///
/// How it went is an event that comes after those of the decision task:
/// `ExternalWorkflowExecutionCancelRequested`, or
/// `RequestCancelExternalWorkflowExecutionFailed` with `UNKNOWN_EXTERNAL_WORKFLOW_EXECUTION`
/// if no such execution is open.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCancelExternalWorkflowExecution {
    /// The workflow id of the other execution.
    pub workflow_id: String,
    /// Its run; if none, the open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
}

impl CarryOut for RequestCancelExternalWorkflowExecution {
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let Some(execution) = engine.open(&decided.run_id) else {
            return DecisionOutcome::done(None);
        };
        let (domain, from) = (execution.domain, execution.id.clone());
        let workflow_id: Arc<str> = self.workflow_id.into();
        let run_id = self.run_id.filter(|run_id| !run_id.is_empty());
        let run_id: Option<Arc<str>> = run_id.map(Into::into);
        let decision_task_completed_event_id = decided.completed;
        let initiated = RequestCancelExternalWorkflowExecutionInitiated {
            workflow_id: workflow_id.clone(),
            run_id: run_id.clone(),
            decision_task_completed_event_id,
            control: self.control.clone(),
        };
        let event_id = engine.record(&decided.run_id, initiated);
        if let Some(initiated_event_id) = event_id {
            let request = ExternalRequest {
                domain,
                from,
                workflow_id,
                run_id,
                control: self.control,
                initiated_event_id,
                decision_task_completed_event_id,
                asks: Asks::Cancel,
            };
            engine.effects.push_back(Effect::Reach(Box::new(request)));
        }
        DecisionOutcome::done(event_id)
    }
}
