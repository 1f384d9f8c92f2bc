//! The attributes of the events of Lambda functions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::cause::{ScheduleLambdaFunctionFailedCause, StartLambdaFunctionFailedCause};
use super::timeout::LambdaFunctionTimeoutType;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// A Lambda function was scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LambdaFunctionScheduled {
    /// What the decider calls this invocation.
    pub id: Arc<str>,
    /// The function.
    pub name: Arc<str>,
    /// What the decider notes for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// A Lambda function could not be scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScheduleLambdaFunctionFailed {
    /// What the decider called this invocation.
    pub id: Arc<str>,
    /// The function.
    pub name: Arc<str>,
    /// Why not.
    pub cause: ScheduleLambdaFunctionFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// The function was invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LambdaFunctionStarted {
    /// Its `LambdaFunctionScheduled` event.
    pub scheduled_event_id: EventId,
}

/// The function could not be invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartLambdaFunctionFailed {
    /// Its `LambdaFunctionScheduled` event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_event_id: Option<EventId>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<StartLambdaFunctionFailedCause>,
    /// Why not, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
}

/// The function returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LambdaFunctionCompleted {
    /// Its `LambdaFunctionScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `LambdaFunctionStarted` event.
    pub started_event_id: EventId,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
}

/// The function failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LambdaFunctionFailed {
    /// Its `LambdaFunctionScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `LambdaFunctionStarted` event.
    pub started_event_id: EventId,
    /// Why, in a word that a decider can branch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Why, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

/// The function ran for too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LambdaFunctionTimedOut {
    /// Its `LambdaFunctionScheduled` event.
    pub scheduled_event_id: EventId,
    /// Its `LambdaFunctionStarted` event.
    pub started_event_id: EventId,
    /// Which timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_type: Option<LambdaFunctionTimeoutType>,
}
