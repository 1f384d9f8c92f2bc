//! The decision `ScheduleActivityTask`: the defaults of the type, and every reason why an
//! activity cannot be scheduled.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::activity::{Activity, ActivityState, ActivityTimeouts};
use crate::engine::core::Engine;
use crate::engine::domain::{ActivityDefaults, RegisteredActivityType};
use crate::engine::event::{
    ActivityTaskScheduled, ScheduleActivityTaskFailed, ScheduleActivityTaskFailedCause as Cause,
};
use crate::engine::ids::{ActivityKey, DomainKey};
use crate::engine::payload::Payload;
use crate::engine::{limits, wire};

/// Schedule an activity.
///
/// Its task goes to the poll that waits longest at its task list, or waits there itself.
/// What is `None` is filled in from the defaults of the type. A default that is missing too
/// makes a [`DecisionFailure`], unless the settings are
/// [lenient](crate::engine::Settings::lenient_types).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleActivityTask {
    /// Which activity to run.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
    /// What the decider calls it; unique among the open activities of the execution.
    pub activity_id: String,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What the decider passes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take altogether.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_close_timeout: Option<Timeout>,
    /// The task list it goes to.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// Its priority; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// How long it may wait for a worker.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_start_timeout: Option<Timeout>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
    /// The longest time between two heartbeats.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub heartbeat_timeout: Option<Timeout>,
}

impl ScheduleActivityTask {
    /// An activity without input, with the defaults of its type.
    pub fn new(activity_type: ActivityType, activity_id: impl Into<String>) -> Self {
        Self {
            activity_type,
            activity_id: activity_id.into(),
            control: None,
            input: None,
            schedule_to_close_timeout: None,
            task_list: None,
            task_priority: None,
            schedule_to_start_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: None,
        }
    }
}

/// Everything about an activity that its type's defaults can say.
struct Settled {
    task_list: String,
    priority: Option<i32>,
    timeouts: ActivityTimeouts,
}

impl CarryOut for ScheduleActivityTask {
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let Some(domain) = engine.open(run_id).map(|execution| execution.domain) else {
            return DecisionOutcome::done(None);
        };
        let decision_task_completed_event_id = decided.completed;
        let settled = match engine.settle_activity(run_id, domain, &self) {
            Ok(settled) => settled,
            Err(cause) => {
                let failed = ScheduleActivityTaskFailed {
                    activity_type: self.activity_type,
                    activity_id: self.activity_id.into(),
                    cause,
                    decision_task_completed_event_id,
                };
                let event_id = engine.record(run_id, failed);
                let failure = DecisionFailure::ScheduleActivityTask(cause);
                return DecisionOutcome::failed(event_id, failure);
            }
        };
        let activity_id: Arc<str> = self.activity_id.into();
        let task_list: Arc<str> = settled.task_list.into();
        let timeouts = settled.timeouts;
        let scheduled = ActivityTaskScheduled {
            activity_type: self.activity_type.clone(),
            activity_id: activity_id.clone(),
            input: self.input,
            control: self.control,
            schedule_to_start_timeout: Some(timeouts.schedule_to_start),
            schedule_to_close_timeout: Some(timeouts.schedule_to_close),
            start_to_close_timeout: Some(timeouts.start_to_close),
            task_list: task_list.clone(),
            task_priority: settled.priority,
            decision_task_completed_event_id,
            heartbeat_timeout: Some(timeouts.heartbeat),
        };
        let event_id = engine.record(run_id, scheduled);
        if let Some(scheduled_event_id) = event_id {
            let key = ActivityKey::new(run_id.clone(), scheduled_event_id);
            let list = (domain, task_list);
            let priority = settled.priority.unwrap_or(0);
            let place = engine.task_lists.push(&list, priority, key.clone());
            let now = engine.now;
            let activity = Activity {
                activity_id,
                activity_type: self.activity_type,
                task_list: list,
                timeouts,
                scheduled_at: now,
                cancel_requested: None,
                state: ActivityState::Scheduled { place },
            };
            engine.keep_activity(&key, activity);
            if let Some(execution) = engine.execution_mut(run_id) {
                execution.latest_activity_task_at = Some(now);
            }
        }
        DecisionOutcome::done(event_id)
    }
}

impl Engine {
    /// Fills in the defaults, or says why the activity cannot be scheduled.
    fn settle_activity(
        &mut self,
        run_id: &str,
        domain: DomainKey,
        decision: &ScheduleActivityTask,
    ) -> Result<Settled, Cause> {
        let lenient = self.settings.lenient_types;
        let defaults = self.defaults(domain, &decision.activity_type)?;
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
}
