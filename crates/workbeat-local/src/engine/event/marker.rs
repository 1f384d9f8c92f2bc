//! The attributes of the events of markers: what a decider writes into the history for itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cause::RecordMarkerFailedCause;
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;

/// The decider recorded a marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MarkerRecorded {
    /// The name of the marker.
    pub marker_name: Arc<str>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}

/// A marker could not be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordMarkerFailed {
    /// The name of the marker.
    pub marker_name: Arc<str>,
    /// Why not.
    pub cause: RecordMarkerFailedCause,
    /// The `DecisionTaskCompleted` event of the decision.
    pub decision_task_completed_event_id: EventId,
}
