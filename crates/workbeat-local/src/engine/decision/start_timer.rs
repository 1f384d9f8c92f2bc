//! The decision `StartTimer`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{StartTimerFailed, StartTimerFailedCause as Cause, TimerStarted};
use crate::engine::payload::Payload;
use crate::engine::timer::Timer;
use crate::engine::{limits, wire};

/// Start a timer. It fires once, with a `TimerFired` event, unless it is canceled first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartTimer {
    /// What the decider calls it; unique among the open timers of the execution.
    pub timer_id: String,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// When it fires. It may be zero, and is never `NONE`.
    #[serde(with = "wire::required_timeout")]
    pub start_to_fire_timeout: Timeout,
}

impl CarryOut for StartTimer {
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let timer_id: Arc<str> = self.timer_id.into();
        let decision_task_completed_event_id = decided.completed;
        let refused = engine.open(run_id).and_then(|execution| {
            if execution.timer_ids.contains_key(&timer_id) {
                Some(Cause::TimerIdAlreadyInUse)
            } else {
                let full = execution.timers.len() >= limits::OPEN_TIMERS;
                full.then_some(Cause::OpenTimersLimitExceeded)
            }
        });
        if let Some(cause) = refused {
            let failed = StartTimerFailed {
                timer_id,
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(run_id, failed);
            return DecisionOutcome::failed(event_id, DecisionFailure::StartTimer(cause));
        }
        let start_to_fire = wire::rounded(self.start_to_fire_timeout);
        let started = TimerStarted {
            timer_id: timer_id.clone(),
            control: self.control,
            start_to_fire_timeout: start_to_fire,
            decision_task_completed_event_id,
        };
        let event_id = engine.record(run_id, started);
        if let Some(event_id) = event_id {
            let started_at = engine.now;
            let timer = Timer {
                timer_id,
                started_at,
                start_to_fire,
            };
            engine.keep_timer(run_id, event_id, timer);
        }
        DecisionOutcome::done(event_id)
    }
}
