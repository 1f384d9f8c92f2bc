//! The decision `FailWorkflowExecution`.

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    FailWorkflowExecutionFailed, FailWorkflowExecutionFailedCause as Cause, WorkflowExecutionFailed,
};
use crate::engine::payload::Payload;

/// Fail the execution.
///
/// It fails itself, with `UNHANDLED_DECISION`, if something came that the decider has not seen
/// yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailWorkflowExecution {
    /// Why, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, at length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

impl CarryOut for FailWorkflowExecution {
    const CLOSES: bool = true;

    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let decision_task_completed_event_id = decided.completed;
        if decided.unhandled {
            let cause = Cause::UnhandledDecision;
            let failed = FailWorkflowExecutionFailed {
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(&decided.run_id, failed);
            return DecisionOutcome::failed(
                event_id,
                DecisionFailure::FailWorkflowExecution(cause),
            );
        }
        let event = WorkflowExecutionFailed {
            reason: self.reason.map(Into::into),
            details: self.details,
            decision_task_completed_event_id,
        };
        let event_id = engine.close_execution(&decided.run_id, event);
        DecisionOutcome::done(event_id)
    }
}
