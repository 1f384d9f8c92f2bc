//! What an activity goes through: scheduled, started, and closed exactly once.

use std::sync::Arc;

use workbeat::service::ActivityTask;

use super::{Activity, ActivityState};
use crate::engine::core::Engine;
use crate::engine::deadlines::Deadline;
use crate::engine::event::{
    ActivityTaskStarted, ActivityTaskTimedOut, ActivityTaskTimeoutType, EventAttributes,
    HistoryEvent,
};
use crate::engine::ids::{ActivityKey, EventId};
use crate::engine::notice::Notice;
use crate::engine::payload::Payload;
use crate::engine::rows::Row;
use crate::engine::task_list::TaskListKey;
use crate::engine::token;

const TIMEOUT_TYPES: [ActivityTaskTimeoutType; 4] = [
    ActivityTaskTimeoutType::StartToClose,
    ActivityTaskTimeoutType::ScheduleToStart,
    ActivityTaskTimeoutType::ScheduleToClose,
    ActivityTaskTimeoutType::Heartbeat,
];

impl Engine {
    /// The activity, while it is open.
    pub(in crate::engine) fn activity(&self, key: &ActivityKey) -> Option<&Activity> {
        self.executions
            .get(&key.run_id)?
            .activities
            .get(&key.scheduled_event_id)
    }

    /// The activity, while it is open, to change it.
    pub(in crate::engine) fn activity_mut(&mut self, key: &ActivityKey) -> Option<&mut Activity> {
        let execution = self.executions.get_mut(&key.run_id)?;
        let activity = execution.activities.get_mut(&key.scheduled_event_id)?;
        self.changes.mark(|| Row::Activity(key.clone()));
        Some(activity)
    }

    /// Keeps an open activity, under its key and under the decider's name for it.
    pub(in crate::engine) fn keep_activity(&mut self, key: &ActivityKey, activity: Activity) {
        let Some(execution) = self.executions.get_mut(&key.run_id) else {
            return;
        };
        let id = key.scheduled_event_id;
        execution
            .activity_ids
            .insert(activity.activity_id.clone(), id);
        execution.activities.insert(id, activity);
        self.changes.mark(|| Row::Activity(key.clone()));
        for timeout_type in TIMEOUT_TYPES {
            self.set_timeout(key, timeout_type);
        }
    }

    /// Sets the clock of one timeout as the activity stands now.
    fn set_timeout(&mut self, key: &ActivityKey, timeout_type: ActivityTaskTimeoutType) {
        let at = self.activity(key).and_then(|it| it.deadline(timeout_type));
        let deadline = Deadline::ActivityTimeout(timeout_type, key.clone());
        match at {
            Some(at) => self.deadlines.set(deadline, at),
            None => self.deadlines.clear(&deadline),
        }
    }

    /// Gives waiting tasks to waiting polls, for as long as there are both.
    pub(in crate::engine) fn match_activity_tasks(&mut self, list: &TaskListKey) {
        while let Some((key, poll, parked)) = self.task_lists.pair(list) {
            let Some(task) = self.start_activity(&key, parked.wants.clone()) else {
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
    pub(in crate::engine) fn start_activity(
        &mut self,
        key: &ActivityKey,
        identity: Option<Arc<str>>,
    ) -> Option<ActivityTask> {
        let scheduled_event_id = key.scheduled_event_id;
        let event = ActivityTaskStarted {
            identity: identity.clone(),
            scheduled_event_id,
        };
        let started_event_id = self.record(&key.run_id, event)?;
        let now = self.now;
        let activity = self.activity_mut(key)?;
        activity.state = ActivityState::Started {
            started_event_id,
            started_at: now,
            heartbeat_at: None,
            details: None,
        };
        let (id, activity_type) = (activity.activity_id.clone(), activity.activity_type.clone());
        for timeout_type in TIMEOUT_TYPES {
            self.set_timeout(key, timeout_type);
        }
        self.notices.push(Notice::ActivityStarted {
            activity: key.clone(),
            at: now,
            identity,
        });
        let execution = self.executions.get(&key.run_id)?;
        let token = token::mint(&self.seed, execution.domain, key);
        let workflow = execution.id.clone();
        let input = match execution.event(scheduled_event_id).map(|it| &it.attributes) {
            Some(EventAttributes::ActivityTaskScheduled(scheduled)) => scheduled.input.as_ref(),
            _ => None,
        };
        let mut task = ActivityTask::new(token, id, activity_type, workflow, started_event_id);
        task.input = input.map(|input| input.as_str().to_owned());
        Some(task)
    }

    /// Notes that a started activity is alive; answers whether it is asked to cancel.
    pub(in crate::engine) fn beat(
        &mut self,
        key: &ActivityKey,
        details: Option<Payload>,
    ) -> Option<bool> {
        let at = self.now;
        let activity = self.activity_mut(key)?;
        let cancel_requested = activity.cancel_requested.is_some();
        if let ActivityState::Started {
            heartbeat_at,
            details: last,
            ..
        } = &mut activity.state
        {
            *heartbeat_at = Some(at);
            last.clone_from(&details);
        }
        self.set_timeout(key, ActivityTaskTimeoutType::Heartbeat);
        self.notices.push(Notice::HeartbeatRecorded {
            activity: key.clone(),
            at,
            details,
            cancel_requested,
        });
        Some(cancel_requested)
    }

    /// One of an activity's timeouts passed.
    pub(in crate::engine) fn time_out(
        &mut self,
        key: &ActivityKey,
        timeout_type: ActivityTaskTimeoutType,
    ) {
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
    pub(in crate::engine) fn close_activity<E: Into<EventAttributes>>(
        &mut self,
        key: &ActivityKey,
        event: impl FnOnce(&Activity, EventId) -> E,
    ) {
        // A history that is full closes the execution, and the activity with it.
        if !self.make_room(&key.run_id, 1) {
            return;
        }
        let scheduled_event_id = key.scheduled_event_id;
        let Some(execution) = self.executions.get_mut(&key.run_id) else {
            return;
        };
        let Some(activity) = execution.activities.remove(&scheduled_event_id) else {
            return;
        };
        execution.activity_ids.remove(&activity.activity_id);
        let attributes = event(&activity, scheduled_event_id).into();
        let Some(event_id) = self.record(&key.run_id, attributes.clone()) else {
            return;
        };
        let event = HistoryEvent {
            event_id,
            timestamp: self.now,
            attributes,
        };
        self.let_activity_go(key.clone(), &activity, event);
    }

    /// Forgets the clocks and the place of an activity that is closed, and says so.
    pub(in crate::engine) fn let_activity_go(
        &mut self,
        key: ActivityKey,
        activity: &Activity,
        event: HistoryEvent,
    ) {
        if let ActivityState::Scheduled { place } = activity.state {
            self.task_lists.remove(&activity.task_list, place);
        }
        for timeout_type in TIMEOUT_TYPES {
            self.deadlines
                .clear(&Deadline::ActivityTimeout(timeout_type, key.clone()));
        }
        self.changes.mark(|| Row::Activity(key.clone()));
        let execution = self.executions.get(&key.run_id);
        let stood = execution.and_then(|it| self.seen(it, key.scheduled_event_id, activity));
        if let Some(stood) = stood.map(Box::new) {
            self.notices.push(Notice::ActivityClosed {
                activity: key,
                event: Box::new(event),
                stood,
            });
        }
    }
}
