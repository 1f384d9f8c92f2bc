//! What an activity goes through: scheduled, started, and closed exactly once.

use std::sync::Arc;

use workbeat::service::ActivityTask;

use super::activity::{Activity, ActivityState};
use super::core::Engine;
use super::deadlines::Deadline;
use super::event::{
    ActivityTaskStarted, ActivityTaskTimedOut, ActivityTaskTimeoutType, EventAttributes,
    HistoryEvent, WorkflowExecutionTerminated, WorkflowExecutionTerminatedCause,
};
use super::execution::Execution;
use super::ids::{ActivityKey, EventId};
use super::notice::Notice;
use super::payload::Payload;
use super::task_list::TaskListKey;
use super::token;

const TIMEOUT_TYPES: [ActivityTaskTimeoutType; 4] = [
    ActivityTaskTimeoutType::StartToClose,
    ActivityTaskTimeoutType::ScheduleToStart,
    ActivityTaskTimeoutType::ScheduleToClose,
    ActivityTaskTimeoutType::Heartbeat,
];

impl Engine {
    /// The activity, while it is open.
    pub(super) fn activity(&self, key: &ActivityKey) -> Option<&Activity> {
        self.executions
            .get(&key.run_id)?
            .activities
            .get(&key.scheduled_event_id)
    }

    fn activity_mut(&mut self, key: &ActivityKey) -> Option<(&mut Execution, EventId)> {
        let execution = self.executions.get_mut(&key.run_id)?;
        let open = execution.activities.contains_key(&key.scheduled_event_id);
        open.then_some((execution, key.scheduled_event_id))
    }

    /// Starts the clock of one timeout, unless it is `NONE`.
    pub(super) fn set_timeout(&mut self, key: &ActivityKey, timeout_type: ActivityTaskTimeoutType) {
        let Some(activity) = self.activity(key) else {
            return;
        };
        let timeout = match timeout_type {
            ActivityTaskTimeoutType::StartToClose => activity.timeouts.start_to_close,
            ActivityTaskTimeoutType::ScheduleToStart => activity.timeouts.schedule_to_start,
            ActivityTaskTimeoutType::ScheduleToClose => activity.timeouts.schedule_to_close,
            ActivityTaskTimeoutType::Heartbeat => activity.timeouts.heartbeat,
        };
        if let Some(duration) = timeout.duration() {
            let deadline = Deadline::Timeout(timeout_type, key.clone());
            self.deadlines.set(deadline, self.now + duration);
        }
    }

    /// Gives waiting tasks to waiting polls, for as long as there are both.
    pub(super) fn match_task_list(&mut self, list: &TaskListKey) {
        while let Some((key, poll, parked)) = self.task_lists.pair(list) {
            let Some(task) = self.start_activity(&key, parked.identity.clone()) else {
                // The task's execution was full and is closed: the poll waits on, in its place.
                self.task_lists.repark(poll, parked);
                continue;
            };
            self.deadlines.clear(&Deadline::PollHold(poll));
            if !parked.phantom {
                let task = Some(Box::new(task));
                self.notices.push(Notice::PollAnswered { poll, task });
            }
        }
    }

    /// Hands an activity to a worker. `None` if its execution's history is full.
    pub(super) fn start_activity(
        &mut self,
        key: &ActivityKey,
        identity: Option<Arc<str>>,
    ) -> Option<ActivityTask> {
        if !self.make_room(&key.run_id, 1) {
            return None;
        }
        let now = self.now;
        let (execution, scheduled_event_id) = self.activity_mut(key)?;
        let event = ActivityTaskStarted {
            identity: identity.clone(),
            scheduled_event_id,
        };
        let started_event_id = execution.record(now, event);
        let (domain, workflow) = (execution.domain, execution.id.clone());
        let activity = execution.activities.get_mut(&scheduled_event_id)?;
        activity.state = ActivityState::Started {
            started_event_id,
            started_at: now,
            heartbeat_at: None,
            details: None,
        };

        let (id, activity_type) = (activity.activity_id.clone(), activity.activity_type.clone());
        let input = activity
            .input
            .as_ref()
            .map(|input| input.as_str().to_owned());
        let token = token::mint(&self.seed, domain, key);
        let mut task = ActivityTask::new(token, id, activity_type, workflow, started_event_id);
        task.input = input;

        let waited = ActivityTaskTimeoutType::ScheduleToStart;
        self.deadlines
            .clear(&Deadline::Timeout(waited, key.clone()));
        self.set_timeout(key, ActivityTaskTimeoutType::StartToClose);
        self.set_timeout(key, ActivityTaskTimeoutType::Heartbeat);
        self.notices.push(Notice::ActivityStarted {
            activity: key.clone(),
            at: now,
            identity,
        });
        Some(task)
    }

    /// Notes that a started activity is alive; answers whether it is asked to cancel.
    pub(super) fn beat(&mut self, key: &ActivityKey, details: Option<Payload>) -> Option<bool> {
        let now = self.now;
        let (execution, scheduled_event_id) = self.activity_mut(key)?;
        let activity = execution.activities.get_mut(&scheduled_event_id)?;
        let cancel_requested = activity.cancel_requested.is_some();
        if let ActivityState::Started {
            heartbeat_at,
            details: last,
            ..
        } = &mut activity.state
        {
            *heartbeat_at = Some(now);
            last.clone_from(&details);
        }
        self.set_timeout(key, ActivityTaskTimeoutType::Heartbeat);
        let (activity, at) = (key.clone(), now);
        let beat = Notice::HeartbeatRecorded {
            activity,
            at,
            details,
            cancel_requested,
        };
        self.notices.push(beat);
        Some(cancel_requested)
    }

    /// One of an activity's timeouts passed.
    pub(super) fn time_out(&mut self, key: &ActivityKey, timeout_type: ActivityTaskTimeoutType) {
        self.close_activity(key, |activity, scheduled_event_id| {
            let details = match &activity.state {
                ActivityState::Started { details, .. } => details.clone(),
                ActivityState::Scheduled { .. } => None,
            };
            let started_event_id = activity.started_event_id();
            ActivityTaskTimedOut {
                timeout_type,
                scheduled_event_id,
                started_event_id,
                details,
            }
        });
    }

    /// Closes an open activity with the event that `event` makes for it.
    pub(super) fn close_activity<E: Into<EventAttributes>>(
        &mut self,
        key: &ActivityKey,
        event: impl FnOnce(&Activity, EventId) -> E,
    ) {
        if !self.make_room(&key.run_id, 1) {
            return;
        }
        let now = self.now;
        let Some((execution, scheduled_event_id)) = self.activity_mut(key) else {
            return;
        };
        let Some(activity) = execution.activities.remove(&scheduled_event_id) else {
            return;
        };
        execution.activity_ids.remove(&activity.activity_id);
        let attributes = event(&activity, scheduled_event_id).into();
        let event_id = execution.record(now, attributes.clone());
        let event = HistoryEvent {
            event_id,
            timestamp: now,
            attributes,
        };
        self.let_go(key.clone(), &activity, event);
    }

    /// Closes an execution, and with it whatever is open in it.
    pub(super) fn close_execution(&mut self, run_id: &Arc<str>, event: impl Into<EventAttributes>) {
        let now = self.now;
        let Some(execution) = self.executions.get_mut(run_id) else {
            return;
        };
        let attributes = event.into();
        let event_id = execution.record(now, attributes.clone());
        let event = HistoryEvent {
            event_id,
            timestamp: now,
            attributes,
        };
        execution.open = false;
        execution.decision_task = None;
        execution.activity_ids.clear();
        let activities = std::mem::take(&mut execution.activities);
        if let Some(domain) = self.domains.get_mut(execution.domain) {
            domain.open.remove(&execution.id.workflow_id);
        }
        for (scheduled_event_id, activity) in activities {
            let key = ActivityKey::new(run_id.clone(), scheduled_event_id);
            self.let_go(key, &activity, event.clone());
        }
    }

    /// Whether an open execution's history can take so many events more.
    ///
    /// If it cannot, the execution is terminated with cause `EVENT_LIMIT_EXCEEDED`, as SWF
    /// does it; that event is the 25,000th at the latest. A group of events that belong
    /// together is never written in part.
    pub(super) fn make_room(&mut self, run_id: &Arc<str>, events: usize) -> bool {
        let Some(execution) = self
            .executions
            .get(run_id)
            .filter(|execution| execution.open)
        else {
            return false;
        };
        if execution.has_room_for(events) {
            return true;
        }
        let terminated = WorkflowExecutionTerminated {
            reason: None,
            details: None,
            child_policy: execution.child_policy,
            cause: Some(WorkflowExecutionTerminatedCause::EventLimitExceeded),
        };
        self.close_execution(run_id, terminated);
        false
    }

    /// Forgets the clocks and the place of an activity that is closed, and says so.
    fn let_go(&mut self, key: ActivityKey, activity: &Activity, event: HistoryEvent) {
        if let ActivityState::Scheduled { place } = activity.state {
            self.task_lists.remove(&activity.task_list, place);
        }
        for timeout_type in TIMEOUT_TYPES {
            self.deadlines
                .clear(&Deadline::Timeout(timeout_type, key.clone()));
        }
        self.notices.push(Notice::ActivityClosed {
            activity: key,
            event,
        });
    }
}
