//! The attributes of an activity's events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use super::cause::{RequestCancelActivityTaskFailedCause, ScheduleActivityTaskFailedCause};
use super::timeout::ActivityTaskTimeoutType;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// An activity was scheduled. The defaults of its type are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskScheduled {
    /// Which activity to run.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
    /// What the decider calls it.
    pub activity_id: Arc<str>,
    /// What the decider passes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// What the decider notes for itself; the worker never sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// How long it may wait for a worker.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_start_timeout: Option<Timeout>,
    /// How long it may take altogether.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_close_timeout: Option<Timeout>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
    /// The task list it waits in.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// Its priority, where the decision or the type says one; else it counts as 0.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// The decision that scheduled it.
    pub decision_task_completed_event_id: EventId,
    /// The longest time between two heartbeats.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub heartbeat_timeout: Option<Timeout>,
}

/// An activity could not be scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScheduleActivityTaskFailed {
    /// Which activity was to run.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
    /// What the decider called it.
    pub activity_id: Arc<str>,
    /// Why not.
    pub cause: ScheduleActivityTaskFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// A worker took the activity task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskStarted {
    /// Who took it, as its poll said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<str>>,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
}

/// The worker completed the activity task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskCompleted {
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `ActivityTaskStarted` event.
    pub started_event_id: EventId,
}

/// The worker failed the activity task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskFailed {
    /// Why, in a word that a decider can branch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Why, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `ActivityTaskStarted` event.
    pub started_event_id: EventId,
}

/// One of the activity task's four timeouts passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskTimedOut {
    /// Which timeout.
    pub timeout_type: ActivityTaskTimeoutType,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `ActivityTaskStarted` event, or 0 if no worker took it.
    pub started_event_id: EventId,
    /// What the last heartbeat carried. Nowhere else does a history show heartbeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

/// The activity task was canceled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskCanceled {
    /// What the worker says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `ActivityTaskStarted` event, or 0 if no worker took it.
    pub started_event_id: EventId,
    /// The last `ActivityTaskCancelRequested` event. It is missing when nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_cancel_requested_event_id: Option<EventId>,
}

/// The decider asked for the activity task to be canceled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskCancelRequested {
    /// The decision that asked.
    pub decision_task_completed_event_id: EventId,
    /// What the decider calls the activity.
    pub activity_id: Arc<str>,
}

/// The decider asked for the cancellation of an activity that is not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestCancelActivityTaskFailed {
    /// The activity id it named.
    pub activity_id: Arc<str>,
    /// Why not.
    pub cause: RequestCancelActivityTaskFailedCause,
    /// The decision that asked.
    pub decision_task_completed_event_id: EventId,
}
