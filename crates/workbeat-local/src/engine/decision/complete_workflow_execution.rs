//! The decision `CompleteWorkflowExecution`.

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    CompleteWorkflowExecutionFailed, CompleteWorkflowExecutionFailedCause as Cause,
    WorkflowExecutionCompleted,
};
use crate::engine::payload::Payload;

/// Complete the execution.
///
/// Activities that are still open are over without an event of their own. It fails with
/// `UNHANDLED_DECISION` if something came that the decider has not seen yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteWorkflowExecution {
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
}

impl CarryOut for CompleteWorkflowExecution {
    const CLOSES: bool = true;

    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let decision_task_completed_event_id = decided.completed;
        if decided.unhandled {
            let cause = Cause::UnhandledDecision;
            let failed = CompleteWorkflowExecutionFailed {
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(&decided.run_id, failed);
            return DecisionOutcome::failed(
                event_id,
                DecisionFailure::CompleteWorkflowExecution(cause),
            );
        }
        let event = WorkflowExecutionCompleted {
            result: self.result,
            decision_task_completed_event_id,
        };
        let event_id = engine.close_execution(&decided.run_id, event);
        DecisionOutcome::done(event_id)
    }
}
