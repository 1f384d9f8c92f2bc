//! What can be looked up without changing anything. The time stays where it is.

use workbeat::service::{TaskToken, WorkflowExecution};

use super::activity::{ActivityState, ActivityTimeouts};
use super::core::Engine;
use super::event::HistoryEvent;
use super::execution::Execution;
use super::ids::ActivityKey;
use super::time::Timestamp;
use super::token;

impl Engine {
    /// The time up to which every deadline has fired.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether there is no domain, and so nothing else: it is as a new engine.
    ///
    /// For a shell with many engines, which need not keep one for those who only looked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// The whole history of a run, open or closed, in order.
    #[must_use]
    pub fn history(&self, run_id: &str) -> Option<&[HistoryEvent]> {
        self.executions.get(run_id).map(Execution::history)
    }

    /// Whether a run is open; `None` if there is no such run.
    #[must_use]
    pub fn is_open(&self, run_id: &str) -> Option<bool> {
        self.executions.get(run_id).map(Execution::is_open)
    }

    /// The run ids of all executions, open or closed, that are still kept.
    #[must_use]
    pub fn runs(&self) -> Vec<std::sync::Arc<str>> {
        self.executions.keys().cloned().collect()
    }

    /// The open run of a workflow id.
    #[must_use]
    pub fn open_run(&self, domain: &str, workflow_id: &str) -> Option<std::sync::Arc<str>> {
        self.open_run_in(self.domains.key(domain).ok()?, workflow_id)
    }

    /// The domain of a run, open or closed, and its workflow execution.
    #[must_use]
    pub fn workflow(&self, run_id: &str) -> Option<(&str, &WorkflowExecution)> {
        let execution = self.executions.get(run_id)?;
        Some((self.domains.name(execution.domain)?, &execution.id))
    }

    /// The open activities of a run.
    #[must_use]
    pub fn open_activities(&self, run_id: &str) -> Vec<ActivityKey> {
        let Some(execution) = self.executions.get(run_id) else {
            return Vec::new();
        };
        let scheduled = execution.activities.keys();
        scheduled
            .map(|&id| ActivityKey::new(execution.id.run_id.clone(), id))
            .collect()
    }

    /// The timeouts of the open, started activity that a token names, with when it was
    /// scheduled and when it started.
    #[must_use]
    pub fn timeouts(&self, token: &TaskToken) -> Option<(ActivityTimeouts, Timestamp, Timestamp)> {
        let activity = self.activity(&token::read(&self.seed, token).ok()?.activity())?;
        match activity.state {
            ActivityState::Scheduled { .. } => None,
            ActivityState::Started { started_at, .. } => {
                Some((activity.timeouts, activity.scheduled_at, started_at))
            }
        }
    }
}
