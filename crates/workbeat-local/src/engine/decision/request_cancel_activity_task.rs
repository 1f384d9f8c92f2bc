//! The decision `RequestCancelActivityTask`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::activity::ActivityState;
use crate::engine::core::Engine;
use crate::engine::event::{
    ActivityTaskCancelRequested, ActivityTaskCanceled, RequestCancelActivityTaskFailed,
    RequestCancelActivityTaskFailedCause as Cause,
};
use crate::engine::ids::{ActivityKey, EventId};

/// Ask for an activity to be canceled.
///
/// Before a worker has taken the task this closes it, with an `ActivityTaskCanceled` whose
/// `startedEventId` is 0. After that it is a request, which the worker may ignore.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCancelActivityTask {
    /// What the decider called it.
    pub activity_id: String,
}

impl CarryOut for RequestCancelActivityTask {
    // Before the start, the request and the end.
    const EVENTS: usize = 2;

    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let activity_id: Arc<str> = self.activity_id.into();
        let decision_task_completed_event_id = decided.completed;
        let execution = engine.open(run_id);
        let open = execution.and_then(|it| it.activity_ids.get(&activity_id).copied());
        let Some(scheduled_event_id) = open else {
            let cause = Cause::ActivityIdUnknown;
            let failed = RequestCancelActivityTaskFailed {
                activity_id,
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(run_id, failed);
            let failure = DecisionFailure::RequestCancelActivityTask(cause);
            return DecisionOutcome::failed(event_id, failure);
        };
        let requested = ActivityTaskCancelRequested {
            decision_task_completed_event_id,
            activity_id,
        };
        let event_id = engine.record(run_id, requested);
        if let Some(requested) = event_id {
            let key = ActivityKey::new(run_id.clone(), scheduled_event_id);
            engine.mark_cancel_requested(&key, requested);
        }
        DecisionOutcome::done(event_id)
    }
}

impl Engine {
    /// One that no worker has taken is closed here and now, and no poll will ever bring it.
    /// One that has started learns of it from the answer to its next heartbeat.
    fn mark_cancel_requested(&mut self, key: &ActivityKey, requested: EventId) {
        let Some(activity) = self.activity_mut(key) else {
            return;
        };
        activity.cancel_requested = Some(requested);
        if matches!(activity.state, ActivityState::Scheduled { .. }) {
            self.close_activity(key, |_, scheduled_event_id| ActivityTaskCanceled {
                details: None,
                scheduled_event_id,
                started_event_id: 0,
                latest_cancel_requested_event_id: Some(requested),
            });
        }
    }
}
