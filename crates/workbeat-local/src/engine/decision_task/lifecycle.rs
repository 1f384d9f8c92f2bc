//! What a decision task goes through: scheduled, started, and timed out.
//!
//! How it is completed is [`complete`](super::complete).

use std::sync::Arc;

use super::{DecisionTaskState, OpenDecisionTask};
use crate::engine::core::Engine;
use crate::engine::deadlines::Deadline;
use crate::engine::event::{
    DecisionTaskScheduled, DecisionTaskStarted, DecisionTaskTimedOut, DecisionTaskTimeoutType,
};
use crate::engine::ids::EventId;
use crate::engine::notice::Notice;
use crate::engine::task_list::TaskListKey;

impl Engine {
    /// The open decision task of a run.
    pub(in crate::engine) fn decision_task(&self, run_id: &str) -> Option<&OpenDecisionTask> {
        self.executions.get(run_id)?.decisions.task.as_ref()
    }

    /// Notes that a decider must see what happened; the task is scheduled in due course.
    pub(in crate::engine) fn want_decision(&mut self, run_id: &Arc<str>) {
        if let Some(execution) = self.execution_mut(run_id) {
            execution.decisions.wanted = true;
            self.undecided.insert(run_id.clone());
        }
    }

    /// Schedules a decision task if one is wanted and none is open.
    pub(in crate::engine) fn schedule_decision_task(&mut self, run_id: &Arc<str>) {
        let wants = |run: &super::Decisions| run.wanted && run.task.is_none();
        if !self.open(run_id).is_some_and(|it| wants(&it.decisions)) || !self.make_room(run_id, 1) {
            return;
        }
        let Some(execution) = self.open(run_id) else {
            return;
        };
        let (domain, configuration) = (execution.domain, &execution.configuration);
        let elsewhere = execution.decisions.task_list.as_ref();
        let task_list = elsewhere.map_or(&configuration.task_list, |it| &it.task_list);
        let (task_list, priority) = (task_list.clone(), configuration.task_priority);
        let schedule_to_start = elsewhere.and_then(|it| it.schedule_to_start);
        let scheduled = DecisionTaskScheduled {
            task_list: task_list.clone(),
            task_priority: priority,
            start_to_close_timeout: Some(configuration.task_start_to_close),
            schedule_to_start_timeout: schedule_to_start,
        };
        let Some(scheduled_event_id) = self.record(run_id, scheduled) else {
            return;
        };
        let list = (domain, task_list.clone());
        let place = self
            .decision_lists
            .push(&list, priority.unwrap_or(0), run_id.clone());
        let scheduled_at = self.now;
        if let Some(execution) = self.execution_mut(run_id) {
            execution.decisions.wanted = false;
            execution.decisions.task = Some(OpenDecisionTask {
                scheduled_event_id,
                scheduled_at,
                task_list,
                schedule_to_start,
                state: DecisionTaskState::Scheduled { place },
            });
        }
        self.set_decision_timeout(run_id);
    }

    /// Starts the clock that goes for the decision task now, unless its timeout is `NONE`.
    pub(in crate::engine) fn set_decision_timeout(&mut self, run_id: &Arc<str>) {
        let deadline = Deadline::DecisionTimeout(run_id.clone());
        self.deadlines.clear(&deadline);
        let Some(execution) = self.open(run_id) else {
            return;
        };
        let Some(task) = &execution.decisions.task else {
            return;
        };
        let (from, timeout) = match task.state {
            DecisionTaskState::Scheduled { .. } => (task.scheduled_at, task.schedule_to_start),
            DecisionTaskState::Started { started_at, .. } => (
                started_at,
                Some(execution.configuration.task_start_to_close),
            ),
        };
        if let Some(duration) = timeout.and_then(workbeat::service::Timeout::duration) {
            self.deadlines.set(deadline, from + duration);
        }
    }

    /// Hands the decision task that waits to a decider; its `DecisionTaskStarted` event.
    /// `None` if there is none such, or the history is full.
    pub(in crate::engine) fn start_decision_task(
        &mut self,
        run_id: &Arc<str>,
        identity: Option<Arc<str>>,
    ) -> Option<EventId> {
        let task = self.decision_task(run_id)?;
        let DecisionTaskState::Scheduled { place } = task.state else {
            return None;
        };
        let (scheduled_event_id, task_list) = (task.scheduled_event_id, task.task_list.clone());
        let started = DecisionTaskStarted {
            identity,
            scheduled_event_id,
        };
        // A history that is full closes the run, and that takes the task out of its list.
        let started_event_id = self.record(run_id, started)?;
        let started_at = self.now;
        let execution = self.execution_mut(run_id)?;
        let list = (execution.domain, task_list);
        // What came until now shows in this task.
        execution.decisions.wanted = false;
        if let Some(task) = &mut execution.decisions.task {
            task.state = DecisionTaskState::Started {
                started_event_id,
                started_at,
            };
        }
        self.decision_lists.remove(&list, place);
        self.set_decision_timeout(run_id);
        Some(started_event_id)
    }

    /// The decision task waited, or ran, for too long. Another one follows it.
    ///
    /// A task list that was to hold for a while only is given up by this.
    pub(in crate::engine) fn time_out_decision_task(&mut self, run_id: &Arc<str>) {
        let Some(task) = self.decision_task(run_id) else {
            return;
        };
        let timed_out = DecisionTaskTimedOut {
            timeout_type: match task.state {
                DecisionTaskState::Scheduled { .. } => DecisionTaskTimeoutType::ScheduleToStart,
                DecisionTaskState::Started { .. } => DecisionTaskTimeoutType::StartToClose,
            },
            scheduled_event_id: task.scheduled_event_id,
            started_event_id: task.started_event_id(),
        };
        self.drop_decision_task(run_id);
        if let Some(execution) = self.execution_mut(run_id) {
            let elsewhere = &mut execution.decisions.task_list;
            *elsewhere = elsewhere.take().filter(|it| it.schedule_to_start.is_none());
        }
        self.record(run_id, timed_out);
    }

    /// Forgets the open decision task, its clock and its place.
    pub(in crate::engine) fn drop_decision_task(&mut self, run_id: &Arc<str>) {
        self.deadlines
            .clear(&Deadline::DecisionTimeout(run_id.clone()));
        let Some(execution) = self.execution_mut(run_id) else {
            return;
        };
        let domain = execution.domain;
        if let Some(task) = execution.decisions.task.take()
            && let DecisionTaskState::Scheduled { place } = task.state
        {
            self.decision_lists.remove(&(domain, task.task_list), place);
        }
    }

    /// Gives waiting decision tasks to waiting polls, for as long as there are both.
    pub(in crate::engine) fn match_decision_tasks(&mut self, list: &TaskListKey) {
        while let Some((run_id, poll, parked)) = self.decision_lists.pair(list) {
            let Some(task) = self.take_decision_task(&run_id, &parked.wants) else {
                // The task's execution was full and is closed: the poll waits on, in its place.
                self.decision_lists.repark(poll, parked);
                continue;
            };
            self.deadlines.clear(&Deadline::PollHold(poll));
            if !parked.phantom {
                let task = Some(Box::new(task));
                self.notices
                    .push(Notice::DecisionPollAnswered { poll, task });
            }
        }
    }
}
