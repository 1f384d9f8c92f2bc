//! The decision `ScheduleActivityTask`: the defaults of the type, and every reason why an
//! activity cannot be scheduled.

use std::sync::Arc;

use workbeat::service::{ActivityType, Timeout};

use super::decision::{DecisionFailure, DecisionOutcome, ScheduleActivityTask};
use crate::engine::activity::{Activity, ActivityState, ActivityTimeouts};
use crate::engine::core::Engine;
use crate::engine::domain::{ActivityDefaults, RegisteredActivityType};
use crate::engine::event::{
    ActivityTaskScheduled, ActivityTaskTimeoutType, EventAttributes, ScheduleActivityTaskFailed,
    ScheduleActivityTaskFailedCause as Cause,
};
use crate::engine::ids::{ActivityKey, DomainKey, EventId};
use crate::engine::task_list::TaskListKey;
use crate::engine::{limits, wire};

/// Everything about an activity that its type's defaults can say.
struct Settled {
    task_list: String,
    priority: Option<i32>,
    timeouts: ActivityTimeouts,
}

impl Engine {
    /// Schedules an activity, or records why not. An activity that is scheduled waits in
    /// the list that comes back; whether a poll waits there too is the caller's to see.
    pub(super) fn schedule(
        &mut self,
        run_id: &Arc<str>,
        decision: ScheduleActivityTask,
        decision_task_completed_event_id: EventId,
    ) -> (DecisionOutcome, Option<TaskListKey>) {
        let settled = match self.settle(run_id, &decision) {
            Ok(settled) => settled,
            Err(cause) => {
                let event = ScheduleActivityTaskFailed {
                    activity_type: decision.activity_type,
                    activity_id: decision.activity_id.into(),
                    cause,
                    decision_task_completed_event_id,
                };
                let event_id = self.record(run_id, event);
                let failure = Some(DecisionFailure::ScheduleActivityTask(cause));
                return (DecisionOutcome { event_id, failure }, None);
            }
        };
        let activity_id: Arc<str> = decision.activity_id.into();
        let task_list: Arc<str> = settled.task_list.into();
        let timeouts = settled.timeouts;
        let event = ActivityTaskScheduled {
            activity_type: decision.activity_type.clone(),
            activity_id: activity_id.clone(),
            input: decision.input.clone(),
            control: decision.control,
            schedule_to_start_timeout: Some(timeouts.schedule_to_start),
            schedule_to_close_timeout: Some(timeouts.schedule_to_close),
            start_to_close_timeout: Some(timeouts.start_to_close),
            task_list: task_list.clone(),
            task_priority: settled.priority,
            decision_task_completed_event_id,
            heartbeat_timeout: Some(timeouts.heartbeat),
        };
        let event_id = self.record(run_id, event);
        let key = ActivityKey::new(run_id.clone(), event_id);
        let list = (self.domain_of(run_id), task_list);
        let place = self
            .task_lists
            .push(&list, settled.priority.unwrap_or(0), key.clone());
        let activity = Activity {
            activity_id: activity_id.clone(),
            activity_type: decision.activity_type,
            input: decision.input,
            task_list: list.clone(),
            timeouts,
            scheduled_at: self.now,
            cancel_requested: None,
            state: ActivityState::Scheduled { place },
        };
        if let Some(execution) = self.executions.get_mut(run_id) {
            execution.activities.insert(event_id, activity);
            execution.activity_ids.insert(activity_id, event_id);
        }
        self.set_timeout(&key, ActivityTaskTimeoutType::ScheduleToStart);
        self.set_timeout(&key, ActivityTaskTimeoutType::ScheduleToClose);
        (
            DecisionOutcome {
                event_id,
                failure: None,
            },
            Some(list),
        )
    }

    /// Fills in the defaults, or says why the activity cannot be scheduled.
    fn settle(
        &mut self,
        run_id: &Arc<str>,
        decision: &ScheduleActivityTask,
    ) -> Result<Settled, Cause> {
        let lenient = self.settings.lenient_types;
        let defaults = self.defaults(self.domain_of(run_id), &decision.activity_type)?;
        if let Some(execution) = self.executions.get(run_id) {
            if execution
                .activity_ids
                .contains_key(decision.activity_id.as_str())
            {
                return Err(Cause::ActivityIdAlreadyInUse);
            }
            if execution.activities.len() >= limits::OPEN_ACTIVITIES {
                return Err(Cause::OpenActivitiesLimitExceeded);
            }
        }
        let timeout = |decided: Option<Timeout>, default: Option<Timeout>, undefined: Cause| {
            let undeclared = lenient.then_some(Timeout::None);
            let timeout = decided.or(default).or(undeclared);
            timeout.map(wire::rounded).ok_or(undefined)
        };
        let schedule_to_close = timeout(
            decision.schedule_to_close_timeout,
            defaults.schedule_to_close,
            Cause::DefaultScheduleToCloseTimeoutUndefined,
        )?;
        let task_list = decision.task_list.clone().or(defaults.task_list);
        let task_list = task_list.or_else(|| lenient.then(|| "default".to_owned()));
        Ok(Settled {
            task_list: task_list.ok_or(Cause::DefaultTaskListUndefined)?,
            priority: decision.task_priority.or(defaults.priority),
            timeouts: ActivityTimeouts {
                schedule_to_close,
                schedule_to_start: timeout(
                    decision.schedule_to_start_timeout,
                    defaults.schedule_to_start,
                    Cause::DefaultScheduleToStartTimeoutUndefined,
                )?,
                start_to_close: timeout(
                    decision.start_to_close_timeout,
                    defaults.start_to_close,
                    Cause::DefaultStartToCloseTimeoutUndefined,
                )?,
                heartbeat: timeout(
                    decision.heartbeat_timeout,
                    defaults.heartbeat,
                    Cause::DefaultHeartbeatTimeoutUndefined,
                )?,
            },
        })
    }

    /// The defaults of a type, which lenient settings make up if nobody registered it.
    fn defaults(
        &mut self,
        domain: DomainKey,
        activity_type: &ActivityType,
    ) -> Result<ActivityDefaults, Cause> {
        let (now, lenient) = (self.now, self.settings.lenient_types);
        let domain = self
            .domains
            .get_mut(domain)
            .ok_or(Cause::ActivityTypeDoesNotExist)?;
        let types = &mut domain.activity_types;
        if !types.contains_key(activity_type) && lenient && types.len() < limits::TYPES {
            let implied = RegisteredActivityType {
                description: None,
                defaults: ActivityDefaults::default(),
                created: now,
                deprecated: None,
                implied: true,
            };
            types.insert(activity_type.clone(), implied);
        }
        match types.get(activity_type) {
            None => Err(Cause::ActivityTypeDoesNotExist),
            Some(known) if known.deprecated.is_some() => Err(Cause::ActivityTypeDeprecated),
            Some(known) => Ok(known.defaults.clone()),
        }
    }

    /// Writes an event into the history of a run.
    pub(super) fn record(
        &mut self,
        run_id: &Arc<str>,
        event: impl Into<EventAttributes>,
    ) -> EventId {
        let now = self.now;
        self.executions
            .get_mut(run_id)
            .map_or(0, |execution| execution.record(now, event))
    }

    fn domain_of(&self, run_id: &Arc<str>) -> DomainKey {
        self.executions
            .get(run_id)
            .map_or(DomainKey(u32::MAX), |execution| execution.domain)
    }
}
