//! The decision `RequestCancelActivityTask`.

use std::sync::Arc;

use super::decision::{DecisionFailure, DecisionOutcome};
use crate::engine::activity::ActivityState;
use crate::engine::core::Engine;
use crate::engine::event::{
    ActivityTaskCancelRequested, ActivityTaskCanceled, RequestCancelActivityTaskFailed,
    RequestCancelActivityTaskFailedCause,
};
use crate::engine::ids::{ActivityKey, EventId};

impl Engine {
    /// Asks for an activity to be canceled.
    ///
    /// One that no worker has taken is closed here and now, and no poll will ever bring it.
    /// One that has started learns of it from the answer to its next heartbeat.
    pub(super) fn request_cancel(
        &mut self,
        run_id: &Arc<str>,
        activity_id: &str,
        decision_task_completed_event_id: EventId,
    ) -> DecisionOutcome {
        let open = self.executions.get(run_id).and_then(|execution| {
            let (name, scheduled) = execution.activity_ids.get_key_value(activity_id)?;
            Some((name.clone(), *scheduled))
        });
        let Some((activity_id, scheduled_event_id)) = open else {
            let cause = RequestCancelActivityTaskFailedCause::ActivityIdUnknown;
            let event = RequestCancelActivityTaskFailed {
                activity_id: activity_id.into(),
                cause,
                decision_task_completed_event_id,
            };
            let event_id = self.record(run_id, event);
            let failure = Some(DecisionFailure::RequestCancelActivityTask(cause));
            return DecisionOutcome { event_id, failure };
        };
        let event = ActivityTaskCancelRequested {
            decision_task_completed_event_id,
            activity_id,
        };
        let event_id = self.record(run_id, event);
        let key = ActivityKey::new(run_id.clone(), scheduled_event_id);
        self.mark_cancel_requested(&key, event_id);
        DecisionOutcome {
            event_id,
            failure: None,
        }
    }

    fn mark_cancel_requested(&mut self, key: &ActivityKey, requested: EventId) {
        let Some(execution) = self.executions.get_mut(&key.run_id) else {
            return;
        };
        let Some(activity) = execution.activities.get_mut(&key.scheduled_event_id) else {
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
