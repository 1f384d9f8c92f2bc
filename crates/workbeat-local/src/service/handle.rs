//! An activity that was started: follow it, cancel it, await it.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;
use workbeat::service::WorkflowExecution;

use super::error::{LocalError, LocalErrorKind};
use super::heartbeats::Heartbeats;
use super::outcome::ActivityOutcome;
use super::shared::Shared;
use super::start::Scheduled;
use crate::engine::{
    ActivityKey, CompleteWorkflowExecution, Decide, Decision, DecisionOutcome, EventAttributes,
    HistoryEvent, Payload, RequestCancelActivityTask, TerminateWorkflowExecution,
};

/// An activity that was started on the embedded service.
///
/// It is the decider's side of the activity. Cloning it is cheap, and dropping it changes
/// nothing: the activity goes on.
///
/// ```
/// # use workbeat_local::{LocalService, StartActivity};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let service = LocalService::new();
/// # let start = StartActivity::new("pack", "1.0").task_list("files");
/// let activity = service.start(start)?;
/// activity.request_cancel()?; // no worker has it yet, so this is the end of it
/// let outcome = activity.outcome().await;
/// assert_eq!(outcome.to_string(), "was canceled");
/// assert_eq!(activity.history()[9].event_type(), "ActivityTaskCanceled");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ActivityHandle {
    shared: Arc<Shared>,
    workflow: WorkflowExecution,
    activity_id: Arc<str>,
    key: ActivityKey,
    outcome: watch::Receiver<Option<ActivityOutcome>>,
}

impl ActivityHandle {
    pub(super) fn new(
        shared: Arc<Shared>,
        scheduled: Scheduled,
        outcome: watch::Receiver<Option<ActivityOutcome>>,
    ) -> Self {
        let Scheduled {
            workflow,
            activity_id,
            key,
        } = scheduled;
        Self {
            shared,
            workflow,
            activity_id,
            key,
            outcome,
        }
    }

    /// What the decider calls the activity.
    #[must_use]
    pub fn activity_id(&self) -> &str {
        &self.activity_id
    }

    /// The workflow execution around it.
    #[must_use]
    pub fn workflow(&self) -> &WorkflowExecution {
        &self.workflow
    }

    /// The task list that it waits, or waited, in.
    pub(super) fn task_list(&self) -> Option<String> {
        let scheduled = |event: &HistoryEvent| match &event.attributes {
            EventAttributes::ActivityTaskScheduled(scheduled) => {
                Some(scheduled.task_list.to_string())
            }
            _ => None,
        };
        self.history().iter().rev().find_map(scheduled)
    }

    /// The activity in the engine's terms: its run and its `ActivityTaskScheduled` event.
    #[must_use]
    pub fn key(&self) -> &ActivityKey {
        &self.key
    }

    /// The heartbeats that the service receives from now on, until the activity is closed.
    pub fn heartbeats(&self) -> Heartbeats {
        let beats = self.shared.with(|state, _| state.follow(&self.key));
        Heartbeats::new(self.shared.clone(), beats)
    }

    /// Waits until the activity is closed, and says how.
    ///
    /// It can be asked again, and by several at once: the answer stays the same.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn outcome(&self) -> ActivityOutcome {
        let mut outcome = self.outcome.clone();
        let closed = outcome.wait_for(Option::is_some);
        let closed = self
            .shared
            .drive(closed)
            .await
            .ok()
            .and_then(|outcome| outcome.clone());
        // The sender is dropped only after it has sent, so the other arm is never taken.
        closed.unwrap_or(ActivityOutcome::WorkflowClosed { event_type: "" })
    }

    /// How the activity ended, if it is closed.
    #[must_use]
    pub fn try_outcome(&self) -> Option<ActivityOutcome> {
        // Time may have passed while nobody waited.
        self.shared.with(|_, _| ());
        self.outcome.borrow().clone()
    }

    /// Asks for the activity to be canceled.
    ///
    /// One that no worker has taken is closed at once. A worker learns of it from the answer
    /// to its next heartbeat, and may ignore it.
    ///
    /// # Errors
    ///
    /// [`ActivityClosed`](LocalErrorKind::ActivityClosed) or
    /// [`WorkflowClosed`](LocalErrorKind::WorkflowClosed): it is too late.
    pub fn request_cancel(&self) -> Result<(), LocalError> {
        let activity_id = self.activity_id.to_string();
        let requested = self.decide(RequestCancelActivityTask { activity_id }.into())?;
        if requested.failure.is_some() {
            return Err(LocalError::new(
                LocalErrorKind::ActivityClosed,
                "the activity is closed",
            ));
        }
        tracing::debug!(activity_id = %self.activity_id, "cancellation requested");
        Ok(())
    }

    /// Completes the workflow execution around the activity, which closes an activity that is
    /// still open: its worker's next call is answered with `Unknown execution`.
    ///
    /// # Errors
    ///
    /// [`WorkflowClosed`](LocalErrorKind::WorkflowClosed) if it is closed already.
    pub fn complete_workflow(&self, result: Option<Payload>) -> Result<(), LocalError> {
        self.decide(CompleteWorkflowExecution { result }.into())
            .map(drop)
    }

    /// Terminates the workflow execution around the activity, which closes an activity that
    /// is still open: its worker's next call is answered with `Unknown execution`.
    ///
    /// # Errors
    ///
    /// [`WorkflowClosed`](LocalErrorKind::WorkflowClosed) if it is closed already, and
    /// [`Invalid`](LocalErrorKind::Invalid) if the reason has more than 256 characters.
    pub fn terminate_workflow(&self, reason: impl Into<String>) -> Result<(), LocalError> {
        let terminate = TerminateWorkflowExecution {
            domain: self.shared.domain.clone(),
            workflow_id: self.workflow.workflow_id.to_string(),
            run_id: Some(self.workflow.run_id.to_string()),
            reason: Some(reason.into()),
            ..TerminateWorkflowExecution::default()
        };
        Ok(self
            .shared
            .with(|state, now| state.engine.apply(terminate, now))?)
    }

    /// The history of the workflow execution around the activity, in order.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEvent> {
        self.shared.history(&self.workflow.run_id)
    }

    /// Takes one decision about the execution.
    fn decide(&self, decision: Decision) -> Result<DecisionOutcome, LocalError> {
        let decide = Decide {
            domain: self.shared.domain.clone(),
            workflow_id: self.workflow.workflow_id.to_string(),
            run_id: Some(self.workflow.run_id.to_string()),
            decisions: vec![decision],
        };
        let decided = self
            .shared
            .with(|state, now| state.engine.apply(decide, now))?;
        let none = || LocalError::new(LocalErrorKind::Invalid, "nothing was decided");
        decided.outcomes.into_iter().next().ok_or_else(none)
    }
}

impl fmt::Debug for ActivityHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityHandle")
            .field("workflow", &self.workflow)
            .field("activity_id", &self.activity_id)
            .field("outcome", &*self.outcome.borrow())
            .finish_non_exhaustive()
    }
}
