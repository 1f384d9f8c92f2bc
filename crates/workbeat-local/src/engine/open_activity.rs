//! An open activity as somebody sees it who watches from outside.

use std::sync::Arc;

use workbeat::service::{ActivityType, WorkflowExecution};

use super::activity::{Activity, ActivityState, ActivityTimeouts};
use super::core::Engine;
use super::execution::Execution;
use super::ids::{ActivityKey, EventId};
use super::payload::Payload;
use super::time::Timestamp;

/// Where an open activity stands, for whoever shows it to a person.
///
/// SWF has nothing like it: there, the last heartbeat shows nowhere while the activity is
/// open. Get it from [`Engine::open_activity`] or [`Engine::all_open_activities`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenActivity {
    /// The domain that its workflow is in.
    pub domain: String,
    /// The workflow execution that it belongs to.
    pub workflow: WorkflowExecution,
    /// What it is called within the engine.
    pub key: ActivityKey,
    /// The decider's name for it.
    pub activity_id: Arc<str>,
    /// What it is.
    pub activity_type: ActivityType,
    /// Where it waits, or waited, for a worker.
    pub task_list: Arc<str>,
    /// All four of its timeouts.
    pub timeouts: ActivityTimeouts,
    /// When it was scheduled.
    pub scheduled_at: Timestamp,
    /// When a worker took it; `None` while it waits.
    pub started_at: Option<Timestamp>,
    /// When its last heartbeat came.
    pub heartbeat_at: Option<Timestamp>,
    /// What that heartbeat carried.
    pub details: Option<Payload>,
    /// Somebody asked for it to be canceled.
    pub cancel_requested: bool,
}

impl Engine {
    /// How an activity stands; `None` once it is closed.
    #[must_use]
    pub fn open_activity(&self, key: &ActivityKey) -> Option<OpenActivity> {
        let execution = self.executions.get(&key.run_id)?;
        let activity = execution.activities.get(&key.scheduled_event_id)?;
        self.seen(execution, key.scheduled_event_id, activity)
    }

    /// Where an open activity waits, or waited, and what it is.
    pub(crate) fn waits_in(&self, key: &ActivityKey) -> Option<(&Arc<str>, &ActivityType)> {
        let execution = self.executions.get(&key.run_id)?;
        let activity = execution.activities.get(&key.scheduled_event_id)?;
        Some((&activity.task_list.1, &activity.activity_type))
    }

    /// How every open activity of every domain stands.
    #[must_use]
    pub fn all_open_activities(&self) -> Vec<OpenActivity> {
        let executions = self.executions.values();
        executions
            .flat_map(|execution| {
                let open = execution.activities.iter();
                open.filter_map(|(&id, activity)| self.seen(execution, id, activity))
            })
            .collect()
    }

    /// How an activity of an execution stands, or stood until it was taken out.
    pub(super) fn seen(
        &self,
        execution: &Execution,
        scheduled: EventId,
        activity: &Activity,
    ) -> Option<OpenActivity> {
        let (started_at, heartbeat_at, details) = match &activity.state {
            ActivityState::Scheduled { .. } => (None, None, None),
            ActivityState::Started {
                started_at,
                heartbeat_at,
                details,
                ..
            } => (Some(*started_at), *heartbeat_at, details.clone()),
        };
        Some(OpenActivity {
            domain: self.domains.name(execution.domain)?.to_owned(),
            workflow: execution.id.clone(),
            key: ActivityKey::new(execution.id.run_id.clone(), scheduled),
            activity_id: activity.activity_id.clone(),
            activity_type: activity.activity_type.clone(),
            task_list: activity.task_list.1.clone(),
            timeouts: activity.timeouts,
            scheduled_at: activity.scheduled_at,
            started_at,
            heartbeat_at,
            details,
            cancel_requested: activity.cancel_requested.is_some(),
        })
    }
}
