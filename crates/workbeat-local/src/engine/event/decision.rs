//! The attributes of a decision task's events.

use std::sync::Arc;

use serde::Serialize;
use workbeat::service::Timeout;

use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// A decision task was scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskScheduled {
    /// The task list that its decider polls.
    #[serde(with = "wire::task_list")]
    pub task_list: Arc<str>,
    /// How long the decider may take.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub start_to_close_timeout: Option<Timeout>,
}

/// A decider took the decision task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionTaskStarted {
    /// Who took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<str>>,
    /// Its `DecisionTaskScheduled` event.
    pub scheduled_event_id: EventId,
}

/// The decider answered the decision task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}
