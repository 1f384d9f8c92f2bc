//! The decision `CancelTimer`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{CancelTimerFailed, CancelTimerFailedCause as Cause, TimerCanceled};

/// Cancel a timer. One that has fired is no longer open, so that fails.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelTimer {
    /// What the decider called it.
    pub timer_id: String,
}

impl CarryOut for CancelTimer {
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let timer_id: Arc<str> = self.timer_id.into();
        let decision_task_completed_event_id = decided.completed;
        let execution = engine.open(run_id);
        let Some(started_event_id) = execution.and_then(|it| it.timer_ids.get(&timer_id).copied())
        else {
            let cause = Cause::TimerIdUnknown;
            let failed = CancelTimerFailed {
                timer_id,
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(run_id, failed);
            return DecisionOutcome::failed(event_id, DecisionFailure::CancelTimer(cause));
        };
        engine.take_timer(run_id, started_event_id);
        let canceled = TimerCanceled {
            timer_id,
            started_event_id,
            decision_task_completed_event_id,
        };
        DecisionOutcome::done(engine.record(run_id, canceled))
    }
}
