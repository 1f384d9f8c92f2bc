//! The attributes of a timer's events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::cause::{CancelTimerFailedCause, StartTimerFailedCause};
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// The decider started a timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimerStarted {
    /// What the decider calls the timer.
    pub timer_id: Arc<str>,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// How long until it fires.
    #[serde(with = "wire::required_timeout")]
    pub start_to_fire_timeout: Timeout,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// A timer could not be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartTimerFailed {
    /// What the decider calls the timer.
    pub timer_id: Arc<str>,
    /// Why not.
    pub cause: StartTimerFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The time of a timer has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimerFired {
    /// What the decider calls the timer.
    pub timer_id: Arc<str>,
    /// Its `TimerStarted` event.
    pub started_event_id: EventId,
}

/// The decider canceled a timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimerCanceled {
    /// What the decider calls the timer.
    pub timer_id: Arc<str>,
    /// Its `TimerStarted` event.
    pub started_event_id: EventId,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The decider canceled a timer that is not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CancelTimerFailed {
    /// What the decider calls the timer.
    pub timer_id: Arc<str>,
    /// Why not.
    pub cause: CancelTimerFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}
