//! The attributes of a decision task's events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::timeout::DecisionTaskTimeoutType;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// A decision task was scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskScheduled {
    /// The task list that its decider polls.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// Its priority, where one was said; else it counts as 0.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// How long the decider may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
    /// How long it may wait for its decider.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_start_timeout: Option<Timeout>,
}

/// A decider took the decision task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskStarted {
    /// Who took it, as its poll said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<str>>,
    /// Its `DecisionTaskScheduled` event.
    pub scheduled_event_id: EventId,
}

/// The decider answered the decision task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskCompleted {
    /// What the decider keeps with the execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_context: Option<Payload>,
    /// Its `DecisionTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `DecisionTaskStarted` event.
    pub started_event_id: EventId,
    /// The task list that the next decision tasks go to, if the decider said one.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<Arc<str>>,
    /// How long the next decision task may wait in that task list.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list_schedule_to_start_timeout: Option<Timeout>,
}

/// The decider did not answer the decision task in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskTimedOut {
    /// Which timeout.
    pub timeout_type: DecisionTaskTimeoutType,
    /// Its `DecisionTaskScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `DecisionTaskStarted` event, or 0 if no decider took it.
    pub started_event_id: EventId,
}
