//! A decision task as a poll brings it: the run's history as its decider is to see it.

use std::sync::Arc;

use serde::Serialize;
use workbeat::service::{TaskToken, WorkflowExecution};

use super::DecisionPoll;
use crate::engine::core::Engine;
use crate::engine::event::HistoryEvent;
use crate::engine::execution::{page_token, read_page_token};
use crate::engine::fault::Fault;
use crate::engine::ids::{DomainKey, EventId, WorkflowType};
use crate::engine::{token, wire};

/// A decision task that a decider has taken.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTask {
    /// Names the task.
    #[serde(rename = "taskToken")]
    pub token: TaskToken,
    /// Its `DecisionTaskStarted` event.
    pub started_event_id: EventId,
    /// The run to decide for.
    #[serde(rename = "workflowExecution", with = "wire::workflow_execution")]
    pub workflow: WorkflowExecution,
    /// Which workflow it runs.
    pub workflow_type: WorkflowType,
    /// A page of its history, up to the start of this task.
    pub events: Vec<HistoryEvent>,
    /// What brings the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// The `DecisionTaskStarted` event of the last task that a decider completed; 0 if none
    /// was. What came after it is new.
    pub previous_started_event_id: EventId,
}

/// What a page token of a decision task is for: this task, read in this way.
fn pages_of(run_id: &str, started_event_id: EventId, poll: &DecisionPoll) -> String {
    let (reverse, previous) = (poll.page.reverse, poll.start_at_previous);
    format!("decision.{run_id}.{started_event_id}.{reverse}.{previous}")
}

impl Engine {
    /// Starts the decision task that waits, and shows it as its poll asks for it.
    pub(in crate::engine) fn take_decision_task(
        &mut self,
        run_id: &Arc<str>,
        poll: &DecisionPoll,
    ) -> Option<DecisionTask> {
        self.start_decision_task(run_id, poll.identity.clone())?;
        self.show_decision_task(run_id, poll, None)
    }

    /// The started decision task of a run with the page that begins at `from`.
    fn show_decision_task(
        &self,
        run_id: &Arc<str>,
        poll: &DecisionPoll,
        from: Option<EventId>,
    ) -> Option<DecisionTask> {
        let execution = self.open(run_id)?;
        let task = execution.decisions.task.as_ref()?;
        let (scheduled, started) = (task.scheduled_event_id, task.started_event_id());
        let previous = execution.decisions.processed;
        let first = if poll.start_at_previous {
            previous.max(1)
        } else {
            1
        };
        let range = (first, started);
        let (events, next) = poll.page.cut(execution.history(), range, from);
        let of = pages_of(run_id, started, poll);
        Some(DecisionTask {
            token: token::mint_decision(&self.seed, execution.domain, run_id, scheduled),
            started_event_id: started,
            workflow: execution.id.clone(),
            workflow_type: execution.workflow_type.clone(),
            events,
            next_page_token: next.map(|next| {
                let position = page_token(&self.seed, &of, next);
                format!("{run_id}:{position}")
            }),
            previous_started_event_id: previous,
        })
    }

    /// The next page of a decision task that was taken already.
    pub(in crate::engine) fn next_decision_page(
        &self,
        domain: DomainKey,
        poll: &DecisionPoll,
        next_page_token: &str,
    ) -> Result<DecisionTask, Fault> {
        let invalid = || Fault::validation("Invalid token");
        let (run_id, position) = next_page_token.split_once(':').ok_or_else(invalid)?;
        let execution = self.open(run_id).filter(|found| found.domain == domain);
        let task = execution.and_then(|it| it.decisions.task.as_ref());
        let started = task.ok_or_else(invalid)?.started_event_id();
        let from = read_page_token(&self.seed, &pages_of(run_id, started, poll), position)?;
        self.show_decision_task(&run_id.into(), poll, Some(from))
            .ok_or_else(invalid)
    }
}
