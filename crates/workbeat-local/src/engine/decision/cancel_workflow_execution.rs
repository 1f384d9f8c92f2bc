//! The decision `CancelWorkflowExecution`.

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    CancelWorkflowExecutionFailed, CancelWorkflowExecutionFailedCause as Cause,
    WorkflowExecutionCanceled,
};
use crate::engine::payload::Payload;

/// Cancel the execution: the answer to a request, which a decider may also give unasked.
///
/// It fails with `UNHANDLED_DECISION` if something came that the decider has not seen yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelWorkflowExecution {
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

impl CarryOut for CancelWorkflowExecution {
    const CLOSES: bool = true;

    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let decision_task_completed_event_id = decided.completed;
        if decided.unhandled {
            let cause = Cause::UnhandledDecision;
            let failed = CancelWorkflowExecutionFailed {
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(&decided.run_id, failed);
            return DecisionOutcome::failed(
                event_id,
                DecisionFailure::CancelWorkflowExecution(cause),
            );
        }
        let event = WorkflowExecutionCanceled {
            details: self.details,
            decision_task_completed_event_id,
        };
        let event_id = engine.close_execution(&decided.run_id, event);
        DecisionOutcome::done(event_id)
    }
}
