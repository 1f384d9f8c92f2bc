//! How a decision task is completed: its decisions are carried out one after another.

use std::sync::Arc;

use super::{DecisionTaskState, TaskListOverride};
use crate::engine::core::Engine;
use crate::engine::decision::{Decided, Decision, DecisionOutcome};
use crate::engine::event::DecisionTaskCompleted;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;

/// What a decider answers to a decision task.
#[derive(Debug, Default)]
pub(in crate::engine) struct Completion {
    pub(in crate::engine) decisions: Vec<Decision>,
    pub(in crate::engine) execution_context: Option<Payload>,
    pub(in crate::engine) task_list: Option<TaskListOverride>,
}

impl Engine {
    /// Completes the started decision task of a run; its `DecisionTaskCompleted` event, and
    /// what came of each decision.
    ///
    /// `None` if there is none such, or the history cannot take what was decided: then the
    /// run is closed.
    pub(in crate::engine) fn complete_decision_task(
        &mut self,
        run_id: &Arc<str>,
        completion: Completion,
    ) -> Option<(EventId, Vec<DecisionOutcome>)> {
        let task = self.decision_task(run_id)?;
        let DecisionTaskState::Started {
            started_event_id, ..
        } = task.state
        else {
            return None;
        };
        let scheduled_event_id = task.scheduled_event_id;
        let decisions = completion.decisions;
        let events: usize = decisions.iter().map(Decision::events).sum();
        // One for the completion itself.
        if !self.make_room(run_id, events.saturating_add(1)) {
            return None;
        }
        let elsewhere = completion.task_list;
        let has_context = completion.execution_context.is_some();
        let completed = DecisionTaskCompleted {
            execution_context: completion.execution_context,
            scheduled_event_id,
            started_event_id,
            task_list: elsewhere.as_ref().map(|it| it.task_list.clone()),
            task_list_schedule_to_start_timeout: elsewhere
                .as_ref()
                .and_then(|it| it.schedule_to_start),
        };
        let completed = self.record(run_id, completed)?;
        self.drop_decision_task(run_id);
        let execution = self.execution_mut(run_id)?;
        execution.decisions.processed = started_event_id;
        if elsewhere.is_some() {
            execution.decisions.task_list = elsewhere;
        }
        if has_context {
            execution.latest_context_event_id = Some(completed);
        }
        let decided = Decided {
            run_id: run_id.clone(),
            completed,
            unhandled: execution.decisions.wanted,
        };
        let carry_out = |decision| self.carry_out(decision, &decided);
        let outcomes = decisions.into_iter().map(carry_out).collect();
        if decided.unhandled && self.open(run_id).is_some() {
            self.want_decision(run_id);
        }
        Some((completed, outcomes))
    }
}
